//! What an expression refers to: checked and evaluated before the expression itself, as Terraform does.

use crate::source::Span;
use crate::syntax::{ExprId, ExprKind, Template, TemplatePart};

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
                    ExprKind::Root(name) if bound.contains(&name.as_str()) => {}
                    ExprKind::Root(name) => {
                        let span = self.tree.expr(expr).span;
                        self.check_reference(name, span, &steps);
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
                let names = (expr.key_name.as_deref(), expr.value_name.as_str());
                scoped(names, inside.collect(), tasks);
            }
            ExprKind::Template(Template { parts, .. }) => template_tasks(parts, tasks),
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

fn template_tasks<'e>(parts: &'e [TemplatePart], tasks: &mut Vec<Task<'e>>) {
    for part in parts {
        match part {
            TemplatePart::Literal { .. } => {}
            TemplatePart::Interpolation(inner) => tasks.push(Task::Expression(*inner)),
            TemplatePart::If {
                condition,
                if_true,
                if_false,
            } => {
                tasks.push(Task::Expression(*condition));
                template_tasks(if_true, tasks);
                template_tasks(if_false, tasks);
            }
            TemplatePart::For {
                names,
                collection,
                body,
            } => {
                let (key_name, value_name) = &**names;
                let mut inside = Vec::new();
                template_tasks(body, &mut inside);
                scoped((key_name.as_deref(), value_name), inside, tasks);
                tasks.push(Task::Expression(*collection));
            }
        }
    }
}
