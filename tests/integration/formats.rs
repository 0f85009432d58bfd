//! The formats that other programs read: each is what its readers expect, and all say the same.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use crate::support::program::{finish, program, run, run_with_input};
use crate::support::{api_key, repository};
use jsonschema::Validator;
use proptest::prelude::*;
use roxmltree::{Document, Node};
use serde_json::Value;
use tempfile::TempDir;
use zenml_tflint::finding::{Edit, Finding, Fix, Severity};
use zenml_tflint::message::Message;
use zenml_tflint::redact::Redactor;
use zenml_tflint::report::{self, Run, plain};
use zenml_tflint::source::{Location, SourceFile, Span};
use zenml_tflint::terraform::Configuration;

const HEAD: &str = r#"terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}
"#;

type Writer = fn(&Run<'_>, &mut dyn io::Write) -> io::Result<()>;

/// A message with any text.
fn said(text: String) -> Message {
    Message::from(&*text.leak())
}

/// Sources and findings of a test.
#[derive(Debug, Default)]
struct Case {
    configuration: Configuration,
    findings: Vec<Finding>,
}

impl Case {
    fn text(&self, write: Writer) -> String {
        let run = Run {
            sources: &self.configuration.sources,
            redactor: &Redactor::new(&self.configuration),
            findings: &self.findings,
            files: self.configuration.sources.iter().count(),
            unsafe_fixes: false,
            applied: 0,
            known: 0,
            incomplete: &[],
            threads: None,
        };
        let mut out = Vec::new();
        write(&run, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let is_plain = |line: &str| plain(line) == line;
        assert!(text.lines().all(is_plain), "{text:?}");
        text
    }

    fn json(&self, write: Writer) -> Value {
        serde_json::from_str(&self.text(write)).unwrap()
    }

    /// What every format has to say, with the severity as it calls it; `shown` is what it does to texts.
    fn told(&self, levels: [&str; 3], shown: impl Fn(&str) -> String) -> Vec<Told> {
        let told = |finding: &Finding| {
            let file = self
                .configuration
                .sources
                .get(finding.primary.file)
                .unwrap();
            let message = match &finding.help {
                Some(help) => format!("{}; {help}", finding.message.trim_end_matches('.')),
                None => finding.message.to_string(),
            };
            Told {
                path: shown(&file.display),
                line: file.position(finding.primary.span.start as usize).line as u64,
                rule: finding.rule.to_string(),
                level: levels[finding.severity as usize].to_owned(),
                message: shown(&message),
            }
        };
        sorted(self.findings.iter().map(told))
    }
}

/// A finding as a report tells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    path: String,
    line: u64,
    rule: String,
    level: String,
    message: String,
}

fn sorted(told: impl Iterator<Item = Told>) -> Vec<Told> {
    let mut told: Vec<Told> = told.collect();
    for told in &mut told {
        // A sentence in SARIF, a phrase elsewhere.
        told.message
            .truncate(told.message.trim_end_matches('.').len());
    }
    told.sort();
    told
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn decode_uri(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            bytes.push(u8::from_str_radix(&uri[uri.len() - after.len()..][..2], 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

static SARIF: LazyLock<Validator> = LazyLock::new(|| {
    // As published, one of its patterns has a bracket too many, which is no regular expression in JSON Schema's dialect.
    let text =
        include_str!("../schemas/sarif-2.1.0.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$");
    validator(&text)
});

static GITLAB: LazyLock<Validator> =
    LazyLock::new(|| validator(include_str!("../schemas/gitlab-codeclimate.json")));

static REVIEWDOG: LazyLock<Validator> =
    LazyLock::new(|| validator(include_str!("../schemas/reviewdog-diagnostic-result.json")));

fn validator(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&schema).unwrap()
}

fn assert_valid(schema: &Validator, report: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn sarif(log: &Value) -> Vec<Told> {
    assert_valid(&SARIF, log);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let told = |result: &Value| {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        Told {
            path: decode_uri(place["artifactLocation"]["uri"].as_str().unwrap()),
            line: place["region"]["startLine"].as_u64().unwrap(),
            rule: text(&result["ruleId"]),
            level: text(&result["level"]),
            message: text(&result["message"]["text"]),
        }
    };
    sorted(run["results"].as_array().unwrap().iter().map(told))
}

/// Reads workflow commands as the runner of GitHub Actions does.
fn github(text: &str) -> Vec<Told> {
    let data = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n");
        text.replace("%25", "%")
    };
    let told = |line: &str| {
        let (command, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (level, properties) = command.split_once(' ').unwrap();
        let property = |name: &str| {
            let mut pairs = properties.split(',').map(|p| p.split_once('=').unwrap());
            let (_, value) = pairs.find(|(key, _)| *key == name)?;
            Some(data(&value.replace("%3A", ":").replace("%2C", ",")))
        };
        let title = property("title").unwrap();
        let rule = title.strip_prefix("zenml-tflint (").unwrap();
        Told {
            path: property("file").unwrap(),
            line: property("line").unwrap().parse().unwrap(),
            rule: rule.strip_suffix(')').unwrap().to_owned(),
            level: level.to_owned(),
            message: data(message),
        }
    };
    sorted(text.lines().map(told))
}

fn gitlab(report: &Value) -> Vec<Told> {
    let issues = report.as_array().unwrap();
    let fingerprints: BTreeSet<String> = issues.iter().map(|i| text(&i["fingerprint"])).collect();
    assert_eq!(fingerprints.len(), issues.len(), "fingerprints are unique");
    let told = |issue: &Value| {
        assert_valid(&GITLAB, issue);
        let levels = ["info", "minor", "major", "critical", "blocker"];
        assert!(levels.contains(&issue["severity"].as_str().unwrap()));
        assert_eq!(issue["type"], "issue");
        let lines = &issue["location"]["lines"];
        assert!(
            lines["begin"].as_u64() >= Some(1) && lines["begin"].as_u64() <= lines["end"].as_u64()
        );
        Told {
            path: text(&issue["location"]["path"]),
            line: lines["begin"].as_u64().unwrap(),
            rule: text(&issue["check_name"]),
            level: text(&issue["severity"]),
            message: text(&issue["description"]),
        }
    };
    sorted(issues.iter().map(told))
}

fn children<'a>(node: Node<'a, 'a>, name: &str) -> Vec<Node<'a, 'a>> {
    let elements = node.children().filter(Node::is_element);
    elements
        .inspect(|child| assert_eq!(child.tag_name().name(), name))
        .collect()
}

fn attribute(node: &Node<'_, '_>, name: &str) -> String {
    node.attribute(name).unwrap().to_owned()
}

fn number(node: &Node<'_, '_>, name: &str) -> u64 {
    attribute(node, name).parse().unwrap()
}

fn junit(xml: &str) -> Vec<Told> {
    let document = Document::parse(xml).unwrap();
    let suites = document.root_element();
    assert_eq!(suites.tag_name().name(), "testsuites");
    let (mut told, mut sums) = (Vec::new(), (0, 0));
    for suite in children(suites, "testsuite") {
        let cases = children(suite, "testcase");
        let mut failures = 0;
        for case in &cases {
            let content = case.children().find(Node::is_element);
            let Some(content) = content else {
                assert_eq!(attribute(case, "name"), "no problems found");
                continue;
            };
            let level = match content.tag_name().name() {
                "failure" => {
                    failures += 1;
                    attribute(&content, "type")
                }
                other => other.to_owned(),
            };
            assert_eq!(attribute(case, "file"), attribute(&suite, "name"));
            let name = attribute(case, "name");
            let (rule, position) = name.split_once(" (").unwrap();
            let position = position.strip_suffix(')').unwrap();
            let place = format!("{}:{position}: ", attribute(case, "file"));
            told.push(Told {
                path: attribute(case, "file"),
                line: number(case, "line"),
                rule: rule.to_owned(),
                level,
                message: content
                    .text()
                    .unwrap()
                    .strip_prefix(&place)
                    .unwrap()
                    .to_owned(),
            });
        }
        assert_eq!(number(&suite, "tests"), cases.len() as u64);
        assert_eq!(number(&suite, "failures"), failures);
        assert_eq!(number(&suite, "errors"), 0);
        sums = (sums.0 + cases.len() as u64, sums.1 + failures);
    }
    assert_eq!(
        (number(&suites, "tests"), number(&suites, "failures")),
        sums
    );
    sorted(told.into_iter())
}

fn checkstyle(xml: &str) -> Vec<Told> {
    let document = Document::parse(xml).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "checkstyle");
    let mut told = Vec::new();
    for file in children(root, "file") {
        for error in children(file, "error") {
            // What Checkstyle's own schema allows.
            let names: Vec<&str> = error.attributes().map(|a| a.name()).collect();
            assert_eq!(names, ["line", "column", "severity", "message", "source"]);
            assert!(number(&error, "line") >= 1 && number(&error, "column") >= 1);
            let source = attribute(&error, "source");
            told.push(Told {
                path: attribute(&file, "name"),
                line: number(&error, "line"),
                rule: source.strip_prefix("zenml-tflint.").unwrap().to_owned(),
                level: attribute(&error, "severity"),
                message: attribute(&error, "message"),
            });
        }
    }
    sorted(told.into_iter())
}

/// An object with these members, and no others than those.
fn only(value: &Value, required: &[&str], optional: &[&str]) {
    let object = value.as_object().unwrap();
    let known = |key: &str| required.contains(&key) || optional.contains(&key);
    assert!(object.keys().all(|key| known(key)), "{value}");
    assert!(
        required.iter().all(|key| object.contains_key(*key)),
        "{value}"
    );
}

fn rdjson_range(range: &Value) {
    only(range, &["start", "end"], &[]);
    let position = |position: &Value| {
        only(position, &["line", "column"], &[]);
        let position = (
            position["line"].as_u64().unwrap(),
            position["column"].as_u64().unwrap(),
        );
        assert!(position.0 >= 1 && position.1 >= 1);
        position
    };
    assert!(position(&range["start"]) <= position(&range["end"]));
}

fn rdjson(result: &Value) -> Vec<Told> {
    assert_valid(&REVIEWDOG, result);
    only(result, &["source", "diagnostics"], &["severity"]);
    only(&result["source"], &["name"], &["url"]);
    let told = |diagnostic: &Value| {
        let optional = [
            "suggestions",
            "related_locations",
            "source",
            "original_output",
        ];
        only(
            diagnostic,
            &["message", "location", "severity", "code"],
            &optional,
        );
        only(&diagnostic["code"], &["value"], &["url"]);
        only(&diagnostic["location"], &["path", "range"], &[]);
        rdjson_range(&diagnostic["location"]["range"]);
        for suggestion in diagnostic["suggestions"].as_array().unwrap() {
            only(suggestion, &["range", "text"], &[]);
            rdjson_range(&suggestion["range"]);
        }
        for related in diagnostic["related_locations"].as_array().unwrap() {
            only(related, &["message", "location"], &[]);
            rdjson_range(&related["location"]["range"]);
        }
        Told {
            path: text(&diagnostic["location"]["path"]),
            line: diagnostic["location"]["range"]["start"]["line"]
                .as_u64()
                .unwrap(),
            rule: text(&diagnostic["code"]["value"]),
            level: text(&diagnostic["severity"]),
            message: text(&diagnostic["message"]),
        }
    };
    sorted(result["diagnostics"].as_array().unwrap().iter().map(told))
}

/// What XML keeps of a text.
fn in_xml(text: &str) -> String {
    plain(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn check_all(case: &Case) {
    let same = str::to_owned;
    assert_eq!(
        sarif(&case.json(report::sarif::write)),
        case.told(["note", "warning", "error"], same)
    );
    assert_eq!(
        gitlab(&case.json(report::gitlab::write)),
        case.told(["info", "major", "critical"], same)
    );
    assert_eq!(
        rdjson(&case.json(report::rdjson::write)),
        case.told(["INFO", "WARNING", "ERROR"], same)
    );
    assert_eq!(
        github(&case.text(report::github::write)),
        case.told(["notice", "warning", "error"], plain)
    );
    assert_eq!(
        junit(&case.text(report::junit::write)),
        case.told(["system-out", "warning", "error"], in_xml)
    );
    assert_eq!(
        checkstyle(&case.text(report::checkstyle::write)),
        case.told(["info", "warning", "error"], in_xml)
    );
    let json = case.json(report::json::write);
    assert_eq!(
        json["findings"].as_array().unwrap().len(),
        case.findings.len()
    );
    assert_eq!(
        case.text(report::concise::write).lines().count(),
        case.findings.len()
    );
}

const SPECIAL: &str = "&<>\"'%:,;=[]]>{}\\/#?|`$ ::error::%0A%25&amp;]]>";

#[test]
fn a_report_without_findings_is_whole_in_every_format() {
    check_all(&Case::default());
}

#[test]
fn every_special_character_comes_through_every_format() {
    let controls: String = ('\0'..='\u{9f}')
        .chain([
            '\u{202e}', '\u{2028}', '\u{feff}', '\u{fffe}', '\u{ffff}', 'ü', '🔑',
        ])
        .collect();
    for special in [SPECIAL, controls.as_str(), "a\r\nb\tc", "\u{1b}[31mred"] {
        let mut case = Case::default();
        let name = format!("a{special}.tf");
        let file = SourceFile::new(name.as_str().into(), name, format!("x{special}y"), true);
        let file = case.configuration.sources.add(file);
        for (severity, end) in [
            (Severity::Note, 0),
            (Severity::Warning, 1),
            (Severity::Error, 5),
        ] {
            case.findings.push(Finding {
                rule: "server-url-trailing-slash".into(),
                severity,
                message: said(format!("m{special}m")),
                help: Some(said(format!("h{special}h"))),
                primary: Location {
                    file,
                    span: Span::new(0, end),
                },
                reaches: Vec::new(),
                related: vec![(
                    Location {
                        file,
                        span: Span::new(0, 1),
                    },
                    said(special.to_owned()),
                )],
                steps: 1,
                about: Vec::new(),
                fix: Some(Fix {
                    declares: None,
                    title: said(special.to_owned()),
                    safe: true,
                    edits: vec![Edit {
                        location: Location {
                            file,
                            span: Span::new(0, 1),
                        },
                        replacement: special.to_owned(),
                    }],
                }),
            });
        }
        check_all(&case);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_format_tells_the_same_findings(
        files in prop::collection::vec(("[a-c &<>%:,é世\u{7}/.]{1,8}", "[a \t\r\n\u{feff}ü世\u{301}\"]{0,40}"), 1..4),
        found in prop::collection::vec((0usize..4, 0usize..4, 0usize..3, 0usize..45, 0usize..45, "\\PC{0,12}", proptest::option::of("[ -~\n\u{1b}ü]{1,12}")), 0..12),
    ) {
        const RULES: [&str; 4] = ["server-url-trailing-slash", "hardcoded-secret", "a-house-rule", "syntax-error"];
        let mut case = Case::default();
        let mut ids = Vec::new();
        for (number, (name, text)) in files.iter().enumerate() {
            let name = format!("{number}{name}");
            ids.push(case.configuration.sources.add(SourceFile::new(name.as_str().into(), name, text.clone(), true)));
        }
        for (file, rule, severity, start, length, message, help) in found {
            let file = ids[file % ids.len()];
            let text = &case.configuration.sources.get(file).unwrap().text;
            let start = text.floor_char_boundary(start);
            let end = text.floor_char_boundary(start + length);
            let primary = Location { file, span: Span::new(start, end) };
            case.findings.push(Finding {
                rule: RULES[rule].into(),
                severity: [Severity::Note, Severity::Warning, Severity::Error][severity],
                message: said(format!("m{message}m")),
                help: help.clone().map(said),
                primary,
                reaches: Vec::new(),
                related: vec![(primary, said(message.clone())), (primary, said(message))],
                steps: 2,
                about: Vec::new(),
                fix: help.map(|text| Fix {
                    declares: None,
                    title: "Mend it".into(),
                    safe: rule % 2 == 0,
                    edits: vec![Edit { location: primary, replacement: text }],
                }),
            });
        }
        case.findings.sort_by_key(|finding| finding.primary);
        check_all(&case);
    }
}

/// A repository with a finding of each severity, some of them fixable, in lines with wide characters.
fn with_findings() -> TempDir {
    let main = "provider \"zenml\" { /* ü世🔑 */ server_url = \"https://a.mycompany.com//\" }\n";
    repository(&[
        (
            "main.tf",
            &format!("{}{main}", HEAD.replace("      version = \"~> 3.0\"\n", "")),
        ),
        (
            "sub dir/b.tf",
            &format!("\u{feff}{}", HEAD.replace("zenml-io", "zenml")),
        ),
        (
            "c/main.tf",
            &format!(
                "{HEAD}provider \"zenml\" {{\r\n  server_url = \"https://a.mycompany.com/\"\r\n  api_key = \"{}\"\r\n}}\r\n",
                api_key(3)
            ),
        ),
    ])
}

fn output(directory: &Path, format: &str) -> String {
    let run = run(directory, &["--output-format", format]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{format}");
    run.stdout
}

#[test]
fn a_run_says_the_same_in_every_format() {
    let directory = with_findings();
    let json: Value = serde_json::from_str(&output(directory.path(), "json")).unwrap();
    let json = json["findings"].as_array().unwrap().iter();
    let mut wanted: Vec<(String, u64, String)> = json
        .map(|f| {
            (
                text(&f["path"]),
                f["start"]["line"].as_u64().unwrap(),
                text(&f["rule"]),
            )
        })
        .collect();
    wanted.sort();
    assert!(wanted.len() >= 4, "{wanted:?}");
    let parse = |format| serde_json::from_str::<Value>(&output(directory.path(), format)).unwrap();
    for told in [
        sarif(&parse("sarif")),
        gitlab(&parse("gitlab")),
        rdjson(&parse("rdjson")),
        github(&output(directory.path(), "github")),
        junit(&output(directory.path(), "junit")),
        checkstyle(&output(directory.path(), "checkstyle")),
    ] {
        let told = told.into_iter().map(|t| (t.path, t.line, t.rule));
        assert_eq!(told.collect::<Vec<_>>(), wanted);
    }
}

/// The byte offset of a line and column of a SARIF region, which count characters.
fn offset(text: &str, line: &Value, column: &Value) -> usize {
    let line = usize::try_from(line.as_u64().unwrap()).unwrap();
    let column = usize::try_from(column.as_u64().unwrap()).unwrap();
    let start: usize = text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let rest = &text[start..];
    start
        + rest
            .char_indices()
            .nth(column - 1)
            .map_or(rest.len(), |(at, _)| at)
}

#[test]
fn sarif_fixes_and_reviewdogs_suggestions_do_what_fix_does() {
    let url =
        |url: &str| format!("{HEAD}provider \"zenml\" {{ /* ü世🔑 */ server_url = \"{url}\" }}\n");
    let before = url("https://a.mycompany.com/");
    let directory = repository(&[("main.tf", &before)]);
    let only = ["--select", "server-url-trailing-slash", "--output-format"];
    let report = |format| -> Value {
        let arguments = [&only[..], &[format]].concat();
        serde_json::from_str(&run(directory.path(), &arguments).stdout).unwrap()
    };
    let (log, result) = (report("sarif"), report("rdjson"));
    run(directory.path(), &["--fix"]);
    let after = fs::read_to_string(directory.path().join("main.tf")).unwrap();
    assert_eq!(after, url("https://a.mycompany.com"));

    let fix = &log["runs"][0]["results"][0]["fixes"][0];
    assert_eq!(fix["properties"]["safe"], true);
    let change = &fix["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "main.tf");
    let replacement = &change["replacements"][0];
    let region = &replacement["deletedRegion"];
    let start = offset(&before, &region["startLine"], &region["startColumn"]);
    let end = offset(&before, &region["endLine"], &region["endColumn"]);
    let inserted = replacement["insertedContent"]["text"].as_str().unwrap();
    assert_eq!(
        format!("{}{inserted}{}", &before[..start], &before[end..]),
        after
    );

    let suggestion = &result["diagnostics"][0]["suggestions"][0];
    let byte = |position: &Value| {
        let lines = usize::try_from(position["line"].as_u64().unwrap()).unwrap() - 1;
        let column = usize::try_from(position["column"].as_u64().unwrap()).unwrap() - 1;
        before
            .split_inclusive('\n')
            .take(lines)
            .map(str::len)
            .sum::<usize>()
            + column
    };
    let (start, end) = (
        byte(&suggestion["range"]["start"]),
        byte(&suggestion["range"]["end"]),
    );
    let inserted = suggestion["text"].as_str().unwrap();
    assert_eq!(
        format!("{}{inserted}{}", &before[..start], &before[end..]),
        after
    );
}

#[test]
fn reviewdog_is_suggested_what_the_run_would_apply() {
    let directory = repository(&[("main.tf", &HEAD.replace("      version = \"~> 3.0\"\n", ""))]);
    let suggestions = |more: &[&str]| {
        let arguments = [
            &["--select", "unpinned-provider", "--output-format", "rdjson"],
            more,
        ]
        .concat();
        let run = run(directory.path(), &arguments);
        let result: Value = serde_json::from_str(&run.stdout).unwrap();
        result["diagnostics"][0]["suggestions"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(suggestions(&[]), 0);
    assert_eq!(suggestions(&["--unsafe-fixes"]), 1);
}

/// One finding of a rule for secrets, of another rule, of a custom rule, and of what is no rule of its own file.
fn sarif_of_several_rules() -> (TempDir, Value) {
    let key = api_key(1);
    let main = format!(
        "# zenml-tflint-ignore-file: expired-token\n{HEAD}\nprovider \"zenml\" {{\n  alias      = \"b\"\n  server_url = local.url\n  api_key    = \"{key}\"\n}}\n\nlocals {{\n  base = \"https://a.mycompany.com/\"\n  url  = local.base\n}}\n"
    );
    let config = "[[custom]]\nid = \"house-region\"\nblock = 'provider \"zenml\"'\nargument = \"region\"\nrequired = true\nseverity = \"note\"\nmessage = \"a provider names its region\"\n";
    let directory = repository(&[
        ("main.tf", &main),
        (".zenml-tflint.toml", config),
        ("broken.tf", "# zenml\nlocals {\n  a = =\n}\n"),
    ]);
    let run = run(directory.path(), &["--no-env", "--output-format", "sarif"]);
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    (directory, log)
}

#[test]
fn sarif_describes_each_rule_that_fired_and_no_other() {
    let (_directory, log) = sarif_of_several_rules();
    let fired: BTreeSet<String> = sarif(&log).into_iter().map(|told| told.rule).collect();
    for rule in [
        "hardcoded-secret",
        "house-region",
        "syntax-error",
        "unused-ignore",
    ] {
        assert!(fired.contains(rule), "{rule}: {fired:?}");
    }
    let run = &log["runs"][0];
    let base = &run["originalUriBaseIds"]["%SRCROOT%"];
    assert!(base["description"]["text"].is_string(), "{base}");
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["informationUri"], env!("CARGO_PKG_REPOSITORY"));
    let rules = driver["rules"].as_array().unwrap();
    let described: Vec<String> = rules.iter().map(|rule| text(&rule["id"])).collect();
    assert_eq!(described.len(), fired.len());
    assert_eq!(described.into_iter().collect::<BTreeSet<_>>(), fired);
    for rule in rules {
        let id = text(&rule["id"]);
        // SARIF1001: a name that says the same as the identifier is none.
        let name = text(&rule["name"]);
        assert!(name != id && name.starts_with(char::is_uppercase), "{name}");
        let level = text(&rule["defaultConfiguration"]["level"]);
        assert!(["note", "warning", "error"].contains(&&*level), "{id}");
        assert!(text(&rule["helpUri"]).starts_with("https://"), "{id}");
        for description in ["shortDescription", "fullDescription"] {
            let about = text(&rule[description]["text"]);
            assert!(about.ends_with(['.', ':']), "{id}: {about}");
            assert!(about.len() > 1 && !about.contains("\n#"), "{id}: {about}");
        }
        let help = text(&rule["help"]["markdown"]);
        assert_eq!(rule["help"]["text"], rule["help"]["markdown"]);
        if id == "house-region" {
            assert!(help.contains("a provider names its region"), "{help}");
            assert_eq!(level, "note");
            continue;
        }
        let page = fs::read_to_string(Path::new("rules").join(format!("{id}.md"))).unwrap();
        assert!(page.ends_with(&help) && help.starts_with("# "), "{id}");
        let uri = format!("{}/blob/main/rules/{id}.md", env!("CARGO_PKG_REPOSITORY"));
        assert_eq!(rule["helpUri"], uri);
    }
    let secret = rules.iter().find(|rule| rule["id"] == "hardcoded-secret");
    let severity = text(&secret.unwrap()["properties"]["security-severity"]);
    assert!((7.0..9.0).contains(&severity.parse::<f64>().unwrap()));
    let slash = rules
        .iter()
        .find(|rule| rule["id"] == "server-url-trailing-slash");
    assert!(slash.unwrap()["properties"].is_null());
    // SARIF2001: a message is a sentence.
    for result in run["results"].as_array().unwrap() {
        assert!(text(&result["message"]["text"]).ends_with('.'), "{result}");
    }
}

#[test]
fn sarif_has_the_way_from_the_literal_to_the_argument() {
    let (_directory, log) = sarif_of_several_rules();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of = |rule: &'static str| {
        let results = results.iter();
        results.filter(move |result| result["ruleId"] == rule)
    };
    let flows: Vec<&Value> = of("server-url-trailing-slash")
        .filter_map(|result| result["codeFlows"].get(0))
        .collect();
    let [flow] = flows.as_slice() else {
        panic!("{flows:#?}");
    };
    let steps = flow["threadFlows"][0]["locations"].as_array().unwrap();
    let steps: Vec<_> = steps
        .iter()
        .map(|step| {
            let location = &step["location"];
            let place = &location["physicalLocation"];
            let line = place["region"]["startLine"].as_u64().unwrap();
            let uri = text(&place["artifactLocation"]["uri"]);
            (uri, line, text(&location["message"]["text"]))
        })
        .collect();
    let lines: Vec<u64> = steps.iter().map(|(_, line, _)| *line).collect();
    assert!(steps.iter().all(|(uri, ..)| uri == "main.tf"), "{steps:?}");
    assert_eq!(lines.len(), 4, "{steps:?}");
    assert!(
        lines[0] == lines[1] && lines[2] == lines[0] + 1,
        "{steps:?}"
    );
    assert!(lines[3] < lines[0], "{steps:?}");
    assert!(steps[3].2.contains("reaches `server_url`"), "{steps:?}");
    // A literal that stands in the argument has no way.
    for result in of("hardcoded-secret") {
        assert_eq!(result["codeFlows"], serde_json::json!([]));
    }
}

fn fingerprints(directory: &Path) -> [BTreeSet<String>; 2] {
    let log: Value = serde_json::from_str(&output(directory, "sarif")).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let issues: Value = serde_json::from_str(&output(directory, "gitlab")).unwrap();
    let issues = issues.as_array().unwrap().iter();
    [
        results
            .map(|r| text(&r["partialFingerprints"]["zenmlTflint/v1"]))
            .collect(),
        issues.map(|issue| text(&issue["fingerprint"])).collect(),
    ]
}

#[test]
fn fingerprints_survive_moved_lines_and_tell_equal_lines_apart() {
    let block = |alias: &str| {
        format!(
            "provider \"zenml\" {{\n  alias = \"{alias}\"\n  server_url = \"https://a.mycompany.com/\"\n}}\n"
        )
    };
    let main = format!("{HEAD}{}{}", block("a"), block("b"));
    let directory = repository(&[("main.tf", &main)]);
    let before = fingerprints(directory.path());
    assert!(before.iter().all(|set| set.len() >= 2), "{before:?}");
    let moved = format!(
        "# moved\n\n{}",
        main.replace("server_url =", "server_url    =")
    );
    fs::write(directory.path().join("main.tf"), moved).unwrap();
    assert_eq!(fingerprints(directory.path()), before);
    fs::rename(
        directory.path().join("main.tf"),
        directory.path().join("other.tf"),
    )
    .unwrap();
    let other = fingerprints(directory.path());
    assert!(other[0].is_disjoint(&before[0]));
}

#[test]
fn services_get_paths_from_the_root_and_programs_beside_this_one_from_where_it_is_run() {
    let directory = with_findings();
    let inside = &directory.path().join("c");
    let parse = |format| serde_json::from_str::<Value>(&output(inside, format)).unwrap();
    let paths = |told: Vec<Told>| told.into_iter().map(|told| told.path).collect();
    let from_the_root: [BTreeSet<String>; 4] = [
        paths(sarif(&parse("sarif"))),
        paths(gitlab(&parse("gitlab"))),
        paths(github(&output(inside, "github"))),
        paths(junit(&output(inside, "junit"))),
    ];
    for paths in from_the_root {
        assert_eq!(paths, ["c/main.tf".to_owned()].into());
    }
    let from_here: [BTreeSet<String>; 2] = [
        paths(rdjson(&parse("rdjson"))),
        paths(checkstyle(&output(inside, "checkstyle"))),
    ];
    for paths in from_here {
        assert_eq!(paths, ["main.tf".to_owned()].into());
    }
    // An alert is the same, wherever the program was run.
    let everything = fingerprints(directory.path());
    for (part, whole) in fingerprints(inside).iter().zip(everything) {
        assert!(part.is_subset(&whole));
    }
}

#[test]
fn several_reports_are_written_in_one_run() {
    let directory = with_findings();
    let alone = output(directory.path(), "concise");
    let run = run(
        directory.path(),
        &[
            "--output-format",
            "concise",
            "--output-format",
            "sarif=report.sarif",
            "--output-format",
            "junit=report.xml",
        ],
    );
    assert_eq!((run.code, run.stdout, run.stderr.as_str()), (1, alone, ""));
    let read = |name| fs::read_to_string(directory.path().join(name)).unwrap();
    let count = sarif(&serde_json::from_str(&read("report.sarif")).unwrap()).len();
    assert_eq!(junit(&read("report.xml")).len(), count);
}

#[test]
fn output_file_is_where_the_report_without_a_file_goes() {
    let directory = with_findings();
    let path = directory.path().join("out.json");
    for arguments in [
        &["--output-format", "json", "--output-file", "out.json"][..],
        &["--output-format", "json=out.json"],
        &[
            "--output-format",
            "sarif=x.sarif",
            "--output-format",
            "json",
            "--output-file",
            "out.json",
        ],
    ] {
        let run = run(directory.path(), arguments);
        assert_eq!(
            (run.code, run.stdout.as_str(), run.stderr.as_str()),
            (1, "", "")
        );
        let json: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(json["schema_version"], 1);
        fs::remove_file(&path).unwrap();
    }
    let human = run(directory.path(), &["--output-file", "report.txt"]);
    assert_eq!(human.stdout, "");
    let text = fs::read_to_string(directory.path().join("report.txt")).unwrap();
    assert!(text.contains("server-url-trailing-slash") && !text.contains('\u{1b}'));
}

#[test]
fn a_report_takes_the_place_of_an_old_one_and_keeps_its_link() {
    let directory = with_findings();
    fs::write(directory.path().join("real.json"), "old").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("real.json", directory.path().join("out.json")).unwrap();
    #[cfg(unix)]
    {
        run(directory.path(), &["--output-format", "json=out.json"]);
        assert!(directory.path().join("out.json").is_symlink());
        assert!(
            fs::read_to_string(directory.path().join("real.json"))
                .unwrap()
                .starts_with('{')
        );
    }
}

#[test]
fn impossible_outputs_are_wrong_usage() {
    let directory = with_findings();
    for (arguments, said) in [
        (
            &["--output-format", "json", "--output-format", "sarif"][..],
            "only one report can go to standard output",
        ),
        (
            &["--output-format", "json=a", "--output-format", "sarif=a"],
            "two reports",
        ),
        (
            &[
                "--output-format",
                "json=a",
                "--output-format",
                "sarif=./c/../a",
            ],
            "two reports",
        ),
        (
            &["--output-format", "json=a", "--output-file", "b"],
            "`--output-file` has no report",
        ),
        (
            &["--output-format", "json="],
            "the name of an output file is empty",
        ),
        (
            &["--output-file", "main.tf"],
            "main.tf: a report would take the place of configuration",
        ),
        (
            &["--output-format", "json=new.tfvars.json"],
            "new.tfvars.json: a report would take the place",
        ),
        (
            &["--output-format", "json=.zenml-tflint.toml"],
            ".zenml-tflint.toml: a report would take the place",
        ),
        (&["--output-format", "sarrif=a"], "'sarif'"),
        (
            &["--diff", "--output-format", "json=a"],
            "`--diff` writes no reports",
        ),
        (&["--diff", "--output-file", "a"], "cannot be used with"),
    ] {
        let run = run(directory.path(), arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
        assert!(!directory.path().join("a").exists());
    }
}

/// Names in a directory.
fn listing(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn what_cannot_be_written_is_named_after_all_else_is_reported() {
    let directory = with_findings();
    let concise = output(directory.path(), "concise");
    fs::create_dir(directory.path().join("taken")).unwrap();
    fs::write(directory.path().join("old.json"), "old").unwrap();
    let mut mode = fs::metadata(directory.path().join("old.json"))
        .unwrap()
        .permissions();
    mode.set_readonly(true);
    fs::set_permissions(directory.path().join("old.json"), mode).unwrap();
    let before = listing(directory.path());
    for name in [
        "none/report.json",
        "taken",
        "old.json",
        "main.tf/report.json",
    ] {
        let format = format!("json={name}");
        let run = run(
            directory.path(),
            &["--output-format", "concise", "--output-format", &format],
        );
        assert_eq!(run.code, 2, "{name}");
        assert_eq!(run.stdout, concise);
        assert!(
            run.stderr.starts_with(&format!("zenml-tflint: {name}: ")),
            "{}",
            run.stderr
        );
        assert_eq!(listing(directory.path()), before);
    }
    assert_eq!(
        fs::read_to_string(directory.path().join("old.json")).unwrap(),
        "old"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_report() {
    let directory = with_findings();
    let full = run(directory.path(), &["--output-format", "json=/dev/full"]);
    assert_eq!(full.code, 2);
    assert!(full.stderr.contains("/dev/full"), "{}", full.stderr);
    fs::write(directory.path().join("out.sarif"), "old").unwrap();
    let before = listing(directory.path());
    // Files may not grow past a few kilobytes: what a full disk does, without one.
    let script = "trap '' XFSZ; ulimit -f 4; exec \"$0\" --output-format sarif=out.sarif";
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .arg(program(directory.path()).get_program());
    let run = finish(command.current_dir(directory.path()), "");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("out.sarif: cannot be written"),
        "{}",
        run.stderr
    );
    assert_eq!(
        fs::read_to_string(directory.path().join("out.sarif")).unwrap(),
        "old"
    );
    assert_eq!(listing(directory.path()), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_fails_whatever_is_printed() {
    let directory = with_findings();
    for arguments in [
        &[][..],
        &["--output-format", "json"],
        &["--version"],
        &["--help"],
        &["rules"],
        &["explain", "syntax-error"],
        &["--show-settings"],
        &["completions", "bash"],
        &["man"],
    ] {
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" > /dev/full"]);
        command.arg(program(directory.path()).get_program());
        command.args(arguments).current_dir(directory.path());
        let run = finish(&mut command, "");
        let said = "zenml-tflint: cannot write to standard output: ";
        assert!(
            run.code == 2 && run.stderr.starts_with(said),
            "{arguments:?}: {run:?}"
        );
    }
}

#[test]
fn whoever_stops_reading_has_read_enough() {
    let directory = with_findings();
    for format in ["human", "json", "sarif"] {
        let mut command = Command::new("bash");
        let script =
            "set -o pipefail; { \"$0\" --output-format \"$1\"; echo \"code $?\" >&2; } | :";
        command.args(["-c", script]);
        command.arg(program(directory.path()).get_program());
        command.arg(format).current_dir(directory.path());
        assert_eq!(finish(&mut command, "").stderr, "code 1\n", "{format}");
    }
}

#[test]
fn mending_standard_input_keeps_the_report_out_of_the_text() {
    let text =
        format!("{HEAD}provider \"zenml\" {{\n  server_url = \"http://a.mycompany.com/\"\n}}\n");
    let directory = repository(&[]);
    let run = run_with_input(
        directory.path(),
        &[
            "--fix",
            "-",
            "--output-format",
            "github",
            "--output-format",
            "json=out.json",
        ],
        &text,
    );
    assert!(
        run.stdout.contains("\"http://a.mycompany.com\""),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr.starts_with("::warning file=<stdin>,"),
        "{}",
        run.stderr
    );
    assert!(directory.path().join("out.json").exists());
}
