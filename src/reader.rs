//! Reads the files that a run takes in. No other code opens one.
//!
//! A repository may hold links that lead anywhere, and a path on the command line may name anything. So only regular
//! files are read, none of the kernel's, none larger than a limit, and what a repository itself names only inside it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Larger files than any that people write; one that is larger may be meant to exhaust memory.
const DEFAULT_LIMIT: u64 = 16 << 20;

/// The largest limit: positions in a text have 32 bits.
pub const LARGEST_LIMIT: u64 = u32::MAX as u64 - 1;

/// Reads files up to a limit of size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    limit: u64,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
        }
    }
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A directory is in its place.
    #[error("it is a directory")]
    Directory,
    /// A device, a FIFO or a socket is in its place.
    #[error("it is not a regular file")]
    NotRegular,
    /// The kernel makes up its content, as in procfs and sysfs.
    #[error("it is a file of the kernel")]
    Kernel,
    /// It is outside the repository that names it.
    #[error("it is outside the repository")]
    Outside,
    /// It is larger than the limit, in bytes.
    #[error("it is larger than {}; `--max-file-size` raises the limit", size(*.0))]
    TooLarge(u64),
    /// The operating system refuses.
    #[error("{}", describe(.0))]
    Io(#[from] io::Error),
}

impl ReadError {
    /// Whether there is nothing to read, so that nothing is missed.
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Directory => true,
            Self::Io(error) => matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ),
            _ => false,
        }
    }

    /// Whether the file is left alone for what it is or where it is.
    pub fn is_passed_over(&self) -> bool {
        matches!(self, Self::NotRegular | Self::Kernel | Self::Outside)
    }
}

/// An open file that may be read.
struct Opened {
    file: File,
    size: u64,
    /// Where it really is, if its path is a link.
    target: Option<PathBuf>,
}

impl Reader {
    /// A reader of files up to a size in bytes, at most [`LARGEST_LIMIT`].
    pub fn new(limit: u64) -> Self {
        Self {
            limit: limit.min(LARGEST_LIMIT),
        }
    }

    /// The bytes of a file, wherever it is.
    ///
    /// # Errors
    /// Where it is not read.
    pub fn read(self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        self.read_into(path, &mut bytes)?;
        Ok(bytes)
    }

    /// The bytes of a file that a repository names, which must be inside its root (absolute, links resolved).
    ///
    /// # Errors
    /// Where it is not read.
    pub fn read_inside(self, path: &Path, root: &Path) -> Result<Vec<u8>, ReadError> {
        // Mostly there is none.
        fs::symlink_metadata(path)?;
        let opened = self.open(path)?;
        if !fs::canonicalize(path)?.starts_with(root) {
            return Err(ReadError::Outside);
        }
        let mut bytes = Vec::new();
        opened.read(self.limit, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads a file into a buffer, whose earlier content is lost. Where the path is a link, the file that it leads to.
    ///
    /// # Errors
    /// Where it is not read.
    pub fn read_into(
        self,
        path: &Path,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<PathBuf>, ReadError> {
        let opened = self.open(path)?;
        opened.read(self.limit, buffer)?;
        Ok(opened.target)
    }

    /// All of standard input, or of another stream that ends.
    ///
    /// # Errors
    /// Where there is more than the limit, or reading fails.
    pub fn read_stream(self, stream: impl Read) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        stream.take(self.limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > self.limit {
            return Err(ReadError::TooLarge(self.limit));
        }
        Ok(bytes)
    }

    /// Whether a file may be read at all, without reading it.
    ///
    /// # Errors
    /// Where it may not.
    pub fn check(self, path: &Path) -> Result<(), ReadError> {
        self.open(path).map(drop)
    }

    fn open(self, path: &Path) -> Result<Opened, ReadError> {
        let (file, target) = open(path)?;
        let metadata = file.metadata()?;
        refuse_kind(&metadata)?;
        if is_of_kernel(&file, &metadata) {
            return Err(ReadError::Kernel);
        }
        let size = metadata.len();
        if size > self.limit {
            return Err(ReadError::TooLarge(self.limit));
        }
        Ok(Opened { file, size, target })
    }
}

impl Opened {
    /// Reads all of it: with one call where it is as large as it was said to be. Files may grow or shrink meanwhile.
    fn read(&self, limit: u64, buffer: &mut Vec<u8>) -> Result<(), ReadError> {
        let size = usize::try_from(self.size).map_err(|_| ReadError::TooLarge(limit))?;
        buffer.resize(size + 1, 0);
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match (&self.file).read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
            if filled == size {
                break;
            }
        }
        buffer.truncate(filled);
        if filled > size {
            let rest = (limit + 1).saturating_sub(filled as u64);
            (&self.file).take(rest).read_to_end(buffer)?;
        }
        if buffer.len() as u64 > limit {
            return Err(ReadError::TooLarge(limit));
        }
        Ok(())
    }
}

/// Opens a file, and says where it is if the path is a link.
fn open(path: &Path) -> Result<(File, Option<PathBuf>), ReadError> {
    match open_itself(path) {
        Ok(file) => Ok((file, None)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error.into()),
        Err(error) => {
            let metadata = fs::symlink_metadata(path)?;
            if !metadata.is_symlink() {
                refuse_kind(&metadata)?;
                return Err(error.into());
            }
            // To open a device may do something, so it is looked at first.
            refuse_kind(&fs::metadata(path)?)?;
            let target = fs::canonicalize(path)?;
            Ok((open_itself(&target)?, Some(target)))
        }
    }
}

/// Opens what is at a path, which must not be a link, and waits for nothing: a FIFO would block.
#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where files are opened"
)]
fn open_itself(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Opens what is at a path, which must not be a link.
#[cfg(not(unix))]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where files are opened"
)]
fn open_itself(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    OpenOptions::new().read(true).open(path)
}

fn refuse_kind(metadata: &Metadata) -> Result<(), ReadError> {
    if metadata.is_dir() {
        Err(ReadError::Directory)
    } else if metadata.is_file() {
        Ok(())
    } else {
        Err(ReadError::NotRegular)
    }
}

/// The file systems whose files the kernel makes up, by the number that `statfs` gives (`linux/magic.h`).
#[cfg(target_os = "linux")]
const KERNEL_FILE_SYSTEMS: [u32; 17] = [
    0x9fa0,      // procfs
    0x6265_6572, // sysfs
    0x6462_6720, // debugfs
    0x7472_6163, // tracefs
    0x7363_6673, // securityfs
    0x6265_6570, // configfs
    0x0027_e0eb, // cgroup
    0x6367_7270, // cgroup2
    0xcafe_4a11, // bpf
    0x6165_676c, // pstore
    0xde5e_81e4, // efivarfs
    0x4249_4e4d, // binfmt_misc
    0xf97c_ff8c, // selinuxfs
    0x4341_5d53, // smackfs
    0x6e73_6673, // nsfs
    0x1980_0202, // mqueue
    0xabba_1974, // xenfs
];

/// Whether a file is in procfs, sysfs or the like, wherever that is mounted. Such a file has no blocks on a disk, which
/// spares nearly all others the question.
#[cfg(target_os = "linux")]
fn is_of_kernel(file: &File, metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let is_on_kernel_file_system = || {
        let system = rustix::fs::fstatfs(file);
        // The numbers have 32 bits, whatever type a platform has for them.
        system.is_ok_and(|system| KERNEL_FILE_SYSTEMS.contains(&(system.f_type as u32)))
    };
    metadata.blocks() == 0 && is_on_kernel_file_system()
}

/// Whether the kernel makes up a file: elsewhere than on Linux, no such file system is common.
#[cfg(not(target_os = "linux"))]
fn is_of_kernel(_: &File, _: &Metadata) -> bool {
    false
}

/// A size for people.
fn size(bytes: u64) -> String {
    match (bytes >> 20, bytes >> 10) {
        (mib, _) if mib << 20 == bytes && mib > 0 => format!("{mib} MiB"),
        (_, kib) if kib << 10 == bytes && kib > 0 => format!("{kib} KiB"),
        _ => format!("{bytes} bytes"),
    }
}

/// The words of the operating system, without its number.
pub fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let path = root.join("file");
        fs::write(&path, bytes).unwrap();
        (directory, path)
    }

    #[test]
    fn files_up_to_the_limit_are_read_whole() {
        let mut buffer = b"what was there before".to_vec();
        for length in [0, 1, 9, 10] {
            let (_directory, path) = file(&vec![b'x'; length]);
            let target = Reader::new(10).read_into(&path, &mut buffer).unwrap();
            assert_eq!(buffer, vec![b'x'; length]);
            assert_eq!(target, None);
        }
        let (_directory, path) = file(&[b'x'; 11]);
        let error = Reader::new(10).read(&path).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge(10)), "{error}");
        assert!(Reader::new(10).read_stream(&[0; 11][..]).is_err());
        assert_eq!(Reader::new(10).read_stream(&[0; 10][..]).unwrap(), [0; 10]);
    }

    #[test]
    fn sizes_are_shown_in_the_largest_unit_that_fits() {
        let error = |limit| ReadError::TooLarge(limit).to_string();
        assert!(error(DEFAULT_LIMIT).contains("than 16 MiB;"));
        assert!(error(1536).contains("than 1536 bytes;"));
        assert!(error(3 << 10).contains("than 3 KiB;"));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_told() {
        let (directory, path) = file(b"text");
        let root = path.parent().unwrap();
        let link = root.join("link");
        std::os::unix::fs::symlink("file", &link).unwrap();
        let mut buffer = Vec::new();
        let target = Reader::default().read_into(&link, &mut buffer).unwrap();
        assert_eq!(
            (buffer.as_slice(), target),
            (&b"text"[..], Some(path.clone()))
        );
        assert_eq!(Reader::default().read_inside(&link, root).unwrap(), b"text");
        let error = Reader::default().read_inside(&link, &root.join("below"));
        assert!(matches!(error, Err(ReadError::Outside)));
        std::os::unix::fs::symlink("loop", root.join("loop")).unwrap();
        assert!(Reader::default().read(&root.join("loop")).is_err());
        drop(directory);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_of_the_kernel_is_read() {
        for path in [
            "/proc/self/environ",
            "/proc/self/status",
            "/proc/kmsg",
            "/proc/self/pagemap",
            "/sys/kernel/mm/transparent_hugepage/enabled",
        ] {
            let error = match Reader::default().read(Path::new(path)) {
                Err(ReadError::Io(error)) => {
                    eprintln!("not tested: {path}: {error}");
                    continue;
                }
                other => other.unwrap_err(),
            };
            assert!(matches!(error, ReadError::Kernel), "{path}: {error}");
        }
        for path in ["/dev/zero", "/dev/null"] {
            let error = Reader::default().read(Path::new(path)).unwrap_err();
            assert!(matches!(error, ReadError::NotRegular), "{path}: {error}");
        }
    }
}
