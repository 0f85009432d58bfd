//! Variables that take the place of literals.

use rustc_hash::FxHashMap;

use super::body::indentation;
use super::{Mend, before_on_line, edit};
use crate::finding::Edit;
use crate::source::{FileId, Location, Span};
use crate::syntax::{Attribute, Block, Body, Tree};
use crate::terraform::{Argument, ExprRef, Module, Variable};

/// The place that a plain string holds in the configuration.
pub enum Holder<'a> {
    /// The whole line of a tfvars file.
    ValuesLine(Argument),
    /// The default of this variable of a root module.
    Default(&'a Variable, Argument),
    /// Anywhere else in a root module.
    Expression(&'a Module),
}

/// A variable that a fix declares.
#[derive(Clone, Debug)]
pub struct NewVariable {
    /// Its name, which the module does not declare yet.
    pub name: String,
    /// The edit that declares it.
    pub declaration: Edit,
}

impl<'a> Mend<'a> {
    /// A sensitive variable with a name of its own, declared behind the last variable of the module, or in its
    /// `variables.tf`. `None` where that is not to be edited.
    pub fn new_variable(&self, module: &Module, wanted: &str) -> Option<NewVariable> {
        let name = free_name(module, wanted);
        let declaration = match self.json_declaration(module, &name) {
            Some(declaration) => declaration,
            None => {
                let block = [
                    format!("variable \"{name}\" {{"),
                    "  type      = string".to_owned(),
                    "  sensitive = true".to_owned(),
                    "}".to_owned(),
                ];
                let file = self
                    .variables_file(module)
                    .filter(|file| !self.is_json(*file));
                let file = file.or_else(|| self.file_of_module(module, "variables.tf"))?;
                self.append(module, file, &block)?.pop()?
            }
        };
        Some(NewVariable { name, declaration })
    }

    /// Declares a variable behind the last one of the module's JSON file of them, written as that is. `None` where there is
    /// no such file, or each variable in it is a list of blocks.
    fn json_declaration(&self, module: &Module, name: &str) -> Option<Edit> {
        let file = self.variables_file(module);
        let file = file.filter(|file| self.is_json(*file))?;
        let source = self.configuration.sources.get(file)?;
        let text = source.text.as_str();
        let blocks = module.variables.values().map(|variable| &variable.block);
        let of_file = blocks.filter(|block| block.header.file == file);
        let last = of_file.max_by_key(|block| block.span.span.end)?;
        let (start, end) = (last.header.span, last.span.span.end as usize);
        let behind = text.get(start.end as usize..end)?.trim_start();
        let body = behind.strip_prefix(':')?.trim_start().strip_prefix('{')?;
        if !source.reported || source.bad_byte.is_some() {
            return None;
        }
        let before = before_on_line(text, start.start as usize);
        let outer = indentation(text, start.start as usize);
        let newline = self.line_break(file);
        let members = ["\"type\": \"string\"", "\"sensitive\": true"];
        let inner = match body.split_once('\n') {
            Some((_, lines)) => {
                let inner = indentation(lines, lines.len() - lines.trim_start().len());
                let lines = members.map(|member| format!("{newline}{inner}{member}"));
                format!("{}{newline}{outer}", lines.join(","))
            }
            None => members.join(", "),
        };
        let gap = match before.trim().is_empty() {
            true => format!("{newline}{outer}"),
            false => " ".to_owned(),
        };
        let added = format!(",{gap}\"{name}\": {{{inner}}}");
        Some(edit(file, Span::new(end, end), added))
    }

    /// The file in which most variables of the module are declared.
    fn variables_file(&self, module: &Module) -> Option<FileId> {
        let mut counts: FxHashMap<FileId, usize> = FxHashMap::default();
        for variable in module.variables.values() {
            *counts.entry(variable.block.header.file).or_default() += 1;
        }
        let most = module
            .files
            .iter()
            .map(|file| (counts.get(file).copied().unwrap_or_default(), *file))
            .rev()
            .max_by_key(|(count, file)| (*count, !self.is_json(*file)));
        let (count, file) = most?;
        (count > 0).then_some(file)
    }

    /// A file of a module by its name, or the one that a fix may make.
    pub fn file_of_module(&self, module: &Module, name: &str) -> Option<FileId> {
        if module.is_stack {
            return None;
        }
        self.configuration.sources.find(&module.dir.join(name))
    }

    /// Puts a reference to a variable in the place of a string; of a heredoc, with the function around it that takes its
    /// line break away.
    pub fn variable_reference(&self, literal: Location, name: &str) -> Edit {
        let trimmed = self.trimmed_heredoc(literal);
        if let Some(span) = trimmed {
            return edit(literal.file, span, format!("var.{name}"));
        }
        let reference = match self.is_json(literal.file) {
            true => format!("\"${{var.{name}}}\""),
            false => format!("var.{name}"),
        };
        edit(literal.file, literal.span, reference)
    }

    /// Whether a variable that becomes sensitive may make a plan fail.
    pub fn may_be_refused(&self, header: Location, variable: &str) -> bool {
        let file = self.configuration.sources.get(header.file);
        let uses = self.configuration.uses(self.is_zenml);
        let mut modules = self.configuration.modules_of(header.file).iter();
        file.is_none_or(|file| file.has_other_names)
            || modules.any(|id| uses.may_be_refused(self.configuration, *id, variable))
    }

    /// Whether a variable decides how many instances there are or what their keys are, so that it cannot be sensitive.
    pub fn decides_instances(&self, header: Location, variable: &str) -> bool {
        let uses = self.configuration.uses(self.is_zenml);
        let mut modules = self.configuration.modules_of(header.file).iter();
        modules.any(|id| uses.decides_instances(*id, variable))
    }

    /// What holds a string that stands there as it is: neither a bare heredoc nor put together from parts. `None` where it cannot
    /// be taken out: in the middle of a tfvars line, or in a module that gets its values from callers.
    pub fn holder(&self, literal: Location) -> Option<Holder<'a>> {
        let is_quoted = literal
            .span
            .text(self.source(literal.file))
            .starts_with('"');
        let is_open = is_quoted || self.wrapped_heredoc(literal).is_some();
        if !is_open || self.configuration.whole_literal(literal) != literal {
            return None;
        }
        let tree = self.configuration.tree(literal.file)?;
        let whole = |body: &Body| {
            let attribute = tree.attribute_in(body, literal.span)?;
            let is_whole = tree.expr(attribute.expr).span == literal.span;
            is_whole.then(|| argument(literal.file, tree, attribute))
        };
        let modules = self.configuration.modules_of(literal.file);
        let Some(id) = modules.first() else {
            return whole(tree.root()).map(Holder::ValuesLine);
        };
        if self.configuration.roots().binary_search(id).is_err() {
            return None;
        }
        let module = self.configuration.module(*id)?;
        let block = tree.block_in(tree.root(), literal.span)?;
        let Some(variable) = declared(module, tree, block) else {
            return Some(Holder::Expression(module));
        };
        if module.is_stack {
            return None;
        }
        whole(tree.body(block.body)).map(|default| Holder::Default(variable, default))
    }
}

fn declared<'a>(module: &'a Module, tree: &Tree, block: &Block) -> Option<&'a Variable> {
    let name = tree.first_label(block)?;
    (tree.text(block.keyword) == "variable").then(|| module.variables.get(name))?
}

fn argument(file: FileId, tree: &Tree, attribute: &Attribute) -> Argument {
    let at = |span| Location { file, span };
    Argument {
        name: tree.text(attribute.name).into(),
        name_at: at(attribute.name_span),
        span: at(attribute.span),
        expr: ExprRef {
            file,
            expr: attribute.expr,
        },
    }
}

fn free_name(module: &Module, wanted: &str) -> String {
    let is_free = |name: &String| !module.variables.contains_key(name);
    let numbered = (2..).map(|number| format!("{wanted}_{number}"));
    std::iter::once(wanted.to_owned())
        .chain(numbered)
        .find(is_free)
        .unwrap_or_default()
}
