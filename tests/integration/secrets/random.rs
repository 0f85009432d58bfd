//! Secrets of every kind in configurations of every kind: no command shows 12 characters of them that stand side by side.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tempfile::TempDir;

use super::{HEAD, MOST, REPORTS};
use crate::support::program::{finish, program};
use crate::support::{NOW, api_key, jwt, repository};

/// Where a secret ends up.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sink {
    Key,
    Token,
    MisspeltKey,
    UrlPassword,
    SecretValue,
    SecretBlock,
    Connector,
    ConnectorMisspelt,
    ConnectorJson,
    Component,
    ModuleArgument,
}

/// How its value is put together from what is written.
#[derive(Clone, Copy, Debug)]
enum Way {
    Literal,
    Unquoted,
    UnquotedWord,
    Default,
    Local,
    Map,
    Heredoc,
    IndentedHeredoc,
    Halves,
    Join,
    Format,
    Base64,
    UrlEncoded,
    Split,
    JsonDecoded,
    Replaced,
    Fallback,
    NotTaken,
    ForExpression,
    Merged,
    MapKey,
    Output,
    ForEach,
    Tfvars,
    TfvarsJson,
    OtherTfvars,
    UnknownPart,
    Environment,
    EnvFile,
    Var,
}

/// What else stands there.
#[derive(Clone, Copy, Debug)]
enum Beside {
    Nothing,
    Comment,
    IgnoreComment,
    Broken,
    OpenString,
    Duplicate,
    Override,
    Json,
    TestFile,
    OneLine,
}

/// A repository with a secret in it, and what a run is given.
#[derive(Debug, Default)]
struct Planted {
    files: Vec<(&'static str, String)>,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    /// The expressions that lead to the secret.
    names: Vec<&'static str>,
    /// All that must not be shown.
    secrets: Vec<String>,
}

fn sink() -> impl Strategy<Value = Sink> {
    use Sink::*;
    prop::sample::select(vec![
        Key,
        Token,
        MisspeltKey,
        UrlPassword,
        SecretValue,
        SecretBlock,
        Connector,
        ConnectorMisspelt,
        ConnectorJson,
        Component,
        ModuleArgument,
    ])
}

fn way() -> impl Strategy<Value = Way> {
    use Way::*;
    prop::sample::select(vec![
        Literal,
        Unquoted,
        UnquotedWord,
        Default,
        Local,
        Map,
        Heredoc,
        IndentedHeredoc,
        Halves,
        Join,
        Format,
        Base64,
        UrlEncoded,
        Split,
        JsonDecoded,
        Replaced,
        Fallback,
        NotTaken,
        ForExpression,
        Merged,
        MapKey,
        Output,
        ForEach,
        Tfvars,
        TfvarsJson,
        OtherTfvars,
        UnknownPart,
        Environment,
        EnvFile,
        Var,
    ])
}

fn beside() -> impl Strategy<Value = Beside> {
    use Beside::*;
    prop::sample::select(vec![
        Nothing,
        Comment,
        IgnoreComment,
        Broken,
        OpenString,
        Duplicate,
        Override,
        Json,
        TestFile,
        OneLine,
    ])
}

/// A made-up secret: with a shape that is known, or with none.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<u8>().prop_map(api_key),
        any::<u8>().prop_map(|seed| api_key(seed).replace("ZENKEY_", "ZENPROKEY_")),
        (-90_000_i64..90_000).prop_map(|seconds| jwt(NOW + seconds)),
        "[a-z][a-zA-Z0-9]{15,40}",
        "[a-z][a-zA-Z0-9_.!+-]{15,40}",
    ]
}

/// The expression through which the secret comes, with what it needs.
fn expression(way: Way, secret: &str, planted: &mut Planted) -> String {
    let half = secret.len() / 2;
    let (first, second) = secret.split_at(half);
    let mut main = String::new();
    let variable = "variable \"given\" {\n  type = string\n}\n";
    let expression = match way {
        Way::Literal => format!("\"{secret}\""),
        // Without quotes, a word with nothing but dots in it is a reference.
        Way::Unquoted => format!("{}-1", secret.replace('.', "-")),
        Way::UnquotedWord => secret.replace('.', "-"),
        Way::Default => {
            main = format!("variable \"open\" {{\n  default = \"{secret}\"\n}}\n");
            planted.names.push("var.open");
            "var.open".to_owned()
        }
        Way::Local => {
            main = format!("locals {{\n  held = \"{secret}\"\n}}\n");
            planted.names.push("local.held");
            "local.held".to_owned()
        }
        Way::Map => {
            main = format!("locals {{\n  all = {{ a = \"{secret}\", b = [1, \"x\"] }}\n}}\n");
            planted
                .names
                .extend(["local.all", "local.all[\"a\"]", "values(local.all)"]);
            "local.all[\"a\"]".to_owned()
        }
        Way::Heredoc => format!("trimspace(<<EOT\n{secret}\nEOT\n)"),
        Way::IndentedHeredoc => format!("chomp(<<-EOT\n    {secret}\n  EOT\n)"),
        Way::Halves => {
            main = format!("locals {{\n  one = \"{first}\"\n  two = \"{second}\"\n}}\n");
            planted.names.extend(["local.one", "local.two"]);
            "\"${local.one}${local.two}\"".to_owned()
        }
        Way::Join => format!("join(\"\", [\"{first}\", \"{second}\"])"),
        Way::Format => format!("format(\"%s%s\", \"{first}\", \"{second}\")"),
        Way::Base64 => {
            let encoded = STANDARD.encode(secret);
            let expression = format!("base64decode(\"{encoded}\")");
            planted.secrets.push(encoded);
            expression
        }
        Way::UrlEncoded => {
            let encoded: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let expression = format!("urldecode(\"{encoded}\")");
            planted.secrets.push(encoded);
            expression
        }
        Way::Split => format!("split(\",\", \"x,{secret}\")[1]"),
        Way::JsonDecoded => format!("jsondecode(\"{{\\\"a\\\": \\\"{secret}\\\"}}\").a"),
        Way::Replaced => format!("replace(\"{first}#{second}\", \"#\", \"\")"),
        Way::Fallback => format!("try(local.none, coalesce(null, \"{secret}\"))"),
        Way::NotTaken => format!("false ? \"{secret}\" : \"x\""),
        Way::ForExpression => format!("[for part in [\"{secret}\"] : part if part != \"\"][0]"),
        Way::Merged => format!("merge({{ a = \"x\" }}, {{ a = \"{secret}\" }}).a"),
        Way::MapKey => format!("keys({{ \"{secret}\" = 1 }})[0]"),
        Way::Output => {
            let child = format!("output \"o\" {{\n  value = \"{secret}\"\n}}\n");
            planted.files.push(("child/main.tf", child));
            main = "module \"child\" {\n  source = \"./child\"\n}\n".to_owned();
            planted.names.push("module.child.o");
            "module.child.o".to_owned()
        }
        Way::ForEach => {
            main = format!("locals {{\n  each = {{ a = \"{secret}\" }}\n}}\n");
            planted.names.push("local.each");
            "one(values(local.each))".to_owned()
        }
        Way::Tfvars | Way::TfvarsJson | Way::OtherTfvars => {
            main = variable.to_owned();
            planted.names.push("var.given");
            planted.files.push(match way {
                Way::Tfvars => ("terraform.tfvars", format!("given = \"{secret}\"\n")),
                Way::TfvarsJson => ("a.auto.tfvars.json", format!("{{\"given\": \"{secret}\"}}")),
                _ => ("env/prod.tfvars", format!("given = \"{secret}\"\n")),
            });
            "var.given".to_owned()
        }
        Way::UnknownPart => {
            main = variable.to_owned();
            format!("\"${{var.given}}{secret}\"")
        }
        Way::Environment => {
            main = variable.to_owned();
            planted.names.push("var.given");
            planted
                .environment
                .push(("TF_VAR_given", secret.to_owned()));
            "var.given".to_owned()
        }
        Way::EnvFile => {
            main = variable.to_owned();
            planted.names.push("var.given");
            planted
                .files
                .push(("run.env", format!("TF_VAR_given={secret}\n")));
            planted
                .arguments
                .extend(["--env-file".to_owned(), "run.env".to_owned()]);
            "var.given".to_owned()
        }
        Way::Var => {
            main = variable.to_owned();
            planted.names.push("var.given");
            planted
                .arguments
                .extend(["--var".to_owned(), format!("given={secret}")]);
            "var.given".to_owned()
        }
    };
    planted.files.push(("values.tf", main));
    expression
}

/// Where the expression ends up.
fn user(sink: Sink, expression: &str) -> String {
    let provider = |body: &str| {
        format!("provider \"zenml\" {{\n  server_url = \"https://a.mycompany.com/\"\n{body}}}\n")
    };
    let connector = |configuration: &str| {
        format!(
            "resource \"zenml_service_connector\" \"c\" {{\n  name = \"c\"\n  type = \"docker\"\n  auth_method = \"password\"\n  configuration = {configuration}\n}}\n"
        )
    };
    let in_secret =
        |body: &str| format!("resource \"zenml_secret\" \"s\" {{\n  nmae = \"s\"\n{body}}}\n");
    match sink {
        Sink::Key => provider(&format!("  api_key = {expression}\n")),
        Sink::Token => provider(&format!("  api_token = {expression}\n")),
        Sink::MisspeltKey => provider(&format!("  apikey = {expression}\n")),
        Sink::UrlPassword => format!(
            "provider \"zenml\" {{\n  server_url = \"https://user:${{{}}}@a.mycompany.com/\"\n}}\n",
            expression.replace('\n', " ")
        ),
        Sink::SecretValue => in_secret(&format!("  values = {{\n    a = {expression}\n  }}\n")),
        Sink::SecretBlock => in_secret(&format!("  values {{\n    a = {expression}\n  }}\n")),
        Sink::Connector => connector(&format!("{{\n    password = {expression}\n  }}")),
        Sink::ConnectorMisspelt => connector(&format!("{{\n    pasword = {expression}\n  }}")),
        Sink::ConnectorJson => connector(&format!(
            "{{\n    password = jsonencode({{ inner = {expression} }})\n  }}"
        )),
        Sink::Component => format!(
            "resource \"zenml_stack_component\" \"c\" {{\n  name = \"c\"\n  type = \"experiment_tracker\"\n  flavor = \"comet\"\n  configuration = {{\n    api_key = {expression}\n  }}\n}}\n"
        ),
        Sink::ModuleArgument => {
            format!("module \"zenml\" {{\n  source = \"./zenml\"\n  key = {expression}\n}}\n")
        }
    }
}

fn plant(secret: &str, sink: Sink, way: Way, beside: Beside) -> Planted {
    let mut planted = Planted {
        secrets: vec![secret.to_owned()],
        ..Planted::default()
    };
    // A word alone is told from a reference by the name of a secret that it is given to.
    let is_told = !matches!(
        sink,
        Sink::UrlPassword | Sink::SecretValue | Sink::SecretBlock | Sink::ConnectorJson
    );
    let way = match way {
        Way::UnquotedWord if !is_told => Way::Unquoted,
        way => way,
    };
    let expression = expression(way, secret, &mut planted);
    let mut main = format!("{HEAD}{}", user(sink, &expression));
    if sink == Sink::ModuleArgument {
        let child = format!(
            "{HEAD}variable \"key\" {{}}\nprovider \"zenml\" {{\n  api_key = var.key\n}}\n"
        );
        planted.files.push(("zenml/main.tf", child));
    }
    let provider = |body: &str| format!("provider \"zenml\" {{\n{body}\n}}\n");
    let literal = format!("  api_key = \"{secret}\"");
    match beside {
        Beside::Nothing => {}
        Beside::Comment => main = format!("# {secret}\n{main}/* or\n {secret} */\n"),
        Beside::IgnoreComment => {
            main = format!("# zenml-tflint-ignore-file: {secret}\n{main}");
        }
        Beside::Broken => main += "locals {\n  x = (1 +\n}\n",
        Beside::OpenString => main += &format!("locals {{\n  x = \"{secret}\n}}\n"),
        Beside::Duplicate => main += &provider(&format!("{literal}\n{literal}")),
        Beside::Override => planted.files.push(("a_override.tf", provider(&literal))),
        Beside::Json => {
            let json = format!(
                "{{\"provider\": {{\"zenml\": {{\"alias\": \"j\", \"api_key\": \"{secret}\"}}}}}}"
            );
            planted.files.push(("more.tf.json", json));
        }
        Beside::TestFile => planted.files.push(("a.tftest.hcl", provider(&literal))),
        Beside::OneLine => main += &format!("provider \"zenml\" {{ alias = \"o\" {literal} }}\n"),
    }
    planted.files.push(("main.tf", main));
    planted
}

impl Planted {
    fn write(&self) -> TempDir {
        let files: Vec<(&str, &str)> = self.files.iter().map(|(n, t)| (*n, t.as_str())).collect();
        repository(&files)
    }

    /// What must not be shown and is, in an output.
    fn shown(&self, output: &str) -> Option<&str> {
        self.secrets.iter().find_map(|secret| {
            // The start of a known shape is no secret: all keys and tokens have it.
            let prefix = ["ZENKEY_eyJ", "ZENPROKEY_eyJ", "eyJ"];
            let known = prefix.iter().find(|prefix| secret.starts_with(**prefix));
            let rest = &secret[known.map_or(0, |prefix| prefix.len())..];
            let last = rest.len().checked_sub(MOST + 1)?;
            (0..=last)
                .map(|at| &rest[at..=at + MOST])
                .find(|part| output.contains(part))
        })
    }

    /// Every output of every command, each under the name of what gave it.
    fn outputs(&self) -> Vec<(String, String)> {
        let directory = self.write();
        let path = directory.path();
        let mut outputs = Vec::new();
        let mut add = |arguments: &[&str]| {
            let mut command = program(path);
            command.args(arguments);
            command.envs(self.environment.iter().map(|(n, v)| (n, v)));
            let run = finish(&mut command, "");
            outputs.push((format!("{arguments:?}"), run.stdout));
            outputs.push((format!("{arguments:?} on standard error"), run.stderr));
        };
        let given: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let reports: Vec<String> = REPORTS
            .iter()
            .chain(&["json", "concise"])
            .flat_map(|format| {
                [
                    "--output-format".to_owned(),
                    format!("{format}=report.{format}"),
                ]
            })
            .collect();
        let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
        add(&[
            &[
                "--verbose",
                "--statistics",
                "--unsafe-fixes",
                "--color",
                "always",
            ],
            &*reports,
            &given,
        ]
        .concat());
        add(&[&["--diff", "--unsafe-fixes"], &*given].concat());
        add(&[
            &["--write-baseline", "--baseline", "report.baseline"],
            &*given,
        ]
        .concat());
        let mut eval = vec!["eval", "--output-format", "json"];
        eval.extend(&given);
        eval.push("--");
        eval.extend(&self.names);
        if !self.names.is_empty() {
            add(&eval);
            eval.drain(1..3);
            add(&eval);
        }
        add(&[&["--fix", "--unsafe-fixes", "--verbose"], &*given].concat());
        for entry in std::fs::read_dir(path).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if name.starts_with("report.") {
                outputs.push((name, std::fs::read_to_string(entry.path()).unwrap()));
            }
        }
        outputs
    }
}

/// The same cases in every run, unless `PROPTEST_CASES` (and `PROPTEST_RNG_SEED`) ask for others.
fn config() -> ProptestConfig {
    let asked = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return asked;
    }
    ProptestConfig {
        cases: 48,
        rng_seed: RngSeed::Fixed(1),
        ..asked
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_output_of_any_command_shows_a_secret(
        secret in secret(),
        sink in sink(),
        way in way(),
        beside in beside(),
    ) {
        let planted = plant(&secret, sink, way, beside);
        for (name, output) in planted.outputs() {
            let shown = planted.shown(&output);
            prop_assert!(shown.is_none(), "{name} shows {shown:?}\n{output}\n{:#?}", planted.files);
        }
    }
}
