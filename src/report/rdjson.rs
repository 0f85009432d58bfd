//! Reviewdog's Diagnostic Format: review comments, with suggestions to click on.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{REPOSITORY, Run, TOOL, help_uri, write_json};
use crate::finding::{Edit, Finding, Severity};
use crate::fix;
use crate::source::{Location, Span};

/// Of a fix that spans more bytes, nobody reads what it changes.
const LONGEST_SUGGESTION: usize = 4096;

/// Writes one `DiagnosticResult`.
///
/// # Errors
/// Where `out` fails.
pub fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = run.findings.iter();
    let diagnostics: Vec<Value> = findings.map(|finding| diagnostic(run, finding)).collect();
    let result = json!({
        "source": {"name": TOOL, "url": REPOSITORY},
        "diagnostics": diagnostics,
    });
    write_json(&result, out)
}

fn diagnostic(run: &Run<'_>, finding: &Finding) -> Value {
    let related = finding.related.iter().map(|(place, message)| {
        json!({
            "message": message.to_string(),
            "location": location(run, *place),
        })
    });
    let mut code = json!({"value": finding.rule});
    if let (Some(url), Some(code)) = (help_uri(&finding.rule), code.as_object_mut()) {
        code.insert("url".into(), url.into());
    }
    json!({
        "message": run.description(finding),
        "location": location(run, finding.primary),
        "severity": severity(finding.severity),
        "code": code,
        "suggestions": suggestion(run, finding).into_iter().collect::<Vec<_>>(),
        "related_locations": related.collect::<Vec<_>>(),
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note => "INFO",
    }
}

fn location(run: &Run<'_>, place: Location) -> Value {
    json!({"path": run.path(place.file), "range": range(run, place)})
}

/// Lines and columns from 1; columns count bytes of UTF-8, those of a byte-order mark among them. The end is exclusive.
fn range(run: &Run<'_>, place: Location) -> Value {
    let at = |offset: u32| {
        let file = run.sources.get(place.file);
        let (line, start) = file.map_or((0, 0), |file| {
            let line = file.line_at(offset as usize);
            (line, file.line_span(line).start)
        });
        json!({"line": line + 1, "column": offset.saturating_sub(start) + 1})
    };
    json!({"start": at(place.span.start), "end": at(place.span.end)})
}

/// The fix that this run would apply, as one replacement: suggestions are taken one by one, and half a fix would do harm.
/// Nothing where a fix reaches into other files or far apart places, or where the text between its edits holds a secret.
fn suggestion(run: &Run<'_>, finding: &Finding) -> Option<Value> {
    let fix = run.fix(finding)?;
    let file = finding.primary.file;
    let is_here = |edit: &Edit| edit.location.file == file;
    if !(fix.safe || run.unsafe_fixes) || !fix.edits.iter().all(is_here) {
        return None;
    }
    let spans = fix.edits.iter().map(|edit| edit.location.span);
    let whole = spans.reduce(Span::to)?;
    let before = whole.text(&run.sources.get(file)?.text);
    if before.len() > LONGEST_SUGGESTION
        || !run
            .redactor
            .shows(Location { file, span: whole }, &finding.about)
    {
        return None;
    }
    let edits: Vec<Edit> = fix.edits.iter().map(|e| shifted(e, whole.start)).collect();
    Some(json!({
        "range": range(run, Location { file, span: whole }),
        "text": fix::apply(before, edits.iter().collect()),
    }))
}

/// The same edit in a text that begins at an offset of the file.
fn shifted(edit: &Edit, start: u32) -> Edit {
    let mut edit = edit.clone();
    let span = &mut edit.location.span;
    span.start = span.start.saturating_sub(start);
    span.end = span.end.saturating_sub(start);
    edit
}
