//! Values in two layers: what Terraform makes of an expression, and what the linter knows beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::number::Number;
use super::trace::{Hop, Trace};
use super::types::Type;

/// A value. Layer one is `kind` and `sensitive`: Terraform's value, exactly, as `terraform console -plan` 1.11 has it.
/// Layer two is [`Value::provenance`]; operators and functions carry it but never read it.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// Whether Terraform marks this very value as sensitive (members have marks of their own).
    pub sensitive: bool,
    provenance: Option<Arc<Provenance>>,
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
}

/// Layer two.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// The literals that this value came from, and the way.
    pub trace: Trace,
    /// For a string put together from pieces: these. Empty otherwise.
    pub pieces: Arc<[Piece]>,
    /// What else the value may be.
    pub choices: Arc<[Choice]>,
    /// Whether more than the listed choices exist (past 16, the rest is left out).
    pub more_choices: bool,
    /// Whether the default of a root variable had a part in it: a run may set that variable to something else.
    pub root_default: bool,
    /// For a collection: hops that it has taken and its members have not yet (see [`Value::member`]).
    pub pending: Vec<Hop>,
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
        Self {
            kind,
            sensitive: false,
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
        Self::new(Kind::Unknown(Arc::new(Unknown {
            ty,
            not_null: false,
            prefix: "".into(),
            length: (0, None),
        })))
    }

    /// A value of which nothing at all is known.
    pub fn dynamic() -> Self {
        Self::unknown(Type::Dynamic)
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
        if is_collection {
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
