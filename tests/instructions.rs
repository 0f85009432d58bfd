//! How many instructions three runs take, counted by valgrind: within 5 % of what is written down in `instructions.json`.
//!
//! The program of the tests is counted, not an optimised one: what a change of a few percent shows is work that was not
//! there before. Another compiler counts otherwise; then, and where there is no valgrind, this is skipped and says so.
//! `ZENML_TFLINT_COUNT=write cargo test --test instructions` writes the numbers down anew.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};
use support::program::program;
use support::{Files, write_files};

const FILE: &str = "tests/instructions.json";

/// How much more or less is no difference.
const SLACK: f64 = 0.05;

/// What was counted, and with what.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Counts {
    /// The first line that `rustc --version` says.
    rustc: String,
    /// The instructions of each scenario.
    instructions: BTreeMap<String, u64>,
}

const REQUIRED: &str = r#"terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}
"#;

fn files(files: impl IntoIterator<Item = (String, String)>) -> Files {
    files.into_iter().collect()
}

/// A provider block without a mistake.
fn one_small_file() -> Files {
    let text = format!(
        "{REQUIRED}\nprovider \"zenml\" {{\n  server_url = \"https://zenml.acme.com\"\n  api_key    = var.key\n}}\n\nvariable \"key\" {{\n  type      = string\n  sensitive = true\n}}\n"
    );
    files([("main.tf".to_owned(), text)])
}

/// Components of a map, each with a connector, in modules that hand values on; one mistake in each.
fn many_resources() -> Files {
    let root: String = (0..20)
        .map(|n| {
            format!(
                "\nmodule \"team_{n}\" {{\n  source  = \"./team\"\n  name    = \"team-{n}\"\n  buckets = {{ for zone in [\"a\", \"b\"] : zone => format(\"gs://%s-{n}\", zone) }}\n}}\n"
            )
        })
        .collect();
    let team = r#"
variable "name" {
  type = string
}

variable "buckets" {
  type = map(string)
}

locals {
  labels = merge({ team = var.name }, { for zone, bucket in var.buckets : "bucket_${zone}" => bucket })
}

resource "zenml_stack_component" "store" {
  for_each = var.buckets

  name   = "${var.name}-${each.key}"
  type   = "artifact_store"
  flavor = "s3"
  labels = local.labels

  configuration = {
    path = each.value
  }
}
"#;
    files([
        ("main.tf".to_owned(), format!("{REQUIRED}{root}")),
        ("team/main.tf".to_owned(), format!("{REQUIRED}{team}")),
    ])
}

/// A repository most of which has nothing to do with ZenML.
fn a_large_tree() -> Files {
    let other = "resource \"aws_instance\" \"node\" {\n  ami  = data.aws_ami.base.id\n  tags = { Name = \"node\" }\n}\n";
    let others = (0..400).map(|n| {
        let name = format!("team{}/module{n}/main.tf", n % 20);
        (name, other.repeat(10))
    });
    let scripts = (0..400).map(|n| {
        (
            format!("src/part{}/file{n}.py", n % 20),
            "x = 1\n".to_owned(),
        )
    });
    let mut all = files(others.chain(scripts));
    all.extend(one_small_file());
    all
}

fn is_valgrind_here() -> bool {
    let asked = Command::new("valgrind").arg("--version").output();
    asked.is_ok_and(|output| output.status.success())
}

fn rustc() -> String {
    let asked = Command::new("rustc").arg("--version").output().unwrap();
    String::from_utf8(asked.stdout).unwrap().trim().to_owned()
}

fn count(files: &Files) -> u64 {
    let directory = write_files(files);
    let program = program(directory.path());
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program.get_program())
        .args(["--no-env", "--jobs", "1", "--output-format", "concise"])
        .current_dir(directory.path())
        .env_clear()
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let line = said.lines().find(|line| line.contains("Collected :"));
    let line = line.unwrap_or_else(|| panic!("valgrind counts nothing:\n{said}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn no_run_takes_more_instructions_than_before() {
    if !is_valgrind_here() {
        eprintln!("skipped: there is no valgrind here");
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let known: Counts = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let writes = std::env::var_os("ZENML_TFLINT_COUNT").is_some();
    if known.rustc != rustc() && !writes {
        eprintln!(
            "skipped: counted with {}, and this is {}",
            known.rustc,
            rustc()
        );
        return;
    }
    let scenarios = [
        ("a large tree", a_large_tree()),
        ("many resources", many_resources()),
        ("one small file", one_small_file()),
    ];
    let counted = scenarios.map(|(name, files)| (name.to_owned(), count(&files)));
    let now = Counts {
        rustc: rustc(),
        instructions: counted.into_iter().collect(),
    };
    if writes {
        let text = serde_json::to_string_pretty(&now).unwrap();
        fs::write(&path, text + "\n").unwrap();
        return;
    }
    let as_float = |count: u64| count as f64;
    for (name, now) in &now.instructions {
        let before = as_float(known.instructions[name]);
        let ratio = as_float(*now) / before;
        eprintln!("{name}: {now} instructions, {ratio:.3} of what is written down");
        assert!(
            (ratio - 1.0).abs() <= SLACK,
            "{name}: {now} instructions, {ratio:.3} of what {FILE} says; where that is meant, write it down anew"
        );
    }
}
