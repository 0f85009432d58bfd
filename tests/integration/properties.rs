//! What holds for any input.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

use std::collections::BTreeMap;

use crate::support::program::run;
use crate::support::{NOW, api_key, found, write_file, write_files};
use proptest::prelude::*;
use tempfile::TempDir;
use zenml_tflint::lint::{Outcome, lint};
use zenml_tflint::settings::Settings;

fn check(directory: &TempDir, jobs: Option<usize>) -> Outcome {
    lint(&Settings {
        directory: directory.path().canonicalize().unwrap(),
        now: NOW,
        jobs,
        ..Settings::default()
    })
    .unwrap()
}

/// An expression, now and then a wrong one.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("\"https://ml.mycompany.com/\"".to_owned()),
        Just("\"http://ml.mycompany.com/api/v1\"".to_owned()),
        Just("\" héllo🦀 \"".to_owned()),
        Just(format!("\"{}\"", api_key(3))),
        Just("<<-EOT\n    https://x/\n  EOT\n".to_owned()),
        Just("var.a".to_owned()),
        Just("var.b[0]".to_owned()),
        Just("local.c".to_owned()),
        Just("module.m.url".to_owned()),
        Just("null".to_owned()),
        Just("12.5e3".to_owned()),
        Just("each.value".to_owned()),
        "[ -~]{0,8}",
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {b}][0]")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("{{ a = {a}, \"b\" = {b} }}.a")),
            inner.clone().prop_map(|a| format!("\"${{{a}}}/x/\"")),
            inner
                .clone()
                .prop_map(|a| format!("try({a}, trimsuffix({a}, \"/\"))")),
            inner.prop_map(|a| format!("[for k, v in {a} : v]...")),
        ]
    })
}

fn block() -> impl Strategy<Value = String> {
    let header = prop_oneof![
        4 => Just("provider \"zenml\""),
        1 => Just("variable \"a\""),
        1 => Just("variable \"b\""),
        1 => Just("locals"),
        1 => Just("module \"m\""),
        1 => Just("output \"url\""),
        1 => Just("resource \"zenml_stack\" \"s\""),
    ];
    let name = prop_oneof![
        3 => Just("server_url"),
        2 => Just("api_key"),
        1 => Just("api_token"),
        1 => Just("default"),
        1 => Just("c"),
        1 => Just("a"),
        1 => Just("value"),
        1 => Just("for_each"),
    ];
    let attribute = (name, expression()).prop_map(|(name, value)| format!("  {name} = {value}\n"));
    (
        header,
        prop::collection::vec(attribute, 0..4),
        any::<bool>(),
    )
        .prop_map(|(header, attributes, child)| {
            let source = if header.starts_with("module") && child {
                "  source = \"./child\"\n"
            } else {
                ""
            };
            format!("{header} {{\n{source}{}}}\n", attributes.concat())
        })
}

fn module() -> impl Strategy<Value = String> {
    let ending = prop_oneof![Just("\n"), Just("\r\n")];
    let mark = prop_oneof![3 => Just(""), 1 => Just("\u{feff}")];
    (prop::collection::vec(block(), 1..6), ending, mark).prop_map(|(blocks, ending, mark)| {
        format!("{mark}{}", blocks.concat().replace('\n', ending))
    })
}

fn files() -> impl Strategy<Value = BTreeMap<String, String>> {
    (module(), module(), module()).prop_map(|(main, other, child)| {
        [
            ("main.tf", main),
            ("other.tf", other),
            ("child/main.tf", child),
        ]
        .map(|(name, text)| (name.to_owned(), text))
        .into()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn findings_lie_in_their_files_on_characters(files in files()) {
        let outcome = check(&write_files(&files), None);
        for finding in &outcome.findings {
            let related = finding.related.iter().map(|(at, _)| at);
            for at in [&finding.primary].into_iter().chain(&finding.reaches).chain(related) {
                let file = outcome.sources().get(at.file).unwrap();
                prop_assert!(file.text.get(at.span.range()).is_some(), "{finding:?}");
            }
            for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
                let file = outcome.sources().get(edit.location.file).unwrap();
                prop_assert!(file.text.get(edit.location.span.range()).is_some(), "{finding:?}");
            }
        }
    }

    #[test]
    fn threads_and_the_order_of_files_make_no_difference(files in files()) {
        let first = write_files(&files);
        let second = write_files(&BTreeMap::new());
        for (name, text) in files.iter().rev() {
            write_file(second.path(), name, text);
        }
        let one = check(&first, Some(1));
        let many = check(&first, Some(4));
        prop_assert_eq!(&one.findings, &many.findings);
        prop_assert_eq!(&one.findings, &check(&second, Some(3)).findings);
    }

    #[test]
    fn ignoring_adds_no_finding_and_removes_what_it_names(files in files(), choice in any::<prop::sample::Index>()) {
        let directory = write_files(&files);
        let before = check(&directory, None);
        let lines = found(&before);
        let in_main: Vec<&String> = lines.iter().filter(|f| f.starts_with("main.tf:")).collect();
        prop_assume!(!in_main.is_empty());
        let (_, rule) = choice.get(&in_main).split_once(' ').unwrap();
        let text = &files["main.tf"];
        let (mark, rest) = text.strip_prefix('\u{feff}').map_or(("", text.as_str()), |rest| ("\u{feff}", rest));
        write_file(directory.path(), "main.tf", &format!("{mark}# zenml-tflint-ignore-file: {rule}\n{rest}"));
        let after = check(&directory, None);
        for finding in &found(&after) {
            let (place, fired) = finding.split_once(' ').unwrap();
            let Some(line) = place.strip_prefix("main.tf:") else {
                prop_assert!(lines.contains(finding), "{finding} is new");
                continue;
            };
            prop_assert!(fired != rule, "{finding} is still there");
            let line: usize = line.parse().unwrap();
            let old = format!("main.tf:{} {fired}", line - 1);
            prop_assert!(lines.contains(&old) || fired == "unused-ignore", "{finding} is new");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_report_of_anything_is_whole(files in files(), rubbish in any::<Vec<u8>>()) {
        let directory = write_files(&files);
        std::fs::write(directory.path().join("rubbish.tf"), rubbish).unwrap();
        let json = run(directory.path(), &["--output-format", "json"]);
        prop_assert!(json.code <= 1, "{}", json.stderr);
        let count = json.findings().len();
        let concise = run(directory.path(), &["--output-format", "concise"]);
        prop_assert_eq!(concise.stdout.lines().count(), count);
        let human = run(directory.path(), &["--color", "always"]);
        prop_assert_eq!(human.code, json.code);
    }
}
