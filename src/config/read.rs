//! One configuration file: its text, checked against [`super::keys`], as a layer that others may add to.

use std::ops::Range;
use std::path::PathBuf;

use regex::RegexBuilder;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::custom::{ArgumentPath, BlockPattern, CustomRule, Requirement};
use super::keys::{self, Key, Shape};
use super::{FailOn, Level, Problems, Text};
use crate::finding::Severity;
use crate::source::Span;
use crate::zenml::provider::closest;

/// Enough for any pattern that people write; a larger one is refused rather than compiled for long.
const LARGEST_PATTERN: usize = 1 << 20;

/// The patterns of an `[[overrides]]` table, and its levels.
pub type OverrideTable = (Vec<Text>, Vec<(Text, Level)>);

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct Layer {
    /// The directory that its patterns and paths are relative to.
    pub base: PathBuf,
    pub extend: Option<Text>,
    pub exclude: Vec<Text>,
    pub fail_on: Option<FailOn>,
    pub provider_version: Option<Text>,
    pub zenml_version: Option<Text>,
    pub assume: Vec<Text>,
    pub extra_flavors: Vec<(String, Vec<Text>)>,
    pub rules: Vec<(Text, Level)>,
    pub overrides: Vec<OverrideTable>,
    pub roots: Vec<(Text, Vec<Vec<Text>>)>,
    pub custom: Vec<(Text, CustomRule)>,
    /// The names of all custom rules, those with mistakes too.
    pub custom_names: Vec<String>,
    /// Whether the text is TOML: else there may be more in it.
    pub is_toml: bool,
}

type Value<'t> = Spanned<DeValue<'t>>;

/// Reads a text. What is wrong with it becomes a problem; what is right beside it is still read, to find all that is wrong.
pub(super) fn read(text: &str, problems: &mut Problems<'_>) -> Layer {
    // The parser takes a byte-order mark for granted; spans count it.
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            problems.add(at(span), first_line(error.message()), None);
            return Layer::default();
        }
    };
    let before = problems.count();
    check_table(table.get_ref(), keys::FILE, at(table.span()), problems);
    let misshapen = problems.spans_from(before);
    let layer = layer(table.get_ref(), misshapen.is_empty(), problems);
    // What has not the right shape needs no second word.
    problems.retain_from(before + misshapen.len(), |span| !misshapen.contains(&span));
    layer
}

/// Where anything has not the right shape, custom rules are only read to find all that is wrong with them.
fn layer(table: &DeTable<'_>, is_shapely: bool, problems: &mut Problems<'_>) -> Layer {
    let file = Table(table);
    let mut layer = Layer {
        extend: file.text("extend"),
        exclude: file.texts("exclude"),
        fail_on: file
            .text("fail-on")
            .and_then(|text| text.value.parse().ok()),
        provider_version: version(&file, "provider-version", problems),
        zenml_version: version(&file, "zenml-version", problems),
        rules: file
            .table("rules")
            .map(|table| table.levels())
            .unwrap_or_default(),
        is_toml: true,
        ..Layer::default()
    };
    if let Some(environment) = file.table("environment") {
        layer.assume = environment.texts("assume");
        check_variables(&layer.assume, problems);
    }
    if let Some(flavors) = file
        .table("zenml")
        .and_then(|zenml| zenml.table("extra-flavors"))
    {
        let types = flavors.0.keys().map(|name| name.get_ref());
        layer.extra_flavors = types
            .map(|ty| (ty.to_string(), flavors.texts(ty)))
            .collect();
    }
    for table in file.tables("overrides") {
        let rules = table.table("rules").map(|table| table.levels());
        layer
            .overrides
            .push((table.texts("files"), rules.unwrap_or_default()));
    }
    for table in file.tables("roots") {
        if let Some(directory) = table.text("directory") {
            layer.roots.push((directory, table.lists("var-files")));
        }
    }
    for table in file.tables("custom") {
        let id = table.text("id").map(|id| id.value);
        layer.custom_names.extend(id);
        layer.custom.extend(custom(&table, is_shapely, problems));
    }
    layer
}

fn at(range: Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

fn check_table(table: &DeTable<'_>, keys: &[Key], whole: Span, problems: &mut Problems<'_>) {
    for (name, value) in table.iter() {
        match keys.iter().find(|key| key.name == name.get_ref()) {
            Some(key) => check_value(value, &key.shape, key.name, problems),
            None => unknown(name, keys.iter().map(|key| key.name), problems),
        }
    }
    for key in keys.iter().filter(|key| key.required) {
        if !table.contains_key(key.name) {
            problems.add(
                whole,
                format!("`{}` is missing here", key.name),
                Some(key.about.to_owned()),
            );
        }
    }
}

fn unknown<'k>(
    name: &Spanned<std::borrow::Cow<'_, str>>,
    names: impl Iterator<Item = &'k str> + Clone,
    problems: &mut Problems<'_>,
) {
    let help = match closest(name.get_ref(), names.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the keys here are {}", listed(names)),
    };
    let message = format!("there is no key `{}` here", name.get_ref());
    problems.add(at(name.span()), message, Some(help));
}

fn listed<'k>(names: impl Iterator<Item = &'k str>) -> String {
    let quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn check_value(value: &Value<'_>, shape: &Shape, name: &str, problems: &mut Problems<'_>) {
    let span = at(value.span());
    match (shape, value.get_ref()) {
        (Shape::Text, DeValue::String(_))
        | (Shape::Flag, DeValue::Boolean(_))
        | (
            Shape::Scalar,
            DeValue::String(_) | DeValue::Boolean(_) | DeValue::Integer(_) | DeValue::Float(_),
        ) => {}
        (Shape::Choice(names), DeValue::String(text)) if names.contains(&text.as_ref()) => {}
        (Shape::Choice(names), DeValue::String(text)) => {
            let help = match closest(text, names.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("write one of {}", listed(names.iter().copied())),
            };
            problems.add(span, format!("`{name}` cannot be this text"), Some(help));
        }
        (Shape::List(of), DeValue::Array(values)) => {
            for value in values.iter() {
                check_value(value, of, name, problems);
            }
        }
        (Shape::Map(of), DeValue::Table(table)) => {
            for (name, value) in table.iter() {
                check_value(value, of, name.get_ref(), problems);
            }
        }
        (Shape::Named(names, of), DeValue::Table(table)) => {
            for (name, value) in table.iter() {
                match names.contains(&name.get_ref().as_ref()) {
                    true => check_value(value, of, name.get_ref(), problems),
                    false => unknown(name, names.iter().copied(), problems),
                }
            }
        }
        (Shape::Table(keys), DeValue::Table(table)) => check_table(table, keys, span, problems),
        (shape, other) => {
            let message = format!("`{name}` takes {}, not {}", wanted(shape), given(other));
            problems.add(span, message, None);
        }
    }
}

fn wanted(shape: &Shape) -> String {
    match shape {
        Shape::Text => "a string".into(),
        Shape::Flag => "true or false".into(),
        Shape::Scalar => "strings, numbers or bools".into(),
        Shape::Choice(names) => format!("one of the strings {}", listed(names.iter().copied())),
        Shape::List(of) => match of {
            Shape::Table(_) => "tables, each under its own `[[...]]` header".into(),
            Shape::Text => "an array of strings".into(),
            _ => "an array".into(),
        },
        Shape::Map(_) | Shape::Named(..) | Shape::Table(_) => "a table".into(),
    }
}

fn given(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a bool",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// A table whose shape has been checked.
struct Table<'t>(&'t DeTable<'t>);

impl<'t> Table<'t> {
    fn get(&self, name: &str) -> Option<&'t Value<'t>> {
        self.0.get(name)
    }

    fn text(&self, name: &str) -> Option<Text> {
        text(self.get(name)?)
    }

    fn texts(&self, name: &str) -> Vec<Text> {
        self.get(name).map(texts).unwrap_or_default()
    }

    fn lists(&self, name: &str) -> Vec<Vec<Text>> {
        let array = self.get(name).and_then(|value| value.get_ref().as_array());
        array
            .into_iter()
            .flat_map(|array| array.iter())
            .map(texts)
            .collect()
    }

    fn flag(&self, name: &str) -> bool {
        let value = self.get(name).and_then(|value| value.get_ref().as_bool());
        value.unwrap_or(false)
    }

    fn table(&self, name: &str) -> Option<Table<'t>> {
        self.get(name)?.get_ref().as_table().map(Table)
    }

    fn tables(&self, name: &str) -> Vec<Table<'t>> {
        let array = self.get(name).and_then(|value| value.get_ref().as_array());
        let values = array.into_iter().flat_map(|array| array.iter());
        values
            .filter_map(|value| value.get_ref().as_table().map(Table))
            .collect()
    }

    /// Each name with its level, in the order of the file.
    fn levels(&self) -> Vec<(Text, Level)> {
        let level = |value: &Value<'_>| value.get_ref().as_str()?.parse().ok();
        let mut levels: Vec<(Text, Level)> = self
            .0
            .iter()
            .filter_map(|(name, value)| {
                let name = Text {
                    value: name.get_ref().to_string(),
                    span: at(name.span()),
                };
                Some((name, level(value)?))
            })
            .collect();
        levels.sort_by_key(|(name, _)| name.span);
        levels
    }
}

fn texts(value: &Value<'_>) -> Vec<Text> {
    let array = value.get_ref().as_array();
    array
        .into_iter()
        .flat_map(|array| array.iter())
        .filter_map(text)
        .collect()
}

/// A string, or what else may stand in an array of values, as text.
fn text(value: &Value<'_>) -> Option<Text> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string()),
        DeValue::Float(number) => {
            let text = number.as_str();
            text.parse::<f64>()
                .map_or_else(|_| text.to_owned(), |number| number.to_string())
        }
        _ => return None,
    };
    Some(Text {
        value: text,
        span: at(value.span()),
    })
}

fn version(file: &Table<'_>, name: &str, problems: &mut Problems<'_>) -> Option<Text> {
    let text = file.text(name)?;
    let segments: Vec<&str> = text.value.split('.').collect();
    let is_number = |segment: &&str| segment.parse::<u32>().is_ok() && !segment.starts_with('+');
    if segments.len() <= 3 && segments.iter().all(is_number) {
        return Some(text);
    }
    let message = format!("`{name}` is not a version");
    let help = "write one to three numbers with dots between them, as \"3.0\"";
    problems.add(text.span, message, Some(help.to_owned()));
    None
}

fn check_variables(names: &[Text], problems: &mut Problems<'_>) {
    for name in names {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.value.is_empty() || !name.value.chars().all(is_letter) {
            let help = "write the name alone, without a value: \"ZENML_API_KEY\"";
            problems.add(
                name.span,
                "this is not the name of an environment variable".to_owned(),
                Some(help.to_owned()),
            );
        }
    }
}

fn custom(
    table: &Table<'_>,
    is_shapely: bool,
    problems: &mut Problems<'_>,
) -> Option<(Text, CustomRule)> {
    let before = problems.count();
    let id = table.text("id");
    if let Some(id) = &id {
        check_id(id, problems);
    }
    let block = parsed(table.text("block"), BlockPattern::parse, problems);
    let argument = parsed(table.text("argument"), ArgumentPath::parse, problems);
    let requirement = requirement(table, problems);
    // A misspelt key may be the one that demands something.
    if let Some(id) = id.as_ref().filter(|_| is_shapely) {
        check_demands(table, &requirement, id, problems);
    }
    let severity = table
        .text("severity")
        .and_then(|text| text.value.parse().ok());
    let replacement = table.text("replacement");
    if let Some(replacement) = &replacement
        && let Some(complaint) = requirement.refuses_replacement(&replacement.value)
    {
        problems.add(replacement.span, complaint.to_owned(), None);
    }
    let message = table.text("message");
    if let Some(message) = &message
        && message.value.trim().is_empty()
    {
        problems.add(message.span, "the message is empty".to_owned(), None);
    }
    if !is_shapely || problems.count() > before {
        return None;
    }
    let id = id?;
    let rule = CustomRule {
        id: id.value.clone(),
        block: block?,
        argument: argument?,
        requirement,
        severity: severity.unwrap_or(Severity::Warning),
        message: message?.value,
        replacement: replacement.map(|text| text.value),
    };
    Some((id, rule))
}

fn check_id(id: &Text, problems: &mut Problems<'_>) {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let is_name =
        id.value.split('-').all(is_word) && id.value.starts_with(|c: char| c.is_ascii_lowercase());
    if !is_name {
        let help = "write lower-case words joined by hyphens: \"acme-server-url\"";
        problems.add(
            id.span,
            "this cannot be the name of a rule".to_owned(),
            Some(help.to_owned()),
        );
    } else if id.value == "all" || problems.is_built_in(&id.value) {
        problems.add(
            id.span,
            format!("`{}` is a name of the linter's own", id.value),
            None,
        );
    }
}

fn parsed<T>(
    text: Option<Text>,
    parse: fn(&str) -> Result<T, String>,
    problems: &mut Problems<'_>,
) -> Option<T> {
    let text = text?;
    match parse(&text.value) {
        Ok(parsed) => Some(parsed),
        Err(message) => {
            problems.add(text.span, message, None);
            None
        }
    }
}

fn requirement(table: &Table<'_>, problems: &mut Problems<'_>) -> Requirement {
    let mut pattern = |name| {
        let text = table.text(name)?;
        let compiled = RegexBuilder::new(&text.value)
            .size_limit(LARGEST_PATTERN)
            .dfa_size_limit(LARGEST_PATTERN)
            .build();
        match compiled {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let (message, help) = bad_pattern(name, &error);
                problems.add(text.span, message, help);
                None
            }
        }
    };
    Requirement {
        matches: pattern("matches"),
        not_matches: pattern("not-matches"),
        one_of: table
            .get("one-of")
            .map(|values| texts(values).into_iter().map(|text| text.value).collect()),
        required: table.flag("required"),
        forbidden: table.flag("forbidden"),
    }
}

/// A rule that demands nothing, or what cannot go together.
fn check_demands(
    table: &Table<'_>,
    requirement: &Requirement,
    id: &Text,
    problems: &mut Problems<'_>,
) {
    let is_said = ["matches", "not-matches", "one-of"]
        .iter()
        .any(|name| table.get(name).is_some());
    if !is_said && !requirement.required && !requirement.forbidden {
        let help =
            "write `matches`, `not-matches`, `one-of`, `required = true` or `forbidden = true`";
        problems.add(
            id.span,
            "this rule demands nothing".to_owned(),
            Some(help.to_owned()),
        );
    }
    if requirement.forbidden && (is_said || requirement.required) {
        let message = "an argument that is forbidden can have no other demand";
        problems.add(id.span, message.to_owned(), None);
    }
}

fn bad_pattern(name: &str, error: &regex::Error) -> (String, Option<String>) {
    match error {
        regex::Error::CompiledTooBig(_) => (
            format!("the pattern of `{name}` is too large"),
            Some("repeat less: what `{1000}` repeats is written out".to_owned()),
        ),
        error => {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason);
            (
                format!("the pattern of `{name}` is no regular expression: {reason}"),
                Some(
                    "patterns are those of Rust's regex crate: no look-around, no back-references"
                        .to_owned(),
                ),
            )
        }
    }
}
