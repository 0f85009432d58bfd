//! Sets: which values are one and the same, and in which order Terraform goes through them.

use std::cmp::Ordering;
use std::fmt::Write;

use super::equality::equal;
use super::number::Number;
use super::types::Type;
use super::value::{Kind, Value};

impl Value {
    /// A set of values of type `element`, without duplicates and in order. Sensitive members, at any depth, make the
    /// whole set sensitive and are plain in it.
    pub fn set_of(element: Type, members: Vec<Value>) -> Self {
        let sensitive = members.iter().any(Value::contains_sensitive);
        Self::new(kind(element, members)).with_sensitive(sensitive)
    }
}

/// As [`Value::set_of`], the mark of the set left to the caller.
pub(super) fn kind(element: Type, members: Vec<Value>) -> Kind {
    let mut keyed: Vec<(Key, Value)> = members
        .into_iter()
        .map(|member| {
            let member = member.without_marks();
            (Key::of(&member), member)
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a.compare(b));
    let mut kept: Vec<(Key, Value)> = Vec::with_capacity(keyed.len());
    for (key, member) in keyed {
        let mut alike = kept
            .iter()
            .rev()
            .take_while(|(other, _)| other.compare(&key) == Ordering::Equal);
        if !alike.any(|(_, other)| equal(other, &member) == Some(true)) {
            kept.push((key, member));
        }
    }
    Kind::Set(
        element,
        kept.into_iter().map(|(_, member)| member).collect(),
    )
}

/// How many elements a set has; `None` where unknown ones may turn out to be equal to others.
pub fn length(members: &[Value]) -> Option<usize> {
    (members.len() == 1 || members.iter().all(Value::is_wholly_known)).then_some(members.len())
}

/// By what an element is put in order.
enum Key {
    Bool(bool),
    Number(Number),
    Text(String),
    Unknown,
    Null,
}

impl Key {
    fn of(value: &Value) -> Self {
        match &value.kind {
            Kind::Null(_) => Self::Null,
            Kind::Unknown(_) => Self::Unknown,
            Kind::Bool(value) => Self::Bool(*value),
            Kind::Number(number) => Self::Number(number.clone()),
            Kind::String(text) => Self::Text(text.to_string()),
            _ => {
                let mut text = String::new();
                write_text(value, &mut text);
                Self::Text(text)
            }
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            // Zeros of different sign are different elements.
            (Self::Number(a), Self::Number(b)) => {
                a.cmp(b).then_with(|| b.is_negative().cmp(&a.is_negative()))
            }
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// Known before unknown, null last.
    fn rank(&self) -> u8 {
        match self {
            Self::Bool(_) | Self::Number(_) | Self::Text(_) => 0,
            Self::Unknown => 1,
            Self::Null => 2,
        }
    }
}

/// The text by which Terraform puts collections in a set in order.
fn write_text(value: &Value, out: &mut String) {
    match &value.kind {
        Kind::Null(_) => out.push('~'),
        Kind::Unknown(_) => out.push('?'),
        Kind::Bool(value) => out.push(if *value { 'T' } else { 'F' }),
        Kind::Number(number) => out.push_str(&ten_digits(number)),
        Kind::String(text) => write_quoted(text, out),
        Kind::List(_, members) | Kind::Set(_, members) => write_all(members.iter(), '[', ']', out),
        Kind::Tuple(members) => write_all(members.iter(), '<', '>', out),
        Kind::Object(members) => write_all(members.values(), '<', '>', out),
        Kind::Map(_, members) => {
            out.push('{');
            for (name, member) in members.iter() {
                write_quoted(name, out);
                out.push(':');
                write_text(member, out);
                out.push(';');
            }
            out.push('}');
        }
    }
}

fn write_all<'a>(
    members: impl Iterator<Item = &'a Value>,
    open: char,
    close: char,
    out: &mut String,
) {
    out.push(open);
    for member in members {
        write_text(member, out);
        out.push(';');
    }
    out.push(close);
}

fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' | '"' => {
                out.push('\\');
                out.push(character);
            }
            control if control.is_ascii_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\x{:02x}", u32::from(control));
            }
            other if is_printable(other) => out.push(other),
            other => {
                let code = u32::from(other);
                let _ = match code {
                    0..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push('"');
}

/// Whether Go prints a character as it is: letters, marks, numbers, punctuation, symbols and the plain space.
fn is_printable(character: char) -> bool {
    // At the start of a text, marks would be escaped as well.
    let text = String::from_iter(['a', character]);
    character.is_ascii() || text.escape_debug().eq(text.chars())
}

/// A number with ten significant digits, in scientific notation where it is very large or small.
fn ten_digits(number: &Number) -> String {
    let sign = if number.is_negative() { "-" } else { "" };
    let Some(Some(mut decimal)) = number.exact() else {
        return format!("{sign}Inf");
    };
    decimal.round(10);
    let exponent = decimal.point() - 1;
    if (-4..10).contains(&exponent) {
        return format!("{sign}{}", decimal.to_fixed());
    }
    let digits: String = decimal.digits().iter().map(|&d| char::from(d)).collect();
    let (first, rest) = digits.split_at_checked(1).unwrap_or(("0", ""));
    let point = if rest.is_empty() { "" } else { "." };
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!(
        "{sign}{first}{point}{rest}e{exponent_sign}{:02}",
        exponent.abs()
    )
}
