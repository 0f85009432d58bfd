//! What is done with the bytes that a fuzzer makes up: one function for each target. `tests/integration/fuzz.rs` does the same with
//! the inputs that were kept.
//!
//! A function returns where everything went as it should, and panics where it did not.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use zenml_tflint::config::{self, ConfigSource};
use zenml_tflint::console;
use zenml_tflint::fix::{Mended, mend, unified};
use zenml_tflint::lint::lint;
use zenml_tflint::reader::Reader;
use zenml_tflint::report::{Run, json as json_report};
use zenml_tflint::rules;
use zenml_tflint::settings::Settings;
use zenml_tflint::source::Span;
use zenml_tflint::syntax::{
    JsonKind, Tree, parse_expression, parse_json, parse_native, parse_template,
};

/// A target, under its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 7] = [
    ("structure", structure),
    ("expressions", expressions),
    ("json", json),
    ("evaluation", evaluation),
    ("fixes", fixes),
    ("configuration", configuration),
    ("ignores", ignores),
];

/// A module in which several rules fire, in the native syntax.
const MODULE: &str = r#"terraform {
  required_providers {
    zenml = {
      source = "zenml-io/zenml"
    }
  }
}

variable "url" {
  default = "https://zenml.acme.com/"
}

provider "zenml" {
  server_url = var.url
  api_key    = "made-up"
  servr      = 1
}
"#;

/// The expressions of a text that are asked for.
const MOST_EXPRESSIONS: usize = 40;

/// Bytes as a file in the native syntax.
pub fn structure(bytes: &[u8]) {
    let text = text(bytes);
    check_tree(&parse_native(&text), &text);
}

/// Bytes as an expression, and as a template.
pub fn expressions(bytes: &[u8]) {
    let text = text(bytes);
    check_tree(&parse_expression(&text).0, &text);
    check_tree(&parse_template(&text).0, &text);
}

/// Bytes as a file in JSON syntax, of every kind.
pub fn json(bytes: &[u8]) {
    let text = text(bytes);
    for kind in [
        JsonKind::Config,
        JsonKind::Stack,
        JsonKind::Tfvars,
        JsonKind::Test,
    ] {
        check_tree(&parse_json(&text, kind), &text);
    }
}

/// Bytes as a repository, every expression of whose root module is evaluated.
pub fn evaluation(bytes: &[u8]) {
    let text = text(bytes);
    let directory = repository(&text);
    let main = fs::read_to_string(directory.path().join("main.tf")).unwrap_or_default();
    let tree = parse_native(&main);
    let attributes = tree.attributes.iter();
    let places = attributes.map(|attribute| tree.expr(attribute.expr).span);
    let expressions: Vec<&str> = places.map(|place| place.text(&main)).collect();
    let answers = console::open(&settings(&directory), Path::new("."), false, |console| {
        for expression in expressions.iter().take(MOST_EXPRESSIONS) {
            console.human(expression);
            let answer = console.json(expression);
            assert!(answer.starts_with('{'), "{answer}");
        }
    });
    // A file that cannot be read is refused.
    let _ = answers;
}

/// Bytes as a repository that is mended.
pub fn fixes(bytes: &[u8]) {
    mend_all(&repository(&text(bytes)));
}

/// Bytes as a configuration, with which a module is checked if it is one.
pub fn configuration(bytes: &[u8]) {
    let directory = repository(MODULE);
    write(&directory, ".zenml-tflint.toml", bytes);
    let names: Vec<&str> = rules::all().iter().map(|rule| rule.name).collect();
    let path = directory.path();
    if let Ok(config) =
        config::for_directory(path, &ConfigSource::Nearest, &names, Reader::default())
    {
        let _ = config.to_table();
    }
    // It fails where the configuration cannot be used.
    if lint(&settings(&directory)).is_ok() {
        mend_all(&directory);
    }
}

/// The lines of a text as comments in a module: one before each line and one behind it, in turn.
pub fn ignores(bytes: &[u8]) {
    let comments = text(bytes);
    let mut comments = comments.lines().map(|line| line.replace("*/", ""));
    let mut module = String::new();
    for line in MODULE.lines() {
        for marker in ["#", "//"] {
            let comment = comments.next();
            module += &comment.map_or_else(String::new, |comment| format!("{marker}{comment}\n"));
        }
        let behind = comments.next();
        let behind = behind.map_or_else(String::new, |comment| format!(" /*{comment}*/"));
        module += &format!("{line}{behind}\n");
    }
    mend_all(&repository(&module));
}

/// Bytes as the program takes the bytes of a file.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A repository that a text describes as fixtures do: `# file: NAME` begins another file, what stands before is `main.tf`.
fn repository(text: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory can be made");
    fs::create_dir(directory.path().join(".git")).expect("a directory can be made");
    let mut name = "main.tf";
    let mut content = String::new();
    for line in text.split_inclusive('\n') {
        match line
            .trim_end()
            .strip_prefix("# file: ")
            .filter(|name| is_name(name))
        {
            Some(next) => {
                write(&directory, name, content.as_bytes());
                content.clear();
                name = next;
            }
            None => content.push_str(line),
        }
    }
    write(&directory, name, content.as_bytes());
    directory
}

/// Whether a name is that of a file in the repository, wherever it leads.
fn is_name(name: &str) -> bool {
    let is_plain = |part: &str| {
        let mut characters = part.chars();
        !part.starts_with('.') && characters.all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    name.len() < 60
        && name
            .split('/')
            .all(|part| !part.is_empty() && is_plain(part))
}

/// Writes a file, unless another stands in its way.
fn write(directory: &TempDir, name: &str, content: &[u8]) {
    let path = directory.path().join(name);
    let made = path.parent().map(fs::create_dir_all);
    if let Some(Ok(())) = made {
        let _ = fs::write(path, content);
    }
}

fn settings(directory: &TempDir) -> Settings {
    Settings {
        directory: directory.path().to_owned(),
        jobs: Some(1),
        now: 1_767_225_600,
        ..Settings::default()
    }
}

/// Mends a repository, writes that down, and sees that a second time changes nothing. The checks report what they find.
fn mend_all(directory: &TempDir) {
    let settings = settings(directory);
    // A configuration that cannot be used.
    let Ok(mended) = mend(&settings, true) else {
        return;
    };
    report(&mended);
    for change in &mended.changes {
        let before = change.before.as_deref();
        let diff = unified(&change.display, before, &change.after);
        assert_ne!(before, Some(change.after.as_str()));
        let path = change.path.as_path();
        let errors = mended.before.syntax_errors(path);
        assert!(mended.outcome.syntax_errors(path) <= errors, "{diff}");
        fs::write(path, &change.after).expect("a file can be written");
    }
    let again = mend(&settings, true).expect("the settings are the same");
    assert_eq!(again.changes.len(), 0, "{:?}", again.changes);
}

fn report(mended: &Mended) {
    let outcome = &mended.before;
    let redactor = outcome.redactor();
    let run = Run {
        sources: outcome.sources(),
        redactor: &redactor,
        findings: &outcome.findings,
        files: outcome.files,
        unsafe_fixes: true,
        applied: mended.applied,
        known: 0,
        incomplete: &[],
        threads: None,
    };
    let mut report = Vec::new();
    json_report::write(&run, &mut report).expect("a buffer can be written");
    assert!(report.ends_with(b"}\n"));
}

/// Whether every place of a tree is one of its text, and every reference within the tree leads somewhere.
fn check_tree(tree: &Tree, text: &str) {
    let check = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?}");
    for expr in &tree.exprs {
        check(expr.span);
    }
    for body in &tree.bodies {
        check(body.span);
        for attribute in tree.attributes_of(body) {
            check(attribute.span);
            check(attribute.name_span);
            assert!((attribute.expr.0 as usize) < tree.exprs.len());
        }
        for block in tree.blocks_of(body) {
            check(block.span);
            check(block.header_span);
            block.labels.iter().for_each(|label| check(label.span));
            assert!((block.body.0 as usize) < tree.bodies.len());
        }
    }
    tree.comments.iter().for_each(|comment| check(comment.span));
    for error in &tree.errors {
        check(error.span);
        assert!(!error.message.is_empty());
    }
}
