//! `unknown-argument`: an argument or block that the provider's schema does not have.

use super::{Draft, Place, ProviderBlock, Reporter, Scope};
use crate::finding::Fix;
use crate::source::Location;
use crate::terraform::Block;
use crate::zenml::provider;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for ProviderBlock { block, .. } in &scope.providers {
        let arguments = block.arguments.values();
        let arguments = arguments.map(|argument| (argument.name.as_str(), argument.name_at));
        let blocks = block.blocks.iter();
        let blocks = blocks.map(|block| (block.keyword.as_str(), block.header));
        for (name, at) in arguments.chain(blocks) {
            if !provider::is_known(name) {
                let fix = rename(scope, block, name);
                reporter.report(draft(name, at).fix(fix));
            }
        }
    }
}

fn draft(name: &str, at: Location) -> Draft {
    let message = format!(
        "the provider has no argument `{name}`: `terraform validate` fails with \"Unsupported argument\""
    );
    let help = match provider::meant_argument(name) {
        Some(meant) => format!("write `{meant}`"),
        None => "the provider takes `server_url`, `api_key`, `api_token` and `skip_version_check`".to_owned(),
    };
    Draft::new(Place::at(at), message).help(help)
}

/// The name that was meant, where the block does not have it already.
fn rename(scope: &Scope<'_>, block: &Block, name: &str) -> Option<Fix> {
    let argument = block.arguments.get(name)?;
    let meant = provider::meant_argument(name)?;
    if block.arguments.contains_key(meant) {
        return None;
    }
    let edits = scope.mend.rename_argument(argument, meant);
    Some(scope.mend.fix(format!("Write `{meant}`"), false, edits))
}
