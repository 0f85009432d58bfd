//! The program run as a user runs it: in a directory, with an environment of its own, with a limit of time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// No input makes a check take longer, in a debug build beside other tests.
const LIMIT: Duration = Duration::from_secs(20);

/// What a run left.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The program with a cleared environment, to run in a directory.
pub fn program(directory: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("zenml-tflint"));
    command.current_dir(directory).env_clear();
    command
}

/// Runs the program to its end.
pub fn run(directory: &Path, arguments: &[&str]) -> Run {
    finish(program(directory).args(arguments), "")
}

/// Runs the program with a text on standard input.
pub fn run_with_input(directory: &Path, arguments: &[&str], input: &str) -> Run {
    finish(program(directory).args(arguments), input)
}

/// Runs a command to its end; one that hangs or dies of a signal fails the test.
pub fn finish(command: &mut Command, input: &str) -> Run {
    finish_within(LIMIT, command, input)
}

/// The same with another limit of time.
pub fn finish_within(limit: Duration, command: &mut Command, input: &str) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    let waiter = thread::spawn(move || sender.send(child.wait_with_output().unwrap()));
    let Ok(output) = receiver.recv_timeout(limit) else {
        let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        panic!("{command:?} takes longer than {limit:?}");
    };
    waiter.join().unwrap().unwrap();
    // A program that does not read all of its input closes it.
    let _ = writer.join().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let Some(code) = output.status.code() else {
        panic!("{command:?} died: {}\n{stderr}", output.status);
    };
    assert!(!stderr.contains("panicked at"), "{stderr}");
    Run {
        code,
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr,
    }
}

impl Run {
    /// The report of `--output-format json`.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// `path:line rule` of every finding of a JSON report, in its order.
    pub fn findings(&self) -> Vec<String> {
        let json = self.json();
        let findings = json["findings"].as_array().unwrap();
        let short = |finding: &serde_json::Value| {
            let path = finding["path"].as_str().unwrap();
            let rule = finding["rule"].as_str().unwrap();
            format!("{path}:{} {rule}", finding["start"]["line"])
        };
        findings.iter().map(short).collect()
    }

    /// The rules of a JSON report's findings, each once, sorted.
    pub fn rules(&self) -> Vec<String> {
        let findings = self.findings();
        let mut rules: Vec<String> = findings
            .iter()
            .map(|finding| finding.rsplit(' ').next().unwrap().to_owned())
            .collect();
        rules.sort();
        rules.dedup();
        rules
    }
}
