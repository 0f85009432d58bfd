//! What the names at the start of references stand for.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::Span;
use crate::terraform::{Module, stack_call};

use super::error::EvalError;
use super::evaluator::{Evaluator, InstanceId, Origin};
use super::expansion::Expansion;
use super::frame::{Frame, Scope};
use super::range;
use super::traversal::Step;
use super::types::Type;
use super::value::{Kind, Value};

/// The name of a step that is one.
pub(super) fn name<'e>(step: Option<&Step<'e>>) -> Option<&'e str> {
    match step {
        Some(Step::Attribute { name, .. }) => Some(name),
        _ => None,
    }
}

impl<'e, 'a> Frame<'e, 'a> {
    pub(super) fn error(&self, span: Span, message: impl Into<String>) -> EvalError {
        EvalError {
            message: message.into(),
            at: self.location(span),
        }
    }

    pub(super) fn module(&self) -> Option<&'a Module> {
        self.evaluator.module(self.instance)
    }

    /// Checks a reference of a module's expression. Outer error: it makes the whole definition fail, and is at a place
    /// of its own; inner error: the same at the reference.
    pub(super) fn check_in_module(
        &mut self,
        root: &str,
        span: Span,
        steps: &[Step<'e>],
    ) -> Result<Result<(), String>, EvalError> {
        let first = name(steps.first());
        let place = |error: EvalError| EvalError {
            at: if error.at.file.0 == u32::MAX {
                self.location(span)
            } else {
                error.at
            },
            ..error
        };
        let evaluator = self.evaluator;
        let checked = match (root, first) {
            ("var", Some(name)) => {
                evaluator.variable(self.instance, name).map_err(place)?;
                Ok(())
            }
            ("local", Some(name)) => {
                evaluator.local(self.instance, name).map_err(place)?;
                Ok(())
            }
            ("module", Some(name)) => self.check_call("module call", name, name),
            ("component", Some(name)) if self.is_stack() => {
                self.check_call("component", name, name)
            }
            ("stack", Some(name)) if self.is_stack() => {
                self.check_call("stack", name, &stack_call(name))
            }
            ("path", Some("root" | "module" | "cwd")) => Ok(()),
            ("terraform" | "tofu", Some("workspace" | "applying")) => Ok(()),
            ("each", Some("key" | "value")) if self.bindings.each.is_some() => Ok(()),
            ("count", Some("index")) if self.bindings.count.is_some() => Ok(()),
            ("self", _) if self.bindings.this.is_some() => Ok(()),
            ("var" | "local" | "module" | "path" | "terraform" | "each" | "count" | "self", _) => {
                Err(format!("{root:?} has nothing like that here"))
            }
            _ => self.check_resource(root, steps),
        };
        Ok(checked)
    }

    fn is_stack(&self) -> bool {
        self.module().is_some_and(|module| module.is_stack)
    }

    fn check_call(&self, what: &str, name: &str, call: &str) -> Result<(), String> {
        let declared = self
            .module()
            .is_some_and(|module| module.calls.contains_key(call));
        declared
            .then_some(())
            .ok_or_else(|| format!("there is no {what} {name:?} in this module"))
    }

    /// The value at the start of a reference, and how many of the steps that takes.
    pub(super) fn resolve(&mut self, root: &str, span: Span, steps: &[Step<'e>]) -> (Value, usize) {
        if self.scope != Scope::Module {
            let error = self.error(span, "nothing can be referred to here");
            return (self.fail_for_good(error), steps.len());
        }
        let evaluator = self.evaluator;
        let first = name(steps.first());
        match (root, first) {
            ("var", Some(name)) => self.definition(evaluator.variable(self.instance, name), span),
            ("local", Some(name)) => self.definition(evaluator.local(self.instance, name), span),
            ("module", Some(name)) => self.module_output(name, span, steps),
            ("component", Some(name)) if self.is_stack() => self.module_output(name, span, steps),
            ("stack", Some(name)) if self.is_stack() => {
                self.module_output(&stack_call(name), span, steps)
            }
            ("path", Some(name)) => (evaluator.path(self.instance, name), 1),
            ("terraform" | "tofu", Some("workspace")) => (evaluator.workspace(self.instance), 1),
            ("terraform" | "tofu", Some("applying")) => {
                (Value::new(range::not_null(Type::Bool)), 1)
            }
            ("each", Some(part)) => (self.each(part), 1),
            ("count", Some(_)) => (
                self.bindings.count.clone().unwrap_or_else(Value::dynamic),
                1,
            ),
            ("self", _) => (self.bindings.this.clone().unwrap_or_else(Value::dynamic), 0),
            _ => self.resource(root, span, steps),
        }
    }

    pub(super) fn definition(
        &mut self,
        result: Result<Value, EvalError>,
        span: Span,
    ) -> (Value, usize) {
        let value = result.unwrap_or_else(|error| {
            let error = if error.at.file.0 == u32::MAX {
                self.error(span, error.message)
            } else {
                error
            };
            self.fail_for_good(error)
        });
        (value, 1)
    }

    fn each(&self, part: &str) -> Value {
        match (&self.bindings.each, part) {
            (Some((key, _)), "key") => key.clone(),
            (Some((_, value)), _) => value.clone(),
            (None, _) => Value::dynamic(),
        }
    }

    // Modules.

    fn module_output(&mut self, call: &str, span: Span, steps: &[Step<'e>]) -> (Value, usize) {
        let evaluator = self.evaluator;
        let Some(block) = self.module().and_then(|module| module.calls.get(call)) else {
            let error = self.error(span, format!("there is no module call {call:?}"));
            return (self.fail_for_good(error), 1);
        };
        let Some(target) = block.target else {
            return (Value::dynamic(), 1);
        };
        if evaluator.is_within(self.instance, target) {
            let error = self.error(span, format!("the module {call:?} calls itself"));
            return (self.fail_for_good(error), 1);
        }
        let expansion = match evaluator.expansion(self.instance, &block.block) {
            Ok(expansion) => expansion,
            Err(error) => return (self.fail_for_good(error), 1),
        };
        let children = evaluator.children(self.instance, call);
        evaluator.spend_on_instances(children.len());
        match (&expansion, children.as_ref(), name(steps.get(1))) {
            (Expansion::Single, [child], Some(output)) => {
                let result = evaluator.output(*child, output);
                let (value, _) = self.definition(result, span);
                (value, 2)
            }
            (Expansion::Single, [child], None) => (self.outputs(*child), 1),
            (Expansion::Count(_), children, _) => {
                let members: Vec<Value> =
                    children.iter().map(|child| self.outputs(*child)).collect();
                (Value::new(Kind::Tuple(members.into())), 1)
            }
            (Expansion::Each(keys), children, _) => {
                let members = keys.iter().zip(children);
                let members: BTreeMap<Arc<str>, Value> = members
                    .map(|((key, _), child)| (key.clone(), self.outputs(*child)))
                    .collect();
                (Value::new(Kind::Object(Arc::new(members))), 1)
            }
            _ => (Value::dynamic(), 1),
        }
    }

    fn outputs(&mut self, child: InstanceId) -> Value {
        let evaluator = self.evaluator;
        let Some(module) = evaluator.module(child) else {
            return Value::dynamic();
        };
        let mut members = BTreeMap::new();
        for name in module.outputs.keys() {
            match evaluator.output(child, name) {
                Ok(value) => {
                    members.insert(Arc::from(name.as_str()), value);
                }
                Err(error) => {
                    self.fail_for_good(error);
                }
            }
        }
        Value::new(Kind::Object(Arc::new(members)))
    }
}

impl Evaluator<'_> {
    /// A path as terraform has it when it runs in the root's directory.
    fn path(&self, instance: InstanceId, name: &str) -> Value {
        let path = match name {
            "root" => Some(String::from(".")),
            "cwd" => self.root_dir(instance),
            "module" => self.module_path(instance),
            _ => None,
        };
        match path {
            Some(path) => Value::string(path),
            None => Value::new(range::not_null(Type::String)),
        }
    }

    /// Where the root of an instance lies; with `/` on every system, as Terraform has it.
    fn root_dir(&self, instance: InstanceId) -> Option<String> {
        let mut current = self.instance(instance)?;
        while let Origin::Call { parent, .. } = &current.origin {
            current = self.instance(*parent)?;
        }
        let dir = &self.configuration().module(current.module)?.dir;
        Some(dir.to_str()?.replace('\\', "/"))
    }

    /// The path of an instance's module from the root's directory on, links not resolved.
    fn module_path(&self, instance: InstanceId) -> Option<String> {
        let mut sources = Vec::new();
        let mut installed = None;
        let mut current = self.instance(instance)?;
        while let Origin::Call { parent, call, .. } = &current.origin {
            let source = call.block.arguments.get("source")?.expr;
            let source = self
                .configuration()
                .tree(source.file)?
                .plain_string(source.expr)?;
            if installed.is_none() {
                sources.push(source);
                let is_local = source.starts_with("./") || source.starts_with("../");
                installed = (!is_local).then_some(current.module);
            }
            current = self.instance(*parent)?;
        }
        let Some(installed) = installed else {
            return Some(joined(".", sources.iter().rev()));
        };
        let dir = |module| Some(&self.configuration().module(module)?.dir);
        let below = dir(installed)?.strip_prefix(dir(current.module)?).ok()?;
        // The first of the sources is no path but an address.
        Some(joined(below.to_str()?, sources.iter().rev().skip(1)))
    }

    fn workspace(&self, instance: InstanceId) -> Value {
        let mut current = self.instance(instance);
        while let Some(instance) = current {
            match &instance.origin {
                Origin::Call { parent, .. } => current = self.instance(*parent),
                Origin::Root(context) => {
                    let Some(name) = &context.workspace else {
                        break;
                    };
                    return Value::string(name.as_str());
                }
            }
        }
        Value::new(range::not_null(Type::String))
    }
}

/// A path, and from there along others; without `.`, and with `..` only at its beginning.
fn joined<'s>(start: &'s str, others: impl Iterator<Item = &'s &'s str>) -> String {
    let mut path: Vec<&str> = Vec::new();
    let parts = std::iter::once(start).chain(others.copied());
    for part in parts.flat_map(|path| path.split('/')) {
        match (part, path.last()) {
            ("" | ".", _) => {}
            ("..", Some(above)) if *above != ".." => drop(path.pop()),
            _ => path.push(part),
        }
    }
    if path.is_empty() {
        return String::from(".");
    }
    path.join("/")
}
