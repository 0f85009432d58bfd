//! The columns that `terraform fmt` puts the `=` of arguments and of entries of objects into.

use super::edit;
use crate::finding::Edit;
use crate::source::{FileId, Span};

/// An argument of a block, or an entry of an object.
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// Its name, or its key.
    pub name: Span,
    /// All of it, from the name to the end of the value.
    pub span: Span,
}

impl Line {
    /// How wide the name is, in characters.
    pub fn width(&self, text: &str) -> usize {
        self.name.text(text).chars().count()
    }

    fn is_one_line(&self, text: &str) -> bool {
        !self.span.text(text).contains('\n')
    }
}

/// The line of a name and those right above and below it, as far as each has one line for itself.
pub(super) fn group(text: &str, lines: &[Line], name: Span) -> Vec<Line> {
    let are_next = |above: &Line, below: &Line| {
        let between = Span {
            start: above.span.end,
            end: below.span.start,
        };
        between.text(text).matches('\n').count() == 1
    };
    let parts = lines.chunk_by(|above, below| {
        above.is_one_line(text) && below.is_one_line(text) && are_next(above, below)
    });
    let mut parts = parts.filter(|part| part.iter().any(|line| line.name == name));
    let group = parts.next().unwrap_or_default().iter();
    group
        .filter(|line| line.is_one_line(text))
        .copied()
        .collect()
}

/// The other lines of a name's group; `None` where that is not as `terraform fmt` leaves it.
pub(super) fn aligned_others(text: &str, lines: &[Line], name: Span) -> Option<Vec<Line>> {
    let mut group = group(text, lines, name);
    let longest = group.iter().map(|line| line.width(text)).max()?;
    let is_aligned = aligned_width(text, &group) == Some(longest + 1);
    let at = group.iter().position(|line| line.name == name)?;
    group.remove(at);
    is_aligned.then_some(group)
}

/// The width of names and blanks before the `=` of a group whose `=` stand in one column.
pub(super) fn aligned_width(text: &str, group: &[Line]) -> Option<usize> {
    let width = |line: &Line| line.width(text) + blanks_from(text, line.name.end).range().len();
    let first = group.first().map(width)?;
    let is_same = group.iter().all(|line| width(line) == first);
    is_same.then_some(first)
}

/// Puts the `=` of a line into a column, counted from its name.
pub(super) fn pad(file: FileId, text: &str, line: &Line, column: usize) -> Option<Edit> {
    let blanks = blanks_from(text, line.name.end);
    let padding = column.checked_sub(line.width(text))?;
    (blanks.range().len() != padding).then(|| edit(file, blanks, " ".repeat(padding)))
}

/// The blanks that stand there.
pub(super) fn blanks_from(text: &str, at: u32) -> Span {
    let at = at as usize;
    let behind = text.get(at..).unwrap_or_default();
    let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    Span::new(at, at + blanks)
}
