//! `unknown-flavor`: no built-in flavor of the component's type.

use super::unknown_name::{shown, text_draft};
use super::{Reporter, Scope};

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
            let others: Vec<String> = zenml
                .types_with_flavor(&text)
                .map(|ty| format!("`{}`", ty.name))
                .collect();
            let elsewhere = match others.is_empty() {
                true => String::new(),
                false => format!(" (there is one of {})", others.join(", ")),
            };
            let whose = match types.as_slice() {
                [ty] => format!("`{}`", ty.name),
                _ => "any component type that this may be".to_owned(),
            };
            let message = format!(
                "no built-in flavor of {whose} is named `{}`{elsewhere}: unless the server has a custom one, `terraform apply` fails with 404",
                shown(&text)
            );
            let names: Vec<&str> = types
                .iter()
                .flat_map(|ty| ty.flavors)
                .map(|flavor| flavor.name)
                .collect();
            let draft = text_draft(scope, (candidate, &text), &names, message);
            reporter.report(draft);
        }
    }
}
