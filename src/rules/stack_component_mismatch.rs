//! `stack-component-mismatch`: a component of another type than the key that it is given under.

use super::{Draft, Entry, Reporter, Resource, Scope};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_stack") {
        let entries = resource.entries("components").into_iter();
        // The provider refuses any other key, which says it all.
        let types = scope.schema.provider.component_types;
        for entry in entries.filter(|entry| types.contains(&&*entry.key)) {
            for behind in scope.behind_ids(entry.value()) {
                if let Some(draft) = draft(&entry, &behind) {
                    reporter.report(draft);
                }
            }
        }
    }
}

/// What is said where each of the resources that an id may be of is surely another thing than the key says.
fn draft(entry: &Entry<'_>, behind: &[Resource<'_>]) -> Option<Draft> {
    let actual: Option<Vec<String>> = behind.iter().map(|it| other_than(it, &entry.key)).collect();
    let actual = actual?;
    let (first, what) = (behind.first()?, actual.first()?);
    let address = first.block.labels.join(".");
    let message = match first.ty {
        "zenml_stack_component" => format!(
            "`{}` gets `{address}`, which is of type `{what}`: the server takes it without a word, and the stack has another {what} instead",
            entry.key
        ),
        _ => format!(
            "`{}` gets the id of `{address}`, which is no stack component: `terraform apply` fails",
            entry.key
        ),
    };
    let at = first
        .block
        .arguments
        .get("type")
        .map_or(first.block.header, |it| it.span);
    Some(Draft::new(entry.place(), message).related(at, format!("`{address}` is declared here")))
}

/// The type of a component that is surely not `key`; what a resource is that is no component.
fn other_than(resource: &Resource<'_>, key: &str) -> Option<String> {
    if resource.ty != "zenml_stack_component" {
        return Some(resource.ty.to_owned());
    }
    let types = resource.all_texts("type")?;
    let is_other = types.iter().all(|ty| ty != key);
    is_other.then(|| types.into_iter().next()).flatten()
}
