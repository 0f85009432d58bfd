//! What a provider block connects with, as Terraform would see it.

use std::sync::Arc;

use crate::eval::{Kind, Start, Type, Value, convert};
use crate::rules::{ProviderBlock, Scope, Setting};
use crate::source::Location;

/// The longest expression that is quoted, in bytes.
const LONGEST_QUOTE: usize = 120;

/// One configuration that a provider block makes in one context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The block's header.
    pub at: Location,
    /// The block's alias.
    pub alias: Option<String>,
    /// `server_url`
    pub server_url: Given,
    /// `api_key`
    pub api_key: Given,
    /// `api_token`
    pub api_token: Given,
    /// Whether the provider takes servers of any version.
    pub skip_version_check: bool,
}

/// What is given for a setting.
#[derive(Clone, PartialEq, Eq)]
pub enum Given {
    /// Nothing, neither in the block nor in the environment.
    Nothing,
    /// A text, never empty.
    Text {
        /// The text; it may be a secret.
        text: String,
        /// The environment variable that it comes from; `None` where the block has it.
        variable: Option<&'static str>,
    },
    /// Something that only a run of terraform knows.
    Unknown {
        /// What it is.
        source: UnknownSource,
        /// What stands in the environment variable that the provider would read if the block left the setting out.
        stand_in: Option<String>,
    },
}

/// What decides on a value that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownSource {
    /// A root variable that nothing is given for: its name.
    Variable(String),
    /// Anything else: the argument's expression, as written. It may hold a secret.
    Expression(String),
}

/// Says where a text comes from, never what it is.
impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Text { variable, .. } => write!(f, "Text({variable:?})"),
            Self::Unknown { source, .. } => write!(f, "Unknown({source:?})"),
        }
    }
}

impl Given {
    /// The text, where it is known.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            Self::Nothing | Self::Unknown { .. } => None,
        }
    }
}

impl Connection {
    /// The connections of the provider blocks of a module in a context; those of test files apart.
    pub fn all(scope: &Scope<'_>) -> Vec<Self> {
        let blocks = scope.providers.iter().filter(|block| !block.in_test);
        blocks.map(|block| Self::of(scope, block)).collect()
    }

    fn of<'a>(scope: &Scope<'a>, provider: &ProviderBlock<'a>) -> Self {
        let skip = provider.block.arguments.get("skip_version_check");
        let skip = skip.map(|skip| {
            let value = scope.evaluator.value_or_unknown(scope.instance, skip.expr);
            convert(&value, &Type::Bool).map(|value| value.kind)
        });
        Self {
            at: provider.block.header,
            alias: scope.alias(provider.block).map(str::to_owned),
            server_url: given(scope, &provider.server_url),
            api_key: given(scope, &provider.api_key),
            api_token: given(scope, &provider.api_token),
            skip_version_check: matches!(skip, Some(Ok(Kind::Bool(true)))),
        }
    }

    /// The connection of a root module that has zenml resources and no provider block at all: terraform then takes an empty
    /// one, which leaves all to the environment. It stands at the first such resource.
    pub fn implied(scope: &Scope<'_>) -> Option<Self> {
        let has_block = scope.providers.iter().any(|block| !block.in_test);
        let first = scope.resource_blocks().map(|block| block.header).min()?;
        (scope.is_root && !has_block).then(|| Self {
            at: first,
            alias: None,
            server_url: from_environment(scope, "ZENML_SERVER_URL"),
            api_key: from_environment(scope, "ZENML_API_KEY"),
            api_token: from_environment(scope, "ZENML_API_TOKEN"),
            skip_version_check: false,
        })
    }

    fn settings(&self) -> [&Given; 3] {
        [&self.server_url, &self.api_key, &self.api_token]
    }

    /// Whether another connection of the same block has everything that this one has, and more.
    fn is_part_of(&self, other: &Self) -> bool {
        let is_same = |(own, other): (&Given, &Given)| own.text().is_none() || own == other;
        let pairs = || self.settings().into_iter().zip(other.settings());
        self.at == other.at
            && pairs().all(is_same)
            && pairs().any(|(own, other)| own.text().is_none() && other.text().is_some())
    }
}

/// Each connection once, in the order of their places; where a block's values come from a file for one run or another,
/// the run without any such file is left out.
pub fn best_known(mut connections: Vec<Connection>) -> Vec<Connection> {
    connections.sort_by_key(|connection| connection.at);
    let mut best: Vec<Connection> = Vec::new();
    for connection in &connections {
        let is_part = connections.iter().any(|other| connection.is_part_of(other));
        if !is_part && !best.contains(connection) {
            best.push(connection.clone());
        }
    }
    best
}

fn given(scope: &Scope<'_>, setting: &Setting<'_>) -> Given {
    let value = setting.value().map(|value| convert(value, &Type::String));
    match value.map(|value| value.map(|value| value.kind)) {
        None | Some(Ok(Kind::Null(_))) => {}
        Some(Ok(Kind::String(text))) if text.is_empty() => {}
        Some(Ok(Kind::String(text))) => {
            return Given::Text {
                text: text.to_string(),
                variable: None,
            };
        }
        Some(_) => {
            return Given::Unknown {
                source: unknown_source(scope, setting),
                stand_in: scope.environment.get(setting.variable).map(str::to_owned),
            };
        }
    }
    from_environment(scope, setting.variable)
}

fn from_environment(scope: &Scope<'_>, variable: &'static str) -> Given {
    let value = scope.environment.get(variable);
    value.map_or(Given::Nothing, |text| Given::Text {
        text: text.to_owned(),
        variable: Some(variable),
    })
}

fn unknown_source(scope: &Scope<'_>, setting: &Setting<'_>) -> UnknownSource {
    if let Some(name) = setting.value().and_then(missing_variable) {
        return UnknownSource::Variable(name);
    }
    let expression = setting.argument.map(|argument| {
        let at = scope.configuration.location(argument.expr);
        scope.configuration.sources.text_at(at)
    });
    let mut words = expression.unwrap_or_default().split_whitespace();
    let first = words.next().unwrap_or_default().to_owned();
    let mut quote = words.fold(first, |quote, word| quote + " " + word);
    if quote.len() > LONGEST_QUOTE {
        quote.truncate(quote.floor_char_boundary(LONGEST_QUOTE));
        quote.push('…');
    }
    UnknownSource::Expression(quote)
}

/// The root variable that a value comes from where nothing has been given for it.
fn missing_variable(value: &Value) -> Option<String> {
    let ways = value.trace().ways();
    let (variable, way) = ways.iter().find_map(|way| match &way.start {
        Start::Run { by: None, variable } => Some((*variable, way)),
        _ => None,
    })?;
    let hop = way.hops.iter().find(|hop| hop.at == variable)?;
    let what: Arc<str> = hop.what.clone();
    what.split('`').nth(1).map(str::to_owned)
}
