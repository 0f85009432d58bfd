//! Top-level blocks of one kind, and an index of them.

use std::ops::Deref;

use rustc_hash::FxHashMap;

use super::Block;
use crate::source::Location;

/// Blocks of which all count, in the order of the files; an override file's is merged into the first of the same key.
#[derive(Debug, Default)]
pub struct Blocks {
    list: Vec<Block>,
    by_key: FxHashMap<Vec<String>, usize>,
    by_header: FxHashMap<Location, usize>,
}

impl Blocks {
    pub(super) fn add(&mut self, key: Vec<String>, block: Block, is_override: bool) {
        let place = *self.by_key.entry(key).or_insert(self.list.len());
        match self.list.get_mut(place) {
            Some(known) if is_override => known.merge(block),
            _ => {
                self.by_header.insert(block.header, self.list.len());
                self.list.push(block);
            }
        }
    }

    /// Adds a block that its keyword and labels tell from the others.
    pub(super) fn add_labelled(&mut self, block: Block, is_override: bool) {
        let keyword = std::iter::once(&block.keyword);
        let key = keyword.chain(&block.labels).cloned().collect();
        self.add(key, block, is_override);
    }

    /// The first block of a keyword with two labels.
    pub(super) fn labelled(&self, keyword: &str, labels: [&str; 2]) -> Option<&Block> {
        let [ty, name] = labels;
        let key = [keyword, ty, name].map(str::to_owned);
        self.list.get(*self.by_key.get(key.as_slice())?)
    }

    /// The block of a header.
    pub(super) fn at(&self, header: Location) -> Option<&Block> {
        self.list.get(*self.by_header.get(&header)?)
    }
}

impl Deref for Blocks {
    type Target = [Block];

    fn deref(&self) -> &[Block] {
        &self.list
    }
}

impl<'a> IntoIterator for &'a Blocks {
    type Item = &'a Block;
    type IntoIter = std::slice::Iter<'a, Block>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}
