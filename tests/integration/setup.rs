//! How the program comes into a repository: `init`, completions, the manual page.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

use std::fs;
use std::process::Command;

use crate::support::program::{finish, run};
use crate::support::{repository, write_file};
use regex::Regex;

const CONFIGURATION: &str = ".zenml-tflint.toml";
const HOOKS: &str = ".pre-commit-config.yaml";

#[test]
fn init_writes_a_configuration_that_says_nothing_yet() {
    let directory = repository(&[]);
    let first = run(directory.path(), &["init"]);
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    let read = |name| fs::read_to_string(directory.path().join(name)).unwrap();
    let text = read(CONFIGURATION);
    assert_eq!(text.parse::<toml::Table>().unwrap(), toml::Table::new());
    let setting = Regex::new(r"(?m)^# (\[|[a-z-]+ = )").unwrap();
    let settings = setting.replace_all(&text, "$1").into_owned();
    let settings: toml::Table = settings.parse().unwrap();
    assert_eq!(settings["fail-on"].as_str(), Some("warning"));
    assert_eq!(
        settings["custom"][0]["argument"].as_str(),
        Some("server_url")
    );
    let hooks = read(HOOKS);
    assert!(hooks.contains(env!("CARGO_PKG_REPOSITORY")) && hooks.contains("- id: zenml-tflint\n"));

    let schema = text.lines().next().unwrap();
    assert!(schema.starts_with(concat!("#:schema ", env!("CARGO_PKG_REPOSITORY"), "/")));
    assert!(schema.ends_with("/docs/config.schema.json"), "{schema}");

    let again = run(directory.path(), &["init"]);
    assert_eq!((again.code, again.stdout.as_str()), (2, ""));
    assert!(again.stderr.contains(".zenml-tflint.toml is there already"));
    assert_eq!((read(CONFIGURATION), read(HOOKS)), (text, hooks));
}

#[test]
fn init_leaves_other_hooks_alone() {
    let directory = repository(&[(HOOKS, "repos: []\n")]);
    let run = run(directory.path(), &["init"]);
    assert_eq!(run.code, 0);
    assert!(
        run.stdout.contains("- id: zenml-tflint\n"),
        "{}",
        run.stdout
    );
    let hooks = fs::read_to_string(directory.path().join(HOOKS)).unwrap();
    assert_eq!(hooks, "repos: []\n");
}

#[test]
fn init_writes_the_hook_at_the_top_of_the_repository() {
    let directory = repository(&[("infra/main.tf", "")]);
    let first = run(&directory.path().join("infra"), &["init"]);
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    assert!(
        first.stdout.contains("Wrote ../.pre-commit-config.yaml"),
        "{}",
        first.stdout
    );
    assert!(directory.path().join("infra").join(CONFIGURATION).exists());
    assert!(directory.path().join(HOOKS).exists());
}

#[test]
fn every_shell_gets_completions() {
    let directory = repository(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = run(directory.path(), &["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        for word in ["zenml-tflint", "output-format", "explain"] {
            assert!(run.stdout.contains(word), "{shell}: {word}");
        }
    }
    let script = run(directory.path(), &["completions", "bash"]).stdout;
    write_file(directory.path(), "completions.bash", &script);
    let mut bash = Command::new("bash");
    bash.args(["-n", "completions.bash"])
        .current_dir(directory.path());
    assert_eq!(finish(&mut bash, "").code, 0);
    assert_eq!(run(directory.path(), &["completions", "tcsh"]).code, 2);
}

#[test]
fn the_manual_page_has_every_option() {
    let directory = repository(&[]);
    let page = run(directory.path(), &["man"]).stdout.replace('\\', "");
    for word in [
        ".TH zenml-tflint",
        "--output-file",
        "--write-baseline",
        "Exit codes",
    ] {
        assert!(page.contains(word), "{word}");
    }
    let page = run(directory.path(), &["man", "eval"])
        .stdout
        .replace('\\', "");
    let version = env!("CARGO_PKG_VERSION");
    assert!(page.contains(&format!("zenml-tflint {version}")), "{page}");
    assert!(page.contains(".TH zenml-tflint-eval") && page.contains("--show-sensitive"));
    let none = run(directory.path(), &["man", "evla"]);
    assert_eq!((none.code, none.stdout.as_str()), (2, ""));
}
