//! Stack components and their flavors, as the server knows them.

use super::field::{self, Field};
use super::find;

/// A type of stack component.
#[derive(Debug, PartialEq)]
pub struct ComponentType {
    /// Its name: `artifact_store`.
    pub name: &'static str,
    /// Whether a stack must have one.
    pub required_in_stack: bool,
    /// The built-in flavors.
    pub flavors: &'static [Flavor],
}

impl ComponentType {
    /// The built-in flavor of a name.
    pub fn flavor(&self, name: &str) -> Option<&'static Flavor> {
        find(self.flavors, name, |flavor| flavor.name)
    }
}

/// A built-in flavor.
#[derive(Debug, PartialEq)]
pub struct Flavor {
    /// Its name: `s3`.
    pub name: &'static str,
    /// What the component's `configuration` may hold.
    pub fields: &'static [Field],
    /// What the `path` of an artifact store must begin with: one of these. Empty for other components, and where any path
    /// will do.
    pub path_schemes: &'static [&'static str],
    /// The connectors that can serve it; `None` where the flavor takes none.
    pub connector: Option<ConnectorRequirement>,
}

impl Flavor {
    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        field::named(self.fields, name)
    }
}

/// What a connector must be to serve a flavor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectorRequirement {
    /// Its type; any where `None`.
    pub connector_type: Option<&'static str>,
    /// The resource type that it must give access to.
    pub resource_type: &'static str,
    /// The field of the configuration that names the resource: `connector_resource_id` should lead to the same.
    pub resource_id_field: Option<&'static str>,
}
