//! Lines that no tree explains: of files that do not parse, and of those in other languages.
//!
//! Shown is what cannot be a value: punctuation, words of the language, names that something is given to, references.

use std::ops::Range;
use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use crate::zenml::provider;
use crate::zenml::schema::Schema;

/// Words of the language and of its built-in blocks and arguments.
const WORDS: &[&str] = &[
    "action",
    "alias",
    "any",
    "backend",
    "bool",
    "cloud",
    "component",
    "condition",
    "config",
    "content",
    "count",
    "data",
    "default",
    "depends_on",
    "deployment",
    "description",
    "dynamic",
    "each",
    "else",
    "endfor",
    "endif",
    "ephemeral",
    "error_message",
    "false",
    "for",
    "for_each",
    "if",
    "import",
    "in",
    "inputs",
    "iterator",
    "lifecycle",
    "list",
    "local",
    "locals",
    "map",
    "module",
    "moved",
    "null",
    "nullable",
    "number",
    "object",
    "optional",
    "output",
    "path",
    "provider",
    "providers",
    "removed",
    "required_providers",
    "required_version",
    "resource",
    "run",
    "self",
    "sensitive",
    "set",
    "source",
    "stack",
    "string",
    "terraform",
    "true",
    "tuple",
    "type",
    "validation",
    "value",
    "values",
    "var",
    "variable",
    "variables",
    "version",
];

/// The blocks whose headers have labels.
const LABELLED: &[&str] = &[
    "action",
    "backend",
    "component",
    "data",
    "deployment",
    "dynamic",
    "ephemeral",
    "module",
    "output",
    "provider",
    "resource",
    "run",
    "stack",
    "variable",
];

/// What begins a reference.
const ROOTS: &[&str] = &[
    "data",
    "each",
    "local",
    "module",
    "path",
    "terraform",
    "var",
];

/// Everything that the schema has a name for.
static NAMES: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    let mut names: FxHashSet<&'static str> = WORDS.iter().copied().collect();
    names.extend(provider::ARGUMENTS.iter().map(|argument| argument.name));
    names.extend(provider::RESOURCE_META_ARGUMENTS);
    for provider in Schema::providers() {
        for block in provider.blocks {
            names.insert(block.name);
            names.extend(block.arguments.iter().map(|argument| argument.name));
            names.extend(block.blocks.iter().map(|block| block.name));
        }
        names.extend(provider.component_types);
    }
    for zenml in Schema::zenmls() {
        let methods = zenml.connector_types.iter().flat_map(|ty| ty.auth_methods);
        let flavors = zenml.component_types.iter().flat_map(|ty| ty.flavors);
        let fields = methods
            .map(|it| it.fields)
            .chain(flavors.map(|it| it.fields));
        names.extend(fields.flatten().map(|field| field.name));
    }
    names
});

/// Whether a word belongs to the language, or is a name in a schema.
pub(super) fn is_known_word(word: &str) -> bool {
    NAMES.contains(word)
}

/// What must not be seen of a line of Terraform that does not parse.
pub(super) fn hidden_in_line(line: &str) -> Vec<Range<usize>> {
    let code = line.find(['#']).map_or(line.len(), |at| at);
    let code = line.find("//").map_or(code, |at| at.min(code));
    let code = line.find("/*").map_or(code, |at| at.min(code));
    let (before, _) = line.split_at_checked(code).unwrap_or((line, ""));
    let quote = before.find(is_quote);
    let labels = quote.is_some() && is_header(before);
    let bare = match quote {
        Some(at) if !labels => before.get(..at).unwrap_or_default(),
        _ => before,
    };
    let mut hidden = Vec::new();
    for word in words(bare) {
        if labels && word.start >= quote.unwrap_or_default() {
            break;
        }
        if !is_open(bare, &word) {
            hidden.push(word);
        }
    }
    let rest = if labels { code } else { bare.len() };
    if rest < line.len() {
        // The sign that begins it says what it is.
        let sign = line.get(rest..).and_then(|rest| rest.chars().next());
        hidden.push(rest + sign.map_or(0, char::len_utf8)..line.len());
    }
    hidden
}

/// What must not be seen of a line in the language of the program's own configuration.
pub(super) fn hidden_in_setting(line: &str) -> Vec<Range<usize>> {
    let trimmed = line.trim_start();
    let start = line.len() - trimmed.len();
    let table = trimmed.trim_end().trim_start_matches('[');
    let table = table.trim_end_matches(']').trim();
    if trimmed.starts_with('[')
        && table
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
    {
        return Vec::new();
    }
    let value = trimmed.find('=').map_or(0, |at| at + 1);
    let name = trimmed.get(..value).unwrap_or_default();
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ' | '=');
    // Words beside each other are no key.
    let is_one = name.trim_end_matches('=').split_whitespace().count() == 1;
    let from = if is_one && name.chars().all(is_name) {
        start + value
    } else {
        start
    };
    let rest = line.get(from..).unwrap_or_default();
    let is_plain = |word: &str| matches!(word, "true" | "false");
    words(rest)
        .filter(|word| rest.get(word.clone()).is_none_or(|word| !is_plain(word)))
        .map(|word| from + word.start..from + word.end)
        .collect()
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '<') || matches!(u32::from(c), 0x2018..=0x201f | 0xab | 0xbb)
}

/// Whether a line is the header of a block with its labels, and nothing else.
fn is_header(line: &str) -> bool {
    let mut parts = line.trim().split('"');
    let keyword = parts.next().unwrap_or_default().trim();
    let rest: Vec<&str> = parts.collect();
    let is_label = |text: &str| {
        let mut characters = text.chars();
        characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*'))
    };
    LABELLED.contains(&keyword)
        && rest.len().is_multiple_of(2)
        && rest
            .iter()
            .enumerate()
            .all(|(index, text)| match index % 2 {
                0 => is_label(text),
                _ => matches!(text.trim(), "" | "{" | "{}"),
            })
}

/// Letters, digits and what joins them. Signs that a value without quotes may have belong to it.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_sign = |c: char| {
        c.is_ascii_whitespace()
            || matches!(c, '=' | '{' | '}' | '(' | ')' | '[' | ']' | ',' | ':' | '?')
    };
    let mut start = 0;
    text.split_inclusive(is_sign).filter_map(move |part| {
        let from = start;
        start += part.len();
        let word = part.trim_end_matches(is_sign);
        (!word.is_empty()).then(|| from..from + word.len())
    })
}

/// Whether a word is one of the language's, a number, a reference, or a name that something is given to.
fn is_open(line: &str, word: &Range<usize>) -> bool {
    let text = line.get(word.clone()).unwrap_or_default();
    let behind = line.get(word.end..).unwrap_or_default().trim_start();
    let before = line.get(..word.start).unwrap_or_default();
    let is_name = |text: &str| {
        let mut characters = text.chars();
        characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    let is_given = before.trim().is_empty() && behind.starts_with('=') && !behind.starts_with("==");
    let is_number = text.len() < 10 && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_reference = text
        .split_once('.')
        .is_some_and(|(root, rest)| ROOTS.contains(&root) && rest.split('.').all(is_name));
    let is_operator = !text.contains(|c: char| c.is_alphanumeric());
    is_known_word(text)
        || is_number
        || is_operator && text.chars().count() < 4
        || is_reference
        || (is_given && is_name(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(line: &str, hide: fn(&str) -> Vec<Range<usize>>) -> String {
        let hidden = hide(line);
        line.char_indices()
            .map(
                |(at, c)| match hidden.iter().any(|range| range.contains(&at)) {
                    true => '*',
                    false => c,
                },
            )
            .collect()
    }

    #[test]
    fn of_a_broken_line_structure_is_seen() {
        for (line, shown) in [
            ("  api_key = \"hunter2", "  api_key = \"*******"),
            ("  api_key = ”hunter2”", "  api_key = ”********"),
            ("  api_key = `hunter2`", "  api_key = `********"),
            ("  api_key = hunter2", "  api_key = *******"),
            ("  api_key = var.key", "  api_key = var.key"),
            ("  x = <<\"EOT\"", "  x = <******"),
            (
                "resource \"zenml_stack\" \"main\" {",
                "resource \"zenml_stack\" \"main\" {",
            ),
            ("resource \"a b\" {", "resource \"******"),
            ("correct horse", "******* *****"),
            ("count = 3 # S", "count = 3 #**"),
            ("x = pass-word!", "x = **********"),
        ] {
            assert_eq!(masked(line, hidden_in_line), shown);
        }
    }

    #[test]
    fn of_a_setting_keys_are_seen() {
        for (line, shown) in [
            ("fail-on = \"hunter2\"", "fail-on = *********"),
            ("[rules]", "[rules]"),
            ("hunter2", "*******"),
            ("a hunter2 = 1", "* ******* = *"),
            ("[rules] hunter2", "[*****] *******"),
            ("[[ custom ]]", "[[ custom ]]"),
            ("required = true", "required = true"),
            ("a = [\"x\",", "a = [***,"),
        ] {
            assert_eq!(masked(line, hidden_in_setting), shown);
        }
    }
}
