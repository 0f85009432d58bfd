//! Fixes: groups of text edits, applied whole or not at all, until nothing is left to mend.

mod diff;
mod write;

pub use diff::unified;
pub use write::{Refused, remove_leftovers, replace, write};

use write::is_protected;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::finding::{Edit, Finding, Fix};
use crate::lint::{Linter, Outcome, Texts};
use crate::settings::{BadSettings, Settings};
use crate::source::{FileId, SourceFile, Span};

/// After so many rounds the rest is left as it is: a fix that brings a new finding could go on for ever.
const MOST_ROUNDS: usize = 24;

/// What mending has come to, in memory.
pub struct Mended {
    /// The check of the texts as they were.
    pub before: Outcome,
    /// What is left: the check of the mended texts.
    pub outcome: Outcome,
    /// The files that change, by path.
    pub changes: Vec<Change>,
    /// How many findings were mended.
    pub applied: usize,
    /// The files that fixes would change but that have no write permission.
    pub protected: BTreeSet<String>,
}

/// A file with a new text.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where it is (absolute, links resolved but for the last name).
    pub path: PathBuf,
    /// The path as it is shown.
    pub display: String,
    /// Its text; `None` where there is no such file.
    pub before: Option<String>,
    /// Its new text.
    pub after: String,
}

/// A finding, told apart from others of its rule across edits elsewhere: the rule, the file, and its start in the
/// text as it is.
type Key = (Cow<'static, str>, PathBuf, u32);

/// Mends what can be mended, in memory. Safe fixes come first and by themselves; the unsafe ones only where asked for. A
/// fix after which its file does not parse, or its finding is still there, is withdrawn.
///
/// # Errors
/// Where the settings cannot be used.
pub fn mend(settings: &Settings, unsafe_too: bool) -> Result<Mended, BadSettings> {
    let mut linter = Linter::new(settings)?;
    let mut texts = Texts::new();
    let before = linter.check(&texts)?;
    linter.follow(&before);
    let mut gate = Gate {
        stdin: linter.stdin(),
        protected: BTreeSet::new(),
    };
    let mut withdrawn: BTreeSet<Key> = BTreeSet::new();
    let mut current: Option<Outcome> = None;
    let mut applied = 0;
    for _ in 0..MOST_ROUNDS {
        let outcome = current.as_ref().unwrap_or(&before);
        let chosen = choose(outcome, unsafe_too, &withdrawn, &mut gate);
        if chosen.is_empty() {
            break;
        }
        let mut next = texts.clone();
        next.extend(edit(outcome, &chosen));
        let after = linter.check(&next)?;
        let failed: Vec<Key> = chosen
            .iter()
            .filter(|finding| !is_mended(outcome, &after, finding, &chosen))
            .filter_map(|finding| key(outcome, finding))
            .collect();
        if failed.is_empty() {
            applied += chosen.len();
            texts = next;
            current = Some(after);
            withdrawn.clear();
        } else {
            withdrawn.extend(failed);
        }
    }
    let mut outcome = match current {
        Some(outcome) => outcome,
        None => linter.check(&texts)?,
    };
    outcome.stale.clone_from(&before.stale);
    Ok(Mended {
        changes: changes(&before, texts),
        before,
        outcome,
        applied,
        protected: gate.protected,
    })
}

fn changes(before: &Outcome, texts: Texts) -> Vec<Change> {
    let sources = before.sources();
    let change = |(path, after): (PathBuf, String)| {
        let file = sources.find(&path).and_then(|id| sources.get(id))?;
        Some(Change {
            display: file.display.clone(),
            before: file.exists.then(|| file.text.clone()),
            path,
            after,
        })
    };
    texts
        .into_iter()
        .filter_map(change)
        .filter(|change| change.before.as_deref() != Some(&change.after))
        .collect()
}

fn key(outcome: &Outcome, finding: &Finding) -> Option<Key> {
    let file = outcome.sources().get(finding.primary.file)?;
    Some((
        finding.rule.clone(),
        file.path.clone(),
        finding.primary.span.start,
    ))
}

/// The findings whose fixes are applied in this round: no two touch the same text.
fn choose<'o>(
    outcome: &'o Outcome,
    unsafe_too: bool,
    withdrawn: &BTreeSet<Key>,
    gate: &mut Gate<'_>,
) -> Vec<&'o Finding> {
    let is_safe = |finding: &&Finding| finding.fix.as_ref().is_some_and(|fix| fix.safe);
    let open = |finding: &&Finding| {
        let is_withdrawn = key(outcome, finding).is_none_or(|key| withdrawn.contains(&key));
        let fix = finding.fix.as_ref().filter(|fix| fix.safe || unsafe_too);
        !is_withdrawn && fix.is_some_and(|fix| gate.lets_through(outcome, fix))
    };
    let fixable: Vec<&Finding> = outcome.findings.iter().filter(open).collect();
    let safe = without_overlaps(fixable.iter().copied().filter(is_safe));
    match safe.is_empty() && unsafe_too {
        true => without_overlaps(fixable.into_iter()),
        false => safe,
    }
}

/// Keeps fixes from files that are not to be changed.
struct Gate<'l> {
    /// The text on standard input is then the only one that comes out mended.
    stdin: Option<&'l Path>,
    /// The files without write permission that fixes would change.
    protected: BTreeSet<String>,
}

impl Gate<'_> {
    /// Whether a fix may change all that it would: half a fix is none.
    fn lets_through(&mut self, outcome: &Outcome, fix: &Fix) -> bool {
        let files = fix.edits.iter().map(|edit| edit.location.file);
        let files: Option<Vec<&SourceFile>> = files.map(|id| outcome.sources().get(id)).collect();
        let Some(files) = files.filter(|files| !files.is_empty()) else {
            return false;
        };
        // A text that is not UTF-8 would not be written back as it was.
        let is_open = |file: &&SourceFile| {
            let is_target = self.stdin.is_none_or(|stdin| stdin == file.path);
            file.reported && file.bad_byte.is_none() && is_target
        };
        if !files.iter().all(is_open) || has_overlaps(&fix.edits) {
            return false;
        }
        let is_protected =
            |file: &&&SourceFile| self.stdin.is_none() && file.exists && is_protected(&file.path);
        let protected: Vec<_> = files.iter().filter(is_protected).collect();
        let is_writable = protected.is_empty();
        let names = protected.into_iter().map(|file| file.display.clone());
        self.protected.extend(names);
        is_writable
    }
}

/// Whether two edits of one fix change the same text.
fn has_overlaps(edits: &[Edit]) -> bool {
    let mut places: Vec<_> = edits.iter().map(|edit| edit.location).collect();
    places.sort();
    let pairs = places.iter().zip(places.iter().skip(1));
    pairs
        .filter(|(a, b)| a.file == b.file)
        .any(|(a, b)| b.span.start < a.span.end)
}

fn without_overlaps<'o>(findings: impl Iterator<Item = &'o Finding>) -> Vec<&'o Finding> {
    let mut taken: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
    let mut chosen: Vec<&Finding> = Vec::new();
    for finding in findings {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        let is_free = |edit: &Edit| {
            let taken = taken.get(&edit.location.file);
            let mut taken = taken.into_iter().flatten();
            !taken.any(|span| touch(*span, edit.location.span))
        };
        let is_equal = chosen.iter().any(|other| other.fix == finding.fix);
        if !is_equal && edits.clone().all(is_free) {
            for edit in edits {
                taken
                    .entry(edit.location.file)
                    .or_default()
                    .push(edit.location.span);
            }
            chosen.push(finding);
        }
    }
    chosen
}

/// Whether two edits share a byte, or one inserts where the other begins or ends.
fn touch(a: Span, b: Span) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// The new texts of the files that the fixes of these findings change.
fn edit(outcome: &Outcome, chosen: &[&Finding]) -> Texts {
    let mut by_file: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in chosen
        .iter()
        .filter_map(|f| f.fix.as_ref())
        .flat_map(|fix| &fix.edits)
    {
        by_file.entry(edit.location.file).or_default().push(edit);
    }
    by_file
        .into_iter()
        .filter_map(|(file, edits)| {
            let file = outcome.sources().get(file)?;
            Some((file.path.clone(), apply(&file.text, edits)))
        })
        .collect()
}

/// A text with edits applied that do not overlap.
pub fn apply(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| edit.location.span);
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let range = edit.location.span.range();
        result.push_str(text.get(done..range.start).unwrap_or_default());
        result.push_str(&edit.replacement);
        done = range.end;
    }
    result.push_str(text.get(done..).unwrap_or_default());
    result
}

/// Whether a finding is gone, and no file that its fix changes parses worse than before.
fn is_mended(before: &Outcome, after: &Outcome, finding: &Finding, chosen: &[&Finding]) -> bool {
    let Some(fix) = &finding.fix else {
        return false;
    };
    let parses = fix.edits.iter().all(|edit| {
        before
            .sources()
            .get(edit.location.file)
            .is_some_and(|file| before.syntax_errors(&file.path) >= after.syntax_errors(&file.path))
    });
    parses && !is_still_there(before, after, finding, chosen)
}

fn is_still_there(
    before: &Outcome,
    after: &Outcome,
    finding: &Finding,
    chosen: &[&Finding],
) -> bool {
    let Some((rule, path, start)) = key(before, finding) else {
        return false;
    };
    let edits = chosen
        .iter()
        .filter_map(|f| f.fix.as_ref())
        .flat_map(|fix| &fix.edits);
    let edits = edits.filter(|edit| edit.location.file == finding.primary.file);
    // Where the place is after the edits before it.
    let moved =
        edits
            .filter(|edit| edit.location.span.end <= start)
            .fold(i64::from(start), |at, edit| {
                let removed = i64::from(edit.location.span.end - edit.location.span.start);
                at - removed + i64::try_from(edit.replacement.len()).unwrap_or_default()
            });
    // Another message is another defect at that place, which a later round may mend.
    let same = after
        .findings
        .iter()
        .filter(|other| other.message == finding.message);
    same.filter_map(|other| key(after, other))
        .any(|(other_rule, other_path, other_start)| {
            other_rule == rule && other_path == path && i64::from(other_start) == moved
        })
}
