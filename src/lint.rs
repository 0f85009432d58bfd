//! The road from paths to findings.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::baseline::{Baseline, Entry};
use crate::contexts::{Checked, Checker};
use crate::discover::{self, Discovery, Selection};
use crate::finding::{Finding, Severity};
use crate::redact::{Redactor, Secrets};
use crate::rules::{self, Draft, Place};
use crate::settings::{BadSettings, Settings};
use crate::source::{FileId, Location, Sources, Span};
use crate::suppress;
use crate::terraform::{self, Configuration, ModuleId, RunInputs};

/// Room for deep expressions: what nests deeper than the parser's bound is not evaluated.
pub(crate) const STACK: usize = 64 << 20;

/// More threads than this gain nothing in walking and reading, and starting them takes longer than checking a file.
const MOST_THREADS: usize = 12;

/// What a run has found.
#[derive(Debug)]
pub struct Outcome {
    configuration: Configuration,
    /// What is reported, by path, position and rule.
    pub findings: Vec<Finding>,
    /// What must not be shown.
    pub secrets: Secrets,
    /// How many configuration files lie under the paths (tfvars apart).
    pub files: usize,
    /// How many findings comments silence.
    pub ignored: usize,
    /// What could not be read, or was no right usage: the run has failed, whatever was found.
    pub problems: Vec<String>,
    /// What was passed over or left out.
    pub remarks: Vec<String>,
    /// The findings that the baseline has, and that are therefore not among the others.
    pub known: Baseline,
    /// What the baseline has although it was looked for in vain.
    pub stale: Baseline,
    selection: Selection,
}

impl Outcome {
    /// Every file that was read.
    pub fn sources(&self) -> &Sources {
        &self.configuration.sources
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
        baseline,
        ..
    } = Linter::new(settings)?;
    threads.install(|| Run::new(settings, baseline.as_ref(), discovery).finish())
}

/// Checks the same files, with one text or another in them.
pub struct Linter<'s> {
    settings: &'s Settings,
    threads: ThreadPool,
    discovery: Discovery,
    baseline: Option<Baseline>,
}

impl<'s> Linter<'s> {
    /// Looks for the files.
    ///
    /// # Errors
    /// Where the settings cannot be used.
    pub fn new(settings: &'s Settings) -> Result<Self, BadSettings> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(settings.jobs.unwrap_or_else(threads))
            .stack_size(STACK)
            .build()
            .map_err(BadSettings::Threads)?;
        let discovery = threads.install(|| discover::discover(&settings.discovery()))?;
        Ok(Self {
            baseline: settings.baseline.clone(),
            settings,
            threads,
            discovery,
        })
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
            Run::new(self.settings, self.baseline.as_ref(), discovery).finish()
        })
    }
}

/// One for each core, up to a bound.
fn threads() -> usize {
    let cores = std::thread::available_parallelism();
    cores.map_or(1, |cores| cores.get().min(MOST_THREADS))
}

/// A run in which everything has been read.
struct Run<'s> {
    settings: &'s Settings,
    baseline: Option<&'s Baseline>,
    inputs: RunInputs,
    discovery: Discovery,
    configuration: Configuration,
}

impl<'s> Run<'s> {
    fn new(
        settings: &'s Settings,
        baseline: Option<&'s Baseline>,
        mut discovery: Discovery,
    ) -> Self {
        let inputs = settings.inputs();
        let configuration = terraform::load(&mut discovery, &inputs);
        Self {
            settings,
            baseline,
            inputs,
            discovery,
            configuration,
        }
    }

    fn finish(self) -> Result<Outcome, BadSettings> {
        if let Some(name) = self.configuration.undeclared(&self.inputs).first() {
            return Err(BadSettings::UndeclaredVariable((*name).to_owned()));
        }
        let checked = self.check_modules();
        let mut findings = checked.findings;
        findings.extend(syntax_errors(&self.configuration));
        let findings = merge(findings);
        let (findings, ignored) = self.suppress(findings);
        let mut shown: Vec<Finding> = findings
            .into_iter()
            .filter(|finding| self.is_shown(finding))
            .collect();
        sort(&self.configuration.sources, &mut shown);
        let (shown, known, stale) = self.leave_out_known(shown, &checked.secrets);
        let problems = self.discovery.problems.iter().map(ToString::to_string);
        let passed_over = self.discovery.passed_over.iter().map(ToString::to_string);
        Ok(Outcome {
            findings: shown,
            secrets: checked.secrets,
            files: self.discovery.looked_at(),
            ignored,
            problems: problems.collect(),
            remarks: passed_over.chain(checked.remarks).collect(),
            known,
            stale,
            selection: self.discovery.selection,
            configuration: self.configuration,
        })
    }

    /// The findings that the baseline does not have, those that it has, and what it has in vain.
    fn leave_out_known(
        &self,
        findings: Vec<Finding>,
        secrets: &Secrets,
    ) -> (Vec<Finding>, Baseline, Baseline) {
        let Some(baseline) = self.baseline else {
            return (findings, Baseline::default(), Baseline::default());
        };
        let sources = &self.configuration.sources;
        let redactor = Redactor::new(sources, secrets);
        let compared = baseline.compare(findings, sources, &redactor);
        let passed_over = sources.iter().filter(|(_, file)| !file.reported);
        let passed_over: BTreeSet<&Path> =
            passed_over.map(|(_, file)| file.path.as_path()).collect();
        let was_looked_for = |baseline: &Baseline, entry: &Entry| {
            let path = baseline.path_of(entry);
            self.settings.rules.runs(&entry.rule)
                && self.discovery.selection.contains(&path)
                && !passed_over.contains(path.as_path())
        };
        let stale = compared.left.filtered(was_looked_for);
        (compared.new, compared.known, stale)
    }

    /// Checks each root with all that it calls.
    fn check_modules(&self) -> Checked {
        let checker = Checker::new(
            &self.configuration,
            &self.settings.environment,
            self.settings.now,
        );
        let check = |root: &ModuleId| {
            let contexts = self.configuration.contexts(*root, &self.inputs);
            checker.check_root(*root, &contexts)
        };
        let roots: Vec<Checked> = self.configuration.roots().par_iter().map(check).collect();
        let mut all = Checked::default();
        for checked in roots {
            all.findings.extend(checked.findings);
            all.secrets.extend(checked.secrets);
            all.remarks.extend(checked.remarks);
        }
        all
    }

    /// Leaves out what did not run or is ignored by comments, and adds what is to be said of those.
    fn suppress(&self, findings: Vec<Finding>) -> (Vec<Finding>, usize) {
        let runs = |rule: &str| self.settings.rules.runs(rule);
        let findings = findings
            .into_iter()
            .filter(|finding| runs(&finding.rule))
            .collect();
        let names: Vec<&str> = rules::all().iter().map(|rule| rule.name).collect();
        let outcome = suppress::apply(
            findings,
            &self.configuration.sources,
            &self.configuration.trees,
            &suppress::Rules {
                names: &names,
                ran: &runs,
            },
        );
        let mut kept = outcome.kept;
        kept.extend(outcome.unused);
        (kept, outcome.ignored)
    }

    /// Whether a finding's place may be reported on, and it or an argument that it reaches lies under the paths.
    fn is_shown(&self, finding: &Finding) -> bool {
        let file = |at: &Location| self.configuration.sources.get(at.file);
        let is_reported = file(&finding.primary).is_some_and(|file| file.reported);
        let mut places = std::iter::once(&finding.primary).chain(&finding.reaches);
        is_reported
            && places.any(|at| {
                file(at).is_some_and(|file| self.discovery.selection.contains(&file.path))
            })
    }
}

/// What does not parse, in files that findings may point at.
fn syntax_errors(configuration: &Configuration) -> Vec<Finding> {
    let mut findings = Vec::new();
    for ((id, file), tree) in configuration.sources.iter().zip(&configuration.trees) {
        for error in tree.errors.iter().filter(|_| file.reported) {
            let place = |span: Span| Location { file: id, span };
            let mut draft = Draft::new(Place::at(place(error.span)), error.message.clone());
            if let Some((span, what)) = &error.related {
                draft = draft.related(place(*span), what.clone());
            }
            findings.push(draft.finish("syntax-error", Severity::Error));
        }
    }
    findings
}

/// Makes one finding of those of one rule at one place: from several contexts, or of a literal that reaches several blocks.
fn merge(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: BTreeMap<(Location, Cow<'static, str>), Finding> = BTreeMap::new();
    for finding in findings {
        let key = (finding.primary, finding.rule.clone());
        match merged.get_mut(&key) {
            None => {
                merged.insert(key, finding);
            }
            Some(first) => join(first, finding),
        }
    }
    merged.into_values().collect()
}

fn join(first: &mut Finding, other: Finding) {
    first.severity = first.severity.max(other.severity);
    for reaches in other.reaches {
        if !first.reaches.contains(&reaches) {
            first.reaches.push(reaches);
        }
    }
    for related in other.related {
        if !first.related.iter().any(|(at, _)| *at == related.0) {
            first.related.push(related);
        }
    }
    // Where contexts want different edits of the same text, there is none.
    if first.fix != other.fix {
        first.fix = None;
    }
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
