//! `secret-not-sensitive`: a variable that reaches a credential is shown in plans and logs.

use std::collections::BTreeMap;

use super::{Draft, Place, Reporter, Scope};
use crate::eval::{Start, Value, When};
use crate::finding::Fix;
use crate::message;
use crate::message::Message;
use crate::redact::Shown;
use crate::source::Location;
use crate::terraform::{Argument, Variable};
use crate::zenml::credential::secret_reference;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        for setting in provider.credentials() {
            if let (Some(argument), Some(value)) = (setting.argument, setting.value()) {
                let name = setting.name.into();
                check_value(scope, (name, argument), value, reporter);
            }
        }
    }
    for resource in &scope.resources {
        for entry in resource.secret_entries(scope) {
            let target = (entry.shown_key().into(), entry.argument());
            check_value(scope, target, entry.value(), reporter);
        }
        let values = resource.input("values");
        let values = values.filter(|_| resource.is("zenml_secret"));
        if let Some(input) = values.filter(|input| is_reference(scope, input.argument)) {
            check_value(
                scope,
                ("values".into(), input.argument),
                input.value(),
                reporter,
            );
        }
    }
}

/// Whether an argument is just a reference: what is made of a variable need not hold what is in it.
fn is_reference(scope: &Scope<'_>, argument: &Argument) -> bool {
    let tree = scope.configuration.tree(argument.expr.file);
    tree.is_some_and(|tree| tree.reference(argument.expr.expr).is_some())
}

/// Reports the variables on the way of a value to what has that name.
fn check_value(
    scope: &Scope<'_>,
    (name, argument): (Message, &Argument),
    value: &Value,
    reporter: &mut Reporter,
) {
    if is_no_secret(value) {
        return;
    }
    for (header, (variable, declared)) in open_variables(scope, value) {
        if scope.mend.decides_instances(header, variable) {
            continue;
        }
        let message = message!(
            "variable `{}` reaches `{}` and is not `sensitive`: its value is shown in plans and logs",
            Shown::label(&declared.block, 0),
            name
        );
        let place = Place {
            reaches: vec![argument.span],
            related: vec![(
                scope.configuration.location(argument.expr),
                message!("reaches `{}` here", name),
            )],
            ..Place::at(header)
        };
        let fix = fix(scope, header, (variable, declared));
        reporter.report(
            Draft::new(place, message)
                .help("add `sensitive = true`")
                .fix(fix),
        );
    }
}

/// Whether a value says no more than where the server finds the secret: `{{name.key}}`, whichever way it is.
fn is_no_secret(value: &Value) -> bool {
    let alternatives = value.alternatives(When::Unused);
    let mut texts = alternatives.iter().map(Value::as_str);
    texts.all(|text| text.is_some_and(|text| secret_reference(text).is_some()))
}

/// The variables on any way of a value, of this module and of its callers, that are shown. What is ephemeral is not.
fn open_variables<'a>(
    scope: &Scope<'a>,
    value: &Value,
) -> BTreeMap<Location, (&'a String, &'a Variable)> {
    let alternatives = value.alternatives(When::Unused);
    let passed = alternatives.iter().chain([value]).flat_map(places_passed);
    passed
        .filter_map(|place| Some((place, scope.configuration.variable_at(place)?)))
        .filter(|(_, (_, variable))| {
            !variable.sensitive && !variable.ephemeral && !variable.block.is_broken
        })
        .collect()
}

/// Safe unless something that takes no sensitive value may then get it.
fn fix(scope: &Scope<'_>, header: Location, (name, variable): (&str, &Variable)) -> Option<Fix> {
    let edits = scope.mend.set_argument(header, "sensitive", "true")?;
    let is_safe = !scope.mend.may_be_refused(header, name);
    let title = message!(
        "Make variable `{}` sensitive",
        Shown::label(&variable.block, 0)
    );
    Some(Fix {
        title,
        safe: is_safe,
        edits,
        declares: None,
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
