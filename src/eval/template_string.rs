//! `templatestring`: a template that comes from elsewhere.

use crate::source::FileId;
use crate::syntax::parse_template;

use super::convert::convert;
use super::evaluator::{Evaluator, InstanceId};
use super::expansion::Bindings;
use super::frame::{Frame, Scope};
use super::range;
use super::types::Type;
use super::value::{Kind, Value};

/// The text that a template makes of its variables. The error is a phrase.
pub(super) fn render(
    evaluator: &Evaluator<'_>,
    instance: InstanceId,
    template: &Value,
    variables: &Value,
) -> Result<Value, String> {
    if variables.is_null() {
        return Err("the variables of a template must not be null".into());
    }
    let sensitive = template.sensitive || variables.contains_sensitive();
    if template.is_unknown() || variables.is_unknown() {
        return Ok(Value::new(range::not_null(Type::String)).with_sensitive(sensitive));
    }
    let Kind::String(text) = &template.kind else {
        return Err("a template must be a string".into());
    };
    let (Kind::Map(_, named) | Kind::Object(named)) = &variables.kind else {
        return Err("the variables of a template must be a map".into());
    };
    if let Some(name) = named.keys().find(|name| !is_name(name)) {
        return Err(format!("{name:?} cannot be the name of a variable"));
    }
    if !evaluator.spend(template.weight()) {
        return Ok(Value::new(range::not_null(Type::String)));
    }
    let (tree, root) = parse_template(text);
    if let Some(error) = tree.errors.first() {
        return Err(error.message.to_string());
    }
    let bindings = Bindings::default();
    let file = FileId(u32::MAX);
    let mut frame = Frame::new(evaluator, instance, &bindings, &tree, file);
    frame.scope = Scope::Names;
    frame.origin = Some(template.trace());
    let names = named.iter();
    frame.bind(names.map(|(name, value)| (&**name, variables.member(value).without_marks())));
    let value = frame.finish(root).map_err(|error| error.message)?;
    if value.is_null() {
        return Err("the template makes null".into());
    }
    let value = range::refine_not_null(convert(&value, &Type::String)?);
    let sensitive = sensitive || value.sensitive;
    Ok(value.with_sensitive(sensitive))
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    let starts = characters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_');
    starts && characters.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}
