//! Why an expression has no value.

use crate::source::Location;

/// Terraform would refuse the expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// What is wrong, as a phrase.
    pub message: String,
    /// Where.
    pub at: Location,
}
