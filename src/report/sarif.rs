//! SARIF 2.1.0, for code scanning.

use std::collections::BTreeMap;
use std::io::{self, Write};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Value, json};

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

/// How bad it is, of 10, where a rule's findings are about secrets: GitHub calls 7.0 and more high, 4.0 and more medium.
const SECURITY_SEVERITY: [(&str, &str); 3] = [
    ("hardcoded-secret", "8.5"),
    ("insecure-server-url", "6.5"),
    ("secret-not-sensitive", "5.5"),
];

/// Writes one log with one run.
///
/// # Errors
/// Where `out` fails.
pub fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rules = described(run);
    let findings = run.findings.iter().zip(run.fingerprints());
    let index: FxHashMap<&str, usize> = rules.iter().map(|rule| &*rule.rule).zip(0..).collect();
    let results: Vec<Value> = findings
        .map(|(finding, fingerprint)| result(run, finding, &index, &fingerprint))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": TOOL,
                "semanticVersion": VERSION,
                "informationUri": REPOSITORY,
                "rules": rules.iter().map(|rule| descriptor(run, rule)).collect::<Vec<_>>(),
            }},
            "originalUriBaseIds": {BASE: {"description": {"text": "The root of the repository."}}},
            "invocations": [invocation(run)],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    write_json(&log, out)
}

/// How the run went: it is no success where something was not checked.
fn invocation(run: &Run<'_>) -> Value {
    let notification = |sentence: String| json!({"level": "error", "message": {"text": sentence}});
    let notifications: Vec<Value> = run.left_out().map(notification).collect();
    json!({
        "executionSuccessful": notifications.is_empty(),
        "toolExecutionNotifications": notifications,
    })
}

/// The rules that found something, each with one of its findings: the built-in ones first, in their order.
fn described<'r>(run: &'r Run<'_>) -> Vec<&'r Finding> {
    let mut first: FxHashMap<&str, &Finding> = FxHashMap::default();
    let mut custom = Vec::new();
    for finding in run.findings {
        let is_new = !first.contains_key(&*finding.rule);
        if is_new && rules::find(&finding.rule).is_none() {
            custom.push(finding);
        }
        first.entry(&*finding.rule).or_insert(finding);
    }
    let built_in = rules::all().iter().filter_map(|rule| first.get(rule.name));
    built_in.copied().chain(custom).collect()
}

fn descriptor(run: &Run<'_>, finding: &Finding) -> Value {
    match rules::find(&finding.rule) {
        Some(rule) => page(rule),
        None => custom(run, finding),
    }
}

/// What a rule's page says. It is the same in every run: masking words of a configuration in it would tell them.
fn page(rule: &Rule) -> Value {
    let page = rule.page();
    let mut sections = page.body.split("\n## ").skip(1);
    let about = sections.find_map(|section| section.strip_prefix("What it does\n"));
    let about = about.unwrap_or(&page.summary).trim();
    let mut descriptor = json!({
        "id": rule.name,
        "name": pascal_case(rule.name),
        "shortDescription": {"text": sentence(&page.summary)},
        "fullDescription": {"text": sentence(about)},
        "help": {"text": page.body, "markdown": page.body},
        "helpUri": help_uri(rule.name),
        "defaultConfiguration": {"level": page.severity.name()},
    });
    let severity = SECURITY_SEVERITY
        .iter()
        .find(|(name, _)| *name == rule.name);
    if let (Some((_, severity)), Some(descriptor)) = (severity, descriptor.as_object_mut()) {
        let properties = json!({"security-severity": severity, "tags": ["security"]});
        descriptor.insert("properties".into(), properties);
    }
    descriptor
}

/// What a finding of a custom rule says of it: its message, and what it demands.
fn custom(run: &Run<'_>, finding: &Finding) -> Value {
    let message = sentence(&finding.message);
    let about = sentence(&run.description(finding));
    json!({
        "id": finding.rule,
        "name": pascal_case(&finding.rule),
        "shortDescription": {"text": message},
        "fullDescription": {"text": about},
        "help": {"text": about, "markdown": about},
        "helpUri": format!("{REPOSITORY}/blob/main/docs/house-rules.md"),
        "defaultConfiguration": {"level": finding.severity.name()},
    })
}

/// The readable name of a rule, which SARIF wants to differ from its identifier: `ServerUrlPath`. One without a capital,
/// as of a custom rule `1`, has a word before it.
fn pascal_case(rule: &str) -> String {
    let words = rule.split(|c: char| !c.is_alphanumeric());
    let words = words.map(|word| {
        let mut rest = word.chars();
        let first = rest.next().map(char::to_uppercase);
        first.into_iter().flatten().chain(rest).collect::<String>()
    });
    let name: String = words.collect();
    if name == rule {
        return format!("Rule{name}");
    }
    name
}

/// A text with a period at its end, as messages and descriptions in SARIF have it.
fn sentence(text: &str) -> String {
    let end = if text.ends_with(['.', '!', '?', ':']) {
        ""
    } else {
        "."
    };
    format!("{text}{end}")
}

fn result(
    run: &Run<'_>,
    finding: &Finding,
    index: &FxHashMap<&str, usize>,
    fingerprint: &str,
) -> Value {
    let related = finding.related.iter();
    let related = related.map(|(place, message)| noted(run, *place, message));
    let fixes: Vec<Value> = fix(run, finding).into_iter().collect();
    json!({
        "ruleId": finding.rule,
        "ruleIndex": index.get(&*finding.rule),
        "level": finding.severity.name(),
        "message": {"text": sentence(&run.description(finding))},
        "locations": [location(run, finding.primary)],
        "relatedLocations": distinct(related),
        "codeFlows": code_flow(run, finding).into_iter().collect::<Vec<_>>(),
        "partialFingerprints": {FINGERPRINT: fingerprint},
        "fixes": fixes,
    })
}

/// The trace from the literal to the argument; `None` where the literal stands in the argument.
fn code_flow(run: &Run<'_>, finding: &Finding) -> Option<Value> {
    let steps = finding.related.iter().take(finding.steps);
    let steps = steps.map(|(place, message)| noted(run, *place, message));
    let start = noted(run, finding.primary, "the literal is written here");
    let locations: Vec<Value> = std::iter::once(start)
        .chain(steps)
        .map(|location| json!({"location": location}))
        .collect();
    (locations.len() > 1).then(|| json!({"threadFlows": [{"locations": locations}]}))
}

/// A location with what is said of it.
fn noted(run: &Run<'_>, place: Location, message: &str) -> Value {
    let mut location = location(run, place);
    if let Some(location) = location.as_object_mut() {
        let message = sentence(message);
        location.insert("message".into(), json!({"text": message}));
    }
    location
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
            "description": {"text": fix.title.to_string()},
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
