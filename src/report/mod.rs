//! What a run has found, in the formats that people and programs read.
//!
//! Every format takes the same [`Run`]. No text reaches an output but through the run's redactor, and no control
//! character that stands in a file, a path or a message reaches a terminal as it is.

pub mod checkstyle;
pub mod concise;
mod excerpt;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod junit;
pub mod rdjson;
pub mod sarif;
mod xml;

use std::collections::BTreeMap;
use std::io::{self, Write};

use rayon::ThreadPool;

use crate::finding::{Finding, Fix, Severity};
use crate::fingerprint;
use crate::redact::{self, Redactor};
use crate::rules;
use crate::source::{FileId, Location, Position, Sources};

/// The program's name, as reports give it.
const TOOL: &str = env!("CARGO_PKG_NAME");
/// The program's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Where the project lives: written once, in `Cargo.toml`.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

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
    /// How many findings are not reported since the baseline has them.
    pub known: usize,
    /// What was not checked, and why: a sentence each.
    pub incomplete: &'a [String],
    /// Threads that help, where there are any.
    pub threads: Option<&'a ThreadPool>,
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
    /// Findings with a safe fix; with any fix where unsafe fixes count as fixes.
    pub fixable: usize,
    /// Findings with a fix that are not among these.
    pub fixable_unsafe: usize,
}

impl Run<'_> {
    /// How many findings there are of each kind.
    pub fn counts(&self) -> Counts {
        let of = |severity| {
            let findings = self.findings.iter();
            findings.filter(|f| f.severity == severity).count()
        };
        let fixes = self.findings.iter().filter_map(|f| f.fix.as_ref());
        let fixable = fixes.clone().filter(|fix| fix.safe || self.unsafe_fixes);
        let fixable = fixable.count();
        Counts {
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
            notes: of(Severity::Note),
            fixable,
            fixable_unsafe: fixes.count() - fixable,
        }
    }

    /// What was not checked, as it may be shown.
    fn left_out(&self) -> impl Iterator<Item = String> {
        let sentences = self.incomplete.iter();
        sentences.map(|sentence| redact::by_shape(sentence))
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

    /// The path of a file as it may be shown, relative to the current directory: for people, and for programs that are
    /// run beside this one.
    fn path(&self, file: FileId) -> String {
        let path = self.sources.get(file).map_or("", |file| &file.display);
        self.redactor.path(path)
    }

    /// The path of a file as it may be shown, relative to the root of the repository: for services that show findings in
    /// the repository's files, and never learn where the program was run.
    fn path_in_repository(&self, file: FileId) -> String {
        self.redactor.path(&self.sources.path_in_repository(file))
    }

    /// The findings of each file that has any.
    fn by_file(&self) -> impl Iterator<Item = &[Finding]> {
        self.findings
            .chunk_by(|a, b| a.primary.file == b.primary.file)
    }

    /// Where a place begins and ends.
    fn positions(&self, place: Location) -> (Position, Position) {
        const NOWHERE: Position = Position {
            line: 1,
            column: 1,
            offset: 0,
        };
        let file = self.sources.get(place.file);
        let at = |offset| file.map_or(NOWHERE, |file| file.position(offset as usize));
        (at(place.span.start), at(place.span.end))
    }

    /// What is wrong and what to write instead, without secrets.
    fn description(&self, finding: &Finding) -> String {
        let message = finding.message.to_string();
        match &finding.help {
            Some(help) => {
                format!("{}; {help}", message.trim_end_matches('.'))
            }
            None => message,
        }
    }

    /// The fix of a finding; nothing where an edit would have to be masked: half a fix would do harm.
    fn fix<'f>(&self, finding: &'f Finding) -> Option<&'f Fix> {
        let is_shown = |text: &str| redact::by_shape(text) == text;
        let fix = finding.fix.as_ref()?;
        let mut edits = fix.edits.iter();
        edits.all(|edit| is_shown(&edit.replacement)).then_some(fix)
    }

    /// What each finding is known by from run to run, while other lines come and go. No two are the same.
    fn fingerprints(&self) -> Vec<String> {
        let mut seen: BTreeMap<[String; 3], usize> = BTreeMap::new();
        let findings = self.findings.iter().map(|finding| {
            let context = fingerprint::context(self.sources, self.redactor, finding);
            let path = self.path_in_repository(finding.primary.file);
            let key = [finding.rule.to_string(), path, context];
            let [rule, path, context] = &key;
            let occurrence = seen.get(&key).copied().unwrap_or_default();
            let known = fingerprint::hash(&[rule, path, context, &occurrence.to_string()]);
            seen.insert(key, occurrence + 1);
            known
        });
        findings.collect()
    }

    /// A message or a help text as a terminal may have it: without secrets, on one line.
    fn shown(&self, text: &str) -> String {
        plain(text)
    }
}

/// Where the page of a built-in rule is read; a rule that a configuration makes up has none.
pub fn help_uri(rule: &str) -> Option<String> {
    let rule = rules::find(rule)?;
    Some(format!("{REPOSITORY}/blob/main/rules/{}.md", rule.name))
}

/// Writes a value as JSON that no terminal obeys.
pub(crate) fn write_json(value: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", escape_json(&text))
}

/// JSON's own escapes for what a terminal would obey and JSON lets stand. All such characters stand in strings; the line
/// breaks of the layout stay.
fn escape_json(json: &str) -> String {
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
