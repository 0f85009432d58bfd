//! A name that should be one of a list.

use std::collections::BTreeSet;

use super::{Candidate, Draft, Entry, Scope};
use crate::finding::Fix;
use crate::message;
use crate::message::Message;

/// A finding about a text that should be one of `names`, with the near one offered.
pub(super) fn text_draft(
    scope: &Scope<'_>,
    (candidate, text): (Candidate, &str),
    names: &[&'static str],
    message: Message,
) -> Draft {
    let meant = scope.closest(text, names.iter().copied());
    let fix = meant.and_then(|meant| {
        let edits = scope
            .mend
            .text(&candidate.pieces, &[(0..text.len(), meant)])?;
        Some(Fix::to_review(message!("Write `{}`", meant), edits))
    });
    Draft::new(candidate.place, message)
        .help(help(meant, names))
        .fix(fix)
}

/// The keys of entries.
pub(super) fn keys<'e>(entries: &'e [Entry<'_>]) -> BTreeSet<&'e str> {
    entries.iter().map(|entry| &*entry.key).collect()
}

/// A finding about a key that should be one of `names`; those that are `taken` have their own entries already.
pub(super) fn key_draft(
    scope: &Scope<'_>,
    entry: &Entry<'_>,
    names: &[&'static str],
    taken: &BTreeSet<&str>,
    message: Message,
) -> Draft {
    let meant = meant(scope, entry, names, taken);
    let fix = meant.and_then(|meant| rename(scope, entry, meant));
    Draft::new(entry.place(), message)
        .help(help(meant, names))
        .fix(fix)
}

/// What a key was probably meant to be, of the names that have no entry.
pub(super) fn meant<'n>(
    scope: &Scope<'_>,
    entry: &Entry<'_>,
    names: &[&'n str],
    taken: &BTreeSet<&str>,
) -> Option<&'n str> {
    let free = names.iter().filter(|name| !taken.contains(**name));
    scope.closest(&entry.key, free.copied())
}

fn help(meant: Option<&'static str>, names: &[&'static str]) -> Message {
    let all = || {
        let names: Vec<Message> = names.iter().map(|name| message!("`{}`", *name)).collect();
        Message::join(&names, ", ")
    };
    match (meant, names) {
        (Some(meant), _) => message!("did you mean `{}`?", meant),
        (None, []) => "there is nothing to choose from".into(),
        (None, [only]) => message!("only `{}` is possible", *only),
        (None, _) => message!("possible are {}", all()),
    }
}

/// Gives a key that is written out another name.
fn rename(scope: &Scope<'_>, entry: &Entry<'_>, name: &'static str) -> Option<Fix> {
    let location = entry.key_at()?;
    let written = scope.configuration.sources.text_at(location);
    let replacement = match written.trim_matches('"') == &*entry.key {
        true => written.replace(&*entry.key, name),
        false => return None,
    };
    let edits = scope.mend.rename_key(location, replacement);
    Some(Fix::to_review(message!("Write `{}`", name), edits))
}
