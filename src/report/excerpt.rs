//! The lines of the sources that a finding shows: masked, harmless to a terminal, cut to its width.
//!
//! The graphical renderer sees nothing but these few lines, one after the other as if they were a text of their own, so
//! that its time does not depend on the size of the files.

use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use unicode_width::UnicodeWidthChar;

use super::{Run, is_obeyed, plain};
use crate::redact::MASK;
use crate::source::{FileId, Location, Position, SourceFile, Span};

/// A label over more lines than this shows its first one only.
const MOST_LINES: usize = 8;
/// Columns between the stops of a tab.
const TAB: usize = 4;

/// A place to show, with what is said of it.
pub(super) struct Label<'a> {
    pub location: Location,
    pub text: Option<&'a str>,
}

/// Groups of neighbouring lines, from one or several files.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    text: String,
    groups: Vec<Group>,
    /// Where each label starts in `text`, and where that is in its file.
    starts: Vec<(usize, Position)>,
}

#[derive(Debug)]
struct Group {
    path: String,
    /// The number of the first line, from 0.
    first_line: usize,
    lines: usize,
    /// The part of the excerpt's text.
    start: usize,
    end: usize,
}

/// The lines (from 0, inclusive) around some labels of a file.
struct Block {
    file: FileId,
    first: usize,
    last: usize,
    labels: Vec<usize>,
}

impl Excerpt {
    /// The lines around the labels, and the labels as the renderer wants them. The group of the first label, which is
    /// the primary one, comes first; the others in the order of their first labels.
    pub(super) fn new(
        run: &Run<'_>,
        labels: &[Label<'_>],
        about: &[Location],
        width: usize,
    ) -> (Self, Vec<LabeledSpan>) {
        let mut excerpt = Self::default();
        let mut spans = Vec::new();
        for block in blocks(run, labels) {
            if let Some(file) = run.sources.get(block.file) {
                excerpt.add(run, file, &block, (labels, about), width, &mut spans);
            }
        }
        (excerpt, spans)
    }

    fn add(
        &mut self,
        run: &Run<'_>,
        file: &SourceFile,
        block: &Block,
        (labels, about): (&[Label<'_>], &[Location]),
        width: usize,
        spans: &mut Vec<LabeledSpan>,
    ) {
        let places: Vec<(usize, Span)> = block
            .labels
            .iter()
            .filter_map(|&index| Some((index, shortened(file, labels.get(index)?.location.span))))
            .collect();
        let start = self.text.len();
        let mut lines = Vec::new();
        for line in block.first..=block.last {
            let span = file.line_span(line);
            // The first label of the line (of lowest index: the primary one, where it is there) is what must be seen.
            let focus = places
                .iter()
                .map(|(_, place)| *place)
                .find(|place| span.start <= place.start && place.start <= span.end);
            let hidden = run.redactor.hidden(block.file, span, about);
            let shown = Line::new(&file.text, span, &hidden, focus, width);
            lines.push((self.text.len(), shown.offsets));
            self.text.push_str(&shown.text);
            self.text.push('\n');
        }
        let offset = |at: u32| {
            let line = file.line_at(at as usize).saturating_sub(block.first);
            let (start, offsets) = lines.get(line)?;
            Some(start + offset_in(offsets, at))
        };
        for (index, place) in places {
            let text = labels.get(index).and_then(|label| label.text);
            let (Some(from), Some(to)) = (offset(place.start), offset(place.end)) else {
                continue;
            };
            let span = (from, to.saturating_sub(from));
            let text = text.map(|text| run.shown(text));
            spans.push(if index == 0 {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            });
            self.starts
                .push((from, file.position(place.start as usize)));
        }
        self.groups.push(Group {
            path: plain(&run.path(block.file)),
            first_line: block.first,
            lines: lines.len(),
            start,
            end: self.text.len(),
        });
    }
}

/// The lines to show, those that touch each other put together.
fn blocks(run: &Run<'_>, labels: &[Label<'_>]) -> Vec<Block> {
    let block = |(index, label): (usize, &Label<'_>)| {
        let file = run.sources.get(label.location.file)?;
        let span = shortened(file, label.location.span);
        let (start, end) = (
            file.line_at(span.start as usize),
            file.line_at(span.end as usize),
        );
        let (first, last) = match run.redactor.has_context(label.location.file) {
            true => (
                start.saturating_sub(1),
                end.max(last_line(file).min(end + 1)),
            ),
            false => (start, end),
        };
        Some(Block {
            file: label.location.file,
            first,
            last,
            labels: vec![index],
        })
    };
    let mut blocks: Vec<Block> = labels.iter().enumerate().filter_map(block).collect();
    blocks.sort_by_key(|block| (block.file, block.first));
    blocks.dedup_by(|next, block| {
        let touches = next.file == block.file && next.first <= block.last + 1;
        if touches {
            block.last = block.last.max(next.last);
            block.labels.append(&mut next.labels);
            block.labels.sort_unstable();
        }
        touches
    });
    blocks.sort_by_key(|block| block.labels.first().copied());
    blocks
}

/// The last line (from 0) with any text: after a line break at the end of a file there is none.
fn last_line(file: &SourceFile) -> usize {
    file.line_at(file.text.len().saturating_sub(1))
}

/// A label's span within the text, without a line break at its end; of a long one, the first line.
fn shortened(file: &SourceFile, span: Span) -> Span {
    let length = file.text.len();
    let start = span.range().start.min(length);
    let end = span.range().end.clamp(start, length);
    let covered = file.text.get(start..end).unwrap_or_default();
    let end = start + covered.trim_end_matches(['\r', '\n']).len();
    let (first, last) = (file.line_at(start), file.line_at(end));
    if last - first < MOST_LINES {
        return Span::new(start, end);
    }
    Span::new(start, (file.line_span(first).end as usize).max(start))
}

/// A line as it is shown.
struct Line {
    text: String,
    /// The bytes of the file at which characters start (at last, the end of the line), each with its byte in `text`.
    offsets: Vec<(u32, usize)>,
}

impl Line {
    /// At most `width` columns of a line, around `focus` where all of it is too long.
    fn new(
        source: &str,
        line: Span,
        hidden: &[Range<usize>],
        focus: Option<Span>,
        width: usize,
    ) -> Self {
        let start = window_start(source, line, focus, width);
        let mut shown = Self {
            text: String::new(),
            offsets: Vec::new(),
        };
        let mut column = 0;
        if start > line.range().start {
            shown.offsets.push((line.start, 0));
            shown.text.push('…');
            column = 1;
        }
        let rest = source.get(start..line.range().end).unwrap_or_default();
        let mut end = start;
        for (at, c) in rest.char_indices() {
            if column >= width && at + c.len_utf8() < rest.len() {
                shown.mark(start + at);
                shown.text.push('…');
                end = line.range().end;
                break;
            }
            shown.mark(start + at);
            let is_hidden = hidden.iter().any(|range| range.contains(&(start + at)));
            column += match is_hidden {
                true => shown.push_mask(c),
                false => shown.push(c, column, start + at == 0),
            };
            end = start + at + c.len_utf8();
        }
        shown.mark(end);
        shown
    }

    fn mark(&mut self, offset: usize) {
        self.offsets
            .push((Span::new(offset, offset).start, self.text.len()));
    }

    /// Writes as many signs as a character that may not be seen has columns.
    fn push_mask(&mut self, c: char) -> usize {
        let width = c.width().unwrap_or(1);
        self.text.extend(std::iter::repeat_n(MASK, width));
        width
    }

    /// Writes a character as a terminal may have it, and says how many columns it takes.
    fn push(&mut self, c: char, column: usize, is_first: bool) -> usize {
        match c {
            // The byte-order mark.
            '\u{feff}' if is_first => 0,
            '\t' => {
                let width = TAB - column % TAB;
                self.text.extend(std::iter::repeat_n(' ', width));
                width
            }
            _ => {
                let c = if is_obeyed(c) { picture(c) } else { c };
                self.text.push(c);
                c.width().unwrap_or(0)
            }
        }
    }
}

/// The byte from which a line is shown: its first one where the focus then fits the width, else a third of the width
/// before the focus.
fn window_start(source: &str, line: Span, focus: Option<Span>, width: usize) -> usize {
    let first = line.range().start;
    let Some(focus) = focus else { return first };
    let focus = focus.range();
    let end = focus.end.min(line.range().end);
    if end.saturating_sub(first) <= width || focus.start.saturating_sub(first) <= width / 3 {
        return first;
    }
    let before = source.get(first..focus.start).unwrap_or_default();
    let (at, _) = before
        .char_indices()
        .rev()
        .nth((width / 3).saturating_sub(1))
        .unwrap_or((0, ' '));
    first + at
}

/// Where a byte of the file is in the line as it is shown: at the character that holds it, or at the mark of what was left out.
fn offset_in(offsets: &[(u32, usize)], at: u32) -> usize {
    let next = offsets.partition_point(|(offset, _)| *offset <= at);
    offsets
        .get(next.saturating_sub(1))
        .map_or(0, |(_, shown)| *shown)
}

/// What stands for a character that a terminal would obey.
fn picture(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ => '\u{fffd}',
    }
}

impl SourceCode for Excerpt {
    /// Always the whole group, which has its lines of context already; only where none are asked for (for the line and
    /// column in the header) the position of the label itself.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        let group = self
            .groups
            .iter()
            .find(|group| group.start <= span.offset() && end < group.end)
            .ok_or(MietteError::OutOfBounds)?;
        let text = self.text.get(group.start..group.end).unwrap_or_default();
        let label = (before + after == 0)
            .then(|| {
                self.starts
                    .iter()
                    .find(|(start, _)| *start == span.offset())
            })
            .flatten();
        let (line, column) = label.map_or((group.first_line, 0), |(_, position)| {
            (position.line - 1, position.column - 1)
        });
        Ok(Box::new(MietteSpanContents::new_named(
            group.path.clone(),
            text.as_bytes(),
            (group.start, text.len()).into(),
            line,
            column,
            group.lines,
        )))
    }
}
