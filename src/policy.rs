//! Which rules are on, and which of their findings are said.
//!
//! The order: the rules that are on run, what they find is merged, severities and ignore comments apply, and findings that
//! another one makes pointless are hidden. Hiding never looks at comments, so a silenced finding still hides its
//! neighbors, and comments see hidden findings: one that names a hidden finding's rule is in use.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::{Config, Configurations, Level};
use crate::finding::Finding;
use crate::rules::{self, Reported};
use crate::settings::RuleSelection;
use crate::source::{FileId, Location, Sources};

/// Says for each file which rules are on, and how severe their findings are.
pub struct Policy<'a> {
    configurations: &'a Configurations,
    selection: &'a RuleSelection,
    sources: &'a Sources,
    /// The rules that are off in every file.
    off_everywhere: BTreeSet<&'a str>,
}

impl<'a> Policy<'a> {
    /// The policy of a run: what the command line selects, and the configurations that hold for the files.
    pub fn new(
        configurations: &'a Configurations,
        selection: &'a RuleSelection,
        sources: &'a Sources,
    ) -> Self {
        let configs = configs_of(configurations, sources);
        let built_in = rules::all().iter().map(|rule| rule.name);
        let names = built_in.chain(configurations.custom_names());
        let is_off = |rule: &&str| {
            let mut configs = configs.iter();
            configs.all(|config| !selection.may_run(rule, config))
        };
        Self {
            off_everywhere: names.filter(is_off).collect(),
            configurations,
            selection,
            sources,
        }
    }

    /// The configurations that hold for the files.
    pub fn configurations(&self) -> &'a Configurations {
        self.configurations
    }

    /// Whether a rule is on in any file.
    pub fn may_run(&self, rule: &str) -> bool {
        !self.off_everywhere.contains(rule)
    }

    /// Whether a rule is on in a file.
    pub fn is_on(&self, rule: &str, file: FileId) -> bool {
        self.level(rule, file) != Some(Level::Off)
    }

    /// Which level the command line or a configuration gives to a rule in a file.
    pub fn level(&self, rule: &str, file: FileId) -> Option<Level> {
        self.level_at(rule, &self.sources.get(file)?.path)
    }

    /// The same for the file of a path, which need not have been read.
    pub fn level_at(&self, rule: &str, path: &Path) -> Option<Level> {
        let config = self.configurations.of_file(path);
        self.selection.level(rule, config, path)
    }

    /// Leaves out findings whose rule is off in the file of their primary location.
    pub(crate) fn retain_on(&self, reported: &mut Vec<Reported>) {
        reported.retain(|Reported { finding, .. }| self.is_on(&finding.rule, finding.primary.file));
    }

    /// The finding with the severity that is configured for it.
    pub(crate) fn with_severity(&self, finding: Finding) -> Finding {
        match self.level(&finding.rule, finding.primary.file) {
            Some(Level::Severity(severity)) => Finding {
                severity,
                ..finding
            },
            Some(Level::Off) | None => finding,
        }
    }
}

/// Every configuration that holds for some file, each once.
fn configs_of<'a>(configurations: &'a Configurations, sources: &Sources) -> Vec<&'a Config> {
    if configurations.is_default() {
        return vec![configurations.of(Path::new("/"))];
    }
    let directories: BTreeSet<&Path> = sources
        .iter()
        .filter_map(|(_, file)| file.path.parent())
        .collect();
    let mut configs: Vec<&Config> = Vec::new();
    for directory in directories {
        let config = configurations.of(directory);
        if !configs.iter().any(|known| std::ptr::eq(*known, config)) {
            configs.push(config);
        }
    }
    configs
}

/// Merged findings.
#[derive(Default)]
pub(crate) struct Merged {
    /// The findings to say.
    pub shown: Vec<Finding>,
    /// The findings, or those of some contexts, that others make pointless.
    pub hidden: Vec<Finding>,
}

/// Makes one finding of those of one rule at one place: from several contexts, or of a literal that reaches several
/// blocks. Such a finding may be about several texts, one a context. It is hidden where each of them is, and else says
/// what there is to say of the others.
pub(crate) fn merge(reported: Vec<Reported>) -> Merged {
    let hidden_texts = hidden_texts(&reported);
    let mut groups: BTreeMap<(Location, Cow<'static, str>), Vec<Reported>> = BTreeMap::new();
    for one in reported {
        let key = (one.finding.primary, one.finding.rule.clone());
        groups.entry(key).or_default().push(one);
    }
    let mut merged = Merged::default();
    for ((primary, rule), group) in groups {
        let texts = hidden_texts.get(&(&*rule, primary));
        // A finding about no text is about all that came from there.
        let is_hidden = |one: &Reported| {
            texts.is_some_and(|texts| one.text.is_none() || texts.contains(&one.text))
        };
        let (hidden, shown): (Vec<_>, Vec<_>) = group.into_iter().partition(is_hidden);
        merged.shown.extend(join(shown));
        merged.hidden.extend(join(hidden));
    }
    merged
}

/// The texts whose findings of a rule at a place are hidden.
type HiddenTexts = FxHashMap<(&'static str, Location), FxHashSet<Option<u64>>>;

fn hidden_texts(reported: &[Reported]) -> HiddenTexts {
    let mut hidden = HiddenTexts::default();
    for Reported { finding, text } in reported {
        for rule in rules::hidden_by(&finding.rule) {
            let texts = hidden.entry((rule, finding.primary)).or_default();
            texts.insert(*text);
        }
    }
    hidden
}

fn join(reported: Vec<Reported>) -> Option<Finding> {
    let mut findings = reported.into_iter().map(|reported| reported.finding);
    let mut first = findings.next()?;
    let mut reaches: FxHashSet<Location> = first.reaches.iter().copied().collect();
    let mut related: FxHashSet<Location> = first.related.iter().map(|(at, _)| *at).collect();
    for other in findings {
        first.severity = first.severity.max(other.severity);
        let new = other.reaches.into_iter().filter(|at| reaches.insert(*at));
        first.reaches.extend(new);
        let new = other
            .related
            .into_iter()
            .filter(|(at, _)| related.insert(*at));
        first.related.extend(new);
        // Where contexts want different edits of the same text, there is none.
        if first.fix != other.fix {
            first.fix = None;
        }
    }
    Some(first)
}
