//! API keys and API tokens: which of them a text is, and what is wrong with it.
//!
//! - An API key is `ZENKEY_` and 160 characters of standard base64, 167 in all, that decode to
//!   `{"id":"<uuid>","key":"<64 hex>"}` (server 0.98.0). It holds no expiry.
//! - A ZenML Pro organisation service account's key begins with `ZENPROKEY_`; its length is not documented.
//! - An API token is a JWT: three parts of base64url, joined by dots; `exp`, in Unix seconds, is optional.

use std::fmt;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value as Json;

/// How an API key begins.
pub const API_KEY_PREFIX: &str = "ZENKEY_";
/// How a ZenML Pro organisation key begins.
pub const PRO_API_KEY_PREFIX: &str = "ZENPROKEY_";
/// How many characters an API key has.
pub const API_KEY_LENGTH: usize = 167;
/// How a JWT begins: base64url of `{"`.
const JWT_PREFIX: &str = "eyJ";

/// The argument that a credential is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// `api_key`
    ApiKey,
    /// `api_token`
    ApiToken,
}

impl Slot {
    /// The argument's name.
    pub fn argument(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::ApiToken => "api_token",
        }
    }

    /// The slot that a credential of the other kind belongs in.
    pub fn other(self) -> Self {
        match self {
            Self::ApiKey => Self::ApiToken,
            Self::ApiToken => Self::ApiKey,
        }
    }
}

/// What a text means to be, well-formed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Nothing but blanks, or nothing at all.
    Blank,
    /// It begins with `ZENKEY_`.
    ApiKey,
    /// It begins with `ZENPROKEY_`.
    ProApiKey,
    /// Three parts of base64url of which the first is a JSON object's.
    Jwt {
        /// When it expires, in Unix seconds; `None` where it does not say.
        expires: Option<i64>,
    },
    /// None of these.
    Other,
}

/// What a text means to be. Blanks and quotes around it do not count.
pub fn classify(text: &str) -> Credential {
    let text = bare(text);
    if text.is_empty() {
        Credential::Blank
    } else if text.starts_with(API_KEY_PREFIX) {
        Credential::ApiKey
    } else if text.starts_with(PRO_API_KEY_PREFIX) {
        Credential::ProApiKey
    } else if token_defect(text).is_none() {
        Credential::Jwt {
            expires: expiry(text),
        }
    } else {
        Credential::Other
    }
}

/// The slot that takes a credential of a text's kind; `None` where it is of no known kind.
pub fn slot_of(text: &str) -> Option<Slot> {
    match classify(text) {
        Credential::ApiKey | Credential::ProApiKey => Some(Slot::ApiKey),
        Credential::Jwt { .. } => Some(Slot::ApiToken),
        Credential::Blank | Credential::Other => None,
    }
}

/// Whether a text is a credential of the other slot's kind.
pub fn is_swapped(text: &str, slot: Slot) -> bool {
    slot_of(text) == Some(slot.other())
}

/// Why a text cannot be the credential that its slot takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Nothing but blanks.
    OnlyBlanks,
    /// Blanks or line breaks around a good credential, which is this part of the text.
    BlanksAround(Range<usize>),
    /// Quotes around it that are part of the value.
    Quoted,
    /// `Bearer ` before the token; the provider adds that itself.
    Bearer,
    /// A blank or a line break inside.
    BlankInside,
    /// `ZENKEY_` is there in another case.
    PrefixCase,
    /// It decodes as an API key without the `ZENKEY_`.
    MissingPrefix,
    /// Nothing comes after the prefix.
    OnlyPrefix,
    /// It is shorter than an API key: the end is missing. Its length in characters.
    Truncated(usize),
    /// It is longer than an API key. Its length in characters.
    TooLong(usize),
    /// A character that is no base64.
    Alphabet,
    /// It decodes to something else than a key's id and secret.
    Payload,
    /// Neither prefix nor shape of an API key.
    NotAKey,
    /// A token begins so, but it does not have three parts. How many it has.
    TokenParts(usize),
    /// A part of the token is no base64url, or does not decode to JSON.
    TokenEncoding,
    /// Not the shape of a JWT.
    NotAToken,
}

/// Completes "the value ...".
impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::OnlyBlanks => "is blank",
            Self::BlanksAround(_) => "has blanks or line breaks around it",
            Self::Quoted => "has quotes around it that are part of the value",
            Self::Bearer => "begins with `Bearer`, which the provider adds itself",
            Self::BlankInside => "has a blank or a line break inside",
            Self::PrefixCase => "does not begin with `ZENKEY_` in capitals",
            Self::MissingPrefix => "lacks the `ZENKEY_` at its start",
            Self::OnlyPrefix => "has nothing after the prefix",
            Self::Truncated(length) => {
                return write!(
                    f,
                    "is cut off: it has {length} of {API_KEY_LENGTH} characters"
                );
            }
            Self::TooLong(length) => {
                return write!(
                    f,
                    "is too long: it has {length} characters, not {API_KEY_LENGTH}"
                );
            }
            Self::Alphabet => "has a character that no API key has",
            Self::Payload => "does not decode to a key's id and secret",
            Self::NotAKey => "is no API key: these begin with `ZENKEY_`",
            Self::TokenParts(parts) => {
                return write!(f, "has {parts} of a token's 3 parts");
            }
            Self::TokenEncoding => "has a part that does not decode",
            Self::NotAToken => "is no API token: these are JWTs, which begin with `eyJ`",
        };
        f.write_str(text)
    }
}

/// Why a text cannot be the credential that `slot` takes; `None` where it can, and for an empty text, which counts as not
/// set. A line break at the end of an API key is none: the server ignores it (0.98.0), and every heredoc leaves one.
pub fn defect(text: &str, slot: Slot) -> Option<Defect> {
    if text.is_empty() {
        return None;
    }
    let inner = text.trim();
    if inner.is_empty() {
        return Some(Defect::OnlyBlanks);
    }
    let defect = match slot {
        Slot::ApiKey => key_defect(inner),
        Slot::ApiToken => token_defect(inner),
    };
    if defect.is_some() {
        return defect;
    }
    let is_harmless = slot == Slot::ApiKey && text.trim_end_matches(['\r', '\n']) == inner;
    let start = text.len() - text.trim_start().len();
    (inner.len() != text.len() && !is_harmless)
        .then(|| Defect::BlanksAround(start..start + inner.len()))
}

fn key_defect(key: &str) -> Option<Defect> {
    if is_quoted(key) {
        return Some(Defect::Quoted);
    }
    if let Some(rest) = key.strip_prefix(PRO_API_KEY_PREFIX) {
        return opaque_defect(rest);
    }
    let Some(encoded) = key.strip_prefix(API_KEY_PREFIX) else {
        return Some(without_prefix(key));
    };
    if decodes_to_key(encoded) {
        return None;
    }
    let length = key.chars().count();
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    Some(if encoded.is_empty() {
        Defect::OnlyPrefix
    } else if encoded.contains(char::is_whitespace) {
        Defect::BlankInside
    } else if !encoded.chars().all(is_base64) {
        Defect::Alphabet
    } else if length < API_KEY_LENGTH {
        Defect::Truncated(length)
    } else if length > API_KEY_LENGTH {
        Defect::TooLong(length)
    } else {
        Defect::Payload
    })
}

/// Of the shape after `ZENPROKEY_` nothing is documented.
fn opaque_defect(rest: &str) -> Option<Defect> {
    if rest.is_empty() {
        Some(Defect::OnlyPrefix)
    } else if rest.contains(char::is_whitespace) {
        Some(Defect::BlankInside)
    } else {
        None
    }
}

fn without_prefix(key: &str) -> Defect {
    let starts_like = |prefix: &str| {
        key.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if starts_like(API_KEY_PREFIX) || starts_like(PRO_API_KEY_PREFIX) {
        Defect::PrefixCase
    } else if decodes_to_key(key) {
        Defect::MissingPrefix
    } else {
        Defect::NotAKey
    }
}

fn decodes_to_key(encoded: &str) -> bool {
    let Ok(bytes) = STANDARD.decode(encoded) else {
        return false;
    };
    let Ok(Json::Object(payload)) = serde_json::from_slice(&bytes) else {
        return false;
    };
    let text = |name: &str| payload.get(name).and_then(Json::as_str);
    text("id").is_some_and(is_uuid) && text("key").is_some_and(|key| is_hex(key, 64))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_uuid(text: &str) -> bool {
    let mut parts = text.split('-');
    [8, 4, 4, 4, 12]
        .into_iter()
        .all(|length| parts.next().is_some_and(|part| is_hex(part, length)))
        && parts.next().is_none()
}

fn token_defect(token: &str) -> Option<Defect> {
    let is_bearer = token
        .get(.."Bearer ".len())
        .is_some_and(|start| start.eq_ignore_ascii_case("Bearer "));
    if is_quoted(token) {
        return Some(Defect::Quoted);
    }
    if is_bearer {
        return Some(Defect::Bearer);
    }
    if !token.starts_with(JWT_PREFIX) {
        return Some(Defect::NotAToken);
    }
    if token.contains(char::is_whitespace) {
        return Some(Defect::BlankInside);
    }
    let parts: Vec<&str> = token.splitn(4, '.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Some(Defect::TokenParts(token.split('.').count()));
    };
    let is_good = decode_object(header).is_some()
        && decode_object(claims).is_some()
        && !signature.is_empty()
        && decode_url(signature).is_some();
    (!is_good).then_some(Defect::TokenEncoding)
}

fn decode_url(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

fn decode_object(part: &str) -> Option<serde_json::Map<String, Json>> {
    match serde_json::from_slice(&decode_url(part)?) {
        Ok(Json::Object(object)) => Some(object),
        _ => None,
    }
}

/// `exp` of a well-formed JWT, in whole Unix seconds; fractions are dropped as the server drops them.
fn expiry(token: &str) -> Option<i64> {
    let claims = decode_object(token.split('.').nth(1)?)?;
    let seconds = claims.get("exp")?;
    // A float past the range of i64 becomes the nearest bound.
    seconds
        .as_i64()
        .or_else(|| seconds.as_f64().map(|seconds| seconds as i64))
}

/// When a token expired, in Unix seconds, where it has at `now`.
pub fn expired_at(text: &str, now: i64) -> Option<i64> {
    match classify(text) {
        Credential::Jwt { expires } => expires.filter(|&expires| expires <= now),
        _ => None,
    }
}

/// An instant in Unix seconds as `2025-03-01 12:00 UTC`; beyond the calendar, the seconds themselves.
/// A time in seconds since 1970, as people read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub i64);

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_instant(self.0))
    }
}

/// A time in seconds since 1970 as a text.
pub fn format_instant(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(instant) => instant.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => format!("Unix time {seconds}"),
    }
}

const QUOTES: [char; 3] = ['"', '\'', '`'];

fn is_quoted(text: &str) -> bool {
    text.starts_with(QUOTES) || text.ends_with(QUOTES)
}

fn bare(text: &str) -> &str {
    text.trim().trim_matches(QUOTES).trim()
}

/// The least number of characters after a prefix that make a secret of it, and not a mention of the prefix.
const LEAST_SECRET: usize = 16;

/// Where something with the shape of a ZenML credential stands in a text: API keys, Pro keys and JWTs, whole or cut off.
pub fn find_secrets(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for prefix in [API_KEY_PREFIX, PRO_API_KEY_PREFIX, JWT_PREFIX] {
        let is_part = |c: char| {
            c.is_ascii_alphanumeric()
                || "-_=".contains(c)
                || (prefix == JWT_PREFIX && c == '.')
                || (prefix != JWT_PREFIX && "+/".contains(c))
        };
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(prefix)) {
            let start = from + at;
            let rest = text.get(start..).unwrap_or_default();
            let end = start + rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let is_jwt_or_key =
                prefix != JWT_PREFIX || rest.get(..end - start).is_some_and(|t| t.contains('.'));
            let starts_word = !text
                .get(..start)
                .is_some_and(|before| before.ends_with(|c: char| c.is_ascii_alphanumeric()));
            if is_jwt_or_key && starts_word && end - start >= prefix.len() + LEAST_SECRET {
                found.push(start..end);
            }
            from = end;
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

/// The secret of the server and the key in it that a text refers to (`{{name.key}}`), as ZenML 0.98.0 reads it.
pub fn secret_reference(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let (name, key) = inner.split_once('.')?;
    let is_word = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
    (is_word(name) && is_word(key)).then_some((name, key))
}

#[cfg(test)]
pub(crate) mod tests;
