//! `unknown-flavor`: no built-in flavor of the component's type.

use super::unknown_name::text_draft;
use super::{Reporter, Scope};
use crate::message;
use crate::message::Message;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let zenml = scope.schema.zenml;
    for resource in scope.resources_of("zenml_stack_component") {
        let all = zenml.component_types.iter();
        let types: Vec<_> = match resource.all_texts("type") {
            Some(texts) => all
                .filter(|ty| texts.iter().any(|text| text == ty.name))
                .collect(),
            None => all.collect(),
        };
        if types.is_empty() {
            continue;
        }
        for (candidate, text) in resource.texts("flavor") {
            let is_known = types.iter().any(|ty| {
                let extra = scope.config.extra_flavors.get(ty.name);
                ty.flavor(&text).is_some() || extra.is_some_and(|extra| extra.contains(&text))
            });
            if is_known {
                continue;
            }
            let others: Vec<Message> = zenml
                .types_with_flavor(&text)
                .map(|ty| message!("`{}`", ty.name))
                .collect();
            let elsewhere = match others.is_empty() {
                true => Message::default(),
                false => message!(" (there is one of {})", Message::join(&others, ", ")),
            };
            let whose = match types.as_slice() {
                [ty] => message!("`{}`", ty.name),
                _ => "any component type that this may be".into(),
            };
            let message = message!(
                "no built-in flavor of {} is named `{}`{}: unless the server has a custom one, `terraform apply` fails with 404",
                whose,
                scope.shown(&candidate),
                elsewhere
            );
            let names: Vec<&'static str> = types
                .iter()
                .flat_map(|ty| ty.flavors)
                .map(|flavor| flavor.name)
                .collect();
            let draft = text_draft(scope, (candidate, &text), &names, message);
            reporter.report(draft);
        }
    }
}
