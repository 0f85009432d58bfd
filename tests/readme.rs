//! The README shows what the program really does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use zenml_tflint::rules;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

#[test]
fn the_report_is_a_real_one() {
    let readme = readme();
    let (_, shown) = readme
        .split_once("<!-- report:begin -->\n```text\n")
        .unwrap();
    let (shown, _) = shown.split_once("```\n<!-- report:end -->").unwrap();
    let output = Command::cargo_bin("zenml-tflint")
        .unwrap()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "--no-env",
            "--color",
            "never",
            "examples/url-from-a-default",
        ])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), shown);
}

#[test]
fn every_rule_is_listed_with_its_severity_and_summary() {
    let readme = readme();
    for rule in rules::all() {
        let page = rule.page();
        let row = format!(
            "| [`{0}`](rules/{0}.md) | {1} | {2} |",
            rule.name, page.severity, page.summary
        );
        assert!(readme.contains(&row), "the README lacks the row\n{row}");
    }
}
