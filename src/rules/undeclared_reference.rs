//! `undeclared-reference`: a zenml block refers to what the module does not declare.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::{Draft, Place, Reporter, Scope};
use crate::finding::{Edit, Fix};
use crate::source::Location;
use crate::terraform::{Block, Module, Reference, Subject, references};

/// The meta-argument whose names are those of providers.
const PROVIDER: &str = "provider";

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let addresses = LazyCell::new(|| Addresses::of(scope.module));
    let providers = scope.providers.iter().filter(|provider| !provider.in_test);
    let blocks = providers.map(|provider| provider.block);
    for block in blocks.chain(scope.resource_blocks()) {
        check_block(scope, block, &addresses, reporter);
    }
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

fn check_block(
    scope: &Scope<'_>,
    block: &Block,
    addresses: &Addresses<'_>,
    reporter: &mut Reporter,
) {
    let arguments = block.arguments.values();
    for argument in arguments.filter(|argument| argument.name != PROVIDER) {
        let Some(tree) = scope.configuration.tree(argument.expr.file) else {
            continue;
        };
        for reference in references(tree, argument.expr.expr, scope.module.is_stack) {
            if !is_declared(scope.module, &reference.subject) {
                let at = Location {
                    file: argument.expr.file,
                    span: reference.span,
                };
                reporter.report(draft(scope, addresses, &reference, at));
            }
        }
    }
    let nested = block
        .blocks
        .iter()
        .filter(|nested| nested.keyword != "lifecycle");
    nested.for_each(|nested| check_block(scope, nested, addresses, reporter));
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
    let (what, written, meant) = match &reference.subject {
        Subject::Variable(name) => (
            "variable",
            name.clone(),
            scope
                .closest(name, module.variables.keys().map(String::as_str))
                .map(|name| format!("var.{name}")),
        ),
        Subject::Local(name) => (
            "local value",
            name.clone(),
            scope
                .closest(name, module.locals.keys().map(String::as_str))
                .map(|name| format!("local.{name}")),
        ),
        Subject::Module(name) => (
            "module call",
            name.clone(),
            scope
                .closest(name, module.calls.keys().map(String::as_str))
                .map(|name| format!("module.{name}")),
        ),
        Subject::Resource(ty, name) => {
            let written = format!("{ty}.{name}");
            let meant = addresses
                .closest(scope, "resource", &written)
                .map(str::to_owned);
            ("resource", written, meant)
        }
        Subject::Data(ty, name) => {
            let written = format!("{ty}.{name}");
            let meant = addresses.closest(scope, "data", &written);
            let meant = meant.map(|address| format!("data.{address}"));
            ("data source", written, meant)
        }
        Subject::Ephemeral(ty, name) => {
            let written = format!("{ty}.{name}");
            let meant = addresses.closest(scope, "ephemeral", &written);
            let meant = meant.map(|address| format!("ephemeral.{address}"));
            ("ephemeral resource", written, meant)
        }
    };
    let message = format!(
        "this module declares no {what} `{written}`: `terraform validate` fails with \"Reference to undeclared …\""
    );
    let fix = meant.as_ref().map(|meant| {
        let edits = vec![Edit {
            location: at,
            replacement: meant.clone(),
        }];
        Fix::to_review(format!("Write `{meant}`"), edits)
    });
    let help = match meant {
        Some(meant) => format!("write `{meant}`"),
        None => format!("declare the {what} `{written}` in this module"),
    };
    Draft::new(Place::at(at), message).help(help).fix(fix)
}
