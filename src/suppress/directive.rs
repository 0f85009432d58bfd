//! What an ignore comment says.

use crate::source::Span;
use crate::syntax::Comment;

/// What every ignore comment begins with.
const MARK: &str = "zenml-tflint-ignore";
/// What separates the names from a reason.
const REASON: &str = "--";

/// An ignore comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Directive {
    /// The index of its comment in the tree.
    pub comment: usize,
    /// The whole comment; in JSON, the string.
    pub span: Span,
    /// Whether it is a member of an object in JSON.
    pub is_json: bool,
    /// The words `zenml-tflint-ignore` or `zenml-tflint-ignore-file`.
    pub mark: Span,
    /// Whether it is meant for the whole file.
    pub is_for_file: bool,
    /// The names that it gives; none where there is a problem.
    pub names: Vec<Name>,
    /// Why it has no effect.
    pub problem: Option<Problem>,
}

/// A name in an ignore comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub text: String,
    pub span: Span,
}

/// Why an ignore comment has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// No colon after the mark, or another word.
    NoColon,
    /// Nothing after the colon.
    NoNames,
    /// Meant for the file, and not at its top.
    NotAtTheTop,
}

impl Directive {
    /// The ignore comment that a comment is, if it is one. The text of the source is read, not the comment's own: names
    /// are reported and removed where they stand.
    pub(super) fn parse(index: usize, comment: &Comment, source: &str) -> Option<Self> {
        let raw = comment.span.text(source);
        let at = raw.find(MARK)?;
        let is_marker = |c: char| c.is_whitespace() || matches!(c, '#' | '/' | '*' | '"');
        if !raw.get(..at)?.chars().all(is_marker) {
            return None;
        }
        let content = raw.get(at + MARK.len()..)?;
        let content = content.lines().next().unwrap_or_default();
        let content = match comment.object {
            Some(_) => content.split(['"', '\\']).next().unwrap_or_default(),
            None => content.split("*/").next().unwrap_or_default(),
        };
        let start = comment.span.start as usize + at;
        let (is_for_file, rest) = match content.strip_prefix("-file") {
            Some(rest) => (true, rest),
            None => (false, content),
        };
        let mark_end = start + MARK.len() + content.len() - rest.len();
        let mut directive = Self {
            comment: index,
            span: comment.span,
            is_json: comment.object.is_some(),
            mark: Span::new(start, mark_end),
            is_for_file,
            names: Vec::new(),
            problem: None,
        };
        match rest.trim_start().strip_prefix(':') {
            None => directive.problem = Some(Problem::NoColon),
            Some(list) => {
                let list_start = mark_end + rest.len() - list.len();
                directive.names = names(list, list_start);
                directive.problem = directive.names.is_empty().then_some(Problem::NoNames);
            }
        }
        Some(directive)
    }

    /// The names that have an effect.
    pub(super) fn effective(&self) -> &[Name] {
        match self.problem {
            None => &self.names,
            Some(_) => &[],
        }
    }
}

/// The names before the reason; `start` is where `list` begins in the source.
fn names(list: &str, start: usize) -> Vec<Name> {
    let mut names = Vec::new();
    let mut at = start;
    for item in without_reason(list).split(',') {
        let text = item.trim();
        if !text.is_empty() {
            let from = at + item.len() - item.trim_start().len();
            names.push(Name {
                text: text.to_owned(),
                span: Span::new(from, from + text.len()),
            });
        }
        at += item.len() + 1;
    }
    names
}

/// What stands before ` -- `.
fn without_reason(list: &str) -> &str {
    let is_blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let mut dashes = list.match_indices(REASON).filter(|(at, _)| {
        let before = list.get(..*at).and_then(|text| text.chars().next_back());
        let after = list.get(at + REASON.len()..);
        is_blank(before) && is_blank(after.and_then(|text| text.chars().next()))
    });
    let end = dashes.next().map_or(list.len(), |(at, _)| at);
    list.get(..end).unwrap_or(list)
}
