//! Evaluation of one expression: what is in scope, the errors met so far, and the way down the tree.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::source::{FileId, Location, Span};
use crate::syntax::{BinaryOperator, Expr, ExprId, ExprKind, ObjectItem, Tree, UnaryOperator};

use super::alternatives::{decision_id, lift, whole_trace};
use super::convert::convert;
use super::error::EvalError;
use super::evaluator::{Evaluator, InstanceId};
use super::expansion::Bindings;
use super::number::{Number, is_too_long};
use super::operators;
use super::range;
use super::trace::{Hop, Trace};
use super::types::Type;
use super::value::{Kind, Value};

/// The evaluation of one expression.
///
/// As in Terraform, evaluation goes on after an error with a value that stands for the missing one, for the error may
/// not count in the end (in the arm of a conditional that is not taken, in an argument of `try`). Where the evaluator is
/// lenient, no error counts: it goes no further than the expression that has it, and the rest has its value.
pub(super) struct Frame<'e, 'a> {
    pub(super) evaluator: &'e Evaluator<'a>,
    pub(super) instance: InstanceId,
    pub(super) bindings: &'e Bindings,
    pub(super) tree: &'e Tree,
    pub(super) file: FileId,
    /// What may be referred to.
    pub(super) scope: Scope,
    /// Where literals came from, if not from the file.
    pub(super) origin: Option<Trace>,
    /// The variables of the `for` expressions around, innermost last.
    names: Vec<(&'e str, Value)>,
    /// The elements of the splats around, innermost last.
    items: Vec<Value>,
    /// Errors that count unless somebody takes them back.
    pub(super) errors: Vec<EvalError>,
    /// How many errors a lenient evaluator has forgiven.
    forgiven: usize,
    /// An error that nobody can take back: in something that the expression refers to.
    pub(super) fatal: Option<EvalError>,
}

/// The errors of a part of an expression, kept apart, for they may not count.
#[derive(Default)]
pub(super) struct Apart {
    errors: Vec<EvalError>,
    forgiven: usize,
}

impl Apart {
    /// Whether something went wrong, forgiven or not.
    pub(super) fn failed(&self) -> bool {
        !self.errors.is_empty() || self.forgiven > 0
    }

    /// Whether something went wrong that was not forgiven: then the part has no value.
    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}

/// What an expression may refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All that its module declares.
    Module,
    /// The names that are given, and functions.
    Names,
    /// Nothing, and no functions: a default, a line of a tfvars file.
    Nothing,
}

impl<'e, 'a> Frame<'e, 'a> {
    pub(super) fn new(
        evaluator: &'e Evaluator<'a>,
        instance: InstanceId,
        bindings: &'e Bindings,
        tree: &'e Tree,
        file: FileId,
    ) -> Self {
        Self {
            evaluator,
            instance,
            bindings,
            tree,
            file,
            scope: Scope::Module,
            origin: None,
            names: Vec::new(),
            items: Vec::new(),
            errors: Vec::new(),
            forgiven: 0,
            fatal: None,
        }
    }

    /// The value of a whole definition: everything that it refers to is evaluated first, as Terraform does.
    pub(super) fn finish(mut self, expr: ExprId) -> Result<Value, EvalError> {
        self.check_references(expr);
        let value = match self.fatal {
            Some(_) => Value::dynamic(),
            None => self.eval(expr),
        };
        match self.fatal.or_else(|| self.errors.into_iter().next()) {
            Some(error) => Err(error),
            None => Ok(value),
        }
    }

    /// The value of an expression; where there is an error, a value that stands for it.
    pub(super) fn eval(&mut self, expr: ExprId) -> Value {
        let evaluator = self.evaluator;
        let Some(_level) = evaluator.enter() else {
            return Value::dynamic();
        };
        let tree = self.tree;
        let value = self.eval_kind(expr, tree.expr(expr));
        evaluator.bounded(value)
    }

    fn eval_kind(&mut self, id: ExprId, expr: &'e Expr) -> Value {
        match &expr.kind {
            ExprKind::Invalid => Value::dynamic(),
            ExprKind::Null => self.literal(Value::null(), expr),
            ExprKind::Bool(value) => self.literal(Value::bool(*value), expr),
            ExprKind::Number(digits) => self.number(self.tree.text(*digits), expr),
            ExprKind::Template(template) => self.template(template, expr.span),
            ExprKind::Root(_) | ExprKind::GetAttr { .. } | ExprKind::Index { .. } => {
                self.traversal(id)
            }
            ExprKind::Splat { object, item } => self.splat(*object, *item, expr.span),
            ExprKind::SplatItem => self.items.last().cloned().unwrap_or_else(Value::dynamic),
            ExprKind::Call {
                name,
                name_span,
                arguments,
                expand,
            } => self.call(
                self.tree.text(*name),
                *name_span,
                arguments,
                *expand,
                expr.span,
            ),
            ExprKind::Conditional {
                condition,
                if_true,
                if_false,
            } => self.conditional(*condition, *if_true, *if_false),
            ExprKind::Unary { operator, operand } => self.unary(*operator, *operand, expr.span),
            ExprKind::Binary {
                operator,
                left,
                right,
            } => self.binary(*operator, *left, *right, expr.span),
            ExprKind::Parens(inner) => self.eval(*inner),
            ExprKind::Tuple(members) => {
                let members: Vec<Value> = members.iter().map(|member| self.eval(*member)).collect();
                Value::new(Kind::Tuple(members.into()))
            }
            ExprKind::Object(items) => self.object(items),
            ExprKind::For(expr) => self.for_expression(expr),
        }
    }

    pub(super) fn location(&self, span: Span) -> Location {
        Location {
            file: self.file,
            span,
        }
    }

    /// Notes an error. Every error of an expression passes here or through [`Frame::fail_for_good`], and ends here where the
    /// evaluator is lenient.
    pub(super) fn fail(&mut self, span: Span, message: impl Into<String>) {
        if self.evaluator.is_lenient() {
            self.forgiven += 1;
            return;
        }
        let at = self.location(span);
        self.errors.push(EvalError {
            message: message.into(),
            at,
        });
    }

    /// Notes an error that makes the whole definition fail.
    pub(super) fn fail_for_good(&mut self, error: EvalError) -> Value {
        if self.evaluator.is_lenient() {
            self.forgiven += 1;
        } else {
            self.fatal.get_or_insert(error);
        }
        Value::dynamic()
    }

    /// Evaluates something whose errors may not count.
    pub(super) fn apart<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> T) -> (T, Apart) {
        let errors = self.errors.len();
        let forgiven = std::mem::take(&mut self.forgiven);
        let result = evaluate(self);
        let apart = Apart {
            errors: self.errors.split_off(errors),
            forgiven: std::mem::replace(&mut self.forgiven, forgiven),
        };
        (result, apart)
    }

    /// Has errors count that were kept apart.
    pub(super) fn count(&mut self, apart: Apart) {
        self.errors.extend(apart.errors);
        self.forgiven += apart.forgiven;
    }

    /// An operation on each combination of what its operands may be. Where it fails, another value stands for the result.
    pub(super) fn operate(
        &mut self,
        operands: &[Value],
        span: Span,
        stand_in: impl Fn(&[Value]) -> Value,
        operation: impl Fn(&[Value]) -> Result<Value, String>,
    ) -> Value {
        let evaluator = self.evaluator;
        let message = match lift(evaluator.spending(), operands, &operation) {
            Ok(value) => return value,
            Err(message) => message,
        };
        self.fail(span, message);
        let Ok(value) = lift(evaluator.spending(), operands, |operands| {
            Ok::<_, Infallible>(operation(operands).unwrap_or_else(|_| stand_in(operands)))
        });
        value
    }

    fn literal(&self, value: Value, expr: &Expr) -> Value {
        value.with_trace(self.literal_trace(expr.span))
    }

    /// Where a literal came from.
    pub(super) fn literal_trace(&self, span: Span) -> Trace {
        match &self.origin {
            Some(origin) => origin.clone(),
            None => Trace::literal(self.location(span)),
        }
    }

    fn number(&mut self, digits: &str, expr: &Expr) -> Value {
        match Number::parse(digits) {
            Some(number) => self.literal(Value::new(Kind::Number(number)), expr),
            None if is_too_long(digits) => {
                self.evaluator.cut_short();
                Value::new(range::not_null(Type::Number))
            }
            None => {
                self.fail(expr.span, "this is no number");
                Value::dynamic()
            }
        }
    }

    fn unary(&mut self, operator: UnaryOperator, operand: ExprId, span: Span) -> Value {
        let errors = self.errors.len();
        let operand = self.eval(operand);
        let result_type = match operator {
            UnaryOperator::Negate => Type::Number,
            UnaryOperator::Not => Type::Bool,
        };
        if self.errors.len() > errors {
            return Value::unknown(result_type);
        }
        let stand_in = |operands: &[Value]| stand_in(result_type.clone(), operands);
        self.operate(&[operand], span, stand_in, |operands| {
            let [operand] = operands else {
                return Ok(Value::dynamic());
            };
            let result = operators::unary(operator, operand)?;
            Ok(made_of(result, &[operand], true))
        })
    }

    fn binary(
        &mut self,
        operator: BinaryOperator,
        left: ExprId,
        right: ExprId,
        span: Span,
    ) -> Value {
        let errors = self.errors.len();
        let operands = [self.eval(left), self.eval(right)];
        let result_type = operators::result_type(operator);
        let weight = operands.iter().map(Value::weight);
        let affordable = self.evaluator.spend(weight.fold(0, u32::saturating_add));
        if self.errors.len() > errors || !affordable {
            return Value::unknown(result_type);
        }
        let reach = operators::operands_reach(operator);
        let stand_in = |operands: &[Value]| match reach {
            true => stand_in(result_type.clone(), operands),
            false => Value::unknown(result_type.clone()),
        };
        self.operate(&operands, span, stand_in, |operands| {
            let [left, right] = operands else {
                return Ok(Value::dynamic());
            };
            let result = operators::binary(operator, left, right)?;
            Ok(made_of(result, &[left, right], reach))
        })
    }

    fn object(&mut self, items: &'e [ObjectItem]) -> Value {
        let mut members = BTreeMap::new();
        let mut forgotten = BTreeMap::new();
        let mut known = true;
        let mut unplaced = Vec::new();
        let mut sensitive = false;
        let mut root_default = false;
        for item in items {
            let errors = self.errors.len();
            let key = self.object_key(item.key);
            let key_failed = self.errors.len() > errors;
            let value = self.eval(item.value);
            if key_failed {
                known = false;
                continue;
            }
            sensitive |= key.sensitive;
            root_default |= key.root_default();
            match self.key_text(&key, item.key) {
                Some(name) => {
                    let at = self.location(self.tree.expr(item.key).span);
                    members.insert(name.clone(), value.via(&Hop::entry(at, name)));
                }
                None => {
                    known = false;
                    unplaced.push(whole_trace(&value));
                    for (name, member) in std::mem::take(&mut members) {
                        forgotten.insert(name, member.set_aside());
                    }
                }
            }
        }
        if !known {
            let unknown = Value::dynamic().with_trace(Trace::join(unplaced));
            forgotten.extend(members);
            return unknown.with_sure_members(forgotten);
        }
        let mut value = Value::new(Kind::Object(Arc::new(members))).with_sensitive(sensitive);
        if root_default {
            value.provenance_mut().root_default = true;
        }
        value
    }

    fn object_key(&mut self, key: ExprId) -> Value {
        let expr = self.tree.expr(key);
        if matches!(expr.kind, ExprKind::GetAttr { .. } | ExprKind::Index { .. })
            && self.root_of(key).is_some()
        {
            self.fail(
                expr.span,
                "a key with dots is written in quotes, or in parentheses where it is a reference",
            );
            return Value::dynamic();
        }
        self.eval(key)
    }

    /// The text of a key, `None` where it is unknown or no key (then the error is noted).
    pub(super) fn key_text(&mut self, key: &Value, at: ExprId) -> Option<Arc<str>> {
        let span = self.tree.expr(at).span;
        if key.is_null() {
            self.fail(span, "null is no key");
            return None;
        }
        match convert(key, &Type::String) {
            Ok(key) => key.as_str().map(Arc::from),
            Err(message) => {
                self.fail(span, format!("this is no key: {message}"));
                None
            }
        }
    }

    /// The id of a decision: the same for two that are written alike and depend on nothing but the module's instance.
    pub(super) fn decision(&self, expr: ExprId, open: bool) -> u64 {
        let depends_on_more =
            !self.names.is_empty() || !self.items.is_empty() || !self.bindings.is_empty();
        let text = if depends_on_more {
            None
        } else {
            let at = self.location(self.tree.expr(expr).span);
            Some(self.evaluator.text_at(at)).filter(|text| !text.is_empty())
        };
        decision_id(self.evaluator.decision(self.instance, text), open)
    }

    /// Brings names into scope.
    pub(super) fn bind(&mut self, names: impl IntoIterator<Item = (&'e str, Value)>) {
        self.names.extend(names);
    }

    /// The value of a `for` variable.
    pub(super) fn bound(&self, name: &str) -> Option<Value> {
        let mut inner = self.names.iter().rev();
        inner
            .find(|(bound, _)| *bound == name)
            .map(|(_, value)| value.clone())
    }

    /// Whether a name is one of the variables in scope.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.names.iter().any(|(bound, _)| *bound == name)
    }

    /// Evaluates with `for` variables in scope.
    pub(super) fn with_names<T>(
        &mut self,
        names: impl IntoIterator<Item = (&'e str, Value)>,
        evaluate: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.names.len();
        self.names.extend(names);
        let result = evaluate(self);
        self.names.truncate(before);
        result
    }

    /// Evaluates with an element of a splat in scope.
    pub(super) fn with_item<T>(&mut self, item: Value, evaluate: impl FnOnce(&mut Self) -> T) -> T {
        self.items.push(item);
        let result = evaluate(self);
        self.items.pop();
        result
    }
}

/// What stands for a value of a type that could not be made of others: unknown, but it came from there.
pub(super) fn stand_in(ty: Type, operands: &[Value]) -> Value {
    let trace = Trace::join(operands.iter().map(whole_trace));
    Value::unknown(ty).with_trace(trace)
}

/// The result with the operands' layer two: their traces where they reach it.
fn made_of(result: Value, operands: &[&Value], reach: bool) -> Value {
    let mut result = result;
    if reach {
        let trace = Trace::join(operands.iter().map(|operand| operand.trace()));
        if !trace.is_none() {
            result = result.with_trace(trace);
        }
    }
    if operands
        .iter()
        .any(|operand| operand.contains_root_default())
    {
        result.provenance_mut().root_default = true;
    }
    result.decided_by(operands.iter().copied())
}

/// A text in Unicode's normal form C, as Terraform keeps all strings.
pub(super) fn normal_form(text: &str) -> Arc<str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text.into();
    }
    text.nfc().collect::<String>().into()
}
