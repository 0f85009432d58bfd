//! Each module in each context: which there are, and what the rules say in them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use crate::environment::Environment;
use crate::eval::{Evaluator, InstanceId, Kind, Start, Trace, Value, When};
use crate::policy::Policy;
use crate::redact::Secrets;
use crate::rules::{self, KnownFields, Reported, Scope};
use crate::terraform::{Configuration, Given, Module, ModuleId, RootContext};
use crate::zenml::credential::secret_reference;
use crate::zenml::{placeholder, url};

/// Past this many different contexts of one module the rest is left out.
const MOST_CONTEXTS: usize = 64;

/// Past this many instances of one module the rest is not even compared with those.
const MOST_COMPARED: usize = 2_000;

/// Past this many members of a value its contexts are told apart by the rest alone.
const MOST_MEMBERS: usize = 10_000;

/// What a check of one root has found.
#[derive(Debug, Default)]
pub struct Checked {
    /// What the rules found, in all contexts.
    pub reported: Vec<Reported>,
    /// What must not be shown.
    pub secrets: Secrets,
    /// What was left out, and why.
    pub remarks: BTreeSet<String>,
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
            seen: BTreeMap::new(),
            above: Vec::new(),
            result: Checked::default(),
        };
        for context in contexts {
            evaluator.refill();
            let instance = evaluator.root(root, context);
            visit.module(instance, root);
            if evaluator.exhausted() {
                let remark = self.exhausted(root, context);
                visit.result.remarks.insert(remark);
            }
        }
        visit.result
    }

    fn exhausted(&self, root: ModuleId, context: &RootContext) -> String {
        let dir = self.configuration.module(root).map(|module| &module.dir);
        let dir = dir.map(|dir| dir.display().to_string()).unwrap_or_default();
        let given = context.given.values().flatten();
        let files: BTreeSet<&str> = given
            .filter_map(|given| match given {
                Given::Tfvars(line) => self.configuration.sources.get(line.span.file),
                Given::Run { .. } => None,
            })
            .map(|file| file.display.as_str())
            .collect();
        let files: Vec<&str> = files.into_iter().collect();
        let with = if files.is_empty() {
            String::new()
        } else {
            format!(" (with {})", files.join(", "))
        };
        format!("{dir}{with}: some values are too large to be computed, and count as unknown")
    }
}

struct Visit<'v, 'a> {
    checker: &'v Checker<'a>,
    evaluator: &'v Evaluator<'v>,
    /// What was asked for of the fields of resources.
    fields: Rc<KnownFields>,
    /// What is done with each module in each context.
    look: &'v mut dyn FnMut(&Scope<'_>),
    /// The contexts in which each module was checked.
    seen: BTreeMap<ModuleId, Seen>,
    /// The modules whose calls lead to the one at hand.
    above: Vec<ModuleId>,
    result: Checked,
}

/// The contexts of a module.
#[derive(Default)]
struct Seen {
    /// Those that were checked, by what tells them apart.
    different: BTreeSet<u64>,
    /// How many were looked at.
    compared: usize,
}

impl Visit<'_, '_> {
    fn module(&mut self, instance: InstanceId, id: ModuleId) {
        let Some(module) = self.checker.configuration.module(id) else {
            return;
        };
        if self.seen.entry(id).or_default().compared == MOST_COMPARED {
            self.result.remarks.insert(format!(
                "{}: called more than {MOST_COMPARED} times; the rest is left out",
                module.dir.display()
            ));
            return;
        }
        let fingerprint = self.fingerprint(instance, id);
        let seen = self.seen.entry(id).or_default();
        seen.compared += 1;
        if seen.different.contains(&fingerprint) {
            return;
        }
        if seen.different.len() == MOST_CONTEXTS {
            self.result.remarks.insert(format!(
                "{}: called with more than {MOST_CONTEXTS} different sets of values; the rest is left out",
                module.dir.display()
            ));
            return;
        }
        seen.different.insert(fingerprint);
        if self.checker.checked.contains(&id) {
            self.look_at(instance, id);
        }
        self.above.push(id);
        for (name, call) in &module.calls {
            let target = call.target.filter(|target| {
                self.checker.leading.contains(target) && !self.above.contains(target)
            });
            if let Some(target) = target {
                let children = self.evaluator.children(instance, name);
                let idle = match children.is_empty() {
                    true => self.evaluator.idle_child(instance, name),
                    false => None,
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
        for value in scope.written_credentials() {
            self.collect_secrets(&value);
        }
        for value in scope.written_urls() {
            self.collect_password(&value);
        }
        for resource in &scope.resources {
            for value in resource.concealed(&scope) {
                self.collect_secrets(&value);
            }
        }
    }

    /// Whatever could reach a credential is never shown, reported or not.
    fn collect_secrets(&mut self, value: &Value) {
        for alternative in value.alternatives(When::Unused) {
            let text = alternative.as_str().filter(|text| !text.is_empty());
            if text.is_some_and(|text| {
                placeholder::is_placeholder(text) || secret_reference(text).is_some()
            }) {
                continue;
            }
            if let Some(text) = text {
                self.result.secrets.add_text(text);
            }
            if alternative.is_null() || alternative.as_str() == Some("") {
                continue;
            }
            self.collect_places(&alternative.trace());
        }
    }

    /// What was put into the password of a URL, be it a known one. A password that is written in the URL itself is told
    /// by its shape.
    fn collect_password(&mut self, url: &Value) {
        for alternative in url.alternatives(When::Unused) {
            let pieces = alternative.pieces();
            let texts: Vec<Option<&str>> = pieces.iter().map(|p| p.text.as_deref()).collect();
            let Some(password) = url::password(&texts) else {
                continue;
            };
            let mut start = 0;
            for piece in &pieces {
                let Some(text) = &piece.text else { continue };
                let end = start + text.len();
                if password.start <= start && end <= password.end && start < end {
                    self.result.secrets.add_text(text);
                    self.collect_places(&piece.trace);
                }
                start = end;
            }
        }
    }

    fn collect_places(&mut self, trace: &Trace) {
        for key in trace.keys() {
            self.result.secrets.add_place(key);
        }
        for way in trace.ways() {
            match way.start {
                Start::Literal(place) => self.result.secrets.add_place(place),
                Start::Run { variable, .. } => self.result.secrets.add_variable(variable),
                Start::Computed { .. } | Start::Resource { .. } | Start::Read { .. } => {}
            }
        }
    }

    /// What tells the contexts of a module apart: the values of its variables, and where these were written.
    fn fingerprint(&self, instance: InstanceId, id: ModuleId) -> u64 {
        let mut hasher = DefaultHasher::new();
        let variables = self
            .checker
            .configuration
            .module(id)
            .map(|module| &module.variables);
        for name in variables.into_iter().flat_map(|variables| variables.keys()) {
            name.hash(&mut hasher);
            match self.evaluator.variable(instance, name) {
                Ok(value) => hash_value(self.evaluator, &value, &mut hasher),
                Err(_) => 0.hash(&mut hasher),
            }
        }
        hasher.finish()
    }
}

fn hash_value(evaluator: &Evaluator<'_>, value: &Value, hasher: &mut DefaultHasher) {
    let mut stack = vec![value.clone()];
    let mut members = 0;
    while let Some(value) = stack.pop() {
        members += 1;
        if members > MOST_MEMBERS {
            return;
        }
        std::mem::discriminant(&value.kind).hash(hasher);
        hash_ways(evaluator, &value.trace(), hasher);
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
                stack.extend(items.iter().cloned());
            }
            Kind::Map(_, entries) | Kind::Object(entries) => {
                for (key, member) in entries.iter() {
                    key.hash(hasher);
                    stack.push(member.clone());
                }
            }
        }
    }
}

/// What a value has come from. Instances of modules are told apart by the calls that lead there: one root that is run in
/// several ways has several of each.
fn hash_ways(evaluator: &Evaluator<'_>, trace: &Trace, hasher: &mut DefaultHasher) {
    for way in trace.ways() {
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
