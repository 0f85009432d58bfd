//! Puts the book together in `target/book`: the chapters of `docs/`, the rule pages, and what the program says of itself.
//!
//! ```sh
//! cargo run --example book && mdbook build target/book
//! ```

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use zenml_tflint::rules;

/// Where the file of a link that leads out of the book is read.
const FILES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");
/// The line of the table of contents below which the rules are listed.
const RULES: &str = "- [The rules](rules.md)\n";

/// Writes the book into a directory. `help` answers what the program says to some arguments and `--help`.
pub fn assemble(
    repository: &Path,
    out: &Path,
    help: &dyn Fn(&[&str]) -> io::Result<String>,
) -> io::Result<()> {
    let docs = repository.join("docs");
    let pages = out.join("src");
    if pages.exists() {
        fs::remove_dir_all(&pages)?;
    }
    fs::create_dir_all(pages.join("rules"))?;
    for entry in fs::read_dir(&docs)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("md") => {
                let text = fs::read_to_string(&path)?;
                fs::write(pages.join(name), with_links_into_the_book(&text))?;
            }
            Some("toml") => drop(fs::copy(&path, out.join(name))?),
            Some("svg" | "json") => drop(fs::copy(&path, pages.join(name))?),
            _ => {}
        }
    }
    let summary = fs::read_to_string(docs.join("SUMMARY.md"))?;
    let (before, after) = summary
        .split_once(RULES)
        .ok_or_else(|| io::Error::other("SUMMARY.md has no place for the rules"))?;
    fs::write(
        pages.join("SUMMARY.md"),
        format!("{before}{RULES}{}{after}", contents()),
    )?;
    for rule in rules::all() {
        let page = rule.page();
        let facts = format!(
            "\n*{} · fix: {} · since {}*\n",
            page.severity,
            page.fix.name(),
            page.since
        );
        let text = match page.body.split_once('\n') {
            Some((title, rest)) => format!("{title}\n{facts}{rest}"),
            None => page.body.to_owned(),
        };
        let path = pages.join(format!("rules/{}.md", rule.name));
        fs::write(path, with_links_into_the_book(&text))?;
    }
    fs::write(pages.join("command-line.md"), command_line(help)?)
}

/// The table of rules that the README shows, too; links begin with `to`.
pub fn table(to: &str) -> String {
    let mut table = String::from("| rule | severity | |\n|---|---|---|\n");
    for rule in rules::all() {
        let page = rule.page();
        let _ = writeln!(
            table,
            "| [`{0}`]({to}{0}.md) | {1} | {2} |",
            rule.name, page.severity, page.summary
        );
    }
    table
}

fn contents() -> String {
    let lines = rules::all().iter();
    lines
        .map(|rule| format!("  - [{0}](rules/{0}.md)\n", rule.name))
        .collect()
}

/// What `--help` says, of the program and of each of its commands.
fn command_line(help: &dyn Fn(&[&str]) -> io::Result<String>) -> io::Result<String> {
    let whole = help(&[])?;
    let mut text = format!("# Command line\n\n```text\n{}\n```\n", whole.trim_end());
    for name in commands(&whole) {
        let said = help(&[name])?;
        let _ = write!(text, "\n## `{name}`\n\n```text\n{}\n```\n", said.trim_end());
    }
    Ok(text)
}

/// The names of the commands in what the program says to `--help`.
pub fn commands(help: &str) -> Vec<&str> {
    let list = help
        .split_once("Commands:\n")
        .and_then(|(_, rest)| rest.split_once("\n\n"));
    let lines = list.map_or("", |(list, _)| list).lines();
    // What is indented further goes on with the line before.
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty()).collect()
}

/// Rule pages are part of the book, other files of the repository are read where that is hosted.
fn with_links_into_the_book(text: &str) -> String {
    text.replace("](../rules/", "](rules/")
        .replace("](../", &format!("]({FILES}"))
}

/// Puts the book together where mdBook is to be run.
fn main() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let help = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--locked", "--bin", "zenml-tflint", "--"])
            .args(arguments)
            .arg("--help")
            .current_dir(repository)
            .output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let out = repository.join("target/book");
    if let Err(error) = assemble(repository, &out, &help) {
        eprintln!("{error}");
        std::process::exit(1);
    }
    println!("mdbook build target/book");
}
