//! Credentials in what a server says: masked in every form in which a server might send them back.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use rustc_hash::FxHashSet;
use serde_json::Value as Json;

use crate::redact;
use crate::zenml::credential::API_KEY_PREFIX;

/// So many consecutive characters of a credential are masked.
const WINDOW: usize = 8;

/// A shorter credential is masked as a whole, and one with fewer characters than these is not searched for: it would be
/// found in other words.
const SHORTEST: usize = 6;

/// The credentials of one connection. Neither case nor blanks and invisible characters that a server puts between count.
#[derive(Debug, Default)]
pub struct Echoes {
    windows: FxHashSet<Vec<char>>,
    /// The lengths of the windows, each once.
    lengths: Vec<usize>,
}

impl Echoes {
    /// Adds a credential: as it is, percent-encoded, in base64 and in hexadecimal, and the secret inside an API key.
    pub fn add(&mut self, credential: &str) {
        let text = credential.trim();
        let payload = text.strip_prefix(API_KEY_PREFIX).unwrap_or(text);
        let secret = STANDARD.decode(payload).ok().and_then(|decoded| {
            let json: Json = serde_json::from_slice(&decoded).ok()?;
            json.get("key")?.as_str().map(str::to_owned)
        });
        for text in [Some(text), secret.as_deref()].into_iter().flatten() {
            for form in forms(text) {
                self.add_form(&form);
            }
        }
    }

    fn add_form(&mut self, form: &str) {
        let characters: Vec<char> = form.chars().filter_map(significant).collect();
        let length = characters.len().min(WINDOW);
        if length < SHORTEST {
            return;
        }
        if !self.lengths.contains(&length) {
            self.lengths.push(length);
        }
        let windows = characters.windows(length);
        self.windows.extend(windows.map(<[char]>::to_vec));
    }

    /// A text with `…` in the place of each part of a credential.
    pub fn mask(&self, text: &str) -> String {
        let characters: Vec<(usize, char)> = text
            .char_indices()
            .filter_map(|(at, c)| Some((at, significant(c)?)))
            .collect();
        let significant: Vec<char> = characters.iter().map(|(_, c)| *c).collect();
        let mut is_hidden = vec![false; characters.len()];
        for length in &self.lengths {
            for (first, window) in significant.windows(*length).enumerate() {
                if self.windows.contains(window) {
                    is_hidden
                        .iter_mut()
                        .skip(first)
                        .take(*length)
                        .for_each(|hidden| *hidden = true);
                }
            }
        }
        let hidden = characters
            .iter()
            .zip(&is_hidden)
            .filter(|(_, hidden)| **hidden);
        let hidden: FxHashSet<usize> = hidden.map(|((at, _), _)| *at).collect();
        redact::by_shape(&without(text, &hidden))
    }
}

/// A text with `…` for each run of hidden characters. What stands between two of these goes with them.
fn without(text: &str, hidden: &FxHashSet<usize>) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut between: Option<String> = None;
    for (at, c) in text.char_indices() {
        if hidden.contains(&at) {
            if between.replace(String::new()).is_none() {
                shown.push('…');
            }
        } else if significant(c).is_some() {
            shown.extend(between.take());
            shown.push(c);
        } else {
            between.as_mut().unwrap_or(&mut shown).push(c);
        }
    }
    shown.extend(between);
    shown
}

/// The character as it is compared; none for a blank or an invisible one.
fn significant(c: char) -> Option<char> {
    match c {
        // The two alphabets of base64.
        '-' => Some('+'),
        '_' => Some('/'),
        _ if c.is_ascii_graphic() || c.is_alphanumeric() => c.to_lowercase().next(),
        _ => None,
    }
}

/// A text as a server might send it back.
fn forms(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut forms = vec![
        text.to_owned(),
        url::form_urlencoded::byte_serialize(bytes).collect(),
        bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    ];
    // Base64 looks different by how many bytes come before, of which so many characters tell.
    for (before, foreign) in [(0, 0), (1, 2), (2, 3)] {
        let mut shifted = vec![0; before];
        shifted.extend(bytes);
        let encoded = STANDARD_NO_PAD.encode(shifted);
        forms.push(encoded.chars().skip(foreign).collect());
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echoes(credential: &str) -> Echoes {
        let mut echoes = Echoes::default();
        echoes.add(credential);
        echoes
    }

    #[test]
    fn eight_characters_in_a_row_are_masked_in_any_form() {
        let secret = "k3X+9pQ/vT7w=Zr2M";
        let echoes = echoes(secret);
        let hex: String = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
        for said in [
            secret.to_owned(),
            secret.chars().skip(3).take(10).collect(),
            secret.to_lowercase(),
            secret.to_uppercase(),
            secret
                .replace('+', "%2B")
                .replace('/', "%2F")
                .replace('=', "%3D"),
            STANDARD.encode(secret),
            STANDARD.encode(format!("x{secret}")),
            STANDARD.encode(format!("xx{secret}")),
            hex,
            secret.chars().map(|c| format!("{c}\u{200b} ")).collect(),
        ] {
            let masked = echoes.mask(&format!("you said <{said}>, did you?"));
            let inner = masked.strip_prefix("you said <").unwrap();
            let inner = inner.strip_suffix(">, did you?").unwrap();
            assert!(inner.contains('…'), "{said}: {masked}");
            assert!(inner.chars().count() < WINDOW, "{said}: {masked}");
        }
    }

    #[test]
    fn other_texts_stay() {
        let echoes = echoes("k3X+9pQ/vT7w=Zr2M");
        for text in ["", "k3X+9pQ", "the key – is refused", "…", "é ü"] {
            assert_eq!(echoes.mask(text), text);
        }
    }

    #[test]
    fn a_short_credential_is_masked_as_a_whole() {
        assert_eq!(echoes("ab-3x9z").mask("(ab-3x9z)"), "(…)");
        assert_eq!(echoes("abc").mask("abc"), "abc");
    }
}
