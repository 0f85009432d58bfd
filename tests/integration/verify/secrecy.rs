//! Whatever a server says, no credential is shown, and nothing that a terminal would obey.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::small::{Small, info, reply, zenml};
use super::{root, root_with, verify};
use crate::support::program::{finish, program};
use crate::support::{NOW, api_key, jwt};

/// The parts of a key that give it away.
fn parts(key: &str) -> Vec<String> {
    let payload = key.strip_prefix("ZENKEY_").unwrap();
    let encoded = payload
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    vec![
        payload[10..40].to_owned(),
        encoded[encoded.len() - 20..].to_owned(),
        // The secret inside.
        "01".repeat(20),
    ]
}

#[test]
fn an_echo_of_the_key_is_masked() {
    let key = api_key(1);
    let echo = key.clone();
    let server = Small::new(move |request, out| match request.path() {
        "/api/v1/login" => {
            let detail = format!(
                "no such key: {echo} or {} or {}",
                request.body,
                "01".repeat(32)
            );
            let body = json!({"detail": ["CredentialsNotValid", detail]}).to_string();
            reply(out, "401 Unauthorized", "", body.as_bytes())
        }
        "/api/v1/info" => {
            let body = info("0.98.0").replace("small", &echo[..120]);
            reply(out, "200 OK", "", body.as_bytes())
        }
        _ => zenml(request, out),
    });
    for format in ["json", "human"] {
        let mut command = program(root_with(&server.url, &key).path());
        let directory = root_with(&server.url, &key);
        command
            .current_dir(directory.path())
            .args(["verify", "--output-format", format]);
        let run = finish(&mut command, "");
        assert_eq!(run.code, 1);
        assert!(run.stdout.contains("no such key"), "{}", run.stdout);
        for part in parts(&key) {
            assert!(!run.stdout.contains(&part), "{part}: {}", run.stdout);
        }
    }
}

#[test]
fn an_echo_in_a_redirect_is_masked() {
    let server = Small::new(|request, out| match request.path() {
        "/api/v1/login" => {
            let header = format!("location: https://elsewhere.test/?{}\r\n", request.body);
            reply(out, "302 Found", &header, b"")
        }
        _ => zenml(request, out),
    });
    let key = api_key(1);
    let verified = verify(&root_with(&server.url, &key), &[], &[]);
    verified.has("credentials", "failed", &["elsewhere.test"]);
    for part in parts(&key) {
        assert!(!verified.run.stdout.contains(&part), "{part}");
    }
}

#[test]
fn an_echo_of_a_token_is_masked() {
    let token = jwt(NOW + 400 * 86_400 * 10);
    let server = Small::new(|request, out| match request.path() {
        "/api/v1/current-user" => {
            let body = json!({"detail": request.headers}).to_string();
            reply(out, "401 Unauthorized", "", body.as_bytes())
        }
        _ => zenml(request, out),
    });
    let directory = root(&format!(
        "server_url = \"{}\"\napi_token = \"{token}\"",
        server.url
    ));
    let verified = verify(&directory, &[], &[]);
    verified
        .exits(1)
        .has("credentials", "failed", &["refuses the token"]);
    for part in token.split('.').skip(1) {
        assert!(!verified.run.stdout.contains(part), "{part}");
    }
}

#[test]
fn the_token_of_the_session_is_masked() {
    let server = Small::new(|request, out| match request.path() {
        "/api/v1/current-user" => {
            let body = json!({"name": "I am a-token-of-the-session"}).to_string();
            reply(out, "200 OK", "", body.as_bytes())
        }
        _ => zenml(request, out),
    });
    let verified = verify(&root_with(&server.url, &api_key(1)), &[], &[]);
    verified.exits(0).has("credentials", "ok", &["I am"]);
    assert!(!verified.run.stdout.contains("token-of-the-session"));
}

#[test]
fn control_characters_are_gone() {
    let server = Small::new(|request, out| match request.path() {
        "/api/v1/info" => {
            let body = info("0.98.0").replace("small", "\\u001b[2Jred\\u0007\\u202e\\nx");
            reply(out, "200 OK", "", body.as_bytes())
        }
        _ => zenml(request, out),
    });
    let directory = root_with(&server.url, &api_key(1));
    let mut command = program(directory.path());
    let run = finish(command.arg("verify"), "");
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("[2Jred"), "{}", run.stdout);
    for c in ['\u{1b}', '\u{7}', '\u{202e}'] {
        assert!(!run.stdout.contains(c), "{c:?}");
    }
}

#[test]
fn eight_characters_of_a_key_are_masked_in_any_form() {
    let key = api_key(7);
    let payload = key.strip_prefix("ZENKEY_").unwrap().to_owned();
    let hex: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    let spread: String = payload[20..40].chars().flat_map(|c| [c, ' ']).collect();
    let forms = [
        payload[30..38].to_owned(),
        payload[20..60].to_lowercase(),
        payload[20..60].to_uppercase(),
        STANDARD.encode(&key),
        STANDARD.encode(format!("Bearer {key}")),
        STANDARD.encode(&payload[1..60]),
        hex[40..80].to_uppercase(),
        spread,
    ];
    for form in forms {
        let said = form.clone();
        let server = Small::new(move |request, out| match request.path() {
            "/api/v1/login" => {
                let body = json!({"detail": ["CredentialsNotValid", format!("see <{said}>")]});
                reply(out, "401 Unauthorized", "", body.to_string().as_bytes())
            }
            _ => zenml(request, out),
        });
        let verified = verify(&root_with(&server.url, &key), &[], &[]);
        verified.exits(1).has("credentials", "failed", &["see <"]);
        let letters: Vec<char> = form.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let shown = verified.run.stdout.replace(' ', "");
        // Base64 of something before the key has a few characters of that.
        for window in letters[11.min(letters.len() - 8)..].windows(8) {
            let window: String = window.iter().collect();
            assert!(!shown.contains(&window), "{window}: {shown}");
        }
    }
}

#[test]
fn directions_and_separators_are_escaped_in_json() {
    let server = Small::new(|request, out| match request.path() {
        "/api/v1/info" => {
            let odd = "x\\u202ey\\u2066z\\u2028\\u2029\\u061cw\\u0085";
            let body = info("0.98.0").replace("small", odd);
            reply(out, "200 OK", "", body.as_bytes())
        }
        _ => zenml(request, out),
    });
    let verified = verify(&root_with(&server.url, &api_key(1)), &[], &[]);
    verified
        .exits(0)
        .has("info", "ok", &["x\u{202e}y\u{2066}z"]);
    let stdout = &verified.run.stdout;
    for c in [
        '\u{202e}', '\u{2066}', '\u{2028}', '\u{2029}', '\u{61c}', '\u{85}',
    ] {
        assert!(!stdout.contains(c), "{c:?}: {stdout}");
    }
    assert!(stdout.contains("\\u202e"), "{stdout}");
}
