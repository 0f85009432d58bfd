//! `zenml-tflint verify [DIR]`

use std::io::{self, Read};
use std::path::Path;

use clap::ArgMatches;
use zenml_tflint::config::ConfigSource;
use zenml_tflint::connection::{Connection, Given};
use zenml_tflint::lint::{Connected, connections};
use zenml_tflint::redact;
use zenml_tflint::settings::Settings;
use zenml_tflint::verify::{self, Options, Report};

use super::args::{AnswerFormat, VerifyArguments};
use super::{FOUND, TROUBLE, Trouble, complain, print, refuse_settings, terminal, values};

/// No API key is longer, in bytes.
const LONGEST_KEY: u64 = 64 << 10;

/// Verifies each provider block; the exit code.
pub fn run(arguments: &VerifyArguments, matches: &ArgMatches) -> Result<u8, Trouble> {
    let settings = Settings {
        paths: vec![arguments.dir.clone()],
        config: ConfigSource::from(&arguments.config),
        ..values::settings(&arguments.values, matches)?
    };
    let key = match arguments.api_key_stdin {
        true => Some(read_key()?),
        false => None,
    };
    // The time runs from here on: what a person or a pipe takes to give the key is not the server's.
    let options = Options::new(arguments.timeout, arguments.insecure, &settings);
    let mut connected =
        connections(&settings).map_err(|error| refuse_settings(error, arguments.color))?;
    for problem in &connected.problems {
        complain(problem);
    }
    if let Some(alias) = &arguments.alias {
        select(
            &mut connected.connections,
            alias,
            connected.problems.is_empty(),
        )?;
    }
    if let Some(key) = key {
        for connection in &mut connected.connections {
            connection.api_key = Given::Text {
                text: key.clone(),
                variable: None,
            };
        }
    }
    let reports = reports(&connected, options);
    match arguments.output_format {
        AnswerFormat::Json => print(|out| verify::write_json(&reports, out))?,
        AnswerFormat::Human if reports.is_empty() => {}
        AnswerFormat::Human => {
            let style = terminal::style(arguments.color);
            print(|out| verify::write_human(&reports, style, out))?;
        }
    }
    Ok(if !connected.problems.is_empty() {
        TROUBLE
    } else if reports.is_empty() {
        complain(&nothing_found(&arguments.dir));
        FOUND
    } else if reports.iter().any(Report::has_failed) {
        FOUND
    } else {
        0
    })
}

fn read_key() -> Result<String, Trouble> {
    let mut key = String::new();
    io::stdin()
        .lock()
        .take(LONGEST_KEY)
        .read_to_string(&mut key)
        .map_err(|error| {
            Trouble(format!(
                "cannot read the API key from standard input: {error}"
            ))
        })?;
    let key = key.trim();
    if key.is_empty() {
        return Err(Trouble("there is no API key on standard input".into()));
    }
    Ok(key.to_owned())
}

/// Leaves only the connections of one alias.
fn select(
    connections: &mut Vec<Connection>,
    alias: &str,
    is_all_read: bool,
) -> Result<(), Trouble> {
    connections.retain(|connection| connection.alias.as_deref().unwrap_or_default() == alias);
    if connections.is_empty() && is_all_read {
        return Err(Trouble(format!(
            "no provider block of zenml has the alias `{alias}`"
        )));
    }
    Ok(())
}

fn nothing_found(dir: &Path) -> String {
    format!(
        "there is nothing to verify in {}: no root module has a provider \"zenml\" block, and `ZENML_SERVER_URL` connects none",
        dir.display()
    )
}

fn reports(connected: &Connected, options: Options) -> Vec<Report> {
    let checked = verify::verify(&connected.connections, options);
    let report = |(connection, checks): (&Connection, Vec<verify::Check>)| {
        let file = connected.sources().get(connection.at.file);
        let start = connection.at.span.start as usize;
        Report {
            path: file
                .map(|file| redact::by_shape(&file.display))
                .unwrap_or_default(),
            line: file.map_or(1, |file| file.position(start).line),
            alias: connection.alias.as_deref().map(redact::by_shape),
            server_url: connection.server_url.text().map(redact::url),
            checks,
        }
    };
    connected
        .connections
        .iter()
        .zip(checked)
        .map(report)
        .collect()
}
