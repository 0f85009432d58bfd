//! `verify` is the only command that opens a socket.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::program::{finish, program};
use crate::support::{api_key, repository};
use tempfile::TempDir;

/// A module with much to find and to mend, whose server and proxies would answer if they were asked.
fn tempting(port: u16) -> TempDir {
    repository(&[(
        "main.tf",
        &format!(
            "provider \"zenml\" {{\n  server_url = \"http://127.0.0.1:{port}/\"\n  api_key = \"{}\"\n}}\n",
            api_key(1)
        ),
    )])
}

/// Every command, each with what makes it do its work.
fn commands() -> Vec<Vec<String>> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect();
    let mut commands: Vec<Vec<String>> = [
        ".",
        "--diff .",
        "--output-format json .",
        "--output-format sarif .",
        "--show-settings",
        "--show-files",
        "--statistics --verbose .",
        "--fix --unsafe-fixes .",
    ]
    .into_iter()
    .map(words)
    .collect();
    let help = program(Path::new(".")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, listed) = help.split_once("Commands:\n").unwrap();
    let listed = listed.lines().take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for name in names.filter_map(|line| line.split_whitespace().next()) {
        commands.push(match name {
            "verify" => continue,
            "explain" => words("explain server-url-trailing-slash"),
            "eval" => words("eval 1+1"),
            "completions" => words("completions bash"),
            name => words(name),
        });
    }
    assert!(commands.len() > 12, "{commands:?}");
    commands
}

/// Python 3 on Linux, which can forbid a program to open sockets.
fn python() -> Option<&'static str> {
    let is_there = Command::new("python3").arg("--version").output().is_ok();
    let is_linux = cfg!(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ));
    if !(is_there && is_linux) {
        eprintln!("skipped: only Linux, with Python, can forbid sockets");
        return None;
    }
    Some("python3")
}

/// Runs a command that is killed when it opens a socket; whether it was.
fn is_killed(python: &str, directory: &Path, arguments: &[String], port: u16) -> bool {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/no_sockets.py");
    let proxy = format!("http://127.0.0.1:{port}");
    let own = program(directory);
    let mut command = Command::new(python);
    command
        .arg(script)
        .arg(own.get_program())
        .args(arguments)
        .current_dir(directory)
        .env("HTTP_PROXY", &proxy)
        .env("HTTPS_PROXY", &proxy)
        .env("ALL_PROXY", &proxy)
        .stdin(std::process::Stdio::null());
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!error.contains("prctl"), "{error}");
    output.status.code().is_none()
}

#[test]
fn only_verify_opens_a_socket() {
    let Some(python) = python() else {
        return;
    };
    let port = super::small::closed();
    let directory = tempting(port);
    for arguments in commands() {
        let killed = is_killed(python, directory.path(), &arguments, port);
        assert!(!killed, "{arguments:?} opens a socket");
    }
    let directory = repository(&[(
        "main.tf",
        &format!("provider \"zenml\" {{\n  server_url = \"http://127.0.0.1:{port}\"\n}}\n"),
    )]);
    assert!(is_killed(
        python,
        directory.path(),
        &["verify".into()],
        port
    ));
}

#[test]
fn nobody_hears_of_any_other_command() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let proxy = format!("http://127.0.0.1:{port}");
    let directory = tempting(port);
    for arguments in commands() {
        let mut command = program(directory.path());
        command
            .args(&arguments)
            .env("HTTP_PROXY", &proxy)
            .env("HTTPS_PROXY", &proxy);
        finish(&mut command, "");
        let heard = listener.accept();
        assert!(heard.is_err(), "{arguments:?}");
    }
}

/// What a source file of the program names where it uses the network.
const NETWORK: [&str; 9] = [
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "UnixListener",
    "ToSocketAddrs",
    "socket_addrs",
    "ureq",
    "rustls",
];

#[test]
fn only_verify_names_the_network() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut left = vec![source.clone()];
    let mut naming = BTreeSet::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        if NETWORK.iter().any(|word| text.contains(word)) {
            let inner = path.strip_prefix(&source).unwrap();
            naming.insert(inner.components().next().unwrap().as_os_str().to_owned());
        }
    }
    assert_eq!(naming, BTreeSet::from(["verify".into()]));
}
