//! `zenml-tflint explain RULE`

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use zenml_tflint::config::CustomRule;
use zenml_tflint::redact;
use zenml_tflint::rules::{self, Fixable, Page};

use super::args::ExplainArguments;
use super::{Trouble, print, settings, terminal};

/// Columns of text at most; code stays as it is.
const WIDTH: usize = 80;
const CODE_INDENT: &str = "    ";

/// Shows the page of a rule.
pub fn run(arguments: &ExplainArguments) -> Result<u8, Trouble> {
    let color = terminal::style(arguments.color).color;
    let name = arguments.rule.as_str();
    let Some(rule) = rules::find(name) else {
        let config = settings::of_here(&arguments.config, arguments.color)?;
        if let Some(rule) = config.custom_rule(name) {
            let file = config.display.as_deref().unwrap_or_default();
            let mut page = Vec::new();
            write_custom(rule, file, color, &mut page)
                .map_err(|error| Trouble(format!("the rule cannot be shown: {error}")))?;
            // What the configuration demands may be what nobody should see.
            let page = redact::by_shape(&String::from_utf8_lossy(&page));
            print(|out| out.write_all(page.as_bytes()))?;
            return Ok(0);
        }
        let custom = config.custom.iter().map(|rule| rule.id.as_str()).collect();
        let refused = rules::check_names([name], &custom).err();
        return Err(Trouble(
            refused.map(|error| error.to_string()).unwrap_or_default(),
        ));
    };
    print(|out| write(rule.name, &rule.page(), color, out))?;
    Ok(0)
}

/// What a custom rule is, as its page would say it.
fn write_custom(rule: &CustomRule, file: &str, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let fix = match rule.replacement {
        Some(_) => "unsafe fix",
        None => "no fix",
    };
    let demands: Vec<String> = rule.requirement.describe();
    let demands = demands
        .iter()
        .map(|demand| format!("- `{}` {demand}\n", rule.argument));
    let demands: String = demands.collect();
    let replacement = rule
        .replacement
        .as_ref()
        .map(|text| format!("\n`--fix --unsafe-fixes` writes `{text}` instead.\n"));
    let body = format!(
        "## What it demands\nIn each block `{}`:\n\n{demands}{}\n\
         It says nothing where the value is unknown.\n\n\
         ## How to silence it\nWrite `# zenml-tflint-ignore: {id}` at the end of the line or on the line above, or set \
         `{id} = \"off\"` under `[rules]`.\n",
        rule.block,
        replacement.unwrap_or_default(),
        id = rule.id,
    );
    writeln!(out, "{}", bold(&rule.id, color))?;
    writeln!(out, "{} · {fix} · custom rule of {file}", rule.severity)?;
    writeln!(out)?;
    write!(out, "{}", wrap(&plain(&rule.message), "", ""))?;
    writeln!(out)?;
    write!(out, "{}", render(&body, color))
}

/// The front matter as two lines, then the page.
pub(super) fn write(name: &str, page: &Page, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let fix = match page.fix {
        Fixable::None => "no fix".into(),
        Fixable::Sometimes => "sometimes a fix".into(),
        kind => format!("{} fix", kind.name()),
    };
    writeln!(out, "{}", bold(name, color))?;
    writeln!(out, "{} · {fix} · since {}", page.severity, page.since)?;
    writeln!(out)?;
    write!(out, "{}", wrap(&plain(&page.summary), "", ""))?;
    writeln!(out)?;
    write!(out, "{}", render(without_title(page.body), color))
}

/// The page without its first heading, which is the rule's name again.
fn without_title(body: &str) -> &str {
    match body.split_once('\n') {
        Some((title, rest)) if title.starts_with("# ") => rest.trim_start(),
        _ => body,
    }
}

/// A text made of Markdown's headings, paragraphs, lists and fenced code, for a terminal.
pub(super) fn render(markdown: &str, color: bool) -> String {
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut in_code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            flush(&mut paragraph, &mut out);
            in_code = !in_code;
        } else if in_code {
            let indent = if line.is_empty() { "" } else { CODE_INDENT };
            out.extend([indent, line, "\n"]);
        } else if let Some(heading) = heading(line) {
            flush(&mut paragraph, &mut out);
            out.extend([&bold(&plain(heading), color), "\n"]);
        } else if line.trim().is_empty() {
            flush(&mut paragraph, &mut out);
            out.push('\n');
        } else {
            if item(line).is_some() || line.starts_with('|') {
                flush(&mut paragraph, &mut out);
            }
            paragraph.extend([line.trim_end(), " "]);
        }
    }
    flush(&mut paragraph, &mut out);
    out
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    (text.len() < line.len()).then(|| text.strip_prefix(' '))?
}

/// The marker of a list item with the blanks around it, and its text.
fn item(line: &str) -> Option<(&str, &str)> {
    let blanks = line.len() - line.trim_start().len();
    let text = line.get(blanks..)?;
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let is_item = |text: &str| ["- ", "* "].iter().any(|marker| text.starts_with(marker));
    let is_numbered = digits > 0 && text.get(digits..)?.starts_with(". ");
    if !is_numbered && !is_item(text) {
        return None;
    }
    line.split_at_checked(blanks + digits + 2)
}

fn flush(paragraph: &mut String, out: &mut String) {
    let text = paragraph.trim_end();
    if let Some((marker, text)) = item(text) {
        out.push_str(&wrap(&plain(text), marker, &" ".repeat(marker.len())));
    } else if !text.is_empty() {
        out.push_str(&wrap(&plain(text), "", ""));
    }
    paragraph.clear();
}

/// Without the marks of strong text, and with links written out; backquotes stay.
fn plain(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some(at) = rest.find(['[', '*', '`']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let (shown, length) = mark(from);
        out.push_str(&shown);
        rest = from.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// What is shown for the mark at the start of a text, and how many bytes of the text that is.
fn mark(text: &str) -> (String, usize) {
    if text.starts_with("**") {
        return (String::new(), 2);
    }
    if let Some(rest) = text.strip_prefix('`') {
        let code = rest.split_once('`').map_or("", |(code, _)| code);
        let end = if rest.contains('`') {
            code.len() + 2
        } else {
            1
        };
        return (text.get(..end).unwrap_or_default().to_owned(), end);
    }
    let link = text.strip_prefix('[').and_then(|rest| {
        let (label, rest) = rest.split_once("](")?;
        let (url, _) = rest.split_once(')')?;
        let is_link = !label.contains(['[', ']']) && !url.contains(char::is_whitespace);
        is_link.then(|| (format!("{label} ({url})"), label.len() + url.len() + 4))
    });
    link.unwrap_or_else(|| {
        let first: String = text.chars().take(1).collect();
        let length = first.len();
        (first, length)
    })
}

/// Lines of at most [`WIDTH`] columns, broken at blanks.
fn wrap(text: &str, first: &str, rest: &str) -> String {
    let mut out = String::from(first);
    let mut column = first.width();
    let mut is_at_start = true;
    for word in text.split_whitespace() {
        let width = word.width();
        if !is_at_start && column + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(rest);
            column = rest.width();
        } else if !is_at_start {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
        is_at_start = false;
    }
    out.push('\n');
    out
}

fn bold(text: &str, color: bool) -> String {
    if color {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
