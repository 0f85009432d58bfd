//! What the options and paths of the command line do, and the fields of the JSON report.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

use crate::support::program::{finish, program, run, run_with_input};
use crate::support::{repository, write_file};
use tempfile::TempDir;

const HEAD: &str = r#"terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}
"#;

const JSON: &[&str] = &["--output-format", "json"];

/// A root whose URL travels from a file of its own through a variable of a module.
fn travelling() -> TempDir {
    let child =
        format!("{HEAD}variable \"url\" {{}}\nprovider \"zenml\" {{\n  server_url = var.url\n}}\n");
    repository(&[
        (
            "infra/calls.tf",
            "module \"m\" {\n  source = \"../m\"\n  url    = local.url\n}\n",
        ),
        (
            "infra/locals.tf",
            "locals {\n  url = \"https://a.mycompany.com/\"\n}\n",
        ),
        ("m/main.tf", &child),
        (
            "other/main.tf",
            &format!(
                "{HEAD}provider \"zenml\" {{\n  server_url = \"https://b.mycompany.com/\"\n}}\n"
            ),
        ),
    ])
}

fn with(arguments: &[&str], directory: &TempDir) -> Vec<String> {
    let all: Vec<&str> = arguments.iter().chain(JSON).copied().collect();
    run(directory.path(), &all).findings()
}

#[test]
fn a_finding_is_shown_where_its_literal_or_its_argument_is_given() {
    let directory = travelling();
    let slash = "infra/locals.tf:2 server-url-trailing-slash".to_owned();
    for path in [
        "infra/locals.tf",
        "m/main.tf",
        "m",
        "infra",
        ".",
        "./m/../infra",
    ] {
        assert!(with(&[path], &directory).contains(&slash), "{path}");
    }
    for path in ["infra/calls.tf", "other", "other/main.tf"] {
        assert!(!with(&[path], &directory).contains(&slash), "{path}");
    }
    let whole = with(&["."], &directory);
    let mut parts = with(
        &[
            "m/main.tf",
            "other/main.tf",
            "infra/calls.tf",
            "infra/locals.tf",
        ],
        &directory,
    );
    assert_eq!(whole, parts);
    parts.reverse();
    assert_eq!(
        whole,
        with(&["infra/locals.tf", "other", "m", "m/main.tf"], &directory)
    );
}

#[test]
fn paths_are_relative_to_the_current_directory() {
    let directory = travelling();
    let run = finish(program(&directory.path().join("m")).args(JSON), "");
    assert!(
        run.findings()
            .contains(&"../infra/locals.tf:2 server-url-trailing-slash".to_owned()),
        "{}",
        run.stdout
    );
}

#[test]
fn standard_input_stands_among_its_neighbours() {
    let directory = travelling();
    let given = |name: &str, text: &str| {
        let run = run_with_input(
            directory.path(),
            &["-", "--stdin-filename", name, "--output-format", "json"],
            text,
        );
        assert_eq!(run.stderr, "");
        run.findings()
    };
    let mended = "locals {\n  url = \"https://a.mycompany.com\"\n}\n";
    assert_eq!(given("infra/locals.tf", mended), [] as [&str; 0]);
    let worse = "\nlocals {\n  url = \"https://a.mycompany.com//\"\n}\n";
    assert_eq!(
        given("infra/locals.tf", worse),
        ["infra/locals.tf:3 server-url-trailing-slash"]
    );
    let new = "provider \"zenml\" {\n  alias      = \"n\"\n  server_url = \"${local.url}\"\n}\n";
    let findings = given("infra/new.tf", new);
    assert!(
        findings.contains(&"infra/locals.tf:2 server-url-trailing-slash".to_owned()),
        "{findings:?}"
    );
    let run = run_with_input(directory.path(), &["-", "--output-format", "json"], new);
    assert!(
        run.findings().iter().all(|f| f.starts_with("<stdin>:")),
        "{}",
        run.stdout
    );
}

#[test]
fn a_path_with_the_name_of_a_command_is_checked() {
    let directory = travelling();
    write_file(
        directory.path(),
        "rules/main.tf",
        &format!("{HEAD}provider \"zenml\" {{\n  server_url = \"https://b.mycompany.com/\"\n}}\n"),
    );
    assert!(
        with(&["./rules"], &directory)
            .contains(&"rules/main.tf:10 server-url-trailing-slash".to_owned())
    );
}

#[test]
fn unknown_rules_are_named_with_the_close_one() {
    let directory = travelling();
    for option in ["--select", "--ignore"] {
        let run = run(directory.path(), &[option, "hardcoded-secrets"]);
        assert_eq!(run.code, 2);
        assert!(
            run.stderr.contains("did you mean `hardcoded-secret`"),
            "{}",
            run.stderr
        );
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn values_and_environment_are_used() {
    let directory = repository(&[
        (
            "main.tf",
            &format!(
                "{HEAD}variable \"url\" {{}}\nprovider \"zenml\" {{\n  server_url = var.url\n}}\n"
            ),
        ),
        ("given.vars", "url = \"https://a.mycompany.com/\"\n"),
        (
            "run.env",
            "# comment\nZENML_API_KEY=x\nexport TF_VAR_url=\"https://e.mycompany.com/\"\n",
        ),
    ]);
    let slash = |findings: &[String]| findings.iter().any(|f| f.ends_with("trailing-slash"));
    let missing = |findings: &[String]| findings.iter().any(|f| f.ends_with("missing-credentials"));
    let bare = with(&[], &directory);
    assert!(!slash(&bare) && missing(&bare), "{bare:?}");
    assert!(slash(&with(
        &["--var", "url=https://a.mycompany.com/"],
        &directory
    )));
    assert!(slash(&with(&["--var-file", "given.vars"], &directory)));
    assert!(!slash(&with(
        &[
            "--var-file",
            "given.vars",
            "--var",
            "url=https://a.mycompany.com"
        ],
        &directory
    )));
    assert!(slash(&with(
        &[
            "--var",
            "url=https://a.mycompany.com",
            "--var-file",
            "given.vars"
        ],
        &directory
    )));
    let by_file = with(&["--env-file", "run.env"], &directory);
    assert!(slash(&by_file) && !missing(&by_file), "{by_file:?}");
    let own = |arguments: &[&str]| {
        let mut command = program(directory.path());
        command
            .env("TF_VAR_url", "https://a.mycompany.com/")
            .args(JSON)
            .args(arguments);
        slash(&finish(&mut command, "").findings())
    };
    assert!(own(&[]));
    assert!(!own(&["--no-env"]));
}

#[test]
fn ignored_and_excluded_files_count_but_are_not_reported() {
    let directory = travelling();
    write_file(directory.path(), ".gitignore", "other/\ninfra/locals.tf\n");
    assert_eq!(
        with(&[], &directory)
            .iter()
            .filter(|f| f.contains("slash"))
            .count(),
        0
    );
    assert_eq!(
        with(&["--no-gitignore"], &directory)
            .iter()
            .filter(|f| f.contains("slash"))
            .count(),
        2
    );
    assert!(
        with(&["other/main.tf"], &directory)
            .contains(&"other/main.tf:10 server-url-trailing-slash".to_owned())
    );
    let excluded = with(&["--no-gitignore", "--exclude", "infra/*.tf"], &directory);
    assert_eq!(excluded.iter().filter(|f| f.contains("slash")).count(), 1);
    let all = run(
        directory.path(),
        &["--exclude", "[", "--output-format", "json"],
    );
    assert!(all.code == 2 || all.code == 1, "{}", all.stderr);
}

#[test]
fn positions_are_those_of_the_contract() {
    let text = format!("\u{feff}{HEAD}provider \"zenml\" {{\n  api_key = null\n  /* é🦀 */ server_url = \"https://é.mycompany.com/\"\n}}\n").replace('\n', "\r\n");
    let directory = repository(&[("main.tf", &text)]);
    let run = run(
        directory.path(),
        &[
            "--output-format",
            "json",
            "--select",
            "server-url-trailing-slash",
        ],
    );
    assert_eq!(run.code, 1);
    let json = run.json();
    let finding = &json["findings"][0];
    let literal = "\"https://é.mycompany.com/\"";
    let start = text.find(literal).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["tool"]["name"], "zenml-tflint");
    assert_eq!(json["tool"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(finding["rule"], "server-url-trailing-slash");
    assert_eq!(finding["severity"], "error");
    assert!(finding["message"].is_string() && finding["help"].is_string());
    assert_eq!(finding["path"], "main.tf");
    let position = |line: usize, column: usize, offset: usize| serde_json::json!({"line": line, "column": column, "offset": offset});
    assert_eq!(finding["start"], position(11, 25, start));
    assert_eq!(
        finding["end"],
        position(11, 25 + literal.chars().count(), start + literal.len())
    );
    assert!(finding["related"].is_array());
    assert!(finding["fix"].is_object() || finding["fix"].is_null());
    assert_eq!(json["findings"].as_array().unwrap().len(), 1);
    for (count, expected) in [("files", 1), ("errors", 1), ("warnings", 0), ("notes", 0)] {
        assert_eq!(json["summary"][count], expected, "{count}");
    }
    assert!(json["summary"]["fixable"].is_u64());
}

#[cfg(unix)]
#[test]
fn for_a_text_at_the_root_of_all_the_file_system_is_not_walked() {
    let directory = repository(&[]);
    let text = "provider \"zenml\" {\n  server_url = \"https://a.acme.com/\"\n}\n";
    let arguments = ["--no-env", "-", "--stdin-filename", "/nowhere.tf"];
    let run = run_with_input(directory.path(), &arguments, text);
    assert_eq!(run.code, 1, "{run:?}");
}

#[test]
fn more_jobs_than_can_be_done_at_a_time_do_no_harm() {
    let directory = repository(&[("main.tf", "provider \"zenml\" {}\n")]);
    for jobs in ["1", "99999", "18446744073709551615"] {
        let run = run(directory.path(), &["--no-env", "--jobs", jobs]);
        assert!(run.code < 2, "{jobs}: {run:?}");
    }
}

#[test]
fn colour_is_there_only_where_it_is_wanted() {
    let directory = travelling();
    let colored = |arguments: &[&str], name: &str| {
        let mut command = program(directory.path());
        command.args(arguments);
        if !name.is_empty() {
            command.env(name, "1");
        }
        finish(&mut command, "").stdout.contains('\u{1b}')
    };
    assert!(!colored(&[], ""));
    assert!(colored(&["--color", "always"], ""));
    assert!(colored(&["--color", "always"], "NO_COLOR"));
    assert!(colored(&[], "CLICOLOR_FORCE"));
    assert!(!colored(&["--color", "never"], "CLICOLOR_FORCE"));
    assert!(!colored(
        &["--color", "always", "--output-format", "json"],
        "CLICOLOR_FORCE"
    ));
}
