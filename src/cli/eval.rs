//! `zenml-tflint eval EXPR...`

use std::io::{self, BufRead};

use clap::ArgMatches;
use zenml_tflint::console::{self, Console};

use super::args::{AnswerFormat, EvalArguments};
use super::{Trouble, print, values};

/// Answers each expression; the exit code.
pub fn run(arguments: &EvalArguments, matches: &ArgMatches) -> Result<u8, Trouble> {
    let settings = values::settings(&arguments.values, matches)?;
    let show_sensitive = arguments.show_sensitive;
    console::open(&settings, &arguments.dir, show_sensitive, |console| {
        answer_all(console, arguments)
    })
    .map_err(|error| Trouble(error.to_string()))??;
    Ok(0)
}

fn answer_all(console: &Console<'_>, arguments: &EvalArguments) -> Result<(), Trouble> {
    for expression in &arguments.expressions {
        if expression == "-" {
            answer_lines(console, arguments)?;
        } else {
            answer(console, arguments, expression)?;
        }
    }
    Ok(())
}

fn answer_lines(console: &Console<'_>, arguments: &EvalArguments) -> Result<(), Trouble> {
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| Trouble(format!("cannot read standard input: {error}")))?;
        if !line.trim().is_empty() {
            answer(console, arguments, &line)?;
        }
    }
    Ok(())
}

/// Whoever asks line by line waits for each answer: each is written out at once.
fn answer(
    console: &Console<'_>,
    arguments: &EvalArguments,
    expression: &str,
) -> Result<(), Trouble> {
    print(|out| match arguments.output_format {
        AnswerFormat::Human => write!(out, "{}", console.human(expression)),
        AnswerFormat::Json => writeln!(out, "{}", console.json(expression)),
    })
}
