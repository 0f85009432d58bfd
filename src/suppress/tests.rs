#![allow(clippy::string_slice)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::finding::Severity;
use crate::source::SourceFile;
use crate::syntax::{Attribute, Block, Body, BodyId, Comment, ExprId};

const NAMES: &[&str] = &["rule-a", "rule-b", "syntax-error", "unused-ignore"];

/// A text with the places of what its parser would find: every comment, the blocks and the attributes named.
struct Case {
    sources: Sources,
    tree: Tree,
}

impl Case {
    fn native(text: &str, blocks: &[&str], attributes: &[&str]) -> Self {
        let mut case = Self::new(text, blocks, attributes);
        let mut at = 0;
        while let Some(start) = text[at..].find(['#', '/']).map(|start| start + at) {
            let rest = &text[start..];
            let length = if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                rest.find(['\r', '\n']).unwrap_or(rest.len())
            };
            at = start + length;
            case.tree.comments.push(Comment {
                span: Span::new(start, at),
                object: None,
            });
        }
        case
    }

    /// `objects`: those with a `"//"` member, in order.
    fn json(text: &str, objects: &[&str], blocks: &[&str], attributes: &[&str]) -> Self {
        let mut case = Self::new(text, blocks, attributes);
        for object in objects {
            let object = span(text, object);
            let key = object.range().start + object.text(text).find("\"//\"").unwrap();
            let start = key + 4 + text[key + 4..].find('"').unwrap();
            let end = start + 2 + text[start + 1..].find('"').unwrap();
            case.tree.comments.push(Comment {
                span: Span::new(start, end),
                object: Some(object),
            });
        }
        case
    }

    fn new(text: &str, blocks: &[&str], attributes: &[&str]) -> Self {
        let mut sources = Sources::default();
        sources.add(SourceFile::new(
            "a.tf".into(),
            "a.tf".into(),
            text.into(),
            true,
        ));
        let block = |part: &&str| {
            let whole = span(text, part);
            let header = part.find(['{', ':']).unwrap();
            let header = Span::new(whole.range().start, whole.range().start + header);
            Block {
                keyword: Default::default(),
                keyword_span: header,
                labels: Default::default(),
                header_span: header,
                body: BodyId(1),
                span: whole,
            }
        };
        let attribute = |part: &&str| Attribute {
            name: Default::default(),
            name_span: Span::new(
                span(text, part).range().start,
                span(text, part).range().start + 1,
            ),
            expr: ExprId(0),
            span: span(text, part),
        };
        let blocks: Vec<Block> = blocks.iter().map(block).collect();
        let attributes: Vec<Attribute> = attributes.iter().map(attribute).collect();
        // Attributes within the first block stand in its body, as a parser has it.
        let outer = blocks.first().map(|block| block.span);
        let (inner, root): (Vec<_>, Vec<_>) = attributes
            .into_iter()
            .partition(|attribute| outer.is_some_and(|outer| outer.contains(attribute.span)));
        let of_root = 0..root.len();
        let of_block = root.len()..root.len() + inner.len();
        let body = |attributes, blocks| Body {
            attributes,
            blocks,
            span: Span::new(0, text.len()),
        };
        Self {
            sources,
            tree: Tree {
                bodies: vec![body(of_root, 0..blocks.len()), body(of_block, 0..0)],
                attributes: root.into_iter().chain(inner).collect(),
                blocks,
                ..Tree::default()
            },
        }
    }

    fn text(&self) -> &str {
        &self.sources.get(FileId(0)).unwrap().text
    }

    fn at(&self, part: &str) -> Location {
        Location {
            file: FileId(0),
            span: span(self.text(), part),
        }
    }

    fn apply(self, findings: &[Finding], not_run: &[&str]) -> Outcome {
        let rules = Rules {
            names: NAMES,
            ran: &|_, rule| !not_run.contains(&rule),
        };
        apply(findings.to_vec(), &[], &self.sources, &[self.tree], &rules)
    }

    /// The places, of those given, at which `rule` is not silenced.
    fn left<'a>(self, rule: &'static str, parts: &[&'a str]) -> Vec<&'a str> {
        let findings: Vec<Finding> = parts
            .iter()
            .map(|part| finding(rule, self.at(part)))
            .collect();
        let kept = self.apply(&findings, &[]).kept;
        let kept: BTreeSet<Location> = kept.iter().map(|finding| finding.primary).collect();
        let left = parts.iter().zip(&findings);
        left.filter(|(_, finding)| kept.contains(&finding.primary))
            .map(|(part, _)| *part)
            .collect()
    }
}

fn span(text: &str, part: &str) -> Span {
    let start = text
        .find(part)
        .unwrap_or_else(|| panic!("{part:?} is not in {text:?}"));
    Span::new(start, start + part.len())
}

fn finding(rule: &'static str, primary: Location) -> Finding {
    Finding {
        rule: rule.into(),
        severity: Severity::Error,
        message: "".into(),
        help: None,
        primary,
        reaches: Vec::new(),
        related: Vec::new(),
        steps: 0,
        about: Vec::new(),
        fix: None,
    }
}

const BLOCK: &str = "p {\n  x = 1\n  y = <<E\nvalue\nE\n}";
const ATTRIBUTES: [&str; 2] = ["x = 1", "y = <<E\nvalue\nE"];

#[test]
fn a_comment_covers_its_line_or_what_stands_below_it() {
    // The text before and after the block; what is left of findings at `p`, `1`, `value` and `z`.
    for (before, after, left) in [
        ("", "\nz = 2", &["p {", "1", "value", "z ="][..]),
        ("# zenml-tflint-ignore: rule-a\n", "\nz = 2", &["z ="]),
        (
            "// zenml-tflint-ignore: rule-b, rule-a -- because\r\n",
            "\nz = 2",
            &["z ="],
        ),
        ("/* zenml-tflint-ignore: all */\n", "\nz = 2", &["z ="]),
        (
            "/* zenml-tflint-ignore: rule-a\n more */\n",
            "\nz = 2",
            &["z ="],
        ),
        (
            "#zenml-tflint-ignore:rule-a,rule-b--c\n",
            "\nz = 2",
            &["z ="],
        ),
        (
            "# zenml-tflint-ignore: rule-a\n# why\n// zenml-tflint-ignore: rule-b\n",
            "\nz = 2",
            &["z ="],
        ),
        (
            "\u{feff}# zenml-tflint-ignore: rule-a\n",
            "\nz = 2",
            &["z ="],
        ),
        (
            "# zenml-tflint-ignore: rule-a\n\n",
            "\nz = 2",
            &["p {", "1", "value", "z ="],
        ),
        (
            "# zenml-tflint-ignore: rule-b\n",
            "\nz = 2",
            &["p {", "1", "value", "z ="],
        ),
        (
            "# see zenml-tflint-ignore: rule-a\n",
            "\nz = 2",
            &["p {", "1", "value", "z ="],
        ),
        (
            "/* zenml-tflint-ignore: rule-a */ ",
            "\nz = 2",
            &["1", "value", "z ="],
        ),
        (
            "",
            "\nz = 2 # zenml-tflint-ignore: rule-a",
            &["p {", "1", "value"],
        ),
        (
            "",
            "\n# zenml-tflint-ignore: rule-a\nz = 2",
            &["p {", "1", "value"],
        ),
        (
            "",
            "\n/* a */ # zenml-tflint-ignore: rule-a\nz = 2",
            &["p {", "1", "value"],
        ),
        (
            "",
            "\n# zenml-tflint-ignore-file: rule-a\nz = 2",
            &["p {", "1", "value", "z ="],
        ),
        (
            "# a\n# zenml-tflint-ignore-file: rule-a\n\n",
            "\nz = 2",
            &[],
        ),
        (
            "# zenml-tflint-ignore rule-a\n",
            "\nz = 2",
            &["p {", "1", "value", "z ="],
        ),
        (
            "# zenml-tflint-ignored: rule-a\n",
            "\nz = 2",
            &["p {", "1", "value", "z ="],
        ),
    ] {
        let text = format!("{before}{BLOCK}{after}");
        let case = Case::native(&text, &[BLOCK], &[ATTRIBUTES[0], ATTRIBUTES[1], "z = 2"]);
        assert_eq!(
            case.left("rule-a", &["p {", "1", "value", "z ="]),
            left,
            "{text}"
        );
    }
}

#[test]
fn a_comment_covers_the_whole_attribute_that_begins_on_its_line_or_below() {
    for (text, attribute, left) in [
        (
            "# zenml-tflint-ignore: rule-a\ny = <<E\nvalue\nE\nz = 1",
            "y = <<E\nvalue\nE",
            &["z ="][..],
        ),
        (
            "y = [ # zenml-tflint-ignore: rule-a\n  \"value\"]\nz = 1",
            "y = [ # zenml-tflint-ignore: rule-a\n  \"value\"]",
            &["z ="],
        ),
        (
            "y = [\n  \"value\" # zenml-tflint-ignore: rule-a\n]\nz = 1",
            "y = [\n  \"value\" # zenml-tflint-ignore: rule-a\n]",
            &["y =", "z ="],
        ),
        (
            "y = [\r\n  # zenml-tflint-ignore: rule-a\r\n  \"value\"\r\n]\r\nz = 1",
            "y = [\r\n  # zenml-tflint-ignore: rule-a\r\n  \"value\"\r\n]",
            &["y =", "z ="],
        ),
    ] {
        let case = Case::native(text, &[], &[attribute]);
        assert_eq!(
            case.left("rule-a", &["y =", "value", "z ="]),
            left,
            "{text}"
        );
    }
}

#[test]
fn a_json_member_covers_its_object_and_the_key_that_leads_to_it() {
    let object = r#"{"//": "zenml-tflint-ignore: rule-a -- why", "x": 1}"#;
    let block = format!("\"z\": {object}");
    let text = format!("{{\"p\": {{{block}, \"y\": 2}}}}");
    let case = Case::json(&text, &[object], &[&block], &[]);
    assert_eq!(
        case.left("rule-a", &["\"p\"", "\"z\"", "1", "2"]),
        ["\"p\"", "2"]
    );

    for mark in ["ignore", "ignore-file"] {
        let text = format!("{{\"//\": \"zenml-tflint-{mark}: rule-a\", \"x\": 1}}");
        let case = Case::json(&text, &[&text], &[], &[]);
        assert_eq!(
            case.left("rule-a", &["\"x\"", "1"]),
            Vec::<&str>::new(),
            "{text}"
        );
    }
}

#[test]
fn a_finding_is_ignored_at_all_arguments_that_it_reaches() {
    let text = "d = 1\n# zenml-tflint-ignore: rule-a\nx = 2\ny = 3\n";
    let attributes = ["d = 1", "x = 2", "y = 3"];
    for (reaches, kept) in [(&["x"][..], 0), (&["y"], 1), (&["x", "y"], 1), (&[], 1)] {
        let case = Case::native(text, &[], &attributes);
        let mut finding = finding("rule-a", case.at("1"));
        finding.reaches = reaches.iter().map(|part| case.at(part)).collect();
        let outcome = case.apply(&[finding], &[]);
        assert_eq!(outcome.kept.len(), kept, "{reaches:?}");
        assert_eq!(outcome.ignored, 1 - kept);
        // It has something to do with the comment either way, where it reaches it.
        assert_eq!(
            outcome.unused.is_empty(),
            reaches.contains(&"x"),
            "{reaches:?}"
        );
    }
}

/// What is said of each unused name, where, and what the text is after all fixes.
fn unused(case: Case, findings: &[Finding], not_run: &[&str]) -> (Vec<(String, String)>, String) {
    let text = case.text().to_owned();
    let unused = case.apply(findings, not_run).unused;
    let said = unused
        .iter()
        .map(|finding| {
            let at = finding.primary.span.text(&text).to_owned();
            let help = finding.help.as_deref().unwrap_or_default();
            (at, format!("{} {help}", finding.message).trim().to_owned())
        })
        .collect();
    let edits: BTreeSet<_> = unused
        .iter()
        .filter_map(|finding| finding.fix.as_ref())
        .flat_map(|fix| &fix.edits)
        .map(|edit| edit.location.span)
        .collect();
    let mut mended = text;
    let mut before = u32::MAX;
    for span in edits.iter().rev() {
        assert!(span.end <= before, "edits overlap");
        before = span.start;
        mended.replace_range(span.range(), "");
    }
    (said, mended)
}

#[test]
fn the_fix_leaves_the_text_as_if_the_name_had_never_been_there() {
    // A finding of rule-a at `x` in each.
    for (text, mended) in [
        (
            "x = 1\n  # zenml-tflint-ignore: rule-b -- why\ny = 2\n",
            "x = 1\ny = 2\n",
        ),
        (
            "x = 1\r\n# zenml-tflint-ignore: rule-b\r\ny = 2",
            "x = 1\r\ny = 2",
        ),
        ("x = 1 \t# zenml-tflint-ignore: rule-b, other\n", "x = 1\n"),
        ("x = 1 # zenml-tflint-ignore: rule-b\r\n", "x = 1\r\n"),
        (
            "x = 1 # zenml-tflint-ignore: rule-a, rule-b -- why\n",
            "x = 1 # zenml-tflint-ignore: rule-a -- why\n",
        ),
        (
            "x = 1 # zenml-tflint-ignore: rule-b, rule-a -- why\n",
            "x = 1 # zenml-tflint-ignore: rule-a -- why\n",
        ),
        (
            "x = 1 # zenml-tflint-ignore: b,rule-a, rule-b, c\n",
            "x = 1 # zenml-tflint-ignore: rule-a\n",
        ),
        (
            "x = 1 # zenml-tflint-ignore: rule-a, b, , c,\n",
            "x = 1 # zenml-tflint-ignore: rule-a,\n",
        ),
        (
            "\u{feff}# zenml-tflint-ignore: rule-b\nx = 1",
            "\u{feff}x = 1",
        ),
        ("x = 1\n# zenml-tflint-ignore: rule-b", "x = 1\n"),
        ("  /* zenml-tflint-ignore: rule-b */ x = 1", "  x = 1"),
        ("x = /* zenml-tflint-ignore: rule-b */ 1", "x = 1"),
        ("x = a /* zenml-tflint-ignore: rule-b */?1:2", "x = a ?1:2"),
        (
            "x = 1 /* zenml-tflint-ignore: rule-b\n more */\ny = 2",
            "x = 1\ny = 2",
        ),
        ("# zenml-tflint-ignore: rule-b\n", ""),
        ("# zenml-tflint-ignore-file: rule-b\nx = 1", "x = 1"),
    ] {
        let attributes: &[&str] = if text.contains("x = 1") {
            &["x = 1"]
        } else {
            &[]
        };
        let case = Case::native(text, &[], attributes);
        let findings: Vec<Finding> = text
            .find("x = ")
            .map(|_| finding("rule-a", case.at("x = ")))
            .into_iter()
            .collect();
        let (said, after) = unused(case, &findings, &[]);
        assert!(!said.is_empty(), "{text}");
        assert_eq!(after, mended, "{text}");
    }
}

#[test]
fn the_fix_in_json_takes_one_comma() {
    for (text, mended) in [
        (
            r#"{"//": "zenml-tflint-ignore: rule-b", "x": 1}"#,
            r#"{"x": 1}"#,
        ),
        (
            r#"{"x": 1, "//": "zenml-tflint-ignore: rule-b"}"#,
            r#"{"x": 1}"#,
        ),
        (r#"{"//": "zenml-tflint-ignore: rule-b"}"#, "{}"),
        (
            "{\n  \"//\": \"zenml-tflint-ignore: rule-b\",\n  \"x\": 1\n}\n",
            "{\n  \"x\": 1\n}\n",
        ),
        (
            "{\r\n  \"x\": 1,\r\n  \"//\" : \"zenml-tflint-ignore: rule-b\"\r\n}\r\n",
            "{\r\n  \"x\": 1\r\n}\r\n",
        ),
        (
            r#"{"//": "zenml-tflint-ignore: rule-a, rule-b -- c", "x": 1}"#,
            r#"{"//": "zenml-tflint-ignore: rule-a -- c", "x": 1}"#,
        ),
    ] {
        let case = Case::json(text, &[text.trim_end()], &[], &[]);
        let findings: Vec<Finding> = text
            .find("\"x\"")
            .map(|_| finding("rule-a", case.at("\"x\"")))
            .into_iter()
            .collect();
        let (said, after) = unused(case, &findings, &[]);
        assert_eq!(said.len(), 1, "{text}");
        assert_eq!(after, mended, "{text}");
    }
}

#[test]
fn what_is_said_of_each_unused_name() {
    for (text, said) in [
        (
            "# zenml-tflint-ignore: rule-a",
            &[(
                "rule-a",
                "this comment ignores `rule-a`, and there is no such finding here",
            )][..],
        ),
        (
            "# zenml-tflint-ignore-file: rule-a",
            &[(
                "rule-a",
                "this comment ignores `rule-a`, and there is no such finding in this file",
            )],
        ),
        (
            "# zenml-tflint-ignore: all",
            &[(
                "all",
                "this comment ignores every rule, and there is no finding here",
            )],
        ),
        (
            "# zenml-tflint-ignore: rul-a, b-rule",
            &[
                (
                    "rul-a",
                    "this comment ignores `rul-a`, which is not the name of a rule did you mean `rule-a`?",
                ),
                (
                    "b-rule",
                    "this comment ignores `b-rule`, which is not the name of a rule `zenml-tflint rules` lists every rule",
                ),
            ],
        ),
        (
            "# zenml-tflint-ignore: rule-a too bad",
            &[(
                "rule-a too bad",
                "this comment ignores `…`, which is not the name of a rule separate names by commas, and write a reason after ` -- `: `rule-a -- reason`",
            )],
        ),
        (
            "# zenml-tflint-ignore: -- why",
            &[(
                "zenml-tflint-ignore",
                "this comment ignores nothing: it names no rule write `zenml-tflint-ignore: rule-name`, or `zenml-tflint-ignore: all` for every rule",
            )],
        ),
        (
            "# zenml-tflint-ignore-file rule-a",
            &[(
                "zenml-tflint-ignore-file",
                "this comment ignores nothing: a colon must follow its first word write `zenml-tflint-ignore-file: rule-name`, or `zenml-tflint-ignore-file: all` for every rule",
            )],
        ),
        (
            "# zenml-tflint-ignore-next-line: rule-a",
            &[(
                "zenml-tflint-ignore",
                "this comment ignores nothing: a colon must follow its first word write `zenml-tflint-ignore: rule-name`, or `zenml-tflint-ignore: all` for every rule",
            )],
        ),
        (
            "x = 1\n# zenml-tflint-ignore-file: rule-a",
            &[(
                "zenml-tflint-ignore-file",
                "this comment ignores nothing: it is meant for the whole file and does not stand at its top move it before the first block, or write `zenml-tflint-ignore` to ignore what stands here",
            )],
        ),
        ("# zenml-tflint-ignore: rule-a, unused-ignore", &[]),
        (
            "# zenml-tflint-ignore-file: unused-ignore\n# zenml-tflint-ignore: rule-a",
            &[],
        ),
        ("# a comment", &[]),
        ("# ignores zenml-tflint-ignore: rule-a", &[]),
    ] {
        let attributes: &[&str] = if text.starts_with('x') {
            &["x = 1"]
        } else {
            &[]
        };
        let (unused, _) = unused(Case::native(text, &[], attributes), &[], &[]);
        let unused: Vec<(&str, &str)> = unused
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(unused, said, "{text}");
    }
}

#[test]
fn a_rule_that_was_not_run_is_not_unused() {
    let text = "# zenml-tflint-ignore: rule-a, rule-b\n# zenml-tflint-ignore: all";
    for (not_run, expected) in [
        (&[][..], &["rule-a", "rule-b", "all"][..]),
        (&["rule-a"], &["rule-b"]),
        (&["unused-ignore"], &[]),
    ] {
        let (said, _) = unused(Case::native(text, &[], &[]), &[], not_run);
        let names: Vec<&str> = said.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, expected);
    }
}

#[test]
fn nothing_is_said_of_files_that_are_not_reported() {
    let mut case = Case::native("# zenml-tflint-ignore: rule-a", &[], &[]);
    case.sources = Sources::default();
    let text = "# zenml-tflint-ignore: rule-a";
    case.sources.add(SourceFile::new(
        "a.tf".into(),
        "a.tf".into(),
        text.into(),
        false,
    ));
    assert_eq!(case.apply(&[], &[]), Outcome::default());
}

#[test]
fn many_comments_and_findings_take_linear_time() {
    let count = 20_000;
    let text = "/* zenml-tflint-ignore: rule-a */ ".repeat(count) + "x = 1\n";
    let text = text + &"# zenml-tflint-ignore: rule-b\n".repeat(count) + "y = 2";
    let text = text + " # zenml-tflint-ignore: rule-a" + &", x".repeat(count);
    let case = Case::native(&text, &[], &["x = 1", "y = 2"]);
    let mut findings = vec![finding("rule-a", case.at("x = 1")); count];
    findings.push(finding("rule-a", case.at("y = 2")));
    let outcome = case.apply(&findings, &[]);
    assert_eq!(
        (outcome.ignored, outcome.unused.len()),
        (count + 1, 2 * count)
    );
}

proptest! {
    #[test]
    fn ignoring_adds_nothing_and_every_fix_fits(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "# zenml-tflint-ignore: rule-a", "# zenml-tflint-ignore-file: rule-b, all", "/*zenml-tflint-ignore:ü,rule-a,世*/",
                "// zenml-tflint-ignore", "/* zenml-tflint-ignore: rule-b\n -- x */", "# c", "/*", "x = ü", "\n", "\r\n",
                " ", "\t", "{", "}", "\u{feff}", "\"//\": \"zenml-tflint-ignore: rule-a\"", ",",
            ]),
            0..20,
        ),
        starts in prop::collection::vec(0usize..200, 0..6),
    ) {
        let text = parts.concat();
        for is_json in [false, true] {
            let case = if is_json && text.contains("\"//\"") {
                Case::json(&text, &[&text], &[], &[])
            } else {
                Case::native(&text, &[], &[])
            };
            let place = |start: &usize| Location {
                file: FileId(0),
                span: Span::new(*start, start + 1),
            };
            let findings: Vec<Finding> = starts.iter().map(|start| finding("rule-a", place(start))).collect();
            let outcome = case.apply(&findings, &[]);
            prop_assert_eq!(outcome.kept.len() + outcome.ignored, findings.len());
            prop_assert!(outcome.kept.iter().all(|kept| findings.contains(kept)));
            for fix in outcome.unused.iter().filter_map(|finding| finding.fix.as_ref()) {
                for edit in &fix.edits {
                    let span = edit.location.span;
                    prop_assert!(span.start < span.end);
                    prop_assert!(text.get(span.range()).is_some(), "{:?} in {:?}", span, text);
                }
            }
        }
    }
}
