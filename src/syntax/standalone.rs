//! Expressions and templates that are a text of their own.

use super::builder::Builder;
use super::lexer::{Kind, Lexer};
use super::parser::{Parsed, Parser};
use super::tree::{ExprId, ExprKind, Tree};
use crate::source::Span;

/// Reads a text that is one expression, in which line breaks mean nothing. The tree has no bodies.
pub fn parse_expression(text: &str) -> (Tree, ExprId) {
    let mut parser = Parser::new(text, Lexer::new(text), Builder::default());
    parser.skip_newlines = true;
    let parsed = whole_expression(&mut parser);
    finish(parser, parsed)
}

/// Reads a text that is one expression, as that of an argument in a file: outside brackets, a line break ends it. Line
/// breaks before and after it mean nothing. The tree has no bodies.
pub fn parse_lines(text: &str) -> (Tree, ExprId) {
    let mut parser = Parser::new(text, Lexer::new(text), Builder::default());
    while parser.accept(Kind::Newline).is_some() {}
    let parsed = parser.expression().and_then(|expr| {
        while parser.accept(Kind::Newline).is_some() {}
        nothing_more(&mut parser)?;
        Ok(expr)
    });
    finish(parser, parsed)
}

/// Reads a text that is a template as a whole, as a template file is. The tree has no bodies.
pub fn parse_template(text: &str) -> (Tree, ExprId) {
    let mut parser = Parser::new(text, Lexer::template(text), Builder::default());
    let parsed = parser.bare_template();
    finish(parser, parsed)
}

pub(super) fn whole_expression(parser: &mut Parser) -> Parsed<ExprId> {
    let expr = parser.expression()?;
    nothing_more(parser)?;
    Ok(expr)
}

fn nothing_more(parser: &mut Parser) -> Parsed<()> {
    if parser.peek().kind != Kind::End {
        return parser.fail_expecting("nothing more after the expression");
    }
    Ok(())
}

fn finish(mut parser: Parser, parsed: Parsed<ExprId>) -> (Tree, ExprId) {
    let whole = Span::new(0, parser.text.len());
    let root = parsed.unwrap_or_else(|_| parser.add(whole, ExprKind::Invalid));
    let mut tree = parser.builder.tree;
    tree.comments = parser.lexer.comments;
    (tree, root)
}
