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
    }

    /// The type of the nested blocks that this one stands for: of a `dynamic` block, what it makes.
    pub fn content_type(&self) -> &str {
        match self.labels.first() {
            Some(label) if self.keyword == "dynamic" => label,
            _ => &self.keyword,
        }
    }
}
