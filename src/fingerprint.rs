//! What a finding is known by when the lines around it move: never its line number, never a secret.

use sha2::{Digest, Sha256};

use crate::redact::Redactor;
use crate::source::{Location, SourceFile, Sources};

/// How many bytes of a line count, before the finding and from it on: enough to tell places apart, and few enough that a
/// line of megabytes with a thousand findings costs no more than its length.
const BEFORE: usize = 200;
const AFTER: usize = 400;
/// How many bytes of a hash are kept.
const LENGTH: usize = 16;

/// What stands where a finding begins, as a hash: its line, secrets masked, whatever the blanks in it.
pub fn context(sources: &Sources, redactor: &Redactor<'_>, place: Location) -> String {
    let file = sources.get(place.file);
    let line = file.map_or("", |file| {
        around(file, redactor.masked(place.file), place.span.start as usize)
    });
    let words: Vec<&str> = line
        .trim_start_matches('\u{feff}')
        .split_whitespace()
        .collect();
    hash(&[&words.join(" ")])
}

/// The line of an offset, in a text with the same line breaks as the file's.
fn around<'t>(file: &SourceFile, text: &'t str, at: usize) -> &'t str {
    let line = file.line_span(file.line_at(at)).range();
    let start = line.start.max(at.saturating_sub(BEFORE));
    let end = line.end.min(at.saturating_add(AFTER));
    let cut = |at| text.floor_char_boundary(at);
    text.get(cut(start)..cut(end)).unwrap_or_default()
}

/// A hash of some texts, in hexadecimal.
pub fn hash(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.len().to_le_bytes());
        hasher.update(text);
    }
    let bytes = hasher.finalize();
    let bytes = bytes.iter().take(LENGTH);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
