//! The program as it is called: exit codes, standard output and standard error.

use std::fs;
use std::process::{Output, Stdio};

use assert_cmd::Command;
use tempfile::TempDir;

/// A repository with one file.
fn repository(main: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join(".git")).unwrap();
    let text = crate::support::with_credentials(main);
    fs::write(directory.path().join("main.tf"), text).unwrap();
    directory
}

fn command(directory: &TempDir) -> Command {
    let mut command = Command::cargo_bin("zenml-tflint").unwrap();
    command.current_dir(directory).env_clear();
    command
}

fn run(directory: &TempDir, arguments: &str) -> Output {
    command(directory)
        .args(arguments.split_whitespace())
        .output()
        .unwrap()
}

const BAD: &str = r#"
terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}

provider "zenml" {
  server_url = "https://ml.example.net/"
  api_key    = "{{api-key}}"
}
"#;

#[test]
fn exit_codes() {
    let directory = repository(BAD);
    let ignored = repository(&format!("# zenml-tflint-ignore-file: all\n{BAD}"));
    let broken = repository("provider \"zenml\" {");
    for (directory, arguments, code) in [
        (&directory, "", 1),
        (&directory, "main.tf", 1),
        (&directory, "--fail-on never", 0),
        (&directory, "--select prefer-api-key", 0),
        (
            &directory,
            "--ignore server-url-trailing-slash,hardcoded-secret",
            0,
        ),
        (&directory, "--exclude main.tf", 0),
        (&directory, "missing.tf", 2),
        (&directory, "main.tf missing.tf --fail-on never", 2),
        (&directory, "--select no-such-rule", 2),
        (&directory, "--var no_such_variable=1", 2),
        (&directory, "--var-file missing.tfvars", 2),
        (&directory, "--env-file missing.env", 2),
        (&directory, "--no-such-option", 2),
        (&directory, "explain no-such-rule", 2),
        (&directory, "explain hardcoded-secret", 0),
        (&directory, "rules", 0),
        (&directory, "--help", 0),
        (&directory, "--version", 0),
        (&ignored, "", 0),
        (&broken, "", 1),
    ] {
        let output = run(directory, arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{arguments}: {text}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let is_nothing = stderr == "No ZenML configuration found under .\n";
        assert_eq!(is_nothing, arguments == "--exclude main.tf", "{stderr}");
        assert_eq!(
            stderr.is_empty() || is_nothing,
            code != 2,
            "{arguments}: trouble is named, and only that"
        );
    }
}

#[test]
fn no_output_shows_the_secret() {
    let directory = repository(BAD);
    let secret = crate::support::api_key(7);
    for arguments in [
        "--verbose --statistics --color always",
        "--output-format concise",
        "--output-format json",
        "--select ZENKEY_0123456789abcdef",
    ] {
        let output = run(&directory, arguments);
        for text in [output.stdout, output.stderr] {
            let text = String::from_utf8(text).unwrap();
            for start in 7..secret.len() - 12 {
                let part = secret.get(start..start + 12).unwrap();
                assert!(!text.contains(part), "{arguments}: {text}");
            }
            assert!(!text.contains("0123456789ab"), "{arguments}: {text}");
        }
    }
}

#[test]
fn standard_input_stands_in_for_a_file() {
    let directory = repository("");
    let text = crate::support::with_credentials(BAD);
    for (arguments, path) in [
        ("-", "<stdin>:"),
        ("- --stdin-filename main.tf", "main.tf:"),
    ] {
        let output = command(&directory)
            .args(arguments.split_whitespace())
            .args(["--output-format", "concise"])
            .write_stdin(text.clone())
            .output()
            .unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{shown}");
        assert!(shown.lines().all(|line| line.starts_with(path)), "{shown}");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_trouble() {
    let directory = repository(&format!("{BAD}{}", "# more\n".repeat(10)));
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("zenml-tflint"))
        .current_dir(&directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn quiet_leaves_out_the_summary() {
    let directory = repository(BAD);
    let shown = |arguments| String::from_utf8(run(&directory, arguments).stdout).unwrap();
    assert!(shown("").contains("\nFound 2 errors"));
    assert!(!shown("--quiet").contains("\nFound "));
    assert_eq!(shown("--quiet --select prefer-api-key"), "");
    assert_eq!(
        shown("--select prefer-api-key"),
        "No problems found in 1 file.\n"
    );
}
