//! `--show-values`: what nothing permits is shown to the one at the terminal, and to nobody else.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::program::{Run, program, run};
use crate::support::{api_key, repository};

const HEAD: &str = "terraform {\n  required_providers {\n    zenml = {\n      source  = \"zenml-io/zenml\"\n      version = \"~> 3.0\"\n    }\n  }\n}\n";

/// Runs a command whose standard output is a terminal. What it writes there has `\r\n` at the ends of lines.
fn at_terminal(command: &mut Command) -> Run {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
    let program_side = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let child = command
        .stdin(Stdio::null())
        .stdout(program_side)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The last handle of the program's side must go, else the terminal never ends.
    command.stdout(Stdio::null());
    let stdout = read(File::from(terminal));
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: stdout.replace("\r\n", "\n"),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// All that is written to a terminal, which ends with an error of its own on Linux.
fn read(mut terminal: File) -> String {
    let mut all = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match terminal.read(&mut buffer) {
            Ok(0) | Err(_) => return String::from_utf8(all).unwrap(),
            Ok(length) => all.extend(buffer.iter().take(length)),
        }
    }
}

/// A value beside a finding, a comment, and a credential by its place and one by its shape.
fn main_tf() -> String {
    let key = api_key(5);
    format!(
        "{HEAD}\nprovider \"zenml\" {{\n  # a remark beside\n  server_url = \"https://a.mycompany.com/\"\n  api_key    = local.chosen\n}}\n\nlocals {{\n  beside = \"open-passage\"\n  chosen = \"hidden-passage\"\n  shaped = \"{key}\"\n}}\n"
    )
}

#[test]
fn a_terminal_gets_what_nothing_permits_but_no_credentials() {
    let directory = repository(&[("main.tf", &main_tf())]);
    let masked = at_terminal(&mut program(directory.path()));
    let mut command = program(directory.path());
    let shown = at_terminal(command.args(["--show-values"]));
    assert_eq!((masked.code, shown.code), (1, 1), "{}", shown.stderr);
    for text in ["a remark beside", "open-passage"] {
        assert!(!masked.stdout.contains(text), "{}", masked.stdout);
        assert!(shown.stdout.contains(text), "{}", shown.stdout);
    }
    let key = api_key(5);
    for text in ["hidden-passage", &key[10..18]] {
        assert!(!shown.stdout.contains(text), "{}", shown.stdout);
    }
}

#[test]
fn a_diff_at_a_terminal_shows_them_too() {
    let directory = repository(&[("main.tf", &main_tf())]);
    let mut command = program(directory.path());
    let masked = at_terminal(command.arg("--diff"));
    let mut command = program(directory.path());
    let shown = at_terminal(command.args(["--diff", "--show-values"]));
    assert!(masked.stdout.contains("server_url"), "{}", masked.stdout);
    assert!(!masked.stdout.contains("a remark beside"));
    assert!(
        shown.stdout.contains("# a remark beside"),
        "{}",
        shown.stdout
    );
    let mut command = program(directory.path());
    let fixed = at_terminal(command.args(["--fix", "--show-values"]));
    assert!(fixed.stdout.contains("Fixed main.tf"), "{}", fixed.stdout);
    assert!(fixed.stdout.contains("open-passage"), "{}", fixed.stdout);
    assert!(!fixed.stdout.contains("hidden-passage"), "{}", fixed.stdout);
}

#[test]
fn nobody_else_gets_them() {
    let directory = repository(&[("main.tf", &main_tf())]);
    let refused = |run: Run, why: &str| {
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(why), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    };
    let piped = run(directory.path(), &["--show-values"]);
    refused(piped, "standard output is no terminal");
    for arguments in [
        &["--show-values", "--output-format", "json"][..],
        &["--show-values", "--output-format", "concise"],
        &["--show-values", "--output-format", "human=report.txt"],
        &["--show-values", "--diff", "--output-format", "json"],
    ] {
        let mut command = program(directory.path());
        refused(at_terminal(command.args(arguments)), "`human`");
    }
    for ci in ["true", "1"] {
        let mut command = program(directory.path());
        command.env("CI", ci).arg("--show-values");
        refused(at_terminal(&mut command), "`CI`");
    }
    for ci in ["", "0", "false"] {
        let mut command = program(directory.path());
        command.env("CI", ci).arg("--show-values");
        assert_eq!(at_terminal(&mut command).code, 1, "{ci}");
    }
}
