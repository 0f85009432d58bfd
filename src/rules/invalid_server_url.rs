//! `invalid-server-url`: not an absolute URL that requests can be made from.

use super::{Draft, Reporter, Scope};
use crate::finding::Fix;
use crate::message;
use crate::zenml::url::{InvalidUrl, UrlProblemKind};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    let mut last = None;
    for (candidate, problem) in scope.url_problems() {
        let UrlProblemKind::Invalid(reason) = problem.kind else {
            continue;
        };
        // One defect after the other: each has a fix of its own.
        let place = Some(candidate.place.clone());
        if last == place {
            continue;
        }
        last = place;
        let what = match &reason {
            InvalidUrl::OtherScheme(scheme) => message!(
                "has the scheme `{}` instead of `https`",
                scope.shown_part(&candidate, 0..scheme.len())
            ),
            _ => reason.text().into(),
        };
        let message = message!(
            "{} {}: no request can reach the server, and `terraform plan` fails",
            candidate.subject("server_url"),
            what
        );
        let title = match reason {
            InvalidUrl::BlanksAround => "Drop the blanks around the URL",
            InvalidUrl::SecondScheme => "Remove one of the two schemes",
            InvalidUrl::OtherScheme(_) => "Correct the scheme",
            InvalidUrl::MissingColon | InvalidUrl::MissingSlashes => "Write `://` after the scheme",
            _ => "Begin the URL with `https://`",
        };
        let shown = scope.shown(&candidate);
        let (mend, pieces) = (scope.mend, &candidate.pieces);
        let fix = if reason == InvalidUrl::BlanksAround {
            mend.trim(title, "server_url", pieces, &problem.mend)
        } else {
            let edits = mend.text(pieces, &problem.mend);
            edits.map(|edits| Fix::to_review(title, edits))
        };
        reporter.report(
            Draft::new(candidate.place, message)
                .about(&shown)
                .help(help(&reason))
                .fix(fix),
        );
    }
}

fn help(reason: &InvalidUrl) -> &'static str {
    match reason {
        InvalidUrl::BlanksAround => "write the URL alone, without blanks or line breaks around it",
        InvalidUrl::MissingScheme
        | InvalidUrl::OtherScheme(_)
        | InvalidUrl::MissingColon
        | InvalidUrl::MissingSlashes => "begin the URL with `https://`",
        InvalidUrl::SecondScheme => "write one `https://` alone",
        InvalidUrl::UserInfo => {
            "leave user and password out: the provider signs in with `api_key` alone"
        }
        InvalidUrl::Query | InvalidUrl::Fragment => {
            "end the URL before it: `https://zenml.example.com`"
        }
        _ => "write an absolute URL: `https://zenml.example.com`",
    }
}
