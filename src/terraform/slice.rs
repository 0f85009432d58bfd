//! The backward slice: everything that some expressions may be made of or chosen by, told from the syntax alone.
//!
//! The walk is linear, evaluates nothing and looks at what is written, not at what Terraform makes of it: definitions that an
//! override file replaces, lines of tfvars files that belong to another root, arguments of every caller. Where it cannot
//! tell, it takes all.

use std::collections::BTreeMap;
use std::sync::Mutex;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::model::{Configuration, ExprRef, ModuleId};
use super::reference::stack_call;
use crate::source::{FileId, Location, Span};
use crate::syntax::{Block, Body, ExprId, ExprKind, ForExpr, Template, TemplatePart, Tree};

/// A longer path into a value is cut: the whole of what lies there is taken.
const LONGEST_PATH: usize = 8;

/// More names begin no paths of their own: a definition that is read under more of them is taken whole.
const MOST_PARTS: usize = 64;

/// What is met before [`Slice::touches`] gives up and says yes.
const MOST_LOOKED_AT: usize = 20_000;

/// Where a slice begins.
#[derive(Clone, Debug)]
pub struct Seed {
    /// The expression.
    pub expr: ExprRef,
    /// The keys of the map that it is which are left out; `None` for all of the expression.
    pub except: Option<Vec<&'static str>>,
}

/// The places that some expressions are made of.
#[derive(Debug, Default)]
pub struct Slice {
    /// By file: what reaches one of the seeds.
    reaching: Regions,
    /// What reaches one of them or only chooses what does.
    all: Regions,
    /// The variables on the way, with what is read of them.
    variables: Variables,
    /// What was asked for: see [`Slice::touches`].
    known: Mutex<FxHashMap<(ExprRef, Vec<String>), bool>>,
}

/// Variables, with the paths of what is read of them, and whether that only chooses.
type Variables = FxHashMap<(ModuleId, String), Vec<(Vec<Step>, bool)>>;

#[derive(Clone, Debug, Default)]
struct Regions(FxHashMap<FileId, Vec<Span>>);

impl Regions {
    fn of(places: impl Iterator<Item = Location>) -> Self {
        let mut regions: FxHashMap<FileId, Vec<Span>> = FxHashMap::default();
        for place in places {
            regions.entry(place.file).or_default().push(place.span);
        }
        for spans in regions.values_mut() {
            spans.sort_unstable();
            spans.dedup_by(|next, last| {
                let overlaps = next.start < last.end || *next == *last;
                if overlaps {
                    last.end = last.end.max(next.end);
                }
                overlaps
            });
        }
        Self(regions)
    }

    fn touches(&self, place: Location) -> bool {
        let spans = self.0.get(&place.file).map_or(&[][..], Vec::as_slice);
        let next = spans.partition_point(|span| span.end <= place.span.start);
        spans
            .get(next)
            .is_some_and(|span| span.start < place.span.end)
    }
}

impl Slice {
    /// Everything that the seeds may be made of.
    pub fn new(configuration: &Configuration, seeds: Vec<Seed>) -> Self {
        if seeds.is_empty() {
            return Self::default();
        }
        let mut walk = Walk::new(configuration);
        for seed in seeds {
            let part = match seed.except {
                Some(open) => walk.except(open),
                None => Part::default(),
            };
            walk.push(Item {
                file: seed.expr.file,
                expr: seed.expr.expr,
                part,
                chooses: false,
            });
        }
        walk.run();
        let reaching = walk.met.iter().filter(|(_, chooses)| !chooses);
        Self {
            reaching: Regions::of(reaching.map(|(place, _)| *place)),
            all: Regions::of(walk.met.iter().map(|(place, _)| *place)),
            variables: walk.variables,
            known: Mutex::default(),
        }
    }

    /// Whether a place has a part in what reaches or chooses one of the seeds.
    pub fn holds(&self, place: Location) -> bool {
        self.all.touches(place)
    }

    /// Whether what is given to a variable may reach or choose one of the seeds.
    pub fn holds_variable(&self, module: ModuleId, name: &str) -> bool {
        self.variables.contains_key(&(module, name.to_owned()))
    }

    /// Whether an expression, or the part of it that a path leads to, is made of or chosen by anything that reaches one of
    /// the seeds, or by a variable or output that is called sensitive.
    pub fn touches(&self, configuration: &Configuration, expr: ExprRef, path: &[String]) -> bool {
        let key = (expr, path.to_vec());
        let known = self.known.lock().ok();
        if let Some(touches) = known.and_then(|known| known.get(&key).copied()) {
            return touches;
        }
        let touches = self.find_touches(configuration, expr, path);
        if let Ok(mut known) = self.known.lock() {
            known.insert(key, touches);
        }
        touches
    }

    fn find_touches(&self, configuration: &Configuration, expr: ExprRef, path: &[String]) -> bool {
        let mut walk = Walk::new(configuration);
        walk.most = MOST_LOOKED_AT;
        let path = path.iter().map(|name| Step::Name(name.clone()));
        walk.push(Item {
            file: expr.file,
            expr: expr.expr,
            part: Part::of_path(path.collect()),
            chooses: false,
        });
        walk.run();
        walk.is_sensitive || self.is_met(&walk)
    }

    fn touches_place(&self, configuration: &Configuration, at: Place<'_>) -> bool {
        let mut walk = Walk::new(configuration);
        walk.most = MOST_LOOKED_AT;
        match at.file {
            Some(file) => walk.push(Item {
                file,
                expr: at.expr,
                part: Part::default(),
                chooses: false,
            }),
            None => walk.visit_foreign(at.module, at.tree, at.expr),
        }
        walk.run();
        self.is_met(&walk)
    }

    fn is_met(&self, walk: &Walk<'_>) -> bool {
        let mut met = walk.met.iter();
        let mut variables = walk.variables.iter();
        walk.is_cut
            || met.any(|(place, _)| self.reaching.touches(*place))
            || variables.any(|(variable, read)| self.reads(variable, read))
    }

    /// Whether something reads a part of a variable that reaches one of the seeds.
    fn reads(&self, variable: &(ModuleId, String), read: &[(Vec<Step>, bool)]) -> bool {
        let reaching = self.variables.get(variable).into_iter().flatten();
        let mut reaching = reaching.filter(|(_, chooses)| !chooses);
        reaching.any(|(path, _)| read.iter().any(|(other, _)| may_meet(path, other)))
    }
}

/// Which parts of a value come from a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marks {
    /// None.
    Nothing,
    /// Some, and nobody knows which.
    All,
    /// Those that these members hold, by key or position.
    Members(BTreeMap<String, Marks>),
}

impl Marks {
    /// Those of a value that may be one or the other.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Nothing, marks) | (marks, Self::Nothing) => marks,
            (Self::Members(mut members), Self::Members(others)) => {
                for (name, marks) in others {
                    let known = members.remove(&name).unwrap_or(Self::Nothing);
                    members.insert(name, known.or(marks));
                }
                Self::Members(members)
            }
        }
    }

    fn behind(self, steps: &[Step]) -> Self {
        steps.iter().fold(self, |marks, step| match (marks, step) {
            (Self::Members(mut members), Step::Name(name)) => {
                members.remove(name).unwrap_or(Self::Nothing)
            }
            (Self::Members(members), Step::Any) => {
                members.into_values().fold(Self::Nothing, Self::or)
            }
            (marks, _) => marks,
        })
    }
}

/// Whether two paths may lead to the same, or one into what the other leads to.
fn may_meet(path: &[Step], other: &[Step]) -> bool {
    let mut steps = path.iter().zip(other);
    steps.all(|(a, b)| *a == Step::Any || *b == Step::Any || a == b)
}

/// How deep the parts of a value are told apart.
const DEEPEST_MARK: usize = 24;

/// An expression of a file, or one that stands in none, in a module.
#[derive(Clone, Copy)]
struct Place<'t> {
    module: ModuleId,
    file: Option<FileId>,
    tree: &'t Tree,
    expr: ExprId,
}

impl Slice {
    /// Which parts of the value of an expression that stands in no file come from the slice: told where they are written
    /// one by one; else all, where any do.
    pub fn marks(
        &self,
        configuration: &Configuration,
        module: ModuleId,
        tree: &Tree,
        expr: ExprId,
    ) -> Marks {
        let place = Place {
            module,
            file: None,
            tree,
            expr,
        };
        self.marks_of(configuration, place, 0)
    }

    fn marks_of(&self, configuration: &Configuration, at: Place<'_>, depth: usize) -> Marks {
        if !self.touches_place(configuration, at) {
            return Marks::Nothing;
        }
        if depth > DEEPEST_MARK {
            return Marks::All;
        }
        let inner = |expr: ExprId| {
            let at = Place { expr, ..at };
            self.marks_of(configuration, at, depth + 1)
        };
        match &at.tree.expr(at.expr).kind {
            ExprKind::Parens(expr) => inner(*expr),
            ExprKind::Object(items) => {
                let keys = items.iter().map(|item| at.tree.plain_string(item.key));
                let Some(keys) = keys.collect::<Option<Vec<&str>>>() else {
                    return Marks::All;
                };
                let hides_key = items.iter().any(|item| {
                    let is_name = at.tree.bare_name(item.key).is_some();
                    let place = at.file.map(|file| Location {
                        file,
                        span: at.tree.expr(item.key).span,
                    });
                    !is_name && place.is_some_and(|place| self.all.touches(place))
                });
                if hides_key {
                    return Marks::All;
                }
                let members = keys.into_iter().zip(items);
                let members = members.map(|(key, item)| (key.to_owned(), inner(item.value)));
                Marks::Members(members.collect())
            }
            ExprKind::Tuple(items) => {
                let members = items.iter().enumerate();
                let members = members.map(|(index, expr)| (index.to_string(), inner(*expr)));
                Marks::Members(members.collect())
            }
            _ => match traversal(at.tree, at.expr) {
                Some(traversal) => self.marks_behind(configuration, at.module, &traversal, depth),
                None => Marks::All,
            },
        }
    }

    fn marks_behind(
        &self,
        configuration: &Configuration,
        module: ModuleId,
        traversal: &Traversal<'_>,
        depth: usize,
    ) -> Marks {
        let index = configuration.index();
        let expr = |module: ModuleId, at: &ExprRef| {
            let tree = configuration.tree(at.file)?;
            let place = Place {
                module,
                file: Some(at.file),
                tree,
                expr: at.expr,
            };
            Some(self.marks_of(configuration, place, depth + 1))
        };
        let (Some(Step::Name(name)), true) =
            (traversal.steps.first(), traversal.indexes.is_empty())
        else {
            return Marks::All;
        };
        let rest = traversal.steps.get(1..).unwrap_or_default();
        let defined = |module: ModuleId, name: Name| {
            let definitions = index.definitions.get(&(module, name));
            let marks = definitions.into_iter().flatten();
            marks
                .filter_map(|at| expr(module, at))
                .fold(Marks::Nothing, Marks::or)
        };
        match traversal.root {
            "local" => defined(module, Name::local(name)).behind(rest),
            // What else it may be is written in other modules.
            "var" if index.callers.contains_key(&module) || index.inputs.contains_key(&module) => {
                Marks::All
            }
            "var" => {
                let lines = index.lines.get(name.as_str()).into_iter().flatten();
                let lines = lines.filter_map(|at| expr(module, at));
                let default = defined(module, Name::variable(name));
                lines.fold(default, Marks::or).behind(rest)
            }
            _ => Marks::All,
        }
    }
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Name(String),
    Any,
}

/// What of a value is meant: what a path leads to, and of that, where it is a map, not the keys of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Part {
    path: Vec<Step>,
    /// The number of a list of keys.
    except: Option<usize>,
}

impl Part {
    fn of_path(path: Vec<Step>) -> Self {
        Self { path, except: None }
    }

    fn is_all(&self) -> bool {
        self.path.is_empty() && self.except.is_none()
    }

    /// The same part of what these steps lead to.
    fn behind(&self, steps: &[Step]) -> Self {
        let path: Vec<Step> = steps.iter().chain(&self.path).cloned().collect();
        // All that a part of the path leads to is more than what the whole leads to.
        if path.len() > LONGEST_PATH {
            return Self::of_path(path.into_iter().take(LONGEST_PATH).collect());
        }
        Self {
            path,
            except: self.except,
        }
    }

    /// The same part after the first step, with that step.
    fn next(&self) -> Option<(&Step, Self)> {
        let (first, rest) = self.path.split_first()?;
        let rest = Self {
            path: rest.to_vec(),
            except: self.except,
        };
        Some((first, rest))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Item {
    file: FileId,
    expr: ExprId,
    part: Part,
    /// Whether it only chooses.
    chooses: bool,
}

/// Something that a traversal may lead to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Variable(SmolStr),
    Local(SmolStr),
    Output(SmolStr),
}

impl Name {
    fn variable(name: &str) -> Self {
        Self::Variable(name.into())
    }

    fn local(name: &str) -> Self {
        Self::Local(name.into())
    }

    fn output(name: &str) -> Self {
        Self::Output(name.into())
    }
}

/// A block somewhere: the number that it has in its tree.
#[derive(Clone, Copy, Debug)]
struct BlockAt {
    file: FileId,
    block: usize,
}

/// The keyword, type and name of a resource's block.
type Address = [SmolStr; 3];

/// What is written under which name.
#[derive(Debug, Default)]
pub(super) struct Index {
    modules: FxHashMap<FileId, Vec<ModuleId>>,
    definitions: FxHashMap<(ModuleId, Name), Vec<ExprRef>>,
    /// The variables and outputs that are called sensitive.
    sensitive: FxHashSet<(ModuleId, Name)>,
    /// `resource`, `data` and `ephemeral` blocks.
    resources: FxHashMap<(ModuleId, Address), Vec<BlockAt>>,
    /// Calls by the name that refers to them.
    calls: FxHashMap<(ModuleId, String), Vec<BlockAt>>,
    /// The calls of each module.
    callers: FxHashMap<ModuleId, Vec<BlockAt>>,
    /// What else gives values to a module's variables: `inputs` of deployments.
    inputs: FxHashMap<ModuleId, Vec<ExprRef>>,
    /// The lines of tfvars files and the like, by variable, whatever they are for.
    lines: FxHashMap<SmolStr, Vec<ExprRef>>,
}

impl Index {
    pub(super) fn new(configuration: &Configuration) -> Self {
        let mut index = Self::default();
        for (id, module) in configuration.modules_with_ids() {
            let tests = module.test_files.iter().map(|test| test.file);
            for file in module.files.iter().copied().chain(tests) {
                index.modules.entry(file).or_default().push(id);
                if let Some(tree) = configuration.tree(file) {
                    index.add_file(configuration, id, file, tree);
                }
            }
        }
        for ((file, _), tree) in configuration.sources.iter().zip(&configuration.trees) {
            if !index.modules.contains_key(&file) {
                index.add_lines(file, tree, tree.root());
            }
        }
        index
    }

    fn add_file(&mut self, configuration: &Configuration, id: ModuleId, file: FileId, tree: &Tree) {
        let numbers = tree.root().blocks.clone();
        for (number, block) in numbers.zip(tree.blocks_of(tree.root())) {
            let at = BlockAt {
                file,
                block: number,
            };
            let body = tree.body(block.body);
            let label = tree.first_label(block);
            match (tree.text(block.keyword), label) {
                ("variable", Some(name)) => {
                    self.define(
                        id,
                        Name::variable(name),
                        (file, body),
                        tree,
                        &["default", "type"],
                    );
                }
                ("output", Some(name)) => {
                    self.define(id, Name::output(name), (file, body), tree, &["value"]);
                }
                ("locals", _) => {
                    for local in tree.attributes_of(body) {
                        let name = Name::local(tree.text(local.name));
                        let local = ExprRef {
                            file,
                            expr: local.expr,
                        };
                        self.definitions.entry((id, name)).or_default().push(local);
                    }
                }
                (keyword @ ("resource" | "data" | "ephemeral"), Some(ty)) => {
                    let name = block.labels.get(1).map(|label| tree.text(label.text));
                    let key = [keyword, ty, name.unwrap_or_default()].map(SmolStr::from);
                    self.resources.entry((id, key)).or_default().push(at);
                }
                (keyword @ ("module" | "component" | "stack"), Some(label)) => {
                    let name = match keyword {
                        "stack" => stack_call(label),
                        _ => label.to_owned(),
                    };
                    let module = configuration.module(id);
                    let call = module.and_then(|module| module.calls.get(&name));
                    if let Some(target) = call.and_then(|call| call.target) {
                        self.callers.entry(target).or_default().push(at);
                    }
                    self.calls.entry((id, name)).or_default().push(at);
                }
                ("deployment", _) => {
                    if let Some(inputs) = tree.attribute(body, "inputs") {
                        let inputs = ExprRef {
                            file,
                            expr: inputs.expr,
                        };
                        self.inputs.entry(id).or_default().push(inputs);
                    }
                }
                // In a test file.
                ("variables", _) => self.add_lines(file, tree, body),
                ("run", _) => {
                    for nested in tree.blocks_named(body, "variables") {
                        self.add_lines(file, tree, tree.body(nested.body));
                    }
                }
                _ => {}
            }
        }
    }

    fn define(
        &mut self,
        id: ModuleId,
        name: Name,
        (file, body): (FileId, &Body),
        tree: &Tree,
        arguments: &[&str],
    ) {
        for attribute in tree.attributes_of(body) {
            let argument = tree.text(attribute.name);
            if arguments.contains(&argument) {
                let expr = ExprRef {
                    file,
                    expr: attribute.expr,
                };
                let definitions = self.definitions.entry((id, name.clone()));
                definitions.or_default().push(expr);
            }
            let is_false = || matches!(tree.expr(attribute.expr).kind, ExprKind::Bool(false));
            if matches!(argument, "sensitive" | "ephemeral") && !is_false() {
                self.sensitive.insert((id, name.clone()));
            }
        }
    }

    fn add_lines(&mut self, file: FileId, tree: &Tree, body: &Body) {
        for line in tree.attributes_of(body) {
            let expr = ExprRef {
                file,
                expr: line.expr,
            };
            let lines = self.lines.entry(tree.text(line.name).into()).or_default();
            lines.push(expr);
        }
    }
}

/// A chain of names and indexes.
struct Traversal<'t> {
    root: &'t str,
    /// Where the root stands.
    at: u32,
    steps: Vec<Step>,
    /// The indexes that are calculated.
    indexes: Vec<ExprId>,
}

struct Walk<'w> {
    configuration: &'w Configuration,
    index: &'w Index,
    left: Vec<Item>,
    seen: FxHashSet<Item>,
    /// How many parts of each definition were asked for.
    parts: FxHashMap<(FileId, ExprId), usize>,
    lists: Vec<Vec<&'static str>>,
    met: Vec<(Location, bool)>,
    variables: Variables,
    is_sensitive: bool,
    /// After so many places the rest is left out.
    most: usize,
    is_cut: bool,
}

impl<'w> Walk<'w> {
    fn new(configuration: &'w Configuration) -> Self {
        Self {
            configuration,
            index: configuration.index(),
            left: Vec::new(),
            seen: FxHashSet::default(),
            parts: FxHashMap::default(),
            lists: Vec::new(),
            met: Vec::new(),
            variables: FxHashMap::default(),
            is_sensitive: false,
            most: usize::MAX,
            is_cut: false,
        }
    }

    fn except(&mut self, open: Vec<&'static str>) -> Part {
        let number = self.lists.iter().position(|list| *list == open);
        let number = number.unwrap_or_else(|| {
            self.lists.push(open);
            self.lists.len() - 1
        });
        Part {
            path: Vec::new(),
            except: Some(number),
        }
    }

    fn push(&mut self, mut item: Item) {
        if self.seen.contains(&item) {
            return;
        }
        let parts = self.parts.entry((item.file, item.expr)).or_default();
        *parts += 1;
        if *parts > MOST_PARTS {
            item.part = Part::default();
        }
        if self.seen.insert(item.clone()) {
            self.left.push(item);
        }
    }

    fn run(&mut self) {
        while let Some(item) = self.left.pop() {
            if self.met.len() >= self.most {
                self.is_cut = true;
                return;
            }
            if let Some(tree) = self.configuration.tree(item.file) {
                self.visit(tree, item);
            }
        }
    }

    /// Looks at a part of an expression: where that part is written on its own, at nothing else.
    fn visit(&mut self, tree: &'w Tree, item: Item) {
        let inner = |expr: ExprId| Item {
            expr,
            ..item.clone()
        };
        let deciding = |expr: ExprId| Item {
            expr,
            part: Part::default(),
            chooses: true,
            ..item.clone()
        };
        if item.part.is_all() {
            return self.visit_all(tree, &item);
        }
        match &tree.expr(item.expr).kind {
            ExprKind::Null => {}
            ExprKind::Parens(expr) => self.push(inner(*expr)),
            ExprKind::Conditional {
                condition,
                if_true,
                if_false,
            } => {
                self.push(deciding(*condition));
                self.push(inner(*if_true));
                self.push(inner(*if_false));
            }
            ExprKind::Template(template) => match template.parts.as_slice() {
                [TemplatePart::Interpolation(expr)] => self.push(inner(*expr)),
                _ => self.visit_all(tree, &item),
            },
            ExprKind::Call {
                name, arguments, ..
            } if tree.text(*name) == "merge" => {
                arguments.iter().for_each(|expr| self.push(inner(*expr)));
            }
            ExprKind::Object(items) => {
                for entry in items {
                    let key = tree.plain_string(entry.key);
                    if key.is_none() {
                        self.push(deciding(entry.key));
                    }
                    if let Some(part) = self.entry(&item.part, key) {
                        self.push(Item {
                            expr: entry.value,
                            part,
                            ..item.clone()
                        });
                    }
                }
            }
            ExprKind::Tuple(items) => {
                for (index, expr) in items.iter().enumerate() {
                    if let Some(part) = self.entry(&item.part, Some(&index.to_string())) {
                        self.push(Item {
                            expr: *expr,
                            part,
                            ..item.clone()
                        });
                    }
                }
            }
            _ => match traversal(tree, item.expr) {
                Some(traversal) => {
                    let modules = self.modules_of(item.file);
                    let file = Some(item.file);
                    self.follow(file, &modules, traversal, &item.part, item.chooses);
                }
                None => self.visit_all(tree, &item),
            },
        }
    }

    /// What is meant of the value of an entry; `None` where nothing is. A key that is calculated may be any.
    fn entry(&self, part: &Part, key: Option<&str>) -> Option<Part> {
        match (part.next(), part.except) {
            (Some((Step::Name(name), rest)), _) => {
                key.is_none_or(|key| key == name).then_some(rest)
            }
            (Some((Step::Any, rest)), _) => Some(rest),
            (None, Some(list)) => {
                let open = self.lists.get(list).map_or(&[][..], Vec::as_slice);
                let is_open = key.is_some_and(|key| open.contains(&key));
                (!is_open).then(Part::default)
            }
            (None, None) => Some(Part::default()),
        }
    }

    /// Takes all of an expression, and follows everything in it.
    fn visit_all(&mut self, tree: &'w Tree, item: &Item) {
        let place = Location {
            file: item.file,
            span: tree.expr(item.expr).span,
        };
        self.met.push((place, item.chooses));
        let modules = self.modules_of(item.file);
        self.follow_all(Some(item.file), &modules, tree, item.expr, item.chooses);
    }

    fn visit_foreign(&mut self, module: ModuleId, tree: &Tree, expr: ExprId) {
        self.follow_all(None, &[module], tree, expr, false);
    }

    fn follow_all(
        &mut self,
        file: Option<FileId>,
        modules: &[ModuleId],
        tree: &Tree,
        expr: ExprId,
        chooses: bool,
    ) {
        let mut left = vec![(expr, chooses)];
        while let Some((expr, chooses)) = left.pop() {
            if let Some(traversal) = traversal(tree, expr) {
                left.extend(traversal.indexes.iter().map(|index| (*index, true)));
                self.follow(file, modules, traversal, &Part::default(), chooses);
                continue;
            }
            children(tree, expr, chooses, &mut left);
        }
    }

    fn modules_of(&self, file: FileId) -> Vec<ModuleId> {
        self.index.modules.get(&file).cloned().unwrap_or_default()
    }

    /// Follows a traversal in an expression of a file, or of none.
    fn follow(
        &mut self,
        file: Option<FileId>,
        modules: &[ModuleId],
        traversal: Traversal<'_>,
        part: &Part,
        chooses: bool,
    ) {
        if let Some(file) = file {
            for index in &traversal.indexes {
                self.push(Item {
                    file,
                    expr: *index,
                    part: Part::default(),
                    chooses: true,
                });
            }
            self.follow_each(file, &traversal, part, chooses);
        }
        let steps = traversal.steps.as_slice();
        let name = |at: usize| match steps.get(at) {
            Some(Step::Name(name)) => Some(name.as_str()),
            _ => None,
        };
        let behind = |at: usize| part.behind(steps.get(at..).unwrap_or_default());
        for module in modules {
            match (traversal.root, name(0)) {
                ("var", Some(variable)) => {
                    self.variable(*module, variable, &behind(1), chooses);
                }
                ("local", Some(local)) => {
                    self.defined(*module, Name::local(local), &behind(1), chooses);
                }
                ("module" | "component", Some(call)) => {
                    self.call(*module, call, steps.get(1..), part, chooses);
                }
                ("stack", Some(call)) => {
                    self.call(*module, &stack_call(call), steps.get(1..), part, chooses);
                }
                ("run", Some(_)) => {
                    if let Some(output) = name(1) {
                        self.defined(*module, Name::output(output), &behind(2), chooses);
                    }
                }
                (keyword @ ("data" | "ephemeral" | "resource"), Some(ty)) => {
                    let name = name(1).unwrap_or_default();
                    self.resource(
                        (*module, [keyword, ty, name]),
                        steps.get(2..),
                        part,
                        chooses,
                    );
                }
                (ty, Some(name)) => {
                    let key = (*module, ["resource", ty, name]);
                    self.resource(key, steps.get(1..), part, chooses);
                }
                (_, None) => {}
            }
        }
    }

    /// What `each`, `count`, `self` and the iterators of dynamic blocks stand for where an expression stands.
    fn follow_each(&mut self, file: FileId, traversal: &Traversal<'_>, part: &Part, chooses: bool) {
        let Some(written) = self.configuration.tree(file) else {
            return;
        };
        let at = Span {
            start: traversal.at,
            end: traversal.at,
        };
        let mut body = written.root();
        let mut is_top = true;
        while let Some(block) = written.block_in(body, at) {
            body = written.body(block.body);
            let keyword = written.text(block.keyword);
            let (names, argument): (Vec<&str>, &str) = match (is_top, keyword) {
                (true, _) if traversal.root == "count" => (vec!["count"], "count"),
                (true, _) => (vec!["each"], "for_each"),
                (false, "dynamic") => {
                    let iterator = written.attribute(body, "iterator");
                    let iterator = iterator.and_then(|it| match &written.expr(it.expr).kind {
                        ExprKind::Root(root) => Some(written.text(*root)),
                        _ => None,
                    });
                    let label = written.first_label(block);
                    (label.into_iter().chain(iterator).collect(), "for_each")
                }
                _ => (Vec::new(), ""),
            };
            if names.contains(&traversal.root)
                && let Some(attribute) = written.attribute(body, argument)
            {
                let part = match traversal.steps.split_first() {
                    Some((Step::Name(name), rest)) if name == "value" => {
                        let mut steps = vec![Step::Any];
                        steps.extend(rest.iter().cloned());
                        part.behind(&steps)
                    }
                    _ => Part::default(),
                };
                self.push(Item {
                    file,
                    expr: attribute.expr,
                    part,
                    chooses,
                });
            }
            if is_top && traversal.root == "self" {
                self.all_of(file, written, block, chooses);
            }
            is_top = false;
        }
    }

    fn variable(&mut self, module: ModuleId, name: &str, part: &Part, chooses: bool) {
        let read = self.variables.entry((module, name.to_owned())).or_default();
        read.push((part.path.clone(), chooses));
        self.defined(module, Name::variable(name), part, chooses);
        let lines = self.index.lines.get(name).into_iter().flatten();
        for line in lines {
            self.push_ref(*line, part.clone(), chooses);
        }
        let inputs = self.index.inputs.get(&module).into_iter().flatten();
        let input = part.behind(&[Step::Name(name.to_owned())]);
        for inputs in inputs {
            self.push_ref(*inputs, input.clone(), chooses);
        }
        let callers = self.index.callers.get(&module).into_iter().flatten();
        for at in callers {
            let Some((tree, block)) = self.block(*at) else {
                continue;
            };
            let is_module = tree.text(block.keyword) == "module";
            for attribute in tree.attributes_of(tree.body(block.body)) {
                let argument = tree.text(attribute.name);
                let part = match (is_module, argument) {
                    (true, argument) if argument == name => part.clone(),
                    (false, "inputs") => input.clone(),
                    _ => continue,
                };
                let expr = ExprRef {
                    file: at.file,
                    expr: attribute.expr,
                };
                self.push_ref(expr, part, chooses);
            }
        }
    }

    fn block(&self, at: BlockAt) -> Option<(&'w Tree, &'w Block)> {
        let tree = self.configuration.tree(at.file)?;
        Some((tree, tree.blocks.get(at.block)?))
    }

    fn defined(&mut self, module: ModuleId, name: Name, part: &Part, chooses: bool) {
        let key = (module, name);
        self.is_sensitive |= self.index.sensitive.contains(&key);
        let definitions = self.index.definitions.get(&key);
        for definition in definitions.into_iter().flatten() {
            self.push_ref(*definition, part.clone(), chooses);
        }
    }

    /// An output of a call, whichever step names it; all of them where none does; of a module that was not loaded,
    /// everything that it is given.
    fn call(
        &mut self,
        module: ModuleId,
        call: &str,
        steps: Option<&[Step]>,
        part: &Part,
        chooses: bool,
    ) {
        let steps = steps.unwrap_or_default();
        let loaded = self.configuration.module(module);
        let target = loaded.and_then(|module| module.calls.get(call)?.target);
        let Some(target) = target else {
            let calls = self.index.calls.get(&(module, call.to_owned()));
            for block in calls.into_iter().flatten() {
                self.all_of_block(*block, chooses);
            }
            return;
        };
        let outputs = self.configuration.module(target);
        let outputs = outputs.map(|module| &module.outputs);
        for (at, step) in steps.iter().take(2).enumerate() {
            if let Step::Name(name) = step
                && outputs.is_some_and(|outputs| outputs.contains_key(name))
            {
                let part = part.behind(steps.get(at + 1..).unwrap_or_default());
                return self.defined(target, Name::output(name), &part, chooses);
            }
        }
        for name in outputs.into_iter().flat_map(|outputs| outputs.keys()) {
            self.defined(target, Name::output(name), &Part::default(), chooses);
        }
    }

    /// An attribute of a block: what is written for it, else everything in the block.
    fn resource(
        &mut self,
        (module, address): (ModuleId, [&str; 3]),
        steps: Option<&[Step]>,
        part: &Part,
        chooses: bool,
    ) {
        let steps = steps.unwrap_or_default();
        let key = (module, address.map(SmolStr::from));
        let Some(blocks) = self.index.resources.get(&key) else {
            return;
        };
        for at in blocks {
            let Some((tree, block)) = self.block(*at) else {
                continue;
            };
            let body = tree.body(block.body);
            // An instance's key may stand before the attribute's name.
            let named = steps.iter().take(2).enumerate().find_map(|(index, step)| {
                let Step::Name(name) = step else { return None };
                let attribute = tree.attribute(body, name)?;
                Some((attribute, steps.get(index + 1..).unwrap_or_default()))
            });
            // The server makes up ids.
            let is_id = |step: &Step| *step == Step::Name("id".to_owned());
            let is_zenml = address.iter().any(|part| part.starts_with("zenml_"));
            let is_made_up = is_zenml && steps.iter().take(2).any(is_id);
            match named {
                Some((attribute, rest)) => {
                    let expr = ExprRef {
                        file: at.file,
                        expr: attribute.expr,
                    };
                    self.push_ref(expr, part.behind(rest), chooses);
                }
                None if is_made_up => {}
                None => self.all_of_block(*at, chooses),
            }
        }
    }

    fn all_of_block(&mut self, at: BlockAt, chooses: bool) {
        if let Some((tree, block)) = self.block(at) {
            self.all_of(at.file, tree, block, chooses);
        }
    }

    fn all_of(&mut self, file: FileId, tree: &Tree, block: &Block, chooses: bool) {
        let mut bodies = vec![tree.body(block.body)];
        while let Some(body) = bodies.pop() {
            for attribute in tree.attributes_of(body) {
                let expr = ExprRef {
                    file,
                    expr: attribute.expr,
                };
                self.push_ref(expr, Part::default(), chooses);
            }
            let nested = tree.blocks_of(body).iter();
            bodies.extend(nested.map(|block| tree.body(block.body)));
        }
    }

    fn push_ref(&mut self, expr: ExprRef, part: Part, chooses: bool) {
        self.push(Item {
            file: expr.file,
            expr: expr.expr,
            part,
            chooses,
        });
    }
}

/// The traversal that an expression is.
fn traversal(tree: &Tree, expr: ExprId) -> Option<Traversal<'_>> {
    let mut steps = Vec::new();
    let mut indexes = Vec::new();
    let mut at = expr;
    loop {
        match &tree.expr(at).kind {
            ExprKind::Root(root) => {
                steps.reverse();
                return Some(Traversal {
                    root: tree.text(*root),
                    at: tree.expr(at).span.start,
                    steps,
                    indexes,
                });
            }
            ExprKind::GetAttr { object, name, .. } => {
                steps.push(Step::Name(tree.text(*name).to_owned()));
                at = *object;
            }
            ExprKind::Index { object, key } => {
                let plain = match &tree.expr(*key).kind {
                    ExprKind::Number(digits) => Some(tree.text(*digits)),
                    _ => tree.plain_string(*key),
                };
                match plain {
                    Some(key) => steps.push(Step::Name(key.to_owned())),
                    None => {
                        steps.push(Step::Any);
                        indexes.push(*key);
                    }
                }
                at = *object;
            }
            ExprKind::Splat { object, item } => {
                let behind = after_splat(tree, *item)?;
                steps.extend(behind.into_iter().rev());
                steps.push(Step::Any);
                at = *object;
            }
            _ => return None,
        }
    }
}

/// The steps from the element of a splat on; `None` where something is calculated on the way.
fn after_splat(tree: &Tree, item: ExprId) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut at = item;
    loop {
        match &tree.expr(at).kind {
            ExprKind::SplatItem => {
                steps.reverse();
                return Some(steps);
            }
            ExprKind::GetAttr { object, name, .. } => {
                steps.push(Step::Name(tree.text(*name).to_owned()));
                at = *object;
            }
            _ => return None,
        }
    }
}

/// The expressions directly inside of one that is no traversal, each with whether it only chooses.
fn children(tree: &Tree, expr: ExprId, chooses: bool, out: &mut Vec<(ExprId, bool)>) {
    let mut add = |expr: ExprId| out.push((expr, chooses));
    match &tree.expr(expr).kind {
        ExprKind::GetAttr { object, .. } => add(*object),
        ExprKind::Index { object, key } => {
            add(*object);
            out.push((*key, true));
        }
        ExprKind::Splat { object, item } => {
            add(*object);
            add(*item);
        }
        ExprKind::Call { arguments, .. } => arguments.iter().for_each(|expr| add(*expr)),
        ExprKind::Conditional {
            condition,
            if_true,
            if_false,
        } => {
            add(*if_true);
            add(*if_false);
            out.push((*condition, true));
        }
        ExprKind::Unary { operand, .. } => add(*operand),
        ExprKind::Binary { left, right, .. } => {
            add(*left);
            add(*right);
        }
        ExprKind::Parens(inner) => add(*inner),
        ExprKind::Tuple(items) => items.iter().for_each(|expr| add(*expr)),
        ExprKind::Object(items) => items.iter().for_each(|item| {
            add(item.key);
            add(item.value);
        }),
        ExprKind::For(each) => children_of_for(each, chooses, out),
        ExprKind::Template(template) => children_of_template(template, chooses, out),
        ExprKind::Invalid
        | ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Root(_)
        | ExprKind::SplatItem => {}
    }
}

fn children_of_for(each: &ForExpr, chooses: bool, out: &mut Vec<(ExprId, bool)>) {
    let made = [Some(each.collection), each.result_key, Some(each.result)];
    out.extend(made.into_iter().flatten().map(|expr| (expr, chooses)));
    out.extend(each.condition.map(|condition| (condition, true)));
}

fn children_of_template(template: &Template, chooses: bool, out: &mut Vec<(ExprId, bool)>) {
    let mut left: Vec<&TemplatePart> = template.parts.iter().collect();
    while let Some(part) = left.pop() {
        match part {
            TemplatePart::Literal { .. } => {}
            TemplatePart::Interpolation(expr) => out.push((*expr, chooses)),
            TemplatePart::If(directive) => {
                out.push((directive.condition, true));
                left.extend(directive.if_true.iter().chain(&directive.if_false));
            }
            TemplatePart::For(directive) => {
                out.push((directive.collection, chooses));
                left.extend(&directive.body);
            }
        }
    }
}
