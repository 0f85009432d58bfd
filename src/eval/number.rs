//! Numbers as Terraform computes them.

/// A number.
#[derive(Clone, Debug, PartialEq)]
pub struct Number(f64);
