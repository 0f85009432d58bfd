//! How a rule says what it found.

use std::borrow::Cow;

use super::{Place, Rule};
use crate::finding::{Finding, Fix, Severity};
use crate::message::Message;
use crate::redact::Shown;
use crate::source::Location;

/// Collects the findings of one rule.
pub struct Reporter {
    rule: &'static Rule,
    reported: Vec<Reported>,
}

/// What a rule found in one context.
#[derive(Debug)]
pub struct Reported {
    /// The finding.
    pub finding: Finding,
    /// The text that it is about: see [`Place::text`].
    pub text: Option<u64>,
}

/// A finding in the making.
pub struct Draft {
    finding: Finding,
    text: Option<u64>,
    severity: Option<Severity>,
}

impl Draft {
    /// A finding at a place; the message is one sentence.
    pub fn new(place: Place, message: impl Into<Message>) -> Self {
        Self {
            finding: Finding {
                rule: Cow::Borrowed(""),
                severity: Severity::Warning,
                message: message.into(),
                help: None,
                primary: place.primary,
                reaches: place.reaches,
                related: place.related,
                steps: place.steps,
                about: Vec::new(),
                fix: None,
            },
            text: place.text,
            severity: None,
        }
    }

    /// What to write instead.
    pub fn help(mut self, help: impl Into<Message>) -> Self {
        self.finding.help = Some(help.into());
        self
    }

    /// A text that it is about and that is harmless: it may be seen where it is written.
    pub fn about(mut self, shown: &Shown) -> Self {
        self.finding.about.extend(shown.places());
        self
    }

    /// A severity other than the rule's own.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Another place that has a part in it.
    pub fn related(mut self, at: Location, what: impl Into<Message>) -> Self {
        self.finding.related.push((at, what.into()));
        self
    }

    /// The finding of a rule, with the rule's severity where it has none of its own.
    pub(crate) fn finish(self, rule: impl Into<Cow<'static, str>>, severity: Severity) -> Reported {
        let mut about = self.finding.about;
        let related = self.finding.related.iter().map(|(_, message)| message);
        let messages = related.chain(&self.finding.help);
        let messages = messages.chain([&self.finding.message]);
        about.extend(messages.flat_map(Message::places));
        about.sort_unstable();
        about.dedup();
        Reported {
            text: self.text,
            finding: Finding {
                rule: rule.into(),
                severity: self.severity.unwrap_or(severity),
                about,
                ..self.finding
            },
        }
    }

    /// How to mend it.
    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        self.finding.fix = fix;
        self
    }
}

impl Reporter {
    pub(super) fn new(rule: &'static Rule) -> Self {
        Self {
            rule,
            reported: Vec::new(),
        }
    }

    /// Reports a finding.
    pub fn report(&mut self, draft: Draft) {
        self.reported
            .push(draft.finish(self.rule.name, self.rule.severity()));
    }

    pub(super) fn finish(self) -> Vec<Reported> {
        self.reported
    }
}
