//! `zenml-tflint eval`: what it answers, in both forms, and what it keeps back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

use crate::support::program::{Run, program, run, run_with_input};
use crate::support::repository;
use serde_json::{Value as Json, json};

const TABLE: &str = include_str!("../conformance/terraform-eval.json");
const FIXTURES: &str = include_str!("../conformance/fixtures.tf");
const TFVARS: &str = include_str!("../conformance/terraform.tfvars");

/// A module with a credential from a variable and one that is written down.
const MODULE: &str = r#"
variable "url" {
  default = "https://ml.example.net/"
}
variable "stage" {}
variable "key" {}
locals {
  url    = trimsuffix(var.url, "/")
  parts  = [1, { plain = "x", "b c" = var.stage }]
  hidden = { open = 1, closed = sensitive("x") }
  pin    = "hunter22222"
}
provider "zenml" {
  server_url = local.url
  api_key    = var.key
  api_token  = local.pin
}
"#;

/// The answers to expressions, in JSON.
fn answers(directory: &Path, arguments: &[&str], expressions: &[&str]) -> Vec<Json> {
    let mut all = vec!["eval", "--output-format", "json"];
    all.extend(arguments);
    all.push("--");
    all.extend(expressions);
    let run = run(directory, &all);
    assert_eq!(run.code, 0, "{}", run.stderr);
    lines(&run)
}

fn lines(run: &Run) -> Vec<Json> {
    let lines = run.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect()
}

#[test]
fn the_command_answers_as_the_evaluator_does() {
    let repository = repository(&[("fixtures.tf", FIXTURES), ("terraform.tfvars", TFVARS)]);
    let table: Json = serde_json::from_str(TABLE).unwrap();
    let is_plain = |record: &&Json| {
        let expr = record["expr"].as_str().unwrap();
        // Shift_JIS is accepted as unknown.
        let is_accepted = expr.contains("Shift_JIS");
        !is_accepted
            && record["config"].is_null()
            && !expr.contains(['\n', '\r'])
            && !expr.trim().is_empty()
    };
    let records = table["records"].as_array().unwrap();
    let sample: Vec<&Json> = records.iter().filter(is_plain).step_by(2).collect();
    let input: String = sample
        .iter()
        .map(|record| format!("{}\n", record["expr"].as_str().unwrap()))
        .collect();
    let arguments = ["eval", "--output-format", "json", "--show-sensitive", "-"];
    let answers = lines(&run_with_input(repository.path(), &arguments, &input));
    assert_eq!(answers.len(), sample.len());
    for (record, answer) in sample.iter().zip(&answers) {
        if let Err(what) = agree(record, answer) {
            panic!("{what}\n  expected {record}\n  is       {answer}");
        }
    }
}

/// Whether an answer says what was recorded.
fn agree(record: &Json, answer: &Json) -> Result<(), &'static str> {
    let same = |name: &str| record[name] == answer[name];
    let check = |right: bool, what| if right { Ok(()) } else { Err(what) };
    check(same("expr"), "expr")?;
    check(
        answer["error"].is_string() == (record["error"] == true),
        "error",
    )?;
    if record["error"] == true {
        return Ok(());
    }
    check(same("type"), "type")?;
    check(same("sensitive"), "sensitive")?;
    let is_unknown = answer["unknown"] == true;
    check(is_unknown == (record["unknown"] == true), "unknown")?;
    let is_partial = record["contains_unknown"] == true;
    check(answer["unknown"].is_array() == is_partial, "partial")?;
    if record["unknown"].is_null() && !is_partial {
        let value = answer.get("value").ok_or("value")?;
        check(is_same(value, &record["result"]), "value")?;
    }
    Ok(())
}

/// The table has numbers that a 64-bit float cannot hold as text; so close is close enough here.
fn is_same(value: &Json, recorded: &Json) -> bool {
    if let Some(digits) = recorded.get("$number").and_then(Json::as_str) {
        return value == digits || value.as_f64() == digits.parse().ok();
    }
    match (value, recorded) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            let has_same = |(key, a): (&String, &Json)| b.get(key).is_some_and(|b| is_same(a, b));
            a.len() == b.len() && a.iter().all(has_same)
        }
        (a, b) => a == b,
    }
}

#[test]
fn json_says_what_is_known_and_what_is_not() {
    let repository = repository(&[("main.tf", MODULE)]);
    for (expression, expected) in [
        (
            "local.url",
            json!({"type": "string", "value": "https://ml.example.net"}),
        ),
        ("-0.5", json!({"type": "number", "value": -0.5})),
        (
            "local.parts",
            json!({
                "type": "tuple([number, object({b c: dynamic, plain: string})])",
                "partial": [1, {"plain": "x", "b c": null}],
                "unknown": ["[1][\"b c\"]"],
            }),
        ),
        (
            "{ a = local.parts[*], b-c = var.stage }",
            json!({
                "type": "object({a: tuple([number, object({b c: dynamic, plain: string})]), b-c: dynamic})",
                "partial": {"a": [1, {"plain": "x", "b c": null}], "b-c": null},
                "unknown": [".a[1][\"b c\"]", ".b-c"],
            }),
        ),
        (
            "\"https://${var.stage}/x/\"",
            json!({"type": "string", "unknown": true, "prefix": "https://", "suffix": "/x/"}),
        ),
        ("var.stage", json!({"type": "dynamic", "unknown": true})),
        ("null", json!({"type": "dynamic", "value": null})),
        ("tonumber(null)", json!({"type": "number", "value": null})),
        (
            "[1 / 0, -1 / 0]",
            json!({"type": "tuple([number, number])", "value": ["+Inf", "-Inf"]}),
        ),
        (
            "[\n  1,\n]",
            json!({"type": "tuple([number])", "value": [1]}),
        ),
        (
            "terraform.workspace",
            json!({"type": "string", "unknown": true}),
        ),
    ] {
        let answer = answers(repository.path(), &[], &[expression]).remove(0);
        let mut expected = expected;
        expected["expr"] = expression.into();
        assert_eq!(answer, expected);
    }
}

#[test]
fn numbers_keep_all_their_digits() {
    let repository = repository(&[("main.tf", "")]);
    let run = run(
        repository.path(),
        &[
            "eval",
            "--output-format",
            "json",
            "[123456789012345678901234567890.5]",
            "1 / 3",
        ],
    );
    let third = "3".repeat(154);
    let expected = format!(
        "{{\"expr\":\"[123456789012345678901234567890.5]\",\"type\":\"tuple([number])\",\
         \"value\":[123456789012345678901234567890.5]}}\n\
         {{\"expr\":\"1 / 3\",\"type\":\"number\",\"value\":0.{third}5}}\n"
    );
    assert_eq!(run.stdout, expected);
}

#[test]
fn an_error_is_an_answer() {
    let repository = repository(&[("main.tf", MODULE)]);
    for expression in ["var.nope", "1 +", "tonumber(\"x\")", "nope.x.y", "module.m"] {
        let answer = answers(repository.path(), &[], &[expression]).remove(0);
        let message = answer["error"].as_str().unwrap();
        assert!(
            !message.is_empty() && !message.contains("\"\""),
            "{message}"
        );
        assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
    }
}

/// As Terraform reads the value of an argument in a file.
#[test]
fn an_expression_ends_with_its_line_outside_brackets() {
    let repository = repository(&[("main.tf", "locals {\n  x = 1\n}\n")]);
    let ask = |expressions: &[&str]| {
        let all = ["eval", "--output-format", "json", "--"];
        run(repository.path(), &[&all, expressions].concat())
    };
    let refused = [
        "1 +\n2",
        "1\n+ 2",
        "local.\nx",
        "local\n.x",
        "true ?\n1 : 2",
        "true ? 1\n: 2",
        "!\ntrue",
        "-\r\n1",
        "upper\n(\"a\")",
        "[1]\n[0]",
        "1 == \n1",
        "{\n a = 1 +\n 2}",
        "1 # one\n+ 2",
        "1\n2",
    ];
    for expression in refused {
        let answer = ask(&[expression]);
        assert!(answer.json()["error"].is_string(), "{expression:?}");
    }
    for (expression, value) in [
        ("(1 +\n2)", json!(3)),
        ("[1,\n2]", json!([1, 2])),
        ("\"a${1 +\n2}\"", json!("a3")),
        ("upper(\n\"a\"\n)", json!("A")),
        ("{a = 1\nb = 2}", json!({"a": 1, "b": 2})),
        ("[for x in [1] :\n x]", json!([1])),
        ("[1][\n0\n]", json!(1)),
        ("\n1\r\n", json!(1)),
        ("1 /* \n */ + 2", json!(3)),
        ("1 # one\n", json!(1)),
        ("<<EOT\na\nEOT\n", json!("a\n")),
    ] {
        let answer = ask(&[expression]);
        assert_eq!(answer.json()["value"], value, "{expression:?}");
    }
}

#[test]
fn errors_of_functions_read_as_in_terraform() {
    let repository = repository(&[("main.tf", "")]);
    for (expression, expected) in [
        (
            "tonumber(\"x\")",
            "invalid value for the \"v\" parameter of tonumber: a number is required",
        ),
        (
            "upper(null)",
            "invalid value for the \"str\" parameter of upper: it must not be null",
        ),
        ("max()", "call to max failed: must pass at least one number"),
    ] {
        let answer = answers(repository.path(), &[], &[expression]).remove(0);
        assert_eq!(answer["error"].as_str(), Some(expected));
    }
}

#[test]
fn what_is_replaced_leaves_known_ends() {
    let module = "variable \"v\" {\n  type = string\n}\n";
    let repository = repository(&[("main.tf", module)]);
    for (expression, prefix, suffix) in [
        // One character is replaced wherever it stands.
        ("replace(\"a-${var.v}-b\", \"-\", \"/\")", "a/", "/b"),
        (
            "replace(\"http://a--${var.v}--y-/\", \"--\", \"+\")",
            "http://a+",
            "y-/",
        ),
        // What is replaced may begin before what is unknown, and end after it.
        (
            "replace(\"ab-xy-${var.v}-xyz\", \"xy-\", \"Q\")",
            "ab-Q",
            "xyz",
        ),
        ("replace(\"abc${var.v}cde\", \"bcd\", \"Q\")", "a", "e"),
        ("replace(\"aaa${var.v}\", \"aa\", \"b\")", "b", ""),
        ("replace(\"${var.v}bcb\", \"bcb\", \"Q\")", "", ""),
        ("replace(\"${var.v}/x/x\", \"x/\", \"y\")", "", "yx"),
        ("replace(\"https://${var.v}/\", \"/+$/\", \"\")", "", ""),
    ] {
        let answer = answers(repository.path(), &[], &[expression]).remove(0);
        let end = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(
            (end("prefix"), end("suffix")),
            (prefix.to_owned(), suffix.to_owned()),
            "{answer}"
        );
        assert_eq!(answer["unknown"], json!(true));
    }
}

#[test]
fn a_module_that_does_not_parse_answers_with_its_error() {
    let repository = repository(&[("main.tf", "locals {\n  a = 1 +\n}\n")]);
    let answer = answers(repository.path(), &[], &["1"]).remove(0);
    let message = answer["error"].as_str().unwrap();
    assert!(message.contains("main.tf:2:"), "{message}");
}

#[test]
fn what_reaches_a_credential_is_kept_back() {
    let repository = repository(&[("main.tf", MODULE)]);
    let key = crate::support::api_key(11);
    let given = format!("key={key}");
    let hidden = [
        "var.key",
        "local.pin",
        "base64encode(var.key)",
        "[local.pin, 1]",
        "{ (var.key) = 1 }",
        "sensitive(\"open\")",
        "local.hidden",
        &format!("\"{key}\""),
        "file(local.pin)",
    ];
    for form in ["json", "human"] {
        let mut arguments = vec!["eval", "--var", &given, "--output-format", form];
        arguments.extend(hidden);
        let run = run(repository.path(), &arguments);
        for secret in [&key[7..], "hunter22222"] {
            assert!(!run.stdout.contains(secret), "{}", run.stdout);
            assert!(!run.stderr.contains(secret), "{}", run.stderr);
        }
    }
    let marks = |arguments: &[&str]| -> Vec<(Json, bool)> {
        let answers = answers(repository.path(), arguments, &hidden[..7]);
        let mark = |answer: &Json| (answer["sensitive"].clone(), answer.get("value").is_some());
        answers.iter().map(mark).collect()
    };
    let whole = |open| (Json::Bool(true), open);
    let partly = (Json::from("partly"), true);
    for (arguments, open) in [
        (&["--var", given.as_str()][..], false),
        (&["--var", &given, "--show-sensitive"], true),
    ] {
        let expected = [
            whole(open),
            whole(open),
            whole(open),
            partly.clone(),
            whole(open),
            whole(open),
            partly.clone(),
        ];
        assert_eq!(marks(arguments), expected);
    }
    let shown = answers(repository.path(), &["--show-sensitive"], &["local.hidden"]);
    assert_eq!(shown[0]["value"], json!({"open": 1, "closed": "x"}));
    let partly = answers(repository.path(), &[], &["local.hidden"]);
    assert_eq!(partly[0]["value"], json!({"open": 1, "closed": null}));
}

/// Terraform evaluates nothing of these; a local that they would have taken to a secret is kept back all the same.
#[test]
fn what_would_reach_a_secret_is_kept_back_where_something_fails() {
    for values in [
        "{ a = local.pin, i = var.extra[\"z\"] }",
        "{ a = local.pin, i = { x = 1 }[\"zz\"] }",
        "{ a = local.pin, i = tonumber(\"abc\") }",
        "{ a = tonumber(local.pin) }",
        "{ a = \"${local.pin}${null}\" }",
        "{ (var.extra[\"z\"]) = local.pin }",
        "{ (var.stage) = local.pin }",
        "{ a = local.pin } + 1",
        "merge({ a = local.pin }, \"text\")",
        "merge({ a = local.pin }, null...)",
        "merge({ a = local.pin }, local.missing)",
        "{ for k, v in { a = local.pin, b = var.extra[\"z\"] } : k => v }",
        "{ for k, v in { a = local.pin } : k => v if var.extra[\"z\"] }",
        "{ for k, v in { a = local.pin, b = 1 } : \"same\" => v }",
        "{ for k in var.stage : k => local.pin }",
        "null ? { a = local.pin } : {}",
        "true ? { a = local.pin } : [1]",
        "try({ a = local.pin, b = var.extra[\"z\"] }, {})",
        "zipmap([\"a\", \"b\"], [local.pin])",
        "local.twice",
        "local.secrets[var.key]",
    ] {
        let module = format!(
            "variable \"extra\" {{\n  default = {{}}\n}}\nvariable \"stage\" {{}}\nvariable \"key\" {{\n  default = \"dev\"\n}}\n\
             locals {{\n  pin     = \"hunter22222\"\n  twice   = {{ a = local.pin }}\n  secrets = {{ prod = {{ a = local.pin }} }}\n}}\n\
             locals {{\n  twice = {{ b = local.pin }}\n}}\n\
             resource \"zenml_secret\" \"s\" {{\n  name   = \"s\"\n  values = {values}\n}}\n"
        );
        let repository = repository(&[("main.tf", &module)]);
        let answers = answers(repository.path(), &[], &["local.pin"]);
        assert_eq!(answers[0]["sensitive"], true, "{values}");
        assert!(answers[0].get("value").is_none(), "{values}");
    }
}

#[test]
fn values_are_given_as_to_a_check() {
    let repository = repository(&[
        (
            "infra/main.tf",
            "variable \"a\" {}\nvariable \"b\" {}\nvariable \"c\" {}\n",
        ),
        ("infra/terraform.tfvars", "a = \"file\"\n"),
        ("b.tfvars", "b = \"given\"\n"),
        ("run.env", "TF_VAR_c=environment\n"),
    ]);
    let arguments = [
        "--dir",
        "infra",
        "--var-file",
        "b.tfvars",
        "--env-file",
        "run.env",
        "--workspace",
        "prod",
        "--show-sensitive",
    ];
    let expressions = ["[var.a, var.b, var.c, terraform.workspace]"];
    let answer = answers(repository.path(), &arguments, &expressions).remove(0);
    assert_eq!(
        answer["value"],
        json!(["file", "given", "environment", "prod"])
    );
    let (_, kept_back) = arguments.split_last().unwrap();
    let answer = answers(repository.path(), kept_back, &expressions).remove(0);
    // Values of environment variables are not shown.
    assert_eq!(answer["value"], json!(["file", "given", null, "prod"]));
}

#[test]
fn what_a_module_calls_is_read() {
    let repository = repository(&[
        (
            "main.tf",
            "module \"m\" {\n  source = \"./modules/m\"\n  x = 2\n}\n",
        ),
        (
            "modules/m/main.tf",
            "variable \"x\" {}\noutput \"y\" {\n  value = [var.x * 2, path.module, path.root]\n}\n",
        ),
    ]);
    let answer = answers(repository.path(), &[], &["module.m.y"]).remove(0);
    assert_eq!(answer["value"], json!([4, "modules/m", "."]));
}

/// What `terraform init` notes of modules from a registry, and what it downloads.
const MANIFEST: &str = r#"{"Modules":[
    {"Key":"","Source":"","Dir":"."},
    {"Key":"stack","Source":"registry.terraform.io/acme/stack/aws","Version":"1.2.0","Dir":".terraform/modules/stack"},
    {"Key":"stack.url","Source":"./modules/url","Dir":".terraform/modules/stack/modules/url"},
    {"Key":"stack.more","Source":"registry.terraform.io/acme/more/aws","Dir":".terraform/modules/stack.more"}
]}"#;
const STACK: &str = r#"
variable "host" { sensitive = true }
module "url" {
  source = "./modules/url"
  host   = var.host
}
module "more" { source = "acme/more/aws" }
output "url" { value = module.url.url }
provider "zenml" { server_url = "https://other.example.net/" }
output "paths" { value = [path.module, module.url.path, module.more.path] }
"#;
const URL: &str = r#"
variable "host" {}
output "url" { value = "https://${var.host}/" }
output "path" { value = path.module }
"#;

#[test]
fn installed_modules_are_read_and_nothing_is_reported_in_them() {
    let main = r#"
module "stack" {
  source  = "acme/stack/aws"
  host    = "ml.example.net"
}
module "other" { source = "acme/other/aws" }
provider "zenml" { server_url = module.stack.url }
"#;
    let repository = repository(&[
        ("main.tf", main),
        (".terraform/modules/modules.json", MANIFEST),
        (".terraform/modules/stack/main.tf", STACK),
        (".terraform/modules/stack/modules/url/main.tf", URL),
        (
            ".terraform/modules/stack.more/main.tf",
            "output \"path\" { value = path.module }\n",
        ),
    ]);
    let expressions = ["module.stack.url", "module.stack.paths", "module.other.x"];
    let answers = answers(repository.path(), &["--show-sensitive"], &expressions);
    assert_eq!(answers[0]["value"], "https://ml.example.net/");
    assert_eq!(answers[0]["sensitive"], true);
    let paths = [
        ".terraform/modules/stack",
        ".terraform/modules/stack/modules/url",
        ".terraform/modules/stack.more",
    ];
    assert_eq!(answers[1]["value"], json!(paths));
    assert_eq!(answers[2]["unknown"], true);
    let check = run(
        repository.path(),
        &[
            "--output-format",
            "json",
            "--select",
            "server-url-trailing-slash",
        ],
    );
    // Of what the installed module does itself nothing is said; what it hands back counts where it is used.
    assert_eq!(check.findings(), ["main.tf:7 server-url-trailing-slash"]);
}

#[test]
fn people_see_where_it_was_written() {
    let repository = repository(&[("main.tf", MODULE)]);
    let run = run(
        repository.path(),
        &["eval", "local.url", "local.parts", "1"],
    );
    assert_eq!(
        run.stdout,
        "local.url = \"https://ml.example.net\"\n\
         \x20 type: string\n\
         \x20 written at main.tf:3:13, variable `url` (main.tf:2:1), local `url` (main.tf:8:3)\n\
         local.parts = [\n\
         \x20 1,\n\
         \x20 {\n\
         \x20   \"b c\" = (unknown)\n\
         \x20   plain = \"x\"\n\
         \x20 },\n\
         ]\n\
         \x20 type: tuple([number, object({b c: dynamic, plain: string})])\n\
         \x20 written at main.tf:9:13, local `parts` (main.tf:9:3)\n\
         \x20 nothing gives a value to the variable at main.tf:5:1, variable `stage` (main.tf:5:1), local `parts` (main.tf:9:3)\n\
         \x20 written at main.tf:9:26, local `parts` (main.tf:9:3)\n\
         1 = 1\n\
         \x20 type: number\n"
    );
}

#[test]
fn each_line_is_answered_at_once() {
    let repository = repository(&[("main.tf", MODULE)]);
    let mut child = program(repository.path())
        .args(["eval", "--output-format", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for number in 1..4 {
        writeln!(input, "{number}").unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.contains(&format!("\"value\":{number}")), "{line}");
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_module_that_cannot_be_read_is_trouble() {
    let repository = repository(&[("main.tf", "")]);
    for arguments in [
        &["eval", "--dir", "missing", "1"][..],
        &["eval", "--dir", "main.tf", "1"],
        &["eval"],
        &["eval", "--var", "nope=1", "1"],
        &["eval", "--var-file", "missing.tfvars", "1"],
    ] {
        let run = run(repository.path(), arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(!run.stderr.is_empty());
    }
}

#[test]
fn the_configuration_says_which_values_a_root_is_run_with() {
    let repository = repository(&[
        (
            ".zenml-tflint.toml",
            "[[roots]]\ndirectory = \"infra\"\nvar-files = [[\"env/prod.tfvars\"], [\"env/dev.tfvars\"]]\n",
        ),
        (
            "infra/main.tf",
            "variable \"stage\" {\n  default = \"none\"\n}\n",
        ),
        ("env/prod.tfvars", "stage = \"prod\"\n"),
        ("env/dev.tfvars", "stage = \"dev\"\n"),
    ]);
    let dir = ["--dir", "infra"];
    assert_eq!(
        answers(repository.path(), &dir, &["var.stage"])[0]["value"],
        "prod"
    );
    let run = ["--dir", "infra", "--var", "stage=mine"];
    assert_eq!(
        answers(repository.path(), &run, &["var.stage"])[0]["value"],
        "mine"
    );
}

#[test]
fn where_terraform_runs_is_the_root() {
    let repository = repository(&[
        ("main.tf", "module \"m\" {\n  source = \"./m\"\n}\n"),
        ("m/main.tf", "output \"cwd\" {\n  value = path.cwd\n}\n"),
    ]);
    let cwd = std::fs::canonicalize(repository.path()).unwrap();
    let cwd = cwd.to_str().unwrap().replace('\\', "/");
    let expressions = [
        "path.cwd",
        "module.m.cwd",
        "tofu.workspace == terraform.workspace",
    ];
    let answers = answers(repository.path(), &["--workspace", "w"], &expressions);
    assert_eq!(answers[0]["value"], cwd.as_str());
    assert_eq!(answers[1]["value"], cwd.as_str());
    assert_eq!(answers[2]["value"], true);
}

#[test]
fn a_stack_has_the_outputs_of_its_components() {
    let stack = r#"
component "each" {
  source   = "./m"
  for_each = { a = "x" }
  inputs   = { name = each.value }
}
stack "nested" {
  source = "./nested"
  inputs = { name = "y" }
}
"#;
    let module = "variable \"name\" {}\noutput \"named\" {\n  value = var.name\n}\n";
    let repository = repository(&[
        ("main.tfcomponent.hcl", stack),
        ("m/main.tf", module),
        ("nested/main.tfcomponent.hcl", module),
    ]);
    let expressions = [
        "component.each[\"a\"].named",
        "stack.nested.named",
        "component.none.named",
    ];
    let answers = answers(repository.path(), &[], &expressions);
    assert_eq!(answers[0]["value"], "x");
    assert_eq!(answers[1]["value"], "y");
    assert_eq!(
        answers[2]["error"],
        "there is no component \"none\" in this module"
    );
}

#[test]
fn resources_in_the_expression_itself_are_told_by_where_they_stand() {
    let text = "resource \"aws_lb\" \"main\" {\n  name = \"x\"\n}\n";
    let repository = repository(&[("main.tf", text)]);
    let expressions = ["aws_lb.main", "aws_lb.main.dns", "data.aws_lb.main"];
    let mut arguments = vec!["eval"];
    arguments.extend(expressions);
    let run = run(repository.path(), &arguments);
    let expected = "aws_lb.main = (unknown)
  type: dynamic
aws_lb.main.dns = (unknown)
  type: dynamic
  `dns` of the resource at main.tf:1:1 is known after apply
data.aws_lb.main
  error: there is no resource like \"data.aws_lb.main\" in this module
";
    assert_eq!(run.stdout, expected);
}
