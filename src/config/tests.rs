use super::*;
use crate::source::SourceFile;

fn complaints(text: &str) -> Vec<String> {
    let mut problems = Problems {
        file: FileId(0),
        built_in: &["hardcoded-secret"],
        findings: Vec::new(),
    };
    read::read(text, &mut problems);
    problems
        .findings
        .into_iter()
        .map(|finding| finding.message.to_string())
        .collect()
}

/// A text that sets the key of every table in turn to something of the right shape, and everything that is required.
fn sample(shape: &keys::Shape) -> toml::Value {
    use keys::Shape;
    match shape {
        Shape::Text => "3.0".into(),
        Shape::Flag => true.into(),
        Shape::Scalar => 1.into(),
        Shape::Choice(names) => names[0].into(),
        Shape::List(of) => vec![sample(of)].into(),
        Shape::Map(of) => {
            toml::Table::from_iter([("hardcoded-secret".to_owned(), sample(of))]).into()
        }
        Shape::Named(names, of) => {
            toml::Table::from_iter(names.iter().map(|name| ((*name).to_owned(), sample(of)))).into()
        }
        Shape::Table(keys) => toml::Table::from_iter(
            keys.iter()
                .map(|key| (key.name.to_owned(), sample(&key.shape))),
        )
        .into(),
    }
}

fn shape_complaints(table: &toml::Table) -> Vec<String> {
    let text = toml::to_string(table).unwrap();
    let of_shape = |message: &String| {
        message.contains("no key") || message.contains(" takes ") || message.contains("is missing")
    };
    complaints(&text).into_iter().filter(of_shape).collect()
}

#[test]
fn the_schema_and_the_reader_agree() {
    let toml::Value::Table(whole) = sample(&keys::Shape::Table(keys::FILE)) else {
        panic!("a table");
    };
    assert_eq!(shape_complaints(&whole), [""; 0]);
    let schema = schema();
    agree(&schema, &whole.clone().into());
    let properties = schema["properties"].as_object().unwrap();
    assert!(properties.keys().all(|name| whole.contains_key(name)));
    for name in properties.keys() {
        // A table where there is none to be, and a number where a table is to be.
        let mut wrong = whole.clone();
        let value = if wrong[name].is_table() {
            1.into()
        } else {
            toml::Table::new().into()
        };
        wrong.insert(name.clone(), value);
        assert_eq!(shape_complaints(&wrong).len(), 1, "{name}");
        let mut unknown = whole.clone();
        unknown.insert(format!("{name}-x"), 1.into());
        assert_eq!(shape_complaints(&unknown).len(), 1, "{name}");
    }
}

/// Whether the schema has exactly the keys of a value that has all keys.
fn agree(schema: &serde_json::Value, value: &toml::Value) {
    match value {
        toml::Value::Table(table) => match schema["properties"].as_object() {
            Some(properties) => {
                assert_eq!(schema["additionalProperties"], false);
                let names: Vec<&String> = properties.keys().collect();
                let mut known: Vec<&String> = table.keys().collect();
                known.sort();
                let mut sorted = names.clone();
                sorted.sort();
                assert_eq!(sorted, known);
                names
                    .iter()
                    .for_each(|name| agree(&properties[*name], &table[*name]));
            }
            None => table
                .values()
                .for_each(|value| agree(&schema["additionalProperties"], value)),
        },
        toml::Value::Array(values) => {
            assert_eq!(schema["type"], "array");
            values
                .iter()
                .for_each(|value| agree(&schema["items"], value));
        }
        toml::Value::Boolean(_) => assert_eq!(schema["type"], "boolean"),
        toml::Value::String(_) => assert!(schema["type"] == "string" || schema["enum"].is_array()),
        _ => assert!(schema["type"].is_array()),
    }
}

#[test]
fn component_types_are_those_of_the_newest_provider() {
    let newest = crate::zenml::schema::Schema::default().provider;
    let mut known = newest.component_types.to_vec();
    known.sort_unstable();
    assert_eq!(keys::COMPONENT_TYPES, known);
}

#[test]
fn every_mistake_of_a_custom_rule_is_named_at_once() {
    let text = "[[custom]]\nid = 'Acme'\nblock = ''\nargument = 'a..b'\nmatchs = 'a'\nnot-matches = '('\nmessage = ' '\n";
    let said = complaints(text).join("\n");
    for part in [
        "no key `matchs`",
        "this cannot be the name",
        "a block begins with its type",
        "names with dots between them",
        "unclosed group",
        "the message is empty",
    ] {
        assert_eq!(said.matches(part).count(), 1, "{part}\n{said}");
    }
    // The misspelt key may be the one that demands something, and the missing ones are told as such.
    let said = complaints("[[custom]]\nid = 'acme'\nmatchs = '('\n");
    let missing = |name: &str| format!("`{name}` is missing here");
    assert_eq!(said.len(), 4, "{said:?}");
    for name in ["block", "argument", "message"] {
        assert!(said.contains(&missing(name)), "{said:?}");
    }
}

#[test]
fn deep_and_long_texts_end() {
    for text in [
        "[".repeat(100_000),
        format!("a = {}", "[".repeat(100_000)),
        "a.".repeat(50_000),
        "x = 1\n".repeat(1000),
    ] {
        assert!(!complaints(&text).is_empty());
    }
    let many: String = (0..2000).map(|n| format!("[[custom]]\nid = 'a{n}'\nblock = 'a'\nargument = 'b'\nmessage = 'c'\nmatches = 'x{n}'\n")).collect();
    assert_eq!(complaints(&many), [""; 0]);
}

#[test]
fn a_bad_configuration_is_one_line_where_it_must_be() {
    let mut sources = Sources::default();
    let text = "a\nb".to_owned();
    sources.add(SourceFile::new(
        "x.toml".into(),
        "x.toml".into(),
        text,
        true,
    ));
    let mut problems = Problems {
        file: FileId(0),
        built_in: &[],
        findings: Vec::new(),
    };
    problems.add(Span::new(2, 3), "wrong".into(), Some("so".into()));
    let findings = problems.findings;
    assert_eq!(
        BadConfig { sources, findings }.to_string(),
        "x.toml:2: wrong (so)"
    );
}
