//! What is said to people, made of fixed words and of values that may be shown.
//!
//! A [`Message`] takes no `String`: a text of a configuration enters it as [`Shown`] alone, which only `redact` makes.

use std::fmt;
use std::ops::Deref;

use crate::redact::Shown;
use crate::source::Location;

/// A message, a help text, a label or a title.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    text: String,
    /// Where the values in it are written.
    places: Vec<Location>,
}

/// Something that a message may be made of.
pub trait Say: sealed::Sealed {
    /// Adds it to a message.
    fn say(&self, message: &mut Message);
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! say {
    ($($type:ty),* $(,)?) => {
        $(
            impl sealed::Sealed for $type {}
            impl Say for $type {
                fn say(&self, message: &mut Message) {
                    message.text.push_str(&self.to_string());
                }
            }
        )*
    };
}

say!(
    &'static str,
    usize,
    f64,
    char,
    crate::zenml::credential::Instant,
    crate::zenml::credential::Defect,
    crate::zenml::host::ProHost,
);

impl sealed::Sealed for Shown {}

impl Say for Shown {
    fn say(&self, message: &mut Message) {
        message.text.push_str(self.text());
        message.places.extend(self.places());
    }
}

impl sealed::Sealed for Message {}

impl Say for Message {
    fn say(&self, message: &mut Message) {
        message.text.push_str(&self.text);
        message.places.extend(&self.places);
    }
}

impl Message {
    /// Puts values in the places of the `{}` of a text. See [`message!`].
    pub fn of(format: &'static str, values: &[&dyn Say]) -> Self {
        let mut message = Self::default();
        let mut values = values.iter();
        let mut parts = format.split("{}");
        message.text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            if let Some(value) = values.next() {
                value.say(&mut message);
            }
            message.text.push_str(part);
        }
        message
    }

    /// Several, with a text between them.
    pub fn join<'m>(
        parts: impl IntoIterator<Item = &'m (impl Say + 'm)>,
        between: &'static str,
    ) -> Self {
        let mut message = Self::default();
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                message.text.push_str(between);
            }
            part.say(&mut message);
        }
        message
    }

    /// Where the values in it are written.
    pub fn places(&self) -> &[Location] {
        &self.places
    }
}

impl From<&'static str> for Message {
    fn from(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            places: Vec::new(),
        }
    }
}

impl From<Shown> for Message {
    fn from(shown: Shown) -> Self {
        Self::of("{}", &[&shown])
    }
}

impl Deref for Message {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A [`Message`] from a format with a `{}` for each value.
///
/// A text of which nothing is known is refused:
///
/// ```compile_fail
/// let text = String::from("anything");
/// zenml_tflint::message!("there is `{}`", text);
/// ```
///
/// ```
/// let message = zenml_tflint::message!("there are {} of `{}`", 2_usize, "them");
/// assert_eq!(message.to_string(), "there are 2 of `them`");
/// ```
#[macro_export]
macro_rules! message {
    ($format:literal $(, $value:expr)* $(,)?) => {{
        // As many values as places, which the compiler counts.
        const _: usize = $crate::message::places_in($format)
            - <[()]>::len(&[$($crate::message!(@one $value)),*]);
        const _: usize = <[()]>::len(&[$($crate::message!(@one $value)),*])
            - $crate::message::places_in($format);
        $crate::message::Message::of($format, &[$(&$value as &dyn $crate::message::Say),*])
    }};
    (@one $value:expr) => { () };
}

/// How many `{}` a format has.
pub const fn places_in(format: &str) -> usize {
    let bytes = format.as_bytes();
    let (mut at, mut count) = (0, 0);
    while let [_, rest @ ..] = bytes.split_at(at).1 {
        if let [b'}', ..] = rest
            && let [b'{', ..] = bytes.split_at(at).1
        {
            count += 1;
        }
        at += 1;
    }
    count
}
