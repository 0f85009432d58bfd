#![allow(clippy::string_slice)]

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::source::{SourceFile, Span};
use crate::syntax::parse_native;

/// What may be a secret in the first file, in native syntax.
fn written(text: &str) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add_written(FileId(0), text, &parse_native(text));
    secrets
}

fn key(seed: &str) -> String {
    let body = STANDARD.encode(format!(
        "{{\"id\":\"{seed}\",\"key\":\"{}\"}}",
        seed.repeat(8)
    ));
    format!("ZENKEY_{body}")
}

fn token() -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"HS256","typ":"JWT"}"#),
        part(r#"{"sub":"somebody"}"#),
        part("signature signature signature")
    )
}

fn sources(texts: &[&str]) -> Sources {
    let mut sources = Sources::default();
    for text in texts {
        sources.add(SourceFile::new(
            "a.tf".into(),
            "a.tf".into(),
            (*text).into(),
            true,
        ));
    }
    sources
}

fn place(text: &str, part: &str) -> Location {
    let start = text.find(part).unwrap();
    Location {
        file: FileId(0),
        span: Span::new(start, start + part.len()),
    }
}

fn masked(text: &str, secrets: &[&str]) -> String {
    let sources = sources(&[text]);
    let mut known = Secrets::default();
    for secret in secrets {
        known.add_place(place(text, secret));
    }
    Redactor::new(&sources, &known).masked(FileId(0)).to_owned()
}

#[test]
fn a_literal_keeps_its_quotes_and_blanks_and_at_most_seven_characters() {
    let key = key("a");
    let stars = "*".repeat(key.len() - 7);
    for (text, secret, expected) in [
        (
            format!("k = \"{key}\"\n"),
            format!("\"{key}\""),
            format!("k = \"ZENKEY_{stars}\"\n"),
        ),
        (
            format!("k = \" {key} \""),
            format!("\" {key} \""),
            format!("k = \" ZENKEY_{stars} \""),
        ),
        ("k = \"abc\"".into(), "\"abc\"".into(), "k = \"***\"".into()),
        (
            "k = \"ZENPROKEY_x\"".into(),
            "\"ZENPROKEY_x\"".into(),
            "k = \"ZENPROK****\"".into(),
        ),
        (
            "k = \"a\\u005ab\"".into(),
            "\"a\\u005ab\"".into(),
            "k = \"********\"".into(),
        ),
        (
            "k = \"x-${var.a}-yz\"".into(),
            "-yz".into(),
            "k = \"x-${var.a}***\"".into(),
        ),
        (
            "k = \"aüb世c\"".into(),
            "\"aüb世c\"".into(),
            "k = \"*·*＊*\"".into(),
        ),
        ("k = \"\"".into(), "\"\"".into(), "k = \"\"".into()),
    ] {
        assert_eq!(masked(&text, &[&secret]), expected);
    }
}

#[test]
fn a_heredoc_keeps_its_markers() {
    let text = "k = <<-EOT\r\n  first line of it\r\n  x\r\n  EOT\nz = 1";
    let literal = &text[4..text.find("\nz").unwrap()];
    assert_eq!(
        masked(text, &[literal]),
        "k = <<-EOT\r\n  ****************\r\n***\r\n  EOT\nz = 1"
    );
}

#[test]
fn shapes_are_masked_where_nothing_was_understood() {
    let (key, token) = (key("b"), token());
    let redactor_sources = sources(&[]);
    let redactor = Redactor::new(&redactor_sources, &Secrets::default());
    for (text, expected) in [
        (
            format!("}} broken {key} text"),
            "} broken ZENKEY_… text".to_owned(),
        ),
        (format!("ZENPRO{}", &key[3..]), "ZENPROK…".into()),
        (format!("t={token};"), "t=eyJ…;".into()),
        (token[..40].to_owned(), "eyJ…".into()),
        (
            "see https://me:hunter2@host/x".into(),
            "see https://me:…@host/x".into(),
        ),
        (
            "git::https://me:a@b@host/x".into(),
            "git::https://me:…@host/x".into(),
        ),
        (
            format!("https://{}@host", "t".repeat(20)),
            "https://…@host".into(),
        ),
        (
            "https://me:${var.password}@host".into(),
            "https://me:${var.password}@host".into(),
        ),
        (
            "ssh://git@host:22/a@b".into(),
            "ssh://git@host:22/a@b".into(),
        ),
        (
            "keyJsonWebTokenValidationParameters".into(),
            "keyJsonWebTokenValidationParameters".into(),
        ),
        (
            "ZENKEY_… and ZENKEY_<...>".into(),
            "ZENKEY_… and ZENKEY_<...>".into(),
        ),
    ] {
        assert_eq!(redactor.text(&text), expected, "{text}");
        assert_eq!(by_shape(&text), expected, "{text}");
    }
}

#[test]
fn every_shape_is_a_valid_pattern() {
    for shape in &SHAPES {
        assert!(shape.expression.is_some(), "{:?}", shape.words);
    }
}

#[test]
fn a_secret_is_masked_wherever_its_wording_stands() {
    let text = "a = \"hunter2\"\n# hunter2 was here: xhunter2y\n";
    assert_eq!(
        masked(text, &["\"hunter2\""]),
        "a = \"*******\"\n# ******* was here: x*******y\n"
    );
}

#[test]
fn overlapping_and_nested_wordings_are_masked_whole() {
    let sources = sources(&["xxabcdefghijkl abcdef bcdefg"]);
    let mut secrets = Secrets::default();
    for text in ["xxabcdef", "abcdefghijkl", "abcdef", "bcdefg"] {
        secrets.add_text(text);
    }
    let redactor = Redactor::new(&sources, &secrets);
    assert_eq!(redactor.masked(FileId(0)), "************** ****** ******");
    assert_eq!(redactor.text("say xxabcdefghijkl!"), "say …!");
}

#[test]
fn words_of_messages_are_masked_at_their_own_place_only() {
    assert_eq!(
        masked("api_key = \"api_key\"", &["\"api_key\""]),
        "api_key = \"*******\""
    );
}

#[test]
fn lines_of_a_long_secret_are_found_in_another_file() {
    let lines = ["a very secret first line", "and a second one of it"];
    let sources = sources(&["", "# a very secret first line"]);
    let mut secrets = Secrets::default();
    secrets.add_text(&lines.join("\n"));
    let redactor = Redactor::new(&sources, &secrets);
    assert_eq!(redactor.masked(FileId(1)), "# ************************");
    assert_eq!(redactor.masked(FileId(7)), "");
}

#[test]
fn shorten_quotes_a_known_prefix_only() {
    assert_eq!(shorten(&key("c")), "ZENKEY_…");
    assert_eq!(shorten(" ZENPROKEY_abc"), "ZENPROK…");
    assert_eq!(shorten(&token()), "eyJ…");
    assert_eq!(shorten("hunter2"), "…");
    assert_eq!(shorten(""), "…");
}

#[test]
fn a_path_keeps_short_words() {
    let sources = sources(&[]);
    let mut secrets = Secrets::default();
    secrets.add_text("production");
    secrets.add_text("a longer secret");
    let redactor = Redactor::new(&sources, &secrets);
    let path = format!("production/a longer secret/{}.tf", key("d"));
    assert_eq!(redactor.path(&path), "production/…/ZENKEY_….tf");
    assert_eq!(redactor.text("production"), "…");
}

#[test]
fn debug_output_says_nothing() {
    let mut secrets = Secrets::default();
    secrets.add_text("hunter2");
    assert_eq!(format!("{secrets:?}"), "Secrets(0 places, 1 texts)");
}

#[test]
fn masks_are_as_long_and_as_wide() {
    for c in ('\0'..='\u{10ffff}').filter(|c| !c.is_control()) {
        let mask = mask_of(c);
        assert_eq!(mask.len_utf8(), c.len_utf8(), "{c:?}");
        // No character of those lengths is wider.
        assert_eq!(mask.width(), c.width().map(|width| width.min(2)), "{c:?}");
    }
}

#[test]
fn a_large_file_with_many_secrets_takes_linear_time() {
    let mut text = String::new();
    let mut secrets = Secrets::default();
    for index in 0..2_000 {
        let secret = format!("{}secret-{index}", "a".repeat(index % 50));
        let _ = writeln!(text, "k = \"{secret}\" # {}", "a".repeat(200));
        secrets.add_text(&secret);
    }
    secrets.add_text(&"a".repeat(100));
    let sources = sources(&[&text]);
    let redactor = Redactor::new(&sources, &secrets);
    assert!(!redactor.masked(FileId(0)).contains("secret"));
}

/// Whether 12 characters in a row of the secret (the whole, where it is shorter) stand in the text.
fn leaks(text: &str, secret: &str) -> bool {
    let characters: Vec<char> = secret.chars().collect();
    let length = characters.len().min(12);
    characters
        .windows(length)
        .any(|window| text.contains(&window.iter().collect::<String>()))
}

proptest! {
    #[test]
    fn no_planted_secret_survives(
        secret in "[A-Za-z0-9+/ü世🔑_-]{6,60}",
        before in "[ -~\n\u{e9}世]{0,40}",
        between in "[ -~\n]{0,40}",
        prefix in prop::sample::select(vec!["", "ZENKEY_", "ZENPROKEY_", "eyJ"]),
    ) {
        prop_assume!(!VOCABULARY.contains(&secret.as_str()));
        let secret = format!("{prefix}{secret}");
        let head = format!("{before}\nk = ");
        let text = format!("{head}\"{secret}\"{between}{secret}");
        let sources = sources(&[&text]);
        let mut secrets = Secrets::default();
        secrets.add_place(Location {
            file: FileId(0),
            span: Span::new(head.len(), head.len() + secret.len() + 2),
        });
        let redactor = Redactor::new(&sources, &secrets);
        let masked = redactor.masked(FileId(0));
        prop_assert_eq!(masked.len(), text.len());
        prop_assert_eq!(masked.width(), text.width());
        let boundaries = |text: &str| text.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
        prop_assert_eq!(boundaries(masked), boundaries(&text));
        prop_assert!(!leaks(masked, &secret));
        prop_assert!(!leaks(&redactor.text(&text), &secret));
    }

    #[test]
    fn any_places_in_any_text_are_survived(
        text in "\\PC{0,60}",
        spans in prop::collection::vec((0usize..80, 0usize..80), 0..5),
    ) {
        let sources = sources(&[&text]);
        let mut secrets = Secrets::default();
        for (start, end) in spans {
            secrets.add_place(Location { file: FileId(0), span: Span::new(start, end) });
        }
        prop_assert_eq!(Redactor::new(&sources, &secrets).masked(FileId(0)).len(), text.len());
    }
}

#[test]
fn in_a_text_that_does_not_parse_every_value_may_be_a_secret() {
    let secret = "sup3r-s3cret";
    for text in [
        "aws_secret_access_key = \"{}\"\nregion = eu-west-1a\"",
        "api_key = '{}'",
        "api_key: \"{}\"",
        "api_key = {}",
        "api_key = \"{}",
        "{\"key\":\"{}\"\n \"b\":1}",
        "values = {\n  b \"{}\"\n}",
        "values = {\n  anything = \"{}\"\n  b = @\n}",
        "api_key = <<EOT\n{}\nEOT\n)",
        "api_key = <<EOT\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\né{}\r\nEOT\r\n)",
        "x = [\"a\", \"{}\"",
    ] {
        let text = text.replace("{}", secret);
        let sources = sources(&[&text]);
        let secrets = written(&text);
        let redactor = Redactor::new(&sources, &secrets);
        assert!(
            !redactor.masked(FileId(0)).contains("s3cret"),
            "{}",
            redactor.masked(FileId(0))
        );
        assert!(
            !redactor
                .lines(FileId(0), &format!("+{text}"))
                .contains("s3cret")
        );
        assert_eq!(
            redactor.text(secret),
            secret,
            "elsewhere nothing is guessed"
        );
    }
}

#[test]
fn labels_names_and_references_are_no_secrets() {
    let text = "resource \"zenml_secret\" \"database\" {\n  name = \"database-of-all\"\n  api_key = var.the_key\n  values = {";
    let secrets = written(text);
    let sources = sources(&[text]);
    assert_eq!(Redactor::new(&sources, &secrets).masked(FileId(0)), text);
}

#[test]
fn a_word_without_quotes_is_a_secret_where_its_name_says_so() {
    for (text, is_secret) in [
        ("api_key = abcdefghijABCDEFG", true),
        ("values = { \"password\" = abcdefghijABCDEFG }", true),
        ("flavor = abcdefghijABCDEFG", false),
        ("flavor = abcdefghij1ABCDEFG", true),
        ("api_key = key", false),
        ("api_key = var.abcdefghijABCDEFG", false),
        (
            "x = [for connectorName, c in var.c : { key = connectorName }]",
            false,
        ),
    ] {
        let sources = sources(&[text]);
        let redactor = Redactor::new(&sources, &written(text));
        assert_eq!(redactor.masked(FileId(0)) != text, is_secret, "{text}");
    }
}

#[test]
fn a_word_without_quotes_is_masked_in_the_comments_of_its_file_too() {
    let secret = "aa!__!AaaA-a-A+A";
    for text in [
        format!("# zenml-tflint-ignore-file: {secret}\napi_key = {secret}\n"),
        format!("a = 1 # {secret}.\napi_key = {secret}\nnote = [\n  @ {secret}\n]\n"),
        String::from("# abcdefghijABCDEFG\napi_key = abcdefghijABCDEFG\n"),
        String::from("# pw=abcdefghijABCDEFG\napi_key = abcdefghijABCDEFG-1\n"),
    ] {
        let elsewhere = format!("x = \"{secret}\"");
        let sources = sources(&[&text, &elsewhere]);
        let redactor = Redactor::new(&sources, &written(&text));
        let masked = redactor.masked(FileId(0));
        let comment = masked.lines().find(|line| line.contains('#')).unwrap();
        assert!(
            !comment.contains("AaaA") && !comment.contains("ABC"),
            "{masked}"
        );
        assert_eq!(redactor.masked(FileId(1)), elsewhere);
        assert_eq!(redactor.text(secret), secret);
        let comment = text.lines().find(|line| line.contains('#')).unwrap();
        let shown = redactor.lines(FileId(0), comment);
        assert!(!shown.contains("AaaA") && !shown.contains("ABC"), "{shown}");
    }
}

#[test]
fn a_secret_in_a_comment_is_one() {
    for comment in [
        "# api_key = \"sup3r-s3cret\"",
        "// old password: sup3r-s3cret",
        "/* \"token\": 'sup3r-s3cret' */",
    ] {
        let secrets = written(comment);
        let sources = sources(&[comment]);
        let redactor = Redactor::new(&sources, &secrets);
        assert!(!redactor.masked(FileId(0)).contains("s3cret"), "{comment}");
    }
    let comment = "# The key: see the wiki, or `api_key = var.key`.";
    let secrets = written(comment);
    let sources = sources(&[comment]);
    let redactor = Redactor::new(&sources, &secrets);
    assert_eq!(redactor.masked(FileId(0)), comment);
}

#[test]
fn a_secret_in_the_query_of_a_url_is_one() {
    let masked = masked(
        "url = \"https://h.acme.com/x?region=eu&token=sup3r-s3cret\"",
        &[],
    );
    assert_eq!(
        masked,
        "url = \"https://h.acme.com/x?region=eu&token=************\""
    );
}
