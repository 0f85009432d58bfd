//! Numeric functions.

mod go_math;

use dashu_int::UBig;

use super::arguments::{float, number, text, whole};
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::number::Number;
use crate::eval::types::Type;
use crate::eval::value::{Kind, Value};

/// Longer texts are not parsed as whole numbers.
const MOST_DIGITS: usize = 10_000;

pub(super) fn functions() -> Vec<Function> {
    let num = || Parameter::new("num", Type::Number);
    let numeric = |name, body| Function::new(name, Type::Number, body).not_null();
    vec![
        numeric("abs", |arguments, _| {
            let sensitive = arguments.iter().any(|value| value.sensitive);
            let absolute = made(Some(number(arguments, 0)?.absolute()))?;
            Ok(absolute.with_sensitive(sensitive))
        })
        .takes(num().dynamic().marked()),
        numeric("ceil", |arguments, _| made(number(arguments, 0)?.ceil())).takes(num()),
        numeric("floor", |arguments, _| made(number(arguments, 0)?.floor())).takes(num()),
        numeric("log", log)
            .takes(num())
            .takes(Parameter::new("base", Type::Number)),
        numeric("max", |arguments, _| extreme(arguments, |a, b| a > b))
            .takes_any_number(Parameter::new("numbers", Type::Number).dynamic()),
        numeric("min", |arguments, _| extreme(arguments, |a, b| a < b))
            .takes_any_number(Parameter::new("numbers", Type::Number).dynamic()),
        numeric("parseint", parse_int)
            .takes(Parameter::new("number", Type::Dynamic))
            .takes(Parameter::new("base", Type::Number).chooses())
            .result_of(parse_int_type),
        numeric("pow", pow)
            .takes(num())
            .takes(Parameter::new("power", Type::Number)),
        numeric("signum", signum).takes(num()),
    ]
}

fn made(number: Option<Number>) -> Outcome {
    let number = number.ok_or_else(|| Failure::call("the result is not a number"))?;
    Ok(Value::new(Kind::Number(number)))
}

fn extreme(arguments: &[Value], beats: fn(&Number, &Number) -> bool) -> Outcome {
    let mut best = 0;
    for index in 0..arguments.len() {
        if beats(number(arguments, index)?, number(arguments, best)?) {
            best = index;
        }
    }
    let best = arguments.get(best).cloned();
    best.ok_or_else(|| Failure::call("must pass at least one number"))
}

fn signum(arguments: &[Value], _: &Type) -> Outcome {
    let sign = whole(arguments, 0)?.signum();
    made(Some(Number::from_i64(sign)))
}

fn parse_int_type(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments.first().map(Value::ty) {
        Some(Type::String) => Ok(Type::Number),
        _ => Err(Failure::argument(0, "must be a string")),
    }
}

fn parse_int(arguments: &[Value], _: &Type) -> Outcome {
    let (digits, base) = (text(arguments, 0)?, whole(arguments, 1)?);
    let base = u8::try_from(base)
        .ok()
        .filter(|base| (2..=62).contains(base));
    let Some(base) = base else {
        let message = "base must be a whole number between 2 and 62 inclusive";
        return Err(Failure::argument(1, message));
    };
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    if digits.len() > MOST_DIGITS {
        return Err(Failure::TooLarge);
    }
    let magnitude = magnitude(digits, base).ok_or_else(|| {
        Failure::argument(0, format!("cannot be parsed as a base {base} integer"))
    })?;
    let negative = negative && !magnitude.is_zero();
    made(Some(Number::from_integer(negative, magnitude)))
}

fn magnitude(digits: &str, base: u8) -> Option<UBig> {
    if digits.is_empty() {
        return None;
    }
    let mut magnitude = UBig::ZERO;
    for digit in digits.bytes() {
        let digit = digit_value(digit, base).filter(|digit| *digit < base)?;
        magnitude = magnitude * UBig::from(base) + UBig::from(digit);
    }
    Some(magnitude)
}

/// Up to base 36 letters of either case are the same digits; above it capitals follow after the small ones.
fn digit_value(digit: u8, base: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'z' => Some(digit - b'a' + 10),
        b'A'..=b'Z' if base <= 36 => Some(digit - b'A' + 10),
        b'A'..=b'Z' => Some(digit - b'A' + 36),
        _ => None,
    }
}

fn log(arguments: &[Value], _: &Type) -> Outcome {
    let (num, base) = (float(arguments, 0)?, float(arguments, 1)?);
    made(Number::from_f64(go_math::ln(num) / go_math::ln(base)))
}

fn pow(arguments: &[Value], _: &Type) -> Outcome {
    let (num, power) = (float(arguments, 0)?, float(arguments, 1)?);
    made(Number::from_f64(go_math::pow(num, power)))
}
