//! What a fix would do, as a unified diff.

use similar::TextDiff;

/// The changes from one text to another in the format of `diff -u`, for `patch -p1`. `None` before: a file that is made.
pub fn unified(path: &str, before: Option<&str>, after: &str) -> String {
    let old = match before {
        Some(_) => name(&format!("a/{path}")),
        None => "/dev/null".to_owned(),
    };
    let diff = TextDiff::from_lines(before.unwrap_or_default(), after);
    diff.unified_diff()
        .context_radius(3)
        .header(&old, &name(&format!("b/{path}")))
        .to_string()
}

/// A file name as `patch` reads it: a tab ends one with blanks, quotes stand around one that would end the line.
fn name(path: &str) -> String {
    if path.contains(|c: char| c.is_control() || c == '"' || c == '\\') {
        let escaped: String = path.bytes().map(escape).collect();
        return format!("\"{escaped}\"");
    }
    let end = if path.contains(' ') { "\t" } else { "" };
    format!("{path}{end}")
}

fn escape(byte: u8) -> String {
    match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}
