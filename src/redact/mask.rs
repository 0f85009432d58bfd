//! What of a file that parses may be seen: of each literal, comment and word alone, whether something permits it.

use rustc_hash::FxHashSet;

use super::seeds::{self, Known};
use crate::source::{FileId, Location, SourceFile, Span};
use crate::syntax::{Attribute, Block, Body, ExprId, ExprKind, TemplatePart, Tree};
use crate::terraform::Slice;
use crate::zenml::provider;

/// As many digits may belong to a key.
const LONG_NUMBER: usize = 10;

/// Blocks of Terraform's own.
const OWN_BLOCKS: [&str; 9] = [
    "terraform",
    "provider",
    "module",
    "variable",
    "output",
    "component",
    "stack",
    "required_providers",
    "locals",
];

/// A text in a file that is not shown unless something permits it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literal {
    pub span: Span,
    pub permission: Permission,
}

/// Why a literal may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    /// The schema or its position permits it.
    Given,
    /// A finding may permit it.
    ByFinding,
    /// Nothing does: a credential may be made of it.
    Void,
}

/// The literals of a file, in order.
pub(super) fn literals(
    file: FileId,
    source: &SourceFile,
    tree: &Tree,
    slice: &Slice,
) -> Vec<Literal> {
    let mut given = Given {
        tree,
        exprs: FxHashSet::default(),
        words: FxHashSet::default(),
    };
    given.add(tree.root(), Place::Top);
    let is_json = source.display.ends_with(".json");
    let mut literals = Vec::new();
    let mut add = |span: Span, permission: Permission| {
        let is_void = slice.holds(Location { file, span });
        let permission = match is_void {
            true => Permission::Void,
            false => permission,
        };
        literals.push(Literal { span, permission });
    };
    for (index, expr) in tree.exprs.iter().enumerate() {
        let id = ExprId(Span::new(index, index).start);
        let own = match given.exprs.contains(&id) {
            true => Permission::Given,
            false => Permission::ByFinding,
        };
        match &expr.kind {
            ExprKind::Template(template) => {
                if tree.bare_name(id).is_some() && !is_json {
                    continue;
                }
                let mut left: Vec<&TemplatePart> = template.parts.iter().collect();
                while let Some(part) = left.pop() {
                    match part {
                        TemplatePart::Literal { span, .. } => add(*span, own),
                        TemplatePart::Interpolation(_) => {}
                        TemplatePart::If(directive) => {
                            left.extend(directive.if_true.iter().chain(&directive.if_false));
                        }
                        TemplatePart::For(directive) => left.extend(&directive.body),
                    }
                }
            }
            ExprKind::Number(_) if (expr.span.end - expr.span.start) as usize >= LONG_NUMBER => {
                add(expr.span, own);
            }
            ExprKind::Root(_) if !given.words.contains(&id) => {
                add(expr.span, Permission::Void);
            }
            ExprKind::Invalid => add(expr.span, Permission::Void),
            _ => {}
        }
    }
    literals.extend(tree.comments.iter().map(|comment| Literal {
        span: comment.span,
        permission: Permission::ByFinding,
    }));
    if is_json {
        add_json_strings(&source.text, tree, &mut literals);
    }
    literals.sort_unstable_by_key(|literal| literal.span);
    literals
}

/// Every string of a JSON file that is neither a name nor known already.
fn add_json_strings(text: &str, tree: &Tree, literals: &mut Vec<Literal>) {
    let mut known: FxHashSet<u32> = FxHashSet::default();
    let attributes = tree.attributes.iter().map(|attribute| attribute.name_span);
    let blocks = tree.blocks.iter();
    let labels = blocks
        .clone()
        .flat_map(|block| block.labels.iter().map(|label| label.span));
    let keywords = blocks.map(|block| block.keyword_span);
    known.extend(
        attributes
            .chain(labels)
            .chain(keywords)
            .map(|span| span.start),
    );
    known.extend(tree.exprs.iter().map(|expr| expr.span.start));
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find('"')) {
        let start = at + start;
        let mut escaped = false;
        let rest = text.get(start + 1..).unwrap_or_default();
        let length = rest.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = start + 1 + length.unwrap_or(rest.len());
        let span = Span::new(start + 1, end);
        if !known.contains(&Span::new(start, end).start) {
            literals.push(Literal {
                span,
                permission: Permission::Void,
            });
        }
        at = end + 1;
    }
}

/// Where a body stands.
#[derive(Clone, Copy)]
enum Place<'t> {
    Top,
    /// In a block of Terraform's own.
    Own(&'t str),
    /// In a block of zenml's: its keyword and type.
    Zenml(&'t str, &'t str),
    Other,
}

/// The expressions that the schema or their position permits, and the words that are no values.
struct Given<'t> {
    tree: &'t Tree,
    exprs: FxHashSet<ExprId>,
    words: FxHashSet<ExprId>,
}

impl<'t> Given<'t> {
    fn add(&mut self, body: &'t Body, place: Place<'t>) {
        let tree = self.tree;
        self.add_words();
        let mut left = vec![(body, place)];
        while let Some((body, place)) = left.pop() {
            for attribute in tree.attributes_of(body) {
                self.add_attribute(body, attribute, place);
            }
            for block in tree.blocks_of(body) {
                left.push((tree.body(block.body), self.place(block, place)));
            }
        }
    }

    /// Words that begin a traversal, that a `for` binds, or that are types or names of providers.
    fn add_words(&mut self) {
        let tree = self.tree;
        let mut bound: FxHashSet<&str> = FxHashSet::default();
        for expr in &tree.exprs {
            match &expr.kind {
                ExprKind::GetAttr { object, .. }
                | ExprKind::Index { object, .. }
                | ExprKind::Splat { object, .. } => {
                    self.words.insert(*object);
                }
                ExprKind::For(each) => {
                    let (key, value) = tree.for_names(each.names);
                    bound.extend(key.into_iter().chain([value]));
                }
                ExprKind::Template(template) => {
                    for part in &template.parts {
                        if let TemplatePart::For(directive) = part {
                            let (key, value) = tree.for_names(directive.names);
                            bound.extend(key.into_iter().chain([value]));
                        }
                    }
                }
                _ => {}
            }
        }
        let ids = (0..tree.exprs.len()).map(|index| ExprId(Span::new(index, index).start));
        // A key was read as a word before it turned out to be one.
        let keys = ids.clone().filter(|id| tree.bare_name(*id).is_some());
        let keys: FxHashSet<Span> = keys.map(|id| tree.expr(id).span).collect();
        for id in ids {
            let expr = tree.expr(id);
            if let ExprKind::Root(root) = &expr.kind
                && (keys.contains(&expr.span)
                    || bound.contains(tree.text(*root))
                    || super::lexical::is_known_word(tree.text(*root)))
            {
                self.words.insert(id);
            }
        }
    }

    fn place(&self, block: &'t Block, outer: Place<'t>) -> Place<'t> {
        let tree = self.tree;
        let keyword = tree.text(block.keyword);
        let label = tree.first_label(block).unwrap_or_default();
        match (outer, keyword) {
            (Place::Top, "resource" | "data") if label.starts_with("zenml_") => {
                Place::Zenml(keyword, label)
            }
            (Place::Top, "provider") if label == provider::LOCAL_NAME => {
                Place::Zenml(keyword, label)
            }
            (Place::Zenml("provider", ty), "config") => Place::Zenml("provider", ty),
            (Place::Top, _) if OWN_BLOCKS.contains(&keyword) => Place::Own(keyword),
            (Place::Own("terraform"), "required_providers") => Place::Own(keyword),
            _ => Place::Other,
        }
    }

    fn add_attribute(&mut self, body: &'t Body, attribute: &Attribute, place: Place<'t>) {
        let name = self.tree.text(attribute.name);
        if matches!(
            name,
            "provider" | "providers" | "ignore_changes" | "replace_triggered_by" | "depends_on"
        ) {
            self.permit_words(attribute.expr);
        }
        match (place, name) {
            (Place::Own("locals"), _) => {}
            (Place::Own("variable"), "type") => self.permit_words(attribute.expr),
            (Place::Own("variable"), "description")
            | (Place::Own(_), "source" | "version" | "alias" | "required_version") => {
                self.permit(attribute.expr);
            }
            (Place::Own("required_providers"), _) => {
                // Formerly the version alone stood here.
                match self.tree.plain_string(attribute.expr) {
                    Some(_) => self.permit(attribute.expr),
                    None => self.permit_entries(attribute.expr, &["source", "version"]),
                }
            }
            (Place::Zenml(keyword, ty), name) => match seeds::argument(keyword, ty, name) {
                Known::Open => self.permit(attribute.expr),
                Known::Map => {
                    let open = seeds::open_fields(self.tree, body, ty);
                    self.permit_entries(attribute.expr, &open);
                }
                Known::Closed => {}
            },
            _ => {}
        }
    }

    fn permit_entries(&mut self, expr: ExprId, names: &[&str]) {
        let tree = self.tree;
        match &tree.expr(expr).kind {
            ExprKind::Parens(inner) => self.permit_entries(*inner, names),
            ExprKind::Conditional {
                if_true, if_false, ..
            } => {
                self.permit_entries(*if_true, names);
                self.permit_entries(*if_false, names);
            }
            ExprKind::Call {
                name, arguments, ..
            } if tree.text(*name) == "merge" => {
                arguments
                    .iter()
                    .for_each(|argument| self.permit_entries(*argument, names));
            }
            ExprKind::Object(items) => {
                for item in items {
                    if tree
                        .plain_string(item.key)
                        .is_some_and(|key| names.contains(&key))
                    {
                        self.permit(item.key);
                        self.permit(item.value);
                    }
                }
            }
            _ => {}
        }
    }

    /// The value itself, not what it is calculated from.
    fn permit(&mut self, expr: ExprId) {
        let tree = self.tree;
        let mut left = vec![expr];
        while let Some(expr) = left.pop() {
            match &tree.expr(expr).kind {
                ExprKind::Template(_) | ExprKind::Number(_) => {
                    self.exprs.insert(expr);
                }
                ExprKind::Parens(inner) => left.push(*inner),
                ExprKind::Conditional {
                    if_true, if_false, ..
                } => left.extend([*if_true, *if_false]),
                ExprKind::Tuple(items) => left.extend(items.iter().copied()),
                ExprKind::Object(items) => {
                    left.extend(items.iter().flat_map(|item| [item.key, item.value]));
                }
                _ => {}
            }
        }
    }

    fn permit_words(&mut self, expr: ExprId) {
        let tree = self.tree;
        let mut left = vec![expr];
        while let Some(expr) = left.pop() {
            match &tree.expr(expr).kind {
                ExprKind::Root(_) => {
                    self.words.insert(expr);
                }
                ExprKind::Parens(inner) => left.push(*inner),
                ExprKind::Tuple(items) => left.extend(items.iter().copied()),
                ExprKind::Call { arguments, .. } => left.extend(arguments.iter().copied()),
                ExprKind::Object(items) => {
                    left.extend(items.iter().flat_map(|item| [item.key, item.value]));
                }
                _ => {}
            }
        }
    }
}
