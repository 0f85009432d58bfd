//! `unknown-provider-value`: the connection depends on something that does not exist before the first apply.

use super::{Draft, Place, Reporter, Scope};
use crate::eval::{Start, When};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        for setting in provider.settings() {
            let (Some(argument), Some(value)) = (setting.argument, setting.value()) else {
                continue;
            };
            let computed = value
                .alternatives(When::Possibly)
                .into_iter()
                .filter(|value| value.is_unknown())
                .flat_map(|value| value.trace().ways())
                .find_map(|way| match way.start {
                    Start::Computed { at, reference, .. } => Some((at, reference)),
                    _ => None,
                });
            let Some((at, reference)) = computed else {
                continue;
            };
            let message = format!(
                "`{}` depends on `{reference}`, which is not known before the first apply: the first `terraform plan` fails with \"Unknown ZenML …\"",
                setting.name
            );
            let mut draft = Draft::new(Place::at(argument.span), message).help(
                "create the server in a configuration of its own, and pass its URL and key to this one as variables",
            );
            if !(at.file == argument.span.file && argument.span.span.contains(at.span)) {
                draft = draft.related(at, "known only after apply");
            }
            reporter.report(draft);
        }
    }
}
