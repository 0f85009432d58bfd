//! A linter for the ZenML provider in Terraform and OpenTofu configuration.
//!
//! A run is one straight road, and each module uses only those before it:
//! discover → source → syntax → terraform → eval → rules → finding → policy → suppress → report.

pub mod baseline;
pub mod config;
pub mod connection;
pub mod console;
mod contexts;
pub mod discover;
pub mod environment;
pub mod eval;
pub mod finding;
pub mod fingerprint;
pub mod fix;
pub mod lint;
pub mod mend;
pub mod message;
pub mod policy;
pub mod progress;
pub mod reader;
pub mod redact;
pub mod report;
pub mod rules;
pub mod settings;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod terraform;
pub mod verify;
pub mod zenml;
