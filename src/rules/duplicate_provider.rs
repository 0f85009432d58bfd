//! `duplicate-provider`: two configurations of the same name in one module.

use std::collections::BTreeMap;

use super::{Draft, Place, Reporter, Scope};
use crate::message;
use crate::source::{FileId, Location};

/// What a configuration of the provider is told by: the test file it stands in, the provider's local name, the alias.
type Name<'a> = (Option<FileId>, Option<&'a str>, Option<&'a str>);

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let mut first: BTreeMap<Name<'_>, Location> = BTreeMap::new();
    for provider in &scope.providers {
        let alias = scope.alias(provider.block);
        // Each test file configures providers for itself.
        let test = provider.in_test.then_some(provider.block.header.file);
        let name = provider.block.labels.first().map(String::as_str);
        let earlier = first.entry((test, name, alias));
        let earlier = *earlier.or_insert(provider.block.header);
        if earlier == provider.block.header {
            continue;
        }
        let message = match alias {
            Some(_) => message!(
                "a second configuration of zenml with the alias `{}`: `terraform init` fails",
                scope.shown_alias(provider.block)
            ),
            None => {
                "a second configuration of zenml without an alias: `terraform init` fails".into()
            }
        };
        reporter.report(
            Draft::new(Place::at(provider.block.header), message)
                .help("merge the two, or give one of them an `alias` of its own")
                .related(earlier, "the first is here"),
        );
    }
}
