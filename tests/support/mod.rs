//! Small repositories written as one text, and what is expected of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use tempfile::TempDir;
use zenml_tflint::environment::Environment;
use zenml_tflint::lint::{Outcome, lint};
use zenml_tflint::settings::Settings;
use zenml_tflint::terraform::RunInput;

/// 2026-01-01, in seconds since 1970.
pub const NOW: i64 = 1_767_225_600;

const PRELUDE: &str = r#"terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}

variable "key" {
  type      = string
  sensitive = true
}

variable "token" {
  type      = string
  sensitive = true
}
"#;

/// A made-up API key of the right shape; `seed` tells several apart.
pub fn api_key(seed: u8) -> String {
    let id = format!("{seed:02x}345678-1234-4abc-8def-1234567890ab");
    let secret = format!("{seed:02x}").repeat(32);
    let json = format!(r#"{{"id":"{id}","key":"{secret}"}}"#);
    format!("ZENKEY_{}", STANDARD.encode(json))
}

/// A made-up token that expires at a time in seconds since 1970.
pub fn jwt(expires: i64) -> String {
    let part = |json: String| URL_SAFE_NO_PAD.encode(json);
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"HS256","typ":"JWT"}"#.to_owned()),
        part(format!(r#"{{"sub":"made-up","iat":1.5,"exp":{expires}}}"#)),
        part("not a signature".to_owned())
    )
}

/// A text with made-up credentials in the place of their names in double braces.
pub fn with_credentials(text: &str) -> String {
    text.replace("{{api-key}}", &api_key(7))
        .replace("{{jwt}}", &jwt(NOW + 3600))
        .replace("{{expired-jwt}}", &jwt(1_704_067_200))
}

/// A small repository on disk, and the findings that its text expects.
pub struct Fixture {
    pub directory: TempDir,
    pub settings: Settings,
    /// `path:line rule`, sorted.
    pub expected: Vec<String>,
}

impl Fixture {
    /// Reads a fixture as `tests/fixtures/README.md` describes it.
    pub fn new(text: &str) -> Self {
        let text = with_credentials(text);
        let mut expected = Vec::new();
        let mut settings = Settings {
            now: NOW,
            ..Settings::default()
        };
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        if !text.starts_with("# bare\n") {
            files.insert("prelude.tf".to_owned(), PRELUDE.to_owned());
        }
        let mut environment = Vec::new();
        let mut path = "main.tf".to_owned();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("# file: ") {
                path = name.trim().to_owned();
                files.entry(path.clone()).or_default();
            } else if let Some(expectation) = line.strip_prefix("# expect: ") {
                expected.push(expectation.trim().to_owned());
            } else if let Some(given) = line.strip_prefix("# env: ") {
                let (name, value) = given.split_once('=').unwrap();
                environment.push((name.to_owned(), value.to_owned()));
            } else if let Some(given) = line.strip_prefix("# var: ") {
                let (name, value) = given.split_once('=').unwrap();
                settings.variables.push(RunInput::Var {
                    name: name.to_owned(),
                    text: value.to_owned(),
                });
            } else if let Some(file) = line.strip_prefix("# var-file: ") {
                settings
                    .variables
                    .push(RunInput::VarFile(file.trim().into()));
            } else if line != "# bare" {
                let file = files.entry(path.clone()).or_default();
                let number = file.lines().count() + 1;
                let (code, rules) = line.split_once("#~").unwrap_or((line, ""));
                let rules = rules.split(',').map(str::trim).filter(|r| !r.is_empty());
                expected.extend(rules.map(|rule| format!("{path}:{number} {rule}")));
                file.push_str(code.trim_end());
                file.push('\n');
            }
        }
        expected.sort();
        settings.environment = environment.into_iter().collect::<Environment>();
        let directory = write_files(&files);
        settings.directory = directory.path().canonicalize().unwrap();
        Self {
            directory,
            settings,
            expected,
        }
    }

    /// Checks the repository.
    pub fn check(&self) -> Outcome {
        lint(&self.settings).unwrap()
    }
}

/// A repository with these files.
pub fn write_files(files: &BTreeMap<String, String>) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join(".git")).unwrap();
    for (name, text) in files {
        write_file(directory.path(), name, text);
    }
    directory
}

/// A repository with these files, each a name and a text.
pub fn repository(files: &[(&str, &str)]) -> TempDir {
    let owned = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    write_files(&owned.collect())
}

/// Writes one file, with the folders above it.
pub fn write_file(directory: &Path, name: &str, text: &str) {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The findings of a run as `path:line rule`, sorted.
pub fn found(outcome: &Outcome) -> Vec<String> {
    let mut found: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| {
            let file = outcome.sources().get(finding.primary.file).unwrap();
            let line = file.position(finding.primary.span.start as usize).line;
            format!("{}:{line} {}", file.display, finding.rule)
        })
        .collect();
    found.sort();
    found
}
