//! What can be known without asking: what is sent where, and what already dooms it.

use std::net::IpAddr;

use url::{Host, Url};

use super::{Options, Outcome, Status};
use crate::connection::{Connection, Given, UnknownSource};
use crate::zenml::credential::{Slot, defect, expired_at, format_instant, is_swapped};
use crate::zenml::placeholder;
use crate::zenml::provider;
use crate::zenml::url::{UrlProblemKind, problems};

/// What is sent, and where to.
pub struct Sent {
    /// The server's root; none where no request can be made.
    pub server: Option<Url>,
    /// The credential; else how the check of it ends without it.
    pub credential: Result<Credential, Outcome>,
}

/// A credential that has the right shape.
pub struct Credential {
    /// Which it is.
    pub slot: Slot,
    /// The credential itself.
    pub text: String,
}

/// What is to be said, and how bad it is.
#[derive(Default)]
struct Remarks(Vec<Outcome>);

/// Judges a connection by its texts alone.
pub fn check(connection: &Connection, options: &Options) -> (Outcome, Sent) {
    let mut remarks = Remarks::default();
    let server = server(connection, options, &mut remarks);
    let credential = credential(connection, options, &mut remarks);
    let sent = Sent {
        credential: match (&server, credential) {
            (_, None) => Err(Outcome::skipped("there is no credential that can be sent")),
            (Some(url), Some(_)) if !may_receive(url, options) => Err(Outcome::failed(format!(
                "not sent: everyone on the way to {} could read it; use `https`, or pass `--insecure`",
                url.host_str().unwrap_or_default()
            ))),
            (_, Some(credential)) => Ok(credential),
        },
        server,
    };
    (remarks.outcome(), sent)
}

impl Remarks {
    fn failed(&mut self, message: String) {
        self.0.push(Outcome::failed(message));
    }

    fn warning(&mut self, message: String) {
        self.0.push(Outcome::warning(message));
    }

    /// All of them, failures first.
    fn outcome(self) -> Outcome {
        let of = |status: Status| {
            let remarks = self.0.iter().filter(move |remark| remark.status == status);
            remarks.map(|remark| remark.message.as_str())
        };
        let messages: Vec<&str> = of(Status::Failed).chain(of(Status::Warning)).collect();
        let message = messages.join(". Also, ");
        if of(Status::Failed).next().is_some() {
            Outcome::failed(message)
        } else if messages.is_empty() {
            Outcome::ok("the URL and the credential have the right shape")
        } else {
            Outcome::warning(message)
        }
    }
}

/// Where a text comes from, as the subject of a sentence.
fn subject(argument: &str, variable: Option<&str>) -> String {
    match variable {
        Some(variable) => format!("the `{argument}` from `{variable}`"),
        None => format!("the `{argument}`"),
    }
}

/// The text of a setting, with its subject.
fn text_of(argument: &str, given: &Given, remarks: &mut Remarks) -> Option<(String, String)> {
    match given {
        Given::Nothing => None,
        Given::Text { text, variable } => Some((text.clone(), subject(argument, *variable))),
        Given::Unknown { source, stand_in } => {
            let variable = provider::argument(argument)?.environment?;
            let text = stand_in.clone()?;
            remarks.warning(format!(
                "{}: `{variable}` stands in for it here",
                unknown(argument, source)
            ));
            Some((text, subject(argument, Some(variable))))
        }
    }
}

fn unknown(argument: &str, source: &UnknownSource) -> String {
    match source {
        UnknownSource::Variable(name) => {
            format!("`{argument}` comes from the variable `{name}`, which has no value here")
        }
        UnknownSource::Expression(expression) => {
            format!("`{argument}` is `{expression}`, which only a run of terraform knows")
        }
    }
}

fn server(connection: &Connection, options: &Options, remarks: &mut Remarks) -> Option<Url> {
    let Some((text, subject)) = text_of("server_url", &connection.server_url, remarks) else {
        remarks.failed(match &connection.server_url {
            Given::Unknown { source, .. } => {
                let how = match source {
                    UnknownSource::Variable(name) => {
                        format!("`--var {name}=…`, `--var-file`, `TF_VAR_{name}`")
                    }
                    UnknownSource::Expression(_) => "`ZENML_SERVER_URL`".into(),
                };
                format!("{}: pass it with {how}", unknown("server_url", source))
            }
            _ => format!(
                "there is no `server_url`, and no `ZENML_SERVER_URL` in the environment{}: set one of them",
                misled(options, "ZENML_STORE_URL")
            ),
        });
        return None;
    };
    if placeholder::is_placeholder_url(&text) {
        remarks.failed(format!(
            "{subject} is still a placeholder: write the server's own"
        ));
        return None;
    }
    let mut url = Url::parse(&text).ok();
    for problem in problems(&text) {
        let wrong = match problem.kind {
            UrlProblemKind::Invalid(reason) => {
                format!(
                    "{}: write an absolute URL, as in `https://zenml.example.com`",
                    reason.text()
                )
            }
            UrlProblemKind::ProHost(host) => format!(
                "is that of {host}, which is no ZenML server: write the workspace's own, as its page in the dashboard shows it"
            ),
            UrlProblemKind::OwnPath => format!(
                "leads into the server's own paths: end it before `{}`",
                text.get(problem.range.clone()).unwrap_or_default()
            ),
            UrlProblemKind::TrailingSlash(_) => {
                "ends in a slash, so that requests go to `//api/v1/...`: drop the slash".into()
            }
            UrlProblemKind::Insecure => {
                remarks.warning(format!(
                    "{subject} is plain `http` to a public host: write `https`"
                ));
                continue;
            }
        };
        remarks.failed(format!("{subject} {wrong}"));
        url = None;
        break;
    }
    url
}

/// What people set instead; the provider never reads it.
fn misled(options: &Options, variable: &str) -> String {
    match options.environment.get(variable) {
        Some(_) => format!(" (`{variable}` is set, but the provider never reads it)"),
        None => String::new(),
    }
}

/// The credential that the provider uses: the token wherever there is one.
fn credential(
    connection: &Connection,
    options: &Options,
    remarks: &mut Remarks,
) -> Option<Credential> {
    let Connection {
        api_key, api_token, ..
    } = connection;
    if let Some((text, subject)) = text_of("api_token", api_token, remarks) {
        if *api_key != Given::Nothing {
            remarks.warning(
                "key and token are both set: the provider uses the token and never the key, also once the token has expired"
                    .into(),
            );
        }
        return well_formed(Slot::ApiToken, text, &subject, options, remarks);
    }
    let key = text_of("api_key", api_key, remarks);
    if let Given::Unknown { source, .. } = api_token {
        let unknown = unknown("api_token", source);
        if key.is_some() {
            remarks.warning(format!(
                "{unknown}: if it is set, the provider uses it and never the key"
            ));
        } else {
            remarks.failed(format!(
                "{unknown}: pass it with {}",
                how_to_pass(source, Slot::ApiToken)
            ));
            return None;
        }
    }
    match (key, api_key) {
        (Some((text, subject)), _) => well_formed(Slot::ApiKey, text, &subject, options, remarks),
        (None, Given::Unknown { source, .. }) => {
            let unknown = unknown("api_key", source);
            remarks.failed(format!(
                "{unknown}: pass it with {}",
                how_to_pass(source, Slot::ApiKey)
            ));
            None
        }
        (None, _) => {
            remarks.failed(format!(
                "there is neither `api_key` nor `api_token`, and neither `ZENML_API_KEY` nor `ZENML_API_TOKEN` in the environment{}: set `ZENML_API_KEY`, or pass a key with `--api-key-stdin`",
                misled(options, "ZENML_STORE_API_KEY")
            ));
            None
        }
    }
}

/// Never on the command line, where every process of the machine can read it.
fn how_to_pass(source: &UnknownSource, slot: Slot) -> String {
    let own = match source {
        UnknownSource::Variable(name) => format!("`TF_VAR_{name}`, `--var-file`"),
        UnknownSource::Expression(_) => {
            let argument = provider::argument(slot.argument());
            let variable = argument.and_then(|argument| argument.environment);
            format!("`{}`", variable.unwrap_or_default())
        }
    };
    match slot {
        Slot::ApiKey => format!("{own} or `--api-key-stdin`"),
        Slot::ApiToken => own,
    }
}

/// The credential, unless no server ever takes such a one.
fn well_formed(
    slot: Slot,
    text: String,
    subject: &str,
    options: &Options,
    remarks: &mut Remarks,
) -> Option<Credential> {
    let wrong = if placeholder::is_placeholder(&text) {
        "is still a placeholder: put the real one there".into()
    } else if is_swapped(&text, slot) {
        format!("belongs in `{}`", slot.other().argument())
    } else if let Some(defect) = defect(&text, slot) {
        match slot {
            Slot::ApiKey => format!(
                "{defect}; a key is `ZENKEY_` and 160 characters, shown once by `zenml service-account create <NAME>`"
            ),
            Slot::ApiToken => format!("{defect}; a token has three parts with dots between them"),
        }
    } else if let Some(expired) = expired_at(&text, options.now) {
        format!(
            "expired on {}: use the API key of a service account, which does not expire (`zenml service-account create <NAME>`)",
            format_instant(expired)
        )
    } else {
        return Some(Credential { slot, text });
    };
    remarks.failed(format!("{subject} {wrong}"));
    None
}

/// Whether a credential may be sent there: encrypted, to this very machine, or because it was asked for.
fn may_receive(url: &Url, options: &Options) -> bool {
    url.scheme() == "https" || options.insecure || is_loopback(url)
}

/// Whether a URL surely leads to this machine. A name that only happens to resolve to it may lead elsewhere next time.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).to_canonical().is_loopback(),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}
