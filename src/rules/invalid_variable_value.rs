//! `invalid-variable-value`: a variable that a zenml block depends on has a value that its own validation refuses.

use super::scope::has_open_default;
use super::{Draft, Place, Reporter, Scope};
use crate::eval::{Bindings, Refusal, VariableOf};
use crate::message;
use crate::message::Message;
use crate::redact::Shown;
use crate::terraform::{Argument, Block, ExprRef};

pub(super) fn check(scope: &Scope<'_>, reporter: &mut Reporter) {
    if !scope.configuration.has_validations() {
        return;
    }
    let providers = scope.providers.iter().filter(|provider| !provider.in_test);
    let blocks = providers.map(|provider| provider.block);
    for block in blocks.chain(scope.resources.iter().map(|resource| resource.block)) {
        // What `each` stands for comes from `for_each`, an argument like the others.
        let expansion = scope.evaluator.expansion(scope.instance, block);
        let bindings = expansion.map(|expansion| expansion.bindings());
        let bindings = bindings.ok().and_then(|all| all.into_iter().next());
        check_block(scope, block, &bindings.unwrap_or_default(), reporter);
    }
}

fn check_block(scope: &Scope<'_>, block: &Block, bindings: &Bindings, reporter: &mut Reporter) {
    for argument in block.arguments.values() {
        let refusals = scope
            .evaluator
            .refusals(scope.instance, argument.expr, bindings);
        for refusal in refusals {
            if let Some(draft) = draft(scope, &refusal, argument) {
                reporter.report(draft);
            }
        }
    }
    for nested in &block.blocks {
        check_block(scope, nested, bindings, reporter);
    }
}

fn draft(scope: &Scope<'_>, refusal: &Refusal, argument: &Argument) -> Option<Draft> {
    let sure = refusal
        .failed
        .iter()
        .filter(|failed| !waits_for_a_run(scope, refusal, failed.condition));
    let sure: Vec<_> = sure.collect();
    let first = sure.first()?;
    let says = match first.message {
        Some(message) => message!(
            " and its own message, \"{}\"",
            Shown::literal(scope.configuration, message)
        ),
        None => Message::default(),
    };
    let message = message!(
        "the variable `{}` refuses this value: `terraform plan` fails with \"Invalid value for variable\"{}",
        Shown::refused(refusal),
        says
    );
    let trace = refusal.value.trace();
    let mut place = Place::of_given(scope.configuration, &trace, refusal.given_at, argument);
    if let Some(text) = refusal.value.as_str() {
        place = place.with_text(text);
    }
    let mut draft = Draft::new(place, message)
        .help("give a value for which the condition holds, or mend the condition");
    for failed in sure {
        draft = draft.related(
            scope.configuration.location(failed.condition),
            "this condition is false",
        );
    }
    Some(draft)
}

/// Whether a condition depends on a root variable whose default is there to be set from outside. What a call leaves out,
/// it leaves out for good.
fn waits_for_a_run(scope: &Scope<'_>, refusal: &Refusal, condition: ExprRef) -> bool {
    let behind = scope
        .evaluator
        .variables_behind(refusal.instance, [condition]);
    let is_of_root = |(instance, _): &VariableOf<'_>| scope.evaluator.caller(*instance).is_none();
    let mut of_roots = behind.into_iter().filter(is_of_root);
    of_roots.any(|variable| has_open_default(scope.evaluator, variable))
}
