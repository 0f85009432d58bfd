//! Asks the real server: is the URL right, does it answer, is the credential good? The only code that opens a socket.
//!
//! Checks go from the outside in (name, connection, TLS, server, credential), so that the first that fails is the cause;
//! those after it are skipped. What the server answers is never trusted: it is bounded in size and time, and whatever is
//! shown of it goes through the same redaction as everything else.

mod answers;
mod client;
mod credential;
mod echo;
mod network;
mod offline;
mod proxy;
mod report;
mod tls;

use std::net::SocketAddr;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use url::Url;

use crate::connection::{Connection, Given};
use crate::environment::Environment;
use crate::reader::Reader;
use crate::settings::Settings;

use client::Client;
use echo::Echoes;
use offline::Sent;
use proxy::Proxied;
use tls::Roots;

pub use report::{Report, write_human, write_json};

/// How many servers are asked at the same time.
const MOST_AT_ONCE: usize = 16;

/// How long after the deadline a check may still say by itself what it was waiting for.
const GRACE: Duration = Duration::from_millis(200);

/// How the servers are asked.
pub struct Options {
    /// When every answer must be there.
    pub deadline: Instant,
    /// How long that is in all, to be named where it is over.
    pub limit: Duration,
    /// Whether credentials may go over plain `http` to other machines.
    pub insecure: bool,
    /// The time of the check, in seconds since 1970.
    pub now: i64,
    environment: Environment,
    reader: Reader,
    roots: OnceLock<Roots>,
}

/// What is checked, from the outside in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What can be known without asking.
    Static,
    /// The name of the host.
    Dns,
    /// The connection.
    Tcp,
    /// The encryption.
    Tls,
    /// `GET /health`
    Health,
    /// `GET /api/v1/info`
    Info,
    /// `POST /api/v1/login`, `GET /api/v1/current-user`
    Credentials,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As it should.
    Ok,
    /// It works, but not as one might think.
    Warning,
    /// Terraform will fail, or nothing could be found out.
    Failed,
    /// It was not made.
    Skipped,
}

/// One check of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub step: Step,
    /// How it ended.
    pub status: Status,
    /// What it means and, where something is wrong, what to do. Without secrets.
    pub message: String,
    /// How long it took.
    pub time: Duration,
}

/// How a check ended, and what is to be said of it.
#[derive(Debug)]
struct Outcome {
    status: Status,
    message: String,
}

impl Outcome {
    fn ok(message: impl Into<String>) -> Self {
        Self::new(Status::Ok, message)
    }

    fn warning(message: impl Into<String>) -> Self {
        Self::new(Status::Warning, message)
    }

    fn failed(message: impl Into<String>) -> Self {
        Self::new(Status::Failed, message)
    }

    fn skipped(message: impl Into<String>) -> Self {
        Self::new(Status::Skipped, message)
    }

    fn new(status: Status, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }
}

impl Options {
    /// Options for a run that has so much time from now on, and the variables that the runs of terraform will have: the
    /// proxy and the certificates are taken from these.
    pub fn new(limit: Duration, insecure: bool, settings: &Settings) -> Self {
        Self {
            deadline: Instant::now() + limit,
            limit,
            insecure,
            now: settings.now,
            environment: settings.environment.clone(),
            reader: settings.reader,
            roots: OnceLock::new(),
        }
    }

    /// The certificates of the authorities that are trusted; read when the first server is asked over TLS.
    fn roots(&self) -> &Roots {
        self.roots
            .get_or_init(|| Roots::load(&self.environment, self.reader))
    }

    /// How much time is left; `None` where it is over.
    fn left(&self) -> Option<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

/// Checks each connection. Where several are the same but for their places, the server is asked once.
///
/// Whatever a server, a proxy or the system's resolver does, this ends with the deadline: threads of their own wait for
/// them, and are left behind where they wait for longer.
pub fn verify(connections: &[Connection], options: Options) -> Vec<Vec<Check>> {
    let mut distinct: Vec<Connection> = Vec::new();
    let mut place = |connection: &Connection| {
        let known = distinct.iter();
        let known = known
            .enumerate()
            .find(|(_, one)| connects_alike(one, connection));
        known.map(|(at, _)| at).unwrap_or_else(|| {
            distinct.push(connection.clone());
            distinct.len() - 1
        })
    };
    let places: Vec<usize> = connections.iter().map(&mut place).collect();
    let mut all = vec![Progress::new(); distinct.len()];
    let options = Arc::new(options);
    let (sender, receiver) = mpsc::channel();
    let asked = options.clone();
    thread::spawn(move || ask(&distinct, &asked, &sender));
    let end = options.deadline + GRACE;
    let left = || end.saturating_duration_since(Instant::now());
    while let Ok((at, check)) = receiver.recv_timeout(left()) {
        if let Some(progress) = all.get_mut(at) {
            progress.add(check);
        }
    }
    for progress in &mut all {
        progress.end(&options);
    }
    let checks = places.into_iter().filter_map(|at| all.get(at));
    checks.map(|progress| progress.checks.clone()).collect()
}

/// Checks connections, and sends each check with the number of its connection as soon as it is made.
fn ask(connections: &[Connection], options: &Options, sender: &Sender<(usize, Check)>) {
    let check = |(at, connection): (usize, &Connection)| {
        let sender = sender.clone();
        // Where the time is over, nobody listens.
        let send = move |check| drop(sender.send((at, check)));
        Run::new(connection, options, &send).all(connection);
    };
    // Threads that wait for servers, not for processors.
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(connections.len().clamp(1, MOST_AT_ONCE))
        .build();
    match threads {
        Ok(threads) => threads.install(|| connections.par_iter().enumerate().for_each(check)),
        Err(_) => connections.iter().enumerate().for_each(check),
    }
}

/// The checks of a connection that have been made.
#[derive(Clone)]
struct Progress {
    checks: Vec<Check>,
    /// When the last of them was made.
    since: Instant,
}

impl Progress {
    fn new() -> Self {
        Self {
            checks: Vec::new(),
            since: Instant::now(),
        }
    }

    fn add(&mut self, check: Check) {
        self.checks.push(check);
        self.since = Instant::now();
    }

    /// Says of what is missing that the time is over.
    fn end(&mut self, options: &Options) {
        let made = self.checks.len();
        let mut missing = Step::ALL.into_iter().skip(made);
        if let Some(step) = missing.next() {
            let message = network::too_late("no answer has come", options);
            self.checks.push(Check {
                step,
                status: Status::Failed,
                message,
                time: self.since.elapsed(),
            });
        }
        self.checks.extend(missing.map(|step| Check {
            step,
            status: Status::Skipped,
            message: "the time is over".into(),
            time: Duration::ZERO,
        }));
    }
}

fn connects_alike(one: &Connection, other: &Connection) -> bool {
    one.server_url == other.server_url
        && one.api_key == other.api_key
        && one.api_token == other.api_token
        && one.skip_version_check == other.skip_version_check
}

/// The checks of one connection.
struct Run<'a> {
    options: &'a Options,
    send: &'a dyn Fn(Check),
    /// How many checks have been made.
    made: usize,
    echoes: Echoes,
}

impl<'a> Run<'a> {
    fn new(connection: &Connection, options: &'a Options, send: &'a dyn Fn(Check)) -> Self {
        let mut echoes = Echoes::default();
        for given in [&connection.api_key, &connection.api_token] {
            if let Given::Text { text, .. }
            | Given::Unknown {
                stand_in: Some(text),
                ..
            } = given
            {
                echoes.add(text);
            }
        }
        Self {
            options,
            send,
            made: 0,
            echoes,
        }
    }

    fn all(mut self, connection: &Connection) {
        let begin = Instant::now();
        let (outcome, sent) = offline::check(connection, self.options);
        self.add(Step::Static, begin, outcome);
        let reached = match &sent.server {
            Some(url) => self.reach(url),
            None => Err("there is no URL that can be asked"),
        };
        let client = match reached {
            Ok(client) => client,
            Err(why) => return self.skip_rest(why),
        };
        let health = self.check(Step::Health, || answers::health(&client));
        if health == Status::Failed {
            return self.skip_rest("the server does not answer as one that is well");
        }
        let begin = Instant::now();
        let (outcome, server) = answers::info(&client, connection.skip_version_check);
        self.add(Step::Info, begin, outcome);
        let Some(server) = server else {
            return self.skip_rest("nothing is sent to what may be no ZenML server");
        };
        let begin = Instant::now();
        let outcome = self.try_credential(&client, &server, &sent);
        self.add(Step::Credentials, begin, outcome);
    }

    /// A client for a server that answers; else why there is none.
    fn reach(&mut self, url: &Url) -> Result<Client<'a>, &'static str> {
        let options = self.options;
        let proxied = Proxied::of(url, &options.environment);
        let through = match &proxied {
            Proxied::Direct => None,
            Proxied::Through { shown, .. } => Some(format!("the proxy {shown} does that")),
        };
        if let Some(skipped) = through {
            for step in [Step::Dns, Step::Tcp, Step::Tls] {
                self.check(step, || Outcome::skipped(skipped.clone()));
            }
            return self.client(url, &proxied, None);
        }
        let begin = Instant::now();
        let (outcome, addresses) = network::resolve(url, options);
        self.add(Step::Dns, begin, outcome);
        if addresses.is_empty() {
            return Err("the host's name leads nowhere");
        }
        let begin = Instant::now();
        let (outcome, connected) = network::connect(url, &addresses, options);
        self.add(Step::Tcp, begin, outcome);
        let Some((stream, address)) = connected else {
            return Err("there is no connection");
        };
        let tls = self.check(Step::Tls, || match url.scheme() {
            "https" => tls::handshake(stream, url, options),
            _ => Outcome::skipped("plain `http` has no encryption"),
        });
        if tls == Status::Failed {
            return Err("nothing is sent over a connection that cannot be trusted");
        }
        self.client(url, &proxied, Some(address))
    }

    fn client(
        &mut self,
        url: &Url,
        proxied: &Proxied,
        address: Option<SocketAddr>,
    ) -> Result<Client<'a>, &'static str> {
        Client::new(url, proxied, address, self.options).map_err(|why| {
            self.check(Step::Health, || Outcome::failed(why));
            "no request can be made"
        })
    }

    fn try_credential(
        &mut self,
        client: &Client<'_>,
        server: &answers::Server,
        sent: &Sent,
    ) -> Outcome {
        match &sent.credential {
            Ok(credential) => credential::check(client, server, credential, &mut self.echoes),
            Err(outcome) => Outcome::new(outcome.status, outcome.message.clone()),
        }
    }

    fn check(&mut self, step: Step, check: impl FnOnce() -> Outcome) -> Status {
        let begin = Instant::now();
        let outcome = check();
        let status = outcome.status;
        self.add(step, begin, outcome);
        status
    }

    fn add(&mut self, step: Step, begin: Instant, outcome: Outcome) {
        self.made += 1;
        (self.send)(Check {
            step,
            status: outcome.status,
            message: self.echoes.mask(&outcome.message),
            time: begin.elapsed(),
        });
    }

    /// What was not checked, and why.
    fn skip_rest(&mut self, why: &str) {
        for step in Step::ALL.into_iter().skip(self.made) {
            self.check(step, || Outcome::skipped(why));
        }
    }
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 7] = [
        Self::Static,
        Self::Dns,
        Self::Tcp,
        Self::Tls,
        Self::Health,
        Self::Info,
        Self::Credentials,
    ];

    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Health => "health",
            Self::Info => "info",
            Self::Credentials => "credentials",
        }
    }
}

impl Status {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}
