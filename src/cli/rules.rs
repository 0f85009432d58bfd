//! `zenml-tflint rules`

use std::io::{self, Write};

use super::{Rule, Trouble, print};

/// Lists every rule.
pub fn run(rules: &[Rule]) -> Result<u8, Trouble> {
    print(|out| write(rules, out))?;
    Ok(0)
}

/// Name, severity, fix and summary, in columns.
pub(super) fn write(rules: &[Rule], out: &mut dyn Write) -> io::Result<()> {
    let longest =
        |of: fn(&Rule) -> &str| rules.iter().map(|rule| of(rule).len()).max().unwrap_or(0);
    let name = longest(|rule| rule.name).max("rule".len());
    let severity = longest(|rule| rule.severity.name()).max("severity".len());
    let fix = longest(|rule| rule.fix).max("fix".len());
    writeln!(
        out,
        "{:name$}  {:severity$}  {:fix$}  summary",
        "rule", "severity", "fix"
    )?;
    for rule in rules {
        writeln!(
            out,
            "{:name$}  {:severity$}  {:fix$}  {}",
            rule.name,
            rule.severity.name(),
            rule.fix,
            rule.summary
        )?;
    }
    Ok(())
}
