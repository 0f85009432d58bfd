//! `zenml-tflint rules`

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};
use zenml_tflint::config::{ConfigSource, CustomRule};
use zenml_tflint::environment::Environment;
use zenml_tflint::lint::{Outcome, lint};
use zenml_tflint::redact;
use zenml_tflint::report::{self, Run};
use zenml_tflint::rules::{self, Fixable, Page};
use zenml_tflint::settings::Settings;

use super::args::{ListFormat, RulesArguments};
use super::{FOUND, TROUBLE, Trouble};
use super::{complain, print, refuse_settings, settings, terminal, values};

/// Lists every rule, or tries those of the configuration.
pub fn run(arguments: &RulesArguments) -> Result<u8, Trouble> {
    if let Some(path) = &arguments.test {
        return try_on(path, arguments);
    }
    let config = settings::of_here(&arguments.config, arguments.color)?;
    let built_in = rules::all().iter().map(|rule| (rule.name, rule.page()));
    let custom = config
        .custom
        .iter()
        .map(|rule| (rule.id.as_str(), page(rule)));
    let pages: Vec<_> = built_in.chain(custom).collect();
    let mut text = Vec::new();
    let written = match arguments.output_format {
        ListFormat::Human => write(&pages, &mut text),
        ListFormat::Json => write_json(&pages, &mut text),
    };
    written.map_err(|error| Trouble(format!("the rules cannot be listed: {error}")))?;
    // A message of the configuration may hold what nobody should see.
    let text = redact::by_shape(&String::from_utf8_lossy(&text));
    print(|out| out.write_all(text.as_bytes()))?;
    Ok(0)
}

/// What the list says of a custom rule.
fn page(rule: &CustomRule) -> Page {
    Page {
        severity: rule.severity,
        fix: match rule.replacement {
            Some(_) => Fixable::Unsafe,
            None => Fixable::None,
        },
        since: String::new(),
        summary: rule.message.clone(),
        body: "",
    }
}

/// Runs the custom rules alone, reports what they find and at how many blocks they have looked.
fn try_on(path: &Path, arguments: &RulesArguments) -> Result<u8, Trouble> {
    let settings = Settings {
        directory: values::current_directory()?,
        paths: vec![path.to_path_buf()],
        config: ConfigSource::from(&arguments.config),
        environment: Environment::of_process(),
        now: values::now(),
        ..Settings::default()
    };
    let mut outcome = lint(&settings).map_err(|error| refuse_settings(error, arguments.color))?;
    let looked_at = outcome.blocks_looked_at();
    outcome
        .findings
        .retain(|f| looked_at.contains_key(f.rule.as_ref()));
    let redactor = outcome.redactor();
    let run = Run {
        sources: outcome.sources(),
        redactor: &redactor,
        findings: &outcome.findings,
        files: outcome.files,
        unsafe_fixes: true,
        applied: 0,
        known: 0,
        incomplete: &outcome.incomplete,
        threads: None,
    };
    let style = terminal::style(arguments.color);
    print(|out| {
        report::human::write(&run, style, false, out)?;
        write_trial(&looked_at, &outcome, out)
    })?;
    outcome
        .problems
        .iter()
        .for_each(|problem| complain(problem));
    Ok(
        match (outcome.problems.is_empty(), outcome.findings.is_empty()) {
            (false, _) => TROUBLE,
            (true, false) => FOUND,
            (true, true) => 0,
        },
    )
}

fn write_trial(
    looked_at: &BTreeMap<String, usize>,
    outcome: &Outcome,
    out: &mut dyn Write,
) -> io::Result<()> {
    if looked_at.is_empty() {
        return writeln!(out, "The configuration has no custom rules.");
    }
    let name = width("rule", looked_at.keys().map(String::as_str));
    writeln!(out, "{:name$}  blocks  findings", "rule")?;
    for (rule, blocks) in looked_at {
        let findings = outcome.findings.iter().filter(|f| f.rule == *rule).count();
        writeln!(out, "{rule:name$}  {blocks:>6}  {findings:>8}")?;
    }
    Ok(())
}

/// One document with what the front matter of the pages says. A custom rule has no version since which it is there.
fn write_json(pages: &[(&str, Page)], out: &mut dyn Write) -> io::Result<()> {
    let rule = |(name, page): &(&str, Page)| {
        json!({
            "rule": name,
            "severity": page.severity.name(),
            "fix": page.fix.name(),
            "since": Some(&page.since).filter(|since| !since.is_empty()),
            "summary": page.summary,
            "custom": rules::find(name).is_none(),
            "url": report::help_uri(name),
        })
    };
    let rules: Vec<Value> = pages.iter().map(rule).collect();
    let document = json!({
        "schema_version": 1,
        "tool": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
        "rules": rules,
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
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
