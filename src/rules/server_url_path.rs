//! `server-url-path`: the URL leads into the API or the dashboard.

use super::{Draft, Reporter, Scope};
use crate::finding::Fix;
use crate::message;
use crate::zenml::url::UrlProblemKind;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, problem) in scope.url_problems() {
        if problem.kind != UrlProblemKind::OwnPath {
            continue;
        }
        let path = scope.shown_part(&candidate, problem.range.clone());
        let message = message!(
            "{} goes on into the server's own paths with `{}`: the provider adds `/api/v1/...` itself, and `terraform plan` fails",
            candidate.subject("server_url"),
            path
        );
        let fix = scope.mend.trim(
            "Cut the path off",
            "server_url",
            &candidate.pieces,
            &problem.mend,
        );
        // The path may have been meant for something else.
        let fix = fix.map(|fix| Fix { safe: false, ..fix });
        reporter.report(
            Draft::new(candidate.place, message)
                .help(message!("end the URL before `{}`", path))
                .fix(fix),
        );
    }
}
