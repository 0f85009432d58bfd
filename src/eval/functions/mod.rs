//! Terraform's built-in functions: one table that names each, its parameters and a pure function over values.
//!
//! A function here sees values as cty's functions do: converted to the parameters' types, without marks unless the parameter
//! allows them, known and not null unless the parameter allows otherwise. Whoever calls it takes care of that, of putting
//! marks back, and of the result's layer two where the function has not set it: the join of the traces of the arguments
//! whose parameter [reaches](Parameter::reaches) the result.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::types::Type;
use super::value::Value;

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name, without `core::`.
    pub name: &'static str,
    /// The parameters that each call must give.
    pub parameters: Vec<Parameter>,
    /// The parameter that takes all further arguments, if more are allowed.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub result: ResultType,
    /// Whether the result is never null, also where it is unknown.
    pub not_null: bool,
    /// What it does.
    pub body: Body,
}

/// A parameter, with the meaning that cty's `function.Parameter` gives the same words.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name in messages.
    pub name: &'static str,
    /// What arguments are converted to; parts that are [`Type::Dynamic`] take anything.
    pub ty: Type,
    /// Whether null may be passed; else it is an error.
    pub allow_null: bool,
    /// Whether an unknown value may be passed; else the result is unknown.
    pub allow_unknown: bool,
    /// Whether a value of wholly unknown type may be passed; else the result is wholly unknown.
    pub allow_dynamic: bool,
    /// Whether the function deals with sensitive marks itself; else they are taken off and all of them put on the result.
    pub allow_marked: bool,
    /// Whether the argument's text (or members) get into the result, rather than only choosing, searching or cutting.
    pub reaches: bool,
}

/// How the type of a result is found.
#[derive(Clone, Debug)]
pub enum ResultType {
    /// Always the same.
    Fixed(Type),
    /// From the arguments, any of which may be unknown here.
    Rule(fn(&[Value]) -> Result<Type, Failure>),
}

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// Makes a value of its arguments and the type found for the result.
    Pure(fn(&[Value], &Type) -> Outcome),
    /// Reads files or the clock, is random, or needs a secret key: its result is unknown.
    Impure,
    /// Takes expressions or the scope rather than values: the evaluator does it.
    Special(Special),
}

/// Functions that the evaluator does itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// `try`: the first argument that evaluates without error.
    Try,
    /// `can`: whether the argument evaluates without error.
    Can,
    /// `templatestring`: renders a template that a reference names.
    TemplateString,
}

/// What comes of calling a function.
pub type Outcome = Result<Value, Failure>;

/// Why a function has no value for its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Terraform rejects the call.
    Error(FunctionError),
    /// The result would be too large to hold, or needs something that the linter does not do: it is unknown.
    Unknown,
}

/// Why Terraform rejects a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument that is at fault, counted from zero; `None` for the call as a whole.
    pub argument: Option<usize>,
    /// What is wrong, as a phrase.
    pub message: String,
}

/// What a name in a call stands for.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// A function of Terraform or OpenTofu.
    BuiltIn(&'static Function),
    /// A function that a provider brings (`provider::name::function`): its result is unknown.
    Provider,
}

impl Parameter {
    /// A parameter that takes known values that are not null, and whose argument reaches the result.
    pub fn new(name: &'static str, ty: Type) -> Self {
        Self {
            name,
            ty,
            allow_null: false,
            allow_unknown: false,
            allow_dynamic: false,
            allow_marked: false,
            reaches: true,
        }
    }

    /// Null may be passed.
    pub fn nullable(mut self) -> Self {
        self.allow_null = true;
        self
    }

    /// Unknown values may be passed.
    pub fn unknown(mut self) -> Self {
        self.allow_unknown = true;
        self
    }

    /// Values of unknown type may be passed.
    pub fn dynamic(mut self) -> Self {
        self.allow_dynamic = true;
        self
    }

    /// The function deals with marks.
    pub fn marked(mut self) -> Self {
        self.allow_marked = true;
        self
    }

    /// The argument only chooses, searches or cuts.
    pub fn steers(mut self) -> Self {
        self.reaches = false;
        self
    }
}

impl Function {
    /// A function without parameters whose result is a string, never null.
    pub fn new(name: &'static str, body: Body) -> Self {
        Self {
            name,
            parameters: Vec::new(),
            variadic: None,
            result: ResultType::Fixed(Type::String),
            not_null: true,
            body,
        }
    }

    /// One more parameter.
    pub fn takes(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Any number of further arguments.
    pub fn takes_rest(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }

    /// A result that is always of one type.
    pub fn returns(mut self, ty: Type) -> Self {
        self.result = ResultType::Fixed(ty);
        self
    }

    /// A result whose type the arguments decide.
    pub fn returns_by(mut self, rule: fn(&[Value]) -> Result<Type, Failure>) -> Self {
        self.result = ResultType::Rule(rule);
        self
    }

    /// A result that may be null.
    pub fn may_be_null(mut self) -> Self {
        self.not_null = false;
        self
    }

    /// The parameter that takes the argument of this index.
    pub fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }
}

impl Failure {
    /// Of the call as a whole.
    pub fn call(message: impl Into<String>) -> Self {
        Self::Error(FunctionError {
            argument: None,
            message: message.into(),
        })
    }

    /// Of one argument.
    pub fn argument(index: usize, message: impl Into<String>) -> Self {
        Self::Error(FunctionError {
            argument: Some(index),
            message: message.into(),
        })
    }
}

/// What a name stands for; `None` where Terraform has no such function.
pub fn named(name: &str) -> Option<Named> {
    if name.starts_with("provider::") {
        return Some(Named::Provider);
    }
    let name = name.strip_prefix("core::").unwrap_or(name);
    TABLE.get(name).map(Named::BuiltIn)
}

/// Every function, in the order of names.
pub fn all() -> impl Iterator<Item = &'static Function> {
    TABLE.values()
}

static TABLE: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(|| {
    let groups: [Vec<Function>; 0] = [];
    let functions = groups.into_iter().flatten();
    functions
        .map(|function| (function.name, function))
        .collect()
});
