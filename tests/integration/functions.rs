//! Functions against what Terraform 1.11.4 itself made of some 1,500 random calls.
//!
//! `functions/recorded.json` pairs expressions over the fixtures of the conformance test with what `terraform console -plan`
//! printed for them: a string, `UNKNOWN` or `SENSITIVE`.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

use std::fs;
use std::path::Path;

use zenml_tflint::discover::{Options, discover};
use zenml_tflint::eval::{Evaluator, InstanceId};
use zenml_tflint::source::FileId;
use zenml_tflint::syntax::parse_expression;
use zenml_tflint::terraform::{Configuration, ExprRef, RunInputs, load};

const RECORDED: &str = include_str!("../functions/recorded.json");
const FIXTURES: &str = include_str!("../conformance/fixtures.tf");
const TFVARS: &str = include_str!("../conformance/terraform.tfvars");

fn configuration(dir: &Path) -> Configuration {
    fs::write(dir.join("fixtures.tf"), FIXTURES).unwrap();
    fs::write(dir.join("terraform.tfvars"), TFVARS).unwrap();
    fs::write(dir.join("zenml.tf"), "# zenml\n").unwrap();
    let options = Options {
        paths: vec![dir.to_path_buf()],
        cwd: dir.to_path_buf(),
        ..Options::default()
    };
    let mut discovery = discover(&options).unwrap();
    load(&mut discovery, &RunInputs::default())
}

fn show(evaluator: &Evaluator<'_>, instance: InstanceId, expr: &str) -> String {
    let (tree, expr) = parse_expression(expr);
    let file = FileId(u32::MAX);
    match evaluator.foreign_value(instance, &tree, ExprRef { file, expr }) {
        Err(error) => format!("error: {}", error.message),
        Ok(value) if value.sensitive => "SENSITIVE".into(),
        Ok(value) if value.is_unknown() => "UNKNOWN".into(),
        Ok(value) => value.as_str().unwrap_or("no string").to_owned(),
    }
}

#[test]
fn functions_do_what_terraform_does() {
    let dir = tempfile::tempdir().unwrap();
    let configuration = configuration(dir.path());
    let recorded: Vec<(String, String)> = serde_json::from_str(RECORDED).unwrap();
    let root = configuration.roots()[0];
    let context = &configuration.contexts(root, &RunInputs::default())[0];
    let wrong: Vec<String> = recorded
        .iter()
        .filter_map(|(expr, expected)| {
            let evaluator = Evaluator::new(&configuration);
            let instance = evaluator.root(root, context);
            let shown = show(&evaluator, instance, expr);
            (shown != *expected)
                .then(|| format!("{expr}\n  expected {expected}\n  is       {shown}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
