//! One tree for native and JSON syntax: arenas with byte spans, owned, without lifetimes.
//!
//! Bodies, blocks, attributes and expressions live in flat vectors and refer to each other by index, so that a
//! tree of any depth is dropped without recursion and is cheap to keep. Names and short texts lie in it, not beside it.

use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::source::Span;

/// An expression of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

/// A body (the file's own or a block's) of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BodyId(pub u32);

/// What a file says, with everything that could not be read named in `errors`.
#[derive(Debug, Default)]
pub struct Tree {
    /// Every body; the first is the file's own. Empty where nothing at all could be read.
    pub bodies: Vec<Body>,
    /// Every expression. See [`Tree::expr`].
    pub exprs: Vec<Expr>,
    /// Every comment, in order. For JSON: every `"//"` member.
    pub comments: Vec<Comment>,
    /// What does not parse, in order.
    pub errors: Vec<SyntaxError>,
}

/// The attributes and blocks between two braces, or of a file.
#[derive(Debug, Default)]
pub struct Body {
    /// In the order of the source. A name may stand twice (an error in Terraform).
    pub attributes: Vec<Attribute>,
    /// In the order of the source.
    pub blocks: Vec<Block>,
    /// From the first byte after the opening brace to the closing one; the whole text for a file.
    pub span: Span,
}

/// `name = expression`.
#[derive(Debug)]
pub struct Attribute {
    /// The name.
    pub name: SmolStr,
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
    pub keyword: SmolStr,
    /// The keyword's place.
    pub keyword_span: Span,
    /// The labels.
    pub labels: Vec<Label>,
    /// Keyword and labels: what "the block's header" means. In JSON, the key of the last label (or of the keyword); where
    /// several blocks share it, the opening brace of each.
    pub header_span: Span,
    /// What stands between the braces.
    pub body: BodyId,
    /// From the keyword to the closing brace. In JSON, from the last key to the end of its object.
    pub span: Span,
}

/// A label of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The text, without quotes and escapes.
    pub text: SmolStr,
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
    pub message: String,
    /// Where the thing began that has no end, and what that is.
    pub related: Option<(Span, String)>,
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
    Number(SmolStr),
    /// A string, a heredoc, or a JSON string: a template, often of a single literal part, or of none (`""`).
    Template(Template),
    /// The first name of a traversal: `var`, `local`, `each`, a resource type, the variable of a `for`.
    Root(SmolStr),
    /// `object.name` (also the old `object.0`, as an [`ExprKind::Index`]).
    GetAttr {
        /// What is looked into.
        object: ExprId,
        /// The attribute.
        name: SmolStr,
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
        name: SmolStr,
        /// The name's place.
        name_span: Span,
        /// The arguments.
        arguments: Vec<ExprId>,
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
    Tuple(Vec<ExprId>),
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
    /// The name of the key, where two names are given.
    pub key_name: Option<SmolStr>,
    /// The name of the value.
    pub value_name: SmolStr,
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
        text: SmolStr,
        /// Its place, escapes not resolved; without quotes.
        span: Span,
    },
    /// `${ expression }`.
    Interpolation(ExprId),
    /// `%{ if condition }...%{ else }...%{ endif }`.
    If {
        /// What decides.
        condition: ExprId,
        /// What stands there where it is true.
        if_true: Box<[TemplatePart]>,
        /// What stands there where it is false.
        if_false: Box<[TemplatePart]>,
    },
    /// `%{ for key, value in collection }...%{ endfor }`.
    For {
        /// The names of the key, where two are given, and of the value.
        names: Box<(Option<SmolStr>, SmolStr)>,
        /// What is iterated.
        collection: ExprId,
        /// What is repeated.
        body: Box<[TemplatePart]>,
    },
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
    attributes: Vec::new(),
    blocks: Vec::new(),
    span: Span { start: 0, end: 0 },
};

impl Tree {
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
            match body.attribute_around(place) {
                Some(attribute) => return Some((body, attribute)),
                None => body = self.body(body.block_around(place)?.body),
            }
        }
    }

    /// An expression of this tree.
    pub fn expr(&self, id: ExprId) -> &Expr {
        self.exprs.get(id.0 as usize).unwrap_or(&NOTHING)
    }

    /// The text of an expression that is a plain string: a template without anything to put in.
    pub fn plain_string(&self, id: ExprId) -> Option<&str> {
        match &self.expr(id).kind {
            ExprKind::Template(template) => match template.parts.as_slice() {
                [] => Some(""),
                [TemplatePart::Literal { text, .. }] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// The values of attributes and of objects that are a word alone or a calculation with one: no references, unless they
    /// are names of providers.
    pub fn bare_words(&self) -> impl Iterator<Item = Span> {
        let attributes = self.bodies.iter().flat_map(|body| &body.attributes);
        let attributes = attributes.filter(|attribute| attribute.name != "provider");
        let attributes = attributes.map(|attribute| attribute.expr);
        let objects = self.exprs.iter().filter_map(|expr| match &expr.kind {
            ExprKind::Object(items) => Some(items),
            _ => None,
        });
        let values = attributes.chain(objects.flatten().map(|item| item.value));
        values
            .filter(|value| self.has_bare_word(*value))
            .map(|value| self.expr(value).span)
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
                [TemplatePart::Literal { text, span }] if *span == expr.span => Some(text),
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
                    names.push(name.as_str());
                    at = *object;
                }
                ExprKind::Root(name) => {
                    names.push(name);
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

impl Body {
    /// The attribute that a place lies in.
    pub fn attribute_around(&self, place: Span) -> Option<&Attribute> {
        around(&self.attributes, |attribute| attribute.span, place)
    }

    /// The block that a place lies in.
    pub fn block_around(&self, place: Span) -> Option<&Block> {
        around(&self.blocks, |block| block.span, place)
    }

    /// The first attribute of a name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }

    /// The blocks of a keyword.
    pub fn blocks_of<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |b| b.keyword == keyword)
    }
}

/// The one of some items in the order of the source that holds a place. In JSON, blocks may begin at the same key; they
/// end one after the other.
fn around<T>(items: &[T], span: impl Fn(&T) -> Span, place: Span) -> Option<&T> {
    let first = items.partition_point(|item| span(item).end < place.end);
    items.get(first).filter(|item| span(item).contains(place))
}
