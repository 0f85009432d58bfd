//! What an expression refers to.

use crate::source::Span;
use crate::syntax::{ExprId, ExprKind, ForExpr, TemplatePart, Tree};

/// A reference to something that a module declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What it refers to.
    pub subject: Subject,
    /// From the first name to the last one that belongs to the subject: `var.url`, `data.aws_lb.main`.
    pub span: Span,
}

/// What a reference refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// `var.NAME`
    Variable(String),
    /// `local.NAME`
    Local(String),
    /// `module.NAME`
    Module(String),
    /// `TYPE.NAME`
    Resource(String, String),
    /// `data.TYPE.NAME`
    Data(String, String),
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
    "ephemeral",
    "provider",
    "action",
];

/// Every reference in an expression, in the order of the source.
pub fn references(tree: &Tree, expr: ExprId) -> Vec<Reference> {
    let mut walk = Walk {
        tree,
        found: Vec::new(),
        stack: vec![Step::Expr(expr)],
        bound: Vec::new(),
    };
    walk.run();
    walk.found.sort_by_key(|reference| reference.span);
    walk.found
}

/// An expression yet to be looked at, or the end of the names that a `for` binds.
enum Step {
    Expr(ExprId),
    Bind(Vec<String>),
    Unbind,
}

struct Walk<'a> {
    tree: &'a Tree,
    found: Vec<Reference>,
    stack: Vec<Step>,
    bound: Vec<Vec<String>>,
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
            kind => self
                .stack
                .extend(children(kind).into_iter().map(Step::Expr)),
        }
    }

    fn visit_for(&mut self, each: &ForExpr) {
        let names = each.key_name.iter().chain([&each.value_name]);
        self.stack.push(Step::Unbind);
        let inner = [each.result_key, Some(each.result), each.condition];
        self.stack
            .extend(inner.into_iter().flatten().map(Step::Expr));
        self.stack.push(Step::Bind(names.cloned().collect()));
        self.stack.push(Step::Expr(each.collection));
    }

    fn visit_parts(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal { .. } => {}
                TemplatePart::Interpolation(expr) => self.stack.push(Step::Expr(*expr)),
                TemplatePart::If {
                    condition,
                    if_true,
                    if_false,
                } => {
                    self.stack.push(Step::Expr(*condition));
                    self.visit_parts(if_true);
                    self.visit_parts(if_false);
                }
                TemplatePart::For {
                    key_name,
                    value_name,
                    collection,
                    body,
                } => {
                    let names = key_name.iter().chain([value_name]);
                    self.stack.push(Step::Unbind);
                    self.visit_parts(body);
                    self.stack.push(Step::Bind(names.cloned().collect()));
                    self.stack.push(Step::Expr(*collection));
                }
            }
        }
    }

    /// The reference that a chain of attributes is, where it is long enough to be one and goes no further.
    fn reference(&self, id: ExprId) -> Option<Reference> {
        let ExprKind::GetAttr {
            object,
            name,
            name_span,
        } = &self.tree.expr(id).kind
        else {
            return None;
        };
        let before = self.tree.expr(*object);
        let subject = match &before.kind {
            ExprKind::Root(root) if !self.is_bound(root) => subject(root, name)?,
            ExprKind::GetAttr {
                object, name: ty, ..
            } => match &self.tree.expr(*object).kind {
                ExprKind::Root(root) if root == "data" && !self.is_bound(root) => {
                    Subject::Data(ty.clone(), name.clone())
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(Reference {
            subject,
            span: before.span.to(*name_span),
        })
    }

    fn is_bound(&self, name: &str) -> bool {
        self.bound.iter().flatten().any(|bound| bound == name)
    }
}

fn subject(root: &str, name: &str) -> Option<Subject> {
    let name = name.to_owned();
    match root {
        "var" => Some(Subject::Variable(name)),
        "local" => Some(Subject::Local(name)),
        "module" => Some(Subject::Module(name)),
        "data" => None,
        // Terraform takes `resource.TYPE.NAME` too, which is rare enough to be passed over.
        "resource" => None,
        other if OTHER_ROOTS.contains(&other) => None,
        ty => Some(Subject::Resource(ty.to_owned(), name)),
    }
}

/// The expressions directly inside of one that is neither a template nor a `for`.
fn children(kind: &ExprKind) -> Vec<ExprId> {
    match kind {
        ExprKind::GetAttr { object, .. } => vec![*object],
        ExprKind::Index { object, key } => vec![*object, *key],
        ExprKind::Splat { object, item } => vec![*object, *item],
        ExprKind::Call { arguments, .. } => arguments.clone(),
        ExprKind::Conditional {
            condition,
            if_true,
            if_false,
        } => vec![*condition, *if_true, *if_false],
        ExprKind::Unary { operand, .. } => vec![*operand],
        ExprKind::Binary { left, right, .. } => vec![*left, *right],
        ExprKind::Parens(inner) => vec![*inner],
        ExprKind::Tuple(items) => items.clone(),
        ExprKind::Object(items) => items
            .iter()
            .flat_map(|item| [item.key, item.value])
            .collect(),
        ExprKind::Invalid
        | ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Root(_)
        | ExprKind::SplatItem
        | ExprKind::Template(_)
        | ExprKind::For(_) => Vec::new(),
    }
}
