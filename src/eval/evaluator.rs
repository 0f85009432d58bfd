//! Evaluation of a configuration: module instances, what they define, and how much work that may be.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::discover::is_override;
use crate::source::{FileId, Location};
use crate::syntax::Tree;
use crate::terraform::{
    Argument, Block, Configuration, ExprRef, Given, Module, ModuleCall, ModuleId, RootContext,
};

use super::dependence::instances_argument;
use super::error::EvalError;
use super::expansion::{Bindings, Expansion};
use super::frame::Frame;
use super::functions::Patterns;
use super::refusal::Refusal;
use super::trace::Hop;
use super::value::{Kind, Value};

/// How deep evaluations may be nested, in one another's definitions too.
const MOST_NESTED: u32 = 200;

/// How heavy one value may be (see [`Value::weight`]).
const HEAVIEST: u32 = 50_000;

/// How deep one value may be nested.
const DEEPEST: u16 = 100;

/// How much work one context may be, in expressions and weight of values: some hundredths of a second.
const BUDGET: u64 = 200_000;

/// How much work all contexts of an evaluator may be together.
const BUDGET_OF_ALL: u64 = 3 * BUDGET / 2;

/// How much work each context may be, whatever the others were.
const LEAST_BUDGET: u64 = 2_000;

/// How much work all contexts may be beside their budgets, where each context of a module is about as much work as its
/// others: two or three seconds.
const MOST_GRANTED: u64 = 100 * BUDGET;

/// What a definition costs beside its expression: a name is found, a value kept, a hop written down.
const DEFINITION: u32 = 4;

/// What it costs to make an instance of a module, or to put one into a value.
const INSTANCE: u32 = 24;

/// What it costs that rules look at an instance of a block, and at a value in it for each unit of its weight.
const LOOK: u32 = 64;

/// How much rules may look at, beside the budget, for each byte that is written: where thousands of instances are written
/// one by one, all are checked; where one number makes them, they use up the budget.
const WRITTEN: u64 = 24;

/// The most instances of a block that `count` or `for_each` makes. A zenml block, or a call that leads to one, with more
/// makes the run incomplete.
const MOST_INSTANCES: usize = 10_000;

/// The most instances of modules that one context makes by `count` and `for_each`, with the same consequence.
const MOST_IN_ALL: usize = 10_000;

/// An instance of a module: of a root, or of what a `module` block calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(u32);

impl InstanceId {
    /// No instance at all.
    pub(super) const NONE: Self = Self(u32::MAX);
}

/// Evaluates the expressions of a configuration; remembers what it has evaluated.
#[derive(Debug)]
pub struct Evaluator<'a> {
    configuration: &'a Configuration,
    instances: RefCell<Vec<Rc<Instance<'a>>>>,
    children: RefCell<FxHashMap<(InstanceId, &'a str), Children>>,
    repeated: RefCell<FxHashMap<ModuleId, Rc<FxHashSet<&'a str>>>>,
    memo: RefCell<FxHashMap<(InstanceId, Definition<'a>), State>>,
    /// Whether a value that its variable's validation refuses counts all the same, and errors do not.
    lenient: bool,
    /// What the definition that is being evaluated has met of such values.
    refusals: RefCell<Vec<Rc<Refusal>>>,
    expansions: RefCell<FxHashMap<(InstanceId, Location), Expanded>>,
    decisions: RefCell<FxHashMap<(InstanceId, &'a str), u64>>,
    next_decision: Cell<u64>,
    depth: Cell<u32>,
    /// What all contexts may still spend.
    left_of_all: Cell<u64>,
    /// What rules may still look at because so much is written.
    written: Cell<u64>,
    /// The files that count for that.
    credited: RefCell<FxHashSet<FileId>>,
    /// What the context at hand may spend.
    budget: Cell<u64>,
    /// What it has spent.
    spent: Cell<u64>,
    /// How many instances of modules it has made by `count` and `for_each`.
    made: Cell<usize>,
    /// All the work that was done, whatever paid for it.
    done: Cell<u64>,
    /// What may still be granted beside the budgets.
    left_to_grant: Cell<u64>,
    /// What may have been spent at the end of the evaluation that is under way.
    limit: Cell<u64>,
    /// Whether the evaluation that is under way has met something that was given up.
    cut: Cell<bool>,
    /// The arguments that rules look at whose values were given up.
    left_out: RefCell<BTreeMap<Location, (LeftOut, &'a str)>>,
    patterns: Patterns,
}

/// The instances of what a call calls.
type Children = Rc<[InstanceId]>;

/// What an instance is of.
#[derive(Debug)]
pub(super) struct Instance<'a> {
    pub(super) module: ModuleId,
    pub(super) origin: Origin<'a>,
}

/// What makes an instance.
#[derive(Debug)]
pub(super) enum Origin<'a> {
    /// It is a root, run like this.
    Root(Box<RootContext>),
    /// A `module` block calls it.
    Call {
        parent: InstanceId,
        call: &'a ModuleCall,
        bindings: Box<Bindings>,
    },
}

/// Something that has a value under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Definition<'a> {
    Variable(&'a str),
    Local(&'a str),
    Output(&'a str),
    /// By its header.
    Resource(Location),
}

#[derive(Clone, Debug)]
enum State {
    Running,
    Done(Done),
}

/// What a definition has come to.
#[derive(Clone, Debug)]
struct Done {
    result: Result<Value, EvalError>,
    refusals: Rc<[Rc<Refusal>]>,
    /// Whether something was given up on the way.
    cut: bool,
}

/// The instances of a block, and whether finding them was given up.
#[derive(Debug)]
struct Expanded {
    result: Result<Expansion, EvalError>,
    cut: bool,
}

/// Why rules do not see all that an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// Its value, or a part of it, takes too much work to compute.
    Value,
    /// It may have more values than are looked at.
    Alternatives,
    /// It makes more instances of its block than are looked at.
    Instances,
}

/// A level of nesting, left when it is dropped.
pub(super) struct Level<'e>(&'e Cell<u32>);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl<'a> Evaluator<'a> {
    /// An evaluator that has evaluated nothing yet.
    pub fn new(configuration: &'a Configuration) -> Self {
        Self {
            configuration,
            instances: RefCell::default(),
            children: RefCell::default(),
            repeated: RefCell::default(),
            memo: RefCell::default(),
            lenient: false,
            refusals: RefCell::default(),
            expansions: RefCell::default(),
            decisions: RefCell::default(),
            next_decision: Cell::new(0),
            depth: Cell::new(0),
            left_of_all: Cell::new(BUDGET_OF_ALL),
            written: Cell::new(0),
            credited: RefCell::default(),
            budget: Cell::new(BUDGET),
            spent: Cell::new(0),
            made: Cell::new(0),
            done: Cell::new(0),
            left_to_grant: Cell::new(MOST_GRANTED),
            limit: Cell::new(BUDGET / 2),
            cut: Cell::new(false),
            left_out: RefCell::default(),
            patterns: Patterns::default(),
        }
    }

    /// An evaluator for which a value counts that its variable's validation refuses, and an error goes no further than the
    /// expression that has it: what fails is unknown, and all around it has its value. Terraform then evaluates nothing that
    /// needs it; rules still look at what is written, and what is secret must be found.
    pub fn lenient(configuration: &'a Configuration) -> Self {
        Self {
            lenient: true,
            ..Self::new(configuration)
        }
    }

    /// The configuration.
    pub fn configuration(&self) -> &'a Configuration {
        self.configuration
    }

    /// Whether something is unknown only because it would have been too much work, too large or too deeply nested.
    pub fn exhausted(&self) -> bool {
        self.cut.get()
    }

    /// Begins with another context, which has a budget of its own: a whole one, unless those before have left too little
    /// for all that may still come.
    pub fn refill(&self) {
        let left = self.left_of_all.get().saturating_sub(self.spent.get());
        self.left_of_all.set(left);
        self.budget.set(BUDGET.min(left / 3 * 2).max(LEAST_BUDGET));
        self.spent.set(0);
        self.made.set(0);
        self.cut.set(false);
    }

    /// The work that was done so far.
    pub fn work(&self) -> u64 {
        self.done.get()
    }

    /// Lets the context at hand do more work, as long as there is any left to be granted.
    pub fn grant(&self, work: u64) {
        let granted = work.min(self.left_to_grant.get());
        self.left_to_grant.set(self.left_to_grant.get() - granted);
        self.budget.set(self.budget.get().saturating_add(granted));
    }

    /// The arguments of which rules have not seen everything since this was last asked: by their spans, why, and their
    /// names.
    pub fn take_left_out(&self) -> BTreeMap<Location, (LeftOut, &'a str)> {
        self.left_out.take()
    }

    fn leave_out(&self, argument: &'a Argument, what: LeftOut) {
        let left_out = (what, argument.name.as_str());
        self.left_out.borrow_mut().insert(argument.span, left_out);
    }

    /// Runs an evaluation; also whether it has met something that was given up.
    fn noting_cuts<T>(&self, evaluate: impl FnOnce() -> T) -> (T, bool) {
        let before = self.cut.replace(false);
        let result = evaluate();
        let cut = self.cut.get();
        self.cut.set(cut || before);
        (result, cut)
    }

    /// The value of an argument as rules look at it; unknown where it has none because of an error. What they do not see
    /// of it, since that would be too much work, is noted.
    pub fn judged(
        &self,
        instance: InstanceId,
        argument: &'a Argument,
        bindings: &Bindings,
    ) -> Result<Value, EvalError> {
        let (value, cut) = self.noting_cuts(|| {
            let value = self.value_with(instance, argument.expr, bindings)?;
            Ok(self.looked_at(value, bindings))
        });
        if cut {
            self.leave_out(argument, LeftOut::Value);
        } else if value.as_ref().is_ok_and(Value::contains_more_choices) {
            self.leave_out(argument, LeftOut::Alternatives);
        }
        value
    }

    /// The instances of a block as rules look at them; see [`Evaluator::judged`].
    pub fn judged_expansion(
        &self,
        instance: InstanceId,
        block: &'a Block,
    ) -> Result<Expansion, EvalError> {
        let (expansion, cut) = self.noting_cuts(|| self.expansion(instance, block));
        if let Some(argument) = instances_argument(block).filter(|_| cut) {
            self.leave_out(argument, LeftOut::Instances);
        }
        expansion
    }

    /// The value that rules look at, in a block whose `each` or `count` stand for something; unknown where that would be
    /// too much work. What is written once is looked at whatever it costs.
    pub fn looked_at(&self, value: Value, bindings: &Bindings) -> Value {
        if bindings.is_empty() {
            return value;
        }
        match self.afford(value.weight().saturating_mul(LOOK)) {
            true => value,
            false => Value::dynamic(),
        }
    }

    /// Notes the work of looking at something, on the credit of what is written first; `false` where it is too much.
    fn afford(&self, cost: u32) -> bool {
        let cost = u64::from(cost);
        let written = self.written.get();
        let rest = cost.saturating_sub(written);
        let affordable = rest <= self.budget.get().saturating_sub(self.spent.get());
        if affordable {
            self.written.set(written.saturating_sub(cost));
            self.done.set(self.done.get().saturating_add(cost));
            self.spent.set(self.spent.get() + rest);
        } else {
            self.cut.set(true);
        }
        affordable
    }

    /// Credits what is written in files, each once.
    fn credit(&self, files: impl IntoIterator<Item = FileId>) {
        let mut credited = self.credited.borrow_mut();
        let new = files.into_iter().filter(|file| credited.insert(*file));
        let texts = new.filter_map(|file| self.configuration.sources.get(file));
        let bytes: usize = texts.map(|file| file.text.len()).sum();
        let written = u64::try_from(bytes).unwrap_or(u64::MAX);
        let written = written.saturating_mul(WRITTEN);
        self.written.set(self.written.get().saturating_add(written));
    }

    /// An instance of a module as a root, run with these values.
    pub fn root(&self, module: ModuleId, context: &RootContext) -> InstanceId {
        let given = context.given.values().flatten();
        self.credit(given.filter_map(|given| match given {
            Given::Tfvars(line) => Some(line.span.file),
            Given::Run { .. } => None,
        }));
        self.add_instance(Instance {
            module,
            origin: Origin::Root(Box::new(context.clone())),
        })
    }

    /// What a `module` block calls: the first instance where it has `count` or `for_each`. `None` where the module was
    /// not loaded, calls itself, or there is no instance.
    pub fn child(&self, instance: InstanceId, call: &str) -> Option<InstanceId> {
        self.children(instance, call).first().copied()
    }

    /// Every instance of what a `module` block calls, in the order of the keys; one with unknown `each` or `count` where
    /// these are unknown.
    pub fn children(&self, instance: InstanceId, call: &str) -> Children {
        let none: Children = Rc::new([]);
        let Some((name, call)) = self
            .module(instance)
            .and_then(|module| module.calls.get_key_value(call))
        else {
            return none;
        };
        if let Some(children) = self.children.borrow().get(&(instance, name.as_str())) {
            return children.clone();
        }
        let children: Children = self.instantiate(instance, call).into();
        self.spend_on_instances(children.len());
        self.children
            .borrow_mut()
            .insert((instance, name), children.clone());
        children
    }

    /// An instance of what a `module` block calls that has no instances: what stands in it is still written.
    pub fn idle_child(&self, instance: InstanceId, call: &str) -> Option<InstanceId> {
        let call = self.module(instance)?.calls.get(call)?;
        let bindings = Expansion::unknown(&call.block).binding(0)?;
        self.add_child(instance, call, bindings)
    }

    fn instantiate(&self, parent: InstanceId, call: &'a ModuleCall) -> Vec<InstanceId> {
        let Ok(expansion) = self.expansion(parent, &call.block) else {
            return Vec::new();
        };
        let bindings = expansion.bindings().into_iter();
        bindings
            .filter_map(|bindings| self.add_child(parent, call, bindings))
            .collect()
    }

    fn add_child(
        &self,
        parent: InstanceId,
        call: &'a ModuleCall,
        bindings: Bindings,
    ) -> Option<InstanceId> {
        let module = call.target.filter(|it| !self.is_within(parent, *it))?;
        Some(self.add_instance(Instance {
            module,
            origin: Origin::Call {
                parent,
                call,
                bindings: Box::new(bindings),
            },
        }))
    }

    /// Whether an instance is of this module or called from within it.
    pub(super) fn is_within(&self, instance: InstanceId, module: ModuleId) -> bool {
        let mut current = Some(instance);
        while let Some(instance) = current.and_then(|id| self.instance(id)) {
            if instance.module == module {
                return true;
            }
            current = match &instance.origin {
                Origin::Root(_) => None,
                Origin::Call { parent, .. } => Some(*parent),
            };
        }
        false
    }

    /// The calls that lead from the root to an instance, innermost first: the header of each with the key of `for_each`.
    pub fn call_path(&self, instance: InstanceId) -> Vec<(Location, Option<String>)> {
        let mut path = Vec::new();
        let mut current = self.instance(instance);
        while let Some(instance) = current {
            let Origin::Call {
                parent,
                call,
                bindings,
            } = &instance.origin
            else {
                break;
            };
            let key = bindings.each.as_ref().map(|(key, _)| key);
            let key = key.and_then(|key| key.as_str()).map(str::to_owned);
            path.push((call.block.header, key));
            current = self.instance(*parent);
        }
        path
    }

    fn add_instance(&self, instance: Instance<'a>) -> InstanceId {
        if let Some(module) = self.configuration.module(instance.module) {
            self.credit(module.files.iter().copied());
        }
        let mut instances = self.instances.borrow_mut();
        let id = InstanceId(u32::try_from(instances.len()).unwrap_or(u32::MAX));
        instances.push(Rc::new(instance));
        id
    }

    pub(super) fn instance(&self, id: InstanceId) -> Option<Rc<Instance<'a>>> {
        let instances = self.instances.borrow();
        instances.get(id.0 as usize).cloned()
    }

    /// The module that an instance is of.
    pub fn module(&self, instance: InstanceId) -> Option<&'a Module> {
        let instance = self.instance(instance)?;
        self.configuration.module(instance.module)
    }

    /// The value of an argument of a block that has neither `count` nor `for_each`, or of any other expression.
    pub fn value(&self, instance: InstanceId, expr: ExprRef) -> Result<Value, EvalError> {
        self.value_with(instance, expr, &Bindings::default())
    }

    /// The value of an argument where `each`, `count` or `self` stand for something.
    pub fn value_with(
        &self,
        instance: InstanceId,
        expr: ExprRef,
        bindings: &Bindings,
    ) -> Result<Value, EvalError> {
        match self.configuration.tree(expr.file) {
            None => Ok(Value::dynamic()),
            Some(tree) => self.frame(instance, bindings, tree, expr).finish(expr.expr),
        }
    }

    /// The value of an argument; unknown where it has none because of an error.
    pub fn value_or_unknown(&self, instance: InstanceId, expr: ExprRef) -> Value {
        self.value(instance, expr)
            .unwrap_or_else(|_| Value::dynamic())
    }

    /// The value of an expression that is in no file of the configuration, in the scope of a module.
    pub fn foreign_value(
        &self,
        instance: InstanceId,
        tree: &Tree,
        expr: ExprRef,
    ) -> Result<Value, EvalError> {
        let bindings = Bindings::default();
        self.frame(instance, &bindings, tree, expr)
            .finish(expr.expr)
    }

    pub(super) fn frame<'e>(
        &'e self,
        instance: InstanceId,
        bindings: &'e Bindings,
        tree: &'e Tree,
        expr: ExprRef,
    ) -> Frame<'e, 'a> {
        Frame::new(self, instance, bindings, tree, expr.file)
    }

    /// The value of a local.
    pub fn local(&self, instance: InstanceId, name: &str) -> Result<Value, EvalError> {
        let Some((name, local)) = self
            .module(instance)
            .and_then(|module| module.locals.get_key_value(name))
        else {
            return Err(self.undeclared("local value", name));
        };
        self.remember(instance, Definition::Local(name), local.name_at, || {
            if !self.lenient && self.is_repeated(instance, name) {
                let message = format!("the local value {name:?} is defined twice");
                let at = local.name_at;
                return Err(EvalError { message, at });
            }
            let value = self.value(instance, local.expr)?;
            let what = format!("local `{name}`");
            Ok(value.via(&Hop::new(local.name_at, what)))
        })
    }

    /// Whether a module defines a local value twice, override files aside.
    fn is_repeated(&self, instance: InstanceId, name: &str) -> bool {
        let Some(id) = self.instance(instance).map(|instance| instance.module) else {
            return false;
        };
        let known = self.repeated.borrow().get(&id).cloned();
        let repeated = known.unwrap_or_else(|| {
            let repeated = Rc::new(repeated_locals(self.configuration, id));
            self.repeated.borrow_mut().insert(id, repeated.clone());
            repeated
        });
        repeated.contains(name)
    }

    /// The value of an output.
    pub fn output(&self, instance: InstanceId, name: &str) -> Result<Value, EvalError> {
        let Some((name, output)) = self
            .module(instance)
            .and_then(|module| module.outputs.get_key_value(name))
        else {
            return Err(self.undeclared("output", name));
        };
        self.remember(instance, Definition::Output(name), output.header, || {
            self.evaluate_output(instance, name, output)
        })
    }

    fn evaluate_output(
        &self,
        instance: InstanceId,
        name: &str,
        output: &Block,
    ) -> Result<Value, EvalError> {
        let Some(argument) = output.arguments.get("value") else {
            return Ok(Value::dynamic());
        };
        let value = self.value(instance, argument.expr)?;
        let sensitive = match output.arguments.get("sensitive") {
            None => false,
            Some(argument) => self.is_true(instance, argument),
        };
        let sensitive = value.sensitive || sensitive;
        let hop = Hop::new(output.header, format!("output `{name}`"));
        Ok(value.with_sensitive(sensitive).via(&hop))
    }

    fn is_true(&self, instance: InstanceId, argument: &Argument) -> bool {
        let value = self.value_or_unknown(instance, argument.expr);
        matches!(value.kind, Kind::Bool(true)) || value.as_str() == Some("true")
    }

    /// The value of a definition: evaluated once, and an error where that needs the value itself.
    pub(super) fn remember(
        &self,
        instance: InstanceId,
        definition: Definition<'a>,
        at: Location,
        evaluate: impl FnOnce() -> Result<Value, EvalError>,
    ) -> Result<Value, EvalError> {
        let key = (instance, definition);
        match self.memo.borrow().get(&key) {
            Some(State::Done(done)) => {
                self.add_refusals(&done.refusals);
                if done.cut {
                    self.cut.set(true);
                }
                return done.result.clone();
            }
            Some(State::Running) => {
                let message = "the definition needs its own value".into();
                return Err(EvalError { message, at });
            }
            None => {}
        }
        self.memo.borrow_mut().insert(key, State::Running);
        let ((result, refusals), cut) = self.noting_cuts(|| {
            self.spend(DEFINITION);
            let (result, refusals) = self.with_refusals(|| match self.enter() {
                Some(_level) => evaluate(),
                None => Ok(Value::dynamic()),
            });
            if let Ok(value) = &result {
                self.spend(value.burden());
            }
            (result, refusals)
        });
        self.add_refusals(&refusals);
        let done = Done {
            result: result.clone(),
            refusals: refusals.into(),
            cut,
        };
        self.memo.borrow_mut().insert(key, State::Done(done));
        result
    }

    /// What is evaluated, and what that meets of values that a validation refuses.
    pub(super) fn with_refusals<T>(&self, evaluate: impl FnOnce() -> T) -> (T, Vec<Rc<Refusal>>) {
        let outer = self.refusals.take();
        let result = evaluate();
        (result, self.refusals.replace(outer))
    }

    pub(super) fn add_refusals(&self, refusals: &[Rc<Refusal>]) {
        if refusals.is_empty() {
            return;
        }
        let mut known = self.refusals.borrow_mut();
        for refusal in refusals {
            if !known.iter().any(|known| Rc::ptr_eq(known, refusal)) {
                known.push(refusal.clone());
            }
        }
    }

    pub(super) fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// Puts the value of a definition in place while something about it is still checked.
    pub(super) fn settle(&self, instance: InstanceId, definition: Definition<'a>, value: &Value) {
        let done = Done {
            result: Ok(value.clone()),
            refusals: Rc::new([]),
            cut: self.cut.get(),
        };
        let mut memo = self.memo.borrow_mut();
        memo.insert((instance, definition), State::Done(done));
    }

    /// The error for something that is not declared; the reference's place is put in by who refers to it.
    pub(super) fn undeclared(&self, what: &str, name: &str) -> EvalError {
        EvalError {
            message: format!("there is no {what} {name:?} in this module"),
            at: Location {
                file: FileId(u32::MAX),
                span: crate::source::Span::default(),
            },
        }
    }

    /// The instances that a block stands for, by its `count` or `for_each`.
    pub fn expansion(&self, instance: InstanceId, block: &Block) -> Result<Expansion, EvalError> {
        let key = (instance, block.header);
        if let Some(expanded) = self.expansions.borrow().get(&key) {
            if expanded.cut {
                self.cut.set(true);
            }
            return expanded.result.clone();
        }
        let (result, cut) = self.noting_cuts(|| self.expand(instance, block));
        let expanded = Expanded {
            result: result.clone(),
            cut,
        };
        self.expansions.borrow_mut().insert(key, expanded);
        result
    }

    fn expand(&self, instance: InstanceId, block: &Block) -> Result<Expansion, EvalError> {
        let expansion = super::expansion::expand(self, instance, block);
        let expansion = match expansion {
            Err(_) if self.lenient => Ok(Expansion::unknown(block)),
            other => other,
        };
        expansion.map(|expansion| match &expansion {
            Expansion::Count(_) | Expansion::Each(_)
                if !self.has_room(block, expansion.count()) =>
            {
                self.cut.set(true);
                Expansion::unknown(block)
            }
            _ => expansion,
        })
    }

    /// Whether a block may have so many instances.
    fn has_room(&self, block: &Block, count: usize) -> bool {
        let cost = u32::try_from(count).unwrap_or(u32::MAX);
        if matches!(block.keyword.as_str(), "module" | "component" | "stack") {
            let made = self.made.get().saturating_add(count);
            let has_room = made <= MOST_IN_ALL && self.afford(cost.saturating_mul(INSTANCE));
            if has_room {
                self.made.set(made);
            }
            return has_room;
        }
        count <= MOST_INSTANCES && self.afford(cost.saturating_mul(LOOK))
    }

    // Bounds.

    /// Goes one level deeper; `None` where that would be too deep, or too much has been done already.
    pub(super) fn enter(&self) -> Option<Level<'_>> {
        if self.depth.get() >= MOST_NESTED {
            self.cut.set(true);
            return None;
        }
        if !self.spend(1) {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        Some(Level(&self.depth))
    }

    /// Notes work; `false` where it is too much.
    pub(super) fn spend(&self, weight: u32) -> bool {
        if self.depth.get() == 0 {
            // One value may cost half of what is left: after an endless one, others are still evaluated.
            let left = self.budget.get().saturating_sub(self.spent.get());
            self.limit.set(self.spent.get() + left / 2);
        }
        let spent = self.spent.get().saturating_add(u64::from(weight));
        let refused = spent > self.limit.get();
        if refused {
            // What is refused is not done and costs nothing, but it ends the evaluation that is under way.
            self.limit.set(self.spent.get());
            self.cut.set(true);
        } else {
            self.spent.set(spent);
            let done = self.done.get();
            self.done.set(done.saturating_add(u64::from(weight)));
        }
        !refused
    }

    /// The same, for whoever only counts.
    pub(super) fn spending(&self) -> impl Fn(u32) -> bool {
        |weight| self.spend(weight)
    }

    /// Notes the work of so many instances.
    pub(super) fn spend_on_instances(&self, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.spend(count.saturating_mul(INSTANCE));
    }

    /// Notes that something is unknown only because it would have been too large.
    pub(super) fn cut_short(&self) {
        self.cut.set(true);
    }

    /// Notes where a conversion has left nothing of a known value: its text would be too long.
    pub(super) fn note_lost(&self, value: &Value, converted: &Value) {
        let is_text = matches!(value.kind, Kind::Number(_) | Kind::String(_));
        if is_text && converted.is_unknown() {
            self.cut_short();
        }
    }

    /// The regular expressions compiled so far.
    pub(super) fn patterns(&self) -> &Patterns {
        &self.patterns
    }

    /// The value; unknown where it is too large.
    pub(super) fn bounded(&self, value: Value) -> Value {
        if value.weight() > HEAVIEST || value.depth() > DEEPEST {
            self.cut.set(true);
            return Value::dynamic();
        }
        value
    }

    // Decisions.

    /// The number of a decision: the same for the same text in one instance.
    pub(super) fn decision(&self, instance: InstanceId, text: Option<&'a str>) -> u64 {
        let next = || {
            self.next_decision.set(self.next_decision.get() + 1);
            self.next_decision.get()
        };
        match text {
            None => next(),
            Some(text) => {
                let mut decisions = self.decisions.borrow_mut();
                *decisions.entry((instance, text)).or_insert_with(next)
            }
        }
    }

    pub(super) fn text_at(&self, at: Location) -> &'a str {
        self.configuration.sources.text_at(at)
    }
}

/// The local values that a module defines more than once, override files aside.
fn repeated_locals(configuration: &Configuration, module: ModuleId) -> FxHashSet<&str> {
    let mut seen = FxHashSet::default();
    let files = configuration.module(module).into_iter();
    let files = files.flat_map(|module| &module.files);
    let primary = files.filter(|file| {
        let path = configuration.sources.get(**file).map(|file| &file.path);
        let name = path.and_then(|path| path.file_name()?.to_str());
        !name.is_some_and(is_override)
    });
    let trees = primary.filter_map(|file| configuration.tree(*file));
    let names = trees.flat_map(|tree| {
        let blocks = tree.blocks_named(tree.root(), "locals");
        let attributes = blocks.flat_map(|block| tree.attributes_of(tree.body(block.body)));
        attributes.map(|attribute| tree.text(attribute.name))
    });
    names.filter(|name| !seen.insert(*name)).collect()
}
