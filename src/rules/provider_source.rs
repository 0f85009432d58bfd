//! `provider-source`: Terraform would look for the provider in the wrong place.

use super::{Draft, Place, Reporter, Scope};
use crate::terraform::RequiredProvider;
use crate::zenml::provider;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let help = format!("write `source = \"{}\"`", provider::SOURCE);
    let required = &scope.module.required_providers;
    let name = scope.module.local_name(&provider::SOURCES, provider::LOCAL_NAME);
    if let Some(entry) = required.get(name) {
        if let Some((place, message)) = wrong_source(entry) {
            reporter.report(Draft::new(place, message).help(help));
        }
        return;
    }
    let blocks = scope.providers.iter().filter(|provider| !provider.in_test);
    let first = blocks
        .map(|provider| provider.block.header)
        .chain(scope.resources().map(|resource| resource.header))
        .min_by_key(|header| {
            let order = scope.module.files.iter().position(|file| *file == header.file);
            (order, header.span)
        });
    if let Some(header) = first {
        let message = "this module uses zenml without an entry in `required_providers`: `terraform init` looks for `hashicorp/zenml`, which does not exist";
        reporter.report(Draft::new(Place::at(header), message).help(format!(
            "add `{} = {{ source = \"{}\" }}` to `required_providers` in the `terraform` block",
            provider::LOCAL_NAME,
            provider::SOURCE
        )));
    }
}

fn wrong_source(entry: &RequiredProvider) -> Option<(Place, String)> {
    let Some((source, at)) = &entry.source else {
        let message = "this entry has no `source`: `terraform init` looks for `hashicorp/zenml`, which does not exist";
        return Some((Place::at(entry.entry.span), message.to_owned()));
    };
    if provider::is_source(source) {
        return None;
    }
    let message = format!(
        "the source `{source}` is not the provider's: `terraform init` finds no such provider, or another one"
    );
    Some((Place::at(*at), message))
}
