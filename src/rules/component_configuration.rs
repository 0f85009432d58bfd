//! `component-configuration`: settings of a component that the server refuses, or lacks.

use super::fields::{Fields, Misfit, listed, wanted};
use super::unknown_name::{key_draft, keys};
use super::{Candidate, Draft, Entry, Reporter, Resource, Scope};
use crate::finding::Fix;
use crate::message;
use crate::message::Message;
use crate::zenml::credential::secret_reference;
use crate::zenml::schema::Flavor;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for resource in scope.resources_of("zenml_stack_component") {
        let Some(flavors) = resource.flavors(scope) else {
            continue;
        };
        check_component(scope, resource, &flavors, reporter);
    }
}

fn check_component(
    scope: &Scope<'_>,
    resource: &Resource<'_>,
    flavors: &[&'static Flavor],
    reporter: &mut Reporter,
) {
    let lists = flavors.iter().map(|flavor| flavor.fields).collect();
    let owner = match flavors {
        [flavor] => message!("the flavor `{}`", flavor.name),
        _ => Message::from("each flavor that this may be"),
    };
    let fields = scope.fields.of(lists);
    let names: Vec<&'static str> = fields.names().collect();
    let entries = resource.entries("configuration");
    let taken = keys(&entries);
    for entry in &entries {
        if fields.named(&entry.key).is_empty() {
            let message = message!(
                "{} has no setting `{}`: `terraform apply` fails, the server answers 400",
                owner,
                entry.shown_key()
            );
            reporter.report(key_draft(scope, entry, &names, &taken, message));
            continue;
        }
        let misfits = fields.misfits(entry).into_iter();
        misfits.for_each(|misfit| {
            reporter.report(misfit_draft(scope, (&fields, &owner), entry, misfit))
        });
        if &*entry.key == "path" {
            for candidate in entry.candidates(crate::eval::When::Possibly) {
                if let Some(draft) = path_draft(flavors, candidate) {
                    reporter.report(draft);
                }
            }
        }
    }
    let missing = fields.missing(resource);
    if !missing.is_empty() {
        let message = message!(
            "{} needs {} in `configuration`: `terraform apply` fails, the server answers 422",
            owner,
            listed(&missing)
        );
        reporter.report(Draft::new(resource.place("configuration"), message));
    }
}

fn misfit_draft(
    scope: &Scope<'_>,
    (fields, owner): (&Fields, &Message),
    entry: &Entry<'_>,
    misfit: Misfit,
) -> Draft {
    let fitting = fields.named(&entry.key);
    let is_json = fitting.iter().any(|field| field.reads_json);
    let wanted = fitting.first().map(|field| wanted(field));
    let wanted = wanted.unwrap_or_default();
    match misfit {
        Misfit::Collection(place) => {
            let message = message!(
                "`{}` is a list or an object in a map of strings: `terraform validate` fails",
                entry.shown_key()
            );
            let fix = entry.key_at().filter(|_| is_json).and_then(|key| {
                let edits = scope.mend.wrap_entry(key, "jsonencode(", ")")?;
                Some(Fix::to_review("Encode it as JSON", edits))
            });
            let help = match is_json {
                true => Message::from("write it as JSON, with `jsonencode(...)`"),
                false => message!("it takes {}", wanted),
            };
            Draft::new(place, message).help(help).fix(fix)
        }
        Misfit::Text(candidate) => {
            // What has to be plain cannot come from a secret, and the server says so earlier.
            let text = candidate.text.as_deref();
            let is_reference = text.is_some_and(|text| secret_reference(text).is_some());
            let (but, answer) = match is_reference && fitting.iter().any(|field| field.is_plain) {
                true => (", and no reference to a secret", 400),
                false => ("", 422_usize),
            };
            let message = message!(
                "`{}` of {} takes {}{}: `terraform apply` fails, the server answers {}",
                entry.shown_key(),
                *owner,
                wanted,
                but,
                answer
            );
            Draft::new(candidate.place, message)
        }
    }
}

/// A path that none of the flavors takes, as far as its beginning tells.
fn path_draft(flavors: &[&'static Flavor], candidate: Candidate) -> Option<Draft> {
    let texts = candidate.texts();
    let known = texts.iter().map_while(|text| *text);
    let start: String = known.collect();
    let is_whole = candidate.text.is_some();
    let fits = |scheme: &&str| match is_whole {
        true => start.starts_with(scheme),
        false => start.starts_with(scheme) || scheme.starts_with(&start),
    };
    let takes =
        |flavor: &&Flavor| flavor.path_schemes.is_empty() || flavor.path_schemes.iter().any(fits);
    if start.is_empty() || start.starts_with("{{") || flavors.iter().any(takes) {
        return None;
    }
    let schemes = flavors.iter().flat_map(|it| it.path_schemes);
    let schemes: Vec<Message> = schemes.map(|scheme| message!("`{}`", *scheme)).collect();
    let message = message!(
        "the path of this artifact store must begin with {}: `terraform apply` fails, the server answers 500",
        Message::join(&schemes, " or ")
    );
    Some(Draft::new(candidate.place, message))
}
