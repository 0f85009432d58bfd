//! `secret-not-sensitive`: a variable that reaches a credential is shown in plans and logs.

use std::collections::BTreeMap;

use super::{Draft, Place, Reporter, Scope, Setting};
use crate::eval::{Start, Value, When};
use crate::finding::Fix;
use crate::source::Location;
use crate::terraform::Variable;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        for setting in provider.credentials() {
            let Some(argument) = setting.argument else {
                continue;
            };
            for (header, (name, _)) in open_variables(scope, setting) {
                let message = format!(
                    "variable `{name}` reaches `{}` and is not `sensitive`: its value is shown in plans and logs",
                    setting.name
                );
                let place = Place {
                    reaches: vec![argument.span],
                    related: vec![(
                        scope.configuration.location(argument.expr),
                        format!("reaches `{}` here", setting.name),
                    )],
                    ..Place::at(header)
                };
                let fix = fix(scope, header, name);
                reporter.report(
                    Draft::new(place, message)
                        .help("add `sensitive = true`")
                        .fix(fix),
                );
            }
        }
    }
}

/// The variables on any way to the setting, of this module and of its callers, that are not sensitive.
fn open_variables<'a>(
    scope: &Scope<'a>,
    setting: &Setting<'_>,
) -> BTreeMap<Location, (&'a String, &'a Variable)> {
    let Some(value) = setting.value() else {
        return BTreeMap::new();
    };
    let passed: Vec<Location> = value
        .alternatives(When::Unused)
        .iter()
        .chain([value])
        .flat_map(places_passed)
        .collect();
    scope
        .configuration
        .modules
        .iter()
        .flat_map(|module| &module.variables)
        .filter(|(_, variable)| !variable.sensitive && passed.contains(&variable.block.header))
        .map(|(name, variable)| (variable.block.header, (name, variable)))
        .collect()
}

/// Safe unless an output that is not sensitive itself would then fail.
fn fix(scope: &Scope<'_>, header: Location, name: &str) -> Option<Fix> {
    let edits = scope.mend.set_argument(header, "sensitive", "true")?;
    let is_safe = !scope.mend.must_not_be_sensitive(header, name);
    let title = format!("Make variable `{name}` sensitive");
    Some(Fix {
        title,
        safe: is_safe,
        edits,
    })
}

fn places_passed(value: &Value) -> Vec<Location> {
    let trace = value.trace();
    let starts = trace.ways().into_iter().filter_map(|way| match way.start {
        Start::Run { variable, .. } => Some(variable),
        _ => None,
    });
    starts
        .chain(trace.hops().into_iter().map(|hop| hop.at))
        .collect()
}
