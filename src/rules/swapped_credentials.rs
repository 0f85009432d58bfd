//! `swapped-credentials`: a key in the token's place, or a token in the key's.

use std::collections::BTreeSet;

use super::{Candidate, Draft, Reporter, Scope};
use crate::finding::Fix;
use crate::message;
use crate::source::Location;
use crate::zenml::credential::{Slot, is_swapped};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, text, slot) in scope.known_credentials() {
        if !is_swapped(&text, slot) {
            continue;
        }
        let (is, result) = match slot {
            Slot::ApiKey => ("an API token", "the server answers 401 to it"),
            Slot::ApiToken => ("an API key", "servers refuse it as a token"),
        };
        let message = message!(
            "{} is {}: {}",
            candidate.subject(slot.argument()),
            is,
            result
        );
        let help = message!("give it as `{}`", slot.other().argument());
        let fix = fix(scope, &candidate, slot);
        reporter.report(Draft::new(candidate.place, message).help(help).fix(fix));
    }
}

const RULE: &str = "swapped-credentials";

/// The literals whose arguments this rule gives other names, as far as it is on.
pub(super) fn renamed(scope: &Scope<'_>) -> BTreeSet<Location> {
    let credentials = scope.known_credentials();
    let swapped = credentials.filter(|(_, text, slot)| is_swapped(text, *slot));
    swapped
        .filter(|(candidate, ..)| scope.policy.is_on(RULE, candidate.place.primary.file))
        .filter(|(candidate, _, slot)| fix(scope, candidate, *slot).is_some())
        .map(|(candidate, ..)| candidate.place.primary)
        .collect()
}

/// Renames the argument; where the other one is written too, the two change names. None where a credential comes from the
/// environment.
fn fix(scope: &Scope<'_>, candidate: &Candidate, slot: Slot) -> Option<Fix> {
    let reaches = candidate.place.reaches.first()?;
    let provider = scope.providers.iter().find(|provider| {
        let mut settings = provider.credentials().into_iter();
        settings.any(|setting| setting.argument.is_some_and(|a| a.span == *reaches))
    })?;
    let (own, other) = match slot {
        Slot::ApiKey => (&provider.api_key, &provider.api_token),
        Slot::ApiToken => (&provider.api_token, &provider.api_key),
    };
    let renames: Vec<_> = [(own, other.name), (other, own.name)]
        .into_iter()
        .filter_map(|(setting, name)| Some((setting.argument?, name)))
        .collect();
    let title = match renames.len() {
        1 => message!("Rename it to `{}`", other.name),
        _ => "Exchange the two names".into(),
    };
    let edits = scope.mend.rename_arguments(&renames);
    Some(Fix::to_review(title, edits))
}
