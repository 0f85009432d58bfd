use super::*;

/// A body in short: names, blocks, and the shapes of values.
fn outline(tree: &Tree, body: &Body) -> String {
    let mut items: Vec<(u32, String)> = body
        .attributes
        .iter()
        .map(|a| (a.span.start, format!("{}={}", a.name, shape(tree, a.expr))))
        .collect();
    items.extend(body.blocks.iter().map(|b| {
        let labels: Vec<_> = b.labels.iter().map(|l| format!(" {}", l.text)).collect();
        let inside = outline(tree, tree.body(b.body));
        let text = format!("{}{} {{{inside}}}", b.keyword, labels.concat());
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
        ExprKind::Number(n) => n.clone(),
        ExprKind::Root(n) => n.clone(),
        ExprKind::SplatItem => "@".into(),
        ExprKind::Template(t) => format!("{:?}", parts(tree, &t.parts)).replace("\\\"", "'"),
        ExprKind::GetAttr { object, name, .. } => format!("{}.{name}", shape(tree, *object)),
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
            "{name}({}{})",
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
            f.key_name,
            f.value_name,
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
        TemplatePart::Literal { text, .. } => text.clone(),
        TemplatePart::Interpolation(id) => format!("${{{}}}", shape(tree, *id)),
        TemplatePart::If {
            condition,
            if_true,
            if_false,
        } => format!(
            "%if {}<{}|{}>",
            shape(tree, *condition),
            self::parts(tree, if_true),
            self::parts(tree, if_false)
        ),
        TemplatePart::For {
            key_name,
            value_name,
            collection,
            body,
        } => format!(
            "%for {key_name:?} {value_name} {}<{}>",
            shape(tree, *collection),
            self::parts(tree, body)
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
    let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
    let errors = tree.errors.iter();
    let errors = errors.map(|e| (line(e.span.start), e.message.clone()));
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
