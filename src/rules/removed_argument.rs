//! `removed-argument`: an argument that an older provider had.

use super::{Draft, Place, Reporter, Scope};
use crate::terraform::Block;
use crate::zenml::provider;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources() {
        for (argument, removed) in removed_arguments(resource) {
            let what = match removed.since {
                Some(version) if !scope.may_use_provider(version) => continue,
                Some(version) => format!("`{}` was removed in version {version} of the provider", argument.name),
                None => format!("`{}` is set by the provider alone", argument.name),
            };
            let message = format!("{what}: `terraform validate` fails");
            reporter.report(Draft::new(Place::at(argument.span), message).help(removed.advice));
        }
    }
}

fn removed_arguments(
    resource: &Block,
) -> impl Iterator<Item = (&crate::terraform::Argument, &'static provider::RemovedArgument)> {
    let ty = resource.labels.first().map_or("", String::as_str);
    resource
        .arguments
        .values()
        .filter_map(move |argument| Some((argument, provider::removed(ty, &argument.name)?)))
}
