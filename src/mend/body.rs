//! Edits of the arguments of a block.

use super::align::{Line, Lines, aligned_others, aligned_width, blanks_from, group, pad};
use super::{Mend, after_on_line, before_on_line, edit};
use crate::finding::Edit;
use crate::source::{FileId, Location, Span};
use crate::syntax::{Attribute, Block, Body, Tree};
use crate::terraform::Argument;

impl Mend<'_> {
    /// Removes an argument: with its line and the comment behind it where it has the line for itself. Those around it close
    /// up as `terraform fmt` has it.
    pub fn remove_argument(&self, argument: &Argument) -> Vec<Edit> {
        let file = argument.span.file;
        let text = self.source(file);
        if self.is_json(file) {
            let member = without_json_member(text, argument.span.span);
            return vec![edit(file, member, "")];
        }
        let removed = edit(file, without_line(text, argument.span.span), "");
        let around = self.aligned_with(argument).unwrap_or_default();
        let longest = around.iter().map(|other| other.width(text)).max();
        let padded = |other: &Line| pad(file, text, other, longest? + 1);
        std::iter::once(removed)
            .chain(around.iter().filter_map(padded))
            .collect()
    }

    /// Gives an argument another name, and those around it the alignment that `terraform fmt` gives them then.
    pub fn rename_argument(&self, argument: &Argument, name: &str) -> Vec<Edit> {
        self.rename_arguments(&[(argument, name)])
    }

    /// Gives arguments other names, all at once. Where they have no alignment, each `=` stays where it is as far as the new
    /// name has room; behind a single blank it follows the name.
    pub fn rename_arguments(&self, renames: &[(&Argument, &str)]) -> Vec<Edit> {
        let mut edits = Vec::new();
        for (argument, name) in renames {
            for edit in self.renamed(argument, name, renames) {
                if !edits.contains(&edit) {
                    edits.push(edit);
                }
            }
        }
        edits
    }

    fn renamed(&self, argument: &Argument, name: &str, all: &[(&Argument, &str)]) -> Vec<Edit> {
        let file = argument.span.file;
        let name_at = argument.name_at.span;
        if self.is_json(file) {
            return vec![edit(file, name_at, format!("\"{name}\""))];
        }
        let text = self.source(file);
        let blanks = blanks_from(text, name_at.end);
        let around = self.aligned_with(argument);
        let new_name = |other: &Line| {
            let mut renames = all.iter();
            renames.find(|(renamed, _)| renamed.name_at.span == other.name)
        };
        let width =
            |other: &Line| new_name(other).map_or_else(|| other.width(text), |(_, new)| new.len());
        let padding = match &around {
            Some(around) => {
                let others = around.iter().map(width);
                others.fold(name.len(), usize::max) + 1 - name.len()
            }
            None if blanks.range().len() == 1 => 1,
            None => {
                let old = name_at.range().len() + blanks.range().len();
                let least = usize::from(!blanks.range().is_empty());
                old.saturating_sub(name.len()).max(least)
            }
        };
        let renamed = format!("{name}{}", " ".repeat(padding));
        let around = around.iter().flatten();
        let kept = around.filter(|other| new_name(other).is_none());
        let others = kept.filter_map(|other| pad(file, text, other, name.len() + padding));
        std::iter::once(edit(file, name_at.to(blanks), renamed))
            .chain(others)
            .collect()
    }

    /// The other arguments of a group that `terraform fmt` has aligned; `None` where an argument is not as that leaves it.
    fn aligned_with(&self, argument: &Argument) -> Option<Vec<Line>> {
        let text = self.source(argument.span.file);
        let tree = self.configuration.tree(argument.span.file)?;
        let (body, attribute) = tree.attribute_around(argument.span.span)?;
        aligned_others(text, &lines(tree, body), attribute.name_span)
    }

    /// Puts another argument in the place of one, comments and all around it left standing.
    pub fn replace_argument(&self, old: &Argument, name: &str, value: &str) -> Vec<Edit> {
        let mut edits = self.rename_argument(old, name);
        edits.push(self.replace_value(old, value));
        edits
    }

    /// Gives an argument another value.
    pub fn replace_value(&self, argument: &Argument, value: &str) -> Edit {
        let at = self.configuration.location(argument.expr);
        edit(at.file, at.span, value)
    }

    /// Sets an argument of the block with this header to an expression: in the place of one of that name, else on a line
    /// of its own below the others, aligned as `terraform fmt` does it. `None` where there is no such block.
    pub fn set_argument(&self, header: Location, name: &str, value: &str) -> Option<Vec<Edit>> {
        let tree = self.configuration.tree(header.file)?;
        let block = find_block(tree, header.span)?;
        let body = tree.body(block.body);
        if let Some(attribute) = tree.attribute(body, name) {
            let span = tree.expr(attribute.expr).span;
            return Some(vec![edit(header.file, span, value)]);
        }
        if self.is_json(header.file) {
            return self.set_json_member(header.file, block, name, value);
        }
        Some(self.add_line(header.file, tree, block, body, name, value))
    }

    fn set_json_member(
        &self,
        file: FileId,
        block: &Block,
        name: &str,
        value: &str,
    ) -> Option<Vec<Edit>> {
        let text = self.source(file);
        let object = text.get(block.span.range())?;
        let open = block.span.start as usize + object.find('{')?;
        let inner = text.get(open + 1..)?;
        let is_empty = inner.trim_start().starts_with('}');
        let comma = if is_empty { "" } else { ", " };
        let at = Span::new(open + 1, open + 1);
        Some(vec![edit(file, at, format!("\"{name}\": {value}{comma}"))])
    }

    fn add_line(
        &self,
        file: FileId,
        tree: &Tree,
        block: &Block,
        body: &Body,
        name: &str,
        value: &str,
    ) -> Vec<Edit> {
        let text = self.source(file);
        let newline = self.line_break(file);
        let last = tree.attributes_of(body).last();
        if !body.span.text(text).contains('\n') {
            return self.break_one_line(file, tree, block, body, name, value);
        }
        let Some(last) = last else {
            let inner = format!("{}  ", indentation(text, block.span.start as usize));
            let open = body.span.start as usize;
            let behind =
                Some(after_on_line(text, open)).filter(|rest| is_nothing_but_comment(rest));
            let at = open + behind.map_or(0, str::len);
            let line = format!("{newline}{inner}{name} = {value}");
            return vec![edit(file, Span::new(at, at), line)];
        };
        let group = group(text, &lines(tree, body), last.name_span);
        let width = aligned_width(text, &group);
        let wanted = width.max(Some(name.len() + 1).filter(|_| width.is_some()));
        let mut edits = Vec::new();
        if let Some(wanted) = wanted {
            edits.extend(
                group
                    .iter()
                    .filter_map(|line| pad(file, text, line, wanted)),
            );
        }
        let padding = wanted.map_or(1, |wanted| (wanted + 1).saturating_sub(name.len() + 1));
        let line = format!("{name}{}= {value}", " ".repeat(padding.max(1)));
        let indent = indentation(text, last.span.start as usize);
        let end = last.span.end as usize + after_on_line(text, last.span.end as usize).len();
        edits.push(edit(
            file,
            Span::new(end, end),
            format!("{newline}{indent}{line}"),
        ));
        edits
    }

    /// Gives the braces of a block on one line, its argument and a new one lines of their own. What stands there is not
    /// written again: it may be a secret, and have comments.
    fn break_one_line(
        &self,
        file: FileId,
        tree: &Tree,
        block: &Block,
        body: &Body,
        name: &str,
        value: &str,
    ) -> Vec<Edit> {
        let text = self.source(file);
        let newline = self.line_break(file);
        let outer = indentation(text, block.span.start as usize);
        let inside = body.span.text(text);
        let content = inside.trim();
        let start = body.span.start as usize + (inside.len() - inside.trim_start().len());
        let end = start + content.len();
        let old = tree.attributes_of(body).last();
        let old_width = old.map_or(0, |old| old.name_span.range().len());
        let width = old_width.max(name.len());
        let line = format!("{newline}{outer}  {name:width$} = {value}{newline}{outer}");
        if content.is_empty() {
            return vec![edit(file, body.span, line)];
        }
        let close = Span::new(end, body.span.end as usize);
        let blanks = old.map(|old| (blanks_from(text, old.name_span.end), old_width));
        let padding = blanks.map(|(blanks, used)| edit(file, blanks, " ".repeat(width + 1 - used)));
        let mut edits = vec![self.break_behind_brace(file, block, body)];
        edits.extend(padding.filter(|edit| edit.replacement != edit.location.span.text(text)));
        edits.push(edit(file, close, line));
        edits
    }

    /// Begins a line behind the brace that opens a block on one line.
    pub(super) fn break_behind_brace(&self, file: FileId, block: &Block, body: &Body) -> Edit {
        let text = self.source(file);
        let inside = body.span.text(text);
        let blanks = inside.len() - inside.trim_start().len();
        let start = body.span.start as usize;
        let outer = indentation(text, block.span.start as usize);
        let line_start = format!("{}{outer}  ", self.line_break(file));
        edit(file, Span::new(start, start + blanks), line_start)
    }
}

/// The arguments of a body.
fn lines<'t>(tree: &'t Tree, body: &'t Body) -> Lines<'t, Attribute> {
    Lines {
        tree,
        items: tree.attributes_of(body),
        line: |tree, attribute| Line {
            name: attribute.name_span,
            span: attribute.name_span.to(tree.expr(attribute.expr).span),
        },
    }
}

/// The block of a header.
pub(super) fn find_block(tree: &Tree, header: Span) -> Option<&Block> {
    let mut block = tree.block_in(tree.root(), header)?;
    while block.header_span != header {
        block = tree.block_in(tree.body(block.body), header)?;
    }
    Some(block)
}

/// The blanks that a line begins with.
pub(super) fn indentation(text: &str, at: usize) -> String {
    let line = before_on_line(text, at);
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..blanks).unwrap_or_default().to_owned()
}

/// An argument with its line, where it has one for itself, and with the comment behind it. Blank lines that would then end
/// the block go, too.
fn without_line(text: &str, argument: Span) -> Span {
    let start = argument.start as usize;
    let end = argument.end as usize;
    let before = before_on_line(text, start);
    let after = after_on_line(text, end);
    if !(before.trim().is_empty() && is_nothing_but_comment(after)) {
        return without_blanks(argument, before, after);
    }
    let line_end = end + after.len();
    let rest = text.get(line_end..).unwrap_or_default();
    let line_break = ["\r\n", "\n"].into_iter().find(|b| rest.starts_with(b));
    let line_end = line_end + line_break.map_or(0, str::len);
    let line_start = start - before.len();
    let above = text.get(..line_start).unwrap_or_default();
    let below = text.get(line_end..).unwrap_or_default();
    let kept = above.trim_end_matches([' ', '\t', '\r', '\n']);
    let closes = below.trim_start_matches([' ', '\t']).starts_with('}');
    let gap_start = kept.len() + line_break_length(above.get(kept.len()..));
    match closes && !kept.is_empty() {
        true => Span::new(gap_start.min(line_start), line_end),
        false => Span::new(line_start, line_end),
    }
}

/// How long the line break is that a text begins with, blanks before it included.
fn line_break_length(text: Option<&str>) -> usize {
    let text = text.unwrap_or_default();
    text.find('\n').map_or(0, |at| at + 1)
}

/// An argument beside others on its line, with the blanks behind it; those before it, too, where the block is then empty.
fn without_blanks(argument: Span, before: &str, after: &str) -> Span {
    let blank = [' ', '\t'];
    let behind = after.len() - after.trim_start_matches(blank).len();
    let is_last = before.trim_end_matches(blank).ends_with('{')
        && after.trim_start_matches(blank).starts_with('}');
    let ahead = match is_last {
        true => before.len() - before.trim_end_matches(blank).len(),
        false => 0,
    };
    Span::new(
        argument.start as usize - ahead,
        argument.end as usize + behind,
    )
}

/// Whether the rest of a line is blank or one comment that ends on it.
fn is_nothing_but_comment(rest: &str) -> bool {
    let rest = rest.trim();
    let is_closed = rest
        .strip_prefix("/*")
        .and_then(|inner| inner.find("*/"))
        .is_some_and(|at| at + 4 == rest.len());
    rest.is_empty() || rest.starts_with('#') || rest.starts_with("//") || is_closed
}

/// A member of a JSON object with one of the commas beside it.
fn without_json_member(text: &str, member: Span) -> Span {
    let after = text.get(member.end as usize..).unwrap_or_default();
    let blanks = after.len() - after.trim_start().len();
    if after.trim_start().starts_with(',') {
        let behind = after.get(blanks + 1..).unwrap_or_default();
        let more = behind.len() - behind.trim_start().len();
        return Span::new(
            member.start as usize,
            member.end as usize + blanks + 1 + more,
        );
    }
    let before = text
        .get(..member.start as usize)
        .unwrap_or_default()
        .trim_end();
    let start = before
        .strip_suffix(',')
        .map_or(member.start as usize, str::len);
    Span::new(start, member.end as usize)
}
