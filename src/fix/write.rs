//! Files replaced whole: whoever reads one sees the old text or the new one, whatever happens meanwhile.

#![expect(
    clippy::disallowed_methods,
    reason = "files are opened to be written and locked"
)]

use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::reader::{ReadError, Reader};

/// How the names of unfinished files begin and end. Terraform reads neither hidden files nor this ending.
const PREFIX: &str = ".zenml-tflint-";
const SUFFIX: &str = ".tmp";

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It has no write permission; that its directory has one is not enough.
    #[error("is write-protected")]
    WriteProtected,
    /// Its text has other names, which would keep the old one.
    #[error("has several hard links")]
    HardLinks,
    /// A directory has the name of a file that does not exist yet.
    #[error("is a directory")]
    Directory,
    /// So has a device, a FIFO or a socket.
    #[error("is neither a file nor a directory")]
    NoRegularFile,
    /// So has a link without a target.
    #[error("is a link that leads nowhere")]
    Dangling,
    /// Somebody changed it after it was read.
    #[error("has changed since it was read; nothing was written")]
    Changed,
    /// The system says no.
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Replaces the text of a file that held `before` (`None`: that did not exist). Mode and, where permitted, owner stay; of a
/// symbolic link, the target is replaced. One that has the new text already stays: it may be fixed under another name.
///
/// # Errors
/// Where it may not or cannot be written; the file is then as it was.
pub fn write(path: &Path, before: Option<&str>, after: &str) -> Result<(), Refused> {
    let Some(before) = before else {
        return create(path, after);
    };
    let target = fs::canonicalize(path)?;
    if let Some(obstacle) = obstacle(&target, true) {
        return Err(obstacle);
    }
    if holds(&target, after)? {
        return Ok(());
    }
    let temporary = Temporary::new(&target)?;
    temporary.fill(after.as_bytes(), Some(&target))?;
    if !holds(&target, before)? {
        return Err(Refused::Changed);
    }
    temporary.rename(&target)?;
    Ok(())
}

/// Whether a file has a text.
fn holds(path: &Path, text: &str) -> io::Result<bool> {
    match Reader::new(text.len() as u64).read(path) {
        Ok(bytes) => Ok(bytes == text.as_bytes()),
        Err(ReadError::TooLarge(_)) => Ok(false),
        Err(ReadError::Io(error)) => Err(error),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Replaces a file, whatever it held, or makes it: a report, a baseline. What is no regular file (a device, a pipe) is
/// written to as it is. What killed runs have left beside it goes.
///
/// # Errors
/// Where it may not or cannot be written; a regular file is then as it was.
pub fn replace(path: &Path, text: &[u8]) -> Result<(), Refused> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Some(metadata),
        Ok(_) => return Ok(OpenOptions::new().write(true).open(path)?.write_all(text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let target = match &metadata {
        Some(_) => fs::canonicalize(path)?,
        None => path.to_owned(),
    };
    if metadata.is_some() && is_protected(&target) {
        return Err(Refused::WriteProtected);
    }
    remove_leftovers(target.parent().unwrap_or(Path::new("")));
    let temporary = Temporary::new(&target)?;
    temporary.fill(text, metadata.is_some().then_some(&target))?;
    temporary.rename(&target)?;
    Ok(())
}

/// Why a file is not replaced, or not created, as far as that can be told beforehand.
pub(super) fn obstacle(path: &Path, exists: bool) -> Option<Refused> {
    if !exists {
        return obstacle_to_creation(path);
    }
    if is_protected(path) {
        return Some(Refused::WriteProtected);
    }
    if hard_links(path) > 1 {
        // A run that was killed while it made the file may have left one of the names.
        remove_leftovers(path.parent().unwrap_or(Path::new("")));
    }
    (hard_links(path) > 1).then_some(Refused::HardLinks)
}

fn obstacle_to_creation(path: &Path) -> Option<Refused> {
    let kind = fs::symlink_metadata(path).ok()?.file_type();
    Some(match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Refused::Directory,
        Ok(metadata) if metadata.is_file() => Refused::Changed,
        Err(_) if kind.is_symlink() => Refused::Dangling,
        _ => Refused::NoRegularFile,
    })
}

/// How many names a file has; 1 where that cannot be told.
#[cfg(unix)]
fn hard_links(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).map_or(1, |metadata| metadata.nlink())
}

/// How many names a file has; 1 where that cannot be told.
#[cfg(windows)]
fn hard_links(path: &Path) -> u64 {
    let information = File::open(path).and_then(winapi_util::file::information);
    information.map_or(1, |information| information.number_of_links())
}

/// Whether a file has no write permission, for anybody or for this user; that of its directory does not count.
fn is_protected(path: &Path) -> bool {
    let is_readonly = fs::metadata(path).is_ok_and(|metadata| metadata.permissions().readonly());
    let opened = || OpenOptions::new().write(true).open(path);
    is_readonly || opened().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

fn create(path: &Path, text: &str) -> Result<(), Refused> {
    let temporary = Temporary::new(path)?;
    temporary.fill(text.as_bytes(), None)?;
    // Unlike a rename, a hard link never takes the place of a file that has come into being meanwhile.
    match fs::hard_link(&temporary.path, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Refused::Changed),
        Err(_) if !path.exists() => Ok(temporary.rename(path)?),
        result => Ok(result?),
    }
}

/// A file beside the one that it will replace; removed when dropped, and locked as long as it is in use.
struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    fn new(target: &Path) -> io::Result<Self> {
        let directory = target.parent().unwrap_or(Path::new(""));
        loop {
            // Never the same name twice: what another run removes is what it has looked at.
            let random = RandomState::new().build_hasher().finish();
            let path = directory.join(format!("{PREFIX}{}-{random}{SUFFIX}", std::process::id()));
            let file = File::create_new(&path)?;
            // Where the file system has no locks, a leftover cannot be told from a file in use and stays.
            let is_locked = file.lock().is_ok();
            // Another run may have taken it for a leftover before it was locked.
            if !is_locked || fs::symlink_metadata(&path).is_ok() {
                return Ok(Self { path, file });
            }
        }
    }

    fn fill(&self, text: &[u8], like: Option<&PathBuf>) -> io::Result<()> {
        // First of all, so that nobody reads what they may not.
        if let Some(replaced) = like {
            let metadata = fs::metadata(replaced)?;
            keep_owner(&self.file, &metadata);
            self.file.set_permissions(metadata.permissions())?;
            keep_attributes(&self.file, replaced);
        }
        (&self.file).write_all(text)?;
        self.file.sync_all()
    }

    fn rename(self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Gone already where it was renamed.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn keep_owner(file: &File, metadata: &Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    // Only the superuser may give files away; for everyone else the new file is their own.
    let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _metadata: &Metadata) {}

/// Gives a file the extended attributes of another one, as far as the system permits: those of the system itself may not
/// be set by everybody.
#[cfg(unix)]
fn keep_attributes(file: &File, replaced: &Path) {
    use xattr::FileExt as _;
    let names = xattr::list_deref(replaced).into_iter().flatten();
    for name in names {
        if let Ok(Some(value)) = xattr::get_deref(replaced, &name) {
            let _ = file.set_xattr(&name, &value);
        }
    }
}

#[cfg(not(unix))]
fn keep_attributes(_file: &File, _replaced: &Path) {}

/// Removes the unfinished files that killed runs have left in a directory; the empty path is the current one.
pub fn remove_leftovers(directory: &Path) {
    let directory = match directory == Path::new("") {
        true => Path::new("."),
        false => directory,
    };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_ours = name.starts_with(PREFIX) && name.ends_with(SUFFIX);
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_ours && is_file {
            remove_unless_in_use(&entry.path());
        }
    }
}

fn remove_unless_in_use(path: &Path) {
    // Locked until it is gone, so that the run that has just made it sees that.
    if let Ok(file) = File::open(path)
        && file.try_lock().is_ok()
    {
        let _ = fs::remove_file(path);
    }
}
