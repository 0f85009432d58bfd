//! Terraform's types.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The type of a value, as Terraform's type system (cty) has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Nothing known of the type: of a bare `null`, of a wholly unknown value; `any` in a constraint.
    Dynamic,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(element)`
    List(Arc<Type>),
    /// `set(element)`
    Set(Arc<Type>),
    /// `map(element)`
    Map(Arc<Type>),
    /// `tuple([elements])`
    Tuple(Arc<[Type]>),
    /// `object({attributes})`
    Object(Arc<BTreeMap<Arc<str>, Type>>),
}

impl Type {
    /// `list(element)`
    pub fn list(element: Type) -> Self {
        Self::List(Arc::new(element))
    }

    /// `set(element)`
    pub fn set(element: Type) -> Self {
        Self::Set(Arc::new(element))
    }

    /// `map(element)`
    pub fn map(element: Type) -> Self {
        Self::Map(Arc::new(element))
    }

    /// `object({attributes})`
    pub fn object(attributes: impl IntoIterator<Item = (Arc<str>, Type)>) -> Self {
        Self::Object(Arc::new(attributes.into_iter().collect()))
    }

    /// Of a list, set or map: the type of its elements.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            _ => None,
        }
    }

    /// Whether it is a list, a set or a map of any type.
    pub fn is_homogeneous(&self) -> bool {
        self.element().is_some()
    }

    /// Whether it has a part of which nothing is known.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_dynamic(),
            Self::Tuple(elements) => elements.iter().any(Type::has_dynamic),
            Self::Object(attributes) => attributes.values().any(Type::has_dynamic),
        }
    }

    /// How many types it is made of, and how deep they are nested.
    pub fn size(&self) -> (u32, u16) {
        let of = |inner: &mut dyn Iterator<Item = &Type>| {
            inner
                .map(Type::size)
                .fold((1_u32, 1_u16), |(weight, depth), (w, d)| {
                    (weight.saturating_add(w), depth.max(d.saturating_add(1)))
                })
        };
        match self {
            Self::Dynamic | Self::Bool | Self::Number | Self::String => (1, 0),
            Self::List(element) | Self::Set(element) | Self::Map(element) => {
                of(&mut std::iter::once(element.as_ref()))
            }
            Self::Tuple(elements) => of(&mut elements.iter()),
            Self::Object(attributes) => of(&mut attributes.values()),
        }
    }

    /// Whether a value of this type may stand where `wanted` is asked for, which may have [`Type::Dynamic`] parts.
    pub fn conforms_to(&self, wanted: &Type) -> bool {
        match (self, wanted) {
            (_, Self::Dynamic) => true,
            (Self::List(given), Self::List(wanted))
            | (Self::Set(given), Self::Set(wanted))
            | (Self::Map(given), Self::Map(wanted)) => given.conforms_to(wanted),
            (Self::Tuple(given), Self::Tuple(wanted)) => {
                given.len() == wanted.len()
                    && given
                        .iter()
                        .zip(wanted.iter())
                        .all(|(g, w)| g.conforms_to(w))
            }
            (Self::Object(given), Self::Object(wanted)) => {
                given.len() == wanted.len()
                    && given
                        .iter()
                        .zip(wanted.iter())
                        .all(|((name, g), (wanted, w))| name == wanted && g.conforms_to(w))
            }
            (given, wanted) => given == wanted,
        }
    }

    /// Whether it is `bool`, `number` or `string`.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }
}

/// Terraform's spelling, as `type()` of `terraform console` prints it, on one line.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dynamic => f.write_str("dynamic"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Set(element) => write!(f, "set({element})"),
            Self::Map(element) => write!(f, "map({element})"),
            Self::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (index, element) in elements.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{element}")?;
                }
                f.write_str("])")
            }
            Self::Object(attributes) => {
                f.write_str("object({")?;
                for (index, (name, attribute)) in attributes.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{name}: {attribute}")?;
                }
                f.write_str("})")
            }
        }
    }
}
