//! What a run is asked to do: plain data, resolved once, whoever asks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use crate::baseline::Baseline;
use crate::config::{BadConfig, Config, ConfigSource, Level};
use crate::discover::{self, BadPattern, Stdin};
use crate::environment::Environment;
use crate::finding::Severity;
use crate::progress::Progress;
use crate::reader::Reader;
use crate::terraform::{RunInput, RunInputs};

/// What to check, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The directory that paths are relative to, as they are given and as they are printed. Absolute.
    pub directory: PathBuf,
    /// The files and directories that findings are shown for.
    pub paths: Vec<PathBuf>,
    /// A text that stands in for a file (`-`).
    pub stdin: Option<Stdin>,
    /// Files that match are read but not reported on; patterns as in `.gitignore`, relative to the repository's root.
    pub exclude: Vec<String>,
    /// Whether what git ignores is passed over.
    pub gitignore: bool,
    /// Where the configuration comes from. What these settings say themselves outweighs it.
    pub config: ConfigSource,
    /// From which severity on findings fail the run; `None` for what the configuration says.
    pub fail_on: Option<FailOn>,
    /// The rules that run.
    pub rules: RuleSelection,
    /// Values given to root variables, in the order of the command line.
    pub variables: Vec<RunInput>,
    /// The workspace that the roots are run in; `None` where it may be any.
    pub workspace: Option<String>,
    /// The variables that the runs of terraform will have.
    pub environment: Environment,
    /// Findings that are not reported.
    pub baseline: Option<Baseline>,
    /// How many threads to use; `None` for one for each core, up to 12.
    pub jobs: Option<usize>,
    /// The time of the check, in seconds since 1970.
    pub now: i64,
    /// Reads the files.
    pub reader: Reader,
    /// How far the run has come.
    pub progress: Arc<Progress>,
}

/// Settings that nothing can be done with.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// A configuration file.
    #[error(transparent)]
    Config(#[from] BadConfig),
    /// A name of `--select`, `--ignore` or `--severity`.
    #[error("no rule has the name `{name}`: {advice}")]
    UnknownRule {
        /// The name as given, cut where it is long.
        name: String,
        /// What was probably meant.
        advice: String,
    },
    /// A pattern of `--exclude`.
    #[error(transparent)]
    Pattern(#[from] BadPattern),
    /// A variable of `--var`.
    #[error("no root module declares the variable `{0}` that `--var` sets")]
    UndeclaredVariable(String),
    /// The system gives no threads.
    #[error("cannot start threads: {0}")]
    Threads(rayon::ThreadPoolBuildError),
}

impl Settings {
    /// What to look for, and where.
    pub fn discovery(&self) -> discover::Options {
        discover::Options {
            cwd: self.directory.clone(),
            paths: self.paths.clone(),
            stdin: self.stdin.clone(),
            exclude: self.exclude.clone(),
            gitignore: self.gitignore,
            reader: self.reader,
            progress: self.progress.clone(),
        }
    }

    /// What the roots are given.
    pub fn inputs(&self) -> RunInputs {
        let environment = self.environment.iter();
        RunInputs {
            env: environment
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            vars: self.variables.clone(),
            roots: BTreeMap::new(),
            workspace: self.workspace.clone(),
        }
    }
}

/// Which rules run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSelection {
    /// Only these; `None` for all.
    pub select: Option<Vec<String>>,
    /// All but these.
    pub ignore: Vec<String>,
    /// Severities of rules; of two for one rule, the last counts.
    pub levels: Vec<(String, Level)>,
}

impl RuleSelection {
    /// Every name that is given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let levels = self.levels.iter().map(|(name, _)| name);
        let select = self.select.iter().flatten();
        select.chain(&self.ignore).chain(levels).map(String::as_str)
    }

    /// What is said of a rule's findings in a file, by the command line first: [`Level::Off`] where the rule does not
    /// run, `None` where nothing is said. A rule that is selected by its name runs although the configuration has it off.
    pub fn level(&self, rule: &str, config: &Config, path: &Path) -> Option<Level> {
        if let Some(level) = self.given(rule) {
            return Some(level);
        }
        let configured = config.level(rule, path);
        configured.filter(|level| self.select.is_none() || *level != Level::Off)
    }

    /// Whether a rule is on in any file for which a configuration holds, as far as can be told without its path.
    pub fn may_run(&self, rule: &str, config: &Config) -> bool {
        match self.given(rule) {
            Some(level) => level != Level::Off,
            None => self.select.is_some() || config.may_run(rule),
        }
    }

    /// What the command line says of a rule.
    fn given(&self, rule: &str) -> Option<Level> {
        let is = |name: &String| name == rule;
        let is_deselected = self.select.as_ref().is_some_and(|it| !it.iter().any(is));
        if is_deselected || self.ignore.iter().any(is) {
            return Some(Level::Off);
        }
        let given = self.levels.iter().rev().find(|(name, _)| name == rule);
        given.map(|(_, level)| *level)
    }
}

/// From which severity on a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// At findings of this severity and above.
    Severity(Severity),
    /// Never.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity fails the run.
    pub fn is_reached_by(self, severity: Severity) -> bool {
        match self {
            Self::Severity(least) => severity >= least,
            Self::Never => false,
        }
    }

    /// The name that the command line and configuration use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Severity(severity) => severity.name(),
            Self::Never => "never",
        }
    }
}

impl Default for FailOn {
    fn default() -> Self {
        Self::Severity(Severity::Warning)
    }
}

impl FromStr for FailOn {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "never" => Ok(Self::Never),
            name => name.parse().map(Self::Severity),
        }
    }
}

impl Default for Settings {
    /// All of `directory` with every rule, without any environment, at the beginning of 1970.
    fn default() -> Self {
        Self {
            directory: PathBuf::from("/"),
            paths: vec![PathBuf::from(".")],
            stdin: None,
            exclude: Vec::new(),
            gitignore: true,
            config: ConfigSource::default(),
            fail_on: None,
            rules: RuleSelection::default(),
            variables: Vec::new(),
            workspace: None,
            environment: Environment::default(),
            baseline: None,
            jobs: None,
            now: 0,
            reader: Reader::default(),
            progress: Arc::default(),
        }
    }
}
