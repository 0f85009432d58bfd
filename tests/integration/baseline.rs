//! An old repository begins with a baseline: what is in it is let be, everything else is found.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

use std::fs;
use std::path::Path;

use crate::support::program::{Run, run};
use crate::support::{api_key, repository, write_file};
use serde_json::Value;
use tempfile::TempDir;

const FILE: &str = ".zenml-tflint-baseline.json";

const HEAD: &str = r#"terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}
"#;

fn block(alias: &str, url: &str) -> String {
    format!("provider \"zenml\" {{\n  alias      = \"{alias}\"\n  server_url = \"{url}\"\n}}\n")
}

const SLASH: &str = "https://a.mycompany.com/";

/// A module with one trailing slash for each alias.
fn slashes(aliases: &[&str]) -> String {
    let blocks: String = aliases.iter().map(|alias| block(alias, SLASH)).collect();
    format!("{HEAD}{blocks}")
}

const ONLY: &[&str] = &["--select", "server-url-trailing-slash,hardcoded-secret"];

fn with(directory: &Path, arguments: &[&str]) -> Run {
    run(directory, &[ONLY, arguments].concat())
}

fn write(directory: &TempDir) -> String {
    let run = with(directory.path(), &["--write-baseline"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    run.stdout
}

/// What is found although there is the baseline.
fn new(directory: &TempDir) -> Vec<String> {
    let run = with(
        directory.path(),
        &["--baseline", FILE, "--output-format", "json"],
    );
    assert_eq!(
        run.code,
        i32::from(!run.findings().is_empty()),
        "{}",
        run.stderr
    );
    run.findings()
}

fn stale(directory: &TempDir) -> String {
    with(
        directory.path(),
        &["--baseline", FILE, "--output-format", "json"],
    )
    .stderr
}

#[test]
fn what_is_in_the_baseline_is_let_be() {
    let directory = repository(&[
        ("m/main.tf", &slashes(&["a", "b"])),
        ("n/main.tf", &slashes(&["a"])),
    ]);
    assert_eq!(write(&directory), format!("Wrote 3 findings to {FILE}.\n"));
    assert_eq!(new(&directory), Vec::<String>::new());
    assert_eq!(stale(&directory), "");
    let human = with(directory.path(), &["--baseline", FILE]);
    assert_eq!(
        human.stdout,
        "No new problems found in 2 files (3 in the baseline).\n"
    );
    // The same findings, from another directory and with another base.
    let inside = run(
        &directory.path().join("m"),
        &[
            "--baseline",
            "../.zenml-tflint-baseline.json",
            "--select",
            "server-url-trailing-slash",
        ],
    );
    assert_eq!((inside.code, inside.stderr.as_str()), (0, ""));
}

#[test]
fn entries_survive_moved_and_realigned_lines() {
    let directory = repository(&[("main.tf", &slashes(&["a", "b"]))]);
    write(&directory);
    let moved = slashes(&["a", "b"]).replace("server_url =", "\n\n  # why\n  server_url   =");
    write_file(
        directory.path(),
        "main.tf",
        &format!("\u{feff}# a new line\r\n{moved}"),
    );
    assert_eq!(new(&directory), Vec::<String>::new());
    assert_eq!(stale(&directory), "");
}

#[test]
fn entries_survive_renamed_directories_and_files() {
    let directory = repository(&[
        ("old/a/main.tf", &slashes(&["a"])),
        ("old/b/main.tf", &slashes(&["a", "b"])),
    ]);
    write(&directory);
    fs::rename(directory.path().join("old"), directory.path().join("new")).unwrap();
    fs::rename(
        directory.path().join("new/a/main.tf"),
        directory.path().join("new/a/provider.tf"),
    )
    .unwrap();
    assert_eq!(new(&directory), Vec::<String>::new());
    assert_eq!(stale(&directory), "");
}

#[test]
fn a_copy_is_new() {
    let directory = repository(&[("a/main.tf", &slashes(&["a"]))]);
    write(&directory);
    write_file(directory.path(), "b/main.tf", &slashes(&["a"]));
    assert_eq!(new(&directory), ["b/main.tf:11 server-url-trailing-slash"]);
}

#[test]
fn what_occurs_once_more_is_new() {
    let directory = repository(&[("main.tf", &slashes(&["a", "b"]))]);
    write(&directory);
    write_file(directory.path(), "main.tf", &slashes(&["a", "b", "c"]));
    assert_eq!(new(&directory), ["main.tf:19 server-url-trailing-slash"]);
    assert_eq!(stale(&directory), "");
    write_file(
        directory.path(),
        "main.tf",
        &slashes(&["a", "b"]).replace("a.mycompany", "b.mycompany"),
    );
    assert_eq!(new(&directory).len(), 2);
}

#[test]
fn stale_entries_are_named_where_they_were_looked_for() {
    let directory = repository(&[
        ("a/main.tf", &slashes(&["a", "b"])),
        ("b/main.tf", &slashes(&["a"])),
    ]);
    write(&directory);
    write_file(directory.path(), "a/main.tf", HEAD);
    let said = stale(&directory);
    assert!(
        said.starts_with("2 findings of the baseline are gone"),
        "{said}"
    );
    assert!(
        said.contains("a/main.tf: server-url-trailing-slash (2 times)"),
        "{said}"
    );
    for arguments in [
        &["b"][..],
        &["--ignore", "server-url-trailing-slash"],
        &["--exclude", "a"],
        &["--quiet"],
    ] {
        let run = with(
            directory.path(),
            &[arguments, &["--baseline", FILE]].concat(),
        );
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    }
    fs::remove_dir_all(directory.path().join("a")).unwrap();
    assert!(stale(&directory).starts_with("2 findings"));
    let again = with(directory.path(), &["--baseline", FILE, "--write-baseline"]);
    assert_eq!(again.stdout, format!("Wrote 1 finding to {FILE}.\n"));
    assert_eq!(stale(&directory), "");
}

#[test]
fn writing_a_part_keeps_the_rest() {
    let directory = repository(&[
        ("a/main.tf", &slashes(&["a"])),
        ("b/main.tf", &slashes(&["a"])),
    ]);
    write(&directory);
    write_file(directory.path(), "a/main.tf", HEAD);
    let part = with(directory.path(), &["a", "--write-baseline"]);
    assert_eq!(
        part.stdout,
        format!("Wrote 0 findings to {FILE}, and kept 1 that this run did not look at.\n")
    );
    let other = run(
        directory.path(),
        &[
            "--select",
            "unpinned-provider",
            "--write-baseline",
            "--quiet",
        ],
    );
    assert_eq!((other.code, other.stdout.as_str()), (0, ""));
    assert_eq!(new(&directory), Vec::<String>::new());
}

#[test]
fn the_same_findings_give_the_same_file() {
    let directory = repository(&[
        ("a/main.tf", &slashes(&["b", "a"])),
        ("b/main.tf", &slashes(&["a"])),
    ]);
    write(&directory);
    let read = || fs::read_to_string(directory.path().join(FILE)).unwrap();
    let first = read();
    assert_eq!(first.lines().count(), 7, "{first}");
    let json: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(json["baseline_version"], 1);
    assert_eq!(json["findings"][0]["count"], 2);
    with(directory.path(), &["--write-baseline", "--jobs", "1"]);
    assert_eq!(read(), first);
}

#[test]
fn no_secret_is_in_a_baseline() {
    let key = api_key(5);
    let text = format!("{HEAD}provider \"zenml\" {{\n  api_key = \"{key}\" # {key}\n}}\n");
    let directory = repository(&[("main.tf", &text), (&format!("{key}/main.tf"), &text)]);
    write(&directory);
    let baseline = fs::read_to_string(directory.path().join(FILE)).unwrap();
    assert!(baseline.contains("hardcoded-secret"));
    assert!(!baseline.contains(&key[7..30]), "{baseline}");
    assert_eq!(new(&directory), Vec::<String>::new());
}

#[test]
fn what_is_in_the_baseline_is_never_mended() {
    let both = format!("{HEAD}provider \"zenml\" {{ server_url = \"http://a.mycompany.com/\" }}\n");
    let directory = repository(&[("main.tf", &both)]);
    let slash = &["--select", "server-url-trailing-slash"];
    run(
        directory.path(),
        &[slash, &["--write-baseline"][..]].concat(),
    );
    // The other finding of the line is mended, which makes it another line: the known one stays known.
    let fixed = run(
        directory.path(),
        &[
            "--baseline",
            FILE,
            "--fix",
            "--unsafe-fixes",
            "--select",
            "server-url-trailing-slash,insecure-server-url",
        ],
    );
    assert_eq!(
        (fixed.code, fixed.stderr.as_str()),
        (0, ""),
        "{}",
        fixed.stdout
    );
    assert!(
        fixed
            .stdout
            .starts_with("Fixed main.tf\nFixed 1 finding. No new problems found"),
        "{}",
        fixed.stdout
    );
    let text = fs::read_to_string(directory.path().join("main.tf")).unwrap();
    assert!(text.contains("\"https://a.mycompany.com/\""), "{text}");
}

#[test]
fn a_diff_leaves_out_what_is_known() {
    let directory = repository(&[("main.tf", &slashes(&["a"]))]);
    write(&directory);
    let diff = with(directory.path(), &["--baseline", FILE, "--diff"]);
    assert_eq!((diff.code, diff.stdout.as_str()), (0, ""));
}

#[test]
fn what_is_no_baseline_is_refused() {
    let directory = repository(&[("main.tf", &slashes(&["a"]))]);
    let entry = r#"{"path": "a", "rule": "b", "context": "c", "count": 1}"#;
    let cases = [
        ("", "is not a baseline"),
        ("[]", "is not a baseline"),
        (
            "{\n  \"baseline_version\": 1,\n  \"findings\": [\n",
            "line 4",
        ),
        (r#"{"baseline_version": 2, "findings": []}"#, "version 2"),
        (
            r#"{"baseline_version": -1, "findings": []}"#,
            "is not a baseline",
        ),
        (r#"{"findings": []}"#, "baseline_version"),
        (r#"{"baseline_version": 1, "findings": [{}]}"#, "path"),
        (
            r#"{"baseline_version": 1, "findings": [], "more": 1}"#,
            "line 1",
        ),
        (
            &format!(
                r#"{{"baseline_version": 1, "findings": [{}]}}"#,
                entry.replace("1}", "0}")
            ),
            "line 1",
        ),
        (&"[".repeat(100_000), "is not a baseline"),
    ];
    for (text, said) in cases {
        write_file(directory.path(), "b.json", text);
        for arguments in [
            &["--baseline", "b.json"][..],
            &["--baseline", "b.json", "--write-baseline"],
        ] {
            let run = with(directory.path(), arguments);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{text}");
            assert!(
                run.stderr.starts_with("zenml-tflint: b.json: ") && run.stderr.contains(said),
                "{}",
                run.stderr
            );
        }
        assert_eq!(
            fs::read_to_string(directory.path().join("b.json")).unwrap(),
            text
        );
    }
    fs::write(directory.path().join("b.json"), b"\xff").unwrap();
    assert_eq!(with(directory.path(), &["--baseline", "b.json"]).code, 2);
    let missing = with(directory.path(), &["--baseline", "none.json"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing
            .stderr
            .contains("none.json: there is no such baseline")
    );
    #[cfg(target_os = "linux")]
    for arguments in [
        &["--baseline", "/dev/zero"][..],
        &["--baseline", "/dev/zero", "--write-baseline"],
    ] {
        let endless = with(directory.path(), arguments);
        let said = "zenml-tflint: /dev/zero: cannot be read: it is not a regular file\n";
        assert_eq!((endless.code, endless.stderr.as_str()), (2, said));
    }
    let unwritable = with(
        directory.path(),
        &["--baseline", "none/b.json", "--write-baseline"],
    );
    assert_eq!(unwritable.code, 2);
}

#[test]
fn huge_counts_are_only_counts() {
    let directory = repository(&[("main.tf", &slashes(&["a"]))]);
    write(&directory);
    let path = directory.path().join(FILE);
    let text = fs::read_to_string(&path).unwrap();
    let huge = text.replace("\"count\":1", &format!("\"count\":{}", usize::MAX));
    let line = huge.lines().find(|line| line.contains("count")).unwrap();
    fs::write(&path, huge.replace(line, &format!("{line},\n{line}"))).unwrap();
    assert_eq!(new(&directory), Vec::<String>::new());
}

#[test]
fn a_baseline_is_written_alone() {
    let directory = repository(&[("main.tf", &slashes(&["a"]))]);
    for other in [
        &["--fix"][..],
        &["--diff"],
        &["--output-format", "json"],
        &["--output-file", "x"],
    ] {
        let run = with(directory.path(), &[&["--write-baseline"], other].concat());
        assert_eq!(run.code, 2, "{other:?}");
        assert!(!directory.path().join(FILE).exists());
    }
}
