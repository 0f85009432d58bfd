//! Whatever stands on disk or in a file: a clear answer, the right exit code, everything else still checked, in seconds.
//!
//! Each test puts something bad beside a small module with one mistake, whose finding must not get lost.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::program::{Run, finish, program, run, run_with_input};
use crate::support::{repository, write_file};
use tempfile::TempDir;

/// A root module with one mistake.
const GOOD: &str = r#"terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}

provider "zenml" {
  server_url = "https://zenml.mycompany.com/"
}
"#;

/// The start of a module under test.
const HEAD: &str = r#"terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}
"#;

const EXPECTED: &str = "good/main.tf:11 server-url-trailing-slash";

fn with_good() -> TempDir {
    repository(&[("good/main.tf", GOOD)])
}

fn check(directory: &Path) -> Run {
    run(directory, &["--output-format", "json"])
}

/// Runs on the module together with a good one, and gives the rules that fire in the former.
fn rules_beside_good(files: &[(&str, &str)]) -> Vec<String> {
    let (rules, stderr) = rules_and_gaps_beside_good(files);
    assert_eq!(stderr, "");
    rules
}

/// The same where something may be too much work; also what is then said.
fn rules_and_gaps_beside_good(files: &[(&str, &str)]) -> (Vec<String>, String) {
    let directory = with_good();
    for (name, text) in files {
        write_file(directory.path(), name, text);
    }
    let run = check(directory.path());
    let code = if run.stderr.is_empty() { 1 } else { 2 };
    assert_eq!(run.code, code, "{}", run.stderr);
    let is_gap = |line: &str| line.ends_with(": not all of it is checked");
    assert!(run.stderr.lines().all(is_gap), "{}", run.stderr);
    let findings = run.findings();
    assert!(findings.iter().any(|f| f == EXPECTED), "{findings:?}");
    let others = findings.iter().filter(|f| *f != EXPECTED);
    let mut rules: Vec<String> = others
        .filter(|f| !f.ends_with(" missing-credentials"))
        .map(|f| f.rsplit(' ').next().unwrap().to_owned())
        .collect();
    rules.dedup();
    // Reports for people go their own way through large files.
    let human = run_human(directory.path());
    assert_eq!(human.code, code);
    (rules, run.stderr)
}

fn run_human(directory: &Path) -> Run {
    run(directory, &["--color", "always", "--verbose"])
}

/// A module whose provider takes its URL from an expression.
fn with_url(expression: &str, rest: &str) -> String {
    format!("{HEAD}provider \"zenml\" {{\n  server_url = {expression}\n}}\n{rest}\n")
}

#[test]
fn a_missing_path_is_named_after_everything_else() {
    let directory = with_good();
    let run = run(
        directory.path(),
        &[
            "good",
            "nowhere/main.tf",
            "nowhere",
            "--output-format",
            "json",
        ],
    );
    assert_eq!(run.code, 2);
    assert!(run.findings().contains(&EXPECTED.to_owned()));
    assert!(run.stderr.contains("nowhere/main.tf"), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_and_directory_are_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = with_good();
    write_file(directory.path(), "locked/main.tf", GOOD);
    write_file(directory.path(), "closed/main.tf", GOOD);
    let file = directory.path().join("locked/main.tf");
    let closed = directory.path().join("closed");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let root_reads_all = fs::read(&file).is_ok();
    let run = check(directory.path());
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    if root_reads_all {
        eprintln!("not tested: this user reads what nobody may read");
        return;
    }
    assert_eq!(run.code, 2);
    assert!(run.findings().contains(&EXPECTED.to_owned()));
    assert!(run.stderr.contains("locked/main.tf"), "{}", run.stderr);
    assert!(run.stderr.contains("closed"), "{}", run.stderr);
}

#[test]
fn a_directory_with_the_name_of_a_file_is_walked() {
    let directory = with_good();
    write_file(directory.path(), "x.tf/main.tf", GOOD);
    let run = check(directory.path());
    assert_eq!(run.code, 1);
    assert_eq!(run.stderr, "");
    let findings = run.findings();
    assert!(findings.contains(&EXPECTED.to_owned()));
    assert!(findings.contains(&"x.tf/main.tf:11 server-url-trailing-slash".to_owned()));
}

#[test]
fn a_directory_in_the_place_of_values_or_ignores_stops_nothing() {
    let directory = with_good();
    for name in [
        "good/terraform.tfvars",
        "good/.gitignore",
        "good/a.tofu",
        "good/t.tftest.hcl",
    ] {
        fs::create_dir(directory.path().join(name)).unwrap();
    }
    let run = check(directory.path());
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    assert!(run.findings().contains(&EXPECTED.to_owned()));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_passed_over_unless_it_is_named() {
    let directory = with_good();
    let fifo = directory.path().join("good/pipe.tf");
    let made = Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, directory.path().join("good").join(name)).unwrap();
    };
    link("gone.tf", "dangling.tf");
    link("loop.tf", "loop.tf");
    link("..", "up");
    link("/dev/zero", "zero.tf");
    let socket = directory.path().join("good/socket.tf");
    drop(std::os::unix::net::UnixListener::bind(socket).unwrap());
    let quiet = check(directory.path());
    assert_eq!((quiet.code, quiet.stderr.as_str()), (1, ""));
    assert!(quiet.findings().contains(&EXPECTED.to_owned()));
    let verbose = run(directory.path(), &["--verbose"]);
    for name in [
        "good/pipe.tf",
        "good/dangling.tf",
        "good/loop.tf",
        "good/zero.tf",
    ] {
        assert!(verbose.stderr.contains(name), "{name}: {}", verbose.stderr);
    }
    for (path, reason) in [
        ("good/pipe.tf", "is neither a file nor a directory"),
        ("good/socket.tf", "is neither a file nor a directory"),
        ("good/zero.tf", "is neither a file nor a directory"),
        ("/dev/zero", "is neither a file nor a directory"),
        ("good/dangling.tf", "is a link that leads nowhere"),
    ] {
        let problem = format!("zenml-tflint: {path}: {reason}\n");
        let given = run(directory.path(), &[path]);
        assert_eq!((given.code, &given.stderr), (2, &problem));
        // Everything else is checked all the same.
        let given = run(directory.path(), &[path, "good"]);
        assert_eq!((given.code, &given.stderr), (2, &problem));
        assert!(given.stdout.contains("server-url-trailing-slash"), "{path}");
    }
    assert_eq!(run(directory.path(), &["good/loop.tf"]).code, 2);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_directory_above_is_not_followed_for_ever() {
    let directory = with_good();
    std::os::unix::fs::symlink(directory.path(), directory.path().join("good/up")).unwrap();
    write_file(
        directory.path(),
        "main.tf",
        "module \"m\" {\n  source = \"./good/up/good/up/good\"\n}\n",
    );
    let run = check(directory.path());
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    assert!(run.findings().contains(&EXPECTED.to_owned()));
}

#[test]
fn empty_files_are_fine() {
    let names = [
        "main.tf",
        "a.tofu",
        "b.tf.json",
        "terraform.tfvars",
        "x.auto.tfvars.json",
        "t.tftest.hcl",
    ];
    for name in names {
        for text in ["", "\u{feff}", "\n\n"] {
            let directory = with_good();
            write_file(directory.path(), &format!("good/{name}"), text);
            if name == "main.tf" {
                write_file(directory.path(), "good/other.tf", GOOD);
            }
            let run = check(directory.path());
            assert_eq!(run.code, 1, "{name}: {}", run.stderr);
            let slash = |f: &String| f.ends_with("server-url-trailing-slash");
            assert!(run.findings().iter().any(slash), "{name} {text:?}");
        }
    }
}

#[test]
fn what_is_not_utf_8_is_a_syntax_error_and_the_rest_is_checked() {
    let utf_16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(GOOD.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let mut latin_1 = GOOD.as_bytes().to_vec();
    latin_1.extend(b"# caf\xe9\n");
    let binary: Vec<u8> = (0..50_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    for bytes in [utf_16, latin_1, binary] {
        for name in ["bad/main.tf", "bad/main.tf.json", "bad/terraform.tfvars"] {
            let directory = with_good();
            write_file(directory.path(), "bad/zenml.tf", GOOD);
            fs::write(directory.path().join(name), &bytes).unwrap();
            let run = check(directory.path());
            assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{name}");
            let findings = run.findings();
            assert!(findings.contains(&EXPECTED.to_owned()), "{findings:?}");
            let beside = "bad/zenml.tf:11 server-url-trailing-slash".to_owned();
            assert!(findings.contains(&beside), "{findings:?}");
            let is_syntax = |f: &String| f.starts_with(name) && f.ends_with(" syntax-error");
            assert!(findings.iter().any(is_syntax), "{name}: {findings:?}");
            assert_eq!(run_human(directory.path()).code, 1);
        }
    }
}

#[test]
fn a_file_without_zenml_that_is_not_utf_8_is_found_where_it_is_given() {
    let directory = with_good();
    fs::write(directory.path().join("bad.tf"), b"a = \"\xff\"\n").unwrap();
    let run = run(directory.path(), &["bad.tf", "--output-format", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(run.rules(), ["syntax-error"]);
}

#[test]
fn large_texts_are_read() {
    let lines = "line of text with a ${var.unknown} in it and a bit more\n".repeat(90_000);
    let heredoc = with_url(
        "\"https://a.mycompany.com/\"",
        &format!("locals {{\n  text = <<EOT\n{lines}EOT\n}}"),
    );
    assert_eq!(
        rules_beside_good(&[("big/main.tf", &heredoc)]),
        ["server-url-trailing-slash"]
    );

    let long = "x".repeat(5_000_000);
    let line = with_url(
        "\"https://a.mycompany.com/\"",
        &format!("locals {{\n  text = \"{long}\"\n}}"),
    );
    assert_eq!(
        rules_beside_good(&[("big/main.tf", &line)]),
        ["server-url-trailing-slash"]
    );

    // A value of this size may count as unknown.
    let in_url = with_url(&format!("\"https://a.mycompany.com/{long}/\""), "");
    rules_and_gaps_beside_good(&[("big/main.tf", &in_url)]);
}

#[test]
fn a_long_line_of_mistakes_is_reported() {
    let long = " ".repeat(5_000_000);
    let text = with_url(&format!("{long}\"https://a.mycompany.com/\""), "");
    assert_eq!(
        rules_beside_good(&[("big/main.tf", &text)]),
        ["server-url-trailing-slash"]
    );
}

#[test]
fn deep_nesting_is_no_syntax_error() {
    let depth = 30_000;
    let nest = |open: &str, middle: &str, close: &str| {
        format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
    };
    let deep = [
        nest("(", "\"https://a.mycompany.com/\"", ")"),
        nest("[", "", "]"),
        nest("{ a = ", "1", " }"),
        nest("\"${", "1", "}\""),
        nest("f(", "1", ")"),
        nest("-", "1", ""),
        nest("!", "true", ""),
        nest("a[", "0", "]"),
        nest("true ? 1 : ", "1", ""),
        nest("1 + ", "1", ""),
        nest("[for x in ", "[]", " : x]"),
        format!(
            "\"{}{}\"",
            "%{if true}".repeat(depth),
            "%{endif}".repeat(depth)
        ),
        format!("a{}", ".b".repeat(depth)),
        format!("a{}", "[0]".repeat(depth)),
        format!("a{}", "[*]".repeat(depth)),
        format!("[{}1]", "1, ".repeat(depth)),
    ];
    for expression in deep {
        let text = with_url(
            "\"https://a.mycompany.com/\"",
            &format!("locals {{\n  deep = {expression}\n}}"),
        );
        let text_of_url = with_url(&expression, "");
        let shown: String = expression.chars().take(20).collect();
        let (rules, _) =
            rules_and_gaps_beside_good(&[("deep/main.tf", &text), ("used/main.tf", &text_of_url)]);
        assert!(
            !rules.contains(&"syntax-error".to_owned()),
            "{shown}: {rules:?}"
        );
        assert!(
            rules.contains(&"server-url-trailing-slash".to_owned()),
            "{shown}: {rules:?}"
        );
    }
}

#[test]
fn deep_blocks_are_no_syntax_error() {
    let depth = 30_000;
    let blocks = format!("{}{}", "a {\n".repeat(depth), "}\n".repeat(depth));
    let text = with_url(
        "\"https://a.mycompany.com/\"",
        &format!("resource \"a\" \"b\" {{\n{blocks}}}"),
    );
    assert_eq!(
        rules_beside_good(&[("deep/main.tf", &text)]),
        ["server-url-trailing-slash"]
    );
}

#[test]
fn deep_nesting_that_does_not_end_is_a_syntax_error() {
    let depth = 30_000;
    for piece in [
        "(", "[", "{", "{ a = ", "\"${", "f(", "a {\n", "<<EOT\n", "/*", "\"", "%{", "}", ")",
        "a \"b\" ",
    ] {
        let text = with_url(
            "\"https://a.mycompany.com/\"",
            &format!("locals {{\n  deep = {}", piece.repeat(depth)),
        );
        let rules = rules_beside_good(&[("deep/main.tf", &text)]);
        assert!(
            rules.contains(&"syntax-error".to_owned()),
            "{piece}: {rules:?}"
        );
        assert!(
            rules.contains(&"server-url-trailing-slash".to_owned()),
            "{piece}: {rules:?}"
        );
    }
}

#[test]
fn deep_json_is_answered() {
    let depth = 30_000;
    let provider = r#""terraform": {"required_providers": {"zenml": {"source": "zenml-io/zenml", "version": "~> 3.0"}}}, "provider": {"zenml": {"server_url": "https://a.mycompany.com/"}}"#;
    for (open, middle, close) in [("[", "", "]"), ("{\"a\": ", "1", "}")] {
        let nested = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
        let text = format!("{{{provider}, \"locals\": {{\"deep\": {nested}}}}}");
        let rules = rules_beside_good(&[("deep/main.tf.json", &text)]);
        assert_eq!(rules, ["server-url-trailing-slash"]);
        let broken = format!(
            "{{{provider}, \"locals\": {{\"deep\": {}",
            open.repeat(depth)
        );
        let rules = rules_beside_good(&[("deep/main.tf.json", &broken)]);
        assert!(rules.contains(&"syntax-error".to_owned()), "{rules:?}");
    }
}

#[test]
fn circles_of_references_end() {
    let text = with_url(
        "local.a",
        r#"locals {
  a = local.b
  b = "${local.c}/"
  c = [for x in [local.a] : x][0]
  d = local.d
}
variable "v" {
  default = var.v
}
provider "zenml" {
  alias      = "second"
  server_url = "https://a.mycompany.com/"
  api_key    = var.v
}
output "o" {
  value = [local.d, module.m.o]
}
module "m" {
  source = "./m"
  i      = module.m.o
}"#,
    );
    let child = "variable \"i\" {}\noutput \"o\" {\n  value = var.i\n}\n";
    let rules = rules_beside_good(&[("circle/main.tf", &text), ("circle/m/main.tf", child)]);
    assert!(
        rules.contains(&"server-url-trailing-slash".to_owned()),
        "{rules:?}"
    );
}

#[test]
fn modules_that_call_themselves_are_checked() {
    let own = format!(
        "{GOOD}module \"m\" {{\n  source = \"./\"\n}}\nmodule \"n\" {{\n  source = \"../own\"\n  url = module.n.url\n}}\n"
    );
    assert_eq!(
        rules_beside_good(&[("own/main.tf", &own)]),
        ["server-url-trailing-slash"]
    );

    let call = |next: &str, url: &str| {
        format!(
            "{HEAD}variable \"url\" {{\n  default = \"{url}\"\n}}\nprovider \"zenml\" {{\n  server_url = var.url\n}}\nmodule \"next\" {{\n  source = \"../{next}\"\n  url    = \"${{var.url}}x/\"\n}}\n"
        )
    };
    let rules = rules_beside_good(&[
        ("a/main.tf", &call("b", "https://a.mycompany.com/")),
        ("b/main.tf", &call("c", "https://b.mycompany.com/")),
        ("c/main.tf", &call("a", "https://c.mycompany.com/")),
    ]);
    assert!(
        rules.contains(&"server-url-trailing-slash".to_owned()),
        "{rules:?}"
    );
}

#[test]
fn values_that_grow_without_bound_are_unknown() {
    let doubling = |first: &str, next: &dyn Fn(usize) -> String| {
        let mut locals = format!("locals {{\n  a0 = {first}\n");
        for n in 1..=60 {
            writeln!(locals, "  a{n} = {}", next(n - 1)).unwrap();
        }
        locals + "}\n"
    };
    let cases = [
        (
            "local.a60",
            doubling("\"x/\"", &|n| format!("\"${{local.a{n}}}${{local.a{n}}}\"")),
        ),
        (
            "local.a60[0]",
            doubling("[\"x/\"]", &|n| format!("concat(local.a{n}, local.a{n})")),
        ),
        (
            "local.a60[0][0]",
            doubling("[\"x/\"]", &|n| format!("[local.a{n}, local.a{n}]")),
        ),
        (
            "jsonencode(local.a60)",
            doubling("[\"x/\"]", &|n| format!("[local.a{n}, local.a{n}]")),
        ),
        (
            "local.a60.x",
            doubling("{}", &|n| format!("{{ x = local.a{n}, y = local.a{n} }}")),
        ),
        (
            "local.a60",
            doubling("\"x/\"", &|n| {
                format!("var.c ? local.a{n} : \"${{local.a{n}}}{n}\"")
            }),
        ),
        (
            "local.a60",
            doubling("\"x/\"", &|n| format!("replace(local.a{n}, \"x\", \"xx\")")),
        ),
        (
            "local.a60",
            doubling("\"x/\"", &|n| {
                format!("join(local.a{n}, [local.a{n}, local.a{n}])")
            }),
        ),
        (
            "local.a60",
            doubling("\"x/\"", &|n| format!("coalesce(local.a{n}, local.a{n})")),
        ),
        (
            "local.a60",
            doubling("2", &|n| format!("local.a{n} * local.a{n}")),
        ),
        (
            "local.a60",
            doubling("\"a\"", &|n| format!("jsonencode(local.a{n})")),
        ),
        ("tostring(1e30000000)", String::new()),
        ("1e999999999999999999999", String::new()),
        ("\"${1e30000000}/\"", String::new()),
        ("tostring(1e30000000 % 7)", String::new()),
        ("jsonencode(1e30000000)", String::new()),
        ("range(1e9)[0]", String::new()),
        ("join(\"\", range(0, 1e18, 1e-3))", String::new()),
        ("format(\"%1000000000d\", 1)", String::new()),
        ("format(\"%.1000000000f\", 1)", String::new()),
        ("format(\"%*d\", 1000000000, 1)", String::new()),
        ("pow(10, 1e9)", String::new()),
        ("parseint(\"9\", 1e9)", String::new()),
        (
            "join(\"x\", [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]])",
            String::new(),
        ),
        (
            "setproduct(range(1000), range(1000), range(1000))",
            String::new(),
        ),
        ("regex(\"(a{1000}){1000}{1000}\", \"a\")", String::new()),
        (
            "regexall(\"(((a*)*)*)*b\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\")[0]",
            String::new(),
        ),
        (
            "replace(format(\"%01000000d\", 1), \"\", \"xxxxxxxxxxxxxxxxxxxx\")",
            String::new(),
        ),
        (
            "strrev(join(\"\", [for a in range(1024) : format(\"%0100d\", a)]))",
            String::new(),
        ),
        ("cidrsubnets(\"::/0\", 128, 128)", String::new()),
        ("bcrypt(\"a\", 31)", String::new()),
        (
            "flatten([for a in range(1024) : range(1024)])",
            String::new(),
        ),
        (
            "distinct([for a in range(1024) : range(1024)])",
            String::new(),
        ),
        ("indent(1000000000, \"a\\nb\")", String::new()),
        ("substr(\"a\", 0, 1e30)", String::new()),
        ("element([1], 1e30)", String::new()),
        ("[1][1e30000000]", String::new()),
        (
            "yamldecode(\"a: &a [x,x]\\nb: &b [*a,*a]\\nc: &c [*b,*b]\")",
            String::new(),
        ),
        (
            "timeadd(\"2020-01-01T00:00:00Z\", \"999999999999999h\")",
            String::new(),
        ),
        ("formatlist(\"%s\", range(1000000))", String::new()),
        (
            "setproduct(range(1000), range(1000), range(1000), [])",
            String::new(),
        ),
        (
            "distinct([for a in range(1000) : { x = range(50), y = a }])[0].y",
            String::new(),
        ),
        (
            "regexall(\".*b|a\", join(\"\", [for a in range(1000) : format(\"%050d\", 0)]))[0]",
            String::new(),
        ),
        (
            "\"%{for a in range(1000)}%{for b in range(1000)}${a}${b}%{endfor}%{endfor}\"",
            String::new(),
        ),
    ];
    let mut files: Vec<(String, String)> = Vec::new();
    for (n, (expression, locals)) in cases.iter().enumerate() {
        let second = "provider \"zenml\" {\n  alias = \"b\"\n  server_url = \"https://b.mycompany.com/\"\n}\nvariable \"c\" {}\n";
        files.push((
            format!("m{n}/main.tf"),
            with_url(expression, &format!("{locals}{second}")),
        ));
    }
    for (n, (name, text)) in files.iter().enumerate() {
        let (rules, _) = rules_and_gaps_beside_good(&[(name, text)]);
        let (expression, _) = cases[n].clone();
        assert!(
            rules.contains(&"server-url-trailing-slash".to_owned()),
            "{expression}: {rules:?}"
        );
        assert!(
            !rules.contains(&"syntax-error".to_owned()),
            "{expression}: {rules:?}"
        );
    }
}

#[test]
fn instances_that_are_written_one_by_one_are_all_checked() {
    let mut text = format!("{HEAD}locals {{\n  all = {{\n");
    for n in 0..4_000 {
        let scheme = if n == 3_999 { "gs" } else { "s3" };
        writeln!(text, "    k{n} = \"{scheme}://b{n}\"").unwrap();
    }
    text += "  }\n}\n";
    text += r#"resource "zenml_stack_component" "c" {
  for_each = local.all
  name     = each.key
  type     = "artifact_store"
  flavor   = "s3"
  configuration = {
    path = each.value
  }
}
"#;
    let directory = repository(&[("main.tf", &text)]);
    let run = run(directory.path(), &["--output-format", "json", "--verbose"]);
    assert_eq!(run.findings(), ["main.tf:4010 component-configuration"]);
    assert!(!run.stderr.contains("too large"), "{}", run.stderr);
}

#[test]
fn many_calls_of_one_module_are_checked() {
    let child =
        format!("{HEAD}variable \"url\" {{}}\nprovider \"zenml\" {{\n  server_url = var.url\n}}\n");
    let mut calls = String::new();
    for n in 0..100 {
        writeln!(calls, "module \"m{n}\" {{\n  source = \"./child\"\n  url    = \"https://a{n}.mycompany.com/\"\n}}").unwrap();
    }
    let directory = with_good();
    write_file(directory.path(), "many/main.tf", &calls);
    write_file(directory.path(), "many/child/main.tf", &child);
    let run = run(directory.path(), &["--output-format", "json", "--verbose"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let slashes = |f: &&String| f.starts_with("many/main.tf") && f.ends_with("trailing-slash");
    let findings = run.findings();
    assert_eq!(findings.iter().filter(slashes).count(), 100);

    // Calls with equal values count once.
    let equal: String = (0..100)
        .map(|n| format!("module \"m{n}\" {{\n  source = \"./child\"\n  url    = local.url\n}}\n"))
        .collect();
    let equal = format!("locals {{\n  url = \"https://a.mycompany.com/\"\n}}\n{equal}");
    let child = child.as_str();
    assert_eq!(
        rules_beside_good(&[("many/main.tf", &equal), ("many/child/main.tf", child)]),
        ["server-url-trailing-slash"]
    );
}

#[test]
fn a_long_chain_of_calls_is_followed() {
    let directory = with_good();
    for n in 0..500 {
        let call = format!(
            "variable \"url\" {{}}\nmodule \"next\" {{\n  source = \"../m{}\"\n  url    = var.url\n}}\noutput \"o\" {{\n  value = module.next.o\n}}\n",
            n + 1
        );
        write_file(directory.path(), &format!("m{n}/main.tf"), &call);
    }
    let last = format!(
        "{HEAD}variable \"url\" {{}}\nprovider \"zenml\" {{\n  server_url = var.url\n}}\noutput \"o\" {{\n  value = var.url\n}}\n"
    );
    write_file(directory.path(), "m500/main.tf", &last);
    write_file(
        directory.path(),
        "root/main.tf",
        &with_url(
            "module.m.o",
            "module \"m\" {\n  source = \"../m0\"\n  url    = \"https://a.mycompany.com/\"\n}",
        ),
    );
    let run = check(directory.path());
    // An output that comes from so far down is too deep to be followed up.
    assert_eq!(run.code, 2);
    let gap = "zenml-tflint: root/main.tf:10: the value of `server_url` takes too much work to compute: not all of it is checked\n";
    assert_eq!(run.stderr, gap);
    let findings = run.findings();
    assert!(findings.contains(&EXPECTED.to_owned()));
    let at_root = |f: &String| f.starts_with("root/main.tf") && f.ends_with("trailing-slash");
    assert!(findings.iter().any(at_root), "{findings:?}");
}

#[test]
fn calls_that_branch_at_every_step_end() {
    let directory = with_good();
    for n in 0..13 {
        let call = |name: &str| {
            format!(
                "module \"{name}\" {{\n  source = \"../m{}\"\n  url    = \"${{var.url}}{name}/\"\n}}\n",
                n + 1
            )
        };
        let text = format!("variable \"url\" {{}}\n{}{}", call("a"), call("b"));
        write_file(directory.path(), &format!("m{n}/main.tf"), &text);
    }
    let last =
        format!("{HEAD}variable \"url\" {{}}\nprovider \"zenml\" {{\n  server_url = var.url\n}}\n");
    write_file(directory.path(), "m13/main.tf", &last);
    let run = check(directory.path());
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("not all"), "{}", run.stderr);
    assert!(run.findings().contains(&EXPECTED.to_owned()));
}

#[test]
fn calls_that_multiply_end() {
    let directory = with_good();
    for n in 0..6 {
        let text = format!(
            "variable \"url\" {{}}\nmodule \"next\" {{\n  count = 1000\n  source = \"../m{}\"\n  url = \"${{var.url}}${{count.index}}\"\n}}\n",
            n + 1
        );
        write_file(directory.path(), &format!("m{n}/main.tf"), &text);
    }
    let last =
        format!("{HEAD}variable \"url\" {{}}\nprovider \"zenml\" {{\n  server_url = var.url\n}}\n");
    write_file(directory.path(), "m6/main.tf", &last);
    let run = check(directory.path());
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("not all"), "{}", run.stderr);
    assert!(run.findings().contains(&EXPECTED.to_owned()));
}

#[test]
fn the_run_whose_values_are_too_much_work_is_named() {
    let locals = "variable \"n\" {}\nlocals {\n  all = [for a in range(var.n) : range(var.n)]\n}\n";
    let directory = repository(&[
        (
            "main.tf",
            &with_url("\"https://${length(local.all)}/\"", locals),
        ),
        ("env/large.tfvars", "n = 1000\n"),
        ("env/small.tfvars", "n = 10\n"),
    ]);
    let run = run(directory.path(), &["--verbose", "--output-format", "json"]);
    let remarks: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| line.contains("too much work"))
        .collect();
    assert_eq!(remarks.len(), 1, "{}", run.stderr);
    assert!(
        remarks[0].contains("(with env/large.tfvars)"),
        "{remarks:?}"
    );
    assert!(
        run.findings()
            .contains(&"main.tf:10 server-url-trailing-slash".to_owned()),
        "{:?}",
        run.findings()
    );
}

#[test]
fn what_is_too_much_work_is_unknown_and_said() {
    let numbered =
        |count: usize, line: &dyn Fn(usize) -> String| -> String { (0..count).map(line).collect() };
    let locals = |lines: String| format!("variable \"c\" {{}}\nlocals {{\n{lines}}}\n");
    let heavy = "  x = [for a in range(100) : range(300)]\n  y = local.x\n";
    let digits = format!("1{}", "0".repeat(100_000));
    let entries = numbered(60_000, &|n| format!("k{n} = \"v\"\n"));
    let object = format!("{{ {entries}}}.k0");
    let cases = [
        // Each pattern is compiled.
        (
            "[for a in range(1000): regex(\"[\\\\pL\\\\pN]{50}|${a}\", \"x${a}\")][0]",
            locals(String::new()),
        ),
        // Types double with the values.
        (
            "local.a60.x",
            locals(numbered(61, &|n| match n.checked_sub(1) {
                None => "  a0 = { x = \"a\" }\n".to_owned(),
                Some(m) => format!("  a{n} = merge(local.a{m}, {{ k{n} = local.a{m} }})\n"),
            })),
        ),
        // Texts of ten thousand digits.
        (
            "join(\"\", [for a in range(1000): 1e9000])",
            locals(String::new()),
        ),
        (digits.as_str(), locals(String::new())),
        // What else a value may be is found out for each combination.
        (
            "local.a300",
            locals(numbered(301, &|n| match n.checked_sub(1) {
                None => "  a0 = 1\n".to_owned(),
                Some(m) => format!(
                    "  a{n} = \"${{upper(true ? [for x in [local.a{m}] : {{ k = x == 1 ? x : -x }}][0].k : \"b\")}}x\"\n"
                ),
            })),
        ),
        // Large values that are compared and chosen again and again.
        (
            "[for a in range(1000): local.x == local.y ? \"a\" : \"b\"][0]",
            locals(heavy.to_owned()),
        ),
        (
            "[for a in range(1000): (var.c ? local.x : local.y)[0]][0]",
            locals(heavy.to_owned()),
        ),
        (
            "distinct([for a in range(1000): [for b in range(40): b]])[0][0]",
            locals(String::new()),
        ),
        // All instances at once, again and again.
        (
            "join(\"\", [for a in range(1000): length(zenml_project.m)])",
            "resource \"zenml_project\" \"m\" {\n  count = 1000\n  name = \"n${count.index}\"\n}\n".to_owned(),
        ),
        // What rules look at in each instance.
        (
            "\"https://a.mycompany.com/\"",
            "resource \"zenml_stack\" \"m\" {\n  for_each = toset([for a in range(1000): tostring(a)])\n  name = each.key\n  components = { for a in range(1000) : \"k${a}\" => \"x\" }\n}\n".to_owned(),
        ),
        (
            "\"https://a.mycompany.com/\"",
            (0..300)
                .map(|n| format!("resource \"zenml_stack\" \"s{n}\" {{\n  count = 10000\n  name = count.index\n  components = {{}}\n}}\n"))
                .collect(),
        ),
        // After the end of the budget nothing is known of the rest.
        (
            object.as_str(),
            locals(String::new()),
        ),
    ];
    for (expression, rest) in cases {
        let shown: String = expression.chars().take(80).collect();
        let directory = repository(&[("main.tf", &with_url(expression, &rest))]);
        let run = run(directory.path(), &["--verbose", "--output-format", "json"]);
        assert_eq!(run.code, 2, "{shown}: {}", run.stderr);
        let is_said = run.stderr.contains("not all of it is checked");
        assert!(is_said, "{shown}: {}", run.stderr);
    }
}

#[test]
fn ways_to_run_a_root_share_a_budget() {
    let module = "variable \"n\" {}\nvariable \"url\" {}\nlocals {\n  x = [for a in range(var.n) : range(900)]\n}\n\
        provider \"zenml\" {\n  alias = \"b\"\n  server_url = \"https://${length(local.x)}\"\n}\n";
    let directory = repository(&[("main.tf", &with_url("var.url", module))]);
    for n in 0..64 {
        write_file(
            directory.path(),
            &format!("env/{n}.tfvars"),
            &format!("n = 900\nurl = \"https://a{n}.mycompany.com/\"\n"),
        );
    }
    let run = run(directory.path(), &["--verbose", "--output-format", "json"]);
    let slashes = run.findings().into_iter();
    let slashes = slashes.filter(|f| f.ends_with(" server-url-trailing-slash"));
    // Whatever the others cost, each has enough for what is simple.
    assert!(slashes.count() > 60, "{:?}", run.findings());
    assert!(
        run.stderr.contains(
            "main.tf:19: the value of `server_url` takes too much work to compute (with env/"
        ),
        "{}",
        run.stderr
    );
}

#[test]
fn many_blocks_are_checked() {
    let mut text = HEAD.to_owned();
    for n in 0..10_000 {
        writeln!(text, "provider \"zenml\" {{\n  alias = \"a{n}\"\n  server_url = \"https://a{n}.mycompany.com/\"\n}}").unwrap();
    }
    let directory = with_good();
    write_file(directory.path(), "many/main.tf", &text);
    let json = check(directory.path());
    assert_eq!((json.code, json.stderr.as_str()), (1, ""));
    let findings = json.findings().into_iter();
    let slashes = findings.filter(|f| f.ends_with("trailing-slash"));
    assert_eq!(slashes.count(), 10_001);
    let concise = run(directory.path(), &["--output-format", "concise"]);
    assert_eq!(concise.code, 1);
}

#[test]
fn very_many_misspelt_names_are_found_and_the_first_ones_understood() {
    let mut declared = "locals {\n".to_owned();
    let mut used = String::new();
    for n in 0..300 {
        writeln!(declared, "  some_name_{n} = \"x\"").unwrap();
        writeln!(
            used,
            "resource \"zenml_project\" \"p{n}\" {{\n  name = \"${{local.some_nane_{n}}}${{var.v{n}}}${{zenml_project.q{n}.name}}${{module.m{n}.x}}\"\n}}"
        )
        .unwrap();
    }
    declared.push_str("}\n");
    let directory = repository(&[("main.tf", &format!("{HEAD}{declared}{used}"))]);
    let run = run(directory.path(), &["--output-format", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let findings = run.json()["findings"].as_array().unwrap().clone();
    let undeclared = findings.iter();
    let undeclared = undeclared.filter(|finding| finding["rule"] == "undeclared-reference");
    let undeclared: Vec<_> = undeclared.collect();
    assert_eq!(undeclared.len(), 1_200);
    let help = |index: usize| undeclared[index]["help"].as_str().unwrap().to_owned();
    assert_eq!(help(0), "write `local.some_name_0`");
    // The search has a bound.
    assert_eq!(
        help(1_196),
        "declare the local value `some_nane_299` in this module"
    );
}

#[test]
fn very_many_misspelt_settings_are_reported() {
    let mut entries = String::new();
    let mut arguments = String::new();
    for n in 0..500 {
        writeln!(entries, "    pat_{n} = \"a\"").unwrap();
        writeln!(arguments, "  server_ur{n} = \"a\"").unwrap();
    }
    let text = format!(
        "{GOOD}provider \"zenml\" {{\n  alias = \"b\"\n{arguments}}}\n\
         resource \"zenml_stack_component\" \"c\" {{\n  name   = \"c\"\n  type   = \"artifact_store\"\n  flavor = \"s3\"\n  configuration = {{\n    path = \"s3://x\"\n{entries}  }}\n}}\n"
    );
    let directory = repository(&[("main.tf", &text)]);
    let run = run(directory.path(), &["--output-format", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    for (rule, count) in [("unknown-argument", 500), ("component-configuration", 500)] {
        let found = run.findings().into_iter();
        let found = found.filter(|finding| finding.ends_with(rule)).count();
        assert_eq!(found, count, "{rule}");
    }
}

#[test]
fn a_literal_that_very_many_read_is_followed_to_a_bound() {
    let mut locals = "locals {\n  url = \"https://a.mycompany.com/\"\n".to_owned();
    let mut providers = String::new();
    for n in 0..2_100 {
        writeln!(locals, "  l{n} = local.url").unwrap();
    }
    for n in 0..10 {
        writeln!(
            providers,
            "provider \"zenml\" {{\n  alias = \"p{n}\"\n  server_url = local.l{n}\n}}"
        )
        .unwrap();
    }
    let directory = repository(&[("main.tf", &format!("{HEAD}{locals}}}\n{providers}"))]);
    let run = run(directory.path(), &["--output-format", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let findings = run.json()["findings"].as_array().unwrap().clone();
    let mut findings = findings.iter();
    let slash = findings.find(|finding| finding["rule"] == "server-url-trailing-slash");
    assert_eq!(slash.unwrap()["fix"]["safe"], false);
}

#[test]
fn very_many_names_of_the_provider_are_known() {
    let mut required = String::new();
    let mut providers = String::new();
    for n in 0..500 {
        writeln!(
            required,
            "    z{n} = {{\n      source = \"zenml-io/zenml\"\n    }}"
        )
        .unwrap();
        writeln!(
            providers,
            "provider \"z{n}\" {{\n  server_url = \"https://a{n}.mycompany.com/\"\n}}"
        )
        .unwrap();
    }
    let text = format!("terraform {{\n  required_providers {{\n{required}  }}\n}}\n{providers}");
    let directory = repository(&[("main.tf", &text)]);
    let run = run(directory.path(), &["--output-format", "json"]);
    let slashes = run.findings().into_iter();
    let slashes = slashes.filter(|finding| finding.ends_with(" server-url-trailing-slash"));
    assert_eq!(slashes.count(), 500);
}

#[test]
fn very_many_comments_that_ignore_nothing_are_removed() {
    let text = format!(
        "{HEAD}{}provider \"zenml\" {{\n  server_url = \"https://a.mycompany.com\"\n  api_key    = var.key\n}}\n\
         variable \"key\" {{\n  sensitive = true\n}}\n",
        "# zenml-tflint-ignore: server-url-trailing-slash\n".repeat(500)
    );
    let directory = repository(&[("main.tf", &text)]);
    let run = run(directory.path(), &["--fix"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let left = fs::read_to_string(directory.path().join("main.tf")).unwrap();
    assert!(!left.contains("zenml-tflint-ignore"));
}

#[test]
fn many_duplicates_are_reported() {
    let text = format!(
        "{HEAD}{}",
        "provider \"zenml\" {\n  server_url = \"https://a.mycompany.com/\"\n}\n".repeat(2_000)
    );
    let rules = rules_beside_good(&[("many/main.tf", &text)]);
    assert!(
        rules.contains(&"duplicate-provider".to_owned()),
        "{rules:?}"
    );
}

#[test]
fn large_objects_are_looked_up() {
    let mut entries = String::new();
    for n in 0..10_000 {
        writeln!(entries, "    k{n} = \"https://a{n}.mycompany.com/\"").unwrap();
    }
    let text = with_url(
        "local.urls[\"k77\"]",
        &format!(
            "locals {{\n  urls = {{\n{entries}  }}\n}}\nprovider \"zenml\" {{\n  alias = \"b\"\n  server_url = \"https://b.mycompany.com/\"\n}}"
        ),
    );
    assert_eq!(
        rules_beside_good(&[("large/main.tf", &text)]),
        ["server-url-trailing-slash"]
    );

    let json: Vec<String> = (0..10_000)
        .map(|n| format!("\"k{n}\": \"https://a{n}.mycompany.com/\""))
        .collect();
    let json = format!("{{\"locals\": {{\"urls\": {{{}}}}}}}", json.join(", "));
    let user = with_url("local.urls[\"k77\"]", "");
    assert_eq!(
        rules_beside_good(&[("large/main.tf", &user), ("large/urls.tf.json", &json)]),
        ["server-url-trailing-slash"]
    );
}

#[test]
fn long_chains_of_references_are_followed_or_unknown() {
    let mut chain = "locals {\n  a0 = \"https://a.mycompany.com/\"\n".to_owned();
    for n in 1..=10_000 {
        writeln!(chain, "  a{n} = local.a{}", n - 1).unwrap();
    }
    chain.push_str("}\n");
    let beside =
        "provider \"zenml\" {\n  alias = \"b\"\n  server_url = \"https://b.mycompany.com/\"\n}\n";
    let text = with_url("local.a10000", &format!("{chain}{beside}"));
    let (rules, stderr) = rules_and_gaps_beside_good(&[("chain/main.tf", &text)]);
    assert_eq!(rules, ["server-url-trailing-slash"]);
    assert!(
        stderr.contains("`server_url` takes too much work"),
        "{stderr}"
    );
}

#[test]
fn many_files_of_values_are_contexts() {
    let directory = with_good();
    write_file(
        directory.path(),
        "many/main.tf",
        &with_url("var.url", "variable \"url\" {}"),
    );
    for n in 0..300 {
        write_file(
            directory.path(),
            &format!("many/env/{n}.tfvars"),
            &format!("url = \"https://a{n}.mycompany.com/\"\n"),
        );
    }
    let run = check(directory.path());
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    assert!(
        run.findings()
            .iter()
            .any(|f| f.starts_with("many/env/0.tfvars"))
    );
}

/// A marker in the environment of the program, which nothing may show.
#[cfg(unix)]
struct Marked {
    directory: TempDir,
    marker: String,
}

#[cfg(unix)]
impl Marked {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = with_good();
        for (name, text) in files {
            write_file(directory.path(), name, text);
        }
        // No file holds it, and no other test.
        let seed = directory.path().file_name().unwrap();
        let marker = format!("passphrase{}", seed.to_string_lossy().replace('.', ""));
        Self { directory, marker }
    }

    fn link(&self, target: impl AsRef<Path>, name: &str) {
        let path = self.directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    /// Runs the program with the marker in its environment, and looks for it in all that is printed.
    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = program(self.directory.path());
        // Lines that any of the parsers would take for a key, a value or a mistake.
        let text = format!("\n{0} = \"{0}\"\n[{0}]\n{0}\n", self.marker);
        command.args(arguments).env("AAA", text);
        let run = finish(&mut command, "");
        let shown = format!("{}{}", run.stdout, run.stderr);
        assert!(!shown.contains(&self.marker), "{arguments:?}: {shown}");
        run
    }
}

/// The kernel's files are never read, whoever names them: the environment of a job, the log of the kernel, its memory.
#[cfg(target_os = "linux")]
#[test]
fn a_committed_link_to_a_file_of_the_kernel_is_passed_over() {
    let files = [
        "good/x.tf",
        "good/x.tf.json",
        "good/terraform.tfvars",
        "good/x.auto.tfvars",
        "good/.gitignore",
        ".gitignore",
        ".ignore",
        ".git/info/exclude",
        "good/.terraform/modules/modules.json",
    ];
    for target in ["/proc/self/environ", "/proc/kmsg", "/proc/self/pagemap"] {
        for name in files {
            let marked = Marked::new(&[]);
            marked.link(target, name);
            let run = marked.run(&["--verbose"]);
            assert_eq!(run.code, 1, "{name} -> {target}: {}", run.stderr);
            assert!(run.stderr.contains(name), "{name}: {}", run.stderr);
            let run = marked.run(&["--output-format", "json"]);
            assert_eq!(run.stderr, "", "{name} -> {target}");
            assert!(run.findings().contains(&EXPECTED.to_owned()), "{name}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_configuration_names_outside_the_repository_is_refused() {
    let outside = repository(&[("other.toml", "fail-on = 'never'\n")]);
    let outside = outside.path().join("other.toml");
    let environment = Path::new("/proc/self/environ");
    for target in [environment, Path::new("/dev/zero"), &outside] {
        let refused = |marked: &Marked, said: &str| {
            let run = marked.run(&[]);
            assert_eq!(run.code, 2, "{}", run.stderr);
            let stderr = run.stderr.replace("\n  │ ", " ");
            assert!(stderr.contains(said), "{said}: {stderr}");
        };
        let marked = Marked::new(&[]);
        marked.link(target, ".zenml-tflint.toml");
        refused(&marked, "cannot be read: it is");
        assert_eq!(marked.run(&["rules"]).code, 2);

        let config = "extend = 'link.toml'\n";
        let marked = Marked::new(&[(".zenml-tflint.toml", config)]);
        marked.link(target, "link.toml");
        refused(&marked, "no such file in the repository");

        let config = format!("extend = '{}'\n", target.display());
        let marked = Marked::new(&[(".zenml-tflint.toml", &config)]);
        refused(&marked, "no such file in the repository");

        let roots =
            |name: &str| format!("[[roots]]\ndirectory = 'good'\nvar-files = [['{name}']]\n");
        let config = roots(&target.display().to_string());
        let marked = Marked::new(&[(".zenml-tflint.toml", &config)]);
        refused(&marked, "is outside the repository");

        let marked = Marked::new(&[(".zenml-tflint.toml", &roots("a.tfvars"))]);
        marked.link(target, "good/a.tfvars");
        refused(&marked, "is outside the repository");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_given_is_a_regular_file_or_refused_at_once() {
    let marked = Marked::new(&[]);
    let fifo = marked.directory.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    for target in [
        "fifo",
        "/dev/zero",
        "/dev/stdin",
        "/proc/self/environ",
        "/proc/kmsg",
    ] {
        for option in ["--env-file", "--var-file", "--baseline", "--config"] {
            let run = marked.run(&[option, target]);
            assert_eq!(run.code, 2, "{option} {target}: {}", run.stderr);
            assert!(
                run.stderr.contains("it is "),
                "{option} {target}: {}",
                run.stderr
            );
        }
        let run = marked.run(&["eval", "1", "--var-file", target]);
        assert_eq!(run.code, 2, "{target}: {}", run.stderr);
    }
    marked.link("/proc/self/environ", ".zenml-tflint-baseline.json");
    assert_eq!(marked.run(&["--write-baseline"]).code, 2);
}

#[test]
fn a_malformed_baseline_is_not_quoted() {
    let directory = with_good();
    for text in [
        "{\"baseline_version\": \"passphrase\"}",
        "{\"baseline_version\": 1, \"findings\": [\"passphrase\"]}",
        "{\"baseline_version\": 1, \"passphrase\": 1}",
        "passphrase",
    ] {
        write_file(directory.path(), "b.json", text);
        let run = run(directory.path(), &["--baseline", "b.json"]);
        assert_eq!(run.code, 2);
        assert!(
            run.stderr.contains("is not a baseline (line 1"),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("passphrase"), "{}", run.stderr);
    }
}

#[test]
fn a_file_that_is_too_large_is_named_and_the_rest_checked() {
    let names = [
        "good/big.tf",
        "big/main.tf",
        "good/big.auto.tfvars",
        ".gitignore",
        ".zenml-tflint.toml",
    ];
    for name in names {
        let directory = with_good();
        write_file(directory.path(), name, "");
        let path = directory.path().join(name);
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        if file.set_len(2 << 30).is_err() {
            eprintln!("not tested: there are no sparse files here");
            return;
        }
        let run = check(directory.path());
        assert_eq!(run.code, 2, "{name}: {}", run.stderr);
        assert!(
            run.stderr.contains("it is larger than 16 MiB"),
            "{name}: {}",
            run.stderr
        );
        assert!(run.stderr.contains(name), "{name}: {}", run.stderr);
        if name != ".zenml-tflint.toml" {
            assert!(run.findings().contains(&EXPECTED.to_owned()), "{name}");
            let incomplete = run.json()["summary"]["incomplete"].to_string();
            assert!(incomplete.contains(name), "{name}: {incomplete}");
        }
    }
}

#[test]
fn the_limit_of_size_can_be_raised_and_lowered() {
    let directory = with_good();
    let filler = "#".repeat(17 << 20);
    write_file(directory.path(), "good/big.tf", &format!("{filler}\n"));
    assert_eq!(check(directory.path()).code, 2);
    let raised = ["--max-file-size", "18M", "--output-format", "json"];
    let raised = run(directory.path(), &raised);
    assert_eq!((raised.code, raised.stderr.as_str()), (1, ""));
    let lowered = ["good/main.tf", "--max-file-size", "100"];
    let lowered = run(directory.path(), &lowered);
    assert_eq!(lowered.code, 2);
    assert!(
        lowered.stderr.contains("larger than 100 bytes"),
        "{}",
        lowered.stderr
    );
    for bad in ["0", "", "M", "5G", "1T", "-1", "99999999999999999999"] {
        let option = format!("--max-file-size={bad}");
        assert_eq!(run(directory.path(), &[&option]).code, 2, "{bad}");
    }
    let stdin = ["-", "--max-file-size", "10"];
    let stdin = run_with_input(directory.path(), &stdin, "locals {\n}\n");
    assert_eq!(stdin.code, 2);
    assert!(
        stdin.stderr.contains("larger than 10 bytes"),
        "{}",
        stdin.stderr
    );
}

/// A link that leads outside counts as Terraform has it, but no text of it is shown and nothing in it is changed.
#[cfg(unix)]
#[test]
fn a_link_that_leads_outside_is_read_and_not_shown() {
    let text = "variable \"url\" {\n  default = \"https://passphrase.mycompany.com/\"\n}\nlocals {\n  passphrase = 1\n}\n";
    let broken = "passphrase passphrase {\n# zenml\n";
    let outside = repository(&[("shared.tf", text), ("broken.tf", broken)]);
    let directory = repository(&[("main.tf", &with_url("var.url", ""))]);
    for name in ["shared.tf", "broken.tf"] {
        let target = outside.path().join(name);
        std::os::unix::fs::symlink(target, directory.path().join(name)).unwrap();
    }
    let formats = ["json", "sarif", "rdjson", "github"];
    let formats = formats.map(|format| vec!["--output-format", format]);
    let others = [
        vec!["--verbose"],
        vec!["--diff"],
        vec!["--fix", "--unsafe-fixes"],
    ];
    for arguments in formats.into_iter().chain(others) {
        for paths in [&[][..], &["shared.tf", "broken.tf"]] {
            let arguments = [&arguments, paths].concat();
            let run = run(directory.path(), &arguments);
            let shown = format!("{}{}", run.stdout, run.stderr);
            assert!(!shown.contains("passphrase"), "{arguments:?}: {shown}");
        }
    }
    let verbose = run(directory.path(), &["--verbose"]);
    for name in ["shared.tf", "broken.tf"] {
        let said = format!("{name}: is a link that leads outside the repository");
        assert!(verbose.stderr.contains(&said), "{}", verbose.stderr);
    }
    // The one that says zenml is not checked: that is an incomplete run.
    assert_eq!(verbose.code, 2);
    let quiet = run(directory.path(), &["--quiet"]);
    assert!(quiet.stderr.contains("broken.tf: is a link that leads"));
    assert!(!quiet.stderr.contains("shared.tf"), "{}", quiet.stderr);
    let now = fs::read_to_string(outside.path().join("shared.tf"));
    assert_eq!(now.unwrap(), text);
}

#[cfg(unix)]
#[test]
fn values_of_a_link_that_leads_outside_count() {
    let text = "variable \"end\" {\n  default = \"/\"\n}\n";
    let outside = repository(&[("shared.tf", text)]);
    let url = "var.end == \"/\" ? \"ftp://a.mycompany.com\" : \"https://a.mycompany.com\"";
    let main = with_url(url, "");
    let directory = repository(&[("main.tf", &main)]);
    let target = outside.path().join("shared.tf");
    std::os::unix::fs::symlink(target, directory.path().join("shared.tf")).unwrap();
    let run = check(directory.path());
    assert!(
        run.rules().contains(&"invalid-server-url".to_owned()),
        "{:?}",
        run.findings()
    );
    assert!(!run.rules().contains(&"undeclared-reference".to_owned()));
}

/// The same for values outside that are given: they count, and their text stays out of every report.
#[test]
fn values_outside_the_repository_are_not_shown() {
    let text = "url = \"https://passphrase.mycompany.com/\"\n";
    let outside = repository(&[("prod.tfvars", text)]);
    let directory = repository(&[("main.tf", &with_url("var.url", "variable \"url\" {}"))]);
    let values = outside.path().join("prod.tfvars");
    let values = values.to_str().unwrap();
    for format in ["human", "json", "sarif", "rdjson", "concise", "github"] {
        let arguments = ["--var-file", values, "--output-format", format];
        let run = run(directory.path(), &arguments);
        assert_eq!(run.code, 1, "{}", run.stderr);
        let is_reported = run.stdout.contains("server-url-trailing-slash");
        assert!(is_reported || format == "github", "{}", run.stdout);
        assert!(!run.stdout.contains("passphrase"), "{}", run.stdout);
    }
    for option in ["--diff", "--fix"] {
        let run = run(directory.path(), &["--var-file", values, option]);
        let shown = format!("{}{}", run.stdout, run.stderr);
        assert!(!shown.contains("passphrase"), "{shown}");
    }
    assert_eq!(fs::read_to_string(values).unwrap(), text);
}
