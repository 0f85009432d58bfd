//! What is wrong with a `server_url`.
//!
//! The provider (3.0.6, `client.go`) trims nothing: each request goes to `server_url + "/api/v1/..."`, which Go's
//! `net/url` and `net/http` then take or refuse. So this follows Go's reading of a URL, not the WHATWG's.

mod anatomy;
mod own_path;

use std::ops::Range;

use self::anatomy::{Anatomy, Text};
use super::host::{ProHost, is_private, pro_host};

/// Something wrong with a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlProblem {
    /// What it is.
    pub kind: UrlProblemKind,
    /// The bytes that are wrong; see [`problems`] for what they count. Empty for what is missing.
    pub range: Range<usize>,
    /// What to put where, by the same count, to mend it. Empty where nobody can know.
    pub mend: Vec<(Range<usize>, &'static str)>,
}

/// The kinds of problems, one per rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlProblemKind {
    /// Not an absolute `http` or `https` URL with a host and, at most, a path.
    Invalid(InvalidUrl),
    /// The host is ZenML Pro's own, not a workspace.
    ProHost(ProHost),
    /// The path is part of the API or of the dashboard.
    OwnPath,
    /// That many slashes at the end.
    TrailingSlash(usize),
    /// Plain `http` to a host outside any private network.
    Insecure,
}

/// Why Go, and so the provider, cannot use a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidUrl {
    /// Nothing but blanks.
    OnlyBlanks,
    /// Blanks, line breaks or invisible characters before or after it.
    BlanksAround,
    /// The same inside it, or a control character.
    BlankInside,
    /// No `https://` at the start.
    MissingScheme,
    /// A scheme other than `http` and `https`, in lower case.
    OtherScheme(String),
    /// `https:host`, `https:/host`: the two slashes are not both there.
    MissingSlashes,
    /// `https//host`, `https/host`: there is no colon.
    MissingColon,
    /// `https://https://host`, `https://https//host`: Go takes the second scheme as the host.
    SecondScheme,
    /// Nothing between `://` and the path.
    MissingHost,
    /// A host that no name or address can be.
    BadHost,
    /// A port that is no number from 1 to 65535.
    BadPort,
    /// `user:password@` before the host.
    UserInfo,
    /// `?` and what follows.
    Query,
    /// `#` and what follows.
    Fragment,
    /// A `%` in the path without two hexadecimal digits after it.
    BadEscape,
}

/// Completes "the URL ...".
impl InvalidUrl {
    /// The same as a phrase that quotes nothing.
    pub fn text(&self) -> &'static str {
        match self {
            Self::OnlyBlanks => "is blank",
            Self::BlanksAround => "has blanks or line breaks around it",
            Self::BlankInside => "has a blank or a control character inside",
            Self::MissingScheme => "does not begin with `https://`",
            Self::OtherScheme(_) => "has another scheme than `https`",
            Self::MissingSlashes => "lacks the two slashes after the scheme",
            Self::MissingColon => "lacks the colon after the scheme",
            Self::SecondScheme => "has two schemes",
            Self::MissingHost => "has no host",
            Self::BadHost => "has a host that cannot exist",
            Self::BadPort => "has a port that is no number from 1 to 65535",
            Self::UserInfo => "has a user name or password before the host",
            Self::Query => "has a query",
            Self::Fragment => "has a fragment",
            Self::BadEscape => "has a `%` that begins no escape",
        }
    }
}

/// The problems of a known URL, [`UrlProblemKind::Invalid`] first. None for an empty text, which counts as not set.
pub fn problems(text: &str) -> Vec<UrlProblem> {
    problems_of_pieces(&[Some(text)])
}

/// The problems of a partly known URL: its pieces in order, `None` where a piece is unknown. Only what holds whatever
/// the unknown pieces are (short of the absurd) is a problem. Ranges count the bytes of the known pieces alone, as if
/// the unknown ones were empty.
pub fn problems_of_pieces(pieces: &[Option<&str>]) -> Vec<UrlProblem> {
    let text = Text::new(pieces);
    if text.is_empty() {
        return Vec::new();
    }
    let url = Anatomy::of(&text);
    let mut found = Problems {
        text: &text,
        url: &url,
        found: Vec::new(),
    };
    found.blanks();
    if !url.trimmed.is_empty() {
        found.scheme();
        found.authority();
        found.extras();
        found.pro_host();
        found.own_path();
        found.trailing_slash();
        found.insecure();
    }
    found.found
}

/// Where the password stands in a URL, by the count of [`problems_of_pieces`]; without a user name, all before the `@`.
pub fn password(pieces: &[Option<&str>]) -> Option<Range<usize>> {
    let text = Text::new(pieces);
    let user_info = Anatomy::of(&text).user_info?;
    let colon = text.find(&user_info, |c| c == ':');
    let start = colon.map_or(user_info.start, |colon| colon.end);
    let at = user_info.end - 1;
    (start < at).then(|| text.known_range(&(start..at)))
}

struct Problems<'a> {
    text: &'a Text,
    url: &'a Anatomy,
    found: Vec<UrlProblem>,
}

impl Problems<'_> {
    /// Ranges come in as bytes of the text with its markers, and go out as bytes of the known pieces.
    fn add(
        &mut self,
        kind: UrlProblemKind,
        range: &Range<usize>,
        mend: Vec<(Range<usize>, &'static str)>,
    ) {
        let outside = |range: &Range<usize>| self.text.known_range(range);
        self.found.push(UrlProblem {
            kind,
            range: outside(range),
            mend: mend
                .iter()
                .map(|(range, with)| (outside(range), *with))
                .collect(),
        });
    }

    fn invalid(&mut self, why: InvalidUrl, range: &Range<usize>) {
        self.add(UrlProblemKind::Invalid(why), range, Vec::new());
    }

    fn blanks(&mut self) {
        let whole = 0..self.text.len();
        let inner = &self.url.trimmed;
        if inner.is_empty() {
            self.invalid(InvalidUrl::OnlyBlanks, &whole);
            return;
        }
        let ends = [whole.start..inner.start, inner.end..whole.end];
        let blank: Vec<_> = ends.into_iter().filter(|end| !end.is_empty()).collect();
        if let Some(first) = blank.first().cloned() {
            let mend = blank.into_iter().map(|end| (end, "")).collect();
            self.add(
                UrlProblemKind::Invalid(InvalidUrl::BlanksAround),
                &first,
                mend,
            );
        }
        if let Some(blank) = self.text.find(inner, anatomy::is_forbidden) {
            self.invalid(InvalidUrl::BlankInside, &blank);
        }
    }

    fn scheme(&mut self) {
        let start = self.url.trimmed.start;
        match &self.url.scheme {
            anatomy::Scheme::Http | anatomy::Scheme::Https | anatomy::Scheme::Unknown => {}
            anatomy::Scheme::Other(name, range) => {
                let meant = meant_scheme(name);
                let edit = meant.map(|meant| (range.clone(), meant));
                self.broken_scheme(InvalidUrl::OtherScheme(name.clone()), range, edit);
            }
            anatomy::Scheme::BadSeparator(separator) => {
                let why = if self.text.get(separator).starts_with(':') {
                    InvalidUrl::MissingSlashes
                } else {
                    InvalidUrl::MissingColon
                };
                // An unknown text right behind a single slash may begin with the other one.
                let rest = separator.end..self.url.trimmed.end;
                let is_whole = self.text.get(separator).ends_with("//")
                    || !anatomy::starts_unknown(self.text.get(&rest));
                let edit = is_whole.then(|| (separator.clone(), "://"));
                self.broken_scheme(why, &(start..separator.end), edit);
            }
            anatomy::Scheme::Missing => {
                let mend = self.url.scheme_to_add(self.text);
                self.add(
                    UrlProblemKind::Invalid(InvalidUrl::MissingScheme),
                    &(start..start),
                    mend.map(|scheme| (start..start, scheme))
                        .into_iter()
                        .collect(),
                );
            }
        }
    }

    /// A scheme that is not one, with the edit that would make it one: left out where the rest is no URL, either.
    fn broken_scheme(
        &mut self,
        why: InvalidUrl,
        range: &Range<usize>,
        edit: Option<(Range<usize>, &'static str)>,
    ) {
        let edit = edit.filter(|(at, with)| self.url.becomes_url(self.text, at, with));
        self.add(
            UrlProblemKind::Invalid(why),
            range,
            edit.into_iter().collect(),
        );
    }

    /// One of two schemes goes: `http` where the other is `https`, one without `://`, else the first.
    fn second_scheme(&mut self, host: &Range<usize>, second: Range<usize>) {
        let first = self.url.trimmed.start..second.start;
        let written = self.text.get(&second).to_ascii_lowercase();
        let keeps_second = written == "https://"
            || (written == "http://" && matches!(self.url.scheme, anatomy::Scheme::Http));
        let is_http = anatomy::is_http(written.trim_end_matches([':', ';', '/', '\\']));
        let removed = if keeps_second { first } else { second };
        // Anything else may be the host that is meant, with too many separators behind it.
        let edit = is_http.then_some((removed, ""));
        self.broken_scheme(InvalidUrl::SecondScheme, host, edit);
    }

    fn authority(&mut self) {
        let url = self.url;
        if let Some(user_info) = &url.user_info {
            self.invalid(InvalidUrl::UserInfo, user_info);
        }
        let Some(host) = &url.host else { return };
        if host.is_empty() {
            self.invalid(InvalidUrl::MissingHost, host);
        } else if let Some(second) = url.second_scheme(self.text) {
            self.second_scheme(host, second);
            return;
        } else if !anatomy::is_possible_host(self.text.get(host)) {
            self.invalid(InvalidUrl::BadHost, host);
        }
        if let Some(port) = &url.port
            && !anatomy::is_possible_port(self.text.get(port))
        {
            self.invalid(InvalidUrl::BadPort, port);
        }
    }

    fn extras(&mut self) {
        let url = self.url;
        if let Some(escape) = url.bad_escape(self.text) {
            self.invalid(InvalidUrl::BadEscape, &escape);
        }
        if let Some(query) = &url.query {
            self.invalid(InvalidUrl::Query, query);
        }
        if let Some(fragment) = &url.fragment {
            self.invalid(InvalidUrl::Fragment, fragment);
        }
    }

    fn pro_host(&mut self) {
        if let Some(host) = &self.url.host
            && let Some(what) = pro_host(self.text.get(host))
        {
            self.add(UrlProblemKind::ProHost(what), host, Vec::new());
        }
    }

    fn own_path(&mut self) {
        let url = self.url;
        if let Some(range) = url.own_path(self.text) {
            let has_known_end = !self.text.has_unknown(&(range.start..url.trimmed.end));
            let ends_here = url.query.is_none() && url.fragment.is_none();
            let mend = if has_known_end && ends_here {
                vec![(range.clone(), "")]
            } else {
                Vec::new()
            };
            self.add(UrlProblemKind::OwnPath, &range, mend);
        }
    }

    fn trailing_slash(&mut self) {
        if let Some(slashes) = self.url.trailing_slashes(self.text) {
            let mend = vec![(slashes.clone(), "")];
            self.add(UrlProblemKind::TrailingSlash(slashes.len()), &slashes, mend);
        }
    }

    fn insecure(&mut self) {
        let url = self.url;
        if let (anatomy::Scheme::Http, Some(host)) = (&url.scheme, &url.host)
            && url.user_info.is_none()
            && !host.is_empty()
        {
            let name = self.text.get(host);
            let name = name.strip_prefix('[').unwrap_or(name);
            let name = name.strip_suffix(']').unwrap_or(name);
            if is_private(name) {
                return;
            }
            let scheme = url.trimmed.start..url.trimmed.start + "http".len();
            let mend = match self.text.get(&scheme) == "http" {
                true => (scheme.end..scheme.end, "s"),
                false => (scheme.clone(), "https"),
            };
            self.add(UrlProblemKind::Insecure, &scheme, vec![mend]);
        }
    }
}

/// The scheme that a misspelled one is meant to be.
fn meant_scheme(name: &str) -> Option<&'static str> {
    ["https", "http"]
        .into_iter()
        .find(|scheme| strsim::osa_distance(name, scheme) == 1)
}

#[cfg(test)]
mod tests;
