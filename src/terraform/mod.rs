//! What Terraform means by the files.

mod model;
mod reference;
mod uses;
mod version;

pub use model::*;
pub use reference::{Reference, Subject, references};
pub use uses::Uses;
pub use version::allows_from;
