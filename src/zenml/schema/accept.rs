//! What the server makes of a text that is given for a field.
//!
//! The server reads texts with pydantic (2.12, its lax mode). Where this cannot tell, it says that a text is accepted.

use regex::Regex;
use serde_json::Value;

use super::field::{Field, FieldType, Limit};
use crate::zenml::credential::secret_reference;

impl Field {
    /// Whether the server accepts a text, which is all that the provider ever sends.
    pub fn accepts(&self, text: &str) -> bool {
        if self.is_plain && secret_reference(text).is_some() {
            return false;
        }
        if self.reads_json {
            return self.accepts_json(text);
        }
        self.types.iter().any(|ty| self.accepts_as(*ty, text))
    }

    fn accepts_as(&self, ty: FieldType, text: &str) -> bool {
        match ty {
            FieldType::Array | FieldType::Object => false,
            FieldType::Boolean => is_boolean(text),
            FieldType::Integer => integer(text).is_some_and(|number| self.is_within(number)),
            FieldType::Number => number(text).is_some_and(|number| self.is_within(number)),
            FieldType::String => self.accepts_text(text),
        }
    }

    fn accepts_text(&self, text: &str) -> bool {
        let length = text.chars().count() as f64;
        let is_value = self.values.is_empty() || self.values.contains(&text);
        is_value
            && self.limits.iter().all(|limit| match *limit {
                Limit::MinLength(least) => length >= least,
                Limit::MaxLength(most) => length <= most,
                Limit::Pattern(pattern) => {
                    Regex::new(pattern).map_or(true, |pattern| pattern.is_match(text))
                }
                Limit::Format("uuid") => is_uuid(text),
                _ => true,
            })
    }

    fn is_within(&self, number: f64) -> bool {
        self.limits.iter().all(|limit| match *limit {
            Limit::Minimum(least) => number >= least,
            Limit::ExclusiveMinimum(bound) => number > bound,
            Limit::Maximum(most) => number <= most,
            Limit::ExclusiveMaximum(bound) => number < bound,
            _ => true,
        })
    }

    fn accepts_json(&self, text: &str) -> bool {
        match serde_json::from_str(text) {
            Ok(Value::Null) => self.nullable,
            Ok(Value::Array(items)) => {
                self.takes(FieldType::Array) && items.iter().all(|item| self.accepts_item(item))
            }
            Ok(Value::Object(members)) => {
                let mut values = members.iter().map(|(_, value)| value);
                self.takes(FieldType::Object) && values.all(|value| self.accepts_item(value))
            }
            Ok(_) => false,
            Err(_) => is_json_of_python_only(text),
        }
    }

    fn accepts_item(&self, item: &Value) -> bool {
        self.items.is_empty() || self.items.iter().any(|ty| takes_item(*ty, item))
    }
}

/// Python's JSON has numbers that others have not.
fn is_json_of_python_only(text: &str) -> bool {
    ["NaN", "Infinity"].iter().any(|word| text.contains(word))
}

fn takes_item(ty: FieldType, item: &Value) -> bool {
    match (ty, item) {
        (FieldType::Array, Value::Array(_))
        | (FieldType::Object, Value::Object(_))
        | (FieldType::String, Value::String(_))
        | (FieldType::Boolean | FieldType::Integer | FieldType::Number, Value::Bool(_))
        | (FieldType::Number, Value::Number(_)) => true,
        (FieldType::Boolean, Value::Number(number)) => number
            .as_f64()
            .is_some_and(|number| number == 0.0 || number == 1.0),
        (FieldType::Integer, Value::Number(number)) => {
            number.as_f64().is_none_or(|number| number.fract() == 0.0)
        }
        (FieldType::Boolean, Value::String(text)) => is_boolean(text),
        (FieldType::Integer, Value::String(text)) => integer(text).is_some(),
        (FieldType::Number, Value::String(text)) => number(text).is_some(),
        _ => false,
    }
}

fn is_boolean(text: &str) -> bool {
    const WORDS: [&str; 12] = [
        "0", "1", "f", "false", "n", "no", "off", "on", "t", "true", "y", "yes",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// The whole number in a text: `1_000` and `5.00` are some, `5.` and `1e3` are none.
fn integer(text: &str) -> Option<f64> {
    let text = text.trim();
    let (digits, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_whole = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let mut groups = unsigned.split('_');
    let is_group = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    if !is_whole || !groups.all(is_group) {
        return None;
    }
    digits.replace('_', "").parse().ok()
}

fn number(text: &str) -> Option<f64> {
    text.trim().replace('_', "").parse().ok()
}

/// With or without hyphens, in braces, as a URN.
fn is_uuid(text: &str) -> bool {
    let text = text.strip_prefix("urn:uuid:").unwrap_or(text);
    let inner = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    let mut groups = inner.unwrap_or(text).split('-').map(|group| {
        let is_hexadecimal = group.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hexadecimal.then_some(group.len())
    });
    groups.clone().eq([Some(32)]) || groups.by_ref().eq([8, 4, 4, 4, 12].map(Some))
}

#[cfg(test)]
mod tests {
    use super::super::Schema;
    use super::*;

    fn field(ty: &str, flavor: &str, name: &str) -> &'static Field {
        let ty = Schema::default().zenml.component_type(ty).unwrap();
        ty.flavor(flavor).unwrap().field(name).unwrap()
    }

    #[track_caller]
    fn check(field: &Field, accepted: &[&str], refused: &[&str]) {
        for text in accepted {
            assert!(field.accepts(text), "{} {text:?}", field.name);
        }
        for text in refused {
            assert!(!field.accepts(text), "{} {text:?}", field.name);
        }
    }

    #[test]
    fn scalars() {
        let boolean = field("orchestrator", "kubernetes", "local");
        check(
            boolean,
            &["true", "False", "1", "off", "Y"],
            &["", " true", "2", "1.0", "{{a.b}}"],
        );
        let integer = field("orchestrator", "ssh", "port");
        check(
            integer,
            &["22", " 22 ", "+22", "1_000", "22.0", "65535"],
            &[
                "", "22.", "22.5", "1e3", "_1", "1__0", "0x10", "0", "65536", "-1", "{{a.b}}",
            ],
        );
        let number = field("orchestrator", "kubernetes", "interrupt_check_interval");
        check(
            number,
            &["0.5", "1", "1e3", "5.", "inf"],
            &["", "0.4", "-1", "one"],
        );
        let choice = field("orchestrator", "vm_aws", "disk_tier");
        check(choice, &["high", "best"], &["", "High", "worst", "{{a.b}}"]);
        let text = field("artifact_store", "s3", "key");
        check(text, &["", "anything", "{{a.b}}"], &[]);
        let pattern = field("deployer", "aws", "health_check_protocol");
        check(pattern, &["TCP", "HTTP"], &["", "UDP"]);
    }

    #[test]
    fn plain_texts() {
        let plain = field("container_registry", "aws", "uri");
        check(plain, &["", "registry", "{{a}}"], &["{{a.b}}", "{{ a.b }}"]);
    }

    #[test]
    fn json() {
        let dictionary = field("artifact_store", "s3", "config_kwargs");
        check(
            dictionary,
            &["{}", r#"{"a": [1]}"#, " {} ", "null", r#"{"a": NaN}"#],
            &["", "[]", "a", "1", r#""{}""#, "{'a': 1}", "{{a.b}}"],
        );
        let texts = field("orchestrator", "sagemaker", "environment");
        check(
            texts,
            &[r#"{"A": "1"}"#],
            &[r#"{"A": 1}"#, r#"{"A": null}"#],
        );
        let numbers = field("orchestrator", "ssh", "gpu_indices");
        check(
            numbers,
            &["[0, 1]", "[\"2\"]", "[1.0]"],
            &["[1.5]", "[\"a\"]", "{}", "0"],
        );
        let pair = field("deployer", "docker", "port_range");
        check(pair, &[], &["[8000, 9000]", "8000", ""]);
    }

    #[test]
    fn uuids() {
        let azure = Schema::default().zenml.connector_type("azure").unwrap();
        let client = azure
            .auth_method("service-principal")
            .unwrap()
            .field("client_id")
            .unwrap();
        let (hyphens, plain) = ("12345678-1234-1234-1234-123456789abc", "1".repeat(32));
        let braces = format!("{{{hyphens}}}");
        let urn = format!("urn:uuid:{hyphens}");
        check(
            client,
            &[hyphens, &plain, &braces, &urn],
            &["", "my-client", "12345678-1234"],
        );
    }
}
