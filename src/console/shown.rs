//! What of a value is unknown, and what can be said of it all the same.

use unicode_ident::{is_xid_continue, is_xid_start};

use crate::eval::{Kind, Value};

/// The texts of a value itself: of its members, only the keys.
pub(super) fn own_texts(value: &Value) -> impl Iterator<Item = &str> {
    let keys = match &value.kind {
        Kind::Map(_, members) | Kind::Object(members) => Some(members.keys()),
        _ => None,
    };
    let prefix = match &value.kind {
        Kind::Unknown(unknown) => Some(&*unknown.prefix),
        _ => None,
    };
    let keys = keys.into_iter().flatten().map(|key| &**key);
    keys.chain(prefix).chain(value.as_str())
}

/// Whether nothing of a value can be written down.
pub(super) fn is_unknown(value: &Value) -> bool {
    match &value.kind {
        Kind::Unknown(_) => true,
        // Too many digits.
        Kind::Number(number) => number.to_text().is_none(),
        _ => false,
    }
}

/// The paths of what is unknown within a value, in its order: `[0].a["b c"]`. A sensitive member is not looked into.
pub(super) fn unknown_paths(value: &Value, look_into_sensitive: bool) -> Vec<String> {
    let mut paths = Vec::new();
    collect(value, look_into_sensitive, &mut String::new(), &mut paths);
    paths
}

fn collect(value: &Value, into_sensitive: bool, path: &mut String, paths: &mut Vec<String>) {
    let closed = value.sensitive && !into_sensitive && !value.is_wholly_known();
    if closed || is_unknown(value) {
        paths.push(path.clone());
        return;
    }
    let length = path.len();
    for (position, member) in value.members().enumerate() {
        match key(value, position) {
            Some(key) if is_identifier(key) => path.extend([".", key]),
            Some(key) => path.push_str(&format!("[{}]", serde_json::Value::from(key))),
            None => path.push_str(&format!("[{position}]")),
        }
        collect(member, into_sensitive, path, paths);
        path.truncate(length);
    }
}

fn key(value: &Value, position: usize) -> Option<&str> {
    match &value.kind {
        Kind::Map(_, members) | Kind::Object(members) => {
            members.keys().nth(position).map(|key| &**key)
        }
        _ => None,
    }
}

pub(super) fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    first.is_some_and(|c| is_xid_start(c) || c == '_')
        && characters.all(|c| is_xid_continue(c) || c == '-')
}

/// How an unknown string surely begins and ends.
pub(super) fn known_ends(value: &Value) -> (String, String) {
    let Kind::Unknown(unknown) = &value.kind else {
        return (String::new(), String::new());
    };
    let pieces = value.pieces();
    let texts = || pieces.iter().map(|piece| piece.text.as_deref());
    let prefix: String = texts().map_while(|text| text).collect();
    let mut suffix: Vec<&str> = texts().rev().map_while(|text| text).collect();
    suffix.reverse();
    let prefix = if prefix.len() > unknown.prefix.len() {
        prefix
    } else {
        unknown.prefix.to_string()
    };
    (prefix, suffix.concat())
}
