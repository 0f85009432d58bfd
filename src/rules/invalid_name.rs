//! `invalid-name`: a name that the provider or the server refuses.

use super::{Draft, Reporter, Resource, Scope};
use crate::message;
use crate::message::Message;

/// The longest name, in bytes, that the provider lets through (`LengthBetween`, 3.0.6), and in characters, that the
/// server takes (0.98.0); of a project, the server takes fewer.
const LONGEST: usize = 255;
const LONGEST_OF_PROJECT: usize = 50;
/// The server keeps the secrets of a connector as a secret of its own, whose name is longer by 15 characters.
const LONGEST_WITH_SECRETS: usize = 240;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope
        .resources
        .iter()
        .filter(|resource| resource.block.keyword == "resource")
    {
        for (candidate, text) in resource.texts("name") {
            let problem = problem(resource.ty, &text);
            if let Some(problem) = problem.or_else(|| no_room_for_secrets(scope, resource, &text)) {
                let shown = scope.shown(&candidate);
                reporter.report(Draft::new(candidate.place, problem).about(&shown));
            }
        }
    }
}

fn problem(ty: &str, name: &str) -> Option<Message> {
    let characters = name.chars().count();
    match ty {
        "zenml_service_connector" | "zenml_secret" if name.is_empty() || name.len() > LONGEST => Some(
            message!("a name here has 1 to {} characters, not {}: `terraform validate` fails", LONGEST, characters),
        ),
        "zenml_project" if characters > LONGEST_OF_PROJECT => Some(message!(
            "the name of a project has at most {} characters, not {}: `terraform apply` fails, the server answers 422",
            LONGEST_OF_PROJECT,
            characters
        )),
        "zenml_project" if name.is_empty() || !name.chars().all(is_of_project) => Some(
            "the name of a project consists of lower-case letters, digits, `_` and `-`: `terraform apply` fails, the server answers 422".into(),
        ),
        "zenml_stack" | "zenml_stack_component" if name.is_empty() => Some(
            "a name here must not be empty: `terraform apply` fails, the server answers 400".into(),
        ),
        "zenml_stack" | "zenml_stack_component" if characters > LONGEST => Some(message!(
            "a name here has at most {} characters, not {}: `terraform apply` fails, the server answers 422",
            LONGEST,
            characters
        )),
        "zenml_stack" | "zenml_stack_component" if name.contains(['\t', '\n', '\r', '\u{b}', '\u{c}']) => Some(
            "a name must not contain tabs or line breaks: `terraform apply` fails, the server answers 400".into(),
        ),
        _ => None,
    }
}

/// Whether the name of a connector is too long where its configuration has a secret in it.
fn no_room_for_secrets(scope: &Scope<'_>, resource: &Resource<'_>, name: &str) -> Option<Message> {
    let characters = name.chars().count();
    let is_too_long = resource.is("zenml_service_connector") && characters > LONGEST_WITH_SECRETS;
    (is_too_long && resource.has_secrets(scope)).then(|| {
        message!(
            "the name of a connector with secrets has at most {} characters, not {}: `terraform apply` fails, the server answers 422",
            LONGEST_WITH_SECRETS,
            characters
        )
    })
}

fn is_of_project(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-'
}
