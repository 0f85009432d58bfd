//! `stack-required-components`: a stack that lacks what every stack must have.

use super::fields::listed;
use super::{Draft, Input, Reporter, Scope, unknown_component_type};
use crate::eval::{Value, When};
use crate::message;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let types = scope.schema.zenml.component_types.iter();
    let required: Vec<&'static str> = types
        .filter(|ty| ty.required_in_stack)
        .map(|ty| ty.name)
        .collect();
    for resource in scope.resources_of("zenml_stack") {
        let Some(input) = resource
            .input("components")
            .filter(|input| !input.is_surely_null() && !resource.block.is_broken)
        else {
            continue;
        };
        let lacking = required.iter().copied();
        let mut lacking: Vec<&'static str> = lacking.filter(|name| lacks(input, name)).collect();
        if !lacking.is_empty() {
            let misspelled = unknown_component_type::misspelled(scope, resource);
            lacking.retain(|name| !misspelled.contains(name));
        }
        if !lacking.is_empty() {
            let message = message!(
                "this stack has no {}: `terraform apply` fails, the server answers 422",
                listed(&lacking)
            );
            let draft = Draft::new(resource.place("components"), message);
            reporter.report(draft.help("every stack needs an orchestrator and an artifact store"));
        }
    }
}

/// Whether a component is surely not given; the provider leaves out one that is null.
fn lacks(input: &Input<'_>, name: &str) -> bool {
    let is_null = |value: &Value| value.is_null() && !input.is_open(value);
    let entries = input.entries(When::OtherwiseSet).into_iter();
    let mut given = entries.filter(|entry| &*entry.key == name).peekable();
    input.surely_lacks(name)
        || (given.peek().is_some()
            && given.all(|entry| {
                entry
                    .value()
                    .alternatives(When::OtherwiseSet)
                    .iter()
                    .all(is_null)
            }))
}
