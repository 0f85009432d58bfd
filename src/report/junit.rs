//! JUnit's XML, for the test tabs of CI servers. Errors and warnings are failures; notes are tests that pass, with what
//! they say as output.

use std::io::{self, Write};

use super::xml::escape;
use super::{Run, TOOL};
use crate::finding::{Finding, Severity};

/// Writes a test suite for each file with findings, and in it a test case for each.
///
/// # Errors
/// Where `out` fails.
pub fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    if run.findings.is_empty() && run.incomplete.is_empty() {
        return write_clean(out);
    }
    let totals = totals(run.findings, run.incomplete.len());
    writeln!(out, "<testsuites name=\"{TOOL}\" {totals}>")?;
    for findings in run.by_file() {
        write_suite(run, findings, out)?;
    }
    write_incomplete(run, out)?;
    writeln!(out, "</testsuites>")
}

/// Readers take a report without any test for a run that broke.
fn write_clean(out: &mut dyn Write) -> io::Result<()> {
    let totals = "tests=\"1\" failures=\"0\" errors=\"0\"";
    writeln!(out, "<testsuites name=\"{TOOL}\" {totals}>")?;
    writeln!(out, "  <testsuite name=\"{TOOL}\" {totals}>")?;
    writeln!(
        out,
        "    <testcase name=\"no problems found\" classname=\"{TOOL}\"/>"
    )?;
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

/// A test that could not run, for each thing that was not checked.
fn write_incomplete(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    if run.incomplete.is_empty() {
        return Ok(());
    }
    let totals = totals(&[], run.incomplete.len());
    writeln!(out, "  <testsuite name=\"{TOOL}\" {totals}>")?;
    for sentence in run.left_out() {
        let sentence = escape(&sentence);
        writeln!(
            out,
            "    <testcase name=\"not checked\" classname=\"{TOOL}\">\n      <error message=\"{sentence}\"/>\n    </testcase>"
        )?;
    }
    writeln!(out, "  </testsuite>")
}

fn write_suite(run: &Run<'_>, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let path = findings
        .first()
        .map(|first| run.path_in_repository(first.primary.file));
    let path = escape(&path.unwrap_or_default());
    let totals = totals(findings, 0);
    writeln!(
        out,
        "  <testsuite name=\"{path}\" package=\"{TOOL}\" {totals}>"
    )?;
    for finding in findings {
        write_case(run, finding, &path, out)?;
    }
    writeln!(out, "  </testsuite>")
}

fn write_case(run: &Run<'_>, finding: &Finding, path: &str, out: &mut dyn Write) -> io::Result<()> {
    let (start, _) = run.positions(finding.primary);
    let (line, column) = (start.line, start.column);
    let rule = escape(&finding.rule);
    writeln!(
        out,
        "    <testcase name=\"{rule} ({line}:{column})\" classname=\"{path}\" file=\"{path}\" line=\"{line}\">"
    )?;
    let description = escape(&run.description(finding));
    if is_failure(finding) {
        let message = escape(&finding.message);
        writeln!(
            out,
            "      <failure message=\"{message}\" type=\"{}\">{path}:{line}:{column}: {description}</failure>",
            finding.severity
        )?;
    } else {
        writeln!(
            out,
            "      <system-out>{path}:{line}:{column}: {description}</system-out>"
        )?;
    }
    writeln!(out, "    </testcase>")
}

fn totals(findings: &[Finding], errors: usize) -> String {
    let tests = findings.len() + errors;
    let failures = findings.iter().filter(|f| is_failure(f)).count();
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"")
}

fn is_failure(finding: &Finding) -> bool {
    finding.severity > Severity::Note
}
