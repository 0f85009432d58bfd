//! Text to one tree with byte spans, the same for native and JSON syntax.

mod body;
mod builder;
mod expression;
mod json;
mod json_schema;
mod lexer;
mod literal;
mod parser;
mod recovery;
mod second_opinion;
mod standalone;
mod template;
mod tree;

pub use body::parse_native;
pub use json::{JsonKind, parse_json};
pub use literal::{Notation, TextMap, literal_text_map};
pub use standalone::{parse_expression, parse_lines, parse_template};
pub use tree::*;

#[cfg(test)]
mod tests;
