//! Text to one tree with byte spans, the same for native and JSON syntax.

mod tree;

pub use tree::*;
