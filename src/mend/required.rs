//! Entries of `required_providers`.

use super::body::{find_block, indentation};
use super::{Mend, edit};
use crate::finding::Edit;
use crate::source::{FileId, Location, Span};
use crate::terraform::Module;

impl Mend<'_> {
    /// Adds an entry to `required_providers`: in its block, in a new one within the `terraform` block, or in `versions.tf`.
    pub fn require_provider(
        &self,
        module: &Module,
        name: &str,
        source: &str,
        version: &str,
    ) -> Option<Vec<Edit>> {
        let entry = [
            format!("{name} = {{"),
            format!("  source  = \"{source}\""),
            format!("  version = \"{version}\""),
            "}".to_owned(),
        ];
        let block = |inner: &[String], header: &str| {
            let inner = inner.iter().map(|line| format!("  {line}"));
            let lines = std::iter::once(format!("{header} {{")).chain(inner);
            lines.chain(["}".to_owned()]).collect::<Vec<String>>()
        };
        if let Some(header) = module.required_providers_block {
            return self.add_lines(header, &entry);
        }
        let required = block(&entry, "required_providers");
        if let Some(header) = module.terraform_block {
            return self.add_lines(header, &required);
        }
        let file = self.file_of_module(module, "versions.tf")?;
        self.append(module, file, &block(&required, "terraform"))
    }

    /// Adds lines at the end of a block of native syntax.
    fn add_lines(&self, header: Location, lines: &[String]) -> Option<Vec<Edit>> {
        if self.is_json(header.file) {
            return None;
        }
        let tree = self.configuration.tree(header.file)?;
        let block = find_block(tree, header.span)?;
        let body = tree.body(block.body);
        let text = self.source(header.file);
        let newline = self.line_break(header.file);
        let outer = indentation(text, block.span.start as usize);
        let lines = lines.iter().map(|line| format!("{newline}{outer}  {line}"));
        let added: String = lines.collect();
        let inside = body.span.text(text);
        let kept = inside.trim_end();
        let span = Span::new(
            body.span.start as usize + kept.len(),
            body.span.end as usize,
        );
        let gap = if kept.is_empty() { "" } else { newline };
        let is_one_line = !kept.is_empty() && !inside.contains('\n');
        let broken = is_one_line.then(|| self.break_behind_brace(header.file, block, body));
        let last = edit(header.file, span, format!("{gap}{added}{newline}{outer}"));
        Some(broken.into_iter().chain([last]).collect())
    }

    /// Adds lines at the end of a file of a module that may be edited, behind a blank line. Those of a file that is new end
    /// as the lines of the module's first file.
    pub(super) fn append(
        &self,
        module: &Module,
        file: FileId,
        lines: &[String],
    ) -> Option<Vec<Edit>> {
        let source = self.configuration.sources.get(file)?;
        if !source.reported || source.bad_byte.is_some() {
            return None;
        }
        let text = source.text.as_str();
        let model = match module.files.first() {
            Some(first) if !source.exists => *first,
            _ => file,
        };
        let newline = self.line_break(model);
        let gap = match text.trim_start_matches('\u{feff}') {
            "" => 0,
            text if text.ends_with('\n') => 1,
            _ => 2,
        };
        let added = newline.repeat(gap) + &lines.join(newline) + newline;
        let end = Span::new(text.len(), text.len());
        Some(vec![edit(file, end, added)])
    }
}
