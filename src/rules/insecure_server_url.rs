//! `insecure-server-url`: credentials would cross the network in the clear.

use super::{Draft, Reporter, Scope};
use crate::finding::Fix;
use crate::message;
use crate::zenml::url::UrlProblemKind;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, problem) in scope.url_problems() {
        if problem.kind != UrlProblemKind::Insecure {
            continue;
        }
        let message = message!(
            "{} is plain `http` to a public host: everyone on the way can read the credentials",
            candidate.subject("server_url")
        );
        let edits = scope.mend.text(&candidate.pieces, &problem.mend);
        let fix = edits.map(|edits| Fix::to_review("Write `https://`", edits));
        let shown = scope.shown(&candidate);
        reporter.report(
            Draft::new(candidate.place, message)
                .about(&shown)
                .help("write `https://`")
                .fix(fix),
        );
    }
}
