//! Every literal is judged however many callers, runs and instances there are; what is left out is said.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::program::run;
use crate::support::repository;

const HEAD: &str = r#"terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}
"#;

const CHILD: &str = "variable \"url\" {\n}\n\nprovider \"zenml\" {\n  server_url = var.url\n}\n";

/// How many trailing slashes are found in files of these names and texts; nothing is left out.
fn slashes(files: &[(String, String)]) -> usize {
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    let directory = repository(&files);
    let run = run(directory.path(), &["--output-format", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let findings = run.findings().into_iter();
    findings
        .filter(|finding| finding.ends_with(" server-url-trailing-slash"))
        .count()
}

fn named(name: &str, text: String) -> (String, String) {
    (name.to_owned(), text)
}

/// A map of so many URLs that end in a slash.
fn urls(count: usize) -> String {
    let mut map = "{\n".to_owned();
    for n in 0..count {
        writeln!(map, "    k{n} = \"https://z{n}.acme.com/\"").unwrap();
    }
    map + "  }"
}

#[test]
fn each_of_2000_calls_is_checked() {
    let calls = (0..2_000).map(|n| {
        format!(
            "module \"m{n}\" {{\n  source = \"./m\"\n  url    = \"https://z{n}.acme.com/\"\n}}\n"
        )
    });
    let files = [
        named("main.tf", calls.collect()),
        named("m/main.tf", format!("{HEAD}{CHILD}")),
    ];
    assert_eq!(slashes(&files), 2_000);
}

#[test]
fn each_of_500_calls_of_a_large_module_is_checked() {
    let calls = (0..500).map(|n| {
        format!(
            "module \"m{n}\" {{\n  source = \"./m\"\n  url    = \"https://z{n}.acme.com/\"\n}}\n"
        )
    });
    let projects = (0..10).map(|n| {
        format!("resource \"zenml_project\" \"p{n}\" {{\n  name        = \"p{n}\"\n  description = var.url\n}}\n")
    });
    let projects: String = projects.collect();
    let files = [
        named("main.tf", calls.collect()),
        named("m/main.tf", format!("{HEAD}{CHILD}{projects}")),
    ];
    assert_eq!(slashes(&files), 500);
}

#[test]
fn each_of_71_tfvars_files_is_checked() {
    let mut files = vec![named("main.tf", format!("{HEAD}{CHILD}"))];
    for n in 0..71 {
        let text = format!("url = \"https://z{n}.acme.com/\"\n");
        files.push((format!("env/e{n}.tfvars"), text));
    }
    assert_eq!(slashes(&files), 71);
}

#[test]
fn each_instance_of_100_urls_is_checked() {
    let provider = format!(
        "{HEAD}provider \"zenml\" {{\n  for_each   = {}\n  alias      = \"each\"\n  server_url = each.value\n}}\n",
        urls(100)
    );
    assert_eq!(slashes(&[named("main.tf", provider)]), 100);
}

#[test]
fn each_of_2000_instances_of_a_module_is_checked() {
    let call = format!(
        "module \"m\" {{\n  for_each = {}\n  source   = \"./m\"\n  url      = each.value\n}}\n",
        urls(2_000)
    );
    let files = [
        named("main.tf", call),
        named("m/main.tf", format!("{HEAD}{CHILD}")),
    ];
    assert_eq!(slashes(&files), 2_000);
}

#[test]
fn each_of_2000_instances_of_a_provider_is_checked() {
    let provider = format!(
        "{HEAD}provider \"zenml\" {{\n  for_each   = {}\n  alias      = \"each\"\n  server_url = each.value\n}}\n",
        urls(2_000)
    );
    assert_eq!(slashes(&[named("main.tf", provider)]), 2_000);
}

/// A provider whose URL is one of so many, by a key that each run gives.
fn one_of(count: usize) -> String {
    let urls = urls(count);
    format!(
        "{HEAD}variable \"env\" {{\n}}\n\nlocals {{\n  urls = {urls}\n}}\n\nprovider \"zenml\" {{\n  server_url = local.urls[var.env]\n}}\n"
    )
}

#[test]
fn each_of_500_urls_of_which_a_run_chooses_one_is_checked() {
    assert_eq!(slashes(&[named("main.tf", one_of(500))]), 500);
}

/// What a run leaves out is said in every run and format, and the run fails.
#[track_caller]
fn is_incomplete(text: &str, sentence: &str) {
    let directory = repository(&[("main.tf", text)]);
    let said = format!("zenml-tflint: {sentence}\n");
    for format in ["human", "concise", "json", "sarif", "junit", "github"] {
        for more in [&[][..], &["--quiet"], &["--fail-on", "never"]] {
            let arguments = [&["--output-format", format], more].concat();
            let run = run(directory.path(), &arguments);
            assert_eq!((run.code, &run.stderr), (2, &said), "{arguments:?}");
            let stdout = run.stdout.to_lowercase();
            assert!(!stdout.contains("no problems"), "{arguments:?}: {stdout}");
            let json = || serde_json::from_str::<Value>(&run.stdout).unwrap();
            match format {
                "json" => assert_eq!(json()["summary"]["incomplete"][0], sentence),
                "sarif" => {
                    let invocation = &json()["runs"][0]["invocations"][0];
                    assert_eq!(invocation["executionSuccessful"], false);
                    let notification = &invocation["toolExecutionNotifications"][0];
                    assert_eq!(notification["message"]["text"], sentence);
                }
                "junit" => assert!(run.stdout.contains("<error message="), "{}", run.stdout),
                _ => {}
            }
        }
    }
    for arguments in [&["--fix"], &["--diff"]] {
        let run = run(directory.path(), arguments);
        assert_eq!((run.code, &run.stderr), (2, &said), "{arguments:?}");
    }
}

#[test]
fn too_many_alternatives_are_said() {
    is_incomplete(
        &one_of(600),
        "main.tf:618: `server_url` may have too many values: not all of it is checked",
    );
}

#[test]
fn too_much_work_for_a_zenml_argument_is_said() {
    let text = format!(
        "{HEAD}locals {{\n  x = [for a in range(1000) : [for b in range(1000) : b]]\n}}\n\nprovider \"zenml\" {{\n  server_url = \"https://z.acme.com/${{length(local.x)}}\"\n}}\n"
    );
    is_incomplete(
        &text,
        "main.tf:14: the value of `server_url` takes too much work to compute: not all of it is checked",
    );
}

#[test]
fn too_many_instances_are_said() {
    let text = format!(
        "{HEAD}resource \"zenml_project\" \"p\" {{\n  count        = 20000\n  name         = \"p${{count.index}}\"\n  display_name = \"P\"\n  description  = \"d\"\n}}\n"
    );
    is_incomplete(
        &text,
        "main.tf:10: `count` makes too many instances: not all of it is checked",
    );
}

#[test]
fn too_much_work_that_no_zenml_argument_depends_on_is_nothing() {
    let text = format!(
        "{HEAD}locals {{\n  x = [for a in range(1000) : [for b in range(1000) : b]]\n}}\n\nvariable \"url\" {{\n}}\n\nprovider \"zenml\" {{\n  server_url = var.url\n}}\n\nresource \"null_resource\" \"r\" {{\n  triggers = {{ x = length(local.x) }}\n}}\n"
    );
    let directory = repository(&[("main.tf", &text)]);
    let run = run(directory.path(), &["--output-format", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["summary"]["incomplete"], Value::Array(Vec::new()));
}

#[test]
fn a_file_that_cannot_be_read_is_left_out() {
    let directory = repository(&[("main.tf", &format!("{HEAD}{CHILD}"))]);
    let arguments = ["--output-format", "json", ".", "missing.tf"];
    let run = run(directory.path(), &arguments);
    assert_eq!(run.code, 2);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let incomplete = report["summary"]["incomplete"].as_array().unwrap();
    assert_eq!(incomplete.len(), 1, "{incomplete:?}");
}

#[test]
fn nothing_to_check_is_said() {
    let directory = repository(&[
        ("main.tf", "resource \"null_resource\" \"r\" {\n}\n"),
        ("empty/readme.md", "# Nothing\n"),
        ("zenml/main.tf", &format!("{HEAD}{CHILD}")),
    ]);
    let said = |paths: &str| format!("No ZenML configuration found under {paths}\n");
    for (arguments, expected) in [
        (&["main.tf"][..], said("main.tf")),
        (&["empty"], said("empty")),
        (
            &["main.tf", "empty", "--output-format", "json"],
            said("main.tf, empty"),
        ),
        (&["main.tf", "--quiet"], String::new()),
        (&["zenml"], String::new()),
        (&[], String::new()),
    ] {
        let run = run(directory.path(), arguments);
        assert!(run.code < 2, "{arguments:?}");
        assert_eq!(run.stderr, expected, "{arguments:?}");
    }
}

#[test]
fn verbose_counts_what_git_ignores() {
    let slash =
        format!("{HEAD}provider \"zenml\" {{\n  server_url = \"https://z.acme.com/\"\n}}\n");
    let directory = repository(&[
        (".gitignore", "secret.tf\n"),
        ("main.tf", "variable \"region\" {\n}\n"),
        ("secret.tf", &slash),
    ]);
    let run = run(directory.path(), &["--verbose"]);
    let counted = "kept back in ignored or excluded files: 2,";
    assert!(run.stderr.contains(counted), "{}", run.stderr);
}
