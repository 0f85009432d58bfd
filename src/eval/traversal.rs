//! Traversals: a start, and the steps from there.

use crate::source::Span;
use crate::syntax::{ExprId, ExprKind};

use super::access;
use super::alternatives::add_choice;
use super::convert::convert;
use super::frame::Frame;
use super::types::Type;
use super::value::{Kind, MOST_CHOICES, Value, When};

/// A step of a traversal.
#[derive(Clone, Copy)]
pub(super) enum Step<'e> {
    /// `.name`
    Attribute { name: &'e str, end: u32 },
    /// `[key]`
    Index { key: ExprId, at: Span },
}

impl<'e> Frame<'e, '_> {
    /// The name at the start of a traversal, where it is one: `local` of `local.a["b"].c`.
    pub(super) fn root_of(&self, mut expr: ExprId) -> Option<&'e str> {
        loop {
            match &self.tree.expr(expr).kind {
                ExprKind::GetAttr { object, .. } | ExprKind::Index { object, .. } => {
                    expr = *object;
                }
                ExprKind::Root(name) => return Some(self.tree.text(*name)),
                _ => return None,
            }
        }
    }

    /// The start of a traversal and the steps from there.
    pub(super) fn steps(&self, mut expr: ExprId) -> (ExprId, Vec<Step<'e>>) {
        let mut steps = Vec::new();
        loop {
            let current = self.tree.expr(expr);
            match &current.kind {
                ExprKind::GetAttr {
                    object,
                    name,
                    name_span,
                } => {
                    steps.push(Step::Attribute {
                        name: self.tree.text(*name),
                        end: name_span.end,
                    });
                    expr = *object;
                }
                ExprKind::Index { object, key } => {
                    steps.push(Step::Index {
                        key: *key,
                        at: current.span,
                    });
                    expr = *object;
                }
                _ => break,
            }
        }
        steps.reverse();
        (expr, steps)
    }

    pub(super) fn traversal(&mut self, expr: ExprId) -> Value {
        let (start, steps) = self.steps(expr);
        let start_expr = self.tree.expr(start);
        let (mut value, taken) = match &start_expr.kind {
            ExprKind::Root(name) => {
                let name = self.tree.text(*name);
                match self.bound(name) {
                    Some(value) => (value, 0),
                    None => self.resolve(name, start_expr.span, &steps),
                }
            }
            _ => (self.eval(start), 0),
        };
        for step in steps.iter().skip(taken) {
            let errors = self.errors.len();
            value = self.step(&value, *step, start_expr.span);
            if self.errors.len() > errors {
                return Value::dynamic();
            }
        }
        value
    }

    fn step(&mut self, value: &Value, step: Step<'e>, start: Span) -> Value {
        match step {
            Step::Attribute { name, end } => {
                let span = start.to(Span { start: end, end });
                let objects = std::slice::from_ref(value);
                self.operate(
                    objects,
                    span,
                    |_| Value::dynamic(),
                    |objects| {
                        let object = objects.first().unwrap_or(value);
                        access::attribute(object, name)
                    },
                )
            }
            Step::Index { key, at } => {
                let errors = self.errors.len();
                let key_value = self.eval(key);
                if self.errors.len() > errors {
                    return Value::dynamic();
                }
                self.index(value, key_value, key, at)
            }
        }
    }

    fn index(&mut self, collection: &Value, key: Value, key_expr: ExprId, at: Span) -> Value {
        let arguments = [collection.clone(), key];
        let value = self.operate(
            &arguments,
            at,
            |_| Value::dynamic(),
            |arguments| match arguments {
                [collection, key] => {
                    access::index(collection, key).map(|value| value.decided_by([key]))
                }
                _ => Ok(Value::dynamic()),
            },
        );
        let [_, key] = arguments;
        self.with_other_members(value, collection, &key, key_expr)
    }

    /// A member with the others as choices, where the key is unknown or a run may set it otherwise.
    fn with_other_members(
        &mut self,
        mut value: Value,
        collection: &Value,
        key: &Value,
        key_expr: ExprId,
    ) -> Value {
        let open = key.is_unknown() && key.choices().is_empty();
        if !collection.is_collection() || !(open || key.root_default()) {
            return value;
        }
        let when = if open {
            When::Possibly
        } else {
            When::OtherwiseSet
        };
        if key.root_default() {
            value.provenance_mut().root_default = true;
        }
        let decision = self.decision(key_expr, open);
        let mut choices = value.choices().to_vec();
        let chosen = chosen_member(collection, key);
        for (position, member) in collection.members().enumerate() {
            if chosen.is_some_and(|chosen| std::ptr::eq(chosen, member)) {
                continue;
            }
            let compared = u32::try_from(choices.len() / 16).unwrap_or(u32::MAX);
            if choices.len() > MOST_CHOICES || !self.evaluator.spend(compared.saturating_add(1)) {
                break;
            }
            let arm = u32::try_from(position).unwrap_or(u32::MAX - 1);
            let decisions = [(decision, arm)].into();
            add_choice(
                &mut choices,
                &value,
                &collection.member(member),
                when,
                &decisions,
            );
        }
        value.with_bounded_choices(choices)
    }
}

/// The member of a collection that a known key names.
fn chosen_member<'v>(collection: &'v Value, key: &Value) -> Option<&'v Value> {
    match &collection.kind {
        Kind::Map(_, members) | Kind::Object(members) => {
            let key = convert(key, &Type::String).ok()?;
            members.get(key.as_str()?)
        }
        _ => match convert(key, &Type::Number).ok()?.kind {
            Kind::Number(number) => collection.members().nth(number.to_usize()?),
            _ => None,
        },
    }
}
