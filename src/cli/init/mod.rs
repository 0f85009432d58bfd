//! `zenml-tflint init`

use std::path::Path;

use zenml_tflint::discover::repository_root;
use zenml_tflint::fix;
use zenml_tflint::source::display_path;

use super::{Trouble, print, values};

const CONFIGURATION: &str = ".zenml-tflint.toml";
const HOOKS: &str = ".pre-commit-config.yaml";

/// Writes a commented configuration and the entry of a hook. What is there already stays as it is.
pub fn run() -> Result<u8, Trouble> {
    let here = values::current_directory()?;
    create(Path::new(CONFIGURATION), &configuration())?;
    // pre-commit looks for its file at the top of the repository, and nowhere else.
    let top = repository_root(&here, &here);
    let hooks = display_path(&top.join(HOOKS), &here);
    let has_hooks = Path::new(&hooks).symlink_metadata().is_ok();
    if !has_hooks {
        create(Path::new(&hooks), &format!("repos:\n{}", hook_entry()))?;
    }
    print(|out| {
        writeln!(out, "Wrote {CONFIGURATION}.")?;
        if has_hooks {
            writeln!(out, "{hooks} is there already; add to its repos:\n")?;
            write!(out, "{}", hook_entry())
        } else {
            writeln!(out, "Wrote {hooks}: `pre-commit install` puts it to work.")
        }
    })?;
    Ok(0)
}

fn create(path: &Path, text: &str) -> Result<(), Trouble> {
    let name = path.display();
    if path.symlink_metadata().is_ok() {
        let advice = "move it away to start anew";
        return Err(Trouble(format!("{name} is there already; {advice}")));
    }
    fix::write(path, None, text).map_err(|error| Trouble(format!("{name}: {error}")))
}

/// The first line tells editors where the schema is by which they complete and check the file.
fn configuration() -> String {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let version = env!("CARGO_PKG_VERSION");
    let schema = format!("{repository}/raw/v{version}/docs/config.schema.json");
    format!("#:schema {schema}\n{}", include_str!("configuration.toml"))
}

fn hook_entry() -> String {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "  - repo: {repository}\n    rev: v{version}\n    hooks:\n      - id: zenml-tflint\n      # - id: zenml-tflint-fix\n"
    )
}
