//! How little of a repository is parsed: everything is searched, and only what can matter to zenml is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{NOW, write_files};
use zenml_tflint::lint::lint;
use zenml_tflint::settings::Settings;

const PROVIDER: &str = r#"variable "url" { default = null }
provider "zenml" {
  server_url = var.url
  api_key    = "{{key}}"
}
"#;

/// What matters to zenml, by path, and with what text.
fn relevant() -> Vec<(&'static str, String)> {
    let call = |source: &str| format!("module \"m\" {{\n  source = \"{source}\"\n}}\n");
    let output = "output \"url\" {\n  value = \"https://ml.mycompany.com\"\n}\n".to_owned();
    vec![
        // Says zenml, and has neighbours that do not.
        ("ml/main.tf", PROVIDER.to_owned()),
        ("ml/other.tf", "locals {\n  a = 1\n}\n".to_owned()),
        ("ml/calls.tf", call("../unused")),
        ("ml/tests/a.tftest.hcl", "run \"a\" {}\n".to_owned()),
        // Call it, one through the other, and never say the word; the values of what is planned are read too.
        ("app/main.tf", call("../ml")),
        ("env/prod/main.tf", call("../../app")),
        ("env/prod/terraform.tfvars", "a = 1\n".to_owned()),
        // Gives the URL of a provider.
        (
            "reader/main.tf",
            call("../giver") + &PROVIDER.replace("var.url", "module.m.url"),
        ),
        ("giver/main.tf", output),
    ]
}

/// What is searched at most.
fn irrelevant() -> Vec<(String, String)> {
    let plain = "resource \"null_resource\" \"a\" {}\n";
    let mut files = vec![
        // Called by a module that says zenml, but nothing of it is used.
        ("unused/main.tf".to_owned(), plain.to_owned()),
        ("docs/zenml.md".to_owned(), PROVIDER.to_owned()),
        (".terraform/m/main.tf".to_owned(), PROVIDER.to_owned()),
        ("node_modules/m/main.tf".to_owned(), PROVIDER.to_owned()),
    ];
    for n in 0..200 {
        let call = format!("module \"m\" {{\n  source = \"../m{}\"\n}}\n", n + 1);
        files.push((format!("plain/m{n}/main.tf"), call + plain));
        files.push((format!("plain/m{n}/terraform.tfvars"), "a = 1\n".to_owned()));
    }
    files
}

#[test]
fn only_what_can_matter_is_read() {
    let relevant = relevant();
    let wanted: BTreeSet<&str> = relevant.iter().map(|(path, _)| *path).collect();
    let all = relevant.iter().cloned();
    let all = all.map(|(path, text)| (path.to_owned(), text));
    let files: BTreeMap<String, String> = all.chain(irrelevant()).collect();
    let directory = write_files(&files);
    let outcome = lint(&Settings {
        directory: directory.path().canonicalize().unwrap(),
        now: NOW,
        ..Settings::default()
    })
    .unwrap();
    let sources = outcome.sources().iter().map(|(_, file)| file);
    let sources = sources.filter(|file| file.exists);
    let read: BTreeSet<&str> = sources.map(|file| file.display.as_str()).collect();
    assert_eq!(read, wanted);
    assert_eq!(outcome.texts_read(), wanted.len());
    assert_eq!(outcome.problems, Vec::<String>::new());
}
