//! Answers for programs: one object a line.

use crate::eval::Value;
use crate::eval::json::to_json;

use super::shown::{is_unknown, known_ends, unknown_paths};
use super::{Answer, Console};

/// An object that is put together as text, since no number type holds all the digits.
struct Object(String);

impl Object {
    fn add(&mut self, name: &str, json: &str) {
        let comma = if self.0.is_empty() { "" } else { "," };
        self.0.push_str(&format!("{comma}\"{name}\":{json}"));
    }

    fn add_text(&mut self, name: &str, text: &str) {
        self.add(name, &serde_json::Value::from(text).to_string());
    }
}

impl Console<'_> {
    /// The answer to an expression as one JSON object on one line.
    pub fn json(&self, text: &str) -> String {
        let mut object = Object(String::new());
        object.add_text("expr", &self.text(text));
        match self.answer(text) {
            Answer::Error(message) => object.add_text("error", &self.text(&message)),
            Answer::Value { value, .. } => {
                object.add_text("type", &self.type_of(&value));
                self.add_value(&value, &mut object);
            }
        }
        format!("{{{}}}", object.0)
    }

    fn add_value(&self, value: &Value, object: &mut Object) {
        let withheld = value.sensitive && !self.show_sensitive;
        if is_unknown(value) {
            object.add("unknown", "true");
            if !withheld {
                add_ends(value, object);
            }
        } else if !withheld {
            self.add_known(value, object);
        }
        if value.sensitive {
            object.add("sensitive", "true");
        } else if value.contains_sensitive() {
            object.add_text("sensitive", "partly");
        }
    }

    fn add_known(&self, value: &Value, object: &mut Object) {
        let json = to_json(&self.shown(value));
        let unknown = unknown_paths(value, self.show_sensitive);
        if unknown.is_empty() {
            object.add("value", &json);
        } else {
            object.add("partial", &json);
            object.add("unknown", &serde_json::Value::from(unknown).to_string());
        }
    }
}

fn add_ends(value: &Value, object: &mut Object) {
    let (prefix, suffix) = known_ends(value);
    for (name, text) in [("prefix", prefix), ("suffix", suffix)] {
        if !text.is_empty() {
            object.add_text(name, &text);
        }
    }
}
