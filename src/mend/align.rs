//! The columns that `terraform fmt` puts the `=` of arguments and of entries of objects into.

use super::edit;
use crate::finding::Edit;
use crate::source::{FileId, Span};
use crate::syntax::Tree;

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

/// Past this many lines that are aligned with one another a group is left as it is.
const MOST_ALIGNED: usize = 100;

/// What has names, in the order of the source, and how each is a line.
pub(super) struct Lines<'t, T> {
    pub tree: &'t Tree,
    pub items: &'t [T],
    pub line: fn(&Tree, &T) -> Line,
}

impl<T> Lines<'_, T> {
    fn get(&self, at: usize) -> Option<Line> {
        self.items.get(at).map(|item| (self.line)(self.tree, item))
    }

    fn position(&self, name: Span) -> Option<usize> {
        let is_before = |item: &T| (self.line)(self.tree, item).name.start < name.start;
        let at = self.items.partition_point(is_before);
        self.get(at).filter(|line| line.name == name).map(|_| at)
    }
}

/// The line of a name and those right above and below it, as far as each has one line for itself; none where there are
/// too many.
pub(super) fn group<T>(text: &str, lines: &Lines<'_, T>, name: Span) -> Vec<Line> {
    let one_line = |at: usize| lines.get(at).filter(|line| line.is_one_line(text));
    let are_next = |above: Line, below: Line| {
        let between = Span {
            start: above.span.end,
            end: below.span.start,
        };
        between.text(text).matches('\n').count() == 1
    };
    let continues = |below: usize| {
        let above = below.checked_sub(1).and_then(one_line);
        above
            .zip(one_line(below))
            .is_some_and(|(above, below)| are_next(above, below))
    };
    let Some(at) = lines.position(name) else {
        return Vec::new();
    };
    let mut first = at;
    while continues(first) && at - first < MOST_ALIGNED {
        first -= 1;
    }
    let mut end = at + 1;
    while continues(end) && end - first <= MOST_ALIGNED {
        end += 1;
    }
    match end - first <= MOST_ALIGNED {
        true => (first..end).filter_map(one_line).collect(),
        false => Vec::new(),
    }
}

/// The other lines of a name's group; `None` where that is not as `terraform fmt` leaves it.
pub(super) fn aligned_others<T>(text: &str, lines: &Lines<'_, T>, name: Span) -> Option<Vec<Line>> {
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
