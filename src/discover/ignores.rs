//! What git ignores: `.gitignore` and `.ignore` at every level, and `.git/info/exclude`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::reader::{ReadError, Reader};

/// The files with patterns, a later one outweighs an earlier one.
const FILES: [&str; 2] = [".gitignore", ".ignore"];

/// Whether a file holds patterns of what to ignore.
pub(super) fn is_ignore_file(name: &OsStr) -> bool {
    FILES.iter().any(|file| name == *file)
}

/// Reads the files of patterns of a repository. None of them is read outside of it: it names them itself.
pub(super) struct IgnoreFiles<'a> {
    root: &'a Path,
    reader: Reader,
    /// Told of what is not read.
    refuse: &'a dyn Fn(&Path, ReadError),
}

impl<'a> IgnoreFiles<'a> {
    /// Those of the repository of a root (absolute, links resolved).
    pub fn new(root: &'a Path, reader: Reader, refuse: &'a dyn Fn(&Path, ReadError)) -> Self {
        Self {
            root,
            reader,
            refuse,
        }
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.read_inside(path, self.root)
    }

    fn read_inside(&self, path: &Path, root: &Path) -> Option<String> {
        match self.reader.read_inside(path, root) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => {
                (self.refuse)(path, error);
                None
            }
        }
    }

    /// `.git/info/exclude`. In a linked work tree and a submodule, `.git` is a file that leads elsewhere: it is followed
    /// where the directory that it names belongs to this one.
    fn exclude(&self) -> Option<String> {
        const EXCLUDE: &str = "info/exclude";
        let git = self.root.join(".git");
        let metadata = fs::symlink_metadata(&git).ok()?;
        if !metadata.is_file() {
            return self.read(&git.join(EXCLUDE));
        }
        let text = self.read(&git)?;
        let linked = self.root.join(text.trim().strip_prefix("gitdir:")?.trim());
        let linked = fs::canonicalize(linked).ok()?;
        let directory = self
            .work_tree_of(&git, &linked)
            .or_else(|| self.is_submodule(&linked).then_some(linked));
        match directory {
            Some(directory) => self.read_inside(&directory.join(EXCLUDE), &directory),
            None => {
                (self.refuse)(&git, ReadError::Outside);
                None
            }
        }
    }

    /// The repository's own directory, where a directory in it says that it belongs to the work tree of this `.git` file.
    fn work_tree_of(&self, git: &Path, linked: &Path) -> Option<PathBuf> {
        let read = |name: &str| {
            let bytes = self.reader.read_inside(&linked.join(name), linked).ok()?;
            fs::canonicalize(linked.join(String::from_utf8(bytes).ok()?.trim())).ok()
        };
        let common = read("commondir").filter(|common| linked.starts_with(common))?;
        (read("gitdir")? == git).then_some(common)
    }

    /// Whether a directory is in this repository, or in the `.git` directory of one around it.
    fn is_submodule(&self, linked: &Path) -> bool {
        let mut around = self.root.ancestors().skip(1).map(|dir| dir.join(".git"));
        linked.starts_with(self.root) || around.any(|git| linked.starts_with(git))
    }
}

/// The patterns that hold in a directory: its own and those of the directories above.
#[derive(Clone, Debug, Default)]
pub(super) struct Ignores(Option<Arc<Level>>);

/// A file of patterns.
#[derive(Debug)]
struct Level {
    /// The index of the file's name in [`FILES`], after 0 for `info/exclude`.
    weight: usize,
    patterns: Gitignore,
    above: Ignores,
}

/// What a directory has from those above it.
#[derive(Default)]
pub(super) struct Above {
    pub ignores: Ignores,
    /// Whether it is ignored, or a directory above it.
    pub ignored: bool,
    /// Whether it, or a directory above it, is passed over wherever it lies.
    pub passed_over: bool,
}

impl Ignores {
    /// What holds in `dir` below the root before anything of `dir` itself was read. Patterns that ignore `dir` or a directory
    /// above it no longer hold beneath.
    pub fn above(files: &IgnoreFiles<'_>, dir: &Path) -> Above {
        let root = files.root;
        let mut above = Above {
            ignores: Self::git_exclude(files),
            ..Above::default()
        };
        let mut at = root.to_path_buf();
        for name in dir.strip_prefix(root).unwrap_or(Path::new("")).components() {
            above.ignores = above.ignores.with_directory(files, &at);
            at.push(name);
            if above.ignores.ignores(&at, true) {
                above.ignores = Self::default();
                above.ignored = true;
            }
            above.passed_over |= is_passed_over(name.as_os_str());
        }
        above
    }

    /// Whether git ignores a file below the root, or a directory that it lies in.
    pub fn ignore_file(files: &IgnoreFiles<'_>, file: &Path) -> bool {
        let dir = file.parent().unwrap_or(files.root);
        let above = Self::above(files, dir);
        let here = above.ignores.with_directory(files, dir);
        above.ignored || here.ignores(file, false)
    }

    fn with(self, files: &IgnoreFiles<'_>, file: &Path) -> Self {
        let index = FILES
            .iter()
            .position(|name| file.file_name() == Some(OsStr::new(name)));
        match (index, file.parent(), files.read(file)) {
            (Some(index), Some(dir), Some(text)) => self.with_patterns(dir, &text, index + 1),
            _ => self,
        }
    }

    /// Whether a file or directory is ignored, looked at by itself. The nearest pattern of the weightiest kind decides.
    pub fn ignores(&self, path: &Path, is_dir: bool) -> bool {
        let mut best = (None, false);
        let mut at = self;
        while let Some(level) = &at.0 {
            if best.0 < Some(level.weight) {
                let found = level.patterns.matched(path, is_dir);
                if !found.is_none() {
                    best = (Some(level.weight), found.is_ignore());
                }
            }
            at = &level.above;
        }
        best.1
    }

    /// These, and those of the files of patterns in a directory beneath.
    pub fn with_directory(self, files: &IgnoreFiles<'_>, dir: &Path) -> Self {
        FILES
            .iter()
            .fold(self, |ignores, name| ignores.with(files, &dir.join(name)))
    }

    fn git_exclude(files: &IgnoreFiles<'_>) -> Self {
        match files.exclude() {
            Some(text) => Self::default().with_patterns(files.root, &text, 0),
            None => Self::default(),
        }
    }

    fn with_patterns(self, dir: &Path, text: &str, weight: usize) -> Self {
        let mut builder = GitignoreBuilder::new(dir);
        for line in text.trim_start_matches('\u{feff}').lines() {
            // As git does it: a pattern that is none matches nothing.
            let _ = builder.add_line(None, line);
        }
        match builder.build() {
            Ok(patterns) => Self(Some(Arc::new(Level {
                weight,
                patterns,
                above: self,
            }))),
            Err(_) => self,
        }
    }
}

/// Whether a directory of this name is passed over wherever it lies.
pub(super) fn is_passed_over(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") || name == "node_modules"
}

/// Patterns given by `--exclude` and the like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Excludes(Vec<Excluding>);

/// The patterns that hold below one directory. A file is not compared with those that begin with the name of another
/// directory than its own: thousands of patterns, one for each directory, cost no more than one.
#[derive(Clone, Debug)]
struct Excluding {
    root: PathBuf,
    anywhere: Gitignore,
    /// By the first name of the paths that they are about.
    below: BTreeMap<OsString, Gitignore>,
}

impl Excludes {
    /// In the manner of git, relative to each root.
    pub fn new(patterns: &[String], roots: &[PathBuf]) -> Result<Self, super::BadPattern> {
        let build = |root: &PathBuf| Excluding::new(patterns, root);
        roots.iter().map(build).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a file, or a directory above it, is named.
    pub fn exclude(&self, file: &Path) -> bool {
        self.0.iter().any(|patterns| patterns.exclude(file))
    }
}

impl Excluding {
    fn new(patterns: &[String], root: &Path) -> Result<Self, super::BadPattern> {
        // A pattern that takes files back in depends on those before it: all of them stay together.
        let takes_back = patterns.iter().any(|pattern| pattern.starts_with('!'));
        let mut anywhere = Vec::new();
        let mut below: BTreeMap<OsString, Vec<&str>> = BTreeMap::default();
        for pattern in patterns {
            match first_name(pattern).filter(|_| !takes_back) {
                Some(name) => below.entry(name.into()).or_default().push(pattern),
                None => anywhere.push(pattern.as_str()),
            }
        }
        let below = below.into_iter();
        let below = below.map(|(name, patterns)| Ok((name, matcher(&patterns, root)?)));
        Ok(Self {
            root: root.to_path_buf(),
            anywhere: matcher(&anywhere, root)?,
            below: below.collect::<Result<_, _>>()?,
        })
    }

    fn exclude(&self, file: &Path) -> bool {
        let Ok(relative) = file.strip_prefix(&self.root) else {
            return false;
        };
        let first = relative.components().next();
        let below = first.and_then(|name| self.below.get(name.as_os_str()));
        let mut patterns = below.into_iter().chain([&self.anywhere]);
        patterns.any(|patterns| {
            let found = patterns.matched_path_or_any_parents(relative, false);
            found.is_ignore()
        })
    }
}

/// The first name of every path that a pattern can match: one that has a further name behind it and no wildcard.
fn first_name(pattern: &str) -> Option<&str> {
    let pattern = pattern.strip_prefix('/').unwrap_or(pattern);
    let (first, rest) = pattern.split_once('/')?;
    let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let is_name = !first.is_empty() && first != "." && first != ".." && first.chars().all(is_plain);
    (is_name && !rest.trim().is_empty()).then_some(first)
}

fn matcher(patterns: &[&str], root: &Path) -> Result<Gitignore, super::BadPattern> {
    let bad = |pattern: &str, error: ignore::Error| super::BadPattern {
        pattern: pattern.to_owned(),
        reason: match error {
            ignore::Error::Glob { err, .. } => err,
            other => other.to_string(),
        },
    };
    let mut builder = GitignoreBuilder::new(root);
    // Git takes a class without an end for plain text; here it is a slip to be named.
    builder.allow_unclosed_class(false);
    for pattern in patterns {
        builder
            .add_line(None, pattern)
            .map_err(|error| bad(pattern, error))?;
    }
    builder
        .build()
        .map_err(|error| bad(&patterns.join(", "), error))
}
