//! Numeric functions.

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
            made(Some(number(arguments, 0)?.absolute()))
        })
        .takes(num().dynamic()),
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
        return Err(Failure::Unknown);
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
    made(Number::from_f64(num.ln() / base.ln()))
}

fn pow(arguments: &[Value], _: &Type) -> Outcome {
    let (num, power) = (float(arguments, 0)?, float(arguments, 1)?);
    made(Number::from_f64(raise(num, power)))
}

/// Go raises to whole powers by squaring the mantissa, which rounds differently from other implementations.
fn raise(num: f64, power: f64) -> f64 {
    let by_rule = num == 0.0 || num == 1.0 || !num.is_finite() || power.abs() >= 1e9;
    if by_rule || power.fract() != 0.0 || power == 0.0 || power == 1.0 {
        return if power.abs() == 0.5 && num.is_finite() && num != 0.0 {
            if power > 0.0 {
                num.sqrt()
            } else {
                1.0 / num.sqrt()
            }
        } else {
            num.powf(power)
        };
    }
    let (mut mantissa, mut exponent) = split(num);
    let (mut result, mut result_exponent) = (1.0_f64, 0_i64);
    let mut left = power.abs() as u64;
    while left > 0 {
        if exponent.abs() > 1 << 12 {
            result_exponent += exponent;
            break;
        }
        if left & 1 == 1 {
            result *= mantissa;
            result_exponent += exponent;
        }
        mantissa *= mantissa;
        exponent *= 2;
        if mantissa < 0.5 {
            mantissa += mantissa;
            exponent -= 1;
        }
        left >>= 1;
    }
    if power < 0.0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    scale(result, result_exponent)
}

/// A mantissa of magnitude in [0.5, 1) and the power of two that goes with it; for finite numbers other than zero.
fn split(num: f64) -> (f64, i64) {
    let (num, shift) = if num.abs() < f64::MIN_POSITIVE {
        (num * 2f64.powi(52), -52)
    } else {
        (num, 0)
    };
    let bits = num.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or_default() - 1022;
    let mantissa = f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52));
    (mantissa, exponent + shift)
}

fn scale(num: f64, exponent: i64) -> f64 {
    let power = |exponent: i64| 2f64.powi(i32::try_from(exponent).unwrap_or_default());
    let exponent = exponent.clamp(-2200, 2200);
    // The last step alone may round.
    let first = exponent.clamp(-1000, 1000);
    let second = (exponent - first).clamp(-1000, 1000);
    num * power(first) * power(second) * power(exponent - first - second)
}
