//! Values that a variable's own `validation` blocks refuse.

use std::rc::Rc;

use crate::source::Location;
use crate::terraform::{Block, ExprRef, Given, Variable};

use super::convert::convert;
use super::error::EvalError;
use super::evaluator::{Evaluator, InstanceId, Origin};
use super::expansion::Bindings;
use super::types::Type;
use super::value::{Kind, Value};

/// A value that is known not to pass a `validation` block of its variable.
#[derive(Debug)]
pub struct Refusal {
    /// The module instance whose variable it is.
    pub instance: InstanceId,
    /// The variable's name.
    pub variable: String,
    /// The value.
    pub value: Value,
    /// Where it is given as a whole: the argument of a module call, the line of a tfvars file, the default; the variable's
    /// header where it comes from outside.
    pub given_at: Location,
    /// The blocks that it does not pass, in order.
    pub failed: Vec<Failed>,
}

/// A `validation` block that a value does not pass.
#[derive(Debug)]
pub struct Failed {
    /// Its condition.
    pub condition: ExprRef,
    /// Its `error_message`.
    pub message: Option<ExprRef>,
}

impl<'a> Evaluator<'a> {
    /// The value of an expression, and the values that it depends on although their variables refuse them. Only an
    /// evaluator that is [`lenient`](Evaluator::lenient) looks past the first.
    pub fn refusals(
        &self,
        instance: InstanceId,
        expr: ExprRef,
        bindings: &Bindings,
    ) -> Vec<Rc<Refusal>> {
        let (_, refusals) = self.with_refusals(|| self.value_with(instance, expr, bindings));
        refusals
    }

    /// Whether the variable's validation is known to refuse the value, and how.
    pub(super) fn refusal(
        &self,
        instance: InstanceId,
        name: &str,
        variable: &Variable,
        value: &Value,
    ) -> Option<Refusal> {
        let blocks = variable.block.blocks.iter();
        let validations = blocks.filter(|block| block.keyword == "validation");
        // What a condition needs beside the variable, nobody needs who needs the variable.
        let (failed, _) = self.with_refusals(|| -> Vec<Failed> {
            validations
                .filter_map(|block| self.failed(instance, name, block))
                .collect()
        });
        if failed.is_empty() {
            return None;
        }
        Some(Refusal {
            instance,
            variable: name.to_owned(),
            value: value.clone(),
            given_at: self.given_at(instance, name, variable),
            failed,
        })
    }

    /// The value that is refused: an error, or noted.
    pub(super) fn refuse(&self, refusal: Refusal, value: Value) -> Result<Value, EvalError> {
        if self.is_lenient() {
            self.add_refusals(&[Rc::new(refusal)]);
            return Ok(value);
        }
        let failed = refusal.failed.first();
        Err(EvalError {
            message: "the value does not pass the variable's validation".into(),
            at: failed.map_or(refusal.given_at, |failed| {
                self.configuration().location(failed.condition)
            }),
        })
    }

    fn failed(&self, instance: InstanceId, variable: &str, block: &Block) -> Option<Failed> {
        let condition = block.arguments.get("condition")?;
        if !self.is_about(condition, variable) {
            return None;
        }
        let condition = condition.expr;
        let value = self.value(instance, condition).ok()?;
        let value = convert(&value, &Type::Bool).ok()?;
        if !matches!(value.kind, Kind::Bool(false)) {
            return None;
        }
        Some(Failed {
            condition,
            message: block.arguments.get("error_message").map(|it| it.expr),
        })
    }

    fn given_at(&self, instance: InstanceId, name: &str, variable: &Variable) -> Location {
        let this = self.instance(instance);
        let argument = match this.as_ref().map(|this| &this.origin) {
            Some(Origin::Call { call, .. }) => call.block.arguments.get(name),
            Some(Origin::Root(context)) => match context.given.get(name).and_then(|all| all.last())
            {
                Some(Given::Tfvars(argument)) => Some(argument),
                Some(Given::Run { .. }) => return variable.block.header,
                None => None,
            },
            None => None,
        };
        argument
            .or(variable.default.as_ref())
            .map_or(variable.block.header, |argument| {
                self.configuration().location(argument.expr)
            })
    }
}
