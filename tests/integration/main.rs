//! The tests of the program and of the library, as one program: it is linked once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod baseline;
#[cfg(unix)]
mod ci;
mod cli;
mod config;
mod conformance;
mod differential;
#[cfg(unix)]
mod docs;
mod eval;
mod fixes;
mod fixtures;
mod formats;
mod functions;
mod fuzz;
mod limits;
#[cfg(target_os = "linux")]
mod losing_nothing;
mod options;
mod pages;
mod policy;
mod properties;
mod reading;
mod safe_fixes;
mod secrets;
mod setup;
#[cfg(unix)]
mod show_values;
mod verdicts;
mod verify;
#[cfg(unix)]
mod watch;
