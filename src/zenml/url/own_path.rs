//! Paths that are the server's own, so that no server can live below them (server 0.98.0 and its dashboard).

use super::anatomy::strip_ascii_prefix;

/// Nobody names the folder of a deployment so: the dashboard's, with what they belong to.
const UNMISTAKABLE: [&str; 3] = ["organizations", "tenants", "workspaces"];

/// Single pages; unmistakable at the end of a path.
const PAGES: [&str; 7] = [
    "docs",
    "health",
    "index.html",
    "login",
    "openapi.json",
    "ready",
    "redoc",
];

/// First segments of the dashboard's pages, which may also be part of a deployment's base path.
const SECTIONS: [&str; 15] = [
    "artifacts",
    "components",
    "connectors",
    "deployments",
    "models",
    "onboarding",
    "overview",
    "pipelines",
    "projects",
    "runs",
    "secrets",
    "service-connectors",
    "settings",
    "stacks",
    "templates",
];

/// What stands before a segment.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Base {
    /// The host.
    Root,
    /// A path that names ZenML: what follows is the server's own. `/zenml/projects/default`
    ZenMl,
    /// Another path, or an unknown one: `/team/projects/zenml` may be a base path.
    Other,
}

impl Base {
    fn below(self, segment: &str) -> Self {
        if self == Self::ZenMl || segment.is_empty() {
            self
        } else if segment.to_ascii_lowercase().contains("zenml") {
            Self::ZenMl
        } else {
            Self::Other
        }
    }
}

/// Where to cut a path so that nothing of the API or the dashboard is left.
pub(super) fn find(path: &str, mut base: Base) -> Option<usize> {
    let mut segments = path.split('/').peekable();
    // What stands before the first slash is no segment.
    let mut offset = segments.next()?.len();
    while let Some(segment) = segments.next() {
        if is_own(segment, segments.peek().copied(), base) {
            return path
                .get(..offset)
                .map(|kept| kept.trim_end_matches('/').len());
        }
        base = base.below(segment);
        offset += 1 + segment.len();
    }
    None
}

fn is_own(segment: &str, next: Option<&str>, base: Base) -> bool {
    let is_in = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(segment));
    let is_last = next.is_none_or(str::is_empty);
    if segment.eq_ignore_ascii_case("api") {
        // `/api/zenml` may be where a gateway has the server.
        return is_last || next.is_some_and(is_api_version);
    }
    let may_be_base = base == Base::Other;
    is_in(&UNMISTAKABLE)
        || (is_in(&PAGES) && (is_last || !may_be_base))
        || (is_in(&SECTIONS) && !may_be_base)
}

fn is_api_version(segment: &str) -> bool {
    strip_ascii_prefix(segment, "v")
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}
