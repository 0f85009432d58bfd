//! Files of `NAME=value` lines.
//!
//! A line may begin with `export`; lines that begin with `#` are comments. A value goes to the end of its line, blanks
//! around it left out; in single quotes it is taken as it is, in double quotes `\"`, `\\`, `\n`, `\r`, `\t` and `\$` are escapes.

/// Why a file cannot be read; quotes nothing of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// The variables of a file, in its order.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, Invalid> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate();
    let lines = lines.map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, text)| variable(text).map_err(|reason| Invalid { line, reason }))
        .collect()
}

fn variable(line: &str) -> Result<(String, String), &'static str> {
    let without_export = line
        .strip_prefix("export")
        .filter(|rest| rest.starts_with([' ', '\t']))
        .map_or(line, str::trim_start);
    let (name, value) = without_export
        .split_once('=')
        .ok_or("a line must be NAME=value")?;
    let name = name.trim_end();
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_name =
        name.starts_with(is_first) && name.chars().all(|c| is_first(c) || c.is_ascii_digit());
    if !is_name {
        return Err("a name must consist of letters, digits and underscores");
    }
    Ok((name.to_owned(), unquoted(value.trim())?))
}

fn unquoted(value: &str) -> Result<String, &'static str> {
    if let Some(rest) = value.strip_prefix('\'') {
        let Some((inner, "")) = rest.split_once('\'') else {
            return Err("a quoted value must end with its quote, and the line with it");
        };
        return Ok(inner.to_owned());
    }
    let Some(rest) = value.strip_prefix('"') else {
        return Ok(value.to_owned());
    };
    let mut inner = String::new();
    let mut characters = rest.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' if characters.as_str().is_empty() => return Ok(inner),
            '"' => break,
            '\\' => match characters.next() {
                Some('n') => inner.push('\n'),
                Some('r') => inner.push('\r'),
                Some('t') => inner.push('\t'),
                Some(c @ ('"' | '\\' | '$')) => inner.push(c),
                Some(c) => inner.extend(['\\', c]),
                None => break,
            },
            _ => inner.push(c),
        }
    }
    Err("a quoted value must end with its quote, and the line with it")
}
