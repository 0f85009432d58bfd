//! References to resources and data sources.

use std::sync::Arc;

use crate::source::{Location, Span};
use crate::syntax::{ExprId, ExprKind};
use crate::terraform::Block;

use super::error::EvalError;
use super::evaluator::{Definition, Evaluator, InstanceId};
use super::expansion::{Bindings, Expansion};
use super::frame::Frame;
use super::number::Number;
use super::range;
use super::scope::name;
use super::trace::{Referent, Start, Trace};
use super::traversal::Step;
use super::types::Type;
use super::value::{Choice, Kind, Value, When};

/// What the schema of the only built-in resource type has.
const TERRAFORM_DATA: [&str; 5] = ["id", "input", "output", "triggers_replace", "store"];

/// What Terraform itself reads in a block.
const META_ARGUMENTS: [&str; 4] = ["count", "for_each", "depends_on", "provider"];

/// Past this many instances of a resource that is read as a whole, the values that their block sets are given up.
const MOST_WHOLE: usize = 2_000;

/// A block that a reference names, with the number of steps that the name takes.
struct Named<'a> {
    block: &'a Block,
    managed: bool,
    taken: usize,
}

impl<'e, 'a> Frame<'e, 'a> {
    pub(super) fn check_resource(&self, root: &str, steps: &[Step<'e>]) -> Result<(), String> {
        let Some(named) = self.named(root, steps) else {
            let labels = match root {
                "data" | "ephemeral" | "resource" => 2,
                _ => 1,
            };
            let names = steps.iter().map_while(|step| name(Some(step)));
            let names: Vec<&str> = std::iter::once(root).chain(names.take(labels)).collect();
            return Err(format!(
                "there is no resource like \"{}\" in this module",
                names.join(".")
            ));
        };
        let mut rest = steps.iter().skip(named.taken);
        let expanded = ["count", "for_each"]
            .iter()
            .any(|meta| named.block.arguments.contains_key(*meta));
        let mut next = rest.next();
        if expanded && name(next).is_some() {
            return Err("the resource has several instances: one must be named by its key".into());
        }
        if let Some(Step::Index { key, .. }) = next {
            self.check_instance_key(*key, expanded)?;
            next = rest.next();
        }
        let built_in = named.managed && named.block.labels.first().is_some_and(is_terraform_data);
        match name(next) {
            Some(attribute) if built_in && !TERRAFORM_DATA.contains(&attribute) => {
                Err(format!("terraform_data has no attribute {attribute:?}"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a key that is written out can name an instance.
    fn check_instance_key(&self, key: ExprId, expanded: bool) -> Result<(), String> {
        let is_plain = match &self.tree.expr(key).kind {
            ExprKind::Number(digits) => {
                Number::parse(self.tree.text(*digits)).is_some_and(|n| n.is_integer())
            }
            ExprKind::Template(_) if self.tree.plain_string(key).is_some() => true,
            ExprKind::Bool(_) => false,
            _ => return Ok(()),
        };
        match (is_plain, expanded) {
            (true, true) => Ok(()),
            (true, false) => Err("the resource has one instance, without a key".into()),
            (false, _) => Err("the key of an instance is a whole number or a string".into()),
        }
    }

    /// The resource or data source that a reference names.
    fn named(&self, root: &str, steps: &[Step<'e>]) -> Option<Named<'a>> {
        let (keyword, ty, skip) = match root {
            "resource" | "data" | "ephemeral" => (root, name(steps.first())?, 1),
            ty => ("resource", ty, 0),
        };
        let wanted = name(steps.get(skip))?;
        Some(Named {
            block: self.module()?.resource(keyword, ty, wanted)?,
            managed: keyword == "resource",
            taken: skip + 1,
        })
    }

    pub(super) fn resource(
        &mut self,
        root: &str,
        span: Span,
        steps: &[Step<'e>],
    ) -> (Value, usize) {
        let Some(named) = self.named(root, steps) else {
            let error = self.error(span, "there is no such resource in this module");
            return (self.fail_for_good(error), steps.len());
        };
        let expansion = match self.evaluator.expansion(self.instance, named.block) {
            Ok(expansion) => expansion,
            Err(error) => return (self.fail_for_good(error), steps.len()),
        };
        if named.managed && named.block.labels.first().is_some_and(is_terraform_data) {
            let header = named.block.header;
            let definition = Definition::Resource(header);
            let result = self
                .evaluator
                .remember(self.instance, definition, header, || {
                    self.evaluator
                        .terraform_data(self.instance, named.block, &expansion)
                });
            let (value, _) = self.definition(result, span);
            return (value, named.taken);
        }
        self.foreign_resource(&named, &expansion, span, steps)
    }

    /// A resource of whose type nothing is known but what its block says.
    fn foreign_resource(
        &mut self,
        named: &Named<'a>,
        expansion: &Expansion,
        root: Span,
        steps: &[Step<'e>],
    ) -> (Value, usize) {
        let taken = named.taken;
        let (position, at) = match (expansion, steps.get(taken)) {
            (Expansion::Single, _) => (Some(0), taken),
            (Expansion::Count(_) | Expansion::Each(_), Some(Step::Index { key, .. })) => {
                let key = self.eval(*key);
                (instance_position(expansion, &key), taken + 1)
            }
            _ => (None, taken),
        };
        if let (Some(position), Some(Step::Attribute { name, end })) = (position, steps.get(at)) {
            let span = root.to(Span {
                start: *end,
                end: *end,
            });
            let of = self.referent(named, expansion, position);
            let bindings = expansion.binding(position).unwrap_or_default();
            let value = self.configured(named, name, &bindings, self.location(span), of);
            return (value, at + 1);
        }
        self.evaluator.spend_on_instances(expansion.count());
        let set = self
            .evaluator
            .set_by_block(self.instance, named.block, expansion);
        let whole = |position: usize| {
            let of = self.referent(named, expansion, position);
            let trace = self.whole_trace(named, root, steps, of);
            let set = set.get(position).cloned();
            set.unwrap_or_else(Value::dynamic).with_trace(trace)
        };
        (instances(expansion, whole), taken)
    }

    fn referent(&self, named: &Named<'a>, expansion: &Expansion, position: usize) -> Referent {
        let is_one_of_several = matches!(expansion, Expansion::Count(_) | Expansion::Each(_));
        Referent {
            instance: self.instance,
            header: named.block.header,
            position: is_one_of_several.then_some(position),
        }
    }

    /// Where a resource as a whole comes from.
    fn whole_trace(
        &self,
        named: &Named<'a>,
        root: Span,
        steps: &[Step<'e>],
        of: Referent,
    ) -> Trace {
        let last = named.taken.checked_sub(1).and_then(|last| steps.get(last));
        let Some(Step::Attribute { end, .. }) = last.filter(|_| named.managed) else {
            return Trace::none();
        };
        let at = self.location(Span { end: *end, ..root });
        let arguments = named.block.arguments.keys().map(|name| name.as_str());
        let nested = named.block.blocks.iter().map(Block::content_type);
        Trace::start(Start::Resource {
            at,
            reference: self.evaluator.text_at(at).into(),
            set: arguments.chain(nested).map(Arc::from).collect(),
            of,
        })
    }

    /// An attribute of a resource: what its block sets it to, else unknown.
    fn configured(
        &mut self,
        named: &Named<'a>,
        name: &str,
        bindings: &Bindings,
        at: Location,
        of: Referent,
    ) -> Value {
        let Some(argument) = named.block.arguments.get(name) else {
            let mut nested = named.block.blocks.iter();
            if nested.any(|block| block.content_type() == name) {
                return Value::dynamic();
            }
            let attribute = name.into();
            let start = match named.managed {
                true => Start::Computed {
                    at,
                    reference: self.evaluator.text_at(at).into(),
                    of,
                    attribute,
                },
                false => Start::Read { of, attribute },
            };
            return Value::dynamic().with_trace(Trace::start(start));
        };
        match self
            .evaluator
            .value_with(self.instance, argument.expr, bindings)
        {
            Ok(value) => as_planned(value),
            Err(error) => self.fail_for_good(error),
        }
    }
}

fn is_terraform_data(ty: &String) -> bool {
    ty == "terraform_data"
}

/// Which instance a known key names, in the order of the keys.
fn instance_position(expansion: &Expansion, key: &Value) -> Option<usize> {
    match (expansion, &key.kind) {
        (Expansion::Count(count), Kind::Number(number)) => {
            number.to_usize().filter(|position| position < count)
        }
        (Expansion::Each(members), Kind::String(key)) => {
            members.binary_search_by(|(name, _)| name.cmp(key)).ok()
        }
        _ => None,
    }
}

/// All instances of a resource of which nothing is known but how many there are, each by its position. Where that is
/// unknown, there may be none, and nothing is computed.
fn instances(expansion: &Expansion, one: impl Fn(usize) -> Value) -> Value {
    match expansion {
        Expansion::Single => one(0),
        Expansion::Count(count) => {
            let members: Vec<Value> = (0..*count).map(one).collect();
            Value::new(Kind::Tuple(members.into()))
        }
        Expansion::Each(keys) => {
            let members = keys.iter().enumerate();
            Value::new(Kind::Object(Arc::new(
                members
                    .map(|(position, (key, _))| (key.clone(), one(position)))
                    .collect(),
            )))
        }
        Expansion::UnknownCount | Expansion::UnknownEach => Value::dynamic(),
    }
}

/// A configured argument as the plan has it. Which type the provider makes of it is not known, except for a text that
/// can be nothing but a string; then the value stays a choice.
fn as_planned(value: Value) -> Value {
    let surely_string = value
        .as_str()
        .is_some_and(|text| Number::parse(text).is_none() && text != "true" && text != "false");
    if surely_string || value.is_unknown() && value.ty() == Type::Dynamic {
        return value;
    }
    let sensitive = value.sensitive;
    let mut planned = Value::dynamic()
        .with_sensitive(sensitive)
        .with_trace(value.trace());
    let root_default = value.root_default();
    let mut choices = Vec::new();
    if !value.is_null() {
        choices.push(Choice {
            value: value.without_choices(),
            when: When::Possibly,
            decisions: Arc::new([]),
        });
    }
    choices.extend(value.choices().iter().cloned());
    planned.provenance_mut().root_default = root_default;
    planned.with_bounded_choices(choices)
}

impl<'a> Evaluator<'a> {
    /// Each instance of a resource of which nothing is known but what its block sets, in the order of the keys.
    fn set_by_block(
        &self,
        instance: InstanceId,
        block: &'a Block,
        expansion: &Expansion,
    ) -> Vec<Value> {
        let count = u32::try_from(expansion.count()).unwrap_or(u32::MAX);
        if expansion.count() > MOST_WHOLE || !self.spend(count) {
            self.cut_short();
            return Vec::new();
        }
        let definition = Definition::Resource(block.header);
        let set = self.remember(instance, definition, block.header, || {
            let bindings = expansion.bindings();
            let instances = bindings
                .iter()
                .map(|it| self.set_in_instance(instance, block, it));
            Ok(Value::new(Kind::Tuple(instances.collect())))
        });
        set.iter().flat_map(Value::members).cloned().collect()
    }

    fn set_in_instance(&self, instance: InstanceId, block: &Block, bindings: &Bindings) -> Value {
        let arguments = block.arguments.iter();
        let arguments = arguments.filter(|(name, _)| !META_ARGUMENTS.contains(&name.as_str()));
        let members = arguments.filter_map(|(name, argument)| {
            let value = self.value_with(instance, argument.expr, bindings).ok()?;
            Some((name.as_str().into(), as_planned(value)))
        });
        Value::dynamic().with_sure_members(members.collect())
    }

    /// `terraform_data`, the resource type that Terraform itself plans.
    fn terraform_data(
        &self,
        instance: InstanceId,
        block: &Block,
        expansion: &Expansion,
    ) -> Result<Value, EvalError> {
        let members: Result<Vec<Value>, EvalError> = expansion
            .bindings()
            .iter()
            .map(|bindings| self.terraform_data_instance(instance, block, bindings))
            .collect();
        let mut members = members?;
        Ok(match expansion {
            Expansion::Single => members.pop().unwrap_or_else(Value::dynamic),
            Expansion::Count(_) => Value::new(Kind::Tuple(members.into())),
            Expansion::Each(keys) => {
                let names = keys.iter().map(|(key, _)| key.clone());
                Value::new(Kind::Object(Arc::new(names.zip(members).collect())))
            }
            Expansion::UnknownCount | Expansion::UnknownEach => Value::dynamic(),
        })
    }

    fn terraform_data_instance(
        &self,
        instance: InstanceId,
        block: &Block,
        bindings: &Bindings,
    ) -> Result<Value, EvalError> {
        let argument = |name: &str| match block.arguments.get(name) {
            None => Ok(Value::null()),
            Some(argument) => self.value_with(instance, argument.expr, bindings),
        };
        let input = argument("input")?;
        let output = if input.is_null() {
            input.clone()
        } else {
            let trace = attribute_trace(instance, block, "output");
            // A mark does not pass through the provider.
            Value::unknown(input.ty()).with_trace(trace)
        };
        let id = Value::new(range::not_null(Type::String))
            .with_trace(attribute_trace(instance, block, "id"));
        let members = [
            ("id", id),
            ("output", output),
            ("triggers_replace", argument("triggers_replace")?),
            ("input", input),
        ];
        let members = members.into_iter();
        Ok(Value::new(Kind::Object(Arc::new(
            members
                .map(|(name, value)| (Arc::from(name), value))
                .collect(),
        ))))
    }
}

/// The trace of a computed attribute: it begins at the resource.
fn attribute_trace(instance: InstanceId, block: &Block, attribute: &str) -> Trace {
    let labels = block.labels.join(".");
    Trace::start(Start::Computed {
        at: block.header,
        reference: format!("{labels}.{attribute}").into(),
        of: Referent {
            instance,
            header: block.header,
            position: None,
        },
        attribute: attribute.into(),
    })
}
