//! What the rules see: the value of an expression in a module, and where it was written.

mod human;
mod json;
mod shown;

use std::fs;
use std::path::Path;

use crate::discover::{self, is_automatic};
use crate::eval::{EvalError, Evaluator, Start, Value};
use crate::lint::{self, thread_pool};
use crate::reader;
use crate::redact;
use crate::settings::{BadSettings, Settings};
use crate::source::{FileId, Location};
use crate::syntax::{SyntaxError, parse_lines};
use crate::terraform::{self, Configuration, ExprRef, Marks, ModuleId, RootContext, RunInputs};

/// The file of expressions that stand in no file.
const NO_FILE: FileId = FileId(u32::MAX);

/// Why there is no console.
#[derive(Debug, thiserror::Error)]
pub enum CannotOpen {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] BadSettings),
    /// The directory, or a file of the module, cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

/// A module, run as a root with what the settings give to it, that answers expressions.
pub struct Console<'a> {
    configuration: &'a Configuration,
    module: ModuleId,
    context: &'a RootContext,
    /// Why Terraform would refuse every expression.
    broken: Option<String>,
    show_sensitive: bool,
}

/// What an expression comes to.
pub enum Answer {
    /// It has a value, known or not.
    Value {
        /// The value; what must not be shown is marked as sensitive.
        value: Value,
        /// Whether some of it is unknown only because it would have been too much work.
        cut: bool,
    },
    /// Terraform would refuse it: why.
    Error(String),
}

/// Loads the module of a directory, whether or not it says `zenml`, and asks it.
///
/// # Errors
/// Where the module cannot be read or the settings cannot be used.
pub fn open<T: Send>(
    settings: &Settings,
    dir: &Path,
    show_sensitive: bool,
    ask: impl FnOnce(&Console<'_>) -> T + Send,
) -> Result<T, CannotOpen> {
    let threads = thread_pool(settings.jobs)?;
    threads.install(|| load(settings, dir, show_sensitive, ask))
}

fn load<T>(
    settings: &Settings,
    dir: &Path,
    show_sensitive: bool,
    ask: impl FnOnce(&Console<'_>) -> T,
) -> Result<T, CannotOpen> {
    let path = settings.directory.join(dir);
    let unreadable = |why: &str| CannotOpen::Unreadable(format!("{}: {why}", dir.display()));
    let path = fs::canonicalize(path).map_err(|error| unreadable(&reader::describe(&error)))?;
    if !path.is_dir() {
        return Err(unreadable("is not a directory"));
    }
    let options = discover::Options {
        paths: vec![path.clone()],
        ..settings.discovery()
    };
    let mut discovery = discover::discover(&options).map_err(BadSettings::from)?;
    let roots = lint::root_files(&lint::configurations(settings, &discovery)?);
    let inputs = RunInputs {
        roots,
        ..settings.inputs()
    };
    let (configuration, module) = terraform::load_module(&mut discovery, &path, &inputs);
    if let Some(problem) = discovery.problems.first() {
        return Err(CannotOpen::Unreadable(problem.to_string()));
    }
    if let Some(name) = configuration.undeclared(&inputs).first() {
        return Err(BadSettings::UndeclaredVariable((*name).to_owned()).into());
    }
    let module = module.ok_or_else(|| unreadable("cannot be read"))?;
    let contexts = configuration.contexts(module, &inputs);
    let context = contexts.first().cloned().unwrap_or_default();
    let console = Console {
        configuration: &configuration,
        module,
        context: &context,
        broken: broken(&configuration, module),
        show_sensitive,
    };
    Ok(ask(&console))
}

/// The first syntax error in what Terraform would read.
fn broken(configuration: &Configuration, module: ModuleId) -> Option<String> {
    let files = configuration
        .modules
        .iter()
        .flat_map(|module| &module.files);
    let dir = configuration.module(module).map(|module| &module.dir);
    let values = configuration.values.iter().filter(|values| {
        !values.given_as.is_empty() || Some(&values.dir) == dir && is_automatic(&values.name)
    });
    let mut files = files.copied().chain(values.map(|values| values.file));
    files.find_map(|file| {
        let error = configuration.tree(file)?.errors.first()?;
        let at = Location {
            file,
            span: error.span,
        };
        Some(format!("{} ({})", error.message, place(configuration, at)?))
    })
}

/// `main.tf:3:16`; `None` for what stands in no file.
fn place(configuration: &Configuration, at: Location) -> Option<String> {
    let file = configuration.sources.get(at.file)?;
    let position = file.position(at.span.start as usize);
    Some(format!(
        "{}:{}:{}",
        file.display, position.line, position.column
    ))
}

impl Console<'_> {
    /// What an expression comes to.
    pub fn answer(&self, text: &str) -> Answer {
        if let Some(broken) = &self.broken {
            return Answer::Error(broken.clone());
        }
        let (tree, root) = parse_lines(text);
        if let Some(SyntaxError { message, .. }) = tree.errors.first() {
            return Answer::Error(message.to_string());
        }
        // Each expression has a budget of its own, however many are asked.
        let evaluator = Evaluator::new(self.configuration);
        let instance = evaluator.root(self.module, self.context);
        let expr = ExprRef {
            file: NO_FILE,
            expr: root,
        };
        let slice = redact::slice(self.configuration);
        let marks = slice.marks(self.configuration, self.module, &tree, root);
        match evaluator.foreign_value(instance, &tree, expr) {
            Ok(value) => Answer::Value {
                value: self.marked(&value, &marks),
                cut: evaluator.exhausted(),
            },
            Err(_) if marks != Marks::Nothing && !self.show_sensitive => {
                Answer::Error("the error is not shown: a secret has a part in it".to_owned())
            }
            Err(error) => Answer::Error(self.describe(&error)),
        }
    }

    fn describe(&self, error: &EvalError) -> String {
        match place(self.configuration, error.at) {
            Some(place) => format!("{} ({place})", error.message),
            None => error.message.clone(),
        }
    }

    /// The value with everything marked that must not be shown.
    fn marked(&self, value: &Value, marks: &Marks) -> Value {
        let hidden = |part: &Value| {
            let hide = !part.sensitive && self.is_secret(part);
            hide.then(|| part.clone().with_sensitive(true))
        };
        let value = match marks {
            Marks::Nothing => value.clone(),
            Marks::All => return value.clone().with_sensitive(true),
            Marks::Members(marks) => value.map_members(&|key, member| {
                let marks = marks.get(key).unwrap_or(&Marks::Nothing);
                self.marked(member, marks)
            }),
        };
        value.replace_parts(&hidden)
    }

    /// Whether a value has come from the environment, or from something that reaches a credential.
    fn is_secret(&self, value: &Value) -> bool {
        let slice = redact::slice(self.configuration);
        let reaches = |start: &Start| match start {
            Start::Literal(place) => place.file != NO_FILE && slice.holds(*place),
            Start::Run { by, variable } => {
                let name = self.configuration.variable_at(*variable);
                let is_of_environment = by.as_ref().is_some_and(|by| by.starts_with("TF_VAR_"));
                is_of_environment
                    || name.is_some_and(|(name, _)| slice.holds_variable(self.module, name))
            }
            Start::Computed { .. } | Start::Resource { .. } | Start::Read { .. } => false,
        };
        let has_shape = |text: &str| redact::by_shape(text) != text;
        shown::own_texts(value).any(has_shape)
            || value.trace().ways().iter().any(|way| reaches(&way.start))
    }

    /// A value's type, as it may be shown: the keys of a sensitive one are not.
    fn type_of(&self, value: &Value) -> String {
        let ty = value.ty().to_string();
        match ty.split_once('(') {
            Some((kind, _)) if value.sensitive && !self.show_sensitive => format!("{kind}(…)"),
            _ => self.text(&ty),
        }
    }

    /// A text as it may be shown.
    fn text(&self, text: &str) -> String {
        if self.show_sensitive {
            text.to_owned()
        } else {
            redact::by_shape(text)
        }
    }

    /// A marked value as it may be shown: what is sensitive is null.
    fn shown(&self, value: &Value) -> Value {
        if self.show_sensitive {
            return value.clone();
        }
        value.replace_parts(&|part| part.sensitive.then(Value::null))
    }
}
