//! What a server says of itself: whether it is a ZenML server, of which version, and whether it is ready.

use serde_json::Value as Json;

use super::Outcome;
use super::client::{Answer, Client};

/// The oldest server that the provider takes (3.0.6).
const OLDEST: [u64; 3] = [0, 80, 0];
/// Of a text of the server's no more characters are shown.
const LONGEST_QUOTE: usize = 200;

/// A ZenML server that can be asked for more.
#[derive(Debug)]
pub struct Server {
    /// Its id, which its tokens carry as issuer.
    pub id: String,
    /// Whether it is a workspace of ZenML Pro.
    pub is_pro: bool,
}

/// `GET /health`. The provider never asks for it, so that a page in its place alone breaks nothing.
pub fn health(client: &Client<'_>) -> Outcome {
    let answer = match client.get("/health", None) {
        Ok(answer) => answer,
        Err(why) => return Outcome::failed(why),
    };
    match answer.status {
        200 if answer.is_page() => {
            Outcome::warning("answers with a web page, where a ZenML server says `OK`")
        }
        200 if answer.is_compressed || answer.is_cut => {
            Outcome::warning("answers with something else than a ZenML server's `OK`")
        }
        200 => Outcome::ok("the server is up"),
        status @ 400..=428 | status @ 430..=499 => {
            Outcome::warning(format!("answers {status}, where a ZenML server says `OK`"))
        }
        _ => Outcome::failed(answer.trouble(client, "/health")),
    }
}

/// `GET /api/v1/info`, and the server where the credential may be sent to it.
pub fn info(client: &Client<'_>, skip_version_check: bool) -> (Outcome, Option<Server>) {
    let answer = match client.get("/api/v1/info", None) {
        Ok(answer) => answer,
        Err(why) => return (Outcome::failed(why), None),
    };
    let no_server = |why: String| (Outcome::failed(why), None);
    if answer.status != 200 {
        return no_server(match answer.status {
            404 | 405 => format!(
                "answers {}: no ZenML server is there; write the root of the server, without any path",
                answer.status
            ),
            401 | 403 => format!(
                "answers {}, although a ZenML server tells this to everybody: something before it wants to know who asks",
                answer.status
            ),
            _ => answer.trouble(client, "/api/v1/info"),
        });
    }
    let Some(info) = answer.json() else {
        return no_server(answer.not_json());
    };
    let text = |name: &str| info.get(name).and_then(Json::as_str);
    let (Some(id), Some(version)) = (text("id"), text("version")) else {
        return no_server(
            "answers with JSON that is not a ZenML server's: write the root of the server".into(),
        );
    };
    let is_pro = text("deployment_type") == Some("cloud");
    let kind = if is_pro { "ZenML Pro" } else { "open source" };
    let name = match text("name").map(quote) {
        Some(name) if !name.is_empty() => format!(" `{name}`"),
        _ => String::new(),
    };
    let version = quote(version);
    let described = format!("ZenML {version}{name} ({kind})");
    if info.get("active").and_then(Json::as_bool) == Some(false) {
        return no_server(format!(
            "{described} is not active yet: open {} in a browser and set it up",
            client.base()
        ));
    }
    let server = Some(Server {
        id: id.to_owned(),
        is_pro,
    });
    match (is_accepted(&version), skip_version_check) {
        (true, _) => (Outcome::ok(described), server),
        (false, true) => {
            let outcome = Outcome::warning(format!(
                "{described}: the provider is made for 0.80.0 and newer, and takes this one only for `skip_version_check`"
            ));
            (outcome, server)
        }
        (false, false) => no_server(format!(
            "{described}: the provider refuses servers older than 0.80.0; update the server"
        )),
    }
}

/// Whether the provider takes a server of this version: `>= 0.80.0` to Go's `go-version`, which no pre-release is.
fn is_accepted(version: &str) -> bool {
    let version = version.strip_prefix('v').unwrap_or(version);
    let version = version.split('+').next().unwrap_or_default();
    let numbers: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
    let Some(mut numbers) = numbers else {
        return false;
    };
    numbers.resize(numbers.len().max(OLDEST.len()), 0);
    numbers.as_slice() >= OLDEST.as_slice()
}

/// A text of the server's as it may be quoted: short, and nothing that a terminal obeys.
pub fn quote(text: &str) -> String {
    let mut characters = text.chars().filter(|c| !c.is_control());
    let mut quoted: String = characters.by_ref().take(LONGEST_QUOTE).collect();
    if characters.next().is_some() {
        quoted.push('…');
    }
    quoted
}

impl Answer {
    /// The JSON that it is.
    pub fn json(&self) -> Option<Json> {
        let is_whole = !self.is_cut && !self.is_compressed;
        is_whole.then(|| serde_json::from_slice(&self.body).ok())?
    }

    /// What the server says is wrong. ZenML's errors are `{"detail": ["CredentialsNotValid", "..."]}`.
    pub fn detail(&self) -> String {
        let json = self.json();
        let detail = json.as_ref().and_then(|json| json.get("detail"));
        let text = match detail {
            Some(Json::String(text)) => text.as_str(),
            Some(Json::Array(parts)) => parts.last().and_then(Json::as_str).unwrap_or_default(),
            _ => "",
        };
        quote(text)
    }

    /// Whether it is HTML.
    fn is_page(&self) -> bool {
        self.body.trim_ascii_start().first() == Some(&b'<')
    }

    /// Why what should be JSON is none.
    pub fn not_json(&self) -> String {
        if self.is_compressed {
            "answers with something compressed, which was not asked for: what stands before the server?".into()
        } else if self.is_page() {
            "answers with a web page: no ZenML server is there, or the URL goes on after its root; write the root of the server, without any path"
                .into()
        } else if self.is_cut {
            "answers with more than any ZenML server would: write the root of the server".into()
        } else {
            "answers with something that is no JSON: write the root of a ZenML server".into()
        }
    }

    /// What an answer means that any request may get; `path` is what was asked for.
    pub fn trouble(&self, client: &Client<'_>, path: &str) -> String {
        match self.status {
            300..=399 => self.redirect(client, path),
            407 => "the proxy wants a name and a password: put them into the proxy's URL".into(),
            429 => {
                let wait = self.retry_after.as_deref().map(quote);
                let wait = wait.map_or_else(
                    || "a minute".into(),
                    |wait| match wait.parse::<u32>() {
                        Ok(seconds) => format!("{seconds} s"),
                        Err(_) => format!("until {wait}"),
                    },
                );
                format!("answers 429, too many requests: wait ({wait}) and try again")
            }
            502..=504 => format!(
                "answers {}: what stands before the server does not reach it; is it running?",
                self.status
            ),
            500..=599 => format!(
                "answers {}: something is wrong inside the server; its log says what",
                self.status
            ),
            _ => format!("answers {}, which no ZenML server does here", self.status),
        }
    }

    /// Where it leads instead. Nobody is followed: the credential is for the server that is written, and the provider's own
    /// client loses the form of the login on most redirects.
    fn redirect(&self, client: &Client<'_>, path: &str) -> String {
        let target = self.location.as_deref().map(quote).unwrap_or_default();
        let root = target.strip_suffix(path);
        let root = root.filter(|root| *root != client.base() && root.contains("://"));
        match (root, target.as_str()) {
            (Some(root), _) => format!(
                "redirects to {target}, which is not followed: if that is your server, write `{root}`"
            ),
            (None, "") => format!("answers {}, a redirect to nowhere", self.status),
            (None, target) => format!(
                "redirects to {target}, which is not followed: write the URL of the server itself"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_the_provider_compares_them() {
        for version in [
            "0.80.0",
            "0.80",
            "0.98.0",
            "v0.80.1",
            "1.0",
            "1",
            "0.98.0+local",
        ] {
            assert!(is_accepted(version), "{version}");
        }
        for version in [
            "0.79.9",
            "0.8",
            "0",
            "",
            "0.98.0rc1",
            "0.98.0-rc1",
            "0.98.0.dev1",
            "x",
        ] {
            assert!(!is_accepted(version), "{version}");
        }
    }

    #[test]
    fn quotes_are_short_and_plain() {
        assert_eq!(quote("a\u{1b}[31m\r\nb"), "a[31mb");
        assert_eq!(quote(&"é".repeat(300)).chars().count(), LONGEST_QUOTE + 1);
    }
}
