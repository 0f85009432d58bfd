//! `hardcoded-secret`: a literal could reach a credential in some run.

use super::{Candidate, Draft, Reporter, Scope, Setting};
use crate::eval::When;
use crate::finding::Fix;
use crate::mend::Holder;
use crate::source::Location;
use crate::zenml::{credential, placeholder};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        for setting in provider.credentials() {
            for candidate in setting.candidates(When::Unused) {
                if is_hardcoded(setting, &candidate) {
                    reporter.report(draft(scope, setting, candidate));
                }
            }
        }
    }
}

/// A text that is wholly written in files, or of which a written part alone looks like a credential.
fn is_hardcoded(setting: &Setting<'_>, candidate: &Candidate) -> bool {
    match &candidate.text {
        Some(text) if candidate.written => !placeholder::is_placeholder(text),
        _ => candidate.pieces.iter().any(|piece| {
            let text = piece.text.as_deref().unwrap_or_default();
            setting.is_written(&piece.trace) && !credential::find_secrets(text).is_empty()
        }),
    }
}

fn draft(scope: &Scope<'_>, setting: &Setting<'_>, candidate: Candidate) -> Draft {
    let message = format!(
        "a literal in the configuration is the `{}`: everyone who can read the repository has it, and so does its history",
        setting.name
    );
    let help = format!(
        "revoke this one, and take a new one from `{}` or from a variable with `sensitive = true`",
        setting.variable
    );
    let fix = fix(scope, setting, candidate.place.primary);
    Draft::new(candidate.place, message).help(help).fix(fix)
}

/// Leaves the value to whoever runs terraform: through a new variable, or by removing a variable's own line.
fn fix(scope: &Scope<'_>, setting: &Setting<'_>, literal: Location) -> Option<Fix> {
    let mend = scope.mend;
    let (title, edits) = match mend.holder(literal)? {
        Holder::ValuesLine(line) => (
            format!("Remove it, and set `TF_VAR_{}`", line.name),
            mend.remove_argument(&line),
        ),
        Holder::Default(variable, default) => {
            let name = variable.block.labels.first()?;
            let edits = match variable.block.arguments.get("sensitive") {
                _ if variable.sensitive => mend.remove_argument(&default),
                None => mend.replace_argument(&default, "sensitive", "true"),
                Some(sensitive) => {
                    let mut edits = mend.remove_argument(&default);
                    edits.push(mend.replace_value(sensitive, "true"));
                    edits
                }
            };
            (format!("Remove it, and set `TF_VAR_{name}`"), edits)
        }
        Holder::Expression(module) => {
            let wanted = format!("zenml_{}", setting.name);
            let variable = mend.new_variable(module, &wanted)?;
            let reference = mend.variable_reference(literal, &variable.name);
            (
                format!("Move it into variable `{}`", variable.name),
                vec![reference, variable.declaration],
            )
        }
    };
    Some(mend.fix(title, false, edits))
}
