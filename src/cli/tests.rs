use std::ffi::OsStr;
use std::path::PathBuf;

use clap::{ArgMatches, error::ErrorKind};
use zenml_tflint::config::{Config, Level};
use zenml_tflint::finding::{Finding, Severity};
use zenml_tflint::rules::{Fixable, Page};
use zenml_tflint::settings::{FailOn, Settings};
use zenml_tflint::terraform::RunInput;

use super::args::Color;
use super::*;

fn page(severity: Severity, fix: Fixable, summary: &str, body: &'static str) -> Page {
    Page {
        severity,
        fix,
        since: "0.1.0".into(),
        summary: summary.into(),
        body,
    }
}

fn parse(line: &str) -> Result<(Arguments, ArgMatches), clap::Error> {
    let words = std::iter::once("zenml-tflint").chain(line.split_whitespace());
    let matches = Arguments::command().try_get_matches_from(words)?;
    Ok((Arguments::from_arg_matches(&matches)?, matches))
}

fn settings(line: &str) -> Result<Settings, String> {
    let (arguments, matches) = parse(line).map_err(|error| error.to_string())?;
    check::settings_of(&arguments.check, &matches).map_err(|trouble| trouble.to_string())
}

fn runs(settings: &Settings, rule: &str) -> bool {
    let nothing = Config::default();
    let level = settings.rules.level(rule, &nothing, "main.tf".as_ref());
    level != Some(Level::Off)
}

#[test]
fn the_definitions_are_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn a_command_is_one_only_in_the_first_place() {
    for (line, is_command, paths) in [
        ("", false, &[][..]),
        ("rules", true, &[]),
        ("./rules", false, &["./rules"]),
        ("infra rules", false, &["infra", "rules"]),
        ("--quiet infra", false, &["infra"]),
        ("explain hardcoded-secret", true, &[]),
    ] {
        let (arguments, _) = parse(line).unwrap();
        assert_eq!(arguments.command.is_some(), is_command, "{line}");
        let expected: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        assert_eq!(arguments.check.paths, expected, "{line}");
    }
}

#[test]
fn wrong_usage_is_refused() {
    for line in [
        "--no-such-option",
        "--quiet --verbose",
        "--jobs 0",
        "--jobs -1",
        "--output-format xml",
        "--fail-on sometimes",
        "explain",
        "rules x",
        "--severity x",
        "--severity hardcoded-secret=fatal",
        "--config a --no-config",
        "--show-settings --show-files",
        "--watch --fix",
        "--watch --write-baseline",
        "rules --test x --output-format json",
    ] {
        let error = parse(line).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
    }
    assert_eq!(parse("--help").unwrap_err().kind(), ErrorKind::DisplayHelp);
    assert_eq!(parse("--version").unwrap_err().exit_code(), 0);
}

#[test]
fn settings_say_what_the_arguments_say() {
    let plain = settings("--no-env").unwrap();
    assert_eq!(plain.paths, [PathBuf::from(".")]);
    assert!(plain.gitignore && runs(&plain, "hardcoded-secret"));
    assert_eq!(plain.environment.iter().count(), 0);
    assert!(plain.now > 1_700_000_000);

    let given = settings(
        "a b --exclude x/** --no-gitignore --jobs 3 --var-file 1.tfvars --var a=b=c --var-file 2.tfvars \
         --var d= --select hardcoded-secret,skip-version-check --ignore skip-version-check, --no-env",
    )
    .unwrap();
    assert_eq!(given.paths, [PathBuf::from("a"), PathBuf::from("b")]);
    assert_eq!(
        (given.exclude.clone(), given.gitignore, given.jobs),
        (vec!["x/**".into()], false, Some(3))
    );
    let value = |name: &str, value: &str| RunInput::Var {
        name: name.into(),
        text: value.into(),
    };
    assert_eq!(
        given.variables,
        [
            RunInput::VarFile("1.tfvars".into()),
            value("a", "b=c"),
            RunInput::VarFile("2.tfvars".into()),
            value("d", ""),
        ]
    );
    assert!(runs(&given, "hardcoded-secret") && !runs(&given, "skip-version-check"));
}

#[test]
fn trouble_is_named_and_secrets_are_not() {
    for (line, expected) in [
        (
            "--var secret",
            "`--var` takes a name and a value: `--var NAME=VALUE`",
        ),
        (
            "--var =secret",
            "`--var` takes a name and a value: `--var NAME=VALUE`",
        ),
        (
            "- a.tf",
            "`-` (standard input) takes no other paths beside it",
        ),
        (
            "--stdin-filename a.tf",
            "`--stdin-filename` needs the path `-` (standard input)",
        ),
    ] {
        assert_eq!(settings(line).unwrap_err(), expected);
    }
}

#[test]
fn an_environment_file_adds_to_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("env");
    let line = format!("--no-env --env-file {}", path.display());
    assert!(settings(&line).unwrap_err().starts_with("cannot read "));

    std::fs::write(&path, "A=1\nB=2\nA=3\n").unwrap();
    let environment = settings(&line).unwrap().environment;
    assert_eq!(
        environment.iter().collect::<Vec<_>>(),
        [("A", "3"), ("B", "2")]
    );

    std::fs::write(&path, "A=1\nsecret value\n").unwrap();
    let trouble = settings(&line).unwrap_err();
    assert_eq!(
        trouble,
        format!("{}:2: a line must be NAME=value", path.display())
    );

    std::fs::write(&path, b"A=\xff").unwrap();
    assert!(settings(&line).unwrap_err().ends_with(" is not UTF-8"));
}

#[test]
fn lines_of_an_environment_file() {
    for (text, expected) in [
        ("", Ok(&[][..])),
        ("\u{feff}# a\r\n\r\n  A = b c \r\n", Ok(&[("A", "b c")])),
        (
            "export A=1\nexport\tB=2\nexported=3",
            Ok(&[("A", "1"), ("B", "2"), ("exported", "3")]),
        ),
        ("A='a \\n\"#'", Ok(&[("A", "a \\n\"#")])),
        (
            r#"A="a \"b\" \\ \$c \d\n""#,
            Ok(&[("A", "a \"b\" \\ $c \\d\n")]),
        ),
        ("A=b=c#d", Ok(&[("A", "b=c#d")])),
        ("A=\nA=\"\"", Ok(&[("A", ""), ("A", "")])),
        ("A=1\n=2", Err(2)),
        ("1A=2", Err(1)),
        ("A-B=2", Err(1)),
        ("A", Err(1)),
        ("export A", Err(1)),
        ("A=\"b", Err(1)),
        ("A=\"b\" c", Err(1)),
        ("A='b' c", Err(1)),
        ("A=\"b\\", Err(1)),
    ] {
        let parsed = env_file::parse(text).map_err(|error| error.line);
        let expected = expected.map(|variables: &[(&str, &str)]| {
            let owned = variables
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()));
            owned.collect::<Vec<(String, String)>>()
        });
        assert_eq!(parsed, expected, "{text:?}");
    }
}

#[test]
fn colours_follow_the_option_then_the_environment_then_the_terminal() {
    for (color, is_terminal, variables, expected) in [
        (Color::Auto, true, &[][..], true),
        (Color::Auto, false, &[], false),
        (Color::Auto, true, &[("NO_COLOR", true)], false),
        (Color::Auto, true, &[("NO_COLOR", false)], false),
        (Color::Auto, false, &[("CLICOLOR_FORCE", true)], true),
        (Color::Auto, false, &[("CLICOLOR_FORCE", false)], false),
        (Color::Auto, true, &[("CLICOLOR", false)], false),
        (
            Color::Auto,
            true,
            &[("NO_COLOR", true), ("CLICOLOR_FORCE", true)],
            false,
        ),
        (Color::Always, false, &[("NO_COLOR", true)], true),
        (Color::Never, true, &[("CLICOLOR_FORCE", true)], false),
    ] {
        let variable = |name: &str| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| *value)
        };
        assert_eq!(
            terminal::has_color(color, is_terminal, &variable),
            expected,
            "{color:?} {is_terminal} {variables:?}"
        );
    }
}

#[test]
fn values_are_shown_at_a_terminal_outside_of_ci() {
    for (is_terminal, ci, may) in [
        (true, None, true),
        (true, Some(""), true),
        (true, Some("0"), true),
        (true, Some("false"), true),
        (true, Some("true"), false),
        (true, Some("1"), false),
        (true, Some("False"), false),
        (false, None, false),
        (false, Some("true"), false),
    ] {
        let why = terminal::why_no_values(is_terminal, ci.map(OsStr::new));
        assert_eq!(why.is_none(), may, "{is_terminal} {ci:?}");
    }
}

#[test]
fn the_exit_code_follows_the_worst_that_is_left() {
    let finding = |severity| Finding {
        rule: "hardcoded-secret".into(),
        severity,
        message: "".into(),
        help: None,
        primary: zenml_tflint::source::Location {
            file: zenml_tflint::source::FileId(0),
            span: Default::default(),
        },
        reaches: Vec::new(),
        related: Vec::new(),
        about: Vec::new(),
        steps: 0,
        fix: None,
    };
    let at = FailOn::Severity;
    for (severities, problems, fail_on, expected) in [
        (&[][..], 0, at(Severity::Note), 0),
        (&[Severity::Note], 0, at(Severity::Warning), 0),
        (&[Severity::Note], 0, at(Severity::Note), 1),
        (
            &[Severity::Note, Severity::Warning],
            0,
            at(Severity::Warning),
            1,
        ),
        (&[Severity::Warning], 0, at(Severity::Error), 0),
        (&[Severity::Error], 0, at(Severity::Error), 1),
        (&[Severity::Error], 0, FailOn::Never, 0),
        (&[Severity::Error], 1, at(Severity::Error), 2),
        (&[], 1, FailOn::Never, 2),
    ] {
        let findings: Vec<Finding> = severities.iter().copied().map(finding).collect();
        let code = check::exit_code(&findings, problems > 0, &|_| fail_on);
        assert_eq!(code, expected);
    }
}

#[test]
fn the_default_format_is_for_people() {
    let (arguments, _) = parse("").unwrap();
    let (asked, _) = parse("--output-format human").unwrap();
    assert_eq!(arguments.check.output_format, asked.check.output_format);
}

#[test]
fn rules_are_listed_in_columns() {
    let mut out = Vec::new();
    let pages = [
        (
            "hardcoded-secret",
            page(
                Severity::Error,
                Fixable::Unsafe,
                "A secret stands in the code.",
                "",
            ),
        ),
        (
            "skip-version-check",
            page(Severity::Note, Fixable::Sometimes, "The check is off.", ""),
        ),
    ];
    rules::write(&pages, &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "rule                severity  fix        summary\n\
         hardcoded-secret    error     unsafe     A secret stands in the code.\n\
         skip-version-check  note      sometimes  The check is off.\n"
    );
}

#[test]
fn every_page_keeps_to_eighty_columns_outside_of_code() {
    for rule in zenml_tflint::rules::all() {
        let text = explain::render(rule.page().body, false);
        for line in text.lines().filter(|line| !line.starts_with("    ")) {
            assert!(line.chars().count() <= 80, "{}: {line}", rule.name);
        }
    }
}

const PAGE: &str = "\
# hardcoded-secret

## What it does
A paragraph with `code that stays **as it is**`, **strong text**, [a link](https://docs.example.com/a) \
and more words than there is room for on one line of eighty columns.

- an item
  that goes on, with more words than there is room for on one line of eighty columns
- another

12. a numbered one

```terraform
provider \"zenml\" {

  # a line of code that is longer than eighty columns is left as it is, since it is code
}
```
A [bracket] and a lone ` too, 2 * 3 ** 4.
";

#[test]
fn a_page_is_readable_in_a_terminal() {
    let page = page(
        Severity::Error,
        Fixable::Unsafe,
        "A secret stands in the code.",
        PAGE,
    );
    let shown = |color| {
        let mut out = Vec::new();
        explain::write("hardcoded-secret", &page, color, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    insta::assert_snapshot!(shown(false));
    assert!(shown(true).starts_with("\u{1b}[1mhardcoded-secret\u{1b}[0m\n"));
    assert!(shown(true).contains("\u{1b}[1mWhat it does\u{1b}[0m\n"));
}

#[test]
fn progress_is_shown_after_a_while_and_wiped_away() {
    let wait = |milliseconds| std::thread::sleep(std::time::Duration::from_millis(milliseconds));
    let shown = |patience, work: &dyn Fn()| {
        let mut out = Vec::new();
        let patience = std::time::Duration::from_millis(patience);
        progress::show(&mut out, patience, &"checking", work);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(shown(60_000, &|| ()), "");
    let text = shown(1, &|| wait(50));
    assert!(text.starts_with("\r\u{1b}[Kchecking"), "{text:?}");
    assert!(text.ends_with("\r\u{1b}[K"), "{text:?}");
}
