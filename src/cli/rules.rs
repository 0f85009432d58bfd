//! `zenml-tflint rules`

use std::io::{self, Write};

use zenml_tflint::rules::{self, Page};

use super::{Trouble, print};

/// Lists every rule.
pub fn run() -> Result<u8, Trouble> {
    let pages = rules::all().iter().map(|rule| (rule.name, rule.page()));
    let pages: Vec<_> = pages.collect();
    print(|out| write(&pages, out))?;
    Ok(0)
}

/// Name, severity, fix and summary, in columns.
pub(super) fn write(pages: &[(&str, Page)], out: &mut dyn Write) -> io::Result<()> {
    let name = width("rule", pages.iter().map(|(name, _)| *name));
    let severity = width(
        "severity",
        pages.iter().map(|(_, page)| page.severity.name()),
    );
    let fix = width("fix", pages.iter().map(|(_, page)| page.fix.name()));
    writeln!(
        out,
        "{:name$}  {:severity$}  {:fix$}  summary",
        "rule", "severity", "fix"
    )?;
    for (rule, page) in pages {
        writeln!(
            out,
            "{:name$}  {:severity$}  {:fix$}  {}",
            rule,
            page.severity.name(),
            page.fix.name(),
            page.summary
        )?;
    }
    Ok(())
}

fn width<'a>(heading: &'a str, column: impl Iterator<Item = &'a str>) -> usize {
    column.chain([heading]).map(str::len).max().unwrap_or(0)
}
