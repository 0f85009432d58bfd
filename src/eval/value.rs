//! Values in two layers: what Terraform makes of an expression, and what the linter knows beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::alternatives::whole_trace;
use super::number::Number;
use super::trace::{Hop, Trace};
use super::types::Type;

/// The most choices that a value carries: a map of so many entries may be read with an unknown key. An argument with more
/// makes the run incomplete.
pub(super) const MOST_CHOICES: usize = 512;

/// Past this many pieces of a string, those in the middle are put together: the text stays whole, and where it came from,
/// so nothing is left out of the findings.
const MOST_PIECES: usize = 512;

/// A value. Layer one is `kind` and `sensitive`: Terraform's value, exactly, as `terraform console -plan` 1.11 has it.
/// Layer two is [`Value::provenance`]; operators and functions carry it but never read it.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// Whether Terraform marks this very value as sensitive (members have marks of their own).
    pub sensitive: bool,
    /// How deep the value is nested; 0 for one without members.
    depth: u16,
    /// About how much it holds when it is written out in full: see [`Value::weight`].
    weight: u32,
    /// What some member at some depth has.
    within: Within,
    provenance: Option<Arc<Provenance>>,
}

/// What some member of a value has, at any depth.
#[derive(Clone, Copy, Debug, Default)]
struct Within {
    sensitive: bool,
    unknown: bool,
    choices: bool,
    more_choices: bool,
    root_default: bool,
}

/// Layer one without the mark.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A null of a type ([`Type::Dynamic`] for a bare `null`).
    Null(Type),
    /// A value that Terraform does not know before it runs.
    Unknown(Arc<Unknown>),
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, in Unicode's normal form C.
    String(Arc<str>),
    /// A list: the type of its elements, and the elements.
    List(Type, Arc<[Value]>),
    /// A set, in Terraform's own order, without duplicates.
    Set(Type, Arc<[Value]>),
    /// A map: the type of its elements, and the elements by key.
    Map(Type, Arc<BTreeMap<Arc<str>, Value>>),
    /// A tuple.
    Tuple(Arc<[Value]>),
    /// An object.
    Object(Arc<BTreeMap<Arc<str>, Value>>),
}

/// What is known of an unknown value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Its type.
    pub ty: Type,
    /// Whether it will surely not be null.
    pub not_null: bool,
    /// For a string: how it will surely begin (what Terraform itself knows; see [`Value::pieces`] for what the linter knows).
    pub prefix: Arc<str>,
    /// For a collection: the least and, where known, the greatest number of elements.
    pub length: (usize, Option<usize>),
    /// For a number: between what it will surely lie.
    pub bounds: (Option<Bound>, Option<Bound>),
}

/// An end of the range of an unknown number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The number.
    pub number: Number,
    /// Whether the unknown one may be equal to it.
    pub inclusive: bool,
}

impl Unknown {
    /// Of an unknown value only its type is known.
    pub fn of(ty: Type) -> Self {
        Self {
            ty,
            not_null: false,
            prefix: "".into(),
            length: (0, None),
            bounds: (None, None),
        }
    }
}

/// Layer two.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// The literals that this value came from, and the way.
    pub trace: Trace,
    /// For a string put together from pieces: these. Empty otherwise.
    pub pieces: Arc<[Piece]>,
    /// For an unknown value: where that came from which only decides what it is (a condition, a key, an operand).
    pub deciding: Trace,
    /// What else the value may be.
    pub choices: Arc<[Choice]>,
    /// Whether more than the listed choices exist (past 512, the rest is left out).
    pub more_choices: bool,
    /// Whether the default of a root variable had a part in it: a run may set that variable to something else.
    pub root_default: bool,
    /// For a collection: hops that it has taken and its members have not yet (see [`Value::member`]).
    pub pending: Vec<Hop>,
    /// For an unknown map or object: the members that it surely has.
    pub sure_members: Option<Arc<BTreeMap<Arc<str>, Value>>>,
}

/// A part of a string whose text or origin differs from that of its neighbours.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The text; `None` where it is unknown.
    pub text: Option<Arc<str>>,
    /// Where it came from.
    pub trace: Trace,
}

/// Something that a value may be instead.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The value, with a trace of its own and without choices of its own.
    pub value: Value,
    /// When it is the value.
    pub when: When,
    /// Which arm of which decision leads to it: choices that contradict each other are never combined.
    pub decisions: Arc<[(u64, u32)]>,
}

/// When a choice is the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// In some run: what decides is unknown.
    Possibly,
    /// Only where a run sets a root variable otherwise than its default has it (the default decided against this one).
    OtherwiseSet,
    /// Not with this configuration: an arm not taken, a default that is overridden, a fallback not used.
    Unused,
}

impl Value {
    /// A value without provenance.
    pub fn new(kind: Kind) -> Self {
        let (weight, depth) = size(&kind);
        let within = within(&kind);
        Self {
            kind,
            sensitive: false,
            depth,
            weight,
            within,
            provenance: None,
        }
    }

    /// A bare `null`.
    pub fn null() -> Self {
        Self::new(Kind::Null(Type::Dynamic))
    }

    /// A known string; `text` must be in normal form C.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::new(Kind::String(text.into()))
    }

    /// A bool.
    pub fn bool(value: bool) -> Self {
        Self::new(Kind::Bool(value))
    }

    /// An unknown value of a type that may also turn out to be null.
    pub fn unknown(ty: Type) -> Self {
        Self::new(Kind::Unknown(Arc::new(Unknown::of(ty))))
    }

    /// A value of which nothing at all is known.
    pub fn dynamic() -> Self {
        Self::unknown(Type::Dynamic)
    }

    /// About how much the value holds when it is written out in full: one for each member at any depth, and one for
    /// each 16 bytes of text or digits of a number. Parts may be shared in memory, so this can be far more than the value takes there.
    pub fn weight(&self) -> u32 {
        self.weight
    }

    /// About how much work it is to carry along where it came from and what else it may be: one for each piece of its text
    /// and of each of its choices.
    pub(super) fn burden(&self) -> u32 {
        let pieces = |value: &Self| value.provenance().map_or(0, |own| own.pieces.len());
        let choices = self.choices().iter();
        let choices = choices.map(|choice| 1 + pieces(&choice.value));
        let burden = pieces(self) + choices.sum::<usize>();
        u32::try_from(burden).unwrap_or(u32::MAX)
    }

    /// How deep it is nested; 0 for one without members.
    pub fn depth(&self) -> u16 {
        self.depth
    }

    /// Its type.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Null(ty) => ty.clone(),
            Kind::Unknown(unknown) => unknown.ty.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(element, _) => Type::list(element.clone()),
            Kind::Set(element, _) => Type::set(element.clone()),
            Kind::Map(element, _) => Type::map(element.clone()),
            Kind::Tuple(elements) => Type::Tuple(elements.iter().map(Value::ty).collect()),
            Kind::Object(attributes) => Type::Object(Arc::new(
                attributes
                    .iter()
                    .map(|(name, value)| (name.clone(), value.ty()))
                    .collect(),
            )),
        }
    }

    /// Whether it is null of any type.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// Whether the value itself is unknown (members may be unknown in one that is not).
    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Unknown(_))
    }

    /// Whether it is a known list, set, map, tuple or object.
    pub fn is_collection(&self) -> bool {
        matches!(
            self.kind,
            Kind::List(..) | Kind::Set(..) | Kind::Map(..) | Kind::Tuple(_) | Kind::Object(_)
        )
    }

    /// The text of a known string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The same value, marked as sensitive or not.
    pub fn with_sensitive(mut self, sensitive: bool) -> Self {
        self.sensitive = sensitive;
        self
    }

    /// Layer two; `None` where nothing is known.
    pub fn provenance(&self) -> Option<&Provenance> {
        self.provenance.as_deref()
    }

    /// The same value with another layer two.
    pub fn with_provenance(mut self, provenance: Option<Arc<Provenance>>) -> Self {
        self.provenance = provenance;
        self
    }

    /// The same with the layer two of another value, but for what only fits the other's own kind: its pieces.
    pub(super) fn with_provenance_of(mut self, other: &Value) -> Self {
        self.provenance.clone_from(&other.provenance);
        if !matches!(self.kind, Kind::String(_) | Kind::Unknown(_))
            && self.provenance().is_some_and(|p| !p.pieces.is_empty())
        {
            self.provenance_mut().pieces = Arc::default();
        }
        self
    }

    /// Layer two, to be changed.
    pub(super) fn provenance_mut(&mut self) -> &mut Provenance {
        Arc::make_mut(self.provenance.get_or_insert_default())
    }

    /// The same with other choices.
    pub(super) fn with_choices(mut self, choices: Vec<Choice>) -> Self {
        if !choices.is_empty() || !self.choices().is_empty() {
            self.provenance_mut().choices = choices.into();
        }
        self
    }

    /// The same without choices.
    pub(super) fn without_choices(&self) -> Self {
        let mut plain = self.clone();
        if !self.choices().is_empty() || self.has_more_choices() {
            let provenance = plain.provenance_mut();
            provenance.choices = Arc::default();
            provenance.more_choices = false;
        }
        plain
    }

    /// Whether it may be more than [`Value::choices`] lists.
    pub fn has_more_choices(&self) -> bool {
        self.provenance().is_some_and(|p| p.more_choices)
    }

    /// Whether the value, or anything in it, may be more than its choices list.
    pub fn contains_more_choices(&self) -> bool {
        self.has_more_choices() || self.within.more_choices
    }

    /// The same with other choices, of which the first 512 are kept.
    pub(super) fn with_bounded_choices(mut self, mut choices: Vec<Choice>) -> Self {
        if choices.len() > MOST_CHOICES {
            choices.truncate(MOST_CHOICES);
            self.provenance_mut().more_choices = true;
        }
        self.with_choices(choices)
    }

    /// Another value in layer one, the same in layer two.
    pub(super) fn with_kind(self, kind: Kind) -> Self {
        Self::new(kind)
            .with_sensitive(self.sensitive)
            .with_provenance(self.provenance)
    }

    /// The members, in order; none for a value that is no known collection.
    pub fn members(&self) -> impl Iterator<Item = &Value> {
        members(&self.kind)
    }

    /// Whether the value is known, and everything in it.
    pub fn is_wholly_known(&self) -> bool {
        !self.is_unknown() && !self.within.unknown
    }

    /// Whether the value is marked as sensitive, or anything in it.
    pub fn contains_sensitive(&self) -> bool {
        self.sensitive || self.within.sensitive
    }

    /// Whether a member, at any depth, has choices.
    pub(super) fn has_choices_within(&self) -> bool {
        self.within.choices
    }

    /// Whether the default of a root variable had a part in the value or in anything in it.
    pub fn contains_root_default(&self) -> bool {
        self.root_default() || self.within.root_default
    }

    /// The same value without any mark of sensitivity, at any depth.
    pub fn without_marks(&self) -> Value {
        if !self.contains_sensitive() {
            return self.clone();
        }
        let without = |part: &Value| {
            let whole = part.sensitive.then(|| part.clone().with_sensitive(false))?;
            Some(whole.without_marks())
        };
        self.replace_parts(&without)
    }

    /// The same value with parts of it replaced, from the outside in: where `replacement` has one for a part, its members
    /// are not looked at.
    pub fn replace_parts(&self, replacement: &dyn Fn(&Value) -> Option<Value>) -> Value {
        if let Some(other) = replacement(self) {
            return other;
        }
        let all = |members: &[Value]| {
            let members = members.iter();
            members.map(|v| v.replace_parts(replacement)).collect()
        };
        let named = |members: &BTreeMap<Arc<str>, Value>| {
            let members = members.iter();
            Arc::new(
                members
                    .map(|(name, v)| (name.clone(), v.replace_parts(replacement)))
                    .collect(),
            )
        };
        let kind = match &self.kind {
            Kind::List(ty, members) => Kind::List(ty.clone(), all(members)),
            Kind::Set(ty, members) => Kind::Set(ty.clone(), all(members)),
            Kind::Tuple(members) => Kind::Tuple(all(members)),
            Kind::Map(ty, members) => Kind::Map(ty.clone(), named(members)),
            Kind::Object(members) => Kind::Object(named(members)),
            _ => return self.clone(),
        };
        self.clone().with_kind(kind)
    }

    /// The same value with each member replaced, which is told by its key or position.
    pub fn map_members(&self, replacement: &dyn Fn(&str, &Value) -> Value) -> Value {
        let listed = |members: &[Value]| {
            let members = members.iter().enumerate();
            members
                .map(|(index, member)| replacement(&index.to_string(), member))
                .collect()
        };
        let named = |members: &BTreeMap<Arc<str>, Value>| {
            let members = members.iter();
            let members = members.map(|(key, member)| (key.clone(), replacement(key, member)));
            Arc::new(members.collect())
        };
        let kind = match &self.kind {
            Kind::List(ty, members) => Kind::List(ty.clone(), listed(members)),
            Kind::Tuple(members) => Kind::Tuple(listed(members)),
            Kind::Map(ty, members) => Kind::Map(ty.clone(), named(members)),
            Kind::Object(members) => Kind::Object(named(members)),
            _ => return self.clone().with_sensitive(true),
        };
        self.clone().with_kind(kind)
    }

    /// The members that a map or object surely has, known or not; `None` where it may be anything else.
    pub fn sure_members(&self) -> Option<BTreeMap<Arc<str>, Value>> {
        let all = |members: &BTreeMap<Arc<str>, Value>| {
            let members = members.iter();
            members
                .map(|(name, member)| (name.clone(), self.member(member)))
                .collect()
        };
        match &self.kind {
            Kind::Map(_, members) | Kind::Object(members) => Some(all(members)),
            Kind::Unknown(unknown) => match (self.provenance(), &unknown.ty) {
                (
                    Some(Provenance {
                        sure_members: Some(members),
                        ..
                    }),
                    _,
                ) => Some(all(members)),
                (_, Type::Object(attributes)) => {
                    let member = |ty: &Type| Self::unknown(ty.clone()).with_trace(self.trace());
                    let attributes = attributes.iter();
                    Some(
                        attributes
                            .map(|(name, ty)| (name.clone(), member(ty)))
                            .collect(),
                    )
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The member of that name that an unknown map or object surely has, beside what its type says.
    pub(super) fn sure_member(&self, name: &str) -> Option<Value> {
        let sure = self.provenance()?.sure_members.as_ref()?;
        sure.get(name).map(|member| self.member(member))
    }

    /// An unknown value in the place of one that is written and not used, or that another may have taken the place of.
    pub fn set_aside(&self) -> Value {
        let written = Choice {
            value: self.without_choices(),
            when: When::Unused,
            decisions: Arc::default(),
        };
        let others = self.choices().iter().cloned();
        let others = others.map(|choice| Choice {
            when: When::Unused,
            ..choice
        });
        let choices = std::iter::once(written).chain(others);
        Self::dynamic()
            .with_trace(whole_trace(self))
            .with_bounded_choices(choices.collect())
    }

    /// The same unknown value with something made of the members that it surely has.
    pub(super) fn map_sure_members(
        mut self,
        change: impl FnOnce(&BTreeMap<Arc<str>, Self>) -> BTreeMap<Arc<str>, Self>,
    ) -> Self {
        let sure = self.provenance().and_then(|it| it.sure_members.clone());
        if let Some(sure) = sure {
            let changed = Some(change(&sure)).filter(|members| !members.is_empty());
            self.provenance_mut().sure_members = changed.map(Arc::new);
        }
        self
    }

    /// The same unknown value with members that it surely has.
    pub(super) fn with_sure_members(mut self, members: BTreeMap<Arc<str>, Value>) -> Self {
        if !members.is_empty() {
            self.provenance_mut().sure_members = Some(Arc::new(members));
        }
        self
    }

    /// Where the value came from.
    pub fn trace(&self) -> Trace {
        self.provenance()
            .map_or_else(Trace::none, |p| p.trace.clone())
    }

    /// The same value with another trace; pieces, which have their own, are dropped.
    pub fn with_trace(mut self, trace: Trace) -> Self {
        let provenance = Arc::make_mut(self.provenance.get_or_insert_default());
        provenance.trace = trace;
        provenance.pieces = Arc::default();
        self
    }

    /// Where the value came from, and what decided it.
    pub fn deciding_too(&self) -> Trace {
        let deciding = self.provenance().map(|p| p.deciding.clone());
        Trace::join([self.trace(), deciding.unwrap_or_default()])
    }

    /// The same, if it is unknown with what has decided it: where these and all in them came from.
    pub(super) fn decided_by<'v>(mut self, deciding: impl IntoIterator<Item = &'v Value>) -> Self {
        if !self.is_unknown() {
            return self;
        }
        let deciding = deciding.into_iter().map(|value| {
            let own = value.provenance().map(|p| p.deciding.clone());
            Trace::join([whole_trace(value), own.unwrap_or_default()])
        });
        let own = self.provenance().map(|p| p.deciding.clone());
        let deciding = Trace::join(own.into_iter().chain(deciding));
        if !deciding.is_none() {
            self.provenance_mut().deciding = deciding;
        }
        self
    }

    /// What else it may be.
    pub fn choices(&self) -> &[Choice] {
        self.provenance().map_or(&[], |p| &p.choices)
    }

    /// Whether the default of a root variable had a part in it.
    pub fn root_default(&self) -> bool {
        self.provenance().is_some_and(|p| p.root_default)
    }

    /// A member of this collection as it is seen from outside: sensitive where the collection is, with the hops that the
    /// collection has taken, and dependent on a root variable's default where the collection is.
    pub fn member(&self, member: &Value) -> Value {
        let mut member = member.clone();
        member.sensitive |= self.sensitive;
        let Some(provenance) = self.provenance() else {
            return member;
        };
        for hop in &provenance.pending {
            member = member.via(hop);
        }
        if provenance.root_default && !member.root_default() {
            Arc::make_mut(member.provenance.get_or_insert_default()).root_default = true;
        }
        member
    }

    /// The same value one hop further on its way: its own trace, its pieces' and its choices'; members follow when
    /// they are taken out.
    pub fn via(mut self, hop: &Hop) -> Self {
        let is_collection = self.is_collection();
        let provenance = Arc::make_mut(self.provenance.get_or_insert_default());
        if is_collection || provenance.sure_members.is_some() {
            provenance.pending.push(hop.clone());
        }
        provenance.trace = provenance.trace.via(hop);
        if !provenance.pieces.is_empty() {
            provenance.pieces = provenance
                .pieces
                .iter()
                .map(|piece| Piece {
                    text: piece.text.clone(),
                    trace: piece.trace.via(hop),
                })
                .collect();
        }
        if !provenance.choices.is_empty() {
            provenance.choices = provenance
                .choices
                .iter()
                .map(|choice| Choice {
                    value: choice.value.clone().via(hop),
                    ..choice.clone()
                })
                .collect();
        }
        self
    }

    /// The pieces of a string, known or partly known: at least one for any string. Empty for other values.
    pub fn pieces(&self) -> Vec<Piece> {
        if let Some(provenance) = self.provenance()
            && !provenance.pieces.is_empty()
        {
            return provenance.pieces.to_vec();
        }
        let piece = |text| Piece {
            text,
            trace: self.trace(),
        };
        match &self.kind {
            Kind::String(text) => vec![piece(Some(text.clone()))],
            Kind::Unknown(unknown) if matches!(unknown.ty, Type::String | Type::Dynamic) => {
                let known =
                    (!unknown.prefix.is_empty()).then(|| piece(Some(unknown.prefix.clone())));
                known.into_iter().chain([piece(None)]).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Everything that the value may be, itself first where it is known, down to choices of the given kind:
    /// `Possibly` for what a run may see, `OtherwiseSet` for what a run may be made to see, `Unused` for all that is written.
    /// A value without choices is its own only alternative, known or not.
    pub fn alternatives(&self, down_to: When) -> Vec<Value> {
        let chosen = self.choices().iter().filter(|c| c.when <= down_to);
        let mut all: Vec<Value> = chosen.map(|choice| choice.value.clone()).collect();
        let decided_by_choices =
            self.is_unknown() && self.choices().iter().any(|c| c.when == When::Possibly);
        if !decided_by_choices {
            all.insert(0, self.clone());
        }
        all
    }
}

fn members(kind: &Kind) -> impl Iterator<Item = &Value> {
    let (listed, named) = match kind {
        Kind::List(_, members) | Kind::Set(_, members) | Kind::Tuple(members) => {
            (Some(members.iter()), None)
        }
        Kind::Map(_, members) | Kind::Object(members) => (None, Some(members.values())),
        _ => (None, None),
    };
    listed
        .into_iter()
        .flatten()
        .chain(named.into_iter().flatten())
}

fn within(kind: &Kind) -> Within {
    members(kind).fold(Within::default(), |all, member| Within {
        sensitive: all.sensitive || member.contains_sensitive(),
        unknown: all.unknown || !member.is_wholly_known(),
        more_choices: all.more_choices || member.contains_more_choices(),
        choices: all.choices || !member.choices().is_empty() || member.within.choices,
        root_default: all.root_default || member.contains_root_default(),
    })
}

/// The same pieces, those in the middle as one where there are too many.
pub(super) fn bounded_pieces(mut pieces: Vec<Piece>) -> Vec<Piece> {
    if pieces.len() <= MOST_PIECES {
        return pieces;
    }
    let last = pieces.split_off(pieces.len() - MOST_PIECES / 2);
    let middle = pieces.split_off(MOST_PIECES / 2);
    let text: Option<String> = middle.iter().map(|piece| piece.text.as_deref()).collect();
    pieces.push(Piece {
        text: text.map(Into::into),
        trace: Trace::join(middle.into_iter().map(|piece| piece.trace)),
    });
    pieces.extend(last);
    pieces
}

/// Weight and depth of a value.
fn size(kind: &Kind) -> (u32, u16) {
    match kind {
        Kind::Null(ty) => ty.size(),
        Kind::Unknown(unknown) => unknown.ty.size(),
        Kind::Bool(_) => (1, 0),
        Kind::Number(number) => (number.weight(), 0),
        Kind::String(text) => (text_weight(text), 0),
        Kind::List(ty, members) | Kind::Set(ty, members) => size_with(ty, members.iter()),
        Kind::Map(ty, members) => size_with(ty, members.values()),
        Kind::Tuple(members) => size_of_all(members.iter()),
        Kind::Object(members) => size_of_all(members.values()),
    }
}

fn text_weight(text: &str) -> u32 {
    u32::try_from(text.len() / 16).map_or(u32::MAX, |weight| weight.saturating_add(1))
}

fn size_with<'a>(ty: &Type, members: impl Iterator<Item = &'a Value>) -> (u32, u16) {
    let (type_weight, type_depth) = ty.size();
    let (weight, depth) = size_of_all(members);
    (weight.max(type_weight), depth.max(type_depth))
}

fn size_of_all<'a>(members: impl Iterator<Item = &'a Value>) -> (u32, u16) {
    members.fold((1, 1), |(weight, depth), member| {
        (
            weight.saturating_add(member.weight),
            depth.max(member.depth.saturating_add(1)),
        )
    })
}
