//! What Terraform means by the files of a directory: typed views of blocks, override files already merged in.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use litemap::LiteMap;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::blocks::Blocks;
use super::calls::CallGraph;
use super::reference::Subject;
use super::slice::{Index, Slice};
use super::uses::{IsZenml, Uses};
use crate::source::{FileId, Location, Sources, Span};
use crate::syntax::{ExprId, ExprKind, TemplatePart, Tree};

/// Everything that was read and parsed in a run.
#[derive(Debug, Default)]
pub struct Configuration {
    /// The texts.
    pub sources: Sources,
    /// The trees, by [`FileId`].
    pub trees: Vec<Tree>,
    /// The module directories that were loaded, by path.
    pub modules: Vec<Module>,
    /// The tfvars files that were read for the roots, and those of `--var-file`, by path.
    pub values: Vec<ValuesFile>,
    /// Who calls whom, worked out from the modules when it is first asked for.
    pub(super) call_graph: OnceLock<CallGraph>,
    /// The modules that each file is a part of, worked out when that is first asked for.
    modules_of: OnceLock<FxHashMap<FileId, Vec<ModuleId>>>,
    /// Who reads what, worked out when it is first asked for.
    uses: OnceLock<Uses>,
    /// What is written under which name, worked out when it is first asked for.
    index: OnceLock<Index>,
    /// What must not be shown, worked out when it is first asked for.
    slice: OnceLock<Slice>,
    /// Whether any variable has a `validation` block, worked out when it is first asked for.
    validates: OnceLock<bool>,
    /// The template that each literal part stands in, worked out when it is first asked for.
    templates: OnceLock<FxHashMap<Location, Span>>,
}

/// A module: an index into [`Configuration::modules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// An expression of some file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprRef {
    /// The file.
    pub file: FileId,
    /// The expression in its tree.
    pub expr: ExprId,
}

/// One module directory.
#[derive(Debug, Default)]
pub struct Module {
    /// Where it lies (absolute, links resolved).
    pub dir: PathBuf,
    /// Whether it is a stack configuration; a module of the same directory is another one.
    pub is_stack: bool,
    /// Whether something that was not understood may read what it declares: a file that cannot be read, has a syntax error
    /// or is not looked at, or another module for which a link leads here.
    pub has_hidden_readers: bool,
    /// Its configuration files, override files last, each group in Terraform's order (by name).
    pub files: Vec<FileId>,
    /// `variable` blocks by name.
    pub variables: BTreeMap<String, Variable>,
    /// Local values by name.
    pub locals: BTreeMap<String, Argument>,
    /// `output` blocks by name.
    pub outputs: BTreeMap<String, Block>,
    /// `module` blocks by name; of a stack, its `component` blocks, and its `stack` blocks by [`super::stack_call`], with the
    /// inputs for arguments.
    pub calls: BTreeMap<String, ModuleCall>,
    /// `provider` blocks, of every provider, in the order of the files. Two of one name and alias both stand here, unless
    /// the second is an override file's, which is merged into the first. In a stack, the arguments are those of the block's
    /// `config`, and the second label is what else is the alias.
    pub providers: Blocks,
    /// Test files (`*.tftest.hcl` and so on) in this directory and in `tests/` below it.
    pub test_files: Vec<TestFile>,
    /// The entries of `required_providers` by local name.
    pub required_providers: BTreeMap<String, RequiredProvider>,
    /// `resource` blocks.
    pub resources: Blocks,
    /// `data` (and `ephemeral`) blocks.
    pub data: Blocks,
    /// Every block of another type, `terraform` and `locals` among them, each as it is written.
    pub others: Vec<Block>,
    /// The first `terraform` block's header.
    pub terraform_block: Option<Location>,
    /// Whether a block that may require providers has a syntax error.
    pub has_broken_requirements: bool,
    /// The first `required_providers` block's header.
    pub required_providers_block: Option<Location>,
    /// What it calls a provider, worked out when it is first asked for.
    pub(super) local_names: OnceLock<Vec<String>>,
}

/// A block with its arguments, those of override files in the place of those that they replace.
#[derive(Clone, Debug)]
pub struct Block {
    /// `provider`, `resource` and so on.
    pub keyword: String,
    /// The labels.
    pub labels: Vec<String>,
    /// Keyword and labels.
    pub header: Location,
    /// The whole block.
    pub span: Location,
    /// The arguments by name; of one that stands twice, the first.
    pub arguments: Arguments,
    /// The nested blocks, in order; what is nested deeper than any schema has it is left out.
    pub blocks: Vec<Block>,
    /// Whether it, or a block of an override file, has a syntax error: it may set more than can be told.
    pub is_broken: bool,
}

/// Arguments by name. Nearly all blocks have few of them, for which a tree's node has far too much room.
pub type Arguments = LiteMap<SmolStr, Argument>;

/// `name = expression`.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The name.
    pub name: SmolStr,
    /// The name's place.
    pub name_at: Location,
    /// The whole argument, from the name to the end of the value.
    pub span: Location,
    /// The value.
    pub expr: ExprRef,
}

/// A `variable` block.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The block itself.
    pub block: Block,
    /// The type constraint as written.
    pub ty: Option<ExprRef>,
    /// The default as written.
    pub default: Option<Argument>,
    /// `nullable`, true where it is not written.
    pub nullable: bool,
    /// `sensitive`, false where it is not written.
    pub sensitive: bool,
    /// `ephemeral`, false where it is not written.
    pub ephemeral: bool,
}

/// A `module` block.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// The block itself; its arguments hold the meta-arguments (`source`, `providers`, `count`...) too.
    pub block: Block,
    /// Whether it may set more than these: the inputs of a stack's call may be any expression.
    pub has_other_arguments: bool,
    /// The module that the `source` leads to, where it was loaded: a local one, or one that `terraform init` has installed.
    pub target: Option<ModuleId>,
}

/// An entry of `required_providers`.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    /// The entry's name and value.
    pub entry: Argument,
    /// The source address as written, and its place with the quotes.
    pub source: Option<(String, Location)>,
    /// The version constraint as written, and its place with the quotes.
    pub version: Option<(String, Location)>,
    /// The names in `configuration_aliases`, as written: `zenml.other`.
    pub aliases: Vec<String>,
}

/// What matters of a test file.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// The file.
    pub file: FileId,
    /// Its `provider` blocks.
    pub providers: Vec<Block>,
    /// The arguments of its `variables` block.
    pub variables: Arguments,
}

/// A tfvars file.
#[derive(Clone, Debug)]
pub struct ValuesFile {
    /// The file.
    pub file: FileId,
    /// The directory that it lies in (absolute, links resolved).
    pub dir: PathBuf,
    /// Its name in that directory.
    pub name: String,
    /// Whether the directory is a module: then Terraform may load the file by itself.
    pub beside_configuration: bool,
    /// How `--var-file` names it, where it does.
    pub given_as: Vec<PathBuf>,
    /// Whether the command line or a configuration gives it to a root: then it may lie elsewhere than that.
    pub is_given: bool,
    /// Whether a root that was not loaded may be run with it.
    pub has_unknown_roots: bool,
    /// Its lines by variable; of one that stands twice, the first.
    pub values: Arguments,
}

/// A value given to a root variable, lowest precedence first in a list of them.
#[derive(Clone, Debug)]
pub enum Given {
    /// A line of a tfvars file.
    Tfvars(Argument),
    /// From outside: `TF_VAR_name` or `--var`.
    Run {
        /// What gave it, to be shown: ``TF_VAR_url``, ``--var url``.
        by: String,
        /// The text as given; it is an expression where the variable's type is not a primitive one.
        text: String,
    },
}

/// One way in which a root module is run.
#[derive(Clone, Debug, Default)]
pub struct RootContext {
    /// Every value given, by variable, lowest precedence first: the last one counts, those before are overridden.
    pub given: BTreeMap<String, Vec<Given>>,
    /// The workspace that it is run in, where that is known.
    pub workspace: Option<String>,
}

impl Configuration {
    /// The tree of a file.
    pub fn tree(&self, file: FileId) -> Option<&Tree> {
        self.trees.get(file.0 as usize)
    }

    /// A module.
    pub fn module(&self, id: ModuleId) -> Option<&Module> {
        self.modules.get(id.0 as usize)
    }

    /// The modules that a file is a part of.
    pub fn modules_of(&self, file: FileId) -> &[ModuleId] {
        let modules = self.modules_of.get_or_init(|| {
            let mut modules: FxHashMap<FileId, Vec<ModuleId>> = FxHashMap::default();
            for (id, module) in self.modules_with_ids() {
                for file in &module.files {
                    modules.entry(*file).or_default().push(id);
                }
            }
            modules
        });
        modules.get(&file).map_or(&[], Vec::as_slice)
    }

    /// The variable that a header declares, with its name.
    pub fn variable_at(&self, header: Location) -> Option<(&String, &Variable)> {
        let modules = self.modules_of(header.file).iter();
        let mut variables = modules
            .flat_map(|id| self.module(*id))
            .flat_map(|module| &module.variables);
        variables.find(|(_, variable)| variable.block.header == header)
    }

    /// Who else reads a literal. `is_zenml` tells the top-level blocks whose arguments a fix may change; the first one
    /// given counts.
    pub fn uses(&self, is_zenml: IsZenml) -> &Uses {
        self.uses.get_or_init(|| Uses::new(self, is_zenml))
    }

    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self))
    }

    /// The slice of what must not be shown. The first way to find it that is given counts.
    pub fn slice(&self, of: fn(&Self) -> Slice) -> &Slice {
        self.slice.get_or_init(|| of(self))
    }

    /// Whether any variable has a `validation` block.
    pub fn has_validations(&self) -> bool {
        *self.validates.get_or_init(|| {
            let variables = self
                .modules
                .iter()
                .flat_map(|module| module.variables.values());
            let mut blocks = variables.flat_map(|variable| &variable.block.blocks);
            blocks.any(|block| block.keyword == "validation")
        })
    }

    /// Every module with its id.
    pub fn modules_with_ids(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        (0..).map(ModuleId).zip(&self.modules)
    }

    /// The place of an expression.
    pub fn location(&self, expr: ExprRef) -> Location {
        let span = self
            .tree(expr.file)
            .map_or_else(Default::default, |tree| tree.expr(expr.expr).span);
        Location {
            file: expr.file,
            span,
        }
    }
}

impl Configuration {
    /// The whole string or heredoc that a literal part of a template stands in; any other literal is its own.
    pub fn whole_literal(&self, part: Location) -> Location {
        let templates = self.templates.get_or_init(|| self.templates());
        Location {
            file: part.file,
            span: templates.get(&part).copied().unwrap_or(part.span),
        }
    }

    fn templates(&self) -> FxHashMap<Location, Span> {
        let mut templates = FxHashMap::default();
        for ((file, _), tree) in self.sources.iter().zip(&self.trees) {
            for expr in &tree.exprs {
                let ExprKind::Template(template) = &expr.kind else {
                    continue;
                };
                let mut left: Vec<&TemplatePart> = template.parts.iter().collect();
                while let Some(part) = left.pop() {
                    match part {
                        TemplatePart::Literal { span, .. } => {
                            let part = Location { file, span: *span };
                            templates.entry(part).or_insert(expr.span);
                        }
                        TemplatePart::If(directive) => {
                            left.extend(directive.if_true.iter().chain(&directive.if_false));
                        }
                        TemplatePart::For(directive) => left.extend(&directive.body),
                        TemplatePart::Interpolation(_) => {}
                    }
                }
            }
        }
        templates
    }
}

impl Module {
    /// The resource, data source or ephemeral resource of a type and name; its keyword says which it is.
    pub fn resource(&self, keyword: &str, ty: &str, name: &str) -> Option<&Block> {
        let blocks = match keyword {
            "resource" => &self.resources,
            _ => &self.data,
        };
        blocks.labelled(keyword, [ty, name])
    }

    /// The same of a reference; `None` for a reference to anything else.
    pub fn resource_of(&self, subject: &Subject) -> Option<&Block> {
        let (keyword, ty, name) = match subject {
            Subject::Resource(ty, name) => ("resource", ty, name),
            Subject::Data(ty, name) => ("data", ty, name),
            Subject::Ephemeral(ty, name) => ("ephemeral", ty, name),
            Subject::Variable(_) | Subject::Local(_) | Subject::Module(_) => return None,
        };
        self.resource(keyword, ty, name)
    }

    /// The same of a block's header.
    pub fn resource_at(&self, header: Location) -> Option<&Block> {
        self.resources.at(header).or_else(|| self.data.at(header))
    }

    /// The local names that this module uses for a provider, in order: those of the entries whose source ends in one of
    /// `sources` (compared without case), else `default`. There is always one. The first provider that is asked for counts.
    pub fn local_names(&self, sources: &[&str], default: &str) -> &[String] {
        self.local_names.get_or_init(|| {
            let is_it = |source: &str| {
                let source = source.to_ascii_lowercase();
                sources.iter().any(|wanted| {
                    source == *wanted
                        || source
                            .strip_suffix(wanted)
                            .is_some_and(|rest| rest.ends_with('/'))
                })
            };
            let entries = self.required_providers.iter();
            let entries = entries
                .filter(|(_, entry)| entry.source.as_ref().is_some_and(|(text, _)| is_it(text)));
            let mut names: Vec<String> = entries.map(|(name, _)| name.clone()).collect();
            if names.is_empty() {
                names.push(default.to_owned());
            }
            names
        })
    }
}
