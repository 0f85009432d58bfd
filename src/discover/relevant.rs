//! Reading little: which of the directories are worth parsing.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Discovery, Role};

impl Discovery {
    /// The module directories that say `zenml`, and those that call them, directly or through others. A string that only
    /// looks like the source of a call counts as one, so there may be a few too many.
    pub fn relevant(&self) -> BTreeSet<PathBuf> {
        let mut relevant: BTreeSet<PathBuf> = self.mentioning().map(Path::to_path_buf).collect();
        if relevant.is_empty() {
            return relevant;
        }
        let callers = self.possible_callers();
        let mut open: Vec<PathBuf> = relevant.iter().cloned().collect();
        while let Some(dir) = open.pop() {
            for &caller in callers.get(&dir).into_iter().flatten() {
                if relevant.insert(caller.to_path_buf()) {
                    open.push(caller.to_path_buf());
                }
            }
        }
        relevant
    }

    /// The directory that a local `source` in a module leads to: with links resolved, whether or not it was walked.
    /// `None` for another kind of source, for one that leads out of the repository, and for what does not exist.
    pub fn resolve(&self, dir: &Path, source: &str) -> Option<PathBuf> {
        let path = join_source(dir, source)?;
        if self.directories.get(&path).is_some() {
            return Some(path);
        }
        let path = fs::canonicalize(path).ok()?;
        let inside = self.roots.iter().any(|root| path.starts_with(root));
        (inside && path.is_dir()).then_some(path)
    }

    /// The module that the tests in a directory belong to: those in `tests/` to the module above it.
    pub fn tested_module<'a>(&self, dir: &'a Path) -> &'a Path {
        match dir.parent() {
            Some(above) if dir.ends_with("tests") && self.is_module(above) => above,
            _ => dir,
        }
    }

    /// Whether a directory holds configuration.
    pub fn is_module(&self, dir: &Path) -> bool {
        self.directories
            .get(dir)
            .is_some_and(|directory| directory.configuration().next().is_some())
    }

    /// Whether the configuration in a directory says `zenml`.
    pub fn mentions(&self, dir: &Path) -> bool {
        let directory = self.directories.get(dir).into_iter();
        let mut files = directory.flat_map(|directory| directory.configuration());
        files.any(|file| file.mentions)
    }

    fn mentioning(&self) -> impl Iterator<Item = &Path> {
        let files = self
            .directories
            .iter()
            .flat_map(|(dir, directory)| directory.files.iter().map(move |file| (dir, file)));
        files
            .filter(|(_, file)| file.mentions && file.kind.role != Role::Values)
            .map(|(dir, file)| match file.kind.role {
                Role::Test => self.tested_module(dir),
                _ => dir,
            })
    }

    fn possible_callers(&self) -> FxHashMap<PathBuf, Vec<&Path>> {
        let mut callers: FxHashMap<PathBuf, Vec<&Path>> = FxHashMap::default();
        let walked: FxHashSet<&OsStr> = self
            .directories
            .iter()
            .map(|(dir, _)| dir.as_os_str())
            .collect();
        for (dir, directory) in self.directories.iter() {
            for source in &directory.sources {
                if let Some(callee) = self.resolve_walked(dir, source, &walked) {
                    callers.entry(callee).or_default().push(dir);
                }
            }
        }
        callers
    }

    /// As [`Discovery::resolve`], for directories that were walked: nothing is asked of the file system unless there are
    /// links.
    fn resolve_walked(
        &self,
        dir: &Path,
        source: &str,
        walked: &FxHashSet<&OsStr>,
    ) -> Option<PathBuf> {
        let path = join_source(dir, source)?;
        if walked.contains(path.as_os_str()) {
            return Some(path);
        }
        let has_links = !self.linked.is_empty();
        has_links.then(|| fs::canonicalize(path).ok()).flatten()
    }
}

/// Where a local source leads by its text.
fn join_source(dir: &Path, source: &str) -> Option<PathBuf> {
    let is_local = source.starts_with("./") || source.starts_with("../");
    is_local.then(|| join(dir, Path::new(source))).flatten()
}

/// A path from a directory on; `..` is resolved before any link is followed, as Terraform does it.
pub(crate) fn join(dir: &Path, path: &Path) -> Option<PathBuf> {
    let mut joined = dir.to_path_buf();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => joined.pop().then_some(())?,
            name => joined.push(name),
        }
    }
    Some(joined)
}
