//! Functions of maps and objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lists::removed;
use super::{Failure, Function, Outcome, Parameter, argument};
use crate::eval::access;
use crate::eval::alternatives::whole_trace;
use crate::eval::convert::convert;
use crate::eval::functions::arguments::{
    check_elements, elements, entries, list, string, text, tuple, unknown,
};
use crate::eval::functions::candidates::{Candidates, not_taken};
use crate::eval::trace::{Hop, Trace};
use crate::eval::types::Type;
use crate::eval::value::{Kind, Value, When};

pub(super) fn functions() -> Vec<Function> {
    let dynamic = |name| Parameter::new(name, Type::Dynamic);
    let lists_by_name = || Type::map(Type::list(Type::String));
    vec![
        Function::new("keys", Type::Dynamic, keys)
            .takes(dynamic("inputMap").unknown().marked())
            .result_of(keys_type)
            .not_null(),
        Function::new("lookup", Type::Dynamic, lookup)
            .takes(dynamic("inputMap").unknown().dynamic().marked())
            .takes(
                Parameter::new("key", Type::String)
                    .unknown()
                    .marked()
                    .chooses(),
            )
            .takes_any_number(dynamic("default").anything())
            .result_of(lookup_type),
        Function::new("map", Type::Dynamic, removed).takes_any_number(dynamic("vals").anything()),
        Function::new("merge", Type::Dynamic, merge)
            .takes_any_number(dynamic("maps").null().dynamic().unknown().marked())
            .result_of(merge_type)
            // The types of all of them are put together, too.
            .works(|arguments| {
                let weights = arguments.iter().map(Value::weight);
                weights.fold(0, u32::saturating_add).saturating_mul(2)
            })
            .not_null(),
        Function::new("transpose", lists_by_name(), transpose)
            .takes(Parameter::new("values", lists_by_name()))
            .not_null(),
        Function::new("values", Type::Dynamic, values)
            .takes(dynamic("mapping").marked())
            .result_of(values_type)
            .not_null(),
        Function::new("zipmap", Type::Dynamic, zip_map)
            .takes(
                Parameter::new("keys", Type::list(Type::String))
                    .marked()
                    .chooses(),
            )
            .takes(dynamic("values").marked())
            .result_of(zip_map_type)
            .not_null(),
    ]
}

type Entries = BTreeMap<Arc<str>, Value>;

/// A map or an object, as the type says.
fn of_type(ty: &Type, entries: Entries) -> Value {
    Value::new(match ty {
        Type::Map(element) => Kind::Map(element.as_ref().clone(), Arc::new(entries)),
        _ => Kind::Object(Arc::new(entries)),
    })
}

fn keys_type(arguments: &[Value]) -> Result<Type, Failure> {
    match argument(arguments, 0)?.ty() {
        Type::Map(_) => Ok(Type::list(Type::String)),
        Type::Object(attributes) => Ok(Type::Tuple(vec![Type::String; attributes.len()].into())),
        _ => Err(Failure::argument(0, "must have map or object type")),
    }
}

fn keys(arguments: &[Value], result: &Type) -> Outcome {
    let given = argument(arguments, 0)?;
    let whole = whole_trace(given);
    let key = |(name, member): (&Arc<str>, &Value)| {
        let key = Value::string(name.clone());
        match member.trace().entry(name) {
            Some(at) => key.with_trace(whole.via(&Hop::key(at, name.clone()))),
            None => key,
        }
    };
    let keys = match (&given.kind, given.ty()) {
        (Kind::Object(members), _) => tuple(members.iter().map(key).collect()),
        (_, Type::Object(attributes)) => {
            let keys = attributes.keys().map(|name| Value::string(name.clone()));
            tuple(keys.collect())
        }
        (Kind::Map(_, entries), _) => list(Type::String, entries.iter().map(key).collect()),
        _ => unknown(result.clone()),
    };
    Ok(keys.with_sensitive(given.sensitive))
}

fn lookup_type(arguments: &[Value]) -> Result<Type, Failure> {
    let ty = argument(arguments, 0)?.ty();
    if ty == Type::Dynamic {
        return Ok(ty);
    }
    if arguments.len() > 3 {
        return Err(Failure::call("takes two or three arguments"));
    }
    match &ty {
        Type::Object(attributes) => {
            if argument(arguments, 1)?.is_unknown() {
                return Ok(Type::Dynamic);
            }
            let attribute = attributes.get(text(arguments, 1)?).cloned();
            let default = || arguments.get(2).map(Value::ty);
            attribute
                .or_else(default)
                .ok_or_else(|| Failure::argument(0, "has no attribute of that name"))
        }
        Type::Map(element) => {
            if let Some(default) = arguments.get(2) {
                let message = "must have the same type as the map elements";
                convert(default, element).map_err(|_| Failure::argument(2, message))?;
            }
            Ok(element.as_ref().clone())
        }
        _ => Err(Failure::argument(0, "must be a map")),
    }
}

fn lookup(arguments: &[Value], result: &Type) -> Outcome {
    let (whole, key) = (argument(arguments, 0)?, argument(arguments, 1)?);
    // Terraform calls nothing with a map of unknown type, and then forgets the marks.
    let sensitive = whole.ty() != Type::Dynamic && (whole.sensitive || key.sensitive);
    let default = arguments.get(2).map(|default| convert(default, result));
    let name = key.as_str();
    if let Some(member) = name.and_then(|name| access::sure_part(whole, name, result)) {
        return Ok(member.with_sensitive(sensitive));
    }
    let found = match (entries(whole), name) {
        (Some(entries), Some(name)) => entries.into_iter().find(|(key, _)| **key == *name),
        _ => {
            let unknown = Value::unknown(result.clone());
            let candidates = others(whole, None, default.and_then(Result::ok), When::Possibly);
            return Ok(candidates.choices_of(unknown).with_sensitive(sensitive));
        }
    };
    let when = not_taken(key.root_default());
    let (found, others) = match (found, default) {
        (Some((_, entry)), default) => {
            let default = default.and_then(Result::ok);
            (entry, others(whole, name, default, when))
        }
        (None, Some(default)) => {
            let default = default.map_err(|why| Failure::argument(2, why))?;
            (default, others(whole, name, None, when))
        }
        (None, None) => return Err(Failure::argument(1, "is not a key of the map")),
    };
    let sensitive = sensitive || found.sensitive;
    Ok(others.choices_of(found).with_sensitive(sensitive))
}

/// What `lookup` may find with another key: the other entries, if the key may be another at all, and the default.
fn others(whole: &Value, name: Option<&str>, default: Option<Value>, when: When) -> Candidates {
    let mut candidates = Candidates::default();
    let entries = entries(whole).unwrap_or_default();
    if when != When::Unused {
        for (key, entry) in &entries {
            if name != Some(key.as_ref()) {
                candidates.add(entry, when);
            }
        }
    }
    if let Some(default) = default {
        candidates.add(&default, when);
    }
    // Of an unknown map nothing but the default is at hand.
    if when == When::Possibly && entries.is_empty() && whole.is_unknown() {
        candidates.add(&Value::dynamic().with_trace(whole.trace()), when);
    }
    candidates
}

fn merge_type(arguments: &[Value]) -> Result<Type, Failure> {
    let mut attributes = BTreeMap::new();
    let mut known = true;
    for (index, value) in arguments.iter().enumerate() {
        match (value.ty(), &value.kind) {
            (Type::Dynamic, _) => return Ok(Type::Dynamic),
            (Type::Object(_) | Type::Map(_), Kind::Null(_)) => {}
            (Type::Object(own), _) => {
                let own = own.iter().map(|(name, ty)| (name.clone(), ty.clone()));
                attributes.extend(own);
            }
            (Type::Map(element), Kind::Map(_, entries)) => {
                let own = entries
                    .keys()
                    .map(|name| (name.clone(), element.as_ref().clone()));
                attributes.extend(own);
            }
            (Type::Map(_), _) => known = false,
            _ => return Err(Failure::argument(index, "must be a map or an object")),
        }
    }
    let mut types = arguments.iter().map(Value::ty);
    match types.next() {
        Some(first) if types.all(|ty| ty == first) => Ok(first),
        _ if !known => Ok(Type::Dynamic),
        _ => Ok(Type::Object(Arc::new(attributes))),
    }
}

fn merge(arguments: &[Value], result: &Type) -> Outcome {
    if arguments.iter().any(Value::is_unknown) {
        return Ok(partly_merged(arguments, result));
    }
    let mut merged = Entries::new();
    for value in arguments {
        if !value.is_null() {
            merged.extend(entries(value).map_or_else(|| no_entries(value), Ok)?);
            check_elements(merged.len())?;
        }
    }
    let given = |value: &&Value| !value.is_null();
    let sensitive = arguments.iter().filter(given).any(|value| value.sensitive);
    let merged = of_type(result, merged);
    if matches!(result, Type::Object(_)) && merged.ty() != *result {
        return Err(Failure::call("all arguments are null"));
    }
    Ok(merged.with_sensitive(sensitive))
}

/// What is merged with something unknown: the members that are surely there, those that it may replace without their values.
/// As a whole it has lost the marks of the arguments; its members have kept theirs.
fn partly_merged(arguments: &[Value], result: &Type) -> Value {
    let mut sure = Entries::new();
    for value in arguments {
        if value.is_unknown() {
            sure.values_mut().for_each(|it| *it = it.set_aside());
        }
        sure.extend(value.sure_members().into_iter().flatten());
    }
    let trace = Trace::join(arguments.iter().map(whole_trace));
    unknown(result.clone())
        .with_trace(trace)
        .with_sure_members(sure)
}

/// Where the type of a null hides those of the other arguments, Terraform takes empty lists for maps.
fn no_entries(value: &Value) -> Result<Vec<(Arc<str>, Value)>, Failure> {
    match elements(value) {
        Some(elements) if elements.is_empty() => Ok(Vec::new()),
        _ if value.is_unknown() => Err(Failure::Unknown),
        _ => Err(Failure::call("arguments must be maps or objects")),
    }
}

fn transpose(arguments: &[Value], result: &Type) -> Outcome {
    let given = argument(arguments, 0)?;
    if !given.is_wholly_known() {
        return Ok(unknown(result.clone()));
    }
    let null = || Failure::argument(0, "must not contain null");
    let mut transposed: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    let mut count = 0;
    for (name, names) in entries(given).ok_or(Failure::Unknown)? {
        for element in elements(&names).ok_or_else(null)? {
            let key = element.as_str().ok_or_else(null)?;
            let under = transposed.entry(key.into()).or_default();
            under.push(string(name.as_ref()));
            count += 1;
            check_elements(count)?;
        }
    }
    let lists = transposed.into_iter();
    let lists: Entries = lists
        .map(|(key, names)| (key, list(Type::String, names)))
        .collect();
    Ok(of_type(result, lists))
}

fn values_type(arguments: &[Value]) -> Result<Type, Failure> {
    match argument(arguments, 0)?.ty() {
        Type::Map(element) => Ok(Type::List(element)),
        Type::Object(attributes) => Ok(Type::Tuple(attributes.values().cloned().collect())),
        _ => Err(Failure::argument(0, "must be a map")),
    }
}

fn values(arguments: &[Value], result: &Type) -> Outcome {
    let given = argument(arguments, 0)?;
    let values = entries(given).ok_or(Failure::Unknown)?.into_iter();
    let values = values.map(|(_, value)| value).collect();
    let values = match result {
        Type::List(element) => list(element.as_ref().clone(), values),
        _ => tuple(values),
    };
    Ok(values.with_sensitive(given.sensitive))
}

fn zip_map_type(arguments: &[Value]) -> Result<Type, Failure> {
    let keys = argument(arguments, 0)?;
    match argument(arguments, 1)?.ty() {
        Type::List(element) => Ok(Type::Map(element)),
        Type::Tuple(_) if !keys.is_wholly_known() => Ok(Type::Dynamic),
        Type::Tuple(types) => {
            let names = elements(keys).ok_or(Failure::Unknown)?;
            if names.len() != types.len() {
                return Err(different_numbers());
            }
            let mut attributes = BTreeMap::new();
            for (name, ty) in names.iter().zip(types.iter()) {
                let name = name.as_str().ok_or_else(null_key)?;
                attributes.insert(name.into(), ty.clone());
            }
            Ok(Type::Object(Arc::new(attributes)))
        }
        _ => Err(Failure::argument(1, "must be a list or tuple value")),
    }
}

fn different_numbers() -> Failure {
    Failure::call("number of keys does not match number of values")
}

fn null_key() -> Failure {
    Failure::argument(0, "has a null element")
}

fn zip_map(arguments: &[Value], result: &Type) -> Outcome {
    let (keys, values) = (argument(arguments, 0)?, argument(arguments, 1)?);
    let mut sensitive = keys.sensitive || values.sensitive;
    if !keys.is_wholly_known() {
        return Ok(unknown(result.clone()).with_sensitive(sensitive));
    }
    let keys = elements(keys).ok_or(Failure::Unknown)?;
    let values = elements(values).ok_or(Failure::Unknown)?;
    if keys.len() != values.len() {
        return Err(different_numbers());
    }
    let mut zipped = Entries::new();
    for (key, value) in keys.into_iter().zip(values) {
        let name = key.as_str().ok_or_else(null_key)?;
        zipped.insert(name.into(), value);
        sensitive |= key.sensitive;
    }
    Ok(of_type(result, zipped).with_sensitive(sensitive))
}
