//! `pro-dashboard-url`: the URL of ZenML Pro itself, not of a workspace.

use super::{Draft, Reporter, Scope};
use crate::message;
use crate::zenml::url::UrlProblemKind;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, problem) in scope.url_problems() {
        let UrlProblemKind::ProHost(host) = problem.kind else {
            continue;
        };
        let message = message!(
            "{} is that of {}, which is no ZenML server: `terraform plan` fails",
            candidate.subject("server_url"),
            host
        );
        let shown = scope.shown(&candidate);
        let draft = Draft::new(candidate.place, message).about(&shown);
        reporter.report(draft.help(
            "write the URL of the workspace, as its page in the dashboard shows it: `https://<id>-zenml.cloudinfra.zenml.io`",
        ));
    }
}
