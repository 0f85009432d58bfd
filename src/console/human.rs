//! Answers for people: the value, its type, where it was written, and what else it may be.

use std::fmt::Write;

use crate::eval::{Kind, Start, Value, Way, When};
use crate::report::plain;
use crate::terraform::Marks;

use super::shown::{is_identifier, is_unknown, known_ends};
use super::{Answer, Console, NO_FILE, place};

/// Past this many literals the rest is only counted.
const MOST_WAYS: usize = 20;

/// A text that is written line by line; writing to it cannot fail.
struct Page(String);

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.0, "{:indent$}{}", "", plain(text));
    }
}

impl Console<'_> {
    /// The answer to an expression as a text of several lines.
    pub fn human(&self, text: &str) -> String {
        let mut page = Page(String::new());
        let expr = self.text(text);
        match self.answer(text) {
            Answer::Error(message) => {
                page.line(0, &expr);
                page.line(2, &format!("error: {}", self.text(&message)));
            }
            Answer::Value { value, cut } => {
                self.write_value(&format!("{expr} = "), &value, &mut page);
                page.line(2, &format!("type: {}", self.type_of(&value)));
                self.write_ways(2, &value, &mut page);
                self.write_choices(&value, &mut page);
                if cut {
                    page.line(
                        2,
                        "some values are too large to be computed, and count as unknown",
                    );
                }
            }
        }
        page.0
    }

    fn write_choices(&self, value: &Value, page: &mut Page) {
        for choice in value.choices() {
            let when = match choice.when {
                When::Possibly => "may be: ",
                When::OtherwiseSet => "where a run sets a variable otherwise: ",
                When::Unused => "written, but not used: ",
            };
            let other = self.marked(&choice.value, &choice_marks(value));
            page.line(2, &format!("{when}{}", self.one_line(&other)));
            self.write_ways(4, &other, page);
        }
        if value.has_more_choices() {
            page.line(2, "may be more than that");
        }
    }

    /// A value, indented, after what stands on its first line.
    fn write_value(&self, begin: &str, value: &Value, page: &mut Page) {
        self.write_part(0, begin, value, "", page);
    }

    fn write_part(&self, indent: usize, begin: &str, value: &Value, end: &str, page: &mut Page) {
        let is_open = !value.sensitive || self.show_sensitive;
        let brackets = match &value.kind {
            Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => Some(("[", "]")),
            Kind::Map(..) | Kind::Object(_) => Some(("{", "}")),
            _ => None,
        };
        let brackets = brackets.filter(|_| is_open && value.members().next().is_some());
        let Some((open, close)) = brackets else {
            page.line(indent, &format!("{begin}{}{end}", self.leaf(value)));
            return;
        };
        page.line(indent, &format!("{begin}{open}"));
        match &value.kind {
            Kind::Map(_, members) | Kind::Object(members) => {
                for (key, member) in members.iter() {
                    let begin = format!("{} = ", shown_key(key));
                    self.write_part(indent + 2, &begin, &value.member(member), "", page);
                }
            }
            _ => {
                for member in value.members() {
                    self.write_part(indent + 2, "", &value.member(member), ",", page);
                }
            }
        }
        page.line(indent, &format!("{close}{end}"));
    }

    /// A value without members; of one with members, only that it has them.
    fn leaf(&self, value: &Value) -> String {
        if value.sensitive && !self.show_sensitive {
            let unknown = if is_unknown(value) { ", unknown" } else { "" };
            return format!("(sensitive value{unknown})");
        }
        if is_unknown(value) {
            return unknown(value);
        }
        match &value.kind {
            Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => "[]".into(),
            Kind::Map(..) | Kind::Object(_) => "{}".into(),
            _ => crate::eval::json::to_json(value),
        }
    }

    fn one_line(&self, value: &Value) -> String {
        match value.members().next() {
            Some(_) if !value.sensitive || self.show_sensitive => {
                crate::eval::json::to_json(&self.shown(value))
            }
            _ => self.leaf(value),
        }
    }

    fn write_ways(&self, indent: usize, value: &Value, page: &mut Page) {
        let mut ways = Vec::new();
        collect_ways(value, &mut ways);
        ways.retain(|way| !is_in_expression(&way.start));
        for way in ways.iter().take(MOST_WAYS) {
            page.line(indent, &self.text(&self.describe_way(way)));
        }
        if let Some(more @ 1..) = ways.len().checked_sub(MOST_WAYS) {
            page.line(indent, &format!("and {more} more"));
        }
    }

    fn describe_way(&self, way: &Way) -> String {
        let at = |location| place(self.configuration, location).unwrap_or_default();
        let mut text = match &way.start {
            Start::Literal(literal) => {
                let whole = self.configuration.whole_literal(*literal);
                format!("written at {}", at(whole))
            }
            Start::Run { by: Some(by), .. } => format!("given by {by}"),
            Start::Run { by: None, variable } => {
                format!("nothing gives a value to the variable at {}", at(*variable))
            }
            Start::Computed {
                at: asked,
                of,
                attribute,
                ..
            } if asked.file == NO_FILE => {
                let resource = at(of.header);
                format!("`{attribute}` of the resource at {resource} is known after apply")
            }
            Start::Computed {
                at: from,
                reference,
                ..
            } => {
                format!("`{reference}` ({}) is known after apply", at(*from))
            }
            Start::Resource {
                at: from,
                reference,
                ..
            } => format!("`{reference}` ({})", at(*from)),
            Start::Read { of, attribute } => {
                format!("`{attribute}` of the data source at {}", at(of.header))
            }
        };
        for hop in &way.hops {
            let _ = write!(text, ", {} ({})", hop.what, at(hop.at));
        }
        text
    }
}

fn unknown(value: &Value) -> String {
    let (prefix, suffix) = known_ends(value);
    let mut text = String::from("(unknown");
    for (what, end) in [("begins with", prefix), ("ends with", suffix)] {
        if !end.is_empty() {
            let _ = write!(text, ", {what} {}", serde_json::Value::from(end));
        }
    }
    text + ")"
}

fn shown_key(key: &str) -> String {
    if is_identifier(key) {
        key.to_owned()
    } else {
        serde_json::Value::from(key).to_string()
    }
}

/// Whether it is something in the expression that was asked: a literal, a resource as a whole.
fn is_in_expression(start: &Start) -> bool {
    matches!(start, Start::Literal(at) | Start::Resource { at, .. } if at.file == NO_FILE)
}

/// The ways of a value and of everything in it, each literal once.
fn collect_ways(value: &Value, ways: &mut Vec<Way>) {
    for way in value.trace().ways() {
        if ways.iter().all(|known| known.start != way.start) {
            ways.push(way);
        }
    }
    for member in value.members().take(MOST_WAYS * 2) {
        if ways.len() <= MOST_WAYS * 2 {
            collect_ways(&value.member(member), ways);
        }
    }
}

/// What else a value may be is not told member by member: where some of it is hidden, all of it is.
fn choice_marks(value: &Value) -> Marks {
    match value.contains_sensitive() {
        true => Marks::All,
        false => Marks::Nothing,
    }
}
