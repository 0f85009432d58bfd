//! `condition ? a : b`.

use crate::source::Span;
use crate::syntax::ExprId;

use super::alternatives::add_choice;
use super::convert::{convert, describe};
use super::frame::{Apart, Frame, stand_in};
use super::range;
use super::types::Type;
use super::unify::unify;
use super::value::{Bound, Kind, Unknown, Value, When};

/// An arm with the errors that its evaluation met.
struct Arm {
    value: Value,
    errors: Apart,
    span: Span,
}

impl<'e> Frame<'e, '_> {
    pub(super) fn conditional(
        &mut self,
        condition: ExprId,
        if_true: ExprId,
        if_false: ExprId,
    ) -> Value {
        let if_true = self.arm(|frame| frame.eval(if_true), if_true);
        let if_false = self.arm(|frame| frame.eval(if_false), if_false);
        self.choose(condition, if_true, if_false)
    }

    /// The same for two parts of a template.
    pub(super) fn conditional_text(
        &mut self,
        condition: ExprId,
        if_true: impl FnOnce(&mut Self) -> Value,
        if_false: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let if_true = self.arm(if_true, condition);
        let if_false = self.arm(if_false, condition);
        self.choose(condition, if_true, if_false)
    }

    /// Evaluates an arm; its errors are kept apart, for it may not be the one that is taken.
    fn arm(&mut self, evaluate: impl FnOnce(&mut Self) -> Value, expr: ExprId) -> Arm {
        let (value, errors) = self.apart(evaluate);
        Arm {
            value,
            errors,
            span: self.tree.expr(expr).span,
        }
    }

    fn choose(&mut self, condition: ExprId, if_true: Arm, if_false: Arm) -> Value {
        let weight = if_true.value.weight();
        let weight = weight.saturating_add(if_false.value.weight());
        if !self.evaluator.spend(weight) {
            return Value::dynamic();
        }
        let Some(ty) = common_type(&if_true.value, &if_false.value) else {
            let message = format!(
                "the two results have no type in common: {} and {}",
                describe(&if_true.value.ty()),
                describe(&if_false.value.ty())
            );
            self.fail(if_true.span.to(if_false.span), message);
            return self.neither(Type::Dynamic, condition, &if_true, &if_false);
        };
        let span = self.tree.expr(condition).span;
        let errors = self.errors.len();
        let decided = self.eval(condition);
        if decided.is_null() {
            self.fail(span, "the condition is null");
            return self.neither(ty, condition, &if_true, &if_false);
        }
        let sensitive = decided.sensitive || if_true.value.sensitive || if_false.value.sensitive;
        if decided.is_unknown() {
            let failed = self.errors.len() > errors;
            let value = undecided(&if_true.value, &if_false.value, &ty);
            if failed {
                return value.with_sensitive(sensitive);
            }
            let value = self.with_both_arms(value, condition, &decided, &if_true, &if_false, &ty);
            return value.with_sensitive(sensitive);
        }
        let Ok(Value {
            kind: Kind::Bool(truth),
            ..
        }) = convert(&decided, &Type::Bool)
        else {
            self.fail(span, "the condition is no bool");
            return self.neither(ty, condition, &if_true, &if_false);
        };
        let (taken, other) = if truth {
            (if_true, if_false)
        } else {
            (if_false, if_true)
        };
        let value = self.take(taken, &ty);
        self.with_other_arm(value, condition, &decided, &other, &ty)
            .with_sensitive(sensitive)
    }

    fn take(&mut self, arm: Arm, ty: &Type) -> Value {
        let failed = arm.errors.has_errors();
        self.count(arm.errors);
        if failed {
            return convert(&arm.value, ty).unwrap_or_else(|_| Value::unknown(ty.clone()));
        }
        let converted = match have_one_type(&arm.value, ty) {
            true => convert(&arm.value, ty),
            false => Err("the elements must all have the same type".into()),
        };
        converted.unwrap_or_else(|message| {
            self.fail(arm.span, message);
            stand_in(ty.clone(), &[arm.value])
        })
    }

    /// What stands for the result where Terraform takes none of the arms.
    fn neither(&mut self, ty: Type, condition: ExprId, if_true: &Arm, if_false: &Arm) -> Value {
        let value = Value::unknown(ty.clone());
        let undecided = Value::dynamic();
        self.with_both_arms(value, condition, &undecided, if_true, if_false, &ty)
    }

    /// The value of the arm that is taken, with the other as a choice.
    fn with_other_arm(
        &mut self,
        mut value: Value,
        condition: ExprId,
        decided: &Value,
        other: &Arm,
        ty: &Type,
    ) -> Value {
        if decided.root_default() {
            value.provenance_mut().root_default = true;
        }
        if other.errors.has_errors() {
            return value;
        }
        let Ok(other) = convert(&other.value, ty) else {
            return value;
        };
        let possible = decided.choices().iter().map(|choice| choice.when).min();
        let when = match possible {
            Some(When::Possibly) => When::Possibly,
            _ if decided.root_default() => When::OtherwiseSet,
            Some(when) => when,
            None => When::Unused,
        };
        if other.has_more_choices() {
            value.provenance_mut().more_choices = true;
        }
        let decision = self.decision(condition, false);
        let mut choices = value.choices().to_vec();
        add_choice(&mut choices, &value, &other, when, &[(decision, 1)].into());
        value.with_bounded_choices(choices)
    }

    fn with_both_arms(
        &mut self,
        mut value: Value,
        condition: ExprId,
        decided: &Value,
        if_true: &Arm,
        if_false: &Arm,
        ty: &Type,
    ) -> Value {
        if decided.root_default() {
            value.provenance_mut().root_default = true;
        }
        value = value.decided_by([decided, &if_true.value, &if_false.value]);
        let decision = self.decision(condition, true);
        let mut choices = Vec::new();
        for (number, arm) in [(0, if_true), (1, if_false)] {
            if !arm.errors.has_errors()
                && let Ok(arm) = convert(&arm.value, ty)
            {
                if arm.has_more_choices() {
                    value.provenance_mut().more_choices = true;
                }
                let decisions = [(decision, number)].into();
                let possibly = When::Possibly;
                add_choice(&mut choices, &value, &arm, possibly, &decisions);
            }
        }
        value.with_bounded_choices(choices)
    }
}

/// The type of the result; `None` where the arms have none in common.
fn common_type(if_true: &Value, if_false: &Value) -> Option<Type> {
    let is_bare_null =
        |value: &Value| matches!(value.kind, Kind::Null(Type::Dynamic)) && !value.sensitive;
    let (ty_true, ty_false) = (if_true.ty(), if_false.ty());
    if is_bare_null(if_true) {
        return Some(ty_false);
    }
    if is_bare_null(if_false) {
        return Some(ty_true);
    }
    if ty_true == Type::Dynamic || ty_false == Type::Dynamic {
        return Some(Type::Dynamic);
    }
    unify([&ty_true, &ty_false], true)
}

/// Whether the members of an arm can be elements of a list or map of no given type: unlike a conversion by a function, that
/// of an arm only unifies primitive types.
fn have_one_type(arm: &Value, ty: &Type) -> bool {
    if !matches!(ty, Type::List(element) | Type::Map(element) if **element == Type::Dynamic) {
        return true;
    }
    let mut types = arm.members().map(Value::ty);
    let Some(first) = types.next() else {
        return true;
    };
    first.is_primitive() || first == Type::Dynamic || types.all(|ty| ty == first)
}

/// What is known of the result while the condition is unknown.
fn undecided(if_true: &Value, if_false: &Value, ty: &Type) -> Value {
    if if_true.is_null() && if_false.is_null() {
        return Value::new(Kind::Null(ty.clone()));
    }
    let mut unknown = Unknown {
        not_null: range::surely_not_null(if_true) && range::surely_not_null(if_false),
        ..Unknown::of(ty.clone())
    };
    let (ty_true, ty_false) = (if_true.ty(), if_false.ty());
    if ty_true == Type::Number && ty_false == Type::Number {
        let (least_true, most_true) = range::bounds(if_true);
        let (least_false, most_false) = range::bounds(if_false);
        unknown.bounds = (
            outer(least_true, least_false, |a, b| a < b),
            outer(most_true, most_false, |a, b| a > b),
        );
    } else if ty_true == ty_false && ty_true.is_homogeneous() {
        let (least_true, most_true) = range::length(if_true);
        let (least_false, most_false) = range::length(if_false);
        let most = most_true.zip(most_false).map(|(a, b)| a.max(b));
        unknown.length = (least_true.min(least_false), most);
    }
    Value::new(unknown.settle())
}

/// The bound that lies further out; none where one of the two is none.
fn outer(
    a: Option<Bound>,
    b: Option<Bound>,
    is_further: fn(&super::number::Number, &super::number::Number) -> bool,
) -> Option<Bound> {
    let (a, b) = a.zip(b)?;
    if a.number == b.number {
        return Some(Bound {
            inclusive: a.inclusive || b.inclusive,
            // Terraform takes the second arm's: of zeros that differ in their sign, too.
            ..b
        });
    }
    Some(if is_further(&a.number, &b.number) {
        a
    } else {
        b
    })
}
