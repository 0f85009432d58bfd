//! Puts a tree together and keeps it shallow.

use unicode_normalization::UnicodeNormalization;

use super::tree::{
    Attribute, Block, Body, BodyId, Expr, ExprId, ExprKind, ForExpr, SyntaxError, TemplatePart,
    Text, Tree,
};
use crate::message::Message;
use crate::source::Span;

/// How deeply expressions may be nested in the source; what is nested deeper is [`ExprKind::Invalid`].
pub(super) const MAX_NESTING: usize = 200;

/// The height that no expression of a tree exceeds: who walks it by recursion needs no more stack than that.
const MAX_HEIGHT: u16 = 250;

/// A file that is no configuration at all has errors enough.
const MAX_ERRORS: usize = 100;

/// A tree in the making.
#[derive(Default)]
pub(super) struct Builder {
    pub tree: Tree,
    /// For each expression, the number of levels that it has.
    heights: Vec<u16>,
}

impl Builder {
    /// Makes room for so many expressions: to grow step by step takes longer than all else that is done with one.
    pub fn reserve(&mut self, expressions: usize) {
        self.tree.exprs.reserve(expressions);
        self.heights.reserve(expressions);
    }

    /// Puts a text into the tree.
    pub fn text(&mut self, text: &str) -> Text {
        let texts = &mut self.tree.texts;
        let start = texts.len();
        texts.push_str(text);
        Text(Span::new(start, texts.len()))
    }

    /// Puts a text into the tree, in Unicode normalization form C, the form of every Terraform string.
    pub fn nfc(&mut self, text: &str) -> Text {
        if text.is_ascii() {
            return self.text(text);
        }
        self.text(&text.nfc().collect::<String>())
    }

    /// Adds a body. What stands in it is known only when all the bodies in it are.
    pub fn add_body(&mut self) -> BodyId {
        let bodies = &mut self.tree.bodies;
        let id = BodyId(Span::new(bodies.len(), 0).start);
        bodies.push(Body::default());
        id
    }

    /// Puts into a body what stands in it.
    pub fn fill_body(
        &mut self,
        id: BodyId,
        span: Span,
        attributes: impl IntoIterator<Item = Attribute>,
        blocks: impl IntoIterator<Item = Block>,
    ) {
        let tree = &mut self.tree;
        let (first_attribute, first_block) = (tree.attributes.len(), tree.blocks.len());
        tree.attributes.extend(attributes);
        tree.blocks.extend(blocks);
        if let Some(body) = tree.bodies.get_mut(id.0 as usize) {
            *body = Body {
                attributes: first_attribute..tree.attributes.len(),
                blocks: first_block..tree.blocks.len(),
                span,
            };
        }
    }

    /// Adds an expression; one that would be too high becomes [`ExprKind::Invalid`].
    pub fn add(&mut self, span: Span, mut kind: ExprKind) -> ExprId {
        let mut below = 0;
        for_each_child(&kind, &mut |child, levels| {
            let height = self.heights.get(child.0 as usize).copied().unwrap_or(0);
            below = below.max(height.saturating_add(levels));
        });
        if below >= MAX_HEIGHT {
            kind = ExprKind::Invalid;
            below = 0;
        }
        self.add_above(below, span, kind)
    }

    /// Adds an expression without others in it.
    pub fn add_leaf(&mut self, span: Span, kind: ExprKind) -> ExprId {
        self.add_above(0, span, kind)
    }

    fn add_above(&mut self, below: u16, span: Span, kind: ExprKind) -> ExprId {
        let id = ExprId(Span::new(self.tree.exprs.len(), 0).start);
        self.tree.exprs.push(Expr { span, kind });
        self.heights.push(below + 1);
        id
    }

    /// Notes what does not parse.
    pub fn error(&mut self, span: Span, message: impl Into<Message>) {
        self.error_with(span, message, None);
    }

    /// Notes what does not parse, with where the thing began that has no end.
    pub fn error_with(
        &mut self,
        span: Span,
        message: impl Into<Message>,
        related: Option<(Span, Message)>,
    ) {
        if self.tree.errors.len() < MAX_ERRORS {
            self.tree.errors.push(SyntaxError {
                span,
                message: message.into(),
                related,
            });
        }
    }
}

/// Calls `visit` with each expression right below one, and with how many levels of directives lie between.
pub(super) fn for_each_child(kind: &ExprKind, visit: &mut impl FnMut(ExprId, u16)) {
    match kind {
        ExprKind::Invalid
        | ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Root(_)
        | ExprKind::SplatItem => {}
        ExprKind::Template(template) => for_each_in_parts(&template.parts, 0, visit),
        ExprKind::GetAttr { object, .. } => visit(*object, 0),
        ExprKind::Index { object: a, key: b }
        | ExprKind::Splat { object: a, item: b }
        | ExprKind::Binary {
            left: a, right: b, ..
        } => [a, b].into_iter().for_each(|id| visit(*id, 0)),
        ExprKind::Call { arguments, .. } => arguments.iter().for_each(|id| visit(*id, 0)),
        ExprKind::Conditional {
            condition,
            if_true,
            if_false,
        } => [condition, if_true, if_false]
            .into_iter()
            .for_each(|id| visit(*id, 0)),
        ExprKind::Unary { operand: inner, .. } | ExprKind::Parens(inner) => visit(*inner, 0),
        ExprKind::Tuple(elements) => elements.iter().for_each(|id| visit(*id, 0)),
        ExprKind::Object(items) => items
            .iter()
            .flat_map(|item| [item.key, item.value])
            .for_each(|id| visit(id, 0)),
        ExprKind::For(for_expr) => for_each_in_for(for_expr, visit),
    }
}

fn for_each_in_for(for_expr: &ForExpr, visit: &mut impl FnMut(ExprId, u16)) {
    let ForExpr {
        collection,
        result_key,
        result,
        condition,
        ..
    } = for_expr;
    [Some(*collection), *result_key, Some(*result), *condition]
        .into_iter()
        .flatten()
        .for_each(|id| visit(id, 0));
}

fn for_each_in_parts(parts: &[TemplatePart], level: u16, visit: &mut impl FnMut(ExprId, u16)) {
    for part in parts {
        match part {
            TemplatePart::Literal { .. } => {}
            TemplatePart::Interpolation(id) => visit(*id, level),
            TemplatePart::If(directive) => {
                visit(directive.condition, level + 1);
                for_each_in_parts(&directive.if_true, level + 1, visit);
                for_each_in_parts(&directive.if_false, level + 1, visit);
            }
            TemplatePart::For(directive) => {
                visit(directive.collection, level + 1);
                for_each_in_parts(&directive.body, level + 1, visit);
            }
        }
    }
}
