//! The directories that a walk has found.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{Directory, SEPARATOR};

/// Directories by path (absolute, links resolved), in the order of its bytes: paths that begin alike, as those of a large
/// repository do, are compared several times as fast as by their components.
#[derive(Clone, Debug, Default)]
pub struct Directories(BTreeMap<OsString, Directory>);

impl Directories {
    /// The directory of a path.
    pub fn get(&self, dir: &Path) -> Option<&Directory> {
        self.0.get(dir.as_os_str())
    }

    /// The directory of a path.
    pub fn get_mut(&mut self, dir: &Path) -> Option<&mut Directory> {
        self.0.get_mut(dir.as_os_str())
    }

    /// The directory of a path, which is empty if it was not known.
    pub fn get_or_add(&mut self, dir: &Path) -> &mut Directory {
        self.0.entry(dir.as_os_str().to_owned()).or_default()
    }

    /// Each with its path, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Directory)> {
        let all = self.0.iter();
        all.map(|(dir, directory)| (Path::new(dir), directory))
    }

    /// Each with its path, in their order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Path, &mut Directory)> {
        let all = self.0.iter_mut();
        all.map(|(dir, directory)| (Path::new(dir), directory))
    }

    /// A directory and those below it.
    pub fn within<'a>(&'a self, dir: &'a Path) -> impl Iterator<Item = (&'a Path, &'a Directory)> {
        let mut first = dir.as_os_str().to_owned();
        if first.as_encoded_bytes().last() != Some(&SEPARATOR) {
            first.push(OsStr::new(std::path::MAIN_SEPARATOR_STR));
        }
        let from = (Bound::Excluded(first.as_os_str()), Bound::Unbounded);
        let below = self.0.range::<OsStr, _>(from);
        let below = below.map(|(below, directory)| (Path::new(below), directory));
        let own = self.get(dir).map(|directory| (dir, directory));
        own.into_iter()
            .chain(below.take_while(move |(below, _)| below.starts_with(dir)))
    }

    /// Adds what a walk has found, some of which may be there already.
    pub(super) fn extend(&mut self, mut found: Vec<(PathBuf, Directory)>) {
        found.par_sort_by(|(one, _), (other, _)| one.as_os_str().cmp(other.as_os_str()));
        found.dedup_by(|(next, directory), (dir, known)| {
            let is_same = next == dir;
            if is_same {
                known.add(std::mem::take(directory));
            }
            is_same
        });
        if self.0.is_empty() {
            // In one go, not by one search for each.
            let found = found.into_iter();
            self.0 = found
                .map(|(dir, directory)| (dir.into_os_string(), directory))
                .collect();
            return;
        }
        for (dir, directory) in found {
            self.get_or_add(&dir).add(directory);
        }
    }
}
