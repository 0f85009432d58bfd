use std::time::Instant;

use proptest::prelude::*;

use super::human::Style;
use super::*;
use crate::finding::{Edit, Fix};
use crate::message::Message;
use crate::source::{Location, SourceFile, Span};
use crate::syntax::parse_native;
use crate::terraform::Configuration;

const PLAIN: Style = Style {
    color: false,
    unicode: true,
    width: 100,
};

/// A message with any text.
fn said(text: String) -> Message {
    Message::from(&*text.leak())
}

/// Sources and findings of a test.
#[derive(Default)]
struct Case {
    configuration: Configuration,
    findings: Vec<Finding>,
}

impl Case {
    fn file(&mut self, path: &str, text: &str) -> FileId {
        let file = SourceFile::new(path.into(), path.into(), text.into(), true);
        self.configuration.trees.push(parse_native(text));
        self.configuration.sources.add(file)
    }

    fn at(&self, file: FileId, part: &str) -> Location {
        let text = &self.configuration.sources.get(file).unwrap().text;
        let start = text.find(part).unwrap();
        Location {
            file,
            span: Span::new(start, start + part.len()),
        }
    }

    fn finding(&mut self, severity: Severity, primary: Location) -> &mut Finding {
        self.findings.push(Finding {
            rule: "server-url-trailing-slash".into(),
            severity,
            message: "The server URL ends in a slash: every request goes to `//api/v1/...`.".into(),
            help: Some("Write it without the slash.".into()),
            primary,
            reaches: Vec::new(),
            related: Vec::new(),
            steps: 0,
            about: Vec::new(),
            fix: None,
        });
        self.findings.last_mut().unwrap()
    }

    fn text(&self, write: impl FnOnce(&Run<'_>, &mut dyn Write) -> io::Result<()>) -> String {
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
        String::from_utf8(out).unwrap()
    }

    fn human(&self, style: Style) -> String {
        self.text(|run, out| human::write(run, style, true, out))
    }

    fn concise(&self) -> String {
        self.text(concise::write)
    }

    fn json(&self) -> String {
        self.text(json::write)
    }

    /// The report in every format.
    fn all(&self) -> Vec<String> {
        let mut texts = vec![self.human(PLAIN), self.concise(), self.json()];
        texts.push(self.text(sarif::write));
        texts.push(self.text(github::write));
        texts.push(self.text(gitlab::write));
        texts.push(self.text(junit::write));
        texts.push(self.text(checkstyle::write));
        texts.push(self.text(rdjson::write));
        texts
    }
}

const MAIN: &str = "provider \"zenml\" {\n  server_url = var.url\n}\n";
const VARIABLES: &str =
    "variable \"url\" {\n  type    = string\n  default = \"https://ml.example.com/\"\n}\n";

/// A literal that reaches an argument in another file, through a variable.
fn two_files() -> Case {
    let mut case = Case::default();
    let main = case.file("main.tf", MAIN);
    let variables = case.file("variables.tf", VARIABLES);
    let argument = case.at(main, "var.url");
    let header = case.at(variables, "variable \"url\"");
    let literal = case.at(variables, "\"https://ml.example.com/\"");
    let slash = case.at(variables, "/\"");
    let finding = case.finding(Severity::Error, literal);
    finding.reaches = vec![argument];
    finding.related = vec![
        (header, "variable `url`".into()),
        (argument, "reaches `server_url`".into()),
    ];
    finding.fix = Some(Fix {
        title: "Drop the slash".into(),
        safe: true,
        edits: vec![Edit {
            location: slash,
            replacement: "\"".into(),
        }],
        declares: None,
    });
    case
}

#[test]
fn human_shows_the_literal_and_the_way_to_the_argument() {
    insta::assert_snapshot!(two_files().human(PLAIN));
}

#[test]
fn human_draws_with_ascii_and_with_colours() {
    let style = Style {
        unicode: false,
        ..PLAIN
    };
    insta::assert_snapshot!("ascii", two_files().human(style));
    let colored = two_files().human(Style {
        color: true,
        ..PLAIN
    });
    insta::assert_snapshot!("colored", colored.replace('\u{1b}', "^"));
}

#[test]
fn human_wraps_to_the_width() {
    let style = Style { width: 44, ..PLAIN };
    insta::assert_snapshot!(two_files().human(style));
}

#[test]
fn human_points_right_in_every_kind_of_text() {
    let mut case = Case::default();
    let mut add = |text: &str, part: &str| {
        let file = case.file("a.tf", text);
        let place = case.at(file, part);
        case.finding(Severity::Warning, place).message = said(format!("{text:?}"));
    };
    add("", "");
    add("x", "");
    add("a = 1\nb", "b");
    add("a = 1\r\nb = \"y\"\r\nc = 2\r\n", "\"y\"");
    add("\u{feff}server_url = \"y\"", "server_url");
    add("\tb\t= \"y\"\n", "\"y\"");
    add("a = \"世界\" # ü\nb = \"世\" == \"y\"\n", "\"y\"");
    add(
        "a = <<EOT\n  first\n  second\nEOT\nb = 1\n",
        "<<EOT\n  first\n  second\nEOT",
    );
    let long = format!("a = <<EOT\n{}EOT\n", "line\n".repeat(20));
    add(&long, long.trim_start_matches("a = ").trim_end());
    let end = case
        .configuration
        .sources
        .get(FileId(2))
        .unwrap()
        .text
        .len();
    case.finding(
        Severity::Note,
        Location {
            file: FileId(2),
            span: Span::new(end, end),
        },
    )
    .message = "at the end".into();
    insta::assert_snapshot!(case.human(PLAIN));
}

#[test]
fn human_puts_neighbouring_lines_together() {
    let mut case = Case::default();
    let text = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\nh = 8\ni = 9\nj = 10\n";
    let file = case.file("a.tf", text);
    let related =
        ["a", "d", "j", "e"].map(|name| (case.at(file, name), said(format!("see `{name}`"))));
    let primary = case.at(file, "e = 5");
    case.finding(Severity::Note, primary).related = related.into();
    insta::assert_snapshot!(case.human(PLAIN));
}

#[test]
fn human_counts_what_it_does_not_show() {
    let mut case = two_files();
    let place = case.findings[0].primary;
    case.findings[0].related = vec![(place, "a block".into()); 40];
    let text = case.human(PLAIN);
    assert_eq!(text.matches("a block").count(), 12);
    assert!(text.contains("28 more places have a part in it."));
}

#[test]
fn summaries_count() {
    let mut case = Case::default();
    assert_eq!(case.human(PLAIN), "No problems found in 0 files.\n");
    let file = case.file("a.tf", "a");
    assert_eq!(case.human(PLAIN), "No problems found in 1 file.\n");
    let place = case.at(file, "a");
    for severity in [Severity::Note, Severity::Warning, Severity::Warning] {
        case.finding(severity, place);
    }
    let text = case.human(PLAIN);
    assert!(
        text.ends_with("\n\nFound 2 warnings, 1 note in 1 file.\n"),
        "{text}"
    );
    assert_eq!(
        case.text(|run, out| human::write(run, PLAIN, false, out)),
        text.trim_end_matches("Found 2 warnings, 1 note in 1 file.\n")
    );
}

#[test]
fn statistics_count_the_most_frequent_rule_first() {
    let mut case = two_files();
    let place = case.findings[0].primary;
    for rule in ["b-rule", "a-rule", "z-rule", "z-rule"] {
        case.finding(Severity::Note, place).rule = rule.into();
    }
    let mut statistics = Vec::new();
    case.text(|run, _| {
        let counted = run.statistics().into_iter();
        statistics = counted
            .map(|(rule, count)| (rule.to_owned(), count))
            .collect();
        Ok(())
    });
    assert_eq!(
        statistics,
        [
            ("z-rule".to_owned(), 2),
            ("a-rule".to_owned(), 1),
            ("b-rule".to_owned(), 1),
            ("server-url-trailing-slash".to_owned(), 1)
        ]
    );
}

#[test]
fn concise_is_one_line_a_finding() {
    assert_eq!(
        two_files().concise(),
        "variables.tf:3:13: error[server-url-trailing-slash] The server URL ends in a slash: every request goes to `//api/v1/...`.\n"
    );
}

#[test]
fn json_has_every_field() {
    let mut case = two_files();
    let place = case.findings[0].reaches[0];
    case.finding(Severity::Note, place).help = None;
    insta::assert_snapshot!(case.json());
}

#[test]
fn json_without_findings_is_whole() {
    assert_eq!(
        Case::default()
            .json()
            .replace(env!("CARGO_PKG_VERSION"), "V"),
        r#"{
  "schema_version": 1,
  "tool": {
    "name": "zenml-tflint",
    "version": "V"
  },
  "findings": [],
  "summary": {
    "files": 0,
    "errors": 0,
    "warnings": 0,
    "notes": 0,
    "fixable": 0,
    "fixable_unsafe": 0,
    "incomplete": []
  }
}
"#
    );
}

#[test]
fn no_control_character_reaches_an_output() {
    let evil: String = ('\0'..='\u{9f}')
        .chain(['\u{202e}', '\u{2066}', '\u{2028}', '\u{feff}', '\u{200f}'])
        .filter(|c| !matches!(c, ' '..='~'))
        .collect();
    let mut case = Case::default();
    let file = case.file(&format!("a{evil}.tf"), &format!("x{evil}y\n\u{1b}[31mz\r"));
    let place = case.at(file, "y");
    let finding = case.finding(Severity::Error, place);
    finding.message = said(format!("m{evil}"));
    finding.help = Some(said(format!("h{evil}")));
    finding.related = vec![(place, said(format!("r{evil}")))];
    let original = finding.message.to_string();
    for text in case.all() {
        assert!(!text.chars().any(|c| is_obeyed(c) && c != '\n'), "{text:?}");
    }
    let json: serde_json::Value = serde_json::from_str(&case.json()).unwrap();
    assert_eq!(json["findings"][0]["message"], original);
    assert_eq!(case.concise().lines().count(), 1);
}

#[test]
fn nothing_of_a_source_reaches_an_output_without_permission() {
    let secret = ["not", "to", "be", "seen"].join("-");
    let mut case = Case::default();
    let text = format!("api_key = \"{secret}\"\n# {secret}\n");
    let file = case.file("main.tf", &text);
    let literal = case.at(file, &format!("\"{secret}\""));
    case.finding(Severity::Error, literal);
    for text in case.all() {
        assert!(!text.contains(&secret), "{text}");
    }
}

#[test]
fn a_fix_that_adds_what_has_a_secrets_shape_is_not_shown() {
    let mut case = Case::default();
    let file = case.file("main.tf", "a = 1\n");
    let place = case.at(file, "1");
    case.finding(Severity::Error, place).fix = Some(Fix {
        title: "Mend it".into(),
        safe: true,
        declares: None,
        edits: vec![Edit {
            location: place,
            replacement: format!("\"ZENKEY_{}\"", "A".repeat(20)),
        }],
    });
    let json: serde_json::Value = serde_json::from_str(&case.json()).unwrap();
    assert!(json["findings"][0]["fix"].is_null());
    let log: serde_json::Value = serde_json::from_str(&case.text(sarif::write)).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["fixes"], serde_json::json!([]));
}

#[test]
fn human_masks_the_lines_around_a_secret_without_moving_the_marks() {
    let secret = ["世界", "pass", "word"].join("-");
    let mut case = Case::default();
    let text = format!(
        "url     = \"https://me:{secret}@host\" # ü\napi_key = \"{secret}\" == \"y\"\nother   = \"ZENKEY_{}\"\n",
        "A".repeat(20)
    );
    let file = case.file("main.tf", &text);
    let literal = case.at(file, &format!("\"{secret}\""));
    let after = case.at(file, "\"y\"");
    let finding = case.finding(Severity::Error, literal);
    finding.rule = "hardcoded-secret".into();
    finding.message = "A secret stands in the code.".into();
    finding.related = vec![(after, "after it".into())];
    insta::assert_snapshot!(case.human(PLAIN));
}

#[test]
fn long_lines_are_cut_around_the_literal() {
    let mut case = Case::default();
    let text = format!(
        "a = [{}\"y\", {}]",
        "1, ".repeat(500_000),
        "2, ".repeat(500_000)
    );
    let file = case.file("a.tf", &text);
    let (start, literal) = (case.at(file, "a"), case.at(file, "\"y\""));
    case.finding(Severity::Error, literal).related = vec![(start, "far away".into())];
    case.finding(Severity::Error, start);
    let all = Location {
        file,
        span: Span::new(4, text.len()),
    };
    case.finding(Severity::Error, all);
    insta::assert_snapshot!(case.human(PLAIN));
}

#[test]
fn a_thousand_findings_in_five_megabytes_take_a_moment() {
    let mut case = Case::default();
    let line =
        "  server_url = \"https://ml.example.com/\" # and so on, and so on, and so on, and so on\n";
    let count = 5_000_000 / line.len();
    let file = case.file("a.tf", &line.repeat(count));
    for index in 0..1_000 {
        let start = index * (count / 1_000) * line.len() + 15;
        let span = Span::new(start, start + 25);
        case.finding(Severity::Error, Location { file, span });
    }
    let begin = Instant::now();
    let length: usize = case.all().iter().map(String::len).sum();
    println!("{length} bytes in {:?}", begin.elapsed());
    assert!(begin.elapsed().as_secs() < 20);
}

proptest! {
    #[test]
    fn any_places_in_any_text_can_be_shown(
        text in "[a \t\r\n\u{1b}\u{feff}ü世\u{301}]{0,40}",
        spans in prop::collection::vec((0usize..50, 0usize..50), 1..5),
        width in 0usize..60,
    ) {
        let mut case = Case::default();
        let file = case.file("a.tf", &text);
        let place = |(start, end)| Location { file, span: Span::new(start, end) };
        let places: Vec<Location> = spans.into_iter().map(place).collect();
        let related = places.iter().map(|place| (*place, "here".into())).collect();
        case.finding(Severity::Error, places[0]).related = related;
        let shown = case.human(Style { width, ..PLAIN });
        prop_assert!(shown.contains("a.tf:"), "{}", shown);
        prop_assert!(!shown.contains("Failed"), "{}", shown);
        prop_assert_eq!(case.all().len(), 9);
    }
}

#[test]
fn a_thousand_findings_in_one_line_take_a_moment() {
    let mut case = Case::default();
    let file = case.file("a.tf", &"\"https://ml.example.com/\", ".repeat(200_000));
    for index in 0..1_000 {
        let start = index * 5_000;
        let span = Span::new(start, start + 25);
        case.finding(Severity::Error, Location { file, span });
    }
    let begin = Instant::now();
    case.text(sarif::write);
    case.text(rdjson::write);
    assert!(begin.elapsed().as_secs() < 10);
}

#[test]
fn suggestions_are_one_replacement_or_none() {
    let secret = ["not", "to", "be", "seen"].join("-");
    let text = format!("a = 1\nb = \"{secret}\"\nc = 3\nd = 4\n");
    let suggestion = |from: &str, to: &str, elsewhere: bool| {
        let mut case = Case::default();
        let file = case.file("a.tf", &text);
        let other = case.file("b.tf", "a");
        let mut edits = vec![
            Edit {
                location: case.at(file, from),
                replacement: "x".into(),
            },
            Edit {
                location: case.at(file, to),
                replacement: "yy".into(),
            },
        ];
        if elsewhere {
            edits.push(Edit {
                location: case.at(other, "a"),
                replacement: String::new(),
            });
        }
        let place = case.at(file, "a");
        case.finding(Severity::Error, place).fix = Some(Fix {
            title: "Mend it".into(),
            safe: true,
            edits,
            declares: None,
        });
        let json: serde_json::Value = serde_json::from_str(&case.text(rdjson::write)).unwrap();
        json["diagnostics"][0]["suggestions"].clone()
    };
    let one = suggestion("d = 4", "3", false);
    assert_eq!(one[0]["text"], "yy\nx");
    assert_eq!(
        one[0]["range"]["start"],
        serde_json::json!({"line": 3, "column": 5})
    );
    assert_eq!(
        one[0]["range"]["end"],
        serde_json::json!({"line": 4, "column": 6})
    );
    assert_eq!(one.as_array().map(Vec::len), Some(1));
    assert_eq!(suggestion("1", "3", false), serde_json::json!([]));
    assert_eq!(suggestion("d = 4", "3", true), serde_json::json!([]));
}
