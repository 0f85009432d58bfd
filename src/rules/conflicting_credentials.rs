//! `conflicting-credentials`: key and token are both set; the provider uses the token alone.

use super::{Draft, Place, Reporter, Scope};
use crate::finding::Fix;
use crate::message;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        let (key, token) = (&provider.api_key, &provider.api_token);
        if !(key.is_surely_set() && token.is_surely_set()) {
            continue;
        }
        let (key_here, token_here) = (key.set_here(), token.set_here());
        let place = match (token_here, key_here) {
            (Some(argument), _) | (None, Some(argument)) => Place::at(argument.span),
            (None, None) => Place::at(provider.block.header),
        };
        let source = |setting: &super::Setting<'_>| match setting.set_here() {
            Some(_) => message!("`{}`", setting.name),
            None => message!("`{}` from the environment", setting.variable),
        };
        let message = message!(
            "{} and {} are both set: the provider uses the token and never the key, also once the token has expired",
            source(key),
            source(token)
        );
        let fix = token_here.map(|argument| {
            let edits = scope.mend.remove_argument(argument);
            Fix::to_review("Remove `api_token`", edits)
        });
        let mut draft = Draft::new(place, message)
            .fix(fix)
            .help("keep the API key, which does not expire, and drop the token");
        if let (Some(_), Some(argument)) = (token_here, key_here) {
            draft = draft.related(argument.span, "this key is never used");
        }
        reporter.report(draft);
    }
}
