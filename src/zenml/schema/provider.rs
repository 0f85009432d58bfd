//! The provider's blocks and arguments.

use super::find;

/// What one version of the provider accepts.
#[derive(Debug, PartialEq)]
pub struct Provider {
    /// The release that the facts were read from: `3.0.6`.
    pub release: &'static str,
    /// The published releases that they stand for, oldest first.
    pub releases: &'static [&'static str],
    /// The provider block, resources and data sources, sorted by kind and name.
    pub blocks: &'static [Block],
    /// The values of a connector's `type`, with those of `auth_method` and `resource_type`.
    pub connector_types: &'static [ProviderConnectorType],
    /// The values of a component's `type`, which are the keys of a stack's `components`.
    pub component_types: &'static [&'static str],
}

impl Provider {
    /// The block of a kind and a type; the provider block's type is `zenml`.
    pub fn block(&self, kind: BlockKind, name: &str) -> Option<&'static Block> {
        let found = self
            .blocks
            .binary_search_by(|block| (block.kind, block.name).cmp(&(kind, name)));
        found.ok().and_then(|index| self.blocks.get(index))
    }

    /// All blocks of a kind.
    pub fn blocks(&self, kind: BlockKind) -> impl Iterator<Item = &'static Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }

    /// The connector type of a name.
    pub fn connector_type(&self, name: &str) -> Option<&'static ProviderConnectorType> {
        find(self.connector_types, name, |ty| ty.name)
    }

    /// Whether a component may be of that type.
    pub fn has_component_type(&self, name: &str) -> bool {
        self.component_types.contains(&name)
    }
}

/// A kind of block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockKind {
    /// A data source.
    Data,
    /// The provider's configuration.
    Provider,
    /// A managed resource.
    Resource,
}

/// A block that a module may have.
#[derive(Debug, PartialEq)]
pub struct Block {
    /// Its kind.
    pub kind: BlockKind,
    /// Its type: `zenml_stack`.
    pub name: &'static str,
    /// Its arguments and attributes.
    pub arguments: &'static [Argument],
    /// The blocks that may stand in it.
    pub blocks: &'static [NestedBlock],
}

impl Block {
    /// The argument or attribute of a name.
    pub fn argument(&self, name: &str) -> Option<&'static Argument> {
        find(self.arguments, name, |argument| argument.name)
    }

    /// The nested block of a name.
    pub fn block(&self, name: &str) -> Option<&'static NestedBlock> {
        find(self.blocks, name, |block| block.name)
    }
}

/// A block in a block.
#[derive(Debug, PartialEq)]
pub struct NestedBlock {
    /// Its name.
    pub name: &'static str,
    /// Its arguments.
    pub arguments: &'static [Argument],
}

/// An argument or attribute of a block.
#[derive(Debug, PartialEq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// Its type as Terraform writes it: `string`, `map(string)`, `object`, `list(object)`.
    pub ty: &'static str,
    /// Whether it must be set.
    pub required: bool,
    /// Whether it may be set.
    pub optional: bool,
    /// Whether the provider sets it (where it is not set).
    pub computed: bool,
    /// Whether Terraform hides its value.
    pub sensitive: bool,
    /// What an object holds, as `timeouts` in provider 3 does (a nested block before); else empty.
    pub members: &'static [Argument],
}

impl Argument {
    /// Whether a configuration may set it.
    pub fn is_settable(&self) -> bool {
        self.required || self.optional
    }
}

/// A connector type that the provider lets through.
#[derive(Debug, PartialEq)]
pub struct ProviderConnectorType {
    /// Its name.
    pub name: &'static str,
    /// The values of `auth_method`; empty where the provider does not check.
    pub auth_methods: &'static [&'static str],
    /// The values of `resource_type` (`resource_types` in 1.0); empty where there are none.
    pub resource_types: &'static [&'static str],
}
