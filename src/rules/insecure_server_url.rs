//! `insecure-server-url`: credentials would cross the network in the clear.

use super::{Draft, Reporter, Scope};
use crate::zenml::url::UrlProblemKind;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, problem) in scope.url_problems() {
        if problem.kind != UrlProblemKind::Insecure {
            continue;
        }
        let message = format!(
            "{} is plain `http` to a public host: everyone on the way can read the credentials",
            candidate.subject("server_url")
        );
        reporter.report(Draft::new(candidate.place, message).help("write `https://`"));
    }
}
