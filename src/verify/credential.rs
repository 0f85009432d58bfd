//! Whether the server knows the credential, and whose it is.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value as Json;

use super::Outcome;
use super::answers::{Server, quote};
use super::client::{Answer, Client};
use super::echo::Echoes;
use super::offline::Credential;
use crate::zenml::credential::{
    API_KEY_PREFIX, Credential as Kind, PRO_API_KEY_PREFIX, Slot, classify, format_instant,
};

/// A token with less time left, in seconds, is warned of: many an apply takes longer.
const SOON: i64 = 15 * 60;

/// Asks the server whether it takes a credential. What must not be shown of the answers is added to `echoes`.
pub fn check(
    client: &Client<'_>,
    server: &Server,
    credential: &Credential,
    echoes: &mut Echoes,
) -> Outcome {
    match credential.slot {
        Slot::ApiKey => check_key(client, server, &credential.text, echoes),
        Slot::ApiToken => check_token(client, server, &credential.text),
    }
}

fn check_key(client: &Client<'_>, server: &Server, key: &str, echoes: &mut Echoes) -> Outcome {
    if key.starts_with(PRO_API_KEY_PREFIX) && !server.is_pro {
        return Outcome::failed(
            "the key is an organisation's of ZenML Pro, and this server is open source, which answers 500 to it: use a key of this server (`zenml service-account create <NAME>`)",
        );
    }
    let answer = match client.post("/api/v1/login", &[("password", key)]) {
        Ok(answer) => answer,
        Err(why) => return Outcome::failed(why),
    };
    if answer.status != 200 {
        return Outcome::failed(refused_key(client, &answer));
    }
    let json = answer.json();
    let token = json
        .as_ref()
        .and_then(|json| json.get("access_token")?.as_str());
    let Some(token) = token else {
        return Outcome::failed("the server answers the key with something else than a token");
    };
    echoes.add(token);
    let who = client.get("/api/v1/current-user", Some(token));
    let who = who.ok().filter(|answer| answer.status == 200);
    let who = who.and_then(|answer| name(&answer.json()?));
    let who = who.map(|who| format!(" as {who}")).unwrap_or_default();
    let deprecated = match server.is_pro && key.starts_with(API_KEY_PREFIX) {
        true => "; on ZenML Pro, keys of a workspace are deprecated",
        false => "",
    };
    Outcome::ok(format!(
        "the key signs in{who}, and does not expire{deprecated}"
    ))
}

/// Why a server refuses a key (0.98.0, `zen_server/auth.py`).
fn refused_key(client: &Client<'_>, answer: &Answer) -> String {
    let detail = answer.detail();
    let says = |text: &str| detail.contains(text);
    const NEW: &str = "make a new one with `zenml service-account api-key <NAME> create <KEY>`";
    match answer.status {
        401 if says("error decoding API key") => format!(
            "the server cannot read the key: it is cut off or changed on the way; copy it whole, or {NEW}"
        ),
        401 if says("could not verify key value") => format!(
            "the server knows the key, but its secret is another: it was rotated, or is wrong; use the new one, or {NEW}"
        ),
        401 if says("error retrieving API key") => format!(
            "the server does not know the key: it was deleted, or it is another server's; {NEW}"
        ),
        401 if says("is not active") => {
            "the key, or the service account that it belongs to, is switched off: activate it, or use another"
                .into()
        }
        401 | 403 => format!("the server refuses the key{}; {NEW}", in_words(&detail)),
        500 => "answers 500 to the key: is it of another kind of server, or is something wrong inside the server?".into(),
        _ => answer.trouble(client, "/api/v1/login"),
    }
}

fn check_token(client: &Client<'_>, server: &Server, token: &str) -> Outcome {
    let answer = match client.get("/api/v1/current-user", Some(token)) {
        Ok(answer) => answer,
        Err(why) => return Outcome::failed(why),
    };
    if answer.status != 200 {
        return Outcome::failed(refused_token(client, server, token, &answer));
    }
    let Some(json) = answer.json() else {
        return Outcome::failed(answer.not_json());
    };
    let who = name(&json)
        .map(|who| format!(" as {who}"))
        .unwrap_or_default();
    let expires = match classify(token) {
        Kind::Jwt { expires } => expires,
        _ => None,
    };
    match expires {
        None => Outcome::ok(format!("the token signs in{who}, and does not expire")),
        Some(at) if at - client.now() < SOON => Outcome::warning(format!(
            "the token signs in{who}, but expires already on {}: an API key does not",
            format_instant(at)
        )),
        Some(at) => Outcome::ok(format!(
            "the token signs in{who}, and expires on {}",
            format_instant(at)
        )),
    }
}

/// Why a server refuses a token.
fn refused_token(client: &Client<'_>, server: &Server, token: &str, answer: &Answer) -> String {
    let detail = answer.detail();
    const NEW: &str =
        "use the API key of a service account (`zenml service-account create <NAME>`)";
    if answer.status != 401 && answer.status != 403 {
        return answer.trouble(client, "/api/v1/current-user");
    }
    if detail.contains("expired") {
        return format!("the token has expired: {NEW}");
    }
    match issuer(token) {
        Some(issuer) if issuer != server.id => {
            format!("the token is another server's: {NEW} of this one")
        }
        _ if detail.contains("Signature verification failed") => format!(
            "the server has not signed the token: it was changed, or is another server's; {NEW}"
        ),
        _ if detail.contains("is not active") => {
            "the account that the token belongs to is switched off: activate it, or use another"
                .into()
        }
        _ => format!("the server refuses the token{}; {NEW}", in_words(&detail)),
    }
}

fn in_words(detail: &str) -> String {
    match detail {
        "" => String::new(),
        detail => format!(" (\"{detail}\")"),
    }
}

/// Who is signed in.
fn name(user: &Json) -> Option<String> {
    let name = quote(user.get("name")?.as_str()?);
    let body = user.get("body");
    let is_service = body.and_then(|body| body.get("is_service_account")?.as_bool());
    Some(match is_service {
        Some(true) => format!("the service account `{name}`"),
        _ => format!("`{name}`"),
    })
}

/// The server that a token says it is of.
fn issuer(token: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Json = serde_json::from_slice(&claims).ok()?;
    claims.get("iss")?.as_str().map(str::to_owned)
}
