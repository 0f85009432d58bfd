//! Text to tokens, one at a time, in the three modes of the HCL native syntax: code, quoted template, heredoc.

use super::tree::Comment;
use crate::source::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    End,
    Newline,
    Identifier,
    Number,
    Equal,
    EqualEqual,
    NotEqual,
    Bang,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Question,
    Colon,
    DoubleColon,
    Comma,
    Dot,
    Ellipsis,
    FatArrow,
    ParenOpen,
    ParenClose,
    BracketOpen,
    BracketClose,
    BraceOpen,
    BraceClose,
    /// A whole string in quotes, without escapes, sequences and line breaks.
    String,
    /// `"`, after which a quoted template goes on.
    QuoteOpen,
    /// `"` at its end.
    QuoteClose,
    /// The line break, or the end of the text, before which the closing `"` is missing.
    QuoteMissing,
    /// `<<MARKER` or `<<-MARKER`, with its line break.
    HeredocOpen,
    /// The closing marker with the blanks before it.
    HeredocClose,
    /// The end of the text, before which the closing marker is missing.
    HeredocMissing,
    /// A run of literal text in a template; in a heredoc, at most one line, with its line break.
    Literal,
    /// `${` or `${~`.
    InterpolationOpen,
    /// `%{` or `%{~`.
    DirectiveOpen,
    /// `}` or `~}` of an interpolation or directive.
    SequenceClose,
    /// A character that the language does not use there.
    Unknown,
    /// A comment from `/*` without its `*/`.
    CommentMissing,
}

/// A token with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    /// The start and, in the upper half, the end: as one number they travel in registers. A copy of two numbers is one load
    /// from where there have just been two stores, and a processor waits for that as long as for the whole token.
    place: u64,
}

impl Token {
    /// A token from one offset to another; texts are shorter than 4 GiB.
    pub fn new(kind: Kind, start: usize, end: usize) -> Self {
        let place = start as u64 | (end as u64) << 32;
        Self { kind, place }
    }

    pub fn span(self) -> Span {
        Span {
            start: self.place as u32,
            end: (self.place >> 32) as u32,
        }
    }
}

/// What is open around a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    Paren,
    Bracket,
    Brace,
    Sequence,
    Quote,
    Heredoc { marker: Span, line_start: bool },
    Bare,
}

/// The lexer. It never fails and always ends: past the text there are only [`Kind::End`] tokens.
pub(super) struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// What is open, the innermost last.
    pub stack: Vec<Open>,
    /// The comments passed so far.
    pub comments: Vec<Comment>,
}

impl<'t> Lexer<'t> {
    /// A lexer at the start of a file or an expression; passes over a byte-order mark.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: if text.starts_with('\u{feff}') { 3 } else { 0 },
            stack: Vec::new(),
            comments: Vec::new(),
        }
    }

    /// A lexer at the start of a template without quotes.
    pub fn template(text: &'t str) -> Self {
        let mut lexer = Self::new(text);
        lexer.at = 0;
        lexer.stack.push(Open::Bare);
        lexer
    }

    /// Goes to the start of a line in the body of a block that is `depth` blocks deep.
    pub fn restart(&mut self, at: usize, depth: usize) {
        self.at = at;
        self.stack.resize(depth, Open::Brace);
        while let Some(last) = self.comments.last()
            && last.span.start as usize >= at
        {
            self.comments.pop();
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts_with(&self, text: &str) -> bool {
        self.rest().starts_with(text.as_bytes())
    }

    fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize, kind: Kind) -> Token {
        let start = self.at;
        self.at += length;
        Token::new(kind, start, self.at)
    }

    /// The next token.
    pub fn next(&mut self) -> Token {
        match self.stack.last() {
            Some(Open::Quote | Open::Heredoc { .. } | Open::Bare) => self.next_in_template(),
            _ => self.next_code(),
        }
    }

    /// Not inlined, like all that is rare: what stands in a function costs each of its calls registers and stack.
    #[inline(never)]
    fn next_in_template(&mut self) -> Token {
        match self.stack.last().copied() {
            Some(Open::Quote) => self.next_quoted(),
            Some(Open::Heredoc { marker, line_start }) => self.next_heredoc(marker, line_start),
            Some(Open::Bare) => self.next_bare(),
            Some(Open::Paren | Open::Bracket | Open::Brace | Open::Sequence) | None => {
                self.next_code()
            }
        }
    }

    /// Most tokens are found here, by a function that calls no other and so costs no stack.
    fn next_code(&mut self) -> Token {
        let rest = self.rest();
        let blanks = length_of(Class::Blank, rest);
        self.at += blanks;
        let token = rest.get(blanks..).unwrap_or_default();
        let Some((&first, after)) = token.split_first() else {
            return self.take(0, Kind::End);
        };
        if first.is_ascii_alphabetic() || first == b'_' {
            let length = length_of(Class::Name, after);
            if after.get(length).is_none_or(u8::is_ascii) {
                return self.take(length + 1, Kind::Identifier);
            }
        }
        if first == b'"'
            && let Some(length) = string_length(after)
        {
            return self.take(length, Kind::String);
        }
        let second = after.first().copied().unwrap_or(0);
        let is_longer = matches!(second, b'=' | b'>' | b'.');
        match first {
            b'\n' => self.take(1, Kind::Newline),
            b',' => self.take(1, Kind::Comma),
            b'=' if !is_longer => self.take(1, Kind::Equal),
            b'.' if !is_longer => self.take(1, Kind::Dot),
            _ => self.next_rare(),
        }
    }

    #[inline(never)]
    fn next_rare(&mut self) -> Token {
        loop {
            let first = self.peek(0);
            match first {
                b' ' | b'\t' => self.at += 1,
                b'#' => self.line_comment(),
                b'/' if self.peek(1) == b'/' => self.line_comment(),
                b'/' if self.peek(1) == b'*' => {
                    if let Some(missing) = self.block_comment() {
                        return missing;
                    }
                }
                _ => return self.code_token(first),
            }
        }
    }

    #[inline(never)]
    fn line_comment(&mut self) {
        let length = memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
        let end = self.at + length;
        let end = match self.text.get(self.at..end) {
            Some(line) => self.at + line.strip_suffix('\r').unwrap_or(line).len(),
            None => end,
        };
        self.comment(end);
    }

    #[inline(never)]
    fn block_comment(&mut self) -> Option<Token> {
        let inner = self.bytes.get(self.at + 2..).unwrap_or_default();
        let Some(length) = memchr::memmem::find(inner, b"*/") else {
            let token = self.take(2, Kind::CommentMissing);
            self.at = self.bytes.len();
            return Some(token);
        };
        self.comment(self.at + length + 4);
        None
    }

    fn comment(&mut self, end: usize) {
        self.comments.push(Comment {
            span: Span::new(self.at, end),
            object: None,
        });
        self.at = end;
    }

    fn code_token(&mut self, first: u8) -> Token {
        let second = self.peek(1);
        let either = |condition, long, short| if condition { (2, long) } else { (1, short) };
        let (length, kind) = match first {
            _ if self.at >= self.bytes.len() => (0, Kind::End),
            b'0'..=b'9' => (self.number_length(), Kind::Number),
            b'\n' => (1, Kind::Newline),
            b'\r' if second == b'\n' => (2, Kind::Newline),
            b'"' => match string_length(self.bytes.get(self.at + 1..).unwrap_or_default()) {
                Some(length) => (length, Kind::String),
                None => {
                    self.stack.push(Open::Quote);
                    (1, Kind::QuoteOpen)
                }
            },
            b'(' | b'[' | b'{' => self.open(first),
            b')' | b']' | b'}' => self.close(first),
            b'~' if second == b'}' => (2, self.close_brace(true)),
            b'=' if second == b'>' => (2, Kind::FatArrow),
            b'=' => either(second == b'=', Kind::EqualEqual, Kind::Equal),
            b'!' => either(second == b'=', Kind::NotEqual, Kind::Bang),
            b'>' => either(second == b'=', Kind::GreaterEqual, Kind::Greater),
            b'<' if second == b'<' => return self.heredoc_open(),
            b'<' => either(second == b'=', Kind::LessEqual, Kind::Less),
            b'&' => either(second == b'&', Kind::And, Kind::Unknown),
            b'|' => either(second == b'|', Kind::Or, Kind::Unknown),
            b':' => either(second == b':', Kind::DoubleColon, Kind::Colon),
            b'.' if self.starts_with("...") => (3, Kind::Ellipsis),
            b'.' => (1, Kind::Dot),
            b',' => (1, Kind::Comma),
            b'+' => (1, Kind::Plus),
            b'-' => (1, Kind::Minus),
            b'*' => (1, Kind::Star),
            b'/' => (1, Kind::Slash),
            b'%' => (1, Kind::Percent),
            b'?' => (1, Kind::Question),
            _ => match self.identifier_length() {
                0 => (self.character_length(), Kind::Unknown),
                length => (length, Kind::Identifier),
            },
        };
        self.take(length, kind)
    }

    fn character_length(&self) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        rest.chars().next().map_or(1, char::len_utf8)
    }

    fn identifier_length(&self) -> usize {
        identifier_length(self.text.get(self.at..).unwrap_or_default())
    }

    /// Digits, dots and exponents, as far as they do not end in a dot. What is one token may still be no number.
    #[inline(never)]
    fn number_length(&self) -> usize {
        let mut length = 0;
        let mut ahead = 0;
        loop {
            match self.peek(ahead) {
                b'0'..=b'9' => {
                    ahead += 1;
                    length = ahead;
                }
                b'.' => ahead += 1,
                b'e' | b'E' => {
                    let sign = usize::from(matches!(self.peek(ahead + 1), b'+' | b'-'));
                    if !self.peek(ahead + 1 + sign).is_ascii_digit() {
                        return length;
                    }
                    ahead += 2 + sign;
                    length = ahead;
                }
                _ => return length,
            }
        }
    }

    fn open(&mut self, byte: u8) -> (usize, Kind) {
        let (open, kind) = match byte {
            b'(' => (Open::Paren, Kind::ParenOpen),
            b'[' => (Open::Bracket, Kind::BracketOpen),
            _ => (Open::Brace, Kind::BraceOpen),
        };
        self.stack.push(open);
        (1, kind)
    }

    fn close(&mut self, byte: u8) -> (usize, Kind) {
        let (open, kind) = match byte {
            b')' => (Open::Paren, Kind::ParenClose),
            b']' => (Open::Bracket, Kind::BracketClose),
            _ => return (1, self.close_brace(false)),
        };
        if self.stack.last() == Some(&open) {
            self.stack.pop();
        }
        (1, kind)
    }

    /// A brace closes the nearest brace or sequence, whatever parentheses and brackets were left open in it.
    #[inline(never)]
    fn close_brace(&mut self, strip: bool) -> Kind {
        while matches!(self.stack.last(), Some(Open::Paren | Open::Bracket)) {
            self.stack.pop();
        }
        match self.stack.last() {
            Some(Open::Sequence) => {
                self.stack.pop();
                Kind::SequenceClose
            }
            Some(Open::Brace) => {
                self.stack.pop();
                if strip {
                    Kind::SequenceClose
                } else {
                    Kind::BraceClose
                }
            }
            _ if strip => Kind::Unknown,
            _ => Kind::BraceClose,
        }
    }

    #[inline(never)]
    fn heredoc_open(&mut self) -> Token {
        let flush = self.peek(2) == b'-';
        let start = self.at + 2 + usize::from(flush);
        let rest = self.text.get(start..).unwrap_or_default();
        let length = identifier_length(rest);
        let after = rest.get(length..).unwrap_or_default();
        let line_break = if after.starts_with("\r\n") {
            2
        } else if after.starts_with('\n') {
            1
        } else {
            0
        };
        if length == 0 || line_break == 0 {
            return self.take(1, Kind::Less);
        }
        self.stack.push(Open::Heredoc {
            marker: Span::new(start, start + length),
            line_start: true,
        });
        let end = start + length + line_break;
        self.take(end - self.at, Kind::HeredocOpen)
    }

    /// `${` or `%{`, where one stands here.
    fn sequence_open(&mut self) -> Option<Token> {
        let strip = self.peek(2) == b'~';
        let kind = match (self.peek(0), self.peek(1)) {
            (b'$', b'{') => Kind::InterpolationOpen,
            (b'%', b'{') => Kind::DirectiveOpen,
            _ => return None,
        };
        self.stack.push(Open::Sequence);
        Some(self.take(2 + usize::from(strip), kind))
    }

    /// How much of `bytes` comes before the next `${` or `%{`; `$${` and `%%{` are none.
    fn literal_length(bytes: &[u8]) -> usize {
        let mut from = 0;
        while let Some(found) = memchr::memchr2(b'$', b'%', bytes.get(from..).unwrap_or_default()) {
            let at = from + found;
            let sign = bytes.get(at).copied();
            let next = bytes.get(at + 1).copied();
            if next == Some(b'{') {
                return at;
            }
            let escaped = next == sign && bytes.get(at + 2) == Some(&b'{');
            from = at + if escaped { 3 } else { 1 };
        }
        bytes.len()
    }

    fn next_quoted(&mut self) -> Token {
        if let Some(token) = self.sequence_open() {
            return token;
        }
        match self.peek(0) {
            _ if self.at >= self.bytes.len() => {
                self.stack.pop();
                return self.take(0, Kind::QuoteMissing);
            }
            b'"' => {
                self.stack.pop();
                return self.take(1, Kind::QuoteClose);
            }
            b'\n' if starts_item(self.bytes.get(self.at + 1..).unwrap_or_default()) => {
                self.stack.pop();
                return self.take(0, Kind::QuoteMissing);
            }
            _ => {}
        }
        let length = self.quoted_literal_length();
        self.take(length, Kind::Literal)
    }

    /// Literal text up to the closing quote, a sequence, or a line break behind which something else begins. A line
    /// break within a string is wrong, but the string may well go on behind it.
    fn quoted_literal_length(&self) -> usize {
        let bytes = self.rest();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'"' => return at,
                b'\\' => {
                    let next = bytes.get(at + 1).copied().unwrap_or(b'\n');
                    at += if matches!(next, b'\n' | b'\r') { 1 } else { 2 };
                }
                b'\n' if at > 0 && starts_item(bytes.get(at + 1..).unwrap_or_default()) => {
                    return at;
                }
                b'$' | b'%' => {
                    let next = bytes.get(at + 1).copied();
                    if next == Some(b'{') {
                        return at;
                    }
                    let escaped = next == Some(byte) && bytes.get(at + 2) == Some(&b'{');
                    at += if escaped { 3 } else { 1 };
                }
                _ => at += 1,
            }
        }
        bytes.len()
    }

    fn next_heredoc(&mut self, marker: Span, line_start: bool) -> Token {
        if self.at >= self.bytes.len() {
            self.stack.pop();
            return self.take(0, Kind::HeredocMissing);
        }
        if let Some(token) = self.sequence_open() {
            self.set_line_start(token, false);
            return token;
        }
        let line = self.line_length();
        let text = self.text.get(self.at..self.at + line).unwrap_or_default();
        let content = text.strip_suffix('\n').unwrap_or(text);
        let content = content.strip_suffix('\r').unwrap_or(content);
        let length = Self::literal_length(text.as_bytes());
        if line_start && text.ends_with('\n') && content.trim() == marker.text(self.text) {
            self.stack.pop();
            return self.take(content.len(), Kind::HeredocClose);
        }
        let token = self.take(length, Kind::Literal);
        self.set_line_start(token, length == line && text.ends_with('\n'));
        token
    }

    /// Notes for the heredoc that holds a token whether a line of it starts behind that token.
    fn set_line_start(&mut self, token: Token, value: bool) {
        let behind = usize::from(token.kind != Kind::Literal);
        let heredoc = self.stack.iter_mut().rev().nth(behind);
        if let Some(Open::Heredoc { line_start, .. }) = heredoc {
            *line_start = value;
        }
    }

    /// The length of the line from here on, with its line break.
    fn line_length(&self) -> usize {
        memchr::memchr(b'\n', self.rest()).map_or(self.rest().len(), |at| at + 1)
    }

    fn next_bare(&mut self) -> Token {
        if self.at >= self.bytes.len() {
            return self.take(0, Kind::End);
        }
        if let Some(token) = self.sequence_open() {
            return token;
        }
        let line = self.rest().get(..self.line_length()).unwrap_or_default();
        self.take(Self::literal_length(line), Kind::Literal)
    }
}

/// What bytes run on through blanks, names and strings; each a bit, since a byte may be of several.
#[derive(Clone, Copy)]
enum Class {
    Blank = 1,
    /// What an identifier goes on with, in ASCII.
    Name = 2,
    /// What stands for itself in a string, and does not end it.
    Plain = 4,
}

/// The classes of each byte: one look at a table takes a third of the time of comparisons.
static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let is_blank = matches!(byte as u8, b' ' | b'\t');
        let is_name = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'-');
        let is_special = matches!(byte as u8, b'"' | b'\\' | b'$' | b'%' | b'\n' | b'\r');
        classes[byte] = is_blank as u8 * Class::Blank as u8
            + is_name as u8 * Class::Name as u8
            + !is_special as u8 * Class::Plain as u8;
        byte += 1;
    }
    classes
}

/// How many bytes of a class the text begins with.
fn length_of(class: Class, bytes: &[u8]) -> usize {
    let is_of_class = |byte: &u8| {
        let classes = CLASSES.get(usize::from(*byte)).copied().unwrap_or(0);
        classes & class as u8 != 0
    };
    let end = bytes.iter().position(|byte| !is_of_class(byte));
    end.unwrap_or(bytes.len())
}

/// The length of a string, if it can be taken as it stands; what is behind its first quote is given.
fn string_length(inside: &[u8]) -> Option<usize> {
    let length = length_of(Class::Plain, inside);
    (inside.get(length) == Some(&b'"')).then_some(length + 2)
}

/// The length of the identifier that a text starts with; 0 where there is none.
pub(super) fn identifier_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let fast = length_of(Class::Name, bytes);
    let first = bytes.first().copied().unwrap_or(0);
    if (first.is_ascii_alphabetic() || first == b'_') && bytes.get(fast).is_none_or(u8::is_ascii) {
        return fast;
    }
    let starts = |c: char| c == '_' || unicode_ident::is_xid_start(c);
    if !text.chars().next().is_some_and(starts) {
        return 0;
    }
    let rest = text.get(fast..).unwrap_or_default();
    let continues = |c: char| c == '-' || unicode_ident::is_xid_continue(c);
    match rest.chars().next() {
        Some(c) if !c.is_ascii() => fast + rest.find(|c: char| !continues(c)).unwrap_or(rest.len()),
        _ => fast,
    }
}

/// Whether a line is blank, closes a block, or looks like the start of an attribute or a block.
fn starts_item(bytes: &[u8]) -> bool {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let line = bytes.get(..end).unwrap_or_default();
    let line = std::str::from_utf8(line).unwrap_or_default();
    line.trim().is_empty() || super::recovery::Look::of(line).is_some()
}
