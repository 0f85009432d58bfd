//! Values: what Terraform makes of an expression, and where it came from.

mod access;
mod alternatives;
pub mod convert;
pub mod equality;
pub mod error;
pub mod functions;
pub mod number;
mod operators;
pub mod range;
pub mod set;
pub mod trace;
pub mod types;
pub mod unify;
pub mod value;

pub use trace::{Hop, Start, Trace, Way};
pub use types::Type;
pub use value::{Choice, Kind, Piece, Provenance, Unknown, Value, When};
