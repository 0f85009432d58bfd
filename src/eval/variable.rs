//! The values of variables.

use crate::syntax::{ExprKind, parse_expression};
use crate::terraform::{Argument, ExprRef, Given, Subject, Variable, references};

use super::alternatives::{add_choice, decision_id};
use super::convert::convert;
use super::error::EvalError;
use super::evaluator::{Definition, Evaluator, InstanceId, Origin};
use super::expansion::Bindings;
use super::frame::{Scope, normal_form, stand_in};
use super::range;
use super::trace::{Hop, Start, Trace};
use super::type_constraint::Constraint;
use super::types::Type;
use super::value::{Value, When};

/// The arguments of a variable that are plain bools.
const FLAGS: [&str; 3] = ["nullable", "sensitive", "ephemeral"];

/// A value for a variable, before it is converted, and who gave it.
enum Offer<'a> {
    Tfvars(&'a Argument),
    Run { by: &'a str, text: &'a str },
    Argument(Value),
}

impl<'a> Evaluator<'a> {
    /// The value of a variable.
    pub fn variable(&self, instance: InstanceId, name: &str) -> Result<Value, EvalError> {
        let Some((name, variable)) = self
            .module(instance)
            .and_then(|module| module.variables.get_key_value(name))
        else {
            return Err(self.undeclared("variable", name));
        };
        let definition = Definition::Variable(name);
        self.remember(instance, definition, variable.block.header, || {
            let value = self.evaluate_variable(instance, name, variable)?;
            self.settle(instance, definition, &value);
            if !self.is_lenient() {
                self.check_declaration(instance, name, variable)?;
            }
            match self.refusal(instance, name, variable, &value) {
                None => Ok(value),
                Some(refusal) => self.refuse(refusal, value),
            }
        })
    }

    /// Whether Terraform takes the declaration: its flags, and what its conditions are about and come to.
    fn check_declaration(
        &self,
        instance: InstanceId,
        name: &str,
        variable: &Variable,
    ) -> Result<(), EvalError> {
        let block = &variable.block;
        for flag in FLAGS {
            let Some(argument) = block.arguments.get(flag) else {
                continue;
            };
            let value = self.constant(instance, argument.expr, None)?;
            self.check_bool(argument, &value)?;
        }
        let validations = block.blocks.iter();
        for validation in validations.filter(|block| block.keyword == "validation") {
            let argument = |name: &str| {
                let argument = validation.arguments.get(name);
                argument.ok_or_else(|| EvalError {
                    message: format!("the validation has no {name}"),
                    at: validation.header,
                })
            };
            argument("error_message")?;
            let condition = argument("condition")?;
            if !self.is_about(condition, name) {
                let message = format!("the condition must refer to var.{name}");
                return Err(self.error_at(condition, message));
            }
            let value = self.value(instance, condition.expr)?;
            self.check_bool(condition, &value)?;
        }
        Ok(())
    }

    /// Whether the condition of a validation refers to the variable itself, as it must.
    pub(super) fn is_about(&self, condition: &Argument, variable: &str) -> bool {
        let tree = self.configuration().tree(condition.expr.file);
        let references = tree.map(|tree| references(tree, condition.expr.expr, false));
        let this = Subject::Variable(variable.to_owned());
        references.is_some_and(|all| all.iter().any(|of| of.subject == this))
    }

    fn check_bool(&self, argument: &Argument, value: &Value) -> Result<(), EvalError> {
        let message = match convert(value, &Type::Bool) {
            Ok(_) if !value.is_null() => return Ok(()),
            Ok(_) => "a bool is required, not null".to_owned(),
            Err(message) => message,
        };
        Err(self.error_at(argument, message))
    }

    fn evaluate_variable(
        &self,
        instance: InstanceId,
        name: &str,
        variable: &Variable,
    ) -> Result<Value, EvalError> {
        let hop = Hop::new(variable.block.header, format!("variable `{name}`"));
        let constraint = self.declared_type(instance, variable)?;
        let default = match &variable.default {
            None => None,
            Some(default) => {
                let value = self.constant(instance, default.expr, None)?;
                let fitting = match constraint.without_defaults(&value) {
                    Ok(value) if value.is_null() && !variable.nullable => {
                        Err("it must not be null".into())
                    }
                    other => other,
                };
                match fitting {
                    Err(_) if self.is_lenient() => Some(constraint.apply_where_it_fits(&value)),
                    other => Some(other.map_err(|message| self.error_at(default, message))?),
                }
            }
        };
        let Some(this) = self.instance(instance) else {
            return Ok(Value::dynamic());
        };
        let is_root = matches!(this.origin, Origin::Root(_));
        let mut offers = self.offers(&this.origin, name)?;
        let chosen = offers.pop();
        let by_default = chosen.is_none();
        let prepare = |value: &Value| {
            if !self.spend(value.weight()) {
                return Ok(Value::unknown(constraint.ty()));
            }
            self.prepare(value, &constraint, variable, default.as_ref())
                .map_err(|message| EvalError {
                    message: format!("the value for variable {name:?} does not fit: {message}"),
                    at: variable.block.header,
                })
        };
        let value = match (chosen, &default) {
            (Some(offer), _) => prepare(&self.offered(instance, offer, variable)?)?,
            (None, Some(default)) => prepare(default)?,
            (None, None) => not_given(&constraint, variable),
        };
        let sensitive = value.sensitive || variable.sensitive;
        let mut value = value.with_sensitive(sensitive).via(&hop);
        if by_default && is_root && default.is_some() {
            value.provenance_mut().root_default = true;
        }
        let mut overridden: Vec<Value> = Vec::new();
        if !by_default {
            overridden.extend(default.as_ref().and_then(|default| prepare(default).ok()));
        }
        for offer in offers {
            let value = self.offered(instance, offer, variable);
            overridden.extend(value.ok().and_then(|value| prepare(&value).ok()));
        }
        for other in &mut overridden {
            other.sensitive |= variable.sensitive;
        }
        Ok(self.with_overridden(value, overridden, &hop))
    }

    /// Values that others override are choices that are not used.
    fn with_overridden(&self, value: Value, overridden: Vec<Value>, hop: &Hop) -> Value {
        if overridden.is_empty() {
            return value;
        }
        let decision = decision_id(self.decision(InstanceId::NONE, None), false);
        let mut choices = value.choices().to_vec();
        for (arm, other) in (0..).zip(overridden) {
            let decisions = [(decision, arm)].into();
            add_choice(
                &mut choices,
                &value,
                &other.via(hop),
                When::Unused,
                &decisions,
            );
        }
        value.with_bounded_choices(choices)
    }

    fn offers<'o>(&self, origin: &'o Origin<'a>, name: &str) -> Result<Vec<Offer<'o>>, EvalError> {
        match origin {
            Origin::Root(context) => {
                let given = context.given.get(name).into_iter().flatten();
                Ok(given
                    .map(|given| match given {
                        Given::Tfvars(argument) => Offer::Tfvars(argument),
                        Given::Run { by, text } => Offer::Run { by, text },
                    })
                    .collect())
            }
            Origin::Call {
                parent,
                call,
                bindings,
            } => {
                let Some(argument) = call.block.arguments.get(name) else {
                    let other = call.has_other_arguments;
                    let unread = other.then(|| Offer::Argument(Value::dynamic()));
                    return Ok(unread.into_iter().collect());
                };
                let value = self.value_with(*parent, argument.expr, bindings)?;
                let value = match self.is_idle(*parent, &call.block, argument.expr) {
                    true => value.set_aside(),
                    false => value,
                };
                let module = call.block.labels.first().map_or("", String::as_str);
                let what = format!("argument `{name}` of module `{module}`");
                let value = value.via(&Hop::new(argument.name_at, what));
                Ok(vec![Offer::Argument(value)])
            }
        }
    }

    fn offered(
        &self,
        instance: InstanceId,
        offer: Offer<'_>,
        variable: &Variable,
    ) -> Result<Value, EvalError> {
        match offer {
            Offer::Argument(value) => Ok(value),
            Offer::Tfvars(argument) => self.constant(instance, argument.expr, None),
            Offer::Run { by, text } => {
                let trace = Trace::start(Start::Run {
                    by: Some(by.into()),
                    variable: variable.block.header,
                });
                if self.takes_plain_text(instance, variable) {
                    return Ok(Value::string(normal_form(text)).with_trace(trace));
                }
                self.run_expression(instance, text, trace, variable)
            }
        }
    }

    /// Whether what a run gives is the text itself rather than an expression.
    fn takes_plain_text(&self, instance: InstanceId, variable: &Variable) -> bool {
        let constraint = self.declared_type(instance, variable);
        match (&variable.ty, constraint) {
            (None, _) => true,
            (_, Ok(Constraint::Plain(ty))) => ty.is_primitive(),
            _ => false,
        }
    }

    fn run_expression(
        &self,
        instance: InstanceId,
        text: &str,
        trace: Trace,
        variable: &Variable,
    ) -> Result<Value, EvalError> {
        let (tree, root) = parse_expression(text);
        if !tree.errors.is_empty() {
            if self.is_lenient() {
                return Ok(Value::dynamic().with_trace(trace));
            }
            return Err(EvalError {
                message: "the given text is no expression".into(),
                at: variable.block.header,
            });
        }
        let expr = ExprRef {
            file: variable.block.header.file,
            expr: root,
        };
        let bindings = Bindings::default();
        let mut frame = self.frame(instance, &bindings, &tree, expr);
        frame.scope = Scope::Nothing;
        frame.origin = Some(trace);
        frame.finish(root)
    }

    /// The value of an expression that must not refer to anything.
    fn constant(
        &self,
        instance: InstanceId,
        expr: ExprRef,
        origin: Option<Trace>,
    ) -> Result<Value, EvalError> {
        let Some(tree) = self.configuration().tree(expr.file) else {
            return Ok(Value::dynamic());
        };
        let bindings = Bindings::default();
        let mut frame = self.frame(instance, &bindings, tree, expr);
        frame.scope = Scope::Nothing;
        frame.origin = origin;
        frame.finish(expr.expr)
    }

    /// The type that a variable declares; any where it declares none.
    pub fn declared_type(
        &self,
        instance: InstanceId,
        variable: &Variable,
    ) -> Result<Constraint, EvalError> {
        let any = Constraint::Plain(Type::Dynamic);
        let Some(expr) = variable.ty else {
            return Ok(any);
        };
        let Some(tree) = self.configuration().tree(expr.file) else {
            return Ok(any);
        };
        let bindings = Bindings::default();
        let is_json = self
            .configuration()
            .sources
            .get(expr.file)
            .is_some_and(|file| file.path.extension().is_some_and(|e| e == "json"));
        let json_text = tree.plain_string(expr.expr).filter(|_| is_json);
        let parsed = json_text.map(parse_expression);
        let (tree, root) = match &parsed {
            Some((tree, root)) => (tree, *root),
            None => (tree, expr.expr),
        };
        if matches!(tree.expr(root).kind, ExprKind::Invalid) {
            return Ok(any);
        }
        let mut frame = self.frame(instance, &bindings, tree, expr);
        frame.scope = Scope::Nothing;
        let constraint = frame.constraint(root);
        let error = frame.fatal.or_else(|| frame.errors.into_iter().next());
        match (constraint, error) {
            (Some(constraint), None) => Ok(constraint),
            (_, Some(error)) => Err(error),
            (None, None) => Ok(any),
        }
    }

    /// A given value as the variable has it.
    fn prepare(
        &self,
        value: &Value,
        constraint: &Constraint,
        variable: &Variable,
        default: Option<&Value>,
    ) -> Result<Value, String> {
        let converted = match constraint.apply(value) {
            Err(_) if self.is_lenient() => constraint.apply_where_it_fits(value),
            other => other?,
        };
        if !converted.is_null() || variable.nullable {
            return Ok(converted);
        }
        match default {
            Some(default) => Ok(default.clone()),
            None if self.is_lenient() => Ok(stand_in(constraint.ty(), &[converted])),
            None => Err("it must not be null".into()),
        }
    }

    fn error_at(&self, argument: &Argument, message: String) -> EvalError {
        EvalError {
            message,
            at: self.configuration().location(argument.expr),
        }
    }
}

/// A variable that nothing has given and that has no default.
fn not_given(constraint: &Constraint, variable: &Variable) -> Value {
    let ty = constraint.ty();
    let kind = if variable.nullable {
        range::maybe_null(ty)
    } else {
        range::not_null(ty)
    };
    Value::new(kind).with_trace(Trace::start(Start::Run {
        by: None,
        variable: variable.block.header,
    }))
}
