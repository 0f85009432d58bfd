//! What a fix would do, as a unified diff.

use similar::TextDiff;

/// The changes from one text to another in the format of `diff -u`, for `patch -p1`; `None` for a file that is made.
pub fn unified(path: &str, before: Option<&str>, after: &str) -> String {
    let old = before.map_or_else(|| "/dev/null".to_owned(), |_| format!("a/{path}"));
    let diff = TextDiff::from_lines(before.unwrap_or_default(), after);
    diff.unified_diff()
        .context_radius(3)
        .header(&old, &format!("b/{path}"))
        .to_string()
}
