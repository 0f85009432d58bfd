//! JSON as Terraform reads and writes it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use super::arguments::{MOST_BYTES, MOST_DEPTH, normal, text, tuple};
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::number::{Number, is_too_long};
use crate::eval::range;
use crate::eval::types::Type;
use crate::eval::value::{Kind, Value};

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("jsondecode", Type::Dynamic, |arguments, _| {
            decode(text(arguments, 0)?)
        })
        .takes(Parameter::new("str", Type::String))
        .result_of(decoded_type),
        Function::new("jsonencode", Type::String, json_encode)
            .takes(
                Parameter::new("val", Type::Dynamic)
                    .null()
                    .unknown()
                    .dynamic(),
            )
            .not_null(),
    ]
}

fn json_encode(arguments: &[Value], _: &Type) -> Outcome {
    let value = arguments.first().ok_or(Failure::Unknown)?;
    if value.is_wholly_known() {
        return Ok(Value::string(normal(encode(value)?)));
    }
    let start = match value.ty() {
        _ if !range::surely_not_null(value) => "",
        Type::String => "\"",
        Type::Object(_) | Type::Map(_) => "{",
        Type::Tuple(_) | Type::List(_) | Type::Set(_) => "[",
        _ => "",
    };
    Ok(Value::new(if start.is_empty() {
        range::not_null(Type::String)
    } else {
        range::string_with_prefix(start)
    }))
}

/// A wholly known value as JSON, without spaces.
pub(super) fn encode(value: &Value) -> Result<String, Failure> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), Failure> {
    if out.len() > MOST_BYTES {
        return Err(Failure::TooLarge);
    }
    match &value.kind {
        Kind::Null(_) => out.push_str("null"),
        Kind::Unknown(_) => return Err(Failure::Unknown),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) if number.is_infinite() => {
            return Err(Failure::argument(0, "infinity cannot be written as JSON"));
        }
        Kind::Number(number) => out.push_str(&number.to_text().ok_or(Failure::TooLarge)?),
        Kind::String(text) => write_quoted(text, out),
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(element, out)?;
            }
            out.push(']');
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            out.push('{');
            for (index, (key, entry)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_quoted(key, out);
                out.push(':');
                write(entry, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_quoted(text, &mut out);
    out
}

/// Also escapes what would be unsafe in HTML and in old JavaScript, as Go does.
fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

fn decoded_type(arguments: &[Value]) -> Result<Type, Failure> {
    let Some(value) = arguments.first() else {
        return Err(Failure::Unknown);
    };
    if let Some(text) = value.as_str() {
        return match decode(text) {
            Ok(value) => Ok(value.ty()),
            Err(Failure::Unknown | Failure::TooLarge) => Ok(Type::Dynamic),
            Err(failure) => Err(failure),
        };
    }
    let prefix = super::arguments::known_prefix(value).trim();
    match prefix.chars().next() {
        None | Some('{' | '[' | 'n') => Ok(Type::Dynamic),
        Some('"') => Ok(Type::String),
        Some('t' | 'f') => Ok(Type::Bool),
        Some('-' | '.' | '0'..='9') => Ok(Type::Number),
        Some(_) => Err(Failure::argument(0, "does not begin like a JSON document")),
    }
}

/// A JSON document as a value of objects, tuples and primitives.
pub(super) fn decode(text: &str) -> Outcome {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
    };
    let value = parser.value()?;
    parser.skip_space();
    // A closing bracket that is too much ends the document for Terraform's reader.
    match parser.peek() {
        None | Some(b']' | b'}') => Ok(value),
        Some(_) => Err(invalid("extraneous data after JSON object")),
    }
}

fn invalid(why: &str) -> Failure {
    Failure::argument(0, format!("is not valid JSON: {why}"))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Failure> {
        self.skip_space();
        if self.peek() != Some(byte) {
            return Err(invalid(&format!("expected {:?}", char::from(byte))));
        }
        self.at += 1;
        Ok(())
    }

    fn accept(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Outcome {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::string(normal(self.string()?))),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Outcome) -> Outcome {
        if self.depth == MOST_DEPTH {
            return Err(Failure::TooLarge);
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn word(&mut self) -> Outcome {
        let words = [
            ("true", Value::bool(true)),
            ("false", Value::bool(false)),
            ("null", Value::null()),
        ];
        let rest = self.text.get(self.at..).unwrap_or_default();
        let found = words.into_iter().find(|(word, _)| rest.starts_with(word));
        let (word, value) = found.ok_or_else(|| invalid("no value"))?;
        self.at += word.len();
        Ok(value)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Outcome {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let zero = self.peek() == Some(b'0');
        let mut valid = if zero {
            self.at += 1;
            true
        } else {
            self.digits() > 0
        };
        if self.peek() == Some(b'.') {
            self.at += 1;
            valid &= self.digits() > 0;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            valid &= self.digits() > 0;
        }
        let digits = self.text.get(start..self.at).unwrap_or_default();
        if is_too_long(digits) {
            return Err(Failure::TooLarge);
        }
        let number = Number::parse(digits).filter(|_| valid);
        let number = number.ok_or_else(|| invalid("bad number"))?;
        Ok(Value::new(Kind::Number(number)))
    }

    fn array(&mut self) -> Outcome {
        let mut elements = Vec::new();
        if self.accept(b']') {
            return Ok(tuple(elements));
        }
        loop {
            elements.push(self.value()?);
            if self.accept(b']') {
                return Ok(tuple(elements));
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self) -> Outcome {
        let mut attributes: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        if self.accept(b'}') {
            return Ok(Value::new(Kind::Object(Arc::new(attributes))));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(invalid("expected a key"));
            }
            let key = normal(self.string()?);
            self.expect(b':')?;
            let value = self.value()?;
            // Terraform reads every value of a repeated key as of the last one's type, and keeps the last.
            let ty = value.ty();
            if let Some(before) = attributes.insert(key.into(), value)
                && before.ty() != ty
            {
                return Err(Failure::Unknown);
            }
            if self.accept(b'}') {
                return Ok(Value::new(Kind::Object(Arc::new(attributes))));
            }
            self.expect(b',')?;
        }
    }

    /// A string from its opening quote on.
    fn string(&mut self) -> Result<String, Failure> {
        self.at += 1;
        let mut decoded = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let end = rest.find(|c: char| c == '"' || c == '\\' || c < ' ');
            let end = end.ok_or_else(|| invalid("unclosed string"))?;
            decoded.push_str(rest.get(..end).unwrap_or_default());
            self.at += end;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(decoded);
                }
                Some(b'\\') => {
                    self.at += 1;
                    let character = self.escape()?;
                    decoded.push(character);
                }
                _ => return Err(invalid("control character in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Failure> {
        let escaped = self.peek();
        self.at += 1;
        match escaped {
            Some(quoted @ (b'"' | b'\\' | b'/')) => Ok(char::from(quoted)),
            Some(b'b') => Ok('\u{8}'),
            Some(b'f') => Ok('\u{c}'),
            Some(b'n') => Ok('\n'),
            Some(b'r') => Ok('\r'),
            Some(b't') => Ok('\t'),
            Some(b'u') => self.unicode(),
            _ => Err(invalid("bad escape")),
        }
    }

    fn unicode(&mut self) -> Result<char, Failure> {
        let first = self.hexadecimal()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        // Half of a pair; alone it stands for the replacement character.
        let before = self.at;
        if first < 0xdc00 && self.text.get(self.at..self.at + 2) == Some("\\u") {
            self.at += 2;
            let second = self.hexadecimal()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hexadecimal(&mut self) -> Result<u32, Failure> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        code.ok_or_else(|| invalid("bad escape"))
    }
}
