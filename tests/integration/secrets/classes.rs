//! Every class of leaks that was ever found: none is open again.

use super::FORMATS;
use crate::support::program::run;
use crate::support::{repository, write_file};

const HEAD: &str = "terraform {\n  required_providers {\n    zenml = {\n      source = \"zenml-io/zenml\"\n    }\n  }\n}\n";

/// How a passphrase is transformed by what a configuration can do with it.
fn forms(secret: &str) -> Vec<String> {
    use base64::Engine as _;
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let encoded = base64::engine::general_purpose::STANDARD.encode(secret);
    vec![
        secret.to_owned(),
        secret.chars().rev().collect(),
        secret.to_uppercase(),
        encoded.trim_end_matches('=').to_owned(),
        hex,
    ]
}

/// The pieces of 8 characters of each form.
fn shown(secret: &str, output: &str) -> Option<String> {
    let lower = output.to_lowercase();
    forms(secret).into_iter().find_map(|form| {
        let form = form.to_lowercase();
        let characters: Vec<char> = form.chars().collect();
        let pieces = characters.windows(8).map(|piece| piece.iter().collect());
        let mut pieces = pieces.chain([form.clone()].into_iter().filter(|form| form.len() < 8));
        pieces.find(|piece: &String| lower.contains(piece.as_str()))
    })
}

fn provider(key: &str) -> String {
    format!(
        "{HEAD}provider \"zenml\" {{\n  server_url = \"https://a.mycompany.com/\"\n  api_key    = {key}\n}}\n"
    )
}

fn connector(ty: &str) -> String {
    format!(
        "resource \"zenml_service_connector\" \"c\" {{\n  name = \"c\"\n  type = {ty}\n  auth_method = \"none\"\n}}\n"
    )
}

fn component(body: &str) -> String {
    format!(
        "{HEAD}resource \"zenml_stack_component\" \"c\" {{\n  name = \"c\"\n  type = \"orchestrator\"\n{body}\n}}\n"
    )
}

/// A class, a module, and the files beside `main.tf`.
type Class = (&'static str, String, Vec<(&'static str, String)>);

/// Modules by the class of the leak, each with the files beside `main.tf`.
fn classes(s: &str) -> Vec<Class> {
    let mut all = Vec::new();
    let mut add = |class, main: String| all.push((class, main, Vec::new()));
    let key = format!("variable \"key\" {{\n  default = \"{s}\"\n}}\n");
    for derived in [
        "strrev(var.key)",
        "upper(var.key)",
        "base64encode(var.key)",
        "substr(var.key, 0, 12)",
        "join(\"\", split(\"x\", var.key))",
        "keys({ (var.key) = 1 })[0]",
        "format(\"%s\", var.key)",
        "[for x in [var.key] : x][0]",
        "var.key",
    ] {
        let main = provider("var.key") + &key + &connector(derived);
        add("derived", main);
        let sensitive = key.replace("  default", "  sensitive = true\n  default");
        add(
            "derived and sensitive",
            provider("var.key") + &sensitive + &connector(derived),
        );
    }
    for value in [
        format!("unknown_function(\"{s}\")"),
        format!("upper(\"{s}\", 1, 2)"),
        format!("[\"{s}\"]"),
        format!("\"{s}\".x"),
        format!("{{ a = \"{s}\" }}.prod"),
        format!("\"%{{ for x in [] }}{s}%{{ endfor }}\""),
        format!("coalesce(null, null, null, null, null, null, null, null, \"{s}\")"),
        s.to_owned(),
        format!("<<EOT\n{s}\nEOT"),
    ] {
        add("not evaluated to a string", provider(&value));
    }
    let many: String = (0..17).map(|n| format!("    e{n} = \"{s}\"\n")).collect();
    add(
        "a map of environments",
        provider("local.keys[terraform.workspace]")
            + &format!("locals {{\n  keys = {{\n{many}  }}\n}}\n"),
    );
    add(
        "terraform_data",
        provider("terraform_data.k.output")
            + &format!("resource \"terraform_data\" \"k\" {{\n  input = \"{s}\"\n}}\n"),
    );
    all.push((
        "an override file",
        provider("local.k") + &format!("locals {{\n  k = \"{s}\"\n}}\n"),
        vec![("override.tf", "locals {\n  k = null\n}\n".to_owned())],
    ));
    all.push((
        "an undeclared argument",
        format!("module \"m\" {{\n  source = \"./m\"\n  keyy   = \"{s}\"\n}}\n"),
        vec![(
            "m/main.tf",
            provider("var.key") + "variable \"key\" {\n  default = null\n}\n",
        )],
    ));
    all.push((
        "a tfvars file with an undeclared name",
        provider("var.key") + "variable \"key\" {\n  default = \"\"\n}\n",
        vec![(
            "env/prod.tfvars",
            format!("key = \"{s}\"\nother = \"{s}\"\n"),
        )],
    ));
    let mut add = |class, main: String| all.push((class, main, Vec::new()));
    add(
        "an unknown argument",
        provider(&format!("var.k\n  password = \"{s}\"")),
    );
    add(
        "a key of another method",
        format!(
            "{HEAD}{}",
            connector("\"docker\"").replace(
                "\n}\n",
                &format!("\n  configuration = {{ aws_secret_access_key = \"{s}\" }}\n}}\n")
            )
        ),
    );
    add(
        "a custom flavor",
        component(&format!(
            "  flavor = \"acme\"\n  configuration = {{ connection_string = \"{s}\" }}"
        )),
    );
    for url in [
        format!("https://me@acme.dev:{s}@host.acme.dev"),
        format!("https://u:pw/{s}@host.acme.dev"),
        format!("u:{s}@host.acme.dev"),
        format!("https:\\\\\\\\u:{s}@host.acme.dev"),
        format!("https://host.acme.dev/?sig={s}"),
        format!("https://host.acme.dev/?auth={s}"),
        format!("https://host.acme.dev/#{s}"),
        format!("https://u:{s}"),
    ] {
        add(
            "a URL",
            format!("{HEAD}provider \"zenml\" {{\n  server_url = \"{url}\"\n}}\n"),
        );
    }
    for value in [
        format!("“{s}”"),
        format!("`{s}`"),
        format!("'{s}'"),
        format!("<<\"EOT\"\n{s}\nEOT"),
        format!("\"\"{s}\"\""),
        format!("\"{s}"),
        format!("{s} {s}"),
    ] {
        add("a broken file", provider(&value));
    }
    for comment in [
        format!("# the password is {s}"),
        format!("# Authorization: Bearer {s}"),
        format!("// {s}"),
        format!("/* {s} */"),
    ] {
        add(
            "a comment",
            provider("var.k").replace("  api_key", &format!("  {comment}\n  api_key")),
        );
    }
    all.push((
        "the configuration file",
        provider("var.k"),
        vec![(
            ".zenml-tflint.toml",
            format!("fail-on = \"{s}\"\nexclude = [\"{s}\"]\nx = \"{s}\"\n"),
        )],
    ));
    all
}

#[test]
fn no_class_of_leaks_is_open() {
    let secret = ["elpat", "s-esro", "h-tcerr", "oc"].concat();
    let mut leaks = Vec::new();
    let diff: &[&str] = &["--diff", "--unsafe-fixes"];
    let asked: &[&str] = &[
        "eval",
        "--",
        "var.key",
        "[for k, v in local : k]",
        "keys({ (var.key) = 1 })",
        "var.key == \"a\"",
        "length(var.key)",
    ];
    for (class, main, others) in classes(&secret) {
        let directory = repository(&[("main.tf", &main)]);
        for (name, text) in &others {
            write_file(directory.path(), name, text);
        }
        for arguments in FORMATS.iter().chain([&diff, &asked]) {
            let run = run(directory.path(), arguments);
            for output in [&run.stdout, &run.stderr] {
                if let Some(piece) = shown(&secret, output) {
                    leaks.push(format!(
                        "{class}: {piece} with {arguments:?}\n{main}\n{output}"
                    ));
                }
            }
        }
    }
    assert!(
        leaks.is_empty(),
        "{} leaks\n{}",
        leaks.len(),
        leaks.first().unwrap()
    );
}
