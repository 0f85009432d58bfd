//! One line a finding, as compilers write them.

use std::io::{self, Write};

use super::{Run, plain};

/// Writes `path:line:column: severity[rule] message` for each finding.
///
/// # Errors
/// Where `out` fails.
pub fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in run.findings {
        let place = finding.primary;
        let Some(file) = run.sources.get(place.file) else {
            continue;
        };
        let position = file.position(place.span.start as usize);
        writeln!(
            out,
            "{}:{}:{}: {}[{}] {}",
            plain(&run.path(place.file)),
            position.line,
            position.column,
            finding.severity,
            finding.rule,
            run.shown(&finding.message)
        )?;
    }
    Ok(())
}
