//! Values: what Terraform makes of an expression, and where it came from.

mod access;
mod alternatives;
mod call;
mod conditional;
pub mod convert;
mod dependence;
pub mod equality;
pub mod error;
pub mod evaluator;
mod expansion;
mod frame;
pub mod functions;
mod iteration;
pub mod json;
pub mod number;
mod operators;
pub mod range;
mod references;
mod refusal;
mod resource;
mod scope;
pub mod set;
mod template;
mod template_string;
pub mod trace;
mod traversal;
pub mod type_constraint;
pub mod types;
pub mod unify;
pub mod value;
mod variable;

pub use convert::convert;
pub use dependence::{Existence, VariableOf, instances_argument};
pub use error::EvalError;
pub use evaluator::{Evaluator, InstanceId, LeftOut};
pub use expansion::{Bindings, Expansion};
pub use refusal::Refusal;
pub use trace::{Hop, HopKind, Referent, Start, Trace, Way};
pub use types::Type;
pub use value::{Choice, Kind, Piece, Provenance, Unknown, Value, When};

#[cfg(test)]
mod tests;
