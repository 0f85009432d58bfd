//! What the linter says of a resource, and what a real ZenML server answers to the request that the provider sends for it.
//!
//! The resources are made from the tables in `data/`: right ones, and each of them with one mistake. Where the two verdicts
//! differ, [`KNOWN`] says why.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::server::Server;
use crate::support::{NOW, write_files};
use serde_json::{Map, Value, json};
use zenml_tflint::finding::Severity;
use zenml_tflint::lint::lint;
use zenml_tflint::settings::Settings;
use zenml_tflint::zenml::schema::{AuthMethod, Field, FieldType, Flavor, Limit, Schema};

const UUID: &str = "12345678-1234-1234-1234-123456789abc";

/// Where the two differ, by the beginning of a case's name, and why that is as it should be.
const KNOWN: [(&str, &str); 5] = [
    (
        "orchestrator kubeflow right",
        "the server of this test lacks the Kubernetes client that this flavor imports (500)",
    ),
    (
        "stack with an empty id of another type",
        "the provider refuses it; what it would send has no such entry, and passes",
    ),
    (
        "component with a resource but no connector",
        "the provider refuses it; the server takes it and never uses it",
    ),
    (
        "connector name empty",
        "the provider refuses it, the server does not",
    ),
    (
        "secret name empty",
        "the provider refuses it, the server does not",
    ),
];

/// A resource that the linter and the server are asked about.
struct Case {
    name: String,
    ty: &'static str,
    arguments: Map<String, Value>,
}

impl Case {
    fn new(name: impl Into<String>, ty: &'static str, arguments: Value) -> Self {
        let Value::Object(arguments) = arguments else {
            panic!("arguments are an object");
        };
        Self {
            name: name.into(),
            ty,
            arguments,
        }
    }

    fn hcl(&self) -> String {
        let arguments = self.arguments.iter();
        let arguments: String = arguments
            .map(|(name, value)| format!("  {name} = {}\n", hcl(value)))
            .collect();
        let ty = self.ty;
        format!(
            "terraform {{\n  required_providers {{\n    zenml = {{\n      source  = \"zenml-io/zenml\"\n      version = \"~> 3.0\"\n    }}\n  }}\n}}\n\nresource \"{ty}\" \"case\" {{\n{arguments}}}\n"
        )
    }

    fn text(&self, name: &str) -> Option<&str> {
        let text = self.arguments.get(name)?.as_str()?;
        Some(text).filter(|text| !text.is_empty())
    }
}

/// As configuration writes a value.
fn hcl(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            let members: String = members
                .map(|(name, value)| format!("    {name} = {}\n", hcl(value)))
                .collect();
            format!("{{\n{members}  }}")
        }
        Value::String(text) => {
            let text = json!(text).to_string();
            text.replace("${", "$${").replace("%{", "%%{")
        }
        other => other.to_string(),
    }
}

/// What the server answers to what provider 3.0.6 sends when it creates the resource.
fn answer(server: &Server, user: &str, case: &Case) -> u16 {
    let send = |path: &str, body: &Value| server.request("POST", path, body).status;
    let arguments = &case.arguments;
    let configuration = arguments.get("configuration").cloned();
    let configuration = configuration.unwrap_or_else(|| json!({}));
    match case.ty {
        "zenml_service_connector" => {
            let mut body = json!({
                "user": user,
                "name": arguments["name"],
                "connector_type": arguments["type"],
                "auth_method": arguments["auth_method"],
                "resource_types": case.text("resource_type").into_iter().collect::<Vec<_>>(),
                "configuration": configuration,
            });
            set(&mut body, "resource_id", case.text("resource_id"));
            if arguments.get("verify") != Some(&json!(false)) {
                let status = send("/service_connectors/verify", &body);
                if status != 200 {
                    return status;
                }
            }
            send("/service_connectors", &body)
        }
        "zenml_stack_component" => {
            let mut body = json!({
                "user": user,
                "name": arguments["name"],
                "type": arguments["type"],
                "flavor": arguments["flavor"],
                "configuration": configuration,
            });
            set(&mut body, "connector", case.text("connector_id"));
            let resource = case.text("connector_resource_id");
            set(&mut body, "connector_resource_id", resource);
            send("/components", &body)
        }
        "zenml_stack" => {
            let components = arguments["components"].as_object().unwrap().iter();
            let components = components.filter(|(_, id)| !id.as_str().unwrap().trim().is_empty());
            let components: Map<String, Value> = components
                .map(|(ty, id)| (ty.clone(), json!([id])))
                .collect();
            let body = json!({"name": arguments["name"], "components": components, "labels": {}});
            send("/stacks", &body)
        }
        "zenml_project" => send("/projects", &json!(arguments)),
        "zenml_secret" => {
            let (name, values) = (&arguments["name"], &arguments["values"]);
            let body = json!({"name": name, "private": false, "values": values});
            send("/secrets", &body)
        }
        other => panic!("{other}"),
    }
}

fn set(body: &mut Value, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        body[name] = json!(value);
    }
}

/// A text that is right for a field.
fn right(field: &Field) -> String {
    if let Some(value) = field.values.first() {
        return (*value).to_owned();
    }
    if field.limits.contains(&Limit::Format("uuid")) {
        return UUID.to_owned();
    }
    let text = match field.types {
        types if types.contains(&FieldType::String) => match field.name {
            "runai_base_url" => "https://runai.example.com",
            _ => "text",
        },
        [FieldType::Boolean] => "true",
        [FieldType::Array] => "[]",
        [FieldType::Object] => "{}",
        _ => "1",
    };
    text.to_owned()
}

/// What makes the server refuse a field, each with what is wrong.
fn wrong(field: &Field) -> Vec<(&'static str, String)> {
    let mut wrong = Vec::new();
    let mut add = |what, text: &str| wrong.push((what, text.to_owned()));
    match field.types {
        [FieldType::Boolean] => add("boolean", "maybe"),
        [FieldType::Integer] => add("integer", "1.5"),
        [FieldType::Number] => add("number", "many"),
        [FieldType::Array] if field.reads_json => add("list", "a,b"),
        [FieldType::Object] if field.reads_json => add("dictionary", "a=b"),
        [FieldType::Array | FieldType::Object] => add("structure", "[1, 2]"),
        _ => {}
    }
    match (field.types, field.items) {
        ([FieldType::Array], [FieldType::String]) if field.reads_json => add("item", "[1]"),
        ([FieldType::Object], [FieldType::String]) if field.reads_json => {
            add("item", r#"{"a": 1}"#);
        }
        _ => {}
    }
    if !field.values.is_empty() {
        add("value", "no-such-value");
    }
    if field.is_plain {
        add("reference", "{{secret.key}}");
    }
    for limit in field.limits {
        match *limit {
            Limit::Minimum(least) => add("minimum", &(least - 1.0).to_string()),
            Limit::ExclusiveMinimum(bound) => add("bound", &bound.to_string()),
            Limit::Maximum(most) => add("maximum", &(most + 1.0).to_string()),
            Limit::Pattern(_) => add("pattern", "no-such-value"),
            Limit::MinLength(_) => add("length", ""),
            Limit::Format(_) => add("format", "no-such-value"),
            Limit::MaxLength(_) | Limit::ExclusiveMaximum(_) => {}
        }
    }
    wrong
}

fn required(fields: &[Field]) -> Map<String, Value> {
    let required = fields.iter().filter(|field| field.required);
    required
        .map(|field| (field.name.to_owned(), json!(right(field))))
        .collect()
}

fn with(configuration: &Map<String, Value>, name: &str, text: &str) -> Map<String, Value> {
    let mut changed = configuration.clone();
    changed.insert(name.to_owned(), json!(text));
    changed
}

fn without(configuration: &Map<String, Value>, name: &str) -> Map<String, Value> {
    let mut changed = configuration.clone();
    changed.remove(name);
    changed
}

#[derive(Default)]
struct Table {
    cases: Vec<Case>,
    /// The mistakes that were made in fields of one owner already.
    made: BTreeSet<(String, &'static str)>,
}

impl Table {
    fn add(&mut self, name: &str, ty: &'static str, mut arguments: Value) {
        if arguments.get("name").is_none() {
            arguments["name"] = json!(format!("case-{}", self.cases.len()));
        }
        self.cases.push(Case::new(name, ty, arguments));
    }

    /// The first field of an owner with which a mistake can be made; after it the others are left alone.
    fn is_first(&mut self, owner: &str, what: &'static str) -> bool {
        self.made.insert((owner.to_owned(), what))
    }

    fn connectors(&mut self, schema: Schema) {
        for ty in schema.zenml.connector_types {
            if schema.provider.connector_type(ty.name).is_none() {
                continue;
            }
            for method in ty.auth_methods {
                self.connector(ty.name, method);
            }
            let method = &ty.auth_methods[0];
            let right = required(method.fields);
            let name = format!("{} resource type", ty.name);
            for resource in ty.resource_types {
                self.add(&name, "zenml_service_connector", json!({"type": ty.name, "auth_method": method.name, "resource_type": resource.name, "configuration": right, "verify": false}));
            }
            let wrong = format!("{} with an unknown resource type", ty.name);
            self.add(&wrong, "zenml_service_connector", json!({"type": ty.name, "auth_method": method.name, "resource_type": "no-such-type", "configuration": right}));
            let wrong = format!("{} with an unknown method", ty.name);
            self.add(
                &wrong,
                "zenml_service_connector",
                json!({"type": ty.name, "auth_method": "no-such-method", "configuration": right}),
            );
        }
        self.add(
            "unknown connector type",
            "zenml_service_connector",
            json!({"type": "no-such-type", "auth_method": "password", "configuration": {}}),
        );
    }

    fn connector(&mut self, ty: &str, method: &AuthMethod) {
        let right = required(method.fields);
        let owner = format!("{ty} {}", method.name);
        let add = |table: &mut Self,
                   what: &str,
                   configuration: Map<String, Value>,
                   verify: bool| {
            table.add(&format!("{owner} {what}"), "zenml_service_connector", json!({"type": ty, "auth_method": method.name, "configuration": configuration, "verify": verify}));
        };
        add(self, "right", right.clone(), false);
        add(
            self,
            "unknown key",
            with(&right, "no_such_key", "text"),
            false,
        );
        for field in method.fields {
            if field.required {
                let what = format!("missing {}", field.name);
                add(self, &what, without(&right, field.name), true);
            }
            for (what, text) in wrong(field) {
                let what = format!("{what} {}", field.name);
                add(self, &what, with(&right, field.name, &text), true);
            }
        }
    }

    fn components(&mut self, schema: Schema) {
        for ty in schema.zenml.component_types {
            if !schema.provider.has_component_type(ty.name) {
                continue;
            }
            for flavor in ty.flavors {
                self.component(ty.name, flavor);
            }
            let name = format!("{} of an unknown flavor", ty.name);
            self.add(
                &name,
                "zenml_stack_component",
                json!({"type": ty.name, "flavor": "no-such-flavor", "configuration": {}}),
            );
        }
        self.add(
            "unknown component type",
            "zenml_stack_component",
            json!({"type": "no-such-type", "flavor": "local", "configuration": {}}),
        );
    }

    fn component(&mut self, ty: &str, flavor: &Flavor) {
        let mut right = required(flavor.fields);
        if let Some(scheme) = flavor.path_schemes.first() {
            right.insert("path".to_owned(), json!(format!("{scheme}bucket")));
        }
        match (ty, flavor.name) {
            ("artifact_store", "digitalocean") => right = with(&right, "region", "fra1"),
            ("container_registry", "digitalocean") => {
                right = with(&right, "uri", "registry.digitalocean.com/mine");
            }
            _ => {}
        }
        let owner = format!("{ty} {}", flavor.name);
        let add = |table: &mut Self, what: &str, configuration: Map<String, Value>| {
            table.add(
                &format!("{owner} {what}"),
                "zenml_stack_component",
                json!({"type": ty, "flavor": flavor.name, "configuration": configuration}),
            );
        };
        add(self, "right", right.clone());
        add(self, "unknown key", with(&right, "no_such_key", "text"));
        if !flavor.path_schemes.is_empty() {
            add(self, "scheme", with(&right, "path", "nosuch://bucket"));
        }
        for field in flavor.fields {
            if field.required && self.is_first(&owner, "missing") {
                let what = format!("missing {}", field.name);
                add(self, &what, without(&right, field.name));
            }
            for (what, text) in wrong(field) {
                if self.is_first(&owner, what) {
                    let what = format!("{what} {}", field.name);
                    add(self, &what, with(&right, field.name, &text));
                }
            }
        }
    }

    /// Texts that are read in surprising ways.
    fn texts(&mut self) {
        let texts: [(&str, &str, &str, &[&str]); 6] = [
            (
                "orchestrator",
                "kubernetes",
                "local",
                &[
                    "true", "False", "1", "off", "Y", "", " true", "2", "1.0", "{{a.b}}",
                ],
            ),
            (
                "orchestrator",
                "ssh",
                "port",
                &[
                    "22", " 22 ", "+22", "1_000", "22.0", "", "22.", "1e3", "_1", "1__0", "0x10",
                    "0", "65536", "{{a.b}}",
                ],
            ),
            (
                "orchestrator",
                "kubernetes",
                "interrupt_check_interval",
                &["0.5", "1e3", "5.", "inf", "", "0.4", "one"],
            ),
            (
                "artifact_store",
                "s3",
                "config_kwargs",
                &[
                    "{}",
                    r#"{"a": [1]}"#,
                    " {} ",
                    "null",
                    r#"{"a": NaN}"#,
                    "",
                    "[]",
                    "1",
                    "{'a': 1}",
                    "{{a.b}}",
                ],
            ),
            (
                "orchestrator",
                "sagemaker",
                "environment",
                &[r#"{"A": "1"}"#, r#"{"A": 1}"#, r#"{"A": null}"#],
            ),
            (
                "orchestrator",
                "ssh",
                "gpu_indices",
                &[
                    "[0, 1]", "[\"2\"]", "[1.0]", "[true]", "[1.5]", "[\"a\"]", "{}", "0",
                ],
            ),
        ];
        let zenml = Schema::default().zenml;
        for (ty, flavor, field, texts) in texts {
            let fields = zenml
                .component_type(ty)
                .unwrap()
                .flavor(flavor)
                .unwrap()
                .fields;
            let mut base = required(fields);
            if flavor == "s3" {
                base = with(&base, "path", "s3://bucket");
            }
            for text in texts {
                let name = format!("text {field} {text:?}");
                let configuration = with(&base, field, text);
                self.add(
                    &name,
                    "zenml_stack_component",
                    json!({"type": ty, "flavor": flavor, "configuration": configuration}),
                );
            }
        }
    }

    fn stacks(&mut self, orchestrator: &str, store: &str) {
        let right = json!({"orchestrator": orchestrator, "artifact_store": store});
        let mut add = |name: &str, components: Value| {
            self.add(name, "zenml_stack", json!({"components": components}));
        };
        add("stack right", right);
        add(
            "stack without orchestrator",
            json!({"artifact_store": store}),
        );
        add("stack without store", json!({"orchestrator": orchestrator}));
        add("stack without components", json!({}));
        add(
            "stack with an empty id",
            json!({"orchestrator": orchestrator, "artifact_store": ""}),
        );
        add(
            "stack with a blank id",
            json!({"orchestrator": " ", "artifact_store": store}),
        );
        add(
            "stack with an empty id of another type",
            json!({"orchestrator": orchestrator, "artifact_store": store, "alerter": ""}),
        );
        add(
            "stack with an unknown type",
            json!({"orchestrator": orchestrator, "artifact_store": store, "no_such_type": store}),
        );
    }

    fn names(&mut self, orchestrator: &str, store: &str) {
        let long = "a".repeat(255);
        let longer = "a".repeat(256);
        let (with_secrets, too_long) = ("a".repeat(240), "a".repeat(241));
        for (what, name) in [
            ("longest", long.as_str()),
            ("longest with secrets", &with_secrets),
            ("too long with secrets", &too_long),
            ("too long", &longer),
            ("tab", "a\tb"),
            ("empty", ""),
            ("with blanks", "a b"),
        ] {
            let named = |kind: &str| format!("{kind} name {what}");
            self.add(&named("component"), "zenml_stack_component", json!({"name": name, "type": "model_registry", "flavor": "mlflow", "configuration": {}}));
            self.add(&named("connector"), "zenml_service_connector", json!({"name": name, "type": "docker", "auth_method": "password", "configuration": {"username": "u", "password": "p"}, "verify": false}));
            self.add(
                &named("secret"),
                "zenml_secret",
                json!({"name": name, "values": {"key": "text"}}),
            );
            self.add(&named("stack"), "zenml_stack", json!({"name": name, "components": {"orchestrator": orchestrator, "artifact_store": store}}));
        }
        let (long, longer) = ("a".repeat(50), "a".repeat(51));
        for name in [
            "project-1",
            "a",
            "my_project",
            &long,
            &longer,
            "",
            "My-Project",
            "a b",
            "ä",
            "a.b",
            "-",
        ] {
            self.add(
                &format!("project {name:?}"),
                "zenml_project",
                json!({"name": name}),
            );
        }
        self.add("component with a resource but no connector", "zenml_stack_component", json!({"type": "container_registry", "flavor": "default", "configuration": {"uri": "registry"}, "connector_resource_id": "registry"}));
    }
}

/// The rules that say of a resource that creating it fails. The others look at secrets, references, or give advice.
const RULES: [&str; 13] = [
    "component-configuration",
    "connector-configuration",
    "connector-resource-without-connector",
    "empty-component-id",
    "invalid-name",
    "missing-argument",
    "stack-required-components",
    "unknown-argument",
    "unknown-auth-method",
    "unknown-component-type",
    "unknown-connector-type",
    "unknown-flavor",
    "unknown-resource-type",
];

/// The answers that a rule foretells.
fn foretold(rule: &str) -> &'static [u16] {
    match rule {
        "component-configuration" => &[400, 422, 500],
        "connector-configuration" | "unknown-auth-method" | "unknown-resource-type" => &[400],
        "unknown-connector-type" => &[501],
        "unknown-flavor" => &[404],
        "invalid-name" => &[400, 422],
        _ => &[422],
    }
}

/// The answer that a message names.
fn named(message: &str) -> Option<u16> {
    let (_, rest) = message.split_once("the server answers ")?;
    rest.get(..3)?.parse().ok()
}

/// The rules that fire in each case, with the answer that the message names.
fn verdicts(cases: &[Case]) -> Vec<BTreeSet<(&'static str, Option<u16>)>> {
    let files = cases.iter().enumerate();
    let files: BTreeMap<String, String> = files
        .map(|(number, case)| (format!("{number}/main.tf"), case.hcl()))
        .collect();
    let directory = write_files(&files);
    let outcome = lint(&Settings {
        directory: directory.path().canonicalize().unwrap(),
        now: NOW,
        ..Settings::default()
    })
    .unwrap();
    let mut verdicts = vec![BTreeSet::new(); cases.len()];
    for finding in &outcome.findings {
        let file = outcome.sources().get(finding.primary.file).unwrap();
        let number: usize = file.display.split('/').next().unwrap().parse().unwrap();
        let rule = RULES.iter().find(|rule| finding.rule == **rule);
        let fails = finding.severity == Severity::Error || finding.rule == "unknown-flavor";
        let rule = rule.filter(|_| fails);
        verdicts[number].extend(rule.map(|rule| (*rule, named(&finding.message))));
    }
    verdicts
}

#[test]
fn the_linter_and_the_server_agree() {
    let Some(server) = Server::start(&[("ZENML_TFLINT_STAND_INS", "1")]) else {
        return;
    };
    let user = server.ask("GET", "/current-user", &Value::Null)["id"].clone();
    let user = user.as_str().unwrap();
    let component = |ty: &str| {
        let body = json!({"user": user, "name": "base", "type": ty, "flavor": "local", "configuration": {}});
        server.ask("POST", "/components", &body)["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (orchestrator, store) = (component("orchestrator"), component("artifact_store"));
    let schema = Schema::default();
    let mut table = Table::default();
    table.connectors(schema);
    table.components(schema);
    table.texts();
    table.stacks(&orchestrator, &store);
    table.names(&orchestrator, &store);

    let verdicts = verdicts(&table.cases);
    let mut differing = Vec::new();
    let mut refused = 0;
    for (case, rules) in table.cases.iter().zip(&verdicts) {
        let status = answer(&server, user, case);
        refused += usize::from(status >= 400);
        let agree = match status {
            200..300 => rules.is_empty(),
            _ => rules.iter().any(|(rule, named)| {
                // Where the server itself breaks down, no message says so.
                let says_so = named.is_none_or(|named| named == status || status == 500);
                says_so && foretold(rule).contains(&status)
            }),
        };
        let is_known = KNOWN.iter().any(|(name, _)| case.name.starts_with(name));
        if agree == is_known {
            differing.push(format!("{}: {status}, {rules:?}", case.name));
        }
    }
    let count = table.cases.len();
    eprintln!("{count} resources, {refused} of them refused by the server");
    assert!(count >= 150);
    assert!(
        differing.is_empty(),
        "{} of {count}:\n{}",
        differing.len(),
        differing.join("\n")
    );
}
