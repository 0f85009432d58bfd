//! `for` expressions and splats.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::Span;
use crate::syntax::{ExprId, ForExpr, ForNames, Tree};

use super::alternatives::whole_trace;
use super::convert::{convert, describe};
use super::frame::Frame;
use super::number::Number;
use super::range;
use super::template::list_type;
use super::trace::Trace;
use super::types::Type;
use super::value::{Choice, Kind, Unknown, Value, When};

/// What a `for` expression collects.
#[derive(Default)]
struct Collected {
    members: Vec<Value>,
    named: BTreeMap<Arc<str>, Value>,
    groups: BTreeMap<Arc<str>, Vec<Value>>,
    /// Members that may be left out.
    perhaps: BTreeMap<Arc<str>, Value>,
    /// Where values came from of which it is not known where they stand.
    unplaced: Vec<Trace>,
    /// Whether an element or a key could not be decided.
    unknown: bool,
    sensitive: bool,
    root_default: bool,
}

impl<'e> Frame<'e, '_> {
    /// The collection of a `for`, which may be unknown; `None` where nothing is known of it or it cannot be iterated (then
    /// the error is noted).
    pub(super) fn iterable(&mut self, collection: ExprId) -> Option<Value> {
        let span = self.tree.expr(collection).span;
        let value = self.eval(collection);
        if value.is_null() {
            self.fail(span, "null cannot be iterated");
            return None;
        }
        let ty = value.ty();
        if ty == Type::Dynamic {
            return None;
        }
        if ty.is_primitive() {
            self.fail(span, format!("{} cannot be iterated", describe(&ty)));
            return None;
        }
        Some(value)
    }

    /// The elements of a known collection, each with its key.
    pub(super) fn elements(&self, collection: &Value) -> Vec<(Value, Value)> {
        let members = collection
            .members()
            .map(|member| unmarked_member(collection, member));
        match &collection.kind {
            Kind::Map(_, named) | Kind::Object(named) => {
                let keys = named.keys().map(|name| Value::string(name.clone()));
                keys.zip(members).collect()
            }
            Kind::Set(..) => members.map(|member| (member.clone(), member)).collect(),
            _ => members
                .enumerate()
                .map(|(index, member)| {
                    let key = Number::from_usize(index);
                    (Value::new(Kind::Number(key)), member)
                })
                .collect(),
        }
    }

    pub(super) fn for_expression(&mut self, expr: &'e ForExpr) -> Value {
        let Some(collection) = self.iterable(expr.collection) else {
            return Value::dynamic().with_trace(self.trace_of_result(expr));
        };
        let Some(condition_sensitive) = self.condition_makes_sense(expr) else {
            return Value::dynamic();
        };
        if collection.is_unknown() {
            let sensitive = collection.sensitive || condition_sensitive;
            let trace = Trace::join([collection.trace(), self.trace_of_result(expr)]);
            return Value::dynamic().with_sensitive(sensitive).with_trace(trace);
        }
        let mut collected = Collected {
            sensitive: collection.sensitive,
            root_default: collection.root_default(),
            ..Collected::default()
        };
        let (key_name, value_name) = self.tree.for_names(expr.names);
        for (key, member) in self.elements(&collection) {
            let bound = key_name.map(|name| (name, key));
            let bound = bound.into_iter().chain([(value_name, member)]);
            self.with_names(bound, |frame| frame.collect(expr, &mut collected));
        }
        collected.into_value(expr)
    }

    /// Where the results came from while no element is known.
    fn trace_of_result(&mut self, expr: &'e ForExpr) -> Trace {
        if !self.evaluator.is_lenient() {
            return Trace::none();
        }
        let names = unknown_names(self.tree, expr.names);
        let (value, _) =
            self.apart(|frame| frame.with_names(names, |frame| frame.eval(expr.result)));
        whole_trace(&value)
    }

    /// Whether the condition is one at all, seen before any element is known, and whether it is sensitive even then.
    fn condition_makes_sense(&mut self, expr: &'e ForExpr) -> Option<bool> {
        let Some(condition) = expr.condition else {
            return Some(false);
        };
        let errors = self.errors.len();
        let value = self.with_names(unknown_names(self.tree, expr.names), |frame| {
            frame.eval(condition)
        });
        let span = self.tree.expr(condition).span;
        if value.is_null() {
            self.fail(span, "the condition is null");
        } else if let Err(message) = convert(&value, &Type::Bool) {
            self.fail(span, format!("the condition is no bool: {message}"));
        }
        (self.errors.len() == errors).then_some(value.sensitive)
    }

    fn collect(&mut self, expr: &'e ForExpr, collected: &mut Collected) {
        let condition = expr.condition;
        let included = condition.map_or(Some(true), |it| self.is_included(it, collected));
        if included == Some(false) {
            return;
        }
        let undecided = included.is_none();
        if undecided && !self.evaluator.is_lenient() {
            return;
        }
        let Some(key_expr) = expr.result_key else {
            let value = self.eval(expr.result);
            match undecided {
                true => collected.unplaced.push(whole_trace(&value)),
                false => collected.members.push(value),
            }
            return;
        };
        match self.result_key(key_expr, collected) {
            None if self.evaluator.is_lenient() => {
                let value = self.eval(expr.result);
                collected.unplaced.push(whole_trace(&value));
            }
            None => {}
            Some(name) if undecided => {
                let value = self.eval(expr.result);
                collected.perhaps.insert(name, value);
            }
            Some(name) => {
                let value = self.eval(expr.result);
                self.place(name, value, expr, collected);
            }
        }
    }

    /// The key of an element; `None` where it is unknown or no key (then the error is noted).
    fn result_key(&mut self, key_expr: ExprId, collected: &mut Collected) -> Option<Arc<str>> {
        let key = self.eval(key_expr);
        collected.sensitive |= key.sensitive;
        collected.root_default |= key.root_default();
        if key.is_unknown() {
            collected.unknown = true;
            return None;
        }
        let errors = self.errors.len();
        let name = self.key_text(&key, key_expr);
        if name.is_none() {
            self.settle_error(errors, collected);
        }
        name
    }

    fn place(&mut self, name: Arc<str>, value: Value, expr: &ForExpr, collected: &mut Collected) {
        if expr.group {
            collected.groups.entry(name).or_default().push(value);
        } else if let Some(other) = collected.named.insert(name, value) {
            collected.unplaced.push(whole_trace(&other));
            let key = expr.result_key.unwrap_or(expr.result);
            let span = self.tree.expr(key).span;
            self.fail(span, "two elements have the same key");
        }
    }

    /// Whether an element is taken; `None` where that is not decided.
    fn is_included(&mut self, condition: ExprId, collected: &mut Collected) -> Option<bool> {
        let span = self.tree.expr(condition).span;
        let value = self.eval(condition);
        collected.sensitive |= value.sensitive;
        collected.root_default |= value.root_default();
        let errors = self.errors.len();
        if value.is_null() {
            self.fail(span, "the condition is null");
            self.settle_error(errors, collected);
            return None;
        }
        match convert(&value, &Type::Bool) {
            Ok(Value {
                kind: Kind::Bool(included),
                ..
            }) => Some(included),
            Ok(_) => {
                collected.unknown = true;
                None
            }
            Err(message) => {
                self.fail(span, format!("the condition is no bool: {message}"));
                self.settle_error(errors, collected);
                None
            }
        }
    }

    /// Once an element is undecided, Terraform does not speak of wrong keys and conditions any more.
    fn settle_error(&mut self, errors: usize, collected: &mut Collected) {
        if collected.unknown {
            self.errors.truncate(errors);
        }
        collected.unknown = true;
    }

    pub(super) fn splat(&mut self, object: ExprId, item: ExprId, span: Span) -> Value {
        let errors = self.errors.len();
        let source = self.eval(object);
        if self.errors.len() > errors {
            return Value::dynamic();
        }
        let ty = source.ty();
        let is_sequence = matches!(ty, Type::Tuple(_) | Type::List(_) | Type::Set(_));
        if source.is_null() {
            if is_sequence {
                self.fail(span, "null has no elements");
                return Value::dynamic();
            }
            let empty = Value::new(Kind::Tuple(Arc::new([])));
            return splat_of(empty, &source);
        }
        if ty == Type::Dynamic {
            return splat_of(Value::dynamic(), &source);
        }
        if is_sequence {
            return self.splat_sequence(&source, item);
        }
        let may_be_null = !range::surely_not_null(&source);
        let sensitive = source.sensitive;
        let result = self.with_item(source.with_sensitive(false), |frame| frame.eval(item));
        if may_be_null {
            return Value::dynamic().with_sensitive(sensitive);
        }
        if self.errors.len() > errors {
            let ty = self.splat_type(&Type::Tuple([ty].into()), item);
            return Value::unknown(ty).with_sensitive(sensitive);
        }
        Value::new(Kind::Tuple(Arc::new([result]))).with_sensitive(sensitive)
    }

    fn splat_sequence(&mut self, source: &Value, item: ExprId) -> Value {
        let errors = self.errors.len();
        if let Kind::Unknown(unknown) = &source.kind {
            return self.splat_unknown(source, unknown, item);
        }
        let mut results = Vec::new();
        for member in source.members() {
            let member = unmarked_member(source, member);
            results.push(self.with_item(member, |frame| frame.eval(item)));
        }
        let failed = self.errors.len() > errors;
        let kind = match &source.kind {
            _ if failed => {
                let ty = self.splat_type(&source.ty(), item);
                range::maybe_null(ty)
            }
            Kind::Tuple(_) => Kind::Tuple(results.into()),
            _ if results.is_empty() => {
                let ty = self.splat_type(&source.ty(), item);
                let element = ty.element().cloned().unwrap_or(Type::Dynamic);
                Kind::List(element, results.into())
            }
            _ => Kind::List(list_type(&results), results.into()),
        };
        splat_of(Value::new(kind), source)
    }

    fn splat_unknown(&mut self, source: &Value, unknown: &Unknown, item: ExprId) -> Value {
        let ty = self.splat_type(&unknown.ty, item);
        let mut result = Unknown {
            not_null: true,
            ..Unknown::of(ty)
        };
        if unknown.ty.is_homogeneous() {
            result.length = unknown.length;
        }
        splat_of(Value::new(result.settle()), source)
    }

    /// The type of what a splat makes of a sequence.
    fn splat_type(&mut self, source: &Type, item: ExprId) -> Type {
        let mut of = |element: &Type| {
            let element = Value::unknown(element.clone());
            self.with_item(element, |frame| frame.eval(item)).ty()
        };
        match source {
            Type::Tuple(elements) => Type::Tuple(elements.iter().map(of).collect()),
            other => Type::list(of(other.element().unwrap_or(&Type::Dynamic))),
        }
    }
}

/// The variables of a `for` while no element is known.
fn unknown_names(tree: &Tree, names: ForNames) -> impl Iterator<Item = (&str, Value)> {
    let (key, value) = tree.for_names(names);
    let names = key.into_iter().chain([value]);
    names.map(|name| (name, Value::dynamic()))
}

/// A member as an iteration sees it: the mark of the collection goes to the result instead.
fn unmarked_member(collection: &Value, member: &Value) -> Value {
    let own = member.sensitive;
    collection.member(member).with_sensitive(own)
}

/// The result of a splat with what it has from its source.
fn splat_of(result: Value, source: &Value) -> Value {
    let mut result = result.with_sensitive(source.sensitive);
    if source.root_default() {
        result.provenance_mut().root_default = true;
    }
    result
}

impl Collected {
    fn into_value(mut self, expr: &ForExpr) -> Value {
        // Two elements never have the same key: what was collected stays.
        let mut sure = BTreeMap::new();
        if self.unknown {
            sure = std::mem::take(&mut self.named);
            let grouped = self.groups.values().flatten();
            let unplaced = self.members.iter().chain(grouped).map(whole_trace);
            self.unplaced.extend(unplaced);
        }
        let kind = if self.unknown {
            range::maybe_null(Type::Dynamic)
        } else if expr.result_key.is_none() {
            Kind::Tuple(self.members.into())
        } else if expr.group {
            let groups = self.groups.into_iter();
            Kind::Object(Arc::new(
                groups
                    .map(|(name, members)| (name, Value::new(Kind::Tuple(members.into()))))
                    .collect(),
            ))
        } else {
            Kind::Object(Arc::new(self.named))
        };
        let mut value = Value::new(kind).with_sensitive(self.sensitive);
        let unplaced = Trace::join(self.unplaced);
        if !unplaced.is_none() {
            value = value.with_trace(unplaced);
        }
        if self.root_default {
            value.provenance_mut().root_default = true;
        }
        let value = value.with_sure_members(sure);
        if self.perhaps.is_empty() {
            return value;
        }
        let perhaps = Choice {
            value: Value::new(Kind::Object(Arc::new(self.perhaps))),
            when: When::Unused,
            decisions: Arc::default(),
        };
        value.with_choices(vec![perhaps])
    }
}
