//! JSON syntax, mapped to the tree of the native one.

use std::borrow::Cow;

use jsonc_parser::ast::{Object, ObjectProp, ObjectPropName, StringLit, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseError;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use super::builder::Builder;
use super::json_schema::{Place, Reading};
use super::lexer::Lexer;
use super::literal::{Decoded, Notation, TextMap};
use super::parser::Parser;
use super::standalone::whole_expression;
use super::tree::{
    Attribute, Block, BodyId, Comment, Expr, ExprId, ExprKind, Label, ObjectItem, Template,
    TemplatePart, Text, Tree, UnaryOperator,
};
use crate::message;
use crate::message::Message;
use crate::redact::Shown;
use crate::source::Span;

/// What a JSON file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonKind {
    /// `.tf.json`, `.tofu.json`: configuration.
    Config,
    /// `.tfcomponent.json`, `.tfstack.json`: the components of a stack.
    Stack,
    /// `.tfvars.json`: values of variables.
    Tfvars,
    /// `.tftest.json`, `.tofutest.json`: tests.
    Test,
}

/// Strict JSON: every leniency off.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Deeper than this nothing is read. A value so deep is not evaluated either.
const MOST_NESTED: usize = 256;

/// The same text with what nests too deep for the parser blanked out, so that all else keeps its place.
fn shallow(json: &str) -> Cow<'_, str> {
    let mut blanked: Option<Vec<u8>> = None;
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in json.bytes().enumerate() {
        let mut too_deep = depth > MOST_NESTED;
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => {
                depth = depth.saturating_sub(1);
                too_deep = depth > MOST_NESTED;
            }
            _ => {}
        }
        if too_deep {
            let blanked = blanked.get_or_insert_with(|| json.as_bytes().to_vec());
            if let Some(byte) = blanked.get_mut(at) {
                *byte = b' ';
            }
        }
    }
    match blanked.map(String::from_utf8) {
        Some(Ok(text)) => Cow::Owned(text),
        _ => Cow::Borrowed(json),
    }
}

/// Reads a file in JSON syntax. What is not JSON has no bodies, but an error.
pub fn parse_json(text: &str, kind: JsonKind) -> Tree {
    let offset = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let json = text.get(offset..).unwrap_or_default();
    let mut reader = Reader {
        text,
        offset,
        builder: Builder::default(),
    };
    let shallow = shallow(json);
    match parse_to_ast(&shallow, &CollectOptions::default(), &STRICT) {
        Ok(parsed) => match parsed.value {
            Some(value) => reader.file(&value, kind),
            None => reader.error(Span::new(offset, text.len()), "Expected a JSON object."),
        },
        Err(error) => reader.parse_error(&error),
    }
    let mut tree = reader.builder.tree;
    tree.comments.sort_by_key(|comment| comment.span);
    tree.errors.sort_by_key(|error| error.span);
    tree
}

struct Reader<'t> {
    text: &'t str,
    /// Where JSON starts in the text: behind a byte-order mark.
    offset: usize,
    builder: Builder,
}

/// A member of an object, its name decoded.
struct Member<'v> {
    name: String,
    name_text: Text,
    name_span: Span,
    value: &'v Value<'v>,
}

/// The block that a member is, as far as its labels are read.
struct BlockStart<'v> {
    keyword: &'v Member<'v>,
    labels: SmallVec<[Label; 2]>,
    place: Place,
}

impl Reader<'_> {
    fn error(&mut self, span: Span, message: impl Into<Message>) {
        self.builder.error(span, message);
    }

    fn span(&self, node: &impl Ranged) -> Span {
        Span::new(self.offset + node.start(), self.offset + node.end())
    }

    fn parse_error(&mut self, error: &ParseError) {
        let range = error.range();
        let mut span = Span::new(self.offset + range.start, self.offset + range.end);
        span.end = span
            .end
            .max(span.start)
            .min(Span::new(self.text.len(), 0).start);
        span.start = span.start.min(span.end);
        self.error(
            span,
            message!("This is not valid JSON: {}.", Shown::json_error(error)),
        );
    }

    fn file(&mut self, value: &Value, kind: JsonKind) {
        let place = match kind {
            JsonKind::Config => Place::Configuration,
            JsonKind::Stack => Place::Stack,
            JsonKind::Tfvars => Place::Values,
            JsonKind::Test => Place::Test,
        };
        let whole = Span::new(0, self.text.len());
        self.body(value, whole, place);
    }

    /// Adds the body that an object, or a list of objects, is.
    fn body(&mut self, value: &Value, span: Span, place: Place) -> BodyId {
        let id = self.builder.add_body();
        let (mut attributes, mut blocks) = (Vec::new(), Vec::new());
        let mut names = FxHashMap::default();
        for member in self.members(value) {
            if let Some((labels, inner)) = place.block(&member.name) {
                let start = BlockStart {
                    keyword: &member,
                    labels: SmallVec::new(),
                    place: inner,
                };
                self.blocks(start, labels, &member, &mut blocks);
            } else if place.has_arguments() {
                let first = *names.entry(member.name.clone()).or_insert(member.name_span);
                if first != member.name_span {
                    let message = "This argument is set twice in this object.";
                    let related = Some((first, "it is first set here".into()));
                    self.builder.error_with(member.name_span, message, related);
                }
                let expr = self.value(member.value, place.reading(&member.name));
                attributes.push(Attribute {
                    name: member.name_text,
                    name_span: member.name_span,
                    expr,
                    span: member.name_span.to(self.span(member.value)),
                });
            }
        }
        self.builder.fill_body(id, span, attributes, blocks);
        id
    }

    /// The members of an object or of a list of objects; comments are taken out.
    fn members<'v>(&mut self, value: &'v Value<'v>) -> Vec<Member<'v>> {
        let objects: Vec<&Object> = match value {
            Value::Object(object) => vec![object],
            Value::Array(array) => {
                let elements = array.elements.iter();
                elements
                    .filter_map(|element| self.object(element))
                    .collect()
            }
            _ => self.object(value).into_iter().collect(),
        };
        let mut members = Vec::new();
        for object in objects {
            for property in &object.properties {
                let (name, name_span) = self.name(property);
                if name == "//" {
                    self.comment(property, object);
                } else {
                    members.push(Member {
                        name_text: self.builder.text(&name),
                        name,
                        name_span,
                        value: &property.value,
                    });
                }
            }
        }
        members
    }

    /// A value as an object; an error for everything else but null.
    fn object<'v>(&mut self, value: &'v Value<'v>) -> Option<&'v Object<'v>> {
        match value {
            Value::Object(object) => Some(object),
            Value::NullKeyword(_) => None,
            _ => {
                let span = self.span(value);
                self.error(span, "Expected a JSON object here, or a list of objects.");
                None
            }
        }
    }

    fn comment(&mut self, property: &ObjectProp, object: &Object) {
        self.builder.tree.comments.push(Comment {
            span: self.span(&property.value),
            object: Some(self.span(object)),
        });
    }

    /// The blocks that a member is: for every object below it, so many labels deep.
    fn blocks(&mut self, start: BlockStart, labels: usize, last: &Member, blocks: &mut Vec<Block>) {
        if labels == 0 {
            return self.bodies(&start, last, blocks);
        }
        for member in self.members(last.value) {
            let mut labels_so_far = start.labels.clone();
            labels_so_far.push(Label {
                text: member.name_text,
                span: member.name_span,
            });
            let next = BlockStart {
                labels: labels_so_far,
                ..start
            };
            self.blocks(next, labels - 1, &member, blocks);
        }
    }

    /// The blocks of one header: one, or those of a list.
    fn bodies(&mut self, start: &BlockStart, last: &Member, blocks: &mut Vec<Block>) {
        let elements = match last.value {
            Value::Array(array) => array.elements.as_slice(),
            single => std::slice::from_ref(single),
        };
        for element in elements {
            let Some(object) = self.object(element) else {
                continue;
            };
            let object = self.span(object);
            let range = object.range();
            let inside = Span::new(range.start + 1, range.end - 1);
            let body = self.body(element, inside, start.place);
            // Of several blocks that share a key, none contains another, and each has a place of its own.
            let (header_span, span) = if elements.len() > 1 {
                (Span::new(range.start, range.start + 1), object)
            } else {
                (last.name_span, last.name_span.to(object))
            };
            blocks.push(Block {
                keyword: start.keyword.name_text,
                keyword_span: start.keyword.name_span,
                labels: start.labels.clone(),
                header_span,
                body,
                span,
            });
        }
    }

    fn name(&mut self, property: &ObjectProp) -> (String, Span) {
        match &property.name {
            ObjectPropName::String(literal) => {
                self.check_characters(literal);
                (self.decoded(literal).text, self.span(literal))
            }
            ObjectPropName::Word(word) => (word.value.to_owned(), self.span(word)),
        }
    }

    /// What a string stands for.
    fn decoded(&self, literal: &StringLit) -> Decoded {
        let span = self.inside(literal);
        Decoded::new(span.text(self.text), span.range().start, Notation::Json)
    }

    /// The span of a string without its quotes.
    fn inside(&self, literal: &StringLit) -> Span {
        let span = self.span(literal).range();
        Span::new(span.start + 1, span.end.saturating_sub(1))
    }

    /// Control characters must be escaped; the JSON parser lets them pass.
    fn check_characters(&mut self, literal: &StringLit) {
        let inside = self.inside(literal);
        let bytes = inside.text(self.text).as_bytes();
        if let Some(at) = bytes.iter().position(|byte| *byte < b' ') {
            let at = inside.range().start + at;
            let message = "A control character in a JSON string is written with a backslash.";
            self.error(Span::new(at, at + 1), message);
        }
    }

    fn value(&mut self, value: &Value, reading: Reading) -> ExprId {
        let span = self.span(value);
        let kind = match value {
            Value::StringLit(literal) => return self.string(literal, reading),
            Value::NumberLit(number) => return self.number(number.value, span),
            Value::BooleanLit(boolean) => ExprKind::Bool(boolean.value),
            Value::NullKeyword(_) => ExprKind::Null,
            Value::Array(array) => {
                let elements = array.elements.iter();
                ExprKind::Tuple(
                    elements
                        .map(|element| self.value(element, reading))
                        .collect(),
                )
            }
            Value::Object(object) => {
                let items = object.properties.iter();
                ExprKind::Object(items.map(|item| self.item(item, object, reading)).collect())
            }
        };
        self.builder.add(span, kind)
    }

    /// An entry of an object. `//` is an entry too where Terraform takes the object for a value, but it is read as a
    /// comment as well.
    fn item(&mut self, property: &ObjectProp, object: &Object, reading: Reading) -> ObjectItem {
        let reading = match property.name.as_str() {
            "//" => {
                self.comment(property, object);
                Reading::Literal
            }
            "configuration_aliases" if reading == Reading::Setting => Reading::Expression,
            _ => reading,
        };
        let key = match &property.name {
            ObjectPropName::String(literal) => self.string(literal, key_reading(reading)),
            ObjectPropName::Word(word) => {
                let span = self.span(word);
                self.builder.add(span, ExprKind::Invalid)
            }
        };
        let value = self.value(&property.value, reading);
        ObjectItem { key, value }
    }

    fn number(&mut self, digits: &str, span: Span) -> ExprId {
        let Some(positive) = digits.strip_prefix('-') else {
            let digits = self.builder.text(digits);
            return self.builder.add(span, ExprKind::Number(digits));
        };
        let inner = Span {
            start: span.start + 1,
            end: span.end,
        };
        let positive = self.builder.text(positive);
        let operand = self.builder.add(inner, ExprKind::Number(positive));
        let operator = UnaryOperator::Negate;
        self.builder
            .add(span, ExprKind::Unary { operator, operand })
    }

    fn string(&mut self, literal: &StringLit, reading: Reading) -> ExprId {
        self.check_characters(literal);
        let span = self.span(literal);
        let decoded = self.decoded(literal);
        let has_sequence = || decoded.text.contains("${") || decoded.text.contains("%{");
        match reading {
            Reading::Expression => {
                if let Some(id) = self.expression(&decoded) {
                    return id;
                }
            }
            Reading::Template if has_sequence() => return self.template(&decoded, span),
            _ => {}
        }
        let inside = self.inside(literal);
        let parts = if decoded.text.is_empty() {
            SmallVec::new()
        } else {
            smallvec![TemplatePart::Literal {
                text: self.builder.nfc(&decoded.text),
                span: inside,
            }]
        };
        let template = Template {
            parts,
            heredoc: false,
        };
        self.builder.add(span, ExprKind::Template(template))
    }

    /// A string that is an expression in native syntax; `None` where it is none.
    fn expression(&mut self, decoded: &Decoded) -> Option<ExprId> {
        let exprs = self.builder.tree.exprs.len();
        let errors = self.builder.tree.errors.len();
        let builder = std::mem::take(&mut self.builder);
        let mut parser = Parser::new(&decoded.text, Lexer::new(&decoded.text), builder);
        parser.skip_newlines = true;
        let parsed = whole_expression(&mut parser);
        self.builder = parser.builder;
        self.map_spans(exprs, errors, &decoded.map);
        self.builder.tree.errors.truncate(errors);
        parsed.ok()
    }

    /// A string that is a template with something to put in.
    fn template(&mut self, decoded: &Decoded, span: Span) -> ExprId {
        let exprs = self.builder.tree.exprs.len();
        let errors = self.builder.tree.errors.len();
        let builder = std::mem::take(&mut self.builder);
        let mut parser = Parser::new(&decoded.text, Lexer::template(&decoded.text), builder);
        let parsed = parser.bare_template();
        self.builder = parser.builder;
        self.map_spans(exprs, errors, &decoded.map);
        let Ok(id) = parsed else {
            return self.builder.add(span, ExprKind::Invalid);
        };
        if let Some(expr) = self.builder.tree.exprs.get_mut(id.0 as usize) {
            expr.span = span;
        }
        id
    }

    /// Moves what was read from a decoded string to its place in the source.
    fn map_spans(&mut self, exprs: usize, errors: usize, map: &TextMap) {
        let tree = &mut self.builder.tree;
        for expr in tree.exprs.iter_mut().skip(exprs) {
            map_expr(expr, map);
        }
        for error in tree.errors.iter_mut().skip(errors) {
            error.span = map.span(error.span);
            if let Some((span, _)) = &mut error.related {
                *span = map.span(*span);
            }
        }
    }
}

/// How the keys of an object are read: references may be keys (of `providers`), but a key that is a name stays text.
fn key_reading(reading: Reading) -> Reading {
    match reading {
        Reading::Expression => Reading::Literal,
        _ => reading,
    }
}

fn map_expr(expr: &mut Expr, map: &TextMap) {
    expr.span = map.span(expr.span);
    match &mut expr.kind {
        ExprKind::GetAttr { name_span, .. } | ExprKind::Call { name_span, .. } => {
            *name_span = map.span(*name_span);
        }
        ExprKind::Template(template) => map_parts(&mut template.parts, map),
        _ => {}
    }
}

fn map_parts(parts: &mut [TemplatePart], map: &TextMap) {
    for part in parts {
        match part {
            TemplatePart::Literal { span, .. } => *span = map.span(*span),
            TemplatePart::Interpolation(_) => {}
            TemplatePart::If(directive) => {
                map_parts(&mut directive.if_true, map);
                map_parts(&mut directive.if_false, map);
            }
            TemplatePart::For(directive) => map_parts(&mut directive.body, map),
        }
    }
}
