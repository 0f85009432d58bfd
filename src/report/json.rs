//! The stable JSON form.

use std::io::{self, Write};

use serde::Serialize;

use super::{Run, TOOL, VERSION, write_json};
use crate::finding::{self, Severity};
use crate::message::Message;
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
    fixable_unsafe: usize,
    incomplete: Vec<String>,
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
            name: TOOL,
            version: VERSION,
        },
        findings: run.findings.iter().map(|f| finding(run, f)).collect(),
        summary: Summary {
            files: run.files,
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            fixable: counts.fixable,
            fixable_unsafe: counts.fixable_unsafe,
            incomplete: run.left_out().collect(),
        },
    };
    write_json(&report, out)
}

fn finding<'a>(run: &Run<'_>, finding: &'a finding::Finding) -> Finding<'a> {
    let related = |(location, message): &(Location, Message)| Related {
        message: message.to_string(),
        place: place(run, *location),
    };
    Finding {
        rule: &finding.rule,
        severity: finding.severity,
        message: finding.message.to_string(),
        help: finding.help.as_ref().map(Message::to_string),
        place: place(run, finding.primary),
        related: finding.related.iter().map(related).collect(),
        fix: run.fix(finding).map(|f| fix(run, f)),
    }
}

fn place(run: &Run<'_>, location: Location) -> Place {
    let (start, end) = run.positions(location);
    Place {
        path: run.path(location.file),
        start,
        end,
    }
}

fn fix(run: &Run<'_>, fix: &finding::Fix) -> Fix {
    let edit = |edit: &finding::Edit| Edit {
        place: place(run, edit.location),
        replacement: edit.replacement.clone(),
    };
    Fix {
        title: fix.title.to_string(),
        safe: fix.safe,
        edits: fix.edits.iter().map(edit).collect(),
    }
}
