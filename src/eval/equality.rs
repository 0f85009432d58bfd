//! `==` across all types.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::range;
use super::set;
use super::types::Type;
use super::value::{Kind, Unknown, Value};

/// Whether two values are equal as `==` has it: nulls of any types are, values of different types are not. `None` where
/// that is not known. Marks do not count.
pub fn equal(a: &Value, b: &Value) -> Option<bool> {
    if a.is_null() && range::surely_not_null(b) || b.is_null() && range::surely_not_null(a) {
        return Some(false);
    }
    match (&a.kind, &b.kind) {
        (Kind::Unknown(_), Kind::Unknown(_)) => None,
        (Kind::Unknown(unknown), _) => equal_to_unknown(unknown, b),
        (_, Kind::Unknown(unknown)) => equal_to_unknown(unknown, a),
        _ if a.is_null() || b.is_null() => Some(a.is_null() && b.is_null()),
        _ => equal_known(a, b),
    }
}

fn equal_to_unknown(unknown: &Unknown, known: &Value) -> Option<bool> {
    if !range::may_be(unknown, known) {
        return Some(false);
    }
    if known.is_null() || unknown.ty.has_dynamic() || known.ty() == unknown.ty {
        return None;
    }
    Some(false)
}

fn equal_known(a: &Value, b: &Value) -> Option<bool> {
    let (ty_a, ty_b) = (a.ty(), b.ty());
    if !has_known_type(a) || !has_known_type(b) {
        let never = !ty_a.conforms_to(&ty_b) && !ty_b.conforms_to(&ty_a);
        return if never { Some(false) } else { None };
    }
    if ty_a != ty_b {
        return Some(false);
    }
    equal_of_one_type(a, b)
}

/// Whether no part is of unknown type (a bare null's type counts as known).
fn has_known_type(value: &Value) -> bool {
    match &value.kind {
        Kind::Null(_) => true,
        Kind::Unknown(unknown) => !unknown.ty.has_dynamic(),
        _ => value.is_wholly_known() || value.members().all(has_known_type),
    }
}

fn equal_of_one_type(a: &Value, b: &Value) -> Option<bool> {
    match (&a.kind, &b.kind) {
        (Kind::Bool(a), Kind::Bool(b)) => Some(a == b),
        (Kind::Number(a), Kind::Number(b)) => Some(a == b),
        (Kind::String(a), Kind::String(b)) => Some(a == b),
        (Kind::Tuple(a), Kind::Tuple(b)) => equal_members(a.iter().zip(b.iter())),
        (Kind::List(_, a), Kind::List(_, b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            equal_members(a.iter().zip(b.iter()))
        }
        (Kind::Object(a), Kind::Object(b)) => equal_members(a.values().zip(b.values())),
        (Kind::Map(_, a), Kind::Map(_, b)) => equal_maps(a, b),
        (Kind::Set(ty, a), Kind::Set(_, b)) => equal_sets(ty, a, b),
        _ => Some(false),
    }
}

fn equal_members<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut unknown = false;
    for (a, b) in pairs {
        match equal(a, b) {
            // Terraform looks no further than the first difference or unknown; either order gives no wrong answer.
            None => unknown = true,
            Some(false) => return if unknown { None } else { Some(false) },
            Some(true) => {}
        }
    }
    if unknown { None } else { Some(true) }
}

fn equal_maps(a: &BTreeMap<Arc<str>, Value>, b: &BTreeMap<Arc<str>, Value>) -> Option<bool> {
    if !a.keys().eq(b.keys()) {
        return Some(false);
    }
    equal_members(a.values().zip(b.values()))
}

fn equal_sets(ty: &Type, a: &[Value], b: &[Value]) -> Option<bool> {
    if a.iter().chain(b).any(Value::is_unknown) {
        return None;
    }
    let both = a.iter().chain(b).cloned().collect();
    let Kind::Set(_, union) = set::kind(ty.clone(), both) else {
        return None;
    };
    Some(union.len() == a.len() && union.len() == b.len())
}
