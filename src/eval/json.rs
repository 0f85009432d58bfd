//! Values as JSON text.

use std::fmt::Write;

use super::value::{Kind, Value};

/// The value as JSON, numbers with all their digits, infinities as strings; what is unknown is null.
pub fn to_json(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match &value.kind {
        Kind::Null(_) | Kind::Unknown(_) => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) if number.is_infinite() => {
            let sign = if number.is_negative() { '-' } else { '+' };
            // Writing to a string cannot fail.
            let _ = write!(out, "\"{sign}Inf\"");
        }
        Kind::Number(number) => match number.to_text() {
            Some(text) => out.push_str(&text),
            None => out.push_str("null"),
        },
        Kind::String(text) => write_string(text, out),
        Kind::List(_, members) | Kind::Set(_, members) | Kind::Tuple(members) => {
            out.push('[');
            for (index, member) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(member, out);
            }
            out.push(']');
        }
        Kind::Map(_, members) | Kind::Object(members) => {
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}
