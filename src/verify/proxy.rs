//! Which proxy the provider would use: what Go's `net/http` makes of the environment (`x/net/http/httpproxy`).

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use super::offline::is_loopback;
use crate::environment::Environment;

/// The way to a server.
#[derive(Debug, PartialEq, Eq)]
pub enum Proxied {
    /// Straight.
    Direct,
    /// Through a proxy.
    Through {
        /// Its URL; it may hold a password.
        url: String,
        /// Its host and port, which may be shown.
        shown: String,
    },
}

impl Proxied {
    /// The way to a server. Nothing on this machine is asked through a proxy.
    pub fn of(url: &Url, environment: &Environment) -> Self {
        let either = |upper: &str, lower: &str| {
            let value = environment.get(upper).or_else(|| environment.get(lower));
            value.map(str::to_owned)
        };
        let proxy = match url.scheme() {
            "https" => either("HTTPS_PROXY", "https_proxy"),
            _ => either("HTTP_PROXY", "http_proxy"),
        };
        let exceptions = either("NO_PROXY", "no_proxy").unwrap_or_default();
        match proxy {
            Some(proxy) if !is_loopback(url) && !is_excepted(url, &exceptions) => {
                let with_scheme = match proxy.contains("://") {
                    true => proxy,
                    false => format!("http://{proxy}"),
                };
                let parsed = Url::parse(&with_scheme).ok();
                let shown = parsed.and_then(|url| {
                    let port = url.port_or_known_default();
                    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                    Some(format!("{}{port}", url.host_str()?))
                });
                Self::Through {
                    url: with_scheme,
                    shown: shown.unwrap_or_else(|| "that the environment names".into()),
                }
            }
            _ => Self::Direct,
        }
    }
}

/// Whether `NO_PROXY` has the host: `*`, networks, addresses, domains (a dot before one leaves itself out), each but the
/// first two with a port or without.
fn is_excepted(url: &Url, exceptions: &str) -> bool {
    let entries = exceptions
        .split(',')
        .map(|entry| entry.trim().to_ascii_lowercase());
    entries
        .filter(|entry| !entry.is_empty())
        .any(|entry| entry == "*" || matches_entry(url, &entry))
}

fn matches_entry(url: &Url, entry: &str) -> bool {
    let address: Option<IpAddr> = match url.host() {
        Some(Host::Ipv4(address)) => Some(address.into()),
        Some(Host::Ipv6(address)) => Some(address.into()),
        _ => None,
    };
    if let Ok(network) = entry.parse::<IpNet>() {
        return address.is_some_and(|address| network.contains(&address));
    }
    let is_v6 = entry.parse::<IpAddr>().is_ok();
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if !is_v6 && port.parse::<u16>().is_ok() => (host, port.parse().ok()),
        _ => (entry, None),
    };
    if port.is_some() && port != url.port_or_known_default() {
        return false;
    }
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(excepted) = host.parse::<IpAddr>() {
        return address == Some(excepted);
    }
    let name = url.domain().unwrap_or_default().to_ascii_lowercase();
    let host = host.strip_prefix('*').unwrap_or(host);
    if host.is_empty() || name.is_empty() {
        return false;
    }
    if host.starts_with('.') {
        return name.ends_with(host);
    }
    name == host
        || name
            .strip_suffix(host)
            .is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let owned = variables.iter();
        let environment = owned
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        match Proxied::of(&Url::parse(url).unwrap(), &environment) {
            Proxied::Direct => None,
            Proxied::Through { shown, .. } => Some(shown),
        }
    }

    #[test]
    fn the_scheme_decides_on_the_variable() {
        let both = [
            ("HTTPS_PROXY", "http://u:p@s.corp:3128"),
            ("http_proxy", "h.corp"),
        ];
        assert_eq!(through("https://a.com", &both), Some("s.corp:3128".into()));
        assert_eq!(through("http://a.com", &both), Some("h.corp:80".into()));
        assert_eq!(through("https://a.com", &[("ALL_PROXY", "x")]), None);
        let upper_first = [("https_proxy", "lower"), ("HTTPS_PROXY", "upper")];
        assert_eq!(
            through("https://a.com", &upper_first),
            Some("upper:80".into())
        );
    }

    #[test]
    fn this_machine_is_asked_directly() {
        for url in ["http://localhost:1", "http://127.3.2.1", "http://[::1]:1"] {
            assert_eq!(through(url, &[("HTTP_PROXY", "p")]), None, "{url}");
        }
    }

    #[test]
    fn exceptions() {
        let is_direct = |url: &str, no_proxy: &str| {
            through(url, &[("HTTPS_PROXY", "p"), ("NO_PROXY", no_proxy)]).is_none()
        };
        for (url, no_proxy) in [
            ("https://a.com", "*"),
            ("https://a.com", "b.com, A.com"),
            ("https://x.a.com", "a.com"),
            ("https://x.a.com", ".a.com"),
            ("https://x.a.com", "*.a.com"),
            ("https://a.com:444", "a.com:444"),
            ("https://a.com", "a.com:443"),
            ("https://10.1.2.3", "10.0.0.0/8"),
            ("https://10.1.2.3", "10.1.2.3"),
            ("https://10.1.2.3:8", "10.1.2.3:8"),
            ("https://[fd00::1]", "fd00::1"),
            ("https://[fd00::1]:8", "[fd00::1]:8"),
        ] {
            assert!(is_direct(url, no_proxy), "{url} {no_proxy}");
        }
        for (url, no_proxy) in [
            ("https://a.com", ""),
            ("https://xa.com", "a.com"),
            ("https://a.com", ".a.com"),
            ("https://a.com", "a.com:444"),
            ("https://11.1.2.3", "10.0.0.0/8"),
            ("https://a.com", "10.0.0.0/8"),
            ("https://10.1.2.30", "10.1.2.3"),
        ] {
            assert!(!is_direct(url, no_proxy), "{url} {no_proxy}");
        }
    }
}
