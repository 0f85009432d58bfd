//! Type conversion functions, and those that only look at or change marks.

use super::{Failure, Function, Outcome, Parameter, Special};
use crate::eval::convert::{convert, convertible, describe};
use crate::eval::types::Type;
use crate::eval::value::Value;

pub(super) fn functions() -> Vec<Function> {
    let anything = |name| Parameter::new(name, Type::Dynamic).anything();
    let same = |name, body| {
        Function::new(name, Type::Dynamic, body)
            .takes(anything("value"))
            .result_of(|arguments| argument(arguments).map(Value::ty))
    };
    let mut functions = vec![
        Function::special("can", Type::Bool, Special::Can).takes(anything("expression")),
        same("ephemeralasnull", |arguments, _| {
            argument(arguments).cloned()
        }),
        Function::new("issensitive", Type::Bool, |arguments, _| {
            let value = argument(arguments)?;
            if !value.sensitive && value.is_unknown() {
                return Ok(Value::unknown(Type::Bool));
            }
            Ok(Value::bool(value.sensitive))
        })
        .takes(anything("value").chooses()),
        same("nonsensitive", |arguments, _| {
            Ok(argument(arguments)?.clone().with_sensitive(false))
        }),
        same("sensitive", |arguments, _| {
            Ok(argument(arguments)?.clone().with_sensitive(true))
        }),
        Function::special("templatestring", Type::String, Special::TemplateString)
            .takes(anything("template"))
            .takes(Parameter::new("vars", Type::Dynamic))
            .not_null(),
        Function::special("try", Type::Dynamic, Special::Try)
            .takes_any_number(anything("expressions")),
    ];
    functions.extend([
        conversion("tobool", Type::Bool),
        conversion("tolist", Type::list(Type::Dynamic)),
        conversion("tomap", Type::map(Type::Dynamic)),
        conversion("tonumber", Type::Number),
        conversion("toset", Type::set(Type::Dynamic)),
        conversion("tostring", Type::String),
    ]);
    functions
}

fn argument(arguments: &[Value]) -> Result<&Value, Failure> {
    arguments.first().ok_or(Failure::Unknown)
}

fn conversion(name: &'static str, wanted: Type) -> Function {
    let rule = match wanted {
        Type::Bool => |arguments: &[Value]| wanted_type(arguments, Type::Bool),
        Type::Number => |arguments: &[Value]| wanted_type(arguments, Type::Number),
        Type::String => |arguments: &[Value]| wanted_type(arguments, Type::String),
        Type::List(_) => |arguments: &[Value]| wanted_type(arguments, Type::list(Type::Dynamic)),
        Type::Set(_) => |arguments: &[Value]| wanted_type(arguments, Type::set(Type::Dynamic)),
        _ => |arguments: &[Value]| wanted_type(arguments, Type::map(Type::Dynamic)),
    };
    Function::new(name, wanted, converted)
        .takes(Parameter::new("v", Type::Dynamic).anything())
        .result_of(rule)
}

fn wanted_type(arguments: &[Value], wanted: Type) -> Result<Type, Failure> {
    let given = argument(arguments)?.ty();
    if convertible(&given, &wanted, true) {
        return Ok(wanted);
    }
    let message = format!(
        "cannot convert {} to {}",
        describe(&given),
        describe(&wanted)
    );
    Err(Failure::argument(0, message))
}

fn converted(arguments: &[Value], wanted: &Type) -> Outcome {
    let value = argument(arguments)?;
    if value.is_unknown() {
        // Terraform keeps nothing but the type that was asked for.
        let result = Value::unknown(wanted.clone()).with_sensitive(value.sensitive);
        return Ok(result.with_provenance_of(value));
    }
    convert(value, wanted).map_err(|why| Failure::argument(0, why))
}
