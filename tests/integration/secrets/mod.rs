//! No output shows a secret, wherever it is planted.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

mod classes;
mod random;

use crate::support::program::{finish, program};
use crate::support::{NOW, api_key, jwt, repository, write_file};

/// Characters of a secret that may stand side by side in an output, after the prefix that says what it is.
const MOST: usize = 11;
const PREFIX: usize = 7;

const FORMATS: &[&[&str]] = &[
    &["--color", "never"],
    &["--color", "always"],
    &["--verbose", "--statistics"],
    &["--output-format", "concise", "--statistics", "--verbose"],
    &["--output-format", "json", "--verbose"],
];

/// Formats that one run writes to a file each.
const REPORTS: &[&str] = &[
    "human",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "checkstyle",
    "rdjson",
];

const HEAD: &str = r#"terraform {
  required_providers {
    zenml = {
      source = "zenml-io/zenml"
    }
  }
}
"#;

/// The part of a secret that an output shows although it must not.
fn shown_part<'a>(secret: &'a str, output: &str) -> Option<&'a str> {
    let rest = secret.get(PREFIX..)?;
    let last = rest.len().checked_sub(MOST + 1)?;
    (0..=last)
        .filter_map(|at| rest.get(at..=at + MOST))
        .find(|part| output.contains(part))
}

struct Planted {
    place: &'static str,
    files: Vec<(&'static str, String)>,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
}

fn in_file(place: &'static str, body: &str) -> Planted {
    in_files(place, &[("main.tf", &format!("{HEAD}{body}"))])
}

fn in_files(place: &'static str, files: &[(&'static str, &str)]) -> Planted {
    Planted {
        place,
        files: files.iter().map(|(n, t)| (*n, (*t).to_owned())).collect(),
        arguments: Vec::new(),
        environment: Vec::new(),
    }
}

/// A provider block whose key is an expression.
fn provider(expression: &str) -> String {
    format!(
        "provider \"zenml\" {{\n  server_url = \"https://a.mycompany.com/\"\n  api_key    = {expression}\n}}\n"
    )
}

fn planted(s: &str) -> Vec<Planted> {
    let by_variable = format!("{HEAD}variable \"key\" {{}}\n{}", provider("var.key"));
    let child = by_variable.as_str();
    let mut all = vec![
        in_file("literal", &provider(&format!("\"{s}\""))),
        in_file("blanks around", &provider(&format!("\" {s}\\n\""))),
        in_file(
            "token",
            &format!("provider \"zenml\" {{\n  api_token = \"{s}\"\n}}\n"),
        ),
        in_file(
            "default",
            &format!(
                "variable \"key\" {{\n  default = \"{s}\"\n}}\n{}",
                provider("var.key")
            ),
        ),
        in_file(
            "local",
            &format!("locals {{\n  key = \"{s}\"\n}}\n{}", provider("local.key")),
        ),
        in_file(
            "map",
            &format!(
                "locals {{\n  keys = {{ a = \"{s}\", b = \"x\" }}\n}}\n{}",
                provider("local.keys[\"a\"]")
            ),
        ),
        in_file(
            "heredoc",
            &provider(&format!("trimspace(<<EOT\n{s}\nEOT\n)")),
        ),
        in_file("bare heredoc", &provider(&format!("<<EOT\n{s}\nEOT"))),
        in_file(
            "template",
            &format!(
                "variable \"x\" {{}}\n{}",
                provider(&format!("\"${{var.x}}{s}\""))
            ),
        ),
        in_file(
            "function",
            &provider(&format!("join(\"\", [\"{}\", \"{}\"])", &s[..40], &s[40..])),
        ),
        in_file(
            "replaced",
            &provider(&format!("replace(\"{s}\", \"ZENKEY\", \"zenkey\")")),
        ),
        in_file(
            "encoded",
            &provider(&format!("base64decode(base64encode(\"{s}\"))")),
        ),
        in_file(
            "arm not taken",
            &provider(&format!("true ? \"x\" : \"{s}\"")),
        ),
        in_file(
            "fallback not used",
            &provider(&format!("coalesce(\"x\", \"{s}\")")),
        ),
        in_file("try", &provider(&format!("try(local.none, \"{s}\")"))),
        in_file(
            "comment beside",
            &format!("{}# old: {s}\n", provider(&format!("\"{s}\" # was {s}"))),
        ),
        in_file("comment only", &format!("# {s}\n{}", provider("\"x\""))),
        in_file(
            "ignore comment",
            &provider(&format!("\"{s}\" # zenml-tflint-ignore: {s}")),
        ),
        in_file(
            "elsewhere",
            &format!(
                "output \"o\" {{\n  value = \"{s}\"\n}}\n{}",
                provider("null")
            ),
        ),
        in_file(
            "as a name",
            &format!(
                "provider \"zenml\" {{\n  alias = \"{s}\"\n  server_url = \"https://a.mycompany.com/\"\n}}\n"
            ),
        ),
        in_file(
            "argument name",
            &format!(
                "provider \"zenml\" {{\n  {} = \"x\"\n  secrets = \"{s}\"\n}}\n",
                "apikey"
            ),
        ),
        in_file(
            "url",
            &format!("provider \"zenml\" {{\n  server_url = \"https://a.mycompany.com/{s}\"\n}}\n"),
        ),
        in_file(
            "query",
            &format!(
                "provider \"zenml\" {{\n  server_url = \"https://a.mycompany.com/?key={s}\"\n}}\n"
            ),
        ),
        in_file(
            "url password",
            &format!(
                "provider \"zenml\" {{\n  server_url = \"https://user:{s}@a.mycompany.com/\"\n}}\n"
            ),
        ),
        in_file(
            "reference",
            &provider(&format!("local.{}", s.replace(['=', '+', '/', '.'], "_"))),
        ),
        in_file(
            "constraint",
            &format!(
                "terraform {{\n  required_providers {{\n    zenml = {{\n      source = \"{s}\"\n    }}\n  }}\n}}\n{}",
                provider("\"x\"")
            ),
        ),
        in_file(
            "open string",
            &format!(
                "{}provider \"zenml\" {{\n  api_key = \"{s}\n}}\n",
                provider("\"x\"")
            ),
        ),
        in_file(
            "open block",
            &format!("provider \"zenml\" {{\n  api_key = \"{s}\"\n"),
        ),
        in_file(
            "no value",
            &format!("provider \"zenml\" {{\n  api_key = {s}\n}}\n"),
        ),
        in_file("broken expression", &provider(&format!("\"{s}\" + ( "))),
        in_file(
            "one line",
            &format!("provider \"zenml\" {{ api_key = \"{s}\" server_url = \"x/\" }}\n"),
        ),
        in_files(
            "tfvars",
            &[
                ("main.tf", child),
                ("terraform.tfvars", &format!("key = \"{s}\"\n")),
            ],
        ),
        in_files(
            "broken tfvars",
            &[
                ("main.tf", child),
                ("terraform.tfvars", &format!("key = \"{s}\nx = (\n")),
            ],
        ),
        in_files(
            "other tfvars",
            &[
                ("main.tf", child),
                ("env/prod.tfvars", &format!("key = \"{s}\"\n")),
            ],
        ),
        in_files(
            "tfvars.json",
            &[
                ("main.tf", child),
                ("a.auto.tfvars.json", &format!("{{\"key\": \"{s}\"}}")),
            ],
        ),
        in_files(
            "argument",
            &[
                ("m/main.tf", child),
                (
                    "main.tf",
                    &format!("module \"m\" {{\n  source = \"./m\"\n  key = \"{s}\"\n}}\n"),
                ),
            ],
        ),
        in_files(
            "JSON",
            &[(
                "main.tf.json",
                &format!(
                    "{{\"provider\": {{\"zenml\": {{\"server_url\": \"https://a.mycompany.com/\", \"api_key\": \"{s}\"}}}}}}"
                ),
            )],
        ),
        in_files(
            "broken JSON",
            &[(
                "main.tf.json",
                &format!("{{\"provider\": {{\"zenml\": {{\"api_key\": \"{s}\", ]}}}}}}"),
            )],
        ),
        in_files(
            "test file",
            &[
                ("main.tf", child),
                ("a.tftest.hcl", &provider(&format!("\"{s}\""))),
            ],
        ),
    ];
    all.extend(planted_in_resources(s));
    let mut by_environment = |place, arguments: &[&str], name: &'static str| {
        let mut planted = in_files(place, &[("main.tf", child)]);
        planted.arguments = arguments.iter().map(|a| (*a).to_owned()).collect();
        if !name.is_empty() {
            planted.environment.push((name, s.to_owned()));
        }
        all.push(planted);
    };
    by_environment("--var", &["--var", &format!("key={s}")], "");
    by_environment("unknown --var", &["--var", &format!("other={s}")], "");
    by_environment("--var without name", &["--var", s], "");
    by_environment(
        "--var of another kind",
        &["--var", &format!("key={{{s}")],
        "",
    );
    by_environment("--select", &["--select", s], "");
    by_environment("a path", &[s], "");
    by_environment("an option", &[&format!("--api-key={s}")], "");
    by_environment("TF_VAR_", &[], "TF_VAR_key");
    by_environment("ZENML_API_KEY", &[], "ZENML_API_KEY");
    by_environment("ZENML_API_TOKEN", &[], "ZENML_API_TOKEN");
    by_environment("ZENML_SERVER_URL", &[], "ZENML_SERVER_URL");
    all
}

/// In resources: where a secret belongs, and where it was put by mistake.
fn planted_in_resources(s: &str) -> Vec<Planted> {
    let connector = |body: &str| {
        let head =
            "resource \"zenml_service_connector\" \"c\" {\n  name = \"c\"\n  type = \"docker\"";
        format!("{head}\n  auth_method = \"password\"\n{body}\n}}\n")
    };
    let tracker = |key: &str| {
        let head = "resource \"zenml_stack_component\" \"c\" {\n  name = \"c\"\n  type = \"experiment_tracker\"";
        format!("{head}\n  flavor = \"comet\"\n  configuration = {{ {key} = \"{s}\" }}\n}}\n")
    };
    let secret =
        |body: &str| format!("resource \"zenml_secret\" \"s\" {{\n  nmae = \"s\"\n{body}\n}}\n");
    vec![
        in_file("secret", &secret(&format!("  values = {{ a = \"{s}\" }}"))),
        in_file(
            "secret's block",
            &secret(&format!("  values {{\n    a = \"{s}\"\n  }}")),
        ),
        in_file(
            "secret's wrong argument",
            &secret(&format!("  value = {{ a = \"{s}\" }}")),
        ),
        in_file(
            "connector",
            &connector(&format!("  configuration = {{ password = \"{s}\" }}")),
        ),
        in_file(
            "connector's misspelt key",
            &connector(&format!("  configuration = {{ pasword = \"{s}\" }}")),
        ),
        in_file(
            "connector's argument",
            &connector(&format!("  password = \"{s}\"")),
        ),
        in_file(
            "connector's block",
            &connector(&format!("  configuration {{\n    password = \"{s}\"\n  }}")),
        ),
        in_file(
            "connector's old argument",
            &connector(&format!("  secrets = {{ password = \"{s}\" }}")),
        ),
        in_file("component", &tracker("api_key")),
        in_file("component's misspelt key", &tracker("apikey")),
    ]
}

fn check(secret: &str) {
    let mut leaks = Vec::new();
    for planted in planted(secret) {
        let directory = repository(&[]);
        for (name, text) in &planted.files {
            write_file(directory.path(), name, text);
        }
        for format in FORMATS {
            let mut command = program(directory.path());
            command.args(*format).args(&planted.arguments);
            command.envs(planted.environment.iter().map(|(n, v)| (n, v)));
            let run = finish(&mut command, "");
            for (name, output) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
                if shown_part(secret, output).is_some() {
                    leaks.push(format!("{} on {name} with {format:?}", planted.place));
                }
            }
        }
        let mut command = program(directory.path());
        for format in REPORTS {
            command.args(["--output-format", &format!("{format}=report.{format}")]);
        }
        command.arg("--unsafe-fixes").args(&planted.arguments);
        command.envs(planted.environment.iter().map(|(n, v)| (n, v)));
        let run = finish(&mut command, "");
        let mut baseline = program(directory.path());
        baseline.arg("--write-baseline").args(&planted.arguments);
        baseline.envs(planted.environment.iter().map(|(n, v)| (n, v)));
        let wrote = finish(&mut baseline, "");
        for output in [&run.stdout, &run.stderr, &wrote.stdout, &wrote.stderr] {
            if shown_part(secret, output).is_some() {
                leaks.push(format!("{} beside reports", planted.place));
            }
        }
        for entry in std::fs::read_dir(directory.path()).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if name.starts_with("report.") || name.contains("baseline") {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                if shown_part(secret, &text).is_some() {
                    leaks.push(format!("{} in {name}", planted.place));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[test]
fn no_output_shows_an_api_key() {
    check(&api_key(9));
}

#[test]
fn no_output_shows_a_token() {
    check(&jwt(NOW + 7200));
}

#[test]
fn no_output_shows_a_secret_without_a_shape() {
    let secret = ["correct", "horse", "battery"].concat();
    let block = |key: &str| {
        format!("provider \"zenml\" {{\n  {key}\n  server_url = \"https://a.mycompany.com/\"\n}}\n")
    };
    let literal = format!("api_key = \"{secret}\"");
    let over = block("api_key = null");
    let tested = block(&literal);
    for (place, body, others) in [
        ("literal", block(&literal), vec![]),
        (
            "replaced by an override file",
            block(&literal),
            vec![("override.tf", over.as_str())],
        ),
        (
            "the second of its name",
            block(&format!("api_key = null\n  {literal}")),
            vec![],
        ),
        ("misspelt", block(&format!("apikey = \"{secret}\"")), vec![]),
        (
            "in a test file",
            block("api_key = null"),
            vec![("a.tftest.hcl", tested.as_str())],
        ),
    ] {
        let directory = repository(&[("main.tf", &format!("{HEAD}{body}"))]);
        for (name, text) in others {
            write_file(directory.path(), name, text);
        }
        let diff: &[&str] = &["--diff", "--unsafe-fixes"];
        for format in FORMATS.iter().chain([&diff]) {
            let run = crate::support::program::run(directory.path(), format);
            assert!(!run.stdout.contains(&secret), "{place} with {format:?}");
        }
    }
}

#[test]
fn no_output_shows_a_secret_that_is_a_key() {
    let secret = "qW7e".repeat(5);
    for password in [
        format!("keys({{ \"{secret}\" = 1 }})[0]"),
        format!("upper(keys({{ \"{secret}\" = 1 }})[0])"),
        format!("jsonencode({{ inner = keys({{ \"{secret}\" = 1 }})[0] }})"),
        format!("jsonencode({{ \"{secret}\" = 1 }})"),
        format!("jsonencode({{ for name in [\"{secret}\"] : name => 1 }})"),
        format!("jsonencode(keys(zipmap([\"{secret}\"], [1])))"),
    ] {
        let connector = format!(
            "resource \"zenml_service_connector\" \"c\" {{\n  name = \"c\"\n  type = \"docker\"\n  auth_method = \"password\"\n  configuration = {{\n    password = {password}\n  }}\n}}\n"
        );
        let directory = repository(&[("main.tf", &format!("{HEAD}{connector}"))]);
        let diff: &[&str] = &["--diff", "--unsafe-fixes"];
        for format in FORMATS.iter().chain([&diff]) {
            let run = crate::support::program::run(directory.path(), format);
            assert!(!run.stdout.contains(&secret), "{password} with {format:?}");
        }
    }
}

#[test]
fn no_output_shows_an_env_files_or_standard_inputs_secret() {
    let secret = api_key(11);
    let directory = repository(&[("main.tf", &format!("{HEAD}{}", provider("null")))]);
    for text in [
        format!("ZENML_API_KEY={secret}\n"),
        format!("{secret}\n"),
        format!("ZENML_API_KEY '{secret}\n"),
    ] {
        write_file(directory.path(), "run.env", &text);
        let run =
            crate::support::program::run(directory.path(), &["--env-file", "run.env", "--verbose"]);
        assert_eq!(shown_part(&secret, &run.stdout), None);
        assert_eq!(shown_part(&secret, &run.stderr), None);
    }
    for text in [
        provider(&format!("\"{secret}\"")),
        format!("provider \"zenml\" {{ api_key = \"{secret}"),
    ] {
        let run = crate::support::program::run_with_input(directory.path(), &["-"], &text);
        assert_eq!(run.code, 1);
        assert_eq!(shown_part(&secret, &run.stdout), None);
    }
}

#[test]
fn a_secret_that_a_fix_has_moved_is_not_shown_where_it_stands_again() {
    let secret = ["correct", "horse", "battery"].concat();
    let again = format!("locals {{\n  x = \"{secret}\n}}\n");
    let main = format!("{HEAD}{}{again}", provider(&format!("\"{secret}\"")));
    let directory = repository(&[("main.tf", &main)]);
    let run = crate::support::program::run(directory.path(), &["--fix", "--unsafe-fixes"]);
    assert!(run.stdout.contains("Fixed"), "{}", run.stdout);
    assert!(!run.stdout.contains(&secret), "{}", run.stdout);
}
