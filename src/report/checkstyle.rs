//! Checkstyle's XML, which many annotators read.

use std::io::{self, Write};

use super::xml::escape;
use super::{Run, TOOL};
use crate::finding::{Finding, Severity};

/// Writes a `file` element for each file with findings, and in it an `error` element for each.
///
/// # Errors
/// Where `out` fails.
pub fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<checkstyle version=\"8.0\">")?;
    for findings in run.by_file() {
        let path = findings.first().map(|first| run.path(first.primary.file));
        let path = escape(&path.unwrap_or_default());
        writeln!(out, "  <file name=\"{path}\">")?;
        for finding in findings {
            write_finding(run, finding, out)?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn write_finding(run: &Run<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let (start, _) = run.positions(finding.primary);
    writeln!(
        out,
        "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"{TOOL}.{}\"/>",
        start.line,
        start.column,
        severity(finding.severity),
        escape(&run.description(finding)),
        escape(&finding.rule),
    )
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    }
}
