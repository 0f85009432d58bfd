//! `unknown-argument`: an argument or block that the provider's schema does not have.

use super::resource::block_schema;
use super::{Draft, Place, ProviderBlock, Reporter, Scope};
use crate::finding::Fix;
use crate::source::Location;
use crate::terraform::{Argument, Block};
use crate::zenml::provider;
use crate::zenml::schema;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for ProviderBlock { block, .. } in &scope.providers {
        let arguments = block.arguments.values();
        let arguments = arguments.map(|argument| (argument.name.as_str(), argument.name_at));
        let blocks = block.blocks.iter();
        let blocks = blocks.map(|block| (block.keyword.as_str(), block.header));
        for (name, at) in arguments.chain(blocks) {
            if !provider::is_known(name) {
                let meant = provider::meant_argument(name);
                let fix = meant.and_then(|meant| rename(scope, block, name, meant));
                reporter.report(unknown("the provider", name, meant, at).fix(fix));
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
        let name = nested.keyword.as_str();
        let is_allowed = provider::RESOURCE_META_BLOCKS.contains(&name) || schema.block(name).is_some();
        if is_allowed || provider::removed(schema.name, name).is_some() {
            continue;
        }
        let draft = match schema.argument(name) {
            Some(_) => {
                let message = format!(
                    "`{name}` is an argument, not a block: `terraform validate` fails with \"Unsupported block type\""
                );
                Draft::new(Place::at(nested.header), message).help(format!("write `{name} = {{ ... }}`"))
            }
            None => unknown(schema.name, name, provider::meant_in(schema, name), nested.header),
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
        let message = format!(
            "`{name}` of a {} is set by the provider alone: `terraform validate` fails with \"Invalid Configuration for Read-Only Attribute\"",
            schema.name
        );
        return Some(Draft::new(Place::at(argument.name_at), message).help("remove the argument"));
    }
    let meant = provider::meant_in(schema, name);
    let fix = meant.and_then(|meant| rename(scope, block, name, meant));
    Some(unknown(schema.name, name, meant, argument.name_at).fix(fix))
}

fn unknown(whose: &str, name: &str, meant: Option<&str>, at: Location) -> Draft {
    let message = format!(
        "{whose} has no argument `{name}`: `terraform validate` fails with \"Unsupported argument\""
    );
    let draft = Draft::new(Place::at(at), message);
    match (meant, whose) {
        (Some(meant), _) => draft.help(format!("write `{meant}`")),
        (None, "the provider") => draft.help(
            "the provider takes `server_url`, `api_key`, `api_token` and `skip_version_check`",
        ),
        (None, _) => draft,
    }
}

/// Renames an argument to what was meant, where the block does not have that already.
fn rename(scope: &Scope<'_>, block: &Block, name: &str, meant: &str) -> Option<Fix> {
    let argument = block.arguments.get(name)?;
    if block.arguments.contains_key(meant) {
        return None;
    }
    let edits = scope.mend.rename_argument(argument, meant);
    Some(scope.mend.fix(format!("Write `{meant}`"), false, edits))
}
