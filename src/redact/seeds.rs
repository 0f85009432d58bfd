//! Where credentials and secret settings are given: the seeds of the backward slice.

use rustc_hash::FxHashMap;

use crate::source::{FileId, Span};
use crate::syntax::{Attribute, Block, Body, ExprId, ExprKind, TemplatePart, Tree};
use crate::terraform::{Configuration, ExprRef, Seed, Slice};
use crate::zenml::provider;
use crate::zenml::schema::{Argument, BlockKind, Field, Schema};

/// The slice of every credential and secret setting of a configuration, and of every field that no schema knows.
pub fn slice(configuration: &Configuration) -> Slice {
    let mut names: FxHashMap<FileId, Vec<&str>> = FxHashMap::default();
    for (_, module) in configuration.modules_with_ids() {
        let of_module = module.local_names(&provider::SOURCES, provider::LOCAL_NAME);
        let tests = module.test_files.iter().map(|test| test.file);
        for file in module.files.iter().copied().chain(tests) {
            let of_file = names.entry(file).or_default();
            of_file.extend(of_module.iter().map(String::as_str));
        }
    }
    let mut seeds = Vec::new();
    for ((file, source), tree) in configuration.sources.iter().zip(&configuration.trees) {
        let mut of_file = OfFile {
            file,
            tree,
            seeds: &mut seeds,
        };
        of_file.add(names.get(&file).map_or(&[], Vec::as_slice));
        of_file.add_passwords();
        if !source.is_inside {
            of_file.add_texts();
        }
    }
    Slice::new(configuration, seeds)
}

/// What a schema says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Its value may be shown.
    Open,
    /// A map, of which the keys say it.
    Map,
    /// It is secret, or nothing is known of it.
    Closed,
}

/// What the schema says of an argument of a zenml block, whatever the version.
pub(super) fn argument(keyword: &str, ty: &str, name: &str) -> Known {
    if keyword == "provider" {
        return match name {
            "api_key" | "api_token" => Known::Closed,
            _ if provider::is_known(name) => Known::Open,
            _ => Known::Closed,
        };
    }
    if provider::RESOURCE_META_ARGUMENTS.contains(&name) {
        return Known::Open;
    }
    let kind = match keyword {
        "resource" => BlockKind::Resource,
        "data" => BlockKind::Data,
        _ => return Known::Closed,
    };
    let versions = Schema::providers().iter();
    let known: Vec<&Argument> = versions
        .filter_map(|provider| provider.block(kind, ty)?.argument(name))
        .filter(|argument| argument.is_settable())
        .collect();
    match name {
        "configuration" if !known.is_empty() => Known::Map,
        "values" if ty == "zenml_secret" => Known::Closed,
        _ if known.is_empty() || known.iter().any(|argument| argument.sensitive) => Known::Closed,
        _ => Known::Open,
    }
}

/// The fields that a `configuration` may hold and that are not secret: where flavor or method are written out, theirs.
pub(super) fn open_fields(tree: &Tree, body: &Body, ty: &str) -> Vec<&'static str> {
    let text = |name: &str| {
        let mut named = tree
            .attributes_of(body)
            .iter()
            .filter(|attribute| tree.text(attribute.name) == name);
        let first = named.next()?;
        // Of two, nobody knows which counts.
        named.next().is_none().then_some(())?;
        tree.plain_string(first.expr)
    };
    let fields = |zenml: &'static crate::zenml::schema::Zenml| -> Option<&'static [Field]> {
        match ty {
            "zenml_stack_component" => {
                let ty = zenml.component_type(text("type")?)?;
                Some(ty.flavor(text("flavor")?)?.fields)
            }
            "zenml_service_connector" => {
                let ty = zenml.connector_type(text("type")?)?;
                Some(ty.auth_method(text("auth_method")?)?.fields)
            }
            _ => None,
        }
    };
    let lists: Vec<&[Field]> = Schema::zenmls().iter().filter_map(fields).collect();
    let all = lists.iter().flat_map(|list| list.iter());
    let mut open: Vec<&'static str> = all
        .clone()
        .map(|field| field.name)
        .filter(|name| !all.clone().any(|field| field.name == *name && field.secret))
        .collect();
    open.sort_unstable();
    open.dedup();
    open
}

struct OfFile<'a> {
    file: FileId,
    tree: &'a Tree,
    seeds: &'a mut Vec<Seed>,
}

impl<'a> OfFile<'a> {
    fn add(&mut self, provider_names: &[&str]) {
        let tree = self.tree;
        for block in tree.blocks_of(tree.root()) {
            let keyword = tree.text(block.keyword);
            let label = tree.first_label(block).unwrap_or_default();
            let is_zenml = match keyword {
                "provider" => label == provider::LOCAL_NAME || provider_names.contains(&label),
                "resource" | "data" | "ephemeral" => label.starts_with("zenml_"),
                _ => false,
            };
            if is_zenml {
                self.add_block(keyword, label, block);
            }
        }
    }

    fn add_block(&mut self, keyword: &str, ty: &str, block: &Block) {
        let tree = self.tree;
        let body = tree.body(block.body);
        for attribute in tree.attributes_of(body) {
            self.add_argument((keyword, ty), body, attribute);
        }
        for nested in tree.blocks_of(body) {
            match (keyword, tree.text(nested.keyword)) {
                // Of a stack.
                ("provider", "config") => {
                    let body = tree.body(nested.body);
                    for attribute in tree.attributes_of(body) {
                        self.add_argument((keyword, ty), body, attribute);
                    }
                    tree.blocks_of(body).iter().for_each(|it| self.add_all(it));
                }
                (_, "lifecycle" | "timeouts") => {}
                _ => self.add_all(nested),
            }
        }
    }

    /// What is put into a URL before its host: a user's name and password.
    fn add_passwords(&mut self) {
        let tree = self.tree;
        for expr in &tree.exprs {
            let ExprKind::Template(template) = &expr.kind else {
                continue;
            };
            let mut inserted = Vec::new();
            let mut is_url = false;
            for part in &template.parts {
                match part {
                    TemplatePart::Literal { text, .. } => {
                        let text = tree.text(*text);
                        if is_url && text.contains('@') {
                            inserted.drain(..).for_each(|expr| self.seed(expr, None));
                        }
                        is_url |= text.contains("://");
                    }
                    TemplatePart::Interpolation(expr) => {
                        inserted.push(*expr);
                        // It may be the scheme itself.
                        is_url |= inserted.len() == 1;
                    }
                    TemplatePart::If(_) | TemplatePart::For(_) => {}
                }
            }
        }
    }

    /// Every text: of a file outside the repository, nothing is shown.
    fn add_texts(&mut self) {
        for (index, expr) in self.tree.exprs.iter().enumerate() {
            if matches!(expr.kind, ExprKind::Template(_)) {
                self.seed(ExprId(Span::new(index, index).start), None);
            }
        }
    }

    fn add_argument(&mut self, (keyword, ty): (&str, &str), body: &Body, attribute: &Attribute) {
        let except = match argument(keyword, ty, self.tree.text(attribute.name)) {
            Known::Open => return,
            Known::Map => Some(open_fields(self.tree, body, ty)),
            Known::Closed => None,
        };
        self.seed(attribute.expr, except);
    }

    fn seed(&mut self, expr: ExprId, except: Option<Vec<&'static str>>) {
        if !matches!(self.tree.expr(expr).kind, ExprKind::Null) {
            let file = self.file;
            let expr = ExprRef { file, expr };
            self.seeds.push(Seed { expr, except });
        }
    }

    fn add_all(&mut self, block: &Block) {
        let body = self.tree.body(block.body);
        for attribute in self.tree.attributes_of(body) {
            self.seed(attribute.expr, None);
        }
        let nested = self.tree.blocks_of(body);
        nested.iter().for_each(|nested| self.add_all(nested));
    }
}
