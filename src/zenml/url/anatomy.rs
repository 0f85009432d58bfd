//! The parts of a URL, found as Go's `net/url` finds them, in a text that may be unknown in places.

use std::ops::Range;

use super::own_path::{self, Base};

/// Whether a text is the scheme of a server's URL.
pub(super) fn is_http(name: &str) -> bool {
    let mut schemes = ["http", "https"].iter();
    schemes.any(|scheme| name.eq_ignore_ascii_case(scheme))
}

/// Stands for an unknown piece: a noncharacter, which no text holds in earnest.
const UNKNOWN: char = '\u{10FFFF}';

/// The pieces of a URL in one string, unknown ones as a marker.
pub(super) struct Text(String);

impl Text {
    pub(super) fn new(pieces: &[Option<&str>]) -> Self {
        let marker = UNKNOWN.to_string();
        Self(
            pieces
                .iter()
                .map(|piece| piece.unwrap_or(&marker))
                .collect(),
        )
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, range: &Range<usize>) -> &str {
        self.0.get(range.clone()).unwrap_or_default()
    }

    pub(super) fn has_unknown(&self, range: &Range<usize>) -> bool {
        self.get(range).contains(UNKNOWN)
    }

    /// The first character in a range that is so, with its place.
    pub(super) fn find(
        &self,
        range: &Range<usize>,
        is_it: impl Fn(char) -> bool,
    ) -> Option<Range<usize>> {
        let (at, c) = self.get(range).char_indices().find(|&(_, c)| is_it(c))?;
        Some(range.start + at..range.start + at + c.len_utf8())
    }

    /// A range in terms of the known pieces alone.
    pub(super) fn known_range(&self, range: &Range<usize>) -> Range<usize> {
        let known = |offset: usize| {
            let markers = self.get(&(0..offset)).matches(UNKNOWN).count();
            offset - markers * UNKNOWN.len_utf8()
        };
        known(range.start)..known(range.end)
    }
}

/// What stands before `://`.
pub(super) enum Scheme {
    Http,
    Https,
    /// It may well be `http` or `https`.
    Unknown,
    /// In lower case, and its place.
    Other(String, Range<usize>),
    /// `http` or `https` and not quite `://`; the place of what is written instead.
    BadSeparator(Range<usize>),
    Missing,
}

/// The parts of a URL, each where it is wholly known.
pub(super) struct Anatomy {
    /// All but the blanks at the ends.
    pub(super) trimmed: Range<usize>,
    pub(super) scheme: Scheme,
    /// Up to and with the `@`.
    pub(super) user_info: Option<Range<usize>>,
    /// With the brackets of an IPv6 address, without the port.
    pub(super) host: Option<Range<usize>>,
    /// Without the colon, and not empty: Go takes an empty port as none.
    pub(super) port: Option<Range<usize>>,
    /// From the first slash to the end or the query. Empty where there is none.
    path: Range<usize>,
    pub(super) query: Option<Range<usize>>,
    pub(super) fragment: Option<Range<usize>>,
}

/// A blank, or a character that nobody sees and that keeps `https` from being the scheme.
fn is_leading_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// A character that may stand nowhere in a URL. Invisible ones may: in a host name, Go drops them.
pub(super) fn is_forbidden(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

impl Anatomy {
    pub(super) fn of(text: &Text) -> Self {
        let whole = text.get(&(0..text.len()));
        let start = text.len() - whole.trim_start_matches(is_leading_blank).len();
        let end = whole.trim_end().len().max(start);
        let (scheme, authority_start) = split_scheme(text, &(start..end));
        let mut url = Self {
            trimmed: start..end,
            scheme,
            user_info: None,
            host: None,
            port: None,
            path: end..end,
            query: None,
            fragment: None,
        };
        let rest = url.split_end(text, authority_start.unwrap_or(start)..end);
        let slash = text.find(&rest, |c| c == '/');
        let authority_end = slash.map_or(rest.end, |slash| slash.start);
        url.path = authority_end..rest.end;
        if authority_start.is_some() {
            // Where the text goes on with something unknown, so may the host or the port.
            url.split_authority(text, rest.start..authority_end);
        }
        url
    }

    /// Takes fragment and query off the end, as Go does: the fragment first.
    fn split_end(&mut self, text: &Text, rest: Range<usize>) -> Range<usize> {
        let mut end = rest.end;
        if let Some(hash) = text.find(&rest, |c| c == '#') {
            self.fragment = Some(hash.start..end);
            end = hash.start;
        }
        if let Some(mark) = text.find(&(rest.start..end), |c| c == '?') {
            self.query = Some(mark.start..end);
            end = mark.start;
        }
        rest.start..end
    }

    fn split_authority(&mut self, text: &Text, authority: Range<usize>) {
        let mut start = authority.start;
        if let Some(at) = text.get(&authority).rfind('@') {
            start += at + 1;
            self.user_info = Some(authority.start..start);
        }
        let (host, port) = split_port(text, start..authority.end);
        if !text.has_unknown(&(authority.start..host.end)) {
            self.host = Some(host);
            self.port = port.filter(|port| !port.is_empty() && !text.has_unknown(port));
        }
    }

    /// What to put in front of a URL without scheme, where that makes it one.
    pub(super) fn scheme_to_add(&self, text: &Text) -> Option<&'static str> {
        let scheme = if text.get(&self.trimmed).starts_with("//") {
            "https:"
        } else {
            "https://"
        };
        let start = self.trimmed.start;
        self.becomes_url(text, &(start..start), scheme)
            .then_some(scheme)
    }

    /// Whether the text is a URL with this replacement in it, as far as scheme, host and port go.
    pub(super) fn becomes_url(&self, text: &Text, range: &Range<usize>, replacement: &str) -> bool {
        let before = text.get(&(self.trimmed.start..range.start));
        let after = text.get(&(range.end..self.trimmed.end));
        let fixed = Text([before, replacement, after].concat());
        let url = Anatomy::of(&fixed);
        let host_is_good = url.host.as_ref().is_none_or(|host| {
            let host = fixed.get(host);
            let is_port = host.bytes().all(|byte| byte.is_ascii_digit());
            is_possible_host(host) && !is_port && !is_http(host)
        });
        let port_is_good = url
            .port
            .as_ref()
            .is_none_or(|port| is_possible_port(fixed.get(port)));
        matches!(url.scheme, Scheme::Http | Scheme::Https)
            && url.user_info.is_none()
            && url.second_scheme(&fixed).is_none()
            && fixed.find(&url.trimmed, is_forbidden).is_none()
            && fixed.get(&url.trimmed).matches("://").count() == 1
            && host_is_good
            && port_is_good
    }

    /// A scheme in the place of the host, with what separates it from the rest: `https://`, `https//`, `http:/`.
    pub(super) fn second_scheme(&self, text: &Text) -> Option<Range<usize>> {
        let host = self.host.as_ref()?;
        let name = text.get(host);
        let after = text.get(&(host.end..self.trimmed.end));
        let is_http = is_http(name);
        let separator = separator(after);
        // `https://https:8080/base` and `https://http/base` have a host of that name.
        let is_separator =
            separator.starts_with("://") || (is_http && (separator.len() > 1 || after == ":"));
        (is_separator && is_scheme(name) && !name.contains('.'))
            .then(|| host.start..host.end + separator.len())
    }

    /// The first `%` of the path that Go refuses.
    pub(super) fn bad_escape(&self, text: &Text) -> Option<Range<usize>> {
        let path = text.get(&self.path);
        path.match_indices('%').find_map(|(at, _)| {
            let mut next = path.get(at + 1..)?.chars().take(2);
            let is_digit =
                |c: Option<char>| c.is_some_and(|c| c.is_ascii_hexdigit() || c == UNKNOWN);
            let first = next.next();
            let is_good = first == Some(UNKNOWN) || (is_digit(first) && is_digit(next.next()));
            (!is_good).then(|| self.path.start + at..self.path.start + at + 1)
        })
    }

    /// From the slash before the first segment that belongs to the API or to the dashboard, to the end of the path.
    pub(super) fn own_path(&self, text: &Text) -> Option<Range<usize>> {
        let origin = text.get(&(self.trimmed.start..self.path.start));
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        // An unknown text before the path may have a path of its own; one in the place of the host is the host.
        let may_have_path = origin.ends_with(UNKNOWN)
            && authority.is_none_or(|authority| !authority.starts_with(UNKNOWN));
        let base = if may_have_path {
            Base::Other
        } else {
            Base::Root
        };
        let start = own_path::find(text.get(&self.path), base)?;
        Some(self.path.start + start..self.path.end)
    }

    /// The slashes at the end of a path.
    pub(super) fn trailing_slashes(&self, text: &Text) -> Option<Range<usize>> {
        if self.query.is_some() || self.fragment.is_some() {
            return None;
        }
        let path = text.get(&self.path);
        let start = self.path.start + path.trim_end_matches('/').len();
        (start < self.path.end).then_some(start..self.path.end)
    }
}

/// The scheme, and where the authority begins: nowhere where that is unknown or there is none.
fn split_scheme(text: &Text, url: &Range<usize>) -> (Scheme, Option<usize>) {
    let whole = text.get(url);
    let known = whole.split(UNKNOWN).next().unwrap_or_default();
    let after = |separator: usize| Some(url.start + separator + "://".len());
    for (name, scheme) in [("http", Scheme::Http), ("https", Scheme::Https)] {
        let Some(rest) = strip_ascii_prefix(known, name) else {
            continue;
        };
        if rest.starts_with("://") {
            return (scheme, after(name.len()));
        }
        let goes_on = known.len() < whole.len();
        let may_go_on = goes_on && "://".starts_with(rest);
        let separator = separator(rest);
        if !separator.is_empty() && !may_go_on {
            let start = url.start + name.len();
            return (Scheme::BadSeparator(start..start + separator.len()), None);
        }
    }
    let may_become_http = known.len() < whole.len()
        && (strip_ascii_prefix("https://", known).is_some()
            || strip_ascii_prefix("http://", known).is_some());
    if may_become_http {
        return (Scheme::Unknown, whole.find("://").and_then(after));
    }
    match known.find("://") {
        Some(at) if known.get(..at).is_some_and(is_scheme) => {
            let name = known.get(..at).unwrap_or_default().to_ascii_lowercase();
            (Scheme::Other(name, url.start..url.start + at), after(at))
        }
        _ => (Scheme::Missing, None),
    }
}

/// Whether a text begins with something unknown.
pub(super) fn starts_unknown(text: &str) -> bool {
    text.starts_with(UNKNOWN)
}

/// The start of a text that is, or is meant to be, `://`.
fn separator(text: &str) -> &str {
    let rest = text.trim_start_matches([':', ';', '/', '\\']);
    text.strip_suffix(rest).unwrap_or_default()
}

pub(super) fn strip_ascii_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start
        .eq_ignore_ascii_case(prefix)
        .then(|| text.get(prefix.len()..).unwrap_or_default())
}

/// RFC 3986, 3.1.
fn is_scheme(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Host and port of an authority without user info.
fn split_port(text: &Text, authority: Range<usize>) -> (Range<usize>, Option<Range<usize>>) {
    let written = text.get(&authority);
    // The colons of an IPv6 address are inside its brackets.
    let brackets = written.rfind(']').map_or(0, |at| at + 1);
    let colon = written
        .get(brackets..)
        .and_then(|rest| rest.rfind(':'))
        .map(|at| authority.start + brackets + at);
    match colon {
        Some(colon) => (authority.start..colon, Some(colon + 1..authority.end)),
        None => (authority, None),
    }
}

/// Whether a name or address may be so: Go refuses some characters, and no resolver knows an empty label.
pub(super) fn is_possible_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').unwrap_or_default();
        let (address, zone) = address.split_once('%').unwrap_or((address, "25"));
        return zone.starts_with("25") && address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    // Go takes escapes for letters beyond ASCII alone, which nobody writes so.
    let is_bad = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !"-_.~".contains(c);
    !host.contains(is_bad) && !host.starts_with('.') && !host.contains("..")
}

/// Whether a connection to that port can be made.
pub(super) fn is_possible_port(port: &str) -> bool {
    let is_number = port.bytes().all(|b| b.is_ascii_digit());
    is_number && port.parse().is_ok_and(|number: u16| number > 0)
}
