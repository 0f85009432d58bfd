//! The rules: one file each, one line each in [`LIST`], one page each in `rules/`.

mod component_configuration;
mod conflicting_credentials;
mod connector_configuration;
mod connector_flavor_mismatch;
mod connector_resource_type_missing;
mod connector_resource_without_connector;
mod custom;
mod duplicate_name;
mod duplicate_provider;
mod empty_component_id;
mod expired_token;
mod fields;
mod hardcoded_secret;
mod implicit_auth_disabled;
mod insecure_server_url;
mod invalid_name;
mod invalid_server_url;
mod invalid_variable_value;
mod malformed_credential;
mod missing_argument;
mod missing_credentials;
mod missing_server_url;
mod page;
mod place;
mod placeholder_value;
mod prefer_api_key;
mod pro_dashboard_url;
mod provider_source;
mod removed_argument;
mod reporter;
mod resource;
mod scope;
mod secret_not_sensitive;
mod server_url_path;
mod server_url_trailing_slash;
mod skip_version_check;
mod stack_component_mismatch;
mod stack_required_components;
mod swapped_credentials;
mod undeclared_reference;
mod unknown_argument;
mod unknown_auth_method;
mod unknown_component_type;
mod unknown_connector_type;
mod unknown_flavor;
mod unknown_name;
mod unknown_provider_value;
mod unknown_resource_type;
mod unknown_secret_reference;
mod unpinned_provider;

pub use custom::blocks as blocks_of_custom;
use std::sync::OnceLock;

use crate::finding::Severity;

pub use fields::KnownFields;
pub use page::{Fixable, Page};
pub use place::Place;
pub use reporter::{Draft, Reported, Reporter};
pub use resource::{Entry, Input, Resource};
pub use scope::{Candidate, ProviderBlock, Scope, Setting, uses_zenml};

use std::collections::BTreeSet;

use crate::settings::BadSettings;
use crate::zenml::provider::closest;

/// A rule: its name, its page, its check.
pub struct Rule {
    /// The name that ignore comments and configuration use.
    pub name: &'static str,
    source: &'static str,
    severity: OnceLock<Severity>,
    check: Option<fn(&Scope<'_>, &mut Reporter)>,
}

/// Embeds the page of a rule and names its check.
macro_rules! rule {
    ($name:literal, $check:expr) => {
        Rule {
            name: $name,
            source: include_str!(concat!("../../rules/", $name, ".md")),
            severity: OnceLock::new(),
            check: $check,
        }
    };
}

/// Every rule, in the order of the documentation.
static LIST: [Rule; 44] = [
    rule!("missing-server-url", Some(missing_server_url::check)),
    rule!("missing-credentials", Some(missing_credentials::check)),
    rule!(
        "server-url-trailing-slash",
        Some(server_url_trailing_slash::check)
    ),
    rule!("invalid-server-url", Some(invalid_server_url::check)),
    rule!("server-url-path", Some(server_url_path::check)),
    rule!("pro-dashboard-url", Some(pro_dashboard_url::check)),
    rule!("insecure-server-url", Some(insecure_server_url::check)),
    rule!("placeholder-value", Some(placeholder_value::check)),
    rule!(
        "conflicting-credentials",
        Some(conflicting_credentials::check)
    ),
    rule!("hardcoded-secret", Some(hardcoded_secret::check)),
    rule!("malformed-credential", Some(malformed_credential::check)),
    rule!("swapped-credentials", Some(swapped_credentials::check)),
    rule!("expired-token", Some(expired_token::check)),
    rule!("prefer-api-key", Some(prefer_api_key::check)),
    rule!("secret-not-sensitive", Some(secret_not_sensitive::check)),
    rule!(
        "unknown-provider-value",
        Some(unknown_provider_value::check)
    ),
    rule!("skip-version-check", Some(skip_version_check::check)),
    rule!("missing-argument", Some(missing_argument::check)),
    rule!("unknown-argument", Some(unknown_argument::check)),
    rule!("removed-argument", Some(removed_argument::check)),
    rule!("provider-source", Some(provider_source::check)),
    rule!("unpinned-provider", Some(unpinned_provider::check)),
    rule!("duplicate-provider", Some(duplicate_provider::check)),
    rule!("undeclared-reference", Some(undeclared_reference::check)),
    rule!(
        "unknown-connector-type",
        Some(unknown_connector_type::check)
    ),
    rule!("unknown-auth-method", Some(unknown_auth_method::check)),
    rule!("unknown-resource-type", Some(unknown_resource_type::check)),
    rule!(
        "unknown-component-type",
        Some(unknown_component_type::check)
    ),
    rule!("unknown-flavor", Some(unknown_flavor::check)),
    rule!(
        "component-configuration",
        Some(component_configuration::check)
    ),
    rule!(
        "connector-configuration",
        Some(connector_configuration::check)
    ),
    rule!(
        "connector-resource-without-connector",
        Some(connector_resource_without_connector::check)
    ),
    rule!(
        "stack-required-components",
        Some(stack_required_components::check)
    ),
    rule!(
        "stack-component-mismatch",
        Some(stack_component_mismatch::check)
    ),
    rule!("empty-component-id", Some(empty_component_id::check)),
    rule!(
        "connector-flavor-mismatch",
        Some(connector_flavor_mismatch::check)
    ),
    rule!(
        "connector-resource-type-missing",
        Some(connector_resource_type_missing::check)
    ),
    rule!(
        "implicit-auth-disabled",
        Some(implicit_auth_disabled::check)
    ),
    rule!(
        "unknown-secret-reference",
        Some(unknown_secret_reference::check)
    ),
    rule!("invalid-name", Some(invalid_name::check)),
    rule!("duplicate-name", Some(duplicate_name::check)),
    rule!(
        "invalid-variable-value",
        Some(invalid_variable_value::check)
    ),
    // These two are about files and comments, not about modules: see `crate::lint`.
    rule!("syntax-error", None),
    rule!("unused-ignore", None),
];

/// Which rule's finding about a text at a place hides which rules' findings about the same.
const HIDES: &[(&str, &[&str])] = &[
    (
        "placeholder-value",
        &[
            "server-url-trailing-slash",
            "invalid-server-url",
            "server-url-path",
            "pro-dashboard-url",
            "insecure-server-url",
            "hardcoded-secret",
            "malformed-credential",
            "swapped-credentials",
            "expired-token",
            "component-configuration",
            "connector-configuration",
            "invalid-variable-value",
        ],
    ),
    (
        "invalid-server-url",
        &[
            "server-url-trailing-slash",
            "server-url-path",
            "pro-dashboard-url",
            "insecure-server-url",
        ],
    ),
    ("pro-dashboard-url", &["server-url-path"]),
    ("swapped-credentials", &["malformed-credential"]),
];

/// Which rules hide which others about the same text at the same place.
pub fn hiding() -> &'static [(&'static str, &'static [&'static str])] {
    HIDES
}

/// The rules that a rule's finding hides about the same text at the same place.
pub(crate) fn hidden_by(rule: &str) -> &'static [&'static str] {
    let entry = HIDES.iter().find(|(hiding, _)| *hiding == rule);
    entry.map_or(&[], |(_, hidden)| hidden)
}

/// Every rule.
pub fn all() -> &'static [Rule] {
    &LIST
}

/// The rule of a name.
pub fn find(name: &str) -> Option<&'static Rule> {
    LIST.iter().find(|rule| rule.name == name)
}

/// Refuses a name that neither a rule nor one of the custom rules has.
///
/// # Errors
/// For the first such name, with what was probably meant.
pub fn check_names<'n>(
    names: impl IntoIterator<Item = &'n str>,
    custom: &BTreeSet<&str>,
) -> Result<(), BadSettings> {
    let unknown = |name: &&str| find(name).is_none() && !custom.contains(name);
    let Some(name) = names.into_iter().find(unknown) else {
        return Ok(());
    };
    let known = LIST.iter().map(|rule| rule.name);
    let advice = match closest(name, known.chain(custom.iter().copied())) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`zenml-tflint rules` lists every rule".to_owned(),
    };
    Err(BadSettings::UnknownRule {
        name: name.chars().take(60).collect(),
        advice,
    })
}

impl Rule {
    /// What the rule's page says.
    pub fn page(&self) -> Page {
        Page::parse(self.source)
    }

    /// The severity that the page gives. The page is read once, when the rule first fires: nearly all never do.
    fn severity(&self) -> Severity {
        *self.severity.get_or_init(|| self.page().severity)
    }
}

/// The findings of all rules that are on, about a module in one context.
pub fn check(scope: &Scope<'_>) -> Vec<Reported> {
    let mut reported = Vec::new();
    for rule in LIST.iter().filter(|rule| scope.policy.may_run(rule.name)) {
        if let Some(check) = rule.check {
            let mut reporter = Reporter::new(rule);
            check(scope, &mut reporter);
            reported.extend(reporter.finish());
        }
    }
    reported.extend(custom::check(scope));
    reported
}
