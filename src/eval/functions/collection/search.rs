//! Functions that look for something in collections, or boil them down to one value.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::{Failure, Function, Outcome, Parameter, argument, number};
use crate::eval::convert::{convert, describe};
use crate::eval::equality::equal;
use crate::eval::functions::arguments::{count, elements, known_prefix, list, unknown};
use crate::eval::functions::candidates::{Candidates, not_taken};
use crate::eval::range;
use crate::eval::types::Type;
use crate::eval::unify::unify;
use crate::eval::value::{Kind, Value, When};

/// How many parts of values are compared in the time of one unit of work.
const COMPARED_AT_ONCE: u32 = 8;

/// The work of comparing each element of one collection with each of another.
pub(super) fn work_of_comparing(one: &Value, other: &Value) -> u32 {
    let count = |value: &Value| u32::try_from(value.members().count()).unwrap_or(u32::MAX);
    let lighter = one.weight().saturating_mul(count(other));
    let other_way = other.weight().saturating_mul(count(one));
    lighter.min(other_way) / COMPARED_AT_ONCE
}

pub(super) fn functions() -> Vec<Function> {
    let dynamic = |name| Parameter::new(name, Type::Dynamic);
    let any_list = |name| Parameter::new(name, Type::list(Type::Dynamic));
    let bools = || Parameter::new("list", Type::list(Type::Bool));
    vec![
        Function::new("alltrue", Type::Bool, all_true)
            .takes(bools())
            .not_null(),
        Function::new("anytrue", Type::Bool, any_true)
            .takes(bools())
            .not_null(),
        Function::new("coalesce", Type::Dynamic, coalesce)
            .takes_any_number(dynamic("vals").null().unknown().dynamic())
            .result_of(coalesce_type)
            .not_null(),
        Function::new("coalescelist", Type::Dynamic, coalesce_list)
            .takes_any_number(dynamic("vals").null().unknown().dynamic())
            .result_of(coalesce_list_type)
            .not_null(),
        Function::new("contains", Type::Bool, contains)
            .takes(dynamic("list").chooses())
            .takes(dynamic("value").chooses())
            .not_null(),
        Function::new("distinct", Type::Dynamic, distinct)
            .takes(any_list("list"))
            .result_of(|arguments| Ok(argument(arguments, 0)?.ty()))
            .works(|arguments| match arguments {
                [given] if given.ty().element().is_none_or(|of| !of.is_primitive()) => {
                    work_of_comparing(given, given)
                }
                _ => 0,
            })
            .not_null(),
        Function::new("index", Type::Number, index_of)
            .takes(dynamic("list").chooses())
            .takes(dynamic("value").chooses())
            .not_null(),
        Function::new("matchkeys", Type::Dynamic, match_keys)
            .takes(any_list("values"))
            .takes(any_list("keys").chooses())
            .takes(any_list("searchset").chooses())
            .result_of(match_keys_type)
            .works(|arguments| match arguments {
                [_, keys, search] => work_of_comparing(keys, search),
                _ => 0,
            })
            .not_null(),
        Function::new("sum", Type::Number, sum)
            .takes(dynamic("list"))
            .not_null(),
    ]
}

fn all_true(arguments: &[Value], _: &Type) -> Outcome {
    for element in argument(arguments, 0)?.members() {
        match element.kind {
            Kind::Unknown(_) => return Ok(unknown(Type::Bool)),
            Kind::Bool(true) => {}
            _ => return Ok(Value::bool(false)),
        }
    }
    Ok(Value::bool(true))
}

fn any_true(arguments: &[Value], _: &Type) -> Outcome {
    let elements = || arguments.iter().take(1).flat_map(Value::members);
    if elements().any(|element| matches!(element.kind, Kind::Bool(true))) {
        return Ok(Value::bool(true));
    }
    if elements().any(Value::is_unknown) {
        return Ok(unknown(Type::Bool));
    }
    Ok(Value::bool(false))
}

fn coalesce_type(arguments: &[Value]) -> Result<Type, Failure> {
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    let common = unify(&types, true);
    common.ok_or_else(|| Failure::call("all arguments must have the same type"))
}

fn coalesce(arguments: &[Value], result: &Type) -> Outcome {
    let mut first = First::default();
    for (index, value) in arguments.iter().enumerate() {
        let value = match convert(value, result) {
            Ok(value) => value,
            Err(why) if first.taken.is_none() => return Err(Failure::argument(index, why)),
            Err(_) => break,
        };
        let passed_over = value.is_null() || value.as_str() == Some("");
        let surely_text = value.ty() != Type::String || !known_prefix(&value).is_empty();
        let surely = !value.is_unknown() || range::surely_not_null(&value) && surely_text;
        first.look_at(&value, passed_over, surely, result);
    }
    first.settle("no non-null, non-empty-string arguments")
}

/// The first of several values that is not passed over, and the others.
#[derive(Default)]
struct First {
    taken: Option<Value>,
    others: Candidates,
    /// Whether no later value can be taken any more.
    settled: bool,
    /// Whether a root variable's default had a part in what was looked at until then.
    root_default: bool,
}

impl First {
    /// Looks at the next value: whether it is passed over and, if not, whether it is surely not.
    fn look_at(&mut self, value: &Value, passed_over: bool, surely: bool, result: &Type) {
        if !self.settled {
            self.root_default |= value.contains_root_default();
        }
        if passed_over {
            return;
        }
        match &self.taken {
            None if !value.is_unknown() => self.taken = Some(value.clone()),
            None => {
                self.taken = Some(unknown(result.clone()));
                self.others.add(value, When::Possibly);
            }
            Some(_) if self.settled => self.others.add(value, not_taken(self.root_default)),
            Some(_) => self.others.add(value, When::Possibly),
        }
        self.settled |= surely;
    }

    fn settle(self, nothing: &str) -> Outcome {
        let taken = self.taken.ok_or_else(|| Failure::call(nothing))?;
        Ok(self.others.choices_of(taken))
    }
}

fn coalesce_list_type(arguments: &[Value]) -> Result<Type, Failure> {
    if arguments.is_empty() {
        return Err(Failure::call("at least one argument is required"));
    }
    let mut types = Vec::new();
    for (index, value) in arguments.iter().enumerate() {
        let ty = value.ty();
        if value.is_unknown() {
            return Ok(Type::Dynamic);
        }
        if !matches!(ty, Type::List(_) | Type::Tuple(_)) {
            let message = format!("must be a list or a tuple, not {}", describe(&ty));
            return Err(Failure::argument(index, message));
        }
        types.push(ty);
    }
    types.dedup();
    match types.as_slice() {
        [only] => Ok(only.clone()),
        _ => Ok(Type::Dynamic),
    }
}

fn coalesce_list(arguments: &[Value], result: &Type) -> Outcome {
    let mut first = First::default();
    for value in arguments {
        let passed_over = !value.is_unknown() && value.members().next().is_none();
        let surely = !value.is_unknown() || range::length(value).0 > 0;
        first.look_at(value, passed_over, surely, result);
    }
    first.settle("no non-null arguments")
}

fn contains(arguments: &[Value], _: &Type) -> Outcome {
    let (collection, wanted) = (argument(arguments, 0)?, argument(arguments, 1)?);
    if !matches!(
        collection.ty(),
        Type::List(_) | Type::Set(_) | Type::Tuple(_)
    ) {
        return Err(Failure::argument(0, "must be list, tuple, or set"));
    }
    let mut undecided = false;
    for element in collection.members() {
        match equal(wanted, element) {
            Some(true) => return Ok(Value::bool(true)),
            Some(false) => {}
            None => undecided = true,
        }
    }
    Ok(if undecided {
        unknown(Type::Bool)
    } else {
        Value::bool(false)
    })
}

fn distinct(arguments: &[Value], result: &Type) -> Outcome {
    let given = argument(arguments, 0)?;
    if !given.is_wholly_known() {
        return Ok(unknown(result.clone()));
    }
    let element = result.element().cloned().unwrap_or(Type::Dynamic);
    let mut all = elements(given).ok_or(Failure::Unknown)?;
    if element == Type::String {
        let mut seen = FxHashSet::default();
        all.retain(|element| seen.insert(element.as_str().map(str::to_owned)));
        return Ok(list(element, all));
    }
    if element == Type::Number {
        let mut seen = BTreeSet::new();
        all.retain(|element| match &element.kind {
            Kind::Number(number) => seen.insert(Some(number.clone())),
            _ => seen.insert(None),
        });
        return Ok(list(element, all));
    }
    let mut kept: Vec<Value> = Vec::new();
    for candidate in all {
        if !kept
            .iter()
            .any(|other| equal(other, &candidate) == Some(true))
        {
            kept.push(candidate);
        }
    }
    Ok(list(element, kept))
}

fn index_of(arguments: &[Value], _: &Type) -> Outcome {
    let (sequence, wanted) = (argument(arguments, 0)?, argument(arguments, 1)?);
    if !matches!(sequence.ty(), Type::List(_) | Type::Tuple(_)) {
        return Err(Failure::argument(0, "must be a list or tuple"));
    }
    for (index, element) in sequence.members().enumerate() {
        match equal(element, wanted) {
            Some(true) => return Ok(count(index)),
            Some(false) => {}
            None => return Ok(unknown(Type::Number)),
        }
    }
    Err(Failure::call("item not found"))
}

fn match_keys_type(arguments: &[Value]) -> Result<Type, Failure> {
    let types = [argument(arguments, 1)?.ty(), argument(arguments, 2)?.ty()];
    if unify(&types, true).is_none() {
        return Err(Failure::call("keys and searchset must be of the same type"));
    }
    Ok(argument(arguments, 0)?.ty())
}

fn match_keys(arguments: &[Value], result: &Type) -> Outcome {
    let (values, keys) = (argument(arguments, 0)?, argument(arguments, 1)?);
    let search = argument(arguments, 2)?;
    if values.members().count() != keys.members().count() {
        return Err(Failure::call("length of keys and values should be equal"));
    }
    let element = result.element().cloned().unwrap_or(Type::Dynamic);
    let common = unify(&[keys.ty(), search.ty()], true).ok_or(Failure::Unknown)?;
    let keys = convert(keys, &common).map_err(|why| Failure::argument(1, why))?;
    let search = convert(search, &common).map_err(|why| Failure::argument(2, why))?;
    let wanted: Vec<&Value> = search.members().collect();
    if wanted.is_empty() {
        return Ok(list(element, Vec::new()));
    }
    if !values.is_wholly_known() || !keys.is_wholly_known() {
        return Ok(unknown(result.clone()));
    }
    let values = elements(values).ok_or(Failure::Unknown)?;
    let mut matched = Vec::new();
    for (key, value) in keys.members().zip(values) {
        for other in &wanted {
            match equal(key, other) {
                // An unknown value in the set makes Terraform give up with nothing.
                None => return Ok(list(element, Vec::new())),
                Some(false) => {}
                Some(true) => {
                    matched.push(value);
                    break;
                }
            }
        }
    }
    Ok(list(element, matched))
}

fn sum(arguments: &[Value], _: &Type) -> Outcome {
    let collection = argument(arguments, 0)?;
    if !matches!(
        collection.ty(),
        Type::List(_) | Type::Set(_) | Type::Tuple(_)
    ) {
        return Err(Failure::argument(0, "must be a list, a set or a tuple"));
    }
    let not_numbers = || Failure::argument(0, "must be of number values");
    let elements = elements(collection).ok_or(Failure::Unknown)?;
    if elements.is_empty() {
        return Err(Failure::argument(0, "must not be empty"));
    }
    if !collection.is_wholly_known() {
        return Ok(unknown(Type::Number));
    }
    let mut total = None;
    for element in elements {
        if element.is_null() {
            return Err(not_numbers());
        }
        let element = convert(&element, &Type::Number).map_err(|_| not_numbers())?;
        let Kind::Number(addend) = element.kind else {
            return Err(not_numbers());
        };
        total = match total {
            None => Some(addend),
            Some(total) => {
                let sum = addend.add(&total);
                Some(sum.ok_or_else(|| Failure::call("the sum of opposing infinities"))?)
            }
        };
    }
    total.map(number).ok_or(Failure::Unknown)
}
