//! The walk through a repository, by several threads.
//!
//! Each walk goes all the way down by itself. As long as there are few walks for each thread it hands over directories, each of
//! which is then opened twice.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use walkdir::{DirEntry, WalkDir};

use super::ignores::{Excludes, IgnoreFiles, Ignores, is_ignore_file, is_passed_over};
use super::kind::{self, FileKind, Role};
use super::search;
use super::{
    CONFIG_NAME, DANGLING, Directory, Discovery, File, LEADS_OUTSIDE, NO_REGULAR_FILE, Problem,
    Selection,
};
use crate::progress::Progress;
use crate::reader::{ReadError, Reader, describe};
use crate::source::display_path;

/// A walk hands over the directories right below where it began as long as fewer walks than these for each thread have
/// begun or wait: large parts of the tree, so that every thread has something to do until the end.
const WALKS_OF_A_THREAD: usize = 4;

/// Directories further down are small, and each that is handed over was opened in vain: a walk that sees an idle thread
/// hands over one of them after so many of its own.
const OWN_BETWEEN: usize = 8;

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
    /// Whether git ignores the directory itself.
    pub is_ignored: bool,
}

impl Start {
    /// Everything below a directory.
    pub fn everything(dir: PathBuf) -> Self {
        Self {
            dir,
            ignores: None,
            whole: true,
            reported: true,
            is_ignored: false,
        }
    }
}

/// What the threads find.
struct Findings<'a> {
    cwd: &'a Path,
    roots: &'a [PathBuf],
    reader: Reader,
    selection: &'a Selection,
    excludes: &'a Excludes,
    progress: &'a Progress,
    directories: Mutex<Vec<(PathBuf, Directory)>>,
    problems: Mutex<Vec<Problem>>,
    passed_over: Mutex<Vec<Problem>>,
    configured: Mutex<Vec<PathBuf>>,
    linked: Mutex<Vec<PathBuf>>,
    /// How many walks have begun or are waiting for a thread.
    walks: AtomicUsize,
}

/// A directory that a walk is in.
struct Open {
    dir: PathBuf,
    /// What git ignores in it, its own files of patterns included where `has_own_ignores` says so; `None` where that does
    /// not matter.
    ignores: Option<Ignores>,
    /// Whether its own files of patterns were looked for: they are when one of them is met, and before the walk goes down.
    has_own_ignores: bool,
    /// Those of Terraform's files in it that were not looked through yet.
    files: Vec<File>,
    /// Whether there is a file of queries in it.
    has_queries: bool,
}

impl Open {
    fn new(dir: PathBuf, ignores: Option<Ignores>) -> Self {
        Self {
            dir,
            ignores,
            has_own_ignores: false,
            files: Vec::new(),
            has_queries: false,
        }
    }

    /// Adds what its own files of patterns say.
    fn read_ignores(&mut self, findings: &Findings<'_>) {
        if std::mem::replace(&mut self.has_own_ignores, true) {
            return;
        }
        let refuse = |path: &Path, error| findings.note(path, &error);
        let root = findings
            .roots
            .iter()
            .find(|root| self.dir.starts_with(root));
        if let (Some(known), Some(root)) = (self.ignores.take(), root) {
            let files = IgnoreFiles::new(root, findings.reader, &refuse);
            self.ignores = Some(known.with_directory(&files, &self.dir));
        }
    }

    /// Whether git ignores a directory in it: its own patterns decide, whether or not the walk has met them yet.
    fn ignores_below(&mut self, dir: &Path, findings: &Findings<'_>) -> bool {
        self.read_ignores(findings);
        self.ignores(dir, true)
    }

    fn ignores(&self, path: &Path, is_dir: bool) -> bool {
        let ignores = self.ignores.as_ref();
        ignores.is_some_and(|ignores| ignores.ignores(path, is_dir))
    }
}

/// Walks from each start and adds to the discovery what is there.
pub(super) fn walk(discovery: &mut Discovery, starts: Vec<Start>) {
    let findings = Findings {
        cwd: &discovery.cwd,
        roots: &discovery.roots,
        reader: discovery.reader,
        selection: &discovery.selection,
        excludes: &discovery.excludes,
        progress: &discovery.progress,
        directories: Mutex::default(),
        problems: Mutex::default(),
        passed_over: Mutex::default(),
        configured: Mutex::default(),
        linked: Mutex::default(),
        walks: AtomicUsize::new(starts.len()),
    };
    rayon::scope(|scope| {
        let findings = &findings;
        for start in starts {
            scope.spawn(move |scope| findings.walk(start, scope));
        }
    });
    let Findings {
        directories,
        problems,
        passed_over,
        configured,
        linked,
        ..
    } = findings;
    discovery.configured.extend(into_inner(configured));
    discovery.linked.extend(into_inner(linked));
    discovery.problems.extend(into_inner(problems));
    discovery.passed_over.extend(into_inner(passed_over));
    discovery.directories.extend(into_inner(directories));
}

impl Findings<'_> {
    /// Looks through the files of a directory and of those below it.
    fn walk<'s>(&'s self, start: Start, scope: &rayon::Scope<'s>) {
        let mut entries = WalkDir::new(&start.dir).min_depth(1).into_iter();
        // The outermost first.
        let mut open = vec![Open::new(start.dir.clone(), start.ignores.clone())];
        let mut bytes = Vec::new();
        // The directories gone into since the last one that was handed over.
        let mut own = 0;
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.cannot_walk(&error);
                    continue;
                }
            };
            while open.len() > entry.depth()
                && let Some(left) = open.pop()
            {
                self.look_through(left, &start, &mut bytes);
            }
            let Some(here) = open.last_mut() else { break };
            let name = entry.file_name();
            if name == CONFIG_NAME {
                add(&self.configured, here.dir.clone());
            }
            if !entry.file_type().is_dir() {
                self.take_file(&entry, name, here);
            } else if !start.whole || is_passed_over(name) || here.ignores_below(entry.path(), self)
            {
                entries.skip_current_dir();
            } else if self.hands_over(entry.depth(), own) {
                own = 0;
                entries.skip_current_dir();
                let below = Start {
                    dir: entry.into_path(),
                    ignores: here.ignores.clone(),
                    ..start
                };
                self.walks.fetch_add(1, Ordering::Relaxed);
                scope.spawn(move |scope| self.walk(below, scope));
            } else {
                own += 1;
                let ignores = here.ignores.clone();
                open.push(Open::new(entry.into_path(), ignores));
            }
        }
        for left in open.into_iter().rev() {
            self.look_through(left, &start, &mut bytes);
        }
        self.walks.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether a walk hands over a directory at a depth, after so many of its own.
    fn hands_over(&self, depth: usize, own: usize) -> bool {
        let threads = rayon::current_num_threads();
        let walks = self.walks.load(Ordering::Relaxed);
        let is_wanted = match depth {
            1 => walks < threads * WALKS_OF_A_THREAD,
            _ => own >= OWN_BETWEEN && walks < threads,
        };
        is_wanted && threads > 1
    }

    /// Takes in the entry of something that is no directory.
    fn take_file(&self, entry: &DirEntry, name: &OsStr, here: &mut Open) {
        if is_ignore_file(name) {
            here.read_ignores(self);
        }
        here.has_queries |= kind::holds_queries(name.as_encoded_bytes());
        here.files.extend(self.file(entry, name));
    }

    /// The file of an entry, where it is one of Terraform's.
    fn file(&self, entry: &DirEntry, name: &OsStr) -> Option<File> {
        let is_link = entry.path_is_symlink();
        if is_link {
            let target = fs::canonicalize(entry.path()).ok();
            let both = [Some(entry.path().to_path_buf()), target];
            both.into_iter()
                .flatten()
                .for_each(|path| add(&self.linked, path));
        }
        if !kind::may_be_one(name.as_encoded_bytes()) {
            return None;
        }
        let kind = FileKind::by_name(&name.to_string_lossy())?;
        let mut is_inside = true;
        if !entry.file_type().is_file() {
            is_inside = self.follow(entry.path(), is_link)?;
        }
        Some(File {
            name: name.to_owned(),
            kind,
            reported: is_inside && !self.excludes.exclude(entry.path()),
            is_inside,
            given: false,
            replaced: false,
            mentions: false,
        })
    }

    /// Whether a link leads to a file inside the repository; `None` where it leads to none. What is something else is passed
    /// over; directories are not followed, as git has it.
    fn follow(&self, path: &Path, is_link: bool) -> Option<bool> {
        let message = match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => return self.follow_to_file(path),
            Ok(metadata) if metadata.is_dir() => return None,
            Err(_) if is_link => DANGLING,
            _ => NO_REGULAR_FILE,
        };
        add(&self.passed_over, self.problem(path, message));
        None
    }

    fn follow_to_file(&self, path: &Path) -> Option<bool> {
        if let Err(error) = self.reader.check(path)
            && error.is_passed_over()
        {
            self.note(path, &error);
            return None;
        }
        let target = fs::canonicalize(path).ok();
        target.map(|target| self.roots.iter().any(|root| target.starts_with(root)))
    }

    /// Looks through the files of a directory, when all that git ignores in it is known.
    fn look_through(&self, mut open: Open, start: &Start, bytes: &mut Vec<u8>) {
        self.progress.directory();
        let files = std::mem::take(&mut open.files);
        if files.is_empty() {
            return;
        }
        let mut directory = Directory {
            files,
            has_queries: open.has_queries,
            ..Directory::default()
        };
        for file in &mut directory.files {
            let path = open.dir.join(&file.name);
            file.reported &= start.reported && !open.ignores(&path, false);
            if file.kind.role != Role::Values {
                match self.reader.read_into(&path, bytes) {
                    Ok(_) => {
                        let found = search::search(bytes);
                        file.mentions = found.mentions;
                        directory.sources.extend(found.sources);
                    }
                    Err(error) => self.note(&path, &error),
                }
            }
            if file.goes_unchecked() {
                self.cannot_read(&path, LEADS_OUTSIDE);
            } else if !file.is_inside {
                add(&self.passed_over, self.problem(&path, LEADS_OUTSIDE));
            }
        }
        if !start.is_ignored {
            directory.ignores = Some(open.ignores.unwrap_or_default());
        }
        directory
            .files
            .sort_by(|one, other| one.name.cmp(&other.name));
        add(&self.directories, (open.dir, directory));
    }

    fn cannot_walk(&self, error: &walkdir::Error) {
        let path = error.path().unwrap_or(Path::new("."));
        let message = error.io_error().map_or_else(|| error.to_string(), describe);
        self.cannot_read(path, &message);
    }

    /// Notes that a file is not read, unless there is none.
    fn note(&self, path: &Path, error: &ReadError) {
        if error.is_absent() {
            return;
        }
        let message = error.to_string();
        if error.is_passed_over() {
            add(&self.passed_over, self.problem(path, &message));
        } else {
            self.cannot_read(path, &message);
        }
    }

    /// Notes a problem where that was asked for.
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
    pub(super) fn add(&mut self, other: Directory) {
        self.sources.extend(other.sources);
        self.has_queries |= other.has_queries;
        self.ignores = self.ignores.take().or(other.ignores);
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

/// A panic of another thread ends the run anyway: what it left behind may be used.
pub(super) fn add<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .push(item);
}

pub(super) fn into_inner<T>(list: Mutex<Vec<T>>) -> Vec<T> {
    list.into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
