//! `invalid-variable-value`: a variable that a zenml block depends on has a value that its own validation refuses.

use super::{Draft, Place, Reporter, Scope};
use crate::eval::{Bindings, Refusal, Start, Trace, Value};
use crate::source::Location;
use crate::terraform::{Argument, Block, ExprRef, Subject, references};
use crate::zenml::placeholder;

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
    let says = match &first.message {
        Some(message) => format!(" and its own message, \"{message}\""),
        None => String::new(),
    };
    let message = format!(
        "the variable `{}` refuses this value: `terraform plan` fails with \"Invalid value for variable\"{says}",
        refusal.variable
    );
    let trace = refusal.value.trace();
    let place = Place::of_given(scope.configuration, &trace, refusal.given_at, argument);
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

/// Whether a condition looks at a root variable whose default is there to be set from outside.
fn waits_for_a_run(scope: &Scope<'_>, refusal: &Refusal, condition: ExprRef) -> bool {
    let Some(tree) = scope.configuration.tree(condition.file) else {
        return true;
    };
    references(tree, condition.expr).iter().any(|reference| {
        let value = match &reference.subject {
            Subject::Variable(name) if *name == refusal.variable => Ok(refusal.value.clone()),
            Subject::Variable(name) => scope.evaluator.variable(refusal.instance, name),
            Subject::Local(name) => scope.evaluator.local(refusal.instance, name),
            Subject::Module(_) | Subject::Resource(..) | Subject::Data(..) => return false,
        };
        value.is_ok_and(|value| is_to_be_set(scope, &value))
    })
}

/// Whether a value holds a root variable's default that is null, empty or a placeholder.
fn is_to_be_set(scope: &Scope<'_>, value: &Value) -> bool {
    let is_open = |part: &Value| {
        part.is_null()
            || part
                .as_str()
                .is_some_and(|text| text.is_empty() || placeholder::is_placeholder(text))
            || (part.is_collection() && part.members().next().is_none())
    };
    value.contains_root_default()
        && (any_part(value, &is_open) || comes_from_nothing(scope, &value.trace()))
}

fn any_part(value: &Value, is_it: &dyn Fn(&Value) -> bool) -> bool {
    is_it(value) || value.members().any(|member| any_part(member, is_it))
}

/// Whether `null` or `""` is one of the literals that a value was made of.
fn comes_from_nothing(scope: &Scope<'_>, trace: &Trace) -> bool {
    let text = |at: Location| {
        scope
            .configuration
            .sources
            .text_at(scope.configuration.whole_literal(at))
    };
    trace.ways().iter().any(|way| match way.start {
        Start::Literal(at) => matches!(text(at), "null" | "\"\""),
        _ => false,
    })
}
