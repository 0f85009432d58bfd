//! `object.name` and `collection[key]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::alternatives::{add_choice, whole_trace};
use super::convert::{convert, describe};
use super::number::Number;
use super::trace::Trace;
use super::types::Type;
use super::value::{Kind, Value, When};

/// `object.name`. The error is a phrase.
pub(super) fn attribute(object: &Value, name: &str) -> Result<Value, String> {
    let unknown = |ty: &Type| {
        let trace = || object.trace().attribute(name);
        let part = sure_part(object, name, ty);
        Ok(part.unwrap_or_else(|| part_of(object, trace(), ty.clone())))
    };
    match &object.kind {
        Kind::Null(_) => Err("null has no attributes".into()),
        Kind::Object(members) => named(object, members, name),
        Kind::Map(_, members) => named(object, members, name),
        Kind::Unknown(known) => match &known.ty {
            Type::Dynamic => unknown(&Type::Dynamic),
            Type::Map(element) => unknown(element),
            Type::Object(attributes) => attributes
                .get(name)
                .map_or_else(|| Err(no_attribute(name)), unknown),
            other => Err(format!("{} has no attributes", describe(other))),
        },
        _ => Err(format!("{} has no attributes", describe(&object.ty()))),
    }
}

fn no_attribute(name: &str) -> String {
    format!("there is no attribute {name:?}")
}

fn named(object: &Value, members: &BTreeMap<Arc<str>, Value>, name: &str) -> Result<Value, String> {
    members
        .get(name)
        .map(|member| object.member(member))
        .ok_or_else(|| no_attribute(name))
}

/// A part of an unknown value, or one that an unknown key names: marked as the whole is.
fn unknown_part(whole: &Value, ty: Type) -> Value {
    part_of(whole, whole.trace(), ty)
}

fn part_of(whole: &Value, trace: Trace, ty: Type) -> Value {
    let part = Value::unknown(ty).with_sensitive(whole.sensitive);
    if trace.is_none() {
        return part;
    }
    part.with_trace(trace)
}

/// A part that an unknown map or object surely has: unknown for Terraform, but it is what is written. `None` where there is
/// none of that name.
pub(super) fn sure_part(whole: &Value, name: &str, ty: &Type) -> Option<Value> {
    let member = whole.sure_member(name)?;
    let part = part_of(whole, whole_trace(&member), ty.clone());
    let mut choices = Vec::new();
    add_choice(
        &mut choices,
        &part,
        &member,
        When::Possibly,
        &BTreeMap::new(),
    );
    Some(part.with_bounded_choices(choices))
}

/// `collection[key]`. The error is a phrase.
pub(super) fn index(collection: &Value, key: &Value) -> Result<Value, String> {
    if collection.is_null() {
        return Err("null has no elements".into());
    }
    if key.is_null() {
        return Err("null is no key".into());
    }
    if is_dynamic(collection) || is_dynamic(key) {
        let part = key
            .as_str()
            .and_then(|name| sure_part(collection, name, &Type::Dynamic));
        return Ok(part.unwrap_or_else(|| unknown_part(collection, Type::Dynamic)));
    }
    match &collection.kind {
        Kind::List(element, members) => sequence_element(collection, members, element, key),
        Kind::Tuple(members) => sequence_element(collection, members, &Type::Dynamic, key),
        Kind::Map(element, members) => map_element(collection, members, element, key),
        Kind::Object(members) => object_element(collection, members, key),
        Kind::Unknown(unknown) => unknown_element(collection, &unknown.ty, key),
        _ => Err(no_elements(&collection.ty())),
    }
}

fn is_dynamic(value: &Value) -> bool {
    matches!(&value.kind, Kind::Unknown(unknown) if unknown.ty == Type::Dynamic)
}

fn no_elements(ty: &Type) -> String {
    match ty {
        Type::Set(_) => "the elements of a set have no keys".into(),
        other => format!("{} has no elements", describe(other)),
    }
}

/// Which element a key names; the key is known.
fn position(number: &Number) -> Result<usize, String> {
    let position = number.to_usize().filter(|_| number.is_integer());
    position.ok_or_else(no_element)
}

fn no_element() -> String {
    "the key names no element".to_owned()
}

fn sequence_element(
    collection: &Value,
    members: &[Value],
    element: &Type,
    key: &Value,
) -> Result<Value, String> {
    let key = convert(key, &Type::Number)?;
    let Kind::Number(number) = &key.kind else {
        return Ok(unknown_part(collection, element.clone()));
    };
    let member = members.get(position(number)?).ok_or_else(no_element)?;
    Ok(with_key(collection.member(member), &key))
}

fn map_element(
    collection: &Value,
    members: &BTreeMap<Arc<str>, Value>,
    element: &Type,
    key: &Value,
) -> Result<Value, String> {
    let key = convert(key, &Type::String)?;
    match key.as_str() {
        Some(name) => Ok(with_key(named(collection, members, name)?, &key)),
        None => Ok(unknown_part(collection, element.clone())),
    }
}

fn object_element(
    collection: &Value,
    members: &BTreeMap<Arc<str>, Value>,
    key: &Value,
) -> Result<Value, String> {
    let key = convert(key, &Type::String)?;
    match key.as_str() {
        // The marks of the key are forgotten here, unlike with lists and maps.
        Some(name) => named(collection, members, name),
        None => Ok(unknown_part(collection, Type::Dynamic)),
    }
}

/// An element of a collection of which only the type is known.
fn unknown_element(collection: &Value, ty: &Type, key: &Value) -> Result<Value, String> {
    let element = match ty {
        Type::List(element) | Type::Map(element) => element.as_ref().clone(),
        Type::Tuple(_) | Type::Object(_) => Type::Dynamic,
        other => return Err(no_elements(other)),
    };
    let is_sequence = matches!(ty, Type::List(_) | Type::Tuple(_));
    let key = convert(
        key,
        if is_sequence {
            &Type::Number
        } else {
            &Type::String
        },
    )?;
    match (ty, &key.kind) {
        (Type::Tuple(elements), Kind::Number(number)) => {
            let ty = elements.get(position(number)?).ok_or_else(no_element)?;
            Ok(with_key(unknown_part(collection, ty.clone()), &key))
        }
        (Type::Map(_), Kind::String(name)) => {
            let part = sure_part(collection, name, &element);
            Ok(part.unwrap_or_else(|| unknown_part(collection, element)))
        }
        _ => Ok(unknown_part(collection, element)),
    }
}

fn with_key(mut member: Value, key: &Value) -> Value {
    member.sensitive |= key.sensitive;
    member
}
