//! Every file under `tests/fixtures/` fires what it says it fires, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::finish;
use crate::support::{Files, Fixture, found, without_credentials, write_files};
use zenml_tflint::finding::{Edit, Finding};
use zenml_tflint::fix::{apply, unified};
use zenml_tflint::lint::Outcome;
use zenml_tflint::redact::Redactor;
use zenml_tflint::rules::{self, Fixable};
use zenml_tflint::source::{FileId, Location};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn fixture_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = rules::all()
        .iter()
        .flat_map(|rule| fs::read_dir(root().join(rule.name)).into_iter().flatten())
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension != "snap")
        })
        .collect();
    files.sort();
    files
}

/// Where a finding, or a place that has a part in it, begins and ends.
fn span(outcome: &Outcome, at: Location) -> String {
    let file = outcome.sources().get(at.file).unwrap();
    let start = file.position(at.span.start as usize);
    let end = file.position(at.span.end as usize);
    format!(
        "{}:{}:{}-{}:{}",
        file.display, start.line, start.column, end.line, end.column
    )
}

/// A finding with all that it says, and what its fix alone would change.
fn whole(outcome: &Outcome, finding: &Finding) -> String {
    let mut text = format!(
        "{}: {}[{}]\n  {}\n",
        span(outcome, finding.primary),
        finding.severity,
        finding.rule,
        finding.message
    );
    if let Some(help) = &finding.help {
        text += &format!("  help: {help}\n");
    }
    for at in &finding.reaches {
        text += &format!("  reaches {}\n", span(outcome, *at));
    }
    for (at, what) in &finding.related {
        text += &format!("  {}: {what}\n", span(outcome, *at));
    }
    if let Some(fix) = &finding.fix {
        let applicability = if fix.safe { "safe" } else { "unsafe" };
        text += &format!("  {applicability} fix: {}\n", fix.title);
        let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
        for edit in &fix.edits {
            edits.entry(edit.location.file).or_default().push(edit);
        }
        for (file, edits) in edits {
            let file = outcome.sources().get(file).unwrap();
            let before = file.exists.then_some(&*file.text);
            let after = apply(&file.text, edits);
            for line in unified(&file.display, before, &after).lines() {
                text += &format!("    {line}\n");
            }
        }
    }
    text
}

/// The name of the variable that has the snapshots written anew.
const UPDATE: &str = "UPDATE_FIXTURES";

#[test]
fn findings_are_what_snapshots_say() {
    let mut wrong = Vec::new();
    for path in fixture_files() {
        let outcome = Fixture::new(&fs::read_to_string(&path).unwrap()).check();
        let findings = outcome.findings.iter();
        let findings: Vec<String> = findings.map(|finding| whole(&outcome, finding)).collect();
        let findings = without_credentials(&findings.join("\n"));
        let snapshot = path.with_extension("snap");
        let expected = fs::read_to_string(&snapshot).unwrap_or_default();
        if env::var_os(UPDATE).is_some() {
            fs::write(snapshot, findings).unwrap();
        } else if findings != expected {
            let name = snapshot.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
            wrong.push(unified(&name.to_string_lossy(), Some(&expected), &findings));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nWhere that is right: {UPDATE}=1 cargo test --test integration fixtures",
        wrong.concat()
    );
}

/// Where a finding is about a literal that may be seen, and it is not: a function makes something of it.
const MASKED: [&str; 5] = [
    "placeholder-value/neighbours.tf: main.tf:4:27-4:72 invalid-server-url",
    "placeholder-value/neighbours.tf: main.tf:4:27-4:72 server-url-path",
    "server-url-trailing-slash/fixes.tf: main.tf:46:23-46:36 server-url-trailing-slash",
    "server-url-trailing-slash/origins.tf: main.tf:26:23-26:36 server-url-trailing-slash",
    "server-url-trailing-slash/origins.tf: main.tf:50:23-50:36 server-url-trailing-slash",
];

#[test]
fn a_finding_shows_what_it_is_about() {
    let mut masked = Vec::new();
    for path in fixture_files() {
        let outcome = Fixture::new(&fs::read_to_string(&path).unwrap()).check();
        let redactor = outcome.redactor();
        let on_request = outcome.redactor().showing_values(true);
        // What a variable refuses may be anything.
        let findings = outcome.findings.iter();
        for finding in findings.filter(|finding| finding.rule != "invalid-variable-value") {
            let text = outcome.sources().text_at(finding.primary);
            let is_literal = text.starts_with('"') && text.matches('"').count() == 2;
            let is_shown = |by: &Redactor<'_>| by.shows(finding.primary, &finding.about);
            if is_literal && is_shown(&on_request) && !is_shown(&redactor) {
                let fixture = path.strip_prefix(root()).unwrap().display();
                let at = span(&outcome, finding.primary);
                masked.push(format!("{fixture}: {at} {}", finding.rule));
            }
        }
    }
    assert_eq!(masked, MASKED);
}

#[test]
fn every_snapshot_is_of_a_fixture() {
    let fixtures: BTreeSet<PathBuf> = fixture_files().into_iter().collect();
    for folder in fs::read_dir(root()).unwrap() {
        let entries = fs::read_dir(folder.unwrap().path()).into_iter().flatten();
        for path in entries.map(|entry| entry.unwrap().path()) {
            let is_snapshot = path
                .extension()
                .is_some_and(|extension| extension == "snap");
            assert!(
                !is_snapshot || fixtures.contains(&path.with_extension("tf")),
                "{} is of no fixture",
                path.display()
            );
        }
    }
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

/// A way to write a text that fixes must leave as it is.
type Manner = fn(&str) -> String;

const MANNERS: [(&str, Manner); 4] = [
    ("as it is", str::to_owned),
    ("with CRLF", |text| text.replace('\n', "\r\n")),
    ("with a byte-order mark", |text| format!("\u{feff}{text}")),
    ("without a last line break", |text| {
        text.trim_end_matches('\n').to_owned()
    }),
];

#[test]
fn fixes_leave_what_fixtures_say() {
    let mut wrong = Vec::new();
    for path in fixture_files() {
        let text = fs::read_to_string(&path).unwrap();
        for (manner, change) in MANNERS {
            let mut fixture = Fixture::new(&text);
            fixture.rewrite(change);
            let fixed = fixture.fixed.clone();
            let fixed_unsafe = fixture.fixed_unsafe.clone();
            if fixed.is_none() && fixed_unsafe.is_none() {
                continue;
            }
            let fixed = fixed.unwrap_or_default();
            let all = merged(&fixed, fixed_unsafe.unwrap_or_default());
            for (unsafe_too, expected) in [(false, fixed), (true, all)] {
                let mended = fixture.mend(unsafe_too);
                if without_last_line_breaks(&mended) != without_last_line_breaks(&expected) {
                    let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                    let name = name.display();
                    let difference = difference(&expected, &mended);
                    wrong.push(format!(
                        "{name}, {manner}, unsafe: {unsafe_too}\n{difference}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What safe fixes leave, and what all together leave in its place.
fn merged(fixed: &Files, fixed_unsafe: Files) -> Files {
    let mut all = fixed.clone();
    all.extend(fixed_unsafe);
    all
}

/// What is appended to a text ends in a line break, also where there was none before.
fn without_last_line_breaks(files: &Files) -> Files {
    let texts = files.iter();
    let texts = texts.map(|(path, text)| (path.clone(), text.trim_end().to_owned()));
    texts.collect()
}

fn difference(expected: &Files, mended: &Files) -> String {
    let paths: BTreeSet<&String> = expected.keys().chain(mended.keys()).collect();
    let text = |files: &Files, path: &String| files.get(path).cloned().unwrap_or_default();
    let diffs = paths
        .into_iter()
        .map(|path| unified(path, Some(&text(expected, path)), &text(mended, path)));
    diffs.collect()
}

/// The numbers of the texts that `terraform fmt` would write otherwise, with what it says.
fn not_formatted(texts: &[String]) -> (BTreeSet<usize>, String) {
    let numbered = texts.iter().enumerate();
    let files: Files = numbered
        .map(|(number, text)| (format!("{number}.tf"), text.clone()))
        .collect();
    let directory = write_files(&files);
    let mut terraform = Command::new("terraform");
    terraform.args(["fmt", "-check", "-diff", "-no-color"]);
    let run = finish(terraform.current_dir(directory.path()), "");
    let said = format!("{}{}", run.stdout, run.stderr);
    let is_named = |number: &usize| {
        let name = format!("{number}.tf");
        let mut words = said.split(|c: char| c.is_whitespace() || ":/,".contains(c));
        words.any(|word| word == name)
    };
    ((0..texts.len()).filter(is_named).collect(), said)
}

/// Where `terraform fmt` has something to do after a fix: a comment is gone that stood between two groups of arguments.
const NOT_FORMATTED: [&str; 1] = ["unused-ignore/comments.tf"];

#[test]
fn what_terraform_fmt_has_written_stays_as_it_would_write_it() {
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("skipped: there is no terraform here");
        return;
    }
    let (mut texts, mut mended) = (Vec::new(), Vec::new());
    let is_formatted = |path: &PathBuf| !NOT_FORMATTED.iter().any(|known| path.ends_with(known));
    for path in fixture_files().into_iter().filter(is_formatted) {
        let fixture = Fixture::new(&fs::read_to_string(&path).unwrap());
        // Terraform looks at no file behind one that it cannot read.
        if fixture
            .expected
            .iter()
            .any(|it| it.ends_with(" syntax-error"))
        {
            continue;
        }
        for unsafe_too in [false, true] {
            let changes = fixture.mend(unsafe_too).into_iter();
            for (name, after) in changes.filter(|(name, _)| name.ends_with(".tf")) {
                texts.push(fixture.files.get(&name).cloned().unwrap_or_default());
                mended.push(after);
            }
        }
    }
    let (before, _) = not_formatted(&texts);
    for number in &before {
        mended[*number].clear();
    }
    let (after, said) = not_formatted(&mended);
    assert!(
        texts.len() - before.len() > 50,
        "{} of {}",
        before.len(),
        texts.len()
    );
    assert!(after.is_empty(), "{said}");
}

#[test]
fn every_rule_with_a_fix_has_fixtures_of_it() {
    for rule in rules::all()
        .iter()
        .filter(|rule| rule.page().fix != Fixable::None)
    {
        let is_fixed = fixture_files().iter().any(|path| {
            let fixture = Fixture::new(&fs::read_to_string(path).unwrap());
            path.parent()
                .is_some_and(|folder| folder.ends_with(rule.name))
                && (fixture.fixed.is_some() || fixture.fixed_unsafe.is_some())
        });
        assert!(
            is_fixed,
            "no fixture says what fixes of {} leave",
            rule.name
        );
    }
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
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name == "README.md" || rules::find(&name).is_some(),
            "no rule is named {name}"
        );
    }
}
