//! Values in texts that nobody could parse, and in comments: what may be a secret there is told by its name and by how it
//! is written.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Match, Regex};
use rustc_hash::FxHashSet;

use super::{SHORTEST_LINE, SHORTEST_TEXT, is_common};

/// A string after a name, or alone; where it is never closed, as far as its line goes.
static STRINGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r#"(?:(?:"([^"\n]*)"|([\w.-]+))[ \t]*[=:]>?[ \t]*)?"#;
    let string = r#"(?:"((?:[^"\\\n]|\\.)*)(?:"|$)|'([^'\n]*)(?:'|$))"#;
    Regex::new(&format!("(?m){name}{string}")).ok()
});

/// What has no quotes, after a name that a secret may have.
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r#"["']?([\w.-]+)["']?"#;
    Regex::new(&format!(
        r#"{name}[ \t]*[=:]>?[ \t]*([^\s"'{{}}\[\]()<>,#]+)"#
    ))
    .ok()
});

/// A word as long as a secret.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\w.!+=-]{12,}").ok());

/// The lines of a heredoc.
static HEREDOCS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"<<-?[ \t]*(\w+)[ \t]*\r?\n").ok());

/// The header of a block, the labels of which are no secrets.
static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)^[ \t]*[\w-]+(?:[ \t]+(?:"[^"\n]*"|[\w-]+))*[ \t]*\{"#).ok()
});

/// Names whose values are no secrets.
const OPEN: [&str; 14] = [
    "alias",
    "auth_method",
    "description",
    "error_message",
    "flavor",
    "name",
    "path",
    "region",
    "resource_type",
    "server_url",
    "source",
    "type",
    "uri",
    "version",
];

/// What the names of secrets have in them.
const TELLING: [&str; 7] = [
    "credential",
    "key",
    "passphrase",
    "password",
    "passwd",
    "secret",
    "token",
];

/// All that may be a secret in a text that could not be parsed, but for what [`bare`] finds.
pub(super) fn values(text: &str) -> Vec<Range<usize>> {
    let headers: Vec<_> = matches(&HEADER, text)
        .map(|header| (header.start(), header.end()))
        .collect();
    let is_label = |at: usize| {
        let behind = headers.partition_point(|(start, _)| *start <= at);
        let header = behind.checked_sub(1).and_then(|index| headers.get(index));
        header.is_some_and(|(_, end)| at < *end)
    };
    let strings = captures(&STRINGS, text).filter_map(|found| {
        let string = found.get(3).or_else(|| found.get(4))?;
        let name = found.get(1).or_else(|| found.get(2));
        let is_open = name.is_some_and(|name| OPEN.contains(&name.as_str()));
        (!is_open && !is_label(string.start())).then(|| string.range())
    });
    strings
        .chain(heredocs(text))
        .chain(mixed(text))
        .filter(|value| may_be_secret(text, value))
        .collect()
}

/// What stands in heredocs. One in another is a part of that.
fn heredocs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut done = 0;
    for opening in matches(&HEREDOCS, text) {
        let Some(rest) = text
            .get(opening.end()..)
            .filter(|_| opening.start() >= done)
        else {
            continue;
        };
        let head = opening.as_str().trim_end();
        let name = head.trim_start_matches(['<', '-', ' ', '\t']);
        let lines = rest.split_inclusive('\n');
        let lines = lines.take_while(|line| line.trim() != name);
        let length: usize = lines.map(str::len).sum();
        done = opening.end() + length;
        found.push(opening.end()..done);
    }
    found
}

/// What is given to the name of a secret in a comment, and the words in it that look like one.
pub(super) fn commented(comment: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = mixed(comment).collect();
    // Nearly all comments give nothing to anything.
    if comment.contains(['=', ':']) {
        found.extend(captures(&STRINGS, comment).filter_map(|found| {
            let string = found.get(3).or_else(|| found.get(4))?;
            let name = found.get(1).or_else(|| found.get(2))?;
            is_telling(name.as_str()).then(|| string.range())
        }));
        // Prose has words behind colons, too.
        found.extend(bare(comment).filter(|value| has_digit(comment, value)));
    }
    found.retain(|value| may_be_secret(comment, value));
    found
}

/// The words of a comment that start like one of some: of as many bytes as [`SHORTEST_LINE`] says.
pub(super) fn starting(comment: &str, starts: &FxHashSet<&str>) -> Vec<Range<usize>> {
    if starts.is_empty() {
        return Vec::new();
    }
    let starts_so = |word: &str| {
        let start = word.get(..SHORTEST_LINE);
        start.is_some_and(|start| starts.contains(start))
    };
    matches(&WORDS, comment)
        .filter(|word| word.as_str().split('=').any(starts_so))
        .map(|word| word.range())
        .collect()
}

/// Whether a value without quotes that is no reference may be a secret: its name says so, or it has a digit.
pub(super) fn is_bare_secret(name: &str, value: &str) -> bool {
    let whole = 0..value.len();
    value.len() >= SHORTEST_LINE
        && (is_telling(name) || has_digit(value, &whole))
        && may_be_secret(value, &whole)
}

fn has_digit(text: &str, value: &Range<usize>) -> bool {
    let value = text.get(value.clone()).unwrap_or_default();
    value.contains(|c: char| c.is_ascii_digit())
}

/// What is given to the name of a secret without quotes.
pub(super) fn bare(text: &str) -> impl Iterator<Item = Range<usize>> {
    let given = captures(&BARE, text).filter_map(|found| {
        let (name, value) = (found.get(1)?, found.get(2)?);
        is_telling(name.as_str()).then(|| value.range())
    });
    given.filter(|value| may_be_secret(text, value))
}

/// Whether a text has a word in it that looks like a secret and like no name.
pub(super) fn has_mixed_word(text: &str) -> bool {
    mixed(text).next().is_some()
}

/// Whether a text has a long word in it that is not made of small letters alone, with signs that join words.
pub(super) fn has_odd_word(text: &str) -> bool {
    let is_odd = |c: char| !c.is_lowercase() && !matches!(c, '-' | '_' | '.');
    matches(&WORDS, text).any(|word| word.as_str().contains(is_odd))
}

/// The words that no name looks like: with letters of both cases and a digit.
fn mixed(text: &str) -> impl Iterator<Item = Range<usize>> {
    let words = matches(&WORDS, text).filter(|word| {
        let has = |is: fn(&u8) -> bool| word.as_str().as_bytes().iter().any(is);
        has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
    });
    words.map(|word| word.range())
}

fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|part| name.contains(part)) && !OPEN.contains(&name.as_str())
}

/// Whether a value is long enough for a secret, leads to no other one, and is none that everybody knows.
fn may_be_secret(text: &str, value: &Range<usize>) -> bool {
    let value = text.get(value.clone()).unwrap_or_default().trim();
    let roots = [
        "var.",
        "local.",
        "module.",
        "data.",
        "each.",
        "self.",
        "ephemeral.",
        "${",
        "{{",
    ];
    value.chars().count() >= SHORTEST_TEXT
        && !roots.iter().any(|root| value.starts_with(root))
        && !is_common(value)
}

fn matches<'t>(
    expression: &'static LazyLock<Option<Regex>>,
    text: &'t str,
) -> impl Iterator<Item = Match<'t>> {
    expression.iter().flat_map(move |it| it.find_iter(text))
}

fn captures<'t>(
    expression: &'static LazyLock<Option<Regex>>,
    text: &'t str,
) -> impl Iterator<Item = Captures<'t>> {
    expression.iter().flat_map(move |it| it.captures_iter(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_valid() {
        for pattern in [&STRINGS, &BARE, &WORDS, &HEREDOCS, &HEADER] {
            assert!(pattern.is_some());
        }
    }
}
