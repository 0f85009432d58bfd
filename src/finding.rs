//! What is reported: findings with their places, severities and fixes.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::message;
use crate::message::Message;
use crate::redact::Shown;
use crate::source::Location;

/// How much a finding matters.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice; fails no run by default.
    Note,
    /// Works today and will hurt, or is very likely wrong.
    Warning,
    /// `terraform plan` or `apply` fails, or a secret leaks.
    Error,
}

impl Severity {
    /// The name that output formats and configuration use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Severity {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        [Self::Note, Self::Warning, Self::Error]
            .into_iter()
            .find(|severity| severity.name() == name)
            .ok_or(())
    }
}

/// One thing that is wrong, or could be better.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Finding {
    /// The rule's name: a built-in one, or one that a configuration makes up.
    pub rule: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence: what is wrong and what happens because of it.
    pub message: Message,
    /// What to write instead.
    pub help: Option<Message>,
    /// What must be edited.
    pub primary: Location,
    /// The zenml arguments that a primary literal reaches: where the finding may be ignored and selected, too.
    pub reaches: Vec<Location>,
    /// Other places that have a part in it, with what each is.
    pub related: Vec<(Location, Message)>,
    /// How many of the first related places are the steps of the trace, from the literal to the argument.
    pub steps: usize,
    /// Texts that it is about and that may be seen where they are written.
    pub about: Vec<Location>,
    /// How to mend it.
    pub fix: Option<Fix>,
}

/// A group of edits, applied whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: Message,
    /// Whether all that reads the text that it changes stays the same or changes just as intended.
    pub safe: bool,
    /// The edits; no two overlap.
    pub edits: Vec<Edit>,
    /// The variable that it declares, under a name that the module does not declare yet.
    pub declares: Option<NewName>,
}

/// The name of a variable that a fix declares.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewName {
    /// The name that it should have.
    pub wanted: String,
    /// The name that it has: the one that it should have, or that with a number.
    pub name: String,
}

impl NewName {
    /// The title of the fix that declares it.
    pub fn title(&self) -> Message {
        message!("Move it into variable `{}`", Shown::new_name(self))
    }
}

impl Fix {
    /// A fix that somebody has to review: an unsafe one.
    pub fn to_review(title: impl Into<Message>, edits: Vec<Edit>) -> Self {
        Self {
            title: title.into(),
            safe: false,
            edits,
            declares: None,
        }
    }

    /// The same with another name of the variable that it declares.
    pub fn with_name(&self, old: &str, new: &str) -> Self {
        let renamed = |text: &str| {
            ["var.{}", "\"{}\""]
                .iter()
                .fold(text.to_owned(), |text, form| {
                    let [old, new] = [old, new].map(|name| form.replace("{}", name));
                    text.replacen(&old, &new, 1)
                })
        };
        let edits = self.edits.iter().map(|edit| Edit {
            location: edit.location,
            replacement: renamed(&edit.replacement),
        });
        let declares = self.declares.as_ref().map(|declares| NewName {
            wanted: declares.wanted.clone(),
            name: new.to_owned(),
        });
        Self {
            title: declares
                .as_ref()
                .map_or_else(|| self.title.clone(), NewName::title),
            safe: self.safe,
            edits: edits.collect(),
            declares,
        }
    }
}

/// A text edit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub location: Location,
    /// What stands there afterwards. Never holds a secret.
    pub replacement: String,
}
