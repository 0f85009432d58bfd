//! What Terraform means by the files.

mod model;

pub use model::*;
