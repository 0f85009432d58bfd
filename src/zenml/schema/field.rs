//! A field of a configuration.

use super::find;

/// What a value of a field may be, in the terms of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// A list.
    Array,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A dictionary.
    Object,
    /// A text.
    String,
}

/// A bound of a number or of a text's length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// It is at least this.
    Minimum(f64),
    /// It is more than this.
    ExclusiveMinimum(f64),
    /// It is at most this.
    Maximum(f64),
    /// It is less than this.
    ExclusiveMaximum(f64),
    /// A text has at least so many characters.
    MinLength(f64),
    /// A text has at most so many characters.
    MaxLength(f64),
    /// Some part of a text matches this regular expression.
    Pattern(&'static str),
    /// A text has this form: `uuid` is the only one so far.
    Format(&'static str),
}

/// A setting in the `configuration` of a component or of a connector.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its value may be: any of these.
    pub types: &'static [FieldType],
    /// What the items of a list and the values of a dictionary may be; empty where that is anything.
    pub items: &'static [FieldType],
    /// Whether it may be null as well.
    pub nullable: bool,
    /// Whether the server refuses a configuration without it.
    pub required: bool,
    /// Whether it holds a secret.
    pub secret: bool,
    /// Whether ZenML calls it deprecated.
    pub deprecated: bool,
    /// Whether a component takes a text as JSON; where not, a list or dictionary cannot be set at all. Always false in a
    /// connector, whose fields are never read as JSON.
    pub reads_json: bool,
    /// Whether a reference to a secret (`{{name.key}}`) is refused.
    pub is_plain: bool,
    /// What it is where it is not set, as JSON; `None` also where that is null.
    pub default: Option<&'static str>,
    /// The only texts that are allowed; empty where any is.
    pub values: &'static [&'static str],
    /// Bounds that the server checks.
    pub limits: &'static [Limit],
}

impl Field {
    /// Whether a value of that type is allowed.
    pub fn takes(&self, ty: FieldType) -> bool {
        self.types.contains(&ty)
    }

    /// Whether only a list or a dictionary is allowed, which only JSON text can give (see [`Self::reads_json`]).
    pub fn is_structured(&self) -> bool {
        let is_structure = |ty: &FieldType| matches!(ty, FieldType::Array | FieldType::Object);
        self.types.iter().all(is_structure)
    }
}

pub(super) fn named(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    find(fields, name, |field| field.name)
}
