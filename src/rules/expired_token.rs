//! `expired-token`: the token's time is over.

use super::{Draft, Reporter, Scope};
use crate::message;
use crate::zenml::credential::{Instant, expired_at};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, text, slot) in scope.known_credentials() {
        if let Some(expired) = expired_at(&text, scope.now) {
            let message = message!(
                "{} expired on {}: the server answers 401 to it",
                candidate.subject(slot.argument()),
                Instant(expired)
            );
            reporter.report(Draft::new(candidate.place, message).help(
                "use the API key of a service account instead, which does not expire (`zenml service-account create <NAME>`)",
            ));
        }
    }
}
