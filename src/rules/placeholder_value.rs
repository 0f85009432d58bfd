//! `placeholder-value`: an example's text stands where a real value belongs.

use super::{Candidate, Draft, Reporter, Resource, Scope};
use crate::eval::When;
use crate::message;
use crate::zenml::credential::secret_reference;
use crate::zenml::placeholder;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for setting in scope
        .providers
        .iter()
        .flat_map(|provider| provider.settings())
    {
        let is_placeholder = match setting.name {
            "server_url" => placeholder::is_placeholder_url,
            _ => placeholder::is_placeholder,
        };
        for candidate in setting.candidates(When::Possibly) {
            if !candidate.text.as_deref().is_some_and(is_placeholder) {
                continue;
            }
            let message = message!(
                "{} is still a placeholder: `terraform plan` or `apply` fails",
                candidate.subject(setting.name)
            );
            let help = message!(
                "put the real value there, or leave it to `{}`",
                setting.variable
            );
            let shown = scope.shown(&candidate);
            let draft = Draft::new(candidate.place, message).about(&shown);
            reporter.report(draft.help(help));
        }
    }
    for (candidate, text) in scope.resources.iter().flat_map(texts) {
        let is_url = text.contains("://");
        let is_placeholder =
            placeholder::is_placeholder(&text) || is_url && placeholder::is_placeholder_url(&text);
        if is_placeholder && secret_reference(&text).is_none() {
            let message = "a value is still a placeholder: what is made of it does not work";
            let shown = scope.shown(&candidate);
            let draft = Draft::new(candidate.place, message).about(&shown);
            reporter.report(draft.help("put the real value there"));
        }
    }
}

/// What must be real for a resource to work.
fn texts(resource: &Resource<'_>) -> Vec<(Candidate, String)> {
    let entries = ["configuration", "values", "components"].into_iter();
    let entries = entries.flat_map(|name| resource.entries(name));
    let arguments = ["resource_id", "connector_id", "connector_resource_id"].into_iter();
    let arguments = arguments.flat_map(|name| resource.texts(name));
    let texts = entries.flat_map(|entry| entry.texts());
    texts.chain(arguments).collect()
}
