//! `unknown-provider-value`: the connection depends on something that does not exist before the first apply.

use super::{Draft, Place, Reporter, Scope};
use crate::eval::{Start, Value, When};
use crate::message;
use crate::redact::Shown;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        for setting in provider.settings() {
            let (Some(argument), Some(value)) = (setting.argument, setting.value()) else {
                continue;
            };
            // What decides an unknown value does not reach the argument, but the plan fails all the same.
            let alternatives = value.alternatives(When::Possibly).into_iter();
            let reaching = alternatives
                .filter(Value::is_unknown)
                .map(|value| value.trace());
            let deciding = value.is_unknown().then(|| value.deciding_too());
            let computed = reaching
                .chain(deciding)
                .flat_map(|trace| trace.ways())
                .find_map(|way| match &way.start {
                    Start::Computed { at, .. } => Some((*at, Shown::reference(&way.start))),
                    _ => None,
                });
            let Some((at, reference)) = computed else {
                continue;
            };
            let message = message!(
                "`{}` depends on `{}`, which is not known before the first apply: the first `terraform plan` fails with \"Unknown ZenML …\"",
                setting.name,
                reference
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
