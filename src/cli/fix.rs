//! `--fix` and `--diff`.

use std::collections::BTreeSet;
use std::path::Path;

use zenml_tflint::fix::{self, Line, Mended};
use zenml_tflint::lint::{Outcome, lint};
use zenml_tflint::redact::{self, Redactor};
use zenml_tflint::settings::{BadSettings, Settings};
use zenml_tflint::source::Location;

use super::{FOUND, TROUBLE, Trouble, complain, print};

/// Prints what would change.
pub fn show(mended: &Mended) -> Result<u8, Trouble> {
    let (before, after) = (Shows::of(&mended.before), Shows::of(&mended.outcome));
    let made_of_shown = Shows::of(&mended.outcome).all();
    let (mut diff, mut is_masked) = (String::new(), false);
    for change in &mended.changes {
        let show = |line: Line| match line {
            Line::Old(line) => before.line(&change.path, line),
            // What a line was made of may be seen, so the line may be, too: a fix adds nothing that may not.
            Line::New(line, Some(old)) if before.is_shown(&change.path, old) => {
                made_of_shown.line(&change.path, line)
            }
            Line::New(line, _) => after.line(&change.path, line),
        };
        let (old, new) = (change.before.as_deref(), &change.after);
        let changes = fix::masked(&change.display, old, new, &show);
        is_masked |= changes.is_masked;
        diff += &changes.text;
    }
    print(|out| {
        if is_masked {
            writeln!(
                out,
                "# This diff cannot be applied: secrets in it are masked."
            )?;
        }
        out.write_all(diff.as_bytes())
    })?;
    let mut problems = problems(mended);
    let of_check = mended.outcome.problems.iter();
    problems.extend(of_check.map(|problem| redact::by_shape(problem)));
    problems.iter().for_each(|problem| complain(problem));
    Ok(match (problems.is_empty(), diff.is_empty()) {
        (false, _) => TROUBLE,
        (true, false) => FOUND,
        (true, true) => 0,
    })
}

/// What may be seen of the files of a run.
struct Shows<'o> {
    outcome: &'o Outcome,
    redactor: Redactor<'o>,
    about: Vec<Location>,
}

impl<'o> Shows<'o> {
    fn of(outcome: &'o Outcome) -> Self {
        let about = outcome.findings.iter().flat_map(|finding| &finding.about);
        Self {
            outcome,
            redactor: outcome.redactor(),
            about: about.copied().collect(),
        }
    }

    /// The same, with all that may be shown by permission.
    fn all(self) -> Self {
        Self {
            redactor: self.redactor.showing_values(true),
            ..self
        }
    }

    /// Whether all of a line may be seen.
    fn is_shown(&self, path: &Path, line: usize) -> bool {
        let sources = self.outcome.sources();
        let file = sources
            .find(path)
            .and_then(|id| Some((id, sources.get(id)?)));
        file.is_some_and(|(id, file)| {
            let span = file.line_span(line);
            self.redactor.hidden(id, span, &self.about).is_empty()
        })
    }

    /// A line (from 0) of a file.
    fn line(&self, path: &Path, line: usize) -> String {
        let sources = self.outcome.sources();
        let file = sources
            .find(path)
            .and_then(|id| Some((id, sources.get(id)?)));
        file.map_or_else(String::new, |(id, file)| {
            self.redactor.line(id, file.line_span(line), &self.about)
        })
    }
}

/// Prints the mended text of standard input.
pub fn print_text(mended: &Mended, settings: &Settings) -> Result<(), Trouble> {
    let given = settings.stdin.as_ref();
    let bytes = given.map_or(&[][..], |stdin| &stdin.bytes);
    // No other file is changed then.
    let change = mended.changes.first();
    print(|out| out.write_all(change.map_or(bytes, |change| change.after.as_bytes())))
}

/// What `--fix` has done.
pub struct Applied {
    /// What is left. Where a file could not be written, what is on disk counts.
    pub outcome: Outcome,
    /// How many findings were fixed.
    pub count: usize,
    /// The files that were changed or created, each in a line.
    pub files: Vec<String>,
}

/// Writes the fixed files.
pub fn apply(mended: Mended, settings: &Settings) -> Result<Applied, BadSettings> {
    remove_leftovers(&mended.before);
    let mut problems = problems(&mended);
    // What is left to do in a module may need what could not be written there.
    let mut halted: BTreeSet<Option<&Path>> = BTreeSet::new();
    let redactor = mended.before.redactor();
    let mut files = Vec::new();
    for change in &mended.changes {
        let module = change.path.parent();
        if halted.contains(&module) {
            problems.push(format!("{}: left as it was, too", change.display));
        } else if let Err(error) = fix::write(&change.path, change.before.as_deref(), &change.after)
        {
            problems.push(format!("{}: {error}", change.display));
            halted.insert(module);
        } else {
            let done = if change.before.is_some() {
                "Fixed"
            } else {
                "Created"
            };
            files.push(format!("{done} {}", redactor.path(&change.display)));
        }
    }
    let (mut outcome, count) = if halted.is_empty() {
        (mended.outcome, mended.applied)
    } else {
        let outcome = lint(settings)?;
        let expected = mended.outcome.findings.len();
        let not_mended = outcome.findings.len().saturating_sub(expected);
        (outcome, mended.applied.saturating_sub(not_mended))
    };
    outcome.problems.extend(problems);
    Ok(Applied {
        outcome,
        count,
        files,
    })
}

fn problems(mended: &Mended) -> Vec<String> {
    let refused = mended.refused.iter();
    let refused = refused.map(|file| format!("{file}; its fixes are not applied"));
    let stuck = mended
        .is_stuck
        .then(|| "some fixes are left out: after 24 rounds the findings get no fewer".to_owned());
    refused.chain(stuck).collect()
}

fn remove_leftovers(outcome: &Outcome) {
    let files = outcome.sources().iter().filter(|(_, file)| file.reported);
    let directories: BTreeSet<&Path> = files.filter_map(|(_, file)| file.path.parent()).collect();
    for directory in directories {
        fix::remove_leftovers(directory);
    }
}
