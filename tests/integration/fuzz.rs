//! The inputs that fuzzing has left in `tests/fuzz/`, done with as `fuzz/` does: those that went wrong once, and small
//! ones that between them run through most of the code.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// In a debug build beside other tests; a release build takes a hundredth of that.
const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn kept_inputs_do_no_harm() {
    for (target, run) in targets::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fuzz")
            .join(target);
        let mut inputs: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "{target}");
        for input in inputs {
            let bytes = fs::read(&input).unwrap();
            let start = Instant::now();
            // A panic is told with the name of the input.
            let name = input.display().to_string();
            let guard = NameOnPanic(name);
            run(&bytes);
            drop(guard);
            assert!(start.elapsed() < LIMIT, "{} takes long", input.display());
        }
    }
}

/// Prints the input that was being done with when a panic comes.
struct NameOnPanic(String);

impl Drop for NameOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("while at {}", self.0);
        }
    }
}
