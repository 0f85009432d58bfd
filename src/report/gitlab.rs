//! GitLab's code quality report, for the widget of merge requests.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Run, write_json};
use crate::finding::{Finding, Severity};

/// Writes one JSON array with an object for each finding.
///
/// # Errors
/// Where `out` fails.
pub fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = run.findings.iter().zip(run.fingerprints());
    let issues: Vec<Value> = findings
        .map(|(finding, fingerprint)| issue(run, finding, &fingerprint))
        .collect();
    write_json(&issues, out)
}

fn issue(run: &Run<'_>, finding: &Finding, fingerprint: &str) -> Value {
    let (start, end) = run.positions(finding.primary);
    json!({
        "type": "issue",
        "check_name": finding.rule,
        "description": run.description(finding),
        "severity": severity(finding.severity),
        "fingerprint": fingerprint,
        "location": {
            "path": run.path_in_repository(finding.primary.file),
            "lines": {"begin": start.line, "end": end.line},
        },
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Note => "info",
    }
}
