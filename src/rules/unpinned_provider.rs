//! `unpinned-provider`: any version of the provider will do, also the next one that breaks.

use super::{Draft, Place, Reporter, Scope};
use crate::zenml::provider;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let name = scope.module.local_name(&provider::SOURCES, provider::LOCAL_NAME);
    let Some(entry) = scope.module.required_providers.get(name) else {
        return;
    };
    if scope.is_root && entry.version.is_none() {
        let edits = scope
            .mend
            .add_entry(entry.entry.expr, "version", provider::VERSION_CONSTRAINT);
        let fix = edits.map(|edits| scope.mend.fix("Add a version constraint", false, edits));
        reporter.report(
            Draft::new(
                Place::at(entry.entry.span),
                "no version constraint: the next `terraform init -upgrade` takes whatever is newest, breaking changes included",
            )
            .help(format!("add `version = \"{}\"`", provider::VERSION_CONSTRAINT))
            .fix(fix),
        );
    }
}
