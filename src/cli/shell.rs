//! `zenml-tflint completions SHELL` and `zenml-tflint man`

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Arguments;
use super::{Trouble, print};

/// Prints the script that completes the command line in a shell.
pub fn completions(shell: Shell) -> Result<u8, Trouble> {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut Arguments::command(),
        env!("CARGO_PKG_NAME"),
        &mut script,
    );
    print(|out| out.write_all(&script))?;
    Ok(0)
}

/// Prints the manual page.
pub fn man() -> Result<u8, Trouble> {
    let page = clap_mangen::Man::new(Arguments::command());
    print(|out| page.render(out))?;
    Ok(0)
}
