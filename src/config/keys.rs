//! What may stand in a configuration file, said once: the reader checks against it and the JSON Schema is made from it.

use serde_json::{Map, Value, json};

/// A key of a table.
pub struct Key {
    /// The name.
    pub name: &'static str,
    /// What its value must be.
    pub shape: Shape,
    /// Whether the table must have it.
    pub required: bool,
    /// One sentence.
    pub about: &'static str,
}

/// What a value must be.
pub enum Shape {
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A string, a number or a bool.
    Scalar,
    /// One of these strings.
    Choice(&'static [&'static str]),
    /// An array.
    List(&'static Shape),
    /// A table with any keys.
    Map(&'static Shape),
    /// A table with some of these keys, all values of one shape.
    Named(&'static [&'static str], &'static Shape),
    /// A table with these keys.
    Table(&'static [Key]),
}

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key {
        name,
        shape,
        required: false,
        about,
    }
}

const fn required(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key {
        required: true,
        ..key(name, shape, about)
    }
}

const TEXTS: Shape = Shape::List(&Shape::Text);
const LEVELS: Shape = Shape::Map(&Shape::Choice(&["off", "note", "warning", "error"]));

/// The component types of the newest provider.
pub(super) const COMPONENT_TYPES: &[&str] = &[
    "alerter",
    "annotator",
    "artifact_store",
    "container_registry",
    "data_validator",
    "deployer",
    "experiment_tracker",
    "feature_store",
    "image_builder",
    "log_store",
    "model_deployer",
    "model_registry",
    "orchestrator",
    "step_operator",
];

/// The whole file.
pub const FILE: &[Key] = &[
    key(
        "extend",
        Shape::Text,
        "Another configuration file, relative to this one, that this one adds to.",
    ),
    key(
        "exclude",
        TEXTS,
        "Files in which nothing is reported: patterns as in .gitignore, relative to this file.",
    ),
    key(
        "fail-on",
        Shape::Choice(&["error", "warning", "note", "never"]),
        "From which severity on findings make the exit code 1; warning where it is not said.",
    ),
    key(
        "provider-version",
        Shape::Text,
        "The version of the ZenML provider that is used, as \"3\", \"3.0\" or \"3.0.6\"; the newest known where it is not said.",
    ),
    key(
        "zenml-version",
        Shape::Text,
        "The version of the ZenML server, as \"0.98\" or \"0.98.1\"; the newest known where it is not said.",
    ),
    key(
        "environment",
        Shape::Table(ENVIRONMENT),
        "The environment that the runs of terraform will have.",
    ),
    key(
        "zenml",
        Shape::Table(ZENML),
        "What the server has beside the built-in things.",
    ),
    key(
        "rules",
        LEVELS,
        "The severity of a rule's findings; off for none.",
    ),
    key(
        "overrides",
        Shape::List(&Shape::Table(OVERRIDE)),
        "Other severities in some of the files; the last one that fits counts.",
    ),
    key(
        "roots",
        Shape::List(&Shape::Table(ROOT)),
        "Which tfvars files belong to a root module, where the layout does not tell.",
    ),
    key(
        "custom",
        Shape::List(&Shape::Table(CUSTOM)),
        "Rules of the house, on evaluated values, in any block.",
    ),
];

const ENVIRONMENT: &[Key] = &[key(
    "assume",
    TEXTS,
    "Variables that the runs of terraform will have, though this run does not; silences the missing-* rules only.",
)];

const ZENML: &[Key] = &[key(
    "extra-flavors",
    Shape::Named(COMPONENT_TYPES, &TEXTS),
    "Custom flavors by component type.",
)];

const OVERRIDE: &[Key] = &[
    required(
        "files",
        TEXTS,
        "Patterns as in .gitignore, relative to this file.",
    ),
    required("rules", LEVELS, "The severities there."),
];

const ROOT: &[Key] = &[
    required(
        "directory",
        Shape::Text,
        "The root module's directory, relative to this file.",
    ),
    key(
        "var-files",
        Shape::List(&TEXTS),
        "For each way to run it, the files given by -var-file, relative to the directory.",
    ),
];

const CUSTOM: &[Key] = &[
    required(
        "id",
        Shape::Text,
        "The rule's name: lower-case words joined by hyphens.",
    ),
    required(
        "block",
        Shape::Text,
        "Type and labels of the blocks, as 'resource \"zenml_*\" \"*\"'; * stands for any text.",
    ),
    required(
        "argument",
        Shape::Text,
        "The argument's name; with dots for nested blocks and keys of maps, as labels.owner.",
    ),
    key(
        "matches",
        Shape::Text,
        "A regular expression that the value must match.",
    ),
    key(
        "not-matches",
        Shape::Text,
        "A regular expression that the value must not match.",
    ),
    key(
        "one-of",
        Shape::List(&Shape::Scalar),
        "The values that are allowed.",
    ),
    key(
        "required",
        Shape::Flag,
        "Whether the argument must be there.",
    ),
    key(
        "forbidden",
        Shape::Flag,
        "Whether the argument must not be there.",
    ),
    key(
        "severity",
        Shape::Choice(&["note", "warning", "error"]),
        "How much a finding matters; warning where it is not said.",
    ),
    required("message", Shape::Text, "One sentence: what is wrong."),
    key(
        "replacement",
        Shape::Text,
        "What an unsafe fix writes instead of the value.",
    ),
];

/// The JSON Schema of the file, for editors.
pub fn schema() -> Value {
    let Value::Object(mut schema) = table(FILE) else {
        return Value::Null;
    };
    let mut whole = Map::new();
    whole.insert(
        "$schema".into(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    whole.insert("title".into(), json!("Configuration of zenml-tflint"));
    whole.append(&mut schema);
    Value::Object(whole)
}

/// All keys as tables in Markdown, for the documentation.
pub fn reference() -> String {
    let mut out = String::new();
    document(FILE, &mut out);
    out
}

fn document(keys: &[Key], out: &mut String) {
    out.push_str("| key | value | |\n|---|---|---|\n");
    for key in keys {
        let required = if key.required {
            " It must be there."
        } else {
            ""
        };
        let value = in_words(&key.shape).replace('|', "\\|");
        let about = key.about.replace('|', "\\|");
        out.push_str(&format!(
            "| `{}` | {value} | {about}{required} |\n",
            key.name
        ));
    }
    for key in keys {
        let (keys, header) = match &key.shape {
            Shape::Table(keys) => (keys, format!("[{}]", key.name)),
            Shape::List(Shape::Table(keys)) => (keys, format!("[[{}]]", key.name)),
            _ => continue,
        };
        out.push_str(&format!("\n### `{header}`\n\n"));
        document(keys, out);
    }
}

fn in_words(shape: &Shape) -> String {
    match shape {
        Shape::Text => "a string".into(),
        Shape::Flag => "`true` or `false`".into(),
        Shape::Scalar => "a string, a number or a bool".into(),
        Shape::Choice(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("`\"{name}\"`")).collect();
            names.join(", ")
        }
        Shape::List(Shape::Table(_)) => "tables, see below".into(),
        Shape::List(Shape::Text) => "an array of strings".into(),
        Shape::List(Shape::List(_)) => "an array of arrays of strings".into(),
        Shape::List(of) => format!("an array, each {}", in_words(of)),
        Shape::Map(of) => format!("a table, each value {}", in_words(of)),
        Shape::Named(names, of) => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!(
                "a table, the keys of which are {}; each value {}",
                names.join(", "),
                in_words(of)
            )
        }
        Shape::Table(_) => "a table, see below".into(),
    }
}

fn table(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let mut value = of_shape(&key.shape);
            if let Some(value) = value.as_object_mut() {
                value.insert("description".to_owned(), json!(key.about));
            }
            (key.name.to_owned(), value)
        })
        .collect();
    let required: Vec<&str> = keys.iter().filter(|k| k.required).map(|k| k.name).collect();
    let mut table = Map::new();
    table.insert("type".to_owned(), json!("object"));
    table.insert("properties".to_owned(), properties.into());
    table.insert("additionalProperties".to_owned(), json!(false));
    if !required.is_empty() {
        table.insert("required".to_owned(), json!(required));
    }
    table.into()
}

fn of_shape(shape: &Shape) -> Value {
    match shape {
        Shape::Text => json!({"type": "string"}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Scalar => json!({"type": ["string", "number", "boolean"]}),
        Shape::Choice(names) => json!({"enum": names}),
        Shape::List(of) => json!({"type": "array", "items": of_shape(of)}),
        Shape::Map(of) => json!({"type": "object", "additionalProperties": of_shape(of)}),
        Shape::Named(names, of) => {
            let properties: Map<String, Value> = names
                .iter()
                .map(|name| ((*name).to_owned(), of_shape(of)))
                .collect();
            json!({"type": "object", "properties": properties, "additionalProperties": false})
        }
        Shape::Table(keys) => table(keys),
    }
}
