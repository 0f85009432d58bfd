//! The configuration file: where it is found, what it says, what is wrong with it, and rules of the house.

use std::fs;
use std::path::Path;

use crate::support::program::{Run, finish, program, run};
use crate::support::{repository, write_file};
use tempfile::TempDir;

const FILE: &str = ".zenml-tflint.toml";

const HEAD: &str = r#"terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}
"#;

/// A slash at the end of the URL, on the third line of `a.tf`; credentials are missing.
const SLASH: &str =
    "provider \"zenml\" {\n  api_key    = null\n  server_url = \"https://a.mycompany.com/\"\n}\n";

/// Two modules that each end their URL in a slash.
fn two_modules(config: &str) -> TempDir {
    repository(&[
        (FILE, config),
        ("a/versions.tf", HEAD),
        ("a/a.tf", SLASH),
        ("b/versions.tf", HEAD),
        ("b/a.tf", SLASH),
    ])
}

fn json(directory: &Path, arguments: &[&str]) -> Run {
    let all: Vec<&str> = arguments
        .iter()
        .copied()
        .chain(["--output-format", "json"])
        .collect();
    run(directory, &all)
}

fn found(directory: &TempDir, arguments: &[&str]) -> Vec<String> {
    let run = json(directory.path(), arguments);
    assert_eq!(run.stderr, "");
    run.findings()
}

/// `path severity` of the findings of a rule.
fn severities(directory: &TempDir, rule: &str, arguments: &[&str]) -> Vec<String> {
    let run = json(directory.path(), arguments);
    assert_eq!(run.stderr, "");
    let report = run.json();
    let findings = report["findings"].as_array().unwrap().iter();
    let of_rule = findings.filter(|finding| finding["rule"] == rule);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    of_rule
        .map(|finding| format!("{} {}", text(&finding["path"]), text(&finding["severity"])))
        .collect()
}

const SLASH_RULE: &str = "server-url-trailing-slash";

#[test]
fn severities_and_overrides() {
    let directory = two_modules(
        "[rules]\nserver-url-trailing-slash = 'note'\nmissing-credentials = 'off'\n\
         [[overrides]]\nfiles = ['b/**']\nrules = { server-url-trailing-slash = 'error' }\n\
         [[overrides]]\nfiles = ['b/*.tf']\nrules = { server-url-trailing-slash = 'warning' }\n",
    );
    assert_eq!(
        severities(&directory, SLASH_RULE, &[]),
        ["a/a.tf note", "b/a.tf warning"]
    );
    assert_eq!(found(&directory, &[]).len(), 2);
    let from_below = severities(&directory, SLASH_RULE, &["a"]);
    assert_eq!(from_below, ["a/a.tf note"]);
    // The command line comes first.
    let given = severities(
        &directory,
        SLASH_RULE,
        &["--severity", "server-url-trailing-slash=error"],
    );
    assert_eq!(given, ["a/a.tf error", "b/a.tf error"]);
    assert_eq!(
        found(&directory, &["--severity", "server-url-trailing-slash=off"]),
        [""; 0]
    );
    assert_eq!(found(&directory, &["--no-config"]).len(), 4);
    assert_eq!(
        found(&directory, &["--select", "missing-credentials"]).len(),
        2
    );
}

#[test]
fn from_which_severity_a_run_fails() {
    let directory = two_modules("fail-on = 'never'\n");
    assert_eq!(run(directory.path(), &[]).code, 0);
    assert_eq!(run(directory.path(), &["--fail-on", "error"]).code, 1);
    // In a monorepo, the file that holds for a finding decides.
    write_file(
        directory.path(),
        &format!("b/{FILE}"),
        "fail-on = 'error'\n",
    );
    assert_eq!(run(directory.path(), &[]).code, 1);
    assert_eq!(run(directory.path(), &["a"]).code, 0);
    write_file(
        directory.path(),
        FILE,
        "fail-on = 'error'\n[rules]\nserver-url-trailing-slash = 'warning'\n",
    );
    assert_eq!(run(directory.path(), &["a"]).code, 0);
}

#[test]
fn the_nearest_file_holds_as_a_whole() {
    let directory = two_modules("[rules]\nmissing-credentials = 'off'\n");
    write_file(
        directory.path(),
        &format!("b/{FILE}"),
        "[rules]\nserver-url-trailing-slash = 'off'\n",
    );
    let expected = [
        "a/a.tf:3 server-url-trailing-slash",
        "b/a.tf:2 missing-credentials",
    ];
    assert_eq!(found(&directory, &[]), expected);
    let inside = finish(
        program(&directory.path().join("b")).args(["--output-format", "json"]),
        "",
    );
    assert_eq!(inside.findings(), ["a.tf:2 missing-credentials"]);
    // What holds above the repository does not hold in it.
    let outer = tempfile::tempdir().unwrap();
    write_file(outer.path(), FILE, "no-such-key = 1\n");
    fs::create_dir_all(outer.path().join("inner/.git")).unwrap();
    write_file(outer.path(), "inner/a.tf", SLASH);
    assert_eq!(run(&outer.path().join("inner"), &[]).code, 1);
}

#[test]
fn a_broken_file_elsewhere_does_not_matter() {
    let directory = two_modules("");
    write_file(directory.path(), &format!("b/{FILE}"), "no-such-key = 1\n");
    assert_eq!(run(directory.path(), &["a"]).code, 1);
    assert_eq!(run(directory.path(), &["b"]).code, 2);
    assert_eq!(run(directory.path(), &["b/a.tf"]).code, 2);
    assert_eq!(run(directory.path(), &["."]).code, 2);
    assert_eq!(run(directory.path(), &["b", "--no-config"]).code, 1);
}

#[test]
fn a_configuration_counts_before_there_is_any_other_file() {
    let directory = repository(&[(FILE, "fail-on = 'eror'\n"), ("a/README.md", "")]);
    assert_eq!(run(directory.path(), &[]).code, 2);
    assert_eq!(run(directory.path(), &["a"]).code, 2);
    write_file(directory.path(), FILE, "fail-on = 'error'\n");
    let shown = run(directory.path(), &["--show-settings"]);
    assert!(
        shown.stdout.contains("fail-on = \"error\""),
        "{}",
        shown.stdout
    );
    assert_eq!(run(directory.path(), &["--config", "none.toml"]).code, 2);
}

#[test]
fn files_extend_others() {
    let directory = two_modules(
        "exclude = ['a/**']\n[rules]\nmissing-credentials = 'off'\nserver-url-trailing-slash = 'note'\n",
    );
    let config = format!("extend = '../{FILE}'\n[rules]\nserver-url-trailing-slash = 'warning'\n");
    write_file(directory.path(), &format!("b/{FILE}"), &config);
    assert_eq!(severities(&directory, SLASH_RULE, &[]), ["b/a.tf warning"]);
    assert_eq!(found(&directory, &[]).len(), 1);
}

#[test]
fn what_a_repository_extends_outside_of_it_is_not_shown() {
    let secret = ["correct", "horse", "battery"].concat();
    let outside = repository(&[("other.env", &format!("TOKEN={secret}\nline two = [\n"))]);
    let outside = outside.path().join("other.env");
    let directory = two_modules(&format!("extend = '{}'\n", outside.display()));
    let refused = run(directory.path(), &[]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("other.env"), "{}", refused.stderr);
    let shown = format!("{}{}", refused.stdout, refused.stderr);
    assert!(!shown.contains(&secret), "{shown}");
}

/// Keys and structure are shown, values are not: of no kind, and wherever the mistake is.
#[test]
fn values_of_a_malformed_configuration_are_not_shown() {
    let secret = ["correct", "horse", "battery"].concat();
    let bad = [
        format!("exclud = ['{secret}']"),
        format!("fail-on = '{secret}'"),
        format!("exclude = ['{secret}', '[{secret}']"),
        format!("provider-version = '{secret}'"),
        format!("a = {secret}"),
        format!("# {secret}\na = "),
        format!("{secret}\n"),
        format!("a b {secret} = 1"),
        format!("[rules] {secret}"),
        format!("a = '''\n{secret}\n{secret} = 1\n"),
        format!("[environment]\nassume = ['{secret}=1']"),
        format!("{}\n# {secret}", custom("id", &format!("id = 'X{secret}'"))),
        custom("matches", &format!("matches = '({secret}'")),
        custom("block", &format!("block = 'provider \"{secret}'")),
        custom("argument", &format!("argument = '{secret}..b'")),
        custom("message", &format!("message = 5 # {secret}")),
        custom(
            "matches",
            &format!("matches = '^x'\nreplacement = '{secret}'"),
        ),
    ];
    let directory = two_modules("");
    for config in &bad {
        write_file(directory.path(), FILE, config);
        for color in ["always", "never"] {
            let run = run(directory.path(), &["--color", color]);
            assert_eq!(run.code, 2, "{config}");
            let shown = format!("{}{}", run.stdout, run.stderr);
            assert!(!shown.contains(&secret), "{config}\n{shown}");
        }
    }
    write_file(directory.path(), FILE, "exclud = []");
    let shown = run(directory.path(), &[]).stderr;
    assert!(shown.contains("exclud = []"), "{shown}");
}

/// Of a file outside that the command line names, the place of a mistake is told and nothing of its text.
#[test]
fn a_configuration_outside_the_repository_is_not_quoted() {
    let secret = ["correct", "horse", "battery"].concat();
    let text = format!("{secret} = 1\n[rules]\n{secret} = 'off'\n");
    let outside = repository(&[("other.toml", &text)]);
    let outside = outside.path().join("other.toml");
    let directory = two_modules("");
    let run = run(directory.path(), &["--config", outside.to_str().unwrap()]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("other.toml:1:1"), "{}", run.stderr);
    assert!(!run.stderr.contains(&secret), "{}", run.stderr);
}

#[test]
fn another_file_can_be_named() {
    let directory = two_modules("[rules]\nserver-url-trailing-slash = 'off'\n");
    write_file(
        directory.path(),
        "ci/lint.toml",
        "exclude = ['b/**']\n[rules]\nmissing-credentials = 'off'\n",
    );
    let named = found(&directory, &["--config", "ci/lint.toml"]);
    assert_eq!(named, ["a/a.tf:3 server-url-trailing-slash"]);
}

#[test]
fn excluded_files_count_but_are_not_reported() {
    let directory = repository(&[
        (FILE, "exclude = ['values.tf']\n"),
        (
            "main.tf",
            &format!("{HEAD}provider \"zenml\" {{\n  server_url = local.url\n}}\n"),
        ),
        (
            "values.tf",
            "locals {\n  url = \"https://a.mycompany.com/\"\n}\n",
        ),
    ]);
    assert_eq!(found(&directory, &["--select", SLASH_RULE]), [""; 0]);
    let other = ["--select", SLASH_RULE, "--exclude", "main.tf"];
    let nothing = json(directory.path(), &other);
    assert_eq!(nothing.findings(), [""; 0]);
    assert_eq!(nothing.stderr, "No ZenML configuration found under .\n");
    assert_eq!(run(directory.path(), &["--show-files"]).stdout, "main.tf\n");
    let all = run(directory.path(), &["--show-files", "--no-config"]);
    assert_eq!(all.stdout, "main.tf\nvalues.tf\n");
}

#[test]
fn an_assumed_environment_silences_what_is_missing_alone() {
    let config = "[environment]\nassume = ['ZENML_SERVER_URL', 'ZENML_API_KEY']\n";
    let block = "provider \"zenml\" {}\n";
    let directory = repository(&[(FILE, config), ("main.tf", &format!("{HEAD}{block}"))]);
    assert_eq!(found(&directory, &[]), [""; 0]);
    assert_eq!(found(&directory, &["--no-config"]).len(), 2);
    let directory = two_modules(config);
    assert_eq!(severities(&directory, SLASH_RULE, &[]).len(), 2);
    assert_eq!(found(&directory, &[]).len(), 2);
}

#[test]
fn tfvars_of_roots() {
    let files = [
        (
            "infra/main.tf",
            "variable \"url\" {}\nvariable \"end\" {}\nprovider \"zenml\" {\n  server_url = \"${var.url}${var.end}\"\n}\n",
        ),
        ("infra/versions.tf", HEAD),
        (
            "infra/env/common.tfvars",
            "url = \"https://a.mycompany.com\"\n",
        ),
        ("infra/env/prod.tfvars", "end = \"/\"\n"),
        ("infra/env/dev.tfvars", "end = \"\"\n"),
    ];
    let directory = repository(&files);
    let select = ["--select", SLASH_RULE];
    assert_eq!(
        found(&directory, &select),
        ["infra/env/prod.tfvars:1 server-url-trailing-slash"]
    );
    let root =
        |var_files: &str| format!("[[roots]]\ndirectory = 'infra'\nvar-files = {var_files}\n");
    write_file(
        directory.path(),
        FILE,
        &root("[['env/common.tfvars', 'env/dev.tfvars']]"),
    );
    assert_eq!(found(&directory, &select), [""; 0]);
    write_file(
        directory.path(),
        FILE,
        &root(
            "[['env/common.tfvars', 'env/dev.tfvars'], ['env/common.tfvars', 'env/prod.tfvars']]",
        ),
    );
    assert_eq!(found(&directory, &select).len(), 1);
    write_file(directory.path(), FILE, &root("[]"));
    assert_eq!(found(&directory, &select), [""; 0]);
    // The command line comes first.
    let given = [
        "--var-file",
        "infra/env/prod.tfvars",
        "--select",
        SLASH_RULE,
    ];
    assert_eq!(found(&directory, &given).len(), 1);
    write_file(directory.path(), FILE, &root("[['env/none.tfvars']]"));
    let run = run(directory.path(), &select);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("infra/env/none.tfvars"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_off_leaves_no_ignore_comment_unused() {
    let text =
        format!("# zenml-tflint-ignore-file: missing-credentials, skip-version-check\n{SLASH}");
    let directory = repository(&[
        (
            FILE,
            "[rules]\nskip-version-check = 'off'\nserver-url-trailing-slash = 'off'\n",
        ),
        ("versions.tf", HEAD),
        ("main.tf", &text),
    ]);
    assert_eq!(found(&directory, &[]), [""; 0]);
    assert_eq!(found(&directory, &["--no-config"]).len(), 2);
}

/// Each bad configuration, the line that is pointed at and what is said of it.
const BAD: &[(&str, usize, &str)] = &[
    ("exclud = []", 1, "did you mean `exclude`?"),
    ("# a\n\n[zenlm]", 3, "did you mean `zenml`?"),
    ("zzzzzzzz = 1", 1, "the keys here are `extend`"),
    (
        "exclude = 'a'",
        1,
        "`exclude` takes an array of strings, not a string",
    ),
    (
        "exclude = ['a', 1]",
        1,
        "`exclude` takes a string, not a number",
    ),
    ("exclude = ['[']", 1, "this is not a pattern"),
    ("fail-on = 'eror'", 1, "did you mean \"error\"?"),
    ("fail-on = 1", 1, "takes one of the strings"),
    (
        "provider-version = '~> 3.0'",
        1,
        "`provider-version` is not a version",
    ),
    (
        "zenml-version = 0.98",
        1,
        "`zenml-version` takes a string, not a number",
    ),
    ("zenml-version = ''", 1, "`zenml-version` is not a version"),
    (
        "[environment]\nassume = ['A=b']",
        2,
        "not the name of an environment variable",
    ),
    (
        "[zenml]\nextra-flavors = { orchestator = ['a'] }",
        2,
        "did you mean `orchestrator`?",
    ),
    (
        "[rules]\nhardcoded-secrets = 'off'",
        2,
        "did you mean `hardcoded-secret`?",
    ),
    (
        "[rules]\nhardcoded-secret = 'fatal'",
        2,
        "`hardcoded-secret` cannot be this text",
    ),
    (
        "[rules]\nhardcoded-secret = false",
        2,
        "takes one of the strings `off`",
    ),
    (
        "[rules]\nnothing-like-it = 'off'",
        2,
        "`zenml-tflint rules` lists every rule",
    ),
    ("overrides = 1", 1, "tables, each under its own"),
    ("[[overrides]]\nfiles = ['a']", 1, "`rules` is missing here"),
    (
        "[[overrides]]\nfiles = ['a']\nrules = { skip-version-chek = 'off' }",
        3,
        "did you mean `skip-version-check`?",
    ),
    (
        "[[roots]]\ndirectory = 'nowhere'",
        2,
        "there is no such directory",
    ),
    (
        "[[roots]]\ndirectory = 'a'\nvar-files = ['x.tfvars']",
        3,
        "takes an array of strings, not a string",
    ),
    ("[[custom]]\nid = 'x'", 1, "`block` is missing here"),
    ("a = ", 1, ""),
    ("a = 1\na = 2", 2, ""),
    ("[rules", 1, ""),
    (
        "extend = 'none.toml'",
        1,
        "there is no such file in the repository",
    ),
    (
        "extend = '.zenml-tflint.toml'",
        1,
        "`extend` runs in a circle: .zenml-tflint.toml → .zenml-tflint.toml",
    ),
];

/// Each bad custom rule, by the lines that differ from a good one.
const BAD_CUSTOM: &[(&str, &str, &str)] = &[
    (
        "matches",
        "matches = '('",
        "is no regular expression: unclosed group",
    ),
    ("matches", "matches = '(?=a)'", "no look-around"),
    ("matches", "matches = '(a{1000}){1000}'", "is too large"),
    ("matches", "severity = 'note'", "this rule demands nothing"),
    ("matches", "required = false", "this rule demands nothing"),
    (
        "matches",
        "forbidden = true\nrequired = true",
        "can have no other demand",
    ),
    (
        "matches",
        "matches = 'a'\nreplacement = 'b'",
        "the replacement is itself not what the rule demands",
    ),
    ("matches", "one-of = 'a'", "`one-of` takes an array"),
    ("matches", "matchs = 'a'", "did you mean `matches`?"),
    ("id", "id = 'Acme'", "this cannot be the name of a rule"),
    (
        "id",
        "id = 'hardcoded-secret'",
        "is a name of the linter's own",
    ),
    ("id", "id = 'all'", "is a name of the linter's own"),
    ("block", "block = ''", "a block begins with its type"),
    (
        "block",
        "block = 'provider \"zenml'",
        "this label has no closing quote",
    ),
    (
        "argument",
        "argument = 'a..b'",
        "names with dots between them",
    ),
    ("message", "message = ' '", "the message is empty"),
];

fn custom(changed: &str, line: &str) -> String {
    let good = [
        "id = 'acme'",
        "block = 'provider \"zenml\"'",
        "argument = 'server_url'",
        "matches = 'a'",
        "message = 'a message'",
    ];
    let lines = good.map(|good| {
        if good.starts_with(changed) {
            line
        } else {
            good
        }
    });
    format!("[[custom]]\n{}\n", lines.join("\n"))
}

fn assert_refused(directory: &TempDir, config: &str, line: usize, said: &str) {
    write_file(directory.path(), FILE, config);
    let run = run(directory.path(), &[]);
    assert_eq!(run.code, 2, "{config}");
    assert_eq!(run.stdout, "", "{config}");
    let text = run
        .stderr
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("│ ", "");
    assert!(
        text.contains("error[configuration]"),
        "{config}\n{}",
        run.stderr
    );
    assert!(text.contains(said), "{config}\n{}", run.stderr);
    assert!(
        run.stderr.contains(&format!("[{FILE}:{line}:")),
        "{config}\n{}",
        run.stderr
    );
}

#[test]
fn bad_configurations_are_shown_where_they_are_wrong() {
    let directory = two_modules("");
    for (config, line, said) in BAD {
        assert_refused(&directory, config, *line, said);
    }
    for (changed, line, said) in BAD_CUSTOM {
        let config = custom(changed, line);
        let at = config.lines().position(|l| line.starts_with(l)).unwrap() + 1;
        let is_about_the_rule = said.contains("demand") && !said.contains("itself");
        let at = match (is_about_the_rule, line.lines().count()) {
            (true, _) => 2,
            (false, lines) => at + lines - 1,
        };
        assert_refused(&directory, &config, at, said);
    }
    let twice = format!("{}{}", custom("none", ""), custom("none", ""));
    assert_refused(&directory, &twice, 8, "there are two custom rules `acme`");
}

#[test]
fn everything_that_is_wrong_is_named_once() {
    let bad_rule = custom("matches", "matches = '('");
    for (config, wrong) in [
        ("exclud = []\nfail-on = 3\n[rules]\nx = 'y'\n", 3),
        (
            "fail-on = 'eror'\n[rules]\nunpined-provider = 'off'\n[[roots]]\ndirectory = 'none'\n",
            3,
        ),
        ("zenml-version = true\nexclude = ['[']\n", 2),
        // A rule with a mistake is no unknown rule, nor is one that may stand where nothing can be read.
        (&format!("{bad_rule}[rules]\nacme = 'error'\n"), 1),
        (
            &format!("exclud = []\n{bad_rule}[rules]\nacme = 'error'\n"),
            2,
        ),
        ("extend = 'none.toml'\n[rules]\nacme = 'error'\n", 1),
        ("extend = 'broken.toml'\n[rules]\nacme = 'error'\n", 1),
    ] {
        let directory = two_modules(config);
        write_file(directory.path(), "broken.toml", "a = ");
        let run = run(directory.path(), &[]);
        assert_eq!(run.code, 2);
        let named = run.stderr.matches("error[configuration]").count();
        assert_eq!(named, wrong, "{config}\n{}", run.stderr);
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let directory = two_modules("");
    let refused = |arguments: &[&str], said: &str| {
        let run = run(directory.path(), arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    };
    refused(&["--config", "none.toml"], "none.toml:1:1");
    refused(&["--config", "a"], "is a directory");
    write_file(directory.path(), "one.toml", "extend = 'two.toml'\n");
    write_file(directory.path(), "two.toml", "\nextend = 'one.toml'\n");
    refused(&["--config", "one.toml"], "[two.toml:2:10]");
    write_file(directory.path(), "one.toml", "extend = 'two.toml'\n");
    write_file(directory.path(), "two.toml", "[rules]\nx = 'off'\n");
    refused(&["--config", "one.toml"], "[two.toml:2:1]");
    fs::write(directory.path().join("bytes.toml"), b"a = 1\n# \xff\n").unwrap();
    refused(&["--config", "bytes.toml"], "[bytes.toml:2:3]");
    fs::remove_file(directory.path().join(FILE)).unwrap();
    fs::create_dir(directory.path().join(FILE)).unwrap();
    refused(&[], "it is a directory");
    refused(
        &["--severity", "skip-version-chek=off", "--no-config"],
        "did you mean `skip-version-check`?",
    );
    for command in [&["rules"][..], &["explain", "acme"]] {
        refused(command, "error[configuration]");
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_no_configuration() {
    let directory = two_modules("");
    fs::remove_file(directory.path().join(FILE)).unwrap();
    std::os::unix::fs::symlink("none", directory.path().join(FILE)).unwrap();
    assert_eq!(run(directory.path(), &[]).code, 2);
}

/// A repository of one file with one custom rule.
fn house(rule: &str, main: &str) -> TempDir {
    repository(&[
        (
            FILE,
            &format!("[[custom]]\nid = 'acme'\nmessage = 'not so'\n{rule}\n"),
        ),
        ("main.tf", main),
    ])
}

#[test]
fn custom_rules_look_at_values() {
    let bucket = "block = 'resource \"aws_s3_bucket\"'\n";
    let in_bucket = |body: &str| {
        format!("resource \"aws_s3_bucket\" \"b\" {{\n{body}\n}}\nvariable \"u\" {{}}\n")
    };
    for (rule, body, lines) in [
        (
            "argument = 'bucket'\nmatches = '^acme-'",
            "bucket = \"other\"",
            &[2][..],
        ),
        (
            "argument = 'bucket'\nmatches = '^acme-'",
            "bucket = \"acme-x\"",
            &[],
        ),
        (
            "argument = 'bucket'\nmatches = '^acme-'",
            "bucket = var.unknown",
            &[],
        ),
        (
            "argument = 'bucket'\nmatches = '^acme-'",
            "bucket = \"${var.u}-x\"",
            &[],
        ),
        (
            "argument = 'bucket'\nmatches = '^acme-'",
            "bucket = null",
            &[],
        ),
        ("argument = 'bucket'\nmatches = '^acme-'", "", &[]),
        (
            "argument = 'bucket'\nmatches = '^acme-'",
            "bucket = var.u == 1 ? \"acme-a\" : \"b\"",
            &[2],
        ),
        (
            "argument = 'bucket'\nnot-matches = 'x'",
            "bucket = \"axb\"",
            &[2],
        ),
        (
            "argument = 'bucket'\none-of = ['a', 1, true]",
            "bucket = 1",
            &[],
        ),
        (
            "argument = 'bucket'\none-of = ['a', 1, true]",
            "bucket = false",
            &[2],
        ),
        ("argument = 'bucket'\nrequired = true", "", &[1]),
        (
            "argument = 'bucket'\nrequired = true",
            "bucket = null",
            &[2],
        ),
        ("argument = 'bucket'\nrequired = true", "bucket = \"\"", &[]),
        (
            "argument = 'bucket'\nrequired = true",
            "bucket = var.u",
            &[],
        ),
        (
            "argument = 'bucket'\nrequired = true",
            "bucket = var.u == 1 ? null : \"a\"",
            &[],
        ),
        (
            "argument = 'bucket'\nforbidden = true",
            "bucket = \"a\"",
            &[2],
        ),
        (
            "argument = 'bucket'\nforbidden = true",
            "bucket = null",
            &[],
        ),
        (
            "argument = 'bucket'\nforbidden = true",
            "bucket = var.u",
            &[],
        ),
        (
            "argument = 'tags.owner'\nrequired = true",
            "tags = {}",
            &[2],
        ),
        ("argument = 'tags.owner'\nrequired = true", "", &[1]),
        (
            "argument = 'tags.owner'\nrequired = true",
            "tags = merge({ a = 1 }, var.u)",
            &[],
        ),
        (
            "argument = 'tags.owner'\nrequired = true",
            "tags = merge({ a = 1 }, { owner = \"x\" })",
            &[],
        ),
        (
            "argument = 'tags.owner'\nmatches = 'x'",
            "tags = {\n  a = 1\n  owner = \"y\"\n}",
            &[4],
        ),
        (
            "argument = 'tags.\"a.b\"'\nmatches = 'x'",
            "tags = { \"a.b\" = \"y\" }",
            &[2],
        ),
        (
            "argument = 'tags'\nmatches = 'x'",
            "tags = {\n  a = \"x\"\n  b = \"y\"\n}",
            &[4],
        ),
        (
            "argument = 'list.0'\nmatches = 'x'",
            "list = [\"y\", \"z\"]",
            &[2],
        ),
        (
            "argument = 'list'\nmatches = 'x'",
            "list = [\n\"x\",\n\"z\"]",
            &[4],
        ),
        (
            "argument = 'versioning.enabled'\none-of = [true]",
            "versioning {\n  enabled = false\n}",
            &[3],
        ),
        (
            "argument = 'versioning.enabled'\nrequired = true",
            "versioning {\n}",
            &[2],
        ),
        (
            "argument = 'versioning.enabled'\nrequired = true",
            "dynamic \"versioning\" {\n  for_each = []\n}",
            &[],
        ),
        (
            "argument = 'versioning.enabled'\none-of = [true]",
            "dynamic \"versioning\" {\n  for_each = [1]\n  content {\n    enabled = false\n  }\n}",
            &[5],
        ),
        (
            "argument = 'versioning.enabled'\none-of = [true]",
            "dynamic \"versioning\" {\n  for_each = [false]\n  content {\n    enabled = versioning.value\n  }\n}",
            &[],
        ),
        (
            "argument = 'versioning.rule.days'\nmatches = '^3'",
            "versioning {\n  dynamic \"rule\" {\n    for_each = [1]\n    iterator = it\n    content {\n      days = \"3${it.key}\"\n    }\n  }\n  rule {\n    days = 4\n  }\n}",
            &[11],
        ),
        (
            "argument = 'versioning'\nforbidden = true",
            "versioning {\n}",
            &[2],
        ),
        (
            "argument = 'bucket'\nmatches = '^acme'",
            "for_each = { acme = 1, b = 2 }\nbucket = each.key",
            &[3],
        ),
        (
            "argument = 'bucket'\nmatches = '^acme'",
            "count = 0\nbucket = \"b\"",
            &[3],
        ),
    ] {
        let directory = house(&format!("{bucket}{rule}"), &in_bucket(body));
        let found = found(&directory, &[]);
        let expected: Vec<String> = lines
            .iter()
            .map(|line| format!("main.tf:{line} acme"))
            .collect();
        assert_eq!(found, expected, "{rule}\n{body}");
    }
}

#[test]
fn custom_rules_look_at_any_block() {
    let main = r#"terraform {
  required_version = "~> 1.5"
}
module "m" {
  source = "git::https://example.com/x"
}
data "aws_ami" "a" {
  owners = ["self"]
}
variable "v" {
  description = ""
}
output "o" {
  value = "x"
}
check "c" {
}
locals {
  region = "us"
}
"#;
    for (block, argument, line) in [
        ("terraform", "required_version", 2),
        ("module \"*\"", "source", 5),
        ("data \"aws_*\" \"*\"", "owners", 8),
        ("variable", "description", 11),
        ("output \"o\"", "value", 14),
        ("locals", "region", 19),
    ] {
        let rule = format!("block = '{block}'\nargument = '{argument}'\nmatches = 'never'");
        let directory = house(&rule, main);
        assert_eq!(
            found(&directory, &[]),
            [format!("main.tf:{line} acme")],
            "{block}"
        );
    }
    let directory = house(
        "block = 'check'\nargument = 'assert'\nrequired = true",
        main,
    );
    assert_eq!(found(&directory, &[]), ["main.tf:16 acme"]);
}

#[test]
fn custom_rules_follow_values_to_where_they_are_written() {
    let rule = "block = 'provider \"zenml\"'\nargument = 'server_url'\nmatches = '\\.acme\\.com$'\nreplacement = 'https://ml.acme.com'";
    let directory = repository(&[
        (
            FILE,
            &format!("[[custom]]\nid = 'acme'\nmessage = 'not so'\n{rule}\n"),
        ),
        (
            "main.tf",
            "module \"m\" {\n  source = \"./m\"\n  url    = \"https://a.mycompany.com\"\n}\n",
        ),
        ("m/main.tf", &HEAD.replace("zenml =", "z     =")),
        (
            "m/z.tf",
            "variable \"url\" {}\nprovider \"z\" {\n  server_url = var.url # a\n  api_key = var.key\n}\nvariable \"key\" { sensitive = true }\n",
        ),
    ]);
    assert_eq!(found(&directory, &["--select", "acme"]), ["main.tf:3 acme"]);
    assert_eq!(
        found(&directory, &["m", "--select", "acme"]),
        ["main.tf:3 acme"]
    );
    let diff = run(directory.path(), &["--diff"]);
    assert_eq!((diff.code, diff.stdout.as_str()), (0, ""));
    let diff = run(directory.path(), &["--diff", "--unsafe-fixes"]);
    assert!(
        diff.stdout
            .contains("+  url    = \"https://ml.acme.com\"\n"),
        "{}",
        diff.stdout
    );
    // They are ignored as others are.
    let text = "variable \"url\" {}\nprovider \"z\" {\n  server_url = var.url # zenml-tflint-ignore: acme\n}\n";
    write_file(directory.path(), "m/z.tf", text);
    assert_eq!(
        found(&directory, &["--select", "acme,unused-ignore"]),
        [""; 0]
    );
    let off = found(
        &directory,
        &["--ignore", "acme", "--select", "acme,unused-ignore"],
    );
    assert_eq!(off, [""; 0]);
}

#[test]
fn replacements_fit_where_they_are_written() {
    let rule = |argument: &str, demand: &str, replacement: &str| {
        format!(
            "block = 'resource \"x_y\"'\nargument = '{argument}'\n{demand}\nreplacement = '{replacement}'"
        )
    };
    let json = r#"{"resource": {"x_y": {"a": {"b": "old"}}}}"#;
    for (rule, name, before, after) in [
        (
            rule("b", "matches = 'n'", r#"a"n\${x}"#),
            "main.tf",
            "resource \"x_y\" \"a\" {\n  b = \"old\"\n}\n",
            r#"  b = "a\"n\\$${x}""#,
        ),
        (
            rule("b", "matches = 'n'", r#"a"n"#),
            "main.tf.json",
            json,
            r#""b": "a\"n""#,
        ),
        (
            rule("b", "required = true", "new"),
            "main.tf",
            "resource \"x_y\" \"a\" {\n}\n",
            "  b = \"new\"",
        ),
        (
            rule("b", "required = true", "new"),
            "main.tf",
            "resource \"x_y\" \"a\" {\n  b = null\n}\n",
            "  b = \"new\"",
        ),
        (
            rule("b.c", "required = true", "new"),
            "main.tf",
            "resource \"x_y\" \"a\" {\n  b = { d = 1 }\n}\n",
            "  b = { d = 1, c = \"new\" }",
        ),
        (
            rule("b", "one-of = [2]", "2"),
            "main.tf",
            "resource \"x_y\" \"a\" {\n  b = 1\n}\n",
            "  b = 2",
        ),
        (
            rule("b", "one-of = ['new']", "new"),
            "main.tf",
            "resource \"x_y\" \"a\" {\n  b = \"\"\n}\n",
            "  b = \"new\"",
        ),
    ] {
        let config = format!("[[custom]]\nid = 'acme'\nmessage = 'not so'\n{rule}\n");
        let directory = repository(&[(FILE, &config), (name, before)]);
        assert_eq!(run(directory.path(), &["--fix"]).code, 1);
        assert_eq!(
            fs::read_to_string(directory.path().join(name)).unwrap(),
            before
        );
        let run = run(directory.path(), &["--fix", "--unsafe-fixes"]);
        let text = fs::read_to_string(directory.path().join(name)).unwrap();
        assert!(text.contains(after), "{rule}\n{text}");
        assert_eq!(run.code, 0, "{rule}\n{}", run.stdout);
    }
}

#[test]
fn custom_rules_are_listed_explained_and_tried() {
    let rule = "block = 'resource \"x_y\"'\nargument = 'b'\nmatches = 'n'\nseverity = 'note'";
    let directory = house(rule, "resource \"x_y\" \"a\" {\n  b = \"old\"\n}\n");
    write_file(directory.path(), "below/other.tf", "locals {}\n");
    let here = |arguments: &[&str]| run(directory.path(), arguments);
    let listed = here(&["rules"]);
    assert!(listed.stdout.contains("\nacme "), "{}", listed.stdout);
    assert!(!here(&["rules", "--no-config"]).stdout.contains("\nacme "));
    let below = run(&directory.path().join("below"), &["explain", "acme"]);
    for part in ["not so", "resource \"x_y\"", "`b` must match `n`", "note"] {
        assert!(below.stdout.contains(part), "{}", below.stdout);
    }
    let unknown = here(&["explain", "acm"]);
    assert!(
        unknown.stderr.contains("did you mean `acme`?"),
        "{}",
        unknown.stderr
    );
    let json = here(&["rules", "--output-format", "json"]).json();
    let rules = json["rules"].as_array().unwrap();
    let find = |name: &str| rules.iter().find(|rule| rule["rule"] == name).unwrap();
    assert_eq!(rules.len(), zenml_tflint::rules::all().len() + 1);
    assert_eq!(
        *find("acme"),
        serde_json::json!({
            "rule": "acme", "severity": "note", "fix": "none", "since": null, "summary": "not so", "custom": true,
            "url": null
        })
    );
    let built_in = find("hardcoded-secret");
    assert_eq!(
        (&built_in["severity"], &built_in["custom"]),
        (&"error".into(), &false.into())
    );
    assert!(
        built_in["url"]
            .as_str()
            .unwrap()
            .ends_with("rules/hardcoded-secret.md")
    );
    let tried = here(&["rules", "--test", "main.tf"]);
    assert_eq!(tried.code, 1);
    assert!(
        tried
            .stdout
            .ends_with("rule  blocks  findings\nacme       1         1\n"),
        "{}",
        tried.stdout
    );
    let nothing = here(&["rules", "--test", "below"]);
    assert_eq!(nothing.code, 0);
    assert!(
        nothing.stdout.ends_with("acme       0         0\n"),
        "{}",
        nothing.stdout
    );
    assert_eq!(here(&["rules", "--test", "none.tf"]).code, 2);
    let none = here(&["rules", "--test", "main.tf", "--no-config"]);
    assert_eq!(none.stdout, "The configuration has no custom rules.\n");
    let typo = here(&["--select", "acne"]);
    assert!(
        typo.stderr.contains("did you mean `acme`?"),
        "{}",
        typo.stderr
    );
    // Severities of the configuration hold for them, too.
    let rules =
        format!("[rules]\nacme = 'error'\n[[custom]]\nid = 'acme'\nmessage = 'm'\n{rule}\n");
    write_file(directory.path(), FILE, &rules);
    assert_eq!(severities(&directory, "acme", &[]), ["main.tf error"]);
}

#[test]
fn custom_rules_show_no_secrets() {
    // Not a shape that anybody knows: the place alone makes it secret.
    let key = ["correct", "horse", "battery"].concat();
    let shaped = format!("ZENKEY_{}", "QUJD".repeat(40));
    let config = format!(
        "[[custom]]\nid = 'one'\nblock = 'provider \"zenml\"'\nargument = 'api_key'\nmatches = '^x'\nmessage = 'm'\n\
         [[custom]]\nid = 'two'\nblock = 'provider \"zenml\"'\nargument = 'api_key'\none-of = ['{shaped}']\nmessage = '{shaped}'\n\
         replacement = '{shaped}'\n"
    );
    let main = format!(
        "variable \"k\" {{\n  default = \"{key}\"\n}}\nprovider \"zenml\" {{\n  api_key = var.k\n}}\n"
    );
    let directory = repository(&[(FILE, &config), ("main.tf", &main)]);
    assert_eq!(
        found(&directory, &["--select", "one,two"]),
        ["main.tf:2 one", "main.tf:2 two"]
    );
    let formats = "human concise json sarif github gitlab junit checkstyle rdjson";
    let checks = formats
        .split(' ')
        .map(|format| vec!["--output-format", format]);
    let others = [
        vec!["--diff", "--unsafe-fixes", "--select", "one,two"],
        vec!["--show-settings"],
        vec!["--verbose"],
        vec!["rules"],
        vec!["rules", "--output-format", "json"],
        vec!["rules", "--test", "main.tf"],
        vec!["explain", "two"],
        vec!["eval", "var.k"],
    ];
    for arguments in checks.chain(others) {
        let run = run(directory.path(), &arguments);
        for text in [&run.stdout, &run.stderr] {
            assert!(
                !text.contains(&key) && !text.contains(&shaped),
                "{arguments:?}\n{text}"
            );
        }
    }
}

#[test]
fn other_words_than_zenml_make_files_relevant_only_where_the_rule_holds() {
    let directory = repository(&[
        ("a/main.tf", "resource \"x_y\" \"a\" {\n  b = \"old\"\n}\n"),
        ("b/main.tf", "resource \"x_y\" \"a\" {\n  b = \"old\"\n}\n"),
        (
            "b/.zenml-tflint.toml",
            "[[custom]]\nid = 'acme'\nblock = 'resource \"x_*\" \"*\"'\nargument = 'b'\nmatches = 'n'\nmessage = 'm'\n",
        ),
    ]);
    assert_eq!(found(&directory, &[]), ["b/main.tf:2 acme"]);
    let verbose = run(directory.path(), &["--verbose"]);
    assert!(
        verbose.stderr.contains("texts read: 1"),
        "{}",
        verbose.stderr
    );
}

#[test]
fn settings_are_shown_as_a_file_that_says_the_same() {
    let config = "fail-on = 'note'\nexclude = ['x/**']\nprovider-version = '3.0'\nzenml-version = '0.98'\n\
                  [environment]\nassume = ['A']\n[zenml]\nextra-flavors = { orchestrator = ['acme_batch'] }\n\
                  [rules]\nprefer-api-key = 'off'\n\
                  [[overrides]]\nfiles = ['b/**']\nrules = { unpinned-provider = 'off' }\n";
    let directory = two_modules(config);
    let shown = run(
        directory.path(),
        &[
            "--show-settings",
            "--severity",
            "skip-version-check=error",
            "--exclude",
            "y",
        ],
    );
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    let table: toml::Table = shown.stdout.parse().unwrap();
    assert_eq!(table["fail-on"].as_str(), Some("note"));
    assert_eq!(table["exclude"].as_array().unwrap().len(), 2);
    assert_eq!(table["rules"]["prefer-api-key"].as_str(), Some("off"));
    assert_eq!(table["rules"]["skip-version-check"].as_str(), Some("error"));
    assert_eq!(table["rules"]["hardcoded-secret"].as_str(), Some("error"));
    assert_eq!(
        table["zenml"]["extra-flavors"]["orchestrator"][0].as_str(),
        Some("acme_batch")
    );
    write_file(directory.path(), "again.toml", &shown.stdout);
    let again = run(
        directory.path(),
        &["--show-settings", "--config", "again.toml"],
    );
    let lines = |text: &str| text.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert_eq!(lines(&again.stdout), lines(&shown.stdout));
    let none = run(directory.path(), &["--show-settings", "--no-config"]);
    assert!(
        none.stdout
            .starts_with("# no configuration file\nfail-on = \"warning\"\n"),
        "{}",
        none.stdout
    );
}
