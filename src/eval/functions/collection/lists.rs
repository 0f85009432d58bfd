//! Functions that make lists and tuples of others, or pick from them.

use super::{Failure, Function, Outcome, Parameter, argument, number};
use crate::eval::convert::{convert, describe};
use crate::eval::functions::arguments::{
    check_elements, elements, list, number as given_number, tuple, unknown, whole,
};
use crate::eval::number::Number;
use crate::eval::range;
use crate::eval::set;
use crate::eval::types::Type;
use crate::eval::unify::unify;
use crate::eval::value::{Kind, Unknown, Value};

/// As many numbers as `range` makes before Terraform refuses.
const MOST_IN_RANGE: usize = 1024;

pub(super) fn functions() -> Vec<Function> {
    let dynamic = |name| Parameter::new(name, Type::Dynamic);
    let any_list = |name| Parameter::new(name, Type::list(Type::Dynamic));
    let strings = |name| Parameter::new(name, Type::list(Type::String));
    let index = |name| Parameter::new(name, Type::Number).chooses();
    vec![
        Function::new("chunklist", Type::list(Type::Dynamic), chunk_list)
            .takes(any_list("list").marked())
            .takes(index("size").marked())
            .result_of(|arguments| Ok(Type::list(argument(arguments, 0)?.ty())))
            .not_null(),
        Function::new("compact", Type::list(Type::String), compact)
            .takes(strings("list"))
            .not_null(),
        Function::new("concat", Type::Dynamic, concat)
            .takes_any_number(dynamic("seqs").marked())
            .result_of(concat_type)
            .not_null(),
        Function::new("element", Type::Dynamic, element)
            .takes(dynamic("list").marked())
            .takes(index("index"))
            .result_of(element_type),
        Function::new("flatten", Type::Dynamic, flatten)
            .takes(dynamic("list").marked())
            .result_of(flatten_type)
            .not_null(),
        Function::new("list", Type::Dynamic, removed).takes_any_number(dynamic("vals").anything()),
        Function::new("one", Type::Dynamic, one)
            .takes(dynamic("list"))
            .result_of(one_type),
        Function::new("range", Type::list(Type::Number), numbers)
            .takes_any_number(Parameter::new("params", Type::Number))
            .not_null(),
        Function::new("reverse", Type::Dynamic, reverse)
            .takes(dynamic("list").marked())
            .result_of(reverse_type)
            .not_null(),
        Function::new("slice", Type::Dynamic, slice)
            .takes(dynamic("list").marked())
            .takes(index("start_index"))
            .takes(index("end_index"))
            .result_of(slice_type)
            .not_null(),
        Function::new("sort", Type::list(Type::String), sort)
            .takes(strings("list").unknown())
            .not_null(),
    ]
}

/// What a sequence without its mark holds.
fn sequence(arguments: &[Value], index: usize) -> Result<Vec<Value>, Failure> {
    elements(argument(arguments, index)?).ok_or(Failure::Unknown)
}

/// A list or a tuple, as the type says.
fn of_type(ty: &Type, elements: Vec<Value>) -> Value {
    match ty {
        Type::List(element) => list(element.as_ref().clone(), elements),
        _ => tuple(elements),
    }
}

pub(super) fn removed(_: &[Value], _: &Type) -> Outcome {
    Err(Failure::call("the function is no longer available"))
}

fn chunk_list(arguments: &[Value], result: &Type) -> Outcome {
    let (whole_list, size) = (argument(arguments, 0)?, whole(arguments, 1)?);
    let sensitive = whole_list.sensitive || argument(arguments, 1)?.sensitive;
    let Ok(size) = usize::try_from(size) else {
        return Err(Failure::argument(1, "must not be negative"));
    };
    let elements = sequence(arguments, 0)?;
    let inner = result.element().cloned().unwrap_or(Type::Dynamic);
    let chunks = match size {
        _ if elements.is_empty() => Vec::new(),
        0 => vec![of_type(&inner, elements)],
        _ => {
            let chunks = elements.chunks(size);
            chunks
                .map(|chunk| of_type(&inner, chunk.to_vec()))
                .collect()
        }
    };
    Ok(list(inner, chunks).with_sensitive(sensitive))
}

fn compact(arguments: &[Value], result: &Type) -> Outcome {
    if !argument(arguments, 0)?.is_wholly_known() {
        return Ok(unknown(result.clone()));
    }
    let mut elements = sequence(arguments, 0)?;
    elements.retain(|element| element.as_str().is_some_and(|text| !text.is_empty()));
    Ok(list(Type::String, elements))
}

fn concat_type(arguments: &[Value]) -> Result<Type, Failure> {
    if arguments.is_empty() {
        return Err(Failure::call("at least one argument is required"));
    }
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    if types.iter().all(|ty| matches!(ty, Type::List(_)))
        && let Some(common) = unify(&types, true)
    {
        return Ok(common);
    }
    let mut all = Vec::new();
    for (index, (ty, value)) in types.iter().zip(arguments).enumerate() {
        match (ty, &value.kind) {
            (Type::Tuple(elements), _) => all.extend(elements.iter().cloned()),
            (Type::List(_), Kind::Unknown(_)) => return Ok(Type::Dynamic),
            (Type::List(element), Kind::List(_, members)) => {
                all.extend(members.iter().map(|_| element.as_ref().clone()));
            }
            _ => {
                let message = format!("must be a list or a tuple, not {}", describe(ty));
                return Err(Failure::argument(index, message));
            }
        }
        check_elements(all.len())?;
    }
    Ok(Type::Tuple(all.into()))
}

fn concat(arguments: &[Value], result: &Type) -> Outcome {
    let mut all = Vec::new();
    for (index, value) in arguments.iter().enumerate() {
        let converted = match result {
            Type::List(_) => convert(value, result).map_err(|why| Failure::argument(index, why))?,
            _ => value.clone(),
        };
        all.extend(elements(&converted).ok_or(Failure::Unknown)?);
        check_elements(all.len())?;
    }
    let sensitive = arguments.iter().any(|value| value.sensitive);
    Ok(of_type(result, all).with_sensitive(sensitive))
}

fn element_type(arguments: &[Value]) -> Result<Type, Failure> {
    let ty = argument(arguments, 0)?.ty();
    match &ty {
        Type::List(element) => Ok(element.as_ref().clone()),
        Type::Tuple(_) if argument(arguments, 1)?.is_unknown() => Ok(Type::Dynamic),
        Type::Tuple(elements) => {
            let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
            let index = whole(arguments, 1)?.checked_rem(length);
            let index = index.ok_or_else(|| Failure::argument(0, "must not be empty"))?;
            // Terraform wraps a negative index for lists only.
            let element = usize::try_from(index)
                .ok()
                .and_then(|index| elements.get(index));
            element
                .cloned()
                .ok_or_else(|| Failure::argument(1, "must not be negative"))
        }
        _ => Err(Failure::argument(
            0,
            format!("must be a list, not {}", describe(&ty)),
        )),
    }
}

fn element(arguments: &[Value], _: &Type) -> Outcome {
    let elements = sequence(arguments, 0)?;
    let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
    let index = whole(arguments, 1)?.checked_rem_euclid(length);
    let index = index.ok_or_else(|| Failure::argument(0, "must not be empty"))?;
    let element = usize::try_from(index)
        .ok()
        .and_then(|index| elements.get(index));
    let element = element.ok_or(Failure::Unknown)?.clone();
    let sensitive = element.sensitive || argument(arguments, 0)?.sensitive;
    Ok(element.with_sensitive(sensitive))
}

fn flatten_type(arguments: &[Value]) -> Result<Type, Failure> {
    let value = argument(arguments, 0)?;
    if !value.is_wholly_known() {
        return Ok(Type::Dynamic);
    }
    if !matches!(value.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
        return Err(Failure::argument(0, "must be a list, a set or a tuple"));
    }
    let mut flat = Flat::default();
    flat.add(value)?;
    Ok(Type::Tuple(flat.elements.iter().map(Value::ty).collect()))
}

fn flatten(arguments: &[Value], result: &Type) -> Outcome {
    let value = argument(arguments, 0)?;
    let mut flat = Flat::default();
    flat.add(value)?;
    let flattened = if flat.unknown {
        unknown(result.clone())
    } else {
        tuple(flat.elements)
    };
    Ok(flattened.with_sensitive(flat.sensitive))
}

#[derive(Default)]
struct Flat {
    elements: Vec<Value>,
    sensitive: bool,
    unknown: bool,
}

impl Flat {
    fn add(&mut self, value: &Value) -> Result<(), Failure> {
        self.sensitive |= value.sensitive;
        if let Kind::Set(_, members) = &value.kind
            && set::length(members).is_none()
        {
            self.unknown = true;
            return Ok(());
        }
        let whole = value.clone().with_sensitive(false);
        for member in value.members() {
            let member = whole.member(member);
            match (&member.kind, member.ty()) {
                (Kind::Unknown(_), Type::Dynamic) => self.unknown = true,
                (Kind::Unknown(_), Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                    self.unknown = true;
                    self.sensitive |= member.sensitive;
                }
                (Kind::List(..) | Kind::Set(..) | Kind::Tuple(_), _) => self.add(&member)?,
                _ => self.elements.push(member),
            }
            check_elements(self.elements.len())?;
        }
        Ok(())
    }
}

fn one_type(arguments: &[Value]) -> Result<Type, Failure> {
    match argument(arguments, 0)?.ty() {
        Type::List(element) | Type::Set(element) => Ok(element.as_ref().clone()),
        Type::Tuple(elements) if elements.len() <= 1 => {
            Ok(elements.first().cloned().unwrap_or(Type::Dynamic))
        }
        _ => Err(not_one()),
    }
}

fn not_one() -> Failure {
    let message = "must be a list, set, or tuple value with either zero or one elements";
    Failure::argument(0, message)
}

fn one(arguments: &[Value], result: &Type) -> Outcome {
    if let Kind::Set(_, members) = &argument(arguments, 0)?.kind
        && set::length(members).is_none()
    {
        return Ok(Value::unknown(result.clone()));
    }
    let mut elements = sequence(arguments, 0)?.into_iter();
    match (elements.next(), elements.next()) {
        (None, _) => Ok(Value::new(Kind::Null(result.clone()))),
        (Some(only), None) => Ok(only),
        _ => Err(not_one()),
    }
}

fn numbers(arguments: &[Value], _: &Type) -> Outcome {
    let given = |index| given_number(arguments, index).cloned();
    let zero = Number::from_usize(0);
    let (start, end) = match arguments.len() {
        1 => (zero.clone(), given(0)?),
        2 | 3 => (given(0)?, given(1)?),
        _ => return Err(Failure::call("must have one, two, or three arguments")),
    };
    let step = match arguments.len() {
        3 => given(2)?,
        _ => Number::from_i64(if end < start { -1 } else { 1 }),
    };
    let down = step < zero;
    if down && end > start || !down && end < start {
        return Err(Failure::argument(
            1,
            "lies in the other direction than the step",
        ));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if numbers.len() == MOST_IN_RANGE {
            return Err(Failure::call("more than 1024 values were generated"));
        }
        numbers.push(number(next.clone()));
        let sum = next.add(&step);
        next = sum.ok_or_else(|| Failure::call("the sum of opposing infinities"))?;
    }
    Ok(list(Type::Number, numbers))
}

fn reverse_type(arguments: &[Value]) -> Result<Type, Failure> {
    match argument(arguments, 0)?.ty() {
        Type::Tuple(elements) => Ok(Type::Tuple(elements.iter().rev().cloned().collect())),
        Type::List(element) | Type::Set(element) => Ok(Type::List(element)),
        ty => {
            let message = format!("must be a list or a tuple, not {}", describe(&ty));
            Err(Failure::argument(0, message))
        }
    }
}

fn reverse(arguments: &[Value], result: &Type) -> Outcome {
    let mut elements = sequence(arguments, 0)?;
    elements.reverse();
    let sensitive = argument(arguments, 0)?.sensitive;
    Ok(of_type(result, elements).with_sensitive(sensitive))
}

fn slice_type(arguments: &[Value]) -> Result<Type, Failure> {
    let ty = argument(arguments, 0)?.ty();
    if !matches!(ty, Type::List(_) | Type::Tuple(_)) {
        return Err(Failure::argument(0, "must be a list or a tuple"));
    }
    let bounds = slice_bounds(arguments)?;
    match (&ty, bounds) {
        (Type::Tuple(elements), Some((start, end))) => {
            let kept = elements.get(start..end).unwrap_or_default();
            Ok(Type::Tuple(kept.into()))
        }
        (Type::Tuple(_), None) => Ok(Type::Dynamic),
        _ => Ok(ty),
    }
}

/// From where to where, where both are known.
fn slice_bounds(arguments: &[Value]) -> Result<Option<(usize, usize)>, Failure> {
    let whole_list = argument(arguments, 0)?;
    let length = match (&whole_list.kind, whole_list.ty()) {
        (Kind::List(_, elements), _) => Some(elements.len()),
        (_, Type::Tuple(elements)) => Some(elements.len()),
        (Kind::Unknown(unknown), _) => {
            let (least, most) = unknown.length;
            most.filter(|most| *most == least)
        }
        _ => None,
    };
    let bound = |index: usize| -> Result<Option<usize>, Failure> {
        if argument(arguments, index)?.is_unknown() {
            return Ok(None);
        }
        let bound = usize::try_from(whole(arguments, index)?);
        let bound = bound.map_err(|_| Failure::argument(index, "must not be negative"))?;
        if length.is_some_and(|length| bound > length) {
            return Err(Failure::argument(
                index,
                "must not be greater than the length of the list",
            ));
        }
        Ok(Some(bound))
    };
    let bounds = bound(1)?.zip(bound(2)?);
    if bounds.is_some_and(|(start, end)| start > end) {
        return Err(Failure::argument(
            1,
            "must not be greater than the end index",
        ));
    }
    Ok(bounds)
}

fn slice(arguments: &[Value], result: &Type) -> Outcome {
    let (start, end) = slice_bounds(arguments)?.ok_or(Failure::Unknown)?;
    let elements = sequence(arguments, 0)?;
    let kept = elements.get(start..end).unwrap_or_default().to_vec();
    let sensitive = argument(arguments, 0)?.sensitive;
    Ok(of_type(result, kept).with_sensitive(sensitive))
}

fn sort(arguments: &[Value], result: &Type) -> Outcome {
    let whole_list = argument(arguments, 0)?;
    if !whole_list.is_wholly_known() {
        let (least, most) = range::length(whole_list);
        let sorted = Unknown {
            not_null: true,
            ..Unknown::of(result.clone())
        };
        return Ok(Value::new(sorted.with_length(least, most).settle()));
    }
    let mut elements = sequence(arguments, 0)?;
    if elements.iter().any(Value::is_null) {
        return Err(Failure::argument(
            0,
            "has a null element; null cannot be sorted",
        ));
    }
    elements.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Ok(list(Type::String, elements))
}
