//! What servers answer, and what is made of it.

use serde_json::json;

use super::small::{Small, closed, info, reply, silent, zenml};
use super::{root, root_with, verify};
use crate::support::api_key;

fn ask(url: &str) -> super::Verified {
    verify(&root_with(url, &api_key(1)), &[], &["--timeout", "5"])
}

#[test]
fn a_good_server_and_a_good_key() {
    let server = Small::new(zenml);
    let verified = ask(&server.url);
    verified
        .exits(0)
        .has("static", "ok", &[])
        .has("dns", "ok", &["127.0.0.1"])
        .has("tcp", "ok", &[])
        .has("tls", "skipped", &["http"])
        .has("health", "ok", &[])
        .has("info", "ok", &["0.98.0", "small", "open source"])
        .has("credentials", "ok", &["service account `ci`"]);
    assert_eq!(
        server.lines(),
        [
            "GET /health",
            "GET /api/v1/info",
            "POST /api/v1/login",
            "GET /api/v1/current-user"
        ]
    );
    let json = verified.run.json();
    let provider = &json["providers"][0];
    assert_eq!(provider["path"], "main.tf");
    assert_eq!(provider["line"], 1);
    assert_eq!(provider["alias"], json!(null));
    assert_eq!(provider["server_url"], server.url);
}

#[test]
fn nobody_listens() {
    ask(&format!("http://127.0.0.1:{}", closed()))
        .exits(1)
        .has("tcp", "failed", &["refuses connections", "port"])
        .has("tls", "skipped", &[])
        .has("health", "skipped", &[])
        .has("credentials", "skipped", &[]);
}

#[test]
fn versions_below_the_providers_need_are_refused() {
    let server = Small::zenml_but("/api/v1/info", "200 OK", info("0.70.0"));
    ask(&server.url)
        .exits(1)
        .has("info", "failed", &["0.70.0", "0.80.0"])
        .has("credentials", "skipped", &[]);
    let skipping = root(&format!(
        "server_url = \"{}\"\napi_key = \"{}\"\nskip_version_check = true",
        server.url,
        api_key(1)
    ));
    verify(&skipping, &[], &[])
        .exits(0)
        .has("info", "warning", &["0.70.0", "skip_version_check"])
        .has("credentials", "ok", &[]);
}

#[test]
fn html_everywhere_is_no_server() {
    let server = Small::new(|_, out| reply(out, "200 OK", "", b"\n<!doctype html><html></html>"));
    ask(&server.url)
        .exits(1)
        .has("health", "warning", &["web page"])
        .has("info", "failed", &["web page", "root of the server"])
        .has("credentials", "skipped", &[]);
    assert!(!server.lines().iter().any(|line| line.contains("login")));
}

#[test]
fn other_json_is_no_server() {
    for body in [
        "{}",
        "[]",
        "null",
        "{\"version\": 5, \"id\": 1}",
        "{\"id\": \"x\"}",
    ] {
        let server = Small::zenml_but("/api/v1/info", "200 OK", body);
        ask(&server.url)
            .exits(1)
            .has("info", "failed", &["not a ZenML server"]);
    }
    let server = Small::zenml_but("/api/v1/info", "200 OK", "it works");
    ask(&server.url)
        .exits(1)
        .has("info", "failed", &["no JSON"]);
}

#[test]
fn statuses_of_info() {
    for (status, words) in [
        ("404 Not Found", "no ZenML server"),
        ("405 Method Not Allowed", "no ZenML server"),
        ("401 Unauthorized", "wants to know who asks"),
        ("403 Forbidden", "wants to know who asks"),
        ("500 Internal Server Error", "inside the server"),
        ("503 Service Unavailable", "is it running?"),
        ("204 No Content", "answers 204"),
    ] {
        let server = Small::zenml_but("/api/v1/info", status, "{}");
        ask(&server.url)
            .exits(1)
            .has("info", "failed", &[words])
            .has("credentials", "skipped", &[]);
    }
}

#[test]
fn health_alone_breaks_nothing() {
    let server = Small::zenml_but("/health", "404 Not Found", "");
    ask(&server.url)
        .exits(0)
        .has("health", "warning", &["404"])
        .has("credentials", "ok", &[]);
    let server = Small::zenml_but("/health", "503 Service Unavailable", "");
    ask(&server.url).exits(1).has("health", "failed", &["503"]);
}

#[test]
fn too_many_requests() {
    for (header, words) in [("retry-after: 30\r\n", "30 s"), ("", "a minute")] {
        let server = Small::new(move |request, out| match request.path() {
            "/api/v1/login" => reply(out, "429 Too Many Requests", header, b"{}"),
            _ => zenml(request, out),
        });
        ask(&server.url)
            .exits(1)
            .has("credentials", "failed", &["429", words]);
    }
}

#[test]
fn an_inactive_server() {
    let body = info("0.98.0").replace("true", "false");
    let server = Small::zenml_but("/api/v1/info", "200 OK", body);
    ask(&server.url)
        .exits(1)
        .has("info", "failed", &["not active", "browser"])
        .has("credentials", "skipped", &[]);
}

#[test]
fn pro_and_open_source() {
    let pro_key = format!("ZENPROKEY_{}", "a1b2c3".repeat(10));
    let server = Small::new(zenml);
    verify(&root_with(&server.url, &pro_key), &[], &[])
        .exits(1)
        .has("credentials", "failed", &["ZenML Pro", "open source"]);
    assert!(!server.lines().iter().any(|line| line.contains("login")));

    let workspace = info("0.98.0").replace("docker", "cloud");
    let server = Small::zenml_but("/api/v1/info", "200 OK", workspace);
    ask(&server.url)
        .exits(0)
        .has("info", "ok", &["ZenML Pro"])
        .has("credentials", "ok", &["deprecated"]);
    let verified = verify(&root_with(&server.url, &pro_key), &[], &[]);
    verified
        .exits(0)
        .has("credentials", "ok", &["service account `ci`"]);
    assert!(!verified.checks["credentials"].1.contains("deprecated"));
}

#[test]
fn what_a_login_answers() {
    for (status, detail, words) in [
        (
            "401 Unauthorized",
            "error decoding API key",
            "cannot read the key",
        ),
        ("401 Unauthorized", "could not verify key value", "rotated"),
        ("401 Unauthorized", "error retrieving API key", "deleted"),
        (
            "401 Unauthorized",
            "API key x is not active",
            "switched off",
        ),
        ("401 Unauthorized", "some new reason", "some new reason"),
        ("403 Forbidden", "no", "refuses the key"),
        ("422 Unprocessable Entity", "", "422"),
        ("500 Internal Server Error", "", "answers 500 to the key"),
    ] {
        let detail = json!({"detail": ["CredentialsNotValid", detail]}).to_string();
        let server = Small::zenml_but("/api/v1/login", status, detail);
        ask(&server.url)
            .exits(1)
            .has("credentials", "failed", &[words]);
    }
    for body in ["{}", "<html>", "{\"access_token\": null}"] {
        let server = Small::zenml_but("/api/v1/login", "200 OK", body);
        ask(&server.url)
            .exits(1)
            .has("credentials", "failed", &["something else than a token"]);
    }
}

#[test]
fn a_redirect_is_named_and_not_followed() {
    let elsewhere = Small::new(zenml);
    let root = elsewhere.url.clone();
    let server = Small::new(move |request, out| {
        let header = format!("location: {root}{}\r\n", request.path());
        reply(out, "307 Temporary Redirect", &header, b"")
    });
    let write = format!("write `{}`", elsewhere.url);
    ask(&server.url)
        .exits(1)
        .has(
            "health",
            "failed",
            &["redirects to", &elsewhere.url, &write],
        )
        .has("credentials", "skipped", &[]);
    assert_eq!(elsewhere.lines(), [] as [&str; 0]);
    assert_eq!(server.lines(), ["GET /health"]);
}

#[test]
fn a_redirect_of_the_login_is_not_followed() {
    let elsewhere = Small::new(zenml);
    let root = elsewhere.url.clone();
    let server = Small::new(move |request, out| match request.path() {
        "/api/v1/login" => {
            let header = format!("location: {root}/catch\r\n");
            reply(out, "302 Found", &header, b"")
        }
        _ => zenml(request, out),
    });
    ask(&server.url)
        .exits(1)
        .has("credentials", "failed", &["redirects to", "/catch"]);
    assert_eq!(elsewhere.lines(), [] as [&str; 0]);
    let server = Small::new(|_, out| reply(out, "301 Moved Permanently", "", b""));
    ask(&server.url).has("health", "failed", &["redirect to nowhere"]);
}

#[test]
fn what_is_no_http() {
    let server = Small::new(|_, out| out.write_all(b"SSH-2.0-OpenSSH_9.2\r\n"));
    ask(&server.url)
        .exits(1)
        .has("health", "failed", &["does not speak HTTP"]);
    let (listener, address) = silent();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    ask(&format!("http://{address}"))
        .exits(1)
        .has("health", "failed", &["hangs up"]);
}
