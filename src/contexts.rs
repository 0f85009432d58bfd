//! Each module in each context: which there are, and what the rules say in them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::environment::Environment;
use crate::eval::{Evaluator, InstanceId, Kind, LeftOut, Start, Trace, Value};
use crate::policy::Policy;
use crate::rules::{self, KnownFields, Reported, Scope};
use crate::source::Location;
use crate::terraform::{Configuration, Given, Module, ModuleId, RootContext};

/// Contexts with a value of more members are not compared with others: looking at two that are equal leaves nothing out.
const MOST_MEMBERS: usize = 10_000;

/// How many different contexts of modules are looked at beside those that are written as calls or tfvars files one by one:
/// where calls branch at every step, a few files make thousands of millions.
const MOST_UNWRITTEN: usize = 5_000;

/// How much work a context is granted because those before were as much.
const MOST_GRANTED_AT_ONCE: u64 = 30_000;

/// More lines than this do not name each context in which an argument is not looked at.
const MOST_RUNS_NAMED: usize = 3;

/// What a check of one root has found.
#[derive(Debug, Default)]
pub struct Checked {
    /// What the rules found, in all contexts.
    pub reported: Vec<Reported>,
    /// What was left out, and why: a sentence for each argument.
    pub incomplete: BTreeSet<String>,
}

/// What is the same for every root of a run.
pub struct Checker<'a> {
    configuration: &'a Configuration,
    /// The modules that rules look at.
    checked: BTreeSet<ModuleId>,
    /// The modules from which calls lead to those, these among them.
    leading: BTreeSet<ModuleId>,
    policy: &'a Policy<'a>,
    environment: &'a Environment,
    now: i64,
    /// How many calls are written in all modules.
    written_calls: usize,
}

impl<'a> Checker<'a> {
    /// A checker of everything that was read, at a time in seconds since 1970.
    pub fn new(
        configuration: &'a Configuration,
        policy: &'a Policy<'a>,
        environment: &'a Environment,
        now: i64,
    ) -> Self {
        let is_checked = |module: &Module| {
            let house = &policy.configurations().of(&module.dir).custom;
            rules::uses_zenml(module)
                || house
                    .iter()
                    .any(|rule| rules::blocks_of_custom(rule, module).next().is_some())
        };
        let checked: BTreeSet<ModuleId> = configuration
            .module_ids()
            .filter(|id| configuration.module(*id).is_some_and(is_checked))
            .collect();
        Self {
            configuration,
            leading: leading(configuration, &checked),
            checked,
            policy,
            environment,
            now,
            written_calls: configuration
                .modules
                .iter()
                .map(|module| module.calls.len())
                .sum(),
        }
    }

    /// Checks a root module in each of its contexts, and all that it calls.
    pub fn check_root(&self, root: ModuleId, contexts: &[RootContext]) -> Checked {
        let mut reported = Vec::new();
        let mut checked = self.visit_root(root, contexts, &mut |scope| {
            reported.extend(rules::check(scope));
        });
        checked.reported = reported;
        checked
    }

    /// Looks at a root module in each of its contexts, and at all that it calls. Nothing is checked: there are no findings.
    pub fn visit_root(
        &self,
        root: ModuleId,
        contexts: &[RootContext],
        look: &mut dyn FnMut(&Scope<'_>),
    ) -> Checked {
        let evaluator = Evaluator::lenient(self.configuration);
        let mut visit = Visit {
            checker: self,
            evaluator: &evaluator,
            look,
            fields: Rc::default(),
            seen: FxHashMap::default(),
            above: Vec::new(),
            left_out: BTreeMap::new(),
            left_to_look_at: MOST_UNWRITTEN + contexts.len() + self.written_calls,
            is_cut: false,
            result: Checked::default(),
        };
        for context in contexts {
            evaluator.refill();
            let instance = evaluator.root(root, context);
            visit.module(instance, root);
            for (argument, left_out) in evaluator.take_left_out() {
                let (_, runs) = visit
                    .left_out
                    .entry(argument)
                    .or_insert_with(|| (left_out, Vec::new()));
                runs.push(context);
            }
        }
        let left_out = std::mem::take(&mut visit.left_out).into_iter();
        let sentences =
            left_out.map(|(argument, (left_out, runs))| self.describe(argument, left_out, &runs));
        visit.result.incomplete.extend(sentences);
        visit.result
    }

    /// What is not looked at of an argument, and in which runs of the root.
    fn describe(
        &self,
        argument: Location,
        (left_out, name): (LeftOut, &str),
        runs: &[&RootContext],
    ) -> String {
        let sources = &self.configuration.sources;
        let file = sources.get(argument.file);
        let path = file.map_or("", |file| file.display.as_str());
        let line = file.map_or(0, |file| file.position(argument.span.start as usize).line);
        let what = match left_out {
            LeftOut::Value => format!("the value of `{name}` takes too much work to compute"),
            LeftOut::Alternatives => format!("`{name}` may have too many values"),
            LeftOut::Instances => format!("`{name}` makes too many instances"),
        };
        let mut named: Vec<String> = runs.iter().filter_map(|run| self.tfvars_of(run)).collect();
        named.dedup();
        let more = named.len().saturating_sub(MOST_RUNS_NAMED);
        named.truncate(MOST_RUNS_NAMED);
        if more > 0 {
            named.push(format!("{more} more"));
        }
        let with = match named.as_slice() {
            [] => String::new(),
            named => format!(" (with {})", named.join("; ")),
        };
        format!("{path}:{line}: {what}{with}: not all of it is checked")
    }

    /// The tfvars files that a root is run with, as they are shown.
    fn tfvars_of(&self, run: &RootContext) -> Option<String> {
        let given = run.given.values().flatten();
        let files: BTreeSet<&str> = given
            .filter_map(|given| match given {
                Given::Tfvars(line) => self.configuration.sources.get(line.span.file),
                Given::Run { .. } => None,
            })
            .map(|file| file.display.as_str())
            .collect();
        let files: Vec<&str> = files.into_iter().collect();
        (!files.is_empty()).then(|| files.join(", "))
    }
}

struct Visit<'v, 'a> {
    checker: &'v Checker<'a>,
    evaluator: &'v Evaluator<'v>,
    /// What was asked for of the fields of resources.
    fields: Rc<KnownFields>,
    /// What is done with each module in each context.
    look: &'v mut dyn FnMut(&Scope<'_>),
    /// What is known of each module from its contexts so far.
    seen: FxHashMap<ModuleId, Seen>,
    /// The modules whose calls lead to the one at hand.
    above: Vec<ModuleId>,
    /// The arguments that were not wholly looked at: why, their names, and in which runs of the root.
    left_out: BTreeMap<Location, LeftOutIn<'v>>,
    /// How many contexts may still be looked at.
    left_to_look_at: usize,
    /// Whether it was said that contexts are left out.
    is_cut: bool,
    result: Checked,
}

/// Why an argument was not wholly looked at, its name, and in which runs of the root.
type LeftOutIn<'v> = ((LeftOut, &'v str), Vec<&'v RootContext>);

/// The contexts of a module.
#[derive(Default)]
struct Seen {
    /// Those that were checked, by what tells them apart.
    different: FxHashSet<u64>,
    /// The most work that one of them was.
    work: u64,
}

impl Visit<'_, '_> {
    fn module(&mut self, instance: InstanceId, id: ModuleId) {
        let Some(module) = self.checker.configuration.module(id) else {
            return;
        };
        let before = self.evaluator.work();
        let seen = self.seen.entry(id).or_default();
        // Twice, since no value may cost more than half of what is left.
        let expected = seen.work.saturating_mul(2);
        self.evaluator.grant(expected.min(MOST_GRANTED_AT_ONCE));
        let fingerprint = self.fingerprint(instance, id);
        let seen = self.seen.entry(id).or_default();
        if fingerprint.is_some_and(|fingerprint| !seen.different.insert(fingerprint)) {
            return;
        }
        if self.left_to_look_at == 0 && self.is_cut {
            return;
        }
        if self.left_to_look_at == 0 {
            self.is_cut = true;
            let sources = &self.checker.configuration.sources;
            let file = module.files.first().and_then(|file| sources.get(*file));
            let path = file.map_or("", |file| file.display.as_str());
            let sentence =
                format!("{path}: calls lead to this module in too many ways: not all are checked");
            self.result.incomplete.insert(sentence);
            return;
        }
        self.left_to_look_at -= 1;
        if self.checker.checked.contains(&id) {
            self.look_at(instance, id);
        }
        let work = self.evaluator.work() - before;
        let seen = self.seen.entry(id).or_default();
        seen.work = seen.work.max(work);
        self.above.push(id);
        for (name, call) in &module.calls {
            let target = call.target.filter(|target| {
                self.checker.leading.contains(target) && !self.above.contains(target)
            });
            if let Some(target) = target {
                // What is left out of the instances is noted.
                let _ = self.evaluator.judged_expansion(instance, &call.block);
                let children = self.evaluator.children(instance, name);
                let idle = if children.is_empty() {
                    self.evaluator.idle_child(instance, name)
                } else {
                    None
                };
                for child in children.iter().copied().chain(idle) {
                    self.module(child, target);
                }
            }
        }
        self.above.pop();
    }

    fn look_at(&mut self, instance: InstanceId, id: ModuleId) {
        let Some(module) = self.checker.configuration.module(id) else {
            return;
        };
        let scope = Scope::new(
            self.evaluator,
            instance,
            module,
            self.above.is_empty(),
            self.checker.policy,
            self.checker.environment,
            self.checker.now,
        )
        .sharing(self.fields.clone());
        (self.look)(&scope);
    }

    /// What tells the contexts of a module apart: the values of its variables, and where these were written. `None` where
    /// that is too much to be compared.
    fn fingerprint(&self, instance: InstanceId, id: ModuleId) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        let module = self.checker.configuration.module(id)?;
        for name in module.variables.keys() {
            name.hash(&mut hasher);
            match self.evaluator.variable(instance, name) {
                Ok(value) => hash_value(self.evaluator, &value, &mut hasher)?,
                Err(_) => 0.hash(&mut hasher),
            }
        }
        Some(hasher.finish())
    }
}

/// `None` where there is too much of it.
fn hash_value(evaluator: &Evaluator<'_>, value: &Value, hasher: &mut impl Hasher) -> Option<()> {
    let mut stack = vec![value];
    let mut members = 0;
    while let Some(value) = stack.pop() {
        members += 1;
        if members > MOST_MEMBERS {
            return None;
        }
        std::mem::discriminant(&value.kind).hash(hasher);
        hash_ways(evaluator, &value.trace(), hasher);
        value.choices().len().hash(hasher);
        for choice in value.choices() {
            choice.value.as_str().hash(hasher);
            hash_ways(evaluator, &choice.value.trace(), hasher);
        }
        match &value.kind {
            Kind::Null(_) => {}
            Kind::Unknown(unknown) => unknown.prefix.hash(hasher),
            Kind::Bool(value) => value.hash(hasher),
            Kind::Number(number) => number.to_text().hash(hasher),
            Kind::String(text) => text.hash(hasher),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                items.len().hash(hasher);
                stack.extend(items.iter());
            }
            Kind::Map(_, entries) | Kind::Object(entries) => {
                entries.len().hash(hasher);
                for (key, member) in entries.iter() {
                    key.hash(hasher);
                    stack.push(member);
                }
            }
        }
    }
    Some(())
}

/// What a value has come from. Instances of modules are told apart by the calls that lead there: one root that is run in
/// several ways has several of each.
fn hash_ways(evaluator: &Evaluator<'_>, trace: &Trace, hasher: &mut impl Hasher) {
    let ways = trace.known_ways();
    ways.len().hash(hasher);
    for way in ways {
        way.hops.hash(hasher);
        let (of, attribute) = match &way.start {
            Start::Computed { of, attribute, .. } | Start::Read { of, attribute } => {
                (of, Some(attribute))
            }
            Start::Resource { of, .. } => (of, None),
            Start::Literal(_) | Start::Run { .. } => {
                way.start.hash(hasher);
                continue;
            }
        };
        (of.header, of.position, attribute).hash(hasher);
        evaluator.call_path(of.instance).hash(hasher);
    }
}

/// The modules from which calls lead to one of `wanted`, these among them.
fn leading(configuration: &Configuration, wanted: &BTreeSet<ModuleId>) -> BTreeSet<ModuleId> {
    let mut leading = wanted.clone();
    let mut left: Vec<ModuleId> = wanted.iter().copied().collect();
    while let Some(module) = left.pop() {
        for (caller, _) in configuration.callers(module) {
            if leading.insert(*caller) {
                left.push(*caller);
            }
        }
    }
    leading
}
