//! What git ignores: `.gitignore` and `.ignore` at every level, and `.git/info/exclude`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The files with patterns, a later one outweighs an earlier one.
const FILES: [&str; 2] = [".gitignore", ".ignore"];

/// Whether a file holds patterns of what to ignore.
pub(super) fn is_ignore_file(name: &OsStr) -> bool {
    FILES.iter().any(|file| name == *file)
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
    /// What holds in `dir` below `root` before anything of `dir` itself was read. Patterns that ignore `dir` or a directory
    /// above it no longer hold beneath.
    pub fn above(root: &Path, dir: &Path) -> Above {
        let mut above = Above {
            ignores: Self::git_exclude(root),
            ..Above::default()
        };
        let mut at = root.to_path_buf();
        for name in dir.strip_prefix(root).unwrap_or(Path::new("")).components() {
            above.ignores = above.ignores.with_directory(&at);
            at.push(name);
            if above.ignores.ignores(&at, true) {
                above.ignores = Self::default();
                above.ignored = true;
            }
            above.passed_over |= is_passed_over(name.as_os_str());
        }
        above
    }

    /// Whether git ignores a file below `root`, or a directory that it lies in.
    pub fn ignore_file(root: &Path, file: &Path) -> bool {
        let dir = file.parent().unwrap_or(root);
        let above = Self::above(root, dir);
        above.ignored || above.ignores.with_directory(dir).ignores(file, false)
    }

    fn with(self, file: &Path) -> Self {
        let index = FILES
            .iter()
            .position(|name| file.file_name() == Some(OsStr::new(name)));
        match (index, file.parent(), read(file)) {
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
    pub fn with_directory(self, dir: &Path) -> Self {
        FILES
            .iter()
            .fold(self, |ignores, name| ignores.with(&dir.join(name)))
    }

    fn git_exclude(root: &Path) -> Self {
        match read(&git_directory(root).join("info/exclude")) {
            Some(text) => Self::default().with_patterns(root, &text, 0),
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

/// Where git keeps what belongs to a repository; in a linked work tree, `.git` is a file that leads there.
fn git_directory(root: &Path) -> PathBuf {
    let git = root.join(".git");
    let Some(text) = read(&git) else { return git };
    let Some(linked) = text.trim().strip_prefix("gitdir:") else {
        return git;
    };
    let linked = root.join(linked.trim());
    match read(&linked.join("commondir")) {
        Some(common) => linked.join(common.trim()),
        None => linked,
    }
}

/// The text of a regular file; a FIFO is never opened.
fn read(path: &Path) -> Option<String> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
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
