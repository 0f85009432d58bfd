//! The second layer of a value, part one: the literals that it came from and the way each took.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::evaluator::InstanceId;
use crate::source::Location;

/// Past this many literals the rest is left out of [`Trace::ways`].
const MOST_WAYS: usize = 64;

/// Where a value came from. Cheap to clone; shares its parts with other traces.
#[derive(Clone, Debug, Default)]
pub struct Trace(Option<Arc<Node>>);

/// Past this many hops and joins in a row the hops are left out: traces are dropped recursively, and each of the ways is
/// as long as that.
const DEEPEST: u16 = 120;

#[derive(Debug)]
struct Node {
    /// How many nodes in a row there are from here.
    depth: u16,
    from: From,
    /// The ways from here, once somebody has asked for them.
    ways: OnceLock<Box<[Way]>>,
}

#[derive(Debug)]
enum From {
    Start(Start),
    Via(Hop, Trace),
    Join(Vec<Trace>),
}

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// Written in a file: the whole literal with its quotes, or a literal part of a template without.
    Literal(Location),
    /// Given to the run from outside for a variable whose header stands at `variable`.
    Run {
        /// What gave it: `TF_VAR_url`, `--var url`; `None` where it has no default and nothing has given it yet.
        by: Option<Arc<str>>,
        /// The `variable` block's header.
        variable: Location,
    },
    /// An attribute of a managed resource that the resource's own block does not set: known only once it exists.
    Computed {
        /// The reference.
        at: Location,
        /// The reference as written: `aws_lb.main.dns_name`.
        reference: Arc<str>,
        /// The resource.
        of: Referent,
        /// The attribute's name.
        attribute: Arc<str>,
    },
    /// A managed resource as a whole: of its attributes, those are computed that its block does not set.
    Resource {
        /// The reference.
        at: Location,
        /// The reference as written: `aws_lb.main`.
        reference: Arc<str>,
        /// The names of what its block sets.
        set: Arc<[Arc<str>]>,
        /// The resource.
        of: Referent,
    },
    /// An attribute of a data source that its own block does not set.
    Read {
        /// The data source.
        of: Referent,
        /// The attribute's name.
        attribute: Arc<str>,
    },
}

/// The block that a reference leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Referent {
    /// The module instance that it belongs to.
    pub instance: InstanceId,
    /// Its header.
    pub header: Location,
    /// Which of its instances, in the order of the keys; `None` where it is one or any.
    pub position: Option<usize>,
}

impl Start {
    /// Where an attribute of what begins here begins; `None` where a resource's own block sets it.
    fn attribute(self, name: &str) -> Option<Self> {
        match self {
            Self::Resource { set, .. } if set.iter().any(|known| &**known == name) => None,
            Self::Resource {
                at, reference, of, ..
            } => Some(Self::Computed {
                at,
                reference: format!("{reference}.{name}").into(),
                of,
                attribute: name.into(),
            }),
            other => Some(other),
        }
    }
}

/// One step of the way from a literal to the argument that it reaches.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hop {
    /// The place that the value goes through: the header of a `variable`, the name of a local, of a module argument, of an output.
    pub at: Location,
    /// What stands there, to be shown: ``variable `url` ``, ``local `base` ``, ``argument `url` of module `stack` ``; of an
    /// entry, its key.
    pub what: Arc<str>,
    /// What kind of step it is.
    pub kind: HopKind,
}

/// What kind of step a value takes. The ways leave out all but those through something that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HopKind {
    /// Through something that has a name.
    Named,
    /// Into an entry of an object, at its key: see [`Trace::entry`].
    Entry,
    /// From an entry of an object to its key, which is the value from then on: see [`Trace::keys`].
    Key,
}

impl Hop {
    /// Through something that has a name.
    pub fn new(at: Location, what: impl Into<Arc<str>>) -> Self {
        Self {
            at,
            what: what.into(),
            kind: HopKind::Named,
        }
    }

    /// Through the entry of an object whose key stands there.
    pub fn entry(at: Location, key: Arc<str>) -> Self {
        Self {
            at,
            what: key,
            kind: HopKind::Entry,
        }
    }

    /// To the key that stands there.
    pub fn key(at: Location, key: Arc<str>) -> Self {
        Self {
            at,
            what: key,
            kind: HopKind::Key,
        }
    }
}

/// A literal, and the hops from it on, nearest to the literal first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Way {
    /// Where it begins.
    pub start: Start,
    /// What it goes through.
    pub hops: Vec<Hop>,
}

impl Trace {
    /// Of a value that stands in no file.
    pub fn none() -> Self {
        Self(None)
    }

    fn of(depth: u16, from: From) -> Self {
        Self(Some(Arc::new(Node {
            depth,
            from,
            ways: OnceLock::new(),
        })))
    }

    /// The same, without the hops where there are too many of them.
    fn shallow(&self) -> Self {
        if self.depth() < DEEPEST {
            return self.clone();
        }
        let starts = self.known_ways().iter().map(|way| way.start.clone());
        Self::join(starts.map(Self::start))
    }

    fn depth(&self) -> u16 {
        self.0.as_ref().map_or(0, |node| node.depth)
    }

    /// Of a value given at `start`.
    pub fn start(start: Start) -> Self {
        Self::of(0, From::Start(start))
    }

    /// Of a literal.
    pub fn literal(location: Location) -> Self {
        Self::start(Start::Literal(location))
    }

    /// The same, one hop further. A value that begins nowhere hops too: see [`Trace::hops`].
    pub fn via(&self, hop: &Hop) -> Self {
        let from = self.shallow();
        Self::of(from.depth() + 1, From::Via(hop.clone(), from))
    }

    /// Of a value made from several.
    pub fn join(parts: impl IntoIterator<Item = Trace>) -> Self {
        let mut parts: Vec<Trace> = parts.into_iter().filter(|part| part.0.is_some()).collect();
        match parts.len() {
            0 => Self(None),
            1 => parts.pop().unwrap_or_default(),
            _ => {
                let parts: Vec<Trace> = parts.iter().map(Self::shallow).collect();
                let depth = parts.iter().map(Self::depth).max().unwrap_or_default();
                Self::of(depth + 1, From::Join(parts))
            }
        }
    }

    /// Of an attribute of a value that is itself unknown.
    pub(super) fn attribute(&self, name: &str) -> Self {
        let ways = self.ways();
        let is_resource = |way: &Way| matches!(way.start, Start::Resource { .. });
        if !ways.iter().any(is_resource) {
            return self.clone();
        }
        Self::join(ways.into_iter().filter_map(|way| {
            let start = Self::start(way.start.attribute(name)?);
            Some(way.hops.iter().fold(start, |trace, hop| trace.via(hop)))
        }))
    }

    /// Whether nothing is known of where the value came from.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The key of the entry through which the value got into an object under this name, nearest to the argument.
    pub fn entry(&self, name: &str) -> Option<Location> {
        let mut trace = self;
        while let Some(node) = &trace.0 {
            let From::Via(hop, from) = &node.from else {
                return None;
            };
            if hop.kind == HopKind::Entry && *hop.what == *name {
                return Some(hop.at);
            }
            trace = from;
        }
        None
    }

    /// Every hop on any way through something that has a name, each once.
    pub fn hops(&self) -> Vec<Hop> {
        self.hops_of(HopKind::Named)
    }

    /// The places of the keys of objects that the value, or a part of it, is.
    pub fn keys(&self) -> Vec<Location> {
        let keys = self.hops_of(HopKind::Key);
        keys.into_iter().map(|hop| hop.at).collect()
    }

    fn hops_of(&self, kind: HopKind) -> Vec<Hop> {
        let mut hops = Vec::new();
        let mut seen = FxHashSet::default();
        let mut stack = vec![self];
        while let Some(trace) = stack.pop() {
            let Some(node) = &trace.0 else { continue };
            if !seen.insert(Arc::as_ptr(node)) {
                continue;
            }
            match &node.from {
                From::Start(_) => {}
                From::Via(hop, from) => {
                    if hop.kind == kind && !hops.contains(hop) {
                        hops.push(hop.clone());
                    }
                    stack.push(from);
                }
                From::Join(parts) => stack.extend(parts),
            }
        }
        hops
    }

    /// Each literal once, with the first way found, in the order of the expression; at most 64.
    pub fn ways(&self) -> Vec<Way> {
        self.known_ways().to_vec()
    }

    /// Whether it begins and leads through the same places.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let same = match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        same || self.known_ways() == other.known_ways()
    }

    /// The same, to be looked at where they are.
    pub fn known_ways(&self) -> &[Way] {
        let node = self.0.as_ref();
        node.map_or(&[], |node| {
            node.ways.get_or_init(|| self.find_ways().into())
        })
    }

    fn find_ways(&self) -> Vec<Way> {
        let mut ways = Vec::new();
        let mut seen_starts = FxHashSet::default();
        let mut seen_nodes = FxHashSet::default();
        // The hops from the argument back to the literal, each with the index of the one before it.
        let mut hops: Vec<(&Hop, Option<usize>)> = Vec::new();
        let mut stack: Vec<(&Trace, Option<usize>)> = vec![(self, None)];
        while let Some((trace, last)) = stack.pop() {
            let Some(node) = &trace.0 else { continue };
            if ways.len() == MOST_WAYS || !seen_nodes.insert(Arc::as_ptr(node)) {
                continue;
            }
            match &node.from {
                From::Start(start) => {
                    if seen_starts.insert(start) {
                        let before = |(_, before): &&(&Hop, Option<usize>)| hops.get((*before)?);
                        let last = last.and_then(|last| hops.get(last));
                        let hops = std::iter::successors(last, before);
                        ways.push(Way {
                            start: start.clone(),
                            hops: hops.map(|(hop, _)| (*hop).clone()).collect(),
                        });
                    }
                }
                From::Via(hop, from) => {
                    let is_last = || {
                        last.and_then(|last| hops.get(last))
                            .is_some_and(|(last, _)| *last == hop)
                    };
                    let last = match hop.kind != HopKind::Named || is_last() {
                        true => last,
                        false => {
                            hops.push((hop, last));
                            Some(hops.len() - 1)
                        }
                    };
                    stack.push((from, last));
                }
                From::Join(parts) => stack.extend(parts.iter().rev().map(|part| (part, last))),
            }
        }
        ways
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    fn at(start: usize) -> Location {
        Location {
            file: FileId(0),
            span: Span::new(start, start + 1),
        }
    }

    fn hop(start: usize) -> Hop {
        Hop::new(at(start), "local")
    }

    #[test]
    fn entries_are_found_by_name_and_are_no_part_of_the_way() {
        let entry = |start, key: &str| Hop::entry(at(start), key.into());
        let trace = Trace::literal(at(1)).via(&entry(2, "path"));
        let trace = trace.via(&hop(3)).via(&entry(4, "store"));
        assert_eq!(trace.entry("path"), Some(at(2)));
        assert_eq!(trace.entry("uri"), None);
        assert_eq!(trace.via(&entry(5, "path")).entry("path"), Some(at(5)));
        assert_eq!(trace.ways()[0].hops, [hop(3)]);
        assert_eq!(trace.hops(), [hop(3)]);
    }

    #[test]
    fn ways_start_at_the_literal() {
        let trace = Trace::literal(at(1)).via(&hop(2)).via(&hop(3));
        let ways = trace.ways();
        assert_eq!(ways.len(), 1);
        assert_eq!(ways[0].start, Start::Literal(at(1)));
        assert_eq!(ways[0].hops, [hop(2), hop(3)]);
    }

    #[test]
    fn endless_ways_are_cut() {
        let mut trace = Trace::literal(at(1));
        for step in 0..20_000 {
            trace = Trace::join([trace.via(&hop(step)), Trace::literal(at(step))]);
        }
        assert!(!trace.ways().is_empty());
    }

    #[test]
    fn each_literal_counts_once_in_a_doubling_graph() {
        let mut trace = Trace::join([Trace::literal(at(1)), Trace::literal(at(2))]);
        for step in 0..200 {
            trace = Trace::join([trace.clone(), trace.via(&hop(step))]);
        }
        assert_eq!(trace.ways().len(), 2);
    }
}
