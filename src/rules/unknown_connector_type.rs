//! `unknown-connector-type`: a connector of a type that the provider does not have.

use super::unknown_name::text_draft;
use super::{Reporter, Scope};
use crate::message;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let types = scope.schema.provider.connector_types;
    let names: Vec<&'static str> = types.iter().map(|ty| ty.name).collect();
    for resource in scope.resources_of("zenml_service_connector") {
        for (candidate, text) in resource.texts("type") {
            if names.contains(&text.as_str()) {
                continue;
            }
            let why = match scope.schema.zenml.connector_type(&text) {
                Some(_) => ", though the server does",
                None => "",
            };
            let message = message!(
                "the provider has no connector type `{}`{}: `terraform validate` fails",
                scope.shown(&candidate),
                why
            );
            reporter.report(text_draft(scope, (candidate, &text), &names, message));
        }
    }
}
