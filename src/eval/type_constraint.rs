//! Declared types: `list(string)`, `object({ a = optional(string, "x") })`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::syntax::{ExprId, ExprKind, ObjectItem};

use super::convert::{convert, element_type};
use super::frame::{Frame, stand_in};
use super::range;
use super::set;
use super::types::Type;
use super::unify::unify;
use super::value::{Kind, Value};

/// A declared type, with what it says of attributes that may be left out.
#[derive(Clone, Debug)]
pub enum Constraint {
    /// A type in which nothing is optional.
    Plain(Type),
    /// `list(element)`
    List(Box<Constraint>),
    /// `set(element)`
    Set(Box<Constraint>),
    /// `map(element)`
    Map(Box<Constraint>),
    /// `tuple([elements])`
    Tuple(Vec<Constraint>),
    /// `object({attributes})`
    Object(BTreeMap<Arc<str>, Attribute>),
}

/// An attribute of a declared object type.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its type.
    pub constraint: Constraint,
    /// Whether it may be left out.
    pub optional: bool,
    /// What it is then; null without one.
    pub default: Option<Value>,
}

impl Constraint {
    /// The type that values have after [`Constraint::apply`].
    pub fn ty(&self) -> Type {
        match self {
            Self::Plain(ty) => ty.clone(),
            Self::List(element) => Type::list(element.ty()),
            Self::Set(element) => Type::set(element.ty()),
            Self::Map(element) => Type::map(element.ty()),
            Self::Tuple(elements) => Type::Tuple(elements.iter().map(Self::ty).collect()),
            Self::Object(attributes) => Type::object(
                attributes
                    .iter()
                    .map(|(name, attribute)| (name.clone(), attribute.constraint.ty())),
            ),
        }
    }

    /// A given value as one of this type, defaults filled in. The error is a phrase.
    pub fn apply(&self, value: &Value) -> Result<Value, String> {
        self.without_defaults(&self.with_defaults(value))
    }

    /// The same, what does not fit being unknown.
    pub fn apply_where_it_fits(&self, value: &Value) -> Value {
        if let Ok(value) = self.apply(value) {
            return value;
        }
        let fitting = |constraint: Option<&Self>, member: &Value| match constraint {
            Some(constraint) => constraint.apply_where_it_fits(member),
            None => member.clone(),
        };
        let kind = match (&value.kind, self) {
            (Kind::Object(members) | Kind::Map(_, members), Self::Object(attributes)) => {
                let attributes = attributes.iter();
                let attribute = |(name, attribute): (&Arc<str>, &Attribute)| {
                    let value = match members.get(name) {
                        Some(member) => attribute.constraint.apply_where_it_fits(member),
                        None if attribute.optional => {
                            let null = || Value::new(Kind::Null(attribute.constraint.ty()));
                            attribute.default.clone().unwrap_or_else(null)
                        }
                        None => Value::unknown(attribute.constraint.ty()),
                    };
                    (name.clone(), value)
                };
                Kind::Object(Arc::new(attributes.map(attribute).collect()))
            }
            (Kind::Object(members) | Kind::Map(_, members), Self::Map(_)) => {
                let members = members.iter();
                let member = |(name, it): (&Arc<str>, &Value)| {
                    (name.clone(), fitting(self.of_name(name), it))
                };
                Kind::Object(Arc::new(members.map(member).collect()))
            }
            (
                Kind::Tuple(members) | Kind::List(_, members) | Kind::Set(_, members),
                Self::List(_) | Self::Set(_) | Self::Tuple(_),
            ) => {
                let members = members.iter().enumerate();
                Kind::Tuple(
                    members
                        .map(|(at, it)| fitting(self.of_position(at), it))
                        .collect(),
                )
            }
            _ => return stand_in(self.ty(), std::slice::from_ref(value)),
        };
        value.clone().with_kind(kind)
    }

    /// The same, attributes that are left out being null.
    pub fn without_defaults(&self, value: &Value) -> Result<Value, String> {
        convert(&self.complete(value), &self.ty())
    }

    fn has_defaults(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_defaults(),
            Self::Tuple(elements) => elements.iter().any(Self::has_defaults),
            Self::Object(attributes) => attributes.values().any(|attribute| {
                attribute.default.is_some() || attribute.constraint.has_defaults()
            }),
        }
    }

    /// What this says of a member of a sequence.
    fn of_position(&self, position: usize) -> Option<&Self> {
        match self {
            Self::Plain(_) | Self::Object(_) => None,
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            Self::Tuple(elements) => elements.get(position),
        }
    }

    /// What this says of a member with a name.
    fn of_name(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Plain(_) | Self::Tuple(_) => None,
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            Self::Object(attributes) => attributes.get(name).map(|a| &a.constraint),
        }
    }

    /// The value with defaults in the place of attributes that are absent or null.
    fn with_defaults(&self, value: &Value) -> Value {
        if !self.has_defaults() {
            return value.clone();
        }
        let sequence = |members: &[Value]| -> Vec<Value> {
            let members = members.iter().enumerate();
            members
                .map(|(position, member)| match self.of_position(position) {
                    Some(constraint) => constraint.with_defaults(member),
                    None => member.clone(),
                })
                .collect()
        };
        let kind = match &value.kind {
            Kind::Tuple(members) => Kind::Tuple(sequence(members).into()),
            Kind::List(_, members) | Kind::Set(_, members) if members.is_empty() => {
                return value.clone();
            }
            Kind::List(_, members) => match alike(sequence(members)) {
                Ok((ty, members)) => Kind::List(ty, members.into()),
                Err(members) => Kind::Tuple(members.into()),
            },
            Kind::Set(_, members) => match alike(sequence(members)) {
                Ok((ty, members)) => set::kind(ty, members),
                Err(members) => Kind::Tuple(members.into()),
            },
            Kind::Object(members) => Kind::Object(Arc::new(self.named_with_defaults(members))),
            Kind::Map(ty, members) => {
                let members = self.named_with_defaults(members);
                let (names, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
                match alike(values) {
                    _ if names.is_empty() => Kind::Map(ty.clone(), Arc::default()),
                    Ok((ty, values)) => {
                        Kind::Map(ty, Arc::new(names.into_iter().zip(values).collect()))
                    }
                    Err(values) => Kind::Object(Arc::new(names.into_iter().zip(values).collect())),
                }
            }
            Kind::Unknown(_) => {
                return value.clone().map_sure_members(|members| {
                    let mut filled = self.named_with_defaults(members);
                    // An attribute of which nothing is known may be there.
                    filled.retain(|name, _| members.contains_key(name));
                    filled
                });
            }
            _ => return value.clone(),
        };
        value.clone().with_kind(kind)
    }

    fn named_with_defaults(
        &self,
        members: &BTreeMap<Arc<str>, Value>,
    ) -> BTreeMap<Arc<str>, Value> {
        let mut filled: BTreeMap<Arc<str>, Value> = members
            .iter()
            .map(|(name, member)| {
                let member = match self.of_name(name) {
                    Some(constraint) => constraint.with_defaults(member),
                    None => member.clone(),
                };
                (name.clone(), member)
            })
            .collect();
        let Self::Object(attributes) = self else {
            return filled;
        };
        for (name, attribute) in attributes {
            let Some(default) = &attribute.default else {
                continue;
            };
            let value = match filled.remove(name) {
                Some(value) if !value.is_null() => {
                    if range::surely_not_null(default) {
                        range::refine_not_null(value)
                    } else {
                        value
                    }
                }
                _ => attribute.constraint.with_defaults(default),
            };
            filled.insert(name.clone(), value);
        }
        filled
    }

    /// The value with null for every optional attribute that is absent.
    fn complete(&self, value: &Value) -> Value {
        let kind = match (&value.kind, self) {
            (_, Self::Plain(_)) => return value.clone(),
            (Kind::Unknown(unknown), _) => {
                let mut completed = unknown.as_ref().clone();
                completed.ty = self.complete_type(&unknown.ty);
                Kind::Unknown(Arc::new(completed))
            }
            (Kind::Null(ty), _) => Kind::Null(self.complete_type(ty)),
            (Kind::Object(members) | Kind::Map(_, members), Self::Object(attributes)) => {
                Kind::Object(Arc::new(complete_named(members, attributes)))
            }
            (Kind::Tuple(members), _) => {
                let members = members.iter().enumerate();
                Kind::Tuple(
                    members
                        .map(|(position, member)| match self.of_position(position) {
                            Some(constraint) => constraint.complete(member),
                            None => member.clone(),
                        })
                        .collect(),
                )
            }
            (Kind::List(ty, members), Self::List(element) | Self::Set(element)) => Kind::List(
                element.complete_type(ty),
                members
                    .iter()
                    .map(|member| element.complete(member))
                    .collect(),
            ),
            (Kind::Set(ty, members), Self::List(element) | Self::Set(element)) => {
                let members = members.iter().map(|member| element.complete(member));
                set::kind(element.complete_type(ty), members.collect())
            }
            (Kind::Map(ty, members), Self::Map(element)) => Kind::Map(
                element.complete_type(ty),
                Arc::new(complete_each(members, element)),
            ),
            (Kind::Object(members), Self::Map(element)) => {
                Kind::Object(Arc::new(complete_each(members, element)))
            }
            _ => return value.clone(),
        };
        value.clone().with_kind(kind)
    }

    fn complete_type(&self, ty: &Type) -> Type {
        match (ty, self) {
            (Type::Object(given), Self::Object(attributes)) => {
                let mut completed = given.as_ref().clone();
                for (name, attribute) in attributes {
                    match completed.get_mut(name) {
                        Some(ty) => *ty = attribute.constraint.complete_type(ty),
                        None if attribute.optional => {
                            completed.insert(name.clone(), attribute.constraint.ty());
                        }
                        None => {}
                    }
                }
                Type::Object(Arc::new(completed))
            }
            (Type::List(given), Self::List(element) | Self::Set(element)) => {
                Type::list(element.complete_type(given))
            }
            (Type::Set(given), Self::List(element) | Self::Set(element)) => {
                Type::set(element.complete_type(given))
            }
            (Type::Map(given), Self::Map(element)) => Type::map(element.complete_type(given)),
            (Type::Object(given), Self::Map(element)) => Type::object(
                given
                    .iter()
                    .map(|(name, ty)| (name.clone(), element.complete_type(ty))),
            ),
            (Type::Tuple(given), _) => Type::Tuple(
                given
                    .iter()
                    .enumerate()
                    .map(|(position, ty)| match self.of_position(position) {
                        Some(constraint) => constraint.complete_type(ty),
                        None => ty.clone(),
                    })
                    .collect(),
            ),
            _ => ty.clone(),
        }
    }
}

fn complete_named(
    members: &BTreeMap<Arc<str>, Value>,
    attributes: &BTreeMap<Arc<str>, Attribute>,
) -> BTreeMap<Arc<str>, Value> {
    let completed = attributes.iter().filter_map(|(name, attribute)| {
        let value = match members.get(name) {
            Some(member) => attribute.constraint.complete(member),
            None if attribute.optional => Value::new(Kind::Null(attribute.constraint.ty())),
            None => return None,
        };
        Some((name.clone(), value))
    });
    completed.collect()
}

fn complete_each(
    members: &BTreeMap<Arc<str>, Value>,
    element: &Constraint,
) -> BTreeMap<Arc<str>, Value> {
    let members = members.iter();
    members
        .map(|(name, member)| (name.clone(), element.complete(member)))
        .collect()
}

/// Members made one type; as they are where they have none in common.
fn alike(members: Vec<Value>) -> Result<(Type, Vec<Value>), Vec<Value>> {
    let types: Vec<Type> = members.iter().map(Value::ty).collect();
    let Some(unified) = unify(&types, true) else {
        return Err(members);
    };
    let converted: Result<Vec<Value>, String> = members
        .iter()
        .map(|member| convert(member, &unified))
        .collect();
    match converted {
        Ok(converted) => Ok((element_type(&converted).unwrap_or(unified), converted)),
        Err(_) => Err(members),
    }
}

impl<'e> Frame<'e, '_> {
    /// Reads a type expression. The error is noted.
    pub(super) fn constraint(&mut self, expr: ExprId) -> Option<Constraint> {
        let span = self.tree.expr(expr).span;
        let any = || Box::new(Constraint::Plain(Type::Dynamic));
        match &self.tree.expr(expr).kind {
            ExprKind::Invalid => Some(Constraint::Plain(Type::Dynamic)),
            ExprKind::Root(name) => match self.tree.text(*name) {
                "any" => Some(Constraint::Plain(Type::Dynamic)),
                "bool" => Some(Constraint::Plain(Type::Bool)),
                "number" => Some(Constraint::Plain(Type::Number)),
                "string" => Some(Constraint::Plain(Type::String)),
                "list" => Some(Constraint::List(any())),
                "map" => Some(Constraint::Map(any())),
                _ => {
                    self.fail(span, format!("{name:?} is no type"));
                    None
                }
            },
            ExprKind::Call {
                name, arguments, ..
            } => {
                let name = self.tree.text(*name);
                let [argument] = arguments.as_slice() else {
                    self.fail(span, format!("{name} takes one argument"));
                    return None;
                };
                self.constructed(name, *argument)
            }
            _ => {
                self.fail(span, "this is no type");
                None
            }
        }
    }

    fn constructed(&mut self, name: &str, argument: ExprId) -> Option<Constraint> {
        let expr = self.tree.expr(argument);
        match (name, &expr.kind) {
            ("list", _) => Some(Constraint::List(Box::new(self.constraint(argument)?))),
            ("set", _) => Some(Constraint::Set(Box::new(self.constraint(argument)?))),
            ("map", _) => Some(Constraint::Map(Box::new(self.constraint(argument)?))),
            ("tuple", ExprKind::Tuple(elements)) => {
                let elements: Option<Vec<Constraint>> = elements
                    .iter()
                    .map(|element| self.constraint(*element))
                    .collect();
                Some(Constraint::Tuple(elements?))
            }
            ("object", ExprKind::Object(items)) => {
                let mut attributes = BTreeMap::new();
                for item in items {
                    let (name, attribute) = self.attribute_type(item)?;
                    if attributes.insert(name, attribute).is_some() {
                        let span = self.tree.expr(item.key).span;
                        self.fail(span, "the names of attributes must be unique");
                        return None;
                    }
                }
                Some(Constraint::Object(attributes))
            }
            _ => {
                self.fail(expr.span, format!("{name:?} is no type of this"));
                None
            }
        }
    }

    fn attribute_type(&mut self, item: &ObjectItem) -> Option<(Arc<str>, Attribute)> {
        let key = self.tree.expr(item.key);
        let Some(name) = self.tree.bare_name(item.key) else {
            self.fail(key.span, "the name of an attribute is a bare word");
            return None;
        };
        let name: Arc<str> = name.into();
        let value = self.tree.expr(item.value);
        let arguments = match &value.kind {
            ExprKind::Call {
                name, arguments, ..
            } if self.tree.text(*name) == "optional" => arguments,
            _ => {
                let attribute = Attribute {
                    constraint: self.constraint(item.value)?,
                    optional: false,
                    default: None,
                };
                return Some((name, attribute));
            }
        };
        let (ty, default) = match arguments.as_slice() {
            [ty] => (*ty, None),
            [ty, default] => (*ty, Some(*default)),
            _ => {
                self.fail(value.span, "optional takes a type and perhaps a default");
                return None;
            }
        };
        let constraint = self.constraint(ty)?;
        let default = match default {
            None => None,
            Some(default) => Some(self.attribute_default(default, &constraint)?),
        };
        let attribute = Attribute {
            constraint,
            optional: true,
            default,
        };
        Some((name, attribute))
    }

    fn attribute_default(&mut self, default: ExprId, constraint: &Constraint) -> Option<Value> {
        let errors = self.errors.len();
        self.check_references(default);
        let value = self.eval(default);
        if self.errors.len() > errors || self.fatal.is_some() {
            return None;
        }
        let converted = constraint.without_defaults(&value);
        converted
            .map_err(|message| {
                let span = self.tree.expr(default).span;
                self.fail(span, message);
            })
            .ok()
    }
}
