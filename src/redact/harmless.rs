//! What of a text is harmless where it may be shown: of a URL scheme, host, port and path, never what signs in.

use std::ops::Range;

/// The user that everybody gives to a server of repositories.
const GIT: &str = "git@";

/// Whether all of a text is harmless.
pub(super) fn is_whole(text: &str) -> bool {
    let all = ranges(text, 0);
    text.is_empty() || matches!(all.as_slice(), [one] if *one == (0..text.len()))
}

/// The harmless ranges of a text, as it is written; each is moved by `offset`. What is put into it stands for itself.
pub(super) fn ranges(text: &str, offset: usize) -> Vec<Range<usize>> {
    let mut open: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        for range in ranges_of_word(word) {
            let range = offset + start + range.start..offset + start + range.end;
            match open.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => open.push(range),
            }
        }
        start += word.len();
    }
    open
}

fn ranges_of_word(word: &str) -> Vec<Range<usize>> {
    // JSON may escape a slash.
    let plain = word.replace("\\/", "//");
    let word = plain.as_str();
    let is_url = word.contains("://") || word.contains(":\\") || word.contains('@');
    if !is_url {
        return std::iter::once(0..word.len()).collect();
    }
    let scheme = word.find("://").map_or(0, |at| {
        let rest = word.get(at + 3..).unwrap_or_default();
        at + 3 + rest.len() - rest.trim_start_matches('/').len()
    });
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | ':' | '"');
    let name = word.get(..scheme).unwrap_or_default().trim_end_matches('/');
    let scheme = if name.chars().all(is_scheme) {
        scheme
    } else {
        0
    };
    let rest = word.get(scheme..).unwrap_or_default();
    let mut open = Vec::new();
    if scheme > 0 {
        open.push(0..scheme);
    }
    // An escape may be anything, also what ends a password.
    if rest.contains('\\') {
        return open;
    }
    let (user, host) = match rest.rsplit_once('@') {
        Some((user, host)) => (user.len() + 1, host),
        None => (0, rest),
    };
    let before = rest.get(..user).unwrap_or_default();
    if before.contains(['?', '#']) {
        return open;
    }
    let is_git = before == GIT;
    let length = harmless_length(host, is_git);
    let start = if is_git { scheme } else { scheme + user };
    open.push(start..scheme + user + length);
    if let [first, second] = open.as_slice()
        && first.end == second.start
    {
        return std::iter::once(first.start..second.end).collect();
    }
    open
}

/// How much of host, port and path is harmless.
fn harmless_length(text: &str, is_git: bool) -> usize {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let text = text.get(..end).unwrap_or_default();
    let authority = text.find('/').unwrap_or(text.len());
    let (host, path) = text.split_at_checked(authority).unwrap_or((text, ""));
    if host.starts_with('[') {
        return text.len();
    }
    match host.split_once(':') {
        None => text.len(),
        Some((name, port)) => {
            let digits = port.trim_end_matches(['"', ' ', '\t', '\r', '\n', '}', ')', ',', '`']);
            let is_port = digits.len() < 6 && digits.chars().all(|c| c.is_ascii_digit());
            match is_port || is_git {
                true => host.len() + path.len(),
                false => name.len(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_url_nothing_is_shown_that_signs_in() {
        for (text, shown) in [
            (
                "https://ml.acme.dev:8080/zenml/",
                "https://ml.acme.dev:8080/zenml/",
            ),
            ("ml.acme.dev/zenml", "ml.acme.dev/zenml"),
            ("https://u:S@host/x", "https://|host/x"),
            ("https://me@acme.dev:S@host", "https://|host"),
            ("https://u:pw/S@host", "https://|host"),
            ("u:S@host", "host"),
            ("https:\\\\u:S@host", ""),
            ("https:\\/\\/host\\/x", "https:\\/\\/host\\/x"),
            ("https:////u:S", "https:////u"),
            ("https://host/x?sig=S", "https://host/x"),
            ("https://host/#S", "https://host/"),
            ("https://host/?mail=a@S", "https://"),
            ("https://u:S", "https://u"),
            ("https://S\\u0040host", "https://"),
            ("git@github.com:org/repo.git", "git@github.com:org/repo.git"),
            ("see https://u:S@host now", "see https://|host now"),
            ("a few words #1", "a few words #1"),
        ] {
            let ranges = ranges(text, 0);
            let parts: Vec<&str> = ranges
                .into_iter()
                .map(|range| text.get(range).unwrap())
                .collect();
            assert_eq!(parts.join("|"), shown, "{text}");
        }
    }
}
