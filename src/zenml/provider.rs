//! The provider: its addresses, the schema of its block, the variables that it reads, what older versions had.

use super::schema::Block;

/// The provider's source address, without the registry's host.
pub const SOURCE: &str = "zenml-io/zenml";

/// Addresses that stand in old documentation, in the provider's own version error, or come of leaving the source out;
/// none of them leads to the provider.
pub const WRONG_SOURCES: [&str; 2] = ["zenml/zenml", "hashicorp/zenml"];

/// All addresses under which a module may mean this provider.
pub const SOURCES: [&str; 3] = [SOURCE, WRONG_SOURCES[0], WRONG_SOURCES[1]];

/// Whether an address is the provider's, on any registry and in any case.
pub fn is_source(address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    match address.strip_suffix(SOURCE) {
        Some("") => true,
        Some(host) => host
            .strip_suffix('/')
            .is_some_and(|host| !host.is_empty() && !host.contains('/')),
        None => false,
    }
}

/// The local name of the provider where a module declares none, and the prefix of its resource types.
pub const LOCAL_NAME: &str = "zenml";

/// A constraint for the versions that behave as described here.
pub const VERSION_CONSTRAINT: &str = "~> 3.0";

/// An argument of the provider block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderArgument {
    /// Its name.
    pub name: &'static str,
    /// The variable that the provider reads where the argument is absent, null or empty.
    pub environment: Option<&'static str>,
}

/// The arguments of the provider block; all are optional (3.0.6, `provider.go`).
pub const ARGUMENTS: [ProviderArgument; 4] = [
    ProviderArgument {
        name: "server_url",
        environment: Some("ZENML_SERVER_URL"),
    },
    ProviderArgument {
        name: "api_key",
        environment: Some("ZENML_API_KEY"),
    },
    ProviderArgument {
        name: "api_token",
        environment: Some("ZENML_API_TOKEN"),
    },
    ProviderArgument {
        name: "skip_version_check",
        environment: None,
    },
];

/// Arguments of every provider block, which Terraform (`for_each`: OpenTofu) takes for itself.
pub const META_ARGUMENTS: [&str; 3] = ["alias", "version", "for_each"];

/// Variables of ZenML's Python client that the provider never reads, with the one that it does read.
pub const CLIENT_VARIABLES: [(&str, &str); 2] = [
    ("ZENML_STORE_URL", "ZENML_SERVER_URL"),
    ("ZENML_STORE_API_KEY", "ZENML_API_KEY"),
];

/// The argument of that name.
pub fn argument(name: &str) -> Option<&'static ProviderArgument> {
    ARGUMENTS.iter().find(|argument| argument.name == name)
}

/// Whether a provider block may have an argument of that name.
pub fn is_known(name: &str) -> bool {
    argument(name).is_some() || META_ARGUMENTS.contains(&name)
}

/// Other names that people give to the arguments: the client's, other providers', the environment's.
const OTHER_NAMES: [(&str, &str); 28] = [
    ("url", "server_url"),
    ("uri", "server_url"),
    ("server", "server_url"),
    ("server_uri", "server_url"),
    ("server_address", "server_url"),
    ("server_endpoint", "server_url"),
    ("serverurl", "server_url"),
    ("endpoint", "server_url"),
    ("host", "server_url"),
    ("hostname", "server_url"),
    ("address", "server_url"),
    ("base_url", "server_url"),
    ("api_url", "server_url"),
    ("store_url", "server_url"),
    ("workspace_url", "server_url"),
    ("zenml_url", "server_url"),
    ("zenml_server_url", "server_url"),
    ("key", "api_key"),
    ("apikey", "api_key"),
    ("access_key", "api_key"),
    ("store_api_key", "api_key"),
    ("zenml_api_key", "api_key"),
    ("service_account_key", "api_key"),
    ("token", "api_token"),
    ("apitoken", "api_token"),
    ("access_token", "api_token"),
    ("auth_token", "api_token"),
    ("zenml_api_token", "api_token"),
];

/// What an unknown argument of the provider block was probably meant to be.
pub fn meant_argument(name: &str) -> Option<&'static str> {
    let plain = name.to_ascii_lowercase().replace('-', "_");
    OTHER_NAMES
        .iter()
        .find(|(other, _)| *other == plain)
        .map(|&(_, meant)| meant)
        .or_else(|| {
            let names = ARGUMENTS.iter().map(|argument| argument.name);
            closest(&plain, names)
        })
}

/// Arguments of every resource and data source, which Terraform takes for itself.
pub const RESOURCE_META_ARGUMENTS: [&str; 4] = ["count", "for_each", "provider", "depends_on"];

/// Blocks in every resource and data source, which Terraform takes for itself.
pub const RESOURCE_META_BLOCKS: [&str; 4] = ["lifecycle", "provisioner", "connection", "dynamic"];

/// Other names that people give to the arguments of resources.
const OTHER_RESOURCE_NAMES: [(&str, &str); 17] = [
    ("config", "configuration"),
    ("configurations", "configuration"),
    ("settings", "configuration"),
    ("parameters", "configuration"),
    ("connector", "connector_id"),
    ("service_connector", "connector_id"),
    ("service_connector_id", "connector_id"),
    ("connector_type", "type"),
    ("component_type", "type"),
    ("kind", "type"),
    ("auth", "auth_method"),
    ("authentication_method", "auth_method"),
    ("component", "components"),
    ("component_ids", "components"),
    ("tags", "labels"),
    ("data", "values"),
    ("value", "values"),
];

/// What an unknown argument of a resource or data source was probably meant to be.
pub fn meant_in(block: &Block, name: &str) -> Option<&'static str> {
    let plain = name.to_ascii_lowercase().replace('-', "_");
    let settable = block
        .arguments
        .iter()
        .filter(|argument| argument.is_settable());
    let names: Vec<&'static str> = settable.map(|argument| argument.name).collect();
    let other = OTHER_RESOURCE_NAMES
        .iter()
        .find(|(other, _)| *other == plain);
    other
        .map(|&(_, meant)| meant)
        .filter(|meant| names.contains(meant))
        .or_else(|| closest(&plain, names))
}

/// The candidate that a name was probably meant to be: within a third of its length in typing errors, and nearer than
/// any other. `None` where two are equally near.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    closest_within(|_| true, name, candidates)
}

/// The same, as long as `spend` allows the work, which it is told beforehand in about nanoseconds; then `None`.
pub fn closest_within<'a>(
    spend: impl Fn(usize) -> bool,
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Names are short; a long text is no typing error, and comparing it would take long.
    const LONGEST: usize = 100;
    let length = name.chars().take(LONGEST + 1).count();
    if length > LONGEST {
        return None;
    }
    let most = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for candidate in candidates {
        let too_long = candidate.len() > 4 * LONGEST;
        let is_best = best.is_some_and(|(_, best)| best == candidate);
        if candidate == name {
            return Some(candidate);
        }
        if too_long || is_best {
            continue;
        }
        if !spend(name.len() + candidate.len()) {
            return None;
        }
        if least_distance(name, candidate) > most {
            continue;
        }
        if !spend(10 * name.len() * candidate.len()) {
            return None;
        }
        let distance = strsim::damerau_levenshtein(name, candidate);
        if distance > most {
            continue;
        }
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, _)) if distance == least => tied = true,
            _ => {
                best = Some((distance, candidate));
                tied = false;
            }
        }
    }
    best.filter(|_| !tied).map(|(_, candidate)| candidate)
}

/// How many typing errors there are at least between two names, by the letters that only one of them has: far quicker to
/// tell than how many there are.
fn least_distance(a: &str, b: &str) -> usize {
    let mut surplus = [0_i16; 32];
    let mut count = |text: &str, by: i16| {
        for letter in text.chars() {
            if let Some(slot) = surplus.get_mut(letter as usize % 32) {
                *slot += by;
            }
        }
    };
    count(a, 1);
    count(b, -1);
    let only_in_a: i16 = surplus.iter().filter(|it| **it > 0).sum();
    let only_in_b: i16 = surplus.iter().filter(|it| **it < 0).sum();
    usize::from(only_in_a.max(-only_in_b).unsigned_abs())
}

/// An argument that an older provider version had (its history, 1.0.0 to 3.0.6), or that only it can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedArgument {
    /// Its name.
    pub name: &'static str,
    /// The provider version that no longer has it; `None` where it is still there, and the provider alone sets it.
    pub since: Option<&'static str>,
    /// The argument that took its place, if any.
    pub instead: Option<&'static str>,
    /// What to do now, as a sentence.
    pub advice: &'static str,
}

const WORKSPACE: RemovedArgument = RemovedArgument {
    name: "workspace",
    since: Some("2.0"),
    instead: None,
    advice: "Since ZenML 0.80 it belongs to no workspace; remove the argument.",
};

/// Of `zenml_service_connector`.
const CONNECTOR: [RemovedArgument; 4] = [
    RemovedArgument {
        name: "resource_types",
        since: Some("1.1"),
        instead: Some("resource_type"),
        advice: "Name one type as a string in `resource_type`.",
    },
    RemovedArgument {
        name: "secrets",
        since: Some("1.1"),
        instead: Some("configuration"),
        advice: "Put the entries into `configuration`.",
    },
    WORKSPACE,
    RemovedArgument {
        name: "user",
        since: None,
        instead: None,
        advice: "The server takes the user from the credentials; remove the argument.",
    },
];

/// What blocks of a kind once had. `block` is the type of a resource or data source; the provider block has lost nothing.
pub fn removed_arguments(block: &str) -> &'static [RemovedArgument] {
    match block {
        "zenml_service_connector" => &CONNECTOR,
        "zenml_stack_component" | "zenml_stack" => &[WORKSPACE],
        _ => &[],
    }
}

/// The removed argument of that name in blocks of a kind (see [`removed_arguments`]).
pub fn removed(block: &str, name: &str) -> Option<&'static RemovedArgument> {
    removed_arguments(block)
        .iter()
        .find(|removed| removed.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_are_known() {
        for name in [
            "server_url",
            "api_key",
            "api_token",
            "skip_version_check",
            "alias",
        ] {
            assert!(is_known(name), "{name}");
        }
        assert!(!is_known("url"));
        assert!(!is_known("Server_URL"));
    }

    #[test]
    fn meant_arguments() {
        for (name, meant) in [
            ("url", Some("server_url")),
            ("URL", Some("server_url")),
            ("server-url", Some("server_url")),
            ("server_ulr", Some("server_url")),
            ("serverUrl", Some("server_url")),
            ("api_keys", Some("api_key")),
            ("apikey", Some("api_key")),
            ("token", Some("api_token")),
            ("skip_version_checks", Some("skip_version_check")),
            ("skip_check", None),
            ("region", None),
            ("", None),
        ] {
            assert_eq!(meant_argument(name), meant, "{name}");
        }
    }

    #[test]
    fn closest_wants_one_near_candidate() {
        let types = ["aws", "gcp", "azure"];
        assert_eq!(closest("azur", types), Some("azure"));
        assert_eq!(closest("asw", types), Some("aws"));
        assert_eq!(closest("kubernetes", types), None);
        assert_eq!(closest("ab", ["aa", "bb"]), None);
        assert_eq!(closest("aa", ["ab", "ab"]), Some("ab"));
        assert_eq!(closest(&"a".repeat(1_000_000), types), None);
        assert_eq!(closest("aws", [] as [&str; 0]), None);
    }

    #[test]
    fn no_two_names_are_nearer_than_their_letters() {
        let names = [
            "",
            "a",
            "ab",
            "ba",
            "abc",
            "server_url",
            "sever_rul",
            "zénml",
            "ZENML",
        ];
        for a in names {
            for b in names {
                let distance = strsim::damerau_levenshtein(a, b);
                assert!(least_distance(a, b) <= distance, "{a} {b}");
            }
        }
        assert_eq!(least_distance("server_url", "api_key"), 8);
    }

    #[test]
    fn nothing_is_closest_where_the_search_is_too_much_work() {
        let left = std::cell::Cell::new(1_000);
        let spend = |work| {
            left.set(left.get() - i32::try_from(work).unwrap());
            left.get() >= 0
        };
        assert_eq!(closest_within(spend, "azur", ["azure"]), Some("azure"));
        let far = ["kubernetes"; 100];
        assert_eq!(
            closest_within(spend, "azur", far.into_iter().chain(["azure"])),
            None
        );
    }

    #[test]
    fn removed_arguments_by_block() {
        let connector = removed("zenml_service_connector", "resource_types");
        assert_eq!(connector.and_then(|r| r.instead), Some("resource_type"));
        assert!(removed("zenml_stack", "workspace").is_some());
        assert!(removed("zenml_stack", "user").is_none());
        assert!(removed("provider", "workspace").is_none());
    }

    #[test]
    fn sources() {
        for address in [
            "zenml-io/zenml",
            "ZenML-IO/ZenML",
            "registry.acme.com/zenml-io/zenml",
        ] {
            assert!(is_source(address), "{address}");
        }
        for address in [
            "",
            "zenml",
            "zenml/zenml",
            "hashicorp/zenml",
            "/zenml-io/zenml",
            "a/b/zenml-io/zenml",
            "my-zenml-io/zenml",
            "zenml-io/zenml/",
        ] {
            assert!(!is_source(address), "{address}");
        }
    }
}
