//! Regular expressions: `regex`, `regexall` and the patterns of `replace`.
//!
//! Terraform has RE2's syntax as Go knows it. A pattern is translated piece by piece to the `regex` crate's syntax, which
//! differs where it is not obvious (Unicode classes, set operations, stacked repetitions); what has no translation makes
//! the result unknown.

mod translate;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use regex::{Captures, Regex, RegexBuilder};
use rustc_hash::FxHashMap;

use super::arguments::{MOST_BYTES, check_elements, list, string, text, tuple};
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::types::Type;
use crate::eval::value::{Kind, Value};
use translate::{Translation, translate};

/// Greater compiled patterns are not tried, in bytes.
const MOST_COMPILED: usize = 1 << 18;

/// What is no more than that, compiled, is a small pattern.
const SMALL: usize = 1 << 15;

/// How often a byte of the text may be looked at to find all matches: each search may go on to the end in vain.
const MOST_SEARCHED: usize = 16 << 20;

/// Bytes that are searched in the time that one unit of work takes.
const SEARCHED_AT_ONCE: usize = 256;

/// The work of compiling a small pattern, and a greater one.
const SMALL_WORK: u32 = 400;
const GREAT_WORK: u32 = 8_000;

/// The patterns that were compiled so far: each is compiled once.
#[derive(Debug, Default)]
pub struct Patterns {
    compiled: RefCell<FxHashMap<String, Result<Rc<Regex>, Failure>>>,
    work: Cell<u32>,
}

impl Patterns {
    /// How much work compiling and searching was since this was last asked.
    pub fn take_work(&self) -> u32 {
        self.work.take()
    }

    fn add_work(&self, work: u32) {
        self.work.set(self.work.get().saturating_add(work));
    }

    fn add_searched(&self, bytes: usize) {
        self.add_work(u32::try_from(bytes / SEARCHED_AT_ONCE).unwrap_or(u32::MAX));
    }

    fn compiled(&self, translation: &Translation) -> Result<Rc<Regex>, Failure> {
        let pattern = &translation.pattern;
        if let Some(compiled) = self.compiled.borrow().get(pattern) {
            return compiled.clone();
        }
        let build = |most: usize| {
            let mut builder = RegexBuilder::new(pattern);
            let builder = builder.size_limit(most).dfa_size_limit(most);
            builder.build().map(Rc::new)
        };
        self.add_work(SMALL_WORK);
        let compiled = build(SMALL).or_else(|_| {
            self.add_work(GREAT_WORK);
            build(MOST_COMPILED).map_err(|_| Failure::TooLarge)
        });
        let mut all = self.compiled.borrow_mut();
        all.insert(pattern.clone(), compiled.clone());
        compiled
    }
}

pub(super) fn functions() -> Vec<Function> {
    let pattern = || Parameter::new("pattern", Type::String).chooses();
    vec![
        Function::matching("regex", Type::Dynamic, find)
            .takes(pattern())
            .takes(Parameter::new("string", Type::String))
            .result_of(match_type)
            .not_null(),
        Function::matching("regexall", Type::list(Type::Dynamic), find_all)
            .takes(pattern())
            .takes(Parameter::new("string", Type::String))
            .result_of(|arguments| Ok(Type::list(match_type(arguments)?)))
            .not_null(),
    ]
}

/// A string for the whole match, a tuple of unnamed groups or an object of named ones.
fn match_type(arguments: &[Value]) -> Result<Type, Failure> {
    if arguments.first().is_none_or(Value::is_unknown) {
        return Ok(Type::Dynamic);
    }
    let names = translated(text(arguments, 0)?, 0)?.groups;
    let unnamed = names.iter().filter(|name| name.is_none()).count();
    if names.is_empty() {
        return Ok(Type::String);
    }
    if unnamed == names.len() {
        return Ok(Type::Tuple(vec![Type::String; unnamed].into()));
    }
    if unnamed > 0 {
        let message = "cannot mix both named and unnamed capture groups";
        return Err(Failure::argument(0, message));
    }
    let attributes = names.into_iter().flatten();
    let attributes: BTreeMap<_, _> = attributes.map(|name| (name, Type::String)).collect();
    Ok(Type::Object(Arc::new(attributes)))
}

fn translated(pattern: &str, argument: usize) -> Result<Translation, Failure> {
    translate(pattern).map_err(|failure| match failure {
        translate::Untranslated::Invalid(why) => {
            Failure::argument(argument, format!("invalid regular expression: {why}"))
        }
        translate::Untranslated::Unsupported => Failure::Unknown,
    })
}

fn find(patterns: &Patterns, arguments: &[Value], result: &Type) -> Outcome {
    let translation = translated(text(arguments, 0)?, 0)?;
    let regex = patterns.compiled(&translation)?;
    let found = regex.captures(text(arguments, 1)?);
    let captures =
        found.ok_or_else(|| Failure::call("pattern did not match any part of the given string"))?;
    Ok(matched(&captures, &translation, result, arguments))
}

fn find_all(patterns: &Patterns, arguments: &[Value], result: &Type) -> Outcome {
    let translation = translated(text(arguments, 0)?, 0)?;
    let regex = patterns.compiled(&translation)?;
    let element = result.element().cloned().unwrap_or(Type::Dynamic);
    let searched = text(arguments, 1)?;
    let mut found = Vec::new();
    for captures in regex.captures_iter(searched) {
        check_searched(patterns, searched, found.len())?;
        found.push(matched(&captures, &translation, &element, arguments));
        check_elements(found.len().saturating_mul(captures.len()))?;
    }
    Ok(list(element, found))
}

fn check_searched(patterns: &Patterns, text: &str, matches: usize) -> Result<(), Failure> {
    patterns.add_searched(text.len());
    if text.len().saturating_mul(matches) > MOST_SEARCHED {
        return Err(Failure::TooLarge);
    }
    Ok(())
}

fn matched(
    captures: &Captures<'_>,
    translation: &Translation,
    ty: &Type,
    arguments: &[Value],
) -> Value {
    let trace = arguments.get(1).map(Value::trace).unwrap_or_default();
    let group = |index: usize| match captures.get(index) {
        Some(part) => string(part.as_str()).with_trace(trace.clone()),
        None => Value::new(Kind::Null(Type::String)),
    };
    match ty {
        Type::Tuple(_) => tuple((1..captures.len()).map(group).collect()),
        Type::Object(_) => {
            let names = translation.groups.iter().enumerate();
            let attributes = names.filter_map(|(index, name)| {
                let name = name.clone()?;
                Some((name, group(index + 1)))
            });
            Value::new(Kind::Object(Arc::new(attributes.collect())))
        }
        _ => group(0),
    }
}

/// The text with every match replaced; `None` where nothing matches.
pub(super) fn replace_pattern(
    patterns: &Patterns,
    pattern: &str,
    text: &str,
    replacement: &str,
) -> Result<Option<String>, Failure> {
    let translation = translated(pattern, 1)?;
    let regex = patterns.compiled(&translation)?;
    let parts = template(replacement, &translation.groups);
    let mut replaced = String::new();
    let mut end = None;
    for (matches, captures) in regex.captures_iter(text).enumerate() {
        check_searched(patterns, text, matches)?;
        let Some(whole) = captures.get(0) else {
            continue;
        };
        let between = text.get(end.unwrap_or(0)..whole.start());
        replaced.push_str(between.unwrap_or_default());
        for part in &parts {
            match part {
                Part::Text(text) => replaced.push_str(text),
                Part::Groups(indexes) => {
                    let group = indexes.iter().find_map(|index| captures.get(*index));
                    replaced.push_str(group.map_or("", |group| group.as_str()));
                }
            }
        }
        if replaced.len() > MOST_BYTES {
            return Err(Failure::TooLarge);
        }
        end = Some(whole.end());
    }
    Ok(end.map(|end| {
        replaced.push_str(text.get(end..).unwrap_or_default());
        replaced
    }))
}

enum Part<'a> {
    Text(&'a str),
    /// The first of these groups that has matched: several may have one name.
    Groups(Vec<usize>),
}

/// The parts of a replacement: `$1`, `${1}`, `$name`, `${name}` and `$$` in plain text.
fn template<'a>(replacement: &'a str, groups: &[Option<Arc<str>>]) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut rest = replacement;
    while let Some((before, after)) = rest.split_once('$') {
        parts.push(Part::Text(before));
        if let Some(after) = after.strip_prefix('$') {
            parts.push(Part::Text("$"));
            rest = after;
        } else if let Some((name, after)) = reference(after) {
            parts.push(Part::Groups(group_indexes(name, groups)));
            rest = after;
        } else {
            parts.push(Part::Text("$"));
            rest = after;
        }
    }
    parts.push(Part::Text(rest));
    parts
}

/// A name after a dollar sign, and what follows it.
fn reference(after: &str) -> Option<(&str, &str)> {
    let (braced, text) = match after.strip_prefix('{') {
        Some(text) => (true, text),
        None => (false, after),
    };
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    if name.is_empty() {
        return None;
    }
    if braced {
        return Some((name, rest.strip_prefix('}')?));
    }
    Some((name, rest))
}

fn group_indexes(name: &str, groups: &[Option<Arc<str>>]) -> Vec<usize> {
    let digits = name.bytes().all(|b| b.is_ascii_digit());
    if digits && (name == "0" || !name.starts_with('0')) {
        let index = name.parse().ok();
        return Vec::from_iter(index.filter(|index| *index <= groups.len()));
    }
    let numbered = (1..).zip(groups);
    let named = numbered.filter(|(_, group)| group.as_deref() == Some(name));
    named.map(|(index, _)| index).collect()
}
