//! `--watch`: checks again when a file is saved.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::support::program::{program, run};
use crate::support::{repository, write_file};
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
        // Both streams in one, so that they have an order.
        let (reader, writer) = io::pipe().unwrap();
        let child = program(directory.path())
            .args(["--watch", "--output-format", "concise"])
            .args(arguments)
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let all = BufReader::new(reader).lines();
        thread::spawn(move || all.for_each(|line| drop(sender.send(line.unwrap()))));
        Self { child, lines }
    }

    /// Everything that is said until it waits again.
    fn check(&self) -> Vec<String> {
        let next = || self.lines.recv_timeout(LIMIT).expect("it checks");
        std::iter::from_fn(|| Some(next()).filter(|line| !line.contains("waiting for changes")))
            .collect()
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

/// Writes a file as many editors save it: another takes its place, in one step that cannot be seen half done.
fn save(directory: &TempDir, name: &str, text: &str) {
    write_file(directory.path(), "unsaved.tmp", text);
    let path = |name: &str| directory.path().join(name);
    fs::rename(path("unsaved.tmp"), path(name)).unwrap();
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

    save(&directory, "main.tf", &provider(CLEAN));
    assert_eq!(watch.check(), [""; 0]);
    save(&directory, "main.tf", &provider(SLASH));
    assert_eq!(watch.check(), found);

    write_file(directory.path(), "README.md", "# a\n");
    save(&directory, ".git/index", "");
    watch.is_quiet();

    // As others do: in its place.
    write_file(directory.path(), "main.tf", &provider(CLEAN));
    while !watch.check().is_empty() {}
}

#[test]
fn new_modules_and_the_configuration_count_too() {
    let directory = repository(&[("main.tf", &provider(CLEAN))]);
    let watch = Watch::new(&directory, &["--jobs", "1", "--select", SELECT[1]]);
    assert_eq!(watch.check(), [""; 0]);
    fs::create_dir(directory.path().join("new")).unwrap();
    watch.check();
    save(&directory, "new/main.tf", &provider(SLASH));
    let found = watch.check();
    assert!(found[0].starts_with("new/main.tf:2:16: "), "{found:?}");

    // What is wrong meanwhile is said, and the watch goes on.
    let config = ".zenml-tflint.toml";
    save(&directory, config, "exclud = []\n");
    let said = watch.check().join("\n");
    assert!(said.contains("did you mean `exclude`?"), "{said}");
    save(&directory, config, "exclude = ['new']\n");
    assert_eq!(watch.check(), [""; 0]);
}

/// Whether whoever runs the tests has them ignore Ctrl-C, as a shell does with what it runs in the background. What is run
/// from there ignores it, too.
fn is_interrupt_ignored() -> bool {
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", "kill -INT $$; echo alive"]).output();
    !output.unwrap().stdout.is_empty()
}

#[test]
fn ctrl_c_ends_it_as_it_ends_others() {
    if is_interrupt_ignored() {
        eprintln!("skipped: Ctrl-C is ignored here");
        return;
    }
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
