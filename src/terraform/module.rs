//! From the trees of a directory's files to a module.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::blocks::Blocks;
use super::required::RequiredProviders;
use super::{Argument, Arguments, Block, ExprRef, Module, ModuleCall, TestFile, Variable};
use crate::source::{FileId, Location, Span};
use crate::syntax::{self, Body, ExprId, ExprKind, Tree};

/// Blocks nested deeper than this are left out: no schema has them, and views may then be walked by recursion.
const MOST_LEVELS: usize = 32;

/// A file and its tree.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub id: FileId,
    pub tree: &'a Tree,
    /// Whether it overrides the files before it.
    pub is_override: bool,
}

impl<'a> File<'a> {
    pub fn at(self, span: Span) -> Location {
        Location {
            file: self.id,
            span,
        }
    }

    fn argument(self, attribute: &syntax::Attribute) -> Argument {
        Argument {
            name: self.tree.text(attribute.name).into(),
            name_at: self.at(attribute.name_span),
            span: self.at(attribute.span),
            expr: self.expr(attribute.expr),
        }
    }

    pub fn expr(self, expr: ExprId) -> ExprRef {
        ExprRef {
            file: self.id,
            expr,
        }
    }

    /// The arguments of a body; of one that stands twice, the first.
    pub fn arguments(self, body: &Body) -> Arguments {
        // Of equal keys a map takes the last.
        let attributes = self.tree.attributes_of(body).iter().rev();
        let arguments = attributes.map(|attribute| self.argument(attribute));
        arguments
            .map(|argument| (argument.name.clone(), argument))
            .collect()
    }

    pub fn block(self, block: &syntax::Block) -> Block {
        self.block_at(block, 0)
    }

    fn block_at(self, block: &syntax::Block, level: usize) -> Block {
        let body = self.tree.body(block.body);
        let nested = if level < MOST_LEVELS {
            self.tree.blocks_of(body)
        } else {
            &[]
        };
        Block {
            keyword: self.tree.text(block.keyword).to_owned(),
            labels: block
                .labels
                .iter()
                .map(|label| self.tree.text(label.text).to_owned())
                .collect(),
            header: self.at(block.header_span),
            span: self.at(block.span),
            arguments: self.arguments(body),
            blocks: nested
                .iter()
                .map(|block| self.block_at(block, level + 1))
                .collect(),
            is_broken: self.tree.has_error_in(block.span),
        }
    }

    pub fn blocks(self) -> &'a [syntax::Block] {
        self.tree.blocks_of(self.tree.root())
    }
}

/// Puts a module together from its files, override files last, and its test files. Sources of calls are not resolved yet.
pub(super) fn build(dir: &Path, files: &[File<'_>], tests: &[File<'_>]) -> Module {
    let mut builder = Builder::default();
    for file in files {
        for block in file.blocks() {
            builder.add(*file, block);
        }
    }
    builder.finish(dir.to_path_buf(), files, tests)
}

#[derive(Default)]
pub(super) struct Builder {
    module: Module,
    variables: BTreeMap<String, Block>,
    pub calls: BTreeMap<String, Block>,
    /// The names of the calls that may set more than their arguments.
    pub with_other_arguments: BTreeSet<String>,
    pub providers: Blocks,
    resources: Blocks,
    data: Blocks,
    required: RequiredProviders,
}

impl Builder {
    pub fn add(&mut self, file: File<'_>, block: &syntax::Block) {
        let is_override = file.is_override;
        match file.tree.text(block.keyword) {
            "variable" => put(&mut self.variables, file.block(block), is_override),
            "output" => put(&mut self.module.outputs, file.block(block), is_override),
            "module" => put(&mut self.calls, file.block(block), is_override),
            "locals" => {
                self.add_locals(file, file.tree.body(block.body));
                self.module.others.push(file.block(block));
            }
            "provider" => self.add_provider(file, block),
            "resource" => self.resources.add_labelled(file.block(block), is_override),
            "data" | "ephemeral" => self.data.add_labelled(file.block(block), is_override),
            "terraform" => {
                self.add_settings(file, block);
                self.module.others.push(file.block(block));
            }
            _ => self.module.others.push(file.block(block)),
        }
    }

    fn add_locals(&mut self, file: File<'_>, body: &Body) {
        for (name, local) in file.arguments(body) {
            match self.module.locals.entry(name.to_string()) {
                Entry::Occupied(mut known) if file.is_override => {
                    known.insert(local);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => {
                    place.insert(local);
                }
            }
        }
    }

    fn add_provider(&mut self, file: File<'_>, written: &syntax::Block) {
        let alias = file.tree.attribute(file.tree.body(written.body), "alias");
        let alias = alias.and_then(|alias| file.tree.reference(alias.expr));
        let name = file.tree.first_label(written).map(str::to_owned);
        let key = name.into_iter().chain(alias).collect();
        self.providers
            .add(key, file.block(written), file.is_override);
    }

    fn add_settings(&mut self, file: File<'_>, block: &syntax::Block) {
        let header = file.at(block.header_span);
        self.module.terraform_block.get_or_insert(header);
        self.module.has_broken_requirements |= file.tree.has_error_in(block.span);
        let body = file.tree.body(block.body);
        for nested in file.tree.blocks_named(body, "required_providers") {
            self.add_requirements(file, nested);
        }
    }

    pub fn add_requirements(&mut self, file: File<'_>, block: &syntax::Block) {
        self.module.has_broken_requirements |= file.tree.has_error_in(block.span);
        self.required.add_body(file, block);
    }

    pub fn finish(mut self, dir: PathBuf, files: &[File<'_>], tests: &[File<'_>]) -> Module {
        let trees: FxHashMap<FileId, &Tree> =
            files.iter().map(|file| (file.id, file.tree)).collect();
        self.module.variables = self
            .variables
            .into_iter()
            .map(|(name, block)| (name, variable(block, &trees)))
            .collect();
        self.module.calls = self
            .calls
            .into_iter()
            .map(|(name, block)| {
                let call = ModuleCall {
                    block,
                    has_other_arguments: self.with_other_arguments.contains(&name),
                    target: None,
                };
                (name, call)
            })
            .collect();
        Module {
            dir,
            files: files.iter().map(|file| file.id).collect(),
            test_files: tests.iter().map(|file| test_file(*file)).collect(),
            providers: self.providers,
            resources: self.resources,
            data: self.data,
            required_providers: self.required.entries,
            required_providers_block: self.required.header,
            ..self.module
        }
    }
}

/// Adds a block by its first label. Of two, the first counts; an override file's is merged into it.
pub(super) fn put(blocks: &mut BTreeMap<String, Block>, block: Block, is_override: bool) {
    let Some(name) = block.labels.first() else {
        return;
    };
    match blocks.entry(name.clone()) {
        Entry::Vacant(place) => {
            place.insert(block);
        }
        Entry::Occupied(mut known) if is_override => known.get_mut().merge(block),
        Entry::Occupied(_) => {}
    }
}

fn variable(block: Block, trees: &FxHashMap<FileId, &Tree>) -> Variable {
    let flag = |name: &str| {
        let argument = block.arguments.get(name)?;
        let tree = trees.get(&argument.expr.file)?;
        bool_of(tree, argument.expr.expr)
    };
    Variable {
        ty: block.arguments.get("type").map(|argument| argument.expr),
        default: block.arguments.get("default").cloned(),
        nullable: flag("nullable").unwrap_or(true),
        sensitive: flag("sensitive").unwrap_or(false),
        ephemeral: flag("ephemeral").unwrap_or(false),
        block,
    }
}

/// The value of a plain `true` or `false`, which Terraform also takes as a string.
fn bool_of(tree: &Tree, expr: ExprId) -> Option<bool> {
    match &tree.expr(expr).kind {
        ExprKind::Bool(value) => Some(*value),
        ExprKind::Parens(inner) => match tree.expr(*inner).kind {
            ExprKind::Bool(value) => Some(value),
            _ => None,
        },
        _ => tree.plain_string(expr)?.parse().ok(),
    }
}

fn test_file(file: File<'_>) -> TestFile {
    let blocks_of = |keyword| file.tree.blocks_named(file.tree.root(), keyword);
    let variables = blocks_of("variables").next();
    TestFile {
        file: file.id,
        providers: blocks_of("provider")
            .map(|block| file.block(block))
            .collect(),
        variables: variables
            .map(|block| file.arguments(file.tree.body(block.body)))
            .unwrap_or_default(),
    }
}
