//! `malformed-credential`: no server ever issued such a key or token.

use std::ops::Range;

use super::{Candidate, Draft, Reporter, Scope};
use crate::finding::Fix;
use crate::message;
use crate::zenml::credential::{Defect, Slot, defect};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, text, slot) in scope.known_credentials() {
        let Some(defect) = defect(&text, slot) else {
            continue;
        };
        let message = message!(
            "{} {}: `terraform plan` may pass, and `apply` fails with a misleading 401",
            candidate.subject(slot.argument()),
            defect
        );
        let help = match slot {
            Slot::ApiKey => {
                "copy the whole key: `ZENKEY_` and 160 characters, shown once by `zenml service-account create <NAME>`"
            }
            Slot::ApiToken => {
                "copy the whole token: three parts with dots between them, the first beginning with `eyJ`"
            }
        };
        let fix = match &defect {
            Defect::BlanksAround(kept) => without_blanks(scope, &candidate, &text, kept, slot),
            _ => None,
        };
        reporter.report(Draft::new(candidate.place, message).help(help).fix(fix));
    }
}

fn without_blanks(
    scope: &Scope<'_>,
    candidate: &Candidate,
    text: &str,
    kept: &Range<usize>,
    slot: Slot,
) -> Option<Fix> {
    let blanks = [(0..kept.start, ""), (kept.end..text.len(), "")];
    let changes: Vec<_> = blanks
        .into_iter()
        .filter(|(range, _)| !range.is_empty())
        .collect();
    let title = "Drop the blanks around it";
    scope
        .mend
        .trim(title, slot.argument(), &candidate.pieces, &changes)
}
