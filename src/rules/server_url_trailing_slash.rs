//! `server-url-trailing-slash`: the URL ends in a slash.

use super::{Draft, Reporter, Scope};
use crate::message;
use crate::message::Message;
use crate::zenml::url::UrlProblemKind;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, problem) in scope.url_problems() {
        let UrlProblemKind::TrailingSlash(count) = problem.kind else {
            continue;
        };
        let slashes = match count {
            1 => Message::from("a slash"),
            count => message!("{} slashes", count),
        };
        let message = message!(
            "{} ends in {}: requests go to `//api/v1/...`, and `terraform plan` fails with \"error decoding server info: invalid character '<'\"",
            candidate.subject("server_url"),
            slashes
        );
        let shown = scope.shown(&candidate);
        let title = "Drop the slash at the end";
        let fix = scope
            .mend
            .trim(title, "server_url", &candidate.pieces, &problem.mend);
        reporter.report(
            Draft::new(candidate.place, message)
                .about(&shown)
                .help("write the URL without the slash at its end")
                .fix(fix),
        );
    }
}
