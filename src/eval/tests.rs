use std::time::{Duration, Instant};

use super::*;
use crate::discover::discover;
use crate::discover::tests::Place;
use crate::source::FileId;
use crate::syntax::parse_expression;
use crate::terraform::{Configuration, ExprRef, ModuleId, RunInput, RunInputs, load};

/// A repository whose root module is `main.tf` in its root.
struct Repository {
    configuration: Configuration,
    run: RunInputs,
    place: Place,
}

impl Repository {
    fn new(files: &[(&str, &str)]) -> Self {
        Self::given(files, &[])
    }

    fn main(text: &str) -> Self {
        Self::new(&[("main.tf", text)])
    }

    fn given(files: &[(&str, &str)], vars: &[(&str, &str)]) -> Self {
        let mut files = files.to_vec();
        files.push(("zenml.tf", "# zenml"));
        let place = Place::repository(&files);
        let vars = vars.iter().map(|(name, text)| RunInput::Var {
            name: (*name).into(),
            text: (*text).into(),
        });
        let run = RunInputs {
            vars: vars.collect(),
            ..RunInputs::default()
        };
        let mut discovery = discover(&place.options(&[])).unwrap();
        let configuration = load(&mut discovery, &run);
        Self {
            configuration,
            run,
            place,
        }
    }

    fn root(&self) -> ModuleId {
        let dir = self.place.path("");
        let mut roots = self.configuration.roots().iter().copied();
        roots
            .find(|root| self.configuration.module(*root).unwrap().dir == dir)
            .unwrap()
    }

    fn with<T>(&self, look: impl FnOnce(&Evaluator<'_>, InstanceId) -> T) -> T {
        let evaluator = Evaluator::new(&self.configuration);
        let root = self.root();
        let context = &self.configuration.contexts(root, &self.run)[0];
        let instance = evaluator.root(root, context);
        look(&evaluator, instance)
    }

    fn evaluate(&self, expr: &str) -> Result<Value, EvalError> {
        self.with(|evaluator, instance| evaluate(evaluator, instance, expr))
    }

    fn value(&self, expr: &str) -> Value {
        self.evaluate(expr).unwrap()
    }

    /// The literals that a value came from, as they stand in their files.
    fn literals(&self, value: &Value) -> Vec<&str> {
        let ways = value.trace().ways().into_iter();
        ways.filter_map(|way| match way.start {
            Start::Literal(at) => Some(self.configuration.sources.text_at(at)),
            _ => None,
        })
        .collect()
    }

    fn choices(&self, value: &Value) -> Vec<(String, When)> {
        let choices = value.choices().iter();
        choices
            .map(|choice| (show(&choice.value), choice.when))
            .collect()
    }
}

fn evaluate(
    evaluator: &Evaluator<'_>,
    instance: InstanceId,
    expr: &str,
) -> Result<Value, EvalError> {
    let (tree, expr) = parse_expression(expr);
    assert!(tree.errors.is_empty(), "{:?}", tree.errors);
    let file = FileId(u32::MAX);
    evaluator.foreign_value(instance, &tree, ExprRef { file, expr })
}

fn show(value: &Value) -> String {
    match &value.kind {
        Kind::Unknown(_) => "?".into(),
        _ => json::to_json(value),
    }
}

fn hops(value: &Value) -> Vec<String> {
    let hops = value.trace().hops().into_iter();
    hops.map(|hop| hop.what.to_string()).collect()
}

#[test]
fn literals_keep_their_quotes() {
    let repository =
        Repository::main("locals {\n  a = \"x\"\n  b = <<E\ny\nE\n  c = \"p-${local.a}-s\"\n}");
    assert_eq!(repository.literals(&repository.value("local.a")), ["\"x\""]);
    assert_eq!(
        repository.literals(&repository.value("local.b")),
        ["<<E\ny\nE"]
    );
    let joined = repository.value("local.c");
    assert_eq!(repository.literals(&joined), ["p-", "\"x\"", "-s"]);
    let pieces = joined.pieces();
    let texts: Vec<_> = pieces.iter().map(|p| p.text.as_deref().unwrap()).collect();
    assert_eq!(texts, ["p-", "x", "-s"]);
    assert_eq!(
        repository.literals(&repository.value("\"${local.a}\"")),
        ["\"x\""]
    );
}

#[test]
fn values_remember_their_hops() {
    let repository = Repository::new(&[
        (
            "main.tf",
            "variable \"url\" { default = \"https://a/\" }\n\
             locals { base = var.url }\n\
             module \"m\" {\n  source = \"./m\"\n  address = local.base\n}\n",
        ),
        (
            "m/main.tf",
            "# zenml\nvariable \"address\" {}\noutput \"same\" { value = var.address }\n",
        ),
    ]);
    let value = repository.value("module.m.same");
    assert_eq!(show(&value), "\"https://a/\"");
    assert_eq!(repository.literals(&value), ["\"https://a/\""]);
    assert_eq!(
        hops(&value),
        [
            "output `same`",
            "variable `address`",
            "argument `address` of module `m`",
            "local `base`",
            "variable `url`",
        ]
    );
    assert!(value.root_default());
}

#[test]
fn members_take_the_hops_of_their_collection() {
    let repository = Repository::main(
        "locals {\n  all = { dev = { url = \"a\" }, prod = { url = \"b\" } }\n  mine = local.all.prod\n}",
    );
    let value = repository.value("local.mine.url");
    assert_eq!(repository.literals(&value), ["\"b\""]);
    assert_eq!(hops(&value), ["local `mine`", "local `all`"]);
}

#[test]
fn the_arm_not_taken_is_a_choice() {
    let repository = Repository::main(
        "variable \"env\" { default = \"prod\" }\n\
         variable \"any\" {}\n\
         locals {\n\
           fixed = true ? \"a\" : \"b\"\n\
           by_default = var.env == \"prod\" ? \"a\" : \"b\"\n\
           open = var.any == \"prod\" ? \"a\" : \"b\"\n\
         }",
    );
    use When::{OtherwiseSet, Possibly, Unused};
    let of = |expr: &str| {
        let value = repository.value(expr);
        (show(&value), repository.choices(&value))
    };
    let choice = |text: &str, when| (format!("\"{text}\""), when);
    assert_eq!(
        of("local.fixed"),
        ("\"a\"".into(), vec![choice("b", Unused)])
    );
    assert_eq!(
        of("local.by_default"),
        ("\"a\"".into(), vec![choice("b", OtherwiseSet)])
    );
    assert!(repository.value("local.by_default").root_default());
    assert_eq!(
        of("local.open"),
        (
            "?".into(),
            vec![choice("a", Possibly), choice("b", Possibly)]
        )
    );
    let open = repository.value("local.open");
    let literals: Vec<_> = open
        .choices()
        .iter()
        .map(|c| repository.literals(&c.value))
        .collect();
    assert_eq!(literals, [["\"a\""], ["\"b\""]]);
    // The condition itself reaches nothing.
    assert!(repository.literals(&repository.value("local.fixed")) == ["\"a\""]);
}

#[test]
fn choices_go_through_functions_and_operators() {
    let repository = Repository::main(
        "variable \"any\" {}\n\
         locals {\n\
           host = var.any ? \"a\" : \"b\"\n\
           scheme = var.any ? \"http\" : \"https\"\n\
           all = { first = local.host, second = \"c\" }\n\
         }",
    );
    let alternatives = |expr: &str| -> Vec<String> {
        let value = repository.value(expr);
        value.alternatives(When::Unused).iter().map(show).collect()
    };
    assert_eq!(alternatives("\"${local.host}/\""), ["\"a/\"", "\"b/\""]);
    assert_eq!(alternatives("upper(local.host)"), ["\"A\"", "\"B\""]);
    assert_eq!(
        alternatives("[for h in [local.host] : \"${h}!\"][0]"),
        ["\"a!\"", "\"b!\""]
    );
    // One decision twice: two combinations, not four.
    assert_eq!(
        alternatives("\"${local.scheme}://${local.host}\""),
        ["\"http://a\"", "\"https://b\""]
    );
    assert_eq!(
        alternatives("join(\",\", values(local.all))"),
        ["\"a,c\"", "\"b,c\""]
    );
    assert_eq!(alternatives("local.all[\"first\"]"), ["\"a\"", "\"b\""]);
    assert_eq!(alternatives("local.all.second"), ["\"c\""]);
    assert_eq!(
        alternatives("coalesce(local.host, \"d\")"),
        ["\"a\"", "\"d\"", "\"b\""]
    );
}

#[test]
fn an_open_key_leaves_every_member() {
    let repository = Repository::main(
        "variable \"any\" {}\n\
         variable \"env\" { default = \"dev\" }\n\
         locals { urls = { dev = \"a\", prod = \"b\" } }",
    );
    let open = repository.value("local.urls[var.any]");
    use When::{OtherwiseSet, Possibly};
    let choice = |text: &str, when| (format!("\"{text}\""), when);
    assert_eq!(
        repository.choices(&open),
        [choice("a", Possibly), choice("b", Possibly)]
    );
    let default = repository.value("local.urls[var.env]");
    assert_eq!(show(&default), "\"a\"");
    assert_eq!(repository.choices(&default), [choice("b", OtherwiseSet)]);
    assert_eq!(repository.literals(&default), ["\"a\""]);
}

#[test]
fn fallbacks_of_try_are_choices() {
    let repository = Repository::main(
        "variable \"o\" { default = {} }\nlocals { some = { a = \"x\" } }\nresource \"aws_lb\" \"l\" {}",
    );
    use When::{OtherwiseSet, Possibly, Unused};
    let of = |expr: &str| repository.choices(&repository.value(expr));
    let choice = |text: &str, when| (format!("\"{text}\""), when);
    assert_eq!(of("try(local.some.a, \"y\")"), [choice("y", Unused)]);
    assert_eq!(of("try(local.some.b, \"y\")"), []);
    let open = of("try(aws_lb.l.dns_name, \"y\")");
    assert_eq!(open, [("?".into(), Possibly), choice("y", Possibly)]);
    let missing = repository.value("try(var.o.url, \"y\")");
    assert!(missing.root_default());
    assert_eq!(of("try(var.o, \"y\")"), [choice("y", OtherwiseSet)]);
}

#[test]
fn what_is_overridden_is_a_choice() {
    let files = [(
        "main.tf",
        "variable \"key\" { default = \"old\" }\nvariable \"list\" {\n  type = list(string)\n  default = []\n}",
    )];
    let vars = [("key", "first"), ("key", "last"), ("list", "[\"a\"]")];
    let repository = Repository::given(&files, &vars);
    let value = repository.value("var.key");
    assert_eq!(show(&value), "\"last\"");
    assert!(!value.root_default());
    let unused = |text: &str| (format!("\"{text}\""), When::Unused);
    assert_eq!(repository.choices(&value), [unused("old"), unused("first")]);
    let ways = value.trace().ways();
    assert!(matches!(&ways[0].start, Start::Run { by: Some(by), .. } if &**by == "--var key"));
    let member = repository.value("var.list[0]");
    assert_eq!(show(&member), "\"a\"");
    assert!(matches!(&member.trace().ways()[0].start, Start::Run { .. }));
}

#[test]
fn a_variable_that_nothing_gives_is_unknown() {
    let repository = Repository::main("variable \"key\" { type = string }");
    let value = repository.value("var.key");
    assert!(value.is_unknown());
    assert_eq!(value.ty(), Type::String);
    let start = &value.trace().ways()[0].start;
    assert!(matches!(start, Start::Run { by: None, .. }));
    assert!(repository.evaluate("var.other").is_err());
}

#[test]
fn attributes_of_resources() {
    let repository = Repository::main(
        "resource \"aws_lb\" \"l\" {\n  name = \"front\"\n  port = 80\n}\n\
         resource \"aws_lb\" \"many\" {\n  for_each = toset([\"a\", \"b\"])\n  name = \"n-${each.key}\"\n}\n\
         data \"aws_vpc\" \"v\" { name = \"x\" }",
    );
    assert_eq!(show(&repository.value("aws_lb.l.name")), "\"front\"");
    assert_eq!(show(&repository.value("data.aws_vpc.v.name")), "\"x\"");
    assert_eq!(
        show(&repository.value("aws_lb.many[\"b\"].name")),
        "\"n-b\""
    );
    let port = repository.value("aws_lb.l.port");
    assert!(port.is_unknown());
    let alternatives: Vec<_> = port.alternatives(When::Possibly).iter().map(show).collect();
    assert_eq!(alternatives, ["80"]);
    let computed = repository.value("\"https://${aws_lb.l.dns_name}\"");
    let ways = computed.trace().ways();
    assert!(
        ways.iter()
            .any(|way| matches!(&way.start, Start::Computed { .. }))
    );
    let read = repository.value("data.aws_vpc.v.id").trace().ways();
    assert!(matches!(read[0].start, Start::Read { .. }));
    for wrong in [
        "aws_lb.none.name",
        "aws_lb.many.name",
        "module.none.x",
        "nothing",
    ] {
        assert!(repository.evaluate(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn modules_in_several_instances() {
    let child = "# zenml\nvariable \"name\" {}\noutput \"shout\" { value = upper(var.name) }\n";
    let repository = Repository::new(&[
        (
            "main.tf",
            "variable \"any\" { type = map(string) }\n\
             module \"each\" {\n  source = \"./m\"\n  for_each = { a = \"x\", b = \"y\" }\n  name = \"${each.key}-${each.value}\"\n}\n\
             module \"counted\" {\n  source = \"./m\"\n  count = 2\n  name = \"n${count.index}\"\n}\n\
             module \"open\" {\n  source = \"./m\"\n  for_each = var.any\n  name = each.key\n}\n",
        ),
        ("m/main.tf", child),
    ]);
    assert_eq!(
        show(&repository.value("module.each[\"b\"].shout")),
        "\"B-Y\""
    );
    assert_eq!(
        show(&repository.value("module.counted[*].shout")),
        "[\"N0\",\"N1\"]"
    );
    assert!(repository.value("module.open").is_unknown());
    repository.with(|evaluator, root| {
        let names = |call: &str| -> Vec<String> {
            let children = evaluator.children(root, call);
            let names = children
                .iter()
                .map(|c| evaluator.variable(*c, "name").unwrap());
            names.map(|name| show(&name)).collect()
        };
        assert_eq!(names("each"), ["\"a-x\"", "\"b-y\""]);
        assert_eq!(names("open"), ["?"]);
        assert_eq!(evaluator.child(root, "none"), None);
    });
}

#[test]
fn circles_are_errors() {
    let repository = Repository::new(&[
        (
            "main.tf",
            "locals {\n  a = local.b\n  b = [for x in [] : local.a]\n}\nmodule \"m\" { source = \"./m\" }\n",
        ),
        (
            "m/main.tf",
            "# zenml\nmodule \"again\" { source = \"../m\" }\noutput \"x\" { value = module.again.x }\n",
        ),
    ]);
    for circle in ["local.a", "local.b", "module.m.x"] {
        assert!(repository.evaluate(circle).is_err(), "{circle}");
    }
}

#[test]
fn bombs_end_soon() {
    let doubled = |first: &str, next: &dyn Fn(usize) -> String| {
        let mut text = format!("locals {{\n  a0 = {first}\n");
        for index in 0..60 {
            text += &format!("  a{} = {}\n", index + 1, next(index));
        }
        text + "}\n"
    };
    let chain: String = (0..20_000)
        .map(|index| format!("  a{} = local.a{index}\n", index + 1))
        .collect();
    let heavy: String = (0..2_000)
        .map(|i| {
            let inner = format!("[for x in [local.a{i}] : {{ k = x == 1 ? x : -x }}][0].k");
            format!("  a{} = \"${{upper(true ? {inner} : \"b\")}}x\"\n", i + 1)
        })
        .collect();
    let nested = format!(
        "locals {{ a60 = {}{} }}",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    let bombs = [
        doubled("\"0123456789\"", &|i| format!("\"${{local.a{i}}}${{local.a{i}}}\"")),
        doubled("[1]", &|i| format!("[local.a{i}, local.a{i}]")),
        doubled("[1]", &|i| format!("concat(local.a{i}, local.a{i})")),
        doubled("tolist([1])", &|i| format!("{{ a = local.a{i}, b = local.a{i} }}")),
        doubled("terraform_data.x.output", &|i| {
            format!("[local.a{i}, local.a{i}]")
        }) + "resource \"terraform_data\" \"x\" { input = [1] }",
        doubled("true", &|i| format!("var.any ? [local.a{i}] : [local.a{i}, local.a{i}]"))
            + "variable \"any\" { type = bool }",
        "locals { a60 = range(1000000000) }".into(),
        "locals { a60 = [for x in range(100) : [for y in range(100) : [for z in range(100) : [for w in range(100) : 1]]]] }".into(),
        "locals { a60 = format(\"%1000000000d\", 1) }".into(),
        "locals { a60 = 1e1000000000 * 1e1000000000 }".into(),
        "resource \"aws_x\" \"y\" { count = 1000000000 }\nlocals { a60 = aws_x.y }".into(),
        format!("locals {{\n  a0 = \"x\"\n{chain}  a60000 = local.a20000\n}}"),
        format!("locals {{\n  a0 = 1\n{heavy}  a60000 = local.a2000\n}}"),
        nested,
    ];
    for bomb in &bombs {
        let repository = Repository::main(bomb);
        let start = Instant::now();
        let _ = repository.evaluate("local.a60");
        let _ = repository.evaluate("local.a60000");
        let took = start.elapsed();
        let begin: String = bomb.chars().take(80).collect();
        println!("{took:?} {begin}");
        assert!(took < Duration::from_secs(30), "{took:?} for {begin}");
    }
}

#[test]
fn entries_of_objects_are_found_by_key() {
    let repository = Repository::main(
        "variable \"any\" {}\n\
         locals {\n\
           base = { path = \"s3://a\", other = var.any }\n\
           merged = merge(local.base, { uri = \"b\" })\n\
           made = { for key, value in local.base : key => lower(value) }\n\
         }",
    );
    let entry = |expr: &str, key: &str| {
        let value = repository.value(expr);
        let at = value.sure_members().unwrap().get(key)?.trace().entry(key)?;
        let sources = &repository.configuration.sources;
        let text = &sources.get(at.file).unwrap().text;
        let line = text.get(..at.span.start as usize).unwrap().lines().count();
        Some((line, sources.text_at(at)))
    };
    for expr in ["local.base", "local.merged", "local.made"] {
        assert_eq!(entry(expr, "path"), Some((3, "path")), "{expr}");
        assert_eq!(entry(expr, "other"), Some((3, "other")), "{expr}");
    }
    assert_eq!(entry("local.merged", "uri"), Some((4, "uri")));
    assert_eq!(entry("zipmap([\"path\"], [\"x\"])", "path"), None);
}

#[test]
fn some_members_of_unknown_maps_are_sure() {
    let repository = Repository::new(&[
        (
            "main.tf",
            "variable \"any\" {}\n\
             variable \"typed\" { type = object({ path = string }) }\n\
             module \"m\" {\n  source = \"./m\"\n  map = merge({ a = 1 }, var.any)\n}\n",
        ),
        (
            "m/main.tf",
            "# zenml\nvariable \"map\" { type = map(string) }\noutput \"map\" { value = var.map }\n",
        ),
    ]);
    let members = |expr: &str| {
        let members = repository.value(expr).sure_members();
        members.map(|members| {
            let shown = members
                .iter()
                .map(|(key, value)| format!("{key}={}", show(value)));
            shown.collect::<Vec<String>>().join(" ")
        })
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(members("var.any"), None);
    assert_eq!(members("merge({ a = \"1\" }, var.any)"), some("a=?"));
    assert_eq!(members("merge(var.any, { a = \"1\" })"), some("a=\"1\""));
    assert_eq!(
        members("merge({ a = \"1\" }, merge(var.any, { b = \"2\" }))"),
        some("a=? b=\"2\"")
    );
    assert_eq!(
        members("{ a = \"1\", (var.any) = 2, b = \"3\" }"),
        some("a=? b=\"3\"")
    );
    assert_eq!(
        members("{ for k, v in { a = \"1\", b = var.any } : k => v if v != null }"),
        some("a=\"1\"")
    );
    assert_eq!(members("var.typed"), some("path=?"));
    assert_eq!(members("module.m.map"), some("a=?"));
    assert!(
        repository
            .value("merge({ a = \"1\" }, var.any)")
            .is_unknown()
    );
}

#[test]
fn computed_attributes_lead_to_their_resource() {
    let repository = Repository::main(
        "resource \"zenml_stack\" \"one\" {}\n\
         resource \"zenml_stack\" \"each\" { for_each = toset([\"a\", \"b\"]) }\n\
         data \"zenml_stack\" \"found\" { name = \"x\" }\n",
    );
    let referents = |expr: &str| {
        let value = repository.value(expr);
        let found = value.trace().ways().into_iter().map(|way| match way.start {
            Start::Computed { of, attribute, .. } | Start::Read { of, attribute } => {
                let header = repository.configuration.sources.text_at(of.header);
                format!("{header} {:?} {attribute}", of.position)
            }
            other => format!("{other:?}"),
        });
        found.collect::<Vec<String>>()
    };
    let one = ["resource \"zenml_stack\" \"one\" None id"];
    assert_eq!(referents("zenml_stack.one.id"), one);
    let each = ["resource \"zenml_stack\" \"each\" Some(1) id"];
    assert_eq!(referents("zenml_stack.each[\"b\"].id"), each);
    assert_eq!(
        referents("{ for k, v in zenml_stack.each : k => v.id }.b"),
        each
    );
    assert_eq!(referents("values(zenml_stack.each)[1].id"), each);
    let found = ["data \"zenml_stack\" \"found\" None id"];
    assert_eq!(referents("data.zenml_stack.found.id"), found);
}
