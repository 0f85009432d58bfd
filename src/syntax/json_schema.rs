//! What the keys of Terraform's JSON syntax are: blocks with so many labels, or arguments read in one way or another.
//!
//! JSON alone does not tell a block from an argument; Terraform knows it from the schema of the place.

/// Where in a configuration an object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The top of a configuration file.
    Configuration,
    /// The top of a file of a stack.
    Stack,
    /// A `provider` block of a stack.
    StackProvider,
    /// The top of a test file.
    Test,
    /// A file of values for variables.
    Values,
    /// Within `terraform`, at any depth.
    Settings,
    Variable,
    Output,
    Resource,
    Lifecycle,
    Provisioner,
    Dynamic,
    Check,
    /// `moved`, `import`, `removed`.
    Refactoring,
    Run,
    MockProvider,
    /// Where there are arguments only.
    Plain,
}

/// How the strings of an argument are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As templates.
    Template,
    /// As they are: Terraform evaluates them without anything to refer to.
    Literal,
    /// As they are, but for the references that `configuration_aliases` holds.
    Setting,
    /// As an expression in native syntax: a type, or a reference that is not evaluated.
    Expression,
}

impl Place {
    /// If a key is a block here: its number of labels, and the place that its body is.
    pub fn block(self, key: &str) -> Option<(usize, Place)> {
        Some(match (self, key) {
            (Self::Configuration, "terraform") => (0, Self::Settings),
            (Self::Configuration | Self::Test, "provider") => (1, Self::Plain),
            (Self::Configuration, "locals") => (0, Self::Plain),
            (Self::Configuration, "moved" | "import" | "removed") => (0, Self::Refactoring),
            (Self::Stack, "provider") => (2, Self::StackProvider),
            (Self::StackProvider, "config") => (0, Self::Plain),
            (Self::Stack, "component" | "stack") => (1, Self::Plain),
            (Self::Stack, "locals" | "removed") => (0, Self::Plain),
            (Self::Stack, "output") => (1, Self::Output),
            (Self::Stack, "required_providers") => (0, Self::Settings),
            (Self::Configuration | Self::Stack | Self::Test, "variable") => (1, Self::Variable),
            (Self::Configuration, "output") => (1, Self::Output),
            (Self::Configuration, "module") => (1, Self::Plain),
            (Self::Configuration, "resource" | "data" | "ephemeral") => (2, Self::Resource),
            (Self::Configuration, "check") => (1, Self::Check),
            (Self::Settings, "required_providers" | "cloud" | "workspaces") => (0, Self::Settings),
            (Self::Settings, "backend" | "provider_meta") => (1, Self::Settings),
            (Self::Variable, "validation") => (0, Self::Plain),
            (Self::Output, "precondition") => (0, Self::Plain),
            (Self::Resource | Self::Refactoring, "lifecycle") => (0, Self::Lifecycle),
            (Self::Resource | Self::Refactoring, "provisioner") => (1, Self::Provisioner),
            (Self::Resource | Self::Provisioner, "connection") => (0, Self::Plain),
            (Self::Resource, "dynamic") => (1, Self::Dynamic),
            (Self::Dynamic, "content") => (0, Self::Plain),
            (Self::Lifecycle, "precondition" | "postcondition") => (0, Self::Plain),
            (Self::Check, "data") => (2, Self::Resource),
            (Self::Check | Self::Run, "assert") => (0, Self::Plain),
            (Self::Test, "run") => (1, Self::Run),
            (Self::Test, "test") => (0, Self::Plain),
            (Self::Test | Self::Run, "variables") => (0, Self::Plain),
            (Self::Run, "module" | "plan_options") => (0, Self::Plain),
            (Self::Test, "mock_provider") => (1, Self::MockProvider),
            (Self::MockProvider, "mock_resource" | "mock_data") => (1, Self::Plain),
            (
                Self::Test | Self::Run | Self::MockProvider,
                "override_resource" | "override_data" | "override_module",
            ) => (0, Self::Plain),
            _ => return None,
        })
    }

    /// Whether keys that are no block are arguments here. At the top of a configuration they are mistakes.
    pub fn has_arguments(self) -> bool {
        !matches!(self, Self::Configuration | Self::Stack | Self::Test)
    }

    /// How the value of an argument is read here.
    pub fn reading(self, key: &str) -> Reading {
        match (self, key) {
            (Self::Values, _) => Reading::Literal,
            (Self::Variable, "type") => Reading::Expression,
            (Self::Variable, _) => Reading::Literal,
            (Self::Settings, _) => Reading::Setting,
            (Self::Output, "description") => Reading::Literal,
            (Self::Lifecycle, "ignore_changes" | "replace_triggered_by")
            | (Self::Provisioner, "when" | "on_failure")
            | (Self::Resource | Self::Plain | Self::Run, "provider" | "providers")
            | (Self::Resource | Self::Plain | Self::Output, "depends_on")
            | (Self::Refactoring, "from" | "to" | "provider")
            | (Self::Run, "command" | "expect_failures") => Reading::Expression,
            _ => Reading::Template,
        }
    }
}
