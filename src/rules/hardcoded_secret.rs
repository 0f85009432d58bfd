//! `hardcoded-secret`: a literal could reach a credential in some run.

use super::{Candidate, Draft, Reporter, Scope, Setting};
use crate::eval::When;
use crate::zenml::{credential, placeholder};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        for setting in provider.credentials() {
            for candidate in setting.candidates(When::Unused) {
                if is_hardcoded(setting, &candidate) {
                    reporter.report(draft(setting, candidate));
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

fn draft(setting: &Setting<'_>, candidate: Candidate) -> Draft {
    let message = format!(
        "a literal in the configuration is the `{}`: everyone who can read the repository has it, and so does its history",
        setting.name
    );
    let help = format!(
        "revoke this one, and take a new one from `{}` or from a variable with `sensitive = true`",
        setting.variable
    );
    Draft::new(candidate.place, message).help(help)
}
