//! Conversion of values from one type to another, with Terraform's rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::number::{Number, is_too_long};
use super::range;
use super::set;
use super::types::Type;
use super::unify::unify;
use super::value::{Choice, Kind, Value};

/// The value as a value of type `wanted`, parts of which may be [`Type::Dynamic`]. The error is one sentence.
/// The trace stays; choices that cannot be converted are left out.
pub fn convert(value: &Value, wanted: &Type) -> Result<Value, String> {
    // The type of a large value is large.
    if *wanted == Type::Dynamic {
        return Ok(value.clone());
    }
    let given = value.ty();
    if given == *wanted {
        return Ok(value.clone());
    }
    if !convertible(&given, wanted, true) {
        return Err(mismatch(&given, wanted));
    }
    convert_inner(value, wanted, true)
}

/// Whether some value of type `given` can be converted to `wanted`; with `unsafe_too` even if others cannot.
pub fn convertible(given: &Type, wanted: &Type, unsafe_too: bool) -> bool {
    use Type::{Bool, Dynamic, List, Map, Number, Object, Set, String, Tuple};
    if given == wanted {
        return true;
    }
    match (given, wanted) {
        (_, Dynamic) => true,
        (Dynamic, _) => unsafe_too,
        (Number | Bool, String) => true,
        (String, Number | Bool) => unsafe_too,
        (Object(given), Object(wanted)) => wanted.iter().all(|(name, wanted)| {
            given
                .get(name)
                .is_some_and(|given| convertible(given, wanted, unsafe_too))
        }),
        (Tuple(given), Tuple(wanted)) => {
            given.len() == wanted.len()
                && given
                    .iter()
                    .zip(wanted.iter())
                    .all(|(given, wanted)| convertible(given, wanted, unsafe_too))
        }
        (List(given) | Set(given), List(wanted))
        | (Set(given), Set(wanted))
        | (Map(given), Map(wanted)) => convertible(given, wanted, unsafe_too),
        (List(given), Set(wanted)) => unsafe_too && convertible(given, wanted, unsafe_too),
        (Tuple(given), List(wanted) | Set(wanted)) => {
            members_convertible(given.iter(), wanted, true, unsafe_too)
        }
        (Object(given), Map(wanted)) => {
            members_convertible(given.values(), wanted, false, unsafe_too)
        }
        (Map(given), Object(wanted)) => {
            unsafe_too
                && wanted
                    .values()
                    .all(|wanted| convertible(given, wanted, unsafe_too))
        }
        _ => false,
    }
}

/// Whether types of several members all convert to one: `wanted`, or whatever they have in common where that is dynamic.
fn members_convertible<'a>(
    given: impl Iterator<Item = &'a Type> + Clone,
    wanted: &Type,
    all_dynamic: bool,
    unsafe_too: bool,
) -> bool {
    let Some(wanted) = common(given.clone(), wanted, unsafe_too) else {
        return given.count() == 0;
    };
    if all_dynamic && wanted == Type::Dynamic {
        return given.into_iter().all(|ty| *ty == Type::Dynamic);
    }
    given
        .into_iter()
        .all(|given| convertible(given, &wanted, unsafe_too))
}

fn common<'a>(
    given: impl Iterator<Item = &'a Type>,
    wanted: &Type,
    unsafe_too: bool,
) -> Option<Type> {
    match wanted {
        Type::Dynamic => unify(given, unsafe_too),
        _ => Some(wanted.clone()),
    }
}

fn convert_inner(value: &Value, wanted: &Type, unsafe_too: bool) -> Result<Value, String> {
    let kind = match &value.kind {
        _ if *wanted == Type::Dynamic || value.ty() == *wanted => return Ok(value.clone()),
        Kind::Unknown(unknown) => range::converted(unknown, fill(&unknown.ty, wanted)),
        Kind::Null(ty) => Kind::Null(fill(ty, wanted)),
        _ => convert_known(value, wanted, unsafe_too)?,
    };
    let choices = value.choices().iter().filter_map(|choice| {
        let value = convert(&choice.value, wanted).ok()?;
        Some(Choice {
            value,
            ..choice.clone()
        })
    });
    let choices: Vec<Choice> = choices.collect();
    let sensitive = match kind {
        Kind::Set(..) => value.contains_sensitive(),
        _ => value.sensitive,
    };
    Ok(Value::new(kind)
        .with_sensitive(sensitive)
        .with_provenance_of(value)
        .with_choices(choices)
        .map_sure_members(|members| sure_members(members, wanted)))
}

/// The members that an unknown value surely has, once it is of a type; what that has no place for is gone.
fn sure_members(members: &BTreeMap<Arc<str>, Value>, wanted: &Type) -> BTreeMap<Arc<str>, Value> {
    let member_type = |name: &str| match wanted {
        Type::Map(element) => Some(&**element),
        Type::Object(attributes) => attributes.get(name),
        _ => None,
    };
    let members = members.iter().filter_map(|(name, member)| {
        let member = convert(member, member_type(name)?).ok()?;
        Some((name.clone(), member))
    });
    members.collect()
}

fn convert_known(value: &Value, wanted: &Type, unsafe_too: bool) -> Result<Kind, String> {
    let impossible = || mismatch(&value.ty(), wanted);
    match (&value.kind, wanted) {
        (Kind::Number(number), Type::String) => match number.to_text() {
            Some(text) => Ok(Kind::String(text.into())),
            None => Ok(range::not_null(Type::String)),
        },
        (Kind::Bool(value), Type::String) => Ok(Kind::String(value.to_string().into())),
        (Kind::String(text), Type::Number) if is_too_long(text) => {
            Ok(range::not_null(Type::Number))
        }
        (Kind::String(text), Type::Number) => Number::parse(text)
            .map(Kind::Number)
            .ok_or_else(|| "a number is required".into()),
        (Kind::String(text), Type::Bool) => to_bool(text).map(Kind::Bool),
        (Kind::Object(members), Type::Object(wanted)) => object(members, wanted, unsafe_too),
        (Kind::Map(_, members), Type::Object(wanted)) => object(members, wanted, unsafe_too),
        (Kind::Tuple(members), Type::Tuple(wanted)) => {
            let pairs = members.iter().zip(wanted.iter());
            let members: Result<Arc<[Value]>, String> = pairs
                .map(|(member, wanted)| convert_inner(member, wanted, unsafe_too))
                .collect();
            Ok(Kind::Tuple(members?))
        }
        (Kind::List(ty, members) | Kind::Set(ty, members), Type::List(wanted)) => {
            if matches!(value.kind, Kind::Set(..)) && set::length(members).is_none() {
                return Ok(range::maybe_null(Type::list(ty.clone())));
            }
            let ty = if members.is_empty() && **wanted == Type::Dynamic {
                ty
            } else {
                wanted
            };
            list(each(members, wanted, unsafe_too)?, ty)
        }
        (Kind::Tuple(members), Type::List(wanted)) => {
            let types: Vec<Type> = members.iter().map(Value::ty).collect();
            let element = common(types.iter(), wanted, unsafe_too).unwrap_or(Type::Dynamic);
            let members = each(members, &element, unsafe_too)?;
            list(alike(members, unsafe_too)?, wanted)
        }
        (Kind::List(ty, members) | Kind::Set(ty, members), Type::Set(wanted)) => {
            let ty = if members.is_empty() && **wanted == Type::Dynamic {
                ty
            } else {
                wanted
            };
            into_set(each(members, wanted, unsafe_too)?, ty)
        }
        (Kind::Tuple(members), Type::Set(wanted)) => {
            let types: Vec<Type> = members.iter().map(Value::ty).collect();
            let element = common(types.iter(), wanted, unsafe_too).unwrap_or(Type::Dynamic);
            into_set(each(members, &element, unsafe_too)?, wanted)
        }
        (Kind::Map(ty, members), Type::Map(wanted)) => {
            let ty = if members.is_empty() && **wanted == Type::Dynamic {
                ty
            } else {
                wanted
            };
            map(members, wanted, ty, unsafe_too, false)
        }
        (Kind::Object(members), Type::Map(wanted)) => {
            let types: Vec<Type> = members.values().map(Value::ty).collect();
            let element = common(types.iter(), wanted, unsafe_too).unwrap_or(Type::Dynamic);
            map(members, &element, wanted, unsafe_too, unsafe_too)
        }
        _ => Err(impossible()),
    }
}

fn to_bool(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => {
            Err("a bool is required; as a string it is written in lower case".into())
        }
        _ => Err("a bool is required".into()),
    }
}

fn each(members: &[Value], wanted: &Type, unsafe_too: bool) -> Result<Vec<Value>, String> {
    members
        .iter()
        .map(|member| convert_inner(member, wanted, unsafe_too))
        .collect()
}

/// The type of the members, where all are of one (those of unknown type aside).
pub fn element_type<'a>(members: impl IntoIterator<Item = &'a Value>) -> Option<Type> {
    let mut common = Type::Dynamic;
    for member in members {
        let ty = member.ty();
        if common == Type::Dynamic {
            common = ty;
        } else if ty != Type::Dynamic && ty != common {
            return None;
        }
    }
    Some(common)
}

fn list(members: Vec<Value>, if_empty: &Type) -> Result<Kind, String> {
    if members.is_empty() {
        return Ok(Kind::List(if_empty.clone(), members.into()));
    }
    let ty = element_type(&members).ok_or("all elements of a list must have one type")?;
    Ok(Kind::List(ty, members.into()))
}

fn into_set(members: Vec<Value>, if_empty: &Type) -> Result<Kind, String> {
    if members.is_empty() {
        return Ok(Kind::Set(if_empty.clone(), members.into()));
    }
    let ty = element_type(&members).ok_or("all elements of a set must have one type")?;
    Ok(set::kind(ty, members))
}

fn map(
    members: &BTreeMap<Arc<str>, Value>,
    wanted: &Type,
    if_empty: &Type,
    unsafe_too: bool,
    unify_unsafe: bool,
) -> Result<Kind, String> {
    let mut names: Vec<Arc<str>> = Vec::with_capacity(members.len());
    let mut values = Vec::with_capacity(members.len());
    for (name, member) in members {
        names.push(name.clone());
        values.push(convert_inner(member, wanted, unsafe_too)?);
    }
    if values.is_empty() {
        return Ok(Kind::Map(if_empty.clone(), Arc::default()));
    }
    if wanted.is_homogeneous() || matches!(wanted, Type::Object(_)) {
        values = alike(values, unify_unsafe)?;
    }
    let ty = element_type(&values).ok_or("all elements of a map must have one type")?;
    Ok(Kind::Map(
        ty,
        Arc::new(names.into_iter().zip(values).collect()),
    ))
}

/// Members whose dynamic parts have become different types, made alike again.
fn alike(members: Vec<Value>, unsafe_too: bool) -> Result<Vec<Value>, String> {
    let types: Vec<Type> = members.iter().map(Value::ty).collect();
    if types.is_empty() {
        return Ok(members);
    }
    let unified = unify(&types, unsafe_too).ok_or("the elements have no type in common")?;
    each(&members, &unified, unsafe_too)
}

fn object(
    members: &BTreeMap<Arc<str>, Value>,
    wanted: &BTreeMap<Arc<str>, Type>,
    unsafe_too: bool,
) -> Result<Kind, String> {
    let converted: Result<BTreeMap<Arc<str>, Value>, String> = wanted
        .iter()
        .map(|(name, wanted)| match members.get(name) {
            None => Err(format!("attribute {name:?} is required")),
            Some(member) => Ok((name.clone(), convert_inner(member, wanted, unsafe_too)?)),
        })
        .collect();
    Ok(Kind::Object(Arc::new(converted?)))
}

/// `wanted` with its dynamic parts taken from `given`.
fn fill(given: &Type, wanted: &Type) -> Type {
    let unified = |types: &mut dyn Iterator<Item = &Type>| {
        let types: Vec<&Type> = types.collect();
        unify(types, true).unwrap_or(Type::Dynamic)
    };
    match (given, wanted) {
        (Type::Dynamic, _) => wanted.clone(),
        (_, Type::Dynamic) => given.clone(),
        (Type::Map(given), Type::Map(wanted)) => Type::map(fill(given, wanted)),
        (Type::Object(given), Type::Map(wanted)) => {
            Type::map(fill(&unified(&mut given.values()), wanted))
        }
        (Type::List(given) | Type::Set(given), Type::List(wanted)) => {
            Type::list(fill(given, wanted))
        }
        (Type::List(given) | Type::Set(given), Type::Set(wanted)) => Type::set(fill(given, wanted)),
        (Type::Tuple(given), Type::List(wanted)) => {
            Type::list(fill(&unified(&mut given.iter()), wanted))
        }
        (Type::Tuple(given), Type::Set(wanted)) => {
            Type::set(fill(&unified(&mut given.iter()), wanted))
        }
        (Type::Map(given), Type::Object(wanted)) => Type::object(
            wanted
                .iter()
                .map(|(name, wanted)| (name.clone(), fill(given, wanted))),
        ),
        (Type::Object(given), Type::Object(wanted)) => {
            Type::object(wanted.iter().map(|(name, wanted)| {
                let given = given.get(name).unwrap_or(&Type::Dynamic);
                (name.clone(), fill(given, wanted))
            }))
        }
        (Type::Tuple(given), Type::Tuple(wanted)) => Type::Tuple(
            given
                .iter()
                .zip(wanted.iter())
                .map(|(given, wanted)| fill(given, wanted))
                .collect(),
        ),
        _ => wanted.clone(),
    }
}

/// Why there is no conversion between two types.
fn mismatch(given: &Type, wanted: &Type) -> String {
    match (given, wanted) {
        (Type::Object(given), Type::Object(wanted)) => {
            let missing: Vec<String> = wanted
                .keys()
                .filter(|name| !given.contains_key(*name))
                .map(|name| format!("{name:?}"))
                .collect();
            if !missing.is_empty() {
                return format!("the object lacks {}", missing.join(", "));
            }
            let wrong = wanted.iter().find_map(|(name, wanted)| {
                let given = given.get(name)?;
                (!convertible(given, wanted, true)).then(|| (name, mismatch(given, wanted)))
            });
            wrong.map_or_else(
                || "the object has other attributes".into(),
                |(name, why)| format!("attribute {name:?}: {why}"),
            )
        }
        _ => format!("{} required, not {}", describe(wanted), describe(given)),
    }
}

/// A type in words that keep short however large it is.
pub fn describe(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "a value of any type".into(),
        Type::Bool => "a bool".into(),
        Type::Number => "a number".into(),
        Type::String => "a string".into(),
        Type::List(_) => "a list".into(),
        Type::Set(_) => "a set".into(),
        Type::Map(_) => "a map".into(),
        Type::Tuple(_) => "a tuple".into(),
        Type::Object(_) => "an object".into(),
    }
}
