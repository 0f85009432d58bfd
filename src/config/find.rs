//! From directories to configurations: which files hold where, and what each extends.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::read::{Layer, read};
use super::{
    BadConfig, Config, ConfigSource, Configurations, FILE_NAME, Level, Override, Patterns,
    Problems, RootFiles, Text,
};
use crate::discover::{self, Excludes, repository_root};
use crate::finding::Finding;
use crate::reader::Reader;
use crate::redact::Shown;
use crate::source::{FileId, Location, SourceFile, Sources, Span, display_path};
use crate::zenml::provider::closest;

/// The configuration that holds in a directory, links resolved. `built_in` has the names of the linter's own rules.
///
/// # Errors
/// Where it cannot be used.
pub fn for_directory(
    directory: &Path,
    source: &ConfigSource,
    built_in: &[&str],
    reader: Reader,
) -> Result<Arc<Config>, BadConfig> {
    let root = repository_root(directory, directory);
    let above = directory
        .ancestors()
        .take_while(|dir| dir.starts_with(&root));
    let nearest = above.filter(|dir| is_there(&dir.join(FILE_NAME))).take(1);
    let dirs = nearest.map(Path::to_path_buf).collect();
    let loaded = load(source, &dirs, directory, built_in, reader)?;
    Ok(dirs
        .first()
        .and_then(|dir| loaded.by_directory.get(dir))
        .unwrap_or(&loaded.everywhere)
        .clone())
}

/// Whether there is anything at a path, be it a link that leads nowhere.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Reads the configurations in these directories, or the one that is named instead. `cwd` is absolute.
pub(crate) fn load(
    source: &ConfigSource,
    dirs: &BTreeSet<PathBuf>,
    cwd: &Path,
    built_in: &[&str],
    reader: Reader,
) -> Result<Configurations, BadConfig> {
    let mut loader = Loader {
        cwd,
        built_in,
        reader,
        root: PathBuf::new(),
        sources: Sources::default(),
        findings: Vec::new(),
    };
    let mut loaded = Configurations::default();
    match source {
        ConfigSource::Nowhere => {}
        ConfigSource::File(path) => {
            loader.root = repository_root(cwd, cwd);
            loaded.everywhere = Arc::new(loader.config(&cwd.join(path), cwd, false));
        }
        ConfigSource::Nearest => {
            for dir in dirs {
                loader.root = repository_root(dir, cwd);
                let config = loader.config(&dir.join(FILE_NAME), dir, true);
                loaded.by_directory.insert(dir.clone(), Arc::new(config));
            }
        }
    }
    if loader.findings.is_empty() {
        return Ok(loaded);
    }
    let mut seen = BTreeSet::new();
    let sources = loader.sources;
    let path = |file| sources.get(file).map(|file| file.path.clone());
    let mut findings = loader.findings;
    // A file that several extend is read several times.
    findings.retain(|f| seen.insert((path(f.primary.file), f.primary.span, f.message.clone())));
    findings.sort_by_key(|finding| (path(finding.primary.file), finding.primary.span));
    let is_inside = |file| sources.get(file).is_some_and(|file| file.is_inside);
    for finding in findings.iter_mut().filter(|it| !is_inside(it.primary.file)) {
        finding.message = Shown::setting(&without_quotes(&finding.message)).into();
        finding.help = None;
    }
    Err(BadConfig { sources, findings })
}

struct Loader<'a> {
    cwd: &'a Path,
    built_in: &'a [&'a str],
    reader: Reader,
    /// The root of the repository of what is checked (links resolved).
    root: PathBuf,
    sources: Sources,
    findings: Vec<Finding>,
}

impl Loader<'_> {
    /// A file with all that it extends. Its own paths are relative to `base`, those of another file to where that lies.
    /// What the repository itself names is read inside of it alone.
    fn config(&mut self, path: &Path, base: &Path, is_of_repository: bool) -> Config {
        let Some(first) = self.layer(path, base, is_of_repository) else {
            return Config::default();
        };
        let mut chain = vec![(path.to_path_buf(), first)];
        let mut seen = BTreeSet::from([fs::canonicalize(path).unwrap_or_default()]);
        let mut is_whole = true;
        while let Some((from, (file, layer))) = chain.last()
            && let Some(extend) = &layer.extend
        {
            let place = Location {
                file: *file,
                span: extend.span,
            };
            let is_of_repository = self.is_inside(*file);
            let target = from.parent().unwrap_or(from).join(&extend.value);
            let real = fs::canonicalize(&target);
            let is_allowed = |real: &PathBuf| !is_of_repository || real.starts_with(&self.root);
            let Some(target) = real.ok().filter(is_allowed) else {
                // Whether there is such a file outside is not told.
                let missing = match is_of_repository {
                    true => "there is no such file in the repository",
                    false => "there is no such file",
                };
                let missing = format!("`{}` cannot be read: {missing}", extend.value);
                self.complain(place, missing, None);
                is_whole = false;
                break;
            };
            if !seen.insert(target.clone()) {
                self.complain(place, circle(&chain, &target, self.cwd), None);
                is_whole = false;
                break;
            }
            let base = target.parent().unwrap_or(&target).to_path_buf();
            let Some(next) = self.layer(&target, &base, is_of_repository) else {
                is_whole = false;
                break;
            };
            chain.push((target, next));
        }
        let layers = chain.into_iter().rev().map(|(_, layer)| layer).collect();
        let mut config = self.merge(layers, is_whole);
        config.display = Some(display_path(path, self.cwd));
        config
    }

    fn is_inside(&self, file: FileId) -> bool {
        self.sources.get(file).is_some_and(|file| file.is_inside)
    }

    /// One file. `None` where it cannot be read.
    fn layer(
        &mut self,
        path: &Path,
        base: &Path,
        is_of_repository: bool,
    ) -> Option<(FileId, Layer)> {
        let display = display_path(path, self.cwd);
        let bytes = if is_of_repository {
            self.reader.read_inside(path, &self.root)
        } else {
            self.reader.read(path)
        };
        let mut source = match bytes {
            Ok(bytes) => SourceFile::from_bytes(path.to_path_buf(), display, bytes, true),
            Err(reason) => {
                let name = display.clone();
                let empty = SourceFile::new(path.to_path_buf(), display, String::new(), true);
                let place = Location {
                    file: self.sources.add(empty),
                    span: Span::default(),
                };
                self.complain(place, format!("{name} cannot be read: {reason}"), None);
                return None;
            }
        };
        let real = fs::canonicalize(path);
        source.is_inside = real.is_ok_and(|real| real.starts_with(&self.root));
        let bad_byte = source.bad_byte;
        let text = source.text.clone();
        if !source.is_inside {
            source.text = blanked(&text);
        }
        let file = self.sources.add(source);
        if let Some(at) = bad_byte {
            let span = Span::new(at as usize, at as usize + 1);
            let message = "this byte belongs to no UTF-8 character".to_owned();
            self.complain(Location { file, span }, message, None);
            return None;
        }
        let mut problems = Problems {
            file,
            built_in: self.built_in,
            findings: Vec::new(),
        };
        let layer = read(&text, &mut problems);
        self.findings.extend(problems.findings);
        Some((
            file,
            Layer {
                base: base.to_path_buf(),
                ..layer
            },
        ))
    }

    /// Puts layers together, the one that the others extend first. Where they are not all there is, no name can be called
    /// unknown.
    fn merge(&mut self, layers: Vec<(FileId, Layer)>, is_whole: bool) -> Config {
        let mut config = Config::default();
        let mut custom: BTreeMap<String, Arc<super::CustomRule>> = BTreeMap::new();
        for (file, layer) in &layers {
            let mut here = BTreeSet::new();
            for (id, rule) in &layer.custom {
                if !here.insert(&rule.id) {
                    let message = format!("there are two custom rules `{}`", rule.id);
                    self.complain_at(*file, id, message, None);
                }
                custom.insert(rule.id.clone(), Arc::new(rule.clone()));
            }
        }
        let is_whole = is_whole && layers.iter().all(|(_, layer)| layer.is_toml);
        let names = layers.iter().flat_map(|(_, layer)| &layer.custom_names);
        let names: Vec<&str> = names.map(String::as_str).collect();
        for (file, layer) in &layers {
            self.add(&mut config, *file, layer, is_whole.then_some(&*names));
        }
        config.custom = custom.into_values().collect();
        config
    }

    fn add(&mut self, config: &mut Config, file: FileId, layer: &Layer, custom: Option<&[&str]>) {
        let text = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
        config
            .exclude
            .push(self.patterns(file, &layer.exclude, &layer.base));
        config.fail_on = layer.fail_on.or(config.fail_on);
        config.provider_version = text(&layer.provider_version).or(config.provider_version.take());
        config.zenml_version = text(&layer.zenml_version).or(config.zenml_version.take());
        config
            .assume
            .extend(layer.assume.iter().map(|name| name.value.clone()));
        for (ty, flavors) in &layer.extra_flavors {
            let known = config.extra_flavors.entry(ty.clone()).or_default();
            known.extend(flavors.iter().map(|flavor| flavor.value.clone()));
        }
        config.rules.extend(self.levels(file, &layer.rules, custom));
        for (files, rules) in &layer.overrides {
            config.overrides.push(Override {
                files: self.patterns(file, files, &layer.base),
                rules: self.levels(file, rules, custom),
            });
        }
        for (directory, var_files) in &layer.roots {
            let Ok(path) = fs::canonicalize(layer.base.join(&directory.value)) else {
                let message = "there is no such directory".to_owned();
                self.complain_at(file, directory, message, None);
                continue;
            };
            config.roots.retain(|root| root.directory != path);
            let base = &layer.base;
            for name in var_files.iter().flatten() {
                if self.is_inside(file) && !self.holds(&place(&name.value, &path, base)) {
                    let message = format!("`{}` is outside the repository", name.value);
                    self.complain_at(file, name, message, None);
                }
            }
            let full = |files: &Vec<Text>| {
                files
                    .iter()
                    .map(|file| place(&file.value, &path, base))
                    .collect()
            };
            config.roots.push(RootFiles {
                var_files: var_files.iter().map(full).collect(),
                directory: path,
            });
        }
    }

    /// Whether a path is inside the repository; one that leads nowhere, by its text.
    fn holds(&self, path: &Path) -> bool {
        let real = fs::canonicalize(path).ok();
        let real = real.or_else(|| discover::join(Path::new("/"), path));
        real.is_some_and(|real| real.starts_with(&self.root))
    }

    /// The patterns as one matcher: a file is compared with all of them at once.
    fn patterns(&mut self, file: FileId, texts: &[Text], base: &Path) -> Patterns {
        let base = fs::canonicalize(base).unwrap_or_else(|_| base.to_path_buf());
        let bases = std::slice::from_ref(&base);
        let all: Vec<String> = texts.iter().map(|text| text.value.clone()).collect();
        let matcher = Excludes::new(&all, bases).unwrap_or_else(|_| {
            for text in texts {
                if Excludes::new(std::slice::from_ref(&text.value), bases).is_err() {
                    self.complain_at(file, text, "this is not a pattern".to_owned(), None);
                }
            }
            Excludes::default()
        });
        Patterns {
            texts: all,
            matcher,
        }
    }

    fn levels(
        &mut self,
        file: FileId,
        levels: &[(Text, Level)],
        custom: Option<&[&str]>,
    ) -> BTreeMap<String, Level> {
        let built_in = self.built_in;
        for (name, _) in levels {
            let Some(custom) = custom else { break };
            let mut names = built_in.iter().chain(custom).copied();
            if names.clone().any(|known| known == name.value) {
                continue;
            }
            let help = match closest(&name.value, &mut names) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`zenml-tflint rules` lists every rule".to_owned(),
            };
            let message = format!("no rule has the name `{}`", name.value);
            self.complain_at(file, name, message, Some(help));
        }
        let owned = levels
            .iter()
            .map(|(name, level)| (name.value.clone(), *level));
        owned.collect()
    }

    fn complain_at(&mut self, file: FileId, text: &Text, message: String, help: Option<String>) {
        let span = text.span;
        self.complain(Location { file, span }, message, help);
    }

    fn complain(&mut self, at: Location, message: String, help: Option<String>) {
        let mut problems = Problems {
            file: at.file,
            built_in: self.built_in,
            findings: Vec::new(),
        };
        problems.add(at.span, message, help);
        self.findings.extend(problems.findings);
    }
}

/// Where a tfvars file of a root lies: Terraform is mostly run in the root, so names are relative to that, or else to the
/// configuration file.
fn place(name: &str, root: &Path, base: &Path) -> PathBuf {
    let from_base = base.join(name);
    match root.join(name) {
        from_root if !from_root.exists() && from_base.exists() => from_base,
        from_root => from_root,
    }
}

fn circle(chain: &[(PathBuf, (FileId, Layer))], target: &Path, cwd: &Path) -> String {
    let names = chain.iter().map(|(path, _)| path.as_path()).chain([target]);
    let names: Vec<String> = names.map(|path| display_path(path, cwd)).collect();
    format!("`extend` runs in a circle: {}", names.join(" → "))
}

/// A text of blanks with the same line breaks and as many bytes.
fn blanked(text: &str) -> String {
    let bytes = text.bytes();
    let blank = |byte| if byte == b'\n' { '\n' } else { ' ' };
    bytes.map(blank).collect()
}

/// A message without what it quotes.
fn without_quotes(message: &str) -> String {
    let mut is_quoted = false;
    let mut shown = String::with_capacity(message.len());
    for c in message.chars() {
        if c == '`' || c == '"' {
            is_quoted = !is_quoted;
            shown.push(c);
            if is_quoted {
                shown.push('…');
            }
        } else if !is_quoted {
            shown.push(c);
        }
    }
    shown
}
