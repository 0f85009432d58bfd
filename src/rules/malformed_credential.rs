//! `malformed-credential`: no server ever issued such a key or token.

use super::{Draft, Reporter, Scope};
use crate::zenml::credential::{Slot, defect};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, text, slot) in scope.known_credentials() {
        let Some(defect) = defect(&text, slot) else {
            continue;
        };
        let message = format!(
            "{} {defect}: `terraform plan` may pass, and `apply` fails with a misleading 401",
            candidate.subject(slot.argument())
        );
        let help = match slot {
            Slot::ApiKey => "copy the whole key: `ZENKEY_` and 160 characters, shown once by `zenml service-account create <NAME>`",
            Slot::ApiToken => "copy the whole token: three parts with dots between them, the first beginning with `eyJ`",
        };
        reporter.report(Draft::new(candidate.place, message).help(help));
    }
}
