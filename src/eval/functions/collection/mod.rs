//! Collection functions.

mod lists;
mod maps;
mod search;
mod sets;

use super::arguments::{count, unknown};
use super::graphemes::graphemes;
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::number::Number;
use crate::eval::range;
use crate::eval::types::Type;
use crate::eval::value::{Kind, Value};

pub(super) fn functions() -> Vec<Function> {
    let mut functions = vec![
        Function::new("length", Type::Number, length)
            .takes(
                Parameter::new("value", Type::Dynamic)
                    .unknown()
                    .dynamic()
                    .marked()
                    .chooses(),
            )
            .result_of(length_type)
            .not_null(),
    ];
    functions.extend(lists::functions());
    functions.extend(maps::functions());
    functions.extend(search::functions());
    functions.extend(sets::functions());
    functions
}

fn argument(arguments: &[Value], index: usize) -> Result<&Value, Failure> {
    arguments.get(index).ok_or(Failure::Unknown)
}

fn number(number: Number) -> Value {
    Value::new(Kind::Number(number))
}

fn length_type(arguments: &[Value]) -> Result<Type, Failure> {
    match argument(arguments, 0)?.ty() {
        Type::Bool | Type::Number => {
            let message = "must be a string, a collection type, or a structural type";
            Err(Failure::argument(0, message))
        }
        _ => Ok(Type::Number),
    }
}

fn length(arguments: &[Value], _: &Type) -> Outcome {
    let value = argument(arguments, 0)?;
    let characters = |text: &str| graphemes(text).count();
    let length = match (&value.kind, value.ty()) {
        (Kind::String(text), _) => count(characters(text)),
        (_, Type::Tuple(elements)) => count(elements.len()),
        (_, Type::Object(attributes)) => count(attributes.len()),
        (Kind::Unknown(unknown), Type::String) => {
            Value::new(range::between(characters(&unknown.prefix), None))
        }
        (Kind::Set(_, members), _) => match crate::eval::set::length(members) {
            Some(length) => count(length),
            None => Value::new(range::between(1, Some(members.len()))),
        },
        (_, Type::Dynamic) => unknown(Type::Number),
        _ => {
            let (least, most) = range::length(value);
            Value::new(range::between(least, most))
        }
    };
    Ok(length.with_sensitive(value.sensitive))
}
