//! The rules: one file each, one line each in [`LIST`], one page each in `rules/`.

mod custom;
mod fields;
mod page;
mod place;
mod reporter;
mod resource;
mod scope;
mod unknown_name;

pub use custom::blocks as blocks_of_custom;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::finding::{Finding, Severity};
use crate::source::Location;

pub use fields::KnownFields;
pub use page::{Fixable, Page};
pub use place::Place;
use reporter::Reported;
pub use reporter::{Draft, Reporter};
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

macro_rules! list {
    ($($module:ident = $name:literal,)*) => {
        $(mod $module;)*

        /// Every rule that checks a module, in the order of the documentation.
        static LIST: [Rule; [$($name),*].len() + 2] = [
            $(rule!($name, Some($module::check)),)*
            // These two speak of files and comments, not of modules: see `crate::lint`.
            rule!("syntax-error", None),
            rule!("unused-ignore", None),
        ];
    };
}

list! {
    missing_server_url = "missing-server-url",
    missing_credentials = "missing-credentials",
    server_url_trailing_slash = "server-url-trailing-slash",
    invalid_server_url = "invalid-server-url",
    server_url_path = "server-url-path",
    pro_dashboard_url = "pro-dashboard-url",
    insecure_server_url = "insecure-server-url",
    placeholder_value = "placeholder-value",
    conflicting_credentials = "conflicting-credentials",
    hardcoded_secret = "hardcoded-secret",
    malformed_credential = "malformed-credential",
    swapped_credentials = "swapped-credentials",
    expired_token = "expired-token",
    prefer_api_key = "prefer-api-key",
    secret_not_sensitive = "secret-not-sensitive",
    unknown_provider_value = "unknown-provider-value",
    skip_version_check = "skip-version-check",
    missing_argument = "missing-argument",
    unknown_argument = "unknown-argument",
    removed_argument = "removed-argument",
    provider_source = "provider-source",
    unpinned_provider = "unpinned-provider",
    duplicate_provider = "duplicate-provider",
    undeclared_reference = "undeclared-reference",
    unknown_connector_type = "unknown-connector-type",
    unknown_auth_method = "unknown-auth-method",
    unknown_resource_type = "unknown-resource-type",
    unknown_component_type = "unknown-component-type",
    unknown_flavor = "unknown-flavor",
    component_configuration = "component-configuration",
    connector_configuration = "connector-configuration",
    connector_resource_without_connector = "connector-resource-without-connector",
    stack_required_components = "stack-required-components",
    stack_component_mismatch = "stack-component-mismatch",
    empty_component_id = "empty-component-id",
    connector_flavor_mismatch = "connector-flavor-mismatch",
    connector_resource_type_missing = "connector-resource-type-missing",
    implicit_auth_disabled = "implicit-auth-disabled",
    unknown_secret_reference = "unknown-secret-reference",
    invalid_name = "invalid-name",
    duplicate_name = "duplicate-name",
    invalid_variable_value = "invalid-variable-value",
}

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

/// What every rule has to say of a module in one context; hidden findings are already left out.
pub fn check(scope: &Scope<'_>) -> Vec<Finding> {
    let mut reported = Vec::new();
    for rule in &LIST {
        if let Some(check) = rule.check {
            let mut reporter = Reporter::new(rule);
            check(scope, &mut reporter);
            reported.extend(reporter.finish());
        }
    }
    let mut findings = without_hidden(reported);
    findings.extend(custom::check(scope));
    findings
}

fn without_hidden(reported: Vec<Reported>) -> Vec<Finding> {
    let mut hidden: FxHashMap<(&str, Location), Vec<Option<u64>>> = FxHashMap::default();
    for Reported { finding, text } in &reported {
        for (_, rules) in HIDES.iter().filter(|(rule, _)| *rule == finding.rule) {
            for rule in *rules {
                hidden
                    .entry((rule, finding.primary))
                    .or_default()
                    .push(*text);
            }
        }
    }
    // What is about no text is about all that came from there.
    let is_shown = |Reported { finding, text }: &Reported| {
        let texts = hidden.get(&(&*finding.rule, finding.primary));
        texts.is_none_or(|texts| text.is_some() && !texts.contains(text))
    };
    let shown = reported.iter().map(is_shown).collect::<Vec<bool>>();
    let shown = reported.into_iter().zip(shown);
    shown
        .filter_map(|(reported, is_shown)| is_shown.then_some(reported.finding))
        .collect()
}
