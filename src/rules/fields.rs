//! The fields that a configuration may have, of one flavor or authentication method, or of several that it may be.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Candidate, Entry, Place, Resource};
use crate::eval::{Value, When};
use crate::message;
use crate::message::Message;
use crate::zenml::schema::{Field, FieldType, Limit, Schema};

/// What a `configuration` is checked against.
pub(super) struct Fields {
    /// The fields of each flavor or method that there may be.
    lists: Lists,
    /// Those of each name, of every list that has it.
    by_name: BTreeMap<&'static str, Vec<&'static Field>>,
}

/// What the server makes of a value.
pub(super) enum Misfit {
    /// A list or an object stands where Terraform wants a string.
    Collection(Place),
    /// A text that the server refuses.
    Text(Candidate),
}

type Lists = Vec<&'static [Field]>;

/// The fields that were asked for so far: many resources have the same.
#[derive(Default)]
pub struct KnownFields(RefCell<FxHashMap<Vec<*const Field>, Rc<Fields>>>);

impl KnownFields {
    /// The fields of each flavor or method that there may be.
    pub(super) fn of(&self, lists: Lists) -> Rc<Fields> {
        // The lists are static: each is known by where it begins.
        let key = lists.iter().map(|list| list.as_ptr()).collect();
        let mut known = self.0.borrow_mut();
        let fields = known.entry(key);
        fields
            .or_insert_with(|| Rc::new(Fields::new(lists)))
            .clone()
    }

    pub(super) fn of_all_flavors(&self, schema: Schema) -> Rc<Fields> {
        self.of(of_all_flavors(schema).collect())
    }

    pub(super) fn of_all_methods(&self, schema: Schema) -> Rc<Fields> {
        self.of(of_all_methods(schema).collect())
    }
}

fn of_all_flavors(schema: Schema) -> impl Iterator<Item = &'static [Field]> {
    let types = schema.zenml.component_types.iter();
    types.flat_map(|ty| ty.flavors).map(|flavor| flavor.fields)
}

fn of_all_methods(schema: Schema) -> impl Iterator<Item = &'static [Field]> {
    let types = schema.zenml.connector_types.iter();
    types
        .flat_map(|ty| ty.auth_methods)
        .map(|method| method.fields)
}

impl Fields {
    fn new(lists: Lists) -> Self {
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for field in lists.iter().copied().flatten() {
            by_name.entry(field.name).or_default().push(field);
        }
        Self { lists, by_name }
    }

    /// Whether all that have a field of that name call it secret.
    pub fn is_secret(&self, name: &str) -> bool {
        let fields = self.named(name);
        !fields.is_empty() && fields.iter().all(|field| field.secret)
    }

    /// The field of a name in each list that has it.
    pub fn named(&self, name: &str) -> &[&'static Field] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The name of every field.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.by_name.keys().copied()
    }

    /// What every list requires and the resource's `configuration` surely lacks.
    pub fn missing(&self, resource: &Resource<'_>) -> Vec<&'static str> {
        let (first, others) = match self.lists.split_first() {
            Some((first, others)) => (*first, others),
            None => return Vec::new(),
        };
        let is_required = |list: &&[Field], name: &str| {
            list.iter()
                .any(|field| field.name == name && field.required)
        };
        let input = resource.input("configuration");
        let is_unclear = match input {
            Some(_) => resource.block.is_broken,
            None => resource.block.may_set("configuration"),
        };
        if is_unclear {
            return Vec::new();
        }
        first
            .iter()
            .filter(|field| {
                field.required && others.iter().all(|list| is_required(list, field.name))
            })
            .filter(|field| input.is_none_or(|input| input.surely_lacks(field.name)))
            .map(|field| field.name)
            .collect()
    }

    /// The values of an entry that every list's field of that name refuses.
    pub fn misfits(&self, entry: &Entry<'_>) -> Vec<Misfit> {
        let fields = self.named(&entry.key);
        let is_collection = |value: &Value| value.is_collection();
        let mut misfits = Vec::new();
        if entry
            .value()
            .alternatives(When::Possibly)
            .iter()
            .any(is_collection)
        {
            misfits.push(Misfit::Collection(entry.place()));
        }
        let texts = entry.texts().into_iter();
        let refused = texts.filter(|(_, text)| fields.iter().all(|field| !field.accepts(text)));
        misfits.extend(refused.map(|(candidate, _)| Misfit::Text(candidate)));
        misfits
    }
}

/// What a field takes, as a phrase.
pub(super) fn wanted(field: &Field) -> Message {
    if !field.values.is_empty() {
        let values = field.values.iter().map(|value| message!("`{}`", *value));
        let values: Vec<Message> = values.collect();
        return message!("one of {}", Message::join(&values, ", "));
    }
    let items = field.items.iter().map(|ty| match ty {
        FieldType::Array => "lists",
        FieldType::Boolean => "booleans",
        FieldType::Integer => "whole numbers",
        FieldType::Number => "numbers",
        FieldType::Object => "dictionaries",
        FieldType::String => "texts",
    });
    let items: Vec<&'static str> = items.collect();
    let of_items = match items.as_slice() {
        [] => Message::default(),
        items => message!(" of {}", Message::join(items, " or ")),
    };
    let bounds: Vec<Message> = field.limits.iter().filter_map(bound).collect();
    let bounds = Message::join(&bounds, ", ");
    let bounded = |what: &'static str| match bounds.is_empty() {
        true => Message::from(what),
        false => message!("{} {}", what, bounds),
    };
    let names = field.types.iter().map(|ty| match ty {
        FieldType::Array => message!("a list{} as JSON", of_items),
        FieldType::Boolean => "true or false".into(),
        FieldType::Integer => bounded("a whole number"),
        FieldType::Number => bounded("a number"),
        FieldType::Object => message!("a dictionary{} as JSON", of_items),
        FieldType::String => match field.limits {
            [Limit::Format("uuid")] => "a UUID".into(),
            [Limit::Pattern(pattern)] => message!("a text that `{}` matches", *pattern),
            _ => Message::from("a text"),
        },
    });
    Message::join(&names.collect::<Vec<_>>(), ", or ")
}

fn bound(limit: &Limit) -> Option<Message> {
    match limit {
        Limit::Minimum(least) => Some(message!("from {} on", *least)),
        Limit::ExclusiveMinimum(bound) => Some(message!("above {}", *bound)),
        Limit::Maximum(most) => Some(message!("up to {}", *most)),
        Limit::ExclusiveMaximum(bound) => Some(message!("below {}", *bound)),
        _ => None,
    }
}

/// Names in a message.
pub(super) fn listed(names: &[&'static str]) -> Message {
    let names: Vec<Message> = names.iter().map(|name| message!("`{}`", *name)).collect();
    Message::join(&names, " and ")
}
