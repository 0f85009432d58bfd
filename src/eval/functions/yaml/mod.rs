//! YAML as Terraform reads and writes it.

mod decode;
mod encode;

use super::arguments::{bounded, text};
use super::{Failure, Function, Parameter};
use crate::eval::types::Type;
use crate::eval::value::Value;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("yamldecode", Type::Dynamic, |arguments, _| {
            decode::decode(text(arguments, 0)?)
        })
        .takes(Parameter::new("src", Type::String))
        .result_of(decoded_type),
        Function::new("yamlencode", Type::String, |arguments, result| {
            let value = arguments.first().ok_or(Failure::Unknown)?;
            if !value.is_wholly_known() {
                return Ok(Value::unknown(result.clone()));
            }
            bounded(encode::encode(value)?)
        })
        .takes(Parameter::new("value", Type::Dynamic).null().dynamic()),
    ]
}

fn decoded_type(arguments: &[Value]) -> Result<Type, Failure> {
    if arguments.first().is_none_or(Value::is_unknown) {
        return Ok(Type::Dynamic);
    }
    match decode::decode(text(arguments, 0)?) {
        Ok(value) => Ok(value.ty()),
        Err(Failure::Unknown | Failure::TooLarge) => Ok(Type::Dynamic),
        Err(failure) => Err(failure),
    }
}
