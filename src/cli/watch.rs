//! `--watch`

use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use notify::event::{EventKind, ModifyKind};
use notify::{Event, RecursiveMode, Watcher};
use zenml_tflint::config;
use zenml_tflint::discover::{FileKind, repository_root};

use super::args::CheckArguments;
use super::{Trouble, complain, print, tell, values};

/// An editor saves in several steps, a branch is switched in many: what follows within this time is one change.
const QUIET: Duration = Duration::from_millis(100);
/// Where changes never pause, they are looked at all the same.
const LONGEST: Duration = Duration::from_secs(1);

/// Checks, and checks again whenever something changes that a check reads, until the process is ended.
///
/// The system tells of changes; it would take too long to look for them in a large repository.
pub fn run(
    arguments: &CheckArguments,
    check: &dyn Fn() -> Result<u8, Trouble>,
) -> Result<u8, Trouble> {
    let given = given(arguments);
    let (sender, changes) = mpsc::channel();
    let cannot = |error: notify::Error| Trouble(format!("cannot watch for changes: {error}"));
    let mut watcher = notify::recommended_watcher(sender).map_err(cannot)?;
    for root in roots(&arguments.paths)? {
        watcher
            .watch(&root, RecursiveMode::Recursive)
            .map_err(cannot)?;
    }
    for directory in given.iter().filter_map(|path| path.parent()) {
        watcher
            .watch(directory, RecursiveMode::NonRecursive)
            .map_err(cannot)?;
    }
    loop {
        clear_screen()?;
        if let Err(trouble) = check() {
            complain(&trouble.0);
        }
        tell("zenml-tflint: waiting for changes; Ctrl-C ends it");
        await_change(&changes, &given)?;
    }
}

/// Everything that may decide what a check says: the repositories that the paths lie in.
fn roots(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Trouble> {
    let here = values::current_directory()?;
    let everything = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &everything } else { paths };
    let mut roots: Vec<PathBuf> = Vec::new();
    for path in paths {
        let full = here.join(path).canonicalize();
        let full = full.map_err(|error| Trouble(format!("{}: {error}", path.display())))?;
        let directory = match full.parent() {
            Some(parent) if !full.is_dir() => parent,
            _ => &full,
        };
        let root = repository_root(directory, &here.canonicalize().unwrap_or_default());
        if !roots.iter().any(|other| root.starts_with(other)) {
            roots.push(root);
        }
    }
    Ok(roots)
}

/// The files that the command line names beside the paths, links resolved. One that is not there is not watched for.
fn given(arguments: &CheckArguments) -> Vec<PathBuf> {
    let files = arguments.config.config.iter();
    let files = files
        .chain(&arguments.baseline)
        .chain(&arguments.values.variable_files)
        .chain(&arguments.values.environment_files);
    files.filter_map(|path| path.canonicalize().ok()).collect()
}

fn clear_screen() -> Result<(), Trouble> {
    if io::stdout().is_terminal() {
        return print(|out| write!(out, "\u{1b}[2J\u{1b}[3J\u{1b}[H"));
    }
    Ok(())
}

/// Waits for a change that matters, and until no other follows.
fn await_change(
    changes: &Receiver<notify::Result<Event>>,
    given: &[PathBuf],
) -> Result<(), Trouble> {
    let ended = |_| Trouble("the system tells of no more changes".into());
    while !matters(&changes.recv().map_err(ended)?, given) {}
    let begin = Instant::now();
    while begin.elapsed() < LONGEST && changes.recv_timeout(QUIET).is_ok() {}
    Ok(())
}

/// Whether a check may say something else after an event. Of an error, which may stand for lost events, one cannot know.
fn matters(event: &notify::Result<Event>, given: &[PathBuf]) -> bool {
    let Ok(event) = event else { return true };
    if event.need_rescan() {
        return true;
    }
    // The checks themselves read files.
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    let may_be_directory = match event.kind {
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => true,
        EventKind::Create(_) => event.paths.iter().any(|path| path.is_dir()),
        _ => false,
    };
    event.paths.iter().any(|path| {
        given.contains(path) || is_read(path) || (may_be_directory && is_directory_like(path))
    })
}

/// Whether a check reads files of this name.
fn is_read(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(OsStr::to_str) else {
        return false;
    };
    if is_passed_over(path) {
        // Where `terraform init` notes which modules it has installed.
        return path.ends_with(".terraform/modules/modules.json");
    }
    let is_configuration = name == config::FILE_NAME || name.ends_with(".toml");
    let is_of_git = matches!(name, ".gitignore" | ".ignore");
    is_configuration || is_of_git || FileKind::by_name(name).is_some()
}

/// What has gone is no directory any more: the name has to tell.
fn is_directory_like(path: &Path) -> bool {
    !is_passed_over(path) && (path.is_dir() || path.extension().is_none())
}

fn is_passed_over(path: &Path) -> bool {
    path.components().any(|part| {
        let part = part.as_os_str();
        part == ".git" || part == ".terraform" || part == "node_modules"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind, DataChange, RemoveKind, RenameMode};

    #[test]
    fn only_what_a_check_reads_matters() {
        let data = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let renamed = EventKind::Modify(ModifyKind::Name(RenameMode::From));
        for (kind, path, expected) in [
            (data, "/r/main.tf", true),
            (data, "/r/a/x.tofu.json", true),
            (data, "/r/prod.tfvars", true),
            (data, "/r/.zenml-tflint.toml", true),
            (data, "/r/shared.toml", true),
            (data, "/r/a/.gitignore", true),
            (data, "/r/.terraform/modules/modules.json", true),
            (data, "/elsewhere/env", true),
            (EventKind::Access(AccessKind::Any), "/r/main.tf", false),
            (data, "/r/README.md", false),
            (data, "/r/.main.tf.swp", false),
            (data, "/r/main.tf~", false),
            (data, "/r/.terraform/modules/m/main.tf", false),
            (data, "/r/node_modules/x/main.tf", false),
            (EventKind::Create(CreateKind::File), "/r/4913", false),
            (EventKind::Remove(RemoveKind::Folder), "/r/modules", true),
            (renamed, "/r/modules", true),
            (renamed, "/r/.git/index", false),
            (renamed, "/r/report.json", false),
        ] {
            let event = Event::new(kind).add_path(path.into());
            let found = matters(&Ok(event), &["/elsewhere/env".into()]);
            assert_eq!(found, expected, "{kind:?} {path}");
        }
        assert!(matters(&Err(notify::Error::generic("lost")), &[]));
    }
}
