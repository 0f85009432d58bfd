//! What a `[[custom]]` rule demands, of which argument of which blocks.

use regex::Regex;

use crate::finding::Severity;

/// A rule of the house.
#[derive(Clone, Debug)]
pub struct CustomRule {
    /// The name that ignore comments and configuration use.
    pub id: String,
    /// The blocks that it looks at.
    pub block: BlockPattern,
    /// The argument that it looks at.
    pub argument: ArgumentPath,
    /// What it demands.
    pub requirement: Requirement,
    /// The severity of its findings.
    pub severity: Severity,
    /// What its findings say.
    pub message: String,
    /// What an unsafe fix writes instead of the value.
    pub replacement: Option<String>,
}

/// Type and labels of blocks, with `*` for any text in a label: `resource "zenml_*" "*"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockPattern {
    /// `resource`, `provider` and so on.
    pub keyword: String,
    /// The first labels; a block may have more.
    pub labels: Vec<String>,
}

/// The names that lead to an argument: `labels.owner`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentPath {
    /// The argument of the block, or the nested block.
    pub first: String,
    /// What follows: nested blocks, keys of maps, indices of lists.
    pub rest: Vec<String>,
}

/// What is demanded of a value; all of it.
#[derive(Clone, Debug, Default)]
pub struct Requirement {
    /// What the text must match.
    pub matches: Option<Regex>,
    /// What the text must not match.
    pub not_matches: Option<Regex>,
    /// The texts that are allowed.
    pub one_of: Option<Vec<String>>,
    /// Whether the argument must be there.
    pub required: bool,
    /// Whether the argument must not be there.
    pub forbidden: bool,
}

impl BlockPattern {
    /// Reads a pattern. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (keyword, mut rest) = word(text.trim_start());
        if keyword.is_empty() {
            return Err("a block begins with its type, as in 'provider \"zenml\"'".into());
        }
        let mut labels = Vec::new();
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                break;
            }
            let (label, behind) = match rest.strip_prefix('"') {
                Some(quoted) => quoted
                    .split_once('"')
                    .ok_or("this label has no closing quote")?,
                None => word(rest),
            };
            if label.is_empty() {
                return Err("labels stand in quotes, as in 'resource \"zenml_*\" \"*\"'".into());
            }
            labels.push(label.to_owned());
            rest = behind;
        }
        Ok(Self {
            keyword: keyword.to_owned(),
            labels,
        })
    }

    /// Whether blocks of a type and with these labels are meant.
    pub fn matches(&self, keyword: &str, labels: &[String]) -> bool {
        let mut pairs = self.labels.iter().zip(labels);
        self.keyword == keyword
            && self.labels.len() <= labels.len()
            && pairs.all(|(pattern, label)| glob(pattern, label))
    }

    /// Texts that all stand in any file that has such a block.
    pub fn words(&self) -> Vec<&str> {
        let labels = self.labels.iter();
        let longest = |label: &'_ String| {
            let parts = label.split('*');
            parts.max_by_key(|part| part.len()).map(str::len)
        };
        let words = labels.filter_map(|label| {
            let length = longest(label)?;
            label.split('*').find(|part| part.len() == length)
        });
        let words = words.filter(|word| !word.is_empty());
        std::iter::once(self.keyword.as_str())
            .chain(words)
            .collect()
    }
}

/// A name at the start of a text, and what follows.
fn word(text: &str) -> (&str, &str) {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '*');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Whether a text matches a pattern in which `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = text
        .strip_prefix(start)
        .and_then(|text| text.strip_suffix(end));
    let Some(mut left) = inner else { return false };
    middle.split('*').all(|part| match left.split_once(part) {
        Some((_, behind)) => {
            left = behind;
            true
        }
        None => false,
    })
}

impl ArgumentPath {
    /// Reads a path. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "write names with dots between them, as labels.owner; a name with a dot in it stands in quotes";
        let mut names = Vec::new();
        let mut rest = text.trim();
        loop {
            let (name, behind) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').ok_or_else(wrong)?,
                None => {
                    let end = rest.find('.').unwrap_or(rest.len());
                    rest.split_at_checked(end).unwrap_or((rest, ""))
                }
            };
            if name.is_empty() || name.contains('"') || name.contains(char::is_whitespace) {
                return Err(wrong().into());
            }
            names.push(name.to_owned());
            if behind.is_empty() {
                break;
            }
            rest = behind.strip_prefix('.').ok_or_else(wrong)?;
        }
        let mut names = names.into_iter();
        let first = names.next().unwrap_or_default();
        Ok(Self {
            first,
            rest: names.collect(),
        })
    }
}

impl Requirement {
    /// Whether a text is as demanded.
    pub fn allows(&self, text: &str) -> bool {
        self.matches
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(text))
            && self
                .not_matches
                .as_ref()
                .is_none_or(|pattern| !pattern.is_match(text))
            && self
                .one_of
                .as_ref()
                .is_none_or(|texts| texts.iter().any(|one| one == text))
    }

    /// Whether anything is demanded of the argument's value.
    pub fn is_about_value(&self) -> bool {
        self.matches.is_some() || self.not_matches.is_some() || self.one_of.is_some()
    }

    /// Why a replacement would mend nothing.
    pub(super) fn refuses_replacement(&self, text: &str) -> Option<&'static str> {
        if self.forbidden {
            return Some("an argument that is forbidden cannot be replaced");
        }
        (!self.allows(text)).then_some("the replacement is itself not what the rule demands")
    }

    /// What is demanded, to be shown after "it".
    pub fn describe(&self) -> Vec<String> {
        let pattern = |what: &str, pattern: &Option<Regex>| {
            pattern
                .as_ref()
                .map(|pattern| format!("must {what} `{pattern}`"))
        };
        let one_of = self.one_of.as_ref().map(|texts| {
            let texts: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
            format!("must be one of {}", texts.join(", "))
        });
        [
            self.required.then(|| "must be set".to_owned()),
            self.forbidden.then(|| "must not be set".to_owned()),
            pattern("match", &self.matches),
            pattern("not match", &self.not_matches),
            one_of,
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// As it is written.
impl std::fmt::Display for BlockPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.keyword)?;
        self.labels
            .iter()
            .try_for_each(|label| write!(f, " \"{label}\""))
    }
}

/// As it is written.
impl std::fmt::Display for ArgumentPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.first)?;
        self.rest
            .iter()
            .try_for_each(|name| match name.contains('.') {
                true => write!(f, ".\"{name}\""),
                false => write!(f, ".{name}"),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_patterns() {
        let matches = |pattern: &str, block: &str| {
            let block = BlockPattern::parse(block).unwrap();
            BlockPattern::parse(pattern)
                .unwrap()
                .matches(&block.keyword, &block.labels)
        };
        for (pattern, block, expected) in [
            (r#"provider "zenml""#, r#"provider "zenml""#, true),
            ("provider zenml", r#"provider "zenml""#, true),
            ("provider", r#"provider "zenml""#, true),
            (r#"provider "zenml" "x""#, r#"provider "zenml""#, false),
            (r#"provider "zenml""#, r#"resource "zenml""#, false),
            (
                r#"resource "zenml_*" "*""#,
                r#"resource "zenml_stack" "a""#,
                true,
            ),
            (
                r#"resource "zenml_*""#,
                r#"resource "zenml_stack" "a""#,
                true,
            ),
            (
                r#"resource "*_bucket*""#,
                r#"resource "aws_s3_bucket" "a""#,
                true,
            ),
            (
                r#"resource "aws_*_bucket""#,
                r#"resource "aws_bucket" "a""#,
                false,
            ),
            (r#"resource "a*b*a""#, r#"resource "aba""#, true),
            (r#"resource "a*b*a""#, r#"resource "aa""#, false),
            (r#"resource "a*a""#, r#"resource "a""#, false),
        ] {
            assert_eq!(matches(pattern, block), expected, "{pattern} {block}");
        }
        for wrong in [
            "",
            "  ",
            "\"zenml\"",
            "provider \"zenml",
            "provider \"\"",
            "provider =",
            "a.b",
        ] {
            assert!(BlockPattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn words_stand_in_every_file_with_such_a_block() {
        let words = |text: &str| {
            let pattern = BlockPattern::parse(text).unwrap();
            pattern.words().join(" ")
        };
        assert_eq!(words(r#"resource "aws_*_policy" "*""#), "resource _policy");
        assert_eq!(words("terraform"), "terraform");
    }

    #[test]
    fn argument_paths() {
        let path =
            |text: &str| ArgumentPath::parse(text).map(|path| (path.first, path.rest.join("|")));
        let of = |first: &str, rest: &str| Ok((first.to_owned(), rest.to_owned()));
        assert_eq!(path("name"), of("name", ""));
        assert_eq!(path("labels.owner"), of("labels", "owner"));
        assert_eq!(path("labels.\"a.b/c\".0"), of("labels", "a.b/c|0"));
        for wrong in [
            "", ".", "a.", ".a", "a..b", "a b", "a\"b\"", "\"a", "a.\"b\"c",
        ] {
            assert!(path(wrong).is_err(), "{wrong}");
        }
    }
}
