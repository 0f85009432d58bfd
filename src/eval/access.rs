//! `object.name` and `collection[key]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::alternatives::{add_choice, whole_trace};
use super::convert::{convert, describe};
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
    let ty = collection.ty();
    if ty == Type::Dynamic || key.ty() == Type::Dynamic {
        let part = key
            .as_str()
            .and_then(|name| sure_part(collection, name, &Type::Dynamic));
        return Ok(part.unwrap_or_else(|| unknown_part(collection, Type::Dynamic)));
    }
    match &ty {
        Type::List(_) | Type::Tuple(_) => sequence_element(collection, &ty, key),
        Type::Map(element) => map_element(collection, element, key),
        Type::Object(_) => object_element(collection, key),
        Type::Set(_) => Err("the elements of a set have no keys".into()),
        other => Err(format!("{} has no elements", describe(other))),
    }
}

fn sequence_element(collection: &Value, ty: &Type, key: &Value) -> Result<Value, String> {
    let key = convert(key, &Type::Number)?;
    let element = match ty {
        Type::List(element) => element.as_ref().clone(),
        _ => Type::Dynamic,
    };
    let Kind::Number(number) = &key.kind else {
        return Ok(unknown_part(collection, element));
    };
    let no_element = || "the key names no element".to_owned();
    let position = number.to_usize().filter(|_| number.is_integer());
    match &collection.kind {
        Kind::List(_, members) | Kind::Tuple(members) => {
            let position = position.ok_or_else(no_element)?;
            let member = members.get(position).ok_or_else(no_element)?;
            Ok(with_key(collection.member(member), &key))
        }
        Kind::Unknown(unknown) => match &unknown.ty {
            Type::Tuple(elements) => {
                let position = position.ok_or_else(no_element)?;
                let ty = elements.get(position).ok_or_else(no_element)?;
                Ok(with_key(unknown_part(collection, ty.clone()), &key))
            }
            _ => Ok(unknown_part(collection, element)),
        },
        _ => Err(no_element()),
    }
}

fn map_element(collection: &Value, element: &Type, key: &Value) -> Result<Value, String> {
    let key = convert(key, &Type::String)?;
    match (&collection.kind, key.as_str()) {
        (Kind::Map(_, members), Some(name)) => {
            Ok(with_key(named(collection, members, name)?, &key))
        }
        (_, name) => {
            let part = name.and_then(|name| sure_part(collection, name, element));
            Ok(part.unwrap_or_else(|| unknown_part(collection, element.clone())))
        }
    }
}

fn object_element(collection: &Value, key: &Value) -> Result<Value, String> {
    let key = convert(key, &Type::String)?;
    match (&collection.kind, key.as_str()) {
        // The marks of the key are forgotten here, unlike with lists and maps.
        (Kind::Object(members), Some(name)) => named(collection, members, name),
        _ => Ok(unknown_part(collection, Type::Dynamic)),
    }
}

fn with_key(mut member: Value, key: &Value) -> Value {
    member.sensitive |= key.sensitive;
    member
}
