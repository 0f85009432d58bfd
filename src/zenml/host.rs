//! Hosts: which are ZenML Pro's own, and which stay inside a private network.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a ZenML Pro host serves instead of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProHost {
    /// The dashboard that people open in a browser.
    Dashboard,
    /// The API behind the dashboard: organisations, workspaces, billing.
    ControlPlane,
}

/// Completes "the URL is that of ...".
impl fmt::Display for ProHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dashboard => "ZenML Pro's dashboard",
            Self::ControlPlane => "ZenML Pro's control plane",
        })
    }
}

/// The hosts of ZenML Pro that are known not to be a workspace. Workspaces live at
/// `<8 hex>-zenml.cloudinfra.zenml.io`, at `<workspace-id>.zenml.io`, or anywhere when self-hosted.
const PRO_HOSTS: [(&str, ProHost); 4] = [
    ("cloud.zenml.io", ProHost::Dashboard),
    ("staging.cloud.zenml.io", ProHost::Dashboard),
    ("cloudapi.zenml.io", ProHost::ControlPlane),
    ("staging.cloudapi.zenml.io", ProHost::ControlPlane),
];

/// Domains that never leave a private network: RFC 6761, RFC 6762 (with appendix G), RFC 8375, ICANN's `internal`.
const PRIVATE_DOMAINS: [&str; 12] = [
    "local",
    "localhost",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "home.arpa",
    "lan",
    "test",
    "svc",
];

/// ZenML Pro's dashboard or control plane, where `host` (any case, a final dot allowed) is one of them.
pub fn pro_host(host: &str) -> Option<ProHost> {
    let host = host.strip_suffix('.').unwrap_or(host);
    PRO_HOSTS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(host))
        .map(|&(_, what)| what)
}

/// Whether plain `http` to this host is nobody's concern: loopback, private and link-local addresses, carrier-grade NAT
/// (RFC 6598), single labels, and names of private domains, Kubernetes services among them. `host` is without the
/// brackets of an IPv6 address.
pub fn is_private(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    // A zone (`fe80::1%eth0`) is only meaningful on this very link.
    let address = host.split('%').next().unwrap_or_default();
    match address.parse() {
        Ok(IpAddr::V4(address)) => is_private_v4(address),
        Ok(IpAddr::V6(address)) => is_private_v6(address),
        Err(_) => is_private_name(&host),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let carrier_grade_nat = matches!(address.octets(), [100, 64..=127, ..]);
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || carrier_grade_nat
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    match address.to_ipv4_mapped() {
        Some(mapped) => is_private_v4(mapped),
        None => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    }
}

fn is_private_name(host: &str) -> bool {
    let Some((first, rest)) = host.split_once('.') else {
        return true;
    };
    let in_private_domain = PRIVATE_DOMAINS.iter().any(|domain| {
        host.strip_suffix(domain)
            .is_some_and(|before| before.ends_with('.'))
    });
    // `zenml.ml.svc.k8s.acme.com`: a Kubernetes service in a cluster with a domain of its own.
    let kubernetes_service = rest.split('.').any(|label| label == "svc");
    // `127.1`: some resolvers take it as an address, so nothing is sure.
    let odd_address = host
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    !first.is_empty() && (in_private_domain || kubernetes_service || odd_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pro_hosts_are_whole_names_in_any_case() {
        assert_eq!(pro_host("cloud.zenml.io"), Some(ProHost::Dashboard));
        assert_eq!(pro_host("CLOUD.ZenML.io."), Some(ProHost::Dashboard));
        assert_eq!(pro_host("cloudapi.zenml.io"), Some(ProHost::ControlPlane));
        for workspace in [
            "1bfe8d94-zenml.cloudinfra.zenml.io",
            "1bfe8d94-zenml.staging.cloudinfra.zenml.io",
            "abc.zenml.io",
            "mycloud.zenml.io",
            "cloud.zenml.io.acme.com",
            "",
        ] {
            assert_eq!(pro_host(workspace), None, "{workspace}");
        }
    }

    #[test]
    fn private_hosts() {
        for host in [
            "localhost",
            "zenml",
            "LOCALHOST",
            "127.0.0.1",
            "127.8.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.4",
            "169.254.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "::1",
            "fd12::1",
            "fe80::1%eth0",
            "::ffff:10.0.0.1",
            "zenml.local",
            "a.b.local.",
            "host.docker.internal",
            "app.localhost",
            "zenml.ml.svc",
            "zenml.ml.svc.cluster.local",
            "zenml.ml.svc.k8s.acme.com",
            "nas.home.arpa",
            "zenml.lan",
            "zenml.test",
            "127.1",
        ] {
            assert!(is_private(host), "{host}");
        }
    }

    #[test]
    fn public_hosts() {
        for host in [
            "zenml.acme.com",
            "8.8.8.8",
            "172.32.0.1",
            "172.15.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "192.169.0.1",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "notlocal.com",
            "mylocal.xlocal",
            "svc.acme.com",
            "internal.acme.com",
        ] {
            assert!(!is_private(host), "{host}");
        }
    }
}
