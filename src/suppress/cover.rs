//! What each ignore comment covers.

use std::collections::BTreeMap;

use super::Ignore;
use super::directive::{Directive, Problem};
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::{Comment, Tree};

/// Every ignore comment of a file.
pub(super) fn ignores(id: FileId, file: &SourceFile, tree: &Tree) -> Vec<Ignore> {
    let comments = tree.comments.iter().enumerate();
    let directives: Vec<Directive> = comments
        .filter_map(|(index, comment)| Directive::parse(index, comment, &file.text))
        .collect();
    if directives.is_empty() {
        return Vec::new();
    }
    let statements = Statements::new(file, tree);
    let lines = Lines::new(file, &tree.comments);
    let ignore = |mut directive: Directive| {
        let comment = tree.comments.get(directive.comment)?;
        let covered = if directive.is_for_file {
            if !is_at_top(file, tree, comment) {
                directive.problem = directive.problem.or(Some(Problem::NotAtTheTop));
            }
            vec![Span::new(0, usize::MAX)]
        } else if let Some(object) = comment.object {
            statements.of_object(object)
        } else {
            lines
                .targets(directive.comment)
                .filter_map(|(line, is_above)| statements.on_line(file, line, is_above))
                .collect()
        };
        Some(Ignore {
            file: id,
            directive,
            covered,
        })
    };
    directives.into_iter().filter_map(ignore).collect()
}

/// Whether a comment stands before the first block or attribute; in JSON, in the file's own object.
fn is_at_top(file: &SourceFile, tree: &Tree, comment: &Comment) -> bool {
    if let Some(object) = comment.object {
        let before = file.text.get(..object.start as usize).unwrap_or_default();
        return before.trim_start_matches('\u{feff}').trim().is_empty();
    }
    let root = tree.root();
    let block = tree.blocks_of(root).first().map(|block| block.span.start);
    let attributes = tree.attributes_of(root);
    let attribute = attributes.first().map(|attribute| attribute.span.start);
    [block, attribute]
        .into_iter()
        .flatten()
        .all(|start| comment.span.start < start)
}

/// The attributes and blocks of a file.
struct Statements {
    /// For each line (from 0) on which some begin, the ends of those that reach farthest.
    by_line: BTreeMap<usize, Ends>,
    /// Each with its header or name, by the byte at which it ends.
    by_end: Vec<(Span, Span)>,
}

#[derive(Clone, Copy, Default)]
struct Ends {
    attribute: u32,
    block: u32,
}

impl Statements {
    fn new(file: &SourceFile, tree: &Tree) -> Self {
        let mut by_line: BTreeMap<usize, Ends> = BTreeMap::new();
        let mut by_end = Vec::new();
        let line = |span: Span| file.line_at(span.start as usize);
        for block in &tree.blocks {
            let ends = by_line.entry(line(block.span)).or_default();
            ends.block = ends.block.max(block.span.end);
            by_end.push((block.span, block.header_span));
        }
        for attribute in &tree.attributes {
            let ends = by_line.entry(line(attribute.span)).or_default();
            ends.attribute = ends.attribute.max(attribute.span.end);
            by_end.push((attribute.span, attribute.name_span));
        }
        by_end.sort_by_key(|(span, _)| span.end);
        Self { by_line, by_end }
    }

    /// A line with its break, to the end of what begins on it: of attributes, and of blocks where the comment stands above.
    fn on_line(&self, file: &SourceFile, line: usize, is_above: bool) -> Option<Span> {
        let starts = file.line_starts();
        let start = *starts.get(line)?;
        // The end of the file is on its last line.
        let end = starts.get(line + 1).copied().unwrap_or(u32::MAX);
        let ends = self.by_line.get(&line).copied().unwrap_or_default();
        let block = if is_above { ends.block } else { 0 };
        Some(Span {
            start,
            end: end.max(ends.attribute).max(block),
        })
    }

    /// An object in JSON, and the keys that lead to it: what ends where it ends.
    fn of_object(&self, object: Span) -> Vec<Span> {
        let first = self
            .by_end
            .partition_point(|(span, _)| span.end < object.end);
        let statements = self.by_end.iter().skip(first);
        let heads = statements
            .take_while(|(span, _)| span.end == object.end)
            .filter(|(span, _)| span.contains(object))
            .map(|(_, head)| *head);
        std::iter::once(object).chain(heads).collect()
    }
}

/// How the comments of a native file stand on its lines.
struct Lines {
    comments: Vec<Line>,
}

#[derive(Clone, Copy)]
struct Line {
    first: usize,
    last: usize,
    /// Whether code stands before it on its first line, after it on its last.
    after_code: bool,
    before_code: bool,
    /// The line that it stands above.
    below: usize,
}

impl Lines {
    fn new(file: &SourceFile, comments: &[Comment]) -> Self {
        let lines = comments.iter().map(|comment| {
            let first = file.line_at(comment.span.start as usize);
            let last = file
                .line_at((comment.span.end as usize).max(1) - 1)
                .max(first);
            Line {
                first,
                last,
                after_code: false,
                before_code: false,
                below: last + 1,
            }
        });
        let mut lines = Self {
            comments: lines.collect(),
        };
        lines.find_code_before(file, comments);
        lines.find_code_after(file, comments);
        lines
    }

    fn find_code_before(&mut self, file: &SourceFile, comments: &[Comment]) {
        let mut previous: Option<(Line, Span)> = None;
        for (line, comment) in self.comments.iter_mut().zip(comments) {
            let neighbour = previous.filter(|(previous, _)| previous.last == line.first);
            let from = neighbour.map_or(file.line_span(line.first).start, |(_, span)| span.end);
            let between = Span {
                start: from,
                end: comment.span.start,
            };
            line.after_code = neighbour.is_some_and(|(previous, _)| previous.after_code)
                || !is_blank(between.text(&file.text));
            previous = Some((*line, comment.span));
        }
    }

    fn find_code_after(&mut self, file: &SourceFile, comments: &[Comment]) {
        let mut next: Option<(Line, Span)> = None;
        for (line, comment) in self.comments.iter_mut().zip(comments).rev() {
            let neighbour = next.filter(|(next, _)| next.first == line.last);
            let to = neighbour.map_or(file.line_span(line.last).end, |(_, span)| span.start);
            let between = Span {
                start: comment.span.end,
                end: to,
            };
            line.before_code = neighbour.is_some_and(|(next, _)| next.before_code)
                || !is_blank(between.text(&file.text));
            // A row of comments stands above what its last one stands above.
            if let Some((next, _)) = next
                && !next.after_code
                && !next.before_code
                && (next.first == line.last || next.first == line.last + 1)
            {
                line.below = next.below;
            }
            next = Some((*line, comment.span));
        }
    }

    /// The lines that a comment speaks of, each with whether it stands above it.
    fn targets(&self, comment: usize) -> impl Iterator<Item = (usize, bool)> {
        let line = self.comments.get(comment).copied();
        line.into_iter().flat_map(|line| {
            let above = (!line.after_code && !line.before_code).then_some((line.below, true));
            let before = line.after_code.then_some((line.first, false));
            let after = line.before_code.then_some((line.last, false));
            above.into_iter().chain(before).chain(after)
        })
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim().is_empty()
}
