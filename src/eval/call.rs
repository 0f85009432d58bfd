//! Function calls: what cty does around every function, `try` and `can`, and layer two of the results.

use crate::source::Span;
use crate::syntax::{ExprId, ExprKind};

use super::alternatives::{add_choice, attribute, hoist, lift, whole_trace};
use super::convert::{convert, describe};
use super::evaluator::Evaluator;
use super::frame::{Frame, Scope, stand_in};
use super::functions::{self, Body, Failure, Function, ResultType, Special};
use super::range;
use super::trace::Trace;
use super::types::Type;
use super::value::{Value, When};

impl<'e> Frame<'e, '_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        name_span: Span,
        arguments: &'e [ExprId],
        expand: bool,
        span: Span,
    ) -> Value {
        if self.scope == Scope::Nothing {
            self.fail(span, "no function can be called here");
            return Value::dynamic();
        }
        let Some(function) = functions::find(name) else {
            self.fail(name_span, format!("there is no function {name:?}"));
            return Value::dynamic();
        };
        match function.body {
            Body::Special(Special::Try) => self.try_each(arguments, expand, span),
            Body::Special(Special::Can) => self.can(arguments, expand, span),
            Body::Special(Special::TemplateString) => self.template_string(arguments, expand, span),
            Body::Pure(_) | Body::Matching(_) | Body::Impure => {
                let errors = self.errors.len();
                let Some(values) = self.arguments(function, arguments, expand, span) else {
                    return Value::dynamic();
                };
                if self.errors.len() > errors {
                    return Value::dynamic();
                }
                let result = self.apply(function, &values, span);
                self.with_decision(result, arguments)
            }
        }
    }

    /// Puts the call's own decision into the choices that a function has found among its arguments.
    fn with_decision(&self, mut result: Value, arguments: &[ExprId]) -> Value {
        let is_own = |id: u64| id >= functions::THIS_CALL;
        let choices = result.choices();
        let own = choices.iter().flat_map(|choice| choice.decisions.iter());
        let Some((id, _)) = own.copied().find(|(id, _)| is_own(*id)) else {
            return result;
        };
        let Some(argument) = arguments.first() else {
            return result;
        };
        let decision = self.decision(*argument, id == functions::THIS_OPEN_CALL);
        let provenance = result.provenance_mut();
        let choices = provenance.choices.iter().cloned().map(|mut choice| {
            let decisions = choice.decisions.iter().copied();
            let real = |(id, arm): (u64, u32)| (if is_own(id) { decision } else { id }, arm);
            choice.decisions = decisions.map(real).collect();
            choice
        });
        provenance.choices = choices.collect();
        result
    }

    /// The arguments of a call, converted; `None` where it cannot be called (the error is noted) or nothing is known of
    /// how many there are.
    fn arguments(
        &mut self,
        function: &Function,
        arguments: &[ExprId],
        expand: bool,
        span: Span,
    ) -> Option<Vec<Value>> {
        let (plain, expanded) = match arguments.split_last() {
            Some((last, plain)) if expand => (plain, Some(*last)),
            _ => (arguments, None),
        };
        let expanded: Vec<(Value, ExprId)> = match expanded {
            None => Vec::new(),
            Some(last) => {
                let members = match self.expanded(last) {
                    None if self.evaluator.is_lenient() && function.variadic.is_some() => {
                        vec![Value::dynamic()]
                    }
                    members => members?,
                };
                members.into_iter().map(|member| (member, last)).collect()
            }
        };
        let count = plain.len() + expanded.len();
        if !self.count_fits(function, count, span) {
            return None;
        }
        let mut values = Vec::with_capacity(count);
        for argument in plain {
            let value = self.eval(*argument);
            values.push((value, *argument));
        }
        values.extend(expanded);
        let converted = values.into_iter().enumerate().map(|(index, (value, at))| {
            let wanted = function
                .parameter(index)
                .map_or(Type::Dynamic, |p| p.ty.clone());
            self.converted_argument(function, index, &value, &wanted, at)
        });
        Some(converted.collect())
    }

    fn converted_argument(
        &mut self,
        function: &Function,
        index: usize,
        value: &Value,
        wanted: &Type,
        at: ExprId,
    ) -> Value {
        match convert(value, wanted) {
            Ok(converted) => {
                self.evaluator.note_lost(value, &converted);
                converted
            }
            Err(message) => {
                let span = self.tree.expr(at).span;
                self.fail(span, argument_message(function, index, &message));
                stand_in(wanted.clone(), std::slice::from_ref(value))
            }
        }
    }

    fn count_fits(&mut self, function: &Function, count: usize, span: Span) -> bool {
        let wanted = function.parameters.len();
        let fits = count >= wanted && (function.variadic.is_some() || count == wanted);
        if !fits {
            let least = if function.variadic.is_some() {
                "at least "
            } else {
                ""
            };
            let name = function.name;
            self.fail(
                span,
                format!("{name} takes {least}{wanted} arguments, not {count}"),
            );
        }
        fits
    }

    /// The members of an argument with `...`.
    fn expanded(&mut self, argument: ExprId) -> Option<Vec<Value>> {
        let span = self.tree.expr(argument).span;
        let errors = self.errors.len();
        let value = self.eval(argument);
        if self.errors.len() > errors {
            return None;
        }
        let ty = value.ty();
        let sequence = matches!(ty, Type::Tuple(_) | Type::List(_) | Type::Set(_));
        if value.is_null() && (sequence || ty == Type::Dynamic) {
            self.fail(span, "null cannot be expanded");
            return None;
        }
        if ty == Type::Dynamic || sequence && value.is_unknown() {
            return None;
        }
        if !sequence {
            self.fail(span, format!("{} cannot be expanded", describe(&ty)));
            return None;
        }
        Some(value.members().map(|member| value.member(member)).collect())
    }

    fn apply(&mut self, function: &Function, arguments: &[Value], span: Span) -> Value {
        let weight = arguments
            .iter()
            .fold(1_u32, |sum, argument| sum.saturating_add(argument.weight()));
        let weight = weight.saturating_add((function.work)(arguments));
        if !self.evaluator.spend(weight) {
            return Value::dynamic();
        }
        let evaluator = self.evaluator;
        let apply = |arguments: &[Value]| apply_with_layer_two(evaluator, function, arguments);
        let result = apply_to_choices(evaluator, arguments, apply);
        evaluator.spend(evaluator.patterns().take_work());
        match result {
            Ok(value) => {
                self.evaluator.spend(value.weight());
                value
            }
            Err(Failure::Unknown) => Value::dynamic(),
            Err(Failure::TooLarge) => {
                self.evaluator.cut_short();
                Value::dynamic()
            }
            Err(Failure::Error(error)) => {
                let message = match error.argument {
                    Some(index) => argument_message(function, index, &error.message),
                    None => format!("call to {} failed: {}", function.name, error.message),
                };
                self.fail(span, message);
                let result = apply_to_choices(evaluator, arguments, |arguments| {
                    let stand_in = |_| made_of(function, arguments, Value::dynamic());
                    Ok::<_, Failure>(apply(arguments).unwrap_or_else(stand_in))
                });
                result.unwrap_or_else(|_| Value::dynamic())
            }
        }
    }

    /// Evaluates an argument of `try` or `can`. The error is the value that stands for the missing one.
    fn attempt(&mut self, argument: ExprId) -> Result<Value, Value> {
        let (value, errors) = self.apart(|frame| frame.eval(argument));
        match errors.failed() {
            false => Ok(value),
            true => Err(value),
        }
    }

    /// The arguments of `try` or `can`: those that are still to be evaluated, and the members of one with `...`. `None`
    /// where it cannot be expanded.
    fn attempts<'s>(
        &mut self,
        arguments: &'s [ExprId],
        expand: bool,
    ) -> Option<(&'s [ExprId], Vec<Value>)> {
        match arguments.split_last() {
            Some((last, plain)) if expand => Some((plain, self.expanded(*last)?)),
            _ => Some((arguments, Vec::new())),
        }
    }

    fn can(&mut self, arguments: &[ExprId], expand: bool, span: Span) -> Value {
        let Some((plain, expanded)) = self.attempts(arguments, expand) else {
            return Value::dynamic();
        };
        let attempt = match (plain, expanded.as_slice()) {
            ([argument], []) => self.attempt(*argument),
            ([], [member]) => Ok(member.clone()),
            _ => {
                self.fail(span, "can takes one argument");
                return Value::dynamic();
            }
        };
        match attempt {
            Err(_) => Value::bool(false),
            Ok(value) if value.is_wholly_known() => Value::bool(true),
            Ok(_) => Value::unknown(Type::Bool),
        }
    }

    fn try_each(&mut self, arguments: &[ExprId], expand: bool, span: Span) -> Value {
        let Some((plain, expanded)) = self.attempts(arguments, expand) else {
            return Value::dynamic();
        };
        let mut root_default = false;
        let mut failed = Vec::new();
        for (index, argument) in plain.iter().enumerate() {
            match self.attempt(*argument) {
                Err(stand_in) => {
                    root_default |= self.refers_to_root_default(*argument);
                    failed.push((stand_in, *argument));
                }
                Ok(value) => {
                    let fallbacks = plain.get(index + 1..).unwrap_or_default();
                    let mut value = self.with_fallbacks(value, *argument, fallbacks);
                    if root_default {
                        value.provenance_mut().root_default = true;
                    }
                    return self.with_failed(value, failed);
                }
            }
        }
        let value = match (expanded.first(), arguments.last()) {
            (Some(member), Some(last)) => self.with_fallbacks(member.clone(), *last, &[]),
            _ => {
                self.fail(span, "each argument of try fails");
                Value::dynamic()
            }
        };
        self.with_failed(value, failed)
    }

    /// The value of a `try` with what is known of those of its arguments that fail, as choices that are not used.
    fn with_failed(&mut self, value: Value, failed: Vec<(Value, ExprId)>) -> Value {
        let mut choices = value.choices().to_vec();
        for (stand_in, argument) in failed {
            if stand_in.provenance().is_some() || stand_in.is_collection() {
                let decisions = [(self.decision(argument, false), 1)].into();
                add_choice(&mut choices, &value, &stand_in, When::Unused, &decisions);
            }
        }
        value.with_bounded_choices(choices)
    }

    /// The value of an argument of `try` with those after it as choices.
    fn with_fallbacks(&mut self, value: Value, argument: ExprId, fallbacks: &[ExprId]) -> Value {
        let known = value.is_wholly_known();
        let root_default = value.contains_root_default();
        let when = match (known, root_default) {
            (false, _) => When::Possibly,
            (true, true) => When::OtherwiseSet,
            (true, false) => When::Unused,
        };
        let decision = self.decision(argument, !known);
        let mut result = if known {
            value.clone()
        } else {
            Value::dynamic()
        };
        let mut choices = result.choices().to_vec();
        let mut add = |value: &Value, when: When, arm: usize| {
            let arm = u32::try_from(arm).unwrap_or(u32::MAX - 1);
            add_choice(
                &mut choices,
                &result,
                value,
                when,
                &[(decision, arm)].into(),
            );
        };
        if !known {
            add(&value, When::Possibly, 0);
        }
        for (arm, fallback) in fallbacks.iter().enumerate() {
            if let Ok(fallback) = self.attempt(*fallback) {
                add(&fallback, when, arm + 1);
            }
        }
        if root_default {
            result.provenance_mut().root_default = true;
        }
        if !known && !value.trace().is_none() {
            result = result.with_trace(value.trace());
        }
        result.with_bounded_choices(choices)
    }

    /// Whether something that a failing argument of `try` refers to depends on a root variable's default.
    fn refers_to_root_default(&mut self, argument: ExprId) -> bool {
        let (start, steps) = self.steps(argument);
        let mut expr = argument;
        for _ in 0..steps.len() {
            expr = match &self.tree.expr(expr).kind {
                ExprKind::GetAttr { object, .. } | ExprKind::Index { object, .. } => *object,
                _ => break,
            };
            if expr == start {
                break;
            }
            if let Ok(value) = self.attempt(expr) {
                return value.contains_root_default();
            }
        }
        false
    }

    fn template_string(&mut self, arguments: &'e [ExprId], expand: bool, span: Span) -> Value {
        let errors = self.errors.len();
        let Some((plain, expanded)) = self.attempts(arguments, expand) else {
            return Value::dynamic();
        };
        let (template, variables) = match (plain, expanded.as_slice()) {
            ([template, variables], []) => (template, self.eval(*variables)),
            ([template], [variables]) => (template, variables.clone()),
            _ => {
                self.fail(span, "templatestring takes two arguments");
                return Value::dynamic();
            }
        };
        if self.scope == Scope::Names {
            self.fail(span, "templatestring cannot be called in a template");
            return Value::dynamic();
        }
        if self.root_of(*template).is_none() {
            let span = self.tree.expr(*template).span;
            self.fail(span, "the template must be a reference to one");
            return Value::dynamic();
        }
        let arguments = [self.eval(*template), variables];
        if self.errors.len() > errors {
            return Value::dynamic();
        }
        let (evaluator, instance) = (self.evaluator, self.instance);
        let stand_in = |arguments: &[Value]| stand_in(Type::Dynamic, arguments);
        self.operate(&arguments, span, stand_in, |arguments| match arguments {
            [template, variables] => {
                super::template_string::render(evaluator, instance, template, variables)
            }
            _ => Ok(Value::dynamic()),
        })
    }
}

fn argument_message(function: &Function, index: usize, message: &str) -> String {
    match function.parameter(index) {
        Some(parameter) => format!(
            "invalid value for the {:?} parameter of {}: {message}",
            parameter.name, function.name
        ),
        None => format!("call to {} failed: {message}", function.name),
    }
}

/// The result, and what it is for each choice of the arguments and, where it is no collection itself, of their members.
fn apply_to_choices(
    evaluator: &Evaluator<'_>,
    arguments: &[Value],
    apply: impl Fn(&[Value]) -> Result<Value, Failure>,
) -> Result<Value, Failure> {
    let spend = evaluator.spending();
    let result = lift(&spend, arguments, &apply)?;
    let within = arguments.iter().any(Value::has_choices_within);
    if result.is_collection() || !within || !result.choices().is_empty() {
        return Ok(result);
    }
    let hoisted = arguments.iter().map(|argument| hoist(&spend, argument));
    let hoisted: Vec<Value> = hoisted.collect();
    lift(&spend, &hoisted, &apply)
}

fn apply_with_layer_two(
    evaluator: &Evaluator<'_>,
    function: &Function,
    arguments: &[Value],
) -> Result<Value, Failure> {
    let result = apply_plain(evaluator, function, arguments)?;
    Ok(made_of(function, arguments, result))
}

/// The result of a function with the layer two that it has from the arguments.
fn made_of(function: &Function, arguments: &[Value], result: Value) -> Value {
    let reaches = |index: usize| function.parameter(index).is_none_or(|p| p.reaches);
    let reaching = arguments
        .iter()
        .enumerate()
        .filter(|(index, _)| reaches(*index))
        .map(|(_, argument)| argument);
    let trace = Trace::join(reaching.map(whole_trace));
    let root_default = if result.is_collection() {
        arguments.iter().any(Value::root_default)
    } else {
        arguments.iter().any(Value::contains_root_default)
    };
    attribute(result, &trace, root_default).decided_by(arguments)
}

/// What is found out about the arguments before the function sees them.
struct Checked {
    arguments: Vec<Value>,
    /// Whether a mark was taken off.
    sensitive: bool,
    /// Whether an argument is unknown that the function does not take.
    unknown: bool,
}

/// Layer one of a call.
fn apply_plain(
    evaluator: &Evaluator<'_>,
    function: &Function,
    arguments: &[Value],
) -> Result<Value, Failure> {
    let Some(ty) = result_type(function, arguments)? else {
        return Ok(uncalled(evaluator, function, arguments));
    };
    let checked = check(function, arguments);
    let outcome = match function.body {
        Body::Pure(body) if !checked.unknown => body(&checked.arguments, &ty),
        Body::Matching(body) if !checked.unknown => {
            body(evaluator.patterns(), &checked.arguments, &ty)
        }
        _ => Err(Failure::Unknown),
    };
    let result = match outcome {
        Err(Failure::Unknown) => Value::unknown(ty),
        Err(Failure::TooLarge) => {
            evaluator.cut_short();
            Value::unknown(ty)
        }
        result => result?,
    };
    let sensitive = result.sensitive || checked.sensitive;
    let result = if function.not_null {
        range::refine_not_null(result)
    } else {
        result
    };
    Ok(result.with_sensitive(sensitive))
}

/// What comes of a call that Terraform does not make, for an argument's type is unknown: layer two still has the text
/// around the argument.
fn uncalled(evaluator: &Evaluator<'_>, function: &Function, arguments: &[Value]) -> Value {
    let checked = check(function, arguments);
    let text = match (function.body, &function.result) {
        _ if checked.unknown => None,
        (Body::Pure(body), ResultType::Is(ty @ Type::String)) => body(&checked.arguments, ty).ok(),
        (Body::Matching(body), ResultType::Is(ty @ Type::String)) => {
            body(evaluator.patterns(), &checked.arguments, ty).ok()
        }
        _ => None,
    };
    let unknown = Value::dynamic();
    let value = match text {
        Some(text) => text.with_kind(unknown.kind),
        None => unknown,
    };
    value.with_sensitive(checked.sensitive)
}

fn unmarked(function: &Function, index: usize, argument: &Value) -> Value {
    let keeps = function.parameter(index).is_some_and(|p| p.marked);
    if keeps {
        argument.clone()
    } else {
        argument.without_marks()
    }
}

/// The type of the result; `None` where an argument is of unknown type that the function cannot deal with.
fn result_type(function: &Function, arguments: &[Value]) -> Result<Option<Type>, Failure> {
    for (index, argument) in arguments.iter().enumerate() {
        let Some(parameter) = function.parameter(index) else {
            continue;
        };
        if argument.is_null() && !parameter.null {
            return Err(Failure::argument(index, "it must not be null"));
        }
        let ty = argument.ty();
        if ty == Type::Dynamic {
            if !parameter.dynamic {
                return Ok(None);
            }
        } else if !ty.conforms_to(&parameter.ty) {
            let message = format!("{} required", describe(&parameter.ty));
            return Err(Failure::argument(index, message));
        }
    }
    match &function.result {
        ResultType::Is(ty) => Ok(Some(ty.clone())),
        ResultType::Of(of) => {
            let arguments: Vec<Value> = arguments
                .iter()
                .enumerate()
                .map(|(index, argument)| unmarked(function, index, argument))
                .collect();
            of(&arguments).map(Some)
        }
    }
}

fn check(function: &Function, arguments: &[Value]) -> Checked {
    let mut checked = Checked {
        arguments: Vec::with_capacity(arguments.len()),
        sensitive: false,
        unknown: false,
    };
    for (index, argument) in arguments.iter().enumerate() {
        let Some(parameter) = function.parameter(index) else {
            continue;
        };
        checked.sensitive |= !parameter.marked && argument.contains_sensitive();
        checked.unknown |= !parameter.unknown && argument.is_unknown();
        checked.arguments.push(unmarked(function, index, argument));
    }
    checked
}
