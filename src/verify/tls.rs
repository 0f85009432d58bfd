//! Encryption: whom to trust, and why a server's certificate is not.

use std::env;
use std::fs;
use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, Error, RootCertStore,
};
use url::Url;

use super::network::{Timed, too_late};
use super::{Options, Outcome};
use crate::environment::Environment;
use crate::reader::{Reader, describe};

/// The certificates of the authorities that are trusted.
pub struct Roots {
    /// In DER.
    pub certificates: Vec<CertificateDer<'static>>,
    /// Why some, or all, could not be read.
    problem: Option<String>,
}

impl Roots {
    /// What `SSL_CERT_FILE` and `SSL_CERT_DIR` name, which the provider takes too; else what the system trusts.
    pub fn load(environment: &Environment, reader: Reader) -> Self {
        let (file, dirs) = (
            environment.get("SSL_CERT_FILE"),
            environment.get("SSL_CERT_DIR"),
        );
        if file.is_none() && dirs.is_none() {
            let found = rustls_native_certs::load_native_certs();
            return Self {
                certificates: found.certs,
                problem: found.errors.first().map(ToString::to_string),
            };
        }
        let mut roots = Self {
            certificates: Vec::new(),
            problem: None,
        };
        if let Some(file) = file {
            roots.add_file(Path::new(file), reader);
        }
        for dir in dirs.iter().flat_map(env::split_paths) {
            roots.add_directory(&dir, reader);
        }
        roots
    }

    fn add_directory(&mut self, dir: &Path, reader: Reader) {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) => return self.complain(dir, &describe(&error)),
        };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files {
            // What else is in the directory does not matter.
            if reader.check(&file).is_ok() {
                self.add_file(&file, reader);
            }
        }
    }

    fn add_file(&mut self, path: &Path, reader: Reader) {
        let bytes = match reader.read(path) {
            Ok(bytes) => bytes,
            Err(error) => return self.complain(path, &error.to_string()),
        };
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            match certificate {
                Ok(certificate) => self.certificates.push(certificate),
                // The parser's own words quote the file.
                Err(_) => self.complain(path, "it is not all PEM"),
            }
        }
    }

    /// Keeps the first problem.
    fn complain(&mut self, path: &Path, reason: &str) {
        self.problem
            .get_or_insert_with(|| format!("{}: {reason}", path.display()));
    }

    /// What to add where no authority is trusted.
    fn lack(&self) -> String {
        match (&self.problem, self.certificates.len()) {
            (Some(problem), _) => format!(" (not all trusted certificates can be read: {problem})"),
            (None, 0) => " (this machine trusts no authority at all)".into(),
            (None, _) => String::new(),
        }
    }
}

/// The cryptography: `ring`, which needs no other build tools.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Agrees on encryption with the server.
pub fn handshake(stream: TcpStream, url: &Url, options: &Options) -> Outcome {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let Ok(name) = ServerName::try_from(bare.to_owned()) else {
        return Outcome::failed(format!("no certificate can be for a host named {host}"));
    };
    let mut trusted = RootCertStore::empty();
    let roots = options.roots();
    trusted.add_parsable_certificates(roots.certificates.iter().cloned());
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map(|builder| {
            let builder = builder.with_root_certificates(trusted);
            builder.with_no_client_auth()
        });
    let connection = config.and_then(|config| ClientConnection::new(Arc::new(config), name));
    let mut connection = match connection {
        Ok(connection) => connection,
        Err(error) => return Outcome::failed(explain(&error, host, roots)),
    };
    let deadline = options.deadline;
    match connection.complete_io(&mut Timed { stream, deadline }) {
        Ok(_) if connection.is_handshaking() => {
            Outcome::failed("the server hangs up before there is encryption")
        }
        Ok(_) => {
            let version = match connection.protocol_version() {
                Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
                _ => "TLS 1.3",
            };
            Outcome::ok(format!(
                "{version}, with a certificate for {host} that is trusted"
            ))
        }
        Err(error) => Outcome::failed(explain_io(&error, host, options)),
    }
}

/// Why there is no encrypted connection.
pub fn explain_io(error: &io::Error, host: &str, options: &Options) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    if let Some(error) = inner {
        return explain(error, host, options.roots());
    }
    match error.kind() {
        io::ErrorKind::TimedOut => too_late("the server has not answered", options),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
            "the server hangs up: does it speak TLS on this port? If not, write `http://`".into()
        }
        _ => format!("there is no encrypted connection ({error})"),
    }
}

/// Why a certificate or a server is not trusted, and what to do.
pub fn explain(error: &Error, host: &str, roots: &Roots) -> String {
    match error {
        Error::InvalidCertificate(error) => explain_certificate(error, host, roots),
        Error::InvalidMessage(_) => {
            "the server does not speak TLS on this port: is the port right? If it has no encryption, write `http://`".into()
        }
        Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            format!("the server knows no host named {host}")
        }
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "the server wants a certificate of the client, which the provider cannot give".into()
        }
        Error::PeerIncompatible(_)
        | Error::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure,
        ) => format!("the server speaks only older kinds of TLS than 1.2 ({error})"),
        _ => format!("there is no encrypted connection ({error})"),
    }
}

fn explain_certificate(error: &CertificateError, host: &str, roots: &Roots) -> String {
    match error {
        // The signature is wrong where another authority of the same name is trusted.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "the certificate is self-signed, or issued by an authority that this machine does not trust{}: name a file with the authority's certificate in `SSL_CERT_FILE`, which the provider reads too",
            roots.lack()
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the certificate has expired: renew it on the server (or is this machine's clock wrong?)"
                .into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the certificate is not valid yet: is this machine's clock wrong?".into()
        }
        CertificateError::NotValidForName => {
            format!("the certificate is not for {host}: write the host that it is for")
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<&str> = presented.iter().take(5).map(|name| bare_name(name)).collect();
            let names = match names.as_slice() {
                [] => "for no host at all".to_owned(),
                names => format!("for {}", names.join(", ")),
            };
            format!("the certificate is {names}, not for {host}: write a host that it is for")
        }
        CertificateError::Revoked => "the certificate has been revoked: renew it on the server".into(),
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "the server's certificate is that of an authority (made by `openssl req -x509`?): terraform takes it where `SSL_CERT_FILE` names it, and verify does not; give the server one of its own"
                .into()
        }
        _ => format!("the certificate cannot be used ({error})"),
    }
}

/// `DnsName("zenml.acme.com")` as the name alone.
fn bare_name(presented: &str) -> &str {
    presented.split('"').nth(1).unwrap_or(presented)
}
