//! `unknown-argument`: an argument or block that the provider's schema does not have.

use super::{Draft, Place, Reporter, Scope};
use crate::source::Location;
use crate::zenml::provider;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for provider in &scope.providers {
        let arguments = provider.block.arguments.values();
        let arguments = arguments.map(|argument| (argument.name.as_str(), argument.name_at));
        let blocks = provider.block.blocks.iter();
        let blocks = blocks.map(|block| (block.keyword.as_str(), block.header));
        for (name, at) in arguments.chain(blocks) {
            if !provider::is_known(name) {
                reporter.report(draft(name, at));
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
