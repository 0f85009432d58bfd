//! What an expression depends on: the variables behind it, and whether the block that it stands in exists at all.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::terraform::{Argument, Block, ExprRef, ModuleCall, Reference, Subject, references};

use super::evaluator::{Evaluator, InstanceId, Origin};
use super::expansion::Expansion;

/// A variable in an instance of its module.
pub type VariableOf<'a> = (InstanceId, &'a str);

/// Whether there are instances of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    /// There are.
    Sure,
    /// What decides is unknown.
    Unknown,
    /// There are none, unless a run sets a root variable otherwise than its default has it.
    ByDefaultNone,
    /// There are none.
    None,
}

/// What says how many instances of a block there are.
pub fn instances_argument(block: &Block) -> Option<&Argument> {
    let arguments = &block.arguments;
    arguments.get("count").or_else(|| arguments.get("for_each"))
}

impl<'a> Evaluator<'a> {
    /// Whether there are instances of a block: none where there are none of the module that it stands in.
    pub fn existence(&self, instance: InstanceId, block: &Block) -> Existence {
        let caller = self.caller(instance);
        if caller.is_some_and(|(at, call)| self.existence(at, &call.block) == Existence::None) {
            return Existence::None;
        }
        let is_empty = match self.expansion(instance, block) {
            Ok(Expansion::Count(count)) => count == 0,
            Ok(Expansion::Each(members)) => members.is_empty(),
            Ok(Expansion::Single) => false,
            Ok(Expansion::UnknownCount | Expansion::UnknownEach) | Err(_) => {
                return Existence::Unknown;
            }
        };
        if !is_empty {
            return Existence::Sure;
        }
        match self.is_decided_by_default(instance, block) {
            true => Existence::ByDefaultNone,
            false => Existence::None,
        }
    }

    /// Whether the default of a root's variable has a say in how many instances of a block there are. What functions and
    /// other blocks make of it does not show that any more.
    fn is_decided_by_default(&self, instance: InstanceId, block: &Block) -> bool {
        let decide = instances_argument(block).map(|argument| argument.expr);
        let mut variables = self.variables_behind(instance, decide).into_iter();
        variables.any(|(at, name)| {
            let value = self.variable(at, name);
            value.is_ok_and(|value| value.contains_root_default())
        })
    }

    /// Whether what an expression of a block comes to says nothing of what the block is: it never has instances, or has
    /// none by default, and what it has none for, the expression depends on, too.
    pub fn is_idle(&self, instance: InstanceId, block: &Block, expr: ExprRef) -> bool {
        match self.existence(instance, block) {
            Existence::Sure | Existence::Unknown => false,
            Existence::None => true,
            Existence::ByDefaultNone => {
                let decide = instances_argument(block).map(|argument| argument.expr);
                let decide = self.variables_behind(instance, decide);
                let behind = self.variables_behind(instance, [expr]);
                !decide.is_disjoint(&behind)
            }
        }
    }

    /// The variables that expressions depend on, through locals, arguments, outputs and resources, and through what says how
    /// many instances there are.
    pub fn variables_behind(
        &self,
        instance: InstanceId,
        expressions: impl IntoIterator<Item = ExprRef>,
    ) -> BTreeSet<VariableOf<'a>> {
        let mut found = BTreeSet::new();
        let mut seen = FxHashSet::default();
        let expressions = expressions.into_iter();
        let mut left: Vec<(InstanceId, ExprRef)> = expressions.map(|it| (instance, it)).collect();
        while let Some((instance, expr)) = left.pop() {
            if !seen.insert((instance, expr)) {
                continue;
            }
            let Some(tree) = self.configuration().tree(expr.file) else {
                continue;
            };
            let is_stack = self.module(instance).is_some_and(|module| module.is_stack);
            for reference in references(tree, expr.expr, is_stack) {
                self.follow(instance, reference, &mut left, &mut found);
            }
        }
        found
    }

    fn follow(
        &self,
        instance: InstanceId,
        reference: Reference,
        left: &mut Vec<(InstanceId, ExprRef)>,
        found: &mut BTreeSet<VariableOf<'a>>,
    ) -> Option<()> {
        let module = self.module(instance)?;
        let mut push = |instance: InstanceId, argument: Option<&Argument>| {
            left.extend(argument.map(|argument| (instance, argument.expr)));
        };
        match reference.subject {
            Subject::Variable(name) => {
                let (name, _) = module.variables.get_key_value(&name)?;
                found.insert((instance, name));
                let (caller, call) = self.caller(instance)?;
                let given = call.block.arguments.get(name.as_str())?;
                push(caller, Some(given));
                push(caller, instances_argument(&call.block));
            }
            Subject::Local(name) => left.push((instance, module.locals.get(&name)?.expr)),
            Subject::Module(name) => {
                push(
                    instance,
                    instances_argument(&module.calls.get(&name)?.block),
                );
                // Instances of one call differ only in what `each` and `count` stand for.
                let child = self.child(instance, &name)?;
                let outputs = &self.module(child)?.outputs;
                let mut steps = reference.path.iter().take(2);
                let read = steps.find_map(|step| outputs.get(step));
                for output in outputs.values() {
                    if read.is_none_or(|read| read.header == output.header) {
                        push(child, output.arguments.get("value"));
                    }
                }
            }
            subject => {
                let block = module.resource_of(&subject)?;
                let decide = instances_argument(block);
                push(instance, decide);
                // A key of one of several instances stands before the attribute; without one, all may be read.
                let read = reference.path.get(usize::from(decide.is_some()));
                for (name, argument) in &block.arguments {
                    if read.is_none_or(|read| read == name) {
                        push(instance, Some(argument));
                    }
                }
            }
        }
        Some(())
    }

    /// The `module` block that calls an instance, and the instance that it stands in; `None` for a root.
    pub fn caller(&self, instance: InstanceId) -> Option<(InstanceId, &'a ModuleCall)> {
        match self.instance(instance)?.origin {
            Origin::Root(_) => None,
            Origin::Call { parent, call, .. } => Some((parent, call)),
        }
    }
}
