//! What a run is asked to do: plain data, resolved once, whoever asks.

use std::path::PathBuf;

use crate::environment::Environment;
use crate::finding::Severity;

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
    pub variables: Vec<GivenVariable>,
    /// The variables that the runs of terraform will have.
    pub environment: Environment,
    /// How many threads to use; `None` for one for each core.
    pub jobs: Option<usize>,
    /// The time of the check, in seconds since 1970.
    pub now: i64,
}

/// A text from standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stdin {
    /// What it says.
    pub text: Vec<u8>,
    /// The file in whose place it stands; `None` for one that stands alone.
    pub path: Option<PathBuf>,
}

/// A value given to root variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenVariable {
    /// `--var NAME=VALUE`
    Value(String, String),
    /// `--var-file PATH`
    File(PathBuf),
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
            environment: Environment::default(),
            jobs: None,
            now: 0,
        }
    }
}
