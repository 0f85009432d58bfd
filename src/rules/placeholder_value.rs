//! `placeholder-value`: an example's text stands where a real value belongs.

use super::{Draft, Reporter, Scope};
use crate::eval::When;
use crate::zenml::placeholder;

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    for setting in scope.providers.iter().flat_map(|provider| provider.settings()) {
        let is_placeholder = match setting.name {
            "server_url" => placeholder::is_placeholder_url,
            _ => placeholder::is_placeholder,
        };
        for candidate in setting.candidates(When::Possibly) {
            if !candidate.text.as_deref().is_some_and(is_placeholder) {
                continue;
            }
            let message = format!(
                "{} is still a placeholder: `terraform plan` or `apply` fails",
                candidate.subject(setting.name)
            );
            let help = format!(
                "put the real value there, or leave it to `{}`",
                setting.variable
            );
            reporter.report(Draft::new(candidate.place, message).help(help));
        }
    }
}
