//! What ZenML and its Terraform provider accept: pure knowledge, no files and no network.
//!
//! Facts are those of the provider `zenml-io/zenml` 3.0.6 and of a ZenML server 0.98.0.

pub mod credential;
pub mod host;
pub mod placeholder;
pub mod provider;
pub mod schema;
pub mod url;
