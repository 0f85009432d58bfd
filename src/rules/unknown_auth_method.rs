//! `unknown-auth-method`: the connector's type has no such way to authenticate.

use super::unknown_name::text_draft;
use super::{Reporter, Scope};
use crate::message;
use crate::message::Message;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_service_connector") {
        let types = resource.connector_types(scope.schema);
        // Of some types, an old provider checks nothing.
        if types.is_empty() || types.iter().any(|ty| ty.auth_methods.is_empty()) {
            continue;
        }
        let names: Vec<&'static str> = types
            .iter()
            .flat_map(|ty| ty.auth_methods)
            .copied()
            .collect();
        for (candidate, text) in resource.texts("auth_method") {
            if names.contains(&text.as_str()) {
                continue;
            }
            let whose = match types.as_slice() {
                [ty] => message!("connector type `{}`", ty.name),
                _ => Message::from("no connector type"),
            };
            let message = match types.as_slice() {
                [_] => message!(
                    "{} has no authentication method `{}`: `terraform validate` fails",
                    whose,
                    scope.shown(&candidate)
                ),
                _ => message!(
                    "{} that this may be has an authentication method `{}`: `terraform apply` fails",
                    whose,
                    scope.shown(&candidate)
                ),
            };
            reporter.report(text_draft(scope, (candidate, &text), &names, message));
        }
    }
}
