//! Source texts and places in them: byte spans, files, lines and columns.

use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

/// A half-open range of bytes in one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// A span from `start` to `end`; offsets past `u32::MAX` are cut there (such files are never read).
    pub fn new(start: usize, end: usize) -> Self {
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            start: cut(start),
            end: cut(end),
        }
    }

    /// The span as a range of byte indices.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Whether `other` lies wholly within this span.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The text of the span; empty where the span does not fit the text.
    pub fn text(self, source: &str) -> &str {
        source.get(self.range()).unwrap_or_default()
    }
}

/// A file of this run: an index into [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A place: a span in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The bytes in it.
    pub span: Span,
}

/// A position as people and the JSON output count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in Unicode scalar values; a byte-order mark is none.
    pub column: usize,
    /// Offset in bytes, from 0; a byte-order mark counts.
    pub offset: usize,
}

/// One file that was read.
#[derive(Debug)]
pub struct SourceFile {
    /// Where it was read from.
    pub path: PathBuf,
    /// The path as findings print it: relative to the current directory, with `/`.
    pub display: String,
    /// Its whole text, a byte-order mark included.
    pub text: String,
    /// Whether findings may be reported in it (not where git ignores it or `--exclude` names it).
    pub reported: bool,
    /// The offset of the first byte that is not UTF-8. Every such byte stands in `text` as `?`, so that offsets stay right.
    pub bad_byte: Option<u32>,
    /// Whether it is in the repository of a checked path: of another file, no text is shown and nothing is fixed.
    pub is_inside: bool,
    /// Whether a link leads to it or to a directory above it, or it is one itself: other modules may read it, too.
    pub has_other_names: bool,
    /// Whether it is on disk, or only a fix would make it.
    pub exists: bool,
    lines: OnceLock<Vec<u32>>,
    /// How many characters begin before each block of [`BLOCK`] bytes.
    characters: OnceLock<Vec<usize>>,
}

/// Lines longer than this have their characters counted by block, so that a position costs the same wherever it is.
const BLOCK: usize = 4096;

impl SourceFile {
    /// A file with its text.
    pub fn new(path: PathBuf, display: String, text: String, reported: bool) -> Self {
        Self {
            path,
            display,
            text,
            reported,
            bad_byte: None,
            is_inside: true,
            has_other_names: false,
            exists: true,
            lines: OnceLock::new(),
            characters: OnceLock::new(),
        }
    }

    /// A file with its bytes, which may be anything.
    pub fn from_bytes(path: PathBuf, display: String, bytes: Vec<u8>, reported: bool) -> Self {
        let (text, bad_byte) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                (
                    with_question_marks(error.as_bytes()),
                    Some(Span::new(at, at).start),
                )
            }
        };
        Self {
            bad_byte,
            ..Self::new(path, display, text, reported)
        }
    }

    /// The byte offset at which each line starts; the first is 0.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0)
                .chain(breaks.map(|at| Span::new(at + 1, at + 1).start))
                .collect()
        })
    }

    /// The index of the line, from 0, that holds a byte offset.
    pub fn line_at(&self, offset: usize) -> usize {
        self.line_starts()
            .partition_point(|&start| start as usize <= offset)
            .saturating_sub(1)
    }

    /// The span of a line (from 0), its line break left out.
    pub fn line_span(&self, line: usize) -> Span {
        let starts = self.line_starts();
        let start = starts.get(line).map_or(self.text.len(), |&s| s as usize);
        let end = starts
            .get(line + 1)
            .map_or(self.text.len(), |&s| s as usize - 1);
        let text = self.text.get(start..end).unwrap_or_default();
        let end = start + text.strip_suffix('\r').unwrap_or(text).len();
        Span::new(start, end)
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        let line = self.line_at(offset);
        let start = self.line_starts().get(line).map_or(0, |&s| s as usize);
        let before = self.text.get(start..offset).unwrap_or_default();
        let characters = if before.len() > BLOCK {
            self.characters_before(offset) - self.characters_before(start)
        } else {
            before.chars().count()
        };
        let mark = usize::from(before.starts_with('\u{feff}'));
        Position {
            line: line + 1,
            column: characters - mark + 1,
            offset,
        }
    }

    /// How many characters begin before a byte offset.
    fn characters_before(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let count = |bytes: &[u8]| bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count();
        let blocks = self.characters.get_or_init(|| {
            let blocks = bytes.chunks(BLOCK).scan(0, |before, block| {
                let here = *before;
                *before += count(block);
                Some(here)
            });
            blocks.collect()
        });
        let block = offset / BLOCK;
        let before = blocks.get(block).copied().unwrap_or_default();
        before + bytes.get(block * BLOCK..offset).map_or(0, count)
    }
}

/// The text with a `?` for each byte that is not UTF-8.
fn with_question_marks(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

/// A path as findings print it: relative to `from` (an absolute directory), with `/`. A path that is itself relative
/// stays as it is.
pub fn display_path(path: &Path, from: &Path) -> String {
    if path.is_relative() {
        return with_slashes(path);
    }
    let shared = path
        .components()
        .zip(from.components())
        .take_while(|(one, other)| one == other)
        .count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let relative: PathBuf = up.chain(path.components().skip(shared)).collect();
    match with_slashes(&relative) {
        here if here.is_empty() => ".".to_owned(),
        display => display,
    }
}

fn with_slashes(path: &Path) -> String {
    let path = path.to_string_lossy();
    if cfg!(windows) {
        path.replace('\\', "/")
    } else {
        path.into_owned()
    }
}

/// All files of a run, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    root: PathBuf,
    by_path: FxHashMap<PathBuf, FileId>,
}

impl Sources {
    /// No files yet, read for a current directory in the repository of this root (absolute, links resolved).
    pub fn of_repository(root: PathBuf) -> Self {
        Self {
            root,
            ..Self::default()
        }
    }

    /// The path of a file relative to the root of the repository that the current directory lies in, with `/`.
    pub fn path_in_repository(&self, id: FileId) -> String {
        self.get(id)
            .map_or_else(String::new, |file| display_path(&file.path, &self.root))
    }

    /// Adds a file.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let id = FileId(Span::new(self.files.len(), 0).start);
        self.by_path.entry(file.path.clone()).or_insert(id);
        self.files.push(file);
        id
    }

    /// The file of an id that [`Sources::add`] gave.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The text at a location; empty where there is none.
    pub fn text_at(&self, location: Location) -> &str {
        self.get(location.file)
            .map_or("", |file| location.span.text(&file.text))
    }

    /// Every file with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// The file that was read from a path.
    pub fn find(&self, path: &Path) -> Option<FileId> {
        self.by_path.get(path).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile::new("a.tf".into(), "a.tf".into(), text.into(), true)
    }

    #[test]
    fn positions_count_characters_from_one() {
        let file = file("\u{feff}a\r\nüb\n");
        let at = |offset| (file.position(offset).line, file.position(offset).column);
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (1, 1));
        assert_eq!(at(4), (1, 2));
        assert_eq!(at(6), (2, 1));
        assert_eq!(at(8), (2, 2));
        assert_eq!(at(10), (3, 1));
    }

    #[test]
    fn bytes_that_are_not_utf8_keep_their_offsets() {
        let read =
            |bytes: &[u8]| SourceFile::from_bytes("a.tf".into(), "a.tf".into(), bytes.into(), true);
        let file = read(b"a\xe4b \xff\xfe \xf0\x9f\x98c \xc3\xbc");
        assert_eq!(file.text, "a?b ?? ???c \u{fc}");
        assert_eq!(file.bad_byte, Some(1));
        assert_eq!(read("\u{fc}".as_bytes()).bad_byte, None);
        assert_eq!(read(b"").text, "");
    }

    #[test]
    fn displayed_paths_are_relative() {
        let cases = [
            ("/a/b/c.tf", "/a/b", "c.tf"),
            ("/a/b/c.tf", "/a/x/y", "../../b/c.tf"),
            ("/a/b", "/a/b", "."),
            ("/a/bc/d.tf", "/a/b", "../bc/d.tf"),
            ("<stdin>", "/a", "<stdin>"),
        ];
        for (path, from, wanted) in cases {
            assert_eq!(display_path(Path::new(path), Path::new(from)), wanted);
        }
    }

    #[test]
    fn positions_in_long_lines_count_every_character() {
        let text = format!("\u{feff}a\n{}", "aü世🔑".repeat(3000));
        let file = file(&text);
        for (index, (offset, _)) in text.char_indices().enumerate().skip(3) {
            assert_eq!(file.position(offset).column, index - 2, "{offset}");
        }
        assert_eq!(file.position(text.len()).column, 12_001);
        let one = "x".repeat(BLOCK);
        assert_eq!(self::file(&one).position(BLOCK).column, BLOCK + 1);
        let marked = format!("\u{feff}{}", "x".repeat(2 * BLOCK));
        assert_eq!(
            self::file(&marked).position(marked.len()).column,
            2 * BLOCK + 1
        );
    }

    #[test]
    fn line_spans_leave_out_the_break() {
        let file = file("ab\r\nc\nd");
        let text = |line| file.line_span(line).text(&file.text);
        assert_eq!((text(0), text(1), text(2), text(3)), ("ab", "c", "d", ""));
    }
}
