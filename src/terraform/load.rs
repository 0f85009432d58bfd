//! From directories to modules: reads and parses what matters, and no more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::installed::Installed;
use super::module::{self, File};
use super::values::RunInputs;
use super::{Configuration, Module, ModuleId, stack};
use crate::discover::{self, CREATED_BY_FIXES, Discovery, FileKind, Notation, Role};
use crate::reader::ReadError;
use crate::source::{FileId, SourceFile, Sources, Span};
use crate::syntax::{self, ExprKind, JsonKind, SyntaxError, Tree};

/// Reads the modules that matter (those that say `zenml`, their callers, and of the callees of all these the ones whose
/// outputs are used), the values of their roots, and the files that are given themselves. What cannot be read becomes a
/// problem of the discovery.
pub fn load(discovery: &mut Discovery, run: &RunInputs) -> Configuration {
    let mut loader = Loader::new(discovery);
    let relevant = loader.discovery.relevant();
    loader.read_with_callees(relevant, Loader::used_modules);
    loader.build_modules();
    loader.find_hidden_readers();
    loader.add_files_to_make();
    loader.read_values(run);
    loader.read_given();
    loader.configuration
}

/// Reads one module (where the directory has only a stack configuration, that), whatever it says, with all that it calls,
/// and its values.
pub fn load_module(
    discovery: &mut Discovery,
    dir: &Path,
    run: &RunInputs,
) -> (Configuration, Option<ModuleId>) {
    let mut loader = Loader::new(discovery);
    loader.discovery.include(dir);
    loader.read_with_callees([dir.to_path_buf()].into(), Loader::called_modules);
    loader.build_modules();
    loader.read_values(run);
    let configuration = loader.configuration;
    let of_dir = |id: &ModuleId| configuration.module(*id).is_some_and(|m| m.dir == dir);
    let is_empty = |id: &ModuleId| configuration.module(*id).map(|m| m.files.is_empty());
    let modules = configuration.module_ids().filter(of_dir);
    let module = modules.min_by_key(is_empty);
    (configuration, module)
}

pub(super) struct Loader<'a> {
    pub discovery: &'a mut Discovery,
    pub configuration: Configuration,
    /// What was parsed.
    files: FxHashMap<PathBuf, FileId>,
    /// The files of each module.
    modules: BTreeMap<PathBuf, ModuleFiles>,
    /// The files of each stack configuration.
    stacks: BTreeMap<PathBuf, Vec<PathBuf>>,
    installed: Installed,
}

/// The paths of a module's files.
#[derive(Default)]
struct ModuleFiles {
    /// Override files last.
    configuration: Vec<PathBuf>,
    tests: Vec<PathBuf>,
}

/// A file that is to be parsed.
pub(super) struct Wanted {
    pub path: PathBuf,
    pub kind: FileKind,
    pub reported: bool,
}

impl<'a> Loader<'a> {
    fn new(discovery: &'a mut Discovery) -> Self {
        let mut configuration = Configuration::default();
        let root = discover::repository_root(&discovery.cwd, &discovery.cwd);
        configuration.sources = Sources::of_repository(root);
        Self {
            discovery,
            configuration,
            files: FxHashMap::default(),
            modules: BTreeMap::new(),
            stacks: BTreeMap::new(),
            installed: Installed::default(),
        }
    }

    /// Reads modules and, of those that they call, the ones of the names that `names` says.
    fn read_with_callees(
        &mut self,
        mut wanted: BTreeSet<PathBuf>,
        names: fn(&Tree) -> BTreeSet<&str>,
    ) {
        while !wanted.is_empty() {
            self.read_modules(&wanted);
            wanted = self.callees(&wanted, names);
        }
    }

    fn read_modules(&mut self, dirs: &BTreeSet<PathBuf>) {
        let (mut wanted, mut stacks) = (Vec::new(), Vec::new());
        for dir in dirs {
            let mut files = ModuleFiles::default();
            for (path, file) in self.files_of(dir, Role::Configuration) {
                files.configuration.push(path.clone());
                wanted.push(Wanted::new(path, file));
            }
            files.configuration.sort_by_key(|path| is_override(path));
            let tests = dir.join("tests");
            let below = (self.discovery.tested_module(&tests) == dir).then_some(tests.as_path());
            for test_dir in [Some(dir.as_path()), below].into_iter().flatten() {
                for (path, file) in self.files_of(test_dir, Role::Test) {
                    files.tests.push(path.clone());
                    wanted.push(Wanted::new(path, file));
                }
            }
            for (path, file) in self.files_of(dir, Role::Stack) {
                stacks.push((dir, path.clone()));
                wanted.push(Wanted::new(path, file));
            }
            self.modules.insert(dir.clone(), files);
            self.read_installed(dir);
        }
        for (dir, path) in stacks {
            self.stacks.entry(dir.clone()).or_default().push(path);
        }
        self.parse(wanted);
    }

    fn read_installed(&mut self, dir: &Path) {
        let root = self.discovery.root_of(dir);
        let read = self.installed.read(dir, root, self.discovery.reader);
        if let Err((path, error)) = read {
            self.discovery.note(&path, &error);
        }
    }

    fn files_of(&self, dir: &Path, role: Role) -> Vec<(PathBuf, &discover::File)> {
        let directory = self.discovery.directories.get(dir);
        let files = directory
            .into_iter()
            .flat_map(|directory| directory.of_role(role));
        files.map(|file| (dir.join(&file.name), file)).collect()
    }

    /// Parses files that were not parsed yet, several at a time, and adds them in the given order.
    pub fn parse(&mut self, mut wanted: Vec<Wanted>) {
        let mut seen = FxHashSet::default();
        wanted
            .retain(|file| !self.files.contains_key(&file.path) && seen.insert(file.path.clone()));
        let discovery = &*self.discovery;
        let parsed: Vec<Result<(SourceFile, Tree), ReadError>> = wanted
            .par_iter()
            .map(|file| {
                let source = discovery.read(&file.path, file.reported)?;
                let tree = parse(&source, file.kind);
                Ok((source, tree))
            })
            .collect();
        for (file, parsed) in wanted.into_iter().zip(parsed) {
            match parsed {
                Ok((source, tree)) => {
                    let id = self.configuration.sources.add(source);
                    self.configuration.trees.push(tree);
                    self.files.insert(file.path, id);
                }
                Err(error) => self.discovery.cannot_read(&file.path, &error),
            }
        }
    }

    /// The file of a path that was parsed.
    pub fn file(&self, path: &Path) -> Option<FileId> {
        self.files.get(path).copied()
    }

    /// The modules not read yet that these call by one of the names, or that use zenml where the walk does not go: in what
    /// git ignores or `terraform init` has installed.
    fn callees(
        &mut self,
        dirs: &BTreeSet<PathBuf>,
        names: fn(&Tree) -> BTreeSet<&str>,
    ) -> BTreeSet<PathBuf> {
        let mut callees: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for dir in dirs {
            let trees = self.trees_of(dir);
            let names: BTreeSet<&str> = trees.iter().flat_map(|tree| names(tree)).collect();
            for (name, source) in trees.iter().flat_map(|tree| calls(tree)) {
                if let Some(callee) = self.callee(dir, name, source) {
                    *callees.entry(callee).or_default() |= names.contains(name);
                }
            }
        }
        let is_wanted = |(dir, is_named): &(PathBuf, bool)| {
            let was_walked = self.discovery.directories.get(dir).is_some();
            !self.modules.contains_key(dir)
                && (*is_named || !was_walked)
                && self.discovery.include(dir)
                && (*is_named || self.discovery.mentions(dir))
        };
        callees
            .into_iter()
            .filter(is_wanted)
            .map(|(dir, _)| dir)
            .collect()
    }

    /// The directory that a call leads to: by its local source, or where `terraform init` has put it.
    fn callee(&self, dir: &Path, name: &str, source: &str) -> Option<PathBuf> {
        let installed = || self.installed.find(dir, name, source);
        let local = self.discovery.resolve(dir, source);
        local.or_else(|| installed().map(Path::to_path_buf))
    }

    /// The modules whose outputs a file may use.
    fn used_modules(tree: &Tree) -> BTreeSet<&str> {
        used_modules(tree).collect()
    }

    /// The modules that a file calls.
    fn called_modules(tree: &Tree) -> BTreeSet<&str> {
        calls(tree).map(|(name, _)| name).collect()
    }

    fn trees_of(&self, dir: &Path) -> Vec<&Tree> {
        let files = self.modules.get(dir).map(|files| &files.configuration);
        let files = [files, self.stacks.get(dir)]
            .into_iter()
            .flatten()
            .flatten();
        let ids = files.filter_map(|path| self.file(path));
        ids.filter_map(|id| self.configuration.tree(id)).collect()
    }

    fn build_modules(&mut self) {
        let ids: BTreeMap<PathBuf, ModuleId> = self
            .modules
            .keys()
            .cloned()
            .zip((0..).map(ModuleId))
            .collect();
        let this = &*self;
        let modules = this.modules.par_iter().map(|(dir, files)| {
            let tests = this.trees(&files.tests);
            module::build(dir, &this.trees(&files.configuration), &tests)
        });
        let mut modules: Vec<Module> = modules.collect();
        let stacks = self.stacks.iter();
        modules.extend(stacks.map(|(dir, files)| stack::build(dir, &self.trees(files))));
        let stacks: BTreeMap<&Path, ModuleId> = self
            .stacks
            .keys()
            .map(PathBuf::as_path)
            .zip((ids.len()..).filter_map(|id| Some(ModuleId(u32::try_from(id).ok()?))))
            .collect();
        for module in &mut modules {
            for (name, call) in &mut module.calls {
                let source = call.block.arguments.get("source");
                let source = source.and_then(|argument| {
                    let tree = self.configuration.tree(argument.expr.file)?;
                    tree.plain_string(argument.expr.expr)
                });
                let target = source.and_then(|source| self.callee(&module.dir, name, source));
                call.target = target.and_then(|dir| match call.block.keyword.as_str() {
                    "stack" => stacks.get(dir.as_path()).copied(),
                    _ => ids.get(&dir).copied(),
                });
            }
        }
        self.configuration.modules = modules;
    }

    /// Whether the module of a directory was loaded.
    pub fn is_loaded(&self, dir: &Path) -> bool {
        self.modules.contains_key(dir)
    }

    fn find_hidden_readers(&mut self) {
        let modules = self.configuration.modules.iter();
        let hide: Vec<bool> = modules.map(|module| self.hides_readers(module)).collect();
        for (module, hides) in self.configuration.modules.iter_mut().zip(hide) {
            module.has_hidden_readers = hides;
        }
    }

    fn hides_readers(&self, module: &Module) -> bool {
        let dir = &module.dir;
        let is_clear = |path: &PathBuf| {
            let tree = self
                .file(path)
                .and_then(|file| self.configuration.tree(file));
            tree.is_some_and(|tree| tree.errors.is_empty())
        };
        let files = self.modules.get(dir).into_iter();
        let files = files.flat_map(|files| files.configuration.iter().chain(&files.tests));
        let mut files = files.chain(self.stacks.get(dir).into_iter().flatten());
        !files.all(is_clear)
            || self.discovery.has_other_names(dir)
            || self.discovery.hides_readers(dir)
            || self.discovery.hides_readers(&dir.join("tests"))
    }

    /// Adds the files that a fix may create, as empty ones.
    fn add_files_to_make(&mut self) {
        // Standard input alone has no directory.
        for dir in self.modules.keys().filter(|dir| dir.is_absolute()) {
            let directory = self.discovery.directories.get(dir);
            let files = directory.map_or(&[][..], |directory| &directory.files);
            for name in CREATED_BY_FIXES {
                if files.iter().any(|file| file.name == name) {
                    continue;
                }
                let reported = self.discovery.may_create(dir, name);
                let file = self.discovery.absent_file(&dir.join(name), reported);
                self.configuration.sources.add(file);
                self.configuration.trees.push(Tree::default());
            }
        }
    }

    fn trees(&self, paths: &[PathBuf]) -> Vec<File<'_>> {
        let file = |path: &PathBuf| {
            let id = self.file(path)?;
            Some(File {
                id,
                tree: self.configuration.tree(id)?,
                is_override: is_override(path),
            })
        };
        paths.iter().filter_map(file).collect()
    }

    fn read_given(&mut self) {
        let given = self
            .discovery
            .directories
            .iter()
            .flat_map(|(dir, directory)| {
                let files = directory.files.iter().filter(|file| file.given);
                files.map(|file| Wanted::new(dir.join(&file.name), file))
            });
        let given = given.collect();
        self.parse(given);
    }
}

impl Wanted {
    pub fn new(path: PathBuf, file: &discover::File) -> Self {
        Self {
            path,
            kind: file.kind,
            reported: file.reported,
        }
    }
}

fn parse(source: &SourceFile, kind: FileKind) -> Tree {
    let mut tree = match (kind.notation, kind.role) {
        (Notation::Native, _) => syntax::parse_native(&source.text),
        (Notation::Json, Role::Stack) => syntax::parse_json(&source.text, JsonKind::Stack),
        (Notation::Json, Role::Configuration) => syntax::parse_json(&source.text, JsonKind::Config),
        (Notation::Json, Role::Values) => syntax::parse_json(&source.text, JsonKind::Tfvars),
        (Notation::Json, Role::Test) => syntax::parse_json(&source.text, JsonKind::Test),
    };
    if let Some(at) = source.bad_byte {
        // What else is wrong may well come from the bytes that could not be read.
        tree.errors = vec![not_utf8(at)];
    }
    tree
}

fn not_utf8(at: u32) -> SyntaxError {
    SyntaxError {
        span: Span {
            start: at,
            end: at.saturating_add(1),
        },
        message: "this byte belongs to no UTF-8 character; Terraform reads no other encoding"
            .into(),
        related: None,
    }
}

fn is_override(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| discover::is_override(&name.to_string_lossy()))
}

/// The blocks that call modules, or stacks; their names begin what refers to their outputs.
const CALLS: [&str; 3] = ["module", "component", "stack"];

/// The names in `module.name`, wherever a file says so.
fn used_modules(tree: &Tree) -> impl Iterator<Item = &str> {
    tree.exprs.iter().filter_map(|expr| match &expr.kind {
        ExprKind::GetAttr { object, name, .. } => {
            let is_call = matches!(&tree.expr(*object).kind, ExprKind::Root(root) if CALLS.contains(&tree.text(*root)));
            is_call.then(|| tree.text(*name))
        }
        _ => None,
    })
}

/// The names and sources of the calls in a file.
fn calls(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    let blocks = CALLS
        .iter()
        .flat_map(|keyword| tree.blocks_named(tree.root(), keyword));
    blocks.filter_map(|block| {
        let name = tree.first_label(block)?;
        let source = tree.attribute(tree.body(block.body), "source")?;
        Some((name, tree.plain_string(source.expr)?))
    })
}
