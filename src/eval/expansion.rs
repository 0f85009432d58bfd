//! `count` and `for_each`.

use std::sync::Arc;

use crate::terraform::{Argument, Block};

use super::alternatives::whole_trace;
use super::convert::{convert, describe};
use super::error::EvalError;
use super::evaluator::{Evaluator, InstanceId};
use super::number::Number;
use super::range;
use super::set;
use super::trace::Start;
use super::types::Type;
use super::value::{Kind, Value};

/// What `each`, `count` and `self` stand for in a block.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    /// `each.key` and `each.value`.
    pub each: Option<(Value, Value)>,
    /// `count.index`.
    pub count: Option<Value>,
    /// `self`.
    pub this: Option<Value>,
}

impl Bindings {
    /// Whether nothing is bound.
    pub fn is_empty(&self) -> bool {
        self.each.is_none() && self.count.is_none() && self.this.is_none()
    }
}

/// The instances that a block stands for.
#[derive(Clone, Debug)]
pub enum Expansion {
    /// One, without `count` or `for_each`.
    Single,
    /// With `count`: so many.
    Count(usize),
    /// With `for_each`: keys, in their order, and values.
    Each(Arc<[(Arc<str>, Value)]>),
    /// With `count` whose number is unknown.
    UnknownCount,
    /// With `for_each` whose keys are unknown.
    UnknownEach,
}

impl Expansion {
    /// How many instances there are, unknown ones counted as one.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Count(count) => *count,
            Self::Each(members) => members.len(),
            Self::Single | Self::UnknownCount | Self::UnknownEach => 1,
        }
    }

    /// Of a block of which nothing more is known.
    pub fn unknown(block: &Block) -> Self {
        match block.arguments.contains_key("count") {
            true => Self::UnknownCount,
            false => Self::UnknownEach,
        }
    }

    /// What is bound in each instance; for unknown ones, once with unknown values.
    pub fn bindings(&self) -> Vec<Bindings> {
        (0..self.count())
            .filter_map(|at| self.binding(at))
            .collect()
    }

    /// What is bound in the instance at a position, in the order of the keys.
    pub fn binding(&self, position: usize) -> Option<Bindings> {
        let counted = |count: Value| Bindings {
            count: Some(count),
            ..Bindings::default()
        };
        let each = |key: Value, value: Value| Bindings {
            each: Some((key, value)),
            ..Bindings::default()
        };
        match self {
            Self::Count(count) => (position < *count)
                .then(|| counted(Value::new(Kind::Number(Number::from_usize(position))))),
            Self::Each(members) => {
                let (key, value) = members.get(position)?;
                Some(each(Value::string(key.clone()), value.clone()))
            }
            _ if position > 0 => None,
            Self::Single => Some(Bindings::default()),
            Self::UnknownCount => Some(counted(Value::new(range::not_null(Type::Number)))),
            Self::UnknownEach => Some(each(
                Value::new(range::not_null(Type::String)),
                Value::dynamic(),
            )),
        }
    }
}

/// The instances that a block stands for.
pub(super) fn expand(
    evaluator: &Evaluator<'_>,
    instance: InstanceId,
    block: &Block,
) -> Result<Expansion, EvalError> {
    if let Some(argument) = block.arguments.get("count") {
        if block.arguments.contains_key("for_each") {
            let message = "count and for_each exclude each other".into();
            return Err(error(evaluator, argument, message));
        }
        let value = evaluator.value(instance, argument.expr)?;
        return count(&value).map_err(|message| error(evaluator, argument, message));
    }
    if let Some(argument) = block.arguments.get("for_each") {
        let value = evaluator.value(instance, argument.expr)?;
        if value.sensitive && !evaluator.is_lenient() {
            let message = "the keys of instances must not be sensitive".into();
            return Err(error(evaluator, argument, message));
        }
        return each(&value).map_err(|message| error(evaluator, argument, message));
    }
    Ok(Expansion::Single)
}

fn error(evaluator: &Evaluator<'_>, argument: &Argument, message: String) -> EvalError {
    EvalError {
        message,
        at: evaluator.configuration().location(argument.expr),
    }
}

/// Terraform refuses what depends on something that it computes. What no run has given yet is merely unknown here.
fn unknown(value: &Value, expansion: Expansion) -> Result<Expansion, String> {
    let ways = whole_trace(value).ways();
    let computed = |start: &Start| matches!(start, Start::Computed { .. });
    let not_given = |start: &Start| matches!(start, Start::Run { by: None, .. });
    if ways.iter().any(|way| computed(&way.start)) && !ways.iter().any(|way| not_given(&way.start))
    {
        return Err("how many instances there are is known only after the first run".into());
    }
    Ok(expansion)
}

fn count(value: &Value) -> Result<Expansion, String> {
    if value.is_null() {
        return Err("the number of instances is null".into());
    }
    let number = convert(value, &Type::Number)?;
    let Kind::Number(number) = &number.kind else {
        return unknown(value, Expansion::UnknownCount);
    };
    if number.is_negative() || !number.is_integer() {
        return Err("the number of instances must be a whole number, and not negative".into());
    }
    Ok(number
        .to_usize()
        .map_or(Expansion::UnknownCount, Expansion::Count))
}

fn each(value: &Value) -> Result<Expansion, String> {
    match &value.kind {
        Kind::Null(_) => Err("for_each is null".into()),
        Kind::Unknown(known) => match known.ty {
            Type::Dynamic | Type::Map(_) | Type::Object(_) | Type::Set(_) => {
                unknown(value, Expansion::UnknownEach)
            }
            _ => Err(not_iterable(value)),
        },
        Kind::Map(_, members) | Kind::Object(members) => Ok(Expansion::Each(
            members
                .iter()
                .map(|(key, member)| (key.clone(), value.member(member)))
                .collect(),
        )),
        Kind::Set(_, members) => keys(value, members),
        _ => Err(not_iterable(value)),
    }
}

fn not_iterable(value: &Value) -> String {
    format!(
        "for_each takes a map or a set of strings, not {}",
        describe(&value.ty())
    )
}

fn keys(value: &Value, members: &[Value]) -> Result<Expansion, String> {
    if !members.iter().all(Value::is_wholly_known) || set::length(members).is_none() {
        return unknown(value, Expansion::UnknownEach);
    }
    let keys: Option<Vec<(Arc<str>, Value)>> = members
        .iter()
        .map(|member| {
            let key = member.as_str()?;
            Some((Arc::from(key), value.member(member)))
        })
        .collect();
    keys.map(|keys| Expansion::Each(keys.into()))
        .ok_or_else(|| "for_each takes a map or a set of strings that are not null".into())
}
