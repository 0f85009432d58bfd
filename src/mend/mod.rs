//! Edits that mend what the rules find: always spans of the original text, replaced.

mod align;
mod body;
mod object;
mod required;
mod text;
mod variable;

use crate::finding::Edit;
use crate::source::{FileId, Location, Span};
use crate::terraform::{Configuration, Cut, Effect, IsZenml};

pub use variable::{Holder, NewVariable};

/// Makes edits of a configuration.
#[derive(Clone, Copy)]
pub struct Mend<'a> {
    configuration: &'a Configuration,
    /// Tells the top-level blocks whose arguments a safe fix may change.
    is_zenml: IsZenml,
}

impl<'a> Mend<'a> {
    /// Edits of what was read. `is_zenml` tells the top-level blocks whose arguments a safe fix may change.
    pub fn new(configuration: &'a Configuration, is_zenml: IsZenml) -> Self {
        Self {
            configuration,
            is_zenml,
        }
    }

    /// What taking that text away does to the values that read it, where it is meant for an argument of provider blocks.
    fn effect(&self, at: Location, argument: &'static str) -> Effect {
        let uses = self.configuration.uses(self.is_zenml);
        uses.effect(self.configuration, Cut { at, argument })
    }

    fn source(&self, file: FileId) -> &'a str {
        self.configuration
            .sources
            .get(file)
            .map_or("", |file| &file.text)
    }

    fn is_json(&self, file: FileId) -> bool {
        let file = self.configuration.sources.get(file);
        file.is_some_and(|file| file.display.ends_with(".json"))
    }

    /// How the lines of a file end: as its first one does.
    fn line_break(&self, file: FileId) -> &'static str {
        match self.source(file).split_once('\n') {
            Some((first, _)) if first.ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }
}

fn edit(file: FileId, span: Span, replacement: impl Into<String>) -> Edit {
    Edit {
        location: Location { file, span },
        replacement: replacement.into(),
    }
}

/// What stands before a position on its line.
fn before_on_line(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    before.rsplit('\n').next().unwrap_or_default()
}

/// What stands behind a position on its line, the line break left out.
fn after_on_line(text: &str, at: usize) -> &str {
    let after = text.get(at..).unwrap_or_default();
    let line = after.split('\n').next().unwrap_or_default();
    line.strip_suffix('\r').unwrap_or(line)
}
