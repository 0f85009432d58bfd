//! Filesystem functions. Only those that look at the path alone have a known result.

use super::arguments::{string, text};
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::types::Type;
use crate::eval::value::Value;

pub(super) fn functions() -> Vec<Function> {
    let path = || Parameter::new("path", Type::String);
    let reads = |name, result| Function::impure(name, result).takes(path());
    let mut functions = vec![
        Function::new("basename", Type::String, |arguments, _| {
            Ok(string(base_name(text(arguments, 0)?)))
        })
        .takes(path())
        .not_null(),
        Function::new("dirname", Type::String, |arguments, _| {
            Ok(string(directory_name(text(arguments, 0)?)))
        })
        .takes(path())
        .not_null(),
        Function::new("pathexpand", Type::String, path_expand)
            .takes(path())
            .not_null(),
        reads("abspath", Type::String),
        reads("fileexists", Type::Bool),
        Function::impure("fileset", Type::set(Type::String))
            .takes(path())
            .takes(Parameter::new("pattern", Type::String)),
        Function::impure("templatefile", Type::Dynamic)
            .takes(path())
            .takes(Parameter::new("vars", Type::Dynamic)),
    ];
    let texts = [
        "file",
        "filebase64",
        "filebase64sha256",
        "filebase64sha512",
        "filemd5",
        "filesha1",
        "filesha256",
        "filesha512",
    ];
    functions.extend(texts.map(|name| reads(name, Type::String)));
    functions
}

fn base_name(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let path = path.trim_end_matches('/');
    match path.rsplit('/').next() {
        None | Some("") => "/",
        Some(name) => name,
    }
}

fn directory_name(path: &str) -> String {
    let end = path.rfind('/').map_or(0, |at| at + 1);
    clean(path.get(..end).unwrap_or_default())
}

/// The shortest path that means the same, without looking at the files.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            _ => parts.push(part),
        }
    }
    let path = parts.join("/");
    match (rooted, path.is_empty()) {
        (true, _) => format!("/{path}"),
        (false, true) => ".".into(),
        (false, false) => path,
    }
}

fn path_expand(arguments: &[Value], _: &Type) -> Outcome {
    let path = text(arguments, 0)?;
    match path.strip_prefix('~') {
        None => arguments.first().cloned().ok_or(Failure::Unknown),
        Some(rest) if rest.is_empty() || rest.starts_with(['/', '\\']) => Err(Failure::Unknown),
        Some(_) => Err(Failure::argument(0, "names another user's home directory")),
    }
}
