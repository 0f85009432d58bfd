#![allow(
    clippy::string_slice,
    reason = "the texts of these tests are cut at known places"
)]

use super::*;

const ID: &str = "01234567-89ab-cdef-0123-456789abcdef";

/// A well-formed API key that no server knows.
pub(crate) fn api_key() -> String {
    let secret = "0123456789abcdef".repeat(4);
    let payload = format!(r#"{{"id":"{ID}","key":"{secret}"}}"#);
    format!("{API_KEY_PREFIX}{}", STANDARD.encode(payload))
}

/// A JWT with these claims, signed by nobody.
pub(crate) fn jwt(claims: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header = part(r#"{"alg":"HS256","typ":"JWT"}"#);
    format!(
        "{header}.{}.{}",
        part(claims),
        part("signed by nobody at all")
    )
}

#[test]
fn a_key_has_its_length() {
    assert_eq!(api_key().len(), API_KEY_LENGTH);
    assert!(api_key().ends_with("=="));
}

#[test]
fn classes() {
    let (key, token) = (api_key(), jwt(r#"{"exp":5}"#));
    let expires = |expires| Credential::Jwt { expires };
    for (text, class) in [
        (String::new(), Credential::Blank),
        (" \n".into(), Credential::Blank),
        (key.clone(), Credential::ApiKey),
        (format!(" \"{key}\"\n"), Credential::ApiKey),
        ("ZENKEY_cut".into(), Credential::ApiKey),
        ("ZENPROKEY_abc".into(), Credential::ProApiKey),
        (token.clone(), expires(Some(5))),
        (format!("{token}\n"), expires(Some(5))),
        (jwt("{}"), expires(None)),
        (
            jwt(r#"{"exp":1700000000.75}"#),
            expires(Some(1_700_000_000)),
        ),
        (jwt(r#"{"exp":-2.5}"#), expires(Some(-2))),
        (jwt(r#"{"exp":1e300}"#), expires(Some(i64::MAX))),
        (jwt(r#"{"exp":"soon"}"#), expires(None)),
        (jwt(r#"{"exp":null}"#), expires(None)),
        (jwt("[]"), Credential::Other),
        (jwt("not json"), Credential::Other),
        ("eyJ".into(), Credential::Other),
        ("hunter2".into(), Credential::Other),
    ] {
        assert_eq!(classify(&text), class, "{text:?}");
    }
}

#[test]
fn swaps() {
    let (key, token) = (api_key(), jwt("{}"));
    for (text, in_key, in_token) in [
        (key.as_str(), false, true),
        ("ZENPROKEY_abc", false, true),
        ("ZENKEY_cut", false, true),
        (token.as_str(), true, false),
        ("hunter2", false, false),
        ("", false, false),
    ] {
        let swapped = [Slot::ApiKey, Slot::ApiToken].map(|slot| is_swapped(text, slot));
        assert_eq!(swapped, [in_key, in_token], "{text:?}");
    }
}

#[test]
fn good_credentials_have_no_defect() {
    for key in [
        String::new(),
        api_key(),
        format!("{}\n", api_key()),
        format!("{}\r\n", api_key()),
        "ZENPROKEY_whatever-it-is".into(),
    ] {
        assert_eq!(defect(&key, Slot::ApiKey), None, "{key:?}");
    }
    assert_eq!(defect(&jwt("{}"), Slot::ApiToken), None);
    assert_eq!(defect("", Slot::ApiToken), None);
}

#[test]
fn defects_of_keys() {
    let key = api_key();
    let encoded = &key[API_KEY_PREFIX.len()..];
    let other = STANDARD.encode("x".repeat(118));
    for (text, expected) in [
        (" \n".to_owned(), Defect::OnlyBlanks),
        (format!(" {key}"), Defect::BlanksAround(1..168)),
        (format!("{key} "), Defect::BlanksAround(0..167)),
        (format!("\"{key}\""), Defect::Quoted),
        (format!("{key}'"), Defect::Quoted),
        (key.replace("ZENKEY", "zenkey"), Defect::PrefixCase),
        (encoded.to_owned(), Defect::MissingPrefix),
        ("ZENKEY_".to_owned(), Defect::OnlyPrefix),
        ("ZENPROKEY_".to_owned(), Defect::OnlyPrefix),
        (key[..165].to_owned(), Defect::Truncated(165)),
        (key[..100].to_owned(), Defect::Truncated(100)),
        (format!("{key}="), Defect::TooLong(168)),
        (
            format!("{API_KEY_PREFIX}{encoded}{encoded}"),
            Defect::TooLong(327),
        ),
        (key.replacen('e', "-", 1), Defect::Alphabet),
        (
            format!("{}\n{}", &key[..80], &key[80..]),
            Defect::BlankInside,
        ),
        (format!("{API_KEY_PREFIX}{other}"), Defect::Payload),
        ("hunter2".to_owned(), Defect::NotAKey),
        (jwt("{}"), Defect::NotAKey),
        ("ü".to_owned(), Defect::NotAKey),
    ] {
        assert_eq!(defect(&text, Slot::ApiKey), Some(expected), "{text:?}");
    }
}

#[test]
fn defects_of_tokens() {
    let token = jwt("{}");
    let (unsigned, signature) = token.rsplit_once('.').unwrap();
    for (text, expected) in [
        ("\t".to_owned(), Defect::OnlyBlanks),
        (format!("{token}\n"), Defect::BlanksAround(0..token.len())),
        (format!("'{token}'"), Defect::Quoted),
        (format!("Bearer {token}"), Defect::Bearer),
        (unsigned.to_owned(), Defect::TokenParts(2)),
        (format!("{token}.x"), Defect::TokenParts(4)),
        (format!("{unsigned}."), Defect::TokenEncoding),
        (format!("{unsigned}.{signature}="), Defect::TokenEncoding),
        (jwt("no json"), Defect::TokenEncoding),
        (format!("{unsigned}. {signature}"), Defect::BlankInside),
        (api_key(), Defect::NotAToken),
        ("hunter2".to_owned(), Defect::NotAToken),
    ] {
        assert_eq!(defect(&text, Slot::ApiToken), Some(expected), "{text:?}");
    }
}

#[test]
fn a_token_expires_at_its_second() {
    let token = jwt(r#"{"exp":100}"#);
    assert_eq!(expired_at(&token, 99), None);
    assert_eq!(expired_at(&token, 100), Some(100));
    assert_eq!(expired_at(&jwt("{}"), i64::MAX), None);
    assert_eq!(expired_at(&api_key(), i64::MAX), None);
}

#[test]
fn instants() {
    for (seconds, text) in [
        (1_740_830_400, "2025-03-01 12:00 UTC"),
        (0, "1970-01-01 00:00 UTC"),
        (-1, "1969-12-31 23:59 UTC"),
        (i64::MAX, "Unix time 9223372036854775807"),
    ] {
        assert_eq!(format_instant(seconds), text);
    }
}

#[test]
fn secrets_are_found_by_shape() {
    let (key, token) = (api_key(), jwt("{}"));
    let text = format!("a = \"{key}\" # ZENKEY_... {token}, eyJust-a-word-and-so-on");
    let found: Vec<&str> = find_secrets(&text)
        .into_iter()
        .map(|at| &text[at])
        .collect();
    assert_eq!(found, [key.as_str(), token.as_str()]);
    assert_eq!(find_secrets(&"ZENKEY_".repeat(3)).len(), 0);
    assert_eq!(find_secrets("ZENPROKEY_0123456789abcdef").len(), 1);
}

#[test]
fn long_texts_end_soon() {
    for piece in ["eyJ.", "ZENKEY_ ", ".", "eyJ"] {
        let text = piece.repeat(100_000);
        let _ = (find_secrets(&text), defect(&text, Slot::ApiKey));
        let _ = defect(&text, Slot::ApiToken);
    }
}
