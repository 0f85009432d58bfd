//! `implicit-auth-disabled`: an authentication method that servers refuse unless told otherwise.

use super::{Draft, Reporter, Scope};

/// The method that uses what the server's own environment has.
const IMPLICIT: &str = "implicit";

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_service_connector") {
        let types = resource.connector_types(scope.schema);
        let may_be = types.iter().any(|ty| ty.auth_methods.contains(&IMPLICIT));
        for (candidate, text) in resource.texts("auth_method") {
            if may_be && text == IMPLICIT {
                let message = "the server refuses `implicit` authentication unless `ZENML_ENABLE_IMPLICIT_AUTH_METHODS` is set where it runs";
                let shown = scope.shown(&candidate);
                let draft = Draft::new(candidate.place, message).about(&shown);
                reporter
                    .report(draft.help("make sure that it is, or choose another `auth_method`"));
            }
        }
    }
}
