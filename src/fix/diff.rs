//! What a fix would do, as a unified diff.

use similar::udiff::UnifiedHunkHeader;
use similar::{ChangeTag, DiffOp, TextDiff};

/// The changes from one text to another, all of them to be seen. See [`masked`].
pub fn unified(path: &str, before: Option<&str>, after: &str) -> String {
    let old: Vec<&str> = before.unwrap_or_default().lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let line = |lines: &[&str], at: usize| lines.get(at).copied().unwrap_or_default().to_owned();
    let show = |at: Line| match at {
        Line::Old(at) => line(&old, at),
        Line::New(at, _) => line(&new, at),
    };
    masked(path, before, after, &show).text
}

/// The changes from one text to another in the format of `diff -u`, for `patch -p1`. `None` before: a file that is made.
///
/// Each line is shown as `show` says. Where that masks a line
/// that does not change, such lines are left out: so the rest can be applied, unless a line that changes is masked, too.
pub fn masked(
    path: &str,
    before: Option<&str>,
    after: &str,
    show: &dyn Fn(Line) -> String,
) -> Unified {
    let old = match before {
        Some(_) => name(&format!("a/{path}")),
        None => "/dev/null".to_owned(),
    };
    let header = format!("--- {old}\n+++ {}\n", name(&format!("b/{path}")));
    let diff = TextDiff::from_lines(before.unwrap_or_default(), after);
    let with_context = hunks(&diff, CONTEXT, show);
    let hunks = match with_context.masks_context {
        true => hunks(&diff, 0, show),
        false => with_context,
    };
    Unified {
        text: match hunks.text.is_empty() {
            true => String::new(),
            false => header + &hunks.text,
        },
        is_masked: hunks.masks_change,
    }
}

/// How many lines are shown around those that change.
const CONTEXT: usize = 3;

/// The changes of a file, or of several.
#[derive(Debug, Default)]
pub struct Unified {
    /// What is to be seen of them.
    pub text: String,
    /// Whether that is not all, so that it cannot be applied.
    pub is_masked: bool,
}

/// A line, by its number from 0.
#[derive(Clone, Copy, Debug)]
pub enum Line {
    /// Of the text before.
    Old(usize),
    /// Of the text after, with the line before that it was made of, where there is one.
    New(usize, Option<usize>),
}

/// The line that another one takes the place of, where each line of a group has one.
fn counterpart(op: &DiffOp, line: usize) -> Option<usize> {
    let (old, new) = (op.old_range(), op.new_range());
    let is_even = old.len() == new.len();
    is_even.then(|| old.start + line.saturating_sub(new.start))
}

#[derive(Default)]
struct Hunks {
    text: String,
    masks_change: bool,
    masks_context: bool,
}

fn hunks(diff: &TextDiff<'_, '_, str>, context: usize, show: &dyn Fn(Line) -> String) -> Hunks {
    let mut hunks = Hunks::default();
    for group in diff.grouped_ops(context) {
        let header = UnifiedHunkHeader::new(&group);
        hunks.text.push_str(&format!("{header}\n"));
        let changes = group
            .iter()
            .flat_map(|op| diff.iter_changes(op).map(move |change| (op, change)));
        for (op, change) in changes {
            let line = match (change.old_index(), change.new_index()) {
                (Some(line), _) => Line::Old(line),
                (None, line) => {
                    let line = line.unwrap_or_default();
                    Line::New(line, counterpart(op, line))
                }
            };
            let written = change.value();
            let content = written.trim_end_matches(['\n', '\r']);
            let ending = written.get(content.len()..).unwrap_or_default();
            let shown = show(line);
            let is_masked = shown != content;
            match change.tag() {
                ChangeTag::Equal => hunks.masks_context |= is_masked,
                ChangeTag::Delete | ChangeTag::Insert => hunks.masks_change |= is_masked,
            }
            hunks
                .text
                .push_str(&format!("{}{shown}{ending}", change.tag()));
            if !written.ends_with('\n') {
                hunks.text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    hunks
}

/// A file name as `patch` reads it: a tab ends one with blanks, quotes stand around one that would end the line.
fn name(path: &str) -> String {
    if path.contains(|c: char| c.is_control() || c == '"' || c == '\\') {
        let escaped: String = path.bytes().map(escape).collect();
        return format!("\"{escaped}\"");
    }
    let end = if path.contains(' ') { "\t" } else { "" };
    format!("{path}{end}")
}

fn escape(byte: u8) -> String {
    match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}
