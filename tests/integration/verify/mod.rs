//! `zenml-tflint verify`: against a real ZenML server, and against small servers that do what a real one will not.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

mod answers;
mod configuration;
mod network;
mod real;
mod secrecy;
mod silence;
mod small;
mod trust;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::support::program::{Run, finish, program};
use crate::support::repository;
use tempfile::TempDir;

/// What a run said of one provider block.
#[derive(Debug)]
struct Verified {
    run: Run,
    /// Status and message of each check, by its name.
    checks: BTreeMap<String, (String, String)>,
    took: Duration,
}

impl Verified {
    #[track_caller]
    fn has(&self, check: &str, status: &str, words: &[&str]) -> &Self {
        let (found, message) = &self.checks[check];
        assert_eq!(found, status, "{check}: {message}\n{:#?}", self.checks);
        for word in words {
            assert!(message.contains(word), "{word}: {message}");
        }
        self
    }

    #[track_caller]
    fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.run.code, code, "{:#?}", self.checks);
        self
    }
}

const ALL: [&str; 7] = [
    "static",
    "dns",
    "tcp",
    "tls",
    "health",
    "info",
    "credentials",
];

/// A root module whose provider block has these arguments.
fn root(arguments: &str) -> TempDir {
    let main = format!("provider \"zenml\" {{\n{arguments}\n}}\n");
    repository(&[("main.tf", &main)])
}

/// A root module that gives URL and key.
fn root_with(url: &str, key: &str) -> TempDir {
    root(&format!("  server_url = \"{url}\"\n  api_key = \"{key}\""))
}

/// Verifies a directory with variables and arguments.
fn verify(directory: &TempDir, variables: &[(&str, &str)], arguments: &[&str]) -> Verified {
    let mut command = program(directory.path());
    command
        .args(["verify", "--output-format", "json"])
        .args(arguments)
        .envs(variables.iter().copied());
    let begin = Instant::now();
    let run = finish(&mut command, "");
    let took = begin.elapsed();
    Verified::of(run, took)
}

impl Verified {
    #[track_caller]
    fn of(run: Run, took: Duration) -> Self {
        let json = run.json();
        assert_eq!(json["schema_version"], 1);
        let providers = json["providers"].as_array().unwrap();
        assert_eq!(providers.len(), 1, "{json:#}");
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let checks = providers[0]["checks"].as_array().unwrap().iter();
        let names: Vec<_> = checks.clone().map(|check| text(&check["check"])).collect();
        assert_eq!(names, ALL);
        let checks = checks.map(|check| {
            assert!(check["milliseconds"].is_u64());
            (
                text(&check["check"]),
                (text(&check["status"]), text(&check["message"])),
            )
        });
        Self {
            checks: checks.collect(),
            run,
            took,
        }
    }
}
