//! Makes static tables of `data/*.json`: `src/zenml/schema/table.rs` includes them.
//!
//! What several versions have in common is one static, so that a version more costs only what is different in it.

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

const PROVIDERS: [&str; 4] = ["1.0", "1.1", "2", "3"];
const ZENML: [&str; 3] = ["0.80", "0.92", "0.98"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut tables = Tables::default();
    let mut providers = Vec::new();
    for version in PROVIDERS {
        providers.push(tables.provider(&read("provider", version)?));
    }
    let mut zenml = Vec::new();
    for version in ZENML {
        zenml.push(tables.zenml(&read("zenml", version)?));
    }
    let mut code = tables.code;
    for (name, ty, items) in [
        ("PROVIDERS", "Provider", providers),
        ("ZENML", "Zenml", zenml),
    ] {
        let (count, items) = (items.len(), items.join(","));
        code += &format!("pub(super) static {name}: [{ty}; {count}] = [{items}];\n");
    }
    let target = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(Path::new(&target).join("schema.rs"), code)?;
    Ok(())
}

fn read(kind: &str, version: &str) -> Result<Value, Box<dyn Error>> {
    let path = format!("data/{kind}-{version}.json");
    println!("cargo::rerun-if-changed={path}");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    Ok(serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?)
}

/// The code of all lists, each one once.
#[derive(Default)]
struct Tables {
    code: String,
    names: HashMap<String, String>,
}

impl Tables {
    fn provider(&mut self, data: &Value) -> String {
        let blocks = &data["blocks"];
        let data_sources = self.blocks("Data", &blocks["data"]);
        let provider = self.blocks("Provider", &blocks["provider"]);
        let resources = self.blocks("Resource", &blocks["resource"]);
        let blocks = [data_sources, provider, resources].concat();
        let blocks = self.list("Block", blocks);
        let connectors = self.named(
            &data["connector_types"],
            "ProviderConnectorType",
            |this, ty| {
                let methods = this.texts(&ty["auth_methods"]);
                let resources = this.texts(&ty["resource_types"]);
                format!("auth_methods: {methods}, resource_types: {resources}")
            },
        );
        let releases = self.texts(&data["releases"]);
        let components = self.texts(&data["component_types"]);
        format!(
            "Provider {{ release: {}, releases: {releases}, blocks: {blocks}, connector_types: {connectors}, component_types: {components} }}",
            data["release"]
        )
    }

    fn blocks(&mut self, kind: &str, blocks: &Value) -> Vec<String> {
        let blocks = members(blocks).map(|(name, block)| {
            let arguments = self.arguments(&block["arguments"]);
            let nested = self.nested_blocks(&block["blocks"]);
            format!(
                "Block {{ kind: BlockKind::{kind}, name: {name:?}, arguments: {arguments}, blocks: {nested} }}"
            )
        });
        blocks.collect()
    }

    fn nested_blocks(&mut self, blocks: &Value) -> String {
        self.named(blocks, "NestedBlock", |this, block| {
            format!("arguments: {}", this.arguments(&block["arguments"]))
        })
    }

    fn arguments(&mut self, arguments: &Value) -> String {
        self.named(arguments, "Argument", |this, argument| {
            format!(
                "ty: {}, required: {}, optional: {}, computed: {}, sensitive: {}, members: {}",
                argument["type"],
                is_set(argument, "required"),
                is_set(argument, "optional"),
                is_set(argument, "computed"),
                is_set(argument, "sensitive"),
                this.arguments(&argument["members"]),
            )
        })
    }

    fn zenml(&mut self, data: &Value) -> String {
        let connectors = self.named(&data["connector_types"], "ConnectorType", |this, ty| {
            let methods = this.named(&ty["auth_methods"], "AuthMethod", |this, method| {
                format!("fields: {}", this.fields(&method["fields"]))
            });
            let resources = this.named(&ty["resource_types"], "ResourceType", |this, resource| {
                let methods = this.texts(&resource["auth_methods"]);
                format!(
                    "auth_methods: {methods}, has_instances: {}",
                    resource["instances"]
                )
            });
            format!("auth_methods: {methods}, resource_types: {resources}")
        });
        let components = self.named(&data["component_types"], "ComponentType", |this, ty| {
            let flavors = this.named(&ty["flavors"], "Flavor", |this, flavor| {
                let fields = this.fields(&flavor["fields"]);
                let schemes = this.texts(&flavor["path_schemes"]);
                let connector = connector(&flavor["connector"]);
                format!("fields: {fields}, path_schemes: {schemes}, connector: {connector}")
            });
            format!("required_in_stack: {}, flavors: {flavors}", ty["required"])
        });
        format!(
            "Zenml {{ release: {}, connector_types: {connectors}, component_types: {components} }}",
            data["release"]
        )
    }

    fn fields(&mut self, fields: &Value) -> String {
        self.named(fields, "Field", |this, field| {
            let types = this.types(&field["types"]);
            let inner = this.types(&field["items"]);
            let limits = members(&field["limits"]);
            let limits = this.list("Limit", limits.map(limit).collect());
            let default = field.get("default").map(|value| format!("{:?}", value.to_string()));
            let default = option(default);
            format!(
                "types: {types}, items: {inner}, nullable: {}, required: {}, secret: {}, deprecated: {}, reads_json: {}, is_plain: {}, default: {default}, values: {}, limits: {limits}",
                is_set(field, "nullable"),
                is_set(field, "required"),
                is_set(field, "secret"),
                is_set(field, "deprecated"),
                is_set(field, "json"),
                is_set(field, "plain"),
                this.texts(&field["values"]),
            )
        })
    }

    /// A list of structs with a name, from an object (whose keys are sorted).
    fn named(
        &mut self,
        named: &Value,
        ty: &str,
        mut rest: impl FnMut(&mut Self, &Value) -> String,
    ) -> String {
        let items = members(named)
            .map(|(name, member)| format!("{ty} {{ name: {name:?}, {} }}", rest(self, member)))
            .collect();
        self.list(ty, items)
    }

    fn types(&mut self, names: &Value) -> String {
        self.list("FieldType", items(names).map(field_type).collect())
    }

    fn texts(&mut self, texts: &Value) -> String {
        self.list("&str", items(texts).map(Value::to_string).collect())
    }

    fn list(&mut self, ty: &str, items: Vec<String>) -> String {
        if items.is_empty() {
            return "&[]".to_owned();
        }
        let count = items.len();
        let value = format!("[{ty}; {count}] = [{}]", items.join(", "));
        let next = format!("&LIST_{}", self.names.len());
        let known = self.names.entry(value).or_insert_with_key(|value| {
            let name = next.trim_start_matches('&');
            self.code += &format!("static {name}: {value};\n");
            next
        });
        known.clone()
    }
}

fn connector(requirement: &Value) -> String {
    option(requirement.as_object().map(|requirement| {
        format!(
            "ConnectorRequirement {{ connector_type: {}, resource_type: {}, resource_id_field: {} }}",
            option_text(&requirement["type"]),
            requirement["resource_type"],
            option_text(&requirement["resource_id_field"]),
        )
    }))
}

fn option_text(text: &Value) -> String {
    option(text.as_str().map(|text| format!("{text:?}")))
}

fn option(code: Option<String>) -> String {
    code.map_or_else(|| "None".to_owned(), |code| format!("Some({code})"))
}

fn field_type(name: &Value) -> String {
    let name = name.as_str().unwrap_or_default();
    let (first, rest) = name.split_at(1);
    first.to_uppercase() + rest
}

fn limit((name, value): (&String, &Value)) -> String {
    let (first, rest) = name.split_at(1);
    let value = value
        .as_f64()
        .map_or_else(|| value.to_string(), |number| format!("{number:?}"));
    format!("{}{rest}({value})", first.to_uppercase())
}

fn is_set(member: &Value, flag: &str) -> bool {
    member
        .get(flag)
        .and_then(Value::as_bool)
        .unwrap_or_default()
}

/// The members of an object; none where it is absent.
fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The items of a list; none where it is absent.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
