//! Workflow commands of GitHub Actions: annotations beside the lines of a change.

use std::io::{self, Write};

use super::{Run, TOOL, plain};
use crate::finding::{Finding, Severity};

/// Writes a command for each finding.
///
/// # Errors
/// Where `out` fails.
pub fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in run.findings {
        writeln!(out, "{}", command(run, finding))?;
    }
    Ok(())
}

fn command(run: &Run<'_>, finding: &Finding) -> String {
    let (start, end) = run.positions(finding.primary);
    // GitHub takes columns only where an annotation is on one line.
    let columns = if start.line == end.line {
        format!(",col={},endColumn={}", start.column, end.column)
    } else {
        String::new()
    };
    format!(
        "::{} file={},line={},endLine={}{columns},title={}::{}",
        level(finding.severity),
        escape_property(&run.path_in_repository(finding.primary.file)),
        start.line,
        end.line,
        escape_property(&format!("{TOOL} ({})", finding.rule)),
        escape(&run.description(finding)),
    )
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// A message: a line break would end the command and could begin another. What a terminal obeys is written as an escape
/// before, so that no line break is left.
fn escape(text: &str) -> String {
    plain(text).replace('%', "%25")
}

/// The value of a property, which a comma or a colon would end.
fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}
