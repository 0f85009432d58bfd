//! Which findings hide which others, and that a rule that is off hides nothing.

use std::collections::BTreeSet;
use std::fs;

use crate::support::program::run;
use crate::support::{Fixture, write_file};
use zenml_tflint::rules;

const CONFIG: &str = ".zenml-tflint.toml";

/// Files in which several rules find something in one literal. Each pair of the table needs one of them.
fn examples() -> Vec<String> {
    let url = |url: &str| {
        format!("provider \"zenml\" {{\n  server_url = \"{url}\"\n  api_key    = var.key\n}}\n")
    };
    let urls = [
        "http://your-zenml-server.com/api/v1/",
        "your-zenml-server.com",
        "https://<user>@cloud.zenml.io",
        "https://cloud.zenml.io/organizations/one",
        "https://cloud.zenml.io?page=1",
        "http://zenml.mycompany.com/api/v1/?page=1",
        "http://zenml.mycompany.com/zenml /",
    ];
    let credential = |name: &str, text: &str| {
        format!(
            "provider \"zenml\" {{\n  server_url = \"https://zenml.mycompany.com\"\n  {name} = \"{text}\"\n}}\n"
        )
    };
    let credentials = [
        ("api_key", "changeme"),
        ("api_token", "ZENKEY_changeme"),
        ("api_key", "{{jwt}}"),
        ("api_token", "{{expired-jwt}}-your-signatures"),
    ];
    let others = [
        r#"resource "zenml_secret" "s" {
  name   = "s"
  values = { url = "https://your-zenml-server.com" }
}
"#,
        r#"resource "zenml_stack_component" "c" {
  name          = "c"
  type          = "artifact_store"
  flavor        = "s3"
  configuration = { path = "your-bucket" }
}
"#,
        r#"resource "zenml_service_connector" "c" {
  name          = "c"
  type          = "kubernetes"
  auth_method   = "password"
  configuration = { insecure = "changeme" }
}
"#,
        r#"module "m" {
  source = "./m"
  url    = "changeme"
}

# file: m/m.tf
terraform {
  required_providers {
    zenml = {
      source = "zenml-io/zenml"
    }
  }
}

variable "url" {
  type = string
  validation {
    condition     = startswith(var.url, "https://")
    error_message = "Must be https."
  }
}

provider "zenml" {
  server_url = var.url
}
"#,
    ];
    let urls = urls.into_iter().map(url);
    let credentials = credentials.map(|(name, text)| credential(name, text));
    urls.chain(credentials)
        .chain(others.map(str::to_owned))
        .collect()
}

/// The findings of a rule, each as `path: text`, in a run of two rules after a change.
fn said(example: &str, pair: [&str; 2], change: impl Fn(&mut Fixture)) -> [BTreeSet<String>; 2] {
    let mut fixture = Fixture::new(example);
    fixture.settings.jobs = Some(1);
    let others = rules::all().iter().map(|rule| rule.name);
    let others = others.filter(|rule| !pair.contains(rule));
    fixture.settings.rules.ignore = others.map(str::to_owned).collect();
    change(&mut fixture);
    let outcome = fixture.check();
    assert_eq!(outcome.problems, [] as [&str; 0]);
    pair.map(|rule| {
        let findings = outcome.findings.iter().filter(|it| it.rule == rule);
        let place = findings.map(|finding| {
            let file = outcome.sources().get(finding.primary.file).unwrap();
            let text = outcome.sources().text_at(finding.primary);
            format!("{}: {text}", file.display)
        });
        place.collect()
    })
}

/// A way to have a rule off.
type Off = fn(&mut Fixture, &str);

fn configure(fixture: &Fixture, text: &str) {
    write_file(fixture.directory(), CONFIG, text);
}

/// The ways to have a rule off, each with a name.
const WAYS_OFF: [(&str, Off); 5] = [
    ("--ignore", |fixture, rule| {
        fixture.settings.rules.ignore.push(rule.to_owned());
    }),
    ("not selected", |fixture, rule| {
        let names = rules::all().iter().map(|rule| rule.name.to_owned());
        let selected = names.filter(|name| name != rule).collect();
        fixture.settings.rules.select = Some(selected);
    }),
    ("--severity off", |fixture, rule| {
        let level = (rule.to_owned(), "off".parse().unwrap());
        fixture.settings.rules.levels.push(level);
    }),
    ("off in the configuration", |fixture, rule| {
        configure(fixture, &format!("[rules]\n{rule} = 'off'\n"));
    }),
    ("off in an override", |fixture, rule| {
        let files = "[[overrides]]\nfiles = ['**']\n";
        configure(fixture, &format!("{files}rules = {{ {rule} = 'off' }}\n"));
    }),
];

/// Has a comment silence a rule in every file.
fn comment(fixture: &mut Fixture, rule: &str) {
    for (path, text) in &fixture.files {
        let text = format!("# zenml-tflint-ignore-file: {rule}\n{text}");
        write_file(fixture.directory(), path, &text);
    }
}

#[test]
fn a_rule_that_is_on_hides_others_and_one_that_is_off_does_not() {
    let pairs = rules::hiding()
        .iter()
        .flat_map(|(hiding, all)| all.iter().map(|hidden| [*hiding, *hidden]));
    for pair in pairs {
        let [hiding, hidden] = pair;
        let mut has_example = false;
        for example in examples() {
            let [shown, still_said] = said(&example, pair, |_| {});
            if shown.is_empty() {
                continue;
            }
            let mut places = None;
            for (way, turn_off) in WAYS_OFF {
                let [off, free] = said(&example, pair, |fixture| turn_off(fixture, hiding));
                assert_eq!(off, BTreeSet::new(), "{hiding}, {way}\n{example}");
                let first = places.get_or_insert_with(|| free.clone());
                assert_eq!(*first, free, "{hidden} without {hiding}, {way}\n{example}");
            }
            let both: BTreeSet<String> = places.unwrap().intersection(&shown).cloned().collect();
            has_example |= !both.is_empty();
            assert!(
                still_said.is_disjoint(&both),
                "{hiding} hides no {hidden}\n{example}"
            );
            let [silenced, behind] = said(&example, pair, |fixture| comment(fixture, hiding));
            assert_eq!(silenced, BTreeSet::new(), "{hiding}\n{example}");
            assert_eq!(
                behind, still_said,
                "{hidden} with {hiding} silenced\n{example}"
            );
        }
        assert!(has_example, "no example in which {hiding} hides {hidden}");
    }
}

const PLACEHOLDER: &str = r#"provider "zenml" {
  server_url = "http://your-zenml-server.com/api/v1/"
  api_key    = var.key
}
"#;

/// The rules that the program reports for a file, with its exit code.
fn program_says(text: &str, arguments: &[&str]) -> (Vec<String>, i32) {
    let fixture = Fixture::new(text);
    let json = ["--output-format", "json"];
    let arguments: Vec<&str> = arguments.iter().copied().chain(json).collect();
    let run = run(fixture.directory(), &arguments);
    (run.rules(), run.code)
}

#[test]
fn the_command_line_turns_off_what_hides() {
    let neighbors = [
        "insecure-server-url",
        "server-url-path",
        "server-url-trailing-slash",
    ];
    let all = program_says(PLACEHOLDER, &[]);
    assert_eq!(all, (vec!["placeholder-value".to_owned()], 1));
    for arguments in [
        &["--ignore", "placeholder-value"][..],
        &["--severity", "placeholder-value=off"],
        &["--select", &neighbors.join(",")],
    ] {
        let (rules, code) = program_says(PLACEHOLDER, arguments);
        assert_eq!((rules, code), (neighbors.map(str::to_owned).to_vec(), 1));
    }
}

#[test]
fn a_comment_on_a_hidden_finding_is_in_use() {
    let with = |rules: &str| {
        PLACEHOLDER.replace(
            "v1/\"\n",
            &format!("v1/\" # zenml-tflint-ignore: {rules}\n"),
        )
    };
    let hidden = "server-url-path, insecure-server-url, server-url-trailing-slash";
    // Whether or not what hides them is on, or silenced itself, the same comment is right.
    let text = with(hidden);
    assert_eq!(program_says(&text, &[]).0, ["placeholder-value"]);
    assert_eq!(
        program_says(&text, &["--ignore", "placeholder-value"]).0,
        [""; 0]
    );
    let text = with(&format!("{hidden}, placeholder-value"));
    assert_eq!(program_says(&text, &[]).0, [""; 0]);
    // Silenced, it hides what the comment does not name.
    assert_eq!(program_says(&with("placeholder-value"), &[]).0, [""; 0]);
    // What nothing finds there is unused all the same.
    let text = with("placeholder-value, malformed-credential");
    assert_eq!(program_says(&text, &[]).0, ["unused-ignore"]);
}

#[test]
fn hidden_findings_do_not_count_as_ignored() {
    let fixture = Fixture::new(&PLACEHOLDER.replace("v1/\"", "v1/\" # zenml-tflint-ignore: all"));
    assert_eq!(fixture.check().ignored, 1);
}

#[test]
fn a_known_finding_of_the_baseline_still_hides() {
    let fixture = Fixture::new(PLACEHOLDER);
    let directory = fixture.directory();
    let baseline = ["--baseline", "baseline.json", "--output-format", "json"];
    let write = run(
        directory,
        &["--baseline", "baseline.json", "--write-baseline"],
    );
    assert_eq!(write.stderr, "");
    assert_eq!(run(directory, &baseline).rules(), [""; 0]);
}

/// One literal, and in it the URLs of two callers: a placeholder, and one that is none.
const TWO_TEXTS: &str = r#"module "placeholder" {
  source = "./m"
  url    = "your-zenml-server.com/api/v1"
}

module "real" {
  source = "./m"
  url    = "zenml.mycompany.com/login"
}

# file: m/m.tf
terraform {
  required_providers {
    zenml = {
      source = "zenml-io/zenml"
    }
  }
}

variable "url" {
  type = string
}

provider "zenml" {
  server_url = "https://${var.url}"
}
"#;

#[test]
fn a_finding_about_several_texts_is_hidden_only_where_each_is() {
    let said = |text: &str, rules: &[&str]| -> Vec<String> {
        let mut fixture = Fixture::new(text);
        let select = rules.iter().map(|rule| (*rule).to_owned()).collect();
        fixture.settings.rules.select = Some(select);
        let outcome = fixture.check();
        let findings = outcome.findings.into_iter();
        findings
            .map(|finding| format!("{}: {}", finding.rule, finding.message))
            .collect()
    };
    let both = ["placeholder-value", "server-url-path"];
    let findings = said(TWO_TEXTS, &both);
    assert_eq!(findings.len(), 2, "{findings:?}");
    // The message is about the text that is not hidden, whichever comes first.
    let (placeholder, real) = ("your-zenml-server.com/api/v1", "zenml.mycompany.com/login");
    let reversed = TWO_TEXTS
        .replace(real, "REAL")
        .replace(placeholder, real)
        .replace("REAL", placeholder);
    for text in [TWO_TEXTS, &reversed] {
        let findings = said(text, &both);
        let path = findings.iter().find(|it| it.starts_with("server-url-path"));
        assert!(
            path.is_some_and(|it| it.contains("`/login`")),
            "{findings:?}"
        );
    }
    // With two placeholders there is nothing left to say.
    let findings = said(&TWO_TEXTS.replace(real, "changeme/login"), &both);
    assert_eq!(findings.len(), 1, "{findings:?}");
}

#[test]
fn cascades_are_hidden_by_rules_that_are_on() {
    let fixture = |path: &str| {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
        fs::read_to_string(format!("{root}/{path}")).unwrap()
    };
    for (pair, path) in [
        (
            ["unknown-resource-type", "connector-flavor-mismatch"],
            "connector-flavor-mismatch/unknown_resource_type.tf",
        ),
        (
            ["unknown-component-type", "stack-required-components"],
            "stack-required-components/misspelled.tf",
        ),
    ] {
        let [hiding, hidden] = pair;
        let example = fixture(path);
        let [_, with] = said(&example, pair, |_| {});
        for (way, turn_off) in WAYS_OFF {
            let [_, without] = said(&example, pair, |fixture| turn_off(fixture, hiding));
            assert!(
                without.is_superset(&with),
                "{hidden} without {hiding}, {way}"
            );
            assert_eq!(
                without.len(),
                with.len() + 1,
                "{hidden} without {hiding}, {way}"
            );
        }
        let [_, silenced] = said(&example, pair, |fixture| comment(fixture, hiding));
        assert_eq!(silenced, with, "{hidden} with {hiding} silenced");
    }
    // What does not parse is unknown, whether or not a rule says that it does not parse.
    let example = fixture("syntax-error/cascades.tf");
    let pair = ["syntax-error", "missing-argument"];
    let [_, with] = said(&example, pair, |_| {});
    for (way, turn_off) in WAYS_OFF {
        let [_, without] = said(&example, pair, |fixture| turn_off(fixture, "syntax-error"));
        assert_eq!(without, with, "{way}");
    }
}

#[test]
fn a_secret_moves_into_a_variable_where_no_other_rule_gives_its_argument_another_name() {
    let example = "provider \"zenml\" {\n  server_url = \"https://zenml.mycompany.com\"\n  api_key    = \"{{jwt}}\"\n}\n";
    let has_fix = |ignored: &[&str]| {
        let mut fixture = Fixture::new(example);
        fixture.settings.rules.ignore = ignored.iter().map(|it| (*it).to_owned()).collect();
        let outcome = fixture.check();
        let mut findings = outcome.findings.iter();
        let secret = findings.find(|finding| finding.rule == "hardcoded-secret");
        secret.unwrap().fix.is_some()
    };
    assert!(!has_fix(&[]));
    assert!(has_fix(&["swapped-credentials"]));
}
