//! What can be written on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use zenml_tflint::config::{self, ConfigSource};
use zenml_tflint::finding::Severity;
use zenml_tflint::reader::LARGEST_LIMIT;
use zenml_tflint::settings::FailOn;

use super::output::{Output, OutputParser};

/// A linter for the ZenML provider in Terraform and OpenTofu configuration.
#[derive(Debug, Parser)]
#[command(
    name = "zenml-tflint",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 nothing found, 1 findings, 2 wrong usage or something that cannot be read.\n\
                  A path that has a command's name is given as ./rules."
)]
pub struct Arguments {
    /// What to do; without one, check.
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub check: CheckArguments,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List every rule, those of the configuration too, or try these on a file
    Rules(RulesArguments),
    /// Show the page of a rule: what it finds, why that is bad, and what to write instead
    Explain(ExplainArguments),
    /// Show what the rules see: the value of an expression in a module, and where it was written
    Eval(EvalArguments),
    /// Ask the real server: is the URL right, does it answer, is the credential good?
    ///
    /// The only command that touches the network. It takes the provider configuration as a run of terraform would see it,
    /// asks the server, and says what is wrong and what to do. Nothing is changed on the server.
    Verify(VerifyArguments),
    /// Write a commented configuration and the entry of a pre-commit hook
    Init,
    /// Print the script that completes the command line in a shell
    Completions {
        /// The shell
        #[arg(value_name = "SHELL", value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or that of a command
    Man {
        /// The command
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

#[derive(Args, Debug, Default)]
pub struct ConfigArguments {
    /// Use this configuration file, and no other
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Configuration")]
    pub config: Option<PathBuf>,

    /// Use no configuration file
    #[arg(long, conflicts_with = "config", help_heading = "Configuration")]
    pub no_config: bool,
}

#[derive(Args, Debug)]
pub struct RulesArguments {
    /// Try the custom rules on this file or directory
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub test: Option<PathBuf>,
    /// How to list the rules
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        conflicts_with = "test"
    )]
    pub output_format: ListFormat,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,
    #[command(flatten)]
    pub config: ConfigArguments,
}

#[derive(Args, Debug)]
pub struct ExplainArguments {
    /// The rule's name
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,
    #[command(flatten)]
    pub config: ConfigArguments,
}

#[derive(Args, Debug)]
pub struct CheckArguments {
    /// Files and directories to report on, or - for standard input [default: the current directory]
    #[arg(value_name = "PATHS", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,

    /// The file in whose place standard input stands
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub stdin_filename: Option<PathBuf>,

    /// Run only these rules
    #[arg(
        long,
        value_name = "RULE,...",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub select: Vec<String>,

    /// Run all rules but these
    #[arg(
        long,
        value_name = "RULE,...",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub ignore: Vec<String>,

    /// Give a rule's findings another severity: off, note, warning or error
    #[arg(long, value_name = "RULE=LEVEL", value_delimiter = ',', value_parser = rule_level, help_heading = "Rules")]
    pub severity: Vec<(String, config::Level)>,

    /// From which severity on findings make the exit code 1 [default: warning]
    #[arg(long, value_name = "SEVERITY", value_enum, help_heading = "Rules")]
    pub fail_on: Option<Level>,

    #[command(flatten)]
    pub config: ConfigArguments,

    /// Print the settings that hold, and check nothing
    #[arg(long, conflicts_with_all = ["fix", "diff"], help_heading = "Configuration")]
    pub show_settings: bool,

    /// Print the files that are looked at, and check nothing
    #[arg(long, conflicts_with_all = ["fix", "diff", "show_settings"], help_heading = "Configuration")]
    pub show_files: bool,

    #[command(flatten)]
    pub values: ValueArguments,

    /// Do not report on files that match this pattern (as in .gitignore)
    #[arg(long, value_name = "GLOB", help_heading = "Files")]
    pub exclude: Vec<String>,

    /// Also report on files that git ignores
    #[arg(long, help_heading = "Files")]
    pub no_gitignore: bool,

    /// How many threads to use [default: one for each core, at most 12]
    #[arg(long, value_name = "N", value_parser = jobs, help_heading = "Files")]
    pub jobs: Option<usize>,

    /// How to report, and to which file; give it several times for several reports
    #[arg(
        long,
        value_name = "FORMAT[=FILE]",
        value_parser = OutputParser,
        default_value = "human",
        help_heading = "Output"
    )]
    pub output_format: Vec<Output>,

    /// Write the report to this file
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with = "diff",
        help_heading = "Output"
    )]
    pub output_file: Option<PathBuf>,

    /// Report only what this baseline does not have
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        help_heading = "Rules"
    )]
    pub baseline: Option<PathBuf>,

    /// Write what is found as the baseline [default: .zenml-tflint-baseline.json], and exit with 0
    #[arg(
        long,
        conflicts_with_all = ["fix", "diff", "output_format", "output_file"],
        help_heading = "Rules"
    )]
    pub write_baseline: bool,

    /// When to use colours
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        help_heading = "Output"
    )]
    pub color: Color,

    /// Apply safe fixes, then report what is left
    #[arg(long, help_heading = "Fixes")]
    pub fix: bool,

    /// With --fix or --diff: apply the other fixes, too
    #[arg(long, help_heading = "Fixes")]
    pub unsafe_fixes: bool,

    /// Print what --fix would change as a unified diff, and change nothing
    #[arg(long, conflicts_with = "fix", help_heading = "Fixes")]
    pub diff: bool,

    /// Check again whenever a file is saved, until Ctrl-C
    #[arg(
        long,
        conflicts_with_all = ["fix", "diff", "write_baseline", "show_settings", "show_files"],
        help_heading = "Output"
    )]
    pub watch: bool,

    /// Show the values in excerpts and diffs, too, for use at a terminal; those that may reach a credential stay masked
    #[arg(
        long,
        conflicts_with_all = ["output_file", "write_baseline", "show_settings", "show_files"],
        help_heading = "Output"
    )]
    pub show_values: bool,

    /// Count the findings of each rule
    #[arg(long, help_heading = "Output")]
    pub statistics: bool,

    /// Print the findings and nothing else
    #[arg(long, short, conflicts_with = "verbose", help_heading = "Output")]
    pub quiet: bool,

    /// Tell what was read, passed over and ignored
    #[arg(long, short, help_heading = "Output")]
    pub verbose: bool,
}

/// What the runs of terraform are given.
#[derive(Args, Debug)]
pub struct ValueArguments {
    /// The value of a root variable
    #[arg(long = "var", value_name = "NAME=VALUE", help_heading = "Values")]
    pub variables: Vec<String>,

    /// A file with values of root variables
    #[arg(
        long = "var-file",
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        help_heading = "Values"
    )]
    pub variable_files: Vec<PathBuf>,

    /// The workspace that the roots are run in (`terraform.workspace`) [default: any]
    #[arg(long, value_name = "NAME", help_heading = "Values")]
    pub workspace: Option<String>,

    /// A file of NAME=value lines: variables that the runs of terraform will have
    #[arg(
        long = "env-file",
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        help_heading = "Values"
    )]
    pub environment_files: Vec<PathBuf>,

    /// Read no file that is larger: bytes, or a number with K, M or G [default: 16M]
    #[arg(
        long,
        value_name = "SIZE",
        value_parser = file_size,
        help_heading = "Files"
    )]
    pub max_file_size: Option<u64>,

    /// Do not look at this process's environment
    #[arg(long = "no-env", help_heading = "Values")]
    pub no_environment: bool,
}

#[derive(Args, Debug)]
pub struct EvalArguments {
    /// Expressions, or - to read them from standard input, one a line
    #[arg(value_name = "EXPR", required = true)]
    pub expressions: Vec<String>,

    /// The module in which they stand
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".")]
    pub dir: PathBuf,

    #[command(flatten)]
    pub values: ValueArguments,

    /// How to answer
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        help_heading = "Output"
    )]
    pub output_format: AnswerFormat,

    /// Print secrets, too
    #[arg(long, help_heading = "Output")]
    pub show_sensitive: bool,
}

#[derive(Args, Debug)]
pub struct VerifyArguments {
    /// The directory whose provider blocks are verified, and all below it
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".")]
    pub dir: PathBuf,

    /// Verify only the provider block with this alias
    #[arg(long, value_name = "ALIAS")]
    pub alias: Option<String>,

    /// How long all of it may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10", help_heading = "Network")]
    pub timeout: Duration,

    /// Send the credential over plain http, also to other machines
    #[arg(long, help_heading = "Network")]
    pub insecure: bool,

    /// Read the API key from standard input
    #[arg(long, help_heading = "Values")]
    pub api_key_stdin: bool,

    #[command(flatten)]
    pub values: ValueArguments,

    #[command(flatten)]
    pub config: ConfigArguments,

    /// How to report
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        help_heading = "Output"
    )]
    pub output_format: AnswerFormat,

    /// When to use colours
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        help_heading = "Output"
    )]
    pub color: Color,
}

/// How `eval` and `verify` answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AnswerFormat {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
}

/// How `rules` lists them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table
    #[default]
    Human,
    /// One document, for programs
    Json,
}

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Each finding with the lines it is about
    Human,
    /// One line for each finding
    Concise,
    /// Everything, for programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// Test cases in XML
    Junit,
    /// Checkstyle's XML
    Checkstyle,
    /// Reviewdog's diagnostics
    Rdjson,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal; NO_COLOR and CLICOLOR_FORCE decide first
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A severity, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// At errors
    Error,
    /// At errors and warnings
    Warning,
    /// At any finding
    Note,
    /// At no finding
    Never,
}

impl From<Level> for FailOn {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Severity(Severity::Error),
            Level::Warning => Self::Severity(Severity::Warning),
            Level::Note => Self::Severity(Severity::Note),
            Level::Never => Self::Never,
        }
    }
}

impl From<&ConfigArguments> for ConfigSource {
    fn from(arguments: &ConfigArguments) -> Self {
        match &arguments.config {
            _ if arguments.no_config => Self::Nowhere,
            Some(path) => Self::File(path.clone()),
            None => Self::Nearest,
        }
    }
}

fn rule_level(text: &str) -> Result<(String, config::Level), String> {
    let (rule, level) = text.split_once('=').ok_or("RULE=LEVEL is expected")?;
    match level.trim().parse() {
        Ok(level) => Ok((rule.trim().to_owned(), level)),
        Err(()) => Err("the level is one of off, note, warning, error".into()),
    }
}

/// No longer than an hour: then nobody waits any more.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.strip_suffix('s').unwrap_or(text).parse();
    match seconds {
        Ok(seconds) if seconds > 0.0 && seconds <= 3600.0 => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("a number of seconds above 0 is expected, at most 3600".into()),
    }
}

fn file_size(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(end) => text.split_at(end),
        None => (text, ""),
    };
    let shift = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err("the unit is one of K, M, G".into()),
    };
    let bytes = number
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(1 << shift));
    match bytes {
        Some(bytes @ 1..=LARGEST_LIMIT) => Ok(bytes),
        _ => Err("a size from 1 byte to less than 4 GiB is expected".into()),
    }
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..) => Ok(jobs),
        _ => Err("a number from 1 on is expected".into()),
    }
}
