//! Who else reads a literal: the index of reverse uses, which decides whether a fix is safe.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use rustc_hash::{FxHashMap, FxHashSet};

use super::model::{self, Configuration, Module, ModuleId, ValuesFile};
use super::passage::{Passage, Trim};
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
    /// An attribute of a zenml resource or data source, by the block's address; all of it where the name is empty.
    Zenml(ModuleId, String, String),
}

/// Where a value goes that an expression reads or writes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sink {
    /// On to everyone who reads the holder.
    Holder(Holder),
    /// Into an argument of that name of a zenml provider block.
    Provider(String),
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
    /// Whether it reads just these, and not something below them.
    is_exact: bool,
    /// What becomes of the text that it reads.
    passage: Passage,
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
    /// The modules that a file, or a test in it, belongs to.
    modules: FxHashMap<FileId, Vec<ModuleId>>,
    /// Tells the top-level blocks whose arguments a fix may change.
    is_zenml: IsZenml,
    /// The resources and data sources with `count` or `for_each`, by their addresses.
    repeated: FxHashSet<(ModuleId, String)>,
    /// What was asked for: see [`Uses::effect`].
    effects: Mutex<FxHashMap<(Location, &'static str), Effect>>,
}

/// An edit that takes away the beginning or the end of a literal.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// What goes.
    pub at: Location,
    /// The argument of zenml provider blocks for which this is meant.
    pub argument: &'static str,
}

/// What an edit does to the values that read the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Each of them stays the same or loses just that text at its beginning or end, and all of them reach nothing but
    /// the argument that the edit is meant for.
    Intended,
    /// Something else may read it, or make something else of it.
    Unclear,
    /// The same, and the literal is then empty: `coalesce` would pass it over.
    Empties,
}

/// How a text that lies within a value is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Edge {
    /// Where it is cut at the beginning: what must still be taken off before it.
    start: Option<Trim>,
    /// Where it is cut at the end: what must still be taken off behind it.
    end: Option<Trim>,
    /// Whether text is left, so that the value is not empty.
    has_text: bool,
    /// Whether no whitespace comes to the edge.
    is_solid: bool,
}

impl Edge {
    /// The edge that a cut leaves of a literal.
    fn new(source: &str, literal: Span, cut: Span) -> Self {
        let text = |start, end| Span { start, end }.text(source);
        let (before, behind) = (text(literal.start, cut.start), text(cut.end, literal.end));
        let has_slash = cut.text(source).contains('/');
        let (start, end) = (trim_of(before), trim_of(behind));
        let kept = if end.is_some() { before } else { behind };
        let edge = if end.is_some() {
            kept.chars().next_back()
        } else {
            kept.chars().next()
        };
        Self {
            start: start.filter(|_| !has_slash),
            end,
            has_text: !(before.is_empty() && behind.is_empty()),
            // What an escape means is not looked into.
            is_solid: edge.is_some_and(|edge| !edge.is_whitespace()) && !kept.contains('\\'),
        }
    }

    /// The same after a passage; `None` where the passage may make something else of the text.
    fn through(self, passage: &Passage) -> Option<Self> {
        let taken = |left: Trim| {
            if left <= passage.trims {
                Trim::Nothing
            } else {
                left
            }
        };
        let next = Self {
            start: self
                .start
                .filter(|_| passage.begins)
                .map(|left| match left {
                    // `chomp` leaves the beginning alone.
                    Trim::LineBreaks if passage.trims == Trim::LineBreaks => left,
                    left => taken(left),
                }),
            end: self.end.filter(|_| passage.ends).map(taken),
            has_text: self.has_text || passage.adds_text,
            is_solid: self.is_solid,
        };
        let stays = (!passage.needs_text || self.has_text)
            && (passage.trims == Trim::Nothing || self.is_solid);
        (stays && (next.start.is_some() || next.end.is_some())).then_some(next)
    }

    /// Whether the value begins or ends with what was cut.
    fn is_outermost(self) -> bool {
        self.start == Some(Trim::Nothing) || self.end == Some(Trim::Nothing)
    }
}

/// What must be taken off a text so that nothing is left; `None` where it is more than whitespace.
fn trim_of(text: &str) -> Option<Trim> {
    if text.is_empty() {
        Some(Trim::Nothing)
    } else if text.chars().all(|c| matches!(c, '\r' | '\n')) {
        Some(Trim::LineBreaks)
    } else {
        text.trim().is_empty().then_some(Trim::Whitespace)
    }
}

/// Past this many readers a literal is taken to feed something else, too.
const MOST_READERS: usize = 2_000;

/// A literal that is cut.
struct Written {
    /// Where the value goes that it is in.
    sinks: Vec<Sink>,
    /// What becomes of it there.
    passage: Passage,
    /// How it is cut.
    edge: Edge,
    /// Whether the cut leaves nothing of the whole string.
    empties: bool,
    /// Whether the cut may make a null of an error, which `try` would pass over.
    may_be_null: bool,
}

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
            modules: FxHashMap::default(),
            is_zenml,
            repeated: repeated(configuration),
            effects: Mutex::default(),
        };
        for (id, module) in configuration.modules_with_ids() {
            let tests = module.test_files.iter().map(|test| &test.file);
            for file in module.files.iter().chain(tests) {
                uses.modules.entry(*file).or_default().push(id);
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
        for place in attributes(tree) {
            let Place {
                block, attribute, ..
            } = place;
            let references = references(tree, attribute.expr, module.is_stack);
            if references.is_empty() {
                continue;
            }
            let sink = self.sink(configuration, id, module, tree, place);
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
                let is_exact = !reference.has_computed_key;
                let passage = Passage::new(tree, attribute.expr, reference.whole);
                let in_key = reference.in_key;
                let whole = reference.whole == expr;
                let in_object = is_member(tree, attribute.expr, reference.whole);
                let holders = match reference.subject {
                    Subject::Variable(name) => vec![(Holder::Variable(id, name), path)],
                    Subject::Local(name) => vec![(Holder::Local(id, name), path)],
                    Subject::Module(name) => output_holders(configuration, module, &name, path),
                    Subject::Resource(ty, name) => {
                        let is_zenml = (self.is_zenml)(module, "resource", &ty);
                        vec![self.resource(id, format!("{ty}.{name}"), is_zenml, path)]
                    }
                    Subject::Data(ty, name) => {
                        let is_zenml = (self.is_zenml)(module, "data", &ty);
                        vec![self.resource(id, format!("data.{ty}.{name}"), is_zenml, path)]
                    }
                    Subject::Ephemeral(..) => continue,
                };
                for (holder, path) in holders {
                    let readers = self.readers.entry(holder).or_default();
                    readers.extend(through_each.iter().map(|sink| Reader {
                        sink: sink.clone(),
                        path: path.clone(),
                        is_exact,
                        passage: passage.clone(),
                        whole: false,
                        in_key,
                        in_object: false,
                    }));
                    readers.push(Reader {
                        sink: sink.clone(),
                        path,
                        is_exact,
                        passage: passage.clone(),
                        whole,
                        in_key,
                        in_object,
                    });
                }
            }
        }
    }

    /// The holder that a reference to a resource or data source reads, and what it reads of that.
    fn resource(
        &self,
        id: ModuleId,
        address: String,
        is_zenml: bool,
        mut path: Vec<String>,
    ) -> (Holder, Vec<String>) {
        if !is_zenml {
            return (Holder::Foreign(id, address), path);
        }
        // The key of an instance comes first.
        if self.repeated.contains(&(id, address.clone())) && !path.is_empty() {
            path.remove(0);
        }
        let argument = path.into_iter().next().unwrap_or_default();
        (Holder::Zenml(id, address, argument), Vec::new())
    }

    /// Where the value of an attribute goes.
    fn sink(
        &self,
        configuration: &Configuration,
        id: ModuleId,
        module: &Module,
        tree: &Tree,
        place: Place<'_>,
    ) -> Sink {
        let Place {
            block: Some(block),
            nested,
            attribute,
        } = place
        else {
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
            ("provider", name, Some(label)) if (self.is_zenml)(module, keyword, &label) => {
                Sink::Provider(name.to_owned())
            }
            _ => {
                if let Some(address) = self.address(module, tree, block, true) {
                    let argument = nested.map_or(name, |nested| tree.text(nested.keyword));
                    return Sink::Holder(Holder::Zenml(id, address, argument.to_owned()));
                }
                let foreign = self.foreign(id, module, tree, block);
                foreign.map_or(Sink::Elsewhere, Sink::Holder)
            }
        }
    }

    /// The resource or data source of another provider that a block is.
    fn foreign(&self, id: ModuleId, module: &Module, tree: &Tree, block: &Block) -> Option<Holder> {
        let address = self.address(module, tree, block, false)?;
        Some(Holder::Foreign(id, address))
    }

    /// The address of the resource or data source that a block is, of zenml or of other providers.
    fn address(
        &self,
        module: &Module,
        tree: &Tree,
        block: &Block,
        of_zenml: bool,
    ) -> Option<String> {
        let [ty, name] = &*block.labels else {
            return None;
        };
        let (ty, name) = (tree.text(ty.text), tree.text(name.text));
        let keyword = tree.text(block.keyword);
        if (self.is_zenml)(module, keyword, ty) != of_zenml {
            return None;
        }
        match keyword {
            "resource" => Some(format!("{ty}.{name}")),
            "data" => Some(format!("data.{ty}.{name}")),
            _ => None,
        }
    }

    /// What a cut does to the values that read the literal, through every local, output, variable and call. What very
    /// many places read is taken to be read by something else, too.
    pub fn effect(&self, configuration: &Configuration, cut: Cut) -> Effect {
        let key = (cut.at, cut.argument);
        let known = self.effects.lock().ok();
        let known = known.and_then(|known| known.get(&key).copied());
        known.unwrap_or_else(|| {
            let effect = self.find_effect(configuration, cut);
            if let Ok(mut known) = self.effects.lock() {
                known.insert(key, effect);
            }
            effect
        })
    }

    fn find_effect(&self, configuration: &Configuration, cut: Cut) -> Effect {
        let Some(written) = self.written(configuration, cut.at) else {
            return Effect::Unclear;
        };
        if self.is_intended(configuration, cut, &written) {
            Effect::Intended
        } else if written.empties {
            Effect::Empties
        } else {
            Effect::Unclear
        }
    }

    fn is_intended(&self, configuration: &Configuration, cut: Cut, written: &Written) -> bool {
        let Some(edge) = written.edge.through(&written.passage) else {
            return false;
        };
        if written.may_be_null {
            return false;
        }
        let mut seen: FxHashSet<(&Holder, Vec<String>, Edge)> = FxHashSet::default();
        let sinks = written.sinks.iter();
        let mut left: Vec<(&Sink, Vec<String>, Edge)> = sinks
            .map(|sink| (sink, written.passage.keys.clone(), edge))
            .collect();
        let mut looked_at = 0;
        let Some(cut_file) = configuration.sources.get(cut.at.file) else {
            return false;
        };
        while let Some((sink, path, edge)) = left.pop() {
            let holder = match sink {
                Sink::Provider(name) if name == cut.argument && edge.is_outermost() => continue,
                Sink::Holder(
                    holder @ (Holder::Variable(..) | Holder::Local(..) | Holder::Output(..)),
                ) => holder,
                _ => return false,
            };
            if !seen.insert((holder, path.clone(), edge)) {
                continue;
            }
            if is_open(configuration, holder) || cut_file.has_other_names {
                return false;
            }
            for reader in self.readers.get(holder).into_iter().flatten() {
                looked_at += 1;
                if looked_at > MOST_READERS {
                    return false;
                }
                let Some(rest) = overlap(&path, &reader.path) else {
                    continue;
                };
                let Some(edge) = edge.through(&reader.passage) else {
                    return false;
                };
                let mut path = reader.passage.keys.clone();
                if reader.passage.is_exact && reader.is_exact {
                    path.extend_from_slice(rest);
                }
                left.push((&reader.sink, path, edge));
            }
        }
        !written.sinks.is_empty()
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
                    && (through_foreign || !matches!(next, Holder::Foreign(..) | Holder::Zenml(..)))
                {
                    left.push((next.clone(), reader.leaves_in_object(in_object)));
                }
            }
            if let Holder::Zenml(id, address, argument) = &holder
                && !argument.is_empty()
            {
                let whole = Holder::Zenml(*id, address.clone(), String::new());
                left.push((whole, in_object));
            }
            reached.insert((holder, in_object));
        }
        reached
    }

    /// Where the value of a literal goes first, and how.
    fn written(&self, configuration: &Configuration, cut: Location) -> Option<Written> {
        let tree = configuration.tree(cut.file)?;
        let source = &configuration.sources.get(cut.file)?.text;
        let (_, attribute) = tree.attribute_around(cut.span)?;
        let block = tree.block_in(tree.root(), cut.span);
        let nested = block.and_then(|block| tree.block_in(tree.body(block.body), cut.span));
        let passage = Passage::new(tree, attribute.expr, cut.span);
        let literal = passage
            .literal
            .filter(|literal| literal.span.contains(cut.span))?;
        let sinks: Vec<Sink> = if self.roots.contains_key(&cut.file) {
            self.tfvars_sinks(configuration, cut.file, tree.text(attribute.name))
        } else {
            let place = Place {
                block,
                nested,
                attribute,
            };
            let modules = self.modules.get(&cut.file).into_iter().flatten();
            modules
                .filter_map(|id| Some((*id, configuration.module(*id)?)))
                .map(|(id, module)| self.sink(configuration, id, module, tree, place))
                .collect()
        };
        Some(Written {
            sinks,
            edge: Edge::new(source, literal.span, cut.span),
            empties: literal.is_alone && literal.span == cut.span,
            may_be_null: passage.is_tried && literal.is_around_one && literal.span == cut.span,
            passage,
        })
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
    let call = module.calls.get(call);
    let Some((call, target)) = call.and_then(|call| Some((call, call.target?))) else {
        return Vec::new();
    };
    let outputs = configuration.module(target).map(|m| &m.outputs);
    let outputs = outputs.into_iter().flat_map(|outputs| outputs.keys());
    // The key of an instance comes first.
    let mut path = path.into_iter().skip(usize::from(is_repeated(&call.block)));
    match path.next() {
        Some(name) => vec![(Holder::Output(target, name), path.collect())],
        None => outputs
            .map(|name| (Holder::Output(target, name.clone()), Vec::new()))
            .collect(),
    }
}

/// Whether something that is not known may read it. Of an output that is never ruled out: a test may, and a caller in what
/// git ignores, in another repository, or with the address of this one.
fn is_open(configuration: &Configuration, holder: &Holder) -> bool {
    let (Holder::Variable(id, _)
    | Holder::Local(id, _)
    | Holder::Output(id, _)
    | Holder::Foreign(id, _)
    | Holder::Zenml(id, ..)) = holder;
    let module = configuration.module(*id);
    matches!(holder, Holder::Output(..)) || module.is_none_or(|module| module.has_hidden_readers)
}

/// An attribute, and where it stands.
#[derive(Clone, Copy)]
struct Place<'t> {
    /// The top-level block.
    block: Option<&'t Block>,
    /// The outermost block within that.
    nested: Option<&'t Block>,
    attribute: &'t Attribute,
}

/// Every attribute of a tree.
fn attributes(tree: &Tree) -> impl Iterator<Item = Place<'_>> {
    let mut stack: Vec<(Option<&Block>, Option<&Block>, &Body)> = vec![(None, None, tree.root())];
    std::iter::from_fn(move || {
        let (top, nested, body) = stack.pop()?;
        stack.extend(tree.blocks_of(body).iter().map(|block| {
            let nested = nested.or(top.map(|_| block));
            (top.or(Some(block)), nested, tree.body(block.body))
        }));
        let attributes = tree.attributes_of(body).iter();
        Some(attributes.map(move |attribute| Place {
            block: top,
            nested,
            attribute,
        }))
    })
    .flatten()
}

/// The addresses of the resources and data sources with `count` or `for_each`.
fn repeated(configuration: &Configuration) -> FxHashSet<(ModuleId, String)> {
    let mut repeated = FxHashSet::default();
    for (id, module) in configuration.modules_with_ids() {
        let resources = module.resources.iter().map(|block| ("", block));
        let data = module.data.iter().map(|block| ("data.", block));
        for (before, block) in resources.chain(data) {
            if is_repeated(block) {
                repeated.insert((id, format!("{before}{}", block.labels.join("."))));
            }
        }
    }
    repeated
}

/// Whether a resource, a data source or a call has any number of instances.
fn is_repeated(block: &model::Block) -> bool {
    ["count", "for_each"]
        .iter()
        .any(|name| block.arguments.contains_key(*name))
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
