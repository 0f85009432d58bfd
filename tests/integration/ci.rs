//! What this repository holds for CI services and installers: hooks, the action, the job for GitLab, the release.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{Run, finish, program, run};
use crate::support::{repository, venv, write_file};
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

const ACTION: &str = "action.yml";
const RELEASE: &str = ".github/workflows/release.yml";
const CHECK: &str = ".github/workflows/check.yml";
const GITLAB: &str = "ci/gitlab.yml";

const SLASH: &str = "provider \"zenml\" {\n  server_url = \"https://a.mycompany.com/\"\n}\n";

fn tools() -> Option<PathBuf> {
    venv::programs("packages", "ZENML_TFLINT_PACKAGES")
}

/// Runs a tool on files of this repository; only success will do.
fn must(tool: PathBuf, arguments: &[&str], input: &str) -> String {
    let run = finish(Command::new(tool).args(arguments), input);
    assert_eq!(run.code, 0, "{arguments:?}\n{}\n{}", run.stdout, run.stderr);
    run.stdout
}

/// A YAML file as JSON.
fn yaml(tools: &Path, path: &str) -> Value {
    let script =
        "import json, sys, yaml; print(json.dumps(yaml.load(open(sys.argv[1]), yaml.BaseLoader)))";
    let json = must(tools.join("python"), &["-c", script, path], "");
    serde_json::from_str(&json).unwrap()
}

/// The steps of the action or of all jobs of a workflow.
fn steps(file: &Value) -> Vec<&Value> {
    let jobs = file["jobs"].as_object().into_iter().flatten();
    let jobs = jobs.map(|(_, job)| &job["steps"]);
    let action = Some(&file["runs"]["steps"]);
    let lists = jobs.chain(action).filter_map(Value::as_array);
    lists.flatten().collect()
}

/// The script of a step of the action.
fn script(action: &Value, name: &str) -> String {
    let mut steps = steps(action).into_iter();
    let step = steps.find(|step| step["name"] == name).unwrap();
    step["run"].as_str().unwrap().to_owned()
}

/// Runs a script as the runners of GitHub do, in a directory that has the program where the action puts it.
fn run_script(directory: &TempDir, script: &str, variables: &[(&str, &str)]) -> Run {
    install(directory, "zenml-tflint/bin");
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .current_dir(directory.path())
        .env("RUNNER_TEMP", directory.path())
        .envs(variables.iter().copied());
    finish(&mut bash, "")
}

/// Puts the program into a directory.
fn install(directory: &TempDir, bin: &str) {
    let bin = directory.path().join(bin);
    let here = program(directory.path());
    if !bin.exists() {
        fs::create_dir_all(&bin).unwrap();
        symlink(here.get_program(), bin.join("zenml-tflint")).unwrap();
    }
}

#[test]
fn hooks_are_run_for_the_files_that_the_program_reads() {
    let hooks = fs::read_to_string(".pre-commit-hooks.yaml").unwrap();
    let pattern = hooks.split("&files '").nth(1).unwrap();
    let pattern = Regex::new(pattern.split('\'').next().unwrap()).unwrap();
    for name in [
        "main.tf",
        "a/b.tofu",
        "a.tf.json",
        "a.tofu.json",
        "x.tfvars",
        "x.auto.tfvars.json",
        "a.tftest.hcl",
        "a.tofutest.hcl",
        "a.tftest.json",
        "a.tofutest.json",
        "a.tfcomponent.hcl",
        "a.tfstack.hcl",
    ] {
        assert!(pattern.is_match(name), "{name}");
    }
    for name in [
        "main.tf.bak",
        "a.json",
        "a.hcl",
        ".terraform.lock.hcl",
        "tf",
        "a.tfstate",
    ] {
        assert!(!pattern.is_match(name), "{name}");
    }
}

#[test]
fn services_know_every_key_of_their_files() {
    let Some(tools) = tools() else { return };
    for (file, schema) in [
        (ACTION, "vendor.github-actions"),
        (RELEASE, "vendor.github-workflows"),
        (CHECK, "vendor.github-workflows"),
        (GITLAB, "vendor.gitlab-ci"),
    ] {
        let check = ["--builtin-schema", schema, file];
        must(tools.join("check-jsonschema"), &check, "");
    }
    let audit = [
        "--offline",
        "--quiet",
        "--persona",
        "pedantic",
        ACTION,
        RELEASE,
        CHECK,
    ];
    must(tools.join("zizmor"), &audit, "");
}

#[test]
fn every_action_is_pinned_by_its_commit() {
    let pinned = Regex::new(r"^[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$").unwrap();
    let mut commits = BTreeSet::new();
    for file in [ACTION, RELEASE, CHECK] {
        let text = fs::read_to_string(file).unwrap();
        let uses = text.lines().filter_map(|line| line.split_once("uses: "));
        for (_, action) in uses {
            assert!(pinned.is_match(action), "{file}: {action}");
            commits.insert(action.to_owned());
        }
    }
    let names: BTreeSet<&str> = commits
        .iter()
        .map(|c| c.split('@').next().unwrap())
        .collect();
    assert_eq!(
        names.len(),
        commits.len(),
        "one commit for each: {commits:?}"
    );
}

#[test]
fn pull_requests_are_checked_on_three_systems_with_few_rights() {
    let Some(tools) = tools() else { return };
    let check = yaml(&tools, CHECK);
    assert_eq!(check["permissions"], serde_json::json!({}));
    assert!(check["on"].get("pull_request").is_some());
    let mut runners = BTreeSet::new();
    for job in check["jobs"].as_object().unwrap().values() {
        assert_eq!(job["permissions"], serde_json::json!({"contents": "read"}));
        runners.extend(job["runs-on"].as_str());
        let matrix = job["strategy"]["matrix"]["include"].as_array();
        runners.extend(
            matrix
                .into_iter()
                .flatten()
                .filter_map(|row| row["runner"].as_str()),
        );
    }
    for system in ["ubuntu", "macos", "windows"] {
        assert!(runners.iter().any(|runner| runner.starts_with(system)));
    }
    let commands: Vec<String> = steps(&check)
        .iter()
        .filter_map(|step| step["run"].as_str().map(str::to_owned))
        .collect();
    for command in [
        ".ci/run",
        "cargo clippy --all-targets --locked -- -D warnings",
        "cargo test --locked",
    ] {
        assert!(commands.iter().any(|known| known == command), "{command}");
    }
}

#[test]
fn scripts_are_sound_and_nothing_is_pasted_into_them() {
    let Some(tools) = tools() else { return };
    let mut count = 0;
    for file in [ACTION, RELEASE, CHECK] {
        let file = yaml(&tools, file);
        for script in steps(&file).iter().filter_map(|step| step["run"].as_str()) {
            assert!(!script.contains("${{"), "{script}");
            // As the runners set it.
            let script = format!("set -eo pipefail\n{script}");
            must(tools.join("shellcheck"), &["--shell", "bash", "-"], &script);
            count += 1;
        }
    }
    assert!(count >= 8, "{count}");
    must(tools.join("shellcheck"), &[".ci/run"], "");
}

#[test]
fn the_actions_script_takes_inputs_as_they_are() {
    let Some(tools) = tools() else { return };
    let check = script(&yaml(&tools, ACTION), "Check");
    let directory = repository(&[("a b/main.tf", SLASH)]);
    let bad = [
        ("INPUT_PATHS", "a b\n$(touch pasted)\n"),
        (
            "INPUT_ARGUMENTS",
            "--select\nserver-url-trailing-slash\n`touch pasted`",
        ),
        ("INPUT_SARIF_FILE", "it's a report.sarif"),
    ];
    assert_eq!(run_script(&directory, &check, &bad).code, 2);
    assert!(!directory.path().join("pasted").exists());

    let good = [
        ("INPUT_PATHS", "a b\n"),
        ("INPUT_ARGUMENTS", "--select\nserver-url-trailing-slash"),
    ];
    let run = run_script(&directory, &check, &[&good[..], &bad[2..]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let wanted = "::error file=a b/main.tf,line=2,";
    assert!(run.stdout.starts_with(wanted), "{}", run.stdout);
    assert!(directory.path().join("it's a report.sarif").exists());
    // What is uploaded without a name for it.
    let upload = [&good[..], &[("INPUT_UPLOAD_SARIF", "true")]].concat();
    let again = run_script(&directory, &check, &upload);
    assert_eq!(again.stdout, run.stdout);
    assert!(directory.path().join("zenml-tflint.sarif").exists());
}

#[test]
fn the_action_names_the_program_by_its_source() {
    let Some(tools) = tools() else { return };
    let name = script(&yaml(&tools, ACTION), "Name the program by its source");
    let directory = repository(&[]);
    let output = directory.path().join("output");
    let path = output.to_str().unwrap();
    let variables = [
        ("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR")),
        ("GITHUB_OUTPUT", path),
    ];
    let run = run_script(&directory, &name, &variables);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let sum = Regex::new("^sum=[0-9a-f]{40}\n$").unwrap();
    assert!(sum.is_match(&fs::read_to_string(output).unwrap()));
}

#[test]
fn the_job_for_gitlab_leaves_its_reports_whatever_it_finds() {
    let Some(tools) = tools() else { return };
    let job = &yaml(&tools, GITLAB)["zenml-tflint"];
    let lines = job["script"].as_array().unwrap().iter();
    let script: String = lines
        .map(|l| format!("{}\n", l.as_str().unwrap()))
        .collect();
    for (paths, code) in [("clean a/b", 1), ("clean", 0), ("none", 2)] {
        let directory = repository(&[("a/b/main.tf", SLASH), ("clean/main.tf", "")]);
        install(&directory, ".zenml-tflint/bin");
        let run = run_script(&directory, &script, &[("ZENML_TFLINT_PATHS", paths)]);
        assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
        for report in ["codequality", "junit"] {
            let file = job["artifacts"]["reports"][report].as_str().unwrap();
            let text = fs::read_to_string(directory.path().join(file)).unwrap();
            assert_eq!(text.contains("a/b/main.tf"), code == 1, "{text}");
        }
    }
    let text = fs::read_to_string(GITLAB).unwrap();
    let raw = env!("CARGO_PKG_REPOSITORY").replace("github.com", "raw.githubusercontent.com");
    assert!(text.contains(&format!("{raw}/main/{GITLAB}")));
}

/// What `cargo binstall` makes of a template.
fn filled(template: &str, target: &str) -> String {
    template
        .replace("{ repo }", env!("CARGO_PKG_REPOSITORY"))
        .replace("{ version }", env!("CARGO_PKG_VERSION"))
        .replace("{ name }", env!("CARGO_PKG_NAME"))
        .replace("{ target }", target)
}

#[test]
fn binstall_looks_for_what_the_release_makes() {
    let manifest: toml::Table = fs::read_to_string("Cargo.toml").unwrap().parse().unwrap();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let workflow = fs::read_to_string(RELEASE).unwrap();
    let targets = workflow
        .lines()
        .filter_map(|line| line.split_once("- target: "));
    let targets: BTreeSet<&str> = targets.map(|(_, target)| target).collect();
    assert_eq!(targets.len(), 8);
    for target in targets {
        let own = binstall["overrides"].get(target).unwrap_or(binstall);
        let ending = if target.contains("windows") {
            "zip"
        } else {
            "tar.gz"
        };
        let wanted = format!(
            "{}/releases/download/v{}/zenml-tflint-{target}.{ending}",
            env!("CARGO_PKG_REPOSITORY"),
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(filled(own["pkg-url"].as_str().unwrap(), target), wanted);
        assert_eq!(
            own["pkg-fmt"].as_str(),
            Some(&*ending.replace("tar.gz", "tgz"))
        );
    }
    // The names that the workflow's script gives.
    for name in [
        "name=\"zenml-tflint-$TARGET\"",
        "\"dist/$name.zip\"",
        "\"dist/$name.tar.gz\"",
    ] {
        assert!(workflow.contains(name), "{name}");
    }
    let directory = binstall["bin-dir"].as_str().unwrap();
    assert_eq!(directory, "{ name }-{ target }/{ bin }{ binary-ext }");
}

#[test]
fn junit_is_what_jenkins_reads() {
    let Some(tools) = tools() else { return };
    let directory = repository(&[
        ("a & b/main.tf", SLASH),
        ("main.tf", &SLASH.replace("com/", "com")),
    ]);
    // GitLab reads where a test stands, Jenkins' schema has no such attributes.
    let own = Regex::new(r#"(<testcase [^>]*) file="[^"]*" line="\d+""#).unwrap();
    for paths in ["a & b", "main.tf", "."] {
        let report = run(directory.path(), &["--output-format", "junit", paths]).stdout;
        write_file(
            directory.path(),
            "report.xml",
            &own.replace_all(&report, "$1"),
        );
        let report = directory.path().join("report.xml");
        let check = [
            "--schema",
            "tests/schemas/junit-10.xsd",
            report.to_str().unwrap(),
        ];
        must(tools.join("xmlschema-validate"), &check, "");
    }
}

#[test]
fn a_docker_build_is_handed_what_cargo_needs() {
    let directory = tempfile::tempdir().unwrap();
    let ignored = fs::read_to_string(".dockerignore").unwrap();
    for path in ignored.lines().filter_map(|line| line.strip_prefix('!')) {
        let mut copy = Command::new("cp");
        copy.args(["-R", path]).arg(directory.path().join(path));
        assert_eq!(finish(&mut copy, "").code, 0, "{path}");
    }
    let mut metadata = Command::new(env!("CARGO"));
    metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
    let run = finish(metadata.current_dir(directory.path()), "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let package = serde_json::from_str::<Value>(&run.stdout).unwrap();
    let mut targets = package["packages"].as_array().unwrap().iter();
    let own = targets
        .find(|package| package["name"] == "zenml-tflint")
        .unwrap();
    let targets = own["targets"].as_array().unwrap().iter();
    for target in targets.filter(|target| target["kind"][0] != "test") {
        assert!(
            Path::new(target["src_path"].as_str().unwrap()).is_file(),
            "{target}"
        );
    }
}
