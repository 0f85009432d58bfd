//! Service connectors, as the server knows them.

use super::field::{self, Field};
use super::find;

/// A type of service connector.
#[derive(Debug, PartialEq)]
pub struct ConnectorType {
    /// Its name: `aws`.
    pub name: &'static str,
    /// How it may authenticate.
    pub auth_methods: &'static [AuthMethod],
    /// What it may give access to.
    pub resource_types: &'static [ResourceType],
}

impl ConnectorType {
    /// The authentication method of a name.
    pub fn auth_method(&self, name: &str) -> Option<&'static AuthMethod> {
        find(self.auth_methods, name, |method| method.name)
    }

    /// The resource type of a name.
    pub fn resource_type(&self, name: &str) -> Option<&'static ResourceType> {
        find(self.resource_types, name, |ty| ty.name)
    }
}

/// A way to authenticate.
#[derive(Debug, PartialEq)]
pub struct AuthMethod {
    /// Its name: `secret-key`.
    pub name: &'static str,
    /// What the connector's `configuration` may hold with it.
    pub fields: &'static [Field],
}

impl AuthMethod {
    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        field::named(self.fields, name)
    }
}

/// A kind of resource that a connector gives access to.
#[derive(Debug, PartialEq)]
pub struct ResourceType {
    /// Its name: `s3-bucket`.
    pub name: &'static str,
    /// The authentication methods that it works with.
    pub auth_methods: &'static [&'static str],
    /// Whether there are several, told apart by `resource_id`.
    pub has_instances: bool,
}
