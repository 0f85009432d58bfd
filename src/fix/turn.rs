//! Runs of `--fix` on one repository take turns: one that reads while another writes would fix half-fixed modules.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::discover::repository_root;

/// A run waits no longer than this for others, so that one that hangs does not stop all. What another run changes while
/// this one works is still noticed before a file is replaced.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The time between two looks at whether another run has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// The right to change the files of some repositories, until it is dropped.
pub struct Turn {
    _locks: Vec<File>,
}

impl Turn {
    /// Waits until no other run has its turn in a repository of these paths. Where the system has no locks, runs do not
    /// wait.
    pub fn wait(paths: &[PathBuf], cwd: &Path) -> Self {
        let cwd = fs::canonicalize(cwd).unwrap_or_else(|_| cwd.to_owned());
        let root = |path: &PathBuf| {
            let path = cwd.join(path);
            let dir = if path.is_dir() { &path } else { path.parent()? };
            Some(repository_root(&fs::canonicalize(dir).ok()?, &cwd))
        };
        // In the same order in every run, so that no two wait for each other.
        let roots: BTreeSet<PathBuf> = paths.iter().filter_map(root).collect();
        let end = Instant::now() + LONGEST_WAIT;
        let files = roots.iter().filter_map(|root| lock_file(root).ok());
        Self {
            _locks: files.filter(|file| is_locked(file, end)).collect(),
        }
    }
}

fn is_locked(file: &File, end: Instant) -> bool {
    loop {
        match file.try_lock() {
            Ok(()) => return true,
            Err(fs::TryLockError::WouldBlock) if Instant::now() < end => thread::sleep(PAUSE),
            Err(_) => return false,
        }
    }
}

/// The directory itself: nothing is left behind.
#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "a directory is locked, and nothing read"
)]
fn lock_file(root: &Path) -> io::Result<File> {
    File::open(root)
}

/// Windows locks no directories: a file in the user's own folder for temporary files.
#[cfg(not(unix))]
#[expect(
    clippy::disallowed_methods,
    reason = "a file is locked, and nothing read"
)]
fn lock_file(root: &Path) -> io::Result<File> {
    let hash = crate::fingerprint::hash(&[&root.to_string_lossy()]);
    let path = std::env::temp_dir().join(format!("zenml-tflint-{hash}.lock"));
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path)
}
