//! Where reports go: `--output-format`, `--output-file`.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use zenml_tflint::config;
use zenml_tflint::discover::FileKind;
use zenml_tflint::fix;
use zenml_tflint::lint::Outcome;
use zenml_tflint::report::{self, Run};

use super::args::{CheckArguments, Format};
use super::{Trouble, print, tell, terminal};

/// A report that is asked for: `FORMAT` or `FORMAT=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    format: Format,
    file: Option<PathBuf>,
}

/// Reads `FORMAT` and `FORMAT=FILE`.
#[derive(Clone)]
pub struct OutputParser;

impl TypedValueParser for OutputParser {
    type Value = Output;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Output, clap::Error> {
        let text = value.to_str().ok_or_else(|| {
            clap::Error::new(clap::error::ErrorKind::InvalidUtf8).with_cmd(command)
        })?;
        let (format, file) = match text.split_once('=') {
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let formats = EnumValueParser::<Format>::new();
        let format = formats.parse_ref(command, argument, OsStr::new(format))?;
        Ok(Output { format, file })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let format = EnumValueParser::<Format>::new();
        let values: Vec<PossibleValue> = format.possible_values()?.collect();
        Some(Box::new(values.into_iter()))
    }
}

/// The reports that are asked for, each with its place; the first without one has standard output.
pub fn outputs(arguments: &CheckArguments) -> Result<Vec<Output>, Trouble> {
    let mut outputs = arguments.output_format.clone();
    if let Some(file) = &arguments.output_file {
        let Some(output) = outputs.iter_mut().find(|output| output.file.is_none()) else {
            return Err(Trouble(
                "`--output-file` has no report to write: every `--output-format` names a file"
                    .into(),
            ));
        };
        output.file = Some(file.clone());
    }
    if arguments.diff && outputs.iter().any(|output| output.file.is_some()) {
        return Err(Trouble("`--diff` writes no reports".into()));
    }
    if arguments.show_values {
        check_values(&outputs, arguments)?;
    }
    let mut places: BTreeSet<Option<PathBuf>> = BTreeSet::new();
    for output in &outputs {
        if output.file.as_deref() == Some(Path::new("")) {
            return Err(Trouble("the name of an output file is empty".into()));
        }
        if let Some(file) = output.file.as_deref().filter(|file| is_input(file)) {
            return Err(Trouble(format!(
                "{}: a report would take the place of configuration",
                file.display()
            )));
        }
        if !places.insert(output.file.as_deref().map(resolved)) {
            return Err(Trouble(match &output.file {
                Some(file) => format!("two reports cannot both be written to {}", file.display()),
                None => "only one report can go to standard output; give the others files, as in \
                         `--output-format sarif=report.sarif`"
                    .into(),
            }));
        }
    }
    Ok(outputs)
}

/// Values are shown to the one at the terminal and to nobody else.
fn check_values(outputs: &[Output], arguments: &CheckArguments) -> Result<(), Trouble> {
    let is_for_people = |output: &Output| output.format == Format::Human && output.file.is_none();
    let is_text = arguments.paths.iter().any(|path| path == Path::new("-"));
    let why = if !outputs.iter().all(is_for_people) {
        Some("the only format for that is `human`, on standard output")
    } else if arguments.fix && is_text {
        Some("standard output has the fixed text")
    } else {
        terminal::refuses_values()
    };
    match why {
        Some(why) => Err(Trouble(format!("`--show-values` is refused: {why}"))),
        None => Ok(()),
    }
}

/// Whether a file is, by its name or by that of the file a link leads to, one that a run reads.
fn is_input(file: &Path) -> bool {
    let is_read = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name == config::FILE_NAME || FileKind::by_ending(&name).is_some()
    };
    is_read(file) || is_read(&resolved(file))
}

/// A file's path with links resolved, be it there already or not.
fn resolved(file: &Path) -> PathBuf {
    let parent = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let beside = || {
        let parent = fs::canonicalize(parent.unwrap_or(Path::new("."))).ok()?;
        Some(parent.join(file.file_name()?))
    };
    let there = fs::canonicalize(file).ok();
    there.or_else(beside).unwrap_or_else(|| file.to_owned())
}

/// Writes every report that goes to a file; what could not be written.
pub fn write_files(
    outputs: &[Output],
    arguments: &CheckArguments,
    outcome: &Outcome,
    applied: usize,
) -> Vec<String> {
    let mut problems = Vec::new();
    for output in outputs {
        let Some(file) = &output.file else {
            continue;
        };
        let mut text = Vec::new();
        let written = write(output, arguments, outcome, applied, &mut text)
            .map_err(fix::Refused::from)
            .and_then(|()| fix::replace(file, &text));
        if let Err(error) = written {
            problems.push(format!("{}: {error}", file.display()));
        }
    }
    problems
}

/// Prints which files `--fix` has changed and created: on standard output where that is for people, else on standard error.
pub fn print_files(
    outputs: &[Output],
    arguments: &CheckArguments,
    files: &[String],
) -> Result<(), Trouble> {
    let output = outputs.iter().find(|output| output.file.is_none());
    let is_human = output.is_some_and(|output| output.format == Format::Human);
    if arguments.quiet {
        return Ok(());
    }
    if !is_human {
        files.iter().for_each(|file| tell(file));
        return Ok(());
    }
    print(|out| {
        let mut files = files.iter();
        files.try_for_each(|file| writeln!(out, "{}", report::plain(file)))
    })
}

/// Prints the report that goes to standard output, where there is one.
pub fn print_report(
    outputs: &[Output],
    arguments: &CheckArguments,
    outcome: &Outcome,
    applied: usize,
) -> Result<(), Trouble> {
    match outputs.iter().find(|output| output.file.is_none()) {
        Some(output) => print(|out| write(output, arguments, outcome, applied, out)),
        None => Ok(()),
    }
}

/// Writes to standard error what else goes to standard output, where that has the mended text.
pub fn print_aside(
    outputs: &[Output],
    arguments: &CheckArguments,
    outcome: &Outcome,
    applied: usize,
) -> Result<(), Trouble> {
    let Some(output) = outputs.iter().find(|output| output.file.is_none()) else {
        return Ok(());
    };
    write(
        output,
        arguments,
        outcome,
        applied,
        &mut io::stderr().lock(),
    )
    .map_err(|error| Trouble(format!("cannot write to standard error: {error}")))
}

fn write(
    output: &Output,
    arguments: &CheckArguments,
    outcome: &Outcome,
    applied: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let redactor = outcome.redactor();
    let redactor = redactor.showing_values(arguments.show_values);
    let run = Run {
        sources: outcome.sources(),
        redactor: &redactor,
        findings: &outcome.findings,
        files: outcome.files,
        unsafe_fixes: arguments.unsafe_fixes,
        applied,
        known: outcome.known.len(),
        incomplete: &outcome.incomplete,
        threads: Some(&outcome.threads),
    };
    match output.format {
        Format::Human => {
            let style = match output.file {
                None => terminal::style(arguments.color),
                Some(_) => terminal::style_of_file(arguments.color),
            };
            // Where nothing could be looked at, "no problems" would be a lie.
            let could_look = outcome.files > 0 || outcome.problems.is_empty();
            let has_summary = !arguments.quiet && could_look;
            report::human::write(&run, style, has_summary, out)?;
        }
        Format::Concise => report::concise::write(&run, out)?,
        Format::Json => return report::json::write(&run, out),
        Format::Sarif => return report::sarif::write(&run, out),
        Format::Github => return report::github::write(&run, out),
        Format::Gitlab => return report::gitlab::write(&run, out),
        Format::Junit => return report::junit::write(&run, out),
        Format::Checkstyle => return report::checkstyle::write(&run, out),
        Format::Rdjson => return report::rdjson::write(&run, out),
    }
    if arguments.statistics {
        write_statistics(&run, out)?;
    }
    Ok(())
}

fn write_statistics(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let statistics = run.statistics();
    let width = statistics
        .first()
        .map_or(0, |(_, most)| most.to_string().len());
    if !statistics.is_empty() {
        writeln!(out)?;
    }
    for (rule, count) in statistics {
        writeln!(out, "{count:width$}  {rule}")?;
    }
    Ok(())
}
