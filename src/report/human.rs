//! For people: each finding with the lines it is about and the way from the literal to the argument.

use std::fmt;
use std::io::{self, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters,
    ThemeStyles,
};
use rayon::prelude::*;
use textwrap::{WordSeparator, WordSplitter};

use super::excerpt::{Excerpt, Label};
use super::{Counts, Run};
use crate::finding::{Finding, Severity};

/// More related places than this are counted, not shown.
const MOST_RELATED: usize = 12;
/// What the renderer needs beside a line of source: its number and the frame.
const FRAME: usize = 10;
/// Lines are cut to no less than this.
const LEAST_WIDTH: usize = 40;
/// Fewer findings are rendered before another thread has woken up.
const WORTH_SHARING: usize = 64;
/// Not more are held in memory as they are shown.
const BATCH: usize = 4096;

/// How a terminal wants it.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether there are colours.
    pub color: bool,
    /// Whether frames are drawn with more than ASCII.
    pub unicode: bool,
    /// In columns.
    pub width: usize,
}

/// Writes each finding, and at last what there is in all (unless `summary` is false).
///
/// # Errors
/// Where `out` fails.
pub fn write(run: &Run<'_>, style: Style, summary: bool, out: &mut dyn Write) -> io::Result<()> {
    for batch in run.findings.chunks(BATCH) {
        for text in render(run, style, batch)? {
            writeln!(out, "{text}")?;
        }
    }
    if summary {
        let summary = summarize(run);
        if style.color {
            writeln!(out, "\u{1b}[1m{summary}\u{1b}[0m")?;
        } else {
            writeln!(out, "{summary}")?;
        }
    }
    Ok(())
}

/// The findings as they are shown, in their order.
fn render(run: &Run<'_>, style: Style, findings: &[Finding]) -> io::Result<Vec<String>> {
    let handler = handler(style);
    let render = |finding: &Finding| {
        let mut text = String::new();
        let report = Report::new(run, finding, style.width);
        match handler.render_report(&mut text, &report) {
            Ok(()) => Ok(text),
            Err(error) => Err(io::Error::other(error)),
        }
    };
    match run.threads {
        Some(threads) if findings.len() >= WORTH_SHARING => {
            threads.install(|| findings.par_iter().map(render).collect())
        }
        _ => findings.iter().map(render).collect(),
    }
}

fn handler(style: Style) -> GraphicalReportHandler {
    let theme = GraphicalTheme {
        characters: if style.unicode {
            ThemeCharacters::unicode()
        } else {
            ThemeCharacters::ascii()
        },
        styles: if style.color {
            ThemeStyles::ansi()
        } else {
            ThemeStyles::none()
        },
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.width.max(LEAST_WIDTH))
        .with_urls(false)
        .with_context_lines(1)
        // Sentences break between words. To find out where else Unicode lets a line end took a fifth of the rendering.
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_word_splitter(WordSplitter::NoHyphenation)
        .without_syntax_highlighting()
}

/// `Found 2 errors, 1 warning (1 fixable with --fix) in 3 files.`
fn summarize(run: &Run<'_>) -> String {
    let counts = run.counts();
    let kinds = [
        (counts.errors, "error"),
        (counts.warnings, "warning"),
        (counts.notes, "note"),
    ];
    let found: Vec<String> = kinds
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| number(count, kind))
        .collect();
    let files = number(run.files, "file");
    let applied = match run.applied {
        0 => String::new(),
        count => format!("Fixed {}. ", number(count, "finding")),
    };
    let known = match run.known {
        0 => String::new(),
        count => format!(" ({count} in the baseline)"),
    };
    if found.is_empty() && !run.incomplete.is_empty() {
        return format!("{applied}Found nothing in what was checked of {files}{known}.");
    }
    if found.is_empty() {
        let new = if run.known > 0 { "new " } else { "" };
        return format!("{applied}No {new}problems found in {files}{known}.");
    }
    let fixable = fixable(run, counts);
    format!(
        "{applied}Found {}{fixable} in {files}{known}.",
        found.join(", ")
    )
}

/// ` (2 fixable with --fix, 1 more with --unsafe-fixes)`
fn fixable(run: &Run<'_>, counts: Counts) -> String {
    match (counts.fixable, counts.fixable_unsafe) {
        (0, 0) => String::new(),
        (0, more) => format!(" ({more} fixable with --fix --unsafe-fixes)"),
        (count, _) if run.unsafe_fixes => format!(" ({count} fixable with --fix --unsafe-fixes)"),
        (count, 0) => format!(" ({count} fixable with --fix)"),
        (count, more) => {
            format!(" ({count} fixable with --fix, {more} more with --unsafe-fixes)")
        }
    }
}

fn number(count: usize, of: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {of}{plural}")
}

/// A finding as the renderer takes it.
#[derive(Debug)]
struct Report {
    severity: Severity,
    code: String,
    message: String,
    help: Option<String>,
    excerpt: Excerpt,
    labels: Vec<LabeledSpan>,
}

impl Report {
    fn new(run: &Run<'_>, finding: &Finding, width: usize) -> Self {
        let primary = Label {
            location: finding.primary,
            text: None,
        };
        let related = finding.related.iter().take(MOST_RELATED);
        let related = related.map(|(location, text)| Label {
            location: *location,
            text: Some(text),
        });
        let labels: Vec<Label<'_>> = std::iter::once(primary).chain(related).collect();
        let width = width.saturating_sub(FRAME).max(LEAST_WIDTH);
        let (excerpt, labels) = Excerpt::new(run, &labels, &finding.about, width);
        Self {
            severity: finding.severity,
            code: format!("{}[{}]{}", finding.severity, finding.rule, mark(finding)),
            message: run.shown(&finding.message),
            help: help(run, finding),
            excerpt,
            labels,
        }
    }
}

/// What tells a finding that has a fix.
fn mark(finding: &Finding) -> &'static str {
    match &finding.fix {
        None => "",
        Some(fix) if fix.safe => " [fix]",
        Some(_) => " [unsafe fix]",
    }
}

/// The help, and how many places are not shown.
fn help(run: &Run<'_>, finding: &Finding) -> Option<String> {
    let help = finding.help.as_ref().map(|help| run.shown(help));
    let more = match finding.related.len().saturating_sub(MOST_RELATED) {
        0 => return help,
        1 => "1 more place has a part in it.".to_owned(),
        count => format!("{count} more places have a part in it."),
    };
    Some(help.map_or(more.clone(), |help| format!("{help}\n{more}")))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }
}
