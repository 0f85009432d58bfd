//! `unknown-resource-type`: the connector's type gives access to nothing of that kind.

use super::unknown_name::text_draft;
use super::{Candidate, Reporter, Resource, Scope};
use crate::message;
use crate::zenml::schema::ProviderConnectorType;

const RULE: &str = "unknown-resource-type";

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_service_connector") {
        let types = resource.connector_types(scope.schema);
        let names = names(&types);
        for (candidate, text) in unknown(resource, &names) {
            let message = match types.as_slice() {
                [ty] => message!(
                    "a connector of type `{}` gives no access to `{}`: `terraform validate` fails",
                    ty.name,
                    scope.shown(&candidate)
                ),
                _ => message!(
                    "no connector type that this may be gives access to `{}`: `terraform apply` fails",
                    scope.shown(&candidate)
                ),
            };
            reporter.report(text_draft(scope, (candidate, &text), &names, message));
        }
    }
}

/// Whether this rule says of a connector that its resource type is unknown: nothing more is to be said of what the
/// connector gives access to. A rule that is off says nothing.
pub(super) fn is_said_of(scope: &Scope<'_>, connector: &Resource<'_>) -> bool {
    let types = connector.connector_types(scope.schema);
    let mut unknown = unknown(connector, &names(&types)).into_iter();
    unknown.any(|(candidate, _)| scope.policy.is_on(RULE, candidate.place.primary.file))
}

/// What connectors of some types give access to; none where one of them may give access to anything.
fn names(types: &[&'static ProviderConnectorType]) -> Vec<&'static str> {
    if types.iter().any(|ty| ty.resource_types.is_empty()) {
        return Vec::new();
    }
    let lists = types.iter().map(|ty| ty.resource_types);
    lists.flatten().copied().collect()
}

fn unknown(connector: &Resource<'_>, names: &[&str]) -> Vec<(Candidate, String)> {
    if names.is_empty() {
        return Vec::new();
    }
    let mut texts = connector.texts("resource_type");
    // The provider takes an empty one for none.
    texts.retain(|(_, text)| !text.is_empty() && !names.contains(&text.as_str()));
    texts
}
