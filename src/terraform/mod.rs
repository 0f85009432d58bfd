//! What Terraform means by the files.

mod calls;
mod load;
mod merge;
mod model;
mod module;
mod required;
mod values;

pub use load::load;
pub use model::*;
pub use values::{RunInput, RunInputs};

#[cfg(test)]
mod tests;
