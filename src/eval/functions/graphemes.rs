//! Characters as people see them, as of Unicode 15.0, which Terraform has.

use unicode_segmentation::UnicodeSegmentation;

/// The text's grapheme clusters in order.
pub(super) fn graphemes(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true).flat_map(split_conjuncts)
}

/// Later versions of Unicode keep the consonants of Indic conjuncts together, 15.0 does not.
fn split_conjuncts(cluster: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(cluster);
    std::iter::from_fn(move || {
        let current = rest.take()?;
        let mut before = None;
        for (at, character) in current.char_indices() {
            if let Some(before) = before.replace(character)
                && is_brahmic(character)
                && parts_alone(before, character)
            {
                let (first, second) = current.split_at_checked(at)?;
                rest = Some(second);
                return Some(first);
            }
        }
        Some(current)
    })
}

fn is_brahmic(character: char) -> bool {
    matches!(character,
        '\u{900}'..='\u{1bff}' | '\u{a800}'..='\u{abff}' | '\u{10a00}'..='\u{11fff}')
}

/// Whether there is a boundary between two characters where nothing stands before them.
fn parts_alone(before: char, character: char) -> bool {
    let pair = String::from_iter([before, character]);
    pair.graphemes(true).nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conjuncts_fall_apart_and_nothing_else_does() {
        let count = |text: &str| graphemes(text).count();
        assert_eq!(count("\u{915}\u{94d}\u{937}"), 2);
        assert_eq!(count("\u{915}\u{94d}\u{937}\u{93f}"), 2);
        assert_eq!(count("e\u{301}x"), 2);
        assert_eq!(count("\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}"), 1);
        assert_eq!(count("\u{1f1e9}\u{1f1ea}\u{1f1eb}"), 2);
        assert_eq!(count("\u{d4e}\u{d15}"), 1);
        assert_eq!(count("\r\n"), 1);
        assert_eq!(count(""), 0);
    }
}
