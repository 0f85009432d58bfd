//! SARIF 2.1.0, for code scanning.

use std::collections::BTreeMap;
use std::io::{self, Write};

use rustc_hash::FxHashSet;
use serde_json::{Map, Value, json};

use super::{REPOSITORY, Run, TOOL, VERSION, help_uri, write_json};
use crate::finding::{Edit, Finding};
use crate::rules::{self, Rule};
use crate::source::{FileId, Location};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name of our fingerprints; its number changes when they do.
const FINGERPRINT: &str = "zenmlTflint/v1";
/// What paths are relative to: the root of the checkout.
const BASE: &str = "%SRCROOT%";

/// Writes one log with one run.
///
/// # Errors
/// Where `out` fails.
pub fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rules = described(run);
    let findings = run.findings.iter().zip(run.fingerprints());
    let results: Vec<Value> = findings
        .map(|(finding, fingerprint)| result(run, finding, &rules, &fingerprint))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": TOOL,
                "semanticVersion": VERSION,
                "informationUri": REPOSITORY,
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    write_json(&log, out)
}

/// The names of all rules: the built-in ones, then those that a configuration makes up and that found something.
fn described<'r>(run: &'r Run<'_>) -> Vec<&'r str> {
    let mut names: Vec<&str> = rules::all().iter().map(|rule| rule.name).collect();
    for finding in run.findings {
        if !names.contains(&&*finding.rule) {
            names.push(&finding.rule);
        }
    }
    names
}

fn descriptor(name: &str) -> Value {
    let mut descriptor = json!({"id": name});
    if let (Some(rule), Some(object)) = (rules::find(name), descriptor.as_object_mut()) {
        object.extend(page(rule));
    }
    descriptor
}

/// What a rule's page says. It is the same in every run: masking words of a configuration in it would tell them.
fn page(rule: &Rule) -> Map<String, Value> {
    let page = rule.page();
    let mut sections = page.body.split("\n## ").skip(1);
    let about = sections.find_map(|section| section.strip_prefix("What it does\n"));
    let about = about.unwrap_or(&page.summary).trim();
    let pairs = [
        ("name", json!(rule.name)),
        ("shortDescription", json!({"text": page.summary})),
        ("fullDescription", json!({"text": about})),
        ("help", json!({"text": page.body, "markdown": page.body})),
        ("helpUri", json!(help_uri(rule.name))),
        (
            "defaultConfiguration",
            json!({"level": page.severity.name()}),
        ),
    ];
    let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value));
    pairs.collect()
}

fn result(run: &Run<'_>, finding: &Finding, rules: &[&str], fingerprint: &str) -> Value {
    let related = finding.related.iter().map(|(place, message)| {
        let mut related = location(run, *place);
        if let Some(related) = related.as_object_mut() {
            let message = run.redactor.text(message);
            related.insert("message".into(), json!({"text": message}));
        }
        related
    });
    let fixes: Vec<Value> = fix(run, finding).into_iter().collect();
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.iter().position(|name| *name == finding.rule),
        "level": finding.severity.name(),
        "message": {"text": run.description(finding)},
        "locations": [location(run, finding.primary)],
        "relatedLocations": distinct(related),
        "partialFingerprints": {FINGERPRINT: fingerprint},
        "fixes": fixes,
    })
}

/// SARIF wants every related place once.
fn distinct(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut seen = FxHashSet::default();
    values
        .filter(|value| seen.insert(value.to_string()))
        .collect()
}

fn location(run: &Run<'_>, place: Location) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": artifact(run, place.file),
        "region": region(run, place),
    }})
}

fn artifact(run: &Run<'_>, file: FileId) -> Value {
    json!({"uri": uri(&run.path_in_repository(file)), "uriBaseId": BASE})
}

fn region(run: &Run<'_>, place: Location) -> Value {
    let (start, end) = run.positions(place);
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn fix(run: &Run<'_>, finding: &Finding) -> Option<Value> {
    let fix = run.fix(finding)?;
    let mut by_file: BTreeMap<FileId, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let replacements = by_file.entry(edit.location.file).or_default();
        replacements.push(replacement(run, edit));
    }
    let change = |(file, replacements): (FileId, Vec<Value>)| {
        json!({
            "artifactLocation": artifact(run, file),
            "replacements": replacements,
        })
    };
    let changes: Vec<Value> = by_file.into_iter().map(change).collect();
    // A fix has at least one change.
    (!changes.is_empty()).then(|| {
        json!({
            "description": {"text": run.redactor.text(&fix.title)},
            "artifactChanges": changes,
            "properties": {"safe": fix.safe},
        })
    })
}

fn replacement(run: &Run<'_>, edit: &Edit) -> Value {
    json!({
        "deletedRegion": region(run, edit.location),
        "insertedContent": {"text": edit.replacement},
    })
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
