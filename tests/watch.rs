//! `--watch`: checks again when a file is saved.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use support::program::{program, run};
use support::{repository, write_file};
use tempfile::TempDir;

/// Longer than any check takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);
/// Shorter than that, and longer than the program waits for more changes.
const SHORT: Duration = Duration::from_millis(700);

/// A program that watches. It is ended when dropped.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn new(directory: &TempDir, arguments: &[&str]) -> Self {
        let mut child = program(directory.path())
            .args(["--watch", "--output-format", "concise"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        let errors = BufReader::new(child.stderr.take().unwrap());
        let other = sender.clone();
        thread::spawn(move || {
            out.lines()
                .for_each(|line| drop(sender.send(line.unwrap())))
        });
        thread::spawn(move || {
            errors
                .lines()
                .for_each(|line| drop(other.send(line.unwrap())))
        });
        Self { child, lines }
    }

    /// Everything that is said until it waits again, sorted: two streams have no order.
    fn check(&self) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            let line = self.lines.recv_timeout(LIMIT).expect("it checks");
            if line.contains("waiting for changes") {
                break;
            }
            said.push(line);
        }
        // What the other stream has to say may come a little later.
        while let Ok(line) = self.lines.recv_timeout(Duration::from_millis(50)) {
            said.push(line);
        }
        said.sort();
        said
    }

    fn is_quiet(&self) {
        assert_eq!(self.lines.recv_timeout(SHORT).ok(), None);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn provider(url: &str) -> String {
    format!("provider \"zenml\" {{\n  server_url = \"{url}\"\n}}\n")
}

const SLASH: &str = "https://a.mycompany.com/";
const CLEAN: &str = "https://a.mycompany.com";
const SELECT: [&str; 2] = ["--select", "server-url-trailing-slash"];

#[test]
fn a_saved_file_is_checked_again() {
    let directory = repository(&[("main.tf", &provider(SLASH))]);
    let watch = Watch::new(&directory, &SELECT);
    let found = watch.check();
    assert!(found[0].starts_with("main.tf:2:16: error"), "{found:?}");
    // The checks themselves change nothing.
    watch.is_quiet();

    write_file(directory.path(), "main.tf", &provider(CLEAN));
    assert_eq!(watch.check(), [""; 0]);

    // As many editors save: another file takes the place of the old one.
    write_file(directory.path(), "main.tf.new", &provider(SLASH));
    watch.is_quiet();
    let path = |name: &str| directory.path().join(name);
    fs::rename(path("main.tf.new"), path("main.tf")).unwrap();
    assert_eq!(watch.check(), found);

    write_file(directory.path(), "README.md", "# a\n");
    write_file(directory.path(), ".git/index", "");
    watch.is_quiet();
}

#[test]
fn new_modules_and_the_configuration_count_too() {
    let directory = repository(&[("main.tf", &provider(CLEAN))]);
    let watch = Watch::new(&directory, &["--jobs", "1", "--select", SELECT[1]]);
    assert_eq!(watch.check(), [""; 0]);
    fs::create_dir(directory.path().join("new")).unwrap();
    watch.check();
    write_file(directory.path(), "new/main.tf", &provider(SLASH));
    let found = watch.check();
    assert!(found[0].starts_with("new/main.tf:2:16: "), "{found:?}");

    // What is wrong meanwhile is said, and the watch goes on.
    let config = ".zenml-tflint.toml";
    write_file(directory.path(), config, "exclud = []\n");
    let said = watch.check().join("\n");
    assert!(said.contains("did you mean `exclude`?"), "{said}");
    write_file(directory.path(), config, "exclude = ['new']\n");
    assert_eq!(watch.check(), [""; 0]);
}

#[test]
fn ctrl_c_ends_it_as_it_ends_others() {
    let directory = repository(&[("main.tf", &provider(SLASH))]);
    let mut watch = Watch::new(&directory, &[]);
    watch.check();
    let id = watch.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    // A shell calls that 130, and stops a script that runs it.
    assert_eq!(watch.child.wait().unwrap().signal(), Some(2));
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let directory = repository(&[]);
    for (arguments, said) in [
        (&["-", "--watch"][..], "not standard input"),
        (&["none.tf", "--watch"], "none.tf: "),
    ] {
        let run = run(directory.path(), arguments);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}
