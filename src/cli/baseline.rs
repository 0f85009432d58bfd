//! `--baseline` and `--write-baseline`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zenml_tflint::baseline::{Baseline, DEFAULT_FILE};
use zenml_tflint::fix;
use zenml_tflint::lint::{Outcome, lint};
use zenml_tflint::reader::{ReadError, Reader};
use zenml_tflint::settings::Settings;

use super::args::CheckArguments;
use super::{TROUBLE, Trouble, complain, print, progress, refuse_settings, tell, values};

/// More stale entries than this are counted, not named.
const MOST_NAMED: usize = 10;

/// The baseline that the findings are compared with, where one is given.
pub fn read(arguments: &CheckArguments) -> Result<Option<Baseline>, Trouble> {
    match &arguments.baseline {
        Some(path) if !arguments.write_baseline => {
            let read = read_file(path, values::reader(&arguments.values))?;
            read.map(Some).ok_or_else(|| {
                let advice = "`--write-baseline` writes one";
                Trouble(format!(
                    "{}: there is no such baseline; {advice}",
                    path.display()
                ))
            })
        }
        _ => Ok(None),
    }
}

/// Checks, and writes what is found as the baseline. What the run did not look at stays in it.
pub fn write(arguments: &CheckArguments, settings: &Settings) -> Result<u8, Trouble> {
    let path = match &arguments.baseline {
        Some(path) => path.as_path(),
        None => Path::new(DEFAULT_FILE),
    };
    let old = read_file(path, settings.reader)?;
    let outcome = progress::beside(settings, || lint(settings));
    let outcome = outcome.map_err(|error| refuse_settings(error, arguments.color))?;
    let redactor = outcome.redactor();
    let mut baseline = match old {
        Some(old) => old.filtered(|old, entry| {
            let path = old.path_of(entry);
            !outcome.ran(&entry.rule, &path) || !outcome.covers(&path)
        }),
        None => Baseline::empty(directory_of(path)?),
    };
    let kept = baseline.len();
    baseline.extend(&outcome.findings, outcome.sources(), &redactor);
    let shown = path.display();
    let text = baseline
        .to_text()
        .map_err(|error| Trouble(format!("{shown}: {error}")))?;
    fix::replace(path, text.as_bytes()).map_err(|error| Trouble(format!("{shown}: {error}")))?;
    if !arguments.quiet {
        let kept = match kept {
            0 => String::new(),
            kept => format!(", and kept {kept} that this run did not look at"),
        };
        let count = outcome.findings.len();
        let plural = if count == 1 { "" } else { "s" };
        print(|out| writeln!(out, "Wrote {count} finding{plural} to {shown}{kept}."))?;
    }
    for problem in &outcome.problems {
        complain(problem);
    }
    Ok(if outcome.problems.is_empty() {
        0
    } else {
        TROUBLE
    })
}

/// Says which entries the run has not found.
pub fn report_stale(arguments: &CheckArguments, outcome: &Outcome) {
    let stale = outcome.stale.len();
    let Some(path) = arguments.baseline.as_ref().filter(|_| stale > 0) else {
        return;
    };
    if arguments.quiet {
        return;
    }
    let what = match stale {
        1 => "1 finding of the baseline is gone".to_owned(),
        _ => format!("{stale} findings of the baseline are gone"),
    };
    tell(&format!(
        "{what}: `--baseline {} --write-baseline` drops what is stale",
        path.display()
    ));
    let most = if arguments.verbose {
        usize::MAX
    } else {
        MOST_NAMED
    };
    for (entry, count) in outcome.stale.entries().take(most) {
        let times = if count > 1 {
            format!(" ({count} times)")
        } else {
            String::new()
        };
        tell(&format!("  {}: {}{times}", entry.path, entry.rule));
    }
    let more = outcome.stale.entries().count().saturating_sub(most);
    if more > 0 {
        tell(&format!("  and {more} more (--verbose names them)"));
    }
}

/// A baseline; nothing where there is no such file.
fn read_file(path: &Path, reader: Reader) -> Result<Option<Baseline>, Trouble> {
    let shown = path.display();
    let bytes = match reader.read(path) {
        Ok(bytes) => bytes,
        Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Trouble(format!("{shown}: cannot be read: {error}"))),
    };
    let text = String::from_utf8(bytes).map_err(|_| Trouble(format!("{shown}: is not UTF-8")))?;
    let baseline = Baseline::parse(&text, directory_of(path)?);
    let baseline = baseline.map_err(|error| Trouble(format!("{shown}: {error}")))?;
    Ok(Some(baseline))
}

/// The directory that a baseline's paths are relative to: its own.
fn directory_of(path: &Path) -> Result<PathBuf, Trouble> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    fs::canonicalize(parent).map_err(|error| Trouble(format!("{}: {error}", parent.display())))
}
