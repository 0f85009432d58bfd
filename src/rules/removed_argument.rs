//! `removed-argument`: an argument that an older provider had.

use super::resource::block_schema;
use super::{Draft, Place, Reporter, Scope};
use crate::finding::Fix;
use crate::message;
use crate::redact::Shown;
use crate::terraform::{Argument, Block};
use crate::zenml::provider;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resource_blocks() {
        let schema = block_schema(scope.schema, resource);
        let is_settable = |argument: &Argument| {
            let known = schema.and_then(|schema| schema.argument(&argument.name));
            known.is_some_and(|known| known.is_settable())
        };
        for (argument, removed) in removed_arguments(resource) {
            if is_settable(argument) {
                continue;
            }
            let what = match removed.since {
                Some(version) if !scope.may_use_provider(version) => continue,
                Some(version) => message!(
                    "`{}` was removed in version {} of the provider",
                    Shown::argument(argument),
                    version
                ),
                None => message!(
                    "`{}` is set by the provider alone",
                    Shown::argument(argument)
                ),
            };
            let message = message!("{}: `terraform validate` fails", what);
            let fix = fix(scope, resource, argument, removed);
            reporter.report(
                Draft::new(Place::at(argument.span), message)
                    .help(removed.advice)
                    .fix(fix),
            );
        }
    }
}

fn removed_arguments(
    resource: &Block,
) -> impl Iterator<Item = (&Argument, &'static provider::RemovedArgument)> {
    let ty = resource.labels.first().map_or("", String::as_str);
    resource
        .arguments
        .values()
        .filter_map(move |argument| Some((argument, provider::removed(ty, &argument.name)?)))
}

/// Removes what nothing took the place of; renames what only has another name now.
fn fix(
    scope: &Scope<'_>,
    resource: &Block,
    argument: &Argument,
    removed: &provider::RemovedArgument,
) -> Option<Fix> {
    let mend = scope.mend;
    let Some(name) = removed.instead else {
        let title = message!("Remove `{}`", Shown::argument(argument));
        return Some(Fix::to_review(title, mend.remove_argument(argument)));
    };
    if resource.arguments.contains_key(name) {
        return None;
    }
    let mut edits = mend.rename_argument(argument, name);
    if mend.is_list(argument.expr) {
        edits.extend(mend.unwrap_single(argument.expr)?);
    }
    let title = message!("Rename `{}` to `{}`", Shown::argument(argument), name);
    Some(Fix::to_review(title, edits))
}
