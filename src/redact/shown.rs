//! Values that a message may show.

use std::ops::Range;

use jsonc_parser::errors::ParseError;

use super::{by_shape, harmless, seeds, shorten_name};
use crate::config::CustomRule;
use crate::eval::{Hop, HopKind, Piece, Refusal, Start};
use crate::finding::NewName;
use crate::source::{Location, Span};
use crate::syntax::{Notation, literal_text_map};
use crate::terraform::{Argument, Block, Configuration, ExprRef, Module, Subject};
use crate::zenml::credential::secret_reference;

/// What stands for a text that may not be shown.
const NOTHING: &str = "…";

/// Past this many characters a value is cut.
const LONGEST: usize = 60;

/// A text that may be shown, or `…` in the place of one that may not. Only this module makes any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    text: String,
    places: Vec<Location>,
}

/// A value that a finding is about.
pub struct Value<'v> {
    /// Its pieces.
    pub pieces: &'v [Piece],
    /// The expression that it is a part of, with the keys that lead to it.
    pub source: Option<(ExprRef, &'v [String])>,
    /// Whether Terraform hides it.
    pub sensitive: bool,
}

impl Shown {
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it is written: what the finding is about, and may be seen there.
    pub fn places(&self) -> &[Location] {
        &self.places
    }

    /// Whether none of it may be shown.
    pub fn is_hidden(&self) -> bool {
        self.text == NOTHING
    }

    /// Nothing.
    pub fn nothing() -> Self {
        Self {
            text: NOTHING.to_owned(),
            places: Vec::new(),
        }
    }

    fn new(text: &str, places: Vec<Location>) -> Self {
        let text = by_shape(text);
        let text = match text.chars().count() > LONGEST {
            true => format!("{}…", text.chars().take(LONGEST).collect::<String>()),
            false => text,
        };
        Self { text, places }
    }

    /// A value that its rule compares with a list, as far as it is written so in literals and depends on nothing that is
    /// to be hidden.
    pub fn value(configuration: &Configuration, value: &Value<'_>) -> Self {
        Self::part(configuration, value, 0..usize::MAX)
    }

    /// A part of such a value, in bytes of its known pieces; all of it is shown where it is written, as far as it may be.
    pub fn part(configuration: &Configuration, value: &Value<'_>, range: Range<usize>) -> Self {
        let mut places = Vec::new();
        let mut text = String::new();
        let mut is_whole = true;
        let all: String = value
            .pieces
            .iter()
            .filter_map(|piece| piece.text.as_deref())
            .collect();
        // It says where a secret is kept, not what it is.
        let is_reference = secret_reference(&all).is_some();
        for piece in value.pieces {
            let known = piece.text.as_deref().unwrap_or_default();
            let is_meant = range.start < text.len() + known.len() && text.len() < range.end;
            match written(configuration, piece) {
                Some(place) if is_reference && is_in_order(configuration, place) => {
                    places.push(place);
                }
                Some(place) if may_be_shown(configuration, place) => places.push(place),
                // Of all of it, no part may be unknown.
                _ if range.end == usize::MAX => {
                    is_whole &= known.is_empty() && piece.text.is_some();
                }
                _ => is_whole &= !is_meant || known.is_empty(),
            }
            text.push_str(known);
        }
        let range = range.start..range.end.min(text.len());
        let part = text.get(range.clone()).unwrap_or_default();
        let is_harmless = || {
            let harmless = harmless::ranges(&text, 0);
            part.is_empty()
                || harmless
                    .iter()
                    .any(|open| open.start <= range.start && range.end <= open.end)
        };
        let depends = || {
            value.source.is_none_or(|(expr, path)| {
                let slice = configuration.slice(seeds::slice);
                slice.touches(configuration, expr, path)
            })
        };
        if !is_whole || value.sensitive || !is_harmless() || !is_reference && depends() {
            return Self {
                places,
                ..Self::nothing()
            };
        }
        Self::new(part, places)
    }

    /// A key of a map, as far as it is written as one.
    pub fn key(
        configuration: &Configuration,
        key: &str,
        at: Option<Location>,
        expr: ExprRef,
    ) -> Self {
        let Some(at) = at.filter(|at| is_in_order(configuration, *at)) else {
            return Self::nothing();
        };
        let written = configuration.sources.text_at(at);
        let is_written = written == key || written.trim_matches('"') == key;
        let slice = configuration.slice(seeds::slice);
        // No entry has this name: only what decides which there are is looked at.
        let none = [String::from("\0")];
        // A name without quotes is shown wherever it is written.
        let is_name = written == key;
        if !is_name && (!is_written || slice.holds(at) || slice.touches(configuration, expr, &none))
        {
            return Self::nothing();
        }
        Self::new(key, vec![at])
    }

    /// A plain string, as it is written.
    pub fn literal(configuration: &Configuration, expr: ExprRef) -> Self {
        let text = configuration
            .tree(expr.file)
            .and_then(|tree| tree.plain_string(expr.expr));
        let at = configuration.location(expr);
        match text {
            Some(text) if may_be_shown(configuration, at) => {
                let is_harmless = harmless::is_whole(text);
                Self::new(if is_harmless { text } else { NOTHING }, vec![at])
            }
            _ => Self::nothing(),
        }
    }

    /// The source of a provider, as it is written.
    pub fn source(configuration: &Configuration, source: &(String, Location)) -> Self {
        let (text, at) = source;
        match may_be_shown(configuration, *at) && harmless::is_whole(text) {
            true => Self::new(text, vec![*at]),
            false => Self::nothing(),
        }
    }

    /// The name of an argument.
    pub fn argument(argument: &Argument) -> Self {
        Self::name(&argument.name)
    }

    /// The keyword of a block; of a `dynamic` one, that of what it makes.
    pub fn keyword(block: &Block) -> Self {
        Self::name(block.content_type())
    }

    /// A label of a block.
    pub fn label(block: &Block, index: usize) -> Self {
        Self::name(block.labels.get(index).map_or("", String::as_str))
    }

    /// The labels of a block, joined by dots: the address of a resource.
    pub fn address(block: &Block) -> Self {
        Self::name(&block.labels.join("."))
    }

    /// What a reference refers to.
    pub fn subject(subject: &Subject) -> Self {
        match subject {
            Subject::Variable(name) | Subject::Local(name) | Subject::Module(name) => {
                Self::name(name)
            }
            Subject::Resource(ty, name)
            | Subject::Data(ty, name)
            | Subject::Ephemeral(ty, name) => Self::name(&format!("{ty}.{name}")),
        }
    }

    /// The reference that a value begins with, as it is written but for keys in quotes.
    pub fn reference(start: &Start) -> Self {
        match start {
            Start::Computed { reference, .. } | Start::Resource { reference, .. } => {
                let parts = reference.split('"').enumerate();
                let parts = parts.map(|(index, part)| match index % 2 {
                    0 => part,
                    _ => NOTHING,
                });
                Self::name(&parts.collect::<Vec<_>>().join("\""))
            }
            _ => Self::nothing(),
        }
    }

    /// What a value goes through.
    pub fn hop(hop: &Hop) -> Self {
        match hop.kind {
            HopKind::Named => Self::name(&hop.what),
            HopKind::Entry | HopKind::Key => Self::nothing(),
        }
    }

    /// The name of a variable that a fix declares, which comes from names that are shown.
    pub fn new_name(variable: &NewName) -> Self {
        Self::name(&variable.name)
    }

    /// The name of the variable that refuses a value.
    pub fn refused(refusal: &Refusal) -> Self {
        Self::name(&refusal.variable)
    }

    /// The name, or the address, of something that a module declares; nothing of any other text.
    pub fn declared(module: &Module, name: &str) -> Self {
        let blocks = || module.resources.iter().chain(module.data.iter());
        let is_declared = module.variables.contains_key(name)
            || module.locals.contains_key(name)
            || module.calls.contains_key(name)
            || blocks().any(|block| block.labels.join(".") == name);
        match is_declared {
            true => Self::name(name),
            false => Self::nothing(),
        }
    }

    /// The argument that a custom rule is about.
    pub fn custom_argument(rule: &CustomRule) -> Self {
        Self::name(&rule.argument.to_string())
    }

    /// What a custom rule says, which its author wrote to be shown.
    pub fn custom_message(rule: &CustomRule) -> Self {
        Self {
            text: by_shape(&rule.message),
            places: Vec::new(),
        }
    }

    /// What a custom rule demands.
    pub fn custom_demands(rule: &CustomRule) -> Self {
        let demands = rule.requirement.describe().join(", and ");
        Self {
            text: by_shape(&demands),
            places: Vec::new(),
        }
    }

    /// What a custom rule would write.
    pub fn custom_replacement(rule: &CustomRule) -> Self {
        Self::name(rule.replacement.as_deref().unwrap_or_default())
    }

    /// A name in an ignore comment, where it looks like the name of a rule.
    pub(crate) fn rule_name(text: &str, at: Location) -> Self {
        match shorten_name(text) {
            Some(name) => Self::new(name, vec![at]),
            None => Self::nothing(),
        }
    }

    /// The name of a rule; nothing of any other text.
    pub(crate) fn known_rule(name: &str, rules: &[&str]) -> Self {
        match rules.contains(&name) || name == "all" {
            true => Self::name(name),
            false => Self::nothing(),
        }
    }

    /// A name in the program's own configuration, or on its command line. Values there are not shown.
    pub(crate) fn setting(name: &str) -> Self {
        Self {
            text: by_shape(name),
            places: Vec::new(),
        }
    }

    /// The number of a character that says nothing when it is printed.
    pub(crate) fn code_point(c: char) -> Self {
        Self::name(&format!("{:04X}", u32::from(c)))
    }

    /// Whether a word belongs to the language or to what this program knows: it says nothing of a configuration.
    pub(crate) fn is_word(text: &str) -> bool {
        super::lexical::is_known_word(text)
    }

    /// What kind of mistake a JSON text has.
    pub(crate) fn json_error(error: &ParseError) -> Self {
        Self::name(&error.kind().to_string())
    }

    /// A word of the language, or the sign that stands where another is expected; else `…`.
    pub(crate) fn token(text: &str) -> Self {
        match super::lexical::is_known_word(text) || !text.contains(|c: char| c.is_alphanumeric()) {
            true => Self::name(text),
            false => Self::nothing(),
        }
    }

    fn name(name: &str) -> Self {
        Self::new(name, Vec::new())
    }
}

/// Where a piece is written, letter by letter, without the quotes.
pub(super) fn written(configuration: &Configuration, piece: &Piece) -> Option<Location> {
    let text = piece.text.as_deref()?;
    let ways = piece.trace.ways();
    let [way] = ways.as_slice() else { return None };
    let Start::Literal(at) = way.start else {
        return None;
    };
    let file = configuration.sources.get(at.file)?;
    let whole = configuration.whole_literal(at);
    if !whole.span.text(&file.text).starts_with('"') {
        return None;
    }
    let notation = match file.display.ends_with(".json") {
        true => Notation::JsonTemplate,
        false => Notation::Quoted,
    };
    let inner = match at.span == whole.span {
        true => Span {
            start: at.span.start + 1,
            end: at.span.end.checked_sub(1)?,
        },
        false => at.span,
    };
    literal_text_map(&file.text, inner, text, notation)?;
    Some(Location {
        file: at.file,
        span: inner,
    })
}

fn may_be_shown(configuration: &Configuration, at: Location) -> bool {
    is_in_order(configuration, at) && !configuration.slice(seeds::slice).holds(at)
}

/// Whether a file parses: where it does not, nobody knows what a text in it is.
fn is_in_order(configuration: &Configuration, at: Location) -> bool {
    let tree = configuration.tree(at.file);
    tree.is_some_and(|tree| tree.errors.is_empty())
}
