//! Edits of object and list expressions.

use super::align::{Line, Lines, aligned_others, blanks_from, pad};
use super::body::indentation;
use super::{Mend, after_on_line, edit};
use crate::finding::Edit;
use crate::source::{FileId, Location, Span};
use crate::syntax::{ExprKind, ObjectItem, Tree};
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
        let is_json = self.is_json(file);
        let entry = match is_json {
            true => format!("\"{key}\": \"{value}\""),
            false => format!("{key} = \"{value}\""),
        };
        let Some(last) = items.last() else {
            let entry = match is_json {
                true => format!("{{{entry}}}"),
                false => format!("{{ {entry} }}"),
            };
            return Some(vec![edit(file, expr.span, entry)]);
        };
        let (last_key, last_value) = (tree.expr(last.key).span, tree.expr(last.value).span);
        if is_json || !expr.span.text(self.source(file)).contains('\n') {
            let at = Span::new(last_value.end as usize, last_value.end as usize);
            return Some(vec![edit(file, at, format!(", {entry}"))]);
        }
        Some(self.add_entry_line(file, last_key, last_value, (key, value), items.len() == 1))
    }

    /// Adds an entry on a line of its own, below the last one.
    fn add_entry_line(
        &self,
        file: FileId,
        last_key: Span,
        last_value: Span,
        (key, value): (&str, &str),
        is_second: bool,
    ) -> Vec<Edit> {
        let text = self.source(file);
        let gap = Span {
            start: last_key.end,
            end: last_value.start,
        };
        let is_one_line = !last_key.to(last_value).text(text).contains('\n');
        let blanks = gap.text(text).find(['=', ':']).unwrap_or_default();
        let column = last_key.range().len() + blanks;
        let width = if is_one_line { column } else { 0 };
        let added = match is_one_line && is_second {
            true => width.max(key.len() + 1),
            false => width,
        };
        let mut edits = Vec::new();
        if is_one_line && is_second && added > column {
            let missing = Span::new(last_key.end as usize, last_key.end as usize);
            edits.push(edit(file, missing, " ".repeat(added - column)));
        }
        let indent = indentation(text, last_key.start as usize);
        let padding = " ".repeat(added.saturating_sub(key.len()).max(1));
        let end = last_value.end as usize + after_on_line(text, last_value.end as usize).len();
        let line = format!(
            "{}{indent}{key}{padding}= \"{value}\"",
            self.line_break(file)
        );
        edits.push(edit(file, Span::new(end, end), line));
        edits
    }

    /// Writes another key in the place of one, and gives those around it the alignment that `terraform fmt` gives them then.
    pub fn rename_key(&self, key: Location, replacement: String) -> Vec<Edit> {
        let text = self.source(key.file);
        let lines = self.entries_around(key).map(lines);
        let around = match lines.and_then(|lines| aligned_others(text, &lines, key.span)) {
            Some(around) if !around.is_empty() => around,
            _ => return vec![edit(key.file, key.span, replacement)],
        };
        let width = replacement.chars().count();
        let widths = around.iter().map(|line| line.width(text));
        let column = widths.fold(width, usize::max) + 1;
        let blanks = blanks_from(text, key.span.end);
        let renamed = format!("{replacement}{}", " ".repeat(column - width));
        let renamed = edit(key.file, key.span.to(blanks), renamed);
        let others = around.iter();
        let others = others.filter_map(|line| pad(key.file, text, line, column));
        std::iter::once(renamed).chain(others).collect()
    }

    /// The entries of the object that has a key, in native syntax.
    fn entries_around(&self, key: Location) -> Option<(&Tree, &[ObjectItem])> {
        let tree = self.configuration.tree(key.file)?;
        if self.is_json(key.file) {
            return None;
        }
        // An expression comes behind those that it is made of.
        let from = tree
            .exprs
            .partition_point(|expr| expr.span.end < key.span.end);
        let has_key = |items: &[ObjectItem]| item_of(tree, items, key.span).is_some();
        let items = tree
            .exprs
            .get(from..)?
            .iter()
            .find_map(|expr| match &expr.kind {
                ExprKind::Object(items) if has_key(items) => Some(items),
                _ => None,
            });
        Some((tree, items?))
    }

    /// Puts texts around the value of the entry whose key stands there, in native syntax.
    pub fn wrap_entry(&self, key: Location, before: &str, after: &str) -> Option<Vec<Edit>> {
        let (tree, items) = self.entries_around(key)?;
        let item = item_of(tree, items, key.span)?;
        let value = tree.expr(item.value).span;
        let (start, end) = (value.start as usize, value.end as usize);
        Some(vec![
            edit(key.file, Span::new(start, start), before),
            edit(key.file, Span::new(end, end), after),
        ])
    }

    /// Makes of a string, as it is written, the value of one key of an object that has another key, too. `None` where it is
    /// no plain string.
    pub fn into_object(
        &self,
        string: ExprRef,
        key: &str,
        other: (&str, &str),
    ) -> Option<Vec<Edit>> {
        let tree = self.configuration.tree(string.file)?;
        tree.plain_string(string.expr)?;
        let span = tree.expr(string.expr).span;
        let (start, end) = (span.start as usize, span.end as usize);
        let (name, value) = other;
        let (open, close) = match self.is_json(string.file) {
            true => (format!("{{\"{name}\": \"{value}\", \"{key}\": "), "}"),
            false => (format!("{{ {name} = \"{value}\", {key} = "), " }"),
        };
        Some(vec![
            edit(string.file, Span::new(start, start), open),
            edit(string.file, Span::new(end, end), close),
        ])
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
        let is_bare = |span: Span, marks: &str| {
            let written = span.text(text).chars();
            written.filter(|c| !c.is_whitespace()).eq(marks.chars())
        };
        let is_bare = is_bare(before, "[") && (is_bare(after, "]") || is_bare(after, ",]"));
        let edits = [before, after].map(|span| edit(list.file, span, ""));
        is_bare.then(|| edits.to_vec())
    }
}

/// The entry of an object whose key stands there.
fn item_of<'t>(tree: &Tree, items: &'t [ObjectItem], key: Span) -> Option<&'t ObjectItem> {
    let at = items.partition_point(|item| tree.expr(item.key).span.start < key.start);
    items.get(at).filter(|item| tree.expr(item.key).span == key)
}

/// The entries of an object.
fn lines<'t>((tree, items): (&'t Tree, &'t [ObjectItem])) -> Lines<'t, ObjectItem> {
    Lines {
        tree,
        items,
        line: |tree, item| {
            let name = tree.expr(item.key).span;
            let span = name.to(tree.expr(item.value).span);
            Line { name, span }
        },
    }
}
