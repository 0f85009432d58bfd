//! `pro-dashboard-url`: the URL of ZenML Pro itself, not of a workspace.

use super::{Draft, Reporter, Scope};
use crate::zenml::url::UrlProblemKind;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for (candidate, problem) in scope.url_problems() {
        let UrlProblemKind::ProHost(host) = problem.kind else {
            continue;
        };
        let message = format!(
            "{} is that of {host}, which is no ZenML server: `terraform plan` fails",
            candidate.subject("server_url")
        );
        reporter.report(Draft::new(candidate.place, message).help(
            "write the URL of the workspace, as its page in the dashboard shows it: `https://<id>-zenml.cloudinfra.zenml.io`",
        ));
    }
}
