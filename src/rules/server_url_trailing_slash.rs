//! `server-url-trailing-slash`: the URL ends in a slash.

use super::{Draft, Reporter, Scope};
use crate::zenml::url::UrlProblemKind;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, problem) in scope.url_problems() {
        let UrlProblemKind::TrailingSlash(count) = problem.kind else {
            continue;
        };
        let slashes = match count {
            1 => "a slash".to_owned(),
            count => format!("{count} slashes"),
        };
        let message = format!(
            "{} ends in {slashes}: requests go to `//api/v1/...`, and `terraform plan` fails with \"error decoding server info: invalid character '<'\"",
            candidate.subject("server_url")
        );
        let title = "Drop the slash at the end";
        let fix = scope
            .mend
            .trim(title, "server_url", &candidate.pieces, &problem.mend);
        reporter.report(
            Draft::new(candidate.place, message)
                .help("write the URL without the slash at its end")
                .fix(fix),
        );
    }
}
