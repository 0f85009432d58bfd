//! A linter for the ZenML provider in Terraform and OpenTofu configuration.
//!
//! A run is one straight road, and each module uses only those before it:
//! discover → source → syntax → terraform → eval → rules → finding → suppress → report.

pub mod discover;
pub mod eval;
pub mod finding;
pub mod source;
pub mod syntax;
pub mod terraform;
