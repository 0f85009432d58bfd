//! `--show-settings` and `--show-files`, and the configuration of a directory.

use std::path::Path;
use std::sync::Arc;

use zenml_tflint::config::{self, Config, ConfigSource, Level};
use zenml_tflint::lint::Linter;
use zenml_tflint::reader::Reader;
use zenml_tflint::redact;
use zenml_tflint::rules;
use zenml_tflint::settings::{BadSettings, Settings};

use super::args::{Color, ConfigArguments};
use super::{Trouble, print, refuse_settings, values};

/// The configuration that holds in the current directory.
pub(super) fn of_here(arguments: &ConfigArguments, color: Color) -> Result<Arc<Config>, Trouble> {
    let names: Vec<&str> = rules::all().iter().map(|rule| rule.name).collect();
    let here = values::current_directory()?;
    config::for_directory(
        &here,
        &ConfigSource::from(arguments),
        &names,
        Reader::default(),
    )
    .map_err(|bad| refuse_settings(BadSettings::Config(bad), color))
}

/// Prints the files that are looked at, one a line.
pub(super) fn show_files(linter: &Linter<'_>) -> Result<u8, Trouble> {
    let files = linter.files();
    print(|out| files.iter().try_for_each(|file| writeln!(out, "{file}")))?;
    Ok(0)
}

/// Prints each configuration as a file that says the same, the command line worked in.
pub(super) fn show(linter: &Linter<'_>, settings: &Settings) -> Result<u8, Trouble> {
    let configurations: Vec<String> = linter
        .configurations()
        .iter()
        .filter(|(dir, config)| is_used(*dir, config, linter))
        .map(|(_, config)| one(config, settings))
        .collect::<Result<_, _>>()?;
    let text = redact::by_shape(&configurations.join("\n"));
    print(|out| out.write_all(text.as_bytes()))?;
    Ok(0)
}

/// The empty configuration is shown where there is no other.
fn is_used(dir: Option<&Path>, config: &Config, linter: &Linter<'_>) -> bool {
    dir.is_some() || config.display.is_some() || linter.configurations().iter().count() == 1
}

fn one(config: &Config, settings: &Settings) -> Result<String, Trouble> {
    let mut table = config.to_table();
    let fail_on = settings.fail_on.or(config.fail_on).unwrap_or_default();
    table.insert("fail-on".into(), fail_on.name().into());
    if !settings.exclude.is_empty() {
        let mut all = settings.exclude.clone();
        let configured = table.get("exclude").and_then(|value| value.as_array());
        let configured = configured.into_iter().flatten();
        all.extend(configured.filter_map(|value| value.as_str().map(str::to_owned)));
        table.insert("exclude".into(), all.into());
    }
    let levels = levels(config, settings);
    table.insert("rules".into(), levels.into());
    let text = toml::to_string_pretty(&table)
        .map_err(|error| Trouble(format!("the settings cannot be shown: {error}")))?;
    Ok(match &config.display {
        Some(path) => format!("# {path}\n{text}"),
        None => format!("# no configuration file\n{text}"),
    })
}

/// Every rule with the severity of its findings, overrides for some files apart.
fn levels(config: &Config, settings: &Settings) -> toml::Table {
    let built_in = rules::all()
        .iter()
        .map(|rule| (rule.name, rule.page().severity));
    let custom = config
        .custom
        .iter()
        .map(|rule| (rule.id.as_str(), rule.severity));
    built_in
        .chain(custom)
        .map(|(rule, severity)| {
            let level = settings.rules.level(rule, config, Path::new(""));
            let level = level.unwrap_or(Level::Severity(severity));
            (rule.to_owned(), level.name().into())
        })
        .collect()
}
