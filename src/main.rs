//! The command line.

mod cli;

use std::process::ExitCode;

/// Trees are many small pieces, made by several threads at a time: a tenth of a run's time was the system's allocator.
#[cfg(not(target_env = "musl"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
