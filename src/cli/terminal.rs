//! What standard output and standard error can show.

use std::env;
use std::ffi::OsStr;
use std::io::{self, IsTerminal};

use zenml_tflint::report::human::Style;

use super::args::Color;

/// The width where there is no terminal, so that the same input gives the same output.
const WIDTH: usize = 100;
/// Text in wider lines is hard to read.
const WIDEST: usize = 160;

/// Colours, characters and width of standard output.
pub fn style(color: Color) -> Style {
    let size = terminal_size::terminal_size_of(io::stdout());
    style_of(color, io::stdout().is_terminal(), size)
}

/// The same of standard error.
pub fn style_of_errors(color: Color) -> Style {
    let size = terminal_size::terminal_size_of(io::stderr());
    style_of(color, io::stderr().is_terminal(), size)
}

type Size = Option<(terminal_size::Width, terminal_size::Height)>;

fn style_of(color: Color, is_terminal: bool, size: Size) -> Style {
    let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    let width = size.map_or(WIDTH, |(terminal_size::Width(width), _)| width.into());
    Style {
        color: has_color(color, is_terminal && !is_dumb, &|name| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(|value| value != "0")
        }),
        unicode: !(is_terminal && is_dumb),
        width: if is_terminal {
            width.min(WIDEST)
        } else {
            WIDTH
        },
    }
}

/// Why values must not be shown, where anybody but the one at the terminal may come to see them.
pub fn refuses_values() -> Option<&'static str> {
    why_no_values(io::stdout().is_terminal(), env::var_os("CI").as_deref())
}

/// The same by what standard output is and what `CI` is set to.
pub(super) fn why_no_values(is_terminal: bool, ci: Option<&OsStr>) -> Option<&'static str> {
    let is_ci = ci.is_some_and(|ci| !ci.is_empty() && ci != "0" && ci != "false");
    if is_ci {
        return Some("not where `CI` is set");
    }
    (!is_terminal).then_some("standard output is no terminal")
}

/// What a report in a file looks like.
pub fn style_of_file(color: Color) -> Style {
    Style {
        color: color == Color::Always,
        unicode: true,
        width: WIDTH,
    }
}

/// `variable` says of an environment variable whether it is other than `0`; nothing where it is not set, or empty.
pub(super) fn has_color(
    color: Color,
    is_terminal: bool,
    variable: &dyn Fn(&str) -> Option<bool>,
) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if variable("NO_COLOR").is_some() => false,
        Color::Auto if variable("CLICOLOR_FORCE") == Some(true) => true,
        Color::Auto => is_terminal && variable("CLICOLOR") != Some(false),
    }
}
