//! Ignore comments: which findings they silence, and which of them silence nothing.
//!
//! A comment silences findings that begin in what it covers:
//! - beside code: that line, and the whole of an attribute that begins on it;
//! - alone on its line: the next line that is not such a comment, and the whole of an attribute or block that begins there;
//! - in JSON: the object that its `"//"` member stands in, with the key that leads to it;
//! - `zenml-tflint-ignore-file`, before the first block or attribute: the file.
//!
//! `all` stands for every rule but `unused-ignore`, which a comment must name to silence; it then says of that comment
//! itself, too, that nobody wants to hear whether it is used.

mod cover;
mod directive;
mod unused;

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::source::{FileId, Location, Sources, Span};
use crate::syntax::Tree;

use directive::{Directive, Name};

/// The rule that speaks of ignore comments.
pub const UNUSED_IGNORE: &str = "unused-ignore";
/// Stands for every other rule in an ignore comment.
const ALL: &str = "all";

/// What there is to ignore.
pub struct Rules<'a> {
    /// The name of every rule.
    pub names: &'a [&'a str],
    /// Whether a rule was run for a file: of one that was not, no comment in it is unused.
    pub ran: &'a dyn Fn(FileId, &str) -> bool,
}

/// What ignore comments leave.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What is not ignored, in the order in which it came.
    pub kept: Vec<Finding>,
    /// How many findings are ignored.
    pub ignored: usize,
    /// Findings of the rule `unused-ignore`, by file and position: comments that silence nothing.
    pub unused: Vec<Finding>,
}

/// An ignore comment with what it covers.
struct Ignore {
    file: FileId,
    directive: Directive,
    covered: Vec<Span>,
}

/// Takes out what is ignored at its primary location or at the argument that it reaches; where it reaches several, at all
/// of them, since a comment beside one block says nothing of the others. `trees` are in the order of the
/// sources; all findings must be there, also those outside of the paths that are reported, for a comment to count as used.
///
/// A comment that names the rule of a `hidden` finding counts as used, too: another run, or a fix of what hides it, may
/// show that finding.
pub fn apply(
    findings: Vec<Finding>,
    hidden: &[Finding],
    sources: &Sources,
    trees: &[Tree],
    rules: &Rules<'_>,
) -> Outcome {
    let ignores: Vec<Ignore> = sources
        .iter()
        .zip(trees)
        .flat_map(|((id, file), tree)| cover::ignores(id, file, tree))
        .collect();
    let places = Places::new(findings.iter().chain(hidden));
    let silence = Silence::new(&ignores);
    let is_reported = |file| sources.get(file).is_some_and(|file| file.reported);
    let judged = ignores
        .iter()
        .filter(|ignore| is_reported(ignore.file) && (rules.ran)(ignore.file, UNUSED_IGNORE));
    let unused = judged
        .flat_map(|ignore| unused::findings(ignore, sources, &places, rules))
        .filter(|finding| !silence.covers(UNUSED_IGNORE, finding.primary))
        .collect();
    let before = findings.len();
    let kept: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| !silence.silences(finding))
        .collect();
    Outcome {
        ignored: before - kept.len(),
        kept,
        unused,
    }
}

/// Where a finding can be ignored.
fn places_of(finding: &Finding) -> impl Iterator<Item = Location> {
    std::iter::once(finding.primary).chain(finding.reaches.iter().copied())
}

/// Where the findings of each rule begin, sorted.
struct Places<'a> {
    by_rule: BTreeMap<(FileId, &'a str), Vec<u32>>,
}

impl<'a> Places<'a> {
    fn new(findings: impl Iterator<Item = &'a Finding>) -> Self {
        let mut by_rule: BTreeMap<(FileId, &str), Vec<u32>> = BTreeMap::new();
        for finding in findings {
            for place in places_of(finding) {
                for rule in [&*finding.rule, ALL] {
                    let starts = by_rule.entry((place.file, rule)).or_default();
                    starts.push(place.span.start);
                }
            }
        }
        by_rule
            .values_mut()
            .for_each(|starts| starts.sort_unstable());
        Self { by_rule }
    }

    /// Whether a finding of the rule begins in what the comment covers.
    fn any(&self, ignore: &Ignore, rule: &str) -> bool {
        let Some(starts) = self.by_rule.get(&(ignore.file, rule)) else {
            return false;
        };
        ignore.covered.iter().any(|covered| {
            let first = starts.partition_point(|start| *start < covered.start);
            starts.get(first).is_some_and(|start| *start < covered.end)
        })
    }
}

/// What is covered for each rule, as spans without overlaps.
struct Silence<'a> {
    by_rule: BTreeMap<(FileId, &'a str), Vec<Span>>,
}

impl<'a> Silence<'a> {
    fn new(ignores: &'a [Ignore]) -> Self {
        let mut by_rule: BTreeMap<(FileId, &str), Vec<Span>> = BTreeMap::new();
        for ignore in ignores {
            for Name { text, .. } in ignore.directive.effective() {
                let covered = by_rule.entry((ignore.file, text)).or_default();
                covered.extend(&ignore.covered);
            }
        }
        for covered in by_rule.values_mut() {
            covered.sort_unstable();
            covered.dedup_by(|next, span| {
                let touches = next.start <= span.end;
                if touches {
                    *span = span.to(*next);
                }
                touches
            });
        }
        Self { by_rule }
    }

    fn silences(&self, finding: &Finding) -> bool {
        let is_silent =
            |place: &Location| self.covers(&finding.rule, *place) || self.covers(ALL, *place);
        let reaches = &finding.reaches;
        is_silent(&finding.primary) || (!reaches.is_empty() && reaches.iter().all(is_silent))
    }

    fn covers(&self, rule: &str, place: Location) -> bool {
        let Some(covered) = self.by_rule.get(&(place.file, rule)) else {
            return false;
        };
        let next = covered.partition_point(|span| span.start <= place.span.start);
        let before = next.checked_sub(1).and_then(|index| covered.get(index));
        before.is_some_and(|span| place.span.start < span.end)
    }
}

#[cfg(test)]
mod tests;
