#![allow(
    clippy::string_slice,
    reason = "the texts of these tests are cut at known places"
)]

use super::*;

/// Each problem as a word and the text that its range covers.
fn report(text: &str) -> Vec<(String, &str)> {
    problems(text)
        .into_iter()
        .map(|problem| (name(&problem.kind), &text[problem.range]))
        .collect()
}

fn name(kind: &UrlProblemKind) -> String {
    match kind {
        UrlProblemKind::Invalid(why) => format!("{why:?}"),
        UrlProblemKind::ProHost(host) => format!("{host:?}"),
        other => format!("{other:?}"),
    }
}

/// The text after every mend of its first problem.
fn mended(text: &str) -> String {
    let mut edits = problems(text).remove(0).mend;
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    edits
        .into_iter()
        .fold(text.to_owned(), |mut text, (range, with)| {
            text.replace_range(range, with);
            text
        })
}

fn names(pieces: &[Option<&str>]) -> Vec<String> {
    problems_of_pieces(pieces)
        .iter()
        .map(|problem| name(&problem.kind))
        .collect()
}

#[test]
fn good_urls() {
    for url in [
        "",
        "https://zenml.acme.com",
        "HTTPS://ZenML.acme.com:8443",
        "https://zenml.acme.com/zenml",
        "https://zenml.acme.com/tools/api-gateway/zenml",
        "https://gateway.acme.com/api/zenml",
        "https://gateway.acme.com/team/projects/zenml",
        "https://zenml.acme.com/a%20b",
        "https://zenml.acme.com:/base",
        "https://zenml.acme.com.",
        "https://1bfe8d94-zenml.cloudinfra.zenml.io",
        "https://api.acme.com",
        "https://login.acme.com",
        "https://zenml_server.acme.com",
        "https://bücher.example.org",
        "https://[2001:db8::1]:8443",
        "https://[fe80::1%25eth0]",
        "https://zenml.acme.com\u{200b}",
        "http://localhost:8080",
        "http://127.0.0.1:8237",
        "http://[::1]:8080",
        "http://zenml",
        "http://https:8080/base",
        "http://https/base",
        "http://zenml.ml.svc.cluster.local:80/zenml",
    ] {
        assert_eq!(report(url), [], "{url}");
    }
}

#[test]
fn invalid_urls() {
    for (url, why, at) in [
        ("  ", "OnlyBlanks", "  "),
        (" https://a.com", "BlanksAround", " "),
        ("https://a.com\n", "BlanksAround", "\n"),
        ("\u{feff}https://a.com", "BlanksAround", "\u{feff}"),
        ("https://a.com/a b", "BlankInside", " "),
        ("https://a.com/a\u{7}b", "BlankInside", "\u{7}"),
        ("zenml.acme.com", "MissingScheme", ""),
        ("localhost:8080", "MissingScheme", ""),
        ("10.0.0.1:8080/zenml", "MissingScheme", ""),
        ("//zenml.acme.com", "MissingScheme", ""),
        ("/zenml", "MissingScheme", ""),
        ("https", "MissingScheme", ""),
        ("ftp://a.com", "OtherScheme(\"ftp\")", "ftp"),
        ("Htps://a.com", "OtherScheme(\"htps\")", "Htps"),
        ("https:a.com", "MissingSlashes", "https:"),
        ("https:/a.com", "MissingSlashes", "https:/"),
        ("https:", "MissingSlashes", "https:"),
        ("https:\\\\a.com", "MissingSlashes", "https:\\\\"),
        ("https//a.com", "MissingColon", "https//"),
        ("HTTP//a.com", "MissingColon", "HTTP//"),
        ("https/a.com", "MissingColon", "https/"),
        ("https;//a.com", "MissingColon", "https;//"),
        ("https://https://a.com", "SecondScheme", "https"),
        ("https://https//a.com", "SecondScheme", "https"),
        ("https://HTTP:/a.com", "SecondScheme", "HTTP"),
        ("http://https:\\\\a.com", "SecondScheme", "https"),
        ("https://htps://a.com", "SecondScheme", "htps"),
        ("https://ftp://a.com", "SecondScheme", "ftp"),
        ("https://", "MissingHost", ""),
        ("https:///zenml", "MissingHost", ""),
        ("https://:8080", "MissingHost", ""),
        ("https://a\\b.com", "BadHost", "a\\b.com"),
        ("https://a..com", "BadHost", "a..com"),
        ("https://.a.com", "BadHost", ".a.com"),
        ("https://[::g]", "BadHost", "[::g]"),
        ("https://[fe80::1%eth0]", "BadHost", "[fe80::1%eth0]"),
        ("https://a.com%20", "BadHost", "a.com%20"),
        ("https://::1", "BadHost", ":"),
        ("https://${host}", "BadHost", "${host}"),
        ("https://a.com:http", "BadPort", "http"),
        ("https://a.com:0", "BadPort", "0"),
        ("https://a.com:65536", "BadPort", "65536"),
        ("https://a.com:80 80", "BlankInside", " "),
        ("https://me:pw@a.com", "UserInfo", "me:pw@"),
        ("https://a.com?x=/", "Query", "?x=/"),
        ("https://a.com/?", "Query", "?"),
        ("https://a.com/#/login", "Fragment", "#/login"),
        ("https://a.com/a%2", "BadEscape", "%"),
        ("https://a.com/100%/b", "BadEscape", "%"),
    ] {
        assert_eq!(report(url).first(), Some(&(why.to_owned(), at)), "{url:?}");
    }
}

#[test]
fn mends_of_invalid_urls() {
    for (url, good) in [
        (" https://a.com\r\n", "https://a.com"),
        ("a.com:8080/zenml", "https://a.com:8080/zenml"),
        ("//a.com", "https://a.com"),
        ("not a url", "not a url"),
        ("/zenml", "/zenml"),
        ("a.com:port", "a.com:port"),
        ("https//a.com", "https://a.com"),
        ("http//a.com:8080/zenml", "http://a.com:8080/zenml"),
        ("https/a.com", "https://a.com"),
        ("https:/a.com", "https://a.com"),
        ("https:a.com", "https://a.com"),
        ("https:\\\\a.com", "https://a.com"),
        ("https;//a.com", "https://a.com"),
        ("https//", "https//"),
        ("https:me@a.com", "https:me@a.com"),
        ("https//http://a.com", "https//http://a.com"),
        ("htps://a.com", "https://a.com"),
        ("HTTSP://a.com", "https://a.com"),
        ("htp://a.com", "http://a.com"),
        ("https://https://a.com", "https://a.com"),
        ("https://https//a.com", "https://a.com"),
        ("https://http://a.com", "https://a.com"),
        ("http://https://a.com", "https://a.com"),
        ("http://http://a.com", "http://a.com"),
        ("http://https:\\\\a.com", "http://a.com"),
        ("https://https://", "https://https://"),
        ("https://localhost://a.com", "https://localhost://a.com"),
        ("https", "https"),
        ("https:8080", "https:8080"),
        ("ftp://a.com", "ftp://a.com"),
        ("  ", "  "),
    ] {
        assert_eq!(mended(url), good);
    }
}

#[test]
fn trailing_slashes() {
    for (url, slashes, good) in [
        ("https://a.com/", 1, "https://a.com"),
        ("https://a.com///", 3, "https://a.com"),
        ("https://a.com/zenml/", 1, "https://a.com/zenml"),
        ("http://localhost:8080/", 1, "http://localhost:8080"),
    ] {
        let kind = format!("TrailingSlash({slashes})");
        assert_eq!(report(url), [(kind, &url[url.len() - slashes..])]);
        assert_eq!(mended(url), good);
    }
}

#[test]
fn own_paths() {
    for (url, good) in [
        ("https://a.com/api", "https://a.com"),
        ("https://a.com/api/v1", "https://a.com"),
        ("https://a.com/zenml/api/v1/info", "https://a.com/zenml"),
        ("https://a.com/tools//api/v1", "https://a.com/tools"),
        ("https://a.com/workspaces/default", "https://a.com"),
        ("https://a.com/ml/workspaces/default", "https://a.com/ml"),
        ("https://a.com/organizations/1", "https://a.com"),
        ("https://a.com/projects/default/runs", "https://a.com"),
        (
            "https://a.com/zenml/projects/default",
            "https://a.com/zenml",
        ),
        ("https://a.com/LOGIN", "https://a.com"),
        ("https://a.com/team/login", "https://a.com/team"),
        ("https://a.com/docs", "https://a.com"),
        ("https://a.com/health", "https://a.com"),
        ("https://a.com/settings/connectors", "https://a.com"),
    ] {
        assert_eq!(report(url), [("OwnPath".to_owned(), &url[good.len()..])]);
        assert_eq!(mended(url), good);
    }
}

#[test]
fn pro_hosts() {
    for (url, what) in [
        ("https://cloud.zenml.io", "Dashboard"),
        ("https://Cloud.zenml.io:443/zenml", "Dashboard"),
        ("https://cloudapi.zenml.io", "ControlPlane"),
    ] {
        assert_eq!(report(url)[0].0, what, "{url}");
    }
    let with_path = report("https://cloud.zenml.io/workspaces/a/");
    let kinds: Vec<&str> = with_path.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["Dashboard", "OwnPath", "TrailingSlash(1)"]);
}

#[test]
fn insecure_urls() {
    assert_eq!(
        report("http://zenml.acme.com:80"),
        [("Insecure".to_owned(), "http")]
    );
    assert_eq!(mended("HTTP://a.com"), "https://a.com");
    assert_eq!(report("http://10.0.0.1"), []);
}

#[test]
fn partly_known_urls() {
    let unknown = None;
    let cases: [(&[Option<&str>], &[&str]); 31] = [
        (&[unknown], &[]),
        (&[Some("http://"), unknown], &[]),
        (&[Some("https"), unknown], &[]),
        (&[unknown, Some("://zenml.acme.com")], &[]),
        (&[Some("https://"), unknown, Some(".acme.com")], &[]),
        (&[Some("https://cloud.zenml.io"), unknown], &[]),
        (&[Some("https://a.com/api"), unknown], &[]),
        (&[Some("https://a.com/api/"), unknown], &[]),
        (&[unknown, Some("api/v1")], &[]),
        (&[Some("https://a.com/"), unknown], &[]),
        (&[Some("https://a.com:"), unknown], &[]),
        (
            &[Some("http://me:"), unknown, Some("@a.com")],
            &["UserInfo"],
        ),
        (&[Some("http://a.com:"), unknown], &["Insecure"]),
        (&[Some("http://zenml:"), unknown], &[]),
        (&[Some("ftp://"), unknown], &["OtherScheme(\"ftp\")"]),
        (&[Some("zenml."), unknown], &["MissingScheme"]),
        (&[Some("https:/a"), unknown], &["MissingSlashes"]),
        (&[Some("https//"), unknown], &["MissingColon"]),
        (&[Some(" "), unknown], &["BlanksAround"]),
        (&[unknown, Some("\n")], &["BlanksAround"]),
        (&[unknown, Some(" "), unknown], &["BlankInside"]),
        (&[unknown, Some("/")], &["TrailingSlash(1)"]),
        (
            &[Some("https://"), unknown, Some("//")],
            &["TrailingSlash(2)"],
        ),
        (&[Some("https://cloud.zenml.io/"), unknown], &["Dashboard"]),
        (&[unknown, Some("://cloud.zenml.io")], &["Dashboard"]),
        (&[unknown, Some("/api/v1")], &["OwnPath"]),
        (&[unknown, Some("/workspaces/"), unknown], &["OwnPath"]),
        (&[unknown, Some("/login")], &["OwnPath"]),
        (&[unknown, Some("/projects/default")], &[]),
        (
            &[Some("https://"), unknown, Some("/projects/default")],
            &["OwnPath"],
        ),
        (&[unknown, Some("?x=1")], &["Query"]),
    ];
    for (pieces, kinds) in cases {
        assert_eq!(names(pieces), kinds, "{pieces:?}");
    }
}

#[test]
fn ranges_count_known_pieces_only() {
    let found = problems_of_pieces(&[Some("https://"), None, Some("/zenml/"), None, Some("/x//")]);
    assert_eq!(found[0].range, 17..19);
    assert_eq!(found[0].mend, [(17..19, "")]);
    let cut = problems_of_pieces(&[None, Some("/zenml/api/v1")]).remove(0);
    assert_eq!((cut.range, cut.mend.len()), (6..13, 1));
    let no_colon = problems_of_pieces(&[Some("https//"), None]).remove(0);
    assert_eq!(no_colon.mend, [(5..7, "://")]);
    let one_slash = problems_of_pieces(&[Some("https/"), None]).remove(0);
    assert_eq!(one_slash.mend, []);
    let unknown_end = problems_of_pieces(&[None, Some("/workspaces/"), None]).remove(0);
    assert_eq!(unknown_end.mend, []);
}

#[test]
fn long_texts_end_soon() {
    for text in [
        "/a".repeat(200_000),
        "%".repeat(200_000),
        "@:".repeat(200_000),
    ] {
        let _ = problems(&format!("https://a.com/{text}"));
        let _ = problems(&text);
        let _ = problems_of_pieces(&[None, Some(&text), None]);
    }
}

/// What is said of a partly known URL must hold for the whole one, whatever fills the gap; only that it is invalid
/// may hide it.
#[test]
fn nothing_is_said_that_the_unknown_could_refute() {
    let parts = [
        "",
        "https://",
        "http://",
        "://",
        "ftp://",
        "a.com",
        ".a.com",
        "cloud.zenml.io",
        ":",
        ":80",
        ":x",
        "/",
        "/api",
        "/api/",
        "/api/v1",
        "/zenml",
        "/login",
        "/login/x",
        "/team/",
        "/runs/x",
        "s",
        "%2",
        " ",
        "?x",
        "#y",
        "[::1]",
    ];
    let fills = [
        "",
        "a",
        "s",
        "zenml",
        "8080",
        "https",
        "b.com",
        "https://b.com",
        "https://b.com/team",
        "1",
        "b.com/zenml",
        "v1",
        "/x",
    ];
    let starts = ["", "https://", "http://", "ftp://"]
        .map(|scheme| parts.map(|part| [scheme, part].concat()));
    for before in starts.into_iter().flatten() {
        for after in parts {
            let said = names(&[Some(&before), None, Some(after)]);
            for fill in fills {
                let text = [&before, fill, after].concat();
                // Nobody gives a whole URL where a scheme stands already, or a path where the host stands.
                let is_host = before.ends_with("://") && !before.starts_with(':');
                if text.matches("://").count() > 1 || (is_host && fill.contains('/')) {
                    continue;
                }
                if said.is_empty() {
                    continue;
                }
                let whole = problems(&text);
                let is_invalid = whole
                    .iter()
                    .any(|p| matches!(p.kind, UrlProblemKind::Invalid(_)));
                for problem in &said {
                    assert!(
                        is_invalid || whole.iter().any(|p| name(&p.kind) == *problem),
                        "{problem} of {before:?} + {fill:?} + {after:?}: {whole:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn passwords_are_found_in_known_and_in_partly_known_urls() {
    let found = |pieces: &[Option<&str>]| {
        let known: String = pieces.iter().flatten().copied().collect();
        password(pieces).map(|range| known[range].to_owned())
    };
    for (url, password) in [
        ("https://user:secret@host/a:b@c", Some("secret")),
        ("https://token@host", Some("token")),
        ("https://user:@host", None),
        ("https://host:80/a:b@c", None),
        ("", None),
    ] {
        assert_eq!(found(&[Some(url)]).as_deref(), password, "{url}");
    }
    let pieces = [
        Some("https://"),
        None,
        Some(":"),
        Some("secret"),
        Some("@"),
        None,
    ];
    assert_eq!(found(&pieces).as_deref(), Some("secret"));
}
