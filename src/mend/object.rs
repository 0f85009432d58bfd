//! Edits of object and list expressions.

use super::body::{aligned, indentation};
use super::{Mend, after_on_line, edit};
use crate::finding::Edit;
use crate::source::Span;
use crate::syntax::ExprKind;
use crate::terraform::ExprRef;

impl Mend<'_> {
    /// Adds an entry whose value is a string to an object as it is written, aligned as `terraform fmt` does it. `None` where
    /// the expression is no object.
    pub fn add_entry(&self, object: ExprRef, key: &str, value: &str) -> Option<Vec<Edit>> {
        let file = object.file;
        let tree = self.configuration.tree(file)?;
        let expr = tree.expr(object.expr);
        let ExprKind::Object(items) = &expr.kind else {
            return None;
        };
        let text = self.source(file);
        let Some(last) = items.last() else {
            let entry = match self.is_json(file) {
                true => format!("{{\"{key}\": \"{value}\"}}"),
                false => format!("{{ {key} = \"{value}\" }}"),
            };
            return Some(vec![edit(file, expr.span, entry)]);
        };
        let (first_key, last_value) = (tree.expr(last.key).span, tree.expr(last.value).span);
        if self.is_json(file) {
            let at = Span::new(last_value.end as usize, last_value.end as usize);
            return Some(vec![edit(file, at, format!(", \"{key}\": \"{value}\""))]);
        }
        if !expr.span.text(text).contains('\n') {
            let at = Span::new(last_value.end as usize, last_value.end as usize);
            return Some(vec![edit(file, at, format!(", {key} = \"{value}\""))]);
        }
        let quoted = format!("\"{value}\"");
        let old = last_value.text(text);
        let lines = aligned(&[(first_key.text(text), old), (key, &quoted)]);
        let [first, second] = lines.as_slice() else {
            return None;
        };
        let is_single = items.len() == 1 && !old.contains('\n');
        let end = last_value.end as usize + after_on_line(text, last_value.end as usize).len();
        let line = if is_single {
            second.clone()
        } else {
            format!("{key} = {quoted}")
        };
        let indent = indentation(text, first_key.start as usize);
        let added = format!("{}{indent}{line}", self.line_break(file));
        let mut edits = vec![edit(file, Span::new(end, end), added)];
        let entry = first_key.to(last_value);
        if is_single && entry.text(text) != first {
            let gap = Span {
                start: first_key.end,
                end: last_value.start,
            };
            let padded = first.get(first_key.range().len()..first.len() - old.len())?;
            edits.insert(0, edit(file, gap, padded));
        }
        Some(edits)
    }

    /// Whether an expression is a list as it is written.
    pub fn is_list(&self, expr: ExprRef) -> bool {
        let tree = self.configuration.tree(expr.file);
        tree.is_some_and(|tree| matches!(tree.expr(expr.expr).kind, ExprKind::Tuple(_)))
    }

    /// Leaves of a list of one element that element; `None` where there are none or several, or comments between.
    pub fn unwrap_single(&self, list: ExprRef) -> Option<Vec<Edit>> {
        let tree = self.configuration.tree(list.file)?;
        let whole = tree.expr(list.expr);
        let ExprKind::Tuple(items) = &whole.kind else {
            return None;
        };
        let [item] = items.as_slice() else {
            return None;
        };
        let item = tree.expr(*item).span;
        let before = Span {
            end: item.start,
            ..whole.span
        };
        let after = Span {
            start: item.end,
            ..whole.span
        };
        let text = self.source(list.file);
        let is_bare =
            before.text(text).trim() == "[" && matches!(after.text(text).trim(), "]" | ",]");
        let edits = [before, after].map(|span| edit(list.file, span, ""));
        is_bare.then(|| edits.to_vec())
    }
}
