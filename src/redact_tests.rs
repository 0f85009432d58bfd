#![allow(clippy::string_slice)]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;
use crate::source::SourceFile;
use crate::syntax::parse_native;

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

fn configuration(text: &str) -> Configuration {
    let mut configuration = Configuration::default();
    let file = SourceFile::new("a.tf".into(), "a.tf".into(), text.into(), true);
    configuration.sources.add(file);
    configuration.trees.push(parse_native(text));
    configuration
}

/// Every line of a text, as it is shown by a finding about a part of it.
fn shown(text: &str, about: &str) -> String {
    let configuration = configuration(text);
    let redactor = Redactor::new(&configuration);
    let start = text.find(about).unwrap();
    let about = [Location {
        file: FileId(0),
        span: Span::new(start, start + about.len()),
    }];
    let about = if about[0].span.start == about[0].span.end {
        &[][..]
    } else {
        &about[..]
    };
    let file = configuration.sources.get(FileId(0)).unwrap();
    let lines = 0..file.line_starts().len();
    let lines = lines.map(|line| redactor.line(FileId(0), file.line_span(line), about));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_literal_is_shown_by_permission_alone() {
    for (text, expected) in [
        ("locals {\n  a = \"word\"\n}", "locals {\n  a = \"••••\"\n}"),
        (
            "locals {\n  a = \"x${var.b}y\"\n}",
            "locals {\n  a = \"•${var.b}•\"\n}",
        ),
        (
            "locals {\n  a = { b = \"c\", \"d\" = 1 }\n}",
            "locals {\n  a = { b = \"•\", \"•\" = 1 }\n}",
        ),
        (
            "locals {\n  a = <<-E\n    word\n  E\n}",
            "locals {\n  a = <<-E\n    ••••\n  E\n}",
        ),
        ("# a word\n// b\nlocals {}", "••••••••\n••••\nlocals {}"),
        (
            "locals {\n  a = 1234567890\n  b = 123\n}",
            "locals {\n  a = ••••••••••\n  b = 123\n}",
        ),
        (
            "locals {\n  a = word\n  b = var.word\n}",
            "locals {\n  a = ••••\n  b = var.word\n}",
        ),
        ("locals {\n  a = \"世\"\n}", "locals {\n  a = \"••\"\n}"),
        (
            "resource \"a\" \"b\" {\n  c = \"d\"\n}",
            "resource \"a\" \"b\" {\n  c = \"•\"\n}",
        ),
        (
            "module \"a\" {\n  source = \"./b\"\n  c = \"d\"\n}",
            "module \"a\" {\n  source = \"./b\"\n  c = \"•\"\n}",
        ),
        (
            "variable \"a\" {\n  description = \"word\"\n  type = string\n  default = \"d\"\n}",
            "variable \"a\" {\n  description = \"word\"\n  type = string\n  default = \"•\"\n}",
        ),
    ] {
        assert_eq!(shown(text, ""), expected);
    }
}

#[test]
fn the_schema_permits_what_it_knows() {
    let text = r#"resource "zenml_stack_component" "a" {
  name = "word"
  nmae = "word"
  type = "artifact_store"
  flavor = "s3"
  configuration = { path = "s3://bucket", secret = "word", unknown = "word" }
}
provider "zenml" {
  server_url = "https://me:word@ml.acme.dev/x?sig=word"
  api_key = "word"
  password = "word"
}"#;
    let expected = r#"resource "zenml_stack_component" "a" {
  name = "word"
  nmae = "••••"
  type = "artifact_store"
  flavor = "s3"
  configuration = { path = "s3://bucket", secret = "••••", unknown = "••••" }
}
provider "zenml" {
  server_url = "https://••••••••ml.acme.dev/x•••••••••"
  api_key = "••••"
  password = "••••"
}"#;
    assert_eq!(shown(text, ""), expected);
}

#[test]
fn a_finding_permits_what_it_is_about() {
    let text = "locals {\n  a = \"word\"\n  b = \"word\"\n}";
    assert_eq!(
        shown(text, "word\"\n  b"),
        "locals {\n  a = \"word\"\n  b = \"••••\"\n}"
    );
    let text = "provider \"zenml\" {\n  api_key = \"word\"\n}";
    assert_eq!(
        shown(text, "word"),
        "provider \"zenml\" {\n  api_key = \"••••\"\n}"
    );
}

#[test]
fn a_known_prefix_is_shown() {
    let key = key("a");
    let text = format!("provider \"zenml\" {{\n  api_key = \"{key}\"\n}}");
    let mask = "•".repeat(key.len() - 7);
    let expected = format!("provider \"zenml\" {{\n  api_key = \"ZENKEY_{mask}\"\n}}");
    assert_eq!(shown(&text, ""), expected);
}

#[test]
fn shapes_are_masked_where_nothing_was_understood() {
    let (key, token) = (key("b"), token());
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
            "https://me:${var.password}@host".into(),
            "https://me:${var.password}@host".into(),
        ),
        (
            "keyJsonWebTokenValidationParameters".into(),
            "keyJsonWebTokenValidationParameters".into(),
        ),
    ] {
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
fn masks_are_as_wide() {
    use unicode_width::UnicodeWidthStr;
    for text in ["word", "世界", "üb", "e\u{301}"] {
        let all: Vec<_> = std::iter::once(0..text.len()).collect();
        let masked = mask(text, &all);
        assert_eq!(masked.width(), text.width(), "{text}");
        assert!(masked.chars().all(|c| c == MASK));
    }
}
