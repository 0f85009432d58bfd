//! Findings that a repository is allowed to keep: those that it had when it began to be checked.
//!
//! An entry names a rule, a file and a hash of the line, so that it outlives moved lines; where its file is gone, it is
//! looked for in other files, so that it outlives a renamed directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::fingerprint;
use crate::redact::Redactor;
use crate::source::{Sources, display_path};

/// Changes when older programs could not read a baseline rightly.
const VERSION: u64 = 1;

/// The name of a baseline that nobody named.
pub const DEFAULT_FILE: &str = ".zenml-tflint-baseline.json";

/// Findings that are known, each as often as it may occur.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    directory: PathBuf,
    entries: BTreeMap<Entry, usize>,
    is_own_edit: bool,
}

/// A finding that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The file, relative to the baseline's directory, with `/`.
    pub path: String,
    /// The rule.
    pub rule: String,
    /// What [`fingerprint::context`] says of the place.
    pub context: String,
}

/// What a baseline makes of the findings of a run.
#[derive(Debug)]
pub struct Compared {
    /// What it does not have.
    pub new: Vec<Finding>,
    /// What it has and the run has found.
    pub known: Baseline,
    /// What it has and the run has not found.
    pub left: Baseline,
}

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BadBaseline {
    /// No JSON, or not these fields.
    #[error("is not a baseline ({})", malformed(.0))]
    Malformed(#[from] serde_json::Error),
    /// Of another program.
    #[error(
        "is a baseline of version {0}, and this program reads version {VERSION}: write it again with `--write-baseline` after removing it"
    )]
    Version(u64),
}

/// Where a text is malformed, or which field of ours it lacks: nothing that it holds is quoted.
fn malformed(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let missing = text.split(" at line").next();
    match missing.filter(|text| text.starts_with("missing field")) {
        Some(missing) => format!("line {line}, column {column}: {missing}"),
        None => format!("line {line}, column {column}"),
    }
}

#[derive(Deserialize)]
struct Versioned {
    baseline_version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    baseline_version: u64,
    findings: Vec<Written>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    path: String,
    rule: String,
    context: String,
    count: std::num::NonZeroUsize,
}

impl Baseline {
    /// Reads a baseline whose paths are relative to a directory (absolute, links resolved).
    ///
    /// # Errors
    /// Where the text is none, or one of another version.
    pub fn parse(text: &str, directory: PathBuf) -> Result<Self, BadBaseline> {
        let version = serde_json::from_str::<Versioned>(text)?.baseline_version;
        if version != VERSION {
            return Err(BadBaseline::Version(version));
        }
        let file: File = serde_json::from_str(text)?;
        let mut baseline = Self::empty(directory);
        for written in file.findings {
            let entry = Entry {
                path: written.path,
                rule: written.rule,
                context: written.context,
            };
            baseline.add(entry, written.count.get());
        }
        Ok(baseline)
    }

    /// A baseline without entries.
    pub fn empty(directory: PathBuf) -> Self {
        Self {
            directory,
            ..Self::default()
        }
    }

    /// The baseline as a file holds it: one finding a line, so that changes to it are read and merged line by line.
    ///
    /// # Errors
    /// Never in fact.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut text = format!("{{\n  \"baseline_version\": {VERSION},\n  \"findings\": [");
        for (index, (entry, count)) in self.entries.iter().enumerate() {
            let Some(count) = std::num::NonZeroUsize::new(*count) else {
                continue;
            };
            let written = Written {
                path: entry.path.clone(),
                rule: entry.rule.clone(),
                context: entry.context.clone(),
                count,
            };
            text.push_str(if index == 0 { "\n    " } else { ",\n    " });
            text.push_str(&serde_json::to_string(&written)?);
        }
        text.push_str("\n  ]\n}\n");
        Ok(text)
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        let counts = self.entries.values();
        counts.fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Its entries, by path, with how often each may occur.
    pub fn entries(&self) -> impl Iterator<Item = (&Entry, usize)> {
        self.entries.iter().map(|(entry, count)| (entry, *count))
    }

    /// Where the file of an entry is, or was.
    pub fn path_of(&self, entry: &Entry) -> PathBuf {
        self.directory.join(&entry.path)
    }

    /// Lets one more finding be known, `count` times.
    fn add(&mut self, entry: Entry, count: usize) {
        let known = self.entries.entry(entry).or_default();
        *known = known.saturating_add(count);
    }

    /// Lets findings be known.
    pub fn extend(&mut self, findings: &[Finding], sources: &Sources, redactor: &Redactor<'_>) {
        for finding in findings {
            self.add(self.entry(finding, sources, redactor), 1);
        }
    }

    /// The entries for which a condition holds.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&Self, &Entry) -> bool) -> Self {
        let entries = self.entries.iter();
        let kept = entries.filter(|(entry, _)| keep(self, entry));
        Self {
            entries: kept.map(|(entry, n)| (entry.clone(), *n)).collect(),
            directory: self.directory.clone(),
            is_own_edit: self.is_own_edit,
        }
    }

    /// The same, for texts that differ from those it was compared with by our own fixes only: what these did to a line does
    /// not make its other findings new.
    #[must_use]
    pub fn after_own_edit(mut self) -> Self {
        self.is_own_edit = true;
        self
    }

    /// Tells new findings from known ones. Where more findings are alike than are known, the last ones are new.
    pub fn compare(
        &self,
        findings: Vec<Finding>,
        sources: &Sources,
        redactor: &Redactor<'_>,
    ) -> Compared {
        let mut left = Left(self.entries.clone());
        let mut known = Self::empty(self.directory.clone());
        let mut open: Vec<(Entry, Finding)> = Vec::new();
        for finding in findings {
            let entry = self.entry(&finding, sources, redactor);
            if left.take(&entry) {
                known.add(entry, 1);
            } else {
                open.push((entry, finding));
            }
        }
        if !open.is_empty() {
            let moved = left.by(|entry| {
                let is_gone = !self.path_of(entry).exists();
                is_gone.then(|| (entry.rule.clone(), entry.context.clone()))
            });
            let key = |entry: &Entry| (entry.rule.clone(), entry.context.clone());
            open.retain(|(entry, _)| !take_moved(&mut left, &mut known, &moved, key, entry));
        }
        if self.is_own_edit && !open.is_empty() {
            let key = |entry: &Entry| (entry.rule.clone(), entry.path.clone());
            let edited = left.by(|entry| Some(key(entry)));
            open.retain(|(entry, _)| !take_moved(&mut left, &mut known, &edited, key, entry));
        }
        Compared {
            new: open.into_iter().map(|(_, finding)| finding).collect(),
            known,
            left: Self {
                directory: self.directory.clone(),
                entries: left.0,
                is_own_edit: self.is_own_edit,
            },
        }
    }

    fn entry(&self, finding: &Finding, sources: &Sources, redactor: &Redactor<'_>) -> Entry {
        let file = sources.get(finding.primary.file);
        let path = file.map_or(Path::new(""), |file| &file.path);
        Entry {
            path: redactor.path(&display_path(path, &self.directory)),
            rule: finding.rule.to_string(),
            context: fingerprint::context(sources, redactor, finding),
        }
    }
}

/// What two entries of one finding have in common.
type Key = (String, String);

/// The entries that no finding has claimed yet.
struct Left(BTreeMap<Entry, usize>);

impl Left {
    /// Claims an entry once.
    fn take(&mut self, entry: &Entry) -> bool {
        let Some(count) = self.0.get_mut(entry) else {
            return false;
        };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.0.remove(entry);
        }
        true
    }

    /// The entries that have a key, by it.
    fn by(&self, key: impl Fn(&Entry) -> Option<Key>) -> BTreeMap<Key, Vec<Entry>> {
        let mut by: BTreeMap<Key, Vec<Entry>> = BTreeMap::new();
        for entry in self.0.keys() {
            if let Some(key) = key(entry) {
                by.entry(key).or_default().push(entry.clone());
            }
        }
        by
    }
}

/// Claims an entry that shares the key with a finding's: rather one of the same file name.
fn take_moved(
    left: &mut Left,
    known: &mut Baseline,
    candidates: &BTreeMap<Key, Vec<Entry>>,
    key: impl Fn(&Entry) -> Key,
    entry: &Entry,
) -> bool {
    let name = |entry: &Entry| entry.path.rsplit('/').next().map(str::to_owned);
    let candidates = candidates.get(&key(entry)).into_iter().flatten();
    let mut open = candidates.filter(|candidate| left.0.contains_key(candidate));
    let first = open.clone().next();
    let Some(taken) = open.find(|c| name(c) == name(entry)).or(first).cloned() else {
        return false;
    };
    known.add(entry.clone(), 1);
    left.take(&taken)
}
