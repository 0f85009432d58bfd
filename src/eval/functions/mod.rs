//! Terraform's built-in functions: one table of pure functions over values.
//!
//! What all functions have in common (counting and converting arguments, nulls, unknown and sensitive values, layer two)
//! is done by the caller, `eval::call`, as the [`Parameter`]s say. `try` and `can`, which take expressions, live there.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::types::Type;
use super::value::Value;

/// A built-in function.
#[derive(Debug)]
pub struct Function {
    /// The name that expressions call it by.
    pub name: &'static str,
    /// The parameters that must be given.
    pub parameters: Vec<Parameter>,
    /// Takes all further arguments.
    pub variadic: Option<Parameter>,
    /// The type of its result.
    pub result: ResultType,
    /// Whether an unknown result is known not to be null.
    pub not_null: bool,
    /// What it does. Gets the arguments, converted, and the type that [`Function::result`] gave for them; the error is
    /// one sentence. Where [`Parameter::unknown`] is not set for any of them, no argument is unknown (members may be).
    pub body: fn(&[Value], &Type) -> Result<Value, String>,
}

/// What is known of the type of a result.
#[derive(Debug)]
pub enum ResultType {
    /// It is always this.
    Is(Type),
    /// It depends on the arguments, any of which may be unknown; bad arguments are refused here already.
    Of(fn(&[Value]) -> Result<Type, String>),
}

/// What a function takes, and how the caller treats it.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name, for messages.
    pub name: &'static str,
    /// What an argument is converted to; [`Type::Dynamic`] takes anything as it is.
    pub ty: Type,
    /// Whether it may be null; if not, null is an error.
    pub null: bool,
    /// Whether the function itself deals with an unknown argument; if not, the result is unknown.
    pub unknown: bool,
    /// Whether it may be of no known type; if not, the result is wholly unknown.
    pub dynamic: bool,
    /// Whether the function itself deals with sensitive marks; if not, they are taken off, at any depth, and the result
    /// is marked.
    pub marked: bool,
    /// Whether text of the argument can become part of the result; not where it only chooses, trims or counts.
    pub reaches: bool,
}

impl Parameter {
    /// A parameter that takes a known value only and reaches the result.
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
    pub fn null(self) -> Self {
        Self { null: true, ..self }
    }

    /// The same, also taking unknown values.
    pub fn unknown(self) -> Self {
        Self {
            unknown: true,
            ..self
        }
    }

    /// The same, also taking values of unknown type.
    pub fn dynamic(self) -> Self {
        Self {
            dynamic: true,
            ..self
        }
    }

    /// The same, taking sensitive values with their marks.
    pub fn marked(self) -> Self {
        Self {
            marked: true,
            ..self
        }
    }

    /// The same, not reaching the result.
    pub fn chooses(self) -> Self {
        Self {
            reaches: false,
            ..self
        }
    }
}

impl Function {
    /// A function without parameters whose result is always of one type.
    pub fn new(
        name: &'static str,
        result: Type,
        body: fn(&[Value], &Type) -> Result<Value, String>,
    ) -> Self {
        Self {
            name,
            parameters: Vec::new(),
            variadic: None,
            result: ResultType::Is(result),
            not_null: false,
            body,
        }
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
    pub fn result_of(mut self, result: fn(&[Value]) -> Result<Type, String>) -> Self {
        self.result = ResultType::Of(result);
        self
    }

    /// The same with a result that is never null.
    pub fn not_null(mut self) -> Self {
        self.not_null = true;
        self
    }
}

static TABLE: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(|| {
    let groups: [Vec<Function>; 0] = [];
    groups
        .into_iter()
        .flatten()
        .map(|function| (function.name, function))
        .collect()
});

/// The function of a name; also by its full name (`core::upper`).
pub fn find(name: &str) -> Option<&'static Function> {
    TABLE.get(name.strip_prefix("core::").unwrap_or(name))
}
