//! Strings with something put into them.

use crate::source::Span;
use crate::syntax::{ExprId, Template, TemplatePart};

use super::alternatives::{lift, whole_trace};
use super::convert::{convert, element_type};
use super::frame::{Frame, normal_form, stand_in};
use super::range;
use super::trace::Trace;
use super::types::Type;
use super::value::{Kind, Piece, Value, bounded_pieces};

/// How much of the known beginning of an unknown string Terraform remembers, in bytes.
const LONGEST_PREFIX: usize = 128;

impl<'e> Frame<'e, '_> {
    pub(super) fn template(&mut self, template: &'e Template, span: Span) -> Value {
        match template.parts.as_slice() {
            [] => self.literal_text("", span),
            [TemplatePart::Literal { text, .. }] => self.literal_text(self.tree.text(*text), span),
            [TemplatePart::Interpolation(inner)] => self.eval(*inner),
            parts => self.parts(parts, span),
        }
    }

    fn literal_text(&self, text: &str, span: Span) -> Value {
        let trace = self.literal_trace(span);
        Value::string(normal_form(text)).with_trace(trace)
    }

    /// The text of parts one after another.
    fn parts(&mut self, parts: &'e [TemplatePart], span: Span) -> Value {
        let work = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        if !self.evaluator.spend(work) {
            return Value::new(range::not_null(Type::String));
        }
        let errors = self.errors.len();
        let mut values = Vec::with_capacity(parts.len());
        let mut sensitive = false;
        let mut unknown = false;
        for part in parts {
            let (value, at) = self.part(part, span);
            sensitive |= value.sensitive && !value.is_null();
            unknown |= value.is_unknown();
            values.push(match into_text(&value) {
                Ok(text) => {
                    self.evaluator.note_lost(&value, &text);
                    value
                }
                Err(message) => {
                    self.fail(at, message);
                    stand_in(Type::String, &[value])
                }
            });
        }
        if self.errors.len() > errors {
            let kind = if unknown {
                range::not_null(Type::String)
            } else {
                Kind::String("".into())
            };
            return Value::new(kind).with_sensitive(sensitive);
        }
        let joined = lift(self.evaluator.spending(), &values, |values| {
            Ok::<_, std::convert::Infallible>(concatenate(values))
        });
        let Ok(joined) = joined;
        self.evaluator.spend(joined.weight());
        joined
    }

    fn part(&mut self, part: &'e TemplatePart, whole: Span) -> (Value, Span) {
        match part {
            TemplatePart::Literal { text, span } => {
                (self.literal_text(self.tree.text(*text), *span), *span)
            }
            TemplatePart::Interpolation(inner) => (self.eval(*inner), self.tree.expr(*inner).span),
            TemplatePart::If(directive) => {
                let value = self.conditional_text(
                    directive.condition,
                    |frame| frame.parts(&directive.if_true, whole),
                    |frame| frame.parts(&directive.if_false, whole),
                );
                (value, self.tree.expr(directive.condition).span)
            }
            TemplatePart::For(directive) => {
                let names = self.tree.for_names(directive.names);
                (
                    self.repeat(names, directive.collection, &directive.body, whole),
                    self.tree.expr(directive.collection).span,
                )
            }
        }
    }

    fn repeat(
        &mut self,
        names: (Option<&'e str>, &'e str),
        collection: ExprId,
        body: &'e [TemplatePart],
        whole: Span,
    ) -> Value {
        let span = self.tree.expr(collection).span;
        let Some(iterated) = self.iterable(collection) else {
            return Value::unknown(Type::String);
        };
        if iterated.is_unknown() {
            // Terraform forgets the mark here.
            return Value::unknown(Type::String);
        }
        let mut values = Vec::new();
        for (key, member) in self.elements(&iterated) {
            let bound = names.0.map(|name| (name, key));
            let bound = bound.into_iter().chain([(names.1, member)]);
            let value = self.with_names(bound, |frame| frame.parts(body, whole));
            if value.is_null() {
                self.fail(span, "null cannot be put into a string");
                continue;
            }
            values.push(value);
        }
        let joined = lift(self.evaluator.spending(), &values, |values| {
            // Unlike elsewhere in a template, Terraform then knows nothing at all of the text.
            let unknown = values.iter().any(Value::is_unknown);
            let joined = concatenate(values);
            Ok::<_, std::convert::Infallible>(if unknown {
                joined
                    .with_kind(range::maybe_null(Type::String))
                    .with_sensitive(false)
            } else {
                joined
            })
        });
        let Ok(joined) = joined;
        let sensitive = joined.sensitive || iterated.sensitive;
        joined.with_sensitive(sensitive)
    }
}

/// A value as it is put into a string; one that is unknown may yet turn out to fit. The error is a phrase.
fn into_text(value: &Value) -> Result<Value, String> {
    if value.is_null() {
        return Err("null cannot be put into a string".into());
    }
    if value.is_unknown() {
        return Ok(value.clone());
    }
    let text = convert(value, &Type::String);
    text.map_err(|error| format!("this cannot be put into a string: {error}"))
}

/// Strings (or what converts to one) as one string, piece by piece.
fn concatenate(values: &[Value]) -> Value {
    let mut text = String::new();
    let mut known = true;
    let mut pieces: Vec<Piece> = Vec::new();
    for value in values {
        let part = convert(value, &Type::String).unwrap_or_else(|_| Value::unknown(Type::String));
        match part.as_str() {
            Some(part) if known => text.push_str(part),
            Some(_) => {}
            None => known = false,
        }
        pieces.extend(part.pieces());
    }
    let kind = if known {
        Kind::String(normal_form(&text))
    } else if text.is_empty() {
        range::not_null(Type::String)
    } else {
        let end = text.floor_char_boundary(LONGEST_PREFIX);
        range::string_with_prefix(text.get(..end).unwrap_or_default())
    };
    let sensitive = values.iter().any(|value| value.sensitive);
    let mut whole = Value::new(kind)
        .with_sensitive(sensitive)
        .with_trace(Trace::join(values.iter().map(whole_trace)));
    pieces.retain(|piece| piece.text.as_deref() != Some(""));
    let pieces = bounded_pieces(pieces);
    let root_default = values.iter().any(Value::contains_root_default);
    let provenance = whole.provenance_mut();
    provenance.pieces = pieces.into();
    provenance.root_default = root_default;
    whole.decided_by(values)
}

/// The type of the elements of a list made of these, dynamic where they have none in common.
pub(super) fn list_type(members: &[Value]) -> Type {
    element_type(members).unwrap_or(Type::Dynamic)
}
