//! The walk through a repository, several directories at a time.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use walkdir::{DirEntry, WalkDir};

use super::ignores::{Excludes, Ignores, is_ignore_file, is_passed_over};
use super::kind::{FileKind, Role};
use super::search;
use super::{
    CONFIG_NAME, DANGLING, Directory, Discovery, File, NO_REGULAR_FILE, Problem, Selection,
    describe,
};
use crate::progress::Progress;
use crate::source::display_path;

/// Where a walk begins, and what it heeds.
pub(super) struct Start {
    /// The directory, links resolved.
    pub dir: PathBuf,
    /// What git ignores, from the directories above; `None` where that does not matter.
    pub ignores: Option<Ignores>,
    /// Whether the directories in it are walked too.
    pub whole: bool,
    /// Whether anything is reported in what it finds.
    pub reported: bool,
}

impl Start {
    /// Everything below a directory.
    pub fn everything(dir: PathBuf) -> Self {
        Self {
            dir,
            ignores: None,
            whole: true,
            reported: true,
        }
    }
}

/// What the threads find.
struct Findings<'a> {
    cwd: &'a Path,
    selection: &'a Selection,
    excludes: &'a Excludes,
    progress: &'a Progress,
    directories: Mutex<Vec<(PathBuf, Directory)>>,
    problems: Mutex<Vec<Problem>>,
    passed_over: Mutex<Vec<Problem>>,
    configured: Mutex<Vec<PathBuf>>,
    links: AtomicBool,
}

/// Walks from each start and adds to the discovery what is there.
pub(super) fn walk(discovery: &mut Discovery, starts: Vec<Start>) {
    let findings = Findings {
        cwd: &discovery.cwd,
        selection: &discovery.selection,
        excludes: &discovery.excludes,
        progress: &discovery.progress,
        directories: Mutex::default(),
        problems: Mutex::default(),
        passed_over: Mutex::default(),
        configured: Mutex::default(),
        links: AtomicBool::default(),
    };
    rayon::scope(|scope| {
        let findings = &findings;
        for start in starts {
            scope.spawn(move |scope| findings.visit(start, scope));
        }
    });
    let Findings {
        directories,
        problems,
        passed_over,
        configured,
        links,
        ..
    } = findings;
    discovery.configured.extend(into_inner(configured));
    discovery.links |= links.into_inner();
    discovery.problems.extend(into_inner(problems));
    discovery.passed_over.extend(into_inner(passed_over));
    add_all(&mut discovery.directories, into_inner(directories));
}

impl Findings<'_> {
    /// Looks through the files of a directory, while others visit the directories in it.
    fn visit<'s>(&'s self, start: Start, scope: &rayon::Scope<'s>) {
        let entries = self.entries(&start.dir);
        let ignores = start.ignores.map(|ignores| {
            let patterns = entries
                .iter()
                .filter(|entry| is_ignore_file(entry.file_name()));
            patterns.fold(ignores, |ignores, entry| ignores.with(entry.path()))
        });
        let is_ignored = |path: &Path, is_dir| {
            let ignores = ignores.as_ref();
            ignores.is_some_and(|ignores| ignores.ignores(path, is_dir))
        };
        if entries.iter().any(|entry| entry.file_name() == CONFIG_NAME) {
            add(&self.configured, start.dir.clone());
        }
        let mut files = Vec::new();
        for entry in entries {
            if !entry.file_type().is_dir() {
                if let Some(mut file) = self.file(&entry) {
                    file.reported &= start.reported && !is_ignored(entry.path(), false);
                    files.push(file);
                }
            } else if start.whole
                && !is_passed_over(entry.file_name())
                && !is_ignored(entry.path(), true)
            {
                let below = Start {
                    dir: entry.into_path(),
                    ignores: ignores.clone(),
                    ..start
                };
                scope.spawn(move |scope| self.visit(below, scope));
            }
        }
        if !files.is_empty() {
            self.look_through(start.dir, files);
        }
        self.progress.directory();
    }

    fn entries(&self, dir: &Path) -> Vec<DirEntry> {
        let entries = WalkDir::new(dir).min_depth(1).max_depth(1).into_iter();
        let readable = entries.filter_map(|entry| match entry {
            Ok(entry) => Some(entry),
            Err(error) => {
                self.cannot_walk(&error);
                None
            }
        });
        readable.collect()
    }

    /// The file of an entry, where it is one of Terraform's.
    fn file(&self, entry: &DirEntry) -> Option<File> {
        let is_link = entry.path_is_symlink();
        if is_link {
            self.links.store(true, Ordering::Relaxed);
        }
        let kind = FileKind::by_name(&entry.file_name().to_string_lossy())?;
        if !entry.file_type().is_file() {
            self.follow(entry.path(), is_link)?;
        }
        Some(File {
            name: OsString::from(entry.file_name()),
            kind,
            reported: !self.excludes.exclude(entry.path()),
            given: false,
            replaced: false,
            mentions: false,
        })
    }

    /// Whether a link leads to a file. What is something else is passed over; directories are not followed, as git has it.
    fn follow(&self, path: &Path, is_link: bool) -> Option<()> {
        let message = match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => return Some(()),
            Ok(metadata) if metadata.is_dir() => return None,
            Err(_) if is_link => DANGLING,
            _ => NO_REGULAR_FILE,
        };
        add(&self.passed_over, self.problem(path, message));
        None
    }

    fn look_through(&self, dir: PathBuf, files: Vec<File>) {
        let mut directory = Directory {
            files,
            ..Directory::default()
        };
        let mut bytes = Vec::new();
        for file in &mut directory.files {
            if file.kind.role == Role::Values {
                continue;
            }
            let path = dir.join(&file.name);
            match search::read_into(&path, &mut bytes) {
                Ok(()) => {
                    let found = search::search(&bytes);
                    file.mentions = found.mentions;
                    directory.sources.extend(found.sources);
                }
                Err(error) => self.cannot_read(&path, &describe(&error)),
            }
        }
        directory
            .files
            .sort_by(|one, other| one.name.cmp(&other.name));
        add(&self.directories, (dir, directory));
    }

    fn cannot_walk(&self, error: &walkdir::Error) {
        let path = error.path().unwrap_or(Path::new("."));
        let message = error.io_error().map_or_else(|| error.to_string(), describe);
        self.cannot_read(path, &message);
    }

    /// A problem where it was asked for.
    fn cannot_read(&self, path: &Path, message: &str) {
        let list = if self.selection.contains(path) {
            &self.problems
        } else {
            &self.passed_over
        };
        add(list, self.problem(path, message));
    }

    fn problem(&self, path: &Path, message: &str) -> Problem {
        Problem {
            path: display_path(path, self.cwd),
            message: message.to_owned(),
        }
    }
}

impl Directory {
    /// Adds what another walk has found of the same directory.
    fn add(&mut self, other: Directory) {
        self.sources.extend(other.sources);
        for file in other.files {
            match self.place(&file.name) {
                Err(at) => self.files.insert(at, file),
                Ok(at) => {
                    if let Some(known) = self.files.get_mut(at) {
                        known.reported |= file.reported;
                    }
                }
            }
        }
    }
}

/// Adds directories, some of which may be there already.
fn add_all(all: &mut BTreeMap<PathBuf, Directory>, mut found: Vec<(PathBuf, Directory)>) {
    // Nearly the order of the map, and several times as fast as comparing paths by their components.
    found.sort_by(|(one, _), (other, _)| one.as_os_str().cmp(other.as_os_str()));
    found.dedup_by(|(next, directory), (dir, known)| {
        let is_same = next.as_os_str() == dir.as_os_str();
        if is_same {
            known.add(std::mem::take(directory));
        }
        is_same
    });
    if all.is_empty() {
        // In one go, not by one search for each.
        *all = found.into_iter().collect();
        return;
    }
    for (dir, directory) in found {
        all.entry(dir).or_default().add(directory);
    }
}

/// A panic of another thread ends the run anyway: what it left behind may be used.
fn add<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .push(item);
}

fn into_inner<T>(list: Mutex<Vec<T>>) -> Vec<T> {
    list.into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
