//! What an expression refers to: checked and evaluated before the expression itself, as Terraform does.

use crate::source::Span;
use crate::syntax::{ExprId, ExprKind, Template, TemplatePart, Tree};

use super::error::EvalError;
use super::frame::{Frame, Scope};
use super::traversal::Step;

/// What is left to look at.
enum Task<'e> {
    Expression(ExprId),
    Bind(Vec<&'e str>),
    Unbind(usize),
}

impl<'e> Frame<'e, '_> {
    /// Checks every reference in an expression, also where it is never evaluated.
    pub(super) fn check_references(&mut self, expr: ExprId) {
        let mut bound: Vec<&'e str> = Vec::new();
        let mut tasks = vec![Task::Expression(expr)];
        while let Some(task) = tasks.pop() {
            if self.fatal.is_some() || !self.evaluator.spend(1) {
                return;
            }
            match task {
                Task::Bind(names) => bound.extend(names),
                Task::Unbind(count) => bound.truncate(bound.len().saturating_sub(count)),
                Task::Expression(expr) => self.visit(expr, &bound, &mut tasks),
            }
        }
    }

    fn visit(&mut self, expr: ExprId, bound: &[&'e str], tasks: &mut Vec<Task<'e>>) {
        let mut push = |expr: ExprId| tasks.push(Task::Expression(expr));
        match &self.tree.expr(expr).kind {
            ExprKind::Root(_) | ExprKind::GetAttr { .. } | ExprKind::Index { .. } => {
                let (start, steps) = self.steps(expr);
                for step in &steps {
                    if let Step::Index { key, .. } = step {
                        push(*key);
                    }
                }
                match &self.tree.expr(start).kind {
                    ExprKind::Root(name) if bound.contains(&self.tree.text(*name)) => {}
                    ExprKind::Root(name) => {
                        let span = self.tree.expr(expr).span;
                        self.check_reference(self.tree.text(*name), span, &steps);
                    }
                    _ => push(start),
                }
            }
            ExprKind::Splat { object, item } => {
                push(*object);
                push(*item);
            }
            ExprKind::Call { arguments, .. } => arguments.iter().copied().for_each(push),
            ExprKind::Conditional {
                condition,
                if_true,
                if_false,
            } => [*condition, *if_true, *if_false].into_iter().for_each(push),
            ExprKind::Unary { operand, .. } => push(*operand),
            ExprKind::Binary { left, right, .. } => [*left, *right].into_iter().for_each(push),
            ExprKind::Parens(inner) => push(*inner),
            ExprKind::Tuple(members) => members.iter().copied().for_each(push),
            ExprKind::Object(items) => items
                .iter()
                .flat_map(|item| [item.key, item.value])
                .for_each(push),
            ExprKind::For(expr) => {
                push(expr.collection);
                let inside = [expr.result_key, Some(expr.result), expr.condition];
                let inside = inside.into_iter().flatten().map(Task::Expression);
                let names = self.tree.for_names(expr.names);
                scoped(names, inside.collect(), tasks);
            }
            ExprKind::Template(Template { parts, .. }) => template_tasks(self.tree, parts, tasks),
            ExprKind::Invalid
            | ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::SplatItem => {}
        }
    }

    fn check_reference(&mut self, root: &str, span: Span, steps: &[Step<'e>]) {
        let result = match self.scope {
            Scope::Nothing => Err(String::from("nothing can be referred to here")),
            Scope::Names => {
                let bound = self.is_bound(root);
                bound
                    .then_some(())
                    .ok_or_else(|| format!("there is no variable {root:?} for this template"))
            }
            Scope::Module => match self.check_in_module(root, span, steps) {
                Ok(result) => result,
                Err(error) => {
                    self.fail_for_good(error);
                    return;
                }
            },
        };
        if let Err(message) = result {
            let at = self.location(span);
            self.fail_for_good(EvalError { message, at });
        }
    }
}

fn scoped<'e>(names: (Option<&'e str>, &'e str), inside: Vec<Task<'e>>, tasks: &mut Vec<Task<'e>>) {
    let names: Vec<&str> = names.0.into_iter().chain([names.1]).collect();
    tasks.push(Task::Unbind(names.len()));
    tasks.extend(inside);
    tasks.push(Task::Bind(names));
}

fn template_tasks<'e>(tree: &'e Tree, parts: &'e [TemplatePart], tasks: &mut Vec<Task<'e>>) {
    for part in parts {
        match part {
            TemplatePart::Literal { .. } => {}
            TemplatePart::Interpolation(inner) => tasks.push(Task::Expression(*inner)),
            TemplatePart::If(directive) => {
                tasks.push(Task::Expression(directive.condition));
                template_tasks(tree, &directive.if_true, tasks);
                template_tasks(tree, &directive.if_false, tasks);
            }
            TemplatePart::For(directive) => {
                let mut inside = Vec::new();
                template_tasks(tree, &directive.body, &mut inside);
                scoped(tree.for_names(directive.names), inside, tasks);
                tasks.push(Task::Expression(directive.collection));
            }
        }
    }
}
