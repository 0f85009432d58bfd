//! From the way of a value to the place that must be edited.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use crate::eval::{Start, Trace, Way};
use crate::message;
use crate::message::Message;
use crate::redact::Shown;
use crate::source::Location;
use crate::terraform::{Argument, Configuration};

/// Where a finding points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What must be edited.
    pub primary: Location,
    /// The zenml arguments that it reaches.
    pub reaches: Vec<Location>,
    /// The way between, and the literals where there are several.
    pub related: Vec<(Location, Message)>,
    /// How many of the first related places are the steps of the trace, from the literal to the argument.
    pub steps: usize,
    /// Tells a text from others that came from the same place: a hash of it. `None` where the finding is about no text.
    pub text: Option<u64>,
}

impl Place {
    /// A place that stands for itself.
    pub fn at(primary: Location) -> Self {
        Self {
            primary,
            reaches: Vec::new(),
            related: Vec::new(),
            steps: 0,
            text: None,
        }
    }

    /// The same for a finding about that text.
    pub fn with_text(self, text: &str) -> Self {
        Self {
            text: Some(FxBuildHasher.hash_one(text)),
            ..self
        }
    }

    /// The place of a value that reaches an argument: the one literal that it came from, with the way; else the
    /// argument's expression, with the literals.
    pub fn of_value(configuration: &Configuration, trace: &Trace, argument: &Argument) -> Self {
        let expression = configuration.location(argument.expr);
        let name = Shown::argument(argument).into();
        Self::of(configuration, trace, argument, &name, expression)
    }

    /// The same for the value of a key in the map that an argument is; in the place of the expression stands the key.
    pub fn of_entry(
        configuration: &Configuration,
        trace: &Trace,
        argument: &Argument,
        key: &str,
        key_at: Option<Location>,
    ) -> Self {
        let expression = configuration.location(argument.expr);
        let key = Shown::key(configuration, key, key_at, argument.expr);
        let name = message!("{}.{}", Shown::argument(argument), key);
        Self::of(
            configuration,
            trace,
            argument,
            &name,
            key_at.unwrap_or(expression),
        )
    }

    fn of(
        configuration: &Configuration,
        trace: &Trace,
        argument: &Argument,
        name: &Message,
        whole: Location,
    ) -> Self {
        let expression = configuration.location(argument.expr);
        let given = given_places(configuration, trace);
        match given.as_slice() {
            [(literal, way)] if *literal != whole => {
                let mut related: Vec<_> = way
                    .hops
                    .iter()
                    .filter(|hop| hop.at != *literal)
                    .map(|hop| (hop.at, message!("goes through {}", Shown::hop(hop))))
                    .collect();
                let inside =
                    literal.file == expression.file && expression.span.contains(literal.span);
                if !inside {
                    related.push((expression, message!("reaches `{}` here", name.clone())));
                }
                Self {
                    reaches: vec![argument.span],
                    steps: related.len(),
                    related,
                    ..Self::at(*literal)
                }
            }
            several => Self {
                reaches: vec![argument.span],
                related: several
                    .iter()
                    .filter(|(literal, _)| *literal != whole)
                    .map(|(literal, _)| (*literal, Message::from("this is a part of the value")))
                    .collect(),
                ..Self::at(whole)
            },
        }
    }

    /// The place of a variable's value that an argument depends on: the one literal that it came from; else where it is
    /// given as a whole.
    pub fn of_given(
        configuration: &Configuration,
        trace: &Trace,
        given_at: Location,
        argument: &Argument,
    ) -> Self {
        let mut place = Self::of_value(configuration, trace, argument);
        let expression = configuration.location(argument.expr);
        if place.primary == expression {
            place.primary = given_at;
            place.related.retain(|(at, _)| *at != given_at);
            let what = message!("`{}` depends on it here", Shown::argument(argument));
            place.related.push((expression, what));
        }
        place
    }
}

/// Each place at which a part of the value was given, once, with its way.
fn given_places(configuration: &Configuration, trace: &Trace) -> Vec<(Location, Way)> {
    let mut places: Vec<(Location, Way)> = Vec::new();
    for way in trace.known_ways() {
        let place = match &way.start {
            Start::Literal(literal) => configuration.whole_literal(*literal),
            Start::Run {
                by: Some(_),
                variable,
            } => *variable,
            Start::Run { by: None, .. }
            | Start::Computed { .. }
            | Start::Resource { .. }
            | Start::Read { .. } => continue,
        };
        if places.iter().all(|(known, _)| *known != place) {
            places.push((place, way.clone()));
        }
    }
    places
}
