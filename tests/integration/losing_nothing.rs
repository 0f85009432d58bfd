//! Whatever goes wrong while files are written, and whenever the power goes: each file is the old one or the new one, what
//! could not be written is named, and nothing is left lying about.
//!
//! `strace` makes single system calls fail, or kills the program as one begins. Without it the tests are skipped, and say so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::program::program;
use crate::support::{Files, api_key, repository};
use tempfile::TempDir;

/// The calls that have to do with files.
const CALLS: [&str; 13] = [
    "openat", "read", "write", "close", "fsync", "fchmod", "fchown", "flock", "rename", "link",
    "unlink", "statx", "readlink",
];

/// The calls that make a file or change one, and how they fail.
const FAILURES: [(&str, &[&str]); 7] = [
    ("openat", &["ENOSPC", "EMFILE", "EACCES", "EROFS"]),
    ("read", &["EIO"]),
    ("write", &["ENOSPC", "EIO", "EDQUOT"]),
    ("fsync", &["EIO", "ENOSPC"]),
    ("fchmod", &["EPERM"]),
    ("rename", &["EACCES", "ENOENT"]),
    ("link", &["EPERM", "ENOSPC"]),
];

/// What a run is to write.
struct Scenario {
    before: Vec<(&'static str, String)>,
    arguments: &'static [&'static str],
    /// Whether a run after one that was cut off ends as that would have.
    is_begun_anew: bool,
}

const REQUIRED: &str = "terraform {\n  required_providers {\n    zenml = {\n      source  = \"zenml-io/zenml\"\n      version = \"~> 3.0\"\n    }\n  }\n}\n";

fn provider(name: &str, key: &str) -> String {
    format!(
        "{REQUIRED}\nprovider \"zenml\" {{\n  server_url = \"https://{name}.acme.com/\"\n  api_key    = {key}\n}}\n"
    )
}

/// Three files change.
fn several_files() -> Scenario {
    let key = "var.key";
    let declared = "\nvariable \"key\" {\n  type      = string\n  sensitive = true\n}\n";
    let text = |name| provider(name, key) + declared;
    Scenario {
        before: vec![
            ("a/main.tf", text("a")),
            ("b/main.tf", text("b").replace('\n', "\r\n")),
            ("c/main.tf", text("c")),
        ],
        arguments: &["--fix"],
        is_begun_anew: true,
    }
}

/// A file is made, and one changes.
fn new_file() -> Scenario {
    let key = format!("\"{}\"", api_key(5));
    Scenario {
        before: vec![("main.tf", provider("a", &key))],
        arguments: &["--fix", "--unsafe-fixes"],
        is_begun_anew: false,
    }
}

/// Reports take the place of older ones.
fn reports() -> Scenario {
    Scenario {
        before: vec![
            ("main.tf", provider("a", "var.key")),
            ("report.json", "an older report\n".to_owned()),
            ("report.sarif", "an older report\n".to_owned()),
        ],
        arguments: &[
            "--output-format",
            "json=report.json",
            "--output-format",
            "sarif=report.sarif",
        ],
        is_begun_anew: true,
    }
}

/// A baseline takes the place of an older one.
fn baseline() -> Scenario {
    let old = "{\n\"baseline_version\": 1,\n\"findings\": []\n}\n";
    Scenario {
        before: vec![
            ("main.tf", provider("a", "var.key")),
            (".zenml-tflint-baseline.json", old.to_owned()),
        ],
        arguments: &["--write-baseline"],
        is_begun_anew: true,
    }
}

impl Scenario {
    fn repository(&self) -> TempDir {
        let files = self
            .before
            .iter()
            .map(|(name, text)| (*name, text.as_str()));
        repository(&files.collect::<Vec<_>>())
    }

    fn command(&self, directory: &Path) -> Command {
        let mut command = program(directory);
        command
            .args(["--no-env", "--jobs", "1"])
            .args(self.arguments);
        command
    }

    /// What the files are after a run in which nothing goes wrong.
    fn after(&self) -> Files {
        let directory = self.repository();
        let mut command = self.command(directory.path());
        assert!(command.stdout(Stdio::null()).status().unwrap().code() < Some(2));
        texts(directory.path())
    }
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
                let name = path.strip_prefix(directory).unwrap().to_str().unwrap();
                texts.insert(name.to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    texts
}

/// A system call of the thread that writes: its name, and how many of that name have begun with it.
type Call = (String, usize);

/// Runs the program under `strace`; its exit code, 137 where it was killed, and what it says of its trouble.
fn traced(command: &Command, options: &[String]) -> (Option<i32>, String) {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq"]).args(options);
    strace.arg(command.get_program()).args(command.get_args());
    strace.current_dir(command.get_current_dir().unwrap());
    let output = strace.env_clear().output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!stderr.contains("panicked at"), "{stderr}");
    (output.status.code(), stderr)
}

/// The calls from the first one on that has to do with an unfinished file.
fn calls(scenario: &Scenario) -> Vec<Call> {
    let directory = scenario.repository();
    let log = tempfile::NamedTempFile::new().unwrap();
    let options = [
        format!("-etrace={}", CALLS.join(",")),
        format!("-o{}", log.path().display()),
    ];
    traced(&scenario.command(directory.path()), &options);
    let log = fs::read_to_string(log.path()).unwrap();
    let begun: Vec<(&str, &str, &str)> = log.lines().filter_map(begun).collect();
    let (writer, ..) = begun[0];
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut calls = Vec::new();
    let mut is_writing = false;
    for (_, name, arguments) in begun.iter().filter(|(thread, ..)| *thread == writer) {
        let count = counts.entry(name).or_default();
        *count += 1;
        is_writing |= arguments.contains("/.zenml-tflint-") && arguments.contains(".tmp");
        if is_writing {
            calls.push(((*name).to_owned(), *count));
        }
    }
    assert!(calls.len() > 5, "{log}");
    calls
}

/// The thread, name and arguments of a call that begins on a line of `strace`'s.
fn begun(line: &str) -> Option<(&str, &str, &str)> {
    let (thread, call) = line.split_once(' ')?;
    let (name, arguments) = call.trim_start().split_once('(')?;
    name.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        .then_some((thread, name, arguments))
}

/// The paths whose texts differ.
fn differing<'a>(some: &'a Files, others: &'a Files) -> Vec<&'a str> {
    let paths: BTreeSet<&String> = some.keys().chain(others.keys()).collect();
    let mut paths: Vec<&str> = paths.into_iter().map(String::as_str).collect();
    paths.retain(|path| some.get(*path) != others.get(*path));
    paths
}

fn is_unfinished(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.starts_with(".zenml-tflint-") && name.ends_with(".tmp")
}

fn strace_is_here() -> bool {
    let strace = Command::new("strace")
        .args(["-o/dev/null", "true"])
        .output();
    let is_here = strace.is_ok_and(|output| output.status.success());
    if !is_here {
        eprintln!("skipped: there is no `strace` here, or it may not trace");
    }
    is_here
}

/// Each text is the old one or the new one; the paths of what is neither a file from before nor one to be written.
fn check(scenario: &Scenario, after: &Files, now: &Files, what: &str) -> Vec<String> {
    for (name, old) in &scenario.before {
        let now = now
            .get(*name)
            .unwrap_or_else(|| panic!("{what}: {name} is gone"));
        assert!(now == old || *now == after[*name], "{what}: {name}:\n{now}");
    }
    let uses = now
        .get("main.tf")
        .is_some_and(|text| text.contains("var.zenml_api_key"));
    assert!(
        !uses || now.contains_key("variables.tf"),
        "{what}: half a fix"
    );
    let is_old = |path: &str| scenario.before.iter().any(|(name, _)| *name == path);
    let new = now.iter().filter(|(path, _)| !is_old(path));
    let other = new.filter(|(path, text)| after.get(*path) != Some(text));
    other.map(|(path, _)| path.clone()).collect()
}

/// Kills the program at each call of those that write.
fn cut_the_power(scenario: &Scenario) {
    if !strace_is_here() {
        return;
    }
    let after = scenario.after();
    let mut killed = 0;
    for (name, count) in calls(scenario) {
        let what = format!("killed at {name} number {count}");
        let directory = scenario.repository();
        let options = [
            format!("-etrace={name}"),
            format!("-einject={name}:signal=KILL:when={count}"),
            "-o/dev/null".to_owned(),
        ];
        let command = scenario.command(directory.path());
        let (code, _) = traced(&command, &options);
        killed += usize::from(code.is_none_or(|code| code > 128));
        let litter = check(scenario, &after, &texts(directory.path()), &what);
        assert!(
            litter.iter().all(|path| is_unfinished(path)),
            "{what}: {litter:?}"
        );
        // The next run finishes what this one has begun, and tidies up.
        let mut again = scenario.command(directory.path());
        again.stdout(Stdio::null()).stderr(Stdio::null());
        again.status().unwrap();
        let now = texts(directory.path());
        let litter: Vec<_> = now.keys().filter(|path| is_unfinished(path)).collect();
        assert!(litter.is_empty(), "{what}, and run again: {litter:?}");
        if scenario.is_begun_anew {
            assert_eq!(differing(&now, &after), [""; 0], "{what}, and run again");
        } else {
            // A variable that is declared already is not used for another secret: there are two now.
            let main = &now["main.tf"];
            assert!(main.contains("= var.zenml_api_key"), "{main}");
            assert!(
                now["variables.tf"].starts_with(&after["variables.tf"]),
                "{now:?}"
            );
        }
    }
    assert!(killed > 5, "killed {killed} times only");
}

/// Makes each call of those that write fail.
fn fail_every_call(scenario: &Scenario) {
    if !strace_is_here() {
        return;
    }
    let after = scenario.after();
    let mut refused = 0;
    for (name, count) in calls(scenario) {
        let errors = FAILURES.iter().find(|(call, _)| *call == name);
        for error in errors.map_or(&[][..], |(_, errors)| errors) {
            let what = format!("{error} at {name} number {count}");
            let directory = scenario.repository();
            let options = [
                format!("-etrace={name}"),
                format!("-einject={name}:error={error}:when={count}"),
                "-o/dev/null".to_owned(),
            ];
            let command = scenario.command(directory.path());
            let (code, stderr) = traced(&command, &options);
            let now = texts(directory.path());
            let litter = check(scenario, &after, &now, &what);
            assert!(litter.is_empty(), "{what}: {litter:?}");
            if code == Some(2) {
                refused += 1;
                assert!(stderr.contains("zenml-tflint: "), "{what}: {stderr}");
            } else {
                assert_eq!(
                    differing(&now, &after),
                    [""; 0],
                    "{what}: {code:?}\n{stderr}"
                );
            }
        }
    }
    assert!(refused > 5, "refused {refused} times only");
}

#[test]
fn the_power_goes_while_files_are_fixed() {
    cut_the_power(&several_files());
}

#[test]
fn the_power_goes_while_a_fix_makes_a_file() {
    cut_the_power(&new_file());
}

#[test]
fn the_power_goes_while_reports_are_written() {
    cut_the_power(&reports());
}

#[test]
fn the_power_goes_while_a_baseline_is_written() {
    cut_the_power(&baseline());
}

#[test]
fn every_call_fails_while_files_are_fixed() {
    fail_every_call(&several_files());
}

#[test]
fn every_call_fails_while_a_fix_makes_a_file() {
    fail_every_call(&new_file());
}

#[test]
fn every_call_fails_while_reports_are_written() {
    fail_every_call(&reports());
}

#[test]
fn every_call_fails_while_a_baseline_is_written() {
    fail_every_call(&baseline());
}
