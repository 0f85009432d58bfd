//! `unknown-connector-type`: a connector of a type that the provider does not have.

use super::unknown_name::{shown, text_draft};
use super::{Reporter, Scope};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let types = scope.schema.provider.connector_types;
    let names: Vec<&str> = types.iter().map(|ty| ty.name).collect();
    for resource in scope.resources_of("zenml_service_connector") {
        for (candidate, text) in resource.texts("type") {
            if names.contains(&text.as_str()) {
                continue;
            }
            let why = match scope.schema.zenml.connector_type(&text) {
                Some(_) => ", though the server does",
                None => "",
            };
            let message = format!(
                "the provider has no connector type `{}`{why}: `terraform validate` fails",
                shown(&text)
            );
            reporter.report(text_draft(scope, (candidate, &text), &names, message));
        }
    }
}
