//! A real ZenML server on the loopback address.
//!
//! It comes from a Python virtual environment with `zenml[server]`: the one that `ZENML_TFLINT_SERVER` names, or
//! `target/ci/zenml`, which `.ci/run` makes. Without one, tests that need it are skipped; where the variable is set, they fail.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]

use std::env;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;

use super::venv;

/// Six seconds on a machine with nothing else to do.
const START: Duration = Duration::from_secs(180);

/// A server that runs until this is dropped, or the test program ends in whatever way.
pub struct Server {
    process: Child,
    log: Option<JoinHandle<String>>,
    /// Its root, without a slash at the end.
    pub url: String,
    agent: Agent,
    /// A token of its only user, who may do everything.
    pub admin: String,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Null where it is no JSON.
    pub body: Value,
}

impl Server {
    /// The server that the tests of a program share, started by the first; `None`, said aloud, where there is none to start.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[])).as_ref()
    }

    /// Starts a server with these variables in its environment; `None`, said aloud, where there is none to start.
    pub fn start(variables: &[(&str, &str)]) -> Option<Self> {
        let python = venv::programs("zenml", "ZENML_TFLINT_SERVER")?.join("python");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/server.py");
        let mut process = Command::new(python)
            .arg(script)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("ZENML_ANALYTICS_OPT_IN", "false")
            .env("ZENML_SERVER_AUTO_ACTIVATE", "1")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut errors = process.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut log = Vec::new();
            let _ = errors.read_to_end(&mut log);
            String::from_utf8_lossy(&log).into_owned()
        });
        output.read_line(&mut port).unwrap();
        thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)));
        let mut server = Self {
            process,
            log: Some(log),
            url: format!("http://127.0.0.1:{}", port.trim()),
            agent: config.build().new_agent(),
            admin: String::new(),
        };
        server.wait();
        Some(server)
    }

    /// Waits until the server answers; where it is not to be activated by hand, its user logs in.
    fn wait(&mut self) {
        let begin = Instant::now();
        let health = format!("{}/health", self.url);
        while self.agent.get(&health).call().is_err() {
            let has_ended = self.process.try_wait().unwrap().is_some();
            if has_ended || begin.elapsed() > START {
                self.end();
                let log = self.log.take().unwrap().join().unwrap();
                panic!("the ZenML server does not start:\n{log}");
            }
            thread::sleep(Duration::from_millis(100));
        }
        let form = [("username", "default"), ("password", "")];
        if let Some(token) = self.login(&form).body["access_token"].as_str() {
            self.admin = token.to_owned();
        }
    }

    fn end(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }

    /// Asks for a token.
    pub fn login(&self, form: &[(&str, &str)]) -> Answer {
        let url = format!("{}/api/v1/login", self.url);
        answer(self.agent.post(url).send_form(form.iter().copied()))
    }

    /// Sends a request below `/api/v1` as the user who may do everything.
    pub fn request(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/api/v1{path}", self.url))
            .header("authorization", format!("Bearer {}", self.admin))
            .header("content-type", "application/json")
            .body(body.to_string())
            .unwrap();
        answer(self.agent.run(request))
    }

    /// The same, where nothing but success will do; the body of the answer.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.request(method, path, body);
        let ok = (200..300).contains(&answer.status);
        assert!(ok, "{method} {path}: {answer:?}");
        answer.body
    }

    /// Makes a service account; the path of its API keys.
    pub fn service_account(&self, name: &str) -> String {
        let account = json!({"name": name, "active": true});
        let account = self.ask("POST", "/service_accounts", &account);
        format!(
            "/service_accounts/{}/api_keys",
            account["id"].as_str().unwrap()
        )
    }

    /// Makes an API key, given the path of an account's keys; the key, and its path.
    pub fn api_key(&self, keys: &str, name: &str) -> (String, String) {
        let key = self.ask("POST", keys, &json!({"name": name}));
        let id = key["id"].as_str().unwrap();
        let secret = key["body"]["key"].as_str().unwrap();
        (secret.to_owned(), format!("{keys}/{id}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn answer(sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut response = sent.unwrap();
    Answer {
        status: response.status().as_u16(),
        body: response.body_mut().read_json().unwrap_or_default(),
    }
}
