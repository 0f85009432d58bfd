//! What of a text may be shown: the only place that decides it.
//!
//! A value is shown because something permits it, never because nothing forbids it. Of a source text, structure is shown:
//! names, references, punctuation. A literal or a comment is drawn as `•` unless the finding is about it, or the schema
//! knows its argument as harmless, or its position says what it is ([`mask`]); never where a credential may be made of it
//! ([`seeds`]) or where it has the shape of one. Of a file that does not parse, or in another language, only what cannot be a
//! value is shown ([`lexical`]). A message shows values as [`Shown`] alone.

mod harmless;
mod lexical;
mod mask;
mod seeds;
mod shown;

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use memchr::{memchr3, memmem};
use regex::Regex;
use unicode_width::UnicodeWidthChar;

use crate::source::{FileId, Location, Sources, Span};
use crate::syntax::Tree;
use crate::terraform::{Configuration, Slice};
use crate::zenml::credential::secret_reference;

use mask::{Literal, Permission};
pub use shown::{Shown, Value};

/// What a secret may begin with, and how many bytes of it are shown.
const PREFIXES: [(&str, usize); 3] = [("ZENKEY_", 7), ("ZENPROKEY_", 7), ("eyJ", 3)];

/// The longest name of a rule, and more.
const LONGEST_RULE: usize = 50;

/// What stands for a character that may not be seen.
pub const MASK: char = '•';

/// Masks source texts before any report sees them.
pub struct Redactor<'a> {
    sources: &'a Sources,
    configuration: Option<&'a Configuration>,
    /// Whether literals are shown that nothing permits: never those that nothing can permit.
    shows_values: bool,
    /// What must be permitted in each file, worked out when it is first asked for.
    literals: Vec<OnceLock<Vec<Literal>>>,
}

/// What must not be shown of a configuration, worked out when that is first asked for.
pub fn slice(configuration: &Configuration) -> &Slice {
    configuration.slice(seeds::slice)
}

impl<'a> Redactor<'a> {
    /// A redactor for the files of a run.
    pub fn new(configuration: &'a Configuration) -> Self {
        let sources = &configuration.sources;
        Self {
            sources,
            configuration: Some(configuration),
            shows_values: false,
            literals: sources.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// A redactor for files in another language than Terraform's.
    pub fn of_settings(sources: &'a Sources) -> Self {
        Self {
            sources,
            configuration: None,
            shows_values: false,
            literals: Vec::new(),
        }
    }

    /// The same, which shows literals that nothing permits, too: known credentials stay masked.
    #[must_use]
    pub fn showing_values(self, shows_values: bool) -> Self {
        Self {
            shows_values,
            ..self
        }
    }

    /// What must not be seen of a line of a file, in bytes of the file. The finding that shows it is about some places.
    pub fn hidden(&self, file: FileId, line: Span, about: &[Location]) -> Vec<Range<usize>> {
        let Some(source) = self.sources.get(file) else {
            return Vec::new();
        };
        if !source.is_inside {
            return vec![line.range()];
        }
        let text = line.text(&source.text);
        let start = line.range().start;
        let moved = |range: Range<usize>| start + range.start..start + range.end;
        let mut hidden = match self.tree(file) {
            Some(tree) if tree.errors.is_empty() => self.hidden_literals(file, tree, line, about),
            Some(_) => lexical::hidden_in_line(text)
                .into_iter()
                .map(moved)
                .collect(),
            None if self.is_in_text(file, line) => vec![line.range()],
            None => lexical::hidden_in_setting(text)
                .into_iter()
                .map(moved)
                .collect(),
        };
        hidden.extend(shapes(text).into_iter().map(moved));
        merge(hidden)
    }

    /// A line, with what must not be seen of it masked.
    pub fn line(&self, file: FileId, line: Span, about: &[Location]) -> String {
        let hidden = self.hidden(file, line, about);
        let Some(source) = self.sources.get(file) else {
            return String::new();
        };
        let start = line.range().start;
        let hidden: Vec<Range<usize>> = hidden
            .into_iter()
            .map(|range| range.start.saturating_sub(start)..range.end.saturating_sub(start))
            .collect();
        mask(line.text(&source.text), &hidden)
    }

    /// Whether all of a place may be seen.
    pub fn shows(&self, place: Location, about: &[Location]) -> bool {
        let Some(source) = self.sources.get(place.file) else {
            return false;
        };
        let range = place.span.range();
        let lines = source.line_at(range.start)..=source.line_at(range.end);
        let mut hidden =
            lines.flat_map(|line| self.hidden(place.file, source.line_span(line), about));
        hidden.all(|hidden| hidden.end <= range.start || range.end <= hidden.start)
    }

    /// Whether lines beside a place of a file may be shown: they say nothing where the file does not parse.
    pub fn has_context(&self, file: FileId) -> bool {
        let is_inside = self.sources.get(file).is_some_and(|file| file.is_inside);
        is_inside && self.tree(file).is_some_and(|tree| tree.errors.is_empty())
    }

    fn tree(&self, file: FileId) -> Option<&'a Tree> {
        self.configuration?.tree(file)
    }

    fn hidden_literals(
        &self,
        file: FileId,
        tree: &Tree,
        line: Span,
        about: &[Location],
    ) -> Vec<Range<usize>> {
        let (Some(cell), Some(source), Some(configuration)) = (
            self.literals.get(file.0 as usize),
            self.sources.get(file),
            self.configuration,
        ) else {
            return vec![line.range()];
        };
        let literals =
            cell.get_or_init(|| mask::literals(file, source, tree, slice(configuration)));
        let mut hidden = Vec::new();
        // A literal may begin lines before; no two overlap but for strings in strings.
        let first = literals.partition_point(|literal| literal.span.end <= line.start);
        for literal in literals.get(first..).unwrap_or_default() {
            if literal.span.start >= line.end {
                break;
            }
            let is_about = about.iter().any(|place| {
                place.file == file
                    && place.span.start < literal.span.end
                    && literal.span.start < place.span.end
            });
            let is_permitted = match literal.permission {
                Permission::Given => true,
                Permission::ByFinding => is_about || self.shows_values,
                Permission::Void => false,
            };
            hidden.extend(self.hidden_in_literal(file, tree, *literal, is_permitted, about));
        }
        let line = line.range();
        let cut = |range: Range<usize>| range.start.max(line.start)..range.end.min(line.end);
        hidden.into_iter().map(cut).collect()
    }

    fn hidden_in_literal(
        &self,
        file: FileId,
        tree: &Tree,
        literal: Literal,
        is_permitted: bool,
        about: &[Location],
    ) -> Vec<Range<usize>> {
        let range = literal.span.range();
        let text = self.sources.text_at(Location {
            file,
            span: literal.span,
        });
        // It says where a secret is kept, not what it is.
        if secret_reference(text).is_some() {
            return Vec::new();
        }
        if !is_permitted {
            let shown = known_prefix(text);
            // Lines of a heredoc keep their indentation.
            return text
                .split_inclusive('\n')
                .scan(range.start + shown, |at, part| {
                    let start = *at;
                    *at += part.len();
                    let indent = part.len() - part.trim_start_matches([' ', '\t']).len();
                    Some(start + indent..(start + part.trim_end().len()).min(range.end))
                })
                .collect();
        }
        let is_comment = tree
            .comments
            .binary_search_by_key(&literal.span, |comment| comment.span)
            .is_ok();
        if is_comment && !self.shows_values {
            // A finding is about words of a comment, not about the comment.
            let of_file = about.iter().filter(|place| place.file == file);
            return without(
                range.start + 1..range.end,
                of_file.map(|place| place.span.range()),
            );
        }
        without(
            range.clone(),
            harmless::ranges(text, range.start).into_iter(),
        )
    }

    /// Whether a line stands in a text of several lines, in a file that no tree explains.
    fn is_in_text(&self, file: FileId, line: Span) -> bool {
        let text = self.sources.get(file).map_or("", |file| &file.text);
        let before = text.get(..line.range().start).unwrap_or_default();
        ["\"\"\"", "'''"]
            .iter()
            .any(|quotes| before.matches(quotes).count() % 2 == 1)
    }

    /// A path as it may be shown.
    pub fn path(&self, path: &str) -> String {
        by_shape(path)
    }
}

/// What is left of a range without others, which are in order.
fn without(range: Range<usize>, others: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut left = Vec::new();
    let mut at = range.start;
    for other in others {
        if other.start > at {
            left.push(at..other.start.min(range.end));
        }
        at = at.max(other.end);
    }
    if at < range.end {
        left.push(at..range.end);
    }
    left
}

/// A text of which nothing is known but its wording, with `…` in the place of everything that has a secret's shape.
pub fn by_shape(text: &str) -> String {
    cut(text, &merge(shapes(text)))
}

/// A URL without what signs in: user, password, query and fragment.
pub fn url(text: &str) -> String {
    let open = harmless::ranges(text, 0);
    let hidden = without(0..text.len(), open.into_iter());
    by_shape(&cut(text, &hidden))
}

/// A text that looks like the name of a rule.
fn shorten_name(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
    (text.len() < LONGEST_RULE && text.chars().all(is_name)).then_some(text)
}

/// How many bytes of a secret are shown.
fn known_prefix(secret: &str) -> usize {
    PREFIXES
        .iter()
        .find(|(prefix, _)| secret.starts_with(prefix))
        .map_or(0, |(_, length)| *length)
}

/// A shape of secrets; the first group, where there is one, is the secret part.
struct Shape {
    /// What stands in every text of the shape. A search for it is many times as fast, and where it fails, as it does in
    /// nearly all texts, the expression is not even compiled.
    words: &'static [&'static str],
    expression: LazyLock<Option<Regex>>,
}

static SHAPES: [Shape; 6] = [
    Shape {
        words: &["KEY_"],
        expression: LazyLock::new(|| Regex::new(r"ZEN(?:PRO)?KEY_[A-Za-z0-9+/=_-]{8,}").ok()),
    },
    Shape {
        words: &["eyJ"],
        expression: LazyLock::new(|| {
            Regex::new(r"eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*").ok()
        }),
    },
    // A token that was cut off.
    Shape {
        words: &["eyJ"],
        expression: LazyLock::new(|| {
            Regex::new(r"(?-u:\b)eyJ[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]*)?").ok()
        }),
    },
    Shape {
        words: &["://", "@"],
        expression: LazyLock::new(|| Regex::new(r#"://[^\s"'/@:]*:([^\s"'/]+)@"#).ok()),
    },
    Shape {
        words: &["://", "@"],
        expression: LazyLock::new(|| Regex::new(r"://([A-Za-z0-9_-]{20,})@").ok()),
    },
    // In the query of a URL.
    Shape {
        words: &["://", "?"],
        expression: LazyLock::new(|| {
            let name = "[a-z_-]*(?:key|token|secret|password|signature)";
            Regex::new(&format!(r#"(?i)[?&]{name}=([^\s"'&#]{{6,}})"#)).ok()
        }),
    },
];

impl Shape {
    fn is_possible(&self, text: &str) -> bool {
        let mut words = self.words.iter();
        words.all(|word| memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    }
}

fn shapes(text: &str) -> Vec<Range<usize>> {
    // The words of each shape have one of these, and names, which are most of what is asked for, have none.
    if memchr3(b':', b'J', b'Y', text.as_bytes()).is_none() {
        return Vec::new();
    }
    let possible = SHAPES.iter().filter(|shape| shape.is_possible(text));
    let matches = possible
        .filter_map(|shape| shape.expression.as_ref())
        .flat_map(|expression| expression.captures_iter(text));
    let secrets = matches.filter_map(|captures| captures.get(1).or_else(|| captures.get(0)));
    secrets
        .filter(|secret| !is_interpolation(secret.as_str()))
        .map(|secret| secret.start() + known_prefix(secret.as_str())..secret.end())
        .collect()
}

/// `${...}` in the place of a password: a reference, which says nothing.
fn is_interpolation(text: &str) -> bool {
    text.starts_with("${") && text.find('}') == Some(text.len() - 1)
}

/// Sorted, without overlaps and empty ones.
fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ if range.is_empty() => {}
            _ => merged.push(range),
        }
    }
    merged
}

/// Replaces each range by `…`.
fn cut(text: &str, hidden: &[Range<usize>]) -> String {
    replace(text, hidden, |_, out| out.push('…'))
}

/// Replaces each character of the ranges by as many signs as it has columns.
pub(crate) fn mask(text: &str, hidden: &[Range<usize>]) -> String {
    replace(text, hidden, |secret, out| {
        for c in secret.chars() {
            match c {
                '\n' | '\r' | '\t' => out.push(c),
                _ => out.extend(std::iter::repeat_n(MASK, c.width().unwrap_or(1))),
            }
        }
    })
}

fn replace(text: &str, hidden: &[Range<usize>], write: impl Fn(&str, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in hidden {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        write(text.get(range.clone()).unwrap_or_default(), &mut out);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
#[path = "redact_tests.rs"]
mod tests;
