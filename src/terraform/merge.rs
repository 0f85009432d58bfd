//! Override files.

use std::collections::BTreeSet;

use super::Block;

impl Block {
    /// Puts what an override file says in the place of what this block says: argument by argument, and all nested blocks
    /// of a type at once.
    pub(super) fn merge(&mut self, over: Self) {
        self.arguments.extend(over.arguments);
        let replaced: BTreeSet<&str> = over.blocks.iter().map(Self::content_type).collect();
        self.blocks
            .retain(|block| !replaced.contains(block.content_type()));
        self.blocks.extend(over.blocks);
        self.is_broken |= over.is_broken;
    }

    /// Whether an argument may be set: it is written, or a block has its name, or something does not parse. An argument
    /// that may be set is never said to be missing, whichever rules are on: nobody can tell.
    pub fn may_set(&self, name: &str) -> bool {
        self.is_broken
            || self.arguments.contains_key(name)
            || self.blocks.iter().any(|block| block.content_type() == name)
    }

    /// The type of the nested blocks that this one stands for: of a `dynamic` block, what it makes.
    pub fn content_type(&self) -> &str {
        match self.labels.first() {
            Some(label) if self.keyword == "dynamic" => label,
            _ => &self.keyword,
        }
    }
}
