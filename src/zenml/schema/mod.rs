//! What the provider and the server accept: blocks and arguments, connectors and flavors with their fields.
//!
//! The facts are those of `data/*.json`, which `tools/` reads out of the provider and of the `zenml` package; a build
//! script makes them static tables. Lists are sorted by name.
//!
//! ```
//! use zenml_tflint::zenml::schema::{BlockKind, Schema};
//!
//! let schema = Schema::default();
//! let component = schema.provider.block(BlockKind::Resource, "zenml_stack_component").unwrap();
//! assert!(component.argument("flavor").unwrap().required);
//! let flavor = schema.zenml.component_type("artifact_store").unwrap().flavor("s3").unwrap();
//! assert_eq!(flavor.path_schemes, ["s3://"]);
//! ```

mod accept;
mod component;
mod connector;
mod field;
mod provider;
mod release;
mod table;

pub use component::{ComponentType, ConnectorRequirement, Flavor};
pub use connector::{AuthMethod, ConnectorType, ResourceType};
pub use field::{Field, FieldType, Limit};
pub use provider::{Argument, Block, BlockKind, NestedBlock, Provider, ProviderConnectorType};

/// What one version of ZenML accepts.
#[derive(Debug, PartialEq)]
pub struct Zenml {
    /// The release that the facts were read from: `0.98.0`.
    pub release: &'static str,
    /// The service connectors.
    pub connector_types: &'static [ConnectorType],
    /// The stack components.
    pub component_types: &'static [ComponentType],
}

impl Zenml {
    /// The connector type of a name.
    pub fn connector_type(&self, name: &str) -> Option<&'static ConnectorType> {
        find(self.connector_types, name, |ty| ty.name)
    }

    /// The component type of a name.
    pub fn component_type(&self, name: &str) -> Option<&'static ComponentType> {
        find(self.component_types, name, |ty| ty.name)
    }

    /// The component types that have a built-in flavor of a name.
    pub fn types_with_flavor(&self, flavor: &str) -> impl Iterator<Item = &'static ComponentType> {
        let types = self.component_types.iter();
        types.filter(move |ty| ty.flavor(flavor).is_some())
    }
}

/// The facts that a module is checked against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schema {
    /// Of the provider.
    pub provider: &'static Provider,
    /// Of the server.
    pub zenml: &'static Zenml,
}

/// The newest that is known.
impl Default for Schema {
    fn default() -> Self {
        let [.., provider] = &table::PROVIDERS;
        let [.., zenml] = &table::ZENML;
        Self { provider, zenml }
    }
}

impl Schema {
    /// The facts for versions as configuration names them (`3`, `2.0.7`, `0.98`), where `lets_in` says which releases
    /// of the provider a module's version constraint admits. Of these the configured one is taken, else the newest.
    /// A version between the known ones is that of the next newer facts: releases add, and hardly take away.
    pub fn select(
        provider_version: Option<&str>,
        zenml_version: Option<&str>,
        lets_in: impl Fn(&str) -> bool,
    ) -> Self {
        let newest = Self::default();
        let configured = provider_version
            .and_then(|wanted| release::nearest(&table::PROVIDERS, wanted, |p| p.release));
        let is_admitted = |p: &&Provider| p.releases.iter().any(|release| lets_in(release));
        let provider = configured
            .filter(is_admitted)
            .or_else(|| table::PROVIDERS.iter().rev().find(is_admitted))
            .or(configured);
        let zenml =
            zenml_version.and_then(|wanted| release::nearest(&table::ZENML, wanted, |z| z.release));
        Self {
            provider: provider.unwrap_or(newest.provider),
            zenml: zenml.unwrap_or(newest.zenml),
        }
    }

    /// Every provider whose facts are known, oldest first.
    pub fn providers() -> &'static [Provider] {
        &table::PROVIDERS
    }

    /// Every ZenML whose facts are known, oldest first.
    pub fn zenmls() -> &'static [Zenml] {
        &table::ZENML
    }
}

/// An item of a list that is sorted by name.
fn find<T>(
    sorted: &'static [T],
    name: &str,
    name_of: impl Fn(&T) -> &'static str,
) -> Option<&'static T> {
    let found = sorted.binary_search_by(|item| name_of(item).cmp(name));
    found.ok().and_then(|index| sorted.get(index))
}

#[cfg(test)]
mod tests;
