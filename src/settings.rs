//! What a run is asked to do: plain data, resolved once, whoever asks.

use std::path::PathBuf;

use crate::baseline::Baseline;
use crate::discover::{self, BadPattern, Stdin};
use crate::environment::Environment;
use crate::finding::Severity;
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
}

/// Settings that nothing can be done with.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
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
            workspace: self.workspace.clone(),
        }
    }
}

/// Which rules run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSelection {
    /// Only these; `None` for all.
    pub select: Option<Vec<&'static str>>,
    /// All but these.
    pub ignore: Vec<&'static str>,
}

impl RuleSelection {
    /// Whether a rule runs.
    pub fn runs(&self, rule: &str) -> bool {
        let selected = self
            .select
            .as_ref()
            .is_none_or(|select| select.contains(&rule));
        selected && !self.ignore.contains(&rule)
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

impl Default for Settings {
    /// All of `directory` with every rule, without any environment, at the beginning of 1970.
    fn default() -> Self {
        Self {
            directory: PathBuf::from("/"),
            paths: vec![PathBuf::from(".")],
            stdin: None,
            exclude: Vec::new(),
            gitignore: true,
            rules: RuleSelection::default(),
            variables: Vec::new(),
            workspace: None,
            environment: Environment::default(),
            baseline: None,
            jobs: None,
            now: 0,
        }
    }
}
