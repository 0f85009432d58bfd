//! The stable JSON form.

use std::io::{self, Write};

use serde::Serialize;

use super::{Run, is_obeyed};
use crate::finding::{self, Severity};
use crate::source::{Location, Position};

/// Changes when a field changes its meaning.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    tool: Tool,
    findings: Vec<Finding<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: Severity,
    message: String,
    help: Option<String>,
    #[serde(flatten)]
    place: Place,
    related: Vec<Related>,
    fix: Option<Fix>,
}

#[derive(Serialize)]
struct Place {
    path: String,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Related {
    message: String,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct Fix {
    title: String,
    safe: bool,
    edits: Vec<Edit>,
}

#[derive(Serialize)]
struct Edit {
    #[serde(flatten)]
    place: Place,
    replacement: String,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    fixable: usize,
}

/// Writes the whole report as one JSON object.
///
/// # Errors
/// Where `out` fails.
pub fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = run.counts();
    let report = Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        findings: run.findings.iter().map(|f| finding(run, f)).collect(),
        summary: Summary {
            files: run.files,
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            fixable: counts.fixable,
        },
    };
    let text = serde_json::to_string_pretty(&report)?;
    writeln!(out, "{}", escape(&text))
}

fn finding<'a>(run: &Run<'_>, finding: &'a finding::Finding) -> Finding<'a> {
    let related = |(location, message): &(Location, String)| Related {
        message: run.redactor.text(message),
        place: place(run, *location),
    };
    Finding {
        rule: &finding.rule,
        severity: finding.severity,
        message: run.redactor.text(&finding.message),
        help: finding.help.as_ref().map(|help| run.redactor.text(help)),
        place: place(run, finding.primary),
        related: finding.related.iter().map(related).collect(),
        fix: finding.fix.as_ref().and_then(|f| fix(run, f)),
    }
}

fn place(run: &Run<'_>, location: Location) -> Place {
    let at = |offset: u32| {
        let file = run.sources.get(location.file);
        file.map_or(
            Position {
                line: 1,
                column: 1,
                offset: 0,
            },
            |file| file.position(offset as usize),
        )
    };
    Place {
        path: run.path(location.file),
        start: at(location.span.start),
        end: at(location.span.end),
    }
}

/// Nothing where an edit would have to be masked: half a fix would do harm.
fn fix(run: &Run<'_>, fix: &finding::Fix) -> Option<Fix> {
    let edit = |edit: &finding::Edit| {
        let is_shown = run.redactor.text(&edit.replacement) == edit.replacement;
        is_shown.then(|| Edit {
            place: place(run, edit.location),
            replacement: edit.replacement.clone(),
        })
    };
    Some(Fix {
        title: run.redactor.text(&fix.title),
        safe: fix.safe,
        edits: fix.edits.iter().map(edit).collect::<Option<_>>()?,
    })
}

/// JSON's own escapes for what a terminal would obey and JSON lets stand. All such characters stand in strings; the line
/// breaks of the layout stay.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_obeyed(c) && c != '\n' {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}
