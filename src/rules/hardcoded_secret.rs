//! `hardcoded-secret`: a literal could reach a credential or a secret setting in some run.

use super::scope::is_written;
use super::{Candidate, Draft, Reporter, Scope, swapped_credentials};
use crate::eval::{Piece, Start, When};
use crate::finding::{Fix, NewName};
use crate::mend::Holder;
use crate::message;
use crate::message::Message;
use crate::redact::Shown;
use crate::source::Location;
use crate::zenml::credential::{self, Slot};
use crate::zenml::placeholder;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    // These go to their own argument first. A variable in the place of one would hide what it is.
    let renamed = swapped_credentials::renamed(scope);
    for provider in &scope.providers {
        for setting in provider.credentials() {
            let help = message!(
                "revoke this one, and take a new one from `{}` or from a variable with `sensitive = true`",
                setting.variable
            );
            for candidate in setting.candidates(When::Unused) {
                let slot = candidate.text.as_deref().and_then(credential::slot_of);
                let variable = format!("zenml_{}", slot.map_or(setting.name, Slot::argument));
                let is_renamed = renamed.contains(&candidate.place.primary);
                let names = (setting.name.into(), (!is_renamed).then_some(&*variable));
                report(scope, names, candidate, help.clone(), reporter);
            }
        }
    }
    for resource in &scope.resources {
        for entry in resource.secret_entries(scope) {
            let help =
                "revoke this one, and take a new one from a variable with `sensitive = true`";
            let key = entry.shown_key();
            let variable = match key.is_hidden() {
                true => "zenml_secret".to_owned(),
                false => variable_name(&entry.key),
            };
            for candidate in entry.candidates(When::Unused) {
                let names = (key.clone().into(), Some(&*variable));
                report(scope, names, candidate, help.into(), reporter);
            }
        }
    }
}

/// Reports a literal. The names are those of what it reaches, and of a variable for it where there is to be a fix.
fn report(
    scope: &Scope<'_>,
    (name, variable): (Message, Option<&str>),
    candidate: Candidate,
    help: Message,
    reporter: &mut Reporter,
) {
    let pieces = hardcoded_pieces(scope, &candidate);
    if pieces.is_empty() {
        return;
    }
    let message = message!(
        "a literal in the configuration is the `{}`: everyone who can read the repository has it, and so does its history",
        name
    );
    let literal = candidate.place.primary;
    let is_whole = pieces.iter().all(|piece| is_within(piece, literal));
    let variable = variable.filter(|_| is_whole);
    let fix = variable.and_then(|variable| fix(scope, variable, literal));
    reporter.report(Draft::new(candidate.place, message).help(help).fix(fix));
}

/// The pieces of a secret: of a text that is wholly written in files all, else those that alone look like a credential.
fn hardcoded_pieces<'c>(scope: &Scope<'_>, candidate: &'c Candidate) -> Vec<&'c Piece> {
    let pieces = candidate.pieces.iter();
    match &candidate.text {
        Some(text) if candidate.written => {
            let is_reference = credential::secret_reference(text).is_some();
            let is_secret = !text.is_empty() && !is_reference && !placeholder::is_placeholder(text);
            pieces.filter(|_| is_secret).collect()
        }
        _ => {
            let is_secret = |piece: &&Piece| {
                let text = piece.text.as_deref().unwrap_or_default();
                is_written(scope.configuration, &piece.trace)
                    && !credential::find_secrets(text).is_empty()
            };
            pieces.filter(is_secret).collect()
        }
    }
}

/// Whether all that a piece came from stands within a literal: it is gone with that.
fn is_within(piece: &Piece, literal: Location) -> bool {
    let is_within = |start: &Start| match start {
        Start::Literal(at) => at.file == literal.file && literal.span.contains(at.span),
        _ => false,
    };
    piece.trace.ways().iter().all(|way| is_within(&way.start))
}

/// A key as the name of a variable.
fn variable_name(key: &str) -> String {
    let letter = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '_',
    };
    let name: String = key.chars().map(letter).collect();
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => name,
        false => format!("zenml_{name}"),
    }
}

/// Leaves the value to whoever runs terraform: through a new variable, or by removing a variable's own line.
fn fix(scope: &Scope<'_>, wanted: &str, literal: Location) -> Option<Fix> {
    let mend = scope.mend;
    let mut declares = None;
    let (title, edits) = match mend.holder(literal)? {
        Holder::ValuesLine(line) => (
            message!("Remove it, and set `TF_VAR_{}`", Shown::argument(&line)),
            mend.remove_argument(&line),
        ),
        Holder::Default(variable, default) => {
            let edits = match variable.block.arguments.get("sensitive") {
                _ if variable.sensitive => mend.remove_argument(&default),
                None => mend.replace_argument(&default, "sensitive", "true"),
                Some(sensitive) => {
                    let mut edits = mend.remove_argument(&default);
                    edits.push(mend.replace_value(sensitive, "true"));
                    edits
                }
            };
            (
                message!(
                    "Remove it, and set `TF_VAR_{}`",
                    Shown::label(&variable.block, 0)
                ),
                edits,
            )
        }
        Holder::Expression(module) => {
            let variable = mend.new_variable(module, wanted)?;
            let reference = mend.variable_reference(literal, &variable.name);
            let name = NewName {
                wanted: wanted.to_owned(),
                name: variable.name,
            };
            let title = name.title();
            declares = Some(name);
            (title, vec![reference, variable.declaration])
        }
    };
    Some(Fix {
        declares,
        ..Fix::to_review(title, edits)
    })
}
