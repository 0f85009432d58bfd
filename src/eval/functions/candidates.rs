//! Layer two of functions that take one value out of several: the others are what the result may be instead.

use std::sync::Arc;

use crate::eval::trace::Trace;
use crate::eval::value::{Choice, MOST_CHOICES, Value, When};

/// Stands for the decision that the call itself takes, until the caller puts the real one in its place. With what decides
/// unknown, it is [`THIS_OPEN_CALL`].
pub const THIS_CALL: u64 = u64::MAX - 1;
/// As [`THIS_CALL`] where what decides is unknown.
pub const THIS_OPEN_CALL: u64 = u64::MAX;

/// As many candidates as are looked at: one more than a value keeps, so that it says that there are more.
const MOST_CANDIDATES: usize = MOST_CHOICES + 1;

/// What may be taken, with when that is, in order.
#[derive(Default)]
pub(super) struct Candidates(Vec<(Value, When)>);

impl Candidates {
    /// One more.
    pub(super) fn add(&mut self, value: &Value, when: When) {
        if self.0.len() < MOST_CANDIDATES {
            self.0.push((value.clone(), when));
        }
    }

    /// The result with the candidates as its choices.
    pub(super) fn choices_of(self, result: Value) -> Value {
        if self.0.is_empty() {
            return result;
        }
        let open = result.is_unknown();
        let decision = if open { THIS_OPEN_CALL } else { THIS_CALL };
        let trace = Trace::join(self.0.iter().map(|(value, _)| value.trace()));
        let candidates = self.0.into_iter().zip(0_u32..);
        let choices = candidates.map(|((value, when), arm)| Choice {
            value: value.without_choices(),
            when,
            decisions: Arc::from([(decision, arm)]),
        });
        let choices: Vec<Choice> = choices.collect();
        let result = if open {
            result.with_trace(trace)
        } else {
            result
        };
        result.with_bounded_choices(choices)
    }
}

/// When a candidate is the value that was not taken: only where a run sets a variable otherwise, or never.
pub(super) fn not_taken(root_default: bool) -> When {
    if root_default {
        When::OtherwiseSet
    } else {
        When::Unused
    }
}
