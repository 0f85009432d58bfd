//! Who else reads a literal: the index of reverse uses, which decides whether a fix is safe.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use rustc_hash::{FxHashMap, FxHashSet};

use super::model::{Configuration, Module, ModuleId, ValuesFile};
use super::reference::{Subject, references};
use crate::source::{FileId, Location, Span};
use crate::syntax::{Attribute, Block, Body, ExprId, ExprKind, Tree};

/// Something that holds a value under a name, for others to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Holder {
    Variable(ModuleId, String),
    Local(ModuleId, String),
    Output(ModuleId, String),
    /// A resource or data source of another provider, by its address: its attributes may be what its arguments are.
    Foreign(ModuleId, String),
}

/// Where a value goes that an expression reads or writes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sink {
    /// On to everyone who reads the holder.
    Holder(Holder),
    /// Into an argument of a zenml block.
    Zenml,
    /// Into `count` or `for_each`, which take no sensitive value.
    Instances,
    /// Into a module that was not loaded.
    UnknownModule,
    /// Somewhere that a lint for zenml knows nothing of.
    Elsewhere,
}

/// A place that reads a holder.
#[derive(Debug)]
struct Reader {
    sink: Sink,
    /// The members that it reads, as far as they are plain.
    path: Vec<String>,
    /// Whether it passes on just what it reads; else it makes something of it.
    whole: bool,
    /// Whether it makes a key of it.
    in_key: bool,
    /// Whether it makes it a member of an object.
    in_object: bool,
}

impl Reader {
    /// Whether what it reads, which may be a member of an object there, is one where it goes.
    fn leaves_in_object(&self, in_object: bool) -> bool {
        self.in_object || in_object && self.whole && self.path.is_empty()
    }

    /// Whether what it reads, which may be a member of an object there, decides how many instances there are or what
    /// their keys are.
    fn decides_instances(&self, in_object: bool) -> bool {
        self.in_key || self.sink == Sink::Instances && !self.leaves_in_object(in_object)
    }
}

/// Tells from the keyword and the first label (empty where there is none) whether a top-level block of a module is zenml's.
pub type IsZenml = fn(module: &Module, keyword: &str, label: &str) -> bool;

/// The index, built once for a configuration.
#[derive(Debug)]
pub struct Uses {
    readers: FxHashMap<Holder, Vec<Reader>>,
    /// The roots that a line of a tfvars file may be for.
    roots: FxHashMap<FileId, Vec<ModuleId>>,
    /// The tfvars files that may be for roots that were not loaded, too.
    for_unknown_roots: FxHashSet<FileId>,
    /// Tells the top-level blocks whose arguments a fix may change.
    is_zenml: IsZenml,
    /// What was asked for: see [`Uses::feeds_only_zenml`].
    feeding: Mutex<FxHashMap<Location, bool>>,
}

/// Past this many readers a literal is taken to feed something else, too.
const MOST_READERS: usize = 2_000;

impl Uses {
    /// Looks through every loaded module and its tests. `is_zenml` tells the blocks whose arguments a
    /// fix may change.
    pub(super) fn new(configuration: &Configuration, is_zenml: IsZenml) -> Self {
        let values = configuration.values.iter();
        let for_unknown_roots = values.filter(|values| values.has_unknown_roots);
        let mut uses = Self {
            readers: FxHashMap::default(),
            roots: roots_of_values(configuration),
            for_unknown_roots: for_unknown_roots.map(|values| values.file).collect(),
            is_zenml,
            feeding: Mutex::default(),
        };
        for (id, module) in configuration.modules_with_ids() {
            let tests = module.test_files.iter().map(|test| &test.file);
            for file in module.files.iter().chain(tests) {
                uses.add_file(configuration, id, module, *file);
            }
        }
        uses
    }

    fn add_file(
        &mut self,
        configuration: &Configuration,
        id: ModuleId,
        module: &Module,
        file: FileId,
    ) {
        let Some(tree) = configuration.tree(file) else {
            return;
        };
        for (block, attribute) in attributes(tree) {
            let references = references(tree, attribute.expr, module.is_stack);
            if references.is_empty() {
                continue;
            }
            let sink = self.sink(configuration, id, module, tree, block, attribute);
            let through_each = match &sink {
                Sink::Instances => {
                    let foreign = block.and_then(|block| self.foreign(id, module, tree, block));
                    let foreign = foreign.map(Sink::Holder);
                    let arguments = arguments_of_call(configuration, tree, module, block);
                    arguments.into_iter().chain(foreign).collect()
                }
                _ => Vec::new(),
            };
            let expr = tree.expr(attribute.expr).span;
            for reference in references {
                let path = reference.path;
                let in_key = reference.in_key;
                let whole = reference.whole == expr;
                let in_object = is_member(tree, attribute.expr, reference.whole);
                let holders = match reference.subject {
                    Subject::Variable(name) => vec![(Holder::Variable(id, name), path)],
                    Subject::Local(name) => vec![(Holder::Local(id, name), path)],
                    Subject::Module(name) => output_holders(configuration, module, &name, path),
                    Subject::Resource(ty, name) => {
                        vec![(Holder::Foreign(id, format!("{ty}.{name}")), path)]
                    }
                    Subject::Data(ty, name) => {
                        vec![(Holder::Foreign(id, format!("data.{ty}.{name}")), path)]
                    }
                    Subject::Ephemeral(..) => continue,
                };
                for (holder, path) in holders {
                    let readers = self.readers.entry(holder).or_default();
                    readers.extend(through_each.iter().map(|sink| Reader {
                        sink: sink.clone(),
                        path: path.clone(),
                        whole: false,
                        in_key,
                        in_object: false,
                    }));
                    readers.push(Reader {
                        sink: sink.clone(),
                        path,
                        whole,
                        in_key,
                        in_object,
                    });
                }
            }
        }
    }

    /// Where the value of an attribute goes.
    fn sink(
        &self,
        configuration: &Configuration,
        id: ModuleId,
        module: &Module,
        tree: &Tree,
        block: Option<&Block>,
        attribute: &Attribute,
    ) -> Sink {
        let Some(block) = block else {
            return Sink::Elsewhere;
        };
        let (keyword, name) = (tree.text(block.keyword), tree.text(attribute.name));
        if matches!(name, "count" | "for_each") && keyword != "locals" {
            return Sink::Instances;
        }
        let label = tree.first_label(block);
        match (keyword, name, label.map(str::to_owned)) {
            ("locals", name, _) => Sink::Holder(Holder::Local(id, name.to_owned())),
            ("output", "value", Some(name)) => Sink::Holder(Holder::Output(id, name)),
            ("variable", "default", Some(name)) => Sink::Holder(Holder::Variable(id, name)),
            ("module", argument, Some(name)) => {
                let Some(target) = module.calls.get(&name).and_then(|call| call.target) else {
                    return Sink::UnknownModule;
                };
                let declares = configuration
                    .module(target)
                    .is_some_and(|module| module.variables.contains_key(argument));
                match declares {
                    true => Sink::Holder(Holder::Variable(target, argument.to_owned())),
                    false => Sink::Elsewhere,
                }
            }
            _ if (self.is_zenml)(module, keyword, label.unwrap_or_default()) => Sink::Zenml,
            _ => {
                let foreign = self.foreign(id, module, tree, block);
                foreign.map_or(Sink::Elsewhere, Sink::Holder)
            }
        }
    }

    /// The resource or data source of another provider that a block is.
    fn foreign(&self, id: ModuleId, module: &Module, tree: &Tree, block: &Block) -> Option<Holder> {
        let [ty, name] = &*block.labels else {
            return None;
        };
        let (ty, name) = (tree.text(ty.text), tree.text(name.text));
        let address = match tree.text(block.keyword) {
            keyword if (self.is_zenml)(module, keyword, ty) => return None,
            "resource" => format!("{ty}.{name}"),
            "data" => format!("data.{ty}.{name}"),
            _ => return None,
        };
        Some(Holder::Foreign(id, address))
    }

    /// Whether a literal feeds nothing but arguments of zenml blocks, through every local, output, variable and call. What
    /// goes to very many of these is taken to feed something else.
    pub fn feeds_only_zenml(&self, configuration: &Configuration, literal: Location) -> bool {
        let known = self
            .feeding
            .lock()
            .ok()
            .and_then(|known| known.get(&literal).copied());
        known.unwrap_or_else(|| {
            let feeds_only_zenml = self.ends_in_zenml(configuration, literal);
            if let Ok(mut known) = self.feeding.lock() {
                known.insert(literal, feeds_only_zenml);
            }
            feeds_only_zenml
        })
    }

    fn ends_in_zenml(&self, configuration: &Configuration, literal: Location) -> bool {
        let Some((written, path)) = self.written(configuration, literal) else {
            return false;
        };
        let mut seen: FxHashSet<(&Holder, &[String])> = FxHashSet::default();
        let mut left: Vec<(&Sink, &[String])> =
            written.iter().map(|sink| (sink, &path[..])).collect();
        let mut looked_at = 0;
        while let Some((sink, path)) = left.pop() {
            let holder = match sink {
                Sink::Zenml => continue,
                Sink::Instances | Sink::UnknownModule | Sink::Elsewhere => return false,
                Sink::Holder(Holder::Foreign(..)) => return false,
                Sink::Holder(holder) => holder,
            };
            if !seen.insert((holder, path)) {
                continue;
            }
            if is_open(configuration, holder) {
                return false;
            }
            for reader in self.readers.get(holder).into_iter().flatten() {
                looked_at += 1;
                if looked_at > MOST_READERS {
                    return false;
                }
                if let Some(rest) = overlap(path, &reader.path) {
                    let rest = if reader.whole { rest } else { &[] };
                    left.push((&reader.sink, rest));
                }
            }
        }
        true
    }

    /// Whether a variable that becomes sensitive may make a plan fail: an output of a root shows its value and is not
    /// sensitive itself, or it goes into a module that was not loaded; also through a resource of another provider.
    pub fn may_be_refused(
        &self,
        configuration: &Configuration,
        module: ModuleId,
        variable: &str,
    ) -> bool {
        let reached = self.reached(module, variable, true);
        let is_shown = |(holder, _): &(Holder, bool)| {
            is_open(configuration, holder) && !is_sensitive_output(configuration, holder)
        };
        reached.iter().any(is_shown)
            || self.readers_of(&reached).any(|(reader, in_object)| {
                reader.sink == Sink::UnknownModule || reader.decides_instances(in_object)
            })
    }

    /// Whether the value of a variable decides how many instances there are, or what their keys are: what is sensitive
    /// cannot. Values that stand under keys of their own may be.
    pub fn decides_instances(&self, module: ModuleId, variable: &str) -> bool {
        let reached = self.reached(module, variable, false);
        self.readers_of(&reached)
            .any(|(reader, in_object)| reader.decides_instances(in_object))
    }

    fn readers_of(
        &self,
        reached: &BTreeSet<(Holder, bool)>,
    ) -> impl Iterator<Item = (&Reader, bool)> {
        reached.iter().flat_map(|(holder, in_object)| {
            let readers = self.readers.get(holder).into_iter().flatten();
            readers.map(|reader| (reader, *in_object))
        })
    }

    /// A variable and everything that its value goes through, each with whether it is but a member of an object there.
    fn reached(
        &self,
        module: ModuleId,
        variable: &str,
        through_foreign: bool,
    ) -> BTreeSet<(Holder, bool)> {
        let mut reached = BTreeSet::new();
        let mut left = vec![(Holder::Variable(module, variable.to_owned()), false)];
        while let Some((holder, in_object)) = left.pop() {
            if reached.contains(&(holder.clone(), in_object)) {
                continue;
            }
            for reader in self.readers.get(&holder).into_iter().flatten() {
                if let Sink::Holder(next) = &reader.sink
                    && (through_foreign || !matches!(next, Holder::Foreign(..)))
                {
                    left.push((next.clone(), reader.leaves_in_object(in_object)));
                }
            }
            reached.insert((holder, in_object));
        }
        reached
    }

    /// Where the value of a literal goes first, with its place in that value.
    fn written(
        &self,
        configuration: &Configuration,
        literal: Location,
    ) -> Option<(Vec<Sink>, Vec<String>)> {
        let tree = configuration.tree(literal.file)?;
        let (_, attribute) = tree.attribute_around(literal.span)?;
        let block = tree.block_in(tree.root(), literal.span);
        let path = path_to(tree, attribute.expr, literal.span);
        let sinks: Vec<Sink> = match configuration.modules_of(literal.file) {
            [] => self.tfvars_sinks(configuration, literal.file, tree.text(attribute.name)),
            modules => modules
                .iter()
                .filter_map(|id| Some((*id, configuration.module(*id)?)))
                .map(|(id, module)| self.sink(configuration, id, module, tree, block, attribute))
                .collect(),
        };
        Some((sinks, path))
    }

    /// A line of a tfvars file sets the variable of that name, also in roots that were not loaded.
    fn tfvars_sinks(&self, configuration: &Configuration, file: FileId, name: &str) -> Vec<Sink> {
        let declares = |id: &&ModuleId| {
            let module = configuration.module(**id);
            module.is_some_and(|module| module.variables.contains_key(name))
        };
        let roots = self.roots.get(&file).into_iter().flatten();
        let known = roots
            .filter(declares)
            .map(|id| Sink::Holder(Holder::Variable(*id, name.to_owned())));
        let is_open = self.for_unknown_roots.contains(&file);
        let unknown = is_open.then_some(Sink::Elsewhere);
        known.chain(unknown).collect()
    }
}

/// For each tfvars file the roots that may be run with it: those in the directories above it, or all of them where
/// something says that it is given to others.
fn roots_of_values(configuration: &Configuration) -> FxHashMap<FileId, Vec<ModuleId>> {
    let mut by_dir: FxHashMap<&Path, Vec<ModuleId>> = FxHashMap::default();
    for (id, module) in configuration.modules_with_ids() {
        by_dir.entry(&module.dir).or_default().push(id);
    }
    let roots = |file: &ValuesFile| match file.is_given {
        true => configuration.module_ids().collect(),
        false => {
            let above = file.dir.ancestors().filter_map(|dir| by_dir.get(dir));
            above.flatten().copied().collect()
        }
    };
    let values = configuration.values.iter();
    values.map(|file| (file.file, roots(file))).collect()
}

fn is_sensitive_output(configuration: &Configuration, holder: &Holder) -> bool {
    let Holder::Output(id, name) = holder else {
        return false;
    };
    let output = configuration
        .module(*id)
        .and_then(|module| module.outputs.get(name));
    let sensitive = output.and_then(|output| output.arguments.get("sensitive"));
    sensitive.is_some_and(|argument| {
        let tree = configuration.tree(argument.expr.file);
        tree.is_some_and(|tree| matches!(tree.expr(argument.expr.expr).kind, ExprKind::Bool(true)))
    })
}

/// The variables that a `module` block sets, to which `each.value` may go.
fn arguments_of_call(
    configuration: &Configuration,
    tree: &Tree,
    module: &Module,
    block: Option<&Block>,
) -> Vec<Sink> {
    let Some(block) = block.filter(|block| tree.text(block.keyword) == "module") else {
        return Vec::new();
    };
    let call = tree
        .first_label(block)
        .and_then(|name| module.calls.get(name));
    let Some(target) = call.and_then(|call| call.target) else {
        return vec![Sink::UnknownModule];
    };
    let variables = configuration.module(target).map(|module| &module.variables);
    let attributes = tree.attributes_of(tree.body(block.body)).iter();
    let set = attributes.filter(|attribute| {
        variables.is_some_and(|variables| variables.contains_key(tree.text(attribute.name)))
    });
    set.map(|attribute| tree.text(attribute.name).to_owned())
        .map(|name| Sink::Holder(Holder::Variable(target, name)))
        .collect()
}

/// The outputs of a called module that a path reads: one, or all where the path does not say which.
fn output_holders(
    configuration: &Configuration,
    module: &Module,
    call: &str,
    path: Vec<String>,
) -> Vec<(Holder, Vec<String>)> {
    let Some(target) = module.calls.get(call).and_then(|call| call.target) else {
        return Vec::new();
    };
    let outputs = configuration.module(target).map(|m| &m.outputs);
    let outputs = outputs.into_iter().flat_map(|outputs| outputs.keys());
    // An instance key of a call with `count` or `for_each` stands before the output's name.
    let at = path.iter().take(2).position(|step| {
        configuration
            .module(target)
            .is_some_and(|module| module.outputs.contains_key(step))
    });
    match at.and_then(|at| Some((path.get(at)?.clone(), path.get(at + 1..)?.to_vec()))) {
        Some((name, rest)) => vec![(Holder::Output(target, name), rest)],
        None => outputs
            .map(|name| (Holder::Output(target, name.clone()), Vec::new()))
            .collect(),
    }
}

/// Whether something outside the configuration may read it: an output of a module that nobody here calls, or somebody
/// whose directory was not loaded.
fn is_open(configuration: &Configuration, holder: &Holder) -> bool {
    let Holder::Output(id, _) = holder else {
        return false;
    };
    let module = configuration.module(*id);
    configuration.callers(*id).is_empty() || module.is_some_and(|module| module.has_unknown_callers)
}

/// Every attribute of a tree, nested blocks included, with the top-level block that it stands in.
fn attributes(tree: &Tree) -> impl Iterator<Item = (Option<&Block>, &Attribute)> {
    let mut stack: Vec<(Option<&Block>, &Body)> = vec![(None, tree.root())];
    std::iter::from_fn(move || {
        let (top, body) = stack.pop()?;
        stack.extend(
            tree.blocks_of(body)
                .iter()
                .map(|block| (top.or(Some(block)), tree.body(block.body))),
        );
        Some(
            tree.attributes_of(body)
                .iter()
                .map(move |attribute| (top, attribute)),
        )
    })
    .flatten()
}

/// The keys that lead from an expression to a literal in it, up to the first operator or function.
fn path_to(tree: &Tree, from: ExprId, literal: Span) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = from;
    loop {
        let holds = |id: &ExprId| tree.expr(*id).span.contains(literal);
        let next = match &tree.expr(at).kind {
            ExprKind::Parens(inner) => Some(*inner),
            ExprKind::Conditional {
                if_true, if_false, ..
            } => [*if_true, *if_false].into_iter().find(holds),
            ExprKind::Tuple(items) => {
                let index = items.iter().position(holds);
                index.and_then(|index| {
                    path.push(index.to_string());
                    items.get(index).copied()
                })
            }
            ExprKind::Object(items) => {
                items
                    .iter()
                    .find(|item| holds(&item.value))
                    .and_then(|item| {
                        path.push(tree.plain_string(item.key)?.to_owned());
                        Some(item.value)
                    })
            }
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => return path,
        }
    }
}

/// Whether an expression is an object, and what stands there the whole value of one of its members, at any depth.
fn is_member(tree: &Tree, expr: ExprId, value: Span) -> bool {
    let holds = |id: &ExprId| tree.expr(*id).span.contains(value);
    let (mut at, mut depth) = (expr, 0);
    loop {
        let next = match &tree.expr(at).kind {
            ExprKind::Parens(inner) => Some(*inner),
            ExprKind::Object(items) => {
                depth += 1;
                items.iter().map(|item| item.value).find(holds)
            }
            _ => return depth > 0 && tree.expr(at).span == value,
        };
        match next {
            Some(next) => at = next,
            None => return false,
        }
    }
}

/// What is left of the path of a value for one who reads `read` of it; `None` where the two part.
fn overlap<'p>(path: &'p [String], read: &[String]) -> Option<&'p [String]> {
    let parts = path.iter().zip(read).any(|(a, b)| a != b);
    (!parts).then(|| path.get(read.len()..).unwrap_or_default())
}
