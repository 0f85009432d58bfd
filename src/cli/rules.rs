//! `zenml-tflint rules`

use std::io::{self, Write};

use zenml_tflint::rules;

use super::{Trouble, print};

/// Lists every rule.
pub fn run() -> Result<u8, Trouble> {
    print(write)?;
    Ok(0)
}

/// Name, severity, fix and summary, in columns.
pub(super) fn write(out: &mut dyn Write) -> io::Result<()> {
    let pages = rules::all().iter().map(|rule| (rule.name, rule.page()));
    let rows: Vec<[String; 4]> = pages
        .map(|(name, page)| {
            [name, page.severity.name(), page.fix.name(), &page.summary].map(Into::into)
        })
        .collect();
    let head = ["rule", "severity", "fix", "summary"].map(String::from);
    let rows = std::iter::once(&head).chain(&rows);
    let width = |column: fn(&[String; 4]) -> &String| {
        rows.clone().map(|row| column(row).len()).max().unwrap_or(0)
    };
    let (name, severity, fix) = (
        width(|[c, ..]| c),
        width(|[_, c, ..]| c),
        width(|[_, _, c, _]| c),
    );
    for [a, b, c, summary] in rows.clone() {
        writeln!(out, "{a:name$}  {b:severity$}  {c:fix$}  {summary}")?;
    }
    Ok(())
}
