//! `skip-version-check`: the check of the server's version is switched off.

use super::{Draft, Place, Reporter, Scope};
use crate::eval::{Kind, Type, convert};
use crate::finding::Fix;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        let Some(argument) = provider.block.arguments.get("skip_version_check") else {
            continue;
        };
        let value = scope
            .evaluator
            .value_or_unknown(scope.instance, argument.expr);
        let value = convert(&value, &Type::Bool).map(|value| value.kind);
        if matches!(value, Ok(Kind::Bool(true))) {
            reporter.report(
                Draft::new(
                    Place::at(argument.span),
                    "the check of the server's version is off: a server older than 0.80.0 then fails later, and less clearly",
                )
                .fix(Some(Fix::to_review(
                    "Remove `skip_version_check`", scope.mend.remove_argument(argument),
                )))
                .help("remove the argument, and update the server where the check then fails"),
            );
        }
    }
}
