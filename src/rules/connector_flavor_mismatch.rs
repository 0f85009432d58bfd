//! `connector-flavor-mismatch`: a component with a connector that cannot serve its flavor.

use super::{Draft, Reporter, Resource, Scope, unknown_resource_type};
use crate::message;
use crate::message::Message;
use crate::redact::Shown;
use crate::zenml::schema::{ConnectorRequirement, Flavor};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_stack_component") {
        let (Some(flavors), Some(input)) =
            (resource.flavors(scope), resource.input("connector_id"))
        else {
            continue;
        };
        for connectors in scope.behind_ids(input.value()) {
            let are_misfits = !connectors.is_empty()
                && connectors
                    .iter()
                    .all(|connector| serves_none(scope, connector, &flavors));
            let (Some(flavor), Some(connector)) = (flavors.first(), connectors.first()) else {
                continue;
            };
            if are_misfits {
                let message = message!(
                    "the connector `{}` cannot serve the flavor `{}`, which needs {}: nothing says so before a pipeline runs",
                    Shown::address(connector.block),
                    flavor.name,
                    flavor.connector.as_ref().map(needs).unwrap_or_default()
                );
                let draft = Draft::new(resource.place("connector_id"), message);
                reporter.report(
                    draft.related(connector.block.header, "the connector is declared here"),
                );
            }
        }
    }
}

fn needs(requirement: &ConnectorRequirement) -> Message {
    let ty = requirement
        .connector_type
        .map(|ty| message!(" of type `{}`", ty))
        .unwrap_or_default();
    message!(
        "a connector{} with access to `{}`",
        ty,
        requirement.resource_type
    )
}

/// Whether a connector, whatever of what it may be it is, can serve none of the flavors. A flavor that needs none has no
/// use for it, and does no harm.
fn serves_none(scope: &Scope<'_>, connector: &Resource<'_>, flavors: &[&Flavor]) -> bool {
    if unknown_resource_type::is_said_of(scope, connector) {
        return false;
    }
    let Some(types) = connector
        .all_texts("type")
        .filter(|_| connector.is("zenml_service_connector"))
    else {
        return false;
    };
    let has_type = connector
        .input("resource_type")
        .is_some_and(|it| !it.is_surely_empty());
    let resource_types = match has_type {
        true => match connector.all_texts("resource_type") {
            Some(texts) => Some(texts),
            None => return false,
        },
        false => None,
    };
    let serves = |requirement: ConnectorRequirement, ty: &String| {
        let Some(known) = scope.schema.zenml.connector_type(ty) else {
            return true;
        };
        let is_of_type = requirement.connector_type.is_none_or(|wanted| wanted == ty);
        let is_wanted = |text: &String| text == requirement.resource_type;
        let gives = match &resource_types {
            Some(texts) => texts.iter().any(is_wanted),
            None => known.resource_type(requirement.resource_type).is_some(),
        };
        is_of_type && gives
    };
    flavors.iter().all(|flavor| {
        let Some(requirement) = flavor.connector else {
            return false;
        };
        types.iter().all(|ty| !serves(requirement, ty))
    })
}
