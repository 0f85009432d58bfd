//! The configuration file `.zenml-tflint.toml`: found, read, checked, and put together with what it extends.

mod custom;
mod find;
mod keys;
mod read;
mod show;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use crate::discover::Excludes;
use crate::finding::{Finding, Severity};
use crate::redact::Shown;
use crate::settings::FailOn;
use crate::source::{FileId, Location, Sources, Span};

pub use custom::{ArgumentPath, BlockPattern, CustomRule, Requirement};
pub use find::for_directory;
pub(crate) use find::load;
pub use keys::{reference, schema};

pub use crate::discover::CONFIG_NAME as FILE_NAME;

/// The rule's name that errors in a configuration are shown with.
const RULE: &str = "configuration";

/// Where the configuration comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ConfigSource {
    /// From the nearest file above each directory.
    #[default]
    Nearest,
    /// From this file, wherever it lies.
    File(PathBuf),
    /// From nowhere (`--no-config`).
    Nowhere,
}

/// What a rule's findings count for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The rule does not run.
    Off,
    /// It runs, with this severity.
    Severity(Severity),
}

impl Level {
    /// The name that configuration uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Severity(severity) => severity.name(),
        }
    }
}

impl FromStr for Level {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "off" => Ok(Self::Off),
            name => name.parse().map(Self::Severity),
        }
    }
}

/// What one file and those that it extends say.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file as it is shown; `None` where there is none.
    pub display: Option<String>,
    exclude: Vec<Patterns>,
    /// From which severity on findings fail a run.
    pub fail_on: Option<FailOn>,
    /// The version of the provider that is used.
    pub provider_version: Option<String>,
    /// The version of the server.
    pub zenml_version: Option<String>,
    /// Variables that the runs of terraform will have.
    pub assume: BTreeSet<String>,
    /// Custom flavors by component type.
    pub extra_flavors: BTreeMap<String, BTreeSet<String>>,
    rules: BTreeMap<String, Level>,
    overrides: Vec<Override>,
    /// Which tfvars files belong to root modules.
    pub roots: Vec<RootFiles>,
    /// The rules of the house.
    pub custom: Vec<Arc<CustomRule>>,
}

/// The tfvars files of a root module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootFiles {
    /// The root's directory: absolute, links resolved.
    pub directory: PathBuf,
    /// For each way to run it, the files in their order. Absolute.
    pub var_files: Vec<Vec<PathBuf>>,
}

/// Patterns of files, one after another as in a `.gitignore`, relative to one directory.
#[derive(Clone, Debug)]
struct Patterns {
    texts: Vec<String>,
    matcher: Excludes,
}

#[derive(Clone, Debug)]
struct Override {
    files: Patterns,
    rules: BTreeMap<String, Level>,
}

impl Config {
    /// Whether nothing is reported in a file.
    pub fn excludes(&self, path: &Path) -> bool {
        self.exclude
            .iter()
            .any(|patterns| patterns.matcher.exclude(path))
    }

    /// What the configuration says of a rule's findings in a file.
    pub fn level(&self, rule: &str, path: &Path) -> Option<Level> {
        let fits = |over: &&Override| over.files.matcher.exclude(path);
        let overrides = self.overrides.iter().rev();
        let special = overrides
            .filter(|over| over.rules.contains_key(rule))
            .find(fits)
            .and_then(|over| over.rules.get(rule));
        special.or_else(|| self.rules.get(rule)).copied()
    }

    /// Whether a rule may be on in some file: it is not off, or an override turns it on.
    pub fn may_run(&self, rule: &str) -> bool {
        let is_on = |rules: &BTreeMap<String, Level>| rules.get(rule).map(|it| *it != Level::Off);
        let mut overrides = self.overrides.iter().map(|over| is_on(&over.rules));
        is_on(&self.rules) != Some(false) || overrides.any(|is_on| is_on == Some(true))
    }

    /// The custom rule of a name.
    pub fn custom_rule(&self, id: &str) -> Option<&CustomRule> {
        self.custom
            .iter()
            .map(AsRef::as_ref)
            .find(|rule| rule.id == id)
    }
}

/// The configurations of a run: the nearest one above a directory holds there.
#[derive(Clone, Debug, Default)]
pub struct Configurations {
    /// The one that holds everywhere else.
    everywhere: Arc<Config>,
    by_directory: BTreeMap<PathBuf, Arc<Config>>,
}

impl Configurations {
    /// Whether there is no configuration anywhere.
    pub fn is_default(&self) -> bool {
        self.by_directory.is_empty() && self.everywhere.display.is_none()
    }

    /// The configuration that holds in a directory (absolute, links resolved).
    pub fn of(&self, directory: &Path) -> &Config {
        let mut above = directory.ancestors();
        let found = match self.by_directory.is_empty() {
            true => None,
            false => above.find_map(|dir| self.by_directory.get(dir)),
        };
        found.unwrap_or(&self.everywhere)
    }

    /// The configuration that holds for a file.
    pub fn of_file(&self, path: &Path) -> &Config {
        self.of(path.parent().unwrap_or(path))
    }

    /// Each configuration with the directory from which on it holds, if it does not hold everywhere.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&Path>, &Config)> {
        let everywhere = std::iter::once((None, &*self.everywhere));
        let others = self.by_directory.iter();
        everywhere.chain(others.map(|(dir, config)| (Some(dir.as_path()), &**config)))
    }

    /// The name of every custom rule, each once.
    pub fn custom_names(&self) -> BTreeSet<&str> {
        let rules = self.iter().flat_map(|(_, config)| &config.custom);
        rules.map(|rule| rule.id.as_str()).collect()
    }
}

/// Configuration files that cannot be used, with everything that is wrong with them.
#[derive(Debug)]
pub struct BadConfig {
    /// The texts of the files.
    pub sources: Sources,
    /// What is wrong, by file and position.
    pub findings: Vec<Finding>,
}

/// The first thing that is wrong, on one line.
impl fmt::Display for BadConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(finding) = self.findings.first() else {
            return f.write_str("the configuration cannot be used");
        };
        if let Some(file) = self.sources.get(finding.primary.file) {
            let line = file.position(finding.primary.span.start as usize).line;
            write!(f, "{}:{line}: ", file.display)?;
        }
        f.write_str(&finding.message)?;
        finding
            .help
            .iter()
            .try_for_each(|help| write!(f, " ({help})"))
    }
}

impl std::error::Error for BadConfig {}

/// A string of a file with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Text {
    value: String,
    span: Span,
}

/// Collects what is wrong with a file.
struct Problems<'a> {
    file: FileId,
    built_in: &'a [&'a str],
    findings: Vec<Finding>,
}

impl Problems<'_> {
    fn count(&self) -> usize {
        self.findings.len()
    }

    /// The places of the problems from the `first` on.
    fn spans_from(&self, first: usize) -> Vec<Span> {
        let added = self.findings.iter().skip(first);
        added.map(|finding| finding.primary.span).collect()
    }

    /// Drops those of the problems from the `first` on whose place is not wanted.
    fn retain_from(&mut self, first: usize, is_wanted: impl Fn(Span) -> bool) {
        let later = self.findings.split_off(first.min(self.findings.len()));
        let later = later.into_iter();
        self.findings
            .extend(later.filter(|finding| is_wanted(finding.primary.span)));
    }

    fn is_built_in(&self, rule: &str) -> bool {
        self.built_in.contains(&rule)
    }

    fn add(&mut self, span: Span, message: String, help: Option<String>) {
        let message = Shown::setting(&message).into();
        let help = help.map(|help| Shown::setting(&help).into());
        let primary = Location {
            file: self.file,
            span,
        };
        self.findings.push(Finding {
            rule: RULE.into(),
            severity: Severity::Error,
            message,
            help,
            primary,
            reaches: Vec::new(),
            related: Vec::new(),
            steps: 0,
            about: Vec::new(),
            fix: None,
        });
    }
}

#[cfg(test)]
mod tests;
