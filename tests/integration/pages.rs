//! Every example on every rule page is a test: the bad one fires exactly its rule, the mended one nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::{Fixture, found};
use zenml_tflint::rules::{self, Fixable};

/// The fenced code blocks of a section of a page, each a file of one repository.
fn example(body: &str, section: &str) -> String {
    let text = body
        .split("\n## ")
        .find(|part| part.starts_with(section))
        .unwrap_or_default();
    let blocks = text.split("```").skip(1).step_by(2);
    let code = blocks.filter_map(|block| block.split_once('\n'));
    let files = code.map(|(_, code)| code.to_owned());
    format!("# bare\n{}", files.collect::<Vec<_>>().join("\n"))
}

#[test]
fn bad_examples_fire_exactly_their_rule() {
    for rule in rules::all() {
        let fixture = Fixture::new(&example(rule.page().body, "Example"));
        let outcome = fixture.check();
        let fired: BTreeSet<&str> = outcome.findings.iter().map(|f| &*f.rule).collect();
        let only = BTreeSet::from([rule.name]);
        assert_eq!(fired, only, "{}: {:?}", rule.name, found(&outcome));
    }
}

#[test]
fn good_examples_are_clean() {
    for rule in rules::all() {
        let fixture = Fixture::new(&example(rule.page().body, "Use instead"));
        let outcome = fixture.check();
        assert!(outcome.files > 0, "{} shows nothing mended", rule.name);
        assert_eq!(found(&outcome), Vec::<String>::new(), "{}", rule.name);
    }
}

#[test]
fn good_examples_are_what_fixes_make_of_the_bad_ones() {
    for rule in rules::all() {
        let page = rule.page();
        let bad = Fixture::new(&example(page.body, "Example"));
        let finding = bad.check().findings.remove(0);
        let offers = |safe: bool| finding.fix.as_ref().is_some_and(|fix| fix.safe == safe);
        let is_as_told = match page.fix {
            Fixable::None => finding.fix.is_none(),
            Fixable::Safe => offers(true),
            Fixable::Unsafe => offers(false),
            Fixable::Sometimes => true,
        };
        assert!(is_as_told, "{}: {:?}", rule.name, finding.fix);
        let Some(fix) = finding.fix else { continue };
        let mut mended = bad.files.clone();
        mended.extend(bad.mend(!fix.safe));
        let good = Fixture::new(&example(page.body, "Use instead"));
        assert_eq!(mended, good.files, "{}", rule.name);
    }
}

#[test]
fn pages_are_complete() {
    for rule in rules::all() {
        let page = rule.page();
        assert!(!page.summary.is_empty(), "{} has no summary", rule.name);
        assert!(!page.since.is_empty(), "{} has no since", rule.name);
        assert!(
            page.body.starts_with(&format!("# {}\n", rule.name)),
            "{}",
            rule.name
        );
        for section in [
            "What it does",
            "Why is this bad?",
            "Example",
            "Use instead",
            "How to silence it",
        ] {
            assert!(
                page.body.contains(&format!("\n## {section}\n")),
                "{} lacks the section {section}",
                rule.name
            );
        }
    }
}

#[test]
fn pages_and_the_list_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let pages: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed: BTreeSet<String> = rules::all()
        .iter()
        .map(|rule| format!("{}.md", rule.name))
        .collect();
    assert_eq!(pages, listed);
}
