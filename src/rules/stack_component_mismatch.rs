//! `stack-component-mismatch`: a component of another type than the key that it is given under.

use super::{Draft, Entry, Reporter, Resource, Scope};
use crate::message;
use crate::message::Message;
use crate::redact::Shown;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_stack") {
        let entries = resource.entries("components").into_iter();
        // The provider refuses any other key, which says it all.
        let types = scope.schema.provider.component_types;
        for entry in entries.filter(|entry| types.contains(&&*entry.key)) {
            for behind in scope.behind_ids(entry.value()) {
                if let Some(draft) = draft(scope, &entry, &behind) {
                    reporter.report(draft);
                }
            }
        }
    }
}

/// What is said where each of the resources that an id may be of is surely another thing than the key says.
fn draft(scope: &Scope<'_>, entry: &Entry<'_>, behind: &[Resource<'_>]) -> Option<Draft> {
    let actual: Option<Vec<Message>> = behind
        .iter()
        .map(|it| other_than(scope, it, &entry.key))
        .collect();
    let actual = actual?;
    let (first, what) = (behind.first()?, actual.first()?);
    let address = Shown::address(first.block);
    let message = match first.ty {
        "zenml_stack_component" => message!(
            "`{}` gets `{}`, which is of type `{}`: the server takes it without a word, and the stack has another {} instead",
            entry.shown_key(),
            address,
            *what,
            *what
        ),
        _ => message!(
            "`{}` gets the id of `{}`, which is no stack component: `terraform apply` fails",
            entry.shown_key(),
            address
        ),
    };
    let at = first
        .block
        .arguments
        .get("type")
        .map_or(first.block.header, |it| it.span);
    Some(Draft::new(entry.place(), message).related(at, message!("`{}` is declared here", address)))
}

/// The type of a component that is surely not `key`; what a resource is that is no component.
fn other_than(scope: &Scope<'_>, resource: &Resource<'_>, key: &str) -> Option<Message> {
    if resource.ty != "zenml_stack_component" {
        return Some(Shown::label(resource.block, 0).into());
    }
    let types = resource.all_texts("type")?;
    let is_other = types.iter().all(|ty| ty != key);
    let (first, _) = resource.texts("type").into_iter().next()?;
    let known = scope.schema.provider.component_types.iter();
    let known = known
        .copied()
        .find(|known| *known == types.first().map_or("", String::as_str));
    // A word of the schema says nothing but that the component is another one.
    is_other.then(|| known.map_or_else(|| scope.shown(&first).into(), Message::from))
}
