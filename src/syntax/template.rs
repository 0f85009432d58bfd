//! Templates: quoted strings, heredocs, and texts that are a template as a whole.

use std::borrow::Cow;

use smallvec::{SmallVec, smallvec};

use super::builder::MAX_NESTING;
use super::lexer::{Kind, Token};
use super::literal::{Decoded, Notation};
use super::parser::{Failed, Parsed, Parser};
use super::tree::{
    ExprId, ExprKind, ForDirective, ForNames, IfDirective, Template, TemplatePart, Text,
};
use crate::message;
use crate::source::Span;

type Parts = SmallVec<[TemplatePart; 1]>;

/// An element of a template, before directives are matched to each other.
enum Piece<'t> {
    Literal { text: Cow<'t, str>, span: Span },
    Interpolation(ExprId),
    Open(Directive, Span),
    Else(Span),
    EndIf(Span),
    EndFor(Span),
}

/// A directive that has an end.
enum Directive {
    If(ExprId),
    For { names: ForNames, collection: ExprId },
}

/// A directive whose end has not come yet.
struct OpenDirective {
    directive: Directive,
    span: Span,
    parts: Parts,
    /// What stands before `%{else}`, once that has come.
    if_true: Option<Parts>,
}

impl<'t> Parser<'t> {
    /// A string that stands for what is between its quotes.
    pub fn string(&mut self) -> ExprId {
        let span = self.take().span();
        if span.end - span.start == 2 {
            return self.add(span, ExprKind::Template(Template::default()));
        }
        self.literal_template(span, without_quotes(span))
    }

    /// A template whose text stands as it is at a place.
    pub fn literal_template(&mut self, span: Span, literal: Span) -> ExprId {
        let text = self.nfc_at(literal);
        let template = Template {
            parts: smallvec![TemplatePart::Literal {
                text,
                span: literal
            }],
            heredoc: false,
        };
        self.builder.add_leaf(span, ExprKind::Template(template))
    }

    pub fn quoted_template(&mut self) -> Parsed<ExprId> {
        let open = self.take();
        let pieces = self.pieces(open, Notation::Quoted)?;
        self.finish_template(open, pieces, false)
    }

    pub fn heredoc(&mut self) -> Parsed<ExprId> {
        let open = self.take();
        let flush = open.span().text(self.text).starts_with("<<-");
        let mut pieces = self.pieces(open, Notation::Heredoc)?;
        if flush {
            remove_indentation(&mut pieces);
        }
        self.finish_template(open, pieces, true)
    }

    /// The whole text as a template.
    pub fn bare_template(&mut self) -> Parsed<ExprId> {
        let open = Token::new(Kind::End, 0, 0);
        let pieces = self.pieces(open, Notation::Heredoc)?;
        self.finish_template(open, pieces, false)
    }

    fn finish_template(
        &mut self,
        open: Token,
        mut pieces: Vec<Piece>,
        heredoc: bool,
    ) -> Parsed<ExprId> {
        join_literals(&mut pieces);
        let span = self.span_from(open.span().start);
        let kind = match self.match_directives(pieces)? {
            Some(parts) => ExprKind::Template(Template { parts, heredoc }),
            None => ExprKind::Invalid,
        };
        Ok(self.add(span, kind))
    }

    /// The elements of a template and its closing token.
    fn pieces(&mut self, open: Token, notation: Notation) -> Parsed<Vec<Piece<'t>>> {
        let mut pieces = Vec::new();
        let mut strip_next = false;
        let mut told_line_break = false;
        loop {
            let token = self.take_template_token();
            let strip_this = std::mem::take(&mut strip_next);
            match token.kind {
                Kind::Literal => {
                    let mut text = self.literal(token, notation);
                    let written = token.span().text(self.text);
                    if !told_line_break && let Some(message) = wrong_break(written, open.kind) {
                        told_line_break = true;
                        self.certain = true;
                        self.builder.error(open.span(), message);
                    }
                    if strip_this {
                        text = trim(text, str::trim_start);
                    }
                    pieces.push(Piece::Literal {
                        text,
                        span: token.span(),
                    });
                }
                Kind::InterpolationOpen | Kind::DirectiveOpen => {
                    if self.strips(token)
                        && let Some(Piece::Literal { text, .. }) = pieces.last_mut()
                    {
                        *text = trim(std::mem::take(text), str::trim_end);
                    }
                    let piece = self.with_newlines(true, |parser| {
                        let piece = parser.sequence(token)?;
                        let close = parser.peek();
                        if close.kind != Kind::SequenceClose {
                            return parser.fail_sequence(token, open);
                        }
                        strip_next = parser.strips(close);
                        Ok(piece)
                    })?;
                    self.take_template_token();
                    pieces.push(piece);
                }
                Kind::QuoteMissing => {
                    self.certain = true;
                    return self.fail(open.span(), "This string has no closing quote.");
                }
                Kind::HeredocMissing => {
                    self.certain = true;
                    let message = "This heredoc has no line with its closing marker.";
                    return self.fail(open.span(), message);
                }
                _ => return Ok(pieces),
            }
        }
    }

    /// Whether the opening or closing token of a sequence takes the blanks beside it away.
    fn strips(&self, token: Token) -> bool {
        token.span().text(self.text).contains('~')
    }

    fn fail_sequence<T>(&mut self, sequence: Token, template: Token) -> Parsed<T> {
        let found = self.peek();
        let sign = if sequence.kind == Kind::InterpolationOpen {
            "`${`"
        } else {
            "`%{`"
        };
        let in_quotes = template.kind == Kind::QuoteOpen
            && matches!(found.kind, Kind::QuoteOpen | Kind::String);
        if found.kind == Kind::End || in_quotes {
            return self.fail(
                sequence.span(),
                message!("This {} has no closing `}`.", sign),
            );
        }
        let described = self.describe(found);
        let message = message!("Expected `}` to close the {}, found {}.", sign, described);
        let related = Some((sequence.span(), "it starts here".into()));
        self.builder.error_with(found.span(), message, related);
        Err(Failed)
    }

    /// What a literal token stands for.
    fn literal(&mut self, token: Token, notation: Notation) -> Cow<'t, str> {
        let written = token.span().text(self.text);
        let special = match notation {
            Notation::Quoted => memchr::memchr3(b'\\', b'$', b'%', written.as_bytes()).is_some(),
            _ => memchr::memchr2(b'$', b'%', written.as_bytes()).is_some(),
        };
        if !special {
            return Cow::Borrowed(written);
        }
        let decoded = Decoded::new(written, token.span().range().start, notation);
        for error in decoded.errors {
            self.builder.error(error.span, error.message);
        }
        Cow::Owned(decoded.text)
    }

    /// The inside of `${ }` or `%{ }`.
    fn sequence(&mut self, open: Token) -> Parsed<Piece<'t>> {
        if open.kind == Kind::InterpolationOpen {
            return Ok(Piece::Interpolation(self.expression()?));
        }
        let expected = "`if`, `else`, `endif`, `for` or `endfor`";
        let Some(word) = self.accept(Kind::Identifier) else {
            return self.fail_expecting(expected);
        };
        Ok(match word.span().text(self.text) {
            "if" => {
                let condition = self.expression()?;
                Piece::Open(Directive::If(condition), open.span())
            }
            "for" => {
                let directive = Directive::For {
                    names: self.for_names()?,
                    collection: self.expression()?,
                };
                Piece::Open(directive, open.span())
            }
            "else" => Piece::Else(open.span()),
            "endif" => Piece::EndIf(open.span()),
            "endfor" => Piece::EndFor(open.span()),
            _ => {
                self.certain = true;
                return self.fail(word.span(), message!("A directive is one of {}.", expected));
            }
        })
    }

    /// The parts of a template; `None` where directives are nested too deeply.
    fn match_directives(&mut self, pieces: Vec<Piece>) -> Parsed<Option<Parts>> {
        let mut root = Parts::new();
        let mut open: Vec<OpenDirective> = Vec::new();
        let mut too_deep = false;
        for piece in pieces {
            match piece {
                Piece::Literal { text, span } => {
                    let text = self.text_of(&text, span);
                    let parts = open.last_mut().map_or(&mut root, |last| &mut last.parts);
                    parts.push(TemplatePart::Literal { text, span });
                }
                Piece::Interpolation(id) => open
                    .last_mut()
                    .map_or(&mut root, |last| &mut last.parts)
                    .push(TemplatePart::Interpolation(id)),
                Piece::Open(directive, span) => open.push(OpenDirective {
                    directive,
                    span,
                    parts: Parts::new(),
                    if_true: None,
                }),
                Piece::Else(span) => match open.last_mut() {
                    Some(OpenDirective {
                        directive: Directive::If(_),
                        parts,
                        if_true: if_true @ None,
                        ..
                    }) => *if_true = Some(std::mem::take(parts)),
                    _ => return self.fail(span, "There is no `%{if}` for this `%{else}`."),
                },
                Piece::EndIf(span) | Piece::EndFor(span) => {
                    let is_if = matches!(piece, Piece::EndIf(_));
                    let depth = open.len();
                    let Some(part) = open.pop().and_then(|last| last.close(is_if)) else {
                        let message = "This directive ends something that was not begun.";
                        return self.fail(span, message);
                    };
                    // A part that is nested too deeply is not kept, so that no walk over the parts runs deep.
                    too_deep |= self.nesting + depth > MAX_NESTING;
                    if self.nesting + depth <= MAX_NESTING {
                        let parts = open.last_mut().map_or(&mut root, |last| &mut last.parts);
                        parts.push(part);
                    }
                }
            }
        }
        if let Some(last) = open.last() {
            let end = match last.directive {
                Directive::If(_) => "%{endif}",
                Directive::For { .. } => "%{endfor}",
            };
            return self.fail(last.span, message!("This directive has no `{}`.", end));
        }
        Ok((!too_deep).then_some(root))
    }

    /// A text that is made of what stands at a place; often it is that itself.
    fn text_of(&mut self, text: &str, place: Span) -> Text {
        if text == place.text(self.text) {
            return self.nfc_at(place);
        }
        self.builder.nfc(text)
    }

    /// Takes a token of the template itself, where a line break is never left out.
    fn take_template_token(&mut self) -> Token {
        self.with_newlines(false, Self::take)
    }
}

impl OpenDirective {
    /// The finished part, if this is the kind of directive that ends here.
    fn close(self, is_if: bool) -> Option<TemplatePart> {
        match (self.directive, is_if) {
            (Directive::If(condition), true) => {
                let (if_true, if_false) = match self.if_true {
                    Some(if_true) => (if_true, self.parts),
                    None => (self.parts, Parts::new()),
                };
                Some(TemplatePart::If(Box::new(IfDirective {
                    condition,
                    if_true: if_true.into_vec(),
                    if_false: if_false.into_vec(),
                })))
            }
            (Directive::For { names, collection }, false) => {
                Some(TemplatePart::For(Box::new(ForDirective {
                    names,
                    collection,
                    body: self.parts.into_vec(),
                })))
            }
            _ => None,
        }
    }
}

/// What is wrong with the line breaks in the literal text of a template.
fn wrong_break(written: &str, open: Kind) -> Option<&'static str> {
    let bytes = written.as_bytes();
    match open {
        Kind::QuoteOpen => memchr::memchr2(b'\n', b'\r', bytes)
            .map(|_| "A quoted string may not go over several lines."),
        Kind::HeredocOpen => {
            let line = written.strip_suffix("\r\n").unwrap_or(written);
            memchr::memchr(b'\r', line.as_bytes())
                .map(|_| "A carriage return in a heredoc must be followed by a line feed.")
        }
        _ => None,
    }
}

/// Makes one of literals that stand side by side.
fn join_literals(pieces: &mut Vec<Piece>) {
    pieces.dedup_by(|next, last| match (next, last) {
        (
            Piece::Literal {
                text: more,
                span: end,
            },
            Piece::Literal { text, span },
        ) => {
            text.to_mut().push_str(more);
            span.end = end.end;
            true
        }
        _ => false,
    });
}

/// The place of what stands between the quotes of a string.
pub(super) fn without_quotes(string: Span) -> Span {
    Span {
        start: string.start + 1,
        end: string.end - 1,
    }
}

fn trim(text: Cow<str>, trimmed: fn(&str) -> &str) -> Cow<str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(trimmed(text)),
        Cow::Owned(text) => Cow::Owned(trimmed(&text).to_owned()),
    }
}

/// Takes from each line the blanks that all lines of a `<<-` heredoc start with. Blank lines neither count nor change;
/// a line that starts with a sequence has none.
fn remove_indentation(pieces: &mut [Piece]) {
    let mut least = usize::MAX;
    let mut line_start = true;
    let mut starts = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let literal = match piece {
            Piece::Literal { text, .. } => Some(text),
            _ => None,
        };
        if std::mem::take(&mut line_start) {
            let text = literal.map_or("", |text| text.as_ref());
            let rest = text.trim_start();
            if !(rest.is_empty() && text.ends_with('\n')) {
                let blanks = text.get(..text.len() - rest.len()).unwrap_or_default();
                least = least.min(blanks.chars().count());
                starts.push(index);
            }
        }
        line_start = literal.is_some_and(|text| text.ends_with('\n'));
    }
    for index in starts {
        if let Some(Piece::Literal { text, span }) = pieces.get_mut(index) {
            let cut: usize = text.chars().take(least).map(char::len_utf8).sum();
            *text = Cow::Owned(text.get(cut..).unwrap_or_default().to_owned());
            span.start += Span::new(cut, 0).start;
        }
    }
}
