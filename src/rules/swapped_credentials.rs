//! `swapped-credentials`: a key in the token's place, or a token in the key's.

use super::{Draft, Reporter, Scope};
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
        let message = format!("{} is {is}: {result}", candidate.subject(slot.argument()));
        let help = format!("give it as `{}`", slot.other().argument());
        reporter.report(Draft::new(candidate.place, message).help(help));
    }
}
