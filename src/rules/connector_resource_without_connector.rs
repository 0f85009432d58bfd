//! `connector-resource-without-connector`: the resource of a connector, and no connector.

use super::{Draft, Reporter, Scope};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_stack_component") {
        let is_named = resource
            .input("connector_resource_id")
            .is_some_and(|input| input.is_set());
        if is_named && !resource.may_set("connector_id") {
            let message = "`connector_resource_id` without `connector_id`: `terraform validate` fails with \"Missing connector_id\"";
            let place = resource.place("connector_resource_id");
            reporter.report(
                Draft::new(place, message)
                    .help("name the connector in `connector_id`, or leave both out"),
            );
        }
    }
}
