//! What fixes promise, whatever they are applied to: a second run changes nothing, what they leave parses, comments stay,
//! and files are replaced whole or not at all.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::program::{finish, program, run, run_with_input};
use crate::support::{Files, Fixture, api_key, repository, write_file};
use proptest::prelude::*;
use tempfile::TempDir;
use zenml_tflint::fix::{self, Refused};

const REQUIRED: &str = r#"terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}
"#;

/// A file with one finding whose fix is safe, and its text after it.
fn one_slash(name: &str) -> (String, String) {
    let text = |end: &str| {
        format!(
            "{REQUIRED}\nprovider \"zenml\" {{\n  server_url = \"https://{name}.acme.com{end}\" # é\n  api_key    = var.key\n}}\n\nvariable \"key\" {{\n  type      = string\n  sensitive = true\n}}\n"
        )
    };
    (text("/"), text(""))
}

fn read(directory: &Path, name: &str) -> String {
    fs::read_to_string(directory.join(name)).unwrap()
}

/// Every text below a directory, by its path.
fn texts(directory: &Path) -> Files {
    let mut texts = Files::new();
    let mut left = vec![directory.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap();
                let text = fs::read_to_string(&path).unwrap();
                texts.insert(name.to_str().unwrap().to_owned(), text);
            }
        }
    }
    texts
}

// A repository that proptest makes.

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
enum Origin {
    Literal,
    Local,
    Default,
    Line,
    Entry,
    Template,
}

/// One provider block with what it reads.
#[derive(Clone, Debug)]
struct Part {
    url: (Origin, &'static str),
    key: Option<Origin>,
    token: bool,
    skip: bool,
    sensitive: bool,
    one_line: bool,
    shared: bool,
    misspelt: bool,
}

fn origin() -> impl Strategy<Value = Origin> {
    use Origin::{Default, Entry, Line, Literal, Local, Template};
    prop::sample::select(vec![Literal, Local, Default, Line, Entry, Template])
}

fn part() -> impl Strategy<Value = Part> {
    let urls = vec![
        "https://zenml.acme.com",
        "https://zenml.acme.com/",
        "http://zenml.acme.com//",
        " https://é.acme.com/api/v1/ ",
        "zenml.acme.com/",
        "https://zenml.acme.com/zenml/login\\n",
    ];
    let url = (origin(), prop::sample::select(urls));
    let key = prop::option::of(origin());
    let flags = prop::array::uniform6(any::<bool>());
    (url, key, flags).prop_map(|(url, key, flags)| {
        let [token, skip, sensitive, one_line, shared, misspelt] = flags;
        Part {
            url,
            key,
            token,
            skip,
            sensitive,
            one_line,
            shared,
            misspelt,
        }
    })
}

#[derive(Default)]
struct Texts {
    main: String,
    variables: String,
    values: String,
    comments: usize,
}

impl Texts {
    /// A comment that no other place has.
    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# keep {}.", self.comments)
    }

    /// The expression that comes to a text, with what it needs elsewhere.
    fn value(&mut self, name: &str, origin: Origin, text: &str, part: &Part) -> String {
        let (above, beside) = (self.comment(), self.comment());
        let sensitive = if part.sensitive {
            "sensitive = true"
        } else {
            ""
        };
        let (declared, expression) = match origin {
            Origin::Literal => (String::new(), format!("\"{text}\"")),
            Origin::Template => (
                format!("variable \"{name}\" {{}} {beside}\n"),
                format!("\"{text}${{var.{name}}}\""),
            ),
            Origin::Local => (
                format!("locals {{\n  {above}\n  {name} = \"{text}\" {beside}\n}}\n"),
                format!("local.{name}"),
            ),
            Origin::Entry => (
                format!(
                    "locals {{\n  {name} = {{ {above}\n    a = \"{text}\" {beside}\n    b = 1\n  }}\n}}\n"
                ),
                format!("local.{name}.a"),
            ),
            Origin::Default if part.one_line => (
                format!("{above}\nvariable \"{name}\" {{ default = \"{text}\" }} {beside}\n"),
                format!("var.{name}"),
            ),
            Origin::Default => (
                format!(
                    "variable \"{name}\" {{ {beside}\n  {above}\n  default = \"{text}\"\n  {sensitive}\n}}\n"
                ),
                format!("var.{name}"),
            ),
            Origin::Line => {
                self.values
                    .push_str(&format!("{above}\n{name} = \"{text}\"\n"));
                (
                    format!("variable \"{name}\" {{ {beside}\n  {sensitive}\n}}\n"),
                    format!("var.{name}"),
                )
            }
        };
        self.variables.push_str(&declared);
        expression
    }

    fn add(&mut self, number: usize, part: &Part) {
        let (name, url) = (format!("url_{number}"), part.url);
        let url = self.value(&name, url.0, url.1, part);
        let header = self.comment();
        self.main.push_str(&format!(
            "provider \"zenml\" {{ {header}\n  alias = \"p{number}\"\n"
        ));
        let argument = if part.misspelt {
            "server_ulr"
        } else {
            "server_url"
        };
        let (above, beside) = (self.comment(), self.comment());
        self.main
            .push_str(&format!("\t{above}\n  {argument}   = {url} {beside}\n"));
        if let Some(origin) = part.key {
            let key = api_key(u8::try_from(number).unwrap());
            let key = self.value(&format!("key_{number}"), origin, &key, part);
            self.main.push_str(&format!("  api_key = {key}\n"));
        }
        if part.token {
            self.main.push_str("  api_token = var.token\n");
        }
        if part.skip {
            let above = self.comment();
            self.main
                .push_str(&format!("  {above}\n\n  skip_version_check = true\n"));
        }
        self.main.push_str("}\n");
        if part.shared {
            let output = format!("output \"o{number}\" {{\n  value = {url}\n}}\n");
            self.main.push_str(&output);
        }
    }
}

fn written(parts: &[Part]) -> (Texts, Fixture) {
    let mut texts = Texts::default();
    texts
        .variables
        .push_str("variable \"token\" {\n  sensitive = true\n}\n");
    for (number, part) in parts.iter().enumerate() {
        texts.add(number, part);
    }
    let fixture = Fixture::new(&format!(
        "# bare\n{REQUIRED}\n{}\n# file: vars.tf\n{}\n# file: terraform.tfvars\n{}",
        texts.main, texts.variables, texts.values
    ));
    (texts, fixture)
}

fn apply(fixture: &Fixture, changes: &Files) {
    for (path, text) in changes {
        write_file(fixture.directory(), path, text);
    }
}

fn check_promises(parts: &[Part], manner: fn(&str) -> String, unsafe_too: bool) {
    let (written, mut fixture) = written(parts);
    fixture.rewrite(manner);
    let before = fixture.check();
    for finding in &before.findings {
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(!edit.replacement.contains("ZENKEY_"), "{finding:?}");
        }
    }
    let changes = fixture.mend(unsafe_too);
    apply(&fixture, &changes);
    let all = texts(fixture.directory());
    let whole: String = all.values().map(String::as_str).collect();
    let comments = (1..=written.comments).map(|number| format!("# keep {number}."));
    let is_written = |comment: &String| fixture.files.values().any(|text| text.contains(comment));
    for comment in comments.filter(is_written) {
        assert!(whole.contains(&comment), "{comment} is lost\n{whole}");
    }
    let breaks = |text: &String| (text.matches("\r\n").count(), text.matches('\n').count());
    let is_windows = fixture.files.values().all(|text| {
        let (crlf, lines) = breaks(text);
        crlf == lines
    });
    if is_windows {
        for after in all.values() {
            let (crlf, lines) = breaks(after);
            assert_eq!(crlf, lines, "{after}");
        }
    }
    for (path, text) in &fixture.files {
        let after = &all[path];
        let mark = '\u{feff}';
        assert_eq!(after.starts_with(mark), text.starts_with(mark));
        assert!(after.matches(mark).count() < 2);
    }
    let after = fixture.check();
    let left = after.findings.iter().filter(|finding| {
        let fix = finding.fix.as_ref();
        finding.rule == "syntax-error" || fix.is_some_and(|fix| fix.safe || unsafe_too)
    });
    let left: Vec<_> = left.map(|f| (f.rule.clone(), &f.message, &f.fix)).collect();
    assert!(left.is_empty(), "{left:#?}\n{whole}");
    assert_eq!(fixture.mend(unsafe_too), Files::new(), "{whole}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fixes_keep_their_promises(
        parts in prop::collection::vec(part(), 1..4),
        manner in 0..4_usize,
        unsafe_too: bool,
    ) {
        let manners: [fn(&str) -> String; 4] = [
            str::to_owned,
            |text| text.replace('\n', "\r\n"),
            |text| format!("\u{feff}{text}"),
            |text| text.trim_end().to_owned(),
        ];
        check_promises(&parts, manners[manner], unsafe_too);
    }
}

/// Several files with safe fixes, in several notations.
fn several() -> (TempDir, Files) {
    // A comment is never shown, so that a diff with one in it cannot be applied.
    let (old, new) = one_slash("a");
    let [old, new] = [old, new].map(|text| text.replace(" # é", ""));
    let json = |end: &str| {
        format!(
            "{{\"provider\": {{\"zenml\": {{\"alias\": \"j\", \"server_url\": \"https:\\/\\/j.acme.com{end}\", \"api_key\": \"${{var.key}}\"}}}}}}"
        )
    };
    let nested = |text: &str| text.replace('\n', "\r\n");
    let before = [
        ("main.tf", old.clone()),
        ("more.tf.json", json("\\/")),
        ("nested dir/main.tf", nested(&old)),
        ("bom/main.tf", format!("\u{feff}{old}")),
    ];
    let after = [
        ("main.tf", new.clone()),
        ("more.tf.json", json("")),
        ("nested dir/main.tf", nested(&new)),
        ("bom/main.tf", format!("\u{feff}{new}")),
    ];
    let before = before.each_ref().map(|(name, text)| (*name, text.as_str()));
    let after = after.map(|(name, text)| (name.to_owned(), text));
    (repository(&before), after.into_iter().collect())
}

#[test]
fn every_secret_of_a_module_is_moved_however_many_there_are() {
    const SECRETS: u8 = 26;
    let provider = |number: u8| {
        let key = api_key(number);
        format!(
            "\nprovider \"zenml\" {{\n  alias      = \"p{number}\"\n  server_url = \"https://zenml.acme.com\"\n  api_key    = \"{key}\"\n}}\n"
        )
    };
    let providers: String = (0..SECRETS).map(provider).collect();
    let directory = repository(&[("main.tf", &format!("{REQUIRED}{providers}"))]);
    let run = run(directory.path(), &["--no-env", "--fix", "--unsafe-fixes"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let declared = read(directory.path(), "variables.tf");
    assert_eq!(
        declared.matches("variable \"zenml_api_key").count(),
        usize::from(SECRETS)
    );
}

#[test]
fn fix_changes_what_it_should_and_reports_the_rest() {
    let (directory, after) = several();
    let fixed = run(directory.path(), &["--fix"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    assert_eq!(texts(directory.path()), after);
    let again = run(directory.path(), &["--fix"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(texts(directory.path()), after);
}

#[test]
fn what_is_fixed_is_listed_and_what_is_left_is_counted() {
    let key = api_key(1);
    let text = format!(
        "{REQUIRED}\nprovider \"zenml\" {{\n  server_url = \"https://a.acme.com/\"\n  api_key    = \"{key}\"\n}}\n"
    );
    let directory = repository(&[("a b/main.tf", &text), ("c/main.tf", &one_slash("a").1)]);
    let run = |arguments: &[&str]| run(directory.path(), &[&["--no-env"], arguments].concat());
    let found = run(&[]);
    assert!(
        found
            .stdout
            .contains("(1 fixable with --fix, 1 more with --unsafe-fixes)"),
        "{}",
        found.stdout
    );
    assert!(
        found
            .stdout
            .contains("error[server-url-trailing-slash] [fix]")
    );
    assert!(found.stdout.contains("[hardcoded-secret] [unsafe fix]"));
    let all = run(&["--unsafe-fixes"]);
    assert!(all.stdout.contains("(2 fixable with --fix --unsafe-fixes)"));
    let summary = |arguments: &[&str]| {
        let json = [&["--output-format", "json"], arguments].concat();
        let summary = run(&json).json()["summary"].clone();
        (
            summary["fixable"].clone(),
            summary["fixable_unsafe"].clone(),
        )
    };
    assert_eq!(summary(&[]), (1.into(), 1.into()));
    assert_eq!(summary(&["--unsafe-fixes"]), (2.into(), 0.into()));
    let fixed = run(&["--fix"]);
    assert!(
        fixed.stdout.starts_with("Fixed a b/main.tf\n"),
        "{}",
        fixed.stdout
    );
    assert!(!fixed.stdout.contains("c/main.tf"), "{}", fixed.stdout);
    assert!(
        fixed
            .stdout
            .contains("(1 fixable with --fix --unsafe-fixes)")
    );
    let fixed = run(&["--fix", "--unsafe-fixes"]);
    let files = "Created a b/variables.tf\nFixed a b/main.tf\nFixed 1 finding.";
    assert!(fixed.stdout.starts_with(files), "{}", fixed.stdout);
    for arguments in [
        &["--quiet"][..],
        &["--output-format", "concise"],
        &["--output-format", "json"],
    ] {
        write_file(directory.path(), "a b/main.tf", &one_slash("a").0);
        let fixed = run(&[&["--fix"], arguments].concat());
        assert!(!fixed.stdout.contains("Fixed"), "{}", fixed.stdout);
        let is_told = fixed.stderr.contains("Fixed a b/main.tf\n");
        assert_eq!(is_told, !arguments.contains(&"--quiet"), "{}", fixed.stderr);
    }
}

#[test]
fn diff_writes_nothing_and_can_be_applied() {
    let (directory, after) = several();
    let before = texts(directory.path());
    let diff = run(directory.path(), &["--diff"]);
    assert_eq!(diff.code, 1, "{diff:?}");
    assert_eq!(texts(directory.path()), before);
    if Command::new("patch").arg("--version").output().is_err() {
        eprintln!("skipped: there is no `patch` here");
        return;
    }
    let mut patch = Command::new("patch");
    patch
        .args(["-p1", "--binary"])
        .current_dir(directory.path());
    let patched = finish(&mut patch, &diff.stdout);
    assert_eq!(patched.code, 0, "{patched:?}\n{}", diff.stdout);
    assert_eq!(texts(directory.path()), after);
    let diff = run(directory.path(), &["--diff"]);
    assert_eq!((diff.code, diff.stdout.as_str()), (0, ""), "{diff:?}");
}

#[test]
fn a_diff_with_a_secret_is_masked_and_says_so() {
    let key = api_key(3);
    let text = format!(
        "{REQUIRED}\nprovider \"zenml\" {{\n  server_url = \"https://a.acme.com\"\n  api_key    = \"{key}\"\n}}\n"
    );
    let directory = repository(&[("main.tf", &text)]);
    let diff = run(directory.path(), &["--diff", "--unsafe-fixes"]);
    assert_eq!(diff.code, 1);
    assert!(!diff.stdout.contains(&key[..20]), "{}", diff.stdout);
    let first = diff.stdout.lines().next().unwrap();
    assert!(first.contains("cannot be applied"), "{first}");
    assert!(diff.stdout.contains("--- /dev/null\n+++ b/variables.tf\n"));
    assert_eq!(texts(directory.path()).len(), 1);
}

#[test]
fn the_edits_of_a_json_report_are_what_fix_does() {
    let (directory, after) = several();
    let report = run(directory.path(), &["--output-format", "json"]).json();
    let mut texts = texts(directory.path());
    let findings = report["findings"].as_array().unwrap();
    let edits = findings.iter().flat_map(|finding| {
        assert_eq!(finding["fix"]["safe"], true);
        finding["fix"]["edits"].as_array().unwrap()
    });
    let mut edits: Vec<_> = edits.collect();
    let offset = |edit: &serde_json::Value, end: &str| {
        usize::try_from(edit[end]["offset"].as_u64().unwrap()).unwrap()
    };
    edits.sort_by_key(|edit| std::cmp::Reverse(offset(edit, "start")));
    for edit in edits {
        let text = texts.get_mut(edit["path"].as_str().unwrap()).unwrap();
        let range = offset(edit, "start")..offset(edit, "end");
        text.replace_range(range, edit["replacement"].as_str().unwrap());
    }
    assert_eq!(texts, after);
}

#[test]
fn standard_input_comes_out_mended() {
    let (old, new) = one_slash("a");
    let directory = repository(&[("main.tf", "")]);
    for arguments in [
        &["--fix", "-"][..],
        &["--fix", "-", "--stdin-filename", "main.tf"],
        &["--fix", "-", "--stdin-filename", "no/such/dir.tf"],
    ] {
        let fixed = run_with_input(directory.path(), arguments, &old);
        assert_eq!((fixed.code, &fixed.stdout), (0, &new), "{fixed:?}");
        let same = run_with_input(directory.path(), arguments, &new);
        assert_eq!((same.code, &same.stdout), (0, &new), "{same:?}");
    }
    assert_eq!(read(directory.path(), "main.tf"), "");
}

#[test]
fn a_fix_of_standard_input_changes_no_file() {
    let main = format!(
        "{REQUIRED}\nprovider \"zenml\" {{\n  server_url = var.url\n  api_key    = \"{}\"\n}}\n",
        api_key(1)
    );
    let others = [
        ("main.tf", main.as_str()),
        (
            "variables.tf",
            "variable \"url\" {\n  default = \"https://a.acme.com/\"\n}\n",
        ),
    ];
    let directory = repository(&others);
    let arguments = [
        "--fix",
        "--unsafe-fixes",
        "-",
        "--stdin-filename",
        "main.tf",
    ];
    let fixed = run_with_input(directory.path(), &arguments, &main);
    // Whatever belongs into other files is not done by halves.
    assert_eq!(fixed.stdout, main, "{fixed:?}");
    assert_eq!(fixed.code, 1);
    assert_eq!(read(directory.path(), "variables.tf"), others[1].1);
}

#[test]
fn ignored_findings_are_not_fixed() {
    let (old, _) = one_slash("a");
    let text = old.replace("# é", "# zenml-tflint-ignore: server-url-trailing-slash");
    let directory = repository(&[("main.tf", &text)]);
    let fixed = run(directory.path(), &["--fix", "--unsafe-fixes"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    assert_eq!(read(directory.path(), "main.tf"), text);
}

#[test]
fn paths_excludes_and_git_limit_what_is_fixed() {
    let (old, new) = one_slash("a");
    let names = [
        "a/main.tf",
        "b/main.tf",
        "excluded/main.tf",
        "ignored/main.tf",
    ];
    let mut files: Vec<_> = names.iter().map(|name| (*name, old.as_str())).collect();
    files.push((".gitignore", "ignored/\n"));
    let directory = repository(&files);
    let fixed = run(directory.path(), &["--fix", "a", "--exclude", "excluded"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    assert_eq!(read(directory.path(), "a/main.tf"), new);
    assert_eq!(read(directory.path(), "b/main.tf"), old);
    run(directory.path(), &["--fix", "--exclude", "excluded"]);
    assert_eq!(read(directory.path(), "b/main.tf"), new);
    assert_eq!(read(directory.path(), "excluded/main.tf"), old);
    assert_eq!(read(directory.path(), "ignored/main.tf"), old);
}

#[test]
fn no_fix_reaches_into_a_file_that_git_ignores() {
    let key = api_key(1);
    let main = format!(
        "{REQUIRED}\nprovider \"zenml\" {{\n  server_url = var.url\n  api_key    = \"{key}\"\n}}\n\nvariable \"url\" {{}}\n"
    );
    let values = "url = \"https://a.acme.com/\"\n";
    let ignores = "*.tfvars\nvariables.tf\n";
    let files = [
        ("infra/main.tf", main.as_str()),
        ("infra/terraform.tfvars", values),
        (".gitignore", ignores),
        (
            "infra/variables.tf",
            "variable \"a\" {}\nvariable \"b\" {}\n",
        ),
    ];
    let directory = repository(&files);
    let before = texts(directory.path());
    let fixed = run(directory.path(), &["--fix", "--unsafe-fixes"]);
    assert_eq!(fixed.code, 1, "{fixed:?}");
    assert_eq!(texts(directory.path()), before);
}

#[test]
fn values_of_roots_that_are_not_read_stay() {
    let main = format!(
        "{REQUIRED}\nprovider \"zenml\" {{\n  server_url = var.url\n  api_key    = var.key\n}}\n\nvariable \"url\" {{}}\n\nvariable \"key\" {{\n  sensitive = true\n}}\n"
    );
    let other = "variable \"url\" {}\n\nresource \"x\" \"y\" {\n  v = var.url\n}\n";
    let values = "url = \"https://a.acme.com/\"\n";
    let mended = "url = \"https://a.acme.com\"\n";
    let config = |roots: &[&str]| {
        let root = |root: &&str| {
            format!("[[roots]]\ndirectory = '{root}'\nvar-files = [['../common.tfvars']]\n")
        };
        roots.iter().map(root).collect::<String>()
    };
    let (shared, own) = (config(&["a", "b"]), config(&["a"]));
    type Beside<'t> = &'t [(&'t str, &'t str)];
    let cases: [(Beside<'_>, &str, &str); 6] = [
        (&[(".zenml-tflint.toml", &own)], "common.tfvars", mended),
        (&[(".zenml-tflint.toml", &shared)], "common.tfvars", values),
        (&[], "a/env/dev.tfvars", mended),
        (&[("main.tf", other)], "a/env/dev.tfvars", values),
        (&[("a/env/main.tf", other)], "a/env/dev.tfvars", values),
        (&[("main.tf", other)], "a/terraform.tfvars", mended),
    ];
    for (more, path, expected) in cases {
        let mut files = vec![("a/main.tf", main.as_str()), ("b/main.tf", other)];
        files.push((path, values));
        files.extend(more);
        let directory = repository(&files);
        run(directory.path(), &["--fix"]);
        assert_eq!(read(directory.path(), path), expected, "{path}, {more:?}");
    }
}

/// A module in which a local and a variable reach a provider block.
fn base_and_key() -> String {
    format!(
        "{REQUIRED}\nlocals {{\n  base = \"https://a.acme.com/\"\n}}\n\nvariable \"key\" {{\n  type = string\n}}\n\nprovider \"zenml\" {{\n  server_url = local.base\n  api_key    = var.key\n}}\n"
    )
}

/// The files that safe fixes change, and those that all of them change.
fn fixed(files: &[(&str, &str)]) -> [Vec<String>; 2] {
    [&["--fix"][..], &["--fix", "--unsafe-fixes"]].map(|options| {
        let directory = repository(files);
        let before = texts(directory.path());
        run(directory.path(), options);
        let after = texts(directory.path()).into_iter();
        let changed = after.filter(|(name, text)| before.get(name) != Some(text));
        changed.map(|(name, _)| name).collect()
    })
}

#[test]
fn what_is_not_understood_may_read_anything() {
    let main = base_and_key();
    let query = "list \"x\" \"y\" {\n  provider = x\n  config {\n    url = local.base\n  }\n}\n";
    let reader = "output \"x\" {\n  value = local.base\n}\n";
    let of_key = "list \"x\" \"y\" {\n  for_each = toset([var.key])\n}\n";
    type Beside<'t> = &'t [(&'t str, &'t str)];
    let cases: [(Beside<'_>, bool); 16] = [
        (&[], true),
        (&[("b.tf", "# nothing\n")], true),
        (&[("b.tofu", "# nothing\n")], true),
        (&[("other/b.tf", "x = \"${local.base\n")], true),
        (&[("other/q.tfquery.hcl", query)], true),
        (&[("q.tfquery.hcl", query)], false),
        (&[("q.tfquery.hcl", of_key)], false),
        (&[("q.tfquery.json", "{}")], false),
        (&[("b.tf", reader), ("b.tofu", "# nothing\n")], false),
        (&[("b.tf.json", "{}"), ("b.tofu.json", "{}")], false),
        (
            &[(
                "b.tf",
                "output \"x\" {\n  value = \"${local.base}staging\n}\n",
            )],
            false,
        ),
        (
            &[("b.tf", "output \"x\" {\n  value = f(local.base,, 1)\n}\n")],
            false,
        ),
        (&[("b.tf", "output \"x\" {\n  value: var.key\n}\n")], false),
        (&[("b.tf.json", "{ \"output\": ")], false),
        (&[("tests/a.tftest.hcl", "run \"a\" {\n  x: 1\n}\n")], false),
        (&[("a.tftest.hcl", ""), ("a.tofutest.hcl", "")], false),
    ];
    for (beside, is_safe) in cases {
        let mut files = vec![("main.tf", main.as_str())];
        files.extend(beside);
        let [safe, all] = fixed(&files);
        let expected: &[&str] = if is_safe { &["main.tf"] } else { &[] };
        assert_eq!(safe, expected, "{beside:?}");
        assert_eq!(all, ["main.tf"], "{beside:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_may_read_anything() {
    let directory = repository(&[("main.tf", &base_and_key())]);
    fs::write(directory.path().join("b.tf"), b"x = \"\xff\"\n").unwrap();
    run(directory.path(), &["--fix"]);
    assert_eq!(read(directory.path(), "main.tf"), base_and_key());
}

#[test]
fn a_literal_of_a_provider_block_itself_is_read_by_nothing_else() {
    let (old, _) = one_slash("a");
    let [safe, _] = fixed(&[("main.tf", &old), ("b.tf", "x = \"${local.y\n")]);
    assert_eq!(safe, ["main.tf"]);
}

#[test]
fn anyone_may_read_an_output() {
    let module = format!(
        "{}\noutput \"o\" {{\n  value = local.base\n}}\n",
        base_and_key().replace("type = string", "sensitive = true")
    );
    let call = |source: &str| {
        format!(
            "module \"m\" {{\n  source = \"{source}\"\n}}\n\noutput \"x\" {{\n  value = \"${{module.m.o}}staging\"\n}}\n"
        )
    };
    let known = "module \"m\" {\n  source = \"./m\"\n}\n";
    let asserts = |subject: &str| {
        format!(
            "run \"s\" {{\n  module {{\n    source = \"./m\"\n  }}\n}}\n\nrun \"a\" {{\n  assert {{\n    condition     = {subject} == \"https://a.acme.com/\"\n    error_message = \"x\"\n  }}\n}}\n"
        )
    };
    let cases = [
        ("nothing.txt", String::new()),
        (
            "git/main.tf",
            call("git::ssh://git@github.com/acme/repo.git//m"),
        ),
        ("ignored/main.tf", call("../m")),
        ("node_modules/x/main.tf", call("../../m")),
        ("a.tftest.hcl", asserts("run.s.o")),
        ("m/tests/a.tftest.hcl", asserts("output.o")),
        ("t/a.tftest.hcl", asserts("output.o")),
    ];
    for (name, text) in cases {
        let files = [
            ("main.tf", known),
            ("m/main.tf", &module),
            (".gitignore", "ignored\n"),
            (name, &text),
        ];
        let [safe, all] = fixed(&files);
        assert_eq!(safe, [""; 0], "{name}");
        assert_eq!(all, ["m/main.tf"], "{name}");
    }
}

#[test]
fn the_key_of_an_instance_may_be_called_as_an_output_is() {
    let root = |meta: &str, read: &str| {
        format!(
            "{REQUIRED}\nvariable \"key\" {{\n  type = string\n}}\n\nmodule \"m\" {{\n  source = \"./m\"\n{meta}  k      = var.key\n}}\n\nprovider \"zenml\" {{\n  server_url = \"https://a.acme.com\"\n  api_key    = var.key\n}}\n\nresource \"x\" \"y\" {{\n  for_each = toset([{read}])\n}}\n"
        )
    };
    let module = "variable \"k\" {}\n\noutput \"u\" {\n  value = 1\n}\n\noutput \"k\" {\n  value = var.k\n}\n";
    let each = "  for_each = toset([\"u\", \"k\"])\n";
    // What decides the instances cannot be sensitive at all.
    for (meta, read, is_found) in [
        (each, "module.m[\"u\"].k", false),
        (each, "module.m[\"k\"].u", true),
        (each, "module.m[\"u\"].u", true),
        ("", "module.m.k", false),
        ("", "module.m.u", true),
        ("  count = 1\n", "module.m[0].k", false),
        ("  count = 1\n", "module.m[0].u", true),
    ] {
        let [_, all] = fixed(&[("main.tf", &root(meta, read)), ("m/main.tf", module)]);
        let expected: &[&str] = if is_found { &["main.tf"] } else { &[] };
        assert_eq!(all, expected, "{meta}{read}");
    }
}

#[test]
fn no_fix_makes_an_interpolation_literal_or_a_literal_an_interpolation() {
    let native = |value: &str| {
        let text = format!(
            "{REQUIRED}\nlocals {{\n  p = \"\"\n}}\n\nprovider \"zenml\" {{\n  server_url = {value}\n}}\n"
        );
        ("main.tf", text)
    };
    let json = |value: &str| {
        let text = format!(
            "{{\n  \"locals\": {{\n    \"p\": \"\"\n  }},\n  \"terraform\": {{\n    \"required_providers\": {{\n      \"zenml\": {{\n        \"source\": \"zenml-io/zenml\",\n        \"version\": \"~> 3.0\"\n      }}\n    }}\n  }},\n  \"provider\": {{\n    \"zenml\": {{\n      \"server_url\": {value}\n    }}\n  }}\n}}\n"
        );
        ("main.tf.json", text)
    };
    for (file, is_fixed) in [
        (native("\"https://a.acme.com/a/${local.p}\""), true),
        (native("\"https://a.acme.com/a%/${local.p}\""), false),
        (native("\"https://a.acme.com/a$/${local.p}\""), false),
        (
            native("\"https://a.acme.com/a$//%{if true}%{endif}\""),
            false,
        ),
        (
            native("trimspace(<<EOT\nhttps://a.acme.com/a$/${local.p}\nEOT\n  )"),
            false,
        ),
        (json("\"https://a.acme.com/a/${local.p}\""), true),
        (json("\"https://a.acme.com/a$/${local.p}\""), false),
        (json("\"https://a.acme.com/a\\u0024/${local.p}\""), false),
        (
            json("\"https://a.acme.com/a$/\\u0024\\u007blocal.p}\""),
            false,
        ),
    ] {
        let (name, text) = &file;
        let [_, all] = fixed(&[(name, text)]);
        let expected: &[&str] = if is_fixed { &[name] } else { &[] };
        assert_eq!(all, expected, "{text}");
    }
}

#[test]
fn what_may_be_null_stays_an_error_where_that_is_passed_over() {
    let module = |ty: &str, value: &str| {
        format!(
            "{REQUIRED}\nvariable \"n\" {{\n  type    = {ty}\n  default = \"https://a.acme.com\"\n}}\n\nprovider \"zenml\" {{\n  server_url = {value}\n}}\n"
        )
    };
    for (value, is_safe) in [
        ("\"${var.n}/\"", true),
        ("tostring(\"${var.n}/\")", true),
        ("try(\"https://a.acme.com/\", \"https://b.acme.com\")", true),
        ("try(\"${var.n}/\", \"https://b.acme.com\")", false),
        (
            "try(var.n == null ? \"x\" : \"${var.n}/\", \"https://b.acme.com\")",
            false,
        ),
        ("try(\" ${var.n}/\", \"https://b.acme.com\")", false),
        ("try(\"${var.n}${var.n}/\", \"https://b.acme.com\")", true),
    ] {
        let [safe, _] = fixed(&[("main.tf", &module("string", value))]);
        let expected: &[&str] = if is_safe { &["main.tf"] } else { &[] };
        assert_eq!(safe, expected, "{value}");
    }
}

#[test]
fn the_inside_of_a_bare_heredoc_stays() {
    let (old, _) = one_slash("a");
    let text = old.replace(
        "\"https://a.acme.com/\" # é",
        "<<EOT\nhttps://a.acme.com/\nEOT",
    );
    let directory = repository(&[("main.tf", &text)]);
    let fixed = run(directory.path(), &["--fix", "--unsafe-fixes"]);
    assert_eq!(fixed.code, 1, "{fixed:?}");
    assert_eq!(read(directory.path(), "main.tf"), text);
}

// Writing.

#[cfg(unix)]
mod unix {
    use std::collections::BTreeMap;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
    use std::os::unix::net::UnixListener;
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn mode_owner_and_links_stay() {
        let (old, new) = one_slash("a");
        let directory = repository(&[("real/main.tf", &old), ("modes/main.tf", &old)]);
        let path = |name: &str| directory.path().join(name);
        fs::create_dir(path("linked")).unwrap();
        symlink("../real/main.tf", path("linked/main.tf")).unwrap();
        fs::set_permissions(path("modes/main.tf"), fs::Permissions::from_mode(0o751)).unwrap();
        let is_root = chown(path("modes/main.tf"), Some(12_345), Some(54_321)).is_ok();
        let fixed = run(directory.path(), &["--fix"]);
        assert_eq!(fixed.code, 0, "{fixed:?}");
        for name in ["real/main.tf", "modes/main.tf", "linked/main.tf"] {
            assert_eq!(read(directory.path(), name), new, "{name}");
        }
        assert!(path("linked/main.tf").is_symlink());
        let metadata = fs::metadata(path("modes/main.tf")).unwrap();
        assert_eq!(metadata.mode() & 0o7777, 0o751);
        if is_root {
            assert_eq!((metadata.uid(), metadata.gid()), (12_345, 54_321));
        }
    }

    #[test]
    fn what_links_lead_to_may_be_read_there_too() {
        let shared = format!(
            "{REQUIRED}\nlocals {{\n  base = \"https://a.acme.com/\"\n}}\n\nvariable \"u\" {{\n  default = local.base\n}}\n\nvariable \"key\" {{}}\n"
        );
        let plain = "provider \"zenml\" {\n  server_url = local.base\n  api_key    = var.key\n}\n\nprovider \"zenml\" {\n  alias      = \"u\"\n  server_url = var.url\n}\n";
        let other = "output \"x\" {\n  value = \"${local.base}${var.key}\"\n}\n";
        let template = "provider \"zenml\" {\n  server_url = \"${local.base}staging\"\n}\n";
        let declared = "variable \"url\" {}\n";
        let line = "url = \"https://b.acme.com/\"\n";
        let all = ["a/shared.tf", "a/terraform.tfvars"];
        for (b, links, expected) in [
            (other, &[][..], &all[..]),
            (other, &[("../x.txt", "b/link.tf")], &all),
            (other, &[("../a/shared.tf", "b/shared.tf")], &all[1..]),
            (template, &[("../a/shared.tf", "b/shared.tf")], &all[1..]),
            (
                other,
                &[("../a/shared.tf", "b/x.txt"), ("x.txt", "b/shared.tf")],
                &all[1..],
            ),
            (
                other,
                &[("../a/terraform.tfvars", "b/terraform.tfvars")],
                &all[..1],
            ),
            (other, &[("../a", "b/a")], &[]),
            (other, &[("a", "latest")], &[]),
        ] {
            for path in [".", "a"] {
                let directory = repository(&[
                    ("a/main.tf", plain),
                    ("a/shared.tf", &shared.replace("local.base", "null")),
                    ("a/declared.tf", declared),
                    ("a/terraform.tfvars", line),
                    ("b/main.tf", b),
                    ("x.txt", "zenml"),
                ]);
                for (target, link) in links {
                    symlink(target, directory.path().join(link)).unwrap();
                }
                let before: Vec<String> = all.map(|name| read(directory.path(), name)).into();
                run(directory.path(), &["--fix", path]);
                let after = all.map(|name| read(directory.path(), name));
                let changed = all.iter().zip(before).zip(after);
                let changed = changed.filter(|((_, before), after)| before != after);
                let changed: Vec<&str> = changed.map(|((name, _), _)| *name).collect();
                assert_eq!(changed, expected, "{links:?}");
            }
        }
    }

    #[test]
    fn a_values_file_with_two_names_stays() {
        let main = format!(
            "{REQUIRED}\nvariable \"u\" {{}}\n\nprovider \"zenml\" {{\n  server_url = var.u\n}}\n"
        );
        let other = "variable \"u\" {}\n\noutput \"x\" {\n  value = \"${var.u}staging\"\n}\n";
        let line = "u = \"https://a.acme.com/\"\n";
        let files = [
            ("a/main.tf", main.as_str()),
            ("b/main.tf", other),
            ("common.tfvars", line),
        ];
        let directory = repository(&files);
        for link in ["a/terraform.tfvars", "b/terraform.tfvars"] {
            symlink("../common.tfvars", directory.path().join(link)).unwrap();
        }
        run(directory.path(), &["--fix"]);
        assert_eq!(read(directory.path(), "common.tfvars"), line);
        run(directory.path(), &["--fix", "--unsafe-fixes"]);
        assert_ne!(read(directory.path(), "common.tfvars"), line);
    }

    #[test]
    fn a_file_with_several_hard_links_is_named_and_stays() {
        let (old, new) = one_slash("a");
        let directory = repository(&[("a/main.tf", &old), ("b/main.tf", &old), ("c/x.txt", &old)]);
        let path = |name: &str| directory.path().join(name);
        fs::hard_link(path("a/main.tf"), path("a/copy.txt")).unwrap();
        fs::hard_link(path("c/x.txt"), path("c/y.txt")).unwrap();
        symlink("x.txt", path("c/main.tf")).unwrap();
        for option in ["--diff", "--fix", "--fix"] {
            let fixed = run(directory.path(), &[option]);
            assert_eq!(fixed.code, 2, "{fixed:?}");
            for name in ["a/main.tf", "c/main.tf"] {
                let problem = format!("{name}: has several hard links; its fixes are not applied");
                assert!(fixed.stderr.contains(&problem), "{}", fixed.stderr);
            }
        }
        let fixed = run(directory.path(), &["--fix", "--output-format", "json"]);
        assert_eq!(fixed.json()["findings"].as_array().unwrap().len(), 2);
        for name in ["a/main.tf", "a/copy.txt", "c/x.txt", "c/y.txt"] {
            assert_eq!(read(directory.path(), name), old, "{name}");
        }
        assert_eq!(read(directory.path(), "b/main.tf"), new);
        let refused = fix::write(&path("a/main.tf"), Some(&old), &new);
        assert!(matches!(refused, Err(Refused::HardLinks)), "{refused:?}");
    }

    #[test]
    fn extended_attributes_stay() {
        let (old, new) = one_slash("a");
        let directory = repository(&[("main.tf", &old)]);
        let path = directory.path().join("main.tf");
        let attributes = [("user.origin", &b"by hand"[..]), ("user.empty", b"")];
        for (name, value) in attributes {
            if xattr::set(&path, name, value).is_err() {
                eprintln!("skipped: this file system has no extended attributes");
                return;
            }
        }
        let fixed = run(directory.path(), &["--fix"]);
        assert_eq!(fixed.code, 0, "{fixed:?}");
        assert_eq!(read(directory.path(), "main.tf"), new);
        for (name, value) in attributes {
            let kept = xattr::get(&path, name).unwrap();
            assert_eq!(kept.as_deref(), Some(value), "{name}");
        }
    }

    /// A module with a secret and a trailing slash: one fix needs `variables.tf`, the other does not.
    fn secret_and_slash() -> String {
        let key = api_key(1);
        format!(
            "{REQUIRED}\nprovider \"zenml\" {{\n  server_url = \"https://a.acme.com/\"\n  api_key    = \"{key}\"\n}}\n"
        )
    }

    #[test]
    fn what_stands_in_the_place_of_a_new_file_stops_only_the_fix_that_needs_it() {
        let kinds = [
            ("a directory", "is a directory"),
            ("a FIFO", "is neither a file nor a directory"),
            ("a socket", "is neither a file nor a directory"),
            ("a link", "is a link that leads nowhere"),
        ];
        for (kind, reason) in kinds {
            let old = secret_and_slash();
            let directory = repository(&[("main.tf", &old)]);
            let place = directory.path().join("variables.tf");
            match kind {
                "a directory" => fs::create_dir(&place).unwrap(),
                "a FIFO" => {
                    let made = Command::new("mkfifo").arg(&place).status().unwrap();
                    assert!(made.success());
                }
                "a socket" => drop(UnixListener::bind(&place).unwrap()),
                _ => symlink("nowhere", &place).unwrap(),
            }
            let before = fs::symlink_metadata(&place).unwrap();
            let fixed = run(directory.path(), &["--no-env", "--fix", "--unsafe-fixes"]);
            assert_eq!(fixed.code, 2, "{kind}: {fixed:?}");
            let problem = format!("variables.tf: {reason}; its fixes are not applied");
            assert!(fixed.stderr.contains(&problem), "{kind}: {}", fixed.stderr);
            assert_eq!(fixed.stderr.lines().count(), 1, "{kind}: {}", fixed.stderr);
            assert!(fixed.stdout.contains("hardcoded-secret"), "{kind}");
            let slash_less = old.replace("acme.com/", "acme.com");
            assert_eq!(read(directory.path(), "main.tf"), slash_less, "{kind}");
            let after = fs::symlink_metadata(&place).unwrap();
            assert_eq!(after.ino(), before.ino(), "{kind}");
            assert!(!directory.path().join("nowhere").exists());
        }
    }

    #[test]
    fn a_fix_makes_no_file_that_git_ignores_or_that_is_excluded() {
        let old = secret_and_slash();
        let bare = old.strip_prefix(REQUIRED).unwrap();
        let cases = [
            ("a/.gitignore", "variables.tf\nversions.tf\n"),
            (".gitignore", "[uv]*.tf\n[uv]ersions.tf\n"),
            (".ignore", "/a/v*.tf\n"),
            (".git/info/exclude", "v*.tf\n"),
            (".zenml-tflint.toml", "exclude = [\"a/v*.tf\"]\n"),
        ];
        for (name, text) in cases {
            let directory = repository(&[("a/main.tf", bare)]);
            fs::create_dir_all(directory.path().join(".git/info")).unwrap();
            write_file(directory.path(), name, text);
            let before = texts(directory.path()).len();
            let fixed = run(directory.path(), &["--no-env", "--fix", "--unsafe-fixes"]);
            assert_eq!(fixed.code, 1, "{name}: {fixed:?}");
            assert_eq!(texts(directory.path()).len(), before, "{name}");
            let slash_less = bare.replace("acme.com/", "acme.com");
            assert_eq!(read(directory.path(), "a/main.tf"), slash_less, "{name}");
            let report = run(directory.path(), &["--no-env", "--output-format", "json"]).json();
            for finding in report["findings"].as_array().unwrap() {
                assert_eq!(finding["fix"], serde_json::Value::Null, "{name}");
            }
        }
        // In a directory that git ignores, too, where only a file in it is named.
        let directory = repository(&[("a/main.tf", bare), (".gitignore", "a/\n")]);
        for path in ["a/main.tf", "a"] {
            run(
                directory.path(),
                &["--no-env", "--fix", "--unsafe-fixes", path],
            );
            assert!(!directory.path().join("a/variables.tf").exists(), "{path}");
        }
        run(
            directory.path(),
            &["--no-env", "--fix", "--unsafe-fixes", "--no-gitignore"],
        );
        assert!(directory.path().join("a/variables.tf").exists());
    }

    #[test]
    fn runs_at_once_on_one_tree_do_not_fail_each_other() {
        let names: Vec<String> = (0..24).map(|number| format!("m{number}/main.tf")).collect();
        let old = secret_and_slash();
        let files: Vec<_> = names.iter().map(|name| (name.as_str(), &*old)).collect();
        let expected = {
            let directory = repository(&files);
            run(directory.path(), &["--no-env", "--fix", "--unsafe-fixes"]);
            texts(directory.path())
        };
        assert_eq!(expected.len(), 2 * names.len());
        for _ in 0..3 {
            let directory = repository(&files);
            let runs: Vec<_> = (0..8)
                .map(|number| {
                    let mut command = program(directory.path());
                    command.args(["--no-env", "--fix", "--unsafe-fixes"]);
                    // Whoever begins elsewhere in the tree is no exception.
                    command.arg(if number % 2 == 0 { "." } else { ".." });

                    if number % 2 == 1 {
                        command.current_dir(directory.path().join("m1"));
                    }
                    command.stdout(Stdio::piped()).stderr(Stdio::piped());
                    command.spawn().unwrap()
                })
                .collect();
            for run in runs {
                let done = run.wait_with_output().unwrap();
                let said = String::from_utf8_lossy(&done.stderr);
                assert_eq!(said, "", "{}", String::from_utf8_lossy(&done.stdout));
                assert_eq!(done.status.code(), Some(0));
            }
            assert_eq!(texts(directory.path()), expected);
        }
    }

    #[test]
    fn unfinished_files_of_another_live_run_stay() {
        let directory = repository(&[]);
        let folder = directory.path();
        let path = |number: usize| folder.join(format!("{number}.json"));
        std::thread::scope(|scope| {
            for number in 0..8 {
                scope.spawn(move || {
                    for round in 0..100 {
                        // It removes leftovers beside it, too.
                        fix::replace(&path(number), round.to_string().as_bytes()).unwrap();
                    }
                });
            }
        });
        assert_eq!(texts(folder).len(), 8);
    }

    #[test]
    fn a_linked_file_alone_is_fixed_in_its_place() {
        let (old, new) = one_slash("a");
        let directory = repository(&[("shared.txt", &old)]);
        symlink("shared.txt", directory.path().join("main.tf")).unwrap();
        let fixed = run(directory.path(), &["--fix", "main.tf"]);
        assert_eq!(fixed.code, 0, "{fixed:?}");
        assert_eq!(read(directory.path(), "shared.txt"), new);
        assert!(directory.path().join("main.tf").is_symlink());
    }

    #[test]
    fn a_write_protected_file_is_named_and_stays() {
        let (old, new) = one_slash("a");
        let directory = repository(&[("a/main.tf", &old), ("b/main.tf", &old)]);
        let path = directory.path().join("a/main.tf");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        let inode = fs::metadata(&path).unwrap().ino();
        let fixed = run(directory.path(), &["--fix", "--output-format", "json"]);
        assert_eq!(fixed.code, 2, "{fixed:?}");
        assert!(fixed.stderr.contains("a/main.tf"), "{}", fixed.stderr);
        assert_eq!(fixed.rules(), ["server-url-trailing-slash"]);
        assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
        assert_eq!(read(directory.path(), "a/main.tf"), old);
        assert_eq!(read(directory.path(), "b/main.tf"), new);
    }

    #[test]
    fn leftovers_of_killed_runs_go() {
        let (old, _) = one_slash("a");
        let leftover = ".zenml-tflint-1-0.tmp";
        let nested = format!("clean/{leftover}");
        let other = ".zenml-tflint-notes.txt";
        let clean = one_slash("b").1;
        let directory = repository(&[
            ("main.tf", &old),
            ("clean/main.tf", &clean),
            (leftover, "half"),
            (&nested, "half"),
            (other, "mine"),
        ]);
        run(directory.path(), &[]);
        run(directory.path(), &["--diff"]);
        assert!(directory.path().join(leftover).exists());
        run(directory.path(), &["--fix"]);
        let names: Vec<String> = texts(directory.path()).into_keys().collect();
        assert_eq!(names, [other, "clean/main.tf", "main.tf"]);
    }

    #[test]
    fn a_file_in_a_directory_without_write_permission_is_named() {
        let (old, _) = one_slash("a");
        let directory = repository(&[("a/main.tf", &old)]);
        let folder = directory.path().join("a");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
        let is_root = fs::write(folder.join("probe"), "").is_ok();
        let fixed = run(directory.path(), &["--fix"]);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        if is_root {
            eprintln!("skipped: permissions do not hold the superuser back");
            return;
        }
        assert_eq!(fixed.code, 2, "{fixed:?}");
        assert_eq!(read(directory.path(), "a/main.tf"), old);
    }

    /// How often a run is killed; `ZENML_TFLINT_KILLS` sets another number.
    fn kills() -> u32 {
        let given = std::env::var("ZENML_TFLINT_KILLS").ok();
        given.and_then(|text| text.parse().ok()).unwrap_or(8)
    }

    #[test]
    fn a_killed_run_leaves_every_file_old_or_new() {
        const FILES: usize = 300;
        let names: Vec<String> = (0..FILES).map(|n| format!("m{n}/main.tf")).collect();
        let versions: Vec<_> = (0..FILES).map(|n| one_slash(&format!("m{n}"))).collect();
        let files = names.iter().zip(&versions);
        let files: Vec<_> = files
            .map(|(name, (old, _))| (name.as_str(), old.as_str()))
            .collect();
        let directory = repository(&files);
        assert_eq!(run(directory.path(), &["--fix"]).code, 0);
        // From the first file replaced to the last one.
        let written = names.iter().map(|name| {
            let metadata = fs::metadata(directory.path().join(name)).unwrap();
            metadata.modified().unwrap()
        });
        let (first, last) = (written.clone().min().unwrap(), written.max().unwrap());
        let phase = last.duration_since(first).unwrap();
        let (mut halfway, mut leftovers) = (0, 0);
        for kill in 0..kills() {
            for (name, text) in &files {
                write_file(directory.path(), name, text);
            }
            let inode = |name: &str| fs::metadata(directory.path().join(name)).unwrap().ino();
            let inodes: BTreeMap<&String, u64> =
                names.iter().map(|name| (name, inode(name))).collect();
            let mut command = program(directory.path());
            command
                .arg("--fix")
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            let is_begun = || names.iter().any(|name| inode(name) != inodes[name]);
            let begin = Instant::now();
            while !is_begun() && child.try_wait().unwrap().is_none() {
                assert!(
                    begin.elapsed() < Duration::from_secs(60),
                    "nothing is written"
                );
            }
            // Spread evenly by the golden ratio.
            let share = (f64::from(kill) * 0.618_034).fract();
            std::thread::sleep(phase.mul_f64(share));
            let _ = child.kill();
            child.wait().unwrap();
            let mut new_ones = 0;
            let mut texts = texts(directory.path());
            for (name, (old, new)) in names.iter().zip(&versions) {
                let text = texts.remove(name).unwrap();
                assert!(text == *old || text == *new, "{name}: {text}");
                new_ones += usize::from(text == *new);
            }
            halfway += u32::from(new_ones > 0 && new_ones < FILES);
            leftovers += usize::from(!texts.is_empty());
            assert!(
                texts.keys().all(|name| name.contains("/.zenml-tflint-")),
                "{texts:?}"
            );
        }
        eprintln!(
            "{} kills within {phase:?}: {halfway} with some files new, {leftovers} with leftovers",
            kills()
        );
        assert!(halfway > 0, "no kill came while files were written");
        assert_eq!(run(directory.path(), &["--fix"]).code, 0);
        let last = texts(directory.path());
        assert_eq!(last.len(), FILES, "leftovers stay");
        let all_new = names
            .iter()
            .zip(&versions)
            .all(|(name, (_, new))| last[name] == *new);
        assert!(all_new);
    }
}

#[test]
fn a_file_that_has_changed_meanwhile_is_not_replaced() {
    let directory = repository(&[("main.tf", "somebody else's\n")]);
    let path = directory.path().join("main.tf");
    let refused = fix::write(&path, Some("as it was read\n"), "mended\n");
    assert!(matches!(refused, Err(Refused::Changed)), "{refused:?}");
    let refused = fix::write(&path, None, "mended\n");
    assert!(matches!(refused, Err(Refused::Changed)), "{refused:?}");
    assert_eq!(read(directory.path(), "main.tf"), "somebody else's\n");
    assert_eq!(texts(directory.path()).len(), 1);
}

#[test]
fn one_of_many_aligned_keys_is_renamed_in_line_with_them() {
    let keys: String = (0..70).map(|n| format!("    zzz_{n:02} = 1\n")).collect();
    for (between, group, expected) in [
        ("", "pathh  = \"s3://b\"", "path   = \"s3://b\""),
        (
            "\n",
            "pathh    = \"s3://b\"\n    zzz_long = 1",
            "path     = \"s3://b\"\n    zzz_long = 1",
        ),
    ] {
        let configuration = format!("{keys}{between}    {group}\n");
        let text = format!(
            "{REQUIRED}\nresource \"zenml_stack_component\" \"s\" {{\n  name   = \"s\"\n  type   = \"artifact_store\"\n  flavor = \"s3\"\n\n  configuration = {{\n{configuration}  }}\n}}\n"
        );
        let directory = repository(&[("main.tf", &text)]);
        run(directory.path(), &["--no-env", "--fix", "--unsafe-fixes"]);
        let fixed = fs::read_to_string(directory.path().join("main.tf")).unwrap();
        assert!(fixed.contains(&format!("    {expected}\n")), "{fixed}");
    }
}
