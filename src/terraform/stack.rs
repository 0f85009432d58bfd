//! Stack configurations, seen as modules.

use std::path::Path;

use super::module::{Builder, File};
use super::reference::stack_call;
use super::{Argument, Block, Module};
use crate::syntax::{self, ExprKind};

/// What stands beside `inputs` in a component and means the same as in a module call.
const META_ARGUMENTS: [&str; 3] = ["source", "for_each", "providers"];

/// Puts a stack configuration together from its files.
pub(super) fn build(dir: &Path, files: &[File<'_>]) -> Module {
    let mut builder = Builder::default();
    for file in files {
        for block in file.blocks() {
            add(&mut builder, *file, block);
        }
    }
    Module {
        is_stack: true,
        ..builder.finish(dir.to_path_buf(), files, &[])
    }
}

fn add(builder: &mut Builder, file: File<'_>, block: &syntax::Block) {
    match file.tree.text(block.keyword) {
        "required_providers" => builder.add_requirements(file, block),
        "provider" => builder.providers.add_labelled(provider(file, block), false),
        "component" | "stack" => add_call(builder, file, block),
        "variable" | "locals" | "output" => builder.add(file, block),
        _ => {}
    }
}

/// A `provider` block with the arguments of its `config`.
fn provider(file: File<'_>, written: &syntax::Block) -> Block {
    let mut block = file.block(written);
    let config = block.blocks.iter().position(|b| b.keyword == "config");
    if let Some(config) = config.map(|at| block.blocks.remove(at)) {
        block.arguments.extend(config.arguments);
        block.blocks.extend(config.blocks);
    }
    block
}

/// A `component` or `stack` block with its inputs for arguments, as far as they are written one by one.
fn add_call(builder: &mut Builder, file: File<'_>, written: &syntax::Block) {
    let mut block = file.block(written);
    let Some(label) = block.labels.first() else {
        return;
    };
    let name = match block.keyword.as_str() {
        "stack" => stack_call(label),
        _ => label.clone(),
    };
    if builder.calls.contains_key(&name) {
        return;
    }
    let inputs = block.arguments.get("inputs").cloned();
    block
        .arguments
        .retain(|name, _| META_ARGUMENTS.contains(&name.as_str()));
    if let Some(inputs) = inputs {
        let (entries, are_all) = entries(file, &inputs);
        if !are_all {
            builder.with_other_arguments.insert(name.clone());
        }
        let given = std::mem::take(&mut block.arguments);
        // Of equal keys a map takes the last.
        let entries = entries.into_iter().rev();
        block.arguments = entries
            .map(|input| (input.name.clone(), input))
            .chain(given)
            .collect();
    }
    builder.calls.insert(name, block);
}

/// The entries that are written one by one, and whether these are all.
fn entries(file: File<'_>, argument: &Argument) -> (Vec<Argument>, bool) {
    let ExprKind::Object(items) = &file.tree.expr(argument.expr.expr).kind else {
        return (Vec::new(), false);
    };
    let entry = |item: &syntax::ObjectItem| {
        let (key, value) = (file.tree.expr(item.key), file.tree.expr(item.value));
        Some(Argument {
            name: file.tree.reference(item.key)?.into(),
            name_at: file.at(key.span),
            span: file.at(key.span.to(value.span)),
            expr: file.expr(item.value),
        })
    };
    let entries: Vec<Argument> = items.iter().filter_map(entry).collect();
    let are_all = entries.len() == items.len();
    (entries, are_all)
}
