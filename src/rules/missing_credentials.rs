//! `missing-credentials`: neither the block nor the environment has an API key or an API token.

use super::{Draft, Place, Reporter, Scope};
use crate::finding::Severity;
use crate::message;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        if !provider.credentials().iter().all(|s| s.is_surely_absent()) {
            continue;
        }
        let misled = scope
            .environment
            .get("ZENML_STORE_API_KEY")
            .map(|_| " (`ZENML_STORE_API_KEY` is set, but the provider never reads it)");
        let explicit = provider
            .credentials()
            .into_iter()
            .find(|s| s.argument.is_some());
        let place = explicit.map_or_else(|| Place::at(provider.block.header), |s| s.place());
        let misled = misled.unwrap_or_default();
        let draft = match provider.is_connected_here() {
            true => Draft::new(
                place,
                message!(
                    "neither `api_key` nor `api_token` here, and neither `ZENML_API_KEY` nor `ZENML_API_TOKEN` in the environment{}: `terraform plan` fails with \"Missing ZenML API Credentials\"",
                    misled
                ),
            ),
            false => Draft::new(
                place,
                message!(
                    "this block leaves the credentials to `ZENML_API_KEY` or `ZENML_API_TOKEN`, of which none is set here{}",
                    misled
                ),
            )
            .severity(Severity::Note),
        };
        reporter.report(draft.help(
            "create a key with `zenml service-account create <NAME>`, and pass it as `ZENML_API_KEY` where terraform runs, or through a `sensitive` variable",
        ));
    }
}
