//! The tables that the build script makes of `data/*.json`.

use super::FieldType::{Array, Boolean, Integer, Number, Object, String};
use super::Limit::{ExclusiveMinimum, Format, Maximum, MinLength, Minimum, Pattern};
use super::{
    Argument, AuthMethod, Block, BlockKind, ComponentType, ConnectorRequirement, ConnectorType,
    Field, FieldType, Flavor, Limit, NestedBlock, Provider, ProviderConnectorType, ResourceType,
    Zenml,
};

include!(concat!(env!("OUT_DIR"), "/schema.rs"));
