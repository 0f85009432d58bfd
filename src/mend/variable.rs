//! Variables that take the place of literals.

use super::{Mend, edit};
use crate::finding::Edit;
use crate::source::{FileId, Location};
use crate::syntax::{Attribute, Block, ExprKind, Template};
use crate::terraform::{Argument, ExprRef, Module, ModuleId, Variable};

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
        let file = self.variables_file(module)?;
        let block = [
            format!("variable \"{name}\" {{"),
            "  type      = string".to_owned(),
            "  sensitive = true".to_owned(),
            "}".to_owned(),
        ];
        let declaration = self.append(file, &block)?.pop()?;
        Some(NewVariable { name, declaration })
    }

    /// The native file in which most variables of the module are declared, else its `variables.tf`, which may not exist.
    fn variables_file(&self, module: &Module) -> Option<FileId> {
        let files = module.files.iter().filter(|file| !self.is_json(**file));
        let count = |file: &FileId| {
            let variables = module.variables.values();
            variables
                .filter(|variable| variable.block.header.file == *file)
                .count()
        };
        let most = files
            .map(|file| (count(file), *file))
            .rev()
            .max_by_key(|(count, _)| *count);
        match most {
            Some((count, file)) if count > 0 => Some(file),
            _ => self.file_of_module(module, "variables.tf"),
        }
    }

    /// A file of a module by its name, or the one that a fix may make.
    pub fn file_of_module(&self, module: &Module, name: &str) -> Option<FileId> {
        if module.is_stack {
            return None;
        }
        self.configuration.sources.find(&module.dir.join(name))
    }

    /// Puts a reference to a variable in the place of a string.
    pub fn variable_reference(&self, literal: Location, name: &str) -> Edit {
        let reference = match self.is_json(literal.file) {
            true => format!("\"${{var.{name}}}\""),
            false => format!("var.{name}"),
        };
        edit(literal.file, literal.span, reference)
    }

    /// Whether a variable that becomes sensitive makes a plan fail.
    pub fn must_not_be_sensitive(&self, header: Location, variable: &str) -> bool {
        let uses = self.configuration.uses(self.is_zenml);
        self.modules_of(header.file)
            .any(|(id, _)| uses.must_not_be_sensitive(self.configuration, id, variable))
    }

    fn modules_of(&self, file: FileId) -> impl Iterator<Item = (ModuleId, &'a Module)> + use<'a> {
        self.configuration
            .modules_with_ids()
            .filter(move |(_, module)| module.files.contains(&file))
    }

    /// What holds a string that stands there as it is: neither a heredoc nor put together from parts. `None` where it cannot
    /// be taken out: in the middle of a tfvars line, or in a module that gets its values from callers.
    pub fn holder(&self, literal: Location) -> Option<Holder<'a>> {
        let tree = self.configuration.tree(literal.file)?;
        let is_it = |kind: &ExprKind| matches!(kind, ExprKind::Template(Template { heredoc: false, parts }) if parts.len() == 1);
        let mut exprs = tree.exprs.iter();
        exprs.find(|expr| expr.span == literal.span && is_it(&expr.kind))?;
        let attribute = |attribute: &Attribute| {
            let is_whole = tree.expr(attribute.expr).span == literal.span;
            is_whole.then(|| argument(literal.file, attribute))
        };
        let Some((id, module)) = self.modules_of(literal.file).next() else {
            let mut lines = tree.root().attributes.iter();
            return lines.find_map(attribute).map(Holder::ValuesLine);
        };
        if !self.configuration.roots().contains(&id) {
            return None;
        }
        let blocks = &tree.root().blocks;
        let block = blocks
            .iter()
            .find(|block| block.span.contains(literal.span))?;
        let Some(variable) = declared(module, block) else {
            return Some(Holder::Expression(module));
        };
        if module.is_stack {
            return None;
        }
        let default = tree.body(block.body).attribute("default")?;
        Some(Holder::Default(variable, attribute(default)?))
    }
}

fn declared<'a>(module: &'a Module, block: &Block) -> Option<&'a Variable> {
    let label = block.labels.first()?;
    (block.keyword == "variable").then(|| module.variables.get(&label.text))?
}

fn argument(file: FileId, attribute: &Attribute) -> Argument {
    let at = |span| Location { file, span };
    Argument {
        name: attribute.name.clone(),
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
