//! Fixes: groups of text edits, applied whole or not at all, until nothing is left to mend.

mod diff;
mod preview;
mod turn;
mod write;

pub use diff::{Line, Unified, masked, unified};
pub use turn::Turn;
pub use write::{Refused, remove_leftovers, replace, write};

use write::obstacle;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::finding::{Edit, Finding, Fix};
use crate::lint::{Linter, Outcome, Texts};
use crate::settings::{BadSettings, Settings};
use crate::source::{FileId, Location, SourceFile, Span};

/// After so many rounds in which the findings get no fewer, the rest is left as it is, and the run says so: a fix that
/// brings a new finding could go on forever.
pub const MOST_ROUNDS: usize = 24;

/// What mending has come to, in memory.
pub struct Mended {
    /// The check of the texts as they were.
    pub before: Outcome,
    /// What is left: the check of the mended texts.
    pub outcome: Outcome,
    /// The files that change, by path: first those that text is only added to. Where writing stops halfway, a variable that
    /// nobody uses yet does less harm than one that is used and not declared.
    pub changes: Vec<Change>,
    /// How many findings were mended.
    pub applied: usize,
    /// The files that fixes would change or create but may not, each with the reason: "main.tf: is write-protected".
    pub refused: BTreeSet<String>,
    /// Whether fixes were left out because the findings got no fewer for many rounds.
    pub is_stuck: bool,
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
        refused: BTreeMap::new(),
    };
    let mut withdrawn: BTreeSet<Key> = BTreeSet::new();
    let mut current: Option<Outcome> = None;
    let mut applied = 0;
    let mut fewest = before.findings.len();
    let mut rounds = 0;
    // A round withdraws a fix or applies some: the findings get fewer, or the rounds without that are counted.
    let is_stuck = loop {
        let outcome = current.as_ref().unwrap_or(&before);
        let chosen = choose(outcome, unsafe_too, &withdrawn, &mut gate);
        if chosen.is_empty() {
            break false;
        }
        if rounds == MOST_ROUNDS {
            break true;
        }
        let mut next = texts.clone();
        next.extend(edit(outcome, &chosen));
        let after = linter.check(&next)?;
        let round = Round::new(outcome, &after, &chosen);
        let failed: Vec<Key> = chosen
            .iter()
            .filter(|finding| !round.has_mended(finding))
            .filter_map(|finding| key(outcome, finding))
            .collect();
        if failed.is_empty() {
            rounds += 1;
            if after.findings.len() < fewest {
                fewest = after.findings.len();
                rounds = 0;
            }
            applied += chosen.len();
            texts = next;
            current = Some(after);
            withdrawn.clear();
        } else {
            withdrawn.extend(failed);
        }
    };
    let mut outcome = match current {
        Some(outcome) => outcome,
        None => linter.check(&texts)?,
    };
    outcome.stale.clone_from(&before.stale);
    // A secret that was moved away may stand elsewhere, too.
    Ok(Mended {
        changes: changes(&before, texts),
        before,
        outcome,
        applied,
        refused: gate.refused.into_values().flatten().collect(),
        is_stuck,
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
    let mut changes: Vec<Change> = texts.into_iter().filter_map(change).collect();
    changes.retain(|change| change.before.as_deref() != Some(&change.after));
    let replaces = |change: &Change| {
        let before = change.before.as_deref().unwrap_or_default();
        !change.after.starts_with(before)
    };
    changes.sort_by_key(replaces);
    changes
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
) -> Vec<Cow<'o, Finding>> {
    let is_safe = |finding: &&Finding| finding.fix.as_ref().is_some_and(|fix| fix.safe);
    let open = |finding: &&Finding| {
        let is_withdrawn = key(outcome, finding).is_none_or(|key| withdrawn.contains(&key));
        let fix = finding.fix.as_ref().filter(|fix| fix.safe || unsafe_too);
        !is_withdrawn && fix.is_some_and(|fix| gate.lets_through(outcome, fix))
    };
    let fixable: Vec<&Finding> = outcome.findings.iter().filter(open).collect();
    let safe = without_overlaps(outcome, fixable.iter().copied().filter(is_safe));
    if safe.is_empty() && unsafe_too {
        without_overlaps(outcome, fixable.into_iter())
    } else {
        safe
    }
}

/// Keeps fixes from files that are not to be changed.
struct Gate<'l> {
    /// The text on standard input is then the only one that comes out mended.
    stdin: Option<&'l Path>,
    /// The files that fixes would change or create; for those that they may not, why.
    refused: BTreeMap<PathBuf, Option<String>>,
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
            file.reported && file.is_inside && file.bad_byte.is_none() && is_target
        };
        if !files.iter().all(is_open) || has_overlaps(&fix.edits) {
            return false;
        }
        // Each is asked for: all that are refused are named.
        let refused = files.into_iter().filter(|file| !self.may_write(file));
        refused.count() == 0
    }

    /// Whether a file may be replaced or created; it is looked at once.
    fn may_write(&mut self, file: &SourceFile) -> bool {
        if self.stdin.is_some() {
            return true;
        }
        let refused = self.refused.entry(file.path.clone()).or_insert_with(|| {
            let obstacle = obstacle(&file.path, file.exists)?;
            Some(format!("{}: {obstacle}", file.display))
        });
        refused.is_none()
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

/// The first of those fixes that change the same text, or are the same. Variables are declared behind one another, in the
/// order of the findings: after one that has to wait, those behind it wait, too. Of those with one name each gets its own.
fn without_overlaps<'o>(
    outcome: &Outcome,
    findings: impl Iterator<Item = &'o Finding>,
) -> Vec<Cow<'o, Finding>> {
    let mut taken: FxHashMap<FileId, Taken> = FxHashMap::default();
    let mut declared: FxHashSet<Edit> = FxHashSet::default();
    let mut declared_at: FxHashSet<Location> = FxHashSet::default();
    let mut names = Names::new(outcome);
    let mut chosen: Vec<Cow<'o, Finding>> = Vec::new();
    for finding in findings {
        let finding = names.with_free_name(finding);
        let Some(fix) = &finding.fix else { continue };
        let is_free = |edit: &Edit| {
            let taken = taken.get(&edit.location.file);
            let joins = declared_at.contains(&edit.location) && !declared.contains(edit);
            (declares(edit) && joins) || taken.is_none_or(|it| !it.touch(edit.location.span))
        };
        let is_chosen = fix.edits.iter().all(is_free);
        for edit in fix.edits.iter().filter(|edit| declares(edit)) {
            declared.insert(edit.clone());
            if is_chosen {
                declared_at.insert(edit.location);
            } else {
                declared_at.remove(&edit.location);
            }
        }
        if !is_chosen {
            continue;
        }
        for edit in &fix.edits {
            let taken = taken.entry(edit.location.file).or_default();
            taken.add(edit.location.span);
        }
        names.take(fix);
        chosen.push(finding);
    }
    chosen
}

/// The names of the variables that the fixes of a round declare.
struct Names<'o> {
    outcome: &'o Outcome,
    /// The last number of each wanted name in a directory; the names themselves, too, with none.
    taken: FxHashMap<(PathBuf, String), usize>,
}

impl<'o> Names<'o> {
    fn new(outcome: &'o Outcome) -> Self {
        Self {
            outcome,
            taken: FxHashMap::default(),
        }
    }

    /// The directory of the module in which a fix declares a variable.
    fn directory(&self, fix: &Fix) -> Option<PathBuf> {
        let file = fix.edits.first()?.location.file;
        let file = self.outcome.sources().get(file)?;
        file.path.parent().map(Path::to_owned)
    }

    /// The finding with a fix that declares a variable under a name that no fix before it has.
    fn with_free_name<'f>(&self, finding: &'f Finding) -> Cow<'f, Finding> {
        let renamed = finding.fix.as_ref().and_then(|fix| self.renamed(fix));
        match renamed {
            Some(fix) => Cow::Owned(Finding {
                fix: Some(fix),
                ..finding.clone()
            }),
            None => Cow::Borrowed(finding),
        }
    }

    fn renamed(&self, fix: &Fix) -> Option<Fix> {
        let new = fix.declares.as_ref()?;
        let directory = self.directory(fix)?;
        let file = fix.edits.first()?.location.file;
        let is_taken = |name: &str| {
            let key = (directory.clone(), name.to_owned());
            self.taken.contains_key(&key)
        };
        if !is_taken(&new.name) {
            return None;
        }
        let last = self.taken.get(&(directory.clone(), new.wanted.clone()));
        let first = last.copied().unwrap_or(1) + 1;
        let mut numbered = (first..).map(|number| format!("{}_{number}", new.wanted));
        let is_free =
            |name: &String| !is_taken(name) && !self.outcome.declares_variable(file, name);
        let name = numbered.find(is_free)?;
        Some(fix.with_name(&new.name, &name))
    }

    fn take(&mut self, fix: &Fix) {
        let (Some(new), Some(directory)) = (&fix.declares, self.directory(fix)) else {
            return;
        };
        let number = new
            .name
            .rsplit_once('_')
            .and_then(|(_, number)| number.parse().ok());
        self.taken.insert((directory.clone(), new.name.clone()), 1);
        self.taken
            .insert((directory, new.wanted.clone()), number.unwrap_or(1));
    }
}

/// Whether an edit does nothing but declare a variable behind the last line of a file, or behind the last variable of a
/// JSON file: others may be declared there, too.
fn declares(edit: &Edit) -> bool {
    let Span { start, end } = edit.location.span;
    let lines = edit.replacement.strip_prefix('\n');
    let lines = lines.or_else(|| edit.replacement.strip_prefix("\r\n"));
    let is_block =
        lines.is_some_and(|lines| lines.starts_with("variable \"") && lines.ends_with('\n'));
    let is_member = edit.replacement.starts_with(',') && edit.replacement.ends_with('}');
    start == end && (is_block || is_member)
}

/// Spans of a file without overlaps: the start of each, with its end.
#[derive(Default)]
struct Taken(BTreeMap<u32, u32>);

impl Taken {
    fn add(&mut self, span: Span) {
        let end = self.0.entry(span.start).or_default();
        *end = span.end.max(*end);
    }

    /// Whether one of them shares a byte with another span, or one is inserted where the other begins or ends.
    fn touch(&self, span: Span) -> bool {
        // Of spans without overlaps, the last to start is the last to end.
        let before = self.0.range(..=span.end).rev();
        let mut beside = before.take_while(|(_, end)| span.start <= **end);
        beside.any(|(start, end)| {
            let is_insertion = span.start == span.end || start == end;
            is_insertion || (*start < span.end && span.start < *end)
        })
    }
}

/// The new texts of the files that the fixes of these findings change.
fn edit(outcome: &Outcome, chosen: &[Cow<'_, Finding>]) -> Texts {
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

/// The checks before and after some fixes, to tell which findings are gone.
struct Round<'o> {
    before: &'o Outcome,
    after: &'o Outcome,
    /// By file, where each edit ends, and how far what stands behind it has moved.
    moves: FxHashMap<FileId, Vec<(u32, i64)>>,
    /// The rule, path, start and message of each finding that there is now.
    left: FxHashSet<(&'o str, &'o Path, i64, &'o str)>,
}

impl<'o> Round<'o> {
    fn new(before: &'o Outcome, after: &'o Outcome, chosen: &[Cow<'_, Finding>]) -> Self {
        let fixes = chosen.iter().filter_map(|finding| finding.fix.as_ref());
        let mut moves: FxHashMap<FileId, Vec<(u32, i64)>> = FxHashMap::default();
        for Edit {
            location,
            replacement,
        } in fixes.flat_map(|fix| &fix.edits)
        {
            let inserted = i64::try_from(replacement.len()).unwrap_or_default();
            let removed = i64::from(location.span.end - location.span.start);
            let moves = moves.entry(location.file).or_default();
            moves.push((location.span.end, inserted - removed));
        }
        for moves in moves.values_mut() {
            moves.sort_unstable();
            let mut moved = 0;
            for (_, by) in moves {
                moved += *by;
                *by = moved;
            }
        }
        let left = after.findings.iter().filter_map(|finding| {
            let file = after.sources().get(finding.primary.file)?;
            let start = i64::from(finding.primary.span.start);
            Some((&*finding.rule, &*file.path, start, &*finding.message))
        });
        Self {
            before,
            after,
            moves,
            left: left.collect(),
        }
    }

    /// Whether a finding is gone, and no file that its fix changes parses worse than before.
    fn has_mended(&self, finding: &Finding) -> bool {
        let parses = |edit: &Edit| {
            let file = self.before.sources().get(edit.location.file);
            file.is_some_and(|file| {
                self.before.syntax_errors(&file.path) >= self.after.syntax_errors(&file.path)
            })
        };
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| fix.edits.iter().all(parses)) && !self.is_still_there(finding)
    }

    fn is_still_there(&self, finding: &Finding) -> bool {
        let Some(file) = self.before.sources().get(finding.primary.file) else {
            return false;
        };
        let moved = self.moved(finding.primary);
        // Another message is another defect at that place, which a later round may mend.
        self.left
            .contains(&(&*finding.rule, &*file.path, moved, &*finding.message))
    }

    /// Where a place begins after the edits before it.
    fn moved(&self, place: Location) -> i64 {
        let start = place.span.start;
        let moves = self.moves.get(&place.file);
        let moved = moves.and_then(|moves| {
            let behind = moves.partition_point(|(end, _)| *end <= start);
            moves.get(behind.checked_sub(1)?)
        });
        i64::from(start) + moved.map_or(0, |(_, by)| *by)
    }
}
