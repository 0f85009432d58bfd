//! What fixes would change, as it may be shown.

use std::path::Path;

use super::{Line, Mended, Unified, masked};
use crate::lint::Outcome;
use crate::redact::Redactor;
use crate::source::Location;

impl Mended {
    /// The changes of all files as a unified diff; with values that nothing permits, where these are asked for.
    pub fn preview(&self, shows_values: bool) -> Unified {
        let before = Shows::of(&self.before, shows_values);
        let after = Shows::of(&self.outcome, shows_values);
        let made_of_shown = Shows::of(&self.outcome, true);
        let mut all = Unified::default();
        for change in &self.changes {
            let show = |line: Line| match line {
                Line::Old(line) => before.line(&change.path, line),
                // What a line was made of may be seen, so the line may be, too: a fix adds nothing that may not.
                Line::New(line, Some(old)) if before.is_shown(&change.path, old) => {
                    made_of_shown.line(&change.path, line)
                }
                Line::New(line, _) => after.line(&change.path, line),
            };
            let (old, new) = (change.before.as_deref(), &change.after);
            let changes = masked(&change.display, old, new, &show);
            all.is_masked |= changes.is_masked;
            all.text += &changes.text;
        }
        all
    }
}

/// What may be seen of the files of a run.
struct Shows<'o> {
    outcome: &'o Outcome,
    redactor: Redactor<'o>,
    about: Vec<Location>,
}

impl<'o> Shows<'o> {
    fn of(outcome: &'o Outcome, shows_values: bool) -> Self {
        let about = outcome.findings.iter().flat_map(|finding| &finding.about);
        Self {
            outcome,
            redactor: outcome.redactor().showing_values(shows_values),
            about: about.copied().collect(),
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
