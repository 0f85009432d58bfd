//! What the documentation shows is what the program does: every command in it is run, every picture, table and schema
//! compared. `UPDATE_DOCS=1 cargo test --test integration docs` writes anew what the program says.
//!
//! Blocks of code have attributes behind the name of their language: `file=NAME` writes the block to that file, for the
//! commands further down; `exit=N` is how a block's last command ends, where that is not 0; `needs=PROGRAM` leaves a block out
//! where there is no such program; `norun` marks what cannot be run here; `bad` is a configuration with mistakes.

#[path = "../../tools/book.rs"]
#[allow(dead_code, reason = "its own main")]
mod book;
#[path = "../../tools/picture.rs"]
#[allow(dead_code, reason = "its own main")]
mod picture;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::support::program::{finish, program, run};
use crate::support::{Fixture, repository, write_file};
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;
use zenml_tflint::{config, report, rules};

/// How many blocks of commands cannot be run here: they install something or need another service.
const MOST_NOT_RUN: usize = 8;

/// Held by tests that may write documents anew.
static WRITING: Mutex<()> = Mutex::new(());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn writing() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// Compares a file with what it has to be, or makes it so.
fn expect(name: &str, text: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(name), text).unwrap();
    }
    assert!(
        read(name) == text,
        "{name} is not what the program says: look at what `UPDATE_DOCS=1 cargo test --test integration docs` changes\n{}",
        zenml_tflint::fix::unified(name, Some(&read(name)), text)
    );
}

/// Every page that people read, rule pages apart.
fn documents() -> Vec<String> {
    let in_docs = fs::read_dir(root().join("docs")).unwrap();
    let names = in_docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().display()));
    let mut documents: Vec<String> = names.filter(|name| name.ends_with(".md")).collect();
    documents.extend(["README.md", "CONTRIBUTING.md", "examples/README.md"].map(str::to_owned));
    documents.sort();
    documents
}

/// Puts a text between the two marks of a generated part.
fn with_generated(document: &str, part: &str, text: &str) -> String {
    let mark = format!("<!-- generated: {part} -->\n");
    let (before, rest) = document.split_once(&mark).unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    format!("{before}{mark}{text}<!-- end -->{after}")
}

/// A fenced block of a document.
struct Block<'t> {
    language: &'t str,
    attributes: Vec<&'t str>,
    /// Its lines, without those of the fence.
    lines: Vec<&'t str>,
}

impl<'t> Block<'t> {
    fn is(&self, attribute: &str) -> bool {
        self.attributes.contains(&attribute)
    }

    fn get(&self, name: &str) -> Option<&'t str> {
        let attribute = |text: &&'t str| text.strip_prefix(name)?.strip_prefix('=');
        self.attributes.iter().find_map(attribute)
    }

    fn exit(&self) -> i32 {
        self.get("exit").map_or(0, |code| code.parse().unwrap())
    }

    fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// A document in its order: texts, and blocks with the line of their fence.
enum Part<'t> {
    Line(&'t str),
    Block(&'t str, Block<'t>),
}

fn parts(document: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            parts.push(Part::Line(line));
            continue;
        };
        let mut words = info.split(' ');
        let block = Block {
            language: words.next().unwrap(),
            attributes: words.collect(),
            lines: lines.by_ref().take_while(|line| *line != "```").collect(),
        };
        parts.push(Part::Block(line, block));
    }
    parts
}

fn blocks(document: &str) -> Vec<Block<'_>> {
    let parts = parts(document).into_iter();
    let blocks = parts.filter_map(|part| match part {
        Part::Block(_, block) => Some(block),
        Part::Line(_) => None,
    });
    blocks.collect()
}

/// Where the commands of a document are run: a repository with nothing in it but what the document writes.
struct Session {
    directory: TempDir,
    last: i32,
}

impl Session {
    fn new(document: &str) -> Self {
        let directory = repository(&[]);
        if document == "README.md" {
            // Its commands are those of somebody who has just cloned it.
            copy(&root().join("examples"), &directory.path().join("examples"));
        }
        Self { directory, last: 0 }
    }

    /// Runs a command in a shell: what it says on both streams. A shell of its own for each, so `$?` is told.
    fn run(&mut self, command: &str) -> String {
        let program = program(self.directory.path());
        let folder = Path::new(program.get_program()).parent().unwrap();
        let path = format!(
            "{}:{}",
            folder.display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let mut shell = Command::new("bash");
        let script = format!("exec 2>&1\n(exit {})\n{command}", self.last);
        shell.args(["-c", &script]);
        shell.current_dir(self.directory.path());
        shell.env_clear().env("PATH", path);
        let run = finish(&mut shell, "");
        self.last = run.code;
        run.stdout
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn is_installed(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(name).is_file())
}

/// The lines of a block of commands and of what they say, as they are now. A line `...` stands for anything.
fn console(
    block: &Block<'_>,
    session: &mut Session,
    document: &str,
    wrong: &mut Vec<String>,
) -> Vec<String> {
    let mut shown = Vec::new();
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in &block.lines {
        match line.strip_prefix("$ ") {
            Some(command) => groups.push((command, Vec::new())),
            None => groups.last_mut().expect("a command").1.push(line),
        }
    }
    for (at, (command, expected)) in groups.iter().enumerate() {
        let said = session.run(command);
        let said: Vec<&str> = said.lines().map(str::trim_end).collect();
        shown.push(format!("$ {command}"));
        if fits(expected, &said) {
            shown.extend(expected.iter().map(|line| (*line).to_owned()));
        } else {
            shown.extend(said.iter().map(|line| (*line).to_owned()));
        }
        let is_told = groups
            .get(at + 1)
            .is_some_and(|(next, _)| *next == "echo $?");
        let is_last = at + 1 == groups.len();
        let wanted = if is_last { block.exit() } else { 0 };
        if !is_told && session.last != wanted {
            let last = session.last;
            wrong.push(format!(
                "{document}: `{command}` ends with {last}, and the page does not say so"
            ));
        }
    }
    shown
}

fn fits(expected: &[&str], said: &[&str]) -> bool {
    match expected.split_first() {
        None => said.is_empty(),
        Some((&"...", rest)) => (0..=said.len()).any(|skipped| fits(rest, &said[skipped..])),
        Some((first, rest)) => said.first() == Some(first) && fits(rest, &said[1..]),
    }
}

#[test]
fn every_command_does_what_is_shown() {
    let _writing = writing();
    let mut not_run = Vec::new();
    let mut wrong = Vec::new();
    for name in documents() {
        let document = read(&name);
        let mut session = Session::new(&name);
        let mut out = String::new();
        for part in parts(&document) {
            let (fence, block) = match part {
                Part::Line(line) => {
                    out.extend([line, "\n"]);
                    continue;
                }
                Part::Block(fence, block) => (fence, block),
            };
            let mut lines: Vec<String> = block.lines.iter().map(|l| (*l).to_owned()).collect();
            let is_missing = |program: &&str| !is_installed(program);
            if let Some(file) = block.get("file") {
                write_file(session.directory.path(), file, &block.text());
            } else if block.is("norun") {
                not_run.push(format!("{name}: {}", lines.join("; ")));
            } else if let Some(program) = block.get("needs").filter(is_missing) {
                eprintln!("{name}: a block is not run, because there is no {program} here");
            } else if block.language == "console" {
                lines = console(&block, &mut session, &name, &mut wrong);
            } else if block.language == "sh" {
                for command in lines.iter().filter(|line| !line.starts_with('#')) {
                    let said = session.run(command);
                    assert_eq!(session.last, block.exit(), "{name}: `{command}`\n{said}");
                }
            }
            out.extend([fence, "\n"]);
            lines.iter().for_each(|line| out.extend([line, "\n"]));
            out.push_str("```\n");
        }
        expect(&name, &out);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        not_run.len() <= MOST_NOT_RUN,
        "too much that is not run: {not_run:#?}"
    );
    let reasons = [
        "cargo ",
        "UPDATE_DOCS=1 cargo ",
        "pip",
        "uv",
        "pre-commit ",
        "git clone ",
        "docker ",
        "mdbook ",
        "bench/",
        "fuzz/",
    ];
    for block in &not_run {
        let (_, command) = block.split_once(": ").unwrap();
        let is_allowed = reasons.iter().any(|start| command.starts_with(start));
        assert!(is_allowed, "why is this not run? {block}");
    }
}

#[test]
fn blocks_are_of_a_kind_that_is_looked_at() {
    let languages = [
        "console",
        "hcl",
        "json",
        "sh",
        "terraform",
        "text",
        "toml",
        "yaml",
    ];
    for name in documents() {
        for block in blocks(&read(&name)) {
            let language = block.language;
            assert!(languages.contains(&language), "{name}: {language:?}");
        }
    }
}

/// A validator of a schema that stands in `docs/`.
fn validator(name: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(&read(name)).unwrap()).unwrap()
}

#[test]
fn configurations_that_are_shown_can_be_used() {
    let _writing = writing();
    let schema = serde_json::to_string_pretty(&config::schema()).unwrap();
    expect("docs/config.schema.json", &format!("{schema}\n"));
    let schema = validator("docs/config.schema.json");
    let mut count = 0;
    for name in documents() {
        let document = read(&name);
        let shown = blocks(&document);
        for block in shown.iter().filter(|block| block.language == "toml") {
            count += 1;
            let text = block.text();
            let table: toml::Table = text.parse().unwrap();
            let value = serde_json::to_value(&table).unwrap();
            assert_eq!(schema.is_valid(&value), !block.is("bad"), "{name}\n{text}");
            let directory = repository(&[(".zenml-tflint.toml", &text), ("infra/main.tf", "")]);
            let run = run(directory.path(), &["--show-settings"]);
            let code = if block.is("bad") { 2 } else { 0 };
            assert_eq!(run.code, code, "{name}\n{text}\n{}", run.stderr);
        }
    }
    assert!(count >= 4, "only {count} configurations are shown");
    // The one that `init` writes, with its comments made settings, and what the schema must refuse.
    let starter = include_str!("../../src/cli/init/configuration.toml");
    let setting = Regex::new(r"(?m)^# (\[|[a-z-]+ = )").unwrap();
    let starter: toml::Table = setting.replace_all(starter, "$1").parse().unwrap();
    assert!(schema.is_valid(&serde_json::to_value(starter).unwrap()));
    for wrong in [
        "exclud = []",
        "fail-on = 1",
        "fail-on = 'eror'",
        "[rules]\na = 'fatal'",
        "[[custom]]\nid = 'a'",
        "[[roots]]",
        "[zenml]\nextra-flavors = { orchestator = ['a'] }",
        "[environment]\nassume = 'A'",
    ] {
        let table: toml::Table = wrong.parse().unwrap();
        assert!(
            !schema.is_valid(&serde_json::to_value(table).unwrap()),
            "{wrong}"
        );
    }
}

#[test]
fn the_reference_of_the_configuration_is_that_of_the_code() {
    let _writing = writing();
    let name = "docs/configuration.md";
    let reference = format!("\n{}\n", config::reference());
    expect(name, &with_generated(&read(name), "keys", &reference));
}

#[test]
fn every_rule_is_listed() {
    let _writing = writing();
    for (name, to) in [("README.md", "rules/"), ("docs/rules.md", "../rules/")] {
        let table = format!("\n{}\n", book::table(to));
        expect(name, &with_generated(&read(name), "rules", &table));
    }
}

#[test]
fn the_picture_shows_a_real_report() {
    let _writing = writing();
    let output = program(root())
        .args([
            "--no-env",
            "--color",
            "always",
            "examples/url-from-a-default",
        ])
        .output()
        .unwrap();
    let svg = picture::svg(&String::from_utf8(output.stdout).unwrap()).unwrap();
    roxmltree::Document::parse(&svg).unwrap();
    expect("docs/report.svg", &svg);
    for name in ["README.md", "docs/introduction.md"] {
        assert!(read(name).contains("report.svg"), "{name}");
    }
}

#[test]
fn a_picture_leaves_nothing_out() {
    let svg = picture::svg("a \u{1b}[31;1m<b>\u{1b}[0m  日本 c\n\n d").unwrap();
    let tree = roxmltree::Document::parse(&svg).unwrap();
    let texts = tree.descendants().filter(|node| node.has_tag_name("text"));
    let words: Vec<(&str, &str, &str)> = texts
        .map(|node| {
            let x = node.attribute("x").unwrap();
            let class = node.attribute("class").unwrap_or_default();
            (node.text().unwrap(), x, class)
        })
        .collect();
    assert_eq!(
        words,
        [
            ("a", "20.0", ""),
            ("<b>", "36.8", "c31 bold"),
            ("日本", "78.8", ""),
            ("c", "120.8", ""),
            ("d", "28.4", ""),
        ]
    );
    assert!(picture::svg("\u{1b}[2J").is_err());
    assert!(picture::svg("\u{1b}[44mx").is_err());
}

/// The JSON report of the bad example of every rule page, and of all examples of the repository.
fn reports() -> Vec<Value> {
    let mut reports = vec![
        run(root(), &["--no-env", "--output-format", "json", "examples"]).json(),
        run(repository(&[]).path(), &["--output-format", "json"]).json(),
    ];
    for rule in rules::all() {
        let page = rule.page();
        let section = page.body.split("\n## Example\n").nth(1).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let texts = blocks(section).iter().map(Block::text).collect::<Vec<_>>();
        let outcome = Fixture::new(&format!("# bare\n{}", texts.join("\n"))).check();
        let redactor = outcome.redactor();
        let run = report::Run {
            sources: outcome.sources(),
            redactor: &redactor,
            findings: &outcome.findings,
            files: outcome.files,
            unsafe_fixes: false,
            applied: 0,
            known: 0,
            incomplete: &[],
            threads: None,
        };
        let mut out = Vec::new();
        report::json::write(&run, &mut out).unwrap();
        reports.push(serde_json::from_slice(&out).unwrap());
    }
    reports
}

/// Every name of a property in a value, with the names above it.
fn properties(value: &Value, above: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                found.insert(format!("{above}.{name}"));
                properties(member, &format!("{above}.{name}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, above, found)),
        _ => {}
    }
}

#[test]
fn reports_are_valid_against_their_schema() {
    let schema = validator("docs/output.schema.json");
    let mut found = BTreeSet::new();
    for report in reports() {
        let errors: Vec<String> = schema.iter_errors(&report).map(|e| e.to_string()).collect();
        assert_eq!(errors, [""; 0], "{report:#}");
        properties(&report, "", &mut found);
    }
    // Nothing that the schema speaks of goes untested, and it lets nothing else pass.
    assert!(found.contains(".findings.fix.edits.start.offset"));
    assert!(found.contains(".findings.related.path"));
    let report = run(root(), &["--no-env", "--output-format", "json", "examples"]).json();
    for pointer in ["", "/tool", "/findings/0", "/findings/0/start", "/summary"] {
        let mut more = report.clone();
        let object = more.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        object.insert("other".into(), 1.into());
        assert!(!schema.is_valid(&more), "{pointer}");
        for name in report.pointer(pointer).unwrap().as_object().unwrap().keys() {
            let mut less = report.clone();
            let object = less.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
            object.remove(name);
            assert!(!schema.is_valid(&less), "{pointer}/{name}");
        }
    }
}

/// The targets of a text's links that do not lead to another host.
fn links(text: &str) -> Vec<String> {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let code = Regex::new(r"(?s)```.*?\n```|`[^`\n]*`").unwrap();
    let text = code.replace_all(text, "");
    let targets = link.captures_iter(&text).map(|found| found[1].to_owned());
    targets.filter(|target| !target.contains("://")).collect()
}

/// The names by which the headings of a page are reached.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let name = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().replace(' ', "-")
    };
    headings.map(name).collect()
}

fn check_links(page: &Path) {
    let text = fs::read_to_string(page).unwrap();
    for target in links(&text) {
        let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
        let to = match path {
            "" => page.to_path_buf(),
            path => page.parent().unwrap().join(path),
        };
        assert!(to.exists(), "{}: {target} leads nowhere", page.display());
        if !anchor.is_empty() {
            let there = anchors(&fs::read_to_string(&to).unwrap());
            assert!(
                there.contains(anchor),
                "{}: {target}: {there:?}",
                page.display()
            );
        }
    }
}

#[test]
fn links_lead_somewhere() {
    for name in documents() {
        // The table of contents is that of the book.
        if name != "docs/SUMMARY.md" {
            check_links(&root().join(&name));
        }
    }
    for rule in rules::all() {
        check_links(&root().join(format!("rules/{}.md", rule.name)));
    }
}

fn help(arguments: &[&str]) -> io::Result<String> {
    let output = program(root()).args(arguments).arg("--help").output()?;
    assert!(output.status.success(), "{arguments:?}");
    Ok(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_book_is_whole() {
    let out = tempfile::tempdir().unwrap();
    book::assemble(root(), out.path(), &help).unwrap();
    let pages = out.path().join("src");
    let summary = fs::read_to_string(pages.join("SUMMARY.md")).unwrap();
    let listed: BTreeSet<PathBuf> = links(&summary).iter().map(|to| pages.join(to)).collect();
    let mut written = BTreeSet::new();
    for folder in [pages.clone(), pages.join("rules")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "md")
                && !path.ends_with("SUMMARY.md")
            {
                check_links(&path);
                written.insert(path);
            }
        }
    }
    assert_eq!(listed, written);
    for rule in rules::all() {
        assert!(
            summary.contains(&format!("(rules/{}.md)", rule.name)),
            "{}",
            rule.name
        );
    }
    let commands = fs::read_to_string(pages.join("command-line.md")).unwrap();
    for heading in ["## `explain`", "## `eval`", "## `man`"] {
        assert!(commands.contains(heading), "{heading}\n{commands}");
    }
    let settings: toml::Table = fs::read_to_string(out.path().join("book.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let repository = settings["output"]["html"]["git-repository-url"].as_str();
    assert_eq!(repository, Some(env!("CARGO_PKG_REPOSITORY")));
}

#[test]
fn options_that_are_named_exist() {
    let option = Regex::new(r"(?:^|[^-\w])(--[a-z][a-z-]+)").unwrap();
    let code = Regex::new(r"`[^`\n]+`").unwrap();
    let whole = help(&[]).unwrap();
    let commands = book::commands(&whole);
    assert!(commands.contains(&"explain"), "{commands:?}");
    let of_commands = commands.iter().map(|name| help(&[name]).unwrap());
    let known = format!("{whole}{}", of_commands.collect::<String>());
    for name in documents()
        .iter()
        // These two are about other tools' options, too.
        .filter(|name| !["docs/performance.md", "CONTRIBUTING.md"].contains(&name.as_str()))
    {
        let text = read(name);
        for span in code.find_iter(&text) {
            // Other programs have options of their own.
            let others = [
                "cargo ",
                "rg ",
                "terraform ",
                "bench/",
                "fuzz/",
                "mdbook ",
                "bench/",
                "fuzz/",
                "pip ",
                "docker ",
            ];
            if others
                .iter()
                .any(|other| span.as_str()[1..].starts_with(other))
            {
                continue;
            }
            for found in option.captures_iter(span.as_str()) {
                let is_known = known.contains(&found[1]);
                assert!(is_known, "{name}: there is no option {}", &found[1]);
            }
        }
    }
}

#[test]
fn inputs_that_are_named_are_those_of_the_action() {
    let action = read("action.yml");
    let (_, inputs) = action.split_once("\ninputs:\n").unwrap();
    let (inputs, _) = inputs.split_once("\nruns:\n").unwrap();
    let document = read("docs/ci.md");
    let uses = document.split("uses: zenml-tflint/").skip(1);
    let mut count = 0;
    for block in uses {
        let (_, with) = block
            .split("```")
            .next()
            .unwrap()
            .split_once("with:\n")
            .unwrap();
        for line in with.lines().filter(|line| !line.trim().is_empty()) {
            let (name, _) = line.trim().split_once(": ").unwrap();
            assert!(inputs.contains(&format!("  {name}:\n")), "{name}");
            count += 1;
        }
    }
    assert!(count >= 2);
}

#[test]
fn versions_and_addresses_are_those_of_the_package() {
    let _writing = writing();
    let version = Regex::new(r"(rev: v|zenml-tflint@v)[0-9][0-9.]*[0-9]").unwrap();
    let repository = Regex::new(r"https://github\.com/[\w-]+/zenml-tflint\b").unwrap();
    for name in documents() {
        let text = read(&name);
        let replaced = version.replace_all(&text, format!("${{1}}{}", env!("CARGO_PKG_VERSION")));
        let replaced = repository.replace_all(&replaced, env!("CARGO_PKG_REPOSITORY"));
        expect(&name, &replaced);
    }
}
