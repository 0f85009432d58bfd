//! `missing-argument`: what the provider must be told is not there.

use super::resource::block_schema;
use super::{Draft, Place, Reporter, Resource, Scope};
use crate::message;
use crate::message::Message;
use crate::redact::Shown;
use crate::terraform::Block;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for block in scope.resource_blocks() {
        let absent: Vec<Message> = required(scope, block)
            .filter(|name| !block.may_set(name))
            .map(|name| message!("`{}`", name))
            .collect();
        if !absent.is_empty() {
            let message = message!(
                "this {} lacks {}: `terraform validate` fails with \"Missing required argument\"",
                Shown::label(block, 0),
                Message::join(&absent, " and ")
            );
            reporter.report(Draft::new(Place::at(block.header), message));
        }
    }
    for resource in &scope.resources {
        for name in required(scope, resource.block) {
            if resource
                .input(name)
                .is_some_and(|input| input.is_surely_null())
            {
                let message = message!(
                    "`{}` is null and required: `terraform validate` fails with \"Missing Configuration for Required Attribute\"",
                    name
                );
                reporter.report(Draft::new(resource.place(name), message));
            }
        }
        if finds_nothing(scope, resource) {
            let message = "this data source has neither `id` nor `name`: `terraform plan` fails with \"Missing Required Attribute\"";
            let place = Place::at(resource.block.header);
            reporter.report(
                Draft::new(place, message).help("say which one is meant by `name`, or by `id`"),
            );
        }
    }
}

fn required(scope: &Scope<'_>, block: &Block) -> impl Iterator<Item = &'static str> {
    let arguments = block_schema(scope.schema, block).map_or(&[][..], |schema| schema.arguments);
    let required = arguments.iter().filter(|argument| argument.required);
    required.map(|argument| argument.name)
}

/// Whether a data source that is looked up by either of two arguments surely has none of them.
fn finds_nothing(scope: &Scope<'_>, resource: &Resource<'_>) -> bool {
    let Some(schema) = resource.schema(scope.schema) else {
        return false;
    };
    let lookups = ["id", "name"];
    let is_optional = |name: &&str| schema.argument(name).is_some_and(|it| it.optional);
    let is_absent = |name: &&str| !resource.may_set(name);
    resource.block.keyword == "data"
        && lookups.iter().all(is_optional)
        && lookups.iter().all(is_absent)
}
