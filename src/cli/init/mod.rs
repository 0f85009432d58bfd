//! `zenml-tflint init`

use std::path::Path;

use zenml_tflint::fix;

use super::{Trouble, print};

const CONFIGURATION: &str = ".zenml-tflint.toml";
const HOOKS: &str = ".pre-commit-config.yaml";

/// Writes a commented configuration and the entry of a hook. What is there already stays as it is.
pub fn run() -> Result<u8, Trouble> {
    let text = include_str!("configuration.toml");
    create(CONFIGURATION, text)?;
    let has_hooks = Path::new(HOOKS).symlink_metadata().is_ok();
    if !has_hooks {
        create(HOOKS, &format!("repos:\n{}", hook_entry()))?;
    }
    print(|out| {
        writeln!(out, "Wrote {CONFIGURATION}.")?;
        if has_hooks {
            writeln!(out, "{HOOKS} is there already; add to its repos:\n")?;
            write!(out, "{}", hook_entry())
        } else {
            writeln!(out, "Wrote {HOOKS}: `pre-commit install` puts it to work.")
        }
    })?;
    Ok(0)
}

fn create(name: &str, text: &str) -> Result<(), Trouble> {
    if Path::new(name).symlink_metadata().is_ok() {
        let advice = "move it away to start anew";
        return Err(Trouble(format!("{name} is there already; {advice}")));
    }
    fix::write(Path::new(name), None, text).map_err(|error| Trouble(format!("{name}: {error}")))
}

fn hook_entry() -> String {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "  - repo: {repository}\n    rev: v{version}\n    hooks:\n      - id: zenml-tflint\n      # - id: zenml-tflint-fix\n"
    )
}
