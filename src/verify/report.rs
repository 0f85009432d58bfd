//! What is said of the checks: for people and for programs.

use std::io::{self, Write};

use serde::Serialize;
use textwrap::{WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthStr;

use super::{Check, Status};
use crate::report::human::Style;
use crate::report::{self, plain};

/// How far a message is indented: mark, name and time stand before it.
const INDENT: usize = 25;
/// Messages are wrapped to no less than this.
const LEAST_WIDTH: usize = 40;

/// The checks of one connection. All texts are without secrets.
pub struct Report {
    /// The file of the provider block, as it is shown.
    pub path: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its alias.
    pub alias: Option<String>,
    /// The server's URL, where it is known.
    pub server_url: Option<String>,
    /// The checks, in order.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether any check has failed.
    pub fn has_failed(&self) -> bool {
        self.checks
            .iter()
            .any(|check| check.status == Status::Failed)
    }
}

/// Writes a line for each check, and at last how it went.
///
/// # Errors
/// Where `out` fails.
pub fn write_human(reports: &[Report], style: Style, out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        write_one(report, style, out)?;
        writeln!(out)?;
    }
    let failed = reports.iter().filter(|report| report.has_failed()).count();
    let of = match reports.len() {
        1 => "1 provider block".to_owned(),
        count => format!("{count} provider blocks"),
    };
    let summary = match failed {
        0 => format!("{of} verified, none failed."),
        failed => format!("{of} verified, {failed} failed."),
    };
    writeln!(out, "{}", painted(&summary, "1", style))
}

fn write_one(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let alias = report.alias.as_ref();
    let alias = alias
        .map(|alias| format!(" (alias `{alias}`)"))
        .unwrap_or_default();
    let place = format!("{}:{}", report.path, report.line);
    let url = report.server_url.as_deref().unwrap_or("(no URL known)");
    let title = plain(&format!("{place} provider \"zenml\"{alias}"));
    writeln!(out, "{}", painted(&title, "1", style))?;
    writeln!(out, "  {}", plain(url))?;
    for check in &report.checks {
        write_check(check, style, out)?;
    }
    Ok(())
}

fn write_check(check: &Check, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let (mark, ascii, color) = match check.status {
        Status::Ok => ("✓", "+", "32"),
        Status::Warning => ("!", "!", "33"),
        Status::Failed => ("✗", "x", "31"),
        Status::Skipped => ("-", "-", "2"),
    };
    let mark = if style.unicode { mark } else { ascii };
    let time = match check.status {
        Status::Skipped => String::new(),
        _ => format!("{} ms", check.time.as_millis()),
    };
    let before = format!("  {} {:<11} {time:>8}  ", mark, check.step.name());
    let width = style.width.saturating_sub(INDENT).max(LEAST_WIDTH);
    let message = plain(&check.message);
    let wrapping = textwrap::Options::new(width)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    let mut lines = textwrap::wrap(&message, wrapping).into_iter();
    let first = lines.next().unwrap_or_default();
    let before_width = before.width();
    writeln!(out, "{}{first}", painted(&before, color, style))?;
    for line in lines {
        writeln!(out, "{:before_width$}{line}", "")?;
    }
    Ok(())
}

fn painted(text: &str, color: &str, style: Style) -> String {
    match style.color {
        true => format!("\u{1b}[{color}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

/// Writes everything as one object.
///
/// # Errors
/// Where `out` fails.
pub fn write_json(reports: &[Report], out: &mut dyn Write) -> io::Result<()> {
    let all = Document {
        schema_version: 1,
        providers: reports.iter().map(Provider::of).collect(),
    };
    report::write_json(&all, out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    providers: Vec<Provider<'a>>,
}

#[derive(Serialize)]
struct Provider<'a> {
    path: &'a str,
    line: usize,
    alias: Option<&'a str>,
    server_url: Option<&'a str>,
    checks: Vec<Checked<'a>>,
}

#[derive(Serialize)]
struct Checked<'a> {
    check: &'static str,
    status: &'static str,
    message: &'a str,
    milliseconds: u128,
}

impl<'a> Provider<'a> {
    fn of(report: &'a Report) -> Self {
        let checks = report.checks.iter().map(|check| Checked {
            check: check.step.name(),
            status: check.status.name(),
            message: &check.message,
            milliseconds: check.time.as_millis(),
        });
        Self {
            path: &report.path,
            line: report.line,
            alias: report.alias.as_deref(),
            server_url: report.server_url.as_deref(),
            checks: checks.collect(),
        }
    }
}
