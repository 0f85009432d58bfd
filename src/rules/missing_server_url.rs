//! `missing-server-url`: neither the block nor the environment says where the server is.

use super::{Draft, Reporter, Scope};
use crate::finding::Severity;
use crate::message;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        let setting = &provider.server_url;
        if !setting.is_surely_absent() {
            continue;
        }
        let misled = scope
            .environment
            .get("ZENML_STORE_URL")
            .map(|_| " (`ZENML_STORE_URL` is set, but the provider never reads it)");
        let misled = misled.unwrap_or_default();
        let draft = match provider.is_connected_here() {
            true => Draft::new(
                setting.place(),
                message!(
                    "no `server_url` here and no `ZENML_SERVER_URL` in the environment{}: `terraform plan` fails with \"Missing ZenML Server URL\"",
                    misled
                ),
            ),
            false => Draft::new(
                setting.place(),
                message!(
                    "this block leaves the server to `ZENML_SERVER_URL`, which is not set here{}",
                    misled
                ),
            )
            .severity(Severity::Note),
        };
        reporter.report(draft.help(
            "set `server_url` to the root URL of the server (on ZenML Pro: of the workspace), or `ZENML_SERVER_URL` where terraform runs",
        ));
    }
}
