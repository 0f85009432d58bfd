//! `SECURITY.md` claims nothing without a test that shows it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]

use std::fs;
use std::path::Path;

/// The text of every Rust file below a directory.
fn code(directory: &Path) -> String {
    let entries = fs::read_dir(directory).unwrap();
    let texts = entries.map(|entry| {
        let path = entry.unwrap().path();
        match path.extension() {
            _ if path.is_dir() => code(&path),
            Some(extension) if extension == "rs" => fs::read_to_string(&path).unwrap(),
            _ => String::new(),
        }
    });
    texts.collect()
}

#[test]
fn every_claim_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let code = code(&root.join("src")) + &code(&root.join("tests"));
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let claims: Vec<&str> = rows.filter(|row| !row.starts_with("| claim ")).collect();
    assert!(claims.len() > 12);
    for claim in claims {
        let (_, shown_by) = claim.trim_end_matches(" |").rsplit_once(" | ").unwrap();
        let tests: Vec<&str> = shown_by.split(", ").collect();
        for test in tests {
            let function = format!("fn {}(", test.trim_matches('`'));
            assert!(code.contains(&function), "{test} of {claim}");
        }
    }
}
