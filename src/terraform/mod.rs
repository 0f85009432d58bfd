//! What Terraform means by the files.

mod model;
mod reference;

pub use model::*;
pub use reference::{Reference, Subject, references};
