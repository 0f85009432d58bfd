//! Makes a picture of what a terminal shows: text with colours on standard input, an SVG on standard output.
//!
//! ```sh
//! zenml-tflint --no-env --color always examples/url-from-a-default | cargo run --example picture > docs/report.svg
//! ```
//!
//! A test makes the same picture and compares.

use std::fmt::Write as _;
use std::io::Read as _;

use unicode_width::UnicodeWidthChar;

const FONT_SIZE: f64 = 14.0;
/// The width of a character: what most monospaced fonts have, and what the others are squeezed to.
const COLUMN: f64 = 8.4;
/// So that the lines of frames meet.
const LINE: f64 = 17.0;
const MARGIN: f64 = 20.0;

/// Light, and dark where the reader's system is.
const STYLE: &str = "\
    :root { color-scheme: light dark; }
    .paper { fill: #ffffff; stroke: #d0d7de; }
    text { fill: #1f2328; white-space: pre; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
    .bold { font-weight: 600; }
    .dim { fill: #6e7781; }
    .underlined { text-decoration: underline; }
    .c31 { fill: #cf222e; }
    .c32 { fill: #1a7f37; }
    .c33 { fill: #9a6700; }
    .c35 { fill: #8250df; }
    .c36 { fill: #1b7c83; }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117; stroke: #30363d; }
      text { fill: #e6edf3; }
      .dim { fill: #8b949e; }
      .c31 { fill: #ff7b72; }
      .c32 { fill: #7ee787; }
      .c33 { fill: #e3b341; }
      .c35 { fill: #d2a8ff; }
      .c36 { fill: #76e3ea; }
    }
";

/// A word as it stands on a line.
struct Word {
    column: usize,
    width: usize,
    text: String,
    classes: String,
}

/// The picture of a text with the escape sequences of colours.
///
/// # Errors
/// Names the first escape sequence that is not known here: a picture that leaves something out would lie.
pub fn svg(text: &str) -> Result<String, String> {
    let mut lines = Vec::new();
    let mut codes: Vec<u8> = Vec::new();
    for line in text.trim_end().lines() {
        lines.push(words(line, &mut codes)?);
    }
    let ends = lines.iter().flatten().map(|word| word.column + word.width);
    let columns = ends.max().unwrap_or(0);
    let width = columns as f64 * COLUMN + 2.0 * MARGIN;
    let height = lines.len() as f64 * LINE + 2.0 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\">\n  <style>\n{STYLE}  </style>\n  <rect class=\"paper\" x=\"0.5\" y=\"0.5\" \
         width=\"{:.0}\" height=\"{:.0}\" rx=\"8\"/>\n",
        width - 1.0,
        height - 1.0
    );
    for (line, words) in lines.iter().enumerate() {
        let y = MARGIN + line as f64 * LINE + FONT_SIZE;
        for word in words {
            let x = MARGIN + word.column as f64 * COLUMN;
            let length = word.width as f64 * COLUMN;
            let classes = match word.classes.as_str() {
                "" => String::new(),
                classes => format!(" class=\"{classes}\""),
            };
            let text = escape(&word.text);
            let _ = writeln!(
                out,
                "  <text x=\"{x:.1}\" y=\"{y:.0}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\"{classes}>{text}</text>"
            );
        }
    }
    out.push_str("</svg>\n");
    Ok(out)
}

/// The words of a line; `codes` are those that hold, across lines too.
fn words(line: &str, codes: &mut Vec<u8>) -> Result<Vec<Word>, String> {
    let mut words: Vec<Word> = Vec::new();
    let mut column = 0;
    let mut is_open = false;
    let mut rest = line;
    while let Some(char) = rest.chars().next() {
        if char == '\u{1b}' {
            rest = escape_sequence(rest, codes)?;
            is_open = false;
            continue;
        }
        rest = rest.get(char.len_utf8()..).unwrap_or_default();
        let width = char.width().unwrap_or(0);
        match words.last_mut().filter(|_| is_open && char != ' ') {
            Some(word) => {
                word.text.push(char);
                word.width += width;
            }
            None if char == ' ' => is_open = false,
            None => {
                is_open = true;
                words.push(Word {
                    column,
                    width,
                    text: char.to_string(),
                    classes: classes(codes)?,
                });
            }
        }
        column += width;
    }
    Ok(words)
}

/// Takes in the sequence at the start of a text; what follows it.
fn escape_sequence<'t>(text: &'t str, codes: &mut Vec<u8>) -> Result<&'t str, String> {
    let unknown = || {
        format!(
            "an unknown escape sequence: {:?}",
            text.get(..12).unwrap_or(text)
        )
    };
    let (numbers, rest) = text
        .strip_prefix("\u{1b}[")
        .and_then(|text| text.split_once('m'))
        .ok_or_else(unknown)?;
    for number in numbers.split(';') {
        match number.parse::<u8>().map_err(|_| unknown())? {
            0 => codes.clear(),
            code => codes.push(code),
        }
    }
    Ok(rest)
}

fn classes(codes: &[u8]) -> Result<String, String> {
    let mut names: Vec<String> = Vec::new();
    for code in codes {
        let name = match code {
            1 => "bold".to_owned(),
            2 => "dim".to_owned(),
            4 => "underlined".to_owned(),
            31 | 32 | 33 | 35 | 36 => format!("c{code}"),
            code => return Err(format!("an unknown colour: {code}")),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names.join(" "))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Reads, draws, writes.
fn main() {
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    match read
        .map_err(|error| error.to_string())
        .and_then(|_| svg(&text))
    {
        Ok(svg) => print!("{svg}"),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}
