//! Writing YAML: block collections, strings in double quotes or, with line breaks, as literal blocks.

use std::fmt::Write;

use crate::eval::functions::Failure;
use crate::eval::functions::arguments::{MOST_BYTES, string};
use crate::eval::value::{Kind, Value};

/// Past this column, text in double quotes is broken at the next space.
const WIDTH: usize = 80;
/// Longer keys are written with a question mark, in bytes.
const LONGEST_SIMPLE_KEY: usize = 128;
const INDENT: usize = 2;

/// A wholly known value as a document.
pub(super) fn encode(value: &Value) -> Result<String, Failure> {
    let mut writer = Writer {
        out: String::new(),
        column: 0,
        after_space: true,
        only_indented: true,
        open_ended: false,
    };
    writer.node(value, Place::Root)?;
    writer.indent(0);
    if writer.open_ended {
        writer.indicator("...", true, false, false);
        writer.indent(0);
    }
    Ok(writer.out)
}

/// Where a value stands, and the column of what holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Element(usize),
    Key(usize),
    Entry(usize),
}

impl Place {
    /// Where the lines of a scalar go on.
    fn scalar_indent(self) -> usize {
        match self {
            Self::Root => INDENT,
            Self::Element(column) | Self::Key(column) | Self::Entry(column) => column + INDENT,
        }
    }

    fn inner(self) -> usize {
        match self {
            Self::Root => 0,
            _ => self.scalar_indent(),
        }
    }
}

struct Writer {
    out: String,
    /// In characters.
    column: usize,
    after_space: bool,
    /// Whether nothing but indentation and indicators stands on the line so far.
    only_indented: bool,
    /// Whether the document needs an end mark.
    open_ended: bool,
}

impl Writer {
    fn put(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indent(&mut self, indent: usize) {
        let past = self.column > indent || (self.column == indent && !self.after_space);
        if !self.only_indented || past {
            self.line_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.after_space = true;
        self.only_indented = true;
    }

    fn indicator(&mut self, text: &str, spaced: bool, is_space: bool, indents: bool) {
        if spaced && !self.after_space {
            self.put(' ');
        }
        text.chars().for_each(|character| self.put(character));
        self.after_space = is_space;
        self.only_indented &= indents;
        self.open_ended = false;
    }

    fn node(&mut self, value: &Value, place: Place) -> Result<(), Failure> {
        if self.out.len() > MOST_BYTES {
            return Err(Failure::TooLarge);
        }
        match &value.kind {
            Kind::Unknown(_) => return Err(Failure::Unknown),
            Kind::Null(_) => self.plain("null", place),
            Kind::Bool(value) => self.plain(if *value { "true" } else { "false" }, place),
            Kind::Number(number) => {
                let text = number.to_text().ok_or(Failure::TooLarge)?;
                self.plain(&text, place);
            }
            Kind::String(text) => self.text(text, place),
            Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
                return self.sequence(elements, place);
            }
            Kind::Map(_, entries) | Kind::Object(entries) => {
                let entries = entries.iter().map(|(key, entry)| (key.as_ref(), entry));
                return self.mapping(entries, place);
            }
        }
        Ok(())
    }

    fn sequence(&mut self, elements: &[Value], place: Place) -> Result<(), Failure> {
        if elements.is_empty() {
            self.indicator("[", true, true, false);
            self.indicator("]", false, false, false);
            return Ok(());
        }
        let indent = match place {
            Place::Entry(column) | Place::Key(column) if !self.only_indented => column,
            _ => place.inner(),
        };
        for element in elements {
            self.indent(indent);
            self.indicator("-", true, false, true);
            self.node(element, Place::Element(indent))?;
        }
        Ok(())
    }

    fn mapping<'a>(
        &mut self,
        entries: impl Iterator<Item = (&'a str, &'a Value)>,
        place: Place,
    ) -> Result<(), Failure> {
        let mut entries = entries.peekable();
        if entries.peek().is_none() {
            self.indicator("{", true, true, false);
            self.indicator("}", false, false, false);
            return Ok(());
        }
        let indent = place.inner();
        for (key, entry) in entries {
            self.indent(indent);
            if key.len() <= LONGEST_SIMPLE_KEY && !key.contains(is_break) {
                self.quoted(key, None);
                self.indicator(":", false, false, false);
            } else {
                self.indicator("?", true, false, true);
                self.node(&string(key), Place::Key(indent))?;
                self.indent(indent);
                self.indicator(":", true, false, true);
            }
            self.node(entry, Place::Entry(indent))?;
        }
        Ok(())
    }

    fn plain(&mut self, text: &str, place: Place) {
        if !self.after_space {
            self.put(' ');
        }
        text.chars().for_each(|character| self.put(character));
        self.after_space = false;
        self.only_indented = false;
        self.open_ended |= place == Place::Root;
    }

    fn text(&mut self, text: &str, place: Place) {
        let indent = place.scalar_indent();
        if text.contains('\n') && can_be_literal(text) {
            self.literal(text, indent);
        } else {
            self.quoted(text, Some(indent));
        }
    }

    /// In double quotes; broken into lines of that indent where one is given.
    fn quoted(&mut self, text: &str, indent: Option<usize>) {
        self.indicator("\"", true, false, false);
        let mut after_space = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            if !is_printable(character) || is_break(character) || "\"\\".contains(character) {
                self.escaped(character);
                after_space = false;
                continue;
            }
            let may_break = character == ' ' && !after_space && at > 0 && at + 1 < text.len();
            match indent {
                Some(indent) if may_break && self.column > WIDTH => {
                    self.indent(indent);
                    if characters.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.put('\\');
                    }
                }
                _ => self.put(character),
            }
            after_space = character == ' ';
        }
        self.indicator("\"", false, false, false);
    }

    fn escaped(&mut self, character: char) {
        let short = match character {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => ' ',
        };
        let mut text = String::from("\\");
        let code = u32::from(character);
        // Writing to a string cannot fail.
        let _ = match (short, code) {
            (' ', 0..=0xff) => write!(text, "x{code:02X}"),
            (' ', 0x100..=0xffff) => write!(text, "u{code:04X}"),
            (' ', _) => write!(text, "U{code:08X}"),
            (short, _) => write!(text, "{short}"),
        };
        text.chars().for_each(|character| self.put(character));
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.indicator("|", true, false, false);
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.indicator(&INDENT.to_string(), false, false, false);
        }
        let mut from_end = text.chars().rev();
        let (last, before) = (from_end.next(), from_end.next());
        let chomping = match (last, before) {
            (Some(last), _) if !is_break(last) => "-",
            (Some(_), Some(before)) if !is_break(before) => "",
            _ => "+",
        };
        if !chomping.is_empty() {
            self.indicator(chomping, false, false, false);
        }
        self.line_break();
        self.only_indented = true;
        self.after_space = true;
        let mut at_line_start = true;
        for character in text.chars() {
            if is_break(character) {
                self.out.push(character);
                self.column = 0;
                self.only_indented = true;
                at_line_start = true;
                continue;
            }
            if at_line_start {
                self.indent(indent);
            }
            self.put(character);
            self.only_indented = false;
            at_line_start = false;
        }
    }
}

fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// As YAML's emitter sees it: neither tabs nor characters beyond the first plane.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && character != '\u{feff}'
}

fn can_be_literal(text: &str) -> bool {
    let space_before_break = text
        .chars()
        .zip(text.chars().skip(1))
        .any(|(first, second)| first == ' ' && is_break(second));
    !text.ends_with(' ') && !space_before_break && text.chars().all(is_printable)
}
