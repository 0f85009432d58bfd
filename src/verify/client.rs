//! Requests and what comes back: one time limit for all, no more than is needed, nobody followed.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::header::{AUTHORIZATION, CONTENT_ENCODING, LOCATION, RETRY_AFTER};
use ureq::http::{HeaderName, Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, Error, Proxy};
use url::Url;

use super::network::too_late;
use super::proxy::Proxied;
use super::{Options, tls};

/// No answer that is needed is longer, in bytes; of one that is, the rest is never read.
const LONGEST_BODY: usize = 64 << 10;

/// Asks one server.
pub struct Client<'a> {
    agent: Agent,
    /// The server's URL, as it is written.
    base: String,
    host: String,
    options: &'a Options,
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where it redirects to.
    pub location: Option<String>,
    /// How long to wait before the next request, as it says it.
    pub retry_after: Option<String>,
    /// What it says, cut off where it is too long.
    pub body: Vec<u8>,
    /// Whether it is cut off.
    pub is_cut: bool,
    /// Whether it is compressed, although nobody asked for that.
    pub is_compressed: bool,
}

/// Leads every name to the addresses that were found before: what was looked up and connected to is what is asked.
#[derive(Debug)]
struct Pinned(Vec<SocketAddr>);

impl Resolver for Pinned {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        for address in &self.0 {
            addresses.push(*address);
        }
        Ok(addresses)
    }
}

impl<'a> Client<'a> {
    /// A client for a server at one of these addresses, or behind a proxy.
    ///
    /// # Errors
    /// Where the proxy's URL is none: a sentence that says so.
    pub fn new(
        url: &Url,
        proxied: &Proxied,
        address: Option<SocketAddr>,
        options: &'a Options,
    ) -> Result<Self, String> {
        let proxy = match proxied {
            Proxied::Direct => None,
            Proxied::Through { url, .. } => Some(Proxy::new(url).map_err(|_| {
                "the proxy that the environment names has no URL that can be used".to_owned()
            })?),
        };
        let mut trust = TlsConfig::builder().unversioned_rustls_crypto_provider(tls::provider());
        if url.scheme() == "https" {
            let roots = options.roots().certificates.iter();
            let roots = roots.map(|root| Certificate::from_der(root).to_owned());
            trust = trust.root_certs(RootCerts::Specific(Arc::new(roots.collect())));
        }
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("zenml-tflint/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .proxy(proxy)
            .tls_config(trust.build())
            // A server may close a connection after its answer without a word, which nobody can tell from one that fails.
            .max_idle_connections(0)
            .build();
        let connector = DefaultConnector::new();
        let agent = match address {
            Some(address) => Agent::with_parts(config, connector, Pinned(vec![address])),
            None => Agent::with_parts(config, connector, DefaultResolver::default()),
        };
        Ok(Self {
            agent,
            base: url.as_str().trim_end_matches('/').to_owned(),
            host: url.host_str().unwrap_or_default().to_owned(),
            options,
        })
    }

    /// The server's URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// When it is now, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.options.now
    }

    /// Asks for a page, with a token or without.
    ///
    /// # Errors
    /// Where no answer comes: a sentence that says why.
    pub fn get(&self, path: &str, token: Option<&str>) -> Result<Answer, String> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.config().timeout_global(Some(self.left()?)).build();
        self.answer(request.call())
    }

    /// Sends a form.
    ///
    /// # Errors
    /// Where no answer comes: a sentence that says why.
    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<Answer, String> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.config().timeout_global(Some(self.left()?)).build();
        self.answer(request.send_form(form.iter().copied()))
    }

    fn left(&self) -> Result<std::time::Duration, String> {
        let late = || too_late("the server was not asked", self.options);
        self.options.left().ok_or_else(late)
    }

    fn answer(&self, sent: Result<Response<Body>, Error>) -> Result<Answer, String> {
        let mut response = sent.map_err(|error| self.explain(&error))?;
        let header = |name: HeaderName| {
            let value = response.headers().get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let encoding = header(CONTENT_ENCODING);
        let mut answer = Answer {
            status: response.status().as_u16(),
            location: header(LOCATION),
            retry_after: header(RETRY_AFTER),
            is_compressed: encoding.is_some_and(|encoding| encoding != "identity"),
            is_cut: false,
            body: Vec::new(),
        };
        let most = LONGEST_BODY as u64 + 1;
        let mut body = response.body_mut().as_reader().take(most);
        body.read_to_end(&mut answer.body)
            .map_err(|error| self.explain(&Error::from(error)))?;
        answer.is_cut = answer.body.len() > LONGEST_BODY;
        answer.body.truncate(LONGEST_BODY);
        Ok(answer)
    }

    fn explain(&self, error: &Error) -> String {
        match error {
            Error::Timeout(_) => too_late("the server has not answered", self.options),
            Error::Io(error) => self.explain_io(error),
            Error::Rustls(error) => tls::explain(error, &self.host, self.options.roots()),
            Error::HostNotFound | Error::ConnectionFailed => {
                "there is no connection to the server or its proxy".into()
            }
            Error::ConnectProxyFailed(why) => format!(
                "the proxy does not let the request through ({why}): does it want a name and a password, or should `NO_PROXY` have {}?",
                self.host
            ),
            Error::Protocol(_) | Error::LargeResponseHeader(..) => format!(
                "what answers does not speak HTTP as it should ({error}): is the port right, and is it `http` or `https`?"
            ),
            _ => format!("the request fails ({error})"),
        }
    }

    fn explain_io(&self, error: &io::Error) -> String {
        if let Some(inner) = error.get_ref() {
            if let Some(error) = inner.downcast_ref::<rustls::Error>() {
                return tls::explain(error, &self.host, self.options.roots());
            }
            if let Some(error) = inner.downcast_ref::<Error>() {
                return self.explain(error);
            }
        }
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                too_late("the server has not answered in full", self.options)
            }
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => {
                "the server hangs up before it has answered: is the port right, and is it `http` or `https`?"
                    .into()
            }
            _ => format!("the request fails ({error})"),
        }
    }
}
