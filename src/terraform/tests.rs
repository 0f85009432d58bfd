use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::discover::tests::Place;
use crate::discover::{Options, Problem, Stdin, discover};
use crate::source::{Location, display_path};

/// A repository that was loaded.
struct Loaded {
    place: Place,
    configuration: Configuration,
    problems: Vec<String>,
}

impl Loaded {
    fn new(files: &[(&str, &str)]) -> Self {
        Self::with(Place::repository(files), &[], &RunInputs::default())
    }

    fn with(place: Place, paths: &[&str], run: &RunInputs) -> Self {
        let options = place.options(paths);
        Self::load(place, &options, run)
    }

    fn load(place: Place, options: &Options, run: &RunInputs) -> Self {
        let mut discovery = discover(options).unwrap();
        let configuration = load(&mut discovery, run);
        assert_eq!(
            configuration.sources.iter().count(),
            configuration.trees.len()
        );
        Self {
            place,
            configuration,
            problems: discovery.problems.iter().map(Problem::to_string).collect(),
        }
    }

    fn id(&self, dir: &str) -> ModuleId {
        let path = self.place.path(dir);
        let mut modules = self.configuration.module_ids();
        modules
            .find(|id| self.configuration.module(*id).unwrap().dir == path)
            .unwrap_or_else(|| panic!("{dir} is not loaded: {:?}", self.dirs()))
    }

    fn module(&self, dir: &str) -> &Module {
        self.configuration.module(self.id(dir)).unwrap()
    }

    fn name(&self, id: ModuleId) -> String {
        let module = self.configuration.module(id).unwrap();
        display_path(&module.dir, &self.place.path(""))
    }

    fn dirs(&self) -> Vec<String> {
        let ids = self.configuration.module_ids();
        ids.map(|id| self.name(id)).collect()
    }

    fn roots(&self) -> Vec<String> {
        let roots = self.configuration.roots();
        roots.iter().map(|id| self.name(*id)).collect()
    }

    fn files(&self) -> Vec<&str> {
        let files = self.configuration.sources.iter();
        let files = files.filter(|(_, file)| file.exists);
        files.map(|(_, file)| file.display.as_str()).collect()
    }

    fn text(&self, location: Location) -> &str {
        self.configuration.sources.text_at(location)
    }

    fn value(&self, argument: &Argument) -> &str {
        self.text(self.configuration.location(argument.expr))
    }

    fn arguments(&self, block: &Block) -> Vec<String> {
        let arguments = block.arguments.iter();
        arguments
            .map(|(name, argument)| format!("{name}={}", self.value(argument)))
            .collect()
    }

    fn file_of(&self, location: Location) -> &str {
        &self
            .configuration
            .sources
            .get(location.file)
            .unwrap()
            .display
    }

    /// What each context gives: `name=by or value`, all of them, lowest precedence first.
    fn contexts(&self, root: &str, run: &RunInputs) -> Vec<Vec<String>> {
        let contexts = self.configuration.contexts(self.id(root), run);
        let given = |given: &Given| match given {
            Given::Tfvars(argument) => self.value(argument).to_owned(),
            Given::Run { by, text } => format!("{by}:{text}"),
        };
        let lines = |context: &RootContext| {
            let variables = context.given.iter();
            variables
                .map(|(name, list)| {
                    let list: Vec<_> = list.iter().map(given).collect();
                    format!("{name}={}", list.join("<"))
                })
                .collect()
        };
        contexts.iter().map(lines).collect()
    }
}

fn var(name: &str, text: &str) -> RunInput {
    RunInput::Var {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

fn run(env: &[(&str, &str)], vars: Vec<RunInput>) -> RunInputs {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    RunInputs {
        roots: BTreeMap::new(),
        env: env.iter().map(own).collect(),
        vars,
        workspace: None,
    }
}

#[test]
fn a_module_is_put_together_from_all_its_files() {
    let loaded = Loaded::new(&[
        (
            "a.tf",
            r#"
            variable "url" {
              type      = string
              default   = "https://x"
              nullable  = false
              sensitive = "true"
            }
            variable "url" { default = "second" }
            variable {}
            locals {
              a = 1
              a = 2
            }
            provider "zenml" {
              labels { nested {} }
              unheard_of = 1
            }
            provider "zenml" {}
            data "zenml_stack" "d" {}
            "#,
        ),
        (
            "b.tf",
            r#"
            variable "plain" {}
            locals { a = 3
              b = 4 }
            resource "zenml_stack" "r" {}
            output "o" { value = 1 }
            ephemeral "x" "y" {}
            removed { from = a.b }
            check "c" {}
            "#,
        ),
    ]);
    let module = loaded.module("");
    let url = &module.variables["url"];
    assert_eq!(loaded.value(url.default.as_ref().unwrap()), "\"https://x\"");
    assert!(!url.nullable && url.sensitive && !url.ephemeral);
    let plain = &module.variables["plain"];
    assert!(plain.nullable && !plain.sensitive && plain.default.is_none() && plain.ty.is_none());
    let locals: Vec<_> = module
        .locals
        .values()
        .map(|local| loaded.value(local))
        .collect();
    assert_eq!(locals, ["1", "4"]);
    assert_eq!(module.providers.len(), 2);
    assert_eq!(loaded.arguments(&module.providers[0]), ["unheard_of=1"]);
    assert_eq!(module.providers[0].blocks[0].keyword, "labels");
    assert_eq!(module.providers[0].blocks[0].blocks[0].keyword, "nested");
    assert_eq!(
        loaded.text(module.providers[1].header),
        "provider \"zenml\""
    );
    assert_eq!(module.resources[0].labels, ["zenml_stack", "r"]);
    let data: Vec<_> = module
        .data
        .iter()
        .map(|block| block.keyword.as_str())
        .collect();
    assert_eq!(data, ["data", "ephemeral"]);
    assert_eq!(module.outputs.len(), 1);
    assert_eq!(module.terraform_block, None);
}

#[test]
fn override_files_are_merged() {
    let loaded = Loaded::new(&[
        (
            "main.tf",
            r#"
            terraform {
              required_providers {
                zenml = { source = "zenml-io/zenml" }
                aws   = { source = "hashicorp/aws" }
              }
            }
            variable "v" {
              default   = "base"
              sensitive = true
            }
            locals {
              a = "base"
              b = "base"
            }
            provider "zenml" {
              server_url = "base"
              api_key    = "base"
            }
            provider "zenml" {
              alias      = "two"
              server_url = "base"
            }
            resource "zenml_x" "r" {
              name = "base"
              one { from = "base" }
              two { from = "base" }
              dynamic "three" { for_each = [] }
            }
            module "m" {
              source = "./base"
              arg    = "base"
            }
            "#,
        ),
        (
            "a_override.tf",
            r#"
            terraform { required_providers { zenml = { source = "first" } } }
            variable "v" { default = "first" }
            locals { a = "first" }
            provider "zenml" { server_url = "first" }
            resource "zenml_x" "r" {
              one { from = "first" }
              one { from = "again" }
              three { from = "first" }
            }
            module "m" { source = "./other" }
            "#,
        ),
        (
            "override.tf",
            r#"
            locals { a = "second" }
            provider "zenml" {
              alias      = "two"
              server_url = "second"
            }
            provider "aws" {}
            "#,
        ),
        ("z.tf", r#"variable "late" {}"#),
        ("other/main.tf", "# zenml"),
    ]);
    let module = loaded.module("");
    let files: Vec<_> = module
        .files
        .iter()
        .map(|id| {
            loaded
                .configuration
                .sources
                .get(*id)
                .unwrap()
                .display
                .as_str()
        })
        .collect();
    assert_eq!(files, ["main.tf", "z.tf", "a_override.tf", "override.tf"]);
    let source = |name: &str| module.required_providers[name].source.clone().unwrap().0;
    assert_eq!(
        (source("zenml"), source("aws")),
        ("first".into(), "hashicorp/aws".into())
    );
    let v = &module.variables["v"];
    assert_eq!(loaded.value(v.default.as_ref().unwrap()), "\"first\"");
    assert!(v.sensitive);
    assert_eq!(loaded.file_of(v.block.header), "main.tf");
    assert_eq!(loaded.value(&module.locals["a"]), "\"second\"");
    assert_eq!(loaded.value(&module.locals["b"]), "\"base\"");
    let providers: Vec<_> = module
        .providers
        .iter()
        .map(|p| loaded.arguments(p))
        .collect();
    assert_eq!(
        providers,
        [
            vec!["api_key=\"base\"", "server_url=\"first\""],
            vec!["alias=\"two\"", "server_url=\"second\""],
            vec![]
        ]
    );
    let resource = &module.resources[0];
    let nested: Vec<_> = resource
        .blocks
        .iter()
        .map(|block| format!("{} {}", block.keyword, loaded.arguments(block).join(" ")))
        .collect();
    assert_eq!(
        nested,
        [
            "two from=\"base\"",
            "one from=\"first\"",
            "one from=\"again\"",
            "three from=\"first\""
        ]
    );
    let call = &module.calls["m"];
    assert_eq!(
        loaded.arguments(&call.block),
        ["arg=\"base\"", "source=\"./other\""]
    );
    assert_eq!(call.target, Some(loaded.id("other")));
}

#[test]
fn required_providers_are_read_in_every_form() {
    let loaded = Loaded::new(&[(
        "main.tf",
        r#"
        terraform {
          required_version = ">= 1.5"
          required_providers {
            zenml = {
              source                = "registry.example/zenml-io/ZenML"
              version               = "~> 3.0"
              configuration_aliases = [zenml.one, zenml.two]
            }
            old    = "1.0"
            empty  = {}
            odd    = { source = local.x, "version" = "2" }
            number = 1
          }
        }
        terraform { required_providers { zenml = "9" } }
        "#,
    )]);
    let module = loaded.module("");
    let zenml = &module.required_providers["zenml"];
    let (source, at) = zenml.source.clone().unwrap();
    assert_eq!(source, "registry.example/zenml-io/ZenML");
    assert_eq!(loaded.text(at), "\"registry.example/zenml-io/ZenML\"");
    assert_eq!(zenml.version.as_ref().unwrap().0, "~> 3.0");
    assert_eq!(zenml.aliases, ["zenml.one", "zenml.two"]);
    let texts = |name: &str| {
        let entry = &module.required_providers[name];
        let text = |part: &Option<(String, Location)>| part.as_ref().map(|(text, _)| text.clone());
        (text(&entry.source), text(&entry.version))
    };
    assert_eq!(texts("old"), (None, Some("1.0".into())));
    assert_eq!(texts("empty"), (None, None));
    assert_eq!(texts("odd"), (None, Some("2".into())));
    assert_eq!(texts("number"), (None, None));
    assert_eq!(loaded.text(module.terraform_block.unwrap()), "terraform");
    assert_eq!(
        loaded.text(module.required_providers_block.unwrap()),
        "required_providers"
    );
    assert_eq!(module.local_names(&["zenml-io/zenml"], "zenml"), ["zenml"]);
}

#[test]
fn json_means_the_same() {
    let loaded = Loaded::new(&[
        (
            "main.tf.json",
            r#"{
              "terraform": {"required_providers": {
                "zenml": {
                  "source": "zenml-io/zenml", "version": "3", "configuration_aliases": ["zenml.one"]
                },
                "old": "1"
              }},
              "variable": {"url": {"type": "string", "default": "a", "sensitive": true}},
              "locals": {"a": "base"},
              "provider": {"zenml": [{"server_url": "base"}, {"alias": "two"}]},
              "module": {"m": {
                "source": "./m",
                "providers": {"zenml": "zenml.two"},
                "name": "${module.used.x}"
              }, "used": {"source": "./used"}, "unused": {"source": "./unused"}}
            }"#,
        ),
        (
            "override.tf.json",
            r#"{"locals": {"a": "over"}, "provider": {"zenml": {"server_url": "over"}}}"#,
        ),
        (
            "m/main.tofu.json",
            r#"{"resource": {"zenml_stack": {"s": {"name": "x"}}}}"#,
        ),
        ("used/main.tf.json", r#"{"output": {"x": {"value": 1}}}"#),
        ("unused/main.tf.json", "{}"),
        ("terraform.tfvars.json", r#"{"url": "json"}"#),
        ("terraform.tfvars", "url = \"native\""),
        ("more.auto.tfvars.json", r#"{"url": "auto"}"#),
        (
            "a.tftest.json",
            r#"{"provider": {"zenml": {"api_key": "x"}}, "variables": {"v": 1}}"#,
        ),
    ]);
    assert_eq!(loaded.dirs(), [".", "m", "used"]);
    let module = loaded.module("");
    let zenml = &module.required_providers["zenml"];
    assert_eq!(zenml.source.as_ref().unwrap().0, "zenml-io/zenml");
    assert_eq!(
        loaded.text(zenml.source.as_ref().unwrap().1),
        "\"zenml-io/zenml\""
    );
    assert_eq!(zenml.aliases, ["zenml.one"]);
    assert_eq!(
        module.required_providers["old"].version.as_ref().unwrap().0,
        "1"
    );
    assert!(module.terraform_block.is_some() && module.required_providers_block.is_some());
    assert!(module.variables["url"].sensitive);
    assert_eq!(loaded.value(&module.locals["a"]), "\"over\"");
    assert_eq!(
        loaded.arguments(&module.providers[0]),
        ["server_url=\"over\""]
    );
    assert_eq!(loaded.arguments(&module.providers[1]), ["alias=\"two\""]);
    let call = &module.calls["m"];
    assert_eq!(call.target, Some(loaded.id("m")));
    let passed = loaded.configuration.passed_providers(call);
    assert_eq!(passed, [("zenml".to_owned(), "zenml.two".to_owned())]);
    assert_eq!(loaded.module("m").resources[0].labels, ["zenml_stack", "s"]);
    assert_eq!(
        loaded.contexts("", &RunInputs::default()),
        [["url=\"native\"<\"json\"<\"auto\""]]
    );
    let test = &module.test_files[0];
    assert_eq!(loaded.arguments(&test.providers[0]), ["api_key=\"x\""]);
    assert_eq!(loaded.value(test.variables.get("v").unwrap()), "1");
    for tree in &loaded.configuration.trees {
        assert!(tree.errors.is_empty(), "{:?}", tree.errors);
    }
}

#[test]
fn calls_lead_to_modules_and_back() {
    let loaded = Loaded::new(&[
        (
            "main.tf",
            r#"
            module "one" {
              source = "./modules/stack"
              providers = {
                zenml       = zenml.main
                zenml.other = zenml
              }
              names = module.names.all
            }
            module "two"      { source = "./modules//stack/" }
            module "names"    { source = "./names" }
            module "unread"   { source = "./unread" }
            module "registry" { source = "zenml-io/x/y" }
            module "outside"  { source = "../outside" }
            module "dynamic"  { source = "./${var.x}" }
            module "none"     {}
            "#,
        ),
        ("modules/stack/main.tf", "provider \"zenml\" {}"),
        (
            "names/main.tf",
            "module \"deep\" { source = \"./deep\" }\noutput \"all\" { value = module.deep.x }",
        ),
        ("names/deep/main.tf", "output \"x\" { value = 1 }"),
        ("unread/main.tf", "output \"x\" { value = 1 }"),
        ("elsewhere/main.tf", ""),
    ]);
    assert_eq!(loaded.dirs(), [".", "modules/stack", "names", "names/deep"]);
    let calls = &loaded.module("").calls;
    let stack = Some(loaded.id("modules/stack"));
    assert_eq!(calls["one"].target, stack);
    assert_eq!(calls["two"].target, stack);
    for name in ["unread", "registry", "outside", "dynamic", "none"] {
        assert_eq!(calls[name].target, None, "{name}");
    }
    let root = loaded.id("");
    let callers = loaded.configuration.callers(loaded.id("modules/stack"));
    assert_eq!(
        callers,
        [(root, "one".to_owned()), (root, "two".to_owned())]
    );
    assert_eq!(loaded.roots(), ["."]);
    let passed = loaded.configuration.passed_providers(&calls["one"]);
    let names: Vec<_> = passed
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(names, [("zenml", "zenml.main"), ("zenml.other", "zenml")]);
    assert!(
        loaded
            .configuration
            .passed_providers(&calls["two"])
            .is_empty()
    );
}

#[test]
fn circles_end_and_have_one_root() {
    let call = |to: &str| format!("# zenml\nmodule \"m\" {{ source = \"../{to}\" }}");
    let loaded = Loaded::new(&[
        ("a/main.tf", "# zenml"),
        (
            "b/main.tf",
            &(call("c") + "\nmodule \"a\" { source = \"../a\" }"),
        ),
        ("c/main.tf", &call("b")),
        ("self/main.tf", &call("self")),
        ("x/main.tf", &call("z")),
        ("y/main.tf", &call("x")),
        ("z/main.tf", &call("x")),
    ]);
    assert_eq!(loaded.roots(), ["b", "self", "y"]);
}

#[test]
fn a_long_chain_of_calls_is_no_trouble() {
    let files: Vec<(String, String)> = (0..400)
        .map(|at| {
            let text = format!("module \"m\" {{ source = \"../m{}\" }} # zenml", at + 1);
            (format!("m{at}/main.tf"), text)
        })
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let loaded = Loaded::new(&files);
    assert_eq!(loaded.roots(), ["m0"]);
}

#[test]
fn deep_nesting_is_cut() {
    let text = format!(
        "provider \"zenml\" {{\n{}{}}}",
        "a {\n".repeat(30_000),
        "}\n".repeat(30_000)
    );
    let loaded = Loaded::new(&[("main.tf", &text)]);
    assert_eq!(loaded.module("").providers.len(), 1);
}

#[test]
fn little_is_read() {
    let loaded = Loaded::new(&[
        ("main.tf", "# nothing"),
        ("a/main.tf", "provider \"zenml\" {}"),
        ("a/terraform.tfvars", ""),
        ("a/other.tf", ""),
        ("b/main.tf", "provider \"aws\" {}"),
        ("b/terraform.tfvars", ""),
    ]);
    assert_eq!(
        loaded.files(),
        ["a/main.tf", "a/other.tf", "a/terraform.tfvars"]
    );
    let place = Place::repository(&[("b/main.tf", "oops"), ("b/x.tf", ""), ("b/x.tfvars", "")]);
    let loaded = Loaded::with(place, &["b/main.tf", "b/x.tfvars"], &RunInputs::default());
    assert_eq!(loaded.files(), ["b/main.tf", "b/x.tfvars"]);
    assert!(loaded.dirs().is_empty());
    assert!(!loaded.configuration.trees[0].errors.is_empty());
}

#[test]
fn ignored_files_count_but_report_nothing() {
    let loaded = Loaded::new(&[
        (".gitignore", "secret.tf\nvendor\n"),
        (
            "main.tf",
            "module \"v\" { source = \"./vendor/v\" }\n# zenml\nlocals { x = module.v.x }",
        ),
        ("secret.tf", "variable \"hidden\" {}"),
        ("vendor/v/main.tf", "output \"x\" { value = 1 }"),
    ]);
    assert_eq!(loaded.dirs(), [".", "vendor/v"]);
    assert!(loaded.module("").variables.contains_key("hidden"));
    let reported: Vec<_> = loaded
        .configuration
        .sources
        .iter()
        .filter(|(_, file)| file.exists)
        .map(|(_, file)| (file.display.as_str(), file.reported))
        .collect();
    assert_eq!(
        reported,
        [
            ("main.tf", true),
            ("secret.tf", false),
            ("vendor/v/main.tf", false)
        ]
    );
}

#[test]
fn what_is_not_utf8_is_one_error_and_the_rest_counts() {
    let place = Place::repository(&[("b.tf", "provider \"zenml\" {}")]);
    place.write(
        "a.tf",
        b"variable \"a\" { default = \"\xfc\" }\nvariable \"b\" {}\n\xff",
    );
    let loaded = Loaded::with(place, &[], &RunInputs::default());
    let errors = &loaded.configuration.trees[0].errors;
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].span.start, errors[0].span.end), (26, 27));
    assert_eq!(loaded.module("").variables.len(), 2);
    assert_eq!(loaded.module("").providers.len(), 1);
}

#[test]
fn tofu_files_replace_others_and_tests_belong_to_their_module() {
    let loaded = Loaded::new(&[
        ("main.tf", "locals { from = \"tf\" }"),
        ("main.tofu", "locals { from = \"tofu\" }"),
        (
            "a.tftest.hcl",
            "variables { x = 1 }\nprovider \"zenml\" { server_url = \"a\" }\nrun \"r\" {}",
        ),
        ("tests/b.tftest.hcl", "provider \"zenml\" {}"),
        ("other/tests/c.tftest.hcl", "provider \"zenml\" {}"),
    ]);
    assert_eq!(loaded.dirs(), [".", "other/tests"]);
    let module = loaded.module("");
    assert_eq!(loaded.value(&module.locals["from"]), "\"tofu\"");
    assert_eq!(module.test_files.len(), 2);
    assert_eq!(
        loaded.value(module.test_files[0].variables.get("x").unwrap()),
        "1"
    );
    assert_eq!(module.test_files[0].providers.len(), 1);
    assert!(module.providers.is_empty());
    assert_eq!(loaded.module("other/tests").test_files.len(), 1);
}

#[test]
fn standard_input_alone_is_a_module() {
    let place = Place::repository(&[("main.tf", "provider \"zenml\" {}")]);
    let options = Options {
        stdin: Some(Stdin {
            path: None,
            bytes: b"provider \"zenml\" {}\nmodule \"m\" { source = \"./\" }".to_vec(),
        }),
        ..place.options(&[])
    };
    let loaded = Loaded::load(place, &options, &RunInputs::default());
    assert_eq!(loaded.files(), ["<stdin>"]);
    assert_eq!(loaded.configuration.modules.len(), 1);
    assert_eq!(loaded.configuration.modules[0].dir, PathBuf::new());
    assert_eq!(loaded.configuration.roots().len(), 1);
}

#[test]
fn standard_input_stands_among_its_neighbours() {
    let place = Place::repository(&[
        ("a/main.tf", "provider \"zenml\" { server_url = \"old\" }"),
        ("a/variables.tf", "variable \"x\" {}"),
        ("main.tf", "module \"a\" { source = \"./a\" }"),
    ]);
    let options = Options {
        stdin: Some(Stdin {
            path: Some("a/main.tf".into()),
            bytes: b"provider \"zenml\" { server_url = \"new\" }".to_vec(),
        }),
        ..place.options(&[])
    };
    let loaded = Loaded::load(place, &options, &RunInputs::default());
    let module = loaded.module("a");
    assert_eq!(
        loaded.arguments(&module.providers[0]),
        ["server_url=\"new\""]
    );
    assert!(module.variables.contains_key("x"));
    assert_eq!(loaded.roots(), ["."]);
}

#[test]
fn a_file_that_cannot_be_read_any_more_is_a_problem_and_the_rest_counts() {
    let place = Place::repository(&[("main.tf", "provider \"zenml\" {}"), ("gone.tf", "")]);
    let mut discovery = discover(&place.options(&[])).unwrap();
    std::fs::remove_file(place.path("gone.tf")).unwrap();
    let configuration = load(&mut discovery, &RunInputs::default());
    assert_eq!(configuration.modules[0].providers.len(), 1);
    let problems: Vec<_> = discovery.problems.iter().map(Problem::to_string).collect();
    assert_eq!(problems, ["gone.tf: No such file or directory"]);
}

#[test]
fn many_blocks_and_overrides_take_linear_time() {
    let block = |at: usize| format!("resource \"zenml_x\" \"r{at}\" {{}}\n");
    let many: String = (0..20_000).map(block).collect();
    let loaded = Loaded::new(&[("main.tf", &many), ("override.tf", &many)]);
    assert_eq!(loaded.module("").resources.len(), 20_000);
}

const VARIABLES: &str = "variable \"a\" {}\nvariable \"b\" {}\n# zenml";

#[test]
fn values_have_terraforms_precedence() {
    let place = Place::repository(&[
        ("main.tf", VARIABLES),
        ("z.auto.tfvars", "a = 4"),
        ("b.auto.tfvars", "a = 3\na = 33\nundeclared = 1"),
        ("terraform.tfvars", "a = 1\nb = 1"),
        ("files/one.tfvars", "a = 6"),
        ("files/two.txt", "a = 8"),
        ("files/other.tfvars", "a = 99"),
    ]);
    let run = run(
        &[("TF_VAR_a", "0"), ("TF_VAR_none", "x"), ("a", "x")],
        vec![
            var("a", "5"),
            RunInput::VarFile("files/one.tfvars".into()),
            var("a", "7"),
            RunInput::VarFile("files/two.txt".into()),
            var("nowhere", "1"),
        ],
    );
    let loaded = Loaded::with(place, &[], &run);
    assert_eq!(
        loaded.contexts("", &run),
        [["a=TF_VAR_a:0<1<3<4<--var a:5<6<--var a:7<8", "b=1"]]
    );
    assert_eq!(loaded.configuration.undeclared(&run), ["nowhere"]);
    assert!(!loaded.files().contains(&"files/other.tfvars"));
}

#[test]
fn other_tfvars_files_give_further_contexts() {
    let loaded = Loaded::new(&[
        ("main.tf", VARIABLES),
        ("terraform.tfvars", "a = 0"),
        ("env/prod.tfvars", "a = 1"),
        ("env/terraform.tfvars", "b = 2"),
        ("env/foreign.tfvars", "a = 1\nc = 3"),
        ("env/empty.tfvars", "# nothing"),
        ("nested/main.tf", "variable \"a\" {}\n# zenml"),
        ("nested/terraform.tfvars", "a = 4"),
        ("nested/x.auto.tfvars", "a = 5"),
        ("nested/dev.tfvars", "a = 6"),
        ("zenml.tfvars", "b = 7"),
    ]);
    let none = RunInputs::default();
    assert_eq!(
        loaded.contexts("", &none),
        [
            vec!["a=0"],
            vec!["a=0", "b=7"],
            vec!["a=0<1"],
            vec!["a=0", "b=2"],
            vec!["a=0<6"],
        ]
    );
    assert_eq!(
        loaded.contexts("nested", &none),
        [vec!["a=4<5"], vec!["a=4<5<6"]]
    );
    let with_var = run(&[], vec![var("a", "v")]);
    let last = loaded.contexts("nested", &with_var).pop().unwrap();
    assert_eq!(last, ["a=4<5<6<--var a:v"]);
}

#[test]
fn a_missing_var_file_is_a_problem_and_ignored_ones_report_nothing() {
    let place = Place::repository(&[
        (".gitignore", "secret.txt\nprivate/"),
        ("main.tf", VARIABLES),
        ("secret.txt", "a = 1"),
        ("private/a.tfvars", "a = 2"),
        (".env/a.tfvars", "a = 3"),
    ]);
    let paths = [
        "secret.txt",
        "private/a.tfvars",
        ".env/a.tfvars",
        "missing.tfvars",
    ];
    let run = run(
        &[],
        paths
            .iter()
            .map(|path| RunInput::VarFile(path.into()))
            .collect(),
    );
    let loaded = Loaded::with(place, &[], &run);
    assert_eq!(loaded.contexts("", &run), [["a=1<2<3"]]);
    assert_eq!(
        loaded.problems,
        ["missing.tfvars: No such file or directory"]
    );
    let reported: BTreeMap<_, _> = loaded
        .configuration
        .sources
        .iter()
        .map(|(_, file)| (file.display.as_str(), file.reported))
        .collect();
    assert!(!reported["secret.txt"] && !reported["private/a.tfvars"] && reported[".env/a.tfvars"]);
}
