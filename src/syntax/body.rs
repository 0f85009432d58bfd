//! Bodies: attributes and blocks. Blocks may be nested to any depth; nothing here recurses.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::builder::Builder;
use super::lexer::{Kind, Lexer, Open, Token};
use super::literal::{Decoded, Notation};
use super::parser::{Failed, Parsed, Parser};
use super::recovery::{Look, indentation, is_top_level_header};
use super::second_opinion::hcl_edit_accepts;
use super::template::without_quotes;
use super::tree::{Attribute, Block, BodyId, ExprKind, Label, Tree};
use crate::message;
use crate::message::Message;
use crate::source::Span;

/// Reads a file in native syntax.
///
/// It never gives up: whatever is intact is in the tree, and everything else is named in its errors.
pub fn parse_native(text: &str) -> Tree {
    let first = BodyParser::new(text, false);
    let (tree, unclosed) = first.parse();
    if !unclosed {
        return tree;
    }
    // Some block has no end, and only indentation can tell which.
    BodyParser::new(text, true).parse().0
}

struct BodyParser<'t> {
    parser: Parser<'t>,
    /// The bodies that are open, the innermost last; the first is the file's.
    open: Vec<OpenBody<'t>>,
    /// The attributes of the open bodies, those of the innermost last.
    attributes: Vec<Attribute>,
    /// The same of blocks.
    blocks: Vec<Block>,
    /// Whether a block ends where something is indented less than it.
    by_indentation: bool,
    /// Whether a block without an end was found.
    unclosed: bool,
    /// Whether the end of the text belongs to something that does not parse.
    swallowed_end: bool,
    /// How many bytes may still be read a second time to find the way back after an error.
    rereading: usize,
}

struct OpenBody<'t> {
    id: BodyId,
    start: u32,
    /// How many attributes and blocks of the bodies around it come before its own.
    attributes_before: usize,
    blocks_before: usize,
    /// Where each name was first set; empty as long as there are only a few.
    names: FxHashMap<&'t str, Span>,
    header: Option<Header>,
    /// The blanks before the header.
    indentation: usize,
    /// Whether the first item is indented more than the header: then every item should be.
    is_indented: bool,
    /// Whether something follows the opening brace on its line.
    one_line: bool,
    /// Whether it was said that a block on one line holds one argument.
    told: bool,
}

/// With more names than this in a body, a search through them takes longer than to look one up.
const FEW: usize = 8;

impl<'t> OpenBody<'t> {
    /// Where a name that stands at a place was first set in this body.
    fn first_of(
        &mut self,
        name: &'t str,
        place: Span,
        text: &'t str,
        before: &[Attribute],
    ) -> Span {
        if before.len() < FEW {
            let mut before = before.iter();
            let first = before.find(|attribute| attribute.name_span.text(text) == name);
            return first.map_or(place, |attribute| attribute.name_span);
        }
        if self.names.is_empty() {
            // Of two with one name, the first is taken in last.
            let before = before.iter().rev().map(|attribute| attribute.name_span);
            self.names = before.map(|at| (at.text(text), at)).collect();
        }
        *self.names.entry(name).or_insert(place)
    }
}

struct Header {
    keyword: Token,
    labels: SmallVec<[Label; 2]>,
    span: Span,
    brace: Span,
}

impl<'t> BodyParser<'t> {
    fn new(text: &'t str, by_indentation: bool) -> Self {
        let mut builder = Builder::default();
        // About as many as there are in most files.
        builder.reserve(8 + text.len() / 20);
        let parser = Parser::new(text, Lexer::new(text), builder);
        let mut body_parser = Self {
            parser,
            open: Vec::new(),
            attributes: Vec::new(),
            blocks: Vec::new(),
            by_indentation,
            unclosed: false,
            swallowed_end: false,
            rereading: text.len().saturating_mul(4),
        };
        body_parser.open_body(None, 0, false);
        body_parser
    }

    /// The tree, and whether a block has no end.
    fn parse(mut self) -> (Tree, bool) {
        loop {
            let token = self.parser.peek();
            if self.by_indentation && self.close_by_indentation(token) {
                continue;
            }
            match token.kind {
                Kind::Newline => {
                    self.parser.take();
                }
                Kind::End if self.depth() == 0 => break,
                Kind::End => self.close_at_end(token.span().start),
                Kind::BraceClose if self.depth() > 0 => {
                    self.parser.take();
                    self.close_body(token.span());
                    self.end_item("block");
                }
                Kind::BraceClose => {
                    self.parser.take();
                    self.error(token.span(), "This `}` closes nothing.");
                }
                Kind::Identifier => self.item(),
                _ => {
                    let line = self.parser.line;
                    self.error_expecting("an argument or a block");
                    self.recover(line);
                }
            }
        }
        let end = self.parser.text.len();
        self.close_body(Span::new(end, end));
        let mut tree = self.parser.builder.tree;
        tree.comments = self.parser.lexer.comments;
        tree.errors.sort_by_key(|error| error.span);
        (tree, self.unclosed)
    }

    /// How many blocks are open.
    fn depth(&self) -> usize {
        self.open.len().saturating_sub(1)
    }

    fn error(&mut self, span: Span, message: impl Into<Message>) {
        self.parser.builder.error(span, message);
    }

    fn error_expecting(&mut self, expected: impl Into<Message>) {
        let _: Parsed<()> = self.parser.fail_expecting(expected);
    }

    fn open_body(&mut self, header: Option<Header>, indentation: usize, one_line: bool) {
        let id = self.parser.builder.add_body();
        let start = header.as_ref().map_or(0, |header| header.brace.end);
        let told = one_line && self.open.last().is_some_and(|parent| parent.told);
        self.open.push(OpenBody {
            id,
            start,
            attributes_before: self.attributes.len(),
            blocks_before: self.blocks.len(),
            names: FxHashMap::default(),
            header,
            indentation,
            is_indented: false,
            one_line,
            told,
        });
    }

    /// Closes the innermost body at its closing brace.
    fn close_body(&mut self, brace: Span) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let span = Span {
            start: open.start,
            end: brace.start,
        };
        let attributes = self.attributes.drain(open.attributes_before..);
        let blocks = self.blocks.drain(open.blocks_before..);
        let builder = &mut self.parser.builder;
        builder.fill_body(open.id, span, attributes, blocks);
        let Some(header) = open.header else {
            return;
        };
        self.blocks.push(Block {
            keyword: self.parser.text_at(header.keyword.span()),
            keyword_span: header.keyword.span(),
            labels: header.labels,
            header_span: header.span,
            body: open.id,
            span: header.keyword.span().to(brace),
        });
    }

    /// Closes all blocks at the end of the text. One error is enough, and none is needed where something else that
    /// does not parse reaches to the end of the text.
    fn close_at_end(&mut self, end: u32) {
        if self.swallowed_end {
            self.close_body(Span { start: end, end });
        } else {
            self.close_unclosed(end);
            self.swallowed_end = true;
        }
    }

    /// Closes the innermost block, whose brace is missing before `end`.
    fn close_unclosed(&mut self, end: u32) {
        self.unclosed = true;
        let innermost = self.open.last();
        if let Some(brace) = innermost.and_then(|open| open.header.as_ref().map(|h| h.brace)) {
            self.error(brace, "This block has no closing `}`.");
        }
        self.close_body(Span { start: end, end });
    }

    /// Closes the innermost block where the next token starts a line that, by its indentation, is outside of it.
    fn close_by_indentation(&mut self, token: Token) -> bool {
        let Some(innermost) = self.open.last().filter(|open| open.header.is_some()) else {
            return false;
        };
        if matches!(token.kind, Kind::Newline | Kind::End) {
            return false;
        }
        let start = self.parser.line as usize;
        let blanks = self.indentation(self.parser.line);
        if start + blanks != token.span().range().start {
            return false;
        }
        let line = line_from(self.parser.text, start);
        let outside = match Look::of(line) {
            Some(Look::Close) => blanks < innermost.indentation,
            Some(_) if blanks > innermost.indentation => false,
            Some(_) => innermost.is_indented || is_top_level_header(line),
            None => false,
        };
        if outside {
            self.close_unclosed(self.parser.line);
            self.parser.restart(start, self.depth());
        }
        outside
    }

    /// The number of blanks that a line starts with.
    fn indentation(&self, line: u32) -> usize {
        let rest = self.parser.text.get(line as usize..);
        indentation(rest.unwrap_or_default())
    }

    /// An attribute or a block, its name being next.
    fn item(&mut self) {
        let line = self.parser.line;
        let name = self.parser.take();
        let parsed = match self.parser.peek().kind {
            Kind::Equal => {
                self.attribute(name, line);
                return;
            }
            Kind::BraceOpen | Kind::String | Kind::QuoteOpen | Kind::Identifier => {
                self.block(name, line)
            }
            _ => self
                .parser
                .fail_expecting("`=` for an argument, or `{` for a block"),
        };
        if parsed.is_err() {
            self.recover(line);
        }
    }

    fn attribute(&mut self, name: Token, line: u32) {
        self.parser.take();
        let errors_before = self.parser.builder.tree.errors.len();
        self.parser.nesting = 0;
        self.parser.certain = false;
        let start = self.parser.peek().span().start;
        let parsed = self.parser.expression();
        let failed = parsed.is_err();
        let expr = parsed.unwrap_or_else(|Failed| {
            self.recover(line);
            let span = self.parser.span_from(start);
            self.parser.add(span, ExprKind::Invalid)
        });
        let span = self.parser.span(expr);
        let broken = self.parser.builder.tree.errors.len() > errors_before;
        if broken && !self.parser.certain && hcl_edit_accepts(span.text(self.parser.text)) {
            self.parser.builder.tree.errors.truncate(errors_before);
        }
        self.add_attribute(Attribute {
            name: self.parser.text_at(name.span()),
            name_span: name.span(),
            expr,
            span: name.span().to(span),
        });
        if !failed {
            self.end_item("argument");
        }
    }

    fn add_attribute(&mut self, attribute: Attribute) {
        let name = attribute.name_span.text(self.parser.text);
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let place = attribute.name_span;
        let before = self.attributes.get(open.attributes_before..);
        let first = open.first_of(name, place, self.parser.text, before.unwrap_or_default());
        self.attributes.push(attribute);
        if first != place {
            let message = "This argument is set twice in this block.";
            let related = Some((first, "it is first set here".into()));
            self.parser.builder.error_with(place, message, related);
        }
    }

    fn block(&mut self, keyword: Token, line: u32) -> Parsed<()> {
        let mut labels: SmallVec<[Label; 2]> = SmallVec::new();
        loop {
            match self.parser.peek().kind {
                Kind::BraceOpen => break,
                Kind::QuoteOpen => labels.push(self.label()?),
                Kind::String => {
                    let span = self.parser.take().span();
                    let text = self.parser.text_at(without_quotes(span));
                    labels.push(Label { text, span });
                }
                Kind::Identifier => {
                    let span = self.parser.take().span();
                    let text = self.parser.text_at(span);
                    labels.push(Label { text, span });
                }
                Kind::Newline => {
                    self.error_expecting("`{` on the line of the block's header");
                    while self.parser.accept(Kind::Newline).is_some() {}
                    if self.parser.peek().kind != Kind::BraceOpen {
                        return Err(Failed);
                    }
                }
                _ => return self.parser.fail_expecting("a label in quotes, or `{`"),
            }
        }
        let last = labels.last().map_or(keyword.span(), |label| label.span);
        let brace = self.parser.take().span();
        let header = Header {
            keyword,
            span: keyword.span().to(last),
            labels,
            brace,
        };
        self.enter(header, line);
        Ok(())
    }

    /// Opens the body behind a header.
    fn enter(&mut self, header: Header, line: u32) {
        let keyword = header.keyword.span();
        if self.open.last().is_some_and(|parent| parent.one_line) {
            self.tell_one_line(keyword);
        }
        let indentation = self.indentation(line);
        let next = self.parser.peek();
        let one_line = !matches!(next.kind, Kind::Newline | Kind::End | Kind::BraceClose);
        let first = self.indentation(next.span().end);
        self.open_body(Some(header), indentation, one_line);
        if next.kind == Kind::Newline
            && let Some(open) = self.open.last_mut()
        {
            open.is_indented = first > indentation;
        }
    }

    /// A label in quotes that does not stand for itself.
    fn label(&mut self) -> Parsed<Label> {
        let open = self.parser.take();
        let mut text = String::new();
        loop {
            let token = self.parser.take();
            match token.kind {
                Kind::QuoteClose => {
                    let span = open.span().to(token.span());
                    let text = self.parser.builder.text(&text);
                    return Ok(Label { text, span });
                }
                Kind::Literal => {
                    let written = token.span().text(self.parser.text);
                    if written.contains(['\n', '\r']) {
                        return self
                            .parser
                            .fail(open.span(), "This label has no closing quote.");
                    }
                    let start = token.span().range().start;
                    let decoded = Decoded::new(written, start, Notation::Quoted);
                    for error in decoded.errors {
                        self.error(error.span, error.message);
                    }
                    text.push_str(&decoded.text);
                }
                Kind::InterpolationOpen | Kind::DirectiveOpen => {
                    let message = "A label is fixed text: nothing can be put into it.";
                    return self.parser.fail(token.span(), message);
                }
                _ => {
                    return self
                        .parser
                        .fail(open.span(), "This label has no closing quote.");
                }
            }
        }
    }

    /// Sees to what comes behind an argument or a block: the end of the line.
    fn end_item(&mut self, what: &'static str) {
        let one_line = self.open.last().is_some_and(|open| open.one_line);
        let token = self.parser.peek();
        match token.kind {
            Kind::End => {}
            Kind::Newline => {
                if one_line {
                    self.tell_one_line(token.span());
                }
                self.parser.take();
            }
            Kind::BraceClose if one_line => {}
            _ if one_line => {
                self.tell_one_line(token.span());
                self.parser.accept(Kind::Comma);
            }
            Kind::Comma => {
                self.error(
                    token.span(),
                    "Arguments are separated by line breaks, not by commas.",
                );
                self.parser.take();
            }
            _ => {
                let line = self.parser.line;
                self.error_expecting(message!("the end of the line after the {}", what));
                self.recover(line);
            }
        }
    }

    /// Says, once for a block, that on one line it can hold a single argument only.
    fn tell_one_line(&mut self, span: Span) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        if !std::mem::replace(&mut open.told, true) {
            let message = "A block on one line holds one argument and is closed on that line.";
            self.error(span, message);
        }
    }

    /// Goes on behind an item that starts on a line and does not parse: at the end of the line on which all that it opened is closed, or at
    /// a line that looks like it belongs to something else.
    fn recover(&mut self, item_line: u32) {
        self.parser.skip_newlines = false;
        let item_indentation = self.indentation(item_line);
        let depth = self.depth();
        let error_line = self.parser.line;
        if error_line > item_line && self.goes_on_at(error_line as usize, item_indentation) {
            return;
        }
        loop {
            let token = self.parser.peek();
            let inside = self.parser.lexer.stack.len();
            match token.kind {
                Kind::End => return self.recover_far(item_line, item_indentation),
                Kind::BraceClose if inside < depth => return,
                Kind::Newline => {
                    self.parser.take();
                    let line = token.span().range().end;
                    if inside <= depth || self.goes_on_at(line, item_indentation) {
                        return;
                    }
                }
                _ => {
                    self.parser.take();
                }
            }
        }
    }

    /// Goes on at a line if that seems to be behind an item with this indentation.
    fn goes_on_at(&mut self, line: usize, item_indentation: usize) -> bool {
        let text = line_from(self.parser.text, line);
        let blanks = indentation(text);
        let in_braces = self.parser.lexer.stack.last() == Some(&Open::Brace);
        let outside = match Look::of(text) {
            Some(Look::Block) => blanks <= item_indentation,
            Some(Look::Attribute) => {
                blanks < item_indentation || (blanks == item_indentation && !in_braces)
            }
            Some(Look::Close) => blanks < item_indentation,
            None => false,
        };
        outside && self.go_back(line)
    }

    /// Goes on at the next line that looks like the top level of a file, after an item that swallowed all the rest.
    fn recover_far(&mut self, item_line: u32, item_indentation: usize) {
        let text = self.parser.text;
        let mut line = item_line as usize;
        while let Some(found) = memchr::memchr(b'\n', text.as_bytes().get(line..).unwrap_or(&[])) {
            line += found + 1;
            let content = line_from(text, line);
            if indentation(content) <= item_indentation && is_top_level_header(content) {
                if self.go_back(line) {
                    return;
                }
                break;
            }
        }
        self.swallowed_end = true;
    }

    /// Goes on at the start of a line, if not too much has been read twice already.
    fn go_back(&mut self, line: usize) -> bool {
        let twice = (self.parser.peek().span().range().end).saturating_sub(line);
        let Some(left) = self.rereading.checked_sub(twice) else {
            return false;
        };
        self.rereading = left;
        self.parser.last_end = Span::new(line, line).start;
        self.parser.restart(line, self.depth());
        true
    }
}

/// The line that starts at a place, its line break left out.
fn line_from(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}
