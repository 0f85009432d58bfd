//! Against a real ZenML server.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Verified, root_with, verify};
use crate::support::program::{finish, program};
use crate::support::server::Server;
use crate::support::{api_key, repository};

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

/// The port that documents show.
const SHOWN: &str = "127.0.0.1:8237";

/// What a person sees, with the port of the documents; how long it took is no matter.
fn transcript(server: &Server, main: &str, key: &str) -> String {
    let address = server.url.strip_prefix("http://").unwrap();
    let directory = repository(&[("main.tf", &main.replace(SHOWN, address))]);
    let mut command = program(directory.path());
    command
        .args(["verify", "--timeout", "15"])
        .env("TF_VAR_zenml_api_key", key);
    finish(&mut command, "").stdout.replace(address, SHOWN)
}

#[test]
fn the_documents_show_what_is_said() {
    let Some(server) = Server::shared() else {
        return;
    };
    let name = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify.md");
    let document = std::fs::read_to_string(name).unwrap();
    let (_, main) = document.split_once("file=main.tf\n").unwrap();
    let (main, _) = main.split_once("```").unwrap();
    let (good, path) = server.api_key(&server.service_account("ci"), "documented");
    let mut said = vec![transcript(server, main, &good)];
    server.ask("PUT", &format!("{path}/rotate"), &json!({}));
    said.push(transcript(server, main, &good));
    said.push(transcript(server, main, &good[..132]));
    const COMMAND: &str = "$ zenml-tflint verify\n";
    let mut parts = document.split(COMMAND);
    let mut shown = parts.next().unwrap().to_owned();
    for (part, said) in parts.zip(&said) {
        let (_, rest) = part.split_once("```").unwrap();
        shown.extend([COMMAND, said, "```", rest]);
    }
    let time = regex::Regex::new(" +[0-9]+ ms").unwrap();
    let timeless = |text: &str| time.replace_all(text, "").into_owned();
    if timeless(&document) != timeless(&shown) && std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(name, &shown).unwrap();
    }
    let document = std::fs::read_to_string(name).unwrap();
    assert_eq!(timeless(&document), timeless(&shown));
    assert_eq!(document.matches(COMMAND).count(), said.len());
}
