//! What Terraform means by the files.

mod model;
mod reference;
mod version;

pub use model::*;
pub use reference::{Reference, Subject, references};
pub use version::allows_from;
