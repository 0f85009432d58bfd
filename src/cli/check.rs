//! `zenml-tflint [PATHS]...`

use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::ArgMatches;
use zenml_tflint::config::ConfigSource;
use zenml_tflint::discover::Stdin;
use zenml_tflint::finding::Finding;
use zenml_tflint::fix::{Turn, mend};
use zenml_tflint::lint::{Linter, Outcome, lint};
use zenml_tflint::reader::Reader;
use zenml_tflint::settings::{BadSettings, FailOn, RuleSelection, Settings};

use super::args::CheckArguments;
use super::output::Output;
use super::{FOUND, TROUBLE, Trouble};
use super::{baseline, complain, fix, output, progress, refuse_settings};
use super::{settings, tell, values, watch};

/// Of more paths than this, the rest is counted.
const MOST_PATHS_NAMED: usize = 3;

/// Checks or mends, reports, and says with which code to exit.
pub fn run(arguments: &CheckArguments, matches: &ArgMatches) -> Result<u8, Trouble> {
    let outputs = output::outputs(arguments)?;
    if !arguments.watch {
        return once(arguments, matches, &outputs);
    }
    if is_stdin(arguments)? {
        return Err(Trouble("`--watch` needs files, not standard input".into()));
    }
    watch::run(arguments, &|| once(arguments, matches, &outputs))
}

fn once(
    arguments: &CheckArguments,
    matches: &ArgMatches,
    outputs: &[Output],
) -> Result<u8, Trouble> {
    let settings = settings_of(arguments, matches)?;
    let begin = Instant::now();
    let refused = |error: BadSettings| refuse_settings(error, arguments.color);
    let mend = || {
        let mended = progress::beside(&settings, || mend(&settings, arguments.unsafe_fixes));
        mended.map_err(refused)
    };
    if arguments.show_settings || arguments.show_files {
        let linter = Linter::new(&settings).map_err(refused)?;
        return match arguments.show_files {
            true => settings::show_files(&linter),
            false => settings::show(&linter, &settings),
        };
    }
    if arguments.write_baseline {
        return baseline::write(arguments, &settings);
    }
    if arguments.diff {
        return fix::show(&mend()?, arguments.show_values);
    }
    let (mut outcome, applied) = if arguments.fix {
        let writes = settings.stdin.is_none();
        let _turn = writes.then(|| Turn::wait(&settings.paths, &settings.directory));
        let mut mended = mend()?;
        if settings.stdin.is_some() {
            let applied = mended.applied;
            fix::print_text(&mended, &settings)?;
            let outcome = &mut mended.outcome;
            let problems = output::write_files(outputs, arguments, outcome, applied);
            outcome.problems.extend(problems);
            output::print_aside(outputs, arguments, outcome, applied)?;
            return Ok(conclude(arguments, &mended.outcome, begin));
        }
        let done = fix::apply(mended, &settings).map_err(refused)?;
        output::print_files(outputs, arguments, &done.files)?;
        (done.outcome, done.count)
    } else {
        let linted = progress::beside(&settings, || lint(&settings));
        (linted.map_err(refused)?, 0)
    };
    let problems = output::write_files(outputs, arguments, &outcome, applied);
    outcome.problems.extend(problems);
    output::print_report(outputs, arguments, &outcome, applied)?;
    let code = conclude(arguments, &outcome, begin);
    if !arguments.watch {
        // The process ends: to give everything back piece by piece would take longer than all that is still to do.
        mem::forget(outcome);
    }
    Ok(code)
}

/// Says on standard error what went wrong and, where asked to, how it went; the exit code.
fn conclude(arguments: &CheckArguments, outcome: &Outcome, begin: Instant) -> u8 {
    if arguments.verbose {
        for remark in &outcome.remarks {
            tell(remark);
        }
        tell(&account(outcome, begin));
    }
    let is_text = arguments.paths.iter().any(|path| path == Path::new("-"));
    if !arguments.quiet && !is_text && has_no_zenml(outcome) {
        tell(&no_zenml(arguments));
    }
    baseline::report_stale(arguments, outcome);
    for problem in &outcome.problems {
        complain(problem);
    }
    let failed = !outcome.problems.is_empty();
    exit_code(&outcome.findings, failed, &|finding| {
        outcome.fail_on(finding)
    })
}

/// Whether there was nothing to check at all, though nothing went wrong.
fn has_no_zenml(outcome: &Outcome) -> bool {
    !outcome.concerns_zenml && outcome.findings.is_empty() && outcome.problems.is_empty()
}

/// Nothing found is not nothing wrong: says where no configuration was found.
fn no_zenml(arguments: &CheckArguments) -> String {
    let here = [PathBuf::from(".")];
    let paths = if arguments.paths.is_empty() {
        &here[..]
    } else {
        &arguments.paths[..]
    };
    let named = paths.iter().take(MOST_PATHS_NAMED);
    let mut named: Vec<String> = named.map(|path| path.display().to_string()).collect();
    let more = paths.len().saturating_sub(MOST_PATHS_NAMED);
    if more > 0 {
        named.push(format!("{more} more"));
    }
    format!("No ZenML configuration found under {}", named.join(", "))
}

pub(super) fn exit_code(
    findings: &[Finding],
    failed: bool,
    fail_on: &dyn Fn(&Finding) -> FailOn,
) -> u8 {
    let fails = |finding: &Finding| fail_on(finding).is_reached_by(finding.severity);
    if failed {
        TROUBLE
    } else if findings.iter().any(fails) {
        FOUND
    } else {
        0
    }
}

fn account(outcome: &Outcome, begin: Instant) -> String {
    format!(
        "texts read: {}, files reported on: {}, findings: {}, ignored by comments: {}, \
         kept back in ignored or excluded files: {}, time: {} ms",
        outcome.texts_read(),
        outcome.files,
        outcome.findings.len(),
        outcome.ignored,
        outcome.kept_back,
        begin.elapsed().as_millis()
    )
}

/// What the arguments, the environment and the clock say.
pub(super) fn settings_of(
    arguments: &CheckArguments,
    matches: &ArgMatches,
) -> Result<Settings, Trouble> {
    let stdin = is_stdin(arguments)?;
    let mut settings = Settings {
        exclude: arguments.exclude.clone(),
        gitignore: !arguments.no_gitignore,
        config: ConfigSource::from(&arguments.config),
        fail_on: arguments.fail_on.map(FailOn::from),
        rules: selection(arguments),
        baseline: baseline::read(arguments)?,
        jobs: arguments.jobs,
        ..values::settings(&arguments.values, matches)?
    };
    if stdin {
        settings.paths = Vec::new();
        settings.stdin = Some(Stdin {
            bytes: read_stdin(settings.reader)?,
            path: arguments.stdin_filename.clone(),
        });
    } else if !arguments.paths.is_empty() {
        settings.paths.clone_from(&arguments.paths);
    }
    Ok(settings)
}

/// Whether the path is `-`, which stands alone.
fn is_stdin(arguments: &CheckArguments) -> Result<bool, Trouble> {
    let stdin = Path::new("-");
    let is_stdin = arguments.paths.iter().any(|path| path == stdin);
    if is_stdin && arguments.paths.len() > 1 {
        return Err(Trouble(
            "`-` (standard input) takes no other paths beside it".into(),
        ));
    }
    if !is_stdin && arguments.stdin_filename.is_some() {
        return Err(Trouble(
            "`--stdin-filename` needs the path `-` (standard input)".into(),
        ));
    }
    Ok(is_stdin)
}

fn read_stdin(reader: Reader) -> Result<Vec<u8>, Trouble> {
    let read = reader.read_stream(io::stdin().lock());
    read.map_err(|error| Trouble(format!("cannot read standard input: {error}")))
}

fn selection(arguments: &CheckArguments) -> RuleSelection {
    let names = |given: &[String]| -> Vec<String> {
        let names = given.iter().map(|name| name.trim());
        names
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect()
    };
    RuleSelection {
        select: match arguments.select.as_slice() {
            [] => None,
            select => Some(names(select)),
        },
        ignore: names(&arguments.ignore),
        levels: arguments.severity.clone(),
    }
}
