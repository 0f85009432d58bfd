//! Python virtual environments for tests, which `.ci/run` makes in `target/ci`.

use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The programs of a virtual environment: of the one that the variable names, or of the one in `target/ci`. Without one,
/// tests that need it are skipped, said aloud; where the variable is set, they fail.
pub fn programs(name: &str, variable: &str) -> Option<PathBuf> {
    let given = env::var_os(variable).map(PathBuf::from);
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci");
    let venv = given.clone().unwrap_or_else(|| usual.join(name));
    let programs = venv.join("bin");
    if programs.join("python").is_file() {
        return Some(programs);
    }
    assert!(given.is_none(), "{} is missing", venv.display());
    // Unlike what is printed with a macro, this is shown although the test passes.
    let said = format!("skipped: there is no target/ci/{name}, which .ci/run makes\n");
    let _ = io::stderr().write_all(said.as_bytes());
    None
}
