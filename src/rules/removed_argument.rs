//! `removed-argument`: an argument that an older provider had.

use super::{Draft, Place, Reporter, Scope};
use crate::terraform::Block;
use crate::zenml::provider;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources() {
        for (argument, removed) in removed_arguments(resource) {
            if !scope.may_use_provider(removed.in_version) {
                continue;
            }
            let message = format!(
                "`{}` was removed in version {} of the provider: `terraform validate` fails with \"Unsupported argument\"",
                argument.name, removed.in_version
            );
            reporter.report(Draft::new(Place::at(argument.span), message).help(removed.instead));
        }
    }
}

fn removed_arguments(
    resource: &Block,
) -> impl Iterator<Item = (&crate::terraform::Argument, &'static provider::Removed)> {
    let ty = resource.labels.first().map_or("", String::as_str);
    resource
        .arguments
        .values()
        .filter_map(move |argument| Some((argument, provider::removed(ty, &argument.name)?)))
}
