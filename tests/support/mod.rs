//! Small repositories written as one text, and what is expected of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod program;
pub mod server;
pub mod venv;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use tempfile::TempDir;
use zenml_tflint::environment::Environment;
use zenml_tflint::fix::mend;
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
    let replace =
        |text: String, (name, credential): (&str, String)| text.replace(name, &credential);
    credentials().into_iter().fold(text.to_owned(), replace)
}

/// The same text with the names in the place of the credentials.
pub fn without_credentials(text: &str) -> String {
    let replace =
        |text: String, (name, credential): (&str, String)| text.replace(&credential, name);
    credentials().into_iter().fold(text.to_owned(), replace)
}

fn credentials() -> [(&'static str, String); 3] {
    [
        ("{{api-key}}", api_key(7)),
        ("{{jwt}}", jwt(NOW + 3600)),
        ("{{expired-jwt}}", jwt(1_704_067_200)),
    ]
}

/// The texts of files by their paths.
pub type Files = BTreeMap<String, String>;

/// A small repository, and the findings that its text expects. It is on disk from the first time that it is checked.
pub struct Fixture {
    /// What the run is given, apart from the directory.
    pub settings: Settings,
    directory: OnceCell<TempDir>,
    /// The texts of the repository.
    pub files: Files,
    /// `path:line rule`, sorted.
    pub expected: Vec<String>,
    /// The files that safe fixes change, where the fixture tells; none: they change nothing.
    pub fixed: Option<Files>,
    /// The files that all fixes together change, where they do more than the safe ones.
    pub fixed_unsafe: Option<Files>,
}

/// What the lines that come next in a fixture belong to.
enum Section {
    File(String),
    Fixed(String),
    FixedUnsafe(String),
}

/// A fixture while its lines are read.
#[derive(Default)]
struct Reading {
    settings: Settings,
    environment: Vec<(String, String)>,
    files: Files,
    expected: Vec<String>,
    fixed: Option<Files>,
    fixed_unsafe: Option<Files>,
}

impl Reading {
    /// Takes a line that sets something or begins a section; `None` for any other.
    fn direct(&mut self, line: &str, section: &mut Section) -> Option<()> {
        let (word, rest) = line.strip_prefix("# ")?.split_once(": ")?;
        let rest = rest.trim().to_owned();
        let name_and_value = || {
            let (name, value) = rest.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        match word {
            "file" => {
                self.files.entry(rest.clone()).or_default();
                *section = Section::File(rest);
            }
            "fixed" => {
                let fixed = self.fixed.get_or_insert_default();
                fixed.insert(rest.clone(), String::new());
                *section = Section::Fixed(rest);
            }
            "fixed-unsafe" => {
                let fixed = self.fixed_unsafe.get_or_insert_default();
                fixed.insert(rest.clone(), String::new());
                *section = Section::FixedUnsafe(rest);
            }
            "expect" => self.expected.push(rest),
            "env" => self.environment.push(name_and_value()),
            "var" => {
                let (name, text) = name_and_value();
                self.settings.variables.push(RunInput::Var { name, text });
            }
            "var-file" => {
                let file = RunInput::VarFile(rest.into());
                self.settings.variables.push(file);
            }
            _ => return None,
        }
        Some(())
    }

    fn add(&mut self, line: &str, section: &Section) {
        match section {
            Section::File(path) => {
                let file = self.files.entry(path.clone()).or_default();
                let number = file.lines().count() + 1;
                let (code, rules) = line.split_once("#~").unwrap_or((line, ""));
                let rules = rules.split(',').map(str::trim).filter(|r| !r.is_empty());
                let expected = rules.map(|rule| format!("{path}:{number} {rule}"));
                self.expected.extend(expected);
                push_line(file, code.trim_end());
            }
            Section::Fixed(path) => push_line(text_of(&mut self.fixed, path), line),
            Section::FixedUnsafe(path) => push_line(text_of(&mut self.fixed_unsafe, path), line),
        }
    }
}

fn text_of<'f>(files: &'f mut Option<Files>, path: &str) -> &'f mut String {
    files.as_mut().unwrap().get_mut(path).unwrap()
}

fn push_line(file: &mut String, line: &str) {
    file.push_str(line);
    file.push('\n');
}

impl Fixture {
    /// Reads a fixture as `tests/fixtures/README.md` describes it.
    pub fn new(text: &str) -> Self {
        let text = with_credentials(text);
        let mut reading = Reading {
            settings: Settings {
                now: NOW,
                ..Settings::default()
            },
            ..Reading::default()
        };
        if !text.starts_with("# bare\n") {
            let prelude = ("prelude.tf".to_owned(), PRELUDE.to_owned());
            reading.files.extend([prelude]);
        }
        let mut section = Section::File("main.tf".to_owned());
        for line in text.lines().filter(|line| *line != "# bare") {
            if reading.direct(line, &mut section).is_none() {
                reading.add(line, &section);
            }
        }
        reading.expected.sort();
        // The blank line before a section is not a part of the file above it.
        let fixed = [&mut reading.fixed, &mut reading.fixed_unsafe];
        let fixed = fixed.into_iter().flatten().flat_map(Files::values_mut);
        for text in reading.files.values_mut().chain(fixed) {
            text.truncate(text.trim_end().len());
            text.push_str(if text.is_empty() { "" } else { "\n" });
        }
        reading.settings.environment = reading.environment.into_iter().collect::<Environment>();
        Self {
            directory: OnceCell::new(),
            settings: reading.settings,
            files: reading.files,
            expected: reading.expected,
            fixed: reading.fixed,
            fixed_unsafe: reading.fixed_unsafe,
        }
    }

    /// Where the repository is on disk.
    pub fn directory(&self) -> &Path {
        let write = || write_files(&self.files);
        self.directory.get_or_init(write).path()
    }

    fn settings(&self) -> Settings {
        Settings {
            directory: self.directory().canonicalize().unwrap(),
            ..self.settings.clone()
        }
    }

    /// Checks the repository.
    pub fn check(&self) -> Outcome {
        lint(&self.settings()).unwrap()
    }

    /// Changes every text of the repository, and what fixes are to leave of it, in the same manner.
    pub fn rewrite(&mut self, change: impl Fn(&str) -> String) {
        let is_there = |path: &str| self.files.contains_key(path);
        for fixed in [&mut self.fixed, &mut self.fixed_unsafe] {
            for (path, text) in fixed.iter_mut().flatten() {
                *text = match is_there(path) {
                    true => change(text),
                    // All that a file which a fix makes takes over is how lines end.
                    false if change("a\nb") == "a\r\nb" => change(text),
                    false => text.clone(),
                };
            }
        }
        for text in self.files.values_mut() {
            *text = change(text);
        }
        self.directory = OnceCell::new();
    }

    /// The files that fixes change, with what these leave of them.
    pub fn mend(&self, unsafe_too: bool) -> Files {
        let mended = mend(&self.settings(), unsafe_too).unwrap();
        let changes = mended.changes.into_iter();
        changes
            .map(|change| (change.display, change.after))
            .collect()
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
