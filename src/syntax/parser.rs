//! What the parsers of bodies, expressions and templates share: the next token, errors, and the way back to sense.

use super::builder::Builder;
use super::lexer::{Kind, Lexer, Token};
use super::tree::{Expr, ExprId, ExprKind, Text};
use crate::message;
use crate::message::Message;
use crate::redact::Shown;
use crate::source::Span;

/// Something did not parse, and the error is noted.
#[derive(Debug)]
pub(super) struct Failed;

pub(super) type Parsed<T> = Result<T, Failed>;

/// A parser of one text.
pub(super) struct Parser<'t> {
    pub text: &'t str,
    pub lexer: Lexer<'t>,
    pub builder: Builder,
    /// Where the text starts among the texts of the tree.
    base: u32,
    /// How deep the expression that is being parsed is nested.
    pub nesting: usize,
    /// Whether line breaks mean nothing here.
    pub skip_newlines: bool,
    /// The error was noted for something that `hcl-edit` is known to let pass.
    pub certain: bool,
    next: Token,
    /// Where the line of the next token starts, as far as tokens tell (a line break in a heredoc or a comment is none).
    pub line: u32,
    /// The end of the last token that was taken.
    pub last_end: u32,
}

impl<'t> Parser<'t> {
    /// A parser of a text, which it puts behind the texts that the builder's tree has already.
    pub fn new(text: &'t str, mut lexer: Lexer<'t>, mut builder: Builder) -> Self {
        let next = lexer.next();
        let base = builder.text(text).0.start;
        Self {
            text,
            lexer,
            builder,
            base,
            nesting: 0,
            skip_newlines: false,
            certain: false,
            line: 0,
            last_end: next.span().start,
            next,
        }
    }

    /// The next token, left where it is.
    pub fn peek(&mut self) -> Token {
        while self.skip_newlines && self.next.kind == Kind::Newline {
            self.advance();
        }
        self.next
    }

    fn advance(&mut self) {
        if self.next.kind == Kind::Newline {
            self.line = self.next.span().end;
        }
        self.next = self.lexer.next();
    }

    /// Takes the next token.
    pub fn take(&mut self) -> Token {
        let token = self.peek();
        self.last_end = token.span().end;
        self.advance();
        token
    }

    /// Takes the next token if it is of a kind. Inlined, since it mostly is not, and then the call would be all the work.
    #[inline(always)]
    pub fn accept(&mut self, kind: Kind) -> Option<Token> {
        (self.peek().kind == kind).then(|| self.take())
    }

    /// Whether the next token is this word.
    pub fn at_word(&mut self, word: &str) -> bool {
        let token = self.peek();
        token.kind == Kind::Identifier && token.span().text(self.text) == word
    }

    /// Goes on at the start of a line, `depth` blocks deep.
    pub fn restart(&mut self, at: usize, depth: usize) {
        self.lexer.restart(at, depth);
        self.line = Span::new(at, at).start;
        self.next = self.lexer.next();
    }

    /// The text of a place, as it stands there.
    pub fn text_at(&self, place: Span) -> Text {
        Text(Span {
            start: place.start.saturating_add(self.base),
            end: place.end.saturating_add(self.base),
        })
    }

    /// The text of a place in Unicode normalization form C, the form of every Terraform string.
    pub fn nfc_at(&mut self, place: Span) -> Text {
        let text = place.text(self.text);
        if text.is_ascii() {
            return self.text_at(place);
        }
        self.builder.nfc(text)
    }

    /// The span from a place to the end of the last token.
    pub fn span_from(&self, start: u32) -> Span {
        Span {
            start,
            end: self.last_end.max(start),
        }
    }

    pub fn add(&mut self, span: Span, kind: ExprKind) -> ExprId {
        self.builder.add(span, kind)
    }

    /// The span of an expression of the tree.
    pub fn span(&self, id: ExprId) -> Span {
        self.expr(id).span
    }

    pub fn expr(&self, id: ExprId) -> &Expr {
        self.builder.tree.expr(id)
    }

    /// Runs a part of the parser in which line breaks count or do not.
    pub fn with_newlines<T>(&mut self, skip: bool, parse: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.skip_newlines, skip);
        let parsed = parse(self);
        self.skip_newlines = before;
        parsed
    }

    /// Notes an error and fails.
    pub fn fail<T>(&mut self, span: Span, message: impl Into<Message>) -> Parsed<T> {
        self.builder.error(span, message);
        Err(Failed)
    }

    /// Fails because of the next token.
    pub fn fail_expecting<T>(&mut self, expected: impl Into<Message>) -> Parsed<T> {
        let token = self.peek();
        let found = self.describe(token);
        self.certain |= token.kind == Kind::Unknown;
        let message = message!("Expected {}, found {}.", expected.into(), found);
        self.fail(token.span(), message)
    }

    /// Fails because of the next token; where the text ends, at the bracket that is not closed.
    pub fn fail_closing<T>(
        &mut self,
        open: Token,
        what: &'static str,
        expected: &'static str,
    ) -> Parsed<T> {
        let token = self.peek();
        let opening = open.span();
        if token.kind == Kind::End {
            let closing = match open.kind {
                Kind::ParenOpen => ")",
                Kind::BracketOpen => "]",
                _ => "}",
            };
            return self.fail(
                opening,
                message!("This {} has no closing `{}`.", what, closing),
            );
        }
        let found = self.describe(token);
        let message = message!("Expected {}, found {}.", expected, found);
        let related = Some((opening, message!("the {} starts here", what)));
        self.certain |= token.kind == Kind::Unknown;
        self.builder.error_with(token.span(), message, related);
        Err(Failed)
    }

    /// A token in words; never what stands in a string.
    pub fn describe(&self, token: Token) -> Message {
        let text = token.span().text(self.text);
        let what = match token.kind {
            Kind::End => "the end of the text",
            Kind::Newline => "the end of the line",
            Kind::String | Kind::QuoteOpen | Kind::QuoteClose => "a quote",
            Kind::QuoteMissing => "a string without its closing quote",
            Kind::HeredocOpen => "a heredoc",
            Kind::HeredocClose => "the end of a heredoc",
            Kind::HeredocMissing => "a heredoc without its closing marker",
            Kind::Literal => "text",
            Kind::CommentMissing => "a comment without its closing `*/`",
            Kind::Identifier if !Shown::is_word(text) => "a name",
            Kind::Number => "a number",
            Kind::Unknown => return describe_character(text),
            _ => return message!("`{}`", Shown::token(text)),
        };
        what.into()
    }
}

/// A character that does not belong where it stands; by its number where printing it would say nothing.
fn describe_character(text: &str) -> Message {
    match text.chars().next() {
        Some(c) if c.is_control() || c.is_whitespace() || c == '\u{feff}' => {
            message!("the character U+{}", Shown::code_point(c))
        }
        Some(c) if text.chars().count() == 1 => message!("`{}`", c),
        _ => "a character".into(),
    }
}
