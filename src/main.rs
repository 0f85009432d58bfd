//! The command line.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let engine = cli::Engine {
        rules: &[],
        check: &|_| cli::Checked::default(),
    };
    cli::run(std::env::args_os(), &engine)
}
