//! Literal text as it is written and as it is meant: escapes, and the way back from the meaning to the place.

use crate::source::Span;

/// How literal text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// Between quotes in native syntax: backslash escapes, `$${`, `%%{`.
    Quoted,
    /// In a heredoc, or a template in a file: only `$${` and `%%{`.
    Heredoc,
    /// In a JSON string that is a template: JSON's escapes, and in what they give `$${` and `%%{`.
    JsonTemplate,
    /// In a JSON string that stands for itself, and in a JSON key.
    Json,
}

/// The way from the text of a literal part of a template (or of a label or a key) back to the source, where `place` is
/// the part's span. Indentation and blanks that heredocs and strip markers take away are allowed for. `None` where the
/// text is not what stands there, as when its characters were composed.
pub fn literal_text_map(
    source: &str,
    place: Span,
    text: &str,
    notation: Notation,
) -> Option<TextMap> {
    let written = place.text(source);
    let mut decoded = Decoded::new(written, place.range().start, notation);
    if notation == Notation::JsonTemplate {
        decoded = decoded.decode_again();
    }
    if decoded.text == text {
        return Some(decoded.map);
    }
    decoded.without_blanks(text)
}

/// A piece of written text and what it stands for.
enum Meaning {
    /// Itself.
    Same,
    Character(char),
    Text(&'static str),
    /// Nothing that the language knows.
    Wrong(&'static str),
}

/// The next piece of quoted or heredoc text: its length and its meaning.
fn native_piece(text: &str, quoted: bool) -> (usize, Meaning) {
    let bytes = text.as_bytes();
    let special = if quoted {
        memchr::memchr3(b'\\', b'$', b'%', bytes)
    } else {
        memchr::memchr2(b'$', b'%', bytes)
    };
    match special {
        Some(0) => {}
        Some(length) => return (length, Meaning::Same),
        None => return (text.len(), Meaning::Same),
    }
    if text.starts_with("$${") {
        return (3, Meaning::Text("${"));
    }
    if text.starts_with("%%{") {
        return (3, Meaning::Text("%{"));
    }
    match text.strip_prefix('\\') {
        Some(rest) => quoted_escape(rest),
        None => (1, Meaning::Same),
    }
}

/// An escape sequence, the backslash before `rest` counted.
fn quoted_escape(rest: &str) -> (usize, Meaning) {
    let Some(selector) = rest.chars().next() else {
        return (1, Meaning::Wrong("Something must follow the backslash."));
    };
    let simple = |c| (2, Meaning::Character(c));
    match selector {
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        '"' | '\\' => simple(selector),
        'u' => code_point(rest, 4, "`\\u` takes four hexadecimal digits."),
        'U' => code_point(rest, 8, "`\\U` takes eight hexadecimal digits."),
        _ => (
            1 + selector.len_utf8(),
            Meaning::Wrong("There is no such escape sequence; a backslash is written `\\\\`."),
        ),
    }
}

fn code_point(rest: &str, digits: usize, short: &'static str) -> (usize, Meaning) {
    let found = hex_digits(rest.get(1..).unwrap_or_default(), digits);
    let length = 2 + found.len();
    if found.len() < digits {
        return (length, Meaning::Wrong(short));
    }
    let code = u32::from_str_radix(found, 16).ok();
    match code.and_then(char::from_u32) {
        Some(c) => (length, Meaning::Character(c)),
        None => (length, Meaning::Wrong("There is no such character.")),
    }
}

/// The hexadecimal digits that a text starts with, `most` at most.
fn hex_digits(text: &str, most: usize) -> &str {
    let length = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_hexdigit)
        .count();
    text.get(..length).unwrap_or_default()
}

/// The next piece of the inside of a JSON string.
fn json_piece(text: &str) -> (usize, Meaning) {
    match memchr::memchr(b'\\', text.as_bytes()) {
        Some(0) => {}
        Some(length) => return (length, Meaning::Same),
        None => return (text.len(), Meaning::Same),
    }
    let rest = text.get(1..).unwrap_or_default();
    let Some(selector) = rest.chars().next() else {
        return (1, Meaning::Wrong("Something must follow the backslash."));
    };
    let character = match selector {
        '"' | '\\' | '/' => selector,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return json_code_point(rest),
        _ => {
            let length = 1 + selector.len_utf8();
            return (length, Meaning::Wrong("JSON has no such escape sequence."));
        }
    };
    (2, Meaning::Character(character))
}

/// `uXXXX`, or two of them that make one character; half of such a pair stands for U+FFFD, as in Go.
fn json_code_point(rest: &str) -> (usize, Meaning) {
    let unit = |text: &str| {
        let digits = hex_digits(text.get(1..).unwrap_or_default(), 4);
        let unit = u16::from_str_radix(digits, 16).ok();
        unit.filter(|_| digits.len() == 4 && text.starts_with('u'))
    };
    let Some(first) = unit(rest) else {
        return (2, Meaning::Wrong("`\\u` takes four hexadecimal digits."));
    };
    let second = rest
        .get(5..)
        .and_then(|behind| behind.strip_prefix('\\'))
        .and_then(unit);
    if let Some(second) = second
        && let Some(Ok(c)) = char::decode_utf16([first, second]).next()
        && u32::from(first) != u32::from(c)
    {
        return (12, Meaning::Character(c));
    }
    let c = char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER);
    (6, Meaning::Character(c))
}

/// What is wrong with an escape sequence, and where in the source.
#[derive(Debug)]
pub(super) struct EscapeError {
    pub span: Span,
    pub message: &'static str,
}

/// What written text stands for, with the way back.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub text: String,
    pub map: TextMap,
    pub errors: Vec<EscapeError>,
}

impl Decoded {
    /// Resolves the escapes of `written`, which starts at byte `start` of the source.
    pub fn new(written: &str, start: usize, notation: Notation) -> Self {
        let mut decoded = Self::default();
        let mut at = 0;
        while let Some(rest) = written.get(at..)
            && !rest.is_empty()
        {
            let (length, meaning) = match notation {
                Notation::Quoted => native_piece(rest, true),
                Notation::Heredoc => native_piece(rest, false),
                Notation::Json | Notation::JsonTemplate => json_piece(rest),
            };
            let piece = rest.get(..length).unwrap_or(rest);
            let span = Span::new(start + at, start + at + piece.len());
            decoded.push(piece, span, meaning);
            at += piece.len().max(1);
        }
        decoded
    }

    fn push(&mut self, piece: &str, span: Span, meaning: Meaning) {
        let before = self.text.len();
        let same = matches!(meaning, Meaning::Same);
        match meaning {
            Meaning::Same => self.text.push_str(piece),
            Meaning::Character(c) => self.text.push(c),
            Meaning::Text(text) => self.text.push_str(text),
            Meaning::Wrong(message) => {
                self.text
                    .push_str(piece.strip_prefix('\\').unwrap_or(piece));
                self.errors.push(EscapeError { span, message });
            }
        }
        let length = self.text.len() - before;
        self.map.push(before, length, span, same);
    }
}

/// The most blanks at the start of a line of which some may have been taken away.
const MAX_BLANKS: usize = 1000;

impl Decoded {
    /// Resolves `$${` and `%%{` in what JSON's escapes gave.
    fn decode_again(self) -> Self {
        let again = Self::new(&self.text, 0, Notation::Heredoc);
        let mut map = TextMap::default();
        for run in &again.map.runs {
            let start = run.text.range().start;
            if run.same {
                self.map.copy(run.source, start, &mut map);
            } else {
                let source = self.map.span(run.source);
                map.push(start, run.text.range().len(), source, false);
            }
        }
        Self {
            text: again.text,
            map,
            errors: again.errors,
        }
    }

    /// The map of a text that is this one but for blanks missing at the starts and ends of lines.
    fn without_blanks(&self, text: &str) -> Option<TextMap> {
        let mut map = TextMap::default();
        let mut at = 0;
        let mut line_start = 0;
        for line in self.text.split_inclusive('\n') {
            let rest = text.get(at..)?;
            let (start, kept) = kept_of_line(line, rest)?;
            let from = line_start + start;
            self.map.copy(Span::new(from, from + kept), at, &mut map);
            at += kept;
            line_start += line.len();
        }
        (at == text.len()).then_some(map)
    }
}

/// The part of a line that a text starts with, some blanks at its start or all at its end left out.
fn kept_of_line(line: &str, text: &str) -> Option<(usize, usize)> {
    let blanks = line.len() - line.trim_start().len();
    if blanks > MAX_BLANKS {
        return None;
    }
    let starts = || (0..=blanks).filter(|start| line.is_char_boundary(*start));
    let kept = |end: usize| {
        move |start: &usize| {
            line.get(*start..end)
                .is_some_and(|kept| text.starts_with(kept))
        }
    };
    let trimmed = line.trim_end().len();
    let whole = starts()
        .find(kept(line.len()))
        .map(|start| (start, line.len()));
    let (start, end) = whole.or_else(|| {
        let start = starts().find(kept(trimmed))?;
        Some((start, trimmed))
    })?;
    Some((start, end - start))
}

/// The way from text as it is meant back to the source: which bytes of the source each byte came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextMap {
    runs: Vec<Run>,
}

/// Some bytes of the meaning and of the source: the same bytes, or one escape sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    text: Span,
    source: Span,
    same: bool,
}

impl TextMap {
    /// Adds what the next `length` bytes from `start` on came from.
    fn push(&mut self, start: usize, length: usize, source: Span, same: bool) {
        let text = Span::new(start, start + length);
        if let Some(last) = self.runs.last_mut()
            && last.same
            && same
            && last.source.end == source.start
        {
            last.source.end = source.end;
            last.text.end = text.end;
            return;
        }
        self.runs.push(Run { text, source, same });
    }

    /// Adds what a range of this text came from to another map, as its text from `at` on.
    fn copy(&self, range: Span, at: usize, into: &mut TextMap) {
        let first = self.runs.partition_point(|run| run.text.end <= range.start);
        let runs = self.runs.iter().skip(first);
        for run in runs.take_while(|run| run.text.start < range.end) {
            let start = run.text.start.max(range.start);
            let end = run.text.end.min(range.end);
            let source = self.span(Span { start, end });
            let offset = (start - range.start) as usize;
            into.push(at + offset, (end - start) as usize, source, run.same);
        }
    }

    /// The source of a range of the text. Bytes of an escape sequence have the whole of it as their source; an empty
    /// range has an empty one.
    pub fn span(&self, text: Span) -> Span {
        let start = match self.run_of(text.start) {
            Some(run) if text.start >= run.text.end => run.source.end,
            Some(run) if run.same => run.source.start + (text.start - run.text.start),
            Some(run) => run.source.start,
            None => 0,
        };
        if text.end <= text.start {
            return Span { start, end: start };
        }
        let end = match self.run_of(text.end - 1) {
            Some(run) if run.same => {
                (run.source.start + (text.end - run.text.start)).min(run.source.end)
            }
            Some(run) => run.source.end,
            None => start,
        };
        Span {
            start,
            end: end.max(start),
        }
    }

    /// The run that holds a byte of the text; behind the text, the last one.
    fn run_of(&self, byte: u32) -> Option<&Run> {
        let after = self.runs.partition_point(|run| run.text.start <= byte);
        self.runs.get(after.saturating_sub(1))
    }
}
