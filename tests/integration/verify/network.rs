//! Time and size have an end, and proxies are used as the provider uses them.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::small::{self, Small, drip, flood, join, reply, silent, zenml};
use super::{ALL, Verified, root_with, verify};
use crate::support::program::run;
use crate::support::{api_key, repository};

/// Beyond the time limit of a second: starting the program on a busy machine.
const SLACK: Duration = Duration::from_secs(4);

#[track_caller]
fn in_time(url: &str, check: &str) -> Verified {
    let verified = verify(&root_with(url, &api_key(1)), &[], &["--timeout", "1"]);
    verified.exits(1).has(check, "failed", &[]);
    assert!(
        verified.took < Duration::from_secs(1) + SLACK,
        "{:?}",
        verified.took
    );
    verified
}

#[test]
fn a_server_that_hangs() {
    let (_listener, address) = silent();
    in_time(&format!("http://{address}"), "health").has(
        "health",
        "failed",
        &["time is over", "1 s", "--timeout"],
    );
    in_time(&format!("https://{address}"), "tls").has("tls", "failed", &["time is over"]);
}

#[test]
fn servers_that_drip() {
    let headers = Small::new(|_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nx-long: ")?;
        drip(out, b'x')
    });
    in_time(&headers.url, "health");
    let body = Small::new(|request, out| match request.path() {
        "/api/v1/info" => {
            out.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n")?;
            drip(out, b' ')
        }
        _ => zenml(request, out),
    });
    in_time(&body.url, "info").has("info", "failed", &["time is over"]);
    let unasked = Small::new(|_, out| {
        loop {
            out.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            out.flush()?;
            thread::sleep(Duration::from_millis(50));
        }
    });
    in_time(&unasked.url, "health");
    let (listener, address) = silent();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // The beginning of a record of TLS, and then nothing but its bytes, one by one.
            thread::spawn(move || {
                let mut stream = stream;
                stream.write_all(&[22, 3, 3, 0x3f, 0xff])?;
                drip(&mut stream, 2)
            });
        }
    });
    in_time(&format!("https://{address}"), "tls");
}

/// A listener whose every connection is handled by this.
fn listening(handle: impl Fn(TcpStream) -> std::io::Result<()> + Copy + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || handle(stream));
        }
    });
    address.to_string()
}

#[test]
fn proxies_that_drip() {
    let answer = listening(|mut stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nx-long: ")?;
        drip(&mut stream, b'x')
    });
    let status = listening(|mut stream| drip(&mut stream, b'H'));
    let interim = listening(|mut stream| {
        loop {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            thread::sleep(Duration::from_millis(50));
        }
    });
    let socks = listening(|mut stream| drip(&mut stream, 5));
    let silent = listening(|stream| {
        thread::sleep(Duration::from_secs(60));
        drop(stream);
        Ok(())
    });
    let proxies = [answer, status, interim, silent].map(|address| format!("http://{address}"));
    let proxies = proxies.into_iter().chain([format!("socks5://{socks}")]);
    for proxy in proxies {
        let root = root_with("https://zenml.acme.test", &api_key(1));
        let verified = verify(&root, &[("HTTPS_PROXY", &proxy)], &["--timeout", "1"]);
        verified.exits(1).has("health", "failed", &[]);
        verified.has("info", "skipped", &[]);
        let most = Duration::from_secs(1) + SLACK;
        assert!(verified.took < most, "{proxy}: {:?}", verified.took);
    }
}

#[test]
fn all_providers_share_one_deadline() {
    let server = Small::new(|_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nx-long: ")?;
        drip(out, b'x')
    });
    let block = |n: usize| {
        format!(
            "provider \"zenml\" {{\n  alias = \"a{n}\"\n  server_url = \"{}/{n}\"\n  api_key = \"{}\"\n}}\n",
            server.url,
            api_key(1)
        )
    };
    let directory = repository(&[("main.tf", &(0..40).map(block).collect::<String>())]);
    let begin = Instant::now();
    let arguments = ["verify", "--timeout", "1", "--output-format", "json"];
    let run = run(directory.path(), &arguments);
    assert!(begin.elapsed() < Duration::from_secs(1) + SLACK);
    assert_eq!(run.code, 1);
    let json = run.json();
    let providers = json["providers"].as_array().unwrap();
    assert_eq!(providers.len(), 40);
    for provider in providers {
        let checks = provider["checks"].as_array().unwrap();
        assert_eq!(checks.len(), ALL.len());
        let failed = checks.iter().filter(|check| check["status"] == "failed");
        let said: Vec<_> = failed
            .map(|check| check["message"].as_str().unwrap())
            .collect();
        assert_eq!(said.len(), 1, "{checks:?}");
        assert!(said[0].contains("time is over"), "{said:?}");
    }
}

/// Keep-alive is promised, and the connection is closed after the answer all the same.
#[test]
fn a_server_that_closes_each_connection_without_a_word() {
    let address = listening(|mut stream| {
        // The connection of the check of TCP asks for nothing.
        let Some(request) = small::read(&mut stream) else {
            return Ok(());
        };
        zenml(&request, &mut stream)?;
        stream.flush()
    });
    let root = root_with(&format!("http://{address}"), &api_key(1));
    for _ in 0..20 {
        verify(&root, &[], &[])
            .exits(0)
            .has("credentials", "ok", &[]);
    }
}

/// A connection that is open a while longer, but on which nothing is answered any more: used again, it fails.
#[test]
fn no_connection_is_used_twice() {
    let address = listening(|mut stream| {
        // The connection of the check of TCP asks for nothing.
        let Some(request) = small::read(&mut stream) else {
            return Ok(());
        };
        zenml(&request, &mut stream)?;
        stream.flush()?;
        // Whatever comes next is never answered.
        let _ = small::read(&mut stream);
        Ok(())
    });
    let root = root_with(&format!("http://{address}"), &api_key(1));
    verify(&root, &[], &[])
        .exits(0)
        .has("credentials", "ok", &[]);
}

#[test]
fn endless_bodies_are_cut() {
    for header in ["", "content-encoding: gzip\r\n"] {
        let server = Small::new(move |request, out| match request.path() {
            "/api/v1/info" => {
                write!(out, "HTTP/1.1 200 OK\r\n{header}connection: close\r\n\r\n")?;
                flood(out, b'[')
            }
            _ => zenml(request, out),
        });
        let verified = verify(&root_with(&server.url, &api_key(1)), &[], &[]);
        let word = if header.is_empty() {
            "more than"
        } else {
            "compressed"
        };
        verified.exits(1).has("info", "failed", &[word]);
        assert!(
            verified.took < Duration::from_secs(8),
            "{:?}",
            verified.took
        );
    }
    let server = Small::new(|_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nx: ")?;
        flood(out, b'x')
    });
    let verified = verify(&root_with(&server.url, &api_key(1)), &[], &[]);
    verified
        .exits(1)
        .has("health", "failed", &["does not speak HTTP"]);
}

#[test]
fn nothing_compressed_is_asked_for_or_unpacked() {
    let server = Small::new(|request, out| match request.path() {
        "/api/v1/info" => reply(
            out,
            "200 OK",
            "content-encoding: gzip\r\n",
            &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
        ),
        _ => zenml(request, out),
    });
    verify(&root_with(&server.url, &api_key(1)), &[], &[])
        .exits(1)
        .has("info", "failed", &["compressed"]);
    for request in server.requests() {
        let headers = request.headers.to_ascii_lowercase();
        assert!(!headers.contains("gzip"), "{headers}");
    }
}

/// A proxy that leads every host to one server, and remembers what it was told.
struct Gateway {
    port: u16,
    heard: Arc<Mutex<String>>,
}

impl Gateway {
    fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard: Arc<Mutex<String>> = Arc::default();
        let told = heard.clone();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let told = told.clone();
                thread::spawn(move || {
                    let mut head = Vec::new();
                    let mut byte = [0];
                    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                        head.push(byte[0]);
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    let is_connect = head.starts_with("CONNECT ");
                    told.lock().unwrap().push_str(&head);
                    let mut inner = TcpStream::connect(("127.0.0.1", server)).unwrap();
                    if is_connect {
                        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                    } else {
                        inner.write_all(head.as_bytes()).unwrap();
                    }
                    join(stream, inner);
                });
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

#[test]
fn a_proxy_does_names_and_connections() {
    let server = Small::new(zenml);
    let gateway = Gateway::to(server.port);
    let password = "a-password-of-the-proxy";
    let proxy = format!("http://me:{password}@127.0.0.1:{}", gateway.port);
    let root = root_with("http://zenml.acme.test", &api_key(1));
    let verified = verify(&root, &[("HTTP_PROXY", &proxy)], &["--insecure"]);
    verified
        .exits(0)
        .has("dns", "skipped", &["proxy", "127.0.0.1"])
        .has("tcp", "skipped", &[])
        .has("tls", "skipped", &[])
        .has("credentials", "ok", &[]);
    assert!(
        gateway.heard().contains("zenml.acme.test"),
        "{}",
        gateway.heard()
    );
    assert!(!verified.run.stdout.contains(password));
}

#[test]
fn no_credential_goes_in_the_clear() {
    let server = Small::new(zenml);
    let gateway = Gateway::to(server.port);
    let proxy = format!("http://127.0.0.1:{}", gateway.port);
    let root = root_with("http://zenml.acme.test", &api_key(1));
    verify(&root, &[("http_proxy", &proxy)], &[])
        .exits(1)
        .has("info", "ok", &[])
        .has("credentials", "failed", &["not sent", "--insecure"]);
    assert_eq!(server.lines(), ["GET /health", "GET /api/v1/info"]);
    for request in server.requests() {
        assert!(!request.headers.contains("ZENKEY"), "{request:?}");
    }
}

#[test]
fn exceptions_and_other_sources_of_the_proxy() {
    let server = Small::new(zenml);
    let gateway = Gateway::to(server.port);
    let proxy = format!("127.0.0.1:{}", gateway.port);
    let root = root_with("http://zenml.localhost.acme.test", &api_key(1));
    // Without the proxy the name leads nowhere.
    let bypassing = [("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "*")];
    let long = format!("http://{}.test", "a".repeat(64));
    let nowhere = root_with(&long, &api_key(1));
    let verified = verify(&nowhere, &bypassing, &["--timeout", "5"]);
    assert_eq!(verified.run.code, 1);
    assert_eq!(gateway.heard(), "");
    crate::support::write_file(root.path(), "run.env", &format!("HTTP_PROXY={proxy}\n"));
    verify(&root, &[], &["--env-file", "run.env", "--insecure"]).exits(0);
    verify(&root, &[("HTTP_PROXY", "http://[")], &[])
        .exits(1)
        .has("health", "failed", &["proxy"]);
}

#[test]
fn a_proxy_that_refuses() {
    let proxy = Small::new(|_, out| reply(out, "407 Proxy Authentication Required", "", b""));
    let root = root_with("https://zenml.acme.test", &api_key(1));
    verify(&root, &[("HTTPS_PROXY", &proxy.url)], &["--timeout", "5"])
        .exits(1)
        .has("health", "failed", &["proxy", "password", "NO_PROXY"]);
}
