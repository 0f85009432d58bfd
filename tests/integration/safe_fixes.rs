//! Safe fixes change no value but as they say: on generated modules, every argument of every zenml block in every
//! context before and after `--fix`. Terraform judges some of them, where version 1.11 is on the path.
//!
//! `SAFE_FIXES_COUNT` says how many modules, `SAFE_FIXES_JUDGED` how many Terraform judges, `SAFE_FIXES_SEED` which.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use zenml_tflint::discover::{Options, discover};
use zenml_tflint::eval::Evaluator;
use zenml_tflint::fix::mend;
use zenml_tflint::settings::Settings;
use zenml_tflint::source::FileId;
use zenml_tflint::syntax::parse_expression;
use zenml_tflint::terraform::{ExprRef, RunInputs, load};

use crate::support::{Files, NOW, write_file, write_files};

const FAILED: &str = "(error)";

const TEXTS: &[&str] = &[
    "https://zen.example.org/",
    "https://zen.example.org/",
    "https://zen.example.org//",
    "https://zen.example.org",
    " https://zen.example.org",
    "https://zen.example.org/zenml ",
    "/",
    "zenml/",
    "zenml",
    " ",
    "",
];

/// A small generator of pseudo-random numbers (xorshift), the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % bound as u64).unwrap()
    }

    fn one_of(&mut self, texts: &[&str]) -> String {
        texts[self.below(texts.len())].to_owned()
    }

    fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn text(&mut self) -> String {
        self.one_of(TEXTS)
    }

    /// A URL more often than not.
    fn url(&mut self) -> String {
        let most = if self.happens(80) { 6 } else { TEXTS.len() };
        TEXTS[self.below(most)].to_owned()
    }

    /// An expression over names that are declared before it.
    fn expression(&mut self, names: &[String], depth: usize) -> String {
        let name = names[self.below(names.len())].clone();
        if depth == 0 {
            return if self.happens(35) {
                format!("\"{}\"", self.url())
            } else {
                name
            };
        }
        let inner = self.expression(names, depth - 1);
        match self.below(26) {
            0..=5 => name,
            6..=8 => format!("\"{}\"", self.url()),
            9 => format!("\"${{{name}}}{}\"", self.text()),
            10 => format!("\"{}${{{name}}}\"", self.text()),
            11 => format!("\"${{{inner}}}\""),
            12 => format!("var.stage == \"a\" ? {inner} : \"{}\"", self.url()),
            13 => format!("{name} == \"{}\" ? {inner} : {name}", self.text()),
            14 => format!("coalesce({name}, {inner})"),
            15 => format!(
                "\"https://zen.example.org${{coalesce({name}, \"{}\")}}\"",
                self.text()
            ),
            16 => format!("try({inner}, \"{}\")", self.text()),
            17 => format!("join(\"/\", [{inner}, \"{}\"])", self.text()),
            18 => format!("join(\"{}\", [{inner}, {name}, \"\"])", self.text()),
            19 => format!("trimspace({inner})"),
            20 => format!("trimsuffix({inner}, \"/\")"),
            21 => format!("lookup({{ a = {name} }}, var.stage, {inner})"),
            22 => format!("format(\"%s{}\", {inner})", self.text()),
            23 => format!("{{ a = {inner}, b = \"x\" }}.a"),
            24 => format!("[\"x\", {inner}][1]"),
            _ => format!("({inner})"),
        }
    }
}

/// A generated repository, and the expressions for the arguments of its zenml blocks once they are locals.
struct Generated {
    files: Files,
    /// Each with what it leads to.
    links: Vec<(&'static str, &'static str)>,
    arguments: Vec<String>,
}

impl Generated {
    /// A repository with those files, or what became of them.
    fn write(&self, files: &Files) -> TempDir {
        let directory = write_files(files);
        for (link, target) in &self.links {
            let link = directory.path().join(link);
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            #[cfg(unix)]
            std::os::unix::fs::symlink(target, link).unwrap();
        }
        directory
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn generated(seed: u64) -> Generated {
    let mut random = Random(seed);
    for _ in 0..8 {
        random.below(2);
    }
    let mut arguments = Vec::new();
    let (url, path, key) = (
        random.url(),
        random.text(),
        random.one_of(&["key", " key", "key\\n"]),
    );
    let mut main = format!(
        "variable \"url\" {{\n  default = \"{url}\"\n}}\n\nvariable \"path\" {{\n  default = \"{path}\"\n}}\n\nvariable \"stage\" {{\n  default = \"a\"\n}}\n\nvariable \"key\" {{\n  default = \"{key}\"\n}}\n\nlocals {{\n  urls = {{\n    a = \"{}\"\n    b = \"{}\"\n  }}\n  list = [\"{}\", \"{}\"]\n",
        random.url(),
        random.url(),
        random.url(),
        random.url()
    );
    let mut files = Files::new();
    let mut links = Vec::new();
    // Read as it is, and in a template.
    let has_base = random.happens(50);
    if has_base {
        let shared = format!("locals {{\n  base = \"{}\"\n}}\n", random.url());
        files.insert("shared.tf".to_owned(), shared);
    }
    let mut known = names(&[
        "var.url",
        "var.path",
        "local.urls.a",
        "local.urls[var.stage]",
        "local.list[0]",
        "local.list[1]",
    ]);
    if has_base {
        known.extend(vec!["local.base".to_owned(); 6]);
    }
    let has_json = random.happens(30);
    if has_json {
        known.push("local.j0".to_owned());
        known.push("local.j1".to_owned());
    }
    for number in 0..3 {
        let value = random.expression(&known, 1);
        writeln!(main, "  l{number} = {value}").unwrap();
        known.push(format!("local.l{number}"));
    }
    main.push_str("}\n");
    for number in 0..1 + random.below(3) {
        let url = if has_base && random.happens(50) {
            match random.below(3) {
                0 => format!("\"${{local.base}}{}\"", random.text()),
                _ => "local.base".to_owned(),
            }
        } else if random.happens(10) {
            format!("trimspace(<<EOT\n{}\nEOT\n  )", random.url())
        } else {
            random.expression(&known, 2)
        };
        let key = random.one_of(&["var.key", "\"key \"", "\"${var.key}\"", "\"${var.key}x\""]);
        let block = format!(
            "\nprovider \"zenml\" {{ # p{number}\n  alias      = \"p{number}\"\n  server_url = {url}\n  api_key    = {key}\n}}\n"
        );
        main.push_str(&block);
        arguments.push(format!("local.zz_p{number}_server_url"));
        arguments.push(format!("local.zz_p{number}_api_key"));
    }
    if random.happens(30) {
        let value = random.expression(&known, 1);
        write!(
            main,
            "\nresource \"zenml_project\" \"c0\" {{\n  name = \"c\"\n  description = {value}\n}}\n"
        )
        .unwrap();
        arguments.push("local.zz_c0_description".to_owned());
    }
    if random.happens(20) {
        let value = random.expression(&known, 0);
        write!(main, "\noutput \"shown\" {{\n  value = {value}\n}}\n").unwrap();
    }
    if random.happens(20) {
        main.push_str("\noutput \"key\" {\n  value = var.key\n}\n");
    }
    if has_base && random.happens(20) {
        let text = format!(
            "locals {{\n  zz_broken_value: \"${{local.base}}{}\"\n}}\n",
            random.text()
        );
        files.insert("broken.tf".to_owned(), text);
        arguments.push("local.zz_broken_value".to_owned());
    }
    if has_base && cfg!(unix) && random.happens(30) {
        links.push(("linked/shared.tf", "../shared.tf"));
        let text = random.text();
        let (name, reader) = if random.happens(50) {
            (
                "zz_p8_server_url",
                format!(
                    "provider \"zenml\" {{ # p8\n  alias      = \"p8\"\n  server_url = \"${{local.base}}{text}\"\n}}\n"
                ),
            )
        } else {
            (
                "read",
                format!("output \"read\" {{\n  value = \"${{local.base}}{text}\"\n}}\n"),
            )
        };
        files.insert("linked/main.tf".to_owned(), reader);
        main.push_str("\n# module \"linked\" { source = \"./linked\" }\n");
        arguments.push(format!("module.linked.{name}"));
    }
    if random.happens(30) {
        let text = format!("output \"base\" {{\n  value = \"{}\"\n}}\n", random.url());
        files.insert("shown/main.tf".to_owned(), text);
        main.push_str("\nmodule \"shown\" {\n  source = \"./shown\"\n}\n\nprovider \"zenml\" { # p7\n  alias      = \"p7\"\n  server_url = module.shown.base\n}\n");
        arguments.push("local.zz_p7_server_url".to_owned());
        if random.happens(50) {
            let text = format!(
                "module \"shown\" {{\n  source = \"../shown\"\n}}\n\noutput \"read\" {{\n  value = \"${{module.shown.base}}{}\"\n}}\n",
                random.text()
            );
            files.insert("ignored/main.tf".to_owned(), text);
            files.insert(".gitignore".to_owned(), "ignored\n".to_owned());
            main.push_str("\n# module \"ignored\" { source = \"./ignored\" }\n");
            arguments.push("module.ignored.read".to_owned());
        }
    }
    if random.happens(50) {
        for number in 0..1 + random.below(2) {
            let value = random.expression(&known, 1);
            write!(
                main,
                "\nmodule \"m{number}\" {{\n  source = \"./child\"\n  url    = {value}\n}}\n"
            )
            .unwrap();
            arguments.push(format!("module.m{number}.zz_p9_server_url"));
        }
        if random.happens(30) {
            main.push_str("\nmodule \"many\" {\n  source   = \"./child\"\n  for_each = local.urls\n  url      = each.value\n}\n");
            arguments.push("module.many[\"a\"].zz_p9_server_url".to_owned());
            arguments.push("module.many[\"b\"].zz_p9_server_url".to_owned());
        }
        let value = if random.happens(60) {
            "var.url".to_owned()
        } else {
            random.expression(&names(&["var.url", "var.url", "var.path"]), 1)
        };
        let child = format!(
            "variable \"url\" {{}}\n\nvariable \"path\" {{\n  default = \"{}\"\n}}\n\nvariable \"stage\" {{\n  default = \"a\"\n}}\n\nprovider \"zenml\" {{ # p9\n  alias      = \"p9\"\n  server_url = {value}\n}}\n",
            random.text()
        );
        files.insert("child/main.tf".to_owned(), child);
    }
    if has_json {
        let json = format!(
            "{{\n  \"locals\": {{\n    \"j0\": \"{}\",\n    \"j1\": \"${{local.urls.a}}{}\"\n  }}\n}}\n",
            random.url(),
            random.text()
        );
        files.insert("more.tf.json".to_owned(), json);
    }
    if random.happens(30) {
        let line = format!("path = \"{}\"\n", random.text());
        files.insert("terraform.tfvars".to_owned(), line);
    }
    if random.happens(30) {
        let lines = format!("url = \"{}\"\nstage = \"b\"\n", random.url());
        files.insert("env/prod.tfvars".to_owned(), lines);
    }
    files.insert("main.tf".to_owned(), main);
    Generated {
        files,
        links,
        arguments,
    }
}

/// The same repository with locals in the place of zenml blocks, and an output for each of those of a child module. Calls in
/// comments become calls, and what is broken is mended.
fn without_zenml(files: &Files) -> Files {
    let convert = |(path, text): (&String, &String)| {
        let mut converted = "# zenml\n".to_owned();
        let mut block: Option<String> = None;
        let mut outputs = String::new();
        for line in text.lines() {
            if let Some(call) = line.strip_prefix("# module ") {
                writeln!(converted, "module {call}").unwrap();
                continue;
            }
            if let Some(value) = line.strip_prefix("  zz_broken_value: ") {
                writeln!(converted, "  zz_broken_value = {value}").unwrap();
                continue;
            }
            let provider = line.strip_prefix("provider \"zenml\" { # ");
            let resource = line.strip_prefix("resource \"zenml_project\" \"");
            let resource = resource.and_then(|rest| rest.strip_suffix("\" {"));
            if let Some(name) = provider.or(resource) {
                block = Some(name.to_owned());
                converted.push_str("locals {\n");
                continue;
            }
            let argument = line
                .strip_prefix("  ")
                .and_then(|line| line.split_once('='));
            match (&block, argument) {
                (Some(block), Some((name, value)))
                    if name
                        .trim()
                        .chars()
                        .all(|c| c == '_' || c.is_ascii_lowercase()) =>
                {
                    let name = format!("zz_{block}_{}", name.trim());
                    writeln!(converted, "  {name} ={value}").unwrap();
                    if path.contains('/') {
                        write!(
                            outputs,
                            "output \"{name}\" {{\n  value = local.{name}\n}}\n"
                        )
                        .unwrap();
                    }
                }
                _ => {
                    if line == "}" {
                        block = None;
                    }
                    converted.push_str(line);
                    converted.push('\n');
                }
            }
        }
        let is_native = path.ends_with(".tf");
        let text = if is_native {
            converted + &outputs
        } else {
            text.clone()
        };
        (path.clone(), text)
    };
    files.iter().map(convert).collect()
}

/// Something that comes to the texts of all arguments; of those that fail, to a mark.
fn question(arguments: &[String]) -> String {
    let each = arguments
        .iter()
        .map(|argument| format!("nonsensitive(sensitive(try({argument}, \"{FAILED}\")))"));
    let all: Vec<String> = each.collect();
    format!("jsonencode([{}])", all.join(", "))
}

/// The texts of all arguments, in each context.
fn evaluated(dir: &Path, arguments: &[String]) -> Vec<Vec<String>> {
    let options = Options {
        paths: vec![dir.to_path_buf()],
        cwd: dir.to_path_buf(),
        ..Options::default()
    };
    let configuration = load(&mut discover(&options).unwrap(), &RunInputs::default());
    let is_main = |id: &&_| {
        configuration
            .module(**id)
            .is_some_and(|module| module.dir == dir)
    };
    let root = *configuration.roots().iter().find(is_main).unwrap();
    let contexts = configuration.contexts(root, &RunInputs::default());
    let in_context = |context| {
        let evaluator = Evaluator::new(&configuration);
        let instance = evaluator.root(root, context);
        let text = |argument: &String| {
            let (tree, expr) = parse_expression(&question(std::slice::from_ref(argument)));
            let file = FileId(u32::MAX);
            let value = evaluator.foreign_value(instance, &tree, ExprRef { file, expr });
            // `try` does not reach into a local that cannot be computed.
            let Ok(value) = value else {
                return FAILED.to_owned();
            };
            let text = value.as_str().expect("nothing here is unknown");
            let [text] = serde_json::from_str::<[String; 1]>(text).unwrap();
            text
        };
        arguments.iter().map(text).collect()
    };
    contexts.iter().map(in_context).collect()
}

/// The same as Terraform has it, where the run is given nothing; `None` where Terraform refuses the module.
fn judged(dir: &Path, arguments: &[String]) -> Option<Vec<String>> {
    let init = Command::new("terraform")
        .arg("init")
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(
        init.status.success(),
        "{}",
        String::from_utf8_lossy(&init.stderr)
    );
    let mut console = Command::new("terraform")
        .args(["console", "-plan"])
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = console.stdin.take().unwrap();
    writeln!(stdin, "{}", question(arguments)).unwrap();
    drop(stdin);
    let output = console.wait_with_output().unwrap();
    if !output.status.success() || String::from_utf8_lossy(&output.stderr).contains("Error:") {
        return None;
    }
    let printed: String = serde_json::from_slice(&output.stdout).ok()?;
    serde_json::from_str(&printed).ok()
}

fn terraform_is_here() -> bool {
    let version = Command::new("terraform").arg("version").output();
    version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("v1.11."))
}

fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Whether an argument may become that: the same text without what the fixes for it take away.
fn is_as_intended(argument: &str, before: &str, after: &str) -> bool {
    let url = |text: &str| {
        text.trim_matches(|c: char| c.is_whitespace())
            .trim_end_matches('/')
            .trim_end()
            .to_owned()
    };
    let is_part = before.contains(after);
    before == after
        || argument.ends_with("server_url") && is_part && url(before) == url(after)
        || argument.ends_with("api_key") && before.trim() == after
}

fn check(
    seed: u64,
    all_before: &[Vec<String>],
    all_after: &[Vec<String>],
    generated: &Generated,
    changes: &Files,
) {
    assert_eq!(all_before.len(), all_after.len());
    for (before, after) in all_before.iter().zip(all_after) {
        assert_eq!(before.len(), after.len());
        for ((argument, before), after) in generated.arguments.iter().zip(before).zip(after) {
            assert!(
                is_as_intended(argument, before, after),
                "seed {seed}: {argument} was {before:?} and is {after:?}\n{:#?}\n{changes:#?}",
                generated.files
            );
        }
    }
}

#[test]
fn safe_fixes_change_no_value_but_as_they_say() {
    let count = setting("SAFE_FIXES_COUNT", 200);
    let first = setting("SAFE_FIXES_SEED", 1);
    let has_terraform = terraform_is_here();
    if !has_terraform {
        println!("Terraform judges none: there is no version 1.11 on the path");
    }
    let wanted = setting("SAFE_FIXES_JUDGED", 4);
    let (mut fixed, mut shortened, mut judged_by_terraform) = (0, 0, 0);
    for seed in first..first + count {
        let generated = generated(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let original = generated.write(&generated.files);
        let settings = Settings {
            directory: original.path().canonicalize().unwrap(),
            now: NOW,
            ..Settings::default()
        };
        let mended = mend(&settings, false).unwrap();
        let changes: Files = mended
            .changes
            .into_iter()
            .map(|change| (change.display, change.after))
            .collect();
        if changes.is_empty() {
            continue;
        }
        fixed += 1;
        let directory = generated.write(&without_zenml(&generated.files));
        let path = directory.path().canonicalize().unwrap();
        let before = evaluated(&path, &generated.arguments);
        let is_judged = has_terraform && judged_by_terraform < wanted;
        let by_terraform = is_judged
            .then(|| judged(&path, &generated.arguments))
            .flatten();
        for (name, text) in without_zenml(&changes) {
            write_file(&path, &name, &text);
        }
        let after = evaluated(&path, &generated.arguments);
        check(seed, &before, &after, &generated, &changes);
        shortened += u64::from(before != after);
        if let Some(theirs) = by_terraform {
            judged_by_terraform += 1;
            assert!(
                before.contains(&theirs),
                "seed {seed}: {theirs:?}, here {before:?}"
            );
            let theirs_after = judged(&path, &generated.arguments);
            let theirs_after = theirs_after
                .unwrap_or_else(|| panic!("seed {seed}: refused after the fix\n{changes:#?}"));
            check(seed, &[theirs], &[theirs_after], &generated, &changes);
        }
    }
    println!(
        "{count} modules, {fixed} fixed, {shortened} with another value, {judged_by_terraform} judged by Terraform"
    );
    assert!(
        fixed * 5 > count,
        "only {fixed} of {count} modules were fixed"
    );
    assert!(!has_terraform || judged_by_terraform == wanted);
}
