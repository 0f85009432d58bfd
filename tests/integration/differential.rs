//! The evaluator against the real `terraform console -plan`, with random expressions over the fixtures of the
//! conformance test. It runs where Terraform 1.11 is on the path.
//!
//! `DIFFERENTIAL_COUNT` says how many expressions, `DIFFERENTIAL_SEED` which.

// The helpers of a test are no tests themselves, so clippy's leave for tests does not reach them.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use zenml_tflint::discover::{Options, discover};
use zenml_tflint::eval::{Evaluator, InstanceId, Kind, Value};
use zenml_tflint::source::FileId;
use zenml_tflint::syntax::parse_expression;
use zenml_tflint::terraform::{ExprRef, RunInputs, load};

const FIXTURES: &str = include_str!("../conformance/fixtures.tf");
const TFVARS: &str = include_str!("../conformance/terraform.tfvars");

// Functions by what they return, each with the kinds of its arguments (see `Generator::call`).

const NUMBERS: &[(&str, &str)] = &[
    ("abs", "n"),
    ("ceil", "n"),
    ("floor", "n"),
    ("signum", "n"),
    ("tonumber", "a"),
    ("max", "nn"),
    ("min", "nnn"),
    ("length", "a"),
    ("length", "m"),
    ("index", "la"),
    ("sum", "l"),
    ("one", "l"),
    ("parseint", "ti"),
    ("pow", "ni"),
    ("timecmp", "zz"),
    ("sensitive", "n"),
    ("nonsensitive", "n"),
    ("coalesce", "nn"),
];
const TEXTS: &[(&str, &str)] = &[
    ("upper", "t"),
    ("lower", "t"),
    ("title", "t"),
    ("strrev", "t"),
    ("trimspace", "t"),
    ("trim", "tt"),
    ("trimprefix", "tt"),
    ("trimsuffix", "tt"),
    ("substr", "tii"),
    ("indent", "it"),
    ("chomp", "t"),
    ("tostring", "a"),
    ("jsonencode", "a"),
    ("yamlencode", "a"),
    ("base64encode", "t"),
    ("base64decode", "t"),
    ("urlencode", "t"),
    ("md5", "t"),
    ("sha256", "t"),
    ("basename", "t"),
    ("dirname", "t"),
    ("join", "tl"),
    ("join", "tll"),
    ("format", "fa"),
    ("format", "faa"),
    ("coalesce", "ttt"),
    ("coalesce", "aa"),
    ("element", "li"),
    ("lookup", "mta"),
    ("lookup", "mt"),
    ("one", "l"),
    ("regex", "rt"),
    ("replace", "trt"),
    ("cidrhost", "ci"),
    ("cidrsubnet", "cii"),
    ("cidrnetmask", "c"),
    ("timeadd", "zd"),
    ("formatdate", "fz"),
    ("sensitive", "t"),
    ("nonsensitive", "t"),
    ("ephemeralasnull", "t"),
];
const BOOLS: &[(&str, &str)] = &[
    ("tobool", "a"),
    ("can", "a"),
    ("contains", "la"),
    ("alltrue", "l"),
    ("anytrue", "l"),
    ("startswith", "tt"),
    ("endswith", "tt"),
    ("strcontains", "tt"),
    ("issensitive", "a"),
    ("sensitive", "b"),
    ("nonsensitive", "b"),
];
const LISTS: &[(&str, &str)] = &[
    ("tolist", "a"),
    ("toset", "a"),
    ("flatten", "l"),
    ("compact", "l"),
    ("distinct", "l"),
    ("reverse", "l"),
    ("sort", "l"),
    ("slice", "lii"),
    ("chunklist", "li"),
    ("concat", "ll"),
    ("concat", "lll"),
    ("coalescelist", "ll"),
    ("setunion", "ll"),
    ("setintersection", "ll"),
    ("setsubtract", "ll"),
    ("setproduct", "ll"),
    ("matchkeys", "lll"),
    ("keys", "m"),
    ("values", "m"),
    ("range", "i"),
    ("range", "nn"),
    ("split", "tt"),
    ("regexall", "rt"),
    ("formatlist", "fl"),
    ("formatlist", "fla"),
    ("element", "li"),
    ("cidrsubnets", "cii"),
    ("jsondecode", "j"),
    ("yamldecode", "j"),
    ("sensitive", "l"),
    ("nonsensitive", "l"),
];
const MAPS: &[(&str, &str)] = &[
    ("tomap", "a"),
    ("merge", "m"),
    ("merge", "mm"),
    ("merge", "mmm"),
    ("zipmap", "ll"),
    ("transpose", "m"),
    ("one", "l"),
    ("element", "li"),
    ("lookup", "mta"),
    ("jsondecode", "j"),
    ("yamldecode", "j"),
    ("coalesce", "mm"),
    ("sensitive", "m"),
    ("nonsensitive", "m"),
    ("regex", "rt"),
];
const PATTERNS: [&str; 8] = [
    "\"[a-z]+\"",
    "\"(?P<a>.)(?P<b>.?)\"",
    "\"(l)(x)?\"",
    "\"^\"",
    "\"/l/\"",
    "\"(\"",
    "local.u_str",
    "sensitive(\"a|h\")",
];
const FORMATS: [&str; 8] = [
    "\"%s\"",
    "\"a-%v-b\"",
    "\"%d\"",
    "\"%s %s\"",
    "\"%q\"",
    "\"%#v\"",
    "\"%05.1f\"",
    "local.u_str",
];
const NETWORKS: [&str; 6] = [
    "\"10.0.0.0/8\"",
    "\"192.168.1.0/24\"",
    "\"2001:db8::/32\"",
    "\"10.0.0.0\"",
    "local.u_str",
    "sensitive(\"10.1.0.0/16\")",
];
const TIMES: [&str; 5] = [
    "\"2020-02-29T23:59:59Z\"",
    "\"2021-12-31T12:00:00+02:00\"",
    "\"2020-01-01\"",
    "local.u_str",
    "sensitive(\"2020-01-02T03:04:05Z\")",
];
const DOCUMENTS: [&str; 8] = [
    "\"[1, \\\"x\\\", null]\"",
    "\"{\\\"a\\\": {\\\"b\\\": []}}\"",
    "\"[\"",
    "\"null\"",
    "local.u_str",
    "\"[${local.u_id}]\"",
    "\"{${local.u_str}\"",
    "sensitive(\"[1]\")",
];

/// Random expressions, mostly of the kind that is wanted.
struct Generator(u64);

impl Generator {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn any(&mut self, depth: usize) -> String {
        match self.below(6) {
            0 => self.number(depth),
            1 | 2 => self.text(depth),
            3 => self.bool(depth),
            4 => self.list(depth),
            _ => self.map(depth),
        }
    }

    /// Now and then something of another kind.
    fn slip(&mut self, depth: usize) -> Option<String> {
        (self.below(14) == 0).then(|| match self.below(4) {
            0 => self
                .pick(&[
                    "null",
                    "local.u_dyn",
                    "local.nul_str",
                    "var.nul_any",
                    "local.config.none",
                ])
                .into(),
            _ => self.any(depth),
        })
    }

    fn number(&mut self, depth: usize) -> String {
        if let Some(other) = self.slip(depth.saturating_sub(1)) {
            return other;
        }
        if depth == 0 {
            return self
                .pick(&[
                    "0",
                    "1",
                    "2",
                    "-3",
                    "2.5",
                    "10",
                    "1e3",
                    "0.1",
                    "\"7\"",
                    "var.num",
                    "var.num_frac",
                    "var.from_tfvars",
                    "local.nums[1]",
                    "local.u_num",
                    "local.u_obj.b",
                    "local.nul_num",
                    "var.map_num.one",
                    "local.config.limits.cpu",
                    "local.users.ann.age",
                ])
                .into();
        }
        let d = depth - 1;
        match self.below(9) {
            0 | 1 => {
                let operator = self.pick(&["+", "-", "*", "/", "%"]);
                format!("({} {operator} {})", self.number(d), self.number(d))
            }
            2 => format!("-{}", self.number(0)),
            3 => format!("length({})", self.list(d)),
            4 | 5 => self.call(NUMBERS, d),
            6 => self.conditional(d, Self::number),
            7 => format!("sum([{}, {}])", self.number(d), self.number(d)),
            _ => self.attempt(d, Self::number),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        if let Some(other) = self.slip(depth.saturating_sub(1)) {
            return other;
        }
        if depth == 0 {
            return self
                .pick(&[
                    "\"\"",
                    "\"a\"",
                    "\"x-y\"",
                    "\"hello\"",
                    "\"5\"",
                    "\"true\"",
                    "\"\u{e9}\"",
                    "var.str",
                    "var.str_empty",
                    "var.str_from_num",
                    "var.secret",
                    "local.greeting",
                    "local.u_id",
                    "local.u_str",
                    "local.u_obj.a",
                    "local.words[0]",
                    "local.config.region",
                    "var.map_str.a",
                    "terraform_data.str.input",
                    "local.composed",
                    "local.lines",
                    "var.secret_map.k",
                ])
                .into();
        }
        let d = depth - 1;
        match self.below(18) {
            0 | 1 => format!("\"{}-${{{}}}\"", self.pick(&["a", "", "b/"]), self.text(d)),
            14 | 15 => self.call(TEXTS, d),
            16 => format!(
                "\" ${{~ {} ~}} %{{~ if {} ~}} y %{{~ endif }} \"",
                self.text(d),
                self.bool(d)
            ),
            17 => format!(
                "\"%{{ for k, x in {} ~}} ${{k}}=${{x}}, %{{~ endfor }}\"",
                self.map(d)
            ),
            2 => format!("\"${{{}}}:${{{}}}\"", self.any(d), self.text(d)),
            3 => format!(
                "\"%{{ if {} }}${{{}}}%{{ else }}n%{{ endif }}\"",
                self.bool(d),
                self.text(d)
            ),
            4 => format!("\"%{{ for x in {} }}<${{x}}>%{{ endfor }}\"", self.list(d)),
            5 => {
                let function = self.pick(&[
                    "upper",
                    "lower",
                    "trimspace",
                    "title",
                    "strrev",
                    "tostring",
                    "jsonencode",
                    "md5",
                    "chomp",
                ]);
                format!("{function}({})", self.text(d))
            }
            6 => format!("join(\",\", {})", self.list(d)),
            7 => self.conditional(d, Self::text),
            8 => format!("format(\"%s/%v\", {}, {})", self.text(d), self.any(d)),
            9 => format!("replace({}, {}, \"z\")", self.text(d), self.text(0)),
            10 => format!("coalesce({}, {})", self.text(d), self.text(d)),
            11 => format!(
                "lookup({}, {}, {})",
                self.map(d),
                self.text(0),
                self.text(d)
            ),
            12 => format!("{}[{}]", self.list_atom(), self.number(0)),
            _ => self.attempt(d, Self::text),
        }
    }

    fn bool(&mut self, depth: usize) -> String {
        if let Some(other) = self.slip(depth.saturating_sub(1)) {
            return other;
        }
        if depth == 0 {
            return self
                .pick(&[
                    "true",
                    "false",
                    "var.flag",
                    "var.flag_off",
                    "local.u_bool",
                    "\"true\"",
                    "local.nul_bool",
                ])
                .into();
        }
        let d = depth - 1;
        match self.below(12) {
            9 | 10 => self.call(BOOLS, d),
            11 => self.conditional(d, Self::bool),
            0 | 1 => format!(
                "({} {} {})",
                self.any(d),
                self.pick(&["==", "!="]),
                self.any(d)
            ),
            2 => format!(
                "({} {} {})",
                self.number(d),
                self.pick(&["<", ">", "<=", ">="]),
                self.number(d)
            ),
            3 => format!(
                "({} {} {})",
                self.bool(d),
                self.pick(&["&&", "||"]),
                self.bool(d)
            ),
            4 => format!("!{}", self.bool(0)),
            5 => format!("can({})", self.any(d)),
            6 => format!("contains({}, {})", self.list(d), self.any(0)),
            7 => format!("startswith({}, {})", self.text(d), self.text(0)),
            _ => format!("({} == null)", self.any(d)),
        }
    }

    fn list_atom(&mut self) -> &'static str {
        self.pick(&[
            "local.words",
            "local.nums",
            "local.mixed",
            "local.matrix",
            "var.list_str",
            "var.list_num",
            "var.list_empty",
            "var.set_str",
            "var.set_num",
            "var.tup",
            "local.typed_list",
            "local.typed_set",
            "local.u_list",
            "local.u_set",
            "local.u_tup",
            "[]",
            "local.people",
            "var.objs",
            "var.untyped",
            "(terraform_data.counted)",
            "local.people[*].name",
            "var.objs[*].n",
            "var.nul_list",
        ])
    }

    fn list(&mut self, depth: usize) -> String {
        if let Some(other) = self.slip(depth.saturating_sub(1)) {
            return other;
        }
        if depth == 0 {
            return self.list_atom().into();
        }
        let d = depth - 1;
        match self.below(20) {
            0 | 1 => format!("[{}, {}]", self.any(d), self.any(d)),
            14..=16 => self.call(LISTS, d),
            17 => format!(
                "[for k, x in {} : {} if {}]",
                self.any(d),
                self.with_x(d),
                self.bool(d)
            ),
            18 => format!("({}).*.{}", self.list(d), self.pick(&["a", "0", "name"])),
            19 => self.attempt(d, Self::list),
            2 => format!("[for x in {} : {}]", self.list(d), self.with_x(d)),
            3 => format!("[for k, x in {} : k if {}]", self.map(d), self.bool(d)),
            4 => format!("[for x in {} : x if x != {}]", self.list(d), self.any(0)),
            5 => format!("{}[*]", self.any(d)),
            6 => {
                let function = self.pick(&[
                    "tolist", "toset", "reverse", "distinct", "compact", "flatten", "sort",
                ]);
                format!("{function}({})", self.list(d))
            }
            7 => format!("concat({}, {})", self.list(d), self.list(d)),
            8 => self.conditional(d, Self::list),
            9 => {
                let function = self.pick(&["keys", "values"]);
                format!("{function}({})", self.map(d))
            }
            10 => {
                let function =
                    self.pick(&["setunion", "setintersection", "setproduct", "coalescelist"]);
                format!("{function}({}, {})", self.list(d), self.list(d))
            }
            11 => format!("slice({}, 0, {})", self.list(d), self.number(0)),
            12 => format!("split(\"-\", {})", self.text(d)),
            _ => format!(
                "{}[*].{}",
                self.list(d),
                self.pick(&["name", "id", "a", "n"])
            ),
        }
    }

    fn conditional(&mut self, depth: usize, arm: fn(&mut Self, usize) -> String) -> String {
        let condition = self.bool(depth);
        let arms = [arm(self, depth), arm(self, depth)];
        format!("({condition} ? {} : {})", arms[0], arms[1])
    }

    /// Something that may fail, with something else to fall back to.
    fn attempt(&mut self, depth: usize, fallback: fn(&mut Self, usize) -> String) -> String {
        let object = self.any(depth);
        let tried = match self.below(5) {
            0 | 1 => object,
            2 => format!("({object}).{}", self.pick(&["a", "name", "k", "input"])),
            3 => format!("({object})[{}]", self.number(0)),
            _ => format!("({object})[{}]", self.text(0)),
        };
        format!("try({tried}, {})", fallback(self, depth))
    }

    /// A call of one of these functions.
    fn call(&mut self, functions: &[(&str, &str)], depth: usize) -> String {
        let (name, parameters) = functions[self.below(functions.len())];
        let arguments: Vec<String> = parameters
            .chars()
            .map(|parameter| match parameter {
                'n' => self.number(depth),
                'i' => self
                    .pick(&["0", "1", "2", "-1", "local.u_num", "sensitive(1)"])
                    .into(),
                't' => self.text(depth),
                'b' => self.bool(depth),
                'l' => self.list(depth),
                'm' => self.map(depth),
                'r' => self.pick(&PATTERNS).into(),
                'f' => self.pick(&FORMATS).into(),
                'c' => self.pick(&NETWORKS).into(),
                'z' => self.pick(&TIMES).into(),
                'd' => self
                    .pick(&["\"1h\"", "\"-90s\"", "\"1.5h\"", "local.u_str"])
                    .into(),
                'j' => self.pick(&DOCUMENTS).into(),
                _ => self.any(depth),
            })
            .collect();
        format!("{name}({})", arguments.join(", "))
    }

    fn with_x(&mut self, depth: usize) -> String {
        match self.below(5) {
            0 => "x".into(),
            1 => "\"${x}!\"".into(),
            2 => format!("[x, {}]", self.any(depth)),
            3 => format!("x == {}", self.any(depth)),
            _ => format!("{{ x = x, y = {} }}", self.any(depth)),
        }
    }

    fn map(&mut self, depth: usize) -> String {
        if let Some(other) = self.slip(depth.saturating_sub(1)) {
            return other;
        }
        if depth == 0 {
            return self
                .pick(&[
                    "{}",
                    "local.config",
                    "local.users",
                    "var.map_str",
                    "var.map_num",
                    "var.map_any",
                    "var.map_empty",
                    "var.obj",
                    "var.obj_map",
                    "local.typed_map",
                    "local.u_map",
                    "local.u_obj",
                    "var.secret_map",
                    "var.untyped_obj",
                    "terraform_data.each",
                    "terraform_data.str",
                ])
                .into();
        }
        let d = depth - 1;
        match self.below(14) {
            0 | 1 => format!("{{ a = {}, b = {} }}", self.any(d), self.any(d)),
            9 | 10 => self.call(MAPS, d),
            11 => format!(
                "{{ for k, x in {} : {} => x if {} }}",
                self.any(d),
                self.pick(&["k", "\"${x}\"", "upper(k)", "\"a\"", "sensitive(k)"]),
                self.bool(d)
            ),
            12 => self.attempt(d, Self::map),
            13 => format!("merge([for x in {} : {}]...)", self.list(d), self.map(d)),
            2 => format!("{{ ({}) = {} }}", self.text(d), self.any(d)),
            3 => format!(
                "{{ for k, x in {} : k => {} }}",
                self.map(d),
                self.with_x(d)
            ),
            4 => format!(
                "{{ for x in {} : \"${{x}}\" => {}... }}",
                self.list(d),
                self.with_x(d)
            ),
            5 => format!("merge({}, {})", self.map(d), self.map(d)),
            6 => self.conditional(d, Self::map),
            7 => format!("tomap({})", self.map(d)),
            _ => format!("zipmap({}, {})", self.list(d), self.list(d)),
        }
    }
}

/// What `terraform console` prints for an expression.
fn console(dir: &Path, expr: &str) -> String {
    let mut child = Command::new("terraform")
        .args(["console", "-plan"])
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(expr.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{expr}\n{errors}");
    let printed = String::from_utf8(output.stdout).unwrap();
    // Where the machine is slow, Terraform says what it waits for.
    let is_answer = |line: &&str| !line.contains("state lock. This may take a few moments");
    let answer: Vec<&str> = printed.lines().filter(is_answer).collect();
    answer.join("\n")
}

/// The same for many expressions at once, each on one line.
fn console_all(dir: &Path, exprs: &[String], make: fn(&str) -> String) -> Vec<String> {
    let batches = exprs.chunks(60).flat_map(|batch| {
        let all: Vec<String> = batch.iter().map(|expr| make(expr)).collect();
        let printed = console(dir, &format!("[{}]\n", all.join(", ")));
        let parts = members(&one_line(&printed));
        assert_eq!(parts.len(), batch.len(), "{printed}");
        parts
    });
    batches.collect()
}

fn types(dir: &Path, exprs: &[String]) -> Vec<String> {
    let batches = exprs.chunks(60).flat_map(|batch| {
        let printed = console(dir, &format!("type([{}])\n", batch.join(", ")));
        let text = one_line(&printed);
        let inner = text
            .strip_prefix("tuple(")
            .and_then(|t| t.strip_suffix(')'));
        let parts = members(inner.unwrap());
        assert_eq!(parts.len(), batch.len(), "{printed}");
        parts
    });
    batches.collect()
}

/// The members of a printed tuple.
fn members(text: &str) -> Vec<String> {
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let (mut parts, mut part, mut depth) = (Vec::new(), String::new(), 0);
    for character in inner.unwrap().chars() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(part.trim().to_owned());
                part.clear();
                continue;
            }
            _ => {}
        }
        part.push(character);
    }
    if !part.trim().is_empty() {
        parts.push(part.trim().to_owned());
    }
    parts
}

fn terraform_is_here() -> bool {
    let version = Command::new("terraform").arg("version").output();
    version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("v1.11."))
}

fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn evaluate(evaluator: &Evaluator<'_>, instance: InstanceId, expr: &str) -> Option<Value> {
    let (tree, expr) = parse_expression(expr);
    assert!(tree.errors.is_empty(), "{:?}", tree.errors);
    let file = FileId(u32::MAX);
    let value = evaluator.foreign_value(instance, &tree, ExprRef { file, expr });
    value.ok()
}

/// `type()` prints over several lines, with a comma after each member.
fn one_line(ty: &str) -> String {
    let words: Vec<&str> = ty.split_whitespace().collect();
    let text = words.join(" ");
    let mut text = text
        .replace(", ]", "]")
        .replace(", }", "}")
        .replace(", )", ")");
    for (from, to) in [
        ("( ", "("),
        ("[ ", "["),
        ("{ ", "{"),
        (" )", ")"),
        (" ]", "]"),
        (" }", "}"),
    ] {
        text = text.replace(from, to);
    }
    text
}

const UNKNOWN: &str = "(known after apply)";

/// What both sides are asked about an expression that has a value.
const QUESTIONS: [fn(&str) -> String; 8] = [
    encoded,
    |expr| format!("try(issensitive({expr}), \"error\")"),
    |expr| format!("try(nonsensitive(({expr}) == null), \"error\")"),
    |expr| format!("try([for x in {expr} : {}], \"error\")", encoded("x")),
    |expr| format!("try([for x in {expr} : issensitive(x)], \"error\")"),
    // What is still known of an unknown value shows in comparisons.
    |expr| format!("try([for x in {expr} : nonsensitive(x == null)], \"error\")"),
    |expr| format!("try(nonsensitive(({expr}) == \"q\"), \"error\")"),
    |expr| format!("try([nonsensitive(({expr}) >= 0), ({expr}) > -3], \"error\")"),
];

fn encoded(expr: &str) -> String {
    format!("try(nonsensitive(base64encode(jsonencode({expr}))), \"error\")")
}

/// As the console prints a string, a bool, or a tuple of them.
fn show(value: &Value) -> String {
    match &value.kind {
        _ if value.sensitive => "(sensitive value)".into(),
        Kind::Unknown(_) => UNKNOWN.into(),
        Kind::Tuple(members) => {
            let members: Vec<String> = members.iter().map(show).collect();
            format!("[{}]", members.join(", "))
        }
        _ => zenml_tflint::eval::json::to_json(value),
    }
}

fn printed(value: Option<Value>) -> String {
    match value {
        None => "error".into(),
        Some(value) => show(&value),
    }
}

#[test]
fn values_are_those_of_the_console() {
    if !terraform_is_here() {
        println!("skipped: there is no Terraform 1.11 on the path");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("fixtures.tf", FIXTURES);
    write("terraform.tfvars", TFVARS);
    write("zenml.tf", "# zenml\n");
    let options = Options {
        paths: vec![dir.path().to_path_buf()],
        cwd: dir.path().to_path_buf(),
        ..Options::default()
    };
    let configuration = load(&mut discover(&options).unwrap(), &RunInputs::default());
    let init = Command::new("terraform")
        .arg("init")
        .current_dir(dir.path())
        .output();
    assert!(init.unwrap().status.success());

    let root = configuration.roots()[0];
    let context = &configuration.contexts(root, &RunInputs::default())[0];
    let mut generator = Generator(setting("DIFFERENTIAL_SEED", 0x5eed_1234_5678_9abc));
    let count = setting("DIFFERENTIAL_COUNT", 200);
    let exprs: Vec<String> = (0..count)
        .map(|_| {
            let depth = 1 + generator.below(3);
            generator.any(depth)
        })
        .collect();

    let ours = |expr: &str| {
        let evaluator = Evaluator::new(&configuration);
        let instance = evaluator.root(root, context);
        evaluate(&evaluator, instance, expr)
    };
    let can = console_all(dir.path(), &exprs, |expr| format!("can({expr})"));
    let mut wrong = Vec::new();
    let mut with_value = Vec::new();
    for (expr, can) in exprs.iter().zip(&can) {
        match (ours(expr).is_some(), can != "false") {
            (true, true) => with_value.push(expr.clone()),
            (false, false) => {}
            (here, _) => wrong.push(format!("{expr}\n    terraform: {can}, here: {here}")),
        }
    }
    for (expr, theirs) in with_value.iter().zip(types(dir.path(), &with_value)) {
        let ours = one_line(&ours(expr).unwrap().ty().to_string());
        if ours != theirs {
            wrong.push(format!(
                "{expr}\n    terraform: {theirs}\n    here:      {ours}"
            ));
        }
    }
    for question in QUESTIONS {
        let answers = console_all(dir.path(), &with_value, question);
        for (expr, theirs) in with_value.iter().zip(answers) {
            let question = question(expr);
            let ours = printed(ours(&question));
            if ours != theirs {
                wrong.push(format!(
                    "{question}\n    terraform: {theirs}\n    here:      {ours}"
                ));
            }
        }
    }
    for difference in wrong.iter().take(40) {
        println!("{difference}");
    }
    println!("{count} expressions, {} with a value", with_value.len());
    assert!(wrong.is_empty(), "{} differences", wrong.len());
}
