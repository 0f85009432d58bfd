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

/// Prints the manual page, or that of a command.
pub fn man(command: Option<&str>) -> Result<u8, Trouble> {
    let mut all = Arguments::command();
    // Gives each command the name of its page: `zenml-tflint-eval`.
    all.build();
    let page = match command {
        None => &all,
        Some(name) => all.find_subcommand(name).ok_or_else(|| {
            let names: Vec<&str> = all.get_subcommands().map(clap::Command::get_name).collect();
            Trouble(format!(
                "there is no command of this name; there are {}",
                names.join(", ")
            ))
        })?,
    };
    let source = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    let page = clap_mangen::Man::new(page.clone()).source(source);
    print(|out| page.render(out))?;
    Ok(0)
}
