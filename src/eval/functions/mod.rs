//! Terraform's built-in functions: one table that names each, its parameters and a pure function over values.
//!
//! A function here sees values as cty's functions do: converted to the parameters' types, without marks unless the parameter
//! allows them, known and not null unless the parameter allows otherwise. Whoever calls it takes care of that, of putting
//! marks back, and of the result's layer two where the function has not set it: the join of the traces of the arguments
//! whose parameter [reaches](Parameter::reaches) the result.

mod arguments;
mod candidates;
mod collection;
mod date_time;
mod encoding;
mod filesystem;
mod format;
mod graphemes;
mod hash_crypto;
mod ip_network;
mod json;
mod numeric;
mod pieces;
mod regex;
mod string;
mod type_conversion;
mod yaml;

use std::collections::BTreeMap;
use std::sync::LazyLock;

#[cfg(test)]
mod tests;

pub use candidates::{THIS_CALL, THIS_OPEN_CALL};
pub use regex::Patterns;

use super::types::Type;
use super::value::Value;

/// A row of the table.
#[derive(Debug)]
pub struct Function {
    /// Its name, without `core::`.
    pub name: &'static str,
    /// The parameters that each call must give.
    pub parameters: Vec<Parameter>,
    /// The parameter that takes all further arguments, if more are allowed.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub result: ResultType,
    /// Whether the result is never null: an unknown one is known not to be.
    pub not_null: bool,
    /// How much work a call is beside reading its arguments and writing its result, in units of weight.
    pub work: fn(&[Value]) -> u32,
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
    pub null: bool,
    /// Whether an unknown value may be passed; else the result is unknown.
    pub unknown: bool,
    /// Whether a value of wholly unknown type may be passed; else the result is wholly unknown.
    pub dynamic: bool,
    /// Whether the function deals with sensitive marks itself; else they are taken off at any depth and the result is marked.
    pub marked: bool,
    /// Whether the argument's text (or members) get into the result, rather than only choosing, searching or cutting.
    pub reaches: bool,
}

/// How the type of a result is found.
#[derive(Debug)]
pub enum ResultType {
    /// It is always this.
    Is(Type),
    /// It depends on the arguments, any of which may be unknown here; bad arguments are refused here already.
    Of(fn(&[Value]) -> Result<Type, Failure>),
}

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// Makes a value of its arguments and the type found for the result.
    Pure(fn(&[Value], &Type) -> Outcome),
    /// The same with regular expressions.
    Matching(fn(&Patterns, &[Value], &Type) -> Outcome),
    /// Reads files or the clock, is random, needs a secret key or is a provider's: the result is unknown.
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
    /// The result needs something that the linter does not do: it is unknown.
    Unknown,
    /// The result would be too large to hold, or too much work: it is unknown.
    TooLarge,
}

/// Why Terraform rejects a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument that is at fault, counted from zero; `None` for the call as a whole.
    pub argument: Option<usize>,
    /// What is wrong, as a phrase.
    pub message: String,
}

impl Parameter {
    /// A parameter that takes known values that are not null, and whose argument reaches the result.
    pub fn new(name: &'static str, ty: Type) -> Self {
        Self {
            name,
            ty,
            null: false,
            unknown: false,
            dynamic: false,
            marked: false,
            reaches: true,
        }
    }

    /// The same, also taking null.
    pub fn null(mut self) -> Self {
        self.null = true;
        self
    }

    /// The same, also taking unknown values.
    pub fn unknown(mut self) -> Self {
        self.unknown = true;
        self
    }

    /// The same, also taking values of unknown type.
    pub fn dynamic(mut self) -> Self {
        self.dynamic = true;
        self
    }

    /// The same, taking sensitive values with their marks.
    pub fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// The same, not reaching the result.
    pub fn chooses(mut self) -> Self {
        self.reaches = false;
        self
    }

    /// The same, taking whatever there is.
    pub fn anything(self) -> Self {
        self.null().unknown().dynamic().marked()
    }
}

impl Function {
    /// A function without parameters whose result is always of one type.
    pub fn new(name: &'static str, result: Type, body: fn(&[Value], &Type) -> Outcome) -> Self {
        Self::with_body(name, result, Body::Pure(body))
    }

    /// A function without parameters that needs regular expressions.
    pub fn matching(
        name: &'static str,
        result: Type,
        body: fn(&Patterns, &[Value], &Type) -> Outcome,
    ) -> Self {
        Self::with_body(name, result, Body::Matching(body))
    }

    /// A function whose result is unknown here, and never null.
    pub fn impure(name: &'static str, result: Type) -> Self {
        Self::with_body(name, result, Body::Impure).not_null()
    }

    /// A function that the evaluator does.
    pub fn special(name: &'static str, result: Type, special: Special) -> Self {
        Self::with_body(name, result, Body::Special(special))
    }

    fn with_body(name: &'static str, result: Type, body: Body) -> Self {
        Self {
            name,
            parameters: Vec::new(),
            variadic: None,
            result: ResultType::Is(result),
            not_null: false,
            work: |_| 0,
            body,
        }
    }

    /// The same, where a call is more work than its arguments and its result are large.
    pub fn works(mut self, work: fn(&[Value]) -> u32) -> Self {
        self.work = work;
        self
    }

    /// The same with a further parameter.
    pub fn takes(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// The same, taking any number of further arguments.
    pub fn takes_any_number(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }

    /// The same with a result type that depends on the arguments.
    pub fn result_of(mut self, result: fn(&[Value]) -> Result<Type, Failure>) -> Self {
        self.result = ResultType::Of(result);
        self
    }

    /// The same with a result that is never null.
    pub fn not_null(mut self) -> Self {
        self.not_null = true;
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

/// The function of a name, also by its full name (`core::upper`); one of unknown result for any provider's
/// (`provider::name::function`); `None` where Terraform has no such function.
pub fn find(name: &str) -> Option<&'static Function> {
    if name.starts_with("provider::") {
        return Some(&PROVIDER);
    }
    TABLE.get(name.strip_prefix("core::").unwrap_or(name))
}

/// Every built-in function, in the order of names.
pub fn all() -> impl Iterator<Item = &'static Function> {
    TABLE.values()
}

static PROVIDER: LazyLock<Function> = LazyLock::new(|| {
    let arguments = Parameter::new("args", Type::Dynamic);
    Function::with_body("provider", Type::Dynamic, Body::Impure)
        .takes_any_number(arguments.null().unknown().dynamic())
});

static TABLE: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(|| {
    let groups = [
        collection::functions(),
        date_time::functions(),
        encoding::functions(),
        filesystem::functions(),
        format::functions(),
        hash_crypto::functions(),
        ip_network::functions(),
        json::functions(),
        numeric::functions(),
        regex::functions(),
        string::functions(),
        type_conversion::functions(),
        yaml::functions(),
    ];
    let functions = groups.into_iter().flatten();
    functions
        .map(|function| (function.name, function))
        .collect()
});
