//! What an expression refers to.

use crate::source::Span;
use crate::syntax::{ExprId, ExprKind, ForExpr, ObjectItem, TemplatePart, Tree};

/// A reference to something that a module declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What it refers to.
    pub subject: Subject,
    /// From the first name to the last one that belongs to the subject: `var.url`, `data.aws_lb.main`.
    pub span: Span,
    /// The whole traversal: `local.settings.a[0]`.
    pub whole: Span,
    /// The attributes and plain indexes that follow, up to the first key that is computed: `["a", "0"]` for
    /// `local.settings.a[0]`.
    pub path: Vec<String>,
    /// Whether a computed key follows the path, so that what is read may be anything below it.
    pub has_computed_key: bool,
    /// Whether it stands in a key of an object.
    pub in_key: bool,
}

/// What a reference refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// `var.NAME`
    Variable(String),
    /// `local.NAME`
    Local(String),
    /// `module.NAME`; of a stack configuration `component.NAME`, and [`stack_call`] of `stack.NAME`
    Module(String),
    /// `TYPE.NAME`
    Resource(String, String),
    /// `data.TYPE.NAME`
    Data(String, String),
    /// `ephemeral.TYPE.NAME`
    Ephemeral(String, String),
}

/// Names that begin a traversal and are no resource type.
const OTHER_ROOTS: &[&str] = &[
    "each",
    "count",
    "self",
    "path",
    "terraform",
    "tofu",
    "run",
    "provider",
    "action",
];

/// Every reference in an expression, in the order of the source. Only in a stack configuration do `component` and `stack`
/// begin those to calls.
pub fn references(tree: &Tree, expr: ExprId, is_stack: bool) -> Vec<Reference> {
    let mut walk = Walk {
        tree,
        is_stack,
        found: Vec::new(),
        stack: vec![Step::Expr(expr)],
        bound: Vec::new(),
        keys: 0,
    };
    walk.run();
    walk.found.sort_by_key(|reference| reference.span);
    walk.found
}

/// An expression yet to be looked at, or the end of the names that a `for` binds.
enum Step<'a> {
    Expr(ExprId),
    Bind((Option<&'a str>, &'a str)),
    Unbind,
    /// What comes before the end of a key stands in it.
    Key(ExprId),
    EndOfKey,
}

/// A step of a traversal.
enum Key {
    Plain(String),
    Computed(ExprId),
}

struct Walk<'a> {
    tree: &'a Tree,
    is_stack: bool,
    found: Vec<Reference>,
    stack: Vec<Step<'a>>,
    bound: Vec<(Option<&'a str>, &'a str)>,
    /// How many keys are around.
    keys: usize,
}

impl Walk<'_> {
    fn run(&mut self) {
        while let Some(step) = self.stack.pop() {
            match step {
                Step::Bind(names) => self.bound.push(names),
                Step::Unbind => {
                    self.bound.pop();
                }
                Step::Expr(id) => self.visit(id),
                Step::Key(id) => {
                    self.keys += 1;
                    self.stack.push(Step::EndOfKey);
                    self.stack.push(Step::Expr(id));
                }
                Step::EndOfKey => self.keys = self.keys.saturating_sub(1),
            }
        }
    }

    fn visit(&mut self, id: ExprId) {
        if let Some(reference) = self.reference(id) {
            self.found.push(reference);
            return;
        }
        let tree = self.tree;
        match &tree.expr(id).kind {
            ExprKind::For(each) => self.visit_for(each),
            ExprKind::Template(template) => self.visit_parts(&template.parts),
            ExprKind::Object(items) => {
                let steps = |item: &ObjectItem| [Step::Key(item.key), Step::Expr(item.value)];
                self.stack.extend(items.iter().flat_map(steps));
            }
            kind => self
                .stack
                .extend(children(kind).into_iter().map(Step::Expr)),
        }
    }

    fn visit_for(&mut self, each: &ForExpr) {
        self.stack.push(Step::Unbind);
        let inner = [each.result_key, Some(each.result), each.condition];
        self.stack
            .extend(inner.into_iter().flatten().map(Step::Expr));
        self.stack.push(Step::Bind(self.tree.for_names(each.names)));
        self.stack.push(Step::Expr(each.collection));
    }

    fn visit_parts(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal { .. } => {}
                TemplatePart::Interpolation(expr) => self.stack.push(Step::Expr(*expr)),
                TemplatePart::If(directive) => {
                    self.stack.push(Step::Expr(directive.condition));
                    self.visit_parts(&directive.if_true);
                    self.visit_parts(&directive.if_false);
                }
                TemplatePart::For(directive) => {
                    let names = self.tree.for_names(directive.names);
                    self.stack.push(Step::Unbind);
                    self.visit_parts(&directive.body);
                    self.stack.push(Step::Bind(names));
                    self.stack.push(Step::Expr(directive.collection));
                }
            }
        }
    }

    /// The reference that a chain of attributes and indexes is. Keys that are not plain are looked at by themselves, and
    /// end the path.
    fn reference(&mut self, id: ExprId) -> Option<Reference> {
        let mut chain = Vec::new();
        let mut at = id;
        let root = loop {
            let expr = self.tree.expr(at);
            match &expr.kind {
                ExprKind::Root(root) => break self.tree.text(*root),
                ExprKind::GetAttr { object, name, .. } => {
                    chain.push((Key::Plain(self.tree.text(*name).to_owned()), expr.span.end));
                    at = *object;
                }
                ExprKind::Index { object, key } => {
                    chain.push((self.key(*key), expr.span.end));
                    at = *object;
                }
                _ => return None,
            }
        };
        if self.is_bound(root) {
            return None;
        }
        let start = self.tree.expr(at).span.start;
        chain.reverse();
        let (subject, used) = subject(root, &chain, self.is_stack)?;
        let end = chain.get(used.checked_sub(1)?)?.1;
        let rest = chain.into_iter().skip(used).map(|(key, _)| key);
        let mut path = Vec::new();
        let mut is_plain = true;
        for key in rest {
            match key {
                Key::Plain(name) if is_plain => path.push(name),
                Key::Plain(_) => {}
                Key::Computed(key) => {
                    is_plain = false;
                    self.stack.push(Step::Expr(key));
                }
            }
        }
        Some(Reference {
            subject,
            span: Span { start, end },
            whole: self.tree.expr(id).span,
            path,
            has_computed_key: !is_plain,
            in_key: self.keys > 0,
        })
    }

    fn key(&self, key: ExprId) -> Key {
        match &self.tree.expr(key).kind {
            ExprKind::Number(digits) if is_index(self.tree.text(*digits)) => {
                Key::Plain(self.tree.text(*digits).to_owned())
            }
            _ => self
                .tree
                .plain_string(key)
                .map_or(Key::Computed(key), |text| Key::Plain(text.to_owned())),
        }
    }

    fn is_bound(&self, name: &str) -> bool {
        self.bound
            .iter()
            .any(|(key, value)| *key == Some(name) || *value == name)
    }
}

/// Whether a number is written as an index usually is: `1e0` and `01` mean the same as `1`.
fn is_index(digits: &str) -> bool {
    let is_plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    is_plain && (digits == "0" || !digits.starts_with('0'))
}

/// The name of the call that a `stack` block is: components have names of their own.
pub fn stack_call(label: &str) -> String {
    format!("stack.{label}")
}

/// What a traversal refers to, and how many of its steps say so.
fn subject(root: &str, chain: &[(Key, u32)], is_stack: bool) -> Option<(Subject, usize)> {
    let name = |index: usize| match chain.get(index) {
        Some((Key::Plain(name), _)) => Some(name.clone()),
        _ => None,
    };
    match root {
        "var" => Some((Subject::Variable(name(0)?), 1)),
        "local" => Some((Subject::Local(name(0)?), 1)),
        "module" => Some((Subject::Module(name(0)?), 1)),
        "component" if is_stack => Some((Subject::Module(name(0)?), 1)),
        "stack" if is_stack => Some((Subject::Module(stack_call(&name(0)?)), 1)),
        "data" => Some((Subject::Data(name(0)?, name(1)?), 2)),
        "ephemeral" => Some((Subject::Ephemeral(name(0)?, name(1)?), 2)),
        "resource" => Some((Subject::Resource(name(0)?, name(1)?), 2)),
        other if OTHER_ROOTS.contains(&other) => None,
        ty => Some((Subject::Resource(ty.to_owned(), name(0)?), 1)),
    }
}

/// The expressions directly inside of one that is neither a template nor an object nor a `for`.
fn children(kind: &ExprKind) -> Vec<ExprId> {
    match kind {
        ExprKind::GetAttr { object, .. } => vec![*object],
        ExprKind::Index { object, key } => vec![*object, *key],
        ExprKind::Splat { object, item } => vec![*object, *item],
        ExprKind::Call { arguments, .. } => arguments.to_vec(),
        ExprKind::Conditional {
            condition,
            if_true,
            if_false,
        } => vec![*condition, *if_true, *if_false],
        ExprKind::Unary { operand, .. } => vec![*operand],
        ExprKind::Binary { left, right, .. } => vec![*left, *right],
        ExprKind::Parens(inner) => vec![*inner],
        ExprKind::Tuple(items) => items.to_vec(),
        ExprKind::Invalid
        | ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Root(_)
        | ExprKind::SplatItem
        | ExprKind::Template(_)
        | ExprKind::Object(_)
        | ExprKind::For(_) => Vec::new(),
    }
}
