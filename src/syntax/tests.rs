use proptest::prelude::*;

use super::*;
use crate::source::Span;

/// A body in short: names, blocks, and the shapes of values.
fn outline(tree: &Tree, body: &Body) -> String {
    let mut items: Vec<(u32, String)> = tree
        .attributes_of(body)
        .iter()
        .map(|a| {
            (
                a.span.start,
                format!("{}={}", tree.text(a.name), shape(tree, a.expr)),
            )
        })
        .collect();
    items.extend(tree.blocks_of(body).iter().map(|b| {
        let labels: Vec<_> = b
            .labels
            .iter()
            .map(|l| format!(" {}", tree.text(l.text)))
            .collect();
        let inside = outline(tree, tree.body(b.body));
        let text = format!("{}{} {{{inside}}}", tree.text(b.keyword), labels.concat());
        (b.span.start, text)
    }));
    items.sort();
    let items: Vec<_> = items.into_iter().map(|item| item.1).collect();
    items.join("; ")
}

/// An expression with every parenthesis that precedence leaves out.
fn shape(tree: &Tree, id: ExprId) -> String {
    let list = |ids: &[ExprId]| {
        let shapes: Vec<_> = ids.iter().map(|id| shape(tree, *id)).collect();
        shapes.join(", ")
    };
    match &tree.expr(id).kind {
        ExprKind::Invalid => "!!".into(),
        ExprKind::Null => "null".into(),
        ExprKind::Bool(b) => b.to_string(),
        ExprKind::Number(text) | ExprKind::Root(text) => tree.text(*text).to_owned(),
        ExprKind::SplatItem => "@".into(),
        ExprKind::Template(t) => format!("{:?}", parts(tree, &t.parts)).replace("\\\"", "'"),
        ExprKind::GetAttr { object, name, .. } => {
            format!("{}.{}", shape(tree, *object), tree.text(*name))
        }
        ExprKind::Index { object, key } => {
            format!("{}[{}]", shape(tree, *object), shape(tree, *key))
        }
        ExprKind::Splat { object, item } => {
            format!("splat({}, {})", shape(tree, *object), shape(tree, *item))
        }
        ExprKind::Call {
            name,
            arguments,
            expand,
            ..
        } => format!(
            "{}({}{})",
            tree.text(*name),
            list(arguments),
            if *expand { "..." } else { "" }
        ),
        ExprKind::Conditional {
            condition,
            if_true,
            if_false,
        } => format!(
            "({} ? {} : {})",
            shape(tree, *condition),
            shape(tree, *if_true),
            shape(tree, *if_false)
        ),
        ExprKind::Unary { operator, operand } => {
            format!("({operator:?} {})", shape(tree, *operand))
        }
        ExprKind::Binary {
            operator,
            left,
            right,
        } => format!(
            "({} {operator:?} {})",
            shape(tree, *left),
            shape(tree, *right)
        ),
        ExprKind::Parens(inner) => format!("paren {}", shape(tree, *inner)),
        ExprKind::Tuple(ids) => format!("[{}]", list(ids)),
        ExprKind::Object(items) => {
            let items: Vec<_> = items
                .iter()
                .map(|i| format!("{}: {}", shape(tree, i.key), shape(tree, i.value)))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        ExprKind::For(f) => format!(
            "for({:?} {} in {}: {:?} => {} if {:?} group {})",
            tree.for_names(f.names).0,
            tree.for_names(f.names).1,
            shape(tree, f.collection),
            f.result_key.map(|id| shape(tree, id)),
            shape(tree, f.result),
            f.condition.map(|id| shape(tree, id)),
            f.group
        ),
    }
}

fn parts(tree: &Tree, parts: &[TemplatePart]) -> String {
    let shapes = parts.iter().map(|part| match part {
        TemplatePart::Literal { text, .. } => tree.text(*text).to_owned(),
        TemplatePart::Interpolation(id) => format!("${{{}}}", shape(tree, *id)),
        TemplatePart::If(directive) => format!(
            "%if {}<{}|{}>",
            shape(tree, directive.condition),
            self::parts(tree, &directive.if_true),
            self::parts(tree, &directive.if_false)
        ),
        TemplatePart::For(directive) => format!(
            "%for {:?} {} {}<{}>",
            tree.for_names(directive.names).0,
            tree.for_names(directive.names).1,
            shape(tree, directive.collection),
            self::parts(tree, &directive.body)
        ),
    });
    shapes.collect()
}

fn expression(text: &str) -> String {
    let (tree, root) = parse_expression(text);
    match tree.errors.first() {
        Some(error) => format!("{}: {}", error.span.start, error.message),
        None => shape(&tree, root),
    }
}

fn file(text: &str) -> (String, Vec<(usize, String)>) {
    let tree = parse_native(text);
    let line = |at: u32| text.get(..at as usize).unwrap().matches('\n').count() + 1;
    let errors = tree.errors.iter();
    let errors = errors.map(|e| (line(e.span.start), e.message.to_string()));
    (outline(&tree, tree.root()), errors.collect())
}

#[test]
fn expressions_have_the_shape_that_terraform_gives_them() {
    for (text, expected) in [
        ("1", "1"),
        ("1.5e-3", "1.5e-3"),
        ("a-b", "a-b"),
        ("a - b", "(a Subtract b)"),
        ("a+b*c", "(a Add (b Multiply c))"),
        ("a*b+c", "((a Multiply b) Add c)"),
        ("a-1-2", "a-1-2"),
        ("a - 1 - 2", "((a Subtract 1) Subtract 2)"),
        ("!a.b == -1", "((Not a.b) Equal (Negate 1))"),
        (
            "a || b && c == d < e",
            "(a Or (b And (c Equal (d Less e))))",
        ),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a ? b ? 1 : 2 : 3", "(a ? (b ? 1 : 2) : 3)"),
        ("(a\n+\nb)", "paren (a Add b)"),
        ("a.b.c", "a.b.c"),
        ("a.0.b", "a[0].b"),
        ("a[0][\"k\"].b", "a[0][\"k\"].b"),
        ("a.*.b.0.c[1]", "splat(a, @.b[0].c)[1]"),
        ("a[*].b[0].c", "splat(a, @.b[0].c)"),
        ("a[*].b[*].c", "splat(a, splat(@.b, @.c))"),
        ("f()", "f()"),
        ("f(a, b...)", "f(a, b...)"),
        ("f(a,\n b,\n)", "f(a, b)"),
        ("provider::zenml::f(1)[0]", "provider::zenml::f(1)[0]"),
        ("[1, 2,\n]", "[1, 2]"),
        (
            "{ a = 1, \"b\" : 2\n (c) = 3 \n\n 4 = 5, a.b = 6, }",
            "{\"a\": 1, \"b\": 2, paren c: 3, 4: 5, a.b: 6}",
        ),
        ("{ null = 1, true = 2 }", "{\"null\": 1, \"true\": 2}"),
        (
            "[for v in a : v if v]",
            "for(None v in a: None => v if Some(\"v\") group false)",
        ),
        (
            "{\n for\n k,\nv in a\n: k\n=> v\n... \n}",
            "for(Some(\"k\") v in a: Some(\"k\") => v if None group true)",
        ),
        ("\"a${b}c\"", "\"a${b}c\""),
        (
            "\"$${a} %%{b} $$ 5% \\u00e9\\n\\\"\"",
            "\"${a} %{b} $$ 5% é\\n'\"",
        ),
        ("\"${ \"${a}\" }\"", "\"${'${a}'}\""),
        ("\"  ${~ a ~}  b\"", "\"${a}b\""),
        ("\"%{ if a }x%{ else }y%{ endif }\"", "\"%if a<x|y>\""),
        (
            "\"%{ for k, v in m }${v}%{ endfor }\"",
            "\"%for Some('k') v m<${v}>\"",
        ),
        ("\"e\\u0301\"", "\"é\""),
        ("<<A\nx\n  y\nA\n", "\"x\\n  y\\n\""),
        ("<<-A\n    x\n\n      ${y}\n  A\n", "\"x\\n\\n  ${y}\\n\""),
        ("<<-A\n  ${y}\n  x\nA\n", "\"${y}\\nx\\n\""),
        ("<<A\n${x ~}\n\n  y\nA\n", "\"${x}\\n  y\\n\""),
    ] {
        assert_eq!(expression(text), expected, "{text}");
    }
}

#[test]
fn files_have_attributes_and_blocks() {
    for (text, expected) in [
        ("", ""),
        ("\u{feff}a = 1", "a=1"),
        ("a = 1\r\nb = 2\r\n", "a=1; b=2"),
        ("a \"b\" c {\n}\n", "a b c {}"),
        ("a {}\nb { c = 1 }\n", "a {}; b {c=1}"),
        (
            "a {\n b = <<E\nx\nE\n c = 2 # d\n /* e */ d = 3\n}",
            "a {b=\"x\\n\"; c=2; d=3}",
        ),
        (
            "a = {\n b = 1\n}\nc = [\n 1,\n 2\n]\n",
            "a={\"b\": 1}; c=[1, 2]",
        ),
    ] {
        assert_eq!(file(text), (expected.to_owned(), vec![]), "{text}");
    }
}

fn json(text: &str, kind: JsonKind) -> (String, Vec<String>) {
    let tree = parse_json(text, kind);
    let errors = tree.errors.iter();
    let errors = errors.map(|e| format!("{}: {}", e.span.start, e.message));
    (outline(&tree, tree.root()), errors.collect())
}

#[test]
fn json_is_mapped_to_blocks_and_arguments() {
    for (text, expected) in [
        ("{}", ""),
        ("[]", ""),
        (
            r#"{"//": "c", "locals": {"//": 1, "a": 1, "b": [true, null, {"${x}": "y"}]}}"#,
            "locals {a=1; b=[true, null, {\"${x}\": \"y\"}]}",
        ),
        (
            r#"[{"locals": {"a": -1.50}}, {"locals": [{"b": 1}, {"c": 2}]}]"#,
            "locals {a=(Negate 1.50)}; locals {b=1}; locals {c=2}",
        ),
        (
            r#"{"resource": {"a": {"b": {"c": "${d.e}f"}, "g": [{}, {}]}, "h": [{"i": {}}, {"j": {}}]}}"#,
            "resource a b {c=\"${d.e}f\"}; resource a g {}; resource a g {}; resource h i {}; resource h j {}",
        ),
        (
            r#"{"provider": {"zenml": [{"alias": "x"}, {"server_url": "${var.u}"}]}}"#,
            "provider zenml {alias=\"x\"}; provider zenml {server_url=\"${var.u}\"}",
        ),
        (
            r#"{"variable": {"v": {"type": "list(string)", "default": "${x}", "validation": {"condition": "${a}"}}}}"#,
            "variable v {type=list(string); default=\"${x}\"; validation {condition=\"${a}\"}}",
        ),
        (
            r#"{"terraform": {"required_providers": {"z": {"source": "a/b", "configuration_aliases": ["z.x"]}}, "backend": {"s3": {"a": "${b}"}}}}"#,
            "terraform {required_providers {z={\"source\": \"a/b\", \"configuration_aliases\": [z.x]}}; backend s3 {a=\"${b}\"}}",
        ),
        (
            r#"{"module": {"m": {"source": "./x", "providers": {"z": "z.a", "z.b": "z"}, "depends_on": ["a.b"], "count": "${1 + 1}"}}}"#,
            "module m {source=\"./x\"; providers={\"z\": z.a, \"z.b\": z}; depends_on=[a.b]; count=\"${(1 Add 1)}\"}",
        ),
        (
            r#"{"resource": {"a": {"b": {"lifecycle": {"ignore_changes": ["c", "d[0]"]}, "provider": "z.a"}}}}"#,
            "resource a b {lifecycle {ignore_changes=[c, d[0]]}; provider=z.a}",
        ),
        (
            r#"{"locals": {"a": "\u00e9\ud83d\ude00\n\t$${x} 5%"}}"#,
            "locals {a=\"é😀\\n\\t${x} 5%\"}",
        ),
    ] {
        let (outline, errors) = json(text, JsonKind::Config);
        assert_eq!((outline.as_str(), errors), (expected, vec![]), "{text}");
    }
    let (outline, errors) = json(r#"{"a": "${b}", "c": {"d": ["%{"]}}"#, JsonKind::Tfvars);
    assert_eq!(outline, "a=\"${b}\"; c={\"d\": [\"%{\"]}");
    assert_eq!(errors, Vec::<String>::new());
    let (outline, _) = json(
        r#"{"run": {"r": {"command": "plan", "assert": [{}]}}}"#,
        JsonKind::Test,
    );
    assert_eq!(outline, "run r {command=plan; assert {}}");
}

#[test]
fn json_errors_have_a_place() {
    for (text, at) in [
        ("", 0),
        ("{", 0),
        ("{\"a\": 1,}", 7),
        ("{\"a\" 1}", 5),
        ("{'a': 1}", 1),
        ("{a: 1}", 1),
        ("{} // c", 3),
        ("{} {}", 3),
        ("{\"locals\": {\"a\": \"x\ty\"}}", 19),
        ("{\"locals\": {\"a\": 0x10}}", 17),
        ("{\"locals\": {\"a\": \"\\u00e9${b +}\"}}", 29),
        ("{\"locals\": 1}", 11),
        ("{\"locals\": {\"a\": 1, \"a\": 2}}", 20),
    ] {
        let tree = parse_json(text, JsonKind::Config);
        let places: Vec<_> = tree.errors.iter().map(|e| e.span.start).collect();
        assert_eq!(places, vec![at], "{text} {:?}", tree.errors);
    }
}

#[test]
fn json_spans_are_those_of_the_source() {
    let text = "\u{feff}{\"locals\": {\"//\": \" ignore \", \"a\": \"\\u00e9${ b.c }\\n\"}}";
    let tree = parse_json(text, JsonKind::Config);
    let block = &tree.blocks_of(tree.root())[0];
    assert_eq!(block.keyword_span.text(text), "\"locals\"");
    let attribute = &tree.attributes_of(tree.body(block.body))[0];
    assert_eq!(attribute.name_span.text(text), "\"a\"");
    let ExprKind::Template(template) = &tree.expr(attribute.expr).kind else {
        panic!("a template");
    };
    assert_eq!(
        tree.expr(attribute.expr).span.text(text),
        "\"\\u00e9${ b.c }\\n\""
    );
    let spans = template.parts.iter().map(|part| match part {
        TemplatePart::Literal { span, .. } => span.text(text),
        TemplatePart::Interpolation(id) => tree.expr(*id).span.text(text),
        _ => panic!("no directive"),
    });
    assert_eq!(spans.collect::<Vec<_>>(), ["\\u00e9", "b.c", "\\n"]);
    assert_eq!(tree.comments[0].span.text(text), "\" ignore \"");
    assert!(
        tree.comments[0]
            .object
            .is_some_and(|o| o.text(text).starts_with("{\"//\""))
    );
}

/// All that is wrong with the spans of a tree.
fn check_spans(tree: &Tree, text: &str) {
    let whole = Span::new(0, text.len());
    let check = |span: Span, within: Span| {
        assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
        assert!(
            within.contains(span),
            "{span:?} within {within:?} in {text:?}"
        );
    };
    for body in &tree.bodies {
        check(body.span, whole);
        for attribute in tree.attributes_of(body) {
            check(attribute.name_span, attribute.span);
            check(tree.expr(attribute.expr).span, attribute.span);
        }
        for block in tree.blocks_of(body) {
            check(block.span, whole);
            check(tree.body(block.body).span, block.span);
            check(block.keyword_span, whole);
            check(block.header_span, whole);
        }
    }
    for expr in &tree.exprs {
        check(expr.span, whole);
        builder::for_each_child(&expr.kind, &mut |child, _| {
            check(tree.expr(child).span, expr.span);
        });
        match &expr.kind {
            ExprKind::GetAttr { name_span, .. } | ExprKind::Call { name_span, .. } => {
                check(*name_span, expr.span);
            }
            ExprKind::Template(template) => {
                for part in &template.parts {
                    if let TemplatePart::Literal { span, .. } = part {
                        check(*span, expr.span);
                    }
                }
            }
            _ => {}
        }
    }
    for error in &tree.errors {
        check(error.span, whole);
        assert!(!error.message.contains('\n'), "{}", error.message);
    }
    for comment in &tree.comments {
        check(comment.span, whole);
    }
    // No walk over the tree runs deep.
    for attribute in &tree.attributes {
        assert!(height(tree, attribute.expr) <= 250);
    }
}

fn height(tree: &Tree, id: ExprId) -> usize {
    let mut below = 0;
    builder::for_each_child(&tree.expr(id).kind, &mut |child, levels| {
        below = below.max(height(tree, child) + usize::from(levels));
    });
    below + 1
}

/// Reads a text in every way.
fn check_all(text: &str) {
    check_spans(&parse_native(text), text);
    check_spans(&parse_expression(text).0, text);
    check_spans(&parse_template(text).0, text);
    for kind in [JsonKind::Config, JsonKind::Tfvars, JsonKind::Test] {
        check_spans(&parse_json(text, kind), text);
    }
}

#[test]
fn depth_does_not_matter() {
    let n = 30_000;
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("{", "}"),
        ("{a=", "}"),
        ("{a=", ""),
        ("a{", "}"),
        ("a{\n", "}\n"),
        ("a{\n", ""),
        ("\"${", "}\""),
        ("\"${", ""),
        ("f(", ")"),
        ("a[", "]"),
        ("!", ""),
        ("-(", ")"),
        ("a+", ""),
        ("a ? b : ", ""),
        ("a ? ", " : b"),
        ("a.b", ""),
        ("a[*].", "b"),
        ("a||b&&c==d>e+f*(", ")"),
        ("[for x in ", ": x]"),
        ("{for x in a: x => ", "}"),
        ("%{if a}", "%{endif}"),
        ("%{if a}", ""),
        ("%{for a in b}", "%{endfor}"),
        ("<<A\n${", "}\nA\n"),
        ("a = [\n", ""),
        ("a = \"${\n", ""),
        ("a = <<A\n", ""),
        ("{\"a\":", "}"),
        ("a {\n b = [\n", ""),
    ] {
        let text = open.repeat(n) + "1" + &close.repeat(n);
        check_all(&text);
        let text = format!("a = {text}\nresource \"x\" \"y\" {{\n}}\n");
        check_spans(&parse_native(&text), &text);
    }
    let nested = "[".repeat(n) + &"]".repeat(n);
    let (outline, errors) = file(&format!("a = {nested}\nb = 2\n"));
    assert!(outline.ends_with("; b=2"), "{outline}");
    assert_eq!(errors, vec![]);
    let sum = "a + ".repeat(10_000) + "a";
    assert_eq!(file(&format!("a = {sum}\nb = 1 ? {sum} : 2\n")).1, vec![]);
}

/// The first literal part of the first argument of a file.
fn first_literal(tree: &Tree) -> (String, Span) {
    let attribute = tree.attributes.first().unwrap();
    let ExprKind::Template(template) = &tree.expr(attribute.expr).kind else {
        panic!("a template");
    };
    let parts = template.parts.iter();
    let mut literals = parts.filter_map(|part| match part {
        TemplatePart::Literal { text, span } => Some((tree.text(*text).to_owned(), *span)),
        _ => None,
    });
    literals.next().unwrap()
}

#[test]
fn literals_are_found_in_the_source() {
    let native = |text: &str| parse_native(text);
    let json = |text: &str| parse_json(text, JsonKind::Config);
    let tfvars = |text: &str| parse_json(text, JsonKind::Tfvars);
    type Parse<'a> = &'a dyn Fn(&str) -> Tree;
    for (parse, notation, text, literal, found) in [
        (
            &native as Parse,
            Notation::Quoted,
            "a = \"x\\u00e9y\"",
            "é",
            "\\u00e9",
        ),
        (&native, Notation::Quoted, "a = \"x$${y\"", "${y", "$${y"),
        (
            &native,
            Notation::Quoted,
            "a = \"\\\"k\\\": v\"",
            "k\": ",
            "k\\\": ",
        ),
        (&native, Notation::Heredoc, "a = <<A\nx\n  y\nA\n", "y", "y"),
        (
            &native,
            Notation::Heredoc,
            "a = <<-A\n    x\n      y/\n  A\n",
            "y/",
            "y/",
        ),
        (
            &native,
            Notation::Heredoc,
            "a = <<-A\n    x\n\n    y/${z ~}\n  A\n",
            "y/",
            "y/",
        ),
        (
            &json,
            Notation::JsonTemplate,
            r#"{"locals": {"a": "\u00e9\/$${x}\n"}}"#,
            "/${x}\n",
            "\\/$${x}\\n",
        ),
        (
            &tfvars,
            Notation::Json,
            r#"{"a": "\u00e9\/$${x}\n"}"#,
            "/$${x}\n",
            "\\/$${x}\\n",
        ),
    ] {
        let (whole, place) = first_literal(&parse(text));
        let map = literal_text_map(text, place, &whole, notation).expect(text);
        let at = whole.find(literal).expect(text);
        let span = map.span(Span::new(at, at + literal.len()));
        assert_eq!(span.text(text), found, "{text}");
        assert!(map.span(Span::new(at, at)).text(text).is_empty());
    }
    let composed = "a = \"e\u{301}\"";
    let (whole, place) = first_literal(&parse_native(composed));
    assert_eq!(
        literal_text_map(composed, place, &whole, Notation::Quoted),
        None
    );
}

#[test]
fn what_is_intact_survives_what_is_broken() {
    let unclosed = "This block has no closing `}`.";
    for (text, outline, lines) in [
        ("a = 1 +\nb = 2\n", "a=!!; b=2", vec![1]),
        ("a = [1, 2\nb = 2\nc {\n}\n", "a=!!; b=2; c {}", vec![2]),
        (
            "x {\n a = f(1,\n b = 2\n}\nc = 3\n",
            "x {a=!!; b=2}; c=3",
            vec![3],
        ),
        ("a = \"x\nb = 2\n", "a=!!; b=2", vec![1]),
        ("a = \"${x\nb = 2\n", "a=!!; b=2", vec![2]),
        ("a = \"x\n y\"\nb = 2\n", "a=\"x\\n y\"; b=2", vec![1]),
        ("a = {\n b = 1 2\n c = 3\n}\nd = 4\n", "a=!!; d=4", vec![2]),
        ("a = 1 2\nb = 2\n", "a=1; b=2", vec![1]),
        ("a = \"\\q\"\nb = 2\n", "a=\"q\"; b=2", vec![1]),
        (
            "a = 10.1.1.1\nb = 1..2\nc = 3\n",
            "a=!!; b=!!; c=3",
            vec![1, 2],
        ),
        ("a = 1\na = 2\n", "a=1; a=2", vec![2]),
        ("\"a\" = 1\nb = 2\n", "b=2", vec![1]),
        ("a\nb = 2\n", "b=2", vec![1]),
        ("}\nb = 2\n", "b=2", vec![1]),
        ("x \"y\"\n{\n a = 1\n}\nb = 2\n", "x y {a=1}; b=2", vec![1]),
        ("x \"${y}\" {\n a = 1\n}\nb = 2\n", "b=2", vec![1]),
        ("x { a = 1, b = 2 }\nc = 3\n", "x {a=1; b=2}; c=3", vec![1]),
        ("x { y { a = 1 } }\nc = 3\n", "x {y {a=1}}; c=3", vec![1]),
        ("x {\n a = 1,\n b = 2\n}\n", "x {a=1; b=2}", vec![2]),
        ("x {\n a = 1 }\nb = 2\n", "x {a=1}; b=2", vec![2]),
        ("a = <<A\nx\n", "a=!!", vec![1]),
        (
            "a = <<A\nx\nresource \"b\" \"c\" {\n}\n",
            "a=!!; resource b c {}",
            vec![1],
        ),
        ("a = ~ 1\nb = 'x'\nc = 3", "a=!!; b=!!; c=3", vec![1, 2]),
        (
            "a = \"%{if x}y\"\nb = \"%{endif}\"\nc = 3",
            "a=!!; b=!!; c=3",
            vec![1, 2],
        ),
        (
            "a = [for x in y : k => x]\nb = {for x in y : x}\nc = 3",
            "a=!!; b=!!; c=3",
            vec![1, 2],
        ),
        ("a = 1 /* x\nb = 2\n", "a=1", vec![1]),
        ("a = b.\nc = 3\n", "a=!!; c=3", vec![1]),
    ] {
        let (found, errors) = file(text);
        let found_lines: Vec<_> = errors.iter().map(|error| error.0).collect();
        assert_eq!(
            (found.as_str(), found_lines),
            (outline, lines),
            "{text} {errors:?}"
        );
    }
    // A missing brace, told by indentation or by what stands only at the top of a file.
    for text in [
        "locals {\n  a = 1\n\nresource \"b\" \"c\" {\n  d = 2\n}\noutput \"e\" {}\n",
        "locals {\na = 1\nresource \"b\" \"c\" {\nd = 2\n}\noutput \"e\" {}\n",
    ] {
        let (found, errors) = file(text);
        assert_eq!(
            found, "locals {a=1}; resource b c {d=2}; output e {}",
            "{text}"
        );
        assert_eq!(errors, vec![(1, unclosed.to_owned())], "{text}");
    }
    let nested = "x {\n  y {\n    a = 1\n  b = 2\n}\nc = 3\n";
    let (found, errors) = file(nested);
    assert_eq!(found, "x {y {a=1}; b=2}; c=3");
    assert_eq!(errors, vec![(2, unclosed.to_owned())]);
}

#[test]
fn a_string_behind_a_comment_is_one_token() {
    for text in ["/* c */\"mod\" {\n}\n", "\"mod\" {\n}\n"] {
        let tree = parse_native(text);
        assert_eq!(tree.errors[0].span.text(text), "\"mod\"", "{text}");
    }
}

#[test]
fn comments_are_kept() {
    let text = "# a\r\nb = 1 // c \nd = [ # e\n /* f\n g */ 1]\nh = \"# no\"";
    let tree = parse_native(text);
    let comments = tree.comments.iter();
    let comments: Vec<_> = comments.map(|comment| comment.span.text(text)).collect();
    assert_eq!(comments, ["# a", "// c ", "# e", "/* f\n g */",]);
    let broken = "a = [ # x\nb = 2 # y\n";
    let tree = parse_native(broken);
    assert_eq!(
        tree.comments
            .iter()
            .map(|comment| comment.span.text(broken))
            .collect::<Vec<_>>(),
        ["# x", "# y"]
    );
}

/// Texts of which some parse: made of pieces of the language.
fn pieces() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "a", "resource", " ", "\n", "\r\n", "=", "{", "}", "[", "]", "(", ")", "\"", "${", "%{",
        "~", "if", "else", "endif", "for", "in", "endfor", ":", "=>", ",", ".", "*", "...",
        "<<A\n", "<<-A\n", "A\n", "  ", "#", "//", "/*", "*/", "\\", "\\n", "\\u00e9", "é",
        "\u{feff}", "1", "1.5", "-", "!", "?", "&&", "::", "null", "$${", "\t", "e\u{301}", "'",
        "\"a\"", "a = 1\n", "b {\n", "\":",
    ]);
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A valid expression.
fn valid() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec![
        "a",
        "b.c",
        "d[0]",
        "1",
        "2.5",
        "true",
        "null",
        "\"x\"",
        "\"x${a}y\"",
        "f()",
        "[]",
        "{}",
        "a.*.b",
        "a[*].b.c",
    ]);
    leaf.prop_map(str::to_owned)
        .prop_recursive(4, 40, 3, |inner| {
            let inner = inner.boxed();
            let two = (inner.clone(), inner.clone());
            prop_oneof![
                (
                    two.clone(),
                    proptest::sample::select(vec![
                        "+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"
                    ])
                )
                    .prop_map(|((a, b), operator)| format!("{a} {operator} {b}")),
                two.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
                two.clone()
                    .prop_map(|(a, b)| format!("{{ k = {a}, (l) = {b} }}")),
                two.clone().prop_map(|(a, b)| format!("f({a}, {b}...)")),
                two.clone().prop_map(|(a, b)| format!("({a} ? {b} : c)")),
                two.prop_map(|(a, b)| format!("[for k, v in {a} : {b} if v]")),
                inner.clone().prop_map(|a| format!("!({a})")),
                inner.prop_map(|a| format!("\"p${{{a}}}\"")),
            ]
        })
}

/// The shape of an expression as `hcl-edit` reads it.
fn oracle(expr: &hcl_edit::expr::Expression) -> String {
    use hcl_edit::expr::{Expression as E, TraversalOperator as T};
    let list = |exprs: Vec<String>| exprs.join(", ");
    match expr {
        E::Null(_) => "null".into(),
        E::Bool(b) => b.to_string(),
        E::Number(n) => n.to_string().trim().to_owned(),
        E::String(s) => format!("{:?}", s.as_str()),
        E::Variable(v) => v.as_str().to_owned(),
        E::Array(a) => format!("[{}]", list(a.iter().map(oracle).collect())),
        E::Object(o) => {
            let items = o.iter().map(|(key, value)| {
                let key = match key {
                    hcl_edit::expr::ObjectKey::Ident(ident) => format!("{:?}", ident.as_str()),
                    hcl_edit::expr::ObjectKey::Expression(key) => oracle(key),
                };
                format!("{key}: {}", oracle(value.expr()))
            });
            format!("{{{}}}", list(items.collect()))
        }
        E::Parenthesis(p) => format!("paren {}", oracle(p.inner())),
        E::FuncCall(f) => {
            let args = list(f.args.iter().map(oracle).collect());
            let dots = if f.args.expand_final() { "..." } else { "" };
            format!("{}({args}{dots})", f.name.name.as_str())
        }
        E::Conditional(c) => format!(
            "({} ? {} : {})",
            oracle(&c.cond_expr),
            oracle(&c.true_expr),
            oracle(&c.false_expr)
        ),
        E::UnaryOp(u) => format!(
            "({} {})",
            u.operator.as_str().replace('!', "Not"),
            oracle(&u.expr)
        ),
        E::BinaryOp(b) => {
            let name = match b.operator.as_str() {
                "+" => "Add",
                "-" => "Subtract",
                "*" => "Multiply",
                "/" => "Divide",
                "%" => "Modulo",
                "==" => "Equal",
                "!=" => "NotEqual",
                "<" => "Less",
                ">=" => "GreaterOrEqual",
                "&&" => "And",
                "||" => "Or",
                other => other,
            };
            format!("({} {name} {})", oracle(&b.lhs_expr), oracle(&b.rhs_expr))
        }
        E::Traversal(t) => {
            let mut shape = oracle(&t.expr);
            let mut sources = Vec::new();
            for operator in &t.operators {
                shape = match operator.value() {
                    T::GetAttr(name) => format!("{shape}.{}", name.as_str()),
                    T::Index(index) => format!("{shape}[{}]", oracle(index)),
                    T::LegacyIndex(index) => format!("{shape}[{}]", index.value()),
                    T::AttrSplat(_) | T::FullSplat(_) => {
                        sources.push(shape);
                        "@".into()
                    }
                };
            }
            let splat = |item, source| format!("splat({source}, {item})");
            sources.into_iter().rev().fold(shape, splat)
        }
        E::ForExpr(f) => format!(
            "for({:?} {} in {}: None => {} if {:?} group {})",
            f.intro.key_var.as_ref().map(|key| key.as_str()),
            f.intro.value_var.as_str(),
            oracle(&f.intro.collection_expr),
            oracle(&f.value_expr),
            f.cond.as_ref().map(|cond| oracle(&cond.expr)),
            f.grouping
        ),
        E::StringTemplate(t) => {
            let parts = t.iter().map(|element| match element {
                hcl_edit::template::Element::Literal(text) => text.as_str().to_owned(),
                hcl_edit::template::Element::Interpolation(i) => {
                    format!("${{{}}}", oracle(&i.expr))
                }
                hcl_edit::template::Element::Directive(_) => "%".into(),
            });
            format!("{:?}", parts.collect::<String>()).replace("\\\"", "'")
        }
        E::HeredocTemplate(_) => "heredoc".into(),
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,80}", soup in pieces()) {
        check_all(&text);
        check_all(&soup);
        check_all(&format!("a = {soup}\nb {{\n c = \"{soup}\"\n}}\n"));
    }

    #[test]
    fn valid_expressions_have_the_shape_that_hcl_edit_gives_them(text in valid(), cut in 0_usize..200) {
        let body = hcl_edit::parser::parse_body(&format!("x = {text}\n")).unwrap();
        let expected = oracle(&body.get_attribute("x").unwrap().value);
        let (tree, root) = parse_expression(&text);
        prop_assert_eq!(&tree.errors, &vec![]);
        // Nested debug strings escape each other's backslashes: compare without.
        let plain = |shape: String| shape.replace(['\\', '\'', '"'], "");
        prop_assert_eq!(plain(shape(&tree, root)), plain(expected));
        check_all(text.get(..cut).unwrap_or(&text));
    }
}

#[test]
fn messages_show_no_name_that_may_be_a_part_of_a_secret() {
    for text in [
        "a = 9f8e7d6c5b4a39281706",
        "a = \"ok\" abc123def456ghi789",
        "a = 1e5f8e7d6c5b4a39281706",
    ] {
        let errors = parse_native(text).errors;
        assert_eq!(errors.len(), 1, "{text}");
        assert!(
            errors[0].message.ends_with("found a name."),
            "{}",
            errors[0].message
        );
    }
}
