//! Layer two of functions, and the bounds on what they make. Layer one is tested against Terraform's own results, in
//! `tests/functions.rs` and `tests/conformance.rs`.

use super::arguments::unknown;
use super::{Body, Failure, Outcome, Patterns, all, find};
use crate::eval::number::Number;
use crate::eval::trace::{Start, Trace};
use crate::eval::types::Type;
use crate::eval::value::{Kind, Value, When};
use crate::source::{FileId, Location, Span};

/// Calls a function whose arguments need no conversion.
fn call(name: &str, arguments: &[Value]) -> Outcome {
    match find(name).unwrap().body {
        Body::Pure(body) => body(arguments, &Type::String),
        Body::Matching(body) => body(&Patterns::default(), arguments, &Type::String),
        Body::Impure | Body::Special(_) => panic!("{name} is not pure"),
    }
}

fn given(name: &str) -> Start {
    Start::Run {
        by: Some(name.into()),
        variable: Location {
            file: FileId(0),
            span: Span::new(0, 1),
        },
    }
}

fn text(text: &str) -> Value {
    Value::string(text).with_trace(Trace::start(given(text)))
}

fn number(text: &str) -> Value {
    Value::new(Kind::Number(Number::parse(text).unwrap()))
}

/// The pieces: text or `?`, each with the names of what it came from.
fn pieces(value: &Value) -> Vec<(String, Vec<String>)> {
    let name = |start: &Start| match start {
        Start::Run { by: Some(by), .. } => by.to_string(),
        other => format!("{other:?}"),
    };
    let pieces = value.pieces().into_iter();
    pieces
        .map(|piece| {
            let ways = piece.trace.ways();
            (
                piece.text.map_or("?".into(), |text| text.to_string()),
                ways.iter().map(|way| name(&way.start)).collect(),
            )
        })
        .collect()
}

fn piece(text: &str, from: &str) -> (String, Vec<String>) {
    let from = (!from.is_empty()).then(|| from.to_owned());
    (text.to_owned(), from.into_iter().collect())
}

fn some_string() -> Value {
    unknown(Type::String).with_trace(Trace::start(given("id")))
}

#[test]
fn the_end_of_a_formatted_string_stays_known() {
    let value = call("format", &[text("%s/"), some_string()]).unwrap();
    assert!(value.is_unknown());
    assert_eq!(pieces(&value), [piece("?", "id"), piece("/", "%s/")]);
    let trimmed = call("trimsuffix", &[value.clone(), text("/")]).unwrap();
    assert_eq!(pieces(&trimmed), [piece("?", "id")]);
    let kept = call("trimsuffix", &[value.clone(), text("x")]).unwrap();
    assert_eq!(pieces(&kept), [piece("?", "id"), piece("/", "%s/")]);
    // Whether `/x/` is there depends on what is unknown.
    let open = call("trimsuffix", &[value.clone(), text("/x/")]).unwrap();
    assert_eq!(pieces(&open), [piece("?", "id"), piece("?", "%s/")]);
    let upper = call(
        "upper",
        &[call("format", &[text("%s/a"), some_string()]).unwrap()],
    );
    assert_eq!(
        pieces(&upper.unwrap()),
        [piece("?", "id"), piece("/A", "%s/a")]
    );
}

#[test]
fn the_start_of_a_partly_known_string_is_trimmed() {
    let value = call("format", &[text("  https://%s"), some_string()]).unwrap();
    let trimmed = call("trimspace", std::slice::from_ref(&value)).unwrap();
    assert_eq!(
        pieces(&trimmed),
        [piece("https://", "  https://%s"), piece("?", "id")]
    );
    let cut = call("trimprefix", &[trimmed, text("https://")]).unwrap();
    assert_eq!(pieces(&cut), [piece("?", "id")]);
    // All of the known start may go, and more.
    let open = call("trim", &[value, text(" https:/")]).unwrap();
    assert_eq!(pieces(&open).last(), Some(&piece("?", "id")));
    assert!(pieces(&open).iter().all(|(text, _)| text == "?"));
}

#[test]
fn joined_and_cut_strings_keep_their_pieces() {
    let list = Value::new(Kind::List(Type::String, vec![text("a"), text("b/")].into()));
    let joined = call("join", &[text("-"), list]).unwrap();
    assert_eq!(joined.as_str(), Some("a-b/"));
    let expected = [piece("a", "a"), piece("-", "-"), piece("b/", "b/")];
    assert_eq!(pieces(&joined), expected);
    let trimmed = call("trimsuffix", &[joined.clone(), text("/")]).unwrap();
    assert_eq!(pieces(&trimmed)[2], piece("b", "b/"));
    let part = call("substr", &[joined.clone(), number("2"), number("-1")]).unwrap();
    assert_eq!(pieces(&part), [piece("b/", "b/")]);
    let same = call("replace", &[joined, text("x"), text("y")]).unwrap();
    assert_eq!(pieces(&same), expected);
}

#[test]
fn what_coalesce_passes_over_or_leaves_is_a_choice() {
    let of = |arguments: &[Value]| {
        let value = call("coalesce", arguments).unwrap();
        let choices = value.choices().iter();
        let choices: Vec<(Option<String>, When)> = choices
            .map(|choice| (choice.value.as_str().map(str::to_owned), choice.when))
            .collect();
        (value.as_str().map(str::to_owned), choices)
    };
    let known = |text: &str, when| (Some(text.to_owned()), when);
    use When::{Possibly, Unused};
    assert_eq!(
        of(&[text(""), text("a"), text("b")]),
        (Some("a".into()), vec![known("b", Unused)])
    );
    assert_eq!(
        of(&[some_string(), text("a"), text("b")]),
        (
            None,
            vec![(None, Possibly), known("a", Possibly), known("b", Unused)]
        )
    );
}

#[test]
fn what_would_be_too_large_is_unknown() {
    let long = text(&"x".repeat(3 << 20));
    let too_large = [
        call("format", &[text("%999999999d"), number("1")]),
        call("format", &[text("%.999999999f"), number("1")]),
        call("format", &[text("%s%s"), long.clone(), long.clone()]),
        call("indent", &[number("9999999999"), text("a\nb")]),
        call("replace", &[long.clone(), text("x"), text("yyyy")]),
        call("replace", &[long.clone(), text("/x/"), text("yyyy")]),
        call("split", &[text(""), long.clone()]),
        call("format", &[text("%f"), number("1e30000000")]),
        call("parseint", &[long, number("10")]),
        call("jsondecode", &[text(&"[".repeat(100_000))]),
        call("yamldecode", &[text(&"- ".repeat(100_000))]),
        call("regex", &[text(&"(".repeat(10_000)), text("a")]),
    ];
    for (index, outcome) in too_large.into_iter().enumerate() {
        let failure = outcome.unwrap_err();
        let is_unknown = matches!(failure, Failure::TooLarge | Failure::Unknown);
        assert!(is_unknown, "{index}: {failure:?}");
    }
    assert!(call("regex", &[text("((a{30}){30}){30}"), text("a")]).is_err());
}

#[test]
fn aliases_of_aliases_do_not_explode() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let before = format!("*a{}", level - 1);
        let list = vec![before; 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    assert_eq!(
        call("yamldecode", &[text(&bomb)]).unwrap_err(),
        Failure::TooLarge
    );
}

#[test]
fn every_function_of_terraform_is_there_under_both_names() {
    let names: Vec<&str> = include_str!("../../../tests/functions/names.txt")
        .lines()
        .collect();
    assert!(names.len() > 110);
    for name in names {
        assert!(find(name).is_some(), "{name}");
        assert!(find(&format!("core::{name}")).is_some(), "{name}");
    }
    assert!(find("provider::a::b").is_some());
    assert!(find("nothing").is_none());
    assert!(all().all(|function| !function.name.is_empty()));
}

#[test]
fn what_reads_files_the_clock_or_randomness_is_not_called() {
    for name in [
        "abspath",
        "bcrypt",
        "file",
        "filebase64",
        "filebase64sha256",
        "filebase64sha512",
        "fileexists",
        "filemd5",
        "fileset",
        "filesha1",
        "filesha256",
        "filesha512",
        "plantimestamp",
        "templatefile",
        "timestamp",
        "uuid",
    ] {
        let body = find(name).map(|function| function.body);
        assert!(matches!(body, Some(Body::Impure)), "{name}");
    }
}
