//! What a run has found, in the formats that people and programs read.
//!
//! Every format takes the same [`Run`]. No text reaches an output but through the run's redactor, and no control
//! character that stands in a file, a path or a message reaches a terminal as it is.

pub mod concise;
mod excerpt;
pub mod human;
pub mod json;

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::redact::Redactor;
use crate::source::{FileId, Sources};

/// What all formats report.
pub struct Run<'a> {
    /// The files that were read.
    pub sources: &'a Sources,
    /// What of their texts may be shown.
    pub redactor: &'a Redactor<'a>,
    /// In the order in which they are reported.
    pub findings: &'a [Finding],
    /// How many configuration files were looked at under the paths of the run (tfvars apart).
    pub files: usize,
    /// Whether unsafe fixes count as fixes.
    pub unsafe_fixes: bool,
    /// How many findings this run has mended.
    pub applied: usize,
}

/// How many findings there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings of severity note.
    pub notes: usize,
    /// Findings with a safe fix.
    pub fixable: usize,
}

impl Run<'_> {
    /// How many findings there are of each kind.
    pub fn counts(&self) -> Counts {
        let of = |severity| {
            let findings = self.findings.iter();
            findings.filter(|f| f.severity == severity).count()
        };
        let is_fixable = |finding: &&Finding| {
            let fix = finding.fix.as_ref();
            fix.is_some_and(|fix| fix.safe || self.unsafe_fixes)
        };
        Counts {
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
            notes: of(Severity::Note),
            fixable: self.findings.iter().filter(is_fixable).count(),
        }
    }

    /// How often each rule fired, most often first, then by name.
    pub fn statistics(&self) -> Vec<(&str, usize)> {
        let mut counts = BTreeMap::new();
        for finding in self.findings {
            *counts.entry(&*finding.rule).or_insert(0) += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }

    /// The path of a file as it may be shown.
    fn path(&self, file: FileId) -> String {
        let path = self.sources.get(file).map_or("", |file| &file.display);
        self.redactor.path(path)
    }

    /// A message or a help text as a terminal may have it: without secrets, on one line.
    fn shown(&self, text: &str) -> String {
        plain(&self.redactor.text(text))
    }
}

/// A text on one line, with every character that a terminal would obey written as an escape.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if is_obeyed(c) {
            plain.extend(c.escape_default());
        } else {
            plain.push(c);
        }
    }
    plain
}

/// Whether a terminal obeys a character instead of showing it: controls, line separators, and what changes the direction
/// of writing.
fn is_obeyed(c: char) -> bool {
    let changes_direction = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    c.is_control() || changes_direction || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
