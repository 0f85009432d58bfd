//! `--fix` and `--diff`.

use std::collections::BTreeSet;
use std::path::Path;

use zenml_tflint::fix::{self, MOST_ROUNDS, Mended};
use zenml_tflint::lint::{Outcome, lint};
use zenml_tflint::redact;
use zenml_tflint::settings::{BadSettings, Settings};

use super::{FOUND, TROUBLE, Trouble, complain, print};

/// Prints what would change.
pub fn show(mended: &Mended, shows_values: bool) -> Result<u8, Trouble> {
    let diff = mended.preview(shows_values);
    print(|out| {
        if diff.is_masked {
            writeln!(
                out,
                "# This diff cannot be applied: secrets in it are masked."
            )?;
        }
        out.write_all(diff.text.as_bytes())
    })?;
    let mut problems = problems(mended);
    let of_check = mended.outcome.problems.iter();
    problems.extend(of_check.map(|problem| redact::by_shape(problem)));
    problems.iter().for_each(|problem| complain(problem));
    Ok(match (problems.is_empty(), diff.text.is_empty()) {
        (false, _) => TROUBLE,
        (true, false) => FOUND,
        (true, true) => 0,
    })
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
    let stuck = mended.is_stuck.then(|| {
        format!("some fixes are left out: after {MOST_ROUNDS} rounds the findings get no fewer")
    });
    refused.chain(stuck).collect()
}

fn remove_leftovers(outcome: &Outcome) {
    let files = outcome.sources().iter().filter(|(_, file)| file.reported);
    let directories: BTreeSet<&Path> = files.filter_map(|(_, file)| file.path.parent()).collect();
    for directory in directories {
        fix::remove_leftovers(directory);
    }
}
