//! One type for several: what `a ? b : c`, `tolist`, `concat`, `coalesce` and others find for their members.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::convert::convertible;
use super::types::Type;

/// The type that all of `types` can be converted to; `None` where there is none. With `unsafe_too`, conversions count
/// that depend on the value (a string to a number).
///
/// [`Type::Dynamic`] among lists, maps, sets, tuples or objects makes the whole dynamic.
pub fn unify<'a>(types: impl IntoIterator<Item = &'a Type>, unsafe_too: bool) -> Option<Type> {
    let mut distinct: Vec<&Type> = Vec::new();
    for ty in types {
        if !distinct.contains(&ty) {
            distinct.push(ty);
        }
    }
    match distinct.as_slice() {
        [] => None,
        [only] => Some((*only).clone()),
        _ => unify_distinct(&distinct, unsafe_too),
    }
}

#[derive(Default)]
struct Kinds {
    maps: usize,
    lists: usize,
    sets: usize,
    objects: usize,
    tuples: usize,
    dynamics: usize,
}

fn count(types: &[&Type]) -> Kinds {
    let mut kinds = Kinds::default();
    for ty in types {
        match ty {
            Type::Map(_) => kinds.maps += 1,
            Type::List(_) => kinds.lists += 1,
            Type::Set(_) => kinds.sets += 1,
            Type::Object(_) => kinds.objects += 1,
            Type::Tuple(_) => kinds.tuples += 1,
            Type::Dynamic => kinds.dynamics += 1,
            Type::Bool | Type::Number | Type::String => {}
        }
    }
    kinds
}

fn unify_distinct(types: &[&Type], unsafe_too: bool) -> Option<Type> {
    let kinds = count(types);
    let all = types.len();
    let only = |count: usize| count > 0 && count + kinds.dynamics == all;
    let or_dynamic = |unified: &dyn Fn() -> Option<Type>| {
        if kinds.dynamics > 0 {
            Some(Type::Dynamic)
        } else {
            unified()
        }
    };
    if only(kinds.maps) {
        return or_dynamic(&|| unify_elements(types, Type::map, unsafe_too));
    }
    if kinds.maps > 0 && only(kinds.maps + kinds.objects) {
        let unified = unify_with_homogeneous(types, is_object, objects_to_map, unsafe_too);
        if unified
            .as_ref()
            .is_some_and(|ty| matches!(ty, Type::Map(_)))
        {
            return unified;
        }
    } else if only(kinds.lists) {
        return or_dynamic(&|| unify_elements(types, Type::list, unsafe_too));
    } else if kinds.lists > 0 && only(kinds.lists + kinds.tuples) {
        let unified = unify_with_homogeneous(types, is_tuple, tuples_to_list, unsafe_too);
        if unified
            .as_ref()
            .is_some_and(|ty| matches!(ty, Type::List(_)))
        {
            return unified;
        }
    } else if only(kinds.sets) {
        return or_dynamic(&|| unify_elements(types, Type::set, unsafe_too));
    } else if only(kinds.objects) {
        return or_dynamic(&|| unify_objects(types, unsafe_too));
    } else if only(kinds.tuples) {
        return or_dynamic(&|| unify_tuples(types, unsafe_too));
    } else if kinds.objects > 0 && kinds.tuples > 0 {
        return None;
    }
    first_that_all_convert_to(types, unsafe_too)
}

fn is_object(ty: &Type) -> bool {
    matches!(ty, Type::Object(_))
}

fn is_tuple(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(_))
}

fn all_convert(types: &[&Type], wanted: &Type, unsafe_too: bool) -> bool {
    types.iter().all(|ty| convertible(ty, wanted, unsafe_too))
}

fn unify_elements(types: &[&Type], of: fn(Type) -> Type, unsafe_too: bool) -> Option<Type> {
    let unified = of(unify(
        types.iter().filter_map(|ty| ty.element()),
        unsafe_too,
    )?);
    all_convert(types, &unified, unsafe_too).then_some(unified)
}

/// Lists among tuples, maps among objects: the tuples are made one list first.
fn unify_with_homogeneous(
    types: &[&Type],
    is_structural: fn(&Type) -> bool,
    merge: fn(&[&Type], bool) -> Option<Type>,
    unsafe_too: bool,
) -> Option<Type> {
    let structural: Vec<&Type> = types
        .iter()
        .copied()
        .filter(|ty| is_structural(ty))
        .collect();
    let merged = merge(&structural, unsafe_too)?;
    let replaced = types
        .iter()
        .map(|ty| if is_structural(ty) { &merged } else { *ty });
    unify(replaced, unsafe_too)
}

fn attributes(ty: &Type) -> Option<&BTreeMap<Arc<str>, Type>> {
    match ty {
        Type::Object(attributes) => Some(attributes),
        _ => None,
    }
}

fn elements(ty: &Type) -> &[Type] {
    match ty {
        Type::Tuple(elements) => elements,
        _ => &[],
    }
}

fn unify_objects(types: &[&Type], unsafe_too: bool) -> Option<Type> {
    let all: Vec<_> = types.iter().filter_map(|ty| attributes(ty)).collect();
    let (first, others) = all.split_first()?;
    if others.iter().any(|other| !first.keys().eq(other.keys())) {
        return objects_to_map(types, unsafe_too);
    }
    let mut unified = BTreeMap::new();
    for name in first.keys() {
        let across = all.iter().filter_map(|attributes| attributes.get(name));
        unified.insert(name.clone(), unify(across, unsafe_too)?);
    }
    let unified = Type::Object(Arc::new(unified));
    if all_convert(types, &unified, unsafe_too) {
        return Some(unified);
    }
    objects_to_map(types, unsafe_too)
}

fn objects_to_map(types: &[&Type], unsafe_too: bool) -> Option<Type> {
    let inner = types.iter().filter_map(|ty| attributes(ty));
    let unified = Type::map(unify(inner.flat_map(BTreeMap::values), unsafe_too)?);
    all_convert(types, &unified, unsafe_too).then_some(unified)
}

fn unify_tuples(types: &[&Type], unsafe_too: bool) -> Option<Type> {
    let length = types.first().map_or(0, |ty| elements(ty).len());
    if types.iter().any(|ty| elements(ty).len() != length) {
        return tuples_to_list(types, unsafe_too);
    }
    let unified: Option<Vec<Type>> = (0..length)
        .map(|index| {
            let across = types.iter().filter_map(|ty| elements(ty).get(index));
            unify(across, unsafe_too)
        })
        .collect();
    let unified = Type::Tuple(unified?.into());
    if all_convert(types, &unified, unsafe_too) {
        return Some(unified);
    }
    tuples_to_list(types, unsafe_too)
}

fn tuples_to_list(types: &[&Type], unsafe_too: bool) -> Option<Type> {
    let inner = types.iter().flat_map(|ty| elements(ty));
    let unified = Type::list(unify(inner, unsafe_too)?);
    all_convert(types, &unified, unsafe_too).then_some(unified)
}

/// The most general of the types, if the others convert to it.
fn first_that_all_convert_to(types: &[&Type], unsafe_too: bool) -> Option<Type> {
    most_general_first(types)
        .into_iter()
        .filter_map(|index| types.get(index))
        .find(|wanted| all_convert(types, wanted, unsafe_too))
        .map(|ty| (*ty).clone())
}

/// The indices of `types`, each type after all that are more general, otherwise in order.
fn most_general_first(types: &[&Type]) -> Vec<usize> {
    let mut more_general_than: Vec<Vec<usize>> = vec![Vec::new(); types.len()];
    let mut waits_for = vec![0_usize; types.len()];
    let mut before = |general: usize, special: usize| {
        if let (Some(list), Some(count)) = (
            more_general_than.get_mut(general),
            waits_for.get_mut(special),
        ) {
            list.push(special);
            *count += 1;
        }
    };
    for (index, ty) in types.iter().enumerate() {
        for (offset, other) in types.iter().skip(index + 1).enumerate() {
            match generality(ty, other) {
                1 => before(index, index + 1 + offset),
                -1 => before(index + 1 + offset, index),
                _ => {}
            }
        }
    }
    let ready = waits_for
        .iter()
        .enumerate()
        .filter(|(_, count)| **count == 0);
    let mut order: Vec<usize> = ready.map(|(index, _)| index).collect();
    let mut done = 0;
    while let Some(&index) = order.get(done) {
        done += 1;
        for &special in more_general_than.get(index).map_or(&[][..], Vec::as_slice) {
            if let Some(count) = waits_for.get_mut(special) {
                *count -= 1;
                if *count == 0 {
                    order.push(special);
                }
            }
        }
    }
    order
}

/// 1 where `a` is to be preferred as the more general of two types, -1 where `b` is, 0 where neither.
fn generality(a: &Type, b: &Type) -> i8 {
    match (a, b) {
        (Type::Dynamic, Type::Dynamic) => 0,
        (_, Type::Dynamic) => 1,
        (Type::Dynamic, _) => -1,
        (Type::String, Type::String) => 0,
        (Type::String, b) if b.is_primitive() => 1,
        (a, Type::String) if a.is_primitive() => -1,
        (Type::List(a), Type::List(b))
        | (Type::Set(a), Type::Set(b))
        | (Type::Map(a), Type::Map(b)) => generality(a, b),
        (Type::List(_) | Type::Tuple(_), Type::Set(_)) => 1,
        (Type::Set(_), Type::List(_) | Type::Tuple(_)) => -1,
        (Type::List(_), Type::Tuple(_)) | (Type::Map(_), Type::Object(_)) => 1,
        (Type::Tuple(_), Type::List(_)) | (Type::Object(_), Type::Map(_)) => -1,
        (Type::Object(a), Type::Object(b)) if a.keys().eq(b.keys()) => {
            overall(a.values().zip(b.values()))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => overall(a.iter().zip(b.iter())),
        _ => 0,
    }
}

fn overall<'a>(pairs: impl Iterator<Item = (&'a Type, &'a Type)>) -> i8 {
    let (mut first, mut second) = (false, false);
    for (a, b) in pairs {
        match generality(a, b) {
            1 => first = true,
            -1 => second = true,
            _ => {}
        }
    }
    i8::from(first && !second) - i8::from(second && !first)
}
