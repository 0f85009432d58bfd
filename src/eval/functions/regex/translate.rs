//! From RE2's syntax, as Go parses it, to that of the `regex` crate.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;
use std::sync::Arc;

/// Longer patterns are not translated, in bytes.
const MOST_PATTERN: usize = 16 << 10;
/// Deeper nested groups are not translated; Go's own bound is higher.
const MOST_GROUPS_DEEP: usize = 100;
/// The greatest count of a repetition, and of nested ones multiplied.
const MOST_REPEATS: u32 = 1000;

/// A translated pattern.
#[derive(Debug)]
pub(super) struct Translation {
    /// In the `regex` crate's syntax; its groups have no names.
    pub(super) pattern: String,
    /// The names of the groups in order.
    pub(super) groups: Vec<Option<Arc<str>>>,
}

/// Why there is no translation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Untranslated {
    /// Go refuses the pattern as well.
    Invalid(&'static str),
    /// Go may take it.
    Unsupported,
}

use Untranslated::{Invalid, Unsupported};

const UNCLOSED_CLASS: Untranslated = Invalid("missing closing ]");
const BAD_ESCAPE: Untranslated = Invalid("invalid escape sequence");
const BAD_RANGE: Untranslated = Invalid("invalid character class range");
const BAD_GROUP: Untranslated = Invalid("invalid or unsupported Perl syntax");

/// Translates a pattern.
pub(super) fn translate(pattern: &str) -> Result<Translation, Untranslated> {
    if pattern.len() > MOST_PATTERN {
        return Err(Unsupported);
    }
    let mut translator = Translator {
        rest: pattern.chars().peekable(),
        out: String::with_capacity(pattern.len() * 2),
        groups: Vec::new(),
        open: Vec::new(),
        frame: Frame::default(),
    };
    while let Some(character) = translator.rest.next() {
        translator.item(character)?;
    }
    if !translator.open.is_empty() {
        return Err(Invalid("missing closing )"));
    }
    Ok(Translation {
        pattern: translator.out,
        groups: translator.groups,
    })
}

struct Translator<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    groups: Vec<Option<Arc<str>>>,
    open: Vec<Frame>,
    frame: Frame,
}

/// What is known of the group being read.
#[derive(Default)]
struct Frame {
    /// What stands last, for a repetition to apply to.
    last: Last,
    /// The greatest product of nested repetition counts so far.
    repeats: u32,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Nothing,
    /// With the greatest product of repetition counts inside.
    Atom(u32),
    Repeated,
}

impl Translator<'_> {
    fn item(&mut self, character: char) -> Result<(), Untranslated> {
        match character {
            '(' => return self.open_group(),
            ')' => return self.close_group(),
            '|' => {
                self.out.push('|');
                self.frame.last = Last::Nothing;
                return Ok(());
            }
            '*' | '+' | '?' => return self.repeat(&character.to_string(), 1),
            '{' => {
                if let Some((text, count)) = self.counts()? {
                    return self.repeat(&text, count);
                }
                self.literal('{');
            }
            '[' => self.class()?,
            '\\' => return self.escape(),
            '.' | '^' | '$' => self.out.push(character),
            _ => self.literal(character),
        }
        self.frame.last = Last::Atom(1);
        Ok(())
    }

    fn literal(&mut self, character: char) {
        push_literal(&mut self.out, character);
    }

    fn open_group(&mut self) -> Result<(), Untranslated> {
        if self.open.len() >= MOST_GROUPS_DEEP {
            return Err(Unsupported);
        }
        if self.rest.next_if_eq(&'?').is_none() {
            self.groups.push(None);
            self.out.push('(');
        } else if let Some(name) = self.group_name()? {
            self.groups.push(Some(name.into()));
            self.out.push('(');
        } else if !self.flags()? {
            return Ok(());
        }
        self.open.push(std::mem::take(&mut self.frame));
        Ok(())
    }

    /// `P<name>` or `<name>`
    fn group_name(&mut self) -> Result<Option<String>, Untranslated> {
        let perl = self.rest.next_if_eq(&'P').is_some();
        if self.rest.next_if_eq(&'<').is_none() {
            return if perl { Err(BAD_GROUP) } else { Ok(None) };
        }
        let mut name = String::new();
        loop {
            match self.rest.next() {
                Some('>') if !name.is_empty() => return Ok(Some(name)),
                Some(c) if c.is_ascii_alphanumeric() || c == '_' => name.push(c),
                _ => return Err(Invalid("invalid named capture")),
            }
        }
    }

    /// Flags up to `:` or `)`; whether a group opens.
    fn flags(&mut self) -> Result<bool, Untranslated> {
        let (mut on, mut off) = (String::new(), String::new());
        let mut negative = false;
        loop {
            match self.rest.next() {
                Some(flag @ ('i' | 'm' | 's' | 'U')) => {
                    on.retain(|other| other != flag);
                    off.retain(|other| other != flag);
                    let flags = if negative { &mut off } else { &mut on };
                    flags.push(flag);
                }
                Some('-') if !negative => negative = true,
                Some(end @ (':' | ')')) if !negative || !off.is_empty() => {
                    return Ok(self.end_flags(&on, &off, end == ':'));
                }
                _ => return Err(BAD_GROUP),
            }
        }
    }

    fn end_flags(&mut self, on: &str, off: &str, opens: bool) -> bool {
        let minus = if off.is_empty() { "" } else { "-" };
        let end = if opens { ":" } else { ")" };
        if opens || !on.is_empty() || !off.is_empty() {
            self.out.push_str("(?");
            self.out.extend([on, minus, off, end]);
        }
        opens
    }

    fn close_group(&mut self) -> Result<(), Untranslated> {
        let outer = self.open.pop().ok_or(Invalid("unexpected )"))?;
        let inner = std::mem::replace(&mut self.frame, outer);
        self.out.push(')');
        self.frame.last = Last::Atom(inner.repeats.max(1));
        self.frame.repeats = self.frame.repeats.max(inner.repeats);
        Ok(())
    }

    /// A repetition operator and the count by which it multiplies those inside.
    fn repeat(&mut self, operator: &str, count: u32) -> Result<(), Untranslated> {
        let inside = match self.frame.last {
            Last::Nothing => return Err(Invalid("missing argument to repetition operator")),
            Last::Repeated => return Err(Invalid("invalid nested repetition operator")),
            Last::Atom(inside) => inside,
        };
        let product = inside.saturating_mul(count);
        if product > MOST_REPEATS {
            return Err(Invalid("invalid repeat count"));
        }
        self.out.push_str(operator);
        if self.rest.next_if_eq(&'?').is_some() {
            self.out.push('?');
        }
        self.frame.repeats = self.frame.repeats.max(product);
        self.frame.last = Last::Repeated;
        Ok(())
    }

    /// `n}`, `n,}` or `n,m}` after a brace; `None` where the brace is only a brace.
    fn counts(&mut self) -> Result<Option<(String, u32)>, Untranslated> {
        let mut ahead = self.rest.clone();
        let Some(least) = digits(&mut ahead) else {
            return Ok(None);
        };
        let mut most = Some(least);
        if ahead.next_if_eq(&',').is_some() {
            most = digits(&mut ahead);
            if most.is_none() && ahead.peek() != Some(&'}') {
                return Ok(None);
            }
        }
        if ahead.next() != Some('}') {
            return Ok(None);
        }
        self.rest = ahead;
        let greatest = most.unwrap_or(least);
        if least > MOST_REPEATS || greatest > MOST_REPEATS || greatest < least {
            return Err(Invalid("invalid repeat count"));
        }
        Ok(Some(match most {
            Some(most) => (format!("{{{least},{most}}}"), most),
            None => (format!("{{{least},}}"), least.max(1)),
        }))
    }

    fn escape(&mut self) -> Result<(), Untranslated> {
        match self.rest.peek() {
            Some('Q') => {
                self.rest.next();
                self.quoted();
                return Ok(());
            }
            Some('A') => self.pass("\\A"),
            Some('z') => self.pass("\\z"),
            Some('b') => self.pass("(?-u:\\b)"),
            // Its counterpart here also matches inside of characters.
            Some('B') => return Err(Unsupported),
            _ => {
                if !self.shared_class()? {
                    let character = self.escaped()?;
                    self.literal(character);
                }
            }
        }
        self.frame.last = Last::Atom(1);
        Ok(())
    }

    fn pass(&mut self, text: &str) {
        self.rest.next();
        self.out.push_str(text);
    }

    /// Everything up to `\E` as it is.
    fn quoted(&mut self) {
        while let Some(character) = self.rest.next() {
            if character == '\\' && self.rest.next_if_eq(&'E').is_some() {
                return;
            }
            self.literal(character);
            self.frame.last = Last::Atom(1);
        }
    }

    /// `\d`, `\pL` and their like after the backslash, inside of brackets and outside; whether there was one.
    fn shared_class(&mut self) -> Result<bool, Untranslated> {
        let class = match self.rest.peek() {
            Some('d') => "[0-9]",
            Some('D') => "[^0-9]",
            Some('s') => "[\\t\\n\\f\\r ]",
            Some('S') => "[^\\t\\n\\f\\r ]",
            Some('w') => "[0-9A-Za-z_]",
            Some('W') => "[^0-9A-Za-z_]",
            Some('p' | 'P') => {
                self.unicode_class()?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.pass(class);
        Ok(true)
    }

    fn unicode_class(&mut self) -> Result<(), Untranslated> {
        let mut negative = self.rest.next() == Some('P');
        let name = match self.rest.next().ok_or(BAD_RANGE)? {
            '{' => {
                negative ^= self.rest.next_if_eq(&'^').is_some();
                let mut name = String::new();
                loop {
                    match self.rest.next() {
                        Some('}') => break name,
                        Some(character) => name.push(character),
                        None => return Err(BAD_RANGE),
                    }
                }
            }
            single => single.to_string(),
        };
        let letter = if negative { 'P' } else { 'p' };
        match name.as_str() {
            "Any" => {
                let class = if negative {
                    "[^\\x00-\\x{10FFFF}]"
                } else {
                    "[\\x00-\\x{10FFFF}]"
                };
                self.out.push_str(class);
            }
            // Go's has no unassigned characters.
            "C" | "Cs" => return Err(Unsupported),
            _ if CATEGORIES.contains(&name.as_str()) => {
                let _ = write!(self.out, "\\{letter}{{{name}}}");
            }
            _ if name.len() > 2 && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_') => {
                let _ = write!(self.out, "\\{letter}{{Script={name}}}");
            }
            _ => return Err(BAD_RANGE),
        }
        Ok(())
    }

    /// A character written as an escape, after the backslash.
    fn escaped(&mut self) -> Result<char, Untranslated> {
        match self
            .rest
            .next()
            .ok_or(Invalid("trailing backslash at end of expression"))?
        {
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            'x' => self.hexadecimal(),
            // A single digit other than zero would be a back reference.
            '1'..='7' if !matches!(self.rest.peek(), Some('0'..='7')) => Err(BAD_ESCAPE),
            digit @ '0'..='7' => {
                let mut code = digit.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = self.rest.next_if(|c| c.is_digit(8)) else {
                        break;
                    };
                    code = code * 8 + digit.to_digit(8).unwrap_or_default();
                }
                char::from_u32(code).ok_or(BAD_ESCAPE)
            }
            character if character.is_ascii() && !character.is_ascii_alphanumeric() => {
                Ok(character)
            }
            _ => Err(BAD_ESCAPE),
        }
    }

    fn hexadecimal(&mut self) -> Result<char, Untranslated> {
        let mut code = 0_u32;
        let braced = self.rest.next_if_eq(&'{').is_some();
        let mut digits = 0;
        while braced || digits < 2 {
            match self.rest.next() {
                Some('}') if braced && digits > 0 => break,
                Some(c) if c.is_ascii_hexdigit() => {
                    code = code * 16 + c.to_digit(16).unwrap_or_default();
                    digits += 1;
                }
                _ => return Err(BAD_ESCAPE),
            }
            if code > u32::from(char::MAX) {
                return Err(BAD_ESCAPE);
            }
        }
        // A surrogate can be written there, but never matches.
        char::from_u32(code).ok_or(Unsupported)
    }

    fn class(&mut self) -> Result<(), Untranslated> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            match self.rest.peek().copied() {
                None => return Err(UNCLOSED_CLASS),
                Some(']') if !first => break,
                Some('[') if self.posix_class()? => {}
                Some('\\') if self.class_in_class()? => {}
                Some(_) => self.range()?,
            }
            first = false;
        }
        self.rest.next();
        self.out.push(']');
        Ok(())
    }

    /// `[:alpha:]` in brackets; whether there was one.
    fn posix_class(&mut self) -> Result<bool, Untranslated> {
        let mut ahead = self.rest.clone();
        ahead.next();
        if ahead.next_if_eq(&':').is_none() {
            return Ok(false);
        }
        let mut name = String::new();
        loop {
            match ahead.next() {
                Some(':') if ahead.peek() == Some(&']') => break,
                Some(character) => name.push(character),
                // Without an end it is a bracket and a colon.
                None => return Ok(false),
            }
        }
        ahead.next();
        if !POSIX.contains(&name.trim_start_matches('^')) || name.starts_with("^^") {
            return Err(BAD_RANGE);
        }
        self.rest = ahead;
        let _ = write!(self.out, "[:{name}:]");
        Ok(true)
    }

    fn class_in_class(&mut self) -> Result<bool, Untranslated> {
        let before = self.rest.clone();
        self.rest.next();
        let found = self.shared_class()?;
        if !found {
            self.rest = before;
        }
        Ok(found)
    }

    fn range(&mut self) -> Result<(), Untranslated> {
        let low = self.class_character()?;
        let mut high = low;
        let mut ahead = self.rest.clone();
        if ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']') {
            self.rest = ahead;
            high = self.class_character()?;
            if high < low {
                return Err(BAD_RANGE);
            }
        }
        push_code(&mut self.out, low);
        self.out.push('-');
        push_code(&mut self.out, high);
        Ok(())
    }

    fn class_character(&mut self) -> Result<char, Untranslated> {
        match self.rest.next().ok_or(UNCLOSED_CLASS)? {
            '\\' => self.escaped(),
            character => Ok(character),
        }
    }
}

/// A number without leading zeros; one that is too great for any use comes out as the greatest.
fn digits(rest: &mut Peekable<Chars<'_>>) -> Option<u32> {
    let first = rest.next_if(char::is_ascii_digit)?;
    let mut value = first.to_digit(10)?;
    let mut more = false;
    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
        more = true;
        value = value.saturating_mul(10).saturating_add(digit.to_digit(10)?);
    }
    (!more || first != '0').then_some(value)
}

fn push_literal(out: &mut String, character: char) {
    if character.is_alphanumeric() {
        out.push(character);
    } else {
        push_code(out, character);
    }
}

fn push_code(out: &mut String, character: char) {
    let _ = write!(out, "\\x{{{:x}}}", u32::from(character));
}

/// General categories that mean the same on both sides.
const CATEGORIES: &[&str] = &[
    "Cc", "Cf", "Co", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl",
    "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl",
    "Zp", "Zs",
];

const POSIX: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];
