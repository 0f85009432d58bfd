//! What git ignores: `.gitignore` and `.ignore` at every level, and `.git/info/exclude`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The files with patterns, a later one outweighs an earlier one.
const FILES: [&str; 2] = [".gitignore", ".ignore"];

/// Whether a file holds patterns of what to ignore.
pub(super) fn is_ignore_file(name: &OsStr) -> bool {
    FILES.iter().any(|file| name == *file)
}

/// The patterns that hold in a directory: its own and those of the directories above.
#[derive(Clone, Debug, Default)]
pub(super) struct Ignores {
    levels: Vec<Level>,
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

#[derive(Clone, Debug)]
struct Level {
    /// How many directories down from where the walk began; 0 for that one and those above it.
    depth: usize,
    /// The index of the file's name in [`FILES`], after 0 for `info/exclude`.
    weight: usize,
    patterns: Gitignore,
}

impl Ignores {
    /// What holds in `dir` below `root` before anything of `dir` itself was read. Patterns that ignore `dir` or a directory
    /// above it no longer hold beneath.
    pub fn above(root: &Path, dir: &Path) -> Above {
        let mut above = Above::default();
        above.ignores.add_git_exclude(root);
        let mut at = root.to_path_buf();
        for name in dir.strip_prefix(root).unwrap_or(Path::new("")).components() {
            above.ignores.add_directory(&at);
            at.push(name);
            if above.ignores.ignores(&at, true) {
                above.ignores.levels.clear();
                above.ignored = true;
            }
            above.passed_over |= is_passed_over(name.as_os_str());
        }
        above
    }

    /// Whether git ignores a file below `root`, or a directory that it lies in.
    pub fn ignore_file(root: &Path, file: &Path) -> bool {
        let dir = file.parent().unwrap_or(root);
        let mut above = Self::above(root, dir);
        above.ignores.add_directory(dir);
        above.ignored || above.ignores.ignores(file, false)
    }

    /// Goes to an entry `depth` directories down from where the walk began: what stands in directories beside it no
    /// longer holds.
    pub fn go_to(&mut self, depth: usize) {
        while self
            .levels
            .last()
            .is_some_and(|level| level.depth > 0 && level.depth >= depth)
        {
            self.levels.pop();
        }
    }

    /// Takes in a file of patterns in a directory at `depth`.
    pub fn add(&mut self, file: &Path, depth: usize) {
        let Some(index) = FILES
            .iter()
            .position(|name| file.file_name() == Some(OsStr::new(name)))
        else {
            return;
        };
        if let (Some(dir), Some(text)) = (file.parent(), read(file)) {
            self.push(dir, &text, index + 1, depth);
        }
    }

    /// Whether a file or directory is ignored, looked at by itself. The nearest pattern decides.
    pub fn ignores(&self, path: &Path, is_dir: bool) -> bool {
        if self.levels.is_empty() {
            return false;
        }
        (0..=FILES.len())
            .rev()
            .find_map(|weight| {
                let levels = self.levels.iter().rev().filter(|l| l.weight == weight);
                levels
                    .map(|level| level.patterns.matched(path, is_dir))
                    .find(|found| !found.is_none())
            })
            .is_some_and(|found| found.is_ignore())
    }

    fn add_directory(&mut self, dir: &Path) {
        for name in FILES {
            self.add(&dir.join(name), 0);
        }
    }

    fn add_git_exclude(&mut self, root: &Path) {
        if let Some(text) = read(&git_directory(root).join("info/exclude")) {
            self.push(root, &text, 0, 0);
        }
    }

    fn push(&mut self, dir: &Path, text: &str, weight: usize, depth: usize) {
        let mut builder = GitignoreBuilder::new(dir);
        for line in text.trim_start_matches('\u{feff}').lines() {
            // As git does it: a pattern that is none matches nothing.
            let _ = builder.add_line(None, line);
        }
        if let Ok(patterns) = builder.build() {
            self.levels.push(Level {
                depth,
                weight,
                patterns,
            });
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
#[derive(Debug, Default)]
pub(super) struct Excludes(Vec<Gitignore>);

impl Excludes {
    /// In the manner of git, relative to each root.
    pub fn new(patterns: &[String], roots: &[PathBuf]) -> Result<Self, super::BadPattern> {
        let bad = |pattern: &str, error: ignore::Error| super::BadPattern {
            pattern: pattern.to_owned(),
            reason: match error {
                ignore::Error::Glob { err, .. } => err,
                other => other.to_string(),
            },
        };
        let build = |root: &PathBuf| {
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
        };
        roots.iter().map(build).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a file, or a directory above it, is named.
    pub fn exclude(&self, file: &Path) -> bool {
        self.0.iter().any(|patterns| {
            !patterns.is_empty()
                && file.starts_with(patterns.path())
                && patterns
                    .matched_path_or_any_parents(file, false)
                    .is_ignore()
        })
    }
}
