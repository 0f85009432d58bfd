//! The evaluator against what Terraform 1.11.4 itself makes of some 2,000 expressions.
//!
//! `conformance/terraform-eval.json` has expressions of every kind, `conformance/found.json` those that once came to
//! something else here (`CONFORMANCE_TABLE` names another file of this kind). Both were recorded with
//! `terraform console -plan` in a folder with the two fixture files beside them. Every difference fails, but for the
//! listed expressions where the value is unknown here although Terraform knows it.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use zenml_tflint::discover::{Options, discover};
use zenml_tflint::eval::number::Number;
use zenml_tflint::eval::{Evaluator, Kind, Value};
use zenml_tflint::source::FileId;
use zenml_tflint::syntax::parse_expression;
use zenml_tflint::terraform::{Configuration, ExprRef, RunInputs, load};

const TABLES: [&str; 2] = [
    include_str!("../conformance/terraform-eval.json"),
    include_str!("../conformance/found.json"),
];
const FIXTURES: &str = include_str!("../conformance/fixtures.tf");
const TFVARS: &str = include_str!("../conformance/terraform.tfvars");

/// Expressions that are unknown here although Terraform knows them, and why.
const ACCEPTED: &[(&str, &str)] = &[
    ("fn.textdecodebase64/008", "Shift_JIS is not decoded"),
    ("fn.textencodebase64/008", "Shift_JIS is not encoded"),
];

/// What became of an expression.
#[derive(Debug)]
enum Outcome {
    Value(Value),
    Error(String),
}

struct Module {
    configuration: Configuration,
    _dir: tempfile::TempDir,
}

impl Module {
    fn new(extra: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("fixtures.tf", FIXTURES);
        write("terraform.tfvars", TFVARS);
        write("zenml.tf", "# zenml\n");
        write("extra.tf", extra);
        Self {
            configuration: load_from(dir.path()),
            _dir: dir,
        }
    }

    fn evaluate(&self, expr: &str) -> Outcome {
        if let Some(error) = self
            .configuration
            .trees
            .iter()
            .find_map(|t| t.errors.first())
        {
            return Outcome::Error(error.message.to_string());
        }
        let evaluator = Evaluator::new(&self.configuration);
        let root = self.configuration.roots()[0];
        let context = &self.configuration.contexts(root, &RunInputs::default())[0];
        let instance = evaluator.root(root, context);
        let (tree, expr) = parse_expression(expr);
        if let Some(error) = tree.errors.first() {
            return Outcome::Error(error.message.to_string());
        }
        let file = FileId(u32::MAX);
        match evaluator.foreign_value(instance, &tree, ExprRef { file, expr }) {
            Ok(value) => Outcome::Value(value),
            Err(error) => Outcome::Error(error.message),
        }
    }
}

fn load_from(dir: &Path) -> Configuration {
    let options = Options {
        paths: vec![dir.to_path_buf()],
        cwd: dir.to_path_buf(),
        ..Options::default()
    };
    let mut discovery = discover(&options).unwrap();
    load(&mut discovery, &RunInputs::default())
}

fn evaluate(record: &Json, plain: &Module) -> Outcome {
    let expr = record["expr"].as_str().unwrap();
    let config = record["config"].as_str().unwrap_or_default();
    if expr.contains('\n') {
        let extra = format!("{config}\nlocals {{\nexpr_under_test = {expr}\n}}\n");
        return Module::new(&extra).evaluate("local.expr_under_test");
    }
    if config.is_empty() {
        return plain.evaluate(expr);
    }
    Module::new(config).evaluate(expr)
}

/// What differs from the recorded outcome; `None` where nothing does. The flag: merely unknown.
fn difference(record: &Json, outcome: &Outcome) -> Option<(bool, String)> {
    let wrong = |text: String| Some((false, text));
    let value = match (record["error"] == true, outcome) {
        (true, Outcome::Error(_)) => return None,
        (true, Outcome::Value(value)) => return wrong(format!("no error but {}", show(value))),
        (false, Outcome::Error(message)) => return wrong(format!("error: {message}")),
        (false, Outcome::Value(value)) => value,
    };
    if record["unknown"] == true {
        if !value.is_unknown() {
            return wrong(format!("known: {}", show(value)));
        }
    } else if value.is_unknown() {
        return Some((true, "unknown".into()));
    } else if let Err(unknown) = compare(value, &record["result"]) {
        return Some((unknown, show(value)));
    }
    let ty = value.ty().to_string();
    if record["type"] != ty.as_str() {
        return wrong(format!("type {ty}"));
    }
    let sensitive = match (value.sensitive, value.contains_sensitive()) {
        (true, _) => Json::Bool(true),
        (false, true) => "partly".into(),
        (false, false) => Json::Null,
    };
    if record["sensitive"] != sensitive {
        return wrong(format!("sensitive: {sensitive}"));
    }
    None
}

/// Whether a value is the recorded one; the error says whether it is merely unknown in parts.
fn compare(value: &Value, json: &Json) -> Result<(), bool> {
    if json.get("$unknown").is_some() {
        return if value.is_unknown() {
            Ok(())
        } else {
            Err(false)
        };
    }
    if json.get("$sensitive").is_some() {
        return if value.sensitive { Ok(()) } else { Err(false) };
    }
    let same = match (&value.kind, json) {
        (Kind::Unknown(_), _) => return Err(true),
        (Kind::Null(_), Json::Null) => true,
        (Kind::Bool(a), Json::Bool(b)) => a == b,
        (Kind::String(a), Json::String(b)) => **a == **b,
        (Kind::Number(a), json) => same_number(a, json),
        (
            Kind::List(_, members) | Kind::Set(_, members) | Kind::Tuple(members),
            Json::Array(all),
        ) => {
            if members.len() != all.len() {
                return Err(false);
            }
            return members.iter().zip(all).try_for_each(|(a, b)| compare(a, b));
        }
        (Kind::Map(_, members) | Kind::Object(members), Json::Object(all)) => {
            if members.len() != all.len() {
                return Err(false);
            }
            return members
                .iter()
                .try_for_each(|(name, member)| compare(member, all.get(&**name).ok_or(false)?));
        }
        _ => false,
    };
    if same { Ok(()) } else { Err(false) }
}

fn same_number(number: &Number, json: &Json) -> bool {
    let text = number.to_text().unwrap();
    match json.get("$number") {
        Some(digits) => digits == text.as_str(),
        None => json.as_f64() == text.parse().ok(),
    }
}

fn show(value: &Value) -> String {
    let text = zenml_tflint::eval::json::to_json(value);
    format!("{text} ({})", value.ty())
}

#[test]
fn values_are_those_of_terraform() {
    let other = std::env::var("CONFORMANCE_TABLE").ok();
    let text = other.as_ref().map(|path| fs::read_to_string(path).unwrap());
    let texts = text.as_ref().map_or(TABLES.to_vec(), |text| vec![text]);
    let tables = texts.iter().map(|text| serde_json::from_str(text).unwrap());
    let tables: Vec<Json> = tables.collect();
    let plain = Module::new("");
    let only = std::env::var("CONFORMANCE_GROUP").ok();
    let mut groups: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut wrong, mut imprecise, mut stale) = (Vec::new(), 0, Vec::new());
    let records = tables
        .iter()
        .flat_map(|table| table["records"].as_array().unwrap());
    let records: Vec<&Json> = records.collect();
    for record in &records {
        let id = record["id"].as_str().unwrap();
        if only.as_ref().is_some_and(|only| !id.starts_with(only)) {
            continue;
        }
        let group = groups.entry(record["group"].as_str().unwrap()).or_default();
        group.0 += 1;
        let accepted = ACCEPTED.iter().any(|(accepted, _)| *accepted == id);
        match difference(record, &evaluate(record, &plain)) {
            Some((true, _)) if accepted => imprecise += 1,
            Some((_, what)) => wrong.push((id, record, what)),
            None if accepted => stale.push(id),
            None => group.1 += 1,
        }
    }
    for (name, (all, right)) in &groups {
        println!("{name}: {right} of {all}");
    }
    for (id, record, what) in &wrong {
        let expr = &record["expr"];
        let expected = ["result", "unknown", "error", "message", "type", "sensitive"]
            .iter()
            .filter(|field| !record[**field].is_null())
            .map(|field| format!("{field} {}", record[*field]))
            .collect::<Vec<_>>()
            .join(", ");
        println!(
            "{id}: {expr} {}\n    expected: {expected}\n    is:       {what}",
            record["config"]
        );
    }
    println!(
        "{} wrong, {imprecise} accepted as unknown, {stale:?} no longer",
        wrong.len()
    );
    assert!(wrong.is_empty() && stale.is_empty());
    assert!(imprecise * 50 <= records.len(), "more than 2 % are unknown");
}
