//! `required_providers`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::module::File;
use super::{Argument, Configuration, ModuleCall, RequiredProvider};
use crate::source::Location;
use crate::syntax::{self, ExprId, ExprKind, ObjectItem, Tree};

/// What the `terraform` blocks of a module require.
#[derive(Default)]
pub(super) struct RequiredProviders {
    pub entries: BTreeMap<String, RequiredProvider>,
    /// The first block's header.
    pub header: Option<Location>,
}

impl RequiredProviders {
    /// Adds a `required_providers` block. Of two entries of a name the first counts, unless an override file has the second.
    pub fn add_body(&mut self, file: File<'_>, block: &syntax::Block) {
        self.header.get_or_insert(file.at(block.header_span));
        for (_, entry) in file.arguments(file.tree.body(block.body)) {
            self.add(file, entry);
        }
    }

    fn add(&mut self, file: File<'_>, entry: Argument) {
        match self.entries.entry(entry.name.to_string()) {
            Entry::Vacant(place) => {
                place.insert(required(file, entry));
            }
            Entry::Occupied(mut known) if file.is_override => {
                known.insert(required(file, entry));
            }
            Entry::Occupied(_) => {}
        }
    }
}

impl Configuration {
    /// What a module call passes as `providers`: the name in the called module and the one in the calling, as written
    /// (`zenml`, `zenml.other`), in order.
    pub fn passed_providers(&self, call: &ModuleCall) -> Vec<(String, String)> {
        let Some(argument) = call.block.arguments.get("providers") else {
            return Vec::new();
        };
        let Some(tree) = self.tree(argument.expr.file) else {
            return Vec::new();
        };
        objects(tree, argument.expr.expr)
            .filter_map(|item| Some((tree.reference(item.key)?, tree.reference(item.value)?)))
            .collect()
    }
}

fn required(file: File<'_>, entry: Argument) -> RequiredProvider {
    let tree = file.tree;
    let string = |expr: ExprId| {
        let text = tree.plain_string(expr)?.to_owned();
        Some((text, file.at(tree.expr(expr).span)))
    };
    let value = entry.expr.expr;
    let field = |name: &str| {
        objects(tree, value)
            .find(|item| tree.reference(item.key).as_deref() == Some(name))
            .map(|item| item.value)
    };
    let aliases = field("configuration_aliases").map(|list| match &tree.expr(list).kind {
        ExprKind::Tuple(names) => names
            .iter()
            .filter_map(|name| tree.reference(*name))
            .collect(),
        _ => Vec::new(),
    });
    RequiredProvider {
        source: field("source").and_then(string),
        // Terraform 0.12 had the constraint alone.
        version: field("version").map_or_else(|| string(value), string),
        aliases: aliases.unwrap_or_default(),
        entry,
    }
}

/// The entries of an object; of the objects in a list, those of all.
fn objects(tree: &Tree, expr: ExprId) -> impl Iterator<Item = &ObjectItem> {
    let all = match &tree.expr(expr).kind {
        ExprKind::Tuple(elements) => elements.to_vec(),
        _ => vec![expr],
    };
    all.into_iter()
        .flat_map(|expr| match &tree.expr(expr).kind {
            ExprKind::Object(items) => items.as_slice(),
            _ => &[],
        })
}
