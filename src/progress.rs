//! How far a run has come, for whoever waits for it.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Counts that a run raises while it works. They steer nothing.
#[derive(Debug, Default)]
pub struct Progress {
    directories: AtomicUsize,
    roots: AtomicUsize,
    checked: AtomicUsize,
}

impl Progress {
    /// A directory has been looked through.
    pub(crate) fn directory(&self) {
        self.directories.fetch_add(1, Relaxed);
    }

    /// All files are read, and so many root modules are to be checked.
    pub(crate) fn begin_checks(&self, roots: usize) {
        self.checked.store(0, Relaxed);
        self.roots.store(roots, Relaxed);
    }

    /// A root module has been checked, with all that it calls.
    pub(crate) fn root(&self) {
        self.checked.fetch_add(1, Relaxed);
    }
}

/// A few words, without a full stop.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.roots.load(Relaxed) {
            0 => write!(
                f,
                "looking for Terraform files: {} directories",
                self.directories.load(Relaxed)
            ),
            roots => write!(
                f,
                "checking root modules: {} of {roots}",
                self.checked.load(Relaxed)
            ),
        }
    }
}
