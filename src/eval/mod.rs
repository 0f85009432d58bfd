//! Values: what Terraform makes of an expression, and where it came from.

pub mod functions;
pub mod number;
pub mod trace;
pub mod types;
pub mod value;

pub use trace::{Hop, Start, Trace, Way};
pub use types::Type;
pub use value::{Choice, Kind, Piece, Provenance, Unknown, Value, When};
