//! `prefer-api-key`: a token is used where a key would last.

use super::{Draft, Reporter, Scope};
use crate::eval::When;
use crate::message;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        let token = &provider.api_token;
        let is_used = !token.candidates(When::Possibly).is_empty();
        if !is_used || !provider.api_key.is_surely_absent() {
            continue;
        }
        let message = match token.argument {
            Some(_) => "`api_token` is short-lived: runs begin to fail when it expires".into(),
            None => message!(
                "`{}` in the environment is short-lived: runs begin to fail when it expires",
                token.variable
            ),
        };
        reporter.report(Draft::new(token.place(), message).help(
            "use the API key of a service account (`zenml service-account create <NAME>`), which does not expire",
        ));
    }
}
