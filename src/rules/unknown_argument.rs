//! `unknown-argument`: an argument or block that the provider's schema does not have.

use super::resource::block_schema;
use super::{Draft, Place, ProviderBlock, Reporter, Scope};
use crate::finding::Fix;
use crate::message;
use crate::redact::Shown;
use crate::terraform::{Argument, Block};
use crate::zenml::provider;
use crate::zenml::schema;

/// What stands in a block.
#[derive(Clone, Copy)]
enum Written<'a> {
    Argument(&'a Argument),
    Block(&'a Block),
}

impl<'a> Written<'a> {
    /// Its name; of a `dynamic` block, that of what it makes.
    fn name(self) -> &'a str {
        match self {
            Self::Argument(argument) => &argument.name,
            Self::Block(block) => block.content_type(),
        }
    }
}

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for ProviderBlock { block, .. } in &scope.providers {
        let written = block.arguments.values().map(Written::Argument);
        for written in written.chain(block.blocks.iter().map(Written::Block)) {
            let name = written.name();
            if !provider::is_known(name) {
                let meant = provider::meant_argument(name);
                let fix = meant.and_then(|meant| rename(scope, block, name, meant));
                reporter.report(unknown("the provider", written, meant).fix(fix));
            }
        }
    }
    for block in scope.resource_blocks() {
        if let Some(schema) = block_schema(scope.schema, block) {
            check_resource(scope, block, schema, reporter);
        }
    }
}

fn check_resource(
    scope: &Scope<'_>,
    block: &Block,
    schema: &schema::Block,
    reporter: &mut Reporter,
) {
    for argument in block.arguments.values() {
        if let Some(draft) = argument_draft(scope, block, schema, argument) {
            reporter.report(draft);
        }
    }
    for nested in &block.blocks {
        let name = nested.content_type();
        let is_allowed =
            provider::RESOURCE_META_BLOCKS.contains(&name) || schema.block(name).is_some();
        if is_allowed || provider::removed(schema.name, name).is_some() {
            continue;
        }
        let draft = match schema.argument(name) {
            Some(_) => {
                let message = message!(
                    "`{}` is an argument, not a block: `terraform validate` fails with \"Unsupported block type\"",
                    Shown::keyword(nested)
                );
                Draft::new(Place::at(nested.header), message)
                    .help(message!("write `{} = { ... }`", Shown::keyword(nested)))
            }
            None => unknown(
                schema.name,
                Written::Block(nested),
                provider::meant_in(schema, name),
            ),
        };
        reporter.report(draft);
    }
}

fn argument_draft(
    scope: &Scope<'_>,
    block: &Block,
    schema: &schema::Block,
    argument: &Argument,
) -> Option<Draft> {
    let name = argument.name.as_str();
    let known = schema.argument(name);
    if provider::RESOURCE_META_ARGUMENTS.contains(&name)
        || known.is_some_and(schema::Argument::is_settable)
        || provider::removed(schema.name, name).is_some()
    {
        return None;
    }
    if known.is_some() {
        let message = message!(
            "`{}` of a {} is set by the provider alone: `terraform validate` fails with \"Invalid Configuration for Read-Only Attribute\"",
            Shown::argument(argument),
            schema.name
        );
        return Some(Draft::new(Place::at(argument.name_at), message).help("remove the argument"));
    }
    let meant = provider::meant_in(schema, name);
    let fix = meant.and_then(|meant| rename(scope, block, name, meant));
    Some(unknown(schema.name, Written::Argument(argument), meant).fix(fix))
}

fn unknown(whose: &'static str, written: Written<'_>, meant: Option<&'static str>) -> Draft {
    let draft = match written {
        Written::Argument(argument) => Draft::new(
            Place::at(argument.name_at),
            message!(
                "{} has no argument `{}`: `terraform validate` fails with \"Unsupported argument\"",
                whose,
                Shown::argument(argument)
            ),
        ),
        Written::Block(block) => Draft::new(
            Place::at(block.header),
            message!(
                "{} has no block `{}`: `terraform validate` fails with \"Unsupported block type\"",
                whose,
                Shown::keyword(block)
            ),
        ),
    };
    match (meant, whose) {
        (Some(meant), _) => draft.help(message!("write `{}`", meant)),
        (None, "the provider") => draft.help(
            "the provider takes `server_url`, `api_key`, `api_token` and `skip_version_check`",
        ),
        (None, _) => draft,
    }
}

/// Renames an argument to what was meant, where the block does not have that already.
fn rename(scope: &Scope<'_>, block: &Block, name: &str, meant: &'static str) -> Option<Fix> {
    let argument = block.arguments.get(name)?;
    if block.arguments.contains_key(meant) {
        return None;
    }
    let edits = scope.mend.rename_argument(argument, meant);
    Some(Fix::to_review(message!("Write `{}`", meant), edits))
}
