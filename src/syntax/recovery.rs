//! What a line looks like: where to go on after something that does not parse.

use super::lexer::identifier_length;

/// What a line seems to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// `name =`
    Attribute,
    /// `keyword "label" {`
    Block,
    /// `}`
    Close,
}

/// The blocks that stand at the top of a Terraform file and nowhere else (or hardly), with their number of labels.
const TOP_LEVEL: [(&str, usize); 14] = [
    ("terraform", 0),
    ("provider", 1),
    ("resource", 2),
    ("data", 2),
    ("ephemeral", 2),
    ("variable", 1),
    ("output", 1),
    ("module", 1),
    ("locals", 0),
    ("moved", 0),
    ("import", 0),
    ("removed", 0),
    ("check", 1),
    ("run", 1),
];

impl Look {
    /// What a line, blanks before it included, looks like.
    pub fn of(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.starts_with('}') {
            return Some(Self::Close);
        }
        let rest = name(line)?.1;
        if let Some(value) = rest.strip_prefix('=') {
            return (!value.starts_with(['=', '>'])).then_some(Self::Attribute);
        }
        header(line).map(|_| Self::Block)
    }
}

/// Whether a line looks like the header of a block that stands at the top of a file.
pub(super) fn is_top_level_header(line: &str) -> bool {
    header(line.trim()).is_some_and(|found| TOP_LEVEL.contains(&found))
}

/// The number of blanks that a line starts with.
pub(super) fn indentation(line: &str) -> usize {
    line.bytes()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()
}

/// A name and what comes after it and the blanks behind it.
fn name(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_at_checked(identifier_length(text))?;
    (!name.is_empty()).then(|| (name, rest.trim_start()))
}

/// Keyword and number of labels of a block's header that ends in `{` (and perhaps more).
fn header(line: &str) -> Option<(&str, usize)> {
    let (keyword, mut rest) = name(line)?;
    let mut labels = 0;
    while !rest.starts_with('{') {
        rest = match rest.strip_prefix('"') {
            Some(label) => label.split_once('"')?.1.trim_start(),
            None => name(rest)?.1,
        };
        labels += 1;
    }
    Some((keyword, labels))
}
