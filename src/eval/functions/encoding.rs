//! Encoding functions other than JSON and YAML.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::iter;
use std::sync::Arc;

use super::arguments::{bounded, check_elements, list, string, text};
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::range;
use crate::eval::types::Type;
use crate::eval::value::{Kind, Value};

/// As Go's standard decoder: padding is needed, the bits that it leaves over are not looked at.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

pub(super) fn functions() -> Vec<Function> {
    let str = || Parameter::new("str", Type::String);
    let textual = |name, body| Function::new(name, Type::String, body).not_null();
    let encoding = || Parameter::new("encoding", Type::String).chooses();
    vec![
        textual("base64decode", |arguments, _| {
            let bytes = decode64(text(arguments, 0)?)?;
            utf8(bytes)
        })
        .takes(str()),
        textual("base64encode", |arguments, _| {
            bounded(STANDARD.encode(text(arguments, 0)?))
        })
        .takes(str()),
        // Compressed bytes depend on the compressor, their header does not.
        textual("base64gzip", |_, _| {
            Ok(Value::new(range::string_with_prefix("H4sIAAAAAAAA/")))
        })
        .takes(str()),
        Function::impure("base64gunzip", Type::String).takes(str()),
        Function::new("csvdecode", Type::Dynamic, csv_decode)
            .takes(str())
            .result_of(csv_type)
            .not_null(),
        textual("textdecodebase64", text_decode)
            .takes(Parameter::new("source", Type::String))
            .takes(encoding()),
        textual("textencodebase64", text_encode)
            .takes(Parameter::new("string", Type::String))
            .takes(encoding()),
        textual("urlencode", |arguments, _| {
            bounded(url_encode(text(arguments, 0)?))
        })
        .takes(str()),
        textual("urldecode", url_decode).takes(str()),
    ]
}

/// The bytes that base64 stands for; line breaks in it are skipped.
pub(super) fn decode64(text: &str) -> Result<Vec<u8>, Failure> {
    let text = text.replace(['\r', '\n'], "");
    let decoded = BASE64.decode(text);
    decoded.map_err(|_| Failure::argument(0, "is not valid base64"))
}

fn utf8(bytes: Vec<u8>) -> Outcome {
    match String::from_utf8(bytes) {
        Ok(text) => bounded(text),
        Err(_) => Err(Failure::argument(0, "does not decode to valid UTF-8")),
    }
}

#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Utf16 {
        big_endian: bool,
    },
    /// Either order, as a byte-order mark says.
    Utf16Marked,
    Latin1,
    Ascii,
}

/// How names of encodings begin that Terraform may know beside those that are known here.
const OTHER_CHARSETS: &[&str] = &[
    "ansi_x3",
    "arabic",
    "asmo-708",
    "big5",
    "ccsid",
    "chinese",
    "cp",
    "cs",
    "cyrillic",
    "ebcdic",
    "ecma",
    "elot",
    "euc",
    "extended_unix",
    "gb",
    "greek",
    "hebrew",
    "hz-gb",
    "ibm",
    "iso",
    "koi8",
    "ks_c",
    "ksc",
    "l1",
    "l2",
    "l3",
    "l4",
    "l5",
    "l6",
    "l8",
    "latin",
    "mac",
    "ms936",
    "ms_kanji",
    "pc-multilingual",
    "shift",
    "tis-620",
    "windows-",
    "437",
    "850",
    "852",
    "855",
    "860",
    "862",
    "863",
    "865",
    "866",
    "936",
];

/// The encodings that are known here.
fn charset(name: &str) -> Result<Charset, Failure> {
    match name.trim().to_ascii_lowercase().as_str() {
        "utf-8" | "csutf8" => Ok(Charset::Utf8),
        "utf-16be" | "csutf16be" => Ok(Charset::Utf16 { big_endian: true }),
        "utf-16le" | "csutf16le" => Ok(Charset::Utf16 { big_endian: false }),
        "utf-16" | "csutf16" => Ok(Charset::Utf16Marked),
        "iso-8859-1" | "iso_8859-1" | "iso_8859-1:1987" | "iso-ir-100" | "latin1" | "l1"
        | "ibm819" | "cp819" | "csisolatin1" => Ok(Charset::Latin1),
        "us-ascii" | "us" | "iso646-us" | "iso-ir-6" | "ansi_x3.4-1968" | "ansi_x3.4-1986"
        | "iso_646.irv:1991" | "ibm367" | "cp367" | "csascii" => Ok(Charset::Ascii),
        name if OTHER_CHARSETS.iter().any(|start| name.starts_with(start)) => Err(Failure::Unknown),
        _ => Err(Failure::argument(1, "is not the name of an encoding")),
    }
}

fn text_encode(arguments: &[Value], _: &Type) -> Outcome {
    let text = text(arguments, 0)?;
    let narrow = |limit: u32| -> Result<Vec<u8>, Failure> {
        text.chars()
            .map(|character| u8::try_from(u32::from(character)).ok())
            .map(|byte| byte.filter(|byte| u32::from(*byte) < limit))
            .collect::<Option<_>>()
            .ok_or_else(|| Failure::argument(0, "has characters that the encoding lacks"))
    };
    let units = || text.encode_utf16();
    let bytes = match charset(super::arguments::text(arguments, 1)?)? {
        Charset::Utf8 => text.as_bytes().to_vec(),
        Charset::Utf16 { big_endian: true } => units().flat_map(u16::to_be_bytes).collect(),
        Charset::Utf16 { big_endian: false } => units().flat_map(u16::to_le_bytes).collect(),
        Charset::Utf16Marked => iter::once(0xfeff)
            .chain(units())
            .flat_map(u16::to_be_bytes)
            .collect(),
        Charset::Latin1 => narrow(256)?,
        Charset::Ascii => narrow(128)?,
    };
    bounded(STANDARD.encode(bytes))
}

fn text_decode(arguments: &[Value], _: &Type) -> Outcome {
    let bytes = decode64(text(arguments, 0)?)?;
    let charset = charset(text(arguments, 1)?)?;
    let invalid = || Failure::argument(0, "has symbols that the encoding does not define");
    let decoded = match charset {
        Charset::Utf8 => String::from_utf8(bytes).map_err(|_| invalid())?,
        Charset::Latin1 => bytes.into_iter().map(char::from).collect(),
        Charset::Ascii if bytes.is_ascii() => bytes.into_iter().map(char::from).collect(),
        Charset::Ascii => return Err(invalid()),
        Charset::Utf16 { big_endian } => utf16(&bytes, big_endian).ok_or_else(invalid)?,
        Charset::Utf16Marked => match bytes.as_slice() {
            [0xff, 0xfe, rest @ ..] => utf16(rest, false),
            [0xfe, 0xff, rest @ ..] => utf16(rest, true),
            rest => utf16(rest, true),
        }
        .ok_or_else(invalid)?,
    };
    if decoded.contains(char::REPLACEMENT_CHARACTER) {
        return Err(invalid());
    }
    bounded(decoded)
}

fn utf16(bytes: &[u8], big_endian: bool) -> Option<String> {
    let units = bytes.chunks(2).map(|pair| match pair {
        [first, second] if big_endian => Some(u16::from_be_bytes([*first, *second])),
        [first, second] => Some(u16::from_le_bytes([*first, *second])),
        _ => None,
    });
    String::from_utf16(&units.collect::<Option<Vec<u16>>>()?).ok()
}

fn url_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

fn url_decode(arguments: &[Value], _: &Type) -> Outcome {
    let mut decoded = Vec::new();
    let mut bytes = text(arguments, 0)?.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16));
                let code = digit().zip(digit()).map(|(high, low)| high * 16 + low);
                let byte = code.and_then(|code| u8::try_from(code).ok());
                byte.ok_or_else(|| Failure::argument(0, "has an invalid percent escape"))?
            }
            _ => byte,
        });
    }
    // OpenTofu would keep the broken bytes.
    String::from_utf8(decoded).map_or(Err(Failure::Unknown), bounded)
}

fn csv_reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
}

/// The `csv` crate drops one byte-order mark at the start, Go's reader none.
fn kept_mark(text: &str) -> Cow<'_, str> {
    if text.starts_with('\u{feff}') {
        return format!("\u{feff}{text}").into();
    }
    text.into()
}

fn invalid_csv() -> Failure {
    Failure::argument(0, "is not valid CSV")
}

/// The `csv` crate takes quotes where Go's reader refuses them; such a text is left alone.
fn check_quotes(text: &str) -> Result<(), Failure> {
    let mut quoted = false;
    let mut before = '\n';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '"' {
            if !quoted {
                if !matches!(before, ',' | '\n') {
                    return Err(invalid_csv());
                }
                quoted = true;
            } else if characters.next_if_eq(&'"').is_none() {
                quoted = false;
                let ends = matches!(characters.peek(), None | Some(',' | '\n' | '\r'));
                if !ends {
                    return Err(invalid_csv());
                }
            }
        }
        before = character;
    }
    if quoted { Err(invalid_csv()) } else { Ok(()) }
}

fn headers(text: &str) -> Result<Vec<Arc<str>>, Failure> {
    check_quotes(text)?;
    let source = kept_mark(text);
    let mut records = csv_reader(&source).into_records();
    let first = records.next();
    let first = first.ok_or_else(|| Failure::argument(0, "has no header line"))?;
    let names: Vec<Arc<str>> = first
        .map_err(|_| invalid_csv())?
        .iter()
        .map(|name| super::arguments::normal(name.into()).into())
        .collect();
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    if sorted.len() < names.len() {
        return Err(Failure::argument(0, "has a column name twice"));
    }
    Ok(names)
}

fn csv_type(arguments: &[Value]) -> Result<Type, Failure> {
    if arguments.first().is_none_or(Value::is_unknown) {
        return Ok(Type::Dynamic);
    }
    let names = headers(text(arguments, 0)?)?.into_iter();
    let columns = names.map(|name| (name, Type::String));
    Ok(Type::list(Type::object(columns)))
}

fn csv_decode(arguments: &[Value], result: &Type) -> Outcome {
    let source = text(arguments, 0)?;
    let names = headers(source)?;
    // Line ends inside of quotes lose their carriage return in Go.
    let source = kept_mark(&source.replace("\r\n", "\n")).into_owned();
    let mut rows = Vec::new();
    for record in csv_reader(&source).into_records().skip(1) {
        let record = record.map_err(|_| invalid_csv())?;
        if record.len() != names.len() {
            return Err(invalid_csv());
        }
        let cells = names.iter().cloned().zip(record.iter().map(string));
        let row: BTreeMap<Arc<str>, Value> = cells.collect();
        rows.push(Value::new(Kind::Object(Arc::new(row))));
        check_elements(rows.len().saturating_mul(names.len()))?;
    }
    let element = result.element().cloned().unwrap_or(Type::Dynamic);
    Ok(list(element, rows))
}
