//! What is known of an unknown value, and what follows from it.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::number::Number;
use super::set;
use super::types::Type;
use super::value::{Bound, Kind, Unknown, Value};

/// An unknown value of a type that may be null.
pub fn maybe_null(ty: Type) -> Kind {
    Kind::Unknown(Arc::new(Unknown::of(ty)))
}

/// An unknown value of a type that is surely not null (of a dynamic type, nothing is ever known).
pub fn not_null(ty: Type) -> Kind {
    Unknown {
        not_null: true,
        ..Unknown::of(ty)
    }
    .settle()
}

/// The same value, known not to be null.
pub fn refine_not_null(value: Value) -> Value {
    match &value.kind {
        Kind::Unknown(unknown) if !unknown.not_null && unknown.ty != Type::Dynamic => {
            let refined = Unknown {
                not_null: true,
                ..unknown.as_ref().clone()
            };
            value.with_kind(refined.settle())
        }
        _ => value,
    }
}

impl Unknown {
    /// The kind of value that this is: a known one where so much is known that only one is left.
    pub fn settle(self) -> Kind {
        if self.ty == Type::Dynamic {
            return maybe_null(Type::Dynamic);
        }
        if self.not_null {
            if let (Some(least), Some(most)) = &self.bounds
                && least.inclusive
                && most.inclusive
                && least.number == most.number
            {
                return Kind::Number(least.number.clone());
            }
            if self.length.1 == Some(self.length.0)
                && let Some(kind) = of_length(&self.ty, self.length.0)
            {
                return kind;
            }
        }
        Kind::Unknown(Arc::new(self))
    }

    /// The same, with so many elements at least and at most.
    pub fn with_length(self, least: usize, most: Option<usize>) -> Self {
        Self {
            length: (least, most),
            ..self
        }
    }
}

/// Past this length a list of unknown elements stays an unknown list.
const LONGEST_LIST: usize = 10_000;

/// A collection of whose elements nothing is known but how many they are.
fn of_length(ty: &Type, length: usize) -> Option<Kind> {
    match ty {
        Type::List(element) if length <= LONGEST_LIST => {
            let member = Value::unknown(element.as_ref().clone());
            Some(Kind::List(
                element.as_ref().clone(),
                std::iter::repeat_n(member, length).collect(),
            ))
        }
        Type::Set(element) if length <= 1 => {
            let member = Value::unknown(element.as_ref().clone());
            Some(Kind::Set(
                element.as_ref().clone(),
                std::iter::repeat_n(member, length).collect(),
            ))
        }
        Type::Map(element) if length == 0 => {
            Some(Kind::Map(element.as_ref().clone(), Arc::default()))
        }
        _ => None,
    }
}

/// What is known of an unknown value after its conversion to another type.
pub fn converted(unknown: &Unknown, wanted: Type) -> Kind {
    let mut result = Unknown {
        not_null: unknown.not_null,
        ..Unknown::of(wanted)
    };
    let (least, most) = unknown.length;
    result.length = match (&unknown.ty, &result.ty) {
        (Type::Object(attributes), Type::Map(_)) => (attributes.len(), Some(attributes.len())),
        (Type::Tuple(elements), Type::List(_)) => (elements.len(), Some(elements.len())),
        (Type::Tuple(elements), Type::Set(_)) => (elements.len().min(1), Some(elements.len())),
        (given, Type::Set(_)) if given.is_homogeneous() => (least.min(1), most),
        (given, wanted) if given.is_homogeneous() && wanted.is_homogeneous() => (least, most),
        _ => (0, None),
    };
    result.settle()
}

/// Whether a value is surely not null.
pub fn surely_not_null(value: &Value) -> bool {
    match &value.kind {
        Kind::Null(_) => false,
        Kind::Unknown(unknown) => unknown.not_null,
        _ => true,
    }
}

/// The least and the greatest number that a value may be.
pub fn bounds(value: &Value) -> (Option<Bound>, Option<Bound>) {
    match &value.kind {
        Kind::Number(number) => {
            let bound = Some(Bound {
                number: number.clone(),
                inclusive: true,
            });
            (bound.clone(), bound)
        }
        Kind::Unknown(unknown) => unknown.bounds.clone(),
        _ => (None, None),
    }
}

/// The least and the greatest number of elements that a list, set or map may have.
pub fn length(value: &Value) -> (usize, Option<usize>) {
    match &value.kind {
        Kind::List(_, members) => (members.len(), Some(members.len())),
        Kind::Set(_, members) => match set::length(members) {
            Some(length) => (length, Some(length)),
            None => (0, None),
        },
        Kind::Map(_, members) => (members.len(), Some(members.len())),
        Kind::Unknown(unknown) => unknown.length,
        _ => (0, None),
    }
}

/// Whether an unknown value can turn out as `known`.
pub fn may_be(unknown: &Unknown, known: &Value) -> bool {
    if known.is_null() {
        return !unknown.not_null;
    }
    let ty = known.ty();
    if !ty.conforms_to(&unknown.ty) {
        return false;
    }
    match &known.kind {
        Kind::String(text) => text.starts_with(unknown.prefix.as_ref()),
        Kind::Number(number) => {
            let (least, most) = &unknown.bounds;
            let above = least.as_ref().is_none_or(|bound| {
                bound.number < *number || bound.inclusive && bound.number == *number
            });
            let below = most.as_ref().is_none_or(|bound| {
                bound.number > *number || bound.inclusive && bound.number == *number
            });
            above && below
        }
        Kind::List(..) | Kind::Set(..) | Kind::Map(..) => {
            let (least, most) = length(known);
            most.is_none_or(|most| most >= unknown.length.0)
                && unknown.length.1.is_none_or(|longest| least <= longest)
        }
        _ => true,
    }
}

/// The part of a text that stays as it is whatever follows: the last character may combine with what comes. Of a text that
/// begins with a line break, Terraform 1.11 mostly knows nothing (measured; why is not understood).
pub fn safe_prefix(text: &str) -> String {
    if text.starts_with('\n') {
        return String::new();
    }
    let text: String = text.nfc().collect();
    let Some((last_at, last)) = text.grapheme_indices(true).next_back() else {
        return text;
    };
    if last.chars().count() == 1 && last.chars().all(never_combines) {
        return text;
    }
    text.get(..last_at).unwrap_or_default().to_owned()
}

fn never_combines(character: char) -> bool {
    "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'".contains(character)
}

/// A string that begins with `text` and goes on in an unknown way.
pub fn string_with_prefix(text: &str) -> Kind {
    Kind::Unknown(Arc::new(Unknown {
        not_null: true,
        prefix: safe_prefix(text).into(),
        ..Unknown::of(Type::String)
    }))
}

/// An unknown number between two whole ones; known where they are one.
pub fn between(least: usize, most: Option<usize>) -> Kind {
    let bound = |number| Bound {
        number: Number::from_usize(number),
        inclusive: true,
    };
    Unknown {
        not_null: true,
        bounds: (Some(bound(least)), most.map(bound)),
        ..Unknown::of(Type::Number)
    }
    .settle()
}
