//! From paths to module directories and their files.
//!
//! PATHS select what is reported. What is looked through is the whole repository that each of them lies in, since callers
//! and callees of a module decide what its values are.

mod directories;
mod ignores;
mod kind;
mod relevant;
mod search;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::progress::Progress;
use crate::reader::{ReadError, Reader, describe};
use crate::source::{SourceFile, display_path};

use ignores::{IgnoreFiles, Ignores};
use walk::Start;

pub use directories::Directories;
pub(crate) use ignores::Excludes;
pub use kind::{FileKind, Notation, Role, is_automatic, is_override};
pub(crate) use relevant::join;

/// What to look for, and where.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The current directory: relative paths start here. Absolute.
    pub cwd: PathBuf,
    /// Files and directories; none stands for the current directory, unless there is a text on standard input.
    pub paths: Vec<PathBuf>,
    /// The text on standard input, where it is checked.
    pub stdin: Option<Stdin>,
    /// Files in which nothing is reported: patterns in the manner of `.gitignore`, relative to the root.
    pub exclude: Vec<String>,
    /// Whether `.gitignore`, `.ignore` and `.git/info/exclude` are heeded.
    pub gitignore: bool,
    /// Reads the files.
    pub reader: Reader,
    /// Where the directories that have been looked through are counted.
    pub progress: Arc<Progress>,
}

/// A text on standard input.
#[derive(Clone, Debug, Default)]
pub struct Stdin {
    /// The file whose place it takes, which need not exist. Without one, it stands alone and is called `<stdin>`.
    pub path: Option<PathBuf>,
    /// The text.
    pub bytes: Vec<u8>,
}

/// A pattern that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a pattern: {reason}")]
pub struct BadPattern {
    /// The pattern as given.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What could not be looked at, or was not, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The path as it is shown.
    pub path: String,
    /// Why.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The current directory, links resolved.
    pub cwd: PathBuf,
    /// The roots of the repositories that the paths lie in, none within another.
    pub roots: Vec<PathBuf>,
    /// The directories that hold any of Terraform's files, by path (absolute, links resolved).
    pub directories: Directories,
    /// What lies under PATHS.
    pub selection: Selection,
    /// What cannot be looked at although it was asked for: exit code 2, after everything else has been reported.
    pub problems: BTreeSet<Problem>,
    /// What was passed over: devices, FIFOs, sockets, dangling links, what cannot be read, where it was not asked for.
    pub passed_over: BTreeSet<Problem>,
    /// The file in whose place the text on standard input stands, where there is one.
    pub stdin: Option<PathBuf>,
    /// The texts that take the place of files.
    overlay: BTreeMap<PathBuf, Vec<u8>>,
    /// The links that the walk met, and what they lead to.
    linked: FxHashSet<PathBuf>,
    excludes: Excludes,
    gitignore: bool,
    /// Reads the files.
    pub reader: Reader,
    progress: Arc<Progress>,
    /// The directories that hold a configuration file, as far as any of these may hold for what is checked.
    pub configured: BTreeSet<PathBuf>,
}

/// A directory.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Terraform's files in it, by name.
    pub files: Vec<File>,
    /// Every string in them that may be the source of a local module.
    sources: BTreeSet<String>,
    /// Whether there is a file of queries in it.
    has_queries: bool,
    /// What git ignores in it; `None` where it is ignored itself.
    ignores: Option<Ignores>,
    /// Those of [`CREATED_BY_FIXES`] that a configuration excludes.
    excluded: Vec<&'static str>,
}

/// The files that a fix may create: where declarations usually stand.
pub const CREATED_BY_FIXES: [&str; 2] = ["variables.tf", "versions.tf"];

/// One of Terraform's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name in its directory.
    pub name: OsString,
    /// What it is.
    pub kind: FileKind,
    /// Whether findings may be reported in it: not where git ignores it or a pattern excludes it.
    pub reported: bool,
    /// Whether it is in the repository, and not only a link there: see [`File::goes_unchecked`].
    pub is_inside: bool,
    /// Whether it is one of PATHS itself: then it is always parsed.
    pub given: bool,
    /// Whether a `.tofu` file takes its place.
    pub replaced: bool,
    /// Whether it says `zenml` anywhere (looked for in configuration and tests).
    pub mentions: bool,
}

impl File {
    /// Whether it says something of ZenML that is not checked, since it is not in the repository.
    fn goes_unchecked(&self) -> bool {
        !self.is_inside && self.mentions && self.kind.role != Role::Values
    }
}

/// What lies under PATHS: each of these by its bytes, without a separator at the end.
#[derive(Clone, Debug, Default)]
pub struct Selection(FxHashMap<Vec<u8>, PathBuf>);

impl Selection {
    fn new(paths: impl Iterator<Item = PathBuf>) -> Self {
        Self(paths.map(|path| (key(&path).to_vec(), path)).collect())
    }

    /// Whether a path (absolute, links resolved but for its last name) lies under one of PATHS, or is one.
    pub fn contains(&self, path: &Path) -> bool {
        // Several times as fast as `Path::ancestors`, and asked of every directory.
        let bytes = key(path);
        let mut above = memchr::memchr_iter(SEPARATOR, bytes).filter_map(|end| bytes.get(..end));
        above.any(|above| self.0.contains_key(above)) || self.0.contains_key(bytes)
    }

    fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.values().map(PathBuf::as_path)
    }
}

const SEPARATOR: u8 = std::path::MAIN_SEPARATOR as u8;

/// The bytes of a path, without a separator at the end.
fn key(path: &Path) -> &[u8] {
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.strip_suffix(&[SEPARATOR]).unwrap_or(bytes)
}

/// What a path leads to.
enum Target {
    Directory(PathBuf),
    File(PathBuf, OsString),
}

/// Looks through the repositories that the paths lie in.
pub fn discover(options: &Options) -> Result<Discovery, BadPattern> {
    let mut discovery = Discovery {
        cwd: fs::canonicalize(&options.cwd).unwrap_or_else(|_| options.cwd.clone()),
        progress: options.progress.clone(),
        reader: options.reader,
        ..Discovery::default()
    };
    let targets = discovery.targets(options);
    discovery.find_roots(&targets);
    discovery.excludes = Excludes::new(&options.exclude, &discovery.roots)?;
    discovery.gitignore = options.gitignore;
    let starts = discovery.starts(&targets);
    walk::walk(&mut discovery, starts);
    discovery.find_configured(&targets);
    for target in targets {
        if let Target::File(dir, name) = target {
            discovery.give(dir, name);
        }
    }
    for (dir, directory) in discovery.directories.iter_mut() {
        directory.find_replaced();
        let replaced = directory
            .files
            .iter()
            .filter(|file| file.replaced && file.mentions);
        discovery.passed_over.extend(replaced.map(|file| Problem {
            path: display_path(&dir.join(&file.name), &discovery.cwd),
            message: REPLACED.to_owned(),
        }));
    }
    Ok(discovery)
}

impl Discovery {
    /// How many configuration files and tests lie under PATHS and may be reported in.
    pub fn looked_at(&self) -> usize {
        let looked_at = |(dir, directory): (&Path, &Directory)| {
            let files = directory.files.iter();
            let files = files.filter(|file| file.reported && file.kind.role != Role::Values);
            if self.selection.contains(dir) {
                return files.count();
            }
            files.filter(|file| file.given).count()
        };
        self.directories.iter().map(looked_at).sum()
    }

    /// Those files, as they are shown, in the order of their paths.
    pub fn shown_files(&self) -> Vec<String> {
        let files = self.directories.iter().flat_map(|(dir, directory)| {
            let files = directory.files.iter().filter(|file| file.reported);
            files.map(move |file| (dir.join(&file.name), file))
        });
        let under = files.filter(|(path, file)| file.given || self.selection.contains(path));
        under
            .map(|(path, _)| display_path(&path, &self.cwd))
            .collect()
    }

    /// Reads a file: from standard input, where that takes its place.
    ///
    /// # Errors
    /// Where it is not read.
    pub fn read(&self, path: &Path, reported: bool) -> Result<SourceFile, ReadError> {
        let (bytes, is_inside, is_link) = match self.overlay.get(path) {
            Some(bytes) => (bytes.clone(), true, is_link(path)),
            None => {
                let mut bytes = Vec::new();
                let target = self.reader.read_into(path, &mut bytes)?;
                bytes.shrink_to_fit();
                let is_inside = self.is_inside(target.as_deref().unwrap_or(path));
                (bytes, is_inside, target.is_some())
            }
        };
        let display = display_path(path, &self.cwd);
        let mut file = SourceFile::from_bytes(path.to_path_buf(), display, bytes, reported);
        file.is_inside = is_inside;
        file.has_other_names = is_link || self.has_other_names(path);
        Ok(file)
    }

    /// Whether a path (absolute, links resolved but for its last name) is, or is below, a link or what one leads to, as far
    /// as the walk met the link.
    pub fn has_other_names(&self, path: &Path) -> bool {
        !self.linked.is_empty() && path.ancestors().any(|above| self.linked.contains(above))
    }

    /// Whether something that is not looked at may read what the module in a directory declares: queries, or a file that
    /// only Terraform reads because OpenTofu has its own.
    pub fn hides_readers(&self, dir: &Path) -> bool {
        let directory = self.directories.get(dir);
        directory.is_some_and(|directory| {
            directory.has_queries || directory.files.iter().any(|file| file.replaced)
        })
    }

    /// Whether a path (absolute, links resolved) is in the repository of one of PATHS.
    fn is_inside(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| path.starts_with(root))
    }

    /// The root of the repository of one of PATHS that a directory is in; itself where there is none.
    pub fn root_of<'a>(&'a self, dir: &'a Path) -> &'a Path {
        let root = self.roots.iter().find(|root| dir.starts_with(root));
        root.map_or(dir, PathBuf::as_path)
    }

    /// Notes that a file which a repository names is not read, unless there is none.
    pub fn note(&mut self, path: &Path, error: &ReadError) {
        if error.is_absent() {
            return;
        }
        let problem = self.problem(path, &error.to_string());
        let list = if error.is_passed_over() {
            &mut self.passed_over
        } else {
            &mut self.problems
        };
        list.insert(problem);
    }

    /// A file that is not there yet.
    pub fn absent_file(&self, path: &Path, reported: bool) -> SourceFile {
        let display = display_path(path, &self.cwd);
        let mut file = SourceFile::new(path.to_path_buf(), display, String::new(), reported);
        file.exists = false;
        file
    }

    /// Whether a fix may create one of [`CREATED_BY_FIXES`] in a directory: git does not ignore it, and no pattern excludes it.
    pub fn may_create(&self, dir: &Path, name: &str) -> bool {
        let path = dir.join(name);
        let is_open = |directory: &Directory| {
            let ignores = directory.ignores.as_ref();
            ignores.is_some_and(|ignores| !ignores.ignores(&path, false))
                && !directory.excluded.contains(&name)
                && directory.files.iter().any(|file| file.reported)
        };
        self.directories.get(dir).is_some_and(is_open) && !self.excludes.exclude(&path)
    }

    /// Puts a text in the place of a file, or beside the others of its directory where there is none of that name.
    pub fn replace(&mut self, path: &Path, text: &str) {
        self.overlay
            .insert(path.to_path_buf(), text.as_bytes().to_vec());
        let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
            return;
        };
        let Some(kind) = FileKind::by_ending(&name.to_string_lossy()) else {
            return;
        };
        let files = &mut self.directories.get_or_add(dir).files;
        if let Err(at) = files.binary_search_by(|file| file.name.as_os_str().cmp(name)) {
            let file = File {
                name: name.to_owned(),
                kind,
                reported: true,
                given: false,
                is_inside: true,
                replaced: false,
                mentions: true,
            };
            files.insert(at, file);
        }
    }

    /// Where a path that is given leads to: absolute, links resolved but for its last name.
    pub fn place_of(&self, given: &Path) -> PathBuf {
        let full = self.cwd.join(given);
        match (full.parent().map(fs::canonicalize), full.file_name()) {
            (Some(Ok(dir)), Some(name)) => dir.join(name),
            _ => join(&self.cwd, given).unwrap_or(full),
        }
    }

    /// Whether findings may be reported in a file that is neither configuration nor a test.
    pub fn is_reported(&self, path: &Path) -> bool {
        let dir = path.parent().unwrap_or(path);
        let known = self.directories.get(dir).and_then(|directory| {
            let at = directory.place(path.file_name()?).ok()?;
            directory.files.get(at)
        });
        if let Some(file) = known {
            return file.reported;
        }
        let is_ignored = self
            .roots
            .iter()
            .find(|root| path.starts_with(root))
            .is_some_and(|root| {
                // What cannot be read of these was named before.
                let files = IgnoreFiles::new(root, self.reader, &|_, _| {});
                self.gitignore && Ignores::ignore_file(&files, path)
            });
        !is_ignored && !self.excludes.exclude(path)
    }

    /// Notes that something which is needed cannot be read.
    pub fn cannot_read(&mut self, path: &Path, error: &ReadError) {
        let problem = self.problem(path, &error.to_string());
        self.passed_over.remove(&problem);
        self.problems.insert(problem);
    }

    /// Takes in a directory that the walk has not seen, because git ignores it or it is hidden: its files count, but
    /// nothing is reported in them. Whether it holds any of Terraform's files.
    pub fn include(&mut self, dir: &Path) -> bool {
        let is_new = self.directories.get(dir).is_none();
        if is_new && self.roots.iter().any(|root| dir.starts_with(root)) {
            let start = Start {
                reported: false,
                is_ignored: true,
                whole: false,
                ..Start::everything(dir.to_path_buf())
            };
            walk::walk(self, vec![start]);
        }
        let directory = self.directories.get_mut(dir);
        directory.map(Directory::find_replaced).is_some()
    }

    /// What the given paths lead to; selects it.
    fn targets(&mut self, options: &Options) -> Vec<Target> {
        let here = [PathBuf::from(".")];
        let paths = match (&options.stdin, options.paths.as_slice()) {
            (None, []) => here.as_slice(),
            (_, paths) => paths,
        };
        let mut targets = Vec::new();
        for path in paths {
            targets.extend(self.target(path));
        }
        if let Some(stdin) = &options.stdin {
            targets.push(self.take_stdin(stdin));
        }
        self.selection = Selection::new(targets.iter().map(|target| match target {
            Target::Directory(dir) => dir.clone(),
            Target::File(dir, name) => dir.join(name),
        }));
        targets
    }

    fn target(&mut self, path: &Path) -> Option<Target> {
        let full = self.cwd.join(path);
        let problem = |message: &str| Problem {
            path: path.display().to_string(),
            message: message.to_owned(),
        };
        if path.as_os_str().is_empty() {
            self.problems.insert(problem("an empty path"));
            return None;
        }
        match locate(&full) {
            Ok(Some(target @ Target::Directory(_))) => Some(target),
            Ok(Some(Target::File(dir, name))) => {
                if kind_of_given(&name).is_some() {
                    return Some(Target::File(dir, name));
                }
                self.passed_over
                    .insert(problem("is none of Terraform's files"));
                None
            }
            Ok(None) => {
                self.problems.insert(problem(NO_REGULAR_FILE));
                None
            }
            Err(_) if is_dangling(&full) => {
                self.problems.insert(problem(DANGLING));
                None
            }
            Err(error) => {
                self.problems.insert(problem(&describe(&error)));
                None
            }
        }
    }

    fn take_stdin(&mut self, stdin: &Stdin) -> Target {
        let path = match &stdin.path {
            None => PathBuf::from("<stdin>"),
            Some(path) => self.place_of(path),
        };
        let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().to_owned();
        self.stdin = Some(path.clone());
        self.overlay.insert(path, stdin.bytes.clone());
        Target::File(dir, name)
    }

    fn find_roots(&mut self, targets: &[Target]) {
        let dirs: BTreeSet<&Path> = targets
            .iter()
            .map(Target::dir)
            .filter(|dir| dir.is_absolute())
            .collect();
        let roots: BTreeSet<PathBuf> = dirs
            .into_iter()
            .map(|dir| root_of(dir, &self.cwd))
            .collect();
        for root in roots {
            if !self.roots.iter().any(|other| root.starts_with(other)) {
                self.roots.push(root);
            }
        }
    }

    /// Where to walk: the roots, and what is given but lies where a walk from them does not go.
    fn starts(&mut self, targets: &[Target]) -> Vec<Start> {
        let refused = Mutex::new(Vec::new());
        let starts = self.starts_and_refused(targets, &refused);
        for (path, error) in walk::into_inner(refused) {
            self.note(&path, &error);
        }
        starts
    }

    fn starts_and_refused(
        &self,
        targets: &[Target],
        refused: &Mutex<Vec<(PathBuf, ReadError)>>,
    ) -> Vec<Start> {
        let refuse = |path: &Path, error| walk::add(refused, (path.to_path_buf(), error));
        let is_directory = |target: &Target| matches!(target, Target::Directory(_));
        let asks_for_directories = targets.iter().any(is_directory);
        let mut starts: Vec<Start> = self
            .roots
            .iter()
            .map(|root| Start {
                ignores: self.gitignore.then(|| {
                    let files = IgnoreFiles::new(root, self.reader, &refuse);
                    Ignores::above(&files, root).ignores
                }),
                // For a single file nobody wants the whole file system to be walked.
                whole: asks_for_directories || root.parent().is_some(),
                ..Start::everything(root.clone())
            })
            .collect();
        let mut seen = BTreeSet::new();
        for target in targets {
            let dir = target.dir();
            let is_file = matches!(target, Target::File(..));
            let Some(root) = self.roots.iter().find(|root| dir.starts_with(root)) else {
                continue;
            };
            if !seen.insert((dir, is_file)) {
                continue;
            }
            let files = IgnoreFiles::new(root, self.reader, &refuse);
            let above = Ignores::above(&files, dir);
            if above.passed_over || (self.gitignore && above.ignored) {
                starts.push(Start {
                    dir: dir.to_path_buf(),
                    is_ignored: self.gitignore && above.ignored,
                    ignores: self.gitignore.then_some(above.ignores),
                    whole: !is_file,
                    reported: !is_file,
                });
            }
        }
        starts
    }

    /// Looks for configuration files above what is given: the walk has not been there where that lies in a directory
    /// which it passes over.
    fn find_configured(&mut self, targets: &[Target]) {
        let mut found = BTreeSet::new();
        for dir in targets.iter().map(Target::dir) {
            let root = self.roots.iter().find(|root| dir.starts_with(root));
            let above = dir.ancestors();
            let inside = above.take_while(|dir| root.is_some_and(|root| dir.starts_with(root)));
            found.extend(
                inside
                    .filter(|dir| is_configured(dir))
                    .map(Path::to_path_buf),
            );
        }
        if self.roots.is_empty() && is_configured(&self.cwd) {
            found.insert(self.cwd.clone());
        }
        self.configured.extend(found);
    }

    /// The directories of the configurations that hold for what lies under PATHS.
    pub fn configurations(&self) -> BTreeSet<PathBuf> {
        // As in most repositories.
        if self.configured.is_empty() {
            return BTreeSet::new();
        }
        let selected = self.directories.iter().filter(|(dir, directory)| {
            let mut files = directory.files.iter();
            self.selection.contains(dir) || files.any(|file| file.given)
        });
        let mut selected: Vec<&Path> = selected.map(|(dir, _)| dir).collect();
        if selected.is_empty() {
            // A mistake in a configuration is told even before there is a file that it holds for.
            selected.extend(self.selection.paths());
        }
        let nearest = selected.into_iter().filter_map(|dir| {
            let mut above = dir.ancestors();
            let nearest = above.find(|above| self.configured.contains(*above))?;
            Some(nearest.to_path_buf())
        });
        let mut dirs: BTreeSet<PathBuf> = nearest.collect();
        if self.roots.is_empty() {
            dirs.extend(self.configured.iter().cloned());
        }
        dirs
    }

    /// Reports nothing in the files that this says, and takes each file for worth parsing that holds all the words of
    /// one group of those that hold in its directory.
    pub(crate) fn heed(
        &mut self,
        is_excluded: &dyn Fn(&Path) -> bool,
        words: &(dyn Fn(&Path) -> Vec<Vec<String>> + Sync),
    ) {
        for (dir, directory) in self.directories.iter_mut() {
            for file in &mut directory.files {
                file.reported &= !is_excluded(&dir.join(&file.name));
            }
            let created = CREATED_BY_FIXES.into_iter();
            let excluded = created.filter(|name| is_excluded(&dir.join(name)));
            directory.excluded = excluded.collect();
        }
        let (overlay, reader) = (&self.overlay, self.reader);
        let directories: Vec<(&Path, &mut Directory)> = self.directories.iter_mut().collect();
        directories.into_par_iter().for_each(|(dir, directory)| {
            let groups = words(dir);
            if !groups.is_empty() {
                directory.look_for(dir, &groups, overlay, reader);
            }
        });
    }

    /// Takes in a file that is given itself.
    fn give(&mut self, dir: PathBuf, name: OsString) {
        let path = dir.join(&name);
        let (found, is_inside) = self.search_given(&path);
        let directory = self.directories.get_or_add(&dir);
        directory.sources.extend(found.sources);
        let given = File {
            kind: kind_of_given(&name).unwrap_or(FileKind::NATIVE),
            name,
            reported: is_inside && !self.excludes.exclude(&path),
            is_inside,
            given: true,
            replaced: false,
            mentions: found.mentions,
        };
        if !is_inside {
            let problem = Problem {
                path: display_path(&path, &self.cwd),
                message: LEADS_OUTSIDE.to_owned(),
            };
            let list = if given.goes_unchecked() {
                &mut self.problems
            } else {
                &mut self.passed_over
            };
            list.insert(problem);
        }
        match directory.place(&given.name) {
            Ok(at) => directory.files.splice(at..=at, [given]).for_each(drop),
            Err(at) => directory.files.insert(at, given),
        }
    }

    /// What is in a file, and whether it is in the repository.
    fn search_given(&mut self, path: &Path) -> (search::Found, bool) {
        match self.read(path, true) {
            Ok(source) => {
                let mut found = search::search(source.text.as_bytes());
                found.mentions |= source.bad_byte.is_some();
                (found, source.is_inside)
            }
            Err(error) => {
                self.cannot_read(path, &error);
                (search::Found::default(), false)
            }
        }
    }

    fn problem(&self, path: &Path, message: &str) -> Problem {
        Problem {
            path: display_path(path, &self.cwd),
            message: message.to_owned(),
        }
    }
}

/// The name of a configuration file.
pub const CONFIG_NAME: &str = ".zenml-tflint.toml";

const NO_REGULAR_FILE: &str = "is neither a file nor a directory";
const LEADS_OUTSIDE: &str =
    "is a link that leads outside the repository: only its values count, nothing in it is reported";
const DANGLING: &str = "is a link that leads nowhere";
const REPLACED: &str =
    "is not looked at: OpenTofu reads the file of that name in `.tofu` in its place";

impl Target {
    /// The directory itself, or the one that the file lies in.
    fn dir(&self) -> &Path {
        match self {
            Self::Directory(dir) | Self::File(dir, _) => dir,
        }
    }
}

impl Directory {
    /// Looks for words in the files that do not say `zenml`. What cannot be read was already named.
    fn look_for(
        &mut self,
        dir: &Path,
        groups: &[Vec<String>],
        overlay: &BTreeMap<PathBuf, Vec<u8>>,
        reader: Reader,
    ) {
        let mut buffer = Vec::new();
        for file in &mut self.files {
            if file.mentions || file.kind.role == Role::Values {
                continue;
            }
            let path = dir.join(&file.name);
            let bytes = match overlay.get(&path) {
                Some(bytes) => bytes,
                None if reader.read_into(&path, &mut buffer).is_ok() => &buffer,
                None => continue,
            };
            let has = |word: &String| memchr::memmem::find(bytes, word.as_bytes()).is_some();
            file.mentions = groups.iter().any(|words| words.iter().all(has));
        }
    }

    /// Where the file of a name stands, or would.
    fn place(&self, name: &OsStr) -> Result<usize, usize> {
        self.files
            .binary_search_by(|file| file.name.as_os_str().cmp(name))
    }

    /// Finds the files whose place others take.
    fn find_replaced(&mut self) {
        let names = self.files.iter().map(|file| &file.name);
        let replaced: Vec<String> = names.filter_map(|name| kind::replaces(name)).collect();
        for name in replaced {
            if let Ok(at) = self.place(OsStr::new(&name))
                && let Some(file) = self.files.get_mut(at)
            {
                file.replaced = true;
            }
        }
    }

    /// The files that make up the module, in the order of their names.
    pub fn configuration(&self) -> impl Iterator<Item = &File> {
        self.of_role(Role::Configuration)
    }

    /// The files of a role, in the order of their names; those that others replace left out.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &File> {
        self.files
            .iter()
            .filter(move |file| file.kind.role == role && !file.replaced)
    }
}

/// What stands at a path: `None` for what is neither a file nor a directory. Links are resolved but for the name of a file.
fn locate(path: &Path) -> io::Result<Option<Target>> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return fs::canonicalize(path).map(Target::Directory).map(Some);
    }
    let (Some(dir), Some(name), true) = (path.parent(), path.file_name(), metadata.is_file())
    else {
        return Ok(None);
    };
    Ok(Some(Target::File(fs::canonicalize(dir)?, name.to_owned())))
}

/// Whether a path is a link whose target does not exist; one that cannot be followed for another reason is none.
fn is_dangling(path: &Path) -> bool {
    let target = fs::metadata(path);
    let is_missing = target.is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    is_missing && fs::read_link(path).is_ok()
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

fn is_configured(dir: &Path) -> bool {
    fs::symlink_metadata(dir.join(CONFIG_NAME)).is_ok()
}

/// Unlike in a walk, a hidden file that is given is one of Terraform's.
fn kind_of_given(name: &OsStr) -> Option<FileKind> {
    FileKind::by_ending(&name.to_string_lossy())
}

/// The root of the repository that a directory lies in, links resolved.
pub fn repository_root(dir: &Path, cwd: &Path) -> PathBuf {
    root_of(dir, cwd)
}

/// The root of the repository; where there is none, the current directory, or `dir` where that lies elsewhere.
fn root_of(dir: &Path, cwd: &Path) -> PathBuf {
    let repository = dir.ancestors().find(|above| above.join(".git").exists());
    let root = repository.unwrap_or(if dir.starts_with(cwd) { cwd } else { dir });
    root.to_path_buf()
}

#[cfg(test)]
pub(crate) mod tests;
