//! What Terraform means by the files.

mod blocks;
mod calls;
mod installed;
mod load;
mod merge;
mod model;
mod module;
mod passage;
mod reference;
mod required;
mod slice;
mod stack;
mod uses;
mod values;
mod version;

pub use blocks::Blocks;
pub use load::{load, load_module};
pub use model::*;
pub use reference::{Reference, Subject, references, stack_call};
pub use slice::{Marks, Seed, Slice};
pub use uses::{Cut, Effect, IsZenml, Uses};
pub use values::{RunInput, RunInputs};
pub use version::{allows, allows_from};

#[cfg(test)]
mod tests;
