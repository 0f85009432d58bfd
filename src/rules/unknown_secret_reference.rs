//! `unknown-secret-reference`: `{{name.key}}` of a secret of this module that has no such key.

use std::cell::{LazyCell, OnceCell};
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{Candidate, Draft, Entry, Reporter, Resource, Scope};
use crate::eval::Existence;
use crate::finding::Fix;
use crate::message;
use crate::redact::Shown;
use crate::zenml::credential::secret_reference;

/// The secrets of a module by name.
type Named<'s, 'a> = FxHashMap<String, Secrets<'s, 'a>>;

/// The secrets that have a name, or may have it.
#[derive(Default)]
struct Secrets<'s, 'a> {
    all: Vec<&'s Resource<'a>>,
    /// The keys of the first.
    keys: OnceCell<Vec<String>>,
}

impl Secrets<'_, '_> {
    fn keys(&self) -> &[String] {
        self.keys.get_or_init(|| {
            let first = self.all.first();
            let entries = first.map(|first| first.entries("values"));
            let entries = entries.into_iter().flatten();
            entries.map(|entry| entry.key.to_string()).collect()
        })
    }
}

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let named = LazyCell::new(|| named(scope));
    for resource in &scope.resources {
        for name in resource.block.arguments.keys() {
            let entries = resource.entries(name).into_iter();
            let texts = entries.flat_map(|entry| entry.texts());
            for (candidate, text) in texts.chain(resource.texts(name)) {
                let Some((secret, key)) = secret_reference(&text) else {
                    continue;
                };
                let secrets = named.get(secret);
                let draft =
                    secrets.and_then(|it| draft(scope, candidate, &text, (secret, key), it));
                if let Some(draft) = draft {
                    reporter.report(draft);
                }
            }
        }
    }
}

fn draft(
    scope: &Scope<'_>,
    candidate: Candidate,
    text: &str,
    (name, key): (&str, &str),
    secrets: &Secrets<'_, '_>,
) -> Option<Draft> {
    let lacks = |secret: &&Resource<'_>| {
        secret.existence == Existence::Sure
            && !secret.block.is_broken
            && secret
                .input("values")
                .is_some_and(|it| it.surely_lacks(key))
    };
    let first = secrets
        .all
        .first()
        .filter(|_| secrets.all.iter().all(lacks))?;
    let part = |part: &str| {
        let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        scope.shown_part(&candidate, start..start + part.len())
    };
    let (shown_name, shown_key) = (part(name), part(key));
    let message = message!(
        "the secret `{}` has no key `{}`: nothing says so before the component is used",
        shown_name,
        shown_key
    );
    let meant = scope.closest(key, secrets.keys().iter().map(String::as_str));
    let shown = |meant: &str| {
        let entries = first.entries("values");
        let entry = entries.iter().find(|entry| &*entry.key == meant);
        entry.map_or_else(Shown::nothing, Entry::shown_key)
    };
    // What may not be shown is offered by nobody.
    let meant = meant.map(|meant| (meant, shown(meant)));
    let meant = meant.filter(|(_, shown)| !shown.is_hidden());
    let help = match &meant {
        Some((_, shown)) => message!("did you mean `{}`?", shown.clone()),
        None => message!("add `{}` to the `values` of the secret", shown_key),
    };
    let fix = meant.and_then(|(meant, shown)| {
        let start = text.rfind(key)?;
        let edits = scope
            .mend
            .text(&candidate.pieces, &[(start..start + key.len(), meant)])?;
        Some(Fix::to_review(message!("Write `{}`", shown), edits))
    });
    let draft = Draft::new(candidate.place, message).help(help).fix(fix);
    Some(draft.related(
        first.block.header,
        message!("the secret `{}` is declared here", shown_name),
    ))
}

fn named<'s, 'a>(scope: &'s Scope<'a>) -> Named<'s, 'a> {
    let mut named = Named::default();
    for secret in scope.resources_of("zenml_secret") {
        let names: BTreeSet<_> = secret.all_texts("name").into_iter().flatten().collect();
        for name in names {
            named.entry(name).or_default().all.push(secret);
        }
    }
    named
}
