//! What rules look at: zenml resources and data sources, their arguments, and the entries of these.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::fields::Fields;
use super::scope::{Candidate, has_open_default, instances, is_set};
use super::{Place, Scope};
use crate::eval::{
    Bindings, Evaluator, Existence, InstanceId, Kind, Referent, Start, Type, Value, When, convert,
    instances_argument,
};
use crate::message;
use crate::redact::Shown;
use crate::source::Location;
use crate::terraform::{self, Block, Configuration, ExprRef};
use crate::zenml::schema::{
    self, AuthMethod, BlockKind, ComponentType, Flavor, ProviderConnectorType, Schema,
};

/// One instance of a zenml resource or data source.
pub struct Resource<'a> {
    /// The block.
    pub block: &'a Block,
    /// Its type: `zenml_stack`.
    pub ty: &'a str,
    /// Whether there is any instance of the block.
    pub existence: Existence,
    /// Its arguments by name.
    inputs: BTreeMap<&'a str, Input<'a>>,
}

/// An argument of a resource, with what it may be.
pub struct Input<'a> {
    /// The argument.
    pub argument: &'a terraform::Argument,
    context: Rc<Context<'a>>,
    value: OnceCell<Value>,
}

struct Context<'a> {
    evaluator: &'a Evaluator<'a>,
    instance: InstanceId,
    bindings: Bindings,
    common: Rc<Common<'a>>,
}

/// What all instances of a block have in common.
struct Common<'a> {
    block: &'a Block,
    /// Of arguments that were asked for it: see [`Input::is_idle`] and [`Input::waits_for_a_run`].
    idle: RefCell<FxHashMap<ExprRef, bool>>,
    waiting: RefCell<FxHashMap<ExprRef, bool>>,
}

/// A key that a map surely has, with what its value may be.
pub struct Entry<'a> {
    /// The key.
    pub key: Arc<str>,
    /// The argument that the map is.
    argument: &'a terraform::Argument,
    configuration: &'a Configuration,
    /// Where the key is written, if it is written as one.
    key_at: Option<Location>,
    value: Value,
}

impl<'a> Resource<'a> {
    /// Each instance of a block; where these are unknown, or none, one of which nothing else is known.
    pub(super) fn all(
        evaluator: &'a Evaluator<'a>,
        instance: InstanceId,
        block: &'a Block,
    ) -> Vec<Self> {
        let bindings = instances(evaluator, instance, block).into_iter();
        let common = Rc::new(Common::of(block));
        let new = |one| Self::new(evaluator, instance, common.clone(), one);
        bindings.enumerate().map(new).collect()
    }

    /// The instance of a block at a position, in the order of the keys.
    fn at(
        evaluator: &'a Evaluator<'a>,
        instance: InstanceId,
        block: &'a Block,
        position: usize,
    ) -> Option<Self> {
        let bindings = evaluator
            .expansion(instance, block)
            .ok()?
            .binding(position)?;
        let common = Rc::new(Common::of(block));
        Some(Self::new(evaluator, instance, common, (position, bindings)))
    }

    fn new(
        evaluator: &'a Evaluator<'a>,
        instance: InstanceId,
        common: Rc<Common<'a>>,
        (position, bindings): (usize, Bindings),
    ) -> Self {
        let block = common.block;
        let context = Rc::new(Context {
            evaluator,
            instance,
            bindings,
            common,
        });
        let existence = evaluator.existence(instance, block);
        let input = |argument| Input {
            argument,
            context: context.clone(),
            value: OnceCell::new(),
        };
        // What says how many instances there are says it once for all.
        let is_meta = |name: &str| matches!(name, "count" | "for_each");
        let arguments = block.arguments.iter();
        let arguments = arguments.filter(|(name, _)| position == 0 || !is_meta(name));
        Self {
            block,
            existence,
            ty: block.labels.first().map_or("", String::as_str),
            inputs: arguments
                .map(|(name, argument)| (name.as_str(), input(argument)))
                .collect(),
        }
    }

    /// Whether it is a resource of that type.
    pub fn is(&self, ty: &str) -> bool {
        self.block.keyword == "resource" && self.ty == ty
    }

    /// Whether it is a data source of that type.
    pub fn is_data(&self, ty: &str) -> bool {
        self.block.keyword == "data" && self.ty == ty
    }

    /// The argument of a name, where it is written.
    pub fn input(&self, name: &str) -> Option<&Input<'a>> {
        self.inputs.get(name)
    }

    /// Whether an argument may be set, and to more than an empty text.
    pub fn may_set(&self, name: &str) -> bool {
        match self.input(name) {
            Some(input) => !input.is_surely_empty(),
            None => self.block.may_set(name),
        }
    }

    /// Every known text that an argument may be.
    pub fn texts(&self, name: &str) -> Vec<(Candidate, String)> {
        self.input(name).map(Input::texts).unwrap_or_default()
    }

    /// All that an argument may be; `None` where some of it is unknown, or the argument is not written.
    pub fn all_texts(&self, name: &str) -> Option<Vec<String>> {
        let candidates = self.input(name)?.candidates(When::Possibly);
        let texts: Option<Vec<String>> = candidates.into_iter().map(|it| it.text).collect();
        texts.filter(|texts| !texts.is_empty())
    }

    /// Where a finding about an argument as a whole points: the argument; the block's header where it is not written.
    pub fn place(&self, name: &str) -> Place {
        let argument = self.block.arguments.get(name);
        Place::at(argument.map_or(self.block.header, |argument| argument.span))
    }

    /// The entries that the map of an argument surely has, in each way that it may be.
    pub fn entries(&self, name: &str) -> Vec<Entry<'a>> {
        let input = self.input(name);
        input
            .map(|input| input.entries(When::Possibly))
            .unwrap_or_default()
    }

    /// The connector types that a connector may be of: all, where that is not known; none, where it is none of them.
    pub fn connector_types(&self, schema: Schema) -> Vec<&'static ProviderConnectorType> {
        let all = schema.provider.connector_types.iter();
        match self.all_texts("type") {
            Some(texts) => all
                .filter(|ty| texts.iter().any(|text| text == ty.name))
                .collect(),
            None => all.collect(),
        }
    }

    /// The built-in flavors that a component may be of; `None` where it may be another one.
    pub fn flavors(&self, scope: &Scope<'_>) -> Option<Vec<&'static Flavor>> {
        let flavors = self.all_texts("flavor")?;
        let types = self.all_texts("type")?;
        let types = types.iter().map(|ty| scope.schema.zenml.component_type(ty));
        let types: Vec<_> = types.collect::<Option<_>>()?;
        let built_in = |ty: &'static ComponentType, flavor: &String| {
            let extra = scope.config.extra_flavors.get(ty.name);
            let is_custom = extra.is_some_and(|extra| extra.contains(flavor));
            ty.flavor(flavor).filter(|_| !is_custom)
        };
        let pairs = types
            .iter()
            .flat_map(|ty| flavors.iter().map(|flavor| built_in(ty, flavor)));
        pairs.collect()
    }

    /// The authentication methods that a connector may use; `None` where it may be another one.
    pub fn auth_methods(&self, schema: Schema) -> Option<Vec<&'static AuthMethod>> {
        let methods = self.all_texts("auth_method")?;
        let types = self.all_texts("type")?;
        let types = types.iter().map(|ty| schema.zenml.connector_type(ty));
        let types: Vec<_> = types.collect::<Option<_>>()?;
        let pairs = types
            .iter()
            .flat_map(|ty| methods.iter().map(|method| ty.auth_method(method)));
        pairs.collect()
    }

    /// Every entry of a map whose value is secret, also of maps that are not used: the values of a `zenml_secret`, and what
    /// the schema calls secret in a configuration.
    pub fn secret_entries(&self, scope: &Scope<'_>) -> Vec<Entry<'a>> {
        let fields = self.secret_fields(scope);
        let mut entries = self.written_entries();
        entries.retain(|entry| self.ty == "zenml_secret" || fields.is_secret(&entry.key));
        entries
    }

    /// Whether a setting that the schema calls secret is surely there.
    pub fn has_secrets(&self, scope: &Scope<'_>) -> bool {
        let fields = self.secret_fields(scope);
        let input = self.input("configuration");
        let is_given = |value: &Value| !value.is_null() && value.as_str() != Some("");
        input.is_some_and(|input| {
            let maps = input.value().alternatives(When::OtherwiseSet);
            maps.iter().all(|map| {
                let mut members = map.sure_members().unwrap_or_default().into_iter();
                members.any(|(key, value)| {
                    let alternatives = value.alternatives(When::OtherwiseSet);
                    fields.is_secret(&key) && alternatives.iter().all(is_given)
                })
            })
        })
    }

    fn written_entries(&self) -> Vec<Entry<'a>> {
        let name = match self.ty {
            "zenml_secret" => "values",
            _ => "configuration",
        };
        let input = self
            .input(name)
            .filter(|_| self.block.keyword == "resource");
        let entries = input.map(|input| input.entries(When::Unused));
        entries.unwrap_or_default()
    }

    /// The fields of the configuration; where the flavor or method is not known, those of all.
    fn secret_fields(&self, scope: &Scope<'_>) -> Rc<Fields> {
        match self.ty {
            "zenml_stack_component" => match self.flavors(scope) {
                Some(flavors) => scope
                    .fields
                    .of(flavors.iter().map(|flavor| flavor.fields).collect()),
                None => scope.fields.of_all_flavors(scope.schema),
            },
            "zenml_service_connector" => match self.auth_methods(scope.schema) {
                Some(methods) => scope
                    .fields
                    .of(methods.iter().map(|method| method.fields).collect()),
                None => scope.fields.of_all_methods(scope.schema),
            },
            _ => scope.fields.of(Vec::new()),
        }
    }

    /// What the provider accepts in such a block.
    pub fn schema(&self, schema: Schema) -> Option<&'static schema::Block> {
        block_schema(schema, self.block)
    }
}

/// What the provider accepts in a resource or data source.
pub(super) fn block_schema(schema: Schema, block: &Block) -> Option<&'static schema::Block> {
    let kind = match block.keyword.as_str() {
        "resource" => BlockKind::Resource,
        "data" => BlockKind::Data,
        _ => return None,
    };
    schema.provider.block(kind, block.labels.first()?)
}

impl<'a> Common<'a> {
    fn of(block: &'a Block) -> Self {
        Self {
            block,
            idle: RefCell::default(),
            waiting: RefCell::default(),
        }
    }
}

impl<'a> Input<'a> {
    fn configuration(&self) -> &'a Configuration {
        self.context.evaluator.configuration()
    }

    /// The value; unknown where it has none because of an error, or it is idle.
    pub fn value(&self) -> &Value {
        self.value.get_or_init(|| {
            let Context {
                evaluator,
                instance,
                bindings,
                ..
            } = &*self.context;
            let value = evaluator.judged(*instance, self.argument, bindings);
            let value = value.unwrap_or_else(|_| Value::dynamic());
            match self.is_idle() {
                true => value.set_aside(),
                false => value,
            }
        })
    }

    /// Whether the value says nothing of what the block would be if there were instances of it.
    fn is_idle(&self) -> bool {
        let Context {
            evaluator,
            instance,
            common,
            ..
        } = &*self.context;
        let expr = self.argument.expr;
        let mut known = common.idle.borrow_mut();
        let idle = known.entry(expr);
        *idle.or_insert_with(|| evaluator.is_idle(*instance, common.block, expr))
    }

    /// Everything that it may be as a text, down to the given kind of choice. Null is left out.
    pub fn candidates(&self, down_to: When) -> Vec<Candidate> {
        let place =
            |value: &Value| Place::of_value(self.configuration(), &value.trace(), self.argument);
        let source = (self.argument.expr, Vec::new());
        candidates(self.configuration(), self.value(), down_to, place, source)
    }

    /// Every known text that it may be.
    pub fn texts(&self) -> Vec<(Candidate, String)> {
        known(self.candidates(When::Possibly))
    }

    /// Whether it is a text in some run for sure: a known one that is not empty, or a variable that must be given.
    pub fn is_set(&self) -> bool {
        let alternatives = self.value().alternatives(When::Possibly);
        alternatives.iter().any(is_set)
    }

    /// Whether it is surely null, whatever the run.
    pub fn is_surely_null(&self) -> bool {
        let alternatives = self.value().alternatives(When::OtherwiseSet);
        let mut alternatives = alternatives.iter();
        alternatives.all(|value| value.is_null() && !self.is_open(value))
    }

    /// Whether it is surely null or empty, whatever the run.
    pub fn is_surely_empty(&self) -> bool {
        let is_empty = |value: &Value| value.is_null() || value.as_str() == Some("");
        let alternatives = self.value().alternatives(When::OtherwiseSet);
        let mut alternatives = alternatives.iter();
        alternatives.all(|value| is_empty(value) && !self.is_open(value))
    }

    /// The entries that the map surely has, in each way that it may be.
    pub fn entries(&self, down_to: When) -> Vec<Entry<'a>> {
        let maps = self.value().alternatives(down_to).into_iter();
        maps.flat_map(|map| map.sure_members().into_iter().flatten())
            .map(|(key, value)| Entry {
                key_at: value.trace().entry(&key),
                argument: self.argument,
                configuration: self.configuration(),
                key,
                value,
            })
            .collect()
    }

    /// Whether a key is surely not in the map, whatever the run.
    pub fn surely_lacks(&self, key: &str) -> bool {
        let maps = self.value().alternatives(When::OtherwiseSet);
        let lacks = |map: &Value| match &map.kind {
            Kind::Map(_, members) | Kind::Object(members) => !members.contains_key(key),
            Kind::Null(_) => true,
            Kind::Unknown(unknown) => match &unknown.ty {
                Type::Object(attributes) => !attributes.contains_key(key),
                _ => false,
            },
            _ => false,
        };
        maps.iter().all(|map| lacks(map) && !self.is_open(map)) && !self.waits_for_a_run()
    }

    /// Whether a variable has a part in the value whose default leaves something open: a run, or a call, may set it, and
    /// whatever is built from it may then have members that it has not now.
    fn waits_for_a_run(&self) -> bool {
        let Context {
            evaluator,
            instance,
            common,
            ..
        } = &*self.context;
        let expr = self.argument.expr;
        let decide = instances_argument(common.block).map(|argument| argument.expr);
        let mut known = common.waiting.borrow_mut();
        *known.entry(expr).or_insert_with(|| {
            let behind = evaluator.variables_behind(*instance, [expr].into_iter().chain(decide));
            let mut behind = behind.into_iter();
            behind.any(|variable| has_open_default(evaluator, variable))
        })
    }

    /// Whether a value is, or is made of, the default of a root variable, which a run may set otherwise.
    pub fn is_open(&self, value: &Value) -> bool {
        let variables = self
            .configuration()
            .modules
            .iter()
            .flat_map(|module| module.variables.values());
        let hops = value.trace().hops();
        value.root_default()
            && variables
                .filter(|variable| variable.default.is_some())
                .any(|variable| hops.iter().any(|hop| hop.at == variable.block.header))
    }
}

impl<'a> Entry<'a> {
    /// The argument that the map is.
    pub fn argument(&self) -> &'a terraform::Argument {
        self.argument
    }

    /// Where a finding about the key points.
    pub fn place(&self) -> Place {
        let expression = self.configuration.location(self.argument.expr);
        let at = self.key_at.unwrap_or(expression);
        let inside = at.file == expression.file && expression.span.contains(at.span);
        let name = Shown::argument(self.argument);
        let reaches = (expression, message!("reaches `{}` here", name));
        Place {
            reaches: vec![self.argument.span],
            related: if inside { Vec::new() } else { vec![reaches] },
            ..Place::at(at)
        }
    }

    /// The key as it is written, to be changed.
    pub fn key_at(&self) -> Option<Location> {
        self.key_at
    }

    /// The key, as a message may show it.
    pub fn shown_key(&self) -> Shown {
        Shown::key(
            self.configuration,
            &self.key,
            self.key_at,
            self.argument.expr,
        )
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Everything that the value may be as a text, down to the given kind of choice. Null is left out.
    pub fn candidates(&self, down_to: When) -> Vec<Candidate> {
        let place = |value: &Value| {
            Place::of_entry(
                self.configuration,
                &value.trace(),
                self.argument,
                &self.key,
                self.key_at,
            )
        };
        let source = (self.argument.expr, vec![self.key.to_string()]);
        candidates(self.configuration, &self.value, down_to, place, source)
    }

    /// Every known text that the value may be.
    pub fn texts(&self) -> Vec<(Candidate, String)> {
        known(self.candidates(When::Possibly))
    }
}

/// Everything that a value may be as a text. A list or map, which no text can be, is left out like null. The empty default
/// of a root variable is there to be set from outside, and counts as unknown.
fn candidates(
    configuration: &Configuration,
    value: &Value,
    down_to: When,
    place: impl Fn(&Value) -> Place,
    source: (ExprRef, Vec<String>),
) -> Vec<Candidate> {
    let alternatives = value.alternatives(down_to).into_iter();
    let candidate = |value: Value| {
        if value.is_null() {
            return None;
        }
        let text = convert(&value, &Type::String).ok()?;
        let is_to_be_set = |text: &&str| text.is_empty() && value.contains_root_default();
        let text = text.as_str().filter(|text| !is_to_be_set(text));
        let text = text.map(str::to_owned);
        let source = Some(source.clone());
        Some(Candidate::new(
            configuration,
            &value,
            text,
            place(&value),
            source,
        ))
    };
    alternatives.filter_map(candidate).collect()
}

fn known(candidates: Vec<Candidate>) -> Vec<(Candidate, String)> {
    let known = |candidate: Candidate| {
        let text = candidate.text.clone()?;
        Some((candidate, text))
    };
    candidates.into_iter().filter_map(known).collect()
}

impl<'a> Scope<'a> {
    /// The resources and data sources whose `id` a value may be: for each reference that it may come from, all that this
    /// may lead to. What is or may be anything else is left out.
    pub fn behind_ids(&self, value: &Value) -> Vec<Vec<Resource<'a>>> {
        let mut by_reference: BTreeMap<Location, Vec<Resource<'a>>> = BTreeMap::new();
        for value in value.alternatives(When::Possibly) {
            let ways = value.trace().ways();
            let [way] = ways.as_slice() else { continue };
            let (of, at) = match &way.start {
                Start::Computed {
                    of, attribute, at, ..
                } if &**attribute == "id" => (of, *at),
                Start::Read { of, attribute } if &**attribute == "id" => (of, of.header),
                _ => continue,
            };
            by_reference
                .entry(at)
                .or_default()
                .extend(self.referents(of));
        }
        by_reference.into_values().collect()
    }

    fn referents(&self, of: &Referent) -> Vec<Resource<'a>> {
        let module = self.evaluator.module(of.instance);
        let Some(block) = module.and_then(|module| module.resource_at(of.header)) else {
            return Vec::new();
        };
        let position = of.position;
        let one = position.and_then(|at| Resource::at(self.evaluator, of.instance, block, at));
        match one {
            Some(one) => vec![one],
            None => Resource::all(self.evaluator, of.instance, block),
        }
    }
}
