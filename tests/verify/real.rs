//! Against a real ZenML server.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::support::api_key;
use super::support::server::Server;
use super::{Verified, root_with, verify};

fn ask(server: &Server, end: &str, key: &str) -> Verified {
    let url = format!("{}{end}", server.url);
    // A server on a busy machine takes seconds to compare a key with its hash.
    verify(&root_with(&url, key), &[], &["--timeout", "15"])
}

#[test]
fn keys() {
    let Some(server) = Server::shared() else {
        return;
    };
    let keys = server.service_account("verify-keys");
    let (key, path) = server.api_key(&keys, "first");
    ask(server, "", &key)
        .exits(0)
        .has("health", "ok", &[])
        .has("info", "ok", &["ZenML 0.98.0", "open source"])
        .has("credentials", "ok", &["the service account `verify-keys`"]);
    ask(server, "", &key[..160])
        .exits(1)
        .has("static", "failed", &["160 of 167"])
        .has("credentials", "skipped", &[]);
    ask(server, "", &with_other_secret(&key)).exits(1).has(
        "credentials",
        "failed",
        &["its secret is another", "rotated"],
    );
    ask(server, "", &api_key(7)).exits(1).has(
        "credentials",
        "failed",
        &["does not know the key", "another server's"],
    );

    let rotated = server.ask("PUT", &format!("{path}/rotate"), &json!({}));
    ask(server, "", &key)
        .exits(1)
        .has("credentials", "failed", &["rotated"]);
    let key = rotated["body"]["key"].as_str().unwrap();
    ask(server, "", key).exits(0);

    server.ask("PUT", &path, &json!({"active": false}));
    ask(server, "", key)
        .exits(1)
        .has("credentials", "failed", &["switched off"]);
    server.ask("PUT", &path, &json!({"active": true}));
    let account = keys.strip_suffix("/api_keys").unwrap();
    server.ask("PUT", account, &json!({"active": false}));
    ask(server, "", key)
        .exits(1)
        .has("credentials", "failed", &["switched off"]);
    server.ask("PUT", account, &json!({"active": true}));

    server.ask("DELETE", &path, &Value::Null);
    ask(server, "", key)
        .exits(1)
        .has("credentials", "failed", &["deleted"]);
}

/// The same key with another secret inside.
fn with_other_secret(key: &str) -> String {
    let payload = STANDARD
        .decode(key.strip_prefix("ZENKEY_").unwrap())
        .unwrap();
    let mut payload: Value = serde_json::from_slice(&payload).unwrap();
    let id = payload["id"].take();
    let json = format!(r#"{{"id":{id},"key":"{}"}}"#, "0".repeat(64));
    format!("ZENKEY_{}", STANDARD.encode(json))
}

#[test]
fn tokens() {
    let Some(server) = Server::shared() else {
        return;
    };
    let ask = |token: &str| {
        let directory = root_with(&server.url, "");
        verify(
            &directory,
            &[("ZENML_API_TOKEN", token)],
            &["--timeout", "15"],
        )
    };
    ask(&server.admin)
        .exits(0)
        .has("credentials", "ok", &["`default`", "does not expire"]);
    let generic = |seconds: u32| {
        let path = format!("/api_token?token_type=generic&expires_in={seconds}");
        let token = server.ask("GET", &path, &Value::Null);
        token.as_str().unwrap().to_owned()
    };
    ask(&generic(7200))
        .exits(0)
        .has("credentials", "ok", &["expires on"]);
    ask(&generic(300))
        .exits(0)
        .has("credentials", "warning", &["expires already on"]);
    let expired = generic(1);
    std::thread::sleep(std::time::Duration::from_secs(2));
    ask(&expired)
        .exits(1)
        .has("static", "failed", &["expired on"])
        .has("credentials", "skipped", &[]);
    let (head, signature) = server.admin.rsplit_once('.').unwrap();
    // Another first character is still base64url.
    let first = if signature.starts_with('A') { "B" } else { "A" };
    ask(&format!("{head}.{first}{}", &signature[1..]))
        .exits(1)
        .has("credentials", "failed", &["has not signed the token"]);
    let of_another = URL_SAFE_NO_PAD.encode(r#"{"sub":"x","iss":"another","aud":"another"}"#);
    let mut parts: Vec<&str> = server.admin.split('.').collect();
    parts[1] = &of_another;
    ask(&parts.join("."))
        .exits(1)
        .has("credentials", "failed", &["another server's"]);
}

#[test]
fn urls() {
    let Some(server) = Server::shared() else {
        return;
    };
    let key = api_key(7);
    ask(server, "/", &key)
        .exits(1)
        .has("static", "failed", &["drop the slash"])
        .has("info", "skipped", &[]);
    ask(server, "/workspaces/default", &key)
        .exits(1)
        .has("static", "failed", &["own paths"]);
    ask(server, "/zenml", &key)
        .exits(1)
        .has("info", "failed", &["root of the server"])
        .has("credentials", "skipped", &[]);
}

#[test]
fn a_server_that_is_not_active() {
    let Some(server) = Server::start(&[("ZENML_SERVER_AUTO_ACTIVATE", "0")]) else {
        return;
    };
    ask(&server, "", &api_key(7))
        .exits(1)
        .has("info", "failed", &["not active yet"])
        .has("credentials", "skipped", &[]);
}
