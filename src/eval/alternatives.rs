//! Layer two of computed values: traces joined, and functions applied to each combination of what their arguments may be.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::trace::Trace;
use super::value::{Choice, Kind, MOST_CHOICES, Value, When};

/// The most combinations that are looked at to find them: all choices of one argument, and its own value. With more, the
/// value says that it has more choices.
const MOST_COMBINATIONS: usize = MOST_CHOICES + 1;

/// Past this many arguments with choices, the choices of the rest are left out, and the value says so.
const MOST_CHOOSING: usize = 64;

/// How many choices are compared for the work of one expression.
const COMPARED_AT_ONCE: usize = 16;

/// Which arm of a decision holds where none of the listed choices does.
const MAIN_ARM: u32 = u32::MAX;

/// The decisions taken on the way to a value, with the arm of each.
type Decisions = BTreeMap<u64, u32>;

/// One of the things that an argument may be.
struct Alternative<'a> {
    value: &'a Value,
    /// `None` for the argument's own value.
    when: Option<When>,
    decisions: Decisions,
}

/// One alternative of each argument.
#[derive(Clone, Default)]
struct Combination<'a> {
    /// The arguments for which it has another value than their own.
    others: Vec<(usize, &'a Value)>,
    when: Option<When>,
    decisions: Decisions,
}

/// Applies `function` to the arguments, and to each combination of their choices that does not contradict itself. A
/// combination that fails is none of the result's choices. `spend` is told how much work each combination is; where that
/// is too much, the rest is left out.
pub(super) fn lift<E>(
    spend: impl Fn(u32) -> bool,
    arguments: &[Value],
    function: impl Fn(&[Value]) -> Result<Value, E>,
) -> Result<Value, E> {
    if arguments
        .iter()
        .all(|argument| argument.choices().is_empty())
    {
        return function(arguments);
    }
    let plain: Vec<Value> = arguments.iter().map(Value::without_choices).collect();
    let mut result = function(&plain)?;
    // With an argument that is always one of its choices, what the function makes of the unknown whole is no choice.
    let mut choices = if arguments.iter().any(is_decided_by_choices) {
        Vec::new()
    } else {
        result.choices().to_vec()
    };
    let mut more = arguments.iter().any(Value::has_more_choices);
    let work = plain
        .iter()
        .map(|it| it.weight().saturating_add(it.burden()));
    let work = work.fold(1, u32::saturating_add);
    let combinations = combinations(&spend, arguments, &mut more);
    for combination in combinations {
        let Some(when) = combination.when else {
            continue;
        };
        // Each is compared with those that were found before.
        let compared = u32::try_from(choices.len() / COMPARED_AT_ONCE).unwrap_or(u32::MAX);
        if !spend(work.saturating_add(compared)) {
            more = true;
            break;
        }
        if let Ok(value) = function(&combination.values(&plain)) {
            add_choice(&mut choices, &result, &value, when, &combination.decisions);
        }
        if choices.len() > MOST_CHOICES {
            choices.truncate(MOST_CHOICES);
            more = true;
            break;
        }
    }
    if !choices.is_empty() || more {
        let provenance = result.provenance_mut();
        provenance.choices = choices.into();
        provenance.more_choices |= more;
    }
    Ok(result)
}

/// Adds a value that may be instead of `main`, and what itself may be instead.
pub(super) fn add_choice(
    choices: &mut Vec<Choice>,
    main: &Value,
    value: &Value,
    when: When,
    decisions: &Decisions,
) {
    let plain = value.without_choices();
    let known = |other: &Value| is_same(other, &plain);
    // An unknown value with choices is always one of these: what is unknown among them must be told.
    let told_by_main = known(main) && !(main.is_unknown() && when == When::Possibly);
    if !told_by_main && !choices.iter().any(|choice| known(&choice.value)) {
        choices.push(choice(plain, when, decisions));
    }
    for inner in value.choices() {
        // What is never taken need not be told once for each way of not taking it.
        let told = || {
            choices
                .iter()
                .any(|choice| is_same(&choice.value, &inner.value))
        };
        if inner.when == When::Unused && told() {
            continue;
        }
        let mut all = decisions.clone();
        if agree(&mut all, &inner.decisions.iter().copied().collect()) {
            choices.push(choice(inner.value.clone(), when.max(inner.when), &all));
        }
    }
}

fn choice(value: Value, when: When, decisions: &Decisions) -> Choice {
    Choice {
        value,
        when,
        decisions: decisions
            .iter()
            .filter(|(_, arm)| **arm != MAIN_ARM)
            .map(|(id, arm)| (*id, *arm))
            .collect(),
    }
}

/// Whether two values are one in both layers, as far as anybody can tell.
fn is_same(a: &Value, b: &Value) -> bool {
    let same_kind = match (&a.kind, &b.kind) {
        (Kind::Bool(a), Kind::Bool(b)) => a == b,
        (Kind::Number(a), Kind::Number(b)) => a == b,
        (Kind::String(a), Kind::String(b)) => a == b,
        (Kind::Null(a), Kind::Null(b)) => a == b,
        (Kind::Unknown(a), Kind::Unknown(b)) => a == b,
        _ => return false,
    };
    same_kind && a.trace().is_like(&b.trace())
}

/// All combinations but the one of the arguments' own values, those that differ least first.
fn combinations<'a>(
    spend: impl Fn(u32) -> bool,
    arguments: &'a [Value],
    more: &mut bool,
) -> Vec<Combination<'a>> {
    let mut all = vec![Combination::default()];
    let chosen = arguments.iter().enumerate();
    let mut chosen = chosen.filter(|(_, argument)| !argument.choices().is_empty());
    for (index, argument) in chosen.by_ref().take(MOST_CHOOSING) {
        let alternatives = alternatives(argument);
        let pairs = all.len().saturating_mul(alternatives.len());
        let work = all.len().max(pairs / COMPARED_AT_ONCE);
        if !spend(u32::try_from(work).unwrap_or(u32::MAX)) {
            *more = true;
            break;
        }
        let mut next = Vec::new();
        for combination in &all {
            next.extend(
                alternatives
                    .iter()
                    .filter_map(|alternative| combination.with(index, alternative)),
            );
        }
        next.sort_by_key(|combination| (combination.when, combination.changes()));
        if next.len() > MOST_COMBINATIONS {
            next.truncate(MOST_COMBINATIONS);
            *more = true;
        }
        all = next;
    }
    *more |= chosen.next().is_some();
    all
}

impl<'a> Combination<'a> {
    fn with(&self, index: usize, alternative: &Alternative<'a>) -> Option<Self> {
        if contradict(&self.decisions, &alternative.decisions) {
            return None;
        }
        let mut decisions = self.decisions.clone();
        decisions.extend(&alternative.decisions);
        let mut others = self.others.clone();
        if alternative.when.is_some() {
            others.push((index, alternative.value));
        }
        Some(Self {
            others,
            when: self.when.max(alternative.when),
            decisions,
        })
    }

    /// The arguments, given what they are without choices.
    fn values(&self, plain: &[Value]) -> Vec<Value> {
        let mut values = plain.to_vec();
        for (index, other) in &self.others {
            if let Some(value) = values.get_mut(*index) {
                *value = other.without_choices();
            }
        }
        values
    }

    fn changes(&self) -> usize {
        let arms = self.decisions.values();
        arms.filter(|arm| **arm != MAIN_ARM).count()
    }
}

/// Whether two lists have different arms of one decision.
fn contradict(decisions: &Decisions, others: &Decisions) -> bool {
    let mut others = others.iter();
    others.any(|(id, arm)| decisions.get(id).is_some_and(|known| known != arm))
}

/// Adds decisions to others, unless they contradict each other.
fn agree(decisions: &mut Decisions, others: &Decisions) -> bool {
    for (id, arm) in others {
        if *decisions.entry(*id).or_insert(*arm) != *arm {
            return false;
        }
    }
    true
}

/// Whether the decision of this id is open: what decides is unknown, so that no arm is the one otherwise taken.
fn is_open(id: u64) -> bool {
    id % 2 == 1
}

/// The id of the `number`th decision.
pub(super) fn decision_id(number: u64, open: bool) -> u64 {
    number * 2 + u64::from(open)
}

/// Whether a value is always one of its choices.
fn is_decided_by_choices(value: &Value) -> bool {
    let mut choices = value.choices().iter();
    value.is_unknown() && choices.any(|choice| choice.when == When::Possibly)
}

fn alternatives(argument: &Value) -> Vec<Alternative<'_>> {
    let choices = argument.choices();
    let mut otherwise = Decisions::new();
    for (id, _) in choices.iter().flat_map(|choice| choice.decisions.iter()) {
        if !is_open(*id) {
            otherwise.insert(*id, MAIN_ARM);
        }
    }
    let main = (!is_decided_by_choices(argument)).then(|| Alternative {
        value: argument,
        when: None,
        decisions: otherwise.clone(),
    });
    let listed = choices.iter().map(|choice| {
        let mut decisions = otherwise.clone();
        decisions.extend(choice.decisions.iter().copied());
        Alternative {
            value: &choice.value,
            when: Some(choice.when),
            decisions,
        }
    });
    main.into_iter().chain(listed).collect()
}

/// The same value with its members' choices as choices of the whole.
pub(super) fn hoist(spend: &dyn Fn(u32) -> bool, value: &Value) -> Value {
    if !value.has_choices_within() {
        return value.clone();
    }
    let members: Vec<Value> = value
        .members()
        .map(|member| hoist(spend, &value.member(member)))
        .collect();
    let rebuilt = lift(spend, &members, |members| {
        Ok::<_, std::convert::Infallible>(with_members(value, members))
    });
    let Ok(mut rebuilt) = rebuilt;
    let mut choices = rebuilt.choices().to_vec();
    for own in value.choices() {
        add_choice(
            &mut choices,
            &rebuilt,
            &hoist(spend, &own.value),
            own.when,
            &own.decisions.iter().copied().collect(),
        );
    }
    let more = value.has_more_choices() || choices.len() > MOST_CHOICES;
    choices.truncate(MOST_CHOICES);
    let provenance = rebuilt.provenance_mut();
    provenance.choices = choices.into();
    provenance.more_choices |= more;
    rebuilt
}

/// A collection of the same kind with other members.
fn with_members(value: &Value, members: &[Value]) -> Value {
    let named = |names: &BTreeMap<Arc<str>, Value>| {
        let names = names.keys().cloned();
        Arc::new(names.zip(members.iter().cloned()).collect())
    };
    let kind = match &value.kind {
        Kind::List(ty, _) => Kind::List(ty.clone(), members.into()),
        Kind::Set(ty, _) => Kind::Set(ty.clone(), members.into()),
        Kind::Tuple(_) => Kind::Tuple(members.into()),
        Kind::Map(ty, names) => Kind::Map(ty.clone(), named(names)),
        Kind::Object(names) => Kind::Object(named(names)),
        leaf => leaf.clone(),
    };
    let mut rebuilt = Value::new(kind).with_sensitive(value.sensitive);
    if value.root_default() {
        rebuilt.provenance_mut().root_default = true;
    }
    rebuilt
}

/// Where a value and everything in it came from.
pub(super) fn whole_trace(value: &Value) -> Trace {
    let mut members = value.members().peekable();
    if members.peek().is_none() {
        return value.trace();
    }
    let members: Vec<Trace> = members
        .map(|member| whole_trace(&value.member(member)))
        .collect();
    Trace::join(members)
}

/// Gives every part of a computed value that has no layer two of its own this one.
pub(super) fn attribute(value: Value, trace: &Trace, root_default: bool) -> Value {
    if trace.is_none() && !root_default {
        return value;
    }
    if value.is_collection() {
        return attribute_members(value, trace, root_default);
    }
    let bare = value.provenance().is_none();
    let mut value = value;
    if bare {
        value = value.with_trace(trace.clone());
    }
    if root_default {
        value.provenance_mut().root_default = true;
    }
    value
}

fn attribute_members(value: Value, trace: &Trace, root_default: bool) -> Value {
    let members: Vec<Value> = value
        .members()
        .map(|member| match member.provenance() {
            Some(_) if !member.is_collection() => member.clone(),
            _ => attribute(member.clone(), trace, false),
        })
        .collect();
    let mut attributed = with_members(&value, &members).with_provenance_of(&value);
    if root_default {
        attributed.provenance_mut().root_default = true;
    }
    attributed
}
