//! Certificates: which are trusted, and what is said of those that are not.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::small::{Small, zenml};
use super::{Verified, root_with, verify};
use crate::support::{api_key, write_file};

/// An authority, and its certificate in PEM.
fn authority() -> (Issuer<'static, KeyPair>, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(DnType::CommonName, "An authority for tests");
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let pem = pem(certificate.der());
    (Issuer::new(params, key), pem)
}

/// DER as a PEM file holds it.
fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64);
    let lines = lines.map(|line| std::str::from_utf8(line).unwrap());
    let lines: Vec<&str> = lines.collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// A ZenML server with a certificate for these hosts.
fn server(hosts: &[&str], issuer: Option<&Issuer<'_, KeyPair>>, is_expired: bool) -> Small {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).unwrap();
    if is_expired {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = match issuer {
        Some(issuer) => params.signed_by(&key, issuer).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Small::with_tls(Arc::new(config))
}

/// Verifies it as a machine that trusts the authority.
fn ask(server: &Small, url: &str, authority: &str) -> Verified {
    let directory = root_with(url, &api_key(1));
    write_file(directory.path(), "authority.pem", authority);
    let verified = verify(&directory, &[("SSL_CERT_FILE", "authority.pem")], &[]);
    if verified.run.code == 1 {
        assert_eq!(server.lines(), [] as [&str; 0]);
    }
    verified
}

#[test]
fn a_certificate_of_a_trusted_authority() {
    let (issuer, pem) = authority();
    let server = server(&["127.0.0.1", "localhost"], Some(&issuer), false);
    ask(&server, &server.url, &pem)
        .exits(0)
        .has("tls", "ok", &["TLS 1.3", "127.0.0.1"])
        .has("credentials", "ok", &[]);
    let by_name = server.url.replace("127.0.0.1", "localhost");
    ask(&server, &by_name, &pem)
        .exits(0)
        .has("tls", "ok", &["localhost"]);
}

#[test]
fn a_self_signed_certificate() {
    let (_, pem) = authority();
    let server = server(&["127.0.0.1"], None, false);
    ask(&server, &server.url, &pem)
        .exits(1)
        .has("tls", "failed", &["self-signed", "SSL_CERT_FILE"])
        .has("health", "skipped", &[])
        .has("credentials", "skipped", &[]);
}

#[test]
fn an_authority_that_is_not_trusted() {
    let (issuer, _) = authority();
    let (_, other) = authority();
    let server = server(&["127.0.0.1"], Some(&issuer), false);
    ask(&server, &server.url, &other).exits(1).has(
        "tls",
        "failed",
        &["does not trust", "SSL_CERT_FILE"],
    );
    ask(&server, &server.url, "nothing that could be read")
        .exits(1)
        .has("tls", "failed", &["does not trust"]);
}

#[test]
fn an_expired_certificate() {
    let (issuer, pem) = authority();
    let server = server(&["127.0.0.1"], Some(&issuer), true);
    ask(&server, &server.url, &pem)
        .exits(1)
        .has("tls", "failed", &["expired", "clock"]);
}

#[test]
fn a_certificate_for_another_host() {
    let (issuer, pem) = authority();
    let server = server(&["zenml.acme.test"], Some(&issuer), false);
    ask(&server, &server.url, &pem).exits(1).has(
        "tls",
        "failed",
        &["for zenml.acme.test, not for 127.0.0.1"],
    );
}

#[test]
fn the_wrong_scheme() {
    let plain = Small::new(zenml);
    let url = plain.url.replace("http:", "https:");
    let verified = verify(&root_with(&url, &api_key(1)), &[], &["--timeout", "3"]);
    verified.exits(1).has("tls", "failed", &["TLS", "http://"]);

    let (issuer, _) = authority();
    let encrypted = server(&["127.0.0.1"], Some(&issuer), false);
    let url = encrypted.url.replace("https:", "http:");
    let verified = verify(&root_with(&url, &api_key(1)), &[], &["--timeout", "3"]);
    verified.exits(1).has("health", "failed", &["http"]);
}

#[cfg(unix)]
#[test]
fn certificates_that_are_not_in_regular_files_are_refused_at_once() {
    use std::path::Path;
    use std::process::Command;
    use std::time::Duration;

    let (issuer, _) = authority();
    let server = server(&["127.0.0.1"], Some(&issuer), false);
    let root = root_with(&server.url, &api_key(1));
    let fifo = root.path().join("fifo");
    let text = "-----BEGIN passphrase\npassphrase\n-----END passphrase-----\n";
    write_file(root.path(), "ca/text.pem", text);
    let directory = root.path().join("ca");
    for path in [&fifo, &directory.join("fifo.pem")] {
        let made = Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    }
    for (name, path) in [
        ("SSL_CERT_FILE", fifo.as_path()),
        ("SSL_CERT_FILE", Path::new("/dev/zero")),
        ("SSL_CERT_FILE", Path::new("/proc/kmsg")),
        ("SSL_CERT_DIR", directory.as_path()),
    ] {
        let variables = [(name, path.to_str().unwrap())];
        let verified = verify(&root, &variables, &["--timeout", "20"]);
        let said = ["not all trusted certificates can be read"];
        verified.exits(1).has("tls", "failed", &said);
        assert!(
            verified.took < Duration::from_secs(8),
            "{:?}",
            verified.took
        );
        assert!(!verified.run.stdout.contains("passphrase"));
    }
}
