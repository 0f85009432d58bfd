//! What is said of an ignore comment that silences nothing, and how it is taken out.

use super::directive::{Directive, Name, Problem};
use super::{ALL, Ignore, Places, Rules, UNUSED_IGNORE};
use crate::finding::{Edit, Finding, Fix, Severity};
use crate::message;
use crate::message::Message;
use crate::redact::Shown;
use crate::source::{Location, SourceFile, Sources, Span};
use crate::zenml::provider::closest;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// One finding for a comment that has no effect, else one for each name that has none.
pub(super) fn findings(
    ignore: &Ignore,
    sources: &Sources,
    places: &Places<'_>,
    rules: &Rules<'_>,
) -> Vec<Finding> {
    let directive = &ignore.directive;
    let Some(file) = sources.get(ignore.file) else {
        return Vec::new();
    };
    if let Some(problem) = directive.problem {
        return vec![without_effect(ignore, problem)];
    }
    if directive
        .names
        .iter()
        .any(|name| name.text == UNUSED_IGNORE)
    {
        return Vec::new();
    }
    let names = directive.names.iter();
    let unused: Vec<bool> = names
        .map(|name| is_unused(ignore, &name.text, places, rules))
        .collect();
    let last_used = unused.iter().rposition(|is_unused| !is_unused);
    let indices = unused.iter().enumerate();
    indices
        .filter(|(_, is_unused)| **is_unused)
        .filter_map(|(index, _)| {
            let name = directive.names.get(index)?;
            Some(Finding {
                fix: fix(ignore, file, index, last_used),
                ..unmatched(ignore, name, rules)
            })
        })
        .collect()
}

fn is_unused(ignore: &Ignore, name: &str, places: &Places<'_>, rules: &Rules<'_>) -> bool {
    let is_judged = if name == ALL {
        rules
            .names
            .iter()
            .all(|rule| (rules.ran)(ignore.file, rule))
    } else {
        !rules.names.contains(&name) || (rules.ran)(ignore.file, name)
    };
    is_judged && !places.any(ignore, name)
}

fn without_effect(ignore: &Ignore, problem: Problem) -> Finding {
    let mark = match ignore.directive.is_for_file {
        true => "zenml-tflint-ignore-file",
        false => "zenml-tflint-ignore",
    };
    let message = match problem {
        Problem::NoColon => "this comment ignores nothing: a colon must follow its first word",
        Problem::NoNames => "this comment ignores nothing: it names no rule",
        Problem::NotAtTheTop => {
            "this comment ignores nothing: it is meant for the whole file and does not stand at its top"
        }
    };
    let help = match problem {
        Problem::NotAtTheTop => {
            "move it before the first block, or write `zenml-tflint-ignore` to ignore what stands here".into()
        }
        _ => message!("write `{}: rule-name`, or `{}: all` for every rule", mark, mark),
    };
    finding(ignore, ignore.directive.mark, message.into(), Some(help))
}

fn unmatched(ignore: &Ignore, name: &Name, rules: &Rules<'_>) -> Finding {
    let text = &name.text;
    if text != ALL && !rules.names.contains(&text.as_str()) {
        let message = message!(
            "this comment ignores `{}`, which is not the name of a rule",
            shown(ignore, name)
        );
        return finding(
            ignore,
            name.span,
            message,
            Some(unknown_name_help(text, rules)),
        );
    }
    let place = match ignore.directive.is_for_file {
        true => "in this file",
        false => "here",
    };
    let message = match text.as_str() {
        ALL => message!(
            "this comment ignores every rule, and there is no finding {}",
            place
        ),
        _ => message!(
            "this comment ignores `{}`, and there is no such finding {}",
            shown(ignore, name),
            place
        ),
    };
    finding(ignore, name.span, message, None)
}

/// A name, where it is like the name of a rule.
fn shown(ignore: &Ignore, name: &Name) -> Shown {
    let at = Location {
        file: ignore.file,
        span: name.span,
    };
    Shown::rule_name(&name.text, at)
}

/// The words that an ignore comment begins with.
fn mark(ignore: &Ignore) -> Location {
    Location {
        file: ignore.file,
        span: ignore.directive.mark,
    }
}

fn unknown_name_help(name: &str, rules: &Rules<'_>) -> Message {
    let first = name.split_whitespace().next().unwrap_or_default();
    if first.len() < name.len() && (first == ALL || rules.names.contains(&first)) {
        return message!(
            "separate names by commas, and write a reason after ` -- `: `{} -- reason`",
            Shown::known_rule(first, rules.names)
        );
    }
    match closest(name, rules.names.iter().copied()) {
        Some(meant) => message!("did you mean `{}`?", Shown::known_rule(meant, rules.names)),
        None => "`zenml-tflint rules` lists every rule".into(),
    }
}

fn finding(ignore: &Ignore, span: Span, message: Message, help: Option<Message>) -> Finding {
    let at = Location {
        file: ignore.file,
        span,
    };
    let help_places = help.iter().flat_map(|help| help.places());
    let about = message.places().iter().chain(help_places).copied();
    let about = about.chain([mark(ignore)]).collect();
    Finding {
        rule: UNUSED_IGNORE.into(),
        severity: Severity::Warning,
        message,
        help,
        primary: at,
        reaches: Vec::new(),
        related: Vec::new(),
        steps: 0,
        about,
        fix: None,
    }
}

/// Takes a name out; the whole comment where none is used, so that the fixes of its names are one.
fn fix(ignore: &Ignore, file: &SourceFile, index: usize, last_used: Option<usize>) -> Option<Fix> {
    let directive = &ignore.directive;
    let (title, span) = if let Some(last_used) = last_used {
        let name = directive.names.get(index)?;
        (
            message!("Remove `{}` from the comment", shown(ignore, name)),
            name_with_comma(directive, index, last_used)?,
        )
    } else {
        let span = match directive.is_json {
            true => member(file, directive.span)?,
            false => comment(file, directive.span),
        };
        ("Remove the comment".into(), span)
    };
    Some(Fix {
        title,
        safe: true,
        edits: vec![Edit {
            location: Location {
                file: ignore.file,
                span,
            },
            replacement: String::new(),
        }],
        declares: None,
    })
}

/// A name with the comma after it; where no name that stays follows, with the comma before it. So the edits for several
/// names of one comment touch but never overlap.
fn name_with_comma(directive: &Directive, index: usize, last_used: usize) -> Option<Span> {
    let name = directive.names.get(index)?.span;
    Some(if index < last_used {
        let next = directive.names.get(index + 1)?.span;
        Span {
            start: name.start,
            end: next.start,
        }
    } else {
        let previous = directive.names.get(index.checked_sub(1)?)?.span;
        Span {
            start: previous.end,
            end: name.end,
        }
    })
}

/// A comment with the blanks before it; with its lines where nothing else stands on them.
fn comment(file: &SourceFile, span: Span) -> Span {
    let text = file.text.as_str();
    let (before, after) = around(file, span);
    if before.trim().is_empty() && after.trim().is_empty() {
        return lines(file, span);
    }
    let range = span.range();
    if before.trim().is_empty() {
        // Code follows: its indentation stays.
        let blanks = after.len() - after.trim_start().len();
        return Span::new(range.start, range.end + blanks);
    }
    let would_join = !after.is_empty() && !after.starts_with(char::is_whitespace);
    if would_join || !text.is_char_boundary(range.end) {
        return span;
    }
    Span::new(
        range.start - (before.len() - before.trim_end().len()),
        range.end,
    )
}

/// What stands on the lines of a span before and after it, the byte-order mark and the line break left out.
fn around(file: &SourceFile, span: Span) -> (&str, &str) {
    let first = file.line_span(file.line_at(span.start as usize));
    let last = file.line_span(file.line_at((span.end as usize).max(1) - 1));
    let before = Span {
        start: first.start,
        end: span.start,
    };
    let after = Span {
        start: span.end,
        end: last.end.max(span.end),
    };
    let before = before.text(&file.text);
    (
        before.strip_prefix(BYTE_ORDER_MARK).unwrap_or(before),
        after.text(&file.text),
    )
}

/// The whole lines of a span, the last one's break included and a byte-order mark left out.
fn lines(file: &SourceFile, span: Span) -> Span {
    let starts = file.line_starts();
    let (before, _) = around(file, span);
    let last = file.line_at((span.end as usize).max(1) - 1);
    let end = starts
        .get(last + 1)
        .map_or(file.text.len(), |start| *start as usize);
    Span::new(span.range().start - before.len(), end)
}

/// The `"//"` member that a string is the value of, with one comma.
fn member(file: &SourceFile, value: Span) -> Option<Span> {
    let text = file.text.as_str();
    let before = text.get(..value.range().start)?;
    let key = before.trim_end().strip_suffix(':')?.trim_end();
    let start = key.strip_suffix("\"//\"")?.len();
    let after = text.get(value.range().end..)?;
    let rest = after.trim_start();
    if let Some(rest) = rest.strip_prefix(',') {
        let whole = Span::new(start, text.len() - rest.len());
        let (before, after) = around(file, whole);
        if before.trim().is_empty() && after.trim().is_empty() {
            return Some(lines(file, whole));
        }
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        return Some(Span::new(start, text.len() - rest.len() + blanks));
    }
    // The last member: the comma before it goes, too.
    let before = text.get(..start)?.trim_end();
    let start = before.strip_suffix(',').map_or(start, str::len);
    Some(Span::new(start, value.range().end))
}
