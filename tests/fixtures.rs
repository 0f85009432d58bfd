//! Every file under `tests/fixtures/` fires what it says it fires, and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{Fixture, found};
use zenml_tflint::rules;

fn fixture_files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files: Vec<PathBuf> = rules::all()
        .iter()
        .flat_map(|rule| fs::read_dir(root.join(rule.name)).into_iter().flatten())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn fixtures_fire_what_they_say() {
    let mut wrong = Vec::new();
    for path in fixture_files() {
        let fixture = Fixture::new(&fs::read_to_string(&path).unwrap());
        let outcome = fixture.check();
        let found = found(&outcome);
        if found != fixture.expected {
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
            let missed = fixture.expected.iter().filter(|e| !found.contains(e));
            let surplus = found.iter().filter(|f| !fixture.expected.contains(f));
            wrong.push(format!(
                "{}\n  missed: {:?}\n  surplus: {:?}",
                name.display(),
                missed.collect::<Vec<_>>(),
                surplus.collect::<Vec<_>>()
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_fixtures_in_which_it_fires() {
    for rule in rules::all() {
        let fires = fixture_files().iter().any(|path| {
            path.parent()
                .is_some_and(|folder| folder.ends_with(rule.name))
                && Fixture::new(&fs::read_to_string(path).unwrap())
                    .expected
                    .iter()
                    .any(|line| line.ends_with(&format!(" {}", rule.name)))
        });
        assert!(fires, "no fixture fires {}", rule.name);
    }
}

#[test]
fn every_folder_of_fixtures_is_a_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for entry in fs::read_dir(root).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name == "README.md" || rules::find(&name).is_some(),
            "no rule is named {name}"
        );
    }
}
