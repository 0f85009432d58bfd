//! String functions.

use rustc_hash::FxHashSet;

use super::arguments::{
    MOST_BYTES, bounded, check_bytes, check_elements, elements, known_prefix, list, string, text,
    unknown, whole,
};
use super::graphemes::graphemes;
use super::pieces::{assemble, change_ends, cut_end, cut_start, map, slice};
use super::regex::{Patterns, replace_pattern};
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::trace::Trace;
use crate::eval::types::Type;
use crate::eval::value::{Piece, Value};

pub(super) fn functions() -> Vec<Function> {
    let str = || Parameter::new("str", Type::String);
    let chooser = |name| Parameter::new(name, Type::String).chooses();
    let textual = |name, body| Function::new(name, Type::String, body).not_null();
    let test = |name, body| Function::new(name, Type::Bool, body);
    vec![
        textual("chomp", chomp).takes(str().unknown()),
        test("endswith", |arguments, _| {
            Ok(Value::bool(
                text(arguments, 0)?.ends_with(text(arguments, 1)?),
            ))
        })
        .takes(str())
        .takes(chooser("suffix"))
        .not_null(),
        textual("indent", indent)
            .takes(Parameter::new("spaces", Type::Number).chooses())
            .takes(str()),
        textual("join", join)
            .takes(Parameter::new("separator", Type::String))
            .takes_any_number(Parameter::new("lists", Type::list(Type::String))),
        textual("lower", |arguments, _| changed(arguments, lower)).takes(str().unknown().dynamic()),
        Function::matching("replace", Type::String, replace)
            .not_null()
            .takes(str().unknown())
            .takes(chooser("substr"))
            .takes(Parameter::new("replace", Type::String)),
        Function::new("split", Type::list(Type::String), split)
            .takes(chooser("separator"))
            .takes(str())
            .not_null(),
        test("startswith", starts_with)
            .takes(str().unknown())
            .takes(chooser("prefix"))
            .not_null(),
        test("strcontains", |arguments, _| {
            Ok(Value::bool(
                text(arguments, 0)?.contains(text(arguments, 1)?),
            ))
        })
        .takes(str())
        .takes(chooser("substr")),
        textual("strrev", |arguments, _| {
            let mut clusters: Vec<&str> = graphemes(text(arguments, 0)?).collect();
            clusters.reverse();
            let reversed = clusters.concat();
            Ok(string(reversed))
        })
        .takes(str().dynamic()),
        textual("substr", substr)
            .takes(str().dynamic())
            .takes(Parameter::new("offset", Type::Number).dynamic().chooses())
            .takes(Parameter::new("length", Type::Number).dynamic().chooses()),
        textual("title", |arguments, _| {
            Ok(string(title(text(arguments, 0)?)))
        })
        .takes(str()),
        textual("trim", trim)
            .takes(str().unknown())
            .takes(chooser("cutset")),
        textual("trimprefix", trim_prefix)
            .takes(str().unknown())
            .takes(chooser("prefix")),
        textual("trimspace", |arguments, _| {
            trim_where(arguments, char::is_whitespace)
        })
        .takes(str().unknown()),
        textual("trimsuffix", trim_suffix)
            .takes(str().unknown())
            .takes(chooser("suffix")),
        textual("upper", |arguments, _| changed(arguments, upper)).takes(str().unknown().dynamic()),
    ]
}

fn first(arguments: &[Value]) -> Result<&Value, Failure> {
    arguments.first().ok_or(Failure::Unknown)
}

fn changed(arguments: &[Value], change: fn(char) -> char) -> Outcome {
    Ok(map(first(arguments)?, |text| {
        text.chars().map(change).collect()
    }))
}

/// Unicode's simple mapping, one character to one.
pub(super) fn lower(character: char) -> char {
    if character == '\u{130}' {
        return 'i';
    }
    single(character.to_lowercase()).unwrap_or(character)
}

/// Unicode's simple mapping, one character to one.
pub(super) fn upper(character: char) -> char {
    let simple = match character {
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
            char::from_u32(u32::from(character) + 8)
        }
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => char::from_u32(u32::from(character) + 9),
        _ => single(character.to_uppercase()),
    };
    simple.unwrap_or(character)
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let only = characters.next()?;
    characters.next().is_none().then_some(only)
}

/// Letters that stand for two have a form with only the first one capital; Georgian has no capitals in titles.
fn title_case(character: char) -> char {
    match character {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        '\u{10d0}'..='\u{10ff}' => character,
        _ => upper(character),
    }
}

fn title(text: &str) -> String {
    let mut before = ' ';
    text.chars()
        .map(|character| {
            let starts = if before.is_ascii() {
                !before.is_ascii_alphanumeric() && before != '_'
            } else {
                before.is_whitespace()
            };
            before = character;
            if starts {
                title_case(character)
            } else {
                character
            }
        })
        .collect()
}

fn chomp(arguments: &[Value], _: &Type) -> Outcome {
    let value = first(arguments)?;
    let kept = |text: &str| text.trim_end_matches(['\r', '\n']).len();
    match value.as_str() {
        Some(text) => Ok(slice(value, 0..kept(text))),
        None => Ok(cut_end(value, |end| unless_zero(kept(end)))),
    }
}

/// Where nothing is left of a known end, what comes before it may be cut as well.
fn unless_zero(kept: usize) -> Option<usize> {
    (kept > 0).then_some(kept)
}

fn trim(arguments: &[Value], _: &Type) -> Outcome {
    let cutset: FxHashSet<char> = text(arguments, 1)?.chars().collect();
    trim_where(arguments, |character| cutset.contains(&character))
}

fn trim_where(arguments: &[Value], cut: impl Fn(char) -> bool) -> Outcome {
    let value = first(arguments)?;
    let start = |text: &str| text.len() - text.trim_start_matches(&cut).len();
    let end = |text: &str| text.trim_end_matches(&cut).len();
    if let Some(text) = value.as_str() {
        let start = start(text);
        return Ok(slice(value, start..end(text).max(start)));
    }
    let value = cut_start(value, |text| {
        (start(text) < text.len()).then(|| start(text))
    });
    Ok(cut_end(&value, |text| unless_zero(end(text))))
}

fn trim_prefix(arguments: &[Value], _: &Type) -> Outcome {
    let (value, prefix) = (first(arguments)?, text(arguments, 1)?);
    if let Some(text) = value.as_str() {
        let cut = if text.starts_with(prefix) {
            prefix.len()
        } else {
            0
        };
        return Ok(slice(value, cut..text.len()));
    }
    Ok(cut_start(value, |head| {
        if head.starts_with(prefix) {
            Some(prefix.len())
        } else {
            (!prefix.starts_with(head)).then_some(0)
        }
    }))
}

fn trim_suffix(arguments: &[Value], _: &Type) -> Outcome {
    let (value, suffix) = (first(arguments)?, text(arguments, 1)?);
    let kept = |text: &str| text.strip_suffix(suffix).unwrap_or(text).len();
    if let Some(text) = value.as_str() {
        return Ok(slice(value, 0..kept(text)));
    }
    Ok(cut_end(value, |end| {
        (end.ends_with(suffix) || !suffix.ends_with(end)).then(|| kept(end))
    }))
}

fn starts_with(arguments: &[Value], _: &Type) -> Outcome {
    let (value, prefix) = (first(arguments)?, text(arguments, 1)?);
    if let Some(text) = value.as_str() {
        return Ok(Value::bool(text.starts_with(prefix)));
    }
    let known = known_prefix(value);
    if known.starts_with(prefix) {
        Ok(Value::bool(true))
    } else if !known.is_empty() && known.len() >= prefix.len() {
        Ok(Value::bool(false))
    } else {
        Ok(unknown(Type::Bool))
    }
}

fn indent(arguments: &[Value], _: &Type) -> Outcome {
    let (spaces, text) = (whole(arguments, 0)?, text(arguments, 1)?);
    let Ok(spaces) = usize::try_from(spaces) else {
        return Err(Failure::argument(0, "must not be negative"));
    };
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    check_bytes(spaces.saturating_mul(lines.max(1)))?;
    bounded(text.replace('\n', &format!("\n{}", " ".repeat(spaces))))
}

fn join(arguments: &[Value], _: &Type) -> Outcome {
    let Some((separator, lists)) = arguments.split_first() else {
        return Err(Failure::Unknown);
    };
    if lists.is_empty() {
        return Err(Failure::call("at least one list is required"));
    }
    let known = lists.iter().all(Value::is_wholly_known);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut bytes = 0_usize;
    let mut separate = false;
    for (index, list) in lists.iter().enumerate() {
        for element in elements(list).ok_or(Failure::Unknown)? {
            if element.is_null() && known {
                let message = "has a null element; cannot concatenate null values";
                return Err(Failure::argument(index + 1, message));
            }
            if separate {
                pieces.extend(separator.pieces());
            }
            separate = true;
            pieces.extend(element.pieces());
            let length = |value: &Value| value.as_str().map_or(0, str::len);
            bytes += length(&element) + length(separator);
            check_bytes(bytes)?;
        }
    }
    Ok(assemble(pieces))
}

fn split(arguments: &[Value], _: &Type) -> Outcome {
    let (separator, text) = (text(arguments, 0)?, text(arguments, 1)?);
    let value = arguments.get(1).ok_or(Failure::Unknown)?;
    let ends: Vec<(usize, usize)> = if separator.is_empty() {
        let starts = text.char_indices();
        starts.map(|(at, c)| (at, at + c.len_utf8())).collect()
    } else {
        let parts = text.split(separator);
        parts
            .scan(0, |at, part| {
                let start = *at;
                *at = start + part.len() + separator.len();
                Some((start, start + part.len()))
            })
            .collect()
    };
    check_elements(ends.len())?;
    let single = value.pieces().len() <= 1;
    let parts = ends.into_iter().map(|(start, end)| {
        if single {
            let part = text.get(start..end).unwrap_or_default();
            string(part).with_trace(value.trace())
        } else {
            slice(value, start..end)
        }
    });
    Ok(list(Type::String, parts.collect()))
}

fn substr(arguments: &[Value], _: &Type) -> Outcome {
    let (value, text) = (first(arguments)?, text(arguments, 0)?);
    let (mut offset, length) = (whole(arguments, 1)?, whole(arguments, 2)?);
    if offset < 0 {
        let total = i64::try_from(graphemes(text).count()).unwrap_or(i64::MAX);
        offset += total;
    } else if length == 0 {
        return Ok(string(""));
    }
    // An offset before the start counts as none; a length of zero then takes everything, as Terraform does.
    let mut starts = graphemes(text).scan(0, |at, cluster| {
        let start = *at;
        *at += cluster.len();
        Some(start)
    });
    let skipped = usize::try_from(offset).unwrap_or_default();
    let start = starts.nth(skipped).unwrap_or(text.len());
    let end = usize::try_from(length)
        .ok()
        .filter(|length| *length > 0)
        .and_then(|length| starts.nth(length - 1))
        .unwrap_or(text.len());
    Ok(slice(value, start..end.max(start)))
}

fn replace(patterns: &Patterns, arguments: &[Value], _: &Type) -> Outcome {
    let value = first(arguments)?;
    let (pattern, replacement) = (text(arguments, 1)?, text(arguments, 2)?);
    let inner = pattern
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    let Some(text) = value.as_str() else {
        let trace = arguments.get(2).map(Value::trace).unwrap_or_default();
        return Ok(match inner {
            Some(_) => unknown(Type::String),
            None => replace_in_unknown(value, pattern, replacement, &trace),
        });
    };
    if let Some(inner) = inner {
        let replaced = replace_pattern(patterns, inner, text, replacement)?;
        return Ok(match replaced {
            None => value.clone(),
            Some(replaced) => string(replaced),
        });
    }
    let matches = text.matches(pattern).count();
    if matches == 0 {
        return Ok(value.clone());
    }
    if matches.saturating_mul(replacement.len()) > MOST_BYTES {
        return Err(Failure::TooLarge);
    }
    Ok(string(text.replace(pattern, replacement)))
}

/// A single character is replaced piece by piece. What is longer may lie half in what is unknown: then only the ends are
/// known.
fn replace_in_unknown(value: &Value, text: &str, replacement: &str, trace: &Trace) -> Value {
    match text.chars().count() {
        0 => unknown(Type::String),
        1 => map(value, |piece| piece.replace(text, replacement)),
        _ => change_ends(
            value,
            trace,
            |head| replaced_head(head, text, replacement),
            |tail| replaced_tail(tail, text, replacement),
        ),
    }
}

/// How a text that begins with `head` surely begins where `text` was replaced in it.
fn replaced_head(head: &str, text: &str, replacement: &str) -> String {
    let last = head.match_indices(text).last();
    let from = last.map_or(0, |(at, found)| at + found.len());
    let (done, rest) = head.split_at_checked(from).unwrap_or((head, ""));
    // From there on, the rest of what is replaced may follow.
    let begins = |at: &usize| rest.get(*at..).is_some_and(|end| text.starts_with(end));
    let sure = (0..rest.len()).find(begins).unwrap_or(rest.len());
    let kept = rest.get(..sure).unwrap_or_default();
    format!("{}{kept}", done.replace(text, replacement))
}

/// How a text that ends in `tail` surely ends where `text` was replaced in it.
fn replaced_tail(tail: &str, text: &str, replacement: &str) -> String {
    // The end of what is replaced may stand at the start of the tail.
    let ends = (1..text.len()).filter_map(|at| {
        let end = text.get(at..)?;
        tail.strip_prefix(end)
    });
    let plain = tail.replace(text, replacement);
    ends.fold(plain, |sure, rest| {
        let other = rest.replace(text, replacement);
        let pairs = sure.chars().rev().zip(other.chars().rev());
        let same = pairs.take_while(|(a, b)| a == b);
        let bytes: usize = same.map(|(character, _)| character.len_utf8()).sum();
        sure.get(sure.len() - bytes..)
            .unwrap_or_default()
            .to_owned()
    })
}
