//! A small HTTP server that answers as a test wants it to.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

/// What came in.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET /health`
    pub line: String,
    /// The headers, as they came.
    pub headers: String,
    pub body: String,
}

impl Request {
    /// The path that is asked for.
    pub fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

pub type Answer = dyn Fn(&Request, &mut dyn Write) -> std::io::Result<()> + Send + Sync;

/// A server on a free port of the loopback address, until the test program ends.
pub struct Small {
    pub port: u16,
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Small {
    /// Speaks HTTP.
    pub fn new(
        answer: impl Fn(&Request, &mut dyn Write) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::start(None, Arc::new(answer))
    }

    /// Speaks HTTP over TLS.
    pub fn with_tls(config: Arc<ServerConfig>) -> Self {
        Self::start(Some(config), Arc::new(zenml))
    }

    /// A ZenML server, but for one path.
    pub fn zenml_but(path: &'static str, status: &'static str, body: impl Into<String>) -> Self {
        let body = body.into();
        Self::new(move |request, out| match request.path() == path {
            true => reply(out, status, "", body.as_bytes()),
            false => zenml(request, out),
        })
    }

    fn start(tls: Option<Arc<ServerConfig>>, answer: Arc<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let seen = requests.clone();
        let scheme = if tls.is_some() { "https" } else { "http" };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer, tls) = (seen.clone(), answer.clone(), tls.clone());
                thread::spawn(move || match tls {
                    None => serve(stream, &seen, &*answer),
                    Some(config) => {
                        let connection = ServerConnection::new(config).unwrap();
                        serve(StreamOwned::new(connection, stream), &seen, &*answer);
                    }
                });
            }
        });
        Self {
            port,
            url: format!("{scheme}://127.0.0.1:{port}"),
            requests,
        }
    }

    /// Everything that was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The lines of the requests.
    pub fn lines(&self) -> Vec<String> {
        self.requests()
            .into_iter()
            .map(|request| request.line)
            .collect()
    }
}

fn serve(mut stream: impl Read + Write, seen: &Mutex<Vec<Request>>, answer: &Answer) {
    while let Some(request) = read(&mut stream) {
        seen.lock().unwrap().push(request.clone());
        // A client that has heard enough hangs up.
        if answer(&request, &mut stream)
            .and_then(|()| stream.flush())
            .is_err()
        {
            return;
        }
    }
}

/// The next request; none where the other side has closed the connection.
pub fn read(stream: &mut impl Read) -> Option<Request> {
    let mut reader = BufReader::with_capacity(1, stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = String::new();
    let mut length = 0;
    while reader.read_line(&mut headers).ok()? > 2 {
        let last = headers.lines().last()?.to_ascii_lowercase();
        if let Some(value) = last.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = line.rsplit_once(' ')?.0.to_owned();
    let body = String::from_utf8(body).ok()?;
    Some(Request {
        line,
        headers,
        body,
    })
}

/// Answers with a status line's end, more headers (each with its line end) and a body.
pub fn reply(out: &mut dyn Write, status: &str, headers: &str, body: &[u8]) -> std::io::Result<()> {
    write!(
        out,
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    )?;
    out.write_all(body)
}

/// What `/api/v1/info` says, of a version.
pub fn info(version: &str) -> String {
    json!({
        "id": "5e4f1e5c-0000-4000-8000-000000000000",
        "name": "small",
        "version": version,
        "active": true,
        "deployment_type": "docker",
    })
    .to_string()
}

/// Answers as a ZenML server that takes every credential.
pub fn zenml(request: &Request, out: &mut dyn Write) -> std::io::Result<()> {
    let token = json!({"access_token": "a-token-of-the-session", "expires_in": null});
    let user = json!({"name": "ci", "body": {"is_service_account": true, "active": true}});
    let (status, body) = match request.line.as_str() {
        "GET /health" => ("200 OK", "\"OK\"".to_owned()),
        "GET /api/v1/info" => ("200 OK", info("0.98.0")),
        "POST /api/v1/login" => ("200 OK", token.to_string()),
        "GET /api/v1/current-user" => ("200 OK", user.to_string()),
        _ => ("404 Not Found", "{}".to_owned()),
    };
    reply(
        out,
        status,
        "content-type: application/json\r\n",
        body.as_bytes(),
    )
}

/// Sends one byte after the other, slowly, for ever.
pub fn drip(out: &mut dyn Write, byte: u8) -> std::io::Result<()> {
    loop {
        out.write_all(&[byte])?;
        out.flush()?;
        thread::sleep(Duration::from_millis(50));
    }
}

/// Sends bytes as fast as they are taken, for ever.
pub fn flood(out: &mut dyn Write, byte: u8) -> std::io::Result<()> {
    loop {
        out.write_all(&[byte; 4096])?;
    }
}

/// A connection that is taken and never answered.
pub fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, format!("127.0.0.1:{port}"))
}

/// A port that nobody listens at.
pub fn closed() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Hands bytes on between two connections.
pub fn join(one: TcpStream, other: TcpStream) {
    let (mut in_one, mut out_one) = (one.try_clone().unwrap(), one);
    let (mut in_other, mut out_other) = (other.try_clone().unwrap(), other);
    thread::spawn(move || std::io::copy(&mut in_one, &mut out_other));
    let _ = std::io::copy(&mut in_other, &mut out_one);
}
