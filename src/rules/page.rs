//! A rule's page: TOML front matter, then Markdown.

use crate::finding::Severity;

/// What a rule's page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The severity of its findings, where nothing else decides.
    pub severity: Severity,
    /// Whether its findings can be mended.
    pub fix: Fixable,
    /// The version that brought it.
    pub since: String,
    /// One line.
    pub summary: String,
    /// The Markdown text.
    pub body: &'static str,
}

/// Whether the findings of a rule can be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fixable {
    /// Never.
    None,
    /// By `--fix`.
    Safe,
    /// By `--fix --unsafe-fixes`.
    Unsafe,
    /// Some of them; the page tells which.
    Sometimes,
}

impl Fixable {
    /// The name that the pages use.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Sometimes => "sometimes",
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    severity: Severity,
    fix: Fixable,
    since: String,
    summary: String,
}

impl Page {
    /// Reads an embedded page. The pages are part of the program and a test reads each; one that could not be read
    /// would be a warning without a text.
    pub(super) fn parse(source: &'static str) -> Self {
        let (front, body) = source
            .strip_prefix("+++\n")
            .and_then(|rest| rest.split_once("\n+++\n"))
            .unwrap_or(("", source));
        let front: FrontMatter = toml::from_str(front).unwrap_or(FrontMatter {
            severity: Severity::Warning,
            fix: Fixable::None,
            since: String::new(),
            summary: String::new(),
        });
        Self {
            severity: front.severity,
            fix: front.fix,
            since: front.since,
            summary: front.summary,
            body: body.trim_start(),
        }
    }
}
