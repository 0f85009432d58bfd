//! `undeclared-reference`: a zenml block refers to what the module does not declare.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::{Draft, Place, Reporter, Scope};
use crate::finding::{Edit, Fix};
use crate::message;
use crate::redact::Shown;
use crate::source::Location;
use crate::syntax::{ExprKind, SyntaxError, Tree};
use crate::terraform::{Block, Module, Reference, Subject, references};

/// The meta-argument whose names are those of providers.
const PROVIDER: &str = "provider";

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let addresses = LazyCell::new(|| Addresses::of(scope.module));
    let has_lost_blocks = LazyCell::new(|| has_lost_blocks(scope));
    let providers = scope.providers.iter().filter(|provider| !provider.in_test);
    let blocks = providers.map(|provider| provider.block);
    for block in blocks.chain(scope.resource_blocks()) {
        let mut found = Vec::new();
        collect(scope, block, &mut Vec::new(), &mut found);
        found.retain(|(it, _)| !*has_lost_blocks && !is_broken_local(scope, &it.subject));
        for (reference, at) in found {
            reporter.report(draft(scope, &addresses, &reference, at));
        }
    }
}

/// Whether a block of a module's file may be among what does not parse there.
fn has_lost_blocks(scope: &Scope<'_>) -> bool {
    let mut trees = scope.module.files.iter();
    trees.any(|file| {
        let tree = scope.configuration.tree(*file);
        tree.is_some_and(|tree| !tree.errors.iter().all(|error| is_in_block(tree, error)))
    })
}

fn is_in_block(tree: &Tree, error: &SyntaxError) -> bool {
    let blocks = tree.blocks_of(tree.root());
    let next = blocks.partition_point(|block| block.span.start <= error.span.start);
    let before = next.checked_sub(1).and_then(|index| blocks.get(index));
    before.is_some_and(|block| block.span.contains(error.span))
}

fn is_broken_local(scope: &Scope<'_>, subject: &Subject) -> bool {
    let is_broken = |block: &Block| block.is_broken && block.keyword == "locals";
    matches!(subject, Subject::Local(_)) && scope.module.others.iter().any(is_broken)
}

/// The resources and data sources of a module as `type.name`, by keyword.
struct Addresses<'a>(BTreeMap<&'a str, Vec<String>>);

impl<'a> Addresses<'a> {
    fn of(module: &'a Module) -> Self {
        let mut addresses: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for block in module.resources.iter().chain(module.data.iter()) {
            let of_keyword = addresses.entry(block.keyword.as_str()).or_default();
            of_keyword.push(block.labels.join("."));
        }
        Self(addresses)
    }

    fn closest(&self, scope: &Scope<'_>, keyword: &str, address: &str) -> Option<&str> {
        let addresses = self.0.get(keyword).into_iter().flatten();
        scope.closest(address, addresses.map(String::as_str))
    }
}

/// Collects the references in a block that the module does not declare. `iterators` are those of the `dynamic` blocks
/// around it.
fn collect<'a>(
    scope: &Scope<'a>,
    block: &'a Block,
    iterators: &mut Vec<&'a str>,
    found: &mut Vec<(Reference, Location)>,
) {
    let own = iterator(scope, block);
    iterators.extend(own);
    let arguments = block.arguments.values();
    for argument in arguments.filter(|argument| argument.name != PROVIDER) {
        let Some(tree) = scope.configuration.tree(argument.expr.file) else {
            continue;
        };
        for reference in references(tree, argument.expr.expr, scope.module.is_stack) {
            if !is_iterator(iterators, &reference.subject)
                && !is_declared(scope.module, &reference.subject)
            {
                let at = Location {
                    file: argument.expr.file,
                    span: reference.span,
                };
                found.push((reference, at));
            }
        }
    }
    let nested = block.blocks.iter();
    for nested in nested.filter(|nested| nested.keyword != "lifecycle") {
        collect(scope, nested, iterators, found);
    }
    if own.is_some() {
        iterators.pop();
    }
}

/// What a `dynamic` block calls its elements: by default, like the blocks that it makes.
fn iterator<'a>(scope: &Scope<'a>, block: &'a Block) -> Option<&'a str> {
    if block.keyword != "dynamic" {
        return None;
    }
    let Some(renamed) = block.arguments.get("iterator") else {
        return block.labels.first().map(String::as_str);
    };
    let tree = scope.configuration.tree(renamed.expr.file)?;
    match &tree.expr(renamed.expr.expr).kind {
        ExprKind::Root(name) => Some(tree.text(*name)),
        _ => tree.plain_string(renamed.expr.expr),
    }
}

/// Whether what looks like a resource is the element of a `dynamic` block.
fn is_iterator(iterators: &[&str], subject: &Subject) -> bool {
    matches!(subject, Subject::Resource(name, _) if iterators.contains(&name.as_str()))
}

fn is_declared(module: &Module, subject: &Subject) -> bool {
    match subject {
        Subject::Variable(name) => module.variables.contains_key(name),
        Subject::Local(name) => module.locals.contains_key(name),
        Subject::Module(name) => module.calls.contains_key(name) || module.is_stack,
        // What looks like one in a stack is a token.
        Subject::Resource(..) | Subject::Data(..) | Subject::Ephemeral(..) if module.is_stack => {
            true
        }
        Subject::Resource(..) | Subject::Data(..) | Subject::Ephemeral(..) => {
            module.resource_of(subject).is_some()
        }
    }
}

fn draft(
    scope: &Scope<'_>,
    addresses: &Addresses<'_>,
    reference: &Reference,
    at: Location,
) -> Draft {
    let module = scope.module;
    let subject = &reference.subject;
    let (what, meant): (&'static str, Option<(&'static str, String)>) = match subject {
        Subject::Variable(name) => {
            let names = module.variables.keys().map(String::as_str);
            let meant = scope.closest(name, names);
            ("variable", meant.map(|name| ("var.", name.to_owned())))
        }
        Subject::Local(name) => {
            let names = module.locals.keys().map(String::as_str);
            let meant = scope.closest(name, names);
            ("local value", meant.map(|name| ("local.", name.to_owned())))
        }
        Subject::Module(name) => {
            let names = module.calls.keys().map(String::as_str);
            let meant = scope.closest(name, names);
            (
                "module call",
                meant.map(|name| ("module.", name.to_owned())),
            )
        }
        Subject::Resource(ty, name) => {
            let meant = addresses.closest(scope, "resource", &format!("{ty}.{name}"));
            ("resource", meant.map(|address| ("", address.to_owned())))
        }
        Subject::Data(ty, name) => {
            let meant = addresses.closest(scope, "data", &format!("{ty}.{name}"));
            (
                "data source",
                meant.map(|address| ("data.", address.to_owned())),
            )
        }
        Subject::Ephemeral(ty, name) => {
            let meant = addresses.closest(scope, "ephemeral", &format!("{ty}.{name}"));
            let meant = meant.map(|address| ("ephemeral.", address.to_owned()));
            ("ephemeral resource", meant)
        }
    };
    let written = Shown::subject(subject);
    let shown = |(prefix, name): &(&'static str, String)| {
        message!("{}{}", *prefix, Shown::declared(module, name))
    };
    let shown = meant.as_ref().map(shown);
    let message = message!(
        "this module declares no {} `{}`: `terraform validate` fails with \"Reference to undeclared …\"",
        what,
        written
    );
    let fix = meant.zip(shown.clone()).map(|((prefix, name), shown)| {
        let edits = vec![Edit {
            location: at,
            replacement: format!("{prefix}{name}"),
        }];
        Fix::to_review(message!("Write `{}`", shown), edits)
    });
    let help = match shown {
        Some(shown) => message!("write `{}`", shown),
        None => message!("declare the {} `{}` in this module", what, written),
    };
    Draft::new(Place::at(at), message).help(help).fix(fix)
}
