//! Values that stand in documentation for the reader's own, and end up in real code.
//!
//! Only what nobody can mean in earnest counts: `test`, `dummy` or a host below `example.com` may all be real in some
//! network or fixture.

use super::credential::{API_KEY_PREFIX, PRO_API_KEY_PREFIX};

/// Hosts of the provider's own texts (3.0.6: `provider.go`, its README and guides).
const DOCUMENTED_HOSTS: [&str; 2] = ["example.zenml.io", "your-zenml-server.com"];

/// Whole values, written with `-` between the words.
const WORDS: [&str; 19] = [
    "change-it",
    "change-me",
    "change-this",
    "changeit",
    "changeme",
    "changethis",
    "fill-in",
    "fill-me",
    "fill-me-in",
    "fillme",
    "placeholder",
    "redacted",
    "replace-me",
    "replace-this",
    "replaceme",
    "set-me",
    "setme",
    "tbd",
    "todo",
];

/// The same, as labels of a host name.
const LABELS: [&str; 4] = ["change-me", "changeme", "replace-me", "replaceme"];

/// First words that make a value a placeholder, whatever follows: `TODO: ask ops`.
const FIRST_WORDS: [&str; 4] = ["fixme", "todo", "changeme", "replaceme"];

/// What follows `your` without a separator, as in `yourdomain.com`.
const YOURS: [&str; 11] = [
    "company", "domain", "host", "instance", "key", "name", "org", "server", "token", "url",
    "zenml",
];

/// Whether a value is a placeholder, wherever it is used.
pub fn is_placeholder(text: &str) -> bool {
    let text = text
        .trim()
        .trim_matches(|c| matches!(c, '"' | '\'' | '`'))
        .trim();
    for prefix in [API_KEY_PREFIX, PRO_API_KEY_PREFIX] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return is_placeholder(rest);
        }
    }
    is_bracketed(text) || is_filler(text) || is_worded(text)
}

/// Whether a value of `server_url` is a placeholder: as a whole, or by its host.
pub fn is_placeholder_url(text: &str) -> bool {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    // A name with dots is judged label by label: `todo.acme.com` may well be real.
    let has_labels = host.contains('.') && !is_filler(host);
    (!has_labels && (is_placeholder(rest) || is_placeholder(host)))
        || has_angles(authority)
        // Also where what is between the angles has a slash: `https://<host/path>`.
        || (rest.starts_with('<') && rest.contains('>'))
        || DOCUMENTED_HOSTS.iter().any(|known| known.eq_ignore_ascii_case(host))
        || host.split('.').any(is_placeholder_label)
}

fn has_angles(text: &str) -> bool {
    text.split_once('<')
        .is_some_and(|(_, name)| name.contains('>'))
}

/// A label of a host name; `xxxxxxxx-zenml` is ZenML Pro's form without its digits.
fn is_placeholder_label(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    let mut words = label.split(['-', '_']);
    LABELS.contains(&label.as_str())
        || words.clone().any(is_crosses)
        || words.next().is_some_and(is_yours)
}

/// `<url>`, `{{ url }}`, `#{url}#`, `__URL__`: what a template engine or the reader was to fill in.
fn is_bracketed(text: &str) -> bool {
    [("<", ">"), ("{{", "}}"), ("#{", "}#"), ("__", "__")]
        .iter()
        .any(|(open, close)| {
            text.strip_prefix(open)
                .and_then(|rest| rest.strip_suffix(close))
                .is_some_and(|name| name.contains(char::is_alphabetic))
        })
}

/// `xxx`, `XXXX-XXXX`, `...`, `***`, `…`.
fn is_filler(text: &str) -> bool {
    let dots = |c| text.len() >= 3 && text.chars().all(|d| d == c);
    let crosses = text.split(['-', '_', '.']);
    dots('.') || dots('*') || dots('…') || crosses.clone().all(is_crosses)
}

fn is_crosses(text: &str) -> bool {
    text.len() >= 3 && text.bytes().all(|b| b.eq_ignore_ascii_case(&b'x'))
}

fn is_worded(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let joined = words.join("-");
    let is_joined = lower
        .chars()
        .all(|c| c.is_alphanumeric() || "-_ .!".contains(c));
    // A URL is judged by its host.
    let is_url = text.contains("://");
    !is_url
        && ((is_joined && WORDS.contains(&joined.as_str()))
            || words
                .first()
                .is_some_and(|first| FIRST_WORDS.contains(first))
            || words.iter().any(|word| is_yours(word))
            || (words.len() > 1 && words.last() == Some(&"here")))
}

/// `your`, or a word such as `yourdomain`.
fn is_yours(word: &str) -> bool {
    word.strip_prefix("your")
        .is_some_and(|rest| rest.is_empty() || YOURS.contains(&rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        for text in [
            "your-api-key",
            "your-api-token",
            "your api key",
            "your-api-key-here",
            "YOUR_API_KEY",
            "put-your-key-here",
            "<API_URL>",
            "<MYSERVICEACCOUNTNAME>",
            " <your key> ",
            "changeme",
            "CHANGE_ME",
            "ChangeMe!",
            "replace-me",
            "TODO",
            "TODO: ask ops",
            "FIXME",
            "xxx",
            "XXXXXXXX-XXXX",
            "...",
            "…",
            "*****",
            "api-key-goes-here",
            "{{ zenml_api_key }}",
            "#{ZENML_API_KEY}#",
            "__ZENML_API_KEY__",
            "ZENKEY_xxxxxxxxxxxx",
            "ZENKEY_...",
            "ZENKEY_<your key>",
            "ZENPROKEY_your-key",
            "\"changeme\"",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn not_placeholders() {
        for text in [
            "",
            "test",
            "local",
            "dummy",
            "hunter2",
            "xx",
            "here",
            "ZENKEY_",
            "ZENKEY_not-a-real-key",
            "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
            "example.com",
            "nowhere",
            "todos",
            "a<b",
            "https://your-zenml-server.com",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn placeholder_urls() {
        for text in [
            "https://your-zenml-server.com",
            "https://your-zenml-server.com/",
            "https://Example.zenml.io",
            "https://your.server.acme.com:8080/zenml",
            "https://yourdomain.com",
            "https://<API_URL>",
            "https://<host>:<port>/api",
            "https://<workspace id>.zenml.io",
            "https://xxxxxxxx-zenml.cloudinfra.zenml.io",
            "https://changeme",
            "https://change-me.acme.com",
            "https://...",
            "https://...:8080",
            "https://TODO",
            "<API_URL>",
            "your-zenml-server.com",
            "your-test-server",
            "TODO",
        ] {
            assert!(is_placeholder_url(text), "{text}");
        }
    }

    #[test]
    fn real_urls() {
        for text in [
            "",
            "https://zenml.example.com",
            "https://example.com",
            "https://example.org/your/path",
            "https://test.acme.com",
            "http://localhost:8080",
            "https://1bfe8d94-zenml.cloudinfra.zenml.io",
            "https://yourself.io",
            "https://foxxx.com",
            "https://todo.acme.com",
            "https://placeholder.acme.com",
            "https://know-your-data.acme.com",
            "https://ml-here.acme.com",
            "todo.acme.com",
            "https://a.com/<x>",
        ] {
            assert!(!is_placeholder_url(text), "{text}");
        }
    }
}
