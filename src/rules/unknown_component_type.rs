//! `unknown-component-type`: a component of a type that the provider does not have.

use std::collections::BTreeSet;

use super::unknown_name::{key_draft, keys, meant, text_draft};
use super::{Reporter, Resource, Scope};
use crate::message;
use crate::message::Message;

const RULE: &str = "unknown-component-type";

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let names = scope.schema.provider.component_types;
    let message = |name: &str, shown: Message| {
        let why = match scope.schema.zenml.component_type(name) {
            Some(_) => ", though the server does",
            None => "",
        };
        message!(
            "the provider has no component type `{}`{}: `terraform validate` fails",
            shown,
            why
        )
    };
    for resource in &scope.resources {
        if resource.ty == "zenml_stack_component" {
            for (candidate, text) in resource.texts("type") {
                if !names.contains(&text.as_str()) {
                    let message = message(&text, scope.shown(&candidate).into());
                    reporter.report(text_draft(scope, (candidate, &text), names, message));
                }
            }
        }
        if resource.is("zenml_stack") {
            let entries = resource.entries("components");
            let taken = keys(&entries);
            for entry in &entries {
                if !names.contains(&&*entry.key) {
                    let message = message(&entry.key, entry.shown_key().into());
                    reporter.report(key_draft(scope, entry, names, &taken, message));
                }
            }
        }
    }
}

/// The components that keys of a stack are misspelled names of, as far as this rule says so. A rule that is off says
/// nothing.
pub(super) fn misspelled(scope: &Scope<'_>, stack: &Resource<'_>) -> BTreeSet<&'static str> {
    let names = scope.schema.provider.component_types;
    let entries = stack.entries("components");
    let taken = keys(&entries);
    let unknown = entries.iter().filter(|entry| {
        !names.contains(&&*entry.key) && scope.policy.is_on(RULE, entry.place().primary.file)
    });
    unknown
        .filter_map(|entry| meant(scope, entry, names, &taken))
        .collect()
}
