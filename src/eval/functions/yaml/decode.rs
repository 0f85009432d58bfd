//! Reading YAML: the rules of 1.1 for words such as `yes`, mostly those of 1.2 for numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput, Tag};

use crate::eval::convert::convert;
use crate::eval::functions::arguments::{MOST_DEPTH, MOST_ELEMENTS, string, tuple};
use crate::eval::functions::date_time::Timestamp;
use crate::eval::functions::encoding;
use crate::eval::functions::{Failure, Outcome};
use crate::eval::number::{Number, is_too_long};
use crate::eval::types::Type;
use crate::eval::value::{Kind, Value};

/// Longer documents are not read, in bytes.
const MOST_SOURCE: usize = 1 << 20;

/// Whether a directive is one that Terraform refuses: another version of YAML, or none that it knows.
fn has_bad_directive(source: &str) -> bool {
    let lines = source.lines();
    let mut lines = lines.take_while(|line| line.starts_with(['%', '#']) || line.is_empty());
    lines.any(|line| {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("%YAML") => words.next() != Some("1.1"),
            Some(word) => word.starts_with('%') && word != "%TAG",
            None => false,
        }
    })
}

/// A document as a value of objects, tuples and primitives.
pub(super) fn decode(source: &str) -> Outcome {
    if starts_with_tab(source) {
        return Err(invalid("found a tab that cannot start any token"));
    }
    if has_bad_directive(source) {
        return Err(invalid(
            "found an unknown directive, or another version than 1.1",
        ));
    }
    if source.len() > MOST_SOURCE {
        return Err(Failure::TooLarge);
    }
    if has_structural_tab(source) {
        return Err(Failure::Unknown);
    }
    let mut reader = Reader {
        events: Parser::new_from_str(source),
        unended: (!source.ends_with(['\n', '\r'])).then(|| source.chars().count()),
        at_end: false,
        anchors: BTreeMap::new(),
        depth: 0,
    };
    let started = matches!(reader.next()?, Event::StreamStart);
    if !started || !matches!(reader.next()?, Event::DocumentStart(_)) {
        return Err(invalid("missing start of document"));
    }
    let value = reader.value()?;
    match (reader.next()?, reader.next()?) {
        (Event::DocumentEnd, Event::StreamEnd) => Ok(value),
        _ => Err(invalid("only a single document is allowed")),
    }
}

/// Whether a tab stands in front of the first thing in the document.
fn starts_with_tab(source: &str) -> bool {
    let content = source.lines().find(|line| {
        let text = line.trim();
        !text.is_empty() && !text.starts_with('#')
    });
    content.is_some_and(|line| line.trim_start_matches(' ').starts_with('\t'))
}

/// Whether a tab stands where it may matter for the structure: in indentation, or after an indicator. Readers of YAML do not
/// agree on what that means.
fn has_structural_tab(source: &str) -> bool {
    source.lines().any(|line| {
        line.split('\t').rev().skip(1).any(|before| {
            before.trim_start_matches(' ').is_empty() || before.ends_with(['-', '?', ':'])
        })
    })
}

fn invalid(why: &str) -> Failure {
    Failure::argument(0, format!("is not valid YAML: {why}"))
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    /// Where the source ends without a line break, in characters.
    unended: Option<usize>,
    /// Whether the last event reaches to there.
    at_end: bool,
    anchors: BTreeMap<usize, Value>,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, Failure> {
        match self.events.next_event() {
            Some(Ok((event, span))) => {
                self.at_end = self.unended.is_some_and(|end| span.end.index() >= end);
                Ok(event)
            }
            Some(Err(error)) => Err(invalid(&error.to_string())),
            None => Err(invalid("it ends too early")),
        }
    }

    fn value(&mut self) -> Outcome {
        let event = self.next()?;
        self.value_of(event)
    }

    fn value_of(&mut self, event: Event<'a>) -> Outcome {
        let (anchor, value) = match event {
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned();
                return value.ok_or_else(|| invalid("an anchor inside of itself"));
            }
            Event::Scalar(text, style, anchor, tag) => {
                let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                // A block gets no line break that the source does not have.
                let text = match text.strip_suffix('\n') {
                    Some(unended) if block && self.at_end => unended,
                    _ => &text,
                };
                (anchor, scalar(text, style, tag.as_deref(), false)?)
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq")?;
                (anchor, self.nested(Self::sequence)?)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map")?;
                (anchor, self.nested(Self::mapping)?)
            }
            _ => return Err(invalid("no value")),
        };
        // Aliases of aliases could make more of it than anyone can hold.
        if usize::try_from(value.weight()).is_ok_and(|weight| weight > MOST_ELEMENTS) {
            return Err(Failure::TooLarge);
        }
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn nested(&mut self, read: fn(&mut Self) -> Outcome) -> Outcome {
        if self.depth == MOST_DEPTH {
            return Err(Failure::TooLarge);
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn sequence(&mut self) -> Outcome {
        let mut elements = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(tuple(elements)),
                event => elements.push(self.value_of(event)?),
            }
        }
    }

    fn mapping(&mut self) -> Outcome {
        let mut attributes = BTreeMap::new();
        loop {
            let (text, style, tag) = match self.next()? {
                Event::MappingEnd => {
                    return Ok(Value::new(Kind::Object(Arc::new(attributes))));
                }
                Event::Scalar(text, style, _, tag) => (text, style, tag),
                _ => return Err(invalid("only strings are allowed as mapping keys")),
            };
            if text == "<<" && tag.is_none() {
                let Kind::Object(merged) = self.value()?.kind else {
                    return Err(invalid("only mappings can be merged"));
                };
                let merged = merged.iter();
                attributes.extend(merged.map(|(key, value)| (key.clone(), value.clone())));
                continue;
            }
            let key = scalar(&text, style, tag.as_deref(), true)?;
            let key = convert(&key, &Type::String).map_err(|why| invalid(&why))?;
            let key = key
                .as_str()
                .ok_or_else(|| invalid("mapping key cannot be null"))?;
            attributes.insert(Arc::from(key), self.value()?);
        }
    }
}

fn check_tag(tag: Option<&Tag>, wanted: &str) -> Result<(), Failure> {
    match tag_name(tag) {
        "" => Ok(()),
        name if name == wanted => Ok(()),
        _ => Err(invalid("unsupported tag")),
    }
}

/// The tag's name in YAML's own schema; empty where there is none.
fn tag_name(tag: Option<&Tag>) -> &str {
    match tag {
        None => "",
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => "",
        Some(tag) if tag.handle == "!" && tag.suffix.is_empty() => "",
        Some(tag) if tag.is_yaml_core_schema() => &tag.suffix,
        Some(_) => "?",
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, is_key: bool) -> Outcome {
    let plain = style == ScalarStyle::Plain;
    let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    if tag.is_none() && !plain && (quoted || !is_key) {
        return Ok(string(text));
    }
    let name = tag_name(tag);
    if ![
        "",
        "str",
        "bool",
        "int",
        "float",
        "null",
        "timestamp",
        "binary",
    ]
    .contains(&name)
    {
        return Err(invalid("unsupported tag"));
    }
    match name {
        "str" => return Ok(string(text)),
        "binary" => {
            encoding::decode64(text)?;
            return Ok(string(text));
        }
        _ => {}
    }
    let first = text.chars().next();
    let hinted = first.is_none_or(|c| "+-0123456789yYnNtTfFoO~.".contains(c));
    if hinted {
        if quoted {
            return Ok(string(text));
        }
        if let Some(value) = word(text) {
            return Ok(value);
        }
        if name.is_empty() && matches!(text, ".nan" | ".NaN" | ".NAN") {
            return Err(invalid("floating point NaN is not supported"));
        }
        if let Some(value) = numeric(text, first, name)? {
            return Ok(value);
        }
    }
    match name {
        "" => Ok(string(text)),
        "null" => Ok(Value::null()),
        "int" | "float" => tagged_number(text),
        "timestamp" => timestamp(text).ok_or_else(|| invalid("bad timestamp")),
        _ => Err(invalid("the text does not fit its tag")),
    }
}

fn word(text: &str) -> Option<Value> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(Value::bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Value::bool(false))
        }
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::null()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            Some(number(Number::infinity(false)))
        }
        "-.inf" | "-.Inf" | "-.INF" => Some(number(Number::infinity(true))),
        _ => None,
    }
}

fn number(number: Number) -> Value {
    Value::new(Kind::Number(number))
}

/// A number or a timestamp, where the text looks like one.
fn numeric(text: &str, first: Option<char>, tag: &str) -> Result<Option<Value>, Failure> {
    match first {
        _ if is_too_long(text) => Err(Failure::TooLarge),
        Some('.') => Ok(Number::parse(text).map(number)),
        Some('+' | '-' | '0'..='9') => {
            if matches!(tag, "" | "timestamp")
                && let Some(timestamp) = timestamp(text)
            {
                return Ok(Some(timestamp));
            }
            if is_integer(text) || is_float(text) {
                return tagged_number(text).map(Some);
            }
            Ok(None)
        }
        _ => Ok(None),
    }
}

fn is_integer(text: &str) -> bool {
    let all = |digits: &str, valid: fn(&u8) -> bool| {
        !digits.is_empty() && digits.as_bytes().iter().all(valid)
    };
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |b| (b'0'..=b'7').contains(b));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, u8::is_ascii_hexdigit);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    all(unsigned, u8::is_ascii_digit)
}

/// Digits with a point or an exponent of ten, or both.
fn is_float(text: &str) -> bool {
    !text.contains(['p', 'P', 'I', 'i']) && Number::parse(text).is_some()
}

/// Underscores are taken out; other bases are of 64 bits.
fn tagged_number(text: &str) -> Outcome {
    let plain = text.replace('_', "");
    if let Some(parsed) = Number::parse(&plain) {
        return Ok(number(parsed));
    }
    let (negative, unsigned) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let lower = unsigned.to_ascii_lowercase();
    let radix = [("0x", 16), ("0o", 8), ("0b", 2)];
    let digits = radix
        .iter()
        .find_map(|(prefix, radix)| lower.strip_prefix(prefix).map(|digits| (digits, *radix)));
    let signed = digits.filter(|(digits, _)| !digits.starts_with(['+', '-']));
    let magnitude = signed.and_then(|(digits, radix)| u64::from_str_radix(digits, radix).ok());
    let fits = magnitude.filter(|magnitude| !negative || *magnitude <= 1 << 63);
    let magnitude = fits.ok_or_else(|| invalid("bad number"))?;
    Ok(number(Number::from_integer(
        negative && magnitude > 0,
        magnitude.into(),
    )))
}

/// A date, or a date and time, written anew by RFC 3339.
fn timestamp(text: &str) -> Option<Value> {
    let (year, rest) = text.split_once('-')?;
    let (month, rest) = rest.split_once('-')?;
    let day_end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (day, rest) = rest.split_at_checked(day_end)?;
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let date = (year.parse().ok()?, short_field(month)?, short_field(day)?);
    let (clock, offset) = match rest.split_at_checked(1) {
        None => ((0, 0, 0), 0),
        Some((separator @ ("T" | "t" | " "), rest)) => clock(rest, separator != " ")?,
        Some(_) => return None,
    };
    Timestamp::new(date, clock, offset)?.to_text().map(string)
}

/// One digit or two.
fn short_field(digits: &str) -> Option<i8> {
    let valid = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| valid)
}

fn clock(text: &str, zoned: bool) -> Option<((i8, i8, i8), i32)> {
    let (hour, rest) = text.split_once(':')?;
    let (minute, rest) = rest.split_once(':')?;
    let digits = |text: &str| {
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len())
    };
    let (second, mut rest) = rest.split_at_checked(digits(rest))?;
    if let Some(after) = rest.strip_prefix(['.', ','])
        && digits(after) > 0
    {
        rest = after.get(digits(after)..)?;
    }
    let clock = (
        short_field(hour)?,
        short_field(minute)?,
        short_field(second)?,
    );
    let offset = match (zoned, rest) {
        (true, zone) => crate::eval::functions::date_time::parse_offset(zone)?,
        (false, "") => 0,
        (false, _) => return None,
    };
    Some((clock, offset))
}
