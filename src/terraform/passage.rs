//! How the text of a part of an expression comes out in the value of the whole.

use crate::source::Span;
use crate::syntax::{ExprId, ExprKind, Template, TemplatePart, Tree};

/// What is taken off both ends of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Trim {
    /// Nothing.
    #[default]
    Nothing,
    /// Line breaks, and those at the end alone: `chomp`.
    LineBreaks,
    /// All whitespace: `trimspace`.
    Whitespace,
}

/// The route from a part of an expression, which is a reference or a literal, to the value of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    /// The keys of tuples and objects under which it comes out, outermost first.
    pub(super) keys: Vec<String>,
    /// Whether the keys lead all the way to it; else it comes out somewhere below them.
    pub(super) is_exact: bool,
    /// Whether the value begins with its text, where it is taken at all.
    pub(super) begins: bool,
    /// Whether the value ends with its text, where it is taken at all.
    pub(super) ends: bool,
    /// Whether literal text is put beside it, so that the value is never empty.
    pub(super) adds_text: bool,
    /// Whether an empty text would be passed over or refused.
    pub(super) needs_text: bool,
    /// What is taken off the ends of its text.
    pub(super) trims: Trim,
    /// Whether an error in it would be passed over.
    pub(super) is_tried: bool,
    /// The literal that it is, or a part of.
    pub(super) literal: Option<Literal>,
}

/// A literal part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// Its place, without quotes.
    pub(super) span: Span,
    /// Whether nothing else is in the template.
    pub(super) is_alone: bool,
    /// Whether a single interpolation is what else is in the template, apart from literals: without these it is the value
    /// that stands in it, which may be null, where a template with text fails.
    pub(super) is_around_one: bool,
}

/// The most parts of a template among which one is looked for: a fix of a text with more of them is unsafe. Each reference
/// in a template is looked for among all of its parts.
const MOST_PARTS: usize = 256;

impl Passage {
    /// The passage of a part of an expression of that tree.
    pub(super) fn new(tree: &Tree, from: ExprId, part: Span) -> Self {
        let mut passage = Self {
            keys: Vec::new(),
            is_exact: true,
            begins: true,
            ends: true,
            adds_text: false,
            needs_text: false,
            trims: Trim::Nothing,
            is_tried: false,
            literal: None,
        };
        let mut at = from;
        while tree.expr(at).span != part || is_template(tree, at) {
            match passage.step(tree, at, part) {
                Some(inner) => at = inner,
                None => break,
            }
        }
        passage
    }

    /// One expression further in; `None` at a literal, and where what becomes of the part cannot be told.
    fn step(&mut self, tree: &Tree, at: ExprId, part: Span) -> Option<ExprId> {
        let holds = |id: &ExprId| tree.expr(*id).span.contains(part);
        let next = match &tree.expr(at).kind {
            ExprKind::Parens(inner) => Some(*inner),
            ExprKind::Conditional {
                if_true, if_false, ..
            } => [*if_true, *if_false].into_iter().find(holds),
            ExprKind::Tuple(items) => {
                let found = around(items, |item| tree.expr(*item).span, part);
                let (index, item) = found.or_else(|| self.give_up())?;
                self.enter(Some(index.to_string()));
                Some(*item)
            }
            ExprKind::Object(items) => {
                let span = |value: ExprId| tree.expr(value).span;
                let found = around(items, |item| span(item.value), part);
                let (_, item) = found.or_else(|| self.give_up())?;
                self.enter(tree.plain_string(item.key).map(str::to_owned));
                Some(item.value)
            }
            ExprKind::Call {
                name,
                arguments,
                expand: false,
                ..
            } => {
                let found = around(arguments, |id| tree.expr(*id).span, part);
                let (index, argument) = found.or_else(|| self.give_up())?;
                self.call(tree.text(*name), index).then_some(*argument)
            }
            ExprKind::Template(template) => return self.template(tree, template, part),
            _ => None,
        };
        next.or_else(|| self.give_up())
    }

    fn give_up<T>(&mut self) -> Option<T> {
        self.begins = false;
        self.ends = false;
        self.is_exact = false;
        None
    }

    fn enter(&mut self, key: Option<String>) {
        match key.filter(|_| self.is_exact) {
            Some(key) => self.keys.push(key),
            None => self.is_exact = false,
        }
    }

    /// Whether a function passes on the text of that argument, but for whitespace around it.
    fn call(&mut self, function: &str, argument: usize) -> bool {
        match function {
            "try" => self.is_tried = true,
            "tostring" | "sensitive" | "nonsensitive" => {}
            "coalesce" => self.needs_text = true,
            "lookup" => return argument == 2,
            "trimspace" => self.trims = Trim::Whitespace,
            "chomp" => self.trims = self.trims.max(Trim::LineBreaks),
            _ => return false,
        }
        true
    }

    fn template(&mut self, tree: &Tree, template: &Template, part: Span) -> Option<ExprId> {
        if template.parts.len() > MOST_PARTS {
            return self.give_up();
        }
        let has_text = |at: &TemplatePart| match at {
            TemplatePart::Literal { text, .. } => !tree.text(*text).is_empty(),
            _ => true,
        };
        let parts: Vec<&TemplatePart> = template.parts.iter().filter(|at| has_text(at)).collect();
        let span = |at: &TemplatePart| match at {
            TemplatePart::Literal { span, .. } => Some(*span),
            TemplatePart::Interpolation(inner) => Some(tree.expr(*inner).span),
            TemplatePart::If(_) | TemplatePart::For(_) => None,
        };
        let holds = |at: &&TemplatePart| span(at).is_some_and(|span| span.contains(part));
        let Some(index) = parts.iter().position(holds) else {
            return self.give_up();
        };
        self.begins &= index == 0;
        self.ends &= index + 1 == parts.len();
        let is_literal = |at: &TemplatePart| matches!(at, TemplatePart::Literal { .. });
        let mut others = parts.iter().enumerate().filter(|(at, _)| *at != index);
        if others.any(|(_, other)| is_literal(other)) {
            self.adds_text = true;
            self.needs_text = false;
        }
        if let TemplatePart::Interpolation(inner) = parts.get(index)? {
            return Some(*inner);
        }
        let span = span(parts.get(index)?)?;
        let is_alone = parts.len() == 1;
        let others = parts.iter().filter(|at| !is_literal(at));
        let mut others = others.map(|at| matches!(at, TemplatePart::Interpolation(_)));
        let is_around_one = others.next() == Some(true) && others.next().is_none();
        self.literal = Some(Literal {
            span,
            is_alone,
            is_around_one,
        });
        None
    }
}

fn is_template(tree: &Tree, at: ExprId) -> bool {
    matches!(tree.expr(at).kind, ExprKind::Template(_))
}

/// The one of some items in the order of the source that holds a place, with its index.
fn around<T>(items: &[T], span: impl Fn(&T) -> Span, place: Span) -> Option<(usize, &T)> {
    let index = items.partition_point(|item| span(item).end < place.end);
    let item = items.get(index)?;
    span(item).contains(place).then_some((index, item))
}
