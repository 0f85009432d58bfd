//! `connector-resource-type-missing`: which resource, but not of which kind.

use super::{Draft, Reporter, Scope};
use crate::message;
use crate::message::Message;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_service_connector") {
        let types = resource.connector_types(scope.schema);
        let has_several = !types.is_empty() && types.iter().all(|ty| ty.resource_types.len() > 1);
        let is_named = resource
            .input("resource_id")
            .is_some_and(|input| input.is_set());
        let takes_type = resource
            .schema(scope.schema)
            .is_some_and(|it| it.argument("resource_type").is_some());
        if has_several && is_named && takes_type && !resource.may_set("resource_type") {
            let names: Vec<Message> = types
                .iter()
                .flat_map(|ty| ty.resource_types)
                .map(|name| message!("`{}`", *name))
                .collect();
            let message = "`resource_id` without `resource_type`, of which there are several: the server answers 400 when it verifies the connector";
            let draft = Draft::new(resource.place("resource_id"), message);
            reporter.report(draft.help(message!(
                "set `resource_type` to one of {}",
                Message::join(&names, ", ")
            )));
        }
    }
}
