//! `provider-source`: Terraform would look for the provider in the wrong place.

use super::scope::required_entries;
use super::{Draft, Place, Reporter, Scope};
use crate::finding::{Edit, Fix};
use crate::message;
use crate::redact::Shown;
use crate::source::Location;
use crate::terraform::RequiredProvider;
use crate::zenml::provider;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let mut entries = required_entries(scope.module).peekable();
    if entries.peek().is_none() && !scope.module.has_broken_requirements {
        check_missing(scope, reporter);
    }
    for entry in entries {
        check_entry(scope, entry, reporter);
    }
}

fn check_entry(scope: &Scope<'_>, entry: &RequiredProvider, reporter: &mut Reporter) {
    let (place, message, fix) = match &entry.source {
        Some((source, _)) if provider::is_source(source) => return,
        Some(written @ (source, at)) => (
            *at,
            message!(
                "the source `{}` is not the provider's: `terraform init` finds no such provider, or another one",
                Shown::source(scope.configuration, written)
            ),
            Some(correct(source, *at)),
        ),
        None if scope.module.has_broken_requirements => return,
        None => (
            entry.entry.span,
            "this entry has no `source`: `terraform init` looks for `hashicorp/zenml`, which does not exist"
                .into(),
            add_source(scope, entry),
        ),
    };
    reporter.report(
        Draft::new(Place::at(place), message)
            .help(message!("write `source = \"{}\"`", provider::SOURCE))
            .fix(fix),
    );
}

/// Safe from the addresses that can only mean this provider; the registry's host stays.
fn correct(source: &str, at: Location) -> Fix {
    let lower = source.to_ascii_lowercase();
    let host = provider::WRONG_SOURCES
        .iter()
        .find_map(|wrong| lower.strip_suffix(wrong))
        .filter(|host| host.is_empty() || host.ends_with('/'));
    let kept = host.and_then(|host| source.get(..host.len()));
    Fix {
        title: message!("Write `{}`", provider::SOURCE),
        safe: kept.is_some(),
        edits: vec![Edit {
            location: at,
            replacement: format!("\"{}{}\"", kept.unwrap_or_default(), provider::SOURCE),
        }],
        declares: None,
    }
}

fn add_source(scope: &Scope<'_>, entry: &RequiredProvider) -> Option<Fix> {
    let mend = scope.mend;
    let at = entry.entry.expr;
    let edits = mend
        .add_entry(at, "source", provider::SOURCE)
        .or_else(|| mend.into_object(at, "version", ("source", provider::SOURCE)))?;
    Some(Fix::to_review("Add the source", edits))
}

/// Once per module, at its first zenml block.
fn check_missing(scope: &Scope<'_>, reporter: &mut Reporter) {
    let blocks = scope.providers.iter().filter(|provider| !provider.in_test);
    let first = blocks
        .map(|provider| provider.block.header)
        .chain(scope.resource_blocks().map(|resource| resource.header))
        .min_by_key(|header| {
            let mut files = scope.module.files.iter();
            (files.position(|file| *file == header.file), header.span)
        });
    let Some(header) = first else { return };
    let message = "this module uses zenml without an entry in `required_providers`: `terraform init` looks for `hashicorp/zenml`, which does not exist";
    let mend = scope.mend;
    let edits = mend.require_provider(
        scope.module,
        provider::LOCAL_NAME,
        provider::SOURCE,
        provider::VERSION_CONSTRAINT,
    );
    let fix = edits.map(|edits| Fix::to_review("Add the entry", edits));
    reporter.report(
        Draft::new(Place::at(header), message)
            .help(message!(
                "add `{} = { source = \"{}\" }` to `required_providers` in the `terraform` block",
                provider::LOCAL_NAME,
                provider::SOURCE
            ))
            .fix(fix),
    );
}
