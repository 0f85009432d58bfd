//! Edits within literals, wherever these stand.

use std::ops::Range;

use super::{Mend, edit};
use crate::eval::{Piece, Start, Value};
use crate::finding::{Edit, Fix};
use crate::message::Message;
use crate::source::{FileId, Location, Span};
use crate::syntax::{
    Expr, ExprId, ExprKind, Notation, ObjectItem, Template, TemplatePart, TextMap, Tree,
    literal_text_map,
};
use crate::terraform::Effect;

impl Mend<'_> {
    /// Changes a text through the literals that its pieces came from. Ranges count the bytes of the known pieces, one
    /// after the other. `None` where a piece to be changed is not a literal as it is written (a function made something
    /// of it), is in the text several times, or stands in a bare heredoc.
    pub fn text(&self, pieces: &[Piece], changes: &[(Range<usize>, &str)]) -> Option<Vec<Edit>> {
        let edits = self.changes(pieces, changes)?;
        Some(self.unwrapped(&edits).unwrap_or(edits))
    }

    /// A fix that takes the beginning or the end of a text away, for an argument of provider blocks; see [`Mend::text`].
    /// It is safe where all that reads the text stays the same or loses just that. `None`, too, where nothing would be
    /// left of a literal that something else is made of.
    pub fn trim(
        &self,
        title: impl Into<Message>,
        argument: &'static str,
        pieces: &[Piece],
        changes: &[(Range<usize>, &str)],
    ) -> Option<Fix> {
        let literals = self.changes(pieces, changes)?;
        let effects = literals
            .iter()
            .map(|edit| self.effect(edit.location, argument));
        let effects: Vec<Effect> = effects.collect();
        if effects.contains(&Effect::Empties) {
            return None;
        }
        Some(Fix {
            title: title.into(),
            safe: effects.iter().all(|effect| *effect == Effect::Intended),
            edits: self.unwrapped(&literals).unwrap_or(literals),
            declares: None,
        })
    }

    /// The edits within the literals.
    fn changes(&self, pieces: &[Piece], changes: &[(Range<usize>, &str)]) -> Option<Vec<Edit>> {
        if changes.is_empty() {
            return None;
        }
        let mut edits = Vec::new();
        for (range, replacement) in changes {
            edits.extend(self.change(pieces, range, replacement)?);
        }
        (!self.begins_interpolation(&edits)).then_some(edits)
    }

    /// Whether edits bring a `$` or `%` before a `{` that did not follow it.
    fn begins_interpolation(&self, edits: &[Edit]) -> bool {
        let mut edits: Vec<&Edit> = edits.iter().collect();
        edits.sort_by_key(|edit| edit.location);
        let mut joined: Vec<(Location, String)> = Vec::new();
        for edit in edits {
            let at = edit.location;
            match joined.last_mut() {
                Some((last, text)) if last.file == at.file && last.span.end == at.span.start => {
                    last.span.end = at.span.end;
                    text.push_str(&edit.replacement);
                }
                _ => joined.push((at, edit.replacement.clone())),
            }
        }
        joined.iter().any(|(Location { file, span }, new)| {
            let text = self.source(*file);
            let before = text.get(..span.start as usize).unwrap_or_default();
            let behind = text.get(span.end as usize..).unwrap_or_default();
            if new.is_empty() {
                joins(before, behind)
            } else {
                joins(before, new) || joins(new, behind)
            }
        })
    }

    /// Edits that leave nothing of a template but one traversal leave that alone, as `terraform fmt` has it. `None` where
    /// they leave more, or the template is not the whole value of an argument or of an entry.
    fn unwrapped(&self, edits: &[Edit]) -> Option<Vec<Edit>> {
        let at = edits.first()?.location;
        if self.is_json(at.file) {
            return None;
        }
        let tree = self.configuration.tree(at.file)?;
        let (whole, template) = whole_template(tree, at.span)?;
        let is_inside =
            |edit: &Edit| edit.location.file == at.file && whole.contains(edit.location.span);
        if !edits.iter().all(is_inside) {
            return None;
        }
        let is_removed = |literal: Span| {
            let mut edits = edits.iter();
            edits.any(|edit| edit.replacement.is_empty() && edit.location.span.contains(literal))
        };
        let parts = template.parts.iter().filter(|part| match part {
            TemplatePart::Literal { span, .. } => !is_removed(*span),
            _ => true,
        });
        let parts: Vec<&TemplatePart> = parts.collect();
        let [TemplatePart::Interpolation(inner)] = parts.as_slice() else {
            return None;
        };
        let inner = is_traversal(tree, *inner).then(|| tree.expr(*inner).span)?;
        let before = Span {
            start: whole.start,
            end: inner.start,
        };
        let behind = Span {
            start: inner.end,
            end: whole.end,
        };
        // Strip markers and comments stay.
        let text = self.source(at.file);
        let is_plain = before.text(text).trim_end().ends_with("${")
            && behind.text(text).trim_start().starts_with('}');
        is_plain.then(|| vec![edit(at.file, before, ""), edit(at.file, behind, "")])
    }

    /// One change, which may reach over several pieces: the first one that it touches takes the new text.
    fn change(
        &self,
        pieces: &[Piece],
        range: &Range<usize>,
        replacement: &str,
    ) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        let mut start = 0;
        let mut replacement = replacement;
        for piece in pieces {
            let Some(text) = &piece.text else { continue };
            let end = start + text.len();
            let is_touched = range.start < end && start < range.end
                || (range.is_empty() && start <= range.start && range.start <= end);
            if is_touched && edits.is_empty() | !range.is_empty() {
                let (at, map) = self.literal(piece, text)?;
                let comes_from_it = |piece: &&Piece| {
                    let ways = piece.trace.ways();
                    ways.iter().any(|way| way.start == Start::Literal(at))
                };
                if pieces.iter().filter(comes_from_it).count() > 1 {
                    return None;
                }
                let from = range.start.max(start) - start;
                let to = range.end.min(end) - start;
                let span = map.span(Span::new(from, to));
                edits.push(edit(at.file, span, replacement));
                replacement = "";
            }
            start = end;
        }
        (!edits.is_empty()).then_some(edits)
    }

    /// The literal that a piece is, letter by letter, and the way from its text to its source.
    fn literal(&self, piece: &Piece, text: &str) -> Option<(Location, TextMap)> {
        let ways = piece.trace.ways();
        let [way] = ways.as_slice() else { return None };
        let Start::Literal(at) = way.start else {
            return None;
        };
        let source = self.source(at.file);
        let whole = self.configuration.whole_literal(at);
        let notation = if self.is_json(at.file) {
            Notation::JsonTemplate
        } else if source.get(whole.span.range())?.starts_with('"') {
            Notation::Quoted
        } else {
            self.wrapped_heredoc(whole)?;
            Notation::Heredoc
        };
        let inner = if at.span != whole.span {
            at.span
        } else if notation == Notation::Heredoc {
            self.text_of_heredoc(whole)?
        } else {
            Span {
                start: at.span.start + 1,
                end: at.span.end.checked_sub(1)?,
            }
        };
        Some((at, literal_text_map(source, inner, text, notation)?))
    }
}

impl Mend<'_> {
    /// The call whose argument a heredoc is; `None` where it is bare, or not a heredoc.
    pub(super) fn wrapped_heredoc(&self, heredoc: Location) -> Option<&Expr> {
        let tree = self.configuration.tree(heredoc.file)?;
        let is_heredoc = |id: &ExprId| {
            let expr = tree.expr(*id);
            let kind = &expr.kind;
            expr.span == heredoc.span && matches!(kind, ExprKind::Template(it) if it.heredoc)
        };
        tree.exprs.iter().find(|expr| match &expr.kind {
            ExprKind::Call { arguments, .. } => arguments.iter().any(is_heredoc),
            _ => false,
        })
    }

    /// The call of `trimspace` or `chomp` around a heredoc.
    pub(super) fn trimmed_heredoc(&self, heredoc: Location) -> Option<Span> {
        let call = self.wrapped_heredoc(heredoc)?;
        let tree = self.configuration.tree(heredoc.file)?;
        match &call.kind {
            ExprKind::Call { name, .. } if matches!(tree.text(*name), "trimspace" | "chomp") => {
                Some(call.span)
            }
            _ => None,
        }
    }

    /// The text between the markers of a heredoc without interpolations.
    fn text_of_heredoc(&self, heredoc: Location) -> Option<Span> {
        let tree = self.configuration.tree(heredoc.file)?;
        let template = tree.exprs.iter().find_map(|expr| match &expr.kind {
            ExprKind::Template(template) if expr.span == heredoc.span => Some(template),
            _ => None,
        })?;
        match template.parts.as_slice() {
            [TemplatePart::Literal { span, .. }] => Some(*span),
            _ => None,
        }
    }
}

/// Whether a text that ends in `$` or `%` comes before one that begins with `{`, or with more of these and then that; JSON
/// may write each of them as an escape.
fn joins(before: &str, behind: &str) -> bool {
    const SIGILS: [&str; 4] = ["$", "%", "\\u0024", "\\u0025"];
    const BRACES: [&str; 3] = ["{", "\\u007b", "\\u007B"];
    let mut left = behind;
    while let Some(rest) = SIGILS.iter().find_map(|sigil| left.strip_prefix(sigil)) {
        left = rest;
    }
    SIGILS.iter().any(|sigil| before.ends_with(sigil))
        && BRACES.iter().any(|brace| left.starts_with(brace))
}

/// The template in quotes around a literal that is the whole value of an argument or of an entry, with its place.
fn whole_template(tree: &Tree, literal: Span) -> Option<(Span, &Template)> {
    let mut at = tree.attribute_around(literal)?.1.expr;
    loop {
        let expr = tree.expr(at);
        match &expr.kind {
            ExprKind::Template(template) => {
                return (!template.heredoc).then_some((expr.span, template));
            }
            ExprKind::Object(items) => {
                let holds = |item: &&ObjectItem| tree.expr(item.value).span.contains(literal);
                at = items.iter().find(holds)?.value;
            }
            _ => return None,
        }
    }
}

/// Whether an expression is a chain of names, and of keys as they are.
fn is_traversal(tree: &Tree, mut at: ExprId) -> bool {
    loop {
        match &tree.expr(at).kind {
            ExprKind::Root(_) => return true,
            ExprKind::GetAttr { object, .. } => at = *object,
            ExprKind::Index { object, key } => {
                let is_number = matches!(tree.expr(*key).kind, ExprKind::Number(_));
                if !is_number && tree.plain_string(*key).is_none() {
                    return false;
                }
                at = *object;
            }
            _ => return false,
        }
    }
}

impl Mend<'_> {
    /// Writes another text in the place of a value that one literal gives, letter by letter. `None` where no literal does.
    pub fn rewrite_literal(&self, value: &Value, text: &str) -> Option<Vec<Edit>> {
        let trace = value.trace();
        let [way] = <[_; 1]>::try_from(trace.ways()).ok()?;
        let Start::Literal(at) = way.start else {
            return None;
        };
        let literal = at.span.text(self.source(at.file));
        if literal == "\"\"" {
            return Some(vec![edit(at.file, at.span, self.quoted(at.file, text))]);
        }
        let pieces = value.pieces();
        if let [
            Piece {
                text: Some(old), ..
            },
        ] = pieces.as_slice()
        {
            let escaped = self.escaped(at.file, text);
            return self.changes(&pieces, &[(0..old.len(), &escaped)]);
        }
        let is_plain = literal == "true" || literal == "false" || literal.parse::<f64>().is_ok();
        let new = match text == "true" || text == "false" || text.parse::<f64>().is_ok() {
            true => text.to_owned(),
            false => self.quoted(at.file, text),
        };
        is_plain.then(|| vec![edit(at.file, at.span, new)])
    }

    /// A text as a string literal of a file.
    pub fn quoted(&self, file: FileId, text: &str) -> String {
        format!("\"{}\"", self.escaped(file, text))
    }

    /// A text as it is written between the quotes of a string of a file.
    pub fn escaped(&self, file: FileId, text: &str) -> String {
        let mut escaped = String::with_capacity(text.len());
        let mut left = text.chars().peekable();
        while let Some(c) = left.next() {
            match c {
                '"' | '\\' => escaped.extend(['\\', c]),
                '\n' => escaped.push_str("\\n"),
                '\r' => escaped.push_str("\\r"),
                '\t' => escaped.push_str("\\t"),
                c if c.is_control() && self.is_json(file) => {
                    escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
                }
                '$' | '%' if left.peek() == Some(&'{') => escaped.extend([c, c]),
                c => escaped.push(c),
            }
        }
        escaped
    }
}
