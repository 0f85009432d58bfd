//! The values that a run gives to the variables of a root.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::load::{Loader, Wanted};
use super::module::File;
use super::{Configuration, Given, Module, ModuleId, RootContext, ValuesFile};
use crate::discover::{FileKind, Role, is_automatic};

/// What a run is given from outside.
#[derive(Clone, Debug, Default)]
pub struct RunInputs {
    /// The environment; of it, `TF_VAR_*` matters here.
    pub env: BTreeMap<String, String>,
    /// `--var` and `--var-file`, in the order of the command line.
    pub vars: Vec<RunInput>,
    /// For root modules by directory: the tfvars files (absolute) of each way to run it. `--var-file` outweighs it.
    pub roots: BTreeMap<PathBuf, Vec<Vec<PathBuf>>>,
    /// The workspace, where it is known.
    pub workspace: Option<String>,
}

/// One value, or a file of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunInput {
    /// `--var name=text`
    Var {
        /// The variable.
        name: String,
        /// The value as given.
        text: String,
    },
    /// `--var-file path`
    VarFile(PathBuf),
}

impl RunInputs {
    fn var_files(&self) -> impl Iterator<Item = &Path> {
        self.vars.iter().filter_map(|input| match input {
            RunInput::VarFile(path) => Some(path.as_path()),
            RunInput::Var { .. } => None,
        })
    }

    /// The ways to run a root, where the configuration tells them.
    fn ways(&self, root: &Path) -> Option<&Vec<Vec<PathBuf>>> {
        let ways = self.roots.get(root)?;
        self.var_files().next().is_none().then_some(ways)
    }
}

impl Configuration {
    /// The ways in which a root is run: with what is given for every run, and once more with each tfvars file, in its
    /// directory or below it, whose names are all variables of the root (unless `--var-file` says which to take).
    pub fn contexts(&self, root: ModuleId, run: &RunInputs) -> Vec<RootContext> {
        let Some(module) = self.module(root) else {
            return Vec::new();
        };
        let mut always = RootContext {
            workspace: run.workspace.clone(),
            ..RootContext::default()
        };
        if module.is_stack {
            // Its values come from deployments.
            return vec![always];
        }
        for name in module.variables.keys() {
            if let Some(text) = run.env.get(&format!("TF_VAR_{name}")) {
                always.give_text(name, format!("TF_VAR_{name}"), text);
            }
        }
        for file in self.automatic_values(module) {
            always.give_file(module, file);
        }
        let with = |extra: &[&ValuesFile]| {
            let mut context = always.clone();
            for file in extra {
                context.give_file(module, file);
            }
            self.give_vars(&mut context, module, run);
            context
        };
        if let Some(ways) = run.ways(&module.dir).filter(|ways| !ways.is_empty()) {
            let files = |way: &Vec<PathBuf>| -> Vec<&ValuesFile> {
                way.iter().filter_map(|path| self.values_of(path)).collect()
            };
            return ways.iter().map(|way| with(&files(way))).collect();
        }
        let mut contexts = vec![with(&[])];
        if run.var_files().next().is_none() && run.ways(&module.dir).is_none() {
            contexts.extend(self.other_values(module).map(|file| with(&[file])));
        }
        contexts
    }

    /// The names given by `--var` that no root declares.
    pub fn undeclared<'a>(&self, run: &'a RunInputs) -> Vec<&'a str> {
        let is_declared = |name: &str| {
            let roots = self.roots().iter().filter_map(|root| self.module(*root));
            let mut roots = roots.filter(|root| !root.is_stack);
            roots.any(|root| root.variables.contains_key(name))
        };
        let names = run.vars.iter().filter_map(|input| match input {
            RunInput::Var { name, .. } => Some(name.as_str()),
            RunInput::VarFile(_) => None,
        });
        names.filter(|name| !is_declared(name)).collect()
    }

    /// The tfvars file of a path, links resolved but for its name.
    fn values_of(&self, path: &Path) -> Option<&ValuesFile> {
        let path = place_of(path);
        let (dir, name) = (path.parent()?, path.file_name()?.to_str()?);
        let mut files = self.values.iter();
        files.find(|file| file.dir == dir && file.name == name)
    }

    /// The tfvars files in a directory and below it.
    fn values_below<'a>(&'a self, dir: &'a Path) -> impl Iterator<Item = &'a ValuesFile> {
        let first = self.values.partition_point(|file| file.dir.as_path() < dir);
        let files = self.values.get(first..).unwrap_or_default();
        files
            .iter()
            .take_while(move |file| file.dir.starts_with(dir))
    }

    /// The tfvars files that Terraform loads by itself, in its order.
    fn automatic_values<'a>(&'a self, module: &'a Module) -> Vec<&'a ValuesFile> {
        let own = self
            .values_below(&module.dir)
            .take_while(|file| file.dir == module.dir);
        let mut files: Vec<_> = own.filter(|file| is_automatic(&file.name)).collect();
        files.sort_by_key(|file| (precedence(&file.name), &file.name));
        files
    }

    /// The tfvars files that may have been written for a root, though nothing says so but their names.
    fn other_values<'a>(&'a self, module: &'a Module) -> impl Iterator<Item = &'a ValuesFile> {
        let is_for = |file: &ValuesFile| {
            let mut names = file.values.keys();
            !file.values.is_empty()
                && names.all(|name| module.variables.contains_key(name.as_str()))
        };
        self.values_below(&module.dir)
            .filter(|file| !(file.beside_configuration && is_automatic(&file.name)))
            .filter(move |file| is_for(file))
    }

    fn give_vars(&self, context: &mut RootContext, module: &Module, run: &RunInputs) {
        for input in &run.vars {
            match input {
                RunInput::Var { name, text } if module.variables.contains_key(name) => {
                    context.give_text(name, format!("--var {name}"), text);
                }
                RunInput::Var { .. } => {}
                RunInput::VarFile(path) => {
                    let file = self.values.iter().find(|file| file.given_as.contains(path));
                    if let Some(file) = file {
                        context.give_file(module, file);
                    }
                }
            }
        }
    }
}

impl RootContext {
    fn give_text(&mut self, name: &str, by: String, text: &str) {
        let given = Given::Run {
            by,
            text: text.to_owned(),
        };
        self.given.entry(name.to_owned()).or_default().push(given);
    }

    /// Names that the root does not declare are passed over, as Terraform does it.
    fn give_file(&mut self, module: &Module, file: &ValuesFile) {
        let declared = file
            .values
            .iter()
            .filter(|(name, _)| module.variables.contains_key(name.as_str()));
        for (name, argument) in declared {
            let given = Given::Tfvars(argument.clone());
            self.given.entry(name.to_string()).or_default().push(given);
        }
    }
}

/// Links resolved but for the name, as everywhere.
fn place_of(path: &Path) -> PathBuf {
    match (path.parent().map(std::fs::canonicalize), path.file_name()) {
        (Some(Ok(dir)), Some(name)) => dir.join(name),
        _ => path.to_path_buf(),
    }
}

fn precedence(name: &str) -> u8 {
    match name {
        "terraform.tfvars" => 0,
        "terraform.tfvars.json" => 1,
        _ => 2,
    }
}

impl Loader<'_> {
    /// Reads the tfvars files that may have to do with a root, and those of `--var-file`.
    pub(super) fn read_values(&mut self, run: &RunInputs) {
        let mut wanted = BTreeMap::new();
        for root in self.configuration.roots() {
            if let Some(module) = self.configuration.module(*root) {
                self.want_values(&module.dir, run, &mut wanted);
            }
        }
        let mut given_as: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for given in run.var_files() {
            let path = self.discovery.place_of(given);
            given_as
                .entry(path.clone())
                .or_default()
                .push(given.to_path_buf());
            wanted.entry(path.clone()).or_insert_with(|| Wanted {
                kind: FileKind::of_values(given),
                reported: self.discovery.is_reported(&path),
                path,
            });
        }
        let given_roots = run.roots.keys().filter_map(|root| run.ways(root));
        let given_to_roots: BTreeSet<PathBuf> = given_roots
            .flatten()
            .flatten()
            .map(|path| place_of(path))
            .collect();
        for path in given_to_roots.iter().cloned() {
            wanted.entry(path.clone()).or_insert_with(|| Wanted {
                kind: FileKind::of_values(&path),
                reported: self.discovery.is_reported(&path),
                path,
            });
        }
        let paths: Vec<PathBuf> = wanted.keys().cloned().collect();
        self.parse(wanted.into_values().collect());
        let dirs: FxHashSet<&Path> = paths.iter().flat_map(|path| path.ancestors()).collect();
        let is_module = |dir: &&Path| self.discovery.is_module(dir);
        // Of each directory once: it may hold very many tfvars files.
        let modules: FxHashSet<PathBuf> =
            dirs.into_iter().filter(is_module).map(Into::into).collect();
        for path in paths {
            let given_as = given_as.remove(&path).unwrap_or_default();
            let is_given = !given_as.is_empty() || given_to_roots.contains(&path);
            let has_unknown_roots = self.may_be_for_others(&path, run, &modules);
            let file = self.values_file(&path, given_as, is_given, has_unknown_roots, &modules);
            self.configuration.values.extend(file);
        }
        let place = |file: &ValuesFile| (file.dir.clone(), file.name.clone());
        self.configuration.values.sort_by_cached_key(place);
    }

    fn want_values(&self, root: &Path, run: &RunInputs, wanted: &mut BTreeMap<PathBuf, Wanted>) {
        let with_others = run.var_files().next().is_none() && run.ways(root).is_none();
        for (dir, directory) in self.discovery.directories.within(root) {
            for file in directory.of_role(Role::Values) {
                let is_own = dir == root && is_automatic(&file.name.to_string_lossy());
                if is_own || with_others {
                    let path = dir.join(&file.name);
                    wanted
                        .entry(path.clone())
                        .or_insert_with(|| Wanted::new(path, file));
                }
            }
        }
    }

    /// Whether a root that was not loaded may be run with a tfvars file: one that lists it, or one above it, unless it is
    /// a file that Terraform loads by itself, which is for its own directory.
    fn may_be_for_others(
        &self,
        path: &Path,
        run: &RunInputs,
        modules: &FxHashSet<PathBuf>,
    ) -> bool {
        let lists_it = |ways: &Vec<Vec<PathBuf>>| {
            let mut files = ways.iter().flatten();
            files.any(|file| place_of(file) == path)
        };
        let mut roots = run.roots.iter();
        if roots.any(|(root, ways)| !self.is_loaded(root) && lists_it(ways)) {
            return true;
        }
        let dir = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let loads_itself = is_automatic(&name) && modules.contains(dir);
        let above = if loads_itself { 1 } else { usize::MAX };
        let mut above = dir.ancestors().take(above);
        above.any(|dir| modules.contains(dir) && !self.is_loaded(dir))
    }

    fn values_file(
        &self,
        path: &Path,
        given_as: Vec<PathBuf>,
        is_given: bool,
        has_unknown_roots: bool,
        modules: &FxHashSet<PathBuf>,
    ) -> Option<ValuesFile> {
        let id = self.file(path)?;
        let tree = self.configuration.tree(id)?;
        let file = File {
            id,
            tree,
            is_override: false,
        };
        let dir = path.parent().unwrap_or(Path::new(""));
        Some(ValuesFile {
            file: id,
            dir: dir.to_path_buf(),
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            beside_configuration: modules.contains(dir),
            given_as,
            is_given,
            has_unknown_roots,
            values: file.arguments(tree.root()),
        })
    }
}
