//! What a finding is known by when the lines around it move: never its line number, never a secret.

use sha2::{Digest, Sha256};

use crate::finding::Finding;
use crate::redact::Redactor;
use crate::source::{SourceFile, Sources, Span};

/// How many bytes of a line count, before the finding and from it on: enough to tell places apart, and few enough that a
/// line of megabytes with a thousand findings costs no more than its length.
const BEFORE: usize = 200;
const AFTER: usize = 400;
/// How many bytes of a hash are kept.
const LENGTH: usize = 16;

/// What stands where a finding begins, as a hash: its line, secrets masked, whatever the blanks in it.
pub fn context(sources: &Sources, redactor: &Redactor<'_>, finding: &Finding) -> String {
    let place = finding.primary;
    let file = sources.get(place.file);
    let line = file.map(|file| around(file, place.span.start as usize));
    let line = line.map(|line| redactor.line(place.file, line, &finding.about));
    let line = line.unwrap_or_default();
    let words: Vec<&str> = line
        .trim_start_matches('\u{feff}')
        .split_whitespace()
        .collect();
    hash(&[&words.join(" ")])
}

/// The line of an offset; of a long one, what is around that.
fn around(file: &SourceFile, at: usize) -> Span {
    let line = file.line_span(file.line_at(at)).range();
    let start = line.start.max(at.saturating_sub(BEFORE));
    let end = line.end.min(at.saturating_add(AFTER));
    let cut = |at| file.text.floor_char_boundary(at);
    Span::new(cut(start), cut(end))
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
