//! Edits that mend what the rules find: always spans of the original text, replaced.

mod align;
mod body;
mod object;
mod required;
mod text;
mod variable;

use crate::finding::{Edit, Fix};
use crate::source::{FileId, Location, Span};
use crate::terraform::{Configuration, IsZenml};

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

    /// A fix that is safe where it may be and all the text that it changes feeds nothing but zenml.
    pub fn fix(&self, title: impl Into<String>, may_be_safe: bool, edits: Vec<Edit>) -> Fix {
        let uses = self.configuration.uses(self.is_zenml);
        let feeds_only_zenml =
            |edit: &Edit| uses.feeds_only_zenml(self.configuration, edit.location);
        Fix {
            title: title.into(),
            safe: may_be_safe && edits.iter().all(feeds_only_zenml),
            edits,
        }
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
