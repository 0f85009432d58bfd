//! The program as people get it: a wheel, hooks of pre-commit, and what CI services are told. Real tools build and run it,
//! from the virtual environment that `.ci/run` makes in `target/ci/packages`.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use support::program::{Run, finish_within};
use support::{venv, write_file};
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A whole build from nothing, on a machine that builds other things, too.
const LIMIT: Duration = Duration::from_secs(1500);

const SLASH: &str = "provider \"zenml\" {\n  server_url = \"https://a.mycompany.com/\"\n}\n";

fn tools() -> Option<PathBuf> {
    venv::programs("packages", "ZENML_TFLINT_PACKAGES")
}

/// Runs a command in a directory. A package that it builds is built without optimization, from the dependencies that the
/// tests were built with.
fn run(directory: &Path, program: impl AsRef<Path>, arguments: &[&str]) -> Run {
    let mut command = Command::new(program.as_ref());
    command
        .args(arguments)
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", Path::new(ROOT).join("target/packages"))
        .env("CARGO_BUILD_BUILD_DIR", Path::new(ROOT).join("target"))
        .env("MATURIN_PEP517_ARGS", "--profile dev")
        .env("PRE_COMMIT_HOME", directory.join(".git/pre-commit"))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "test")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "test@localhost")));
    finish_within(LIMIT, &mut command, "")
}

/// The right to build a package, until it is dropped. Cargo's own lock on the directory of [`run`] ends before maturin moves
/// the program away from there, so that of two builds one would take the other's.
fn sole_build() -> File {
    let directory = Path::new(ROOT).join("target");
    fs::create_dir_all(&directory).unwrap();
    let file = File::create(directory.join("packages.lock")).unwrap();
    file.lock().unwrap();
    file
}

/// [`run`], where only success will do; what it prints.
fn must(directory: &Path, program: impl AsRef<Path>, arguments: &[&str]) -> String {
    let run = run(directory, program, arguments);
    assert_eq!(run.code, 0, "{arguments:?}\n{}\n{}", run.stdout, run.stderr);
    run.stdout
}

/// The only file of a directory.
fn only_file(directory: &Path) -> String {
    let mut entries = fs::read_dir(directory).unwrap();
    let file = entries.next().unwrap().unwrap().path();
    assert!(entries.next().is_none());
    file.into_os_string().into_string().unwrap()
}

#[test]
fn a_wheel_is_made_from_the_source_package_and_runs() {
    let Some(tools) = tools() else { return };
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let shown = |name: &str| at(name).into_os_string().into_string().unwrap();
    must(
        Path::new(ROOT),
        tools.join("maturin"),
        &["sdist", "--out", &shown("sdist")],
    );
    let source = only_file(&at("sdist"));
    assert!(source.ends_with(&format!("/zenml_tflint-{VERSION}.tar.gz")));
    let pip = tools.join("pip");
    let build = sole_build();
    must(
        directory.path(),
        &pip,
        &["wheel", "--no-deps", "--wheel-dir", "wheel", &source],
    );
    drop(build);
    let wheel = only_file(&at("wheel"));
    assert!(
        wheel.contains(&format!("/zenml_tflint-{VERSION}-py3-none-")),
        "{wheel}"
    );

    let python = tools.join("python");
    must(directory.path(), &python, &["-m", "venv", "fresh"]);
    must(
        directory.path(),
        at("fresh/bin/pip"),
        &["install", "--no-index", &wheel],
    );
    let version = format!("zenml-tflint {VERSION}\n");
    assert_eq!(
        must(
            directory.path(),
            at("fresh/bin/zenml-tflint"),
            &["--version"]
        ),
        version
    );
    let fresh = at("fresh/bin/python");
    assert_eq!(
        must(
            directory.path(),
            &fresh,
            &["-m", "zenml_tflint", "--version"]
        ),
        version
    );
    let metadata = "from importlib.metadata import metadata as m; d = m('zenml-tflint'); \
                    print(d['Version'], d['License-Expression'], d['Summary'], *d.get_all('Project-URL'), sep='|')";
    assert_eq!(
        must(directory.path(), &fresh, &["-c", metadata]),
        format!(
            "{VERSION}|{}|{}|Source Code, {}\n",
            env!("CARGO_PKG_LICENSE"),
            env!("CARGO_PKG_DESCRIPTION"),
            env!("CARGO_PKG_REPOSITORY")
        )
    );

    // What the module is given and says is what the program is given and says.
    write_file(directory.path(), "module/a b.tf", SLASH);
    let arguments = ["-m", "zenml_tflint", "--output-format", "concise", "a b.tf"];
    let found = run(&at("module"), &fresh, &arguments);
    assert_eq!((found.code, found.stderr.as_str()), (1, ""));
    assert!(
        found
            .stdout
            .contains("a b.tf:2:16: error[server-url-trailing-slash]"),
        "{}",
        found.stdout
    );

    // Where nothing is on a path: `pip install --target`.
    must(
        directory.path(),
        &pip,
        &["install", "--no-index", "--target", "target", &wheel],
    );
    let from_target = "import sys; sys.path.insert(0, 'target'); import zenml_tflint.__main__ as m; print(m.find_program())";
    let found = must(directory.path(), &python, &["-c", from_target]);
    assert!(found.ends_with("/target/bin/zenml-tflint\n"), "{found}");
}

/// The work tree as it is, committed in a repository of its own; its path and the commit.
fn clone_of_this() -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let to = directory.path();
    let files = must(
        Path::new(ROOT),
        "git",
        &[
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
    );
    for file in files.split_terminator('\0') {
        let from = Path::new(ROOT).join(file);
        // Not where it is removed and the removal not committed.
        if from.is_file() {
            fs::create_dir_all(to.join(file).parent().unwrap()).unwrap();
            fs::copy(from, to.join(file)).unwrap();
        }
    }
    must(to, "git", &["init", "--quiet"]);
    must(to, "git", &["add", "--all"]);
    must(to, "git", &["commit", "--quiet", "--message", "All of it"]);
    let commit = must(to, "git", &["rev-parse", "HEAD"]).trim().to_owned();
    (directory, commit)
}

/// A repository with the hooks of this one, and with files that it tracks.
struct Hooked {
    directory: TempDir,
    pre_commit: PathBuf,
    _hooks: TempDir,
}

impl Hooked {
    fn new(tools: &Path) -> Self {
        let (hooks, commit) = clone_of_this();
        let directory = tempfile::tempdir().unwrap();
        let config = format!(
            "repos:\n- repo: {}\n  rev: {commit}\n  hooks:\n  - id: zenml-tflint\n  - id: zenml-tflint-fix\n",
            hooks.path().display()
        );
        must(directory.path(), "git", &["init", "--quiet"]);
        let hooked = Self {
            directory,
            pre_commit: tools.join("pre-commit"),
            _hooks: hooks,
        };
        hooked.track(&[(".pre-commit-config.yaml", &config)]);
        let _build = sole_build();
        must(
            hooked.directory.path(),
            &hooked.pre_commit,
            &["install-hooks"],
        );
        hooked
    }

    fn track(&self, files: &[(&str, &str)]) {
        for (name, text) in files {
            write_file(self.directory.path(), name, text);
        }
        must(self.directory.path(), "git", &["add", "--all"]);
    }

    /// Runs a hook on all files that git tracks, or on these alone.
    fn run(&self, hook: &str, files: &[&str]) -> Run {
        let which = match files {
            [] => vec!["--all-files"],
            files => [&["--files"], files].concat(),
        };
        let arguments = [&["run", "--color=never", hook][..], &which].concat();
        run(self.directory.path(), &self.pre_commit, &arguments)
    }
}

#[test]
fn the_hooks_of_a_fresh_clone_check_and_mend() {
    let Some(tools) = tools() else { return };
    let hooked = Hooked::new(&tools);
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml");
    let validate = ["validate-manifest", manifest];
    must(hooked.directory.path(), &hooked.pre_commit, &validate);

    // Every kind of file is handed over, those of other programs are not.
    let json = r#"{"provider": {"zenml": {"server_url": "https://a.mycompany.com/"}}}"#;
    let kinds = [
        ("tf/a b.tf", SLASH),
        ("tofu/a.tofu", SLASH),
        ("tf-json/a.tf.json", json),
        ("tofu-json/a.tofu.json", json),
        ("tests/a.tftest.hcl", SLASH),
        ("tofu-tests/a.tofutest.hcl", SLASH),
        ("json-tests/a.tftest.json", json),
    ];
    hooked.track(&kinds);
    hooked.track(&[
        ("other/package.json", "{"),
        ("other/.terraform.lock.hcl", "{"),
    ]);
    let all = hooked.run("zenml-tflint", &[]);
    assert_eq!(all.code, 1, "{}", all.stdout);
    for (name, _) in kinds {
        let alone = hooked.run("zenml-tflint", &[name]);
        for run in [&all, &alone] {
            assert!(
                run.stdout.contains(&format!("{name}:")),
                "{name}: {}",
                run.stdout
            );
        }
        assert!(
            alone.stdout.contains(" in 1 file."),
            "{name}: {}",
            alone.stdout
        );
    }
    assert_eq!(hooked.run("zenml-tflint", &["other/package.json"]).code, 0);

    // One file of a module is judged as a part of it.
    hooked.track(&[
        (
            "module/main.tf",
            &SLASH.replace("\"https://a.mycompany.com/\"", "var.url"),
        ),
        ("module/variables.tf", "variable \"url\" {}\n"),
        ("module/prod.tfvars", "url = \"https://a.mycompany.com/\"\n"),
        ("module/outputs.tf", "output \"one\" {\n  value = 1\n}\n"),
    ]);
    for file in ["module/main.tf", "module/prod.tfvars"] {
        let run = hooked.run("zenml-tflint", &[file]);
        assert_eq!(run.code, 1, "{file}");
        assert!(
            run.stdout.contains("module/prod.tfvars:1:7"),
            "{file}: {}",
            run.stdout
        );
    }
    let clean = hooked.run("zenml-tflint", &["module/outputs.tf"]);
    assert_eq!(clean.code, 0, "{}", clean.stdout);

    // What can be mended is, and the rest is said again.
    let mended = hooked.run("zenml-tflint-fix", &["module/main.tf", "tf/a b.tf"]);
    assert_eq!(mended.code, 1);
    assert!(
        mended.stdout.contains("files were modified by this hook"),
        "{}",
        mended.stdout
    );
    let read = |name: &str| fs::read_to_string(hooked.directory.path().join(name)).unwrap();
    assert_eq!(
        read("module/prod.tfvars"),
        "url = \"https://a.mycompany.com\"\n"
    );
    assert_eq!(read("tf/a b.tf"), SLASH.replace("com/", "com"));
    assert_eq!(read("tofu/a.tofu"), SLASH);
}
