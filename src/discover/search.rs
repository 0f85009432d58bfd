//! The look at a file's bytes that decides whether it is worth parsing.

use memchr::{memchr2_iter, memmem};

/// What a look at a file's bytes finds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Whether it says `zenml` anywhere. Text that is not UTF-8 counts too: it cannot be searched (it may be UTF-16), and
    /// parsing says so.
    pub mentions: bool,
    /// Every string that begins with `./` or `../`: among them are the sources of all calls of local modules.
    pub sources: Vec<String>,
}

/// Looks through a text.
pub(super) fn search(bytes: &[u8]) -> Found {
    Found {
        mentions: mentions_zenml(bytes) || std::str::from_utf8(bytes).is_err(),
        sources: local_sources(bytes),
    }
}

fn mentions_zenml(bytes: &[u8]) -> bool {
    // A `z` is rare in configuration, which makes this as fast as a search for an exact word.
    memchr2_iter(b'z', b'Z', bytes).any(|at| {
        bytes
            .get(at..at + 5)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"zenml"))
    })
}

fn local_sources(bytes: &[u8]) -> Vec<String> {
    let starts = memmem::find_iter(bytes, b"./").filter_map(|at| match bytes.get(..at)? {
        [.., b'"'] => Some(at),
        [.., b'"', b'.'] => at.checked_sub(1),
        _ => None,
    });
    let text = |start: usize| {
        let rest = bytes.get(start..)?;
        let end = memchr::memchr3(b'"', b'\n', b'$', rest)?;
        let closed = rest.get(end) == Some(&b'"');
        let text = std::str::from_utf8(rest.get(..end)?).ok()?;
        closed.then(|| text.to_owned())
    };
    starts.filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zenml_is_found_in_any_case() {
        for text in ["zenml", "a ZenML b", "zzenml", "zenzenml", "x = ZENML_API"] {
            assert!(search(text.as_bytes()).mentions, "{text}");
        }
        for text in ["", "zen", "zenm", "zen ml", "ze\u{f1}ml"] {
            assert!(!search(text.as_bytes()).mentions, "{text}");
        }
    }

    #[test]
    fn what_is_not_utf8_is_worth_a_look() {
        assert!(search(b"\xff\xfez\0e\0n\0m\0l\0").mentions);
    }

    #[test]
    fn local_sources_are_strings_that_begin_with_a_dot_and_a_slash() {
        let text = r#"source = "./a" x="../../b/c", {"source":"./d"} "a/../b" ... ./e "./open
            "./${x}" ".../f" "../" "./"#;
        assert_eq!(
            search(text.as_bytes()).sources,
            ["./a", "../../b/c", "./d", "../"]
        );
    }
}
