//! `empty-component-id`: a component's id that is blank.

use super::{Draft, Reporter, Scope};
use crate::message;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_stack") {
        for entry in resource.entries("components") {
            for (candidate, text) in entry.texts() {
                if text.trim().is_empty() {
                    let message = message!(
                        "the id of the {} is empty: `terraform validate` fails with \"Invalid component ID\"",
                        entry.shown_key()
                    );
                    let draft = Draft::new(candidate.place, message);
                    reporter.report(draft.help("give the id of a component, or `null` for none"));
                }
            }
        }
    }
}
