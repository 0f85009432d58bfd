//! What a terminal shows of a run that takes longer than a second.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use zenml_tflint::settings::Settings;

/// Whoever waits less needs no word.
const PATIENCE: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_millis(100);

/// Does the work of a run, and shows on standard error how far it is, where that is a terminal.
pub fn beside<T>(settings: &Settings, work: impl FnOnce() -> T) -> T {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if is_dumb || !io::stderr().is_terminal() {
        return work();
    }
    show(&mut io::stderr(), PATIENCE, &settings.progress, work)
}

pub(super) fn show<T>(
    out: &mut (impl Write + Send),
    patience: Duration,
    progress: &(impl ToString + Sync),
    work: impl FnOnce() -> T,
) -> T {
    let (end, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut wait = patience;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                // The cursor returns to the start of the line, whose rest is cleared. Where nobody reads it, no matter.
                let _ = write!(out, "\r\u{1b}[K{}", progress.to_string());
                let _ = out.flush();
                wait = EVERY;
            }
            if wait == EVERY {
                let _ = write!(out, "\r\u{1b}[K");
                let _ = out.flush();
            }
        });
        let result = work();
        drop(end);
        result
    })
}
