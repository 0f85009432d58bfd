//! Functions of sets, and products of sets and lists.

use rustc_hash::FxHashSet;

use super::search::work_of_comparing;
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::convert::{self, convert};
use crate::eval::equality::equal;
use crate::eval::functions::arguments::{check_elements, elements, list, tuple, unknown};
use crate::eval::range;
use crate::eval::set;
use crate::eval::types::Type;
use crate::eval::unify::unify;
use crate::eval::value::{Kind, Unknown, Value};

pub(super) fn functions() -> Vec<Function> {
    let set = |name| Parameter::new(name, Type::set(Type::Dynamic)).dynamic();
    let operation = |name, body| {
        Function::new(name, Type::set(Type::Dynamic), body)
            .result_of(operation_type)
            .not_null()
    };
    let comparing = |arguments: &[Value]| match arguments {
        [first, others @ ..] if !are_texts(arguments) => {
            let works = others.iter().map(|other| work_of_comparing(first, other));
            works.fold(0, u32::saturating_add)
        }
        _ => 0,
    };
    vec![
        operation("setintersection", |arguments, result| {
            combine(arguments, result, true)
        })
        .takes(set("first_set"))
        .takes_any_number(set("other_sets"))
        .works(comparing),
        Function::new("setproduct", Type::Dynamic, product)
            .takes_any_number(Parameter::new("sets", Type::Dynamic).unknown().marked())
            .result_of(product_type)
            .not_null(),
        operation("setsubtract", |arguments, result| {
            combine(arguments, result, false)
        })
        .takes(set("a"))
        .takes(set("b").chooses())
        .works(comparing),
        operation("setunion", union)
            .takes(set("first_set"))
            .takes_any_number(set("other_sets")),
    ]
}

fn operation_type(arguments: &[Value]) -> Result<Type, Failure> {
    let mut types = Vec::new();
    for value in arguments {
        let ty = value.ty();
        let element = ty.element().ok_or(Failure::Unknown)?;
        let empty = !value.is_unknown() && value.members().next().is_none();
        if !(empty && *element == Type::Dynamic) {
            types.push(element.clone());
        }
    }
    if types.is_empty() {
        return Ok(Type::set(Type::Dynamic));
    }
    let common = unify(&types, true);
    let message = "given sets must all have compatible element types";
    common.map(Type::set).ok_or_else(|| Failure::call(message))
}

fn converted(arguments: &[Value], result: &Type) -> Result<Vec<Value>, Failure> {
    let converted = arguments.iter().enumerate();
    let converted: Result<Vec<Value>, Failure> = converted
        .map(|(index, value)| convert(value, result).map_err(|why| Failure::argument(index, why)))
        .collect();
    let converted = converted?;
    let mut types = converted.iter().map(Value::ty);
    if let Some(first) = types.next()
        && !types.all(|ty| ty == first)
    {
        return Err(Failure::call(
            "given sets must all have the same element type",
        ));
    }
    Ok(converted)
}

fn element_type(result: &Type) -> Type {
    result.element().cloned().unwrap_or(Type::Dynamic)
}

fn union(arguments: &[Value], result: &Type) -> Outcome {
    let mut all = Vec::new();
    for set in converted(arguments, result)? {
        all.extend(elements(&set).ok_or(Failure::Unknown)?);
        check_elements(all.len())?;
    }
    Ok(Value::set_of(element_type(result), all))
}

/// The elements of the first set that all others have, or that none of them has.
fn combine(arguments: &[Value], result: &Type, keep_common: bool) -> Outcome {
    let sets = converted(arguments, result)?;
    if !sets.iter().all(Value::is_wholly_known) {
        return Ok(unknown(result.clone()));
    }
    let Some((first, others)) = sets.split_first() else {
        return Err(Failure::Unknown);
    };
    let mut kept = elements(first).ok_or(Failure::Unknown)?;
    for other in others {
        if are_texts(std::slice::from_ref(other)) {
            let texts: FxHashSet<&str> = other.members().filter_map(Value::as_str).collect();
            kept.retain(|element| {
                let found = element.as_str().is_some_and(|text| texts.contains(text));
                found == keep_common
            });
            continue;
        }
        let other: Vec<&Value> = other.members().collect();
        kept.retain(|element| {
            let found = other.iter().any(|other| is_same_element(element, other));
            found == keep_common
        });
    }
    Ok(Value::set_of(element_type(result), kept))
}

/// Whether all elements of some sets are known texts.
fn are_texts(sets: &[Value]) -> bool {
    let mut members = sets.iter().flat_map(Value::members);
    members.all(|member| member.as_str().is_some())
}

/// Whether two values are one element: zeros of different sign are not.
fn is_same_element(a: &Value, b: &Value) -> bool {
    let negative = |value: &Value| match &value.kind {
        Kind::Number(number) => number.is_negative(),
        _ => false,
    };
    equal(a, b) == Some(true) && negative(a) == negative(b)
}

fn product_type(arguments: &[Value]) -> Result<Type, Failure> {
    if arguments.len() < 2 {
        return Err(Failure::call("at least two arguments are required"));
    }
    let mut types = Vec::new();
    let mut ordered = true;
    for (index, value) in arguments.iter().enumerate() {
        types.push(match value.ty() {
            Type::Set(element) => {
                ordered = false;
                element.as_ref().clone()
            }
            Type::List(element) => element.as_ref().clone(),
            Type::Tuple(elements) if elements.is_empty() => Type::Dynamic,
            Type::Tuple(elements) => {
                let message = "must have elements of one type";
                let common = unify(elements.iter(), true);
                common.ok_or_else(|| Failure::argument(index, message))?
            }
            _ => return Err(Failure::argument(index, "must be a set or a list")),
        });
    }
    let element = Type::Tuple(types.into());
    Ok(if ordered {
        Type::list(element)
    } else {
        Type::set(element)
    })
}

fn product(arguments: &[Value], result: &Type) -> Outcome {
    let sensitive = arguments.iter().any(|value| value.sensitive);
    let mut total = 1_usize;
    for value in arguments {
        let length = match &value.kind {
            Kind::Unknown(_) => None,
            Kind::Set(_, members) => set::length(members),
            _ => Some(value.members().count()),
        };
        let Some(length) = length else {
            let kind = product_of_unknown(arguments, result);
            return Ok(Value::new(kind).with_sensitive(sensitive));
        };
        total = total.saturating_mul(length);
    }
    check_elements(total.saturating_mul(arguments.len()))?;
    let Type::Tuple(types) = element_type(result) else {
        return Err(Failure::Unknown);
    };
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for (index, (value, ty)) in arguments.iter().zip(types.iter()).enumerate() {
        let members = elements(value).ok_or(Failure::Unknown)?.into_iter();
        let members: Result<Vec<Value>, Failure> = members
            .map(|member| convert(&member, ty).map_err(|why| Failure::argument(index, why)))
            .collect();
        let members = members?;
        if total == 0 {
            // One empty set makes all of it empty; the others still have to fit.
            rows.clear();
            continue;
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                members.iter().map(move |member| {
                    let mut longer = row.clone();
                    longer.push(member.clone());
                    longer
                })
            })
            .collect();
    }
    let rows: Vec<Value> = rows.into_iter().map(tuple).collect();
    // Where the elements of a tuple had no type in common, those of the product have none either.
    let element = if rows.is_empty() {
        element_type(result)
    } else {
        let common = convert::element_type(&rows);
        common.ok_or_else(|| Failure::call("the elements have no type in common"))?
    };
    let product = match result {
        Type::List(_) => list(element, rows),
        _ => Value::set_of(element, rows),
    };
    let sensitive = sensitive || product.sensitive;
    Ok(product.with_sensitive(sensitive))
}

/// Terraform still knows how many elements there may be, as long as that is not many.
fn product_of_unknown(arguments: &[Value], result: &Type) -> Kind {
    const MOST_OF_ONE: usize = 1024;
    const MOST_IN_ALL: usize = 2048;
    let mut most = 1_usize;
    for value in arguments {
        let own = match (&value.kind, value.ty()) {
            (_, Type::Tuple(elements)) => Some(elements.len()),
            _ => range::length(value).1,
        };
        let own = own.filter(|own| *own <= MOST_OF_ONE);
        match own.map(|own| most.saturating_mul(own)) {
            Some(product) if product <= MOST_IN_ALL => most = product,
            _ => return range::not_null(result.clone()),
        }
    }
    let bounded = Unknown {
        not_null: true,
        ..Unknown::of(result.clone())
    };
    bounded.with_length(most.min(1), Some(most)).settle()
}
