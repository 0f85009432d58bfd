//! `unpinned-provider`: any version of the provider will do, also the next one that breaks.

use super::scope::required_entries;
use super::{Draft, Place, Reporter, Scope};
use crate::finding::{Edit, Fix};
use crate::message;
use crate::source::Location;
use crate::terraform::RequiredProvider;
use crate::zenml::provider;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    if !scope.is_root || scope.module.has_broken_requirements {
        return;
    }
    // Terraform puts the constraints of several entries together.
    let mut versions = required_entries(scope.module).filter_map(|entry| entry.version.as_ref());
    let is_pinned = versions.any(|(text, _)| !text.trim().is_empty());
    for entry in required_entries(scope.module) {
        let draft = match &entry.version {
            None if is_pinned => continue,
            None => without_version(scope, entry),
            Some((text, at)) if text.trim().is_empty() => with_empty_version(scope, entry, *at),
            Some(_) => continue,
        };
        reporter.report(draft);
    }
}

fn without_version(scope: &Scope<'_>, entry: &RequiredProvider) -> Draft {
    let mend = scope.mend;
    let edits = mend.add_entry(entry.entry.expr, "version", provider::VERSION_CONSTRAINT);
    Draft::new(
        Place::at(entry.entry.span),
        "no version constraint: the next `terraform init -upgrade` takes whatever is newest, breaking changes included",
    )
    .help(message!("add `version = \"{}\"`", provider::VERSION_CONSTRAINT))
    .fix(edits.map(|edits| Fix::to_review("Add a version constraint", edits)))
}

fn with_empty_version(scope: &Scope<'_>, entry: &RequiredProvider, at: Location) -> Draft {
    let edit = Edit {
        location: at,
        replacement: scope.mend.quoted(at.file, provider::VERSION_CONSTRAINT),
    };
    let fix = Fix::to_review("Write a version constraint", vec![edit]);
    Draft::new(
        Place::at(entry.entry.span),
        "the version constraint is empty: `terraform init` fails with \"Invalid version constraint\"",
    )
    .help(message!("write `version = \"{}\"`", provider::VERSION_CONSTRAINT))
    .fix(Some(fix))
}
