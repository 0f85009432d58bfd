//! `connector-configuration`: settings of a connector that the server drops, refuses, or lacks.

use super::fields::{Misfit, listed, wanted};
use super::unknown_name::{key_draft, keys};
use super::{Draft, Entry, Place, Reporter, Resource, Scope};
use crate::finding::Severity;
use crate::message;
use crate::message::Message;
use crate::zenml::schema::{AuthMethod, Field};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_service_connector") {
        if let Some(methods) = resource.auth_methods(scope.schema) {
            check_connector(scope, resource, &methods, reporter);
        }
    }
}

fn check_connector(
    scope: &Scope<'_>,
    resource: &Resource<'_>,
    methods: &[&'static AuthMethod],
    reporter: &mut Reporter,
) {
    let lists = methods.iter().map(|method| method.fields).collect();
    let owner = match methods {
        [method] => message!("authentication by `{}`", method.name),
        _ => Message::from("each way to authenticate that this may use"),
    };
    let fields = scope.fields.of(lists);
    let names: Vec<&'static str> = fields.names().collect();
    let entries = resource.entries("configuration");
    let taken = keys(&entries);
    for entry in &entries {
        let known = fields.named(&entry.key);
        if known.is_empty() {
            let message = message!(
                "{} has no setting `{}`: the server drops it without a word",
                owner,
                entry.shown_key()
            );
            let draft = key_draft(scope, entry, &names, &taken, message);
            reporter.report(draft.severity(Severity::Warning));
        } else if known.iter().all(|field| field.is_structured()) {
            if is_verified(resource) {
                reporter.report(structured_draft(entry, entry.place()));
            }
        } else {
            let misfits = fields.misfits(entry).into_iter();
            misfits.for_each(|misfit| reporter.report(misfit_draft(known, entry, misfit)));
        }
    }
    let missing = fields.missing(resource);
    if !missing.is_empty() {
        let message = message!(
            "{} needs {} in `configuration`: `terraform apply` fails, the server answers 400",
            owner,
            listed(&missing)
        );
        reporter.report(Draft::new(resource.place("configuration"), message));
    }
}

/// Whether the provider surely has the configuration verified first; where not, the server takes a list as JSON.
fn is_verified(resource: &Resource<'_>) -> bool {
    let is_true = |texts: Vec<String>| texts.iter().all(|text| text == "true");
    !resource.block.may_set("verify") || resource.all_texts("verify").is_some_and(is_true)
}

/// The provider passes on texts alone, and the server reads none of them as JSON when it verifies them.
fn structured_draft(entry: &Entry<'_>, place: Place) -> Draft {
    let message = message!(
        "`{}` is a list or a dictionary, which the provider cannot pass on: `terraform apply` fails, the server answers 400",
        entry.shown_key()
    );
    Draft::new(place, message).help("leave it out, and set it with the `zenml` command line")
}

fn misfit_draft(known: &[&'static Field], entry: &Entry<'_>, misfit: Misfit) -> Draft {
    match misfit {
        Misfit::Collection(place) => {
            let message = message!(
                "`{}` is a list or an object in a map of strings: `terraform validate` fails",
                entry.shown_key()
            );
            Draft::new(place, message)
        }
        Misfit::Text(candidate) => {
            let wanted = known.first().map(|field| wanted(field)).unwrap_or_default();
            let message = message!(
                "`{}` takes {}: `terraform apply` fails, the server answers 400",
                entry.shown_key(),
                wanted
            );
            Draft::new(candidate.place, message)
        }
    }
}
