//! `duplicate-name`: two resources of one type with the same name.

use std::collections::BTreeMap;

use super::{Candidate, Draft, Reporter, Resource, Scope};
use crate::eval::{Existence, instances_argument};
use crate::message;
use crate::redact::Shown;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    if !scope.is_root {
        return;
    }
    let mut known: BTreeMap<Vec<String>, Candidate> = BTreeMap::new();
    for resource in scope
        .resources
        .iter()
        .filter(|resource| resource.block.keyword == "resource")
    {
        let Some((key, name)) = identity(scope, resource) else {
            continue;
        };
        match known.get(&key) {
            None => {
                known.insert(key, name);
            }
            Some(first) => {
                let message = message!(
                    "another {} has this name: `terraform apply` fails for one of them, the server answers 409",
                    Shown::label(resource.block, 0)
                );
                let shown = scope.shown(&name);
                let draft = Draft::new(name.place, message).about(&shown);
                reporter.report(draft.related(first.place.primary, "the first one with this name"));
            }
        }
    }
}

/// What the server tells a resource from others by, where all of it is known, with the name.
fn identity(scope: &Scope<'_>, resource: &Resource<'_>) -> Option<(Vec<String>, Candidate)> {
    let only = |name: &str| <[String; 1]>::try_from(resource.all_texts(name)?).ok();
    let [(name, text)] = <[_; 1]>::try_from(resource.texts("name")).ok()?;
    only("name")?;
    let mut key = vec![
        resource.ty.to_owned(),
        text,
        provider(scope, resource),
        existence(scope, resource)?,
    ];
    match resource.ty {
        "zenml_stack_component" => key.extend(only("type")?),
        // A private secret may have the name of a public one.
        "zenml_secret" if resource.input("private").is_some() => key.extend(only("private")?),
        "zenml_secret" => key.push("false".to_owned()),
        _ => {}
    }
    Some((key, name))
}

/// What decides whether it exists: nothing, or an expression that is not known but the same for another; `None` where it
/// does not exist.
fn existence(scope: &Scope<'_>, resource: &Resource<'_>) -> Option<String> {
    match resource.existence {
        Existence::Sure => Some(String::new()),
        Existence::Unknown => {
            let decide = instances_argument(resource.block)?;
            let at = scope.configuration.location(decide.expr);
            Some(scope.configuration.sources.text_at(at).to_owned())
        }
        Existence::ByDefaultNone | Existence::None => None,
    }
}

/// The configuration of the provider that manages it, which may lead to another server.
fn provider(scope: &Scope<'_>, resource: &Resource<'_>) -> String {
    let argument = resource.block.arguments.get("provider");
    let text = argument.map(|argument| {
        let at = scope.configuration.location(argument.expr);
        scope.configuration.sources.text_at(at)
    });
    text.unwrap_or_default().to_owned()
}
