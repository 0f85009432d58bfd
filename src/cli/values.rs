//! What the runs of terraform are given, on the command line and around it.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ArgMatches;
use zenml_tflint::environment::Environment;
use zenml_tflint::reader::Reader;
use zenml_tflint::settings::Settings;
use zenml_tflint::terraform::RunInput;

use super::args::ValueArguments;
use super::{Trouble, env_file};

/// Settings with the values that are given, the current directory and the time.
pub fn settings(arguments: &ValueArguments, matches: &ArgMatches) -> Result<Settings, Trouble> {
    Ok(Settings {
        directory: current_directory()?,
        variables: variables(arguments, matches)?,
        workspace: arguments.workspace.clone(),
        environment: environment(arguments)?,
        reader: reader(arguments),
        now: now(),
        ..Settings::default()
    })
}

pub fn current_directory() -> Result<PathBuf, Trouble> {
    std::env::current_dir()
        .map_err(|error| Trouble(format!("the current directory cannot be read: {error}")))
}

/// `--var` and `--var-file` in the order in which they were given.
fn variables(arguments: &ValueArguments, matches: &ArgMatches) -> Result<Vec<RunInput>, Trouble> {
    let positions = |id| matches.indices_of(id).into_iter().flatten();
    let values = positions("variables").zip(&arguments.variables);
    let files = positions("variable_files").zip(&arguments.variable_files);
    let mut given = values
        .map(|(at, text)| Ok((at, variable(text)?)))
        .collect::<Result<Vec<_>, Trouble>>()?;
    given.extend(files.map(|(at, path)| (at, RunInput::VarFile(path.clone()))));
    given.sort_by_key(|(at, _)| *at);
    Ok(given.into_iter().map(|(_, variable)| variable).collect())
}

/// The text is not quoted where it is wrong: it may be a secret.
fn variable(text: &str) -> Result<RunInput, Trouble> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok(RunInput::Var {
            name: name.trim().to_owned(),
            text: value.to_owned(),
        }),
        _ => Err(Trouble(
            "`--var` takes a name and a value: `--var NAME=VALUE`".into(),
        )),
    }
}

/// Reads files of the size that is given.
pub fn reader(arguments: &ValueArguments) -> Reader {
    arguments.max_file_size.map(Reader::new).unwrap_or_default()
}

fn environment(arguments: &ValueArguments) -> Result<Environment, Trouble> {
    let mut environment = if arguments.no_environment {
        Environment::default()
    } else {
        Environment::of_process()
    };
    for path in &arguments.environment_files {
        environment.extend(read_env_file(path, reader(arguments))?);
    }
    Ok(environment)
}

fn read_env_file(path: &Path, reader: Reader) -> Result<Vec<(String, String)>, Trouble> {
    let shown = path.display();
    let bytes = reader
        .read(path)
        .map_err(|error| Trouble(format!("cannot read {shown}: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| Trouble(format!("{shown} is not UTF-8")))?;
    env_file::parse(&text)
        .map_err(|error| Trouble(format!("{shown}:{}: {}", error.line, error.reason)))
}

/// In seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or_default()
}
