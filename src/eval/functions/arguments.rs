//! What the functions have in common: reading arguments, making values, and bounds on what they make.

use std::sync::Arc;

use dashu_int::UBig;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::{Failure, Outcome};
use crate::eval::number::Number;
use crate::eval::range;
use crate::eval::types::Type;
use crate::eval::value::{Kind, Value};

/// Longer texts are not made: the result is unknown.
pub(super) const MOST_BYTES: usize = 1 << 20;
/// Greater collections are not made: the result is unknown.
pub(super) const MOST_ELEMENTS: usize = 20_000;
/// Deeper nested documents are not decoded: the result is unknown.
pub(super) const MOST_DEPTH: usize = 100;

/// The text of a known string.
pub(super) fn text(arguments: &[Value], index: usize) -> Result<&str, Failure> {
    let value = arguments.get(index).ok_or(Failure::Unknown)?;
    value.as_str().ok_or(Failure::Unknown)
}

/// A known number.
pub(super) fn number(arguments: &[Value], index: usize) -> Result<&Number, Failure> {
    match arguments.get(index).map(|value| &value.kind) {
        Some(Kind::Number(number)) => Ok(number),
        _ => Err(Failure::Unknown),
    }
}

/// A known whole number of 64 bits.
pub(super) fn whole(arguments: &[Value], index: usize) -> Result<i64, Failure> {
    let number = number(arguments, index)?;
    number
        .to_i64()
        .ok_or_else(|| Failure::argument(index, "must be a whole number of no more than 64 bits"))
}

/// A known whole number of any size: whether it is negative, and its magnitude.
pub(super) fn great_whole(arguments: &[Value], index: usize) -> Result<(bool, UBig), Failure> {
    const MOST_BITS: usize = 1024;
    let number = number(arguments, index)?;
    if !number.is_integer() {
        return Err(Failure::argument(index, "must be a whole number"));
    }
    let magnitude = number.to_whole(MOST_BITS).ok_or(Failure::TooLarge)?;
    Ok((number.is_negative() && !magnitude.is_zero(), magnitude))
}

/// A known number as a float.
pub(super) fn float(arguments: &[Value], index: usize) -> Result<f64, Failure> {
    let number = number(arguments, index)?;
    let float = number.to_f64();
    if float.is_infinite() && !number.is_infinite() {
        return Err(Failure::argument(index, "is too great for a 64-bit float"));
    }
    Ok(float)
}

/// A string in normal form C.
pub(super) fn string(text: impl Into<String>) -> Value {
    Value::string(normal(text.into()))
}

/// The text in normal form C.
pub(super) fn normal(text: String) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        text.nfc().collect()
    }
}

/// The same where it is not too long.
pub(super) fn bounded(text: String) -> Outcome {
    check_bytes(text.len())?;
    Ok(string(text))
}

/// Refuses texts that would be too long.
pub(super) fn check_bytes(bytes: usize) -> Result<(), Failure> {
    if bytes > MOST_BYTES {
        return Err(Failure::TooLarge);
    }
    Ok(())
}

/// Refuses collections that would be too great.
pub(super) fn check_elements(elements: usize) -> Result<(), Failure> {
    if elements > MOST_ELEMENTS {
        return Err(Failure::TooLarge);
    }
    Ok(())
}

/// A count.
pub(super) fn count(value: usize) -> Value {
    Value::new(Kind::Number(Number::from_usize(value)))
}

/// An unknown value that is not null.
pub(super) fn unknown(ty: Type) -> Value {
    Value::new(range::not_null(ty))
}

/// A list.
pub(super) fn list(element: Type, elements: Vec<Value>) -> Value {
    Value::new(Kind::List(element, elements.into()))
}

/// A tuple.
pub(super) fn tuple(elements: Vec<Value>) -> Value {
    Value::new(Kind::Tuple(elements.into()))
}

/// The elements of a known list, set or tuple, without the mark of the whole.
pub(super) fn elements(value: &Value) -> Option<Vec<Value>> {
    match &value.kind {
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
            let whole = value.clone().with_sensitive(false);
            Some(
                elements
                    .iter()
                    .map(|element| whole.member(element))
                    .collect(),
            )
        }
        _ => None,
    }
}

/// The entries of a known map or object in the order of keys, without the mark of the whole.
pub(super) fn entries(value: &Value) -> Option<Vec<(Arc<str>, Value)>> {
    match &value.kind {
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let whole = value.clone().with_sensitive(false);
            let entries = entries.iter();
            Some(
                entries
                    .map(|(key, entry)| (key.clone(), whole.member(entry)))
                    .collect(),
            )
        }
        _ => None,
    }
}

/// How an unknown string surely begins, as Terraform knows it.
pub(super) fn known_prefix(value: &Value) -> &str {
    match &value.kind {
        Kind::Unknown(unknown) => &unknown.prefix,
        _ => "",
    }
}
