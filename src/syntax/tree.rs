//! One tree for native and JSON syntax: arenas with byte spans, owned, without lifetimes.
//!
//! Bodies, blocks, attributes and expressions live in flat vectors and refer to each other by index, so that a
//! tree of any depth is dropped without recursion and is cheap to keep. Names and texts are places in one text of the tree.

use std::ops::Range;

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use crate::message::Message;
use crate::source::Span;

/// An expression of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

/// A body (the file's own or a block's) of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BodyId(pub u32);

/// A name, or a piece of text, of a [`Tree`]. See [`Tree::text`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Text(pub(super) Span);

/// What a file says, with everything that could not be read named in `errors`.
#[derive(Debug, Default)]
pub struct Tree {
    /// Every body; the first is the file's own. Empty where nothing at all could be read.
    pub bodies: Vec<Body>,
    /// Every attribute; those of a body stand together.
    pub attributes: Vec<Attribute>,
    /// Every block; those of a body stand together.
    pub blocks: Vec<Block>,
    /// Every expression. See [`Tree::expr`].
    pub exprs: Vec<Expr>,
    /// Every comment, in order. For JSON: every `"//"` member.
    pub comments: Vec<Comment>,
    /// What does not parse, in order.
    pub errors: Vec<SyntaxError>,
    /// Texts one behind the other. Of native syntax: a copy of the source, and what escapes and the like stand for. Of JSON:
    /// what its strings stand for.
    pub(crate) texts: String,
}

/// The attributes and blocks between two braces, or of a file. See [`Tree::attributes_of`] and [`Tree::blocks_of`].
#[derive(Debug, Default)]
pub struct Body {
    /// Which ones of the tree's.
    pub(crate) attributes: Range<usize>,
    /// Which ones of the tree's.
    pub(crate) blocks: Range<usize>,
    /// From the first byte after the opening brace to the closing one; the whole text for a file.
    pub span: Span,
}

/// `name = expression`.
#[derive(Debug)]
pub struct Attribute {
    /// The name.
    pub name: Text,
    /// The name's place (with its quotes in JSON).
    pub name_span: Span,
    /// The value.
    pub expr: ExprId,
    /// From the name to the end of the value.
    pub span: Span,
}

/// `keyword "label" { body }`.
#[derive(Debug)]
pub struct Block {
    /// `provider`, `resource`, `variable` and so on.
    pub keyword: Text,
    /// The keyword's place.
    pub keyword_span: Span,
    /// The labels.
    pub labels: SmallVec<[Label; 2]>,
    /// Keyword and labels: what "the block's header" means. In JSON, the key of the last label (or of the keyword); where
    /// several blocks share it, the opening brace of each.
    pub header_span: Span,
    /// What stands between the braces.
    pub body: BodyId,
    /// From the keyword to the closing brace. In JSON, from the last key to the end of its object.
    pub span: Span,
}

/// A label of a block.
#[derive(Clone, Debug)]
pub struct Label {
    /// The text, without quotes and escapes.
    pub text: Text,
    /// Its place, with the quotes.
    pub span: Span,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The whole comment with its marker, a line break left out. In JSON, the string with its quotes.
    pub span: Span,
    /// In JSON: the whole object that the member stands in.
    pub object: Option<Span>,
}

/// Why a part of a file does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The place that is wrong.
    pub span: Span,
    /// One sentence: what was expected and what stands there. Quotes at most a token of the source.
    pub message: Message,
    /// Where the thing began that has no end, and what that is.
    pub related: Option<(Span, Message)>,
}

/// An expression with its place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// The whole expression; with the quotes of a string, from `<<` to the end of the closing marker of a heredoc.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expression of the HCL native syntax; JSON values are mapped to the same.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Something that does not parse (there is a [`SyntaxError`]) or is nested too deeply to be read (there is none):
    /// its value is unknown.
    Invalid,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, its digits as written.
    Number(Text),
    /// A string, a heredoc, or a JSON string: a template, often of a single literal part, or of none (`""`).
    Template(Template),
    /// The first name of a traversal: `var`, `local`, `each`, a resource type, the variable of a `for`.
    Root(Text),
    /// `object.name` (also the old `object.0`, as an [`ExprKind::Index`]).
    GetAttr {
        /// What is looked into.
        object: ExprId,
        /// The attribute.
        name: Text,
        /// Its place, the dot left out.
        name_span: Span,
    },
    /// `object[key]`, and the old `object.0`.
    Index {
        /// What is looked into.
        object: ExprId,
        /// The key.
        key: ExprId,
    },
    /// `object[*]...` or `object.*...`.
    Splat {
        /// What is iterated.
        object: ExprId,
        /// What is made of each element; refers to it as [`ExprKind::SplatItem`].
        item: ExprId,
    },
    /// The element of the splat around it.
    SplatItem,
    /// `name(arguments)`, also `provider::name::function(...)`.
    Call {
        /// The function's name, with its namespaces.
        name: Text,
        /// The name's place.
        name_span: Span,
        /// The arguments.
        arguments: SmallVec<[ExprId; 4]>,
        /// Whether the last argument is expanded (`...`).
        expand: bool,
    },
    /// `condition ? if_true : if_false`.
    Conditional {
        /// What decides.
        condition: ExprId,
        /// The value where it is true.
        if_true: ExprId,
        /// The value where it is false.
        if_false: ExprId,
    },
    /// `-operand`, `!operand`.
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it is applied to.
        operand: ExprId,
    },
    /// `left operator right`.
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// The left side.
        left: ExprId,
        /// The right side.
        right: ExprId,
    },
    /// `(inner)`.
    Parens(ExprId),
    /// `[a, b]`.
    Tuple(SmallVec<[ExprId; 4]>),
    /// `{ key = value }`.
    Object(Vec<ObjectItem>),
    /// `[for ...]`, `{for ...}`.
    For(Box<ForExpr>),
}

/// An entry of an object constructor.
#[derive(Clone, Debug)]
pub struct ObjectItem {
    /// The key. A bare name is a template of one literal part (a bare *keyword-like* name too: `null = 1` has the key
    /// "null"); in parentheses it is [`ExprKind::Parens`]; a traversal without parentheses (`a.b = 1`) stays one, which
    /// Terraform takes as a reference.
    pub key: ExprId,
    /// The value.
    pub value: ExprId,
}

/// `for key, value in collection : result...`.
#[derive(Clone, Debug)]
pub struct ForExpr {
    /// What each element is called.
    pub names: ForNames,
    /// What is iterated.
    pub collection: ExprId,
    /// The key of the result, for `{for ...}`.
    pub result_key: Option<ExprId>,
    /// The value of the result.
    pub result: ExprId,
    /// `if condition`.
    pub condition: Option<ExprId>,
    /// `...` after the result: equal keys are grouped.
    pub group: bool,
}

/// The names that a `for` binds: `value` or `key, value`.
#[derive(Clone, Copy, Debug)]
pub struct ForNames {
    /// The name of the key, where two names are given.
    pub key: Option<Text>,
    /// The name of the value.
    pub value: Text,
}

/// A string with what is to be put into it.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// The parts, in order; strip markers (`~`), escapes and heredoc indentation are already worked in.
    pub parts: SmallVec<[TemplatePart; 1]>,
    /// Whether it is a heredoc.
    pub heredoc: bool,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// Text as it is.
    Literal {
        /// The text that it stands for.
        text: Text,
        /// Its place, escapes not resolved; without quotes.
        span: Span,
    },
    /// `${ expression }`.
    Interpolation(ExprId),
    /// `%{ if condition }...%{ else }...%{ endif }`.
    If(Box<IfDirective>),
    /// `%{ for key, value in collection }...%{ endfor }`.
    For(Box<ForDirective>),
}

/// `%{ if condition }if_true%{ else }if_false%{ endif }`.
#[derive(Clone, Debug)]
pub struct IfDirective {
    /// What decides.
    pub condition: ExprId,
    /// What stands there where it is true.
    pub if_true: Vec<TemplatePart>,
    /// What stands there where it is false.
    pub if_false: Vec<TemplatePart>,
}

/// `%{ for key, value in collection }body%{ endfor }`.
#[derive(Clone, Debug)]
pub struct ForDirective {
    /// What each element is called.
    pub names: ForNames,
    /// What is iterated.
    pub collection: ExprId,
    /// What is repeated.
    pub body: Vec<TemplatePart>,
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum UnaryOperator {
    Negate,
    Not,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOperator {
    Or,
    And,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

static NOTHING: Expr = Expr {
    span: Span { start: 0, end: 0 },
    kind: ExprKind::Invalid,
};

static NO_BODY: Body = Body {
    attributes: 0..0,
    blocks: 0..0,
    span: Span { start: 0, end: 0 },
};

impl Tree {
    /// Whether a syntax error begins within a span.
    pub fn has_error_in(&self, span: Span) -> bool {
        let first = self.errors.partition_point(|it| it.span.start < span.start);
        let next = self.errors.get(first);
        next.is_some_and(|error| error.span.start < span.end)
    }

    /// The file's own body.
    pub fn root(&self) -> &Body {
        self.body(BodyId(0))
    }

    /// A body of this tree.
    pub fn body(&self, id: BodyId) -> &Body {
        self.bodies.get(id.0 as usize).unwrap_or(&NO_BODY)
    }

    /// The attribute that a place lies in, in whatever block, with the body that it stands in.
    pub fn attribute_around(&self, place: Span) -> Option<(&Body, &Attribute)> {
        let mut body = self.root();
        loop {
            match self.attribute_in(body, place) {
                Some(attribute) => return Some((body, attribute)),
                None => body = self.body(self.block_in(body, place)?.body),
            }
        }
    }

    /// The attribute of a body that a place lies in.
    pub fn attribute_in(&self, body: &Body, place: Span) -> Option<&Attribute> {
        around(self.attributes_of(body), |attribute| attribute.span, place)
    }

    /// The block of a body that a place lies in.
    pub fn block_in(&self, body: &Body, place: Span) -> Option<&Block> {
        around(self.blocks_of(body), |block| block.span, place)
    }

    /// The attributes of a body, in the order of the source. A name may stand twice (an error in Terraform).
    pub fn attributes_of(&self, body: &Body) -> &[Attribute] {
        let all = self.attributes.get(body.attributes.clone());
        all.unwrap_or_default()
    }

    /// The blocks of a body, in the order of the source.
    pub fn blocks_of(&self, body: &Body) -> &[Block] {
        self.blocks.get(body.blocks.clone()).unwrap_or_default()
    }

    /// The first attribute of a name in a body.
    pub fn attribute<'a>(&'a self, body: &'a Body, name: &str) -> Option<&'a Attribute> {
        let mut attributes = self.attributes_of(body).iter();
        attributes.find(|attribute| self.text(attribute.name) == name)
    }

    /// The blocks of a keyword in a body.
    pub fn blocks_named<'a>(
        &'a self,
        body: &'a Body,
        keyword: &'a str,
    ) -> impl Iterator<Item = &'a Block> {
        let blocks = self.blocks_of(body).iter();
        blocks.filter(move |block| self.text(block.keyword) == keyword)
    }

    /// An expression of this tree.
    pub fn expr(&self, id: ExprId) -> &Expr {
        self.exprs.get(id.0 as usize).unwrap_or(&NOTHING)
    }

    /// A text of this tree.
    pub fn text(&self, text: Text) -> &str {
        text.0.text(&self.texts)
    }

    /// The first label of a block.
    pub fn first_label(&self, block: &Block) -> Option<&str> {
        let label = block.labels.first()?;
        Some(self.text(label.text))
    }

    /// The names of the key, where there is one, and of the value.
    pub fn for_names(&self, names: ForNames) -> (Option<&str>, &str) {
        (names.key.map(|key| self.text(key)), self.text(names.value))
    }

    /// The text of an expression that is a plain string: a template without anything to put in.
    pub fn plain_string(&self, id: ExprId) -> Option<&str> {
        match &self.expr(id).kind {
            ExprKind::Template(template) => match template.parts.as_slice() {
                [] => Some(""),
                [TemplatePart::Literal { text, .. }] => Some(self.text(*text)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The values of attributes and of objects that are a word alone or a calculation with one, with the names that they are
    /// given to: no references, unless they are names of providers. The names that a `for` binds are left out.
    pub fn bare_words(&self) -> impl Iterator<Item = (&str, Span)> {
        let attributes = self.attributes.iter();
        let attributes = attributes.map(|attribute| (self.text(attribute.name), attribute.expr));
        let objects = self.exprs.iter().filter_map(|expr| match &expr.kind {
            ExprKind::Object(items) => Some(items),
            _ => None,
        });
        let items = objects.flatten().map(|item| {
            let key = self.plain_string(item.key);
            (key.unwrap_or_default(), item.value)
        });
        let bound = self.bound_names();
        attributes
            .filter(|(name, _)| *name != "provider")
            .chain(items)
            .filter(|(_, value)| self.has_bare_word(*value))
            .map(|(name, value)| (name, self.expr(value).span))
            .filter(move |(_, word)| !bound.contains(word.text(&self.texts)))
    }

    /// The names that `for` expressions bind anywhere in the tree.
    fn bound_names(&self) -> FxHashSet<&str> {
        let names = self.exprs.iter().filter_map(|expr| match &expr.kind {
            ExprKind::For(each) => Some(self.for_names(each.names)),
            _ => None,
        });
        names
            .flat_map(|(key, value)| key.into_iter().chain([value]))
            .collect()
    }

    fn has_bare_word(&self, mut id: ExprId) -> bool {
        let is_word = |id: ExprId| matches!(self.expr(id).kind, ExprKind::Root(_));
        loop {
            match self.expr(id).kind {
                ExprKind::Binary { left, right, .. } if !is_word(right) => id = left,
                ExprKind::Binary { .. } | ExprKind::Root(_) => return true,
                _ => return false,
            }
        }
    }

    /// The text of an object's key that is a bare word, without quotes.
    pub fn bare_name(&self, id: ExprId) -> Option<&str> {
        let expr = self.expr(id);
        match &expr.kind {
            ExprKind::Template(template) => match template.parts.as_slice() {
                [TemplatePart::Literal { text, span }] if *span == expr.span => {
                    Some(self.text(*text))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The names of a plain reference, joined by dots (`zenml.other`), also where it is written as a string.
    pub fn reference(&self, id: ExprId) -> Option<String> {
        let mut names = Vec::new();
        let mut at = id;
        loop {
            match &self.expr(at).kind {
                ExprKind::GetAttr { object, name, .. } => {
                    names.push(self.text(*name));
                    at = *object;
                }
                ExprKind::Root(name) => {
                    names.push(self.text(*name));
                    break;
                }
                _ => {
                    names.push(self.plain_string(at)?);
                    break;
                }
            }
        }
        names.reverse();
        Some(names.join("."))
    }
}

/// The one of some items in the order of the source that holds a place. In JSON, blocks may begin at the same key; they
/// end one after the other.
fn around<T>(items: &[T], span: impl Fn(&T) -> Span, place: Span) -> Option<&T> {
    let first = items.partition_point(|item| span(item).end < place.end);
    items.get(first).filter(|item| span(item).contains(place))
}
