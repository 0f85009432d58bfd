//! The command line: arguments in, exit code out. One file for each command.

mod args;
mod baseline;
mod check;
mod env_file;
mod eval;
mod explain;
mod fix;
mod init;
mod output;
mod progress;
mod rules;
mod settings;
mod shell;
mod terminal;
mod values;
mod verify;
mod watch;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use zenml_tflint::redact::{self, Redactor};
use zenml_tflint::report;
use zenml_tflint::settings::BadSettings;

use args::{Arguments, Color, Command};

/// Findings at or above the level that fails a run.
const FOUND: u8 = 1;
/// Wrong usage, or something that could not be read or written.
const TROUBLE: u8 = 2;

/// Why a command cannot do what it was asked to, in one sentence that quotes no secret.
#[derive(Debug)]
pub struct Trouble(String);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs the command that the arguments name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = Arguments::command()
        .try_get_matches_from(arguments)
        .and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return ExitCode::from(refuse(&error)),
    };
    let ended = match &arguments.command {
        None => check::run(&arguments.check, &matches),
        Some(Command::Rules(arguments)) => rules::run(arguments),
        Some(Command::Explain(explain)) => explain::run(explain),
        Some(Command::Verify(verify)) => {
            let given = matches.subcommand_matches("verify").unwrap_or(&matches);
            verify::run(verify, given)
        }
        Some(Command::Init) => init::run(),
        Some(Command::Completions { shell }) => shell::completions(*shell),
        Some(Command::Man { command }) => shell::man(command.as_deref()),
        Some(Command::Eval(eval)) => {
            let given = matches.subcommand_matches("eval").unwrap_or(&matches);
            eval::run(eval, given)
        }
    };
    ExitCode::from(ended.unwrap_or_else(|trouble| {
        complain(&trouble.0);
        TROUBLE
    }))
}

/// Shows help and version, which end here too, or says what is wrong with the arguments. An argument in the wrong place
/// may be a secret.
fn refuse(error: &clap::Error) -> u8 {
    if !error.use_stderr() {
        return match printed(error.print()) {
            Ok(()) => 0,
            Err(trouble) => {
                complain(&trouble.0);
                TROUBLE
            }
        };
    }
    let text = error.render().to_string();
    let shown = redact::by_shape(&text);
    let _ = if shown == text {
        error.print()
    } else {
        write!(io::stderr().lock(), "{shown}")
    };
    TROUBLE
}

/// Says on standard error what went wrong. Where nobody reads that, the exit code says it.
fn complain(sentence: &str) {
    tell(&format!("zenml-tflint: {sentence}"));
}

/// Says something on standard error.
fn tell(sentence: &str) {
    let sentence = report::plain(&redact::by_shape(sentence));
    let _ = writeln!(io::stderr().lock(), "{sentence}");
}

/// Writes to standard output.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Trouble> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    printed(write(&mut out).and_then(|()| out.flush()))
}

/// What writing to standard output came to. Whoever closes it early (`| head`) has read enough: no trouble.
fn printed(result: io::Result<()>) -> Result<(), Trouble> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Trouble(format!("cannot write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// What to say of settings that cannot be used. What is wrong with a configuration file is shown like any finding.
fn refuse_settings(error: BadSettings, color: Color) -> Trouble {
    let BadSettings::Config(bad) = error else {
        return Trouble(error.to_string());
    };
    let redactor = Redactor::of_settings(&bad.sources);
    let run = report::Run {
        sources: &bad.sources,
        redactor: &redactor,
        findings: &bad.findings,
        files: 0,
        unsafe_fixes: false,
        applied: 0,
        known: 0,
        incomplete: &[],
        threads: None,
    };
    let style = terminal::style_of_errors(color);
    // Where nobody reads it, the exit code says it.
    let _ = report::human::write(&run, style, false, &mut io::stderr().lock());
    Trouble("nothing is checked: the configuration cannot be used".into())
}

#[cfg(test)]
mod tests;
