//! `unknown-resource-type`: the connector's type gives access to nothing of that kind.

use super::unknown_name::{shown, text_draft};
use super::{Reporter, Scope};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_service_connector") {
        let types = resource.connector_types(scope.schema);
        if types.is_empty() || types.iter().any(|ty| ty.resource_types.is_empty()) {
            continue;
        }
        let names: Vec<&str> = types
            .iter()
            .flat_map(|ty| ty.resource_types)
            .copied()
            .collect();
        for (candidate, text) in resource.texts("resource_type") {
            // The provider takes an empty one for none.
            if text.is_empty() || names.contains(&text.as_str()) {
                continue;
            }
            let message = match types.as_slice() {
                [ty] => format!(
                    "a connector of type `{}` gives no access to `{}`: `terraform validate` fails",
                    ty.name,
                    shown(&text)
                ),
                _ => format!(
                    "no connector type that this may be gives access to `{}`: `terraform apply` fails",
                    shown(&text)
                ),
            };
            reporter.report(text_draft(scope, (candidate, &text), &names, message));
        }
    }
}
