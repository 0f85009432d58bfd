//! `format` and `formatlist`.

use super::arguments::{check_bytes, elements, list, text, unknown};
use super::graphemes::graphemes;
use super::json;
use super::pieces::assemble;
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::convert::convert;
use crate::eval::number::{Decimal, Number};
use crate::eval::range;
use crate::eval::set;
use crate::eval::types::Type;
use crate::eval::value::{Kind, Piece, Value};

pub(super) fn functions() -> Vec<Function> {
    let format = || Parameter::new("format", Type::String);
    let values = || Parameter::new("args", Type::Dynamic).null().unknown();
    vec![
        Function::new("format", Type::String, format_one)
            .takes(format())
            .takes_any_number(values())
            .not_null(),
        Function::new("formatlist", Type::list(Type::String), format_list)
            .takes(format())
            .takes_any_number(values())
            .not_null(),
    ]
}

/// A part of a format string.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Verb(Verb),
}

/// `%` with flags, width, precision, argument and the letter that says how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Verb {
    mode: char,
    /// Counted from zero.
    argument: usize,
    zero: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

fn format_one(arguments: &[Value], _: &Type) -> Outcome {
    let Some((format, values)) = arguments.split_first() else {
        return Err(Failure::Unknown);
    };
    let pattern = text(arguments, 0)?;
    if values.iter().all(Value::is_wholly_known) {
        return Ok(assemble(render(format, &parse(pattern)?, values)?));
    }
    let prefix = match pattern.split_once('%') {
        Some((prefix, _)) if !prefix.is_empty() => prefix,
        _ => "",
    };
    let kind = if prefix.is_empty() {
        range::not_null(Type::String)
    } else {
        range::string_with_prefix(prefix)
    };
    // What is wrong with the call shows only once everything is known.
    let pieces = parse(pattern).and_then(|parts| render(format, &parts, values));
    let layered = pieces
        .map(assemble)
        .unwrap_or_else(|_| unknown(Type::String));
    Ok(layered.with_kind(kind))
}

fn format_list(arguments: &[Value], _: &Type) -> Outcome {
    let Some((format, values)) = arguments.split_first() else {
        return Err(Failure::Unknown);
    };
    if values.is_empty() {
        return Ok(list(
            Type::String,
            vec![format_one(arguments, &Type::String)?],
        ));
    }
    let Some(length) = common_length(values)? else {
        return Ok(unknown(Type::list(Type::String)));
    };
    if length == Some(0) {
        return Ok(list(Type::String, Vec::new()));
    }
    let parts = parse(text(arguments, 0)?)?;
    let columns: Vec<Option<Vec<Value>>> = values.iter().map(iterated).collect();
    let mut results = Vec::new();
    let mut bytes = 0;
    for row in 0..length.unwrap_or(1) {
        let cells: Vec<Value> = columns
            .iter()
            .zip(values)
            .filter_map(|(column, value)| match column {
                Some(column) => column.get(row).cloned(),
                None => Some(value.clone()),
            })
            .collect();
        let result = if cells.iter().all(Value::is_wholly_known) {
            assemble(render(format, &parts, &cells)?)
        } else {
            let pieces = render(format, &parts, &cells);
            let layered = pieces
                .map(assemble)
                .unwrap_or_else(|_| unknown(Type::String));
            layered.with_kind(range::not_null(Type::String))
        };
        bytes += result.as_str().map_or(0, str::len);
        check_bytes(bytes)?;
        results.push(result);
    }
    Ok(list(Type::String, results))
}

/// The elements of a value that is gone through; `None` for one that goes into every result.
fn iterated(value: &Value) -> Option<Vec<Value>> {
    elements(value)
}

/// How many elements the sequences have, if there are any; outer `None` where one of them is unknown.
fn common_length(values: &[Value]) -> Result<Option<Option<usize>>, Failure> {
    let mut common: Option<usize> = None;
    let mut known = true;
    for (index, value) in values.iter().enumerate() {
        let length = match (&value.kind, value.ty()) {
            (Kind::Null(_), _) => continue,
            (Kind::Set(_, members), _) => set::length(members),
            (Kind::List(_, members), _) => Some(members.len()),
            (_, Type::Tuple(types)) => {
                known &= !value.is_unknown();
                Some(types.len())
            }
            (_, Type::List(_) | Type::Set(_)) => None,
            _ => continue,
        };
        match (length, common) {
            (None, _) => known = false,
            (Some(length), Some(other)) if length != other => {
                let message = format!("has {length} elements where others have {other}");
                return Err(Failure::argument(index + 1, message));
            }
            (Some(length), _) => common = Some(length),
        }
    }
    Ok(known.then_some(common))
}

fn parse(pattern: &str) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    let mut next = 0;
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        push_text(&mut parts, before);
        if let Some(after) = after.strip_prefix('%') {
            push_text(&mut parts, "%");
            rest = after;
            continue;
        }
        let (verb, after) = parse_verb(after, next)?;
        next = verb.argument + 1;
        parts.push(Part::Verb(verb));
        rest = after;
    }
    push_text(&mut parts, rest);
    Ok(parts)
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

fn parse_verb(text: &str, next: usize) -> Result<(Verb, &str), Failure> {
    let mut verb = Verb {
        argument: next,
        ..Verb::default()
    };
    let mut rest = text;
    loop {
        let mut characters = rest.chars();
        let flag = match characters.next() {
            Some('0') => &mut verb.zero,
            Some('#') => &mut verb.sharp,
            Some('-') => &mut verb.minus,
            Some('+') => &mut verb.plus,
            Some(' ') => &mut verb.space,
            _ => break,
        };
        *flag = true;
        rest = characters.as_str();
    }
    (verb.width, rest) = match digits(rest) {
        ("", rest) => (None, rest),
        (width, rest) => (Some(measure(width)?), rest),
    };
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = digits(after);
        verb.precision = Some(measure(precision)?);
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('[') {
        let (number, after) = digits(after);
        let argument = number
            .parse::<usize>()
            .ok()
            .filter(|_| !number.starts_with('0'));
        let (Some(argument), Some(after)) = (argument, after.strip_prefix(']')) else {
            return Err(bad_format());
        };
        verb.argument = argument - 1;
        rest = after;
    }
    let mut characters = rest.chars();
    match characters.next() {
        Some(mode) if mode.is_ascii_alphabetic() => {
            verb.mode = mode;
            Ok((verb, characters.as_str()))
        }
        _ => Err(bad_format()),
    }
}

fn bad_format() -> Failure {
    Failure::argument(0, "is not a valid format string")
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, ""))
}

/// A width or precision; one that is too great is refused.
fn measure(digits: &str) -> Result<usize, Failure> {
    if digits.is_empty() {
        return Ok(0);
    }
    let number = digits.parse().map_err(|_| Failure::TooLarge)?;
    check_bytes(number)?;
    Ok(number)
}

/// The pieces of the result; those of unknown arguments are unknown.
fn render(format: &Value, parts: &[Part], values: &[Value]) -> Result<Vec<Piece>, Failure> {
    let mut pieces = Vec::new();
    let mut bytes = 0_usize;
    let mut used = 0;
    for part in parts {
        let before = pieces.len();
        match part {
            Part::Text(text) => pieces.push(Piece {
                text: Some(text.as_str().into()),
                trace: format.trace(),
            }),
            Part::Verb(verb) => {
                used = used.max(verb.argument + 1);
                let message = "asks for more arguments than are given";
                let value = values.get(verb.argument);
                let value = value.ok_or_else(|| Failure::argument(0, message))?;
                render_verb(verb, value, &mut pieces)?;
            }
        }
        let added = pieces.get(before..).unwrap_or_default().iter();
        bytes += added
            .map(|piece| piece.text.as_deref().map_or(0, str::len))
            .sum::<usize>();
        check_bytes(bytes)?;
    }
    if used < values.len() {
        return Err(Failure::argument(
            used + 1,
            "is not used by the format string",
        ));
    }
    Ok(pieces)
}

fn render_verb(verb: &Verb, value: &Value, pieces: &mut Vec<Piece>) -> Result<(), Failure> {
    let unsupported = |why: &str| {
        let message = format!("cannot be formatted with %{}: {why}", verb.mode);
        Failure::argument(verb.argument + 1, message)
    };
    if !"vtbdoxXeEfgGsq".contains(verb.mode) {
        return Err(Failure::argument(
            0,
            format!("has an unsupported verb %{}", verb.mode),
        ));
    }
    if !value.is_wholly_known() {
        if verb.mode == 's' && verb.width.is_none() && verb.precision.is_none() {
            pieces.extend(
                convert(value, &Type::String)
                    .map_err(|why| unsupported(&why))?
                    .pieces(),
            );
        } else {
            pieces.push(piece(None, value));
        }
        return Ok(());
    }
    if value.is_null() && verb.mode != 'v' {
        return Err(unsupported("it is null"));
    }
    let text = match verb.mode {
        'v' => as_is(verb, value)?,
        't' => {
            let converted = convert(value, &Type::Bool).map_err(|why| unsupported(&why))?;
            match converted.kind {
                Kind::Bool(value) => value.to_string(),
                _ => return Err(Failure::Unknown),
            }
        }
        's' | 'q' => {
            let converted = convert(value, &Type::String).map_err(|why| unsupported(&why))?;
            let text = converted.as_str().ok_or(Failure::TooLarge)?;
            let cut = verb.precision.is_some_and(|precision| precision > 0);
            if verb.mode == 's' && verb.width.is_none() && !cut {
                pieces.extend(converted.pieces());
                return Ok(());
            }
            padded_string(verb, text)
        }
        mode => {
            let converted = convert(value, &Type::Number).map_err(|why| unsupported(&why))?;
            let Kind::Number(number) = &converted.kind else {
                return Err(Failure::Unknown);
            };
            match mode {
                'e' | 'E' | 'f' | 'g' | 'G' => float(verb, number)?,
                _ if number.is_integer() => integer(verb, number)?,
                _ => return Err(unsupported("a whole number is required")),
            }
        }
    };
    pieces.push(piece(Some(text), value));
    Ok(())
}

fn piece(text: Option<String>, value: &Value) -> Piece {
    Piece {
        text: text.map(Into::into),
        trace: value.trace(),
    }
}

fn as_is(verb: &Verb, value: &Value) -> Result<String, Failure> {
    let text = match &value.kind {
        Kind::String(text) if !verb.sharp => text.to_string(),
        Kind::Number(number) if !verb.sharp => general(number, None, 'e')?,
        _ => json::encode(value)?,
    };
    Ok(pad(verb, &text))
}

fn padded_string(verb: &Verb, text: &str) -> String {
    let text: String = match verb.precision {
        Some(precision) if precision > 0 => graphemes(text).take(precision).collect(),
        _ => text.to_owned(),
    };
    if verb.mode == 'q' {
        return pad(verb, &json::quoted(&text));
    }
    pad(verb, &text)
}

fn pad(verb: &Verb, text: &str) -> String {
    let missing = verb
        .width
        .unwrap_or(0)
        .saturating_sub(graphemes(text).count());
    let padding = if verb.zero { "0" } else { " " }.repeat(missing);
    if verb.minus {
        format!("{text}{padding}")
    } else {
        format!("{padding}{text}")
    }
}

fn sign(verb: &Verb, negative: bool) -> &'static str {
    match (negative, verb.plus, verb.space) {
        (true, _, _) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

fn integer(verb: &Verb, number: &Number) -> Result<String, Failure> {
    let magnitude = number.to_whole(1 << 15).ok_or(Failure::TooLarge)?;
    let negative = number.is_negative() && !magnitude.is_zero();
    let (radix, prefix) = match verb.mode {
        'b' => (2, "0b"),
        'o' => (8, "0"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = magnitude.in_radix(radix).to_string();
    if verb.mode == 'X' {
        digits.make_ascii_uppercase();
    }
    if verb.precision == Some(0) && magnitude.is_zero() {
        return Ok(String::new());
    }
    let sign = sign(verb, negative);
    let prefix = if verb.sharp { prefix } else { "" };
    let mut zeros = verb.precision.unwrap_or(0).saturating_sub(digits.len());
    let length = sign.len() + prefix.len() + zeros + digits.len();
    let missing = verb.width.unwrap_or(0).saturating_sub(length);
    let (mut left, mut right) = (0, 0);
    if verb.minus {
        right = missing;
    } else if verb.zero && verb.precision.is_none() {
        zeros = missing;
    } else {
        left = missing;
    }
    let (left, zeros, right) = (" ".repeat(left), "0".repeat(zeros), " ".repeat(right));
    Ok(format!("{left}{sign}{prefix}{zeros}{digits}{right}"))
}

fn float(verb: &Verb, number: &Number) -> Result<String, Failure> {
    let digits = match verb.mode {
        'f' => fixed(number, verb.precision.unwrap_or(6))?,
        'e' | 'E' => exponential(number, verb.precision.unwrap_or(6), verb.mode)?,
        'G' => general(&number.absolute(), verb.precision, 'E')?,
        _ => general(&number.absolute(), verb.precision, 'e')?,
    };
    let digits = digits.trim_start_matches('+');
    let sign = match sign(verb, number.is_negative()) {
        "" if number.is_infinite() => "+",
        sign => sign,
    };
    let missing = verb
        .width
        .unwrap_or(0)
        .saturating_sub(sign.len() + digits.len());
    Ok(if verb.zero && !number.is_infinite() {
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else if verb.minus {
        format!("{sign}{digits}{}", " ".repeat(missing))
    } else {
        format!("{}{sign}{digits}", " ".repeat(missing))
    })
}

fn exact(number: &Number) -> Result<Option<Decimal>, Failure> {
    number.exact().ok_or(Failure::TooLarge)
}

fn fixed(number: &Number, decimals: usize) -> Result<String, Failure> {
    let Some(mut decimal) = exact(number)? else {
        return Ok("Inf".into());
    };
    if let Ok(kept) = usize::try_from(decimal.point() + decimals as i64) {
        decimal.round(kept);
    }
    Ok(decimal.to_fixed_with(decimals))
}

fn exponential(number: &Number, decimals: usize, letter: char) -> Result<String, Failure> {
    let Some(mut decimal) = exact(number)? else {
        return Ok("Inf".into());
    };
    decimal.round(decimals + 1);
    Ok(scientific(&decimal, decimals, letter))
}

fn scientific(decimal: &Decimal, decimals: usize, letter: char) -> String {
    let digit = |index: usize| char::from(*decimal.digits().get(index).unwrap_or(&b'0'));
    let mut text = String::from(digit(0));
    if decimals > 0 {
        text.push('.');
        text.extend((1..=decimals).map(digit));
    }
    let exponent = if decimal.digits().is_empty() {
        0
    } else {
        decimal.point() - 1
    };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{text}{letter}{sign}{:02}", exponent.abs())
}

/// Scientific where the exponent is small or as great as the precision, else fixed; with a sign where it is negative.
fn general(number: &Number, precision: Option<usize>, letter: char) -> Result<String, Failure> {
    let sign = if number.is_negative() { "-" } else { "" };
    let decimal = match precision {
        None => number.shortest().ok_or(Failure::TooLarge)?,
        Some(precision) => exact(number)?.map(|mut decimal| {
            decimal.round(precision.max(1));
            decimal
        }),
    };
    let Some(decimal) = decimal else {
        return Ok(if number.is_negative() { "-Inf" } else { "+Inf" }.into());
    };
    Ok(format!(
        "{sign}{}",
        general_digits(&decimal, precision, letter)
    ))
}

fn general_digits(decimal: &Decimal, precision: Option<usize>, letter: char) -> String {
    let (count, point) = (decimal.digits().len(), decimal.point());
    let significant = precision.map_or(count, |precision| precision.max(1));
    let scientific_from = match precision {
        None => 6,
        Some(_) if significant > count && count as i64 >= point => count,
        Some(_) => significant,
    };
    if point < -3 || point > scientific_from as i64 {
        return scientific(decimal, significant.min(count).saturating_sub(1), letter);
    }
    let significant = if significant as i64 > point {
        count
    } else {
        significant
    };
    let decimals = usize::try_from(significant as i64 - point).unwrap_or(0);
    decimal.to_fixed_with(decimals)
}
