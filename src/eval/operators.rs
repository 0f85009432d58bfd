//! Arithmetic, comparison and logic.

use crate::syntax::{BinaryOperator, UnaryOperator};

use super::convert::convert;
use super::equality::equal;
use super::number::Number;
use super::range;
use super::types::Type;
use super::value::{Bound, Kind, Value};

/// The type of an operator's result.
pub(super) fn result_type(operator: BinaryOperator) -> Type {
    match operator {
        BinaryOperator::Add
        | BinaryOperator::Subtract
        | BinaryOperator::Multiply
        | BinaryOperator::Divide
        | BinaryOperator::Modulo => Type::Number,
        _ => Type::Bool,
    }
}

/// Whether the operands become part of the result, rather than only deciding it.
pub(super) fn operands_reach(operator: BinaryOperator) -> bool {
    result_type(operator) == Type::Number
        || matches!(operator, BinaryOperator::And | BinaryOperator::Or)
}

/// `left operator right`. The error is a phrase.
pub(super) fn binary(
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
) -> Result<Value, String> {
    use BinaryOperator::{
        Add, And, Divide, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Modulo, Multiply,
        NotEqual, Or, Subtract,
    };
    match operator {
        Equal => Ok(equality(left, right, false)),
        NotEqual => Ok(equality(left, right, true)),
        And | Or => {
            let (left, right) = (to_bool(left)?, to_bool(right)?);
            Ok(logic(operator == And, &left, &right))
        }
        Greater | GreaterOrEqual | Less | LessOrEqual => {
            let (left, right) = (to_number(left)?, to_number(right)?);
            Ok(comparison(operator, &left, &right))
        }
        Add | Subtract | Multiply | Divide | Modulo => {
            let (left, right) = (to_number(left)?, to_number(right)?);
            arithmetic(operator, &left, &right)
        }
    }
}

/// `-operand`, `!operand`. The error is a phrase.
pub(super) fn unary(operator: UnaryOperator, operand: &Value) -> Result<Value, String> {
    match operator {
        UnaryOperator::Negate => {
            let operand = to_number(operand)?;
            Ok(match &operand.kind {
                Kind::Number(number) => {
                    Value::new(Kind::Number(number.negate())).with_sensitive(operand.sensitive)
                }
                _ => Value::new(range::not_null(Type::Number)),
            })
        }
        UnaryOperator::Not => {
            let operand = to_bool(operand)?;
            Ok(match &operand.kind {
                Kind::Bool(value) => Value::bool(!value).with_sensitive(operand.sensitive),
                _ => Value::new(range::not_null(Type::Bool)),
            })
        }
    }
}

fn to_number(value: &Value) -> Result<Value, String> {
    not_null(convert(value, &Type::Number)?)
}

fn to_bool(value: &Value) -> Result<Value, String> {
    not_null(convert(value, &Type::Bool)?)
}

fn not_null(value: Value) -> Result<Value, String> {
    if value.is_null() {
        return Err("an operand must not be null".into());
    }
    Ok(value)
}

fn truth(value: Option<bool>) -> Value {
    value.map_or_else(|| Value::new(range::not_null(Type::Bool)), Value::bool)
}

fn equality(left: &Value, right: &Value, negated: bool) -> Value {
    let sensitive = left.contains_sensitive() || right.contains_sensitive();
    truth(equal(left, right).map(|equal| equal != negated)).with_sensitive(sensitive)
}

/// Where an operand is unknown, Terraform decides nothing and forgets the marks.
fn logic(and: bool, left: &Value, right: &Value) -> Value {
    let (Kind::Bool(a), Kind::Bool(b)) = (&left.kind, &right.kind) else {
        return truth(None);
    };
    let value = if and { *a && *b } else { *a || *b };
    Value::bool(value).with_sensitive(left.sensitive || right.sensitive)
}

fn comparison(operator: BinaryOperator, left: &Value, right: &Value) -> Value {
    let value = match operator {
        BinaryOperator::Greater => greater(left, right),
        BinaryOperator::GreaterOrEqual => either(greater(left, right), equal(left, right)),
        BinaryOperator::Less => greater(right, left),
        _ => either(greater(right, left), equal(left, right)),
    };
    truth(value).with_sensitive(left.sensitive || right.sensitive)
}

fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// Terraform takes every bound for one that is never reached.
fn greater(a: &Value, b: &Value) -> Option<bool> {
    if let (Kind::Number(a), Kind::Number(b)) = (&a.kind, &b.kind) {
        return Some(a > b);
    }
    let surely = |more: &Option<Bound>, less: &Option<Bound>| match (more, less) {
        (Some(more), Some(less)) => more.number > less.number,
        _ => false,
    };
    let (least_a, most_a) = range::bounds(a);
    let (least_b, most_b) = range::bounds(b);
    if surely(&least_a, &most_b) {
        return Some(true);
    }
    surely(&least_b, &most_a).then_some(false)
}

fn arithmetic(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, String> {
    let sensitive = left.sensitive || right.sensitive;
    let (Kind::Number(a), Kind::Number(b)) = (&left.kind, &right.kind) else {
        return Ok(Value::new(range::not_null(Type::Number)).with_sensitive(sensitive));
    };
    let result: Option<Number> = match operator {
        BinaryOperator::Add => a.add(b),
        BinaryOperator::Subtract => a.subtract(b),
        BinaryOperator::Multiply => a.multiply(b),
        BinaryOperator::Divide => a.divide(b),
        _ => a.modulo(b),
    };
    result
        .map(|number| Value::new(Kind::Number(number)).with_sensitive(sensitive))
        .ok_or_else(|| "the operation has no result for zero or infinity".into())
}
