//! What of a text may be shown: the only place that decides it.
//!
//! Secrets are found in three ways, and all three apply to every text: by the places of the literals that reach a
//! credential, by the wording of those literals wherever it stands again, and by shape (API keys, tokens, passwords in
//! URLs) also where nothing was understood. Of texts that do not parse, and of comments, [`unparsed`] guesses the rest.

mod unparsed;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};
use memchr::memmem;
use regex::Regex;
use rustc_hash::FxHashSet;
use serde_json::Value;
use unicode_width::UnicodeWidthChar;

use crate::source::{FileId, Location, Sources, Span};
use crate::syntax::Tree;
use crate::zenml::schema::Schema;

/// What a secret may begin with, and how many bytes of it are shown.
const PREFIXES: [(&str, usize); 3] = [("ZENKEY_", 7), ("ZENPROKEY_", 7), ("eyJ", 3)];

/// A secret with fewer characters is not searched for elsewhere: it would be found in other words.
const SHORTEST_TEXT: usize = 6;
/// The same for a single line of a secret of several lines.
const SHORTEST_LINE: usize = 12;
/// Of a longer line, this many bytes are searched for.
const LONGEST_LINE: usize = 4096;

/// Words that messages and configurations are made of. A secret that is one of them is masked at its own place only.
const VOCABULARY: [&str; 10] = [
    "api_key",
    "api_token",
    "default",
    "password",
    "provider",
    "secret",
    "sensitive",
    "server_url",
    "variable",
    "zenml_secret",
];

/// A text for a message; nothing of it where a long word in it is no plain name.
pub fn quotable(text: &str) -> &str {
    match unparsed::has_odd_word(text) {
        true => "…",
        false => text,
    }
}

/// What must not be shown, collected while a run learns of it.
#[derive(Clone, Default)]
pub struct Secrets {
    places: BTreeSet<Location>,
    texts: BTreeSet<String>,
    variables: BTreeSet<Location>,
    /// What may be secrets, in texts that were not understood.
    guesses: BTreeSet<Location>,
}

impl Secrets {
    /// A literal that reaches a credential or a secret field: the whole literal with its quotes (from `<<` for a heredoc),
    /// or a literal part of a template without.
    pub fn add_place(&mut self, place: Location) {
        self.places.insert(place);
    }

    /// A secret as text: put together from several literals, or given from outside (`TF_VAR_...`, `--var`). Of a text in
    /// JSON, also the strings in it that look like secrets: where they were written, they stand in another wording.
    pub fn add_text(&mut self, text: &str) {
        self.texts.insert(text.to_owned());
        if text.starts_with(['{', '[', '"'])
            && let Ok(json) = serde_json::from_str(text)
        {
            let strings = strings_in(&json).into_iter();
            self.texts
                .extend(strings.filter(|text| unparsed::has_mixed_word(text)));
        }
    }

    /// What may be a secret in a file, because it does not parse, stands in a comment, or is a word without quotes and no
    /// reference. It is masked there and nowhere else, but for comments in which such a word stands again.
    pub fn add_written(&mut self, file: FileId, text: &str, tree: &Tree) {
        let mut words: Vec<Range<usize>> = tree
            .bare_words()
            .filter(|(name, word)| unparsed::is_bare_secret(name, word.text(text)))
            .map(|(_, word)| word.range())
            .collect();
        if !tree.errors.is_empty() {
            self.add_guesses(file, 0, unparsed::values(text));
            words.extend(unparsed::bare(text));
        }
        let starts = words
            .iter()
            .filter_map(|word| text.get(word.clone())?.get(..SHORTEST_LINE));
        let starts: FxHashSet<&str> = starts.collect();
        for comment in &tree.comments {
            let start = comment.span.start as usize;
            let comment = comment.span.text(text);
            self.add_guesses(file, start, unparsed::commented(comment));
            self.add_guesses(file, start, unparsed::starting(comment, &starts));
        }
        self.add_guesses(file, 0, words);
    }

    fn add_guesses(&mut self, file: FileId, start: usize, values: Vec<Range<usize>>) {
        let place = |value: Range<usize>| Location {
            file,
            span: Span::new(start + value.start, start + value.end),
        };
        self.guesses.extend(values.into_iter().map(place));
    }

    /// A variable (its header) whose value from outside reaches a credential or a secret field.
    pub fn add_variable(&mut self, header: Location) {
        self.variables.insert(header);
    }

    /// Whether a literal is known to reach a credential or a secret field.
    pub fn has_place(&self, place: Location) -> bool {
        self.places.contains(&place)
    }

    /// Whether what is given to a variable from outside is known to reach a credential or a secret field.
    pub fn has_variable(&self, header: Location) -> bool {
        self.variables.contains(&header)
    }

    /// Takes over what was found in texts as they were before: the places mean nothing any more, the wordings do.
    pub fn add_wordings(&mut self, of: &Secrets, before: &Sources) {
        let written = of
            .places
            .iter()
            .map(|place| inner(before.text_at(*place)).1);
        self.texts.extend(written.map(str::to_owned));
        self.texts.extend(of.texts.iter().cloned());
    }

    /// Takes over what another part of the run has found.
    pub fn extend(&mut self, other: Secrets) {
        self.places.extend(other.places);
        self.texts.extend(other.texts);
        self.variables.extend(other.variables);
        self.guesses.extend(other.guesses);
    }
}

/// The strings in a JSON value, keys included.
fn strings_in(json: &Value) -> Vec<String> {
    let mut strings = Vec::new();
    let mut left = vec![json];
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) => strings.push(text.clone()),
            Value::Array(items) => left.extend(items),
            Value::Object(members) => {
                strings.extend(members.keys().cloned());
                left.extend(members.values());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    strings
}

/// Says how many there are, never what they are.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Secrets({} places, {} texts)",
            self.places.len(),
            self.texts.len()
        )
    }
}

/// Masks texts before any report sees them.
pub struct Redactor<'a> {
    sources: &'a Sources,
    places: BTreeSet<Location>,
    guesses: BTreeSet<Location>,
    texts: Option<Texts>,
    masked: Vec<OnceLock<Option<String>>>,
}

impl<'a> Redactor<'a> {
    /// A redactor for the files of a run and the secrets that were found in them.
    pub fn new(sources: &'a Sources, secrets: &Secrets) -> Self {
        let written = secrets
            .places
            .iter()
            .map(|place| inner(sources.text_at(*place)).1);
        let texts = written.chain(secrets.texts.iter().map(String::as_str));
        Self {
            sources,
            places: secrets.places.clone(),
            guesses: secrets.guesses.clone(),
            texts: Texts::new(texts),
            masked: sources.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// The whole text of a file with its secrets masked: as many bytes, the same line breaks, every character as wide as
    /// the one whose place it takes. Each file is masked once.
    pub fn masked(&self, file: FileId) -> &str {
        let Some(source) = self.sources.get(file) else {
            return "";
        };
        let mask = || {
            let hidden = merge(self.hidden_in(file, &source.text));
            (!hidden.is_empty()).then(|| mask(&source.text, &hidden))
        };
        self.masked
            .get(file.0 as usize)
            .and_then(|cell| cell.get_or_init(mask).as_deref())
            .unwrap_or(&source.text)
    }

    /// A message or title with `…` in the place of each secret.
    pub fn text(&self, text: &str) -> String {
        let mut hidden = shapes(text);
        hidden.extend(self.texts.iter().flat_map(|texts| texts.find(text)));
        cut(text, &merge(hidden))
    }

    /// The same for lines of a file, or of what becomes of it: what is masked in that file alone is masked in them, too.
    pub fn lines(&self, file: FileId, lines: &str) -> String {
        let guesses = self.places_in(&self.guesses, file);
        let written = guesses.map(|place| self.sources.text_at(place));
        let texts = Texts::new(written);
        let mask = |line: &str| {
            let found = texts.iter().flat_map(|texts| texts.find(line));
            self.text(&cut(line, &merge(found.collect())))
        };
        let lines = lines.split_inclusive('\n');
        let masked = lines.map(|line| match line.strip_suffix('\n') {
            Some(line) => format!("{}\n", mask(line)),
            None => mask(line),
        });
        masked.collect()
    }

    fn places_in(
        &self,
        places: &'a BTreeSet<Location>,
        file: FileId,
    ) -> impl Iterator<Item = Location> + 'a {
        let first = Location {
            file,
            span: Default::default(),
        };
        let places = places.range(first..).copied();
        places.take_while(move |place| place.file == file)
    }

    /// Whether a text has a secret in it.
    pub fn finds_secret(&self, text: &str) -> bool {
        let by_wording = || {
            self.texts
                .as_ref()
                .is_some_and(|texts| !texts.find(text).is_empty())
        };
        !shapes(text).is_empty() || by_wording()
    }

    /// A path as it may be shown: like [`Redactor::text`], but a short secret is left standing, since a path without its
    /// words leads nowhere and a short word in a path says nothing of a secret.
    pub fn path(&self, path: &str) -> String {
        let mut hidden = shapes(path);
        let long = |place: &Range<usize>| place.len() >= SHORTEST_LINE;
        let found = self.texts.iter().flat_map(|texts| texts.find(path));
        hidden.extend(found.filter(long));
        cut(path, &merge(hidden))
    }

    fn hidden_in(&self, file: FileId, text: &str) -> Vec<Range<usize>> {
        let inner_of = |place: Location| {
            let (offset, inner) = inner(place.span.text(text));
            let start = place.span.start as usize + offset;
            start + shown(inner)..start + inner.len()
        };
        let known = self.places_in(&self.places, file);
        let guessed = self.places_in(&self.guesses, file);
        let mut hidden: Vec<Range<usize>> = known.chain(guessed).map(inner_of).collect();
        hidden.extend(shapes(text));
        hidden.extend(self.texts.iter().flat_map(|texts| texts.find(text)));
        hidden
    }
}

/// What of a secret may be quoted: the first characters of a known prefix, then `…`.
pub fn shorten(value: &str) -> String {
    let value = value.trim();
    let prefix = value.get(..shown(value)).unwrap_or_default();
    format!("{prefix}…")
}

/// A text of which nothing is known but its wording, with `…` in the place of everything that has a secret's shape.
pub fn by_shape(text: &str) -> String {
    cut(text, &merge(shapes(text)))
}

/// How many bytes of a secret are shown.
fn shown(secret: &str) -> usize {
    PREFIXES
        .iter()
        .find(|(prefix, _)| secret.starts_with(prefix))
        .map_or(0, |(_, length)| *length)
}

/// What of a literal is the secret, and where it begins: without quotes, heredoc markers and blanks around it.
fn inner(literal: &str) -> (usize, &str) {
    let quoted = literal
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let heredoc = || {
        let (_, body) = literal
            .strip_prefix("<<")
            .and_then(|_| literal.split_once('\n'))?;
        body.rsplit_once('\n').map(|(body, _)| body)
    };
    let content = quoted.or_else(heredoc).unwrap_or(literal);
    let secret = content.trim();
    // Both are slices of the literal: the distance of their first bytes is the offset.
    let offset = (secret.as_ptr() as usize).saturating_sub(literal.as_ptr() as usize);
    (offset, secret)
}

/// The wordings of secrets, searched for all at once.
struct Texts {
    automaton: NFA,
    /// For each wording, its length and how much of it may be shown.
    lengths: Vec<(usize, usize)>,
}

impl Texts {
    fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Option<Self> {
        let wordings: BTreeSet<&str> = texts.flat_map(wordings).collect();
        if wordings.is_empty() {
            return None;
        }
        let lengths = wordings.iter().map(|text| (text.len(), shown(text)));
        Some(Self {
            lengths: lengths.collect(),
            automaton: NFA::builder()
                .match_kind(MatchKind::Standard)
                .build(&wordings)
                .ok()?,
        })
    }

    /// Every occurrence, also of wordings that overlap: at each byte, the longest that ends there (all others that do lie
    /// within it), so that the time is linear whatever the wordings are.
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let Ok(mut state) = self.automaton.start_state(Anchored::No) else {
            return found;
        };
        for (at, byte) in text.bytes().enumerate() {
            state = self.automaton.next_state(Anchored::No, state, byte);
            if !self.automaton.is_match(state) {
                continue;
            }
            let wording = self.automaton.match_pattern(state, 0).as_usize();
            if let Some((length, shown)) = self.lengths.get(wording) {
                found.push(at + 1 + shown - length..at + 1);
            }
        }
        found
    }
}

/// What of a secret is searched for: its lines, since no snippet shows more than lines.
fn wordings(secret: &str) -> impl Iterator<Item = &str> {
    let secret = secret.trim();
    let least = if secret.contains('\n') {
        SHORTEST_LINE
    } else {
        SHORTEST_TEXT
    };
    secret
        .lines()
        .map(str::trim)
        .filter(move |line| line.chars().count() >= least && !is_common(line))
        .map(|line| {
            line.get(..line.floor_char_boundary(LONGEST_LINE))
                .unwrap_or(line)
        })
}

/// Whether a text is a word that configurations are made of: also the name of a type, a flavor, a method or a setting.
fn is_common(text: &str) -> bool {
    let zenml = Schema::default().zenml;
    let connectors = zenml.connector_types.iter().any(|ty| {
        ty.name == text
            || ty.resource_type(text).is_some()
            || ty.auth_method(text).is_some()
            || ty
                .auth_methods
                .iter()
                .any(|method| method.field(text).is_some())
    });
    let components = zenml.component_types.iter().any(|ty| {
        ty.name == text
            || ty.flavor(text).is_some()
            || ty.flavors.iter().any(|flavor| flavor.field(text).is_some())
    });
    connectors || components || VOCABULARY.contains(&text)
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
    let possible = SHAPES.iter().filter(|shape| shape.is_possible(text));
    let matches = possible
        .filter_map(|shape| shape.expression.as_ref())
        .flat_map(|expression| expression.captures_iter(text));
    let secrets = matches.filter_map(|captures| captures.get(1).or_else(|| captures.get(0)));
    secrets
        .filter(|secret| !is_interpolation(secret.as_str()))
        .map(|secret| secret.start() + shown(secret.as_str())..secret.end())
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

/// Replaces each character of the ranges by one as long and as wide.
fn mask(text: &str, hidden: &[Range<usize>]) -> String {
    replace(text, hidden, |secret, out| {
        out.extend(secret.chars().map(mask_of));
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

/// A character with as many bytes in UTF-8 and as many columns on a terminal that says nothing of the original.
fn mask_of(c: char) -> char {
    match (c, c.len_utf8(), c.width()) {
        ('\n' | '\r' | '\t', ..) => c,
        (_, 1, _) => '*',
        (_, 2, Some(0)) => '\u{34f}',
        (_, 2, _) => '·',
        (_, 3, Some(0)) => '\u{2060}',
        (_, 3, Some(2..)) => '＊',
        (_, 3, _) => '•',
        (_, _, Some(0)) => '\u{e0100}',
        (_, _, Some(2..)) => '🔒',
        (..) => '\u{1f7b6}',
    }
}

#[cfg(test)]
#[path = "redact_tests.rs"]
mod tests;
