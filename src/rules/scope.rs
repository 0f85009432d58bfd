//! What rules look at: a module in one context, its provider blocks, and what their settings may be.

use std::cell::{Cell, OnceCell};
use std::ops::Range;
use std::rc::Rc;

use super::fields::KnownFields;
use super::{Place, Resource};
use crate::config::Config;
use crate::environment::Environment;
use crate::eval::{
    Bindings, Evaluator, Expansion, InstanceId, Kind, Piece, Start, Trace, Type, Value, VariableOf,
    When, convert,
};
use crate::mend::Mend;
use crate::message;
use crate::message::Message;
use crate::policy::Policy;
use crate::redact::{self, Shown};
use crate::source::Location;
use crate::terraform::{
    Argument, Block, Configuration, ExprRef, Module, RequiredProvider, allows, allows_from,
};
use crate::zenml::credential::Slot;
use crate::zenml::placeholder;
use crate::zenml::provider;
use crate::zenml::schema::Schema;
use crate::zenml::url::{UrlProblem, problems_of_pieces};

/// A module in one context: with the values of one call, or of one way to run a root.
pub struct Scope<'a> {
    /// Everything that was read.
    pub configuration: &'a Configuration,
    /// Knows the values.
    pub evaluator: &'a Evaluator<'a>,
    /// The module in its context.
    pub instance: InstanceId,
    /// The module.
    pub module: &'a Module,
    /// Whether no local call reaches the module.
    pub is_root: bool,
    /// Makes edits.
    pub mend: Mend<'a>,
    /// Which rules are on.
    pub policy: &'a Policy<'a>,
    /// The configuration that holds in the module's directory.
    pub config: &'a Config,
    /// The variables that the provider will see.
    pub environment: &'a Environment,
    /// What the provider and the server accept, of the versions that hold for the module.
    pub schema: Schema,
    /// The time of the check, in seconds since 1970.
    pub now: i64,
    /// The zenml provider blocks, those of test files included.
    pub providers: Vec<ProviderBlock<'a>>,
    /// Each instance of each zenml resource and data source.
    pub resources: Vec<Resource<'a>>,
    /// What configurations of resources are checked against.
    pub(super) fields: Rc<KnownFields>,
    /// How much work may still be done to find what names were meant to be.
    left_to_compare: Cell<usize>,
}

/// How much work may be done in one scope to find what misspelt names were meant to be: about some milliseconds, for
/// hundreds of names.
const MOST_COMPARING: usize = 10_000_000;

/// One configuration that a `provider "zenml"` block makes.
pub struct ProviderBlock<'a> {
    /// The block.
    pub block: &'a Block,
    /// Whether it stands in a test file.
    pub in_test: bool,
    /// `server_url`
    pub server_url: Setting<'a>,
    /// `api_key`
    pub api_key: Setting<'a>,
    /// `api_token`
    pub api_token: Setting<'a>,
}

/// A connection argument together with the environment variable that stands in for it.
pub struct Setting<'a> {
    /// The argument's name.
    pub name: &'static str,
    /// The environment variable's name.
    pub variable: &'static str,
    /// The argument, where it is written.
    pub argument: Option<&'a Argument>,
    /// Whether the argument is not written, but something that does not parse may be it.
    is_unclear: bool,
    header: Location,
    configuration: &'a Configuration,
    from_environment: Option<&'a str>,
    /// Whether the runs of terraform will have the variable, though this one does not.
    is_assumed: bool,
    evaluate: (&'a Evaluator<'a>, InstanceId, Rc<Bindings>),
    value: OnceCell<Value>,
}

/// One thing that a setting may be.
#[derive(Clone)]
pub struct Candidate {
    /// Its text; `None` where some of it is unknown. Never empty where the environment may take its place.
    pub text: Option<String>,
    /// What must be edited to change it.
    pub place: Place,
    /// The environment variable that it comes from.
    pub variable: Option<&'static str>,
    /// Its pieces, with their origins.
    pub pieces: Vec<Piece>,
    /// Whether the whole of it is written in files that findings may point at.
    pub written: bool,
    /// The expression that it is a part of, with the keys that lead to it.
    pub source: Option<(ExprRef, Vec<String>)>,
    /// Whether Terraform hides it.
    pub sensitive: bool,
}

/// Whether a module has anything that the rules look at.
pub fn uses_zenml(module: &Module) -> bool {
    let is_zenml = |block: &Block| is_of_provider(module, block);
    let in_tests = module.test_files.iter().flat_map(|file| &file.providers);
    required_entries(module).next().is_some()
        || module.providers.iter().chain(in_tests).any(is_zenml)
        || zenml_resources(module).next().is_some()
}

/// What a module calls the provider; see [`Module::local_names`].
pub(super) fn local_names(module: &Module) -> &[String] {
    module.local_names(&provider::SOURCES, provider::LOCAL_NAME)
}

/// What a module's `required_providers` say of the provider.
pub(super) fn required_entries(module: &Module) -> impl Iterator<Item = &RequiredProvider> {
    let names = local_names(module).iter();
    names.filter_map(|name| module.required_providers.get(name))
}

/// Whether a `provider` block configures the provider.
pub(super) fn is_of_provider(module: &Module, block: &Block) -> bool {
    let label = block.labels.first();
    label.is_some_and(|label| is_local_name(module, label))
}

fn is_local_name(module: &Module, name: &str) -> bool {
    let names = local_names(module);
    names
        .binary_search_by(|known| known.as_str().cmp(name))
        .is_ok()
}

/// Whether a top-level block is zenml's.
fn is_zenml(module: &Module, keyword: &str, label: &str) -> bool {
    match keyword {
        "provider" => is_local_name(module, label),
        "resource" | "data" => label.starts_with("zenml_"),
        _ => false,
    }
}

fn zenml_resources(module: &Module) -> impl Iterator<Item = &Block> {
    let blocks = module.resources.iter().chain(&module.data);
    blocks.filter(|block| {
        block
            .labels
            .first()
            .is_some_and(|label| label.starts_with("zenml_"))
    })
}

/// The versions that the configuration names and the module's constraint admits.
fn schema(module: &Module, config: &Config) -> Schema {
    let constraint = version_constraint(module);
    Schema::select(
        config.provider_version.as_deref(),
        config.zenml_version.as_deref(),
        |release| constraint.is_none_or(|constraint| allows(constraint, release)),
    )
}

/// What `required_providers` says of the provider's version.
fn version_constraint(module: &Module) -> Option<&str> {
    let mut versions = required_entries(module).filter_map(|entry| entry.version.as_ref());
    versions.next().map(|(constraint, _)| constraint.as_str())
}

impl<'a> Scope<'a> {
    /// The view of a module in a context.
    pub fn new(
        evaluator: &'a Evaluator<'a>,
        instance: InstanceId,
        module: &'a Module,
        is_root: bool,
        policy: &'a Policy<'a>,
        environment: &'a Environment,
        now: i64,
    ) -> Self {
        let configuration = evaluator.configuration();
        let config = policy.configurations().of(&module.dir);
        let view = |block: &'a Block, in_test: bool| {
            let configurations = instances(evaluator, instance, block).into_iter();
            configurations.map(move |bindings| {
                let context = (evaluator, instance, Rc::new(bindings));
                let setting =
                    |name| Setting::new(block, name, context.clone(), (environment, config));
                ProviderBlock {
                    block,
                    in_test,
                    server_url: setting("server_url"),
                    api_key: setting("api_key"),
                    api_token: setting("api_token"),
                }
            })
        };
        let is_named = |block: &&Block| is_of_provider(module, block);
        let of_module = module.providers.iter().filter(is_named);
        let of_tests = module.test_files.iter().flat_map(|file| &file.providers);
        let providers = of_module
            .flat_map(|block| view(block, false))
            .chain(
                of_tests
                    .filter(is_named)
                    .flat_map(|block| view(block, true)),
            )
            .collect();
        Self {
            configuration,
            mend: Mend::new(configuration, is_zenml),
            evaluator,
            instance,
            module,
            is_root,
            schema: schema(module, config),
            policy,
            config,
            environment,
            now,
            providers,
            resources: zenml_resources(module)
                .flat_map(|block| Resource::all(evaluator, instance, block))
                .collect(),
            fields: Rc::default(),
            left_to_compare: Cell::new(MOST_COMPARING),
        }
    }

    /// The same, with what other scopes have asked for of the fields of resources.
    pub fn sharing(self, fields: Rc<KnownFields>) -> Self {
        Self { fields, ..self }
    }

    /// The candidate that a name was probably meant to be; `None`, too, where very many names were compared already.
    pub fn closest<'n>(
        &self,
        name: &str,
        candidates: impl IntoIterator<Item = &'n str>,
    ) -> Option<&'n str> {
        let spend = |work| {
            let left = self.left_to_compare.get().checked_sub(work);
            self.left_to_compare.set(left.unwrap_or_default());
            left.is_some()
        };
        provider::closest_within(spend, name, candidates)
    }

    /// A candidate as a message may show it.
    pub fn shown(&self, candidate: &Candidate) -> Shown {
        Shown::value(self.configuration, &candidate.shown_value())
    }

    /// A part of a candidate, in bytes of its known pieces, as a message may show it.
    pub fn shown_part(&self, candidate: &Candidate, range: Range<usize>) -> Shown {
        Shown::part(self.configuration, &candidate.shown_value(), range)
    }

    /// Every problem of every URL that a provider block may use.
    pub fn url_problems(&self) -> impl Iterator<Item = (Candidate, UrlProblem)> {
        self.providers.iter().flat_map(|provider| {
            let candidates = provider.server_url.candidates(When::Possibly);
            candidates.into_iter().flat_map(|candidate| {
                let problems = problems_of_pieces(&candidate.texts());
                problems
                    .into_iter()
                    .map(move |problem| (candidate.clone(), problem))
            })
        })
    }

    /// Every known text that may be one of the two credentials, with the slot that it is in.
    pub fn known_credentials(&self) -> impl Iterator<Item = (Candidate, String, Slot)> {
        self.providers.iter().flat_map(|provider| {
            let slots = [
                (&provider.api_key, Slot::ApiKey),
                (&provider.api_token, Slot::ApiToken),
            ];
            slots.into_iter().flat_map(|(setting, slot)| {
                let candidates = setting.candidates(When::Possibly).into_iter();
                candidates.filter_map(move |candidate| {
                    let text = candidate.text.clone()?;
                    Some((candidate, text, slot))
                })
            })
        })
    }

    /// Whether the module's version constraint lets in the provider from a version on.
    pub fn may_use_provider(&self, version: &str) -> bool {
        version_constraint(self.module).is_none_or(|constraint| allows_from(constraint, version))
    }

    /// The alias of a provider block.
    pub fn alias(&self, block: &'a Block) -> Option<&'a str> {
        if self.module.is_stack {
            return block.labels.get(1).map(String::as_str);
        }
        let expr = block.arguments.get("alias")?.expr;
        self.configuration.tree(expr.file)?.plain_string(expr.expr)
    }

    /// The same, as a message may show it.
    pub fn shown_alias(&self, block: &Block) -> Shown {
        match block.arguments.get("alias") {
            _ if self.module.is_stack => Shown::label(block, 1),
            Some(alias) => Shown::literal(self.configuration, alias.expr),
            None => Shown::nothing(),
        }
    }

    /// Each instance of the resources of a type.
    pub fn resources_of(&self, ty: &str) -> impl Iterator<Item = &Resource<'a>> {
        self.resources
            .iter()
            .filter(move |resource| resource.is(ty))
    }

    /// The block of every `zenml_*` resource and data source.
    pub fn resource_blocks(&self) -> impl Iterator<Item = &'a Block> {
        zenml_resources(self.module)
    }
}

impl<'a> ProviderBlock<'a> {
    /// The three settings.
    pub fn settings(&self) -> [&Setting<'a>; 3] {
        [&self.server_url, &self.api_key, &self.api_token]
    }

    /// The two credentials.
    pub fn credentials(&self) -> [&Setting<'a>; 2] {
        [&self.api_key, &self.api_token]
    }

    /// Whether it writes any connection argument at all; a block that writes none is configured by the environment.
    pub fn is_connected_here(&self) -> bool {
        self.settings()
            .iter()
            .any(|setting| setting.argument.is_some() || setting.is_unclear)
    }
}

impl<'a> Setting<'a> {
    fn new(
        block: &'a Block,
        name: &'static str,
        evaluate: (&'a Evaluator<'a>, InstanceId, Rc<Bindings>),
        (environment, config): (&'a Environment, &Config),
    ) -> Self {
        let variable = provider::argument(name)
            .and_then(|argument| argument.environment)
            .unwrap_or_default();
        Self {
            name,
            variable,
            argument: block.arguments.get(name),
            is_unclear: !block.arguments.contains_key(name) && block.may_set(name),
            header: block.header,
            configuration: evaluate.0.configuration(),
            from_environment: environment.get(variable),
            is_assumed: config.assume.contains(variable),
            evaluate,
            value: OnceCell::new(),
        }
    }

    /// The argument's value; `None` where it is not written.
    pub fn value(&self) -> Option<&Value> {
        let argument = self.argument?;
        let (evaluator, instance, bindings) = &self.evaluate;
        Some(self.value.get_or_init(|| {
            let value = evaluator.judged(*instance, argument, bindings);
            value.unwrap_or_else(|_| Value::dynamic())
        }))
    }

    fn alternatives(&self, down_to: When) -> Vec<Value> {
        self.value()
            .map(|value| value.alternatives(down_to))
            .unwrap_or_default()
    }

    /// Everything that the provider may see, down to the given kind of choice: where the argument is absent, null or
    /// empty, the environment's. What is not a text, or surely none, is left out.
    pub fn candidates(&self, down_to: When) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let mut environment = self.argument.is_none() && !self.is_unclear;
        for value in self.alternatives(down_to) {
            if is_absent(&value) {
                environment = true;
            } else if value.is_unknown() {
                candidates.push(self.candidate(&value, None));
            } else if let Ok(value) = convert(&value, &Type::String) {
                let text = value.as_str().map(str::to_owned);
                candidates.push(self.candidate(&value, text));
            }
        }
        if environment && let Some(text) = self.from_environment {
            candidates.push(Candidate {
                text: Some(text.to_owned()),
                place: Place {
                    reaches: self
                        .argument
                        .map(|argument| argument.span)
                        .into_iter()
                        .collect(),
                    ..Place::at(self.header).with_text(text)
                },
                variable: Some(self.variable),
                pieces: vec![Piece {
                    text: Some(text.into()),
                    trace: Trace::none(),
                }],
                written: false,
                source: None,
                sensitive: true,
            });
        }
        candidates
    }

    fn candidate(&self, value: &Value, text: Option<String>) -> Candidate {
        let place = self.place_of(&value.trace());
        let source = self.argument.map(|argument| (argument.expr, Vec::new()));
        Candidate::new(self.configuration, value, text, place, source)
    }

    /// Where a finding about a value of this setting points.
    pub fn place_of(&self, trace: &Trace) -> Place {
        self.argument.map_or_else(
            || Place::at(self.header),
            |argument| Place::of_value(self.configuration, trace, argument),
        )
    }

    /// Where a finding about the argument itself points: the argument; the block's header where it is not written.
    pub fn place(&self) -> Place {
        self.argument.map_or_else(
            || Place::at(self.header),
            |argument| Place::at(argument.span),
        )
    }

    /// The argument, unless it surely leaves the setting to the environment.
    pub fn set_here(&self) -> Option<&'a Argument> {
        let alternatives = self.alternatives(When::OtherwiseSet);
        self.argument
            .filter(|_| !alternatives.iter().all(is_absent))
    }

    /// Whether the provider will surely find nothing: neither here nor in the environment.
    pub fn is_surely_absent(&self) -> bool {
        self.from_environment.is_none()
            && !self.is_assumed
            && !self.is_unclear
            && self
                .alternatives(When::OtherwiseSet)
                .iter()
                .all(|value| is_absent(value) && !value.root_default())
    }

    /// Whether the provider will surely find something: on every path, and never null.
    pub fn is_surely_set(&self) -> bool {
        let alternatives = self.alternatives(When::OtherwiseSet);
        self.from_environment.is_some()
            || (!alternatives.is_empty() && alternatives.iter().all(is_set))
    }
}

impl Candidate {
    /// A value that something may be, with its text where all of it is known.
    pub(super) fn new(
        configuration: &Configuration,
        value: &Value,
        text: Option<String>,
        place: Place,
        source: Option<(ExprRef, Vec<String>)>,
    ) -> Self {
        let pieces = value.pieces();
        let known = || known_text(&pieces);
        let place = place.with_text(&text.clone().unwrap_or_else(known));
        Self {
            text,
            place,
            variable: None,
            pieces,
            written: is_written(configuration, &value.trace()),
            source,
            sensitive: value.sensitive,
        }
    }

    fn shown_value(&self) -> redact::Value<'_> {
        let source = self.source.as_ref();
        redact::Value {
            pieces: &self.pieces,
            source: source.map(|(expr, path)| (*expr, path.as_slice())),
            sensitive: self.sensitive,
        }
    }

    /// Its pieces as texts, `None` where one is unknown.
    pub fn texts(&self) -> Vec<Option<&str>> {
        self.pieces
            .iter()
            .map(|piece| piece.text.as_deref())
            .collect()
    }

    /// What is known of its text, as if the unknown pieces were empty.
    pub fn known_text(&self) -> String {
        known_text(&self.pieces)
    }

    /// How a message begins that speaks of it.
    pub fn subject(&self, argument: &'static str) -> Message {
        match self.variable {
            Some(variable) => message!("the `{}` from `{}`", argument, variable),
            None => message!("the `{}`", argument),
        }
    }
}

fn known_text(pieces: &[Piece]) -> String {
    let texts = pieces.iter().map(|piece| piece.text.as_deref());
    texts.flatten().collect()
}

/// Whether a trace begins in files that findings may point at, and nowhere else.
pub(super) fn is_written(configuration: &Configuration, trace: &Trace) -> bool {
    let ways = trace.known_ways();
    let is_reported = |start: &Start| match start {
        Start::Literal(at) => configuration
            .sources
            .get(at.file)
            .is_some_and(|file| file.reported),
        _ => false,
    };
    !ways.is_empty() && ways.iter().all(|way| is_reported(&way.start))
}

/// What `each` or `count` stand for in each instance that a block makes; where these are unknown, or none, once with
/// unknown values.
pub(super) fn instances<'a>(
    evaluator: &Evaluator<'a>,
    instance: InstanceId,
    block: &'a Block,
) -> Vec<Bindings> {
    let expansion = evaluator.judged_expansion(instance, block);
    let bindings = expansion.map(|expansion| expansion.bindings());
    match bindings {
        Ok(bindings) if !bindings.is_empty() => bindings,
        _ => Expansion::unknown(block).bindings(),
    }
}

/// Whether a variable has its default, and that is there to be set: by a run, or by the call that has left it out.
pub(super) fn has_open_default(
    evaluator: &Evaluator<'_>,
    (instance, name): VariableOf<'_>,
) -> bool {
    let module = evaluator.module(instance);
    let variable = module.and_then(|module| module.variables.get(name));
    let Ok(value) = evaluator.variable(instance, name) else {
        return false;
    };
    let is_default = match evaluator.caller(instance) {
        Some((_, call)) => !call.block.arguments.contains_key(name),
        None => value.contains_root_default(),
    };
    let has_default = variable.is_some_and(|variable| variable.default.is_some()) && is_default;
    has_default && leaves_open(&value)
}

/// Whether a default is a form to be filled in: null, an empty text or collection, a placeholder, or something with one
/// of these in it.
fn leaves_open(default: &Value) -> bool {
    let text = default.as_str();
    let mut members = default.members().peekable();
    default.is_null()
        || text.is_some_and(|text| text.is_empty() || placeholder::is_placeholder(text))
        || (default.is_collection() && members.peek().is_none())
        || members.any(leaves_open)
}

/// Whether a value is surely `null` or `""`: the provider then looks into the environment.
fn is_absent(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Whether a value is surely neither null nor empty. A variable without a default counts as set.
pub(super) fn is_set(value: &Value) -> bool {
    match &value.kind {
        Kind::Null(_) => false,
        Kind::String(text) => !text.is_empty(),
        Kind::Unknown(_) => has_known_text(value) || is_required_variable(value),
        _ => true,
    }
}

/// Whether some of the text is known, wherever it stands in it.
fn has_known_text(value: &Value) -> bool {
    !known_text(&value.pieces()).is_empty()
}

fn is_required_variable(value: &Value) -> bool {
    let ways = value.trace().ways();
    !ways.is_empty()
        && ways
            .iter()
            .all(|way| matches!(way.start, Start::Run { by: None, .. }))
}
