//! The road from paths to findings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::baseline::{Baseline, Entry};
use crate::config::{self, Config, Configurations, CustomRule, Level, RootFiles};
use crate::connection::{self, Connection};
use crate::contexts::{Checked, Checker};
use crate::discover::{self, Discovery, Selection};
use crate::finding::{Finding, Severity};
use crate::policy::{self, Merged, Policy};
use crate::redact::Redactor;
use crate::rules::{self, Draft, Place, Reported};
use crate::settings::{BadSettings, FailOn, RuleSelection, Settings};
use crate::source::{FileId, Location, Sources, Span};
use crate::suppress;
use crate::terraform::{self, Configuration, ModuleId, RunInputs};

/// Room for deep expressions: what nests deeper than the parser's bound is not evaluated.
const STACK: usize = 64 << 20;

/// Starting many threads takes longer than checking a small file: 64 took 6 ms more than 2, on a machine with two cores.
const MOST_THREADS: usize = 12;

/// More than these nobody gets who asks for more: thousands keep each other from working.
const MOST_JOBS: usize = 128;

/// What a run has found.
#[derive(Debug)]
pub struct Outcome {
    configuration: Configuration,
    configurations: Arc<Configurations>,
    fail_on: Option<FailOn>,
    rules: RuleSelection,
    /// What is reported, by path, position and rule.
    pub findings: Vec<Finding>,
    /// How many configuration files lie under the paths (tfvars apart).
    pub files: usize,
    /// How many findings comments silence.
    pub ignored: usize,
    /// What could not be read, was left out, or was not the right usage: the run has failed, whatever was found.
    pub problems: Vec<String>,
    /// Those problems that left something unchecked.
    pub incomplete: Vec<String>,
    /// What was passed over, which takes nothing from the findings.
    pub remarks: Vec<String>,
    /// Whether any file under the paths belongs to a module that uses zenml or that a custom rule looks at, or has values
    /// for one.
    pub concerns_zenml: bool,
    /// How many findings are kept back because git ignores the file, or a pattern excludes it.
    pub kept_back: usize,
    /// The findings that the baseline has, and that are therefore not among the others.
    pub known: Baseline,
    /// What the baseline has although it was looked for in vain.
    pub stale: Baseline,
    /// The threads of the run, for what is still to be done with it.
    pub threads: Arc<ThreadPool>,
    selection: Selection,
}

impl Outcome {
    /// Every file that was read.
    pub fn sources(&self) -> &Sources {
        &self.configuration.sources
    }

    /// What of the files may be shown.
    pub fn redactor(&self) -> Redactor<'_> {
        Redactor::new(&self.configuration)
    }

    /// How many blocks there are under the paths that each custom rule looks at.
    pub fn blocks_looked_at(&self) -> BTreeMap<String, usize> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (_, config) in self.configurations.iter() {
            counts.extend(config.custom.iter().map(|rule| (rule.id.clone(), 0)));
        }
        let selected = |file: FileId| {
            let file = self.sources().get(file);
            file.is_some_and(|file| self.selection.contains(&file.path))
        };
        for module in &self.configuration.modules {
            for rule in &self.configurations.of(&module.dir).custom {
                let blocks = rules::blocks_of_custom(rule, module);
                let blocks = blocks.filter(|block| selected(block.header.file));
                *counts.entry(rule.id.clone()).or_default() += blocks.count();
            }
        }
        counts
    }

    /// Whether a rule was run for the file of a path (absolute, links resolved but for the last name).
    pub fn ran(&self, rule: &str, path: &Path) -> bool {
        let config = self.configurations.of_file(path);
        self.rules.level(rule, config, path) != Some(Level::Off)
    }

    /// From which severity on a finding fails the run, where it stands.
    pub fn fail_on(&self, finding: &Finding) -> FailOn {
        let file = self.sources().get(finding.primary.file);
        let configured = || self.configurations.of_file(&file?.path).fail_on;
        self.fail_on.or_else(configured).unwrap_or_default()
    }

    /// The configurations that hold somewhere.
    pub fn configurations(&self) -> &Configurations {
        &self.configurations
    }

    /// Whether findings in the file of a path (absolute, links resolved but for the last name) would have been reported, as
    /// far as the paths of the run decide that.
    pub fn covers(&self, path: &Path) -> bool {
        self.selection.contains(path)
    }

    /// How many texts were read.
    pub fn texts_read(&self) -> usize {
        let files = self.sources().iter();
        files.filter(|(_, file)| file.exists).count()
    }

    /// Whether the module of a file declares a variable of that name.
    pub fn declares_variable(&self, file: FileId, name: &str) -> bool {
        let modules = self.configuration.modules_of(file).iter();
        let mut modules = modules.filter_map(|id| self.configuration.module(*id));
        modules.any(|module| module.variables.contains_key(name))
    }

    /// How many syntax errors the file of a path has.
    pub fn syntax_errors(&self, path: &Path) -> usize {
        let file = self.sources().find(path);
        let tree = file.and_then(|file| self.configuration.tree(file));
        tree.map_or(0, |tree| tree.errors.len())
    }
}

/// Texts that take the place of files, by path (absolute, links resolved but for the last name).
pub type Texts = BTreeMap<PathBuf, String>;

/// Checks what the settings say.
///
/// # Errors
/// Where the settings cannot be used; what cannot be read is among [`Outcome::problems`].
pub fn lint(settings: &Settings) -> Result<Outcome, BadSettings> {
    let Linter {
        threads,
        discovery,
        configurations,
        baseline,
        ..
    } = Linter::new(settings)?;
    threads.install(|| {
        Run::new(settings, configurations, baseline.as_ref(), discovery).finish(threads.clone())
    })
}

/// What is connected with, as Terraform would see it.
pub struct Connected {
    /// The connections of the provider blocks under the paths, each once, in the order of their places.
    pub connections: Vec<Connection>,
    /// What could not be read.
    pub problems: Vec<String>,
    configuration: Configuration,
}

impl Connected {
    /// Every file that was read.
    pub fn sources(&self) -> &Sources {
        &self.configuration.sources
    }
}

/// What the provider blocks under the paths connect with.
///
/// # Errors
/// Where the settings cannot be used; what cannot be read is among [`Connected::problems`].
pub fn connections(settings: &Settings) -> Result<Connected, BadSettings> {
    let Linter {
        threads,
        discovery,
        configurations,
        ..
    } = Linter::new(settings)?;
    threads.install(|| Run::new(settings, configurations, None, discovery).connect())
}

/// Checks the same files, with one text or another in them.
pub struct Linter<'s> {
    settings: &'s Settings,
    threads: Arc<ThreadPool>,
    discovery: Discovery,
    configurations: Arc<Configurations>,
    baseline: Option<Baseline>,
}

impl<'s> Linter<'s> {
    /// Looks for the files.
    ///
    /// # Errors
    /// Where the settings cannot be used.
    pub fn new(settings: &'s Settings) -> Result<Self, BadSettings> {
        let threads = thread_pool(settings.jobs)?;
        let mut discovery = threads.install(|| discover::discover(&settings.discovery()))?;
        let configurations = configurations(settings, &discovery)?;
        rules::check_names(settings.rules.names(), &configurations.custom_names())?;
        if !configurations.is_default() {
            threads.install(|| {
                discovery.heed(
                    &|path| configurations.of_file(path).excludes(path),
                    &|dir| words(&configurations.of(dir).custom),
                );
            });
        }
        Ok(Self {
            baseline: settings.baseline.clone(),
            settings,
            threads: Arc::new(threads),
            discovery,
            configurations: Arc::new(configurations),
        })
    }

    /// The configurations that hold for what is checked.
    pub fn configurations(&self) -> &Configurations {
        &self.configurations
    }

    /// The files that may be reported on, as they are shown, in the order of their paths.
    pub fn files(&self) -> Vec<String> {
        self.discovery.shown_files()
    }

    /// From now on, texts differ from those of an outcome by our own fixes only: what was known there stays known.
    pub fn follow(&mut self, outcome: &Outcome) {
        if self.baseline.is_some() {
            self.baseline = Some(outcome.known.clone().after_own_edit());
        }
    }

    /// The file in whose place the text on standard input stands, where there is one.
    pub fn stdin(&self) -> Option<&Path> {
        self.discovery.stdin.as_deref()
    }

    /// Checks them, with these texts in the place of what is on disk.
    ///
    /// # Errors
    /// Where the settings cannot be used.
    pub fn check(&self, texts: &Texts) -> Result<Outcome, BadSettings> {
        self.threads.install(|| {
            let mut discovery = self.discovery.clone();
            for (path, text) in texts {
                discovery.replace(path, text);
            }
            Run::new(
                self.settings,
                self.configurations.clone(),
                self.baseline.as_ref(),
                discovery,
            )
            .finish(self.threads.clone())
        })
    }
}

/// For each rule of the house about blocks that need not say `zenml`: words that a file with such a block holds.
fn words(rules: &[Arc<CustomRule>]) -> Vec<Vec<String>> {
    let groups = rules.iter().map(|rule| rule.block.words());
    let others = groups.filter(|words| {
        let mut words = words.iter();
        !words.any(|word| word.to_ascii_lowercase().contains("zenml"))
    });
    let groups: BTreeSet<Vec<String>> = others
        .map(|words| words.into_iter().map(str::to_owned).collect())
        .collect();
    groups.into_iter().collect()
}

/// The threads of a run: as many as are asked for, else one for each core, both up to a bound.
///
/// # Errors
/// Where the system starts none.
pub(crate) fn thread_pool(jobs: Option<usize>) -> Result<ThreadPool, BadSettings> {
    let count = jobs.map_or_else(
        || thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_THREADS)),
        |jobs| jobs.min(MOST_JOBS),
    );
    rayon::ThreadPoolBuilder::new()
        .num_threads(count)
        .stack_size(STACK)
        .build()
        .map_err(BadSettings::Threads)
}

/// A run in which everything has been read.
struct Run<'s> {
    settings: &'s Settings,
    configurations: Arc<Configurations>,
    baseline: Option<&'s Baseline>,
    inputs: RunInputs,
    discovery: Discovery,
    configuration: Configuration,
}

impl<'s> Run<'s> {
    fn new(
        settings: &'s Settings,
        configurations: Arc<Configurations>,
        baseline: Option<&'s Baseline>,
        mut discovery: Discovery,
    ) -> Self {
        let mut inputs = settings.inputs();
        inputs.roots = root_files(&configurations);
        let configuration = terraform::load(&mut discovery, &inputs);
        Self {
            settings,
            configurations,
            baseline,
            inputs,
            discovery,
            configuration,
        }
    }

    fn refuse_undeclared(&self) -> Result<(), BadSettings> {
        match self.configuration.undeclared(&self.inputs).first() {
            Some(name) => Err(BadSettings::UndeclaredVariable((*name).to_owned())),
            None => Ok(()),
        }
    }

    fn connect(self) -> Result<Connected, BadSettings> {
        self.refuse_undeclared()?;
        let policy = self.policy();
        let checker = self.checker(&policy);
        let (mut connections, mut implied) = (Vec::new(), Vec::new());
        for root in self.configuration.roots() {
            let contexts = self.configuration.contexts(*root, &self.inputs);
            checker.visit_root(*root, &contexts, &mut |scope| {
                connections.extend(Connection::all(scope));
                implied.extend(Connection::implied(scope));
            });
        }
        let is_shown = |connection: &Connection| {
            let file = self.configuration.sources.get(connection.at.file);
            file.is_some_and(|file| file.reported && self.discovery.selection.contains(&file.path))
        };
        connections.retain(is_shown);
        if connections.is_empty() {
            // A module that others are to call has no block either: only one that the environment connects is meant.
            let is_meant = |one: &Connection| one.server_url.text().is_some() && is_shown(one);
            connections.extend(implied.into_iter().find(is_meant));
        }
        let problems = self.discovery.problems.iter().map(ToString::to_string);
        Ok(Connected {
            connections: connection::best_known(connections),
            problems: problems.collect(),
            configuration: self.configuration,
        })
    }

    fn finish(self, threads: Arc<ThreadPool>) -> Result<Outcome, BadSettings> {
        self.refuse_undeclared()?;
        let policy = self.policy();
        let mut checked = self.check_modules(&policy);
        let mut reported = std::mem::take(&mut checked.reported);
        reported.extend(syntax_errors(&self.configuration));
        policy.retain_on(&mut reported);
        let (findings, ignored) = self.suppress(policy::merge(reported), &policy);
        let (mut shown, kept_back): (Vec<Finding>, Vec<Finding>) = findings
            .into_iter()
            .filter(|finding| self.is_selected(finding))
            .partition(|finding| self.may_report(finding));
        sort(&self.configuration.sources, &mut shown);
        let (shown, known, stale) = self.leave_out_known(shown, &policy);
        let unread = self.discovery.problems.iter().map(ToString::to_string);
        let incomplete: Vec<String> = unread.chain(checked.incomplete).collect();
        let passed_over = self.discovery.passed_over.iter().map(ToString::to_string);
        Ok(Outcome {
            findings: shown,
            files: self.discovery.looked_at(),
            ignored,
            problems: incomplete.clone(),
            incomplete,
            remarks: passed_over.collect(),
            concerns_zenml: self.concerns_zenml(),
            kept_back: kept_back.len(),
            known,
            stale,
            threads,
            selection: self.discovery.selection,
            configuration: self.configuration,
            configurations: self.configurations,
            fail_on: self.settings.fail_on,
            rules: self.settings.rules.clone(),
        })
    }

    /// The findings that the baseline does not have, those that it has, and what it has in vain.
    fn leave_out_known(
        &self,
        findings: Vec<Finding>,
        policy: &Policy<'_>,
    ) -> (Vec<Finding>, Baseline, Baseline) {
        let Some(baseline) = self.baseline else {
            return (findings, Baseline::default(), Baseline::default());
        };
        let sources = &self.configuration.sources;
        let redactor = Redactor::new(&self.configuration);
        let compared = baseline.compare(findings, sources, &redactor);
        let passed_over = sources.iter().filter(|(_, file)| !file.reported);
        let passed_over: BTreeSet<&Path> =
            passed_over.map(|(_, file)| file.path.as_path()).collect();
        let was_looked_for = |baseline: &Baseline, entry: &Entry| {
            let path = baseline.path_of(entry);
            policy.level_at(&entry.rule, &path) != Some(Level::Off)
                && self.discovery.selection.contains(&path)
                && !passed_over.contains(path.as_path())
        };
        let stale = compared.left.filtered(was_looked_for);
        (compared.new, compared.known, stale)
    }

    fn policy(&self) -> Policy<'_> {
        Policy::new(
            &self.configurations,
            &self.settings.rules,
            &self.configuration.sources,
        )
    }

    fn checker<'r>(&'r self, policy: &'r Policy<'r>) -> Checker<'r> {
        Checker::new(
            &self.configuration,
            policy,
            &self.settings.environment,
            self.settings.now,
        )
    }

    /// Checks each root with all that it calls.
    fn check_modules(&self, policy: &Policy<'_>) -> Checked {
        let checker = self.checker(policy);
        let roots = self.configuration.roots();
        let progress = &self.settings.progress;
        progress.begin_checks(roots.len());
        let check = |root: &ModuleId| {
            let contexts = self.configuration.contexts(*root, &self.inputs);
            let checked = checker.check_root(*root, &contexts);
            progress.root();
            checked
        };
        let roots: Vec<Checked> = roots.par_iter().map(check).collect();
        let mut all = Checked::default();
        for checked in roots {
            all.reported.extend(checked.reported);
            all.incomplete.extend(checked.incomplete);
        }
        all
    }

    /// Leaves out findings that comments ignore, counts them, and adds comments that ignore nothing.
    fn suppress(&self, merged: Merged, policy: &Policy<'_>) -> (Vec<Finding>, usize) {
        let built_in = rules::all().iter().map(|rule| rule.name);
        let names: Vec<&str> = built_in.chain(self.configurations.custom_names()).collect();
        let outcome = suppress::apply(
            merged.shown,
            &merged.hidden,
            &self.configuration.sources,
            &self.configuration.trees,
            &suppress::Rules {
                names: &names,
                ran: &|file, rule| policy.is_on(rule, file),
            },
        );
        let kept = outcome.kept.into_iter().chain(outcome.unused);
        let kept = kept.map(|finding| policy.with_severity(finding));
        (kept.collect(), outcome.ignored)
    }

    /// Whether a file that was read may be reported on and lies under the paths.
    fn is_looked_at(&self, file: FileId) -> bool {
        let file = self.configuration.sources.get(file);
        file.is_some_and(|file| file.reported && self.discovery.selection.contains(&file.path))
    }

    fn concerns_zenml(&self) -> bool {
        let modules = self.configuration.modules.iter();
        let of_modules = modules.flat_map(|module| {
            let tests = module.test_files.iter().map(|test| test.file);
            module.files.iter().copied().chain(tests)
        });
        let values = self.configuration.values.iter().map(|values| values.file);
        let mut files = of_modules.chain(values);
        files.any(|file| self.is_looked_at(file))
    }

    /// Whether a finding's place may be reported on.
    fn may_report(&self, finding: &Finding) -> bool {
        let file = self.configuration.sources.get(finding.primary.file);
        file.is_some_and(|file| {
            let config = self.configurations.of_file(&file.path);
            file.reported && !config.excludes(&file.path)
        })
    }

    /// Whether a finding's place, or an argument that it reaches, lies under the paths.
    fn is_selected(&self, finding: &Finding) -> bool {
        let mut places = std::iter::once(&finding.primary).chain(&finding.reaches);
        places.any(|at| {
            let file = self.configuration.sources.get(at.file);
            file.is_some_and(|file| self.discovery.selection.contains(&file.path))
        })
    }
}

/// The configurations that hold for what was found.
///
/// # Errors
/// Where one cannot be read.
pub(crate) fn configurations(
    settings: &Settings,
    discovery: &Discovery,
) -> Result<Configurations, BadSettings> {
    let built_in: Vec<&str> = rules::all().iter().map(|rule| rule.name).collect();
    let configurations = config::load(
        &settings.config,
        &discovery.configurations(),
        &discovery.cwd,
        &built_in,
        settings.reader,
    )?;
    Ok(configurations)
}

/// Which tfvars files the configurations give to root modules. For a root, the configuration that holds in it decides.
pub(crate) fn root_files(configurations: &Configurations) -> BTreeMap<PathBuf, Vec<Vec<PathBuf>>> {
    let roots = configurations
        .iter()
        .flat_map(|(_, config)| config.roots.iter().map(move |root| (config, root)));
    let holds = |config: &Config, root: &RootFiles| {
        std::ptr::eq(configurations.of(&root.directory), config)
    };
    let holding = roots.filter(|(config, root)| holds(config, root));
    holding
        .map(|(_, root)| (root.directory.clone(), root.var_files.clone()))
        .collect()
}

/// What does not parse, in files that findings may point at.
fn syntax_errors(configuration: &Configuration) -> Vec<Reported> {
    let mut reported = Vec::new();
    for ((id, file), tree) in configuration.sources.iter().zip(&configuration.trees) {
        for error in tree.errors.iter().filter(|_| file.reported) {
            let place = |span: Span| Location { file: id, span };
            let mut draft = Draft::new(Place::at(place(error.span)), error.message.clone());
            if let Some((span, what)) = &error.related {
                draft = draft.related(place(*span), what.clone());
            }
            reported.push(draft.finish("syntax-error", Severity::Error));
        }
    }
    reported
}

fn sort(sources: &Sources, findings: &mut [Finding]) {
    let path = |file: FileId| sources.get(file).map_or("", |file| file.display.as_str());
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.primary.span, finding.rule.clone());
        path(a.primary.file)
            .as_bytes()
            .cmp(path(b.primary.file).as_bytes())
            .then_with(|| key(a).cmp(&key(b)))
    });
}
