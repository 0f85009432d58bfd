//! How long each room of the house takes on made-up texts: `cargo bench`. For whole runs, see `bench/compare`.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "what fails here may panic"
)]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::PathBuf;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use walkdir::WalkDir;
use zenml_tflint::config::Configurations;
use zenml_tflint::discover::{self, Options, Stdin};
use zenml_tflint::environment::Environment;
use zenml_tflint::eval::Evaluator;
use zenml_tflint::lint::{Outcome, lint};
use zenml_tflint::policy::Policy;
use zenml_tflint::report::human::Style;
use zenml_tflint::report::{Run, concise, human, json};
use zenml_tflint::rules::{self, Scope};
use zenml_tflint::settings::{RuleSelection, Settings};
use zenml_tflint::syntax;
use zenml_tflint::terraform::{self, Configuration, RunInputs};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// A file as people write them: resources with nested blocks, templates, conditionals, comments, heredocs.
fn configuration_text(blocks: usize) -> String {
    let mut text = String::new();
    for n in 0..blocks {
        let _ = write!(
            text,
            r#"# The nodes of group {n}.
resource "aws_instance" "node_{n}" {{
  count         = var.enabled ? length(var.subnets) : 0
  ami           = data.aws_ami.base.id
  instance_type = lookup(var.types, "node_{n}", "m5.large")
  subnet_id     = element(var.subnets, count.index + {n})

  tags = merge(local.tags, {{
    Name  = "node-${{var.environment}}-{n}"
    Roles = join(",", [for role in var.roles : upper(role) if role != "none"])
  }})

  root_block_device {{
    volume_size = {n}.5 # in GiB
    encrypted   = true
  }}

  user_data = <<-EOT
    #!/bin/sh
    echo "${{var.greeting}}" > /etc/motd
  EOT
}}

"#
        );
    }
    text
}

/// Provider blocks, each with its own alias and with a finding.
fn providers_text(blocks: usize) -> String {
    let mut text = String::from(
        "terraform {\n  required_providers {\n    zenml = {\n      source  = \"zenml-io/zenml\"\n      \
         version = \"~> 3.0\"\n    }\n  }\n}\n\nvariable \"key\" {\n  type      = string\n  sensitive = true\n}\n",
    );
    for n in 0..blocks {
        let _ = write!(
            text,
            "\nprovider \"zenml\" {{\n  alias      = \"p{n}\"\n  server_url = \"https://ml-{n}.mycompany.com/\"\n  \
             api_key    = var.key\n}}\n"
        );
    }
    text
}

/// Each made of an earlier one, in templates, objects and functions.
fn locals_text(count: usize) -> String {
    let mut text = String::from(
        "provider \"zenml\" {\n  server_url = local.a0\n}\n\nlocals {\n  a0 = \"https://ml\"\n",
    );
    for n in 1..count {
        let before = n / 2;
        let _ = match n % 3 {
            0 => writeln!(text, "  a{n} = \"${{local.a{before}}}-{n}\""),
            1 => writeln!(text, "  a{n} = {{ url = local.a{before}, n = {n} }}.url"),
            _ => writeln!(text, "  a{n} = trimsuffix(upper(local.a{before}), \"/\")"),
        };
    }
    text + "}\n"
}

fn settings(text: String) -> Settings {
    Settings {
        directory: PathBuf::from("/"),
        paths: Vec::new(),
        stdin: Some(Stdin {
            path: None,
            bytes: text.into_bytes(),
        }),
        ..Settings::default()
    }
}

fn load(options: &Options) -> Configuration {
    terraform::load(
        &mut discover::discover(options).unwrap(),
        &RunInputs::default(),
    )
}

/// Modules that hand a URL down, each to the next.
fn wrappers(depth: usize) -> Configuration {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    fs::create_dir(root.join(".git")).unwrap();
    for n in 0..=depth {
        let dir = root.join(format!("m{n}"));
        fs::create_dir(&dir).unwrap();
        let mut text = String::from("variable \"url\" {\n  default = \"https://ml/\"\n}\n");
        text += &if n == depth {
            "provider \"zenml\" {\n  server_url = var.url\n}\n".to_owned()
        } else {
            format!(
                "module \"m\" {{\n  source = \"../m{}\"\n  url    = \"${{var.url}}x/\"\n}}\n",
                n + 1
            )
        };
        fs::write(dir.join("main.tf"), text).unwrap();
    }
    load(&Options {
        cwd: root,
        ..Options::default()
    })
}

mod parse {
    use super::*;

    /// The native configuration below the directory that `ZENML_TFLINT_CORPUS` names, as far as hcl-edit takes it; without
    /// one, a made-up text.
    fn texts() -> Vec<String> {
        let Some(corpus) = env::var_os("ZENML_TFLINT_CORPUS") else {
            return vec![configuration_text(1_000)];
        };
        let entries = WalkDir::new(corpus).sort_by_file_name().into_iter();
        let paths = entries.map(|entry| entry.unwrap().into_path());
        let files = paths.filter(|path| path.extension().is_some_and(|ending| ending == "tf"));
        files
            .filter_map(|path| fs::read_to_string(path).ok())
            .filter(|text| ::hcl_edit::parser::parse_body(text).is_ok())
            .collect()
    }

    fn bench_all<T>(bencher: Bencher, parse: impl Fn(&str) -> T + Sync) {
        let texts = texts();
        let bytes = texts.iter().map(String::len).sum::<usize>();
        bencher.counter(BytesCount::new(bytes)).bench(|| {
            for text in &texts {
                drop(black_box(parse(black_box(text))));
            }
        });
    }

    #[divan::bench]
    fn ours(bencher: Bencher) {
        bench_all(bencher, syntax::parse_native);
    }

    #[divan::bench]
    fn hcl_edit(bencher: Bencher) {
        bench_all(bencher, |text| {
            ::hcl_edit::parser::parse_body(text).unwrap()
        });
    }
}

mod evaluate {
    use super::*;

    #[divan::bench]
    fn a_thousand_locals(bencher: Bencher) {
        let configuration = load(&settings(locals_text(1_000)).discovery());
        let root = *configuration.roots().first().unwrap();
        let contexts = configuration.contexts(root, &RunInputs::default());
        let names: Vec<String> = (0..1_000).map(|n| format!("a{n}")).collect();
        bencher.counter(ItemsCount::new(names.len())).bench(|| {
            let evaluator = Evaluator::new(&configuration);
            let instance = evaluator.root(root, contexts.first().unwrap());
            for name in &names {
                black_box(evaluator.local(instance, name).unwrap());
            }
        });
    }

    #[divan::bench]
    fn through_twenty_wrappers(bencher: Bencher) {
        let configuration = wrappers(20);
        let root = *configuration.roots().first().unwrap();
        let contexts = configuration.contexts(root, &RunInputs::default());
        bencher.bench(|| {
            let evaluator = Evaluator::new(&configuration);
            let mut instance = evaluator.root(root, contexts.first().unwrap());
            while let Some(below) = evaluator.child(instance, "m") {
                instance = below;
            }
            evaluator.variable(instance, "url").unwrap()
        });
    }
}

#[divan::bench]
fn rules_on_a_thousand_provider_blocks(bencher: Bencher) {
    let configuration = load(&settings(providers_text(1_000)).discovery());
    let root = *configuration.roots().first().unwrap();
    let contexts = configuration.contexts(root, &RunInputs::default());
    let environment = Environment::default();
    let (configurations, selection) = (Configurations::default(), RuleSelection::default());
    let policy = Policy::new(&configurations, &selection, &configuration.sources);
    bencher.counter(ItemsCount::new(1_000_usize)).bench(|| {
        let evaluator = Evaluator::new(&configuration);
        let instance = evaluator.root(root, contexts.first().unwrap());
        let module = configuration.module(root).unwrap();
        rules::check(&Scope::new(
            &evaluator,
            instance,
            module,
            true,
            &policy,
            &environment,
            0,
        ))
    });
}

/// All of a report but the writing.
mod render_ten_thousand {
    use super::*;

    fn outcome() -> Outcome {
        let outcome = lint(&settings(providers_text(10_000))).unwrap();
        assert_eq!(outcome.findings.len(), 10_000);
        outcome
    }

    fn bench(bencher: Bencher, write: impl Fn(&Run<'_>) + Sync) {
        let outcome = outcome();
        bencher.counter(ItemsCount::new(10_000_usize)).bench(|| {
            let redactor = outcome.redactor();
            write(&Run {
                sources: outcome.sources(),
                redactor: &redactor,
                findings: &outcome.findings,
                files: outcome.files,
                unsafe_fixes: false,
                applied: 0,
                known: 0,
                incomplete: &[],
                threads: None,
            });
        });
    }

    #[divan::bench(max_time = 5)]
    fn human(bencher: Bencher) {
        let style = Style {
            color: false,
            unicode: true,
            width: 100,
        };
        bench(bencher, |run| {
            human::write(run, style, true, &mut std::io::sink()).unwrap();
        });
    }

    #[divan::bench(max_time = 5)]
    fn concise(bencher: Bencher) {
        bench(bencher, |run| {
            concise::write(run, &mut std::io::sink()).unwrap();
        });
    }

    #[divan::bench(max_time = 5)]
    fn json(bencher: Bencher) {
        bench(bencher, |run| {
            json::write(run, &mut std::io::sink()).unwrap();
        });
    }
}
