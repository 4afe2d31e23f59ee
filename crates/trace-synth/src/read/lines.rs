//! Numbered lines of a plain, gzip or zstd stream. The codec is told by the first bytes, never by the file's name.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::error::{LineError, ReadError};

const BUFFER_BYTES: usize = 1 << 18;

/// The longest line that is read, its end aside: 64 MiB [bytes].
const LINE_BYTES: usize = 64 << 20;

/// The lines of one input, read into one reused buffer.
pub(super) struct Lines<'r> {
    file: String,
    input: Box<dyn BufRead + 'r>,
    codec: Option<&'static str>,
    /// Bytes of `input` that the current line takes, its end included, where the line lies there in one piece.
    /// Then it is not copied, and its bytes are consumed when the next line is asked for.
    in_place: usize,
    /// The current line where it did not lie in one piece.
    buffer: Vec<u8>,
    /// Whether the current line was peeked and not yet taken.
    peeked: bool,
    number: u64,
    blank: Option<u64>,
    /// [`LINE_BYTES`], or less in a test.
    most_bytes: usize,
}

/// Why no line could be taken.
enum Stopped {
    Io(io::Error),
    TooLong,
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Lines<'static> {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(path: &Path) -> Result<Self, ReadError> {
        let name = path.display().to_string();
        if name == "-" {
            return Lines::new(io::stdin().lock(), "standard input");
        }
        let file = File::open(path).map_err(|source| ReadError::Io { file: name.clone(), source })?;
        Lines::new(file, &name)
    }
}

impl<'r> Lines<'r> {
    /// Lines of a stream; `name` is what errors call it.
    pub(super) fn new(stream: impl Read + 'r, name: &str) -> Result<Self, ReadError> {
        let io_error = |source| ReadError::Io { file: name.to_owned(), source };
        let mut stream = BufReader::with_capacity(BUFFER_BYTES, stream);
        let mut head = Vec::with_capacity(4);
        stream.by_ref().take(4).read_to_end(&mut head).map_err(io_error)?;
        let codec = codec_of(&head);
        let whole = Cursor::new(head).chain(stream);
        let mut input: Box<dyn BufRead + 'r> = match codec {
            None => Box::new(whole),
            Some("gzip") => Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(whole))),
            Some(_) => {
                let decoder = zstd::Decoder::with_buffer(whole).map_err(io_error)?;
                Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder))
            }
        };
        let head = first_bytes(&mut input).map_err(|source| failed(name, codec, 0, source))?;
        let input = past_mark(&head, input, name)?;
        let file = name.to_owned();
        Ok(Self {
            file,
            input,
            codec,
            in_place: 0,
            buffer: Vec::new(),
            peeked: false,
            number: 0,
            blank: None,
            most_bytes: LINE_BYTES,
        })
    }

    /// The same with another limit on the bytes of a line.
    #[cfg(test)]
    pub(super) fn with_most_bytes(mut self, most_bytes: usize) -> Self {
        self.most_bytes = most_bytes;
        self
    }

    /// What errors call the input.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Adds file and line number to what is wrong with the line last taken.
    pub(super) fn locate(&self, error: LineError) -> ReadError {
        error.at(&self.file, self.number)
    }

    /// The next line without its end, without taking it.
    pub(super) fn peek(&mut self) -> Result<Option<&[u8]>, ReadError> {
        let there = self.fill()?;
        self.peeked = there;
        self.current(there)
    }

    /// The next line without its end. Blank lines may stand at the end only.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, ReadError> {
        let there = self.fill()?;
        self.peeked = false;
        self.current(there)
    }

    fn current(&mut self, there: bool) -> Result<Option<&[u8]>, ReadError> {
        if !there || self.in_place == 0 {
            return Ok(there.then_some(self.buffer.trim_ascii_end()));
        }
        // Reads nothing: the line is still there.
        match self.input.fill_buf() {
            Ok(bytes) => Ok(Some(bytes[..self.in_place].trim_ascii_end())),
            Err(source) => Err(failed(&self.file, self.codec, self.number, source)),
        }
    }

    /// Makes the next line the current one, unless that was only peeked at; false at the end.
    fn fill(&mut self) -> Result<bool, ReadError> {
        if self.peeked {
            return Ok(true);
        }
        loop {
            let blank = match self.advance() {
                Ok(None) => return Ok(false),
                Ok(Some(blank)) => blank,
                Err(Stopped::Io(source)) => {
                    return Err(failed(&self.file, self.codec, self.number, source));
                }
                Err(Stopped::TooLong) => {
                    let found = format!("a line of more than {} bytes", self.most_bytes);
                    let error = LineError::line(found, "a record a line; a line has at most 64 MiB");
                    return Err(error.at(&self.file, self.number + 1));
                }
            };
            self.number += 1;
            match (blank, self.blank) {
                (true, before) => self.blank = before.or(Some(self.number)),
                (false, None) => return Ok(true),
                (false, Some(line)) => {
                    let error =
                        LineError::line("a blank line", "a record; only the end of a file may be blank");
                    return Err(error.at(&self.file, line));
                }
            }
        }
    }

    /// Takes another line from the input and says whether it is blank; `None` at the end.
    fn advance(&mut self) -> Result<Option<bool>, Stopped> {
        self.input.consume(std::mem::take(&mut self.in_place));
        // A long line of an earlier read gives its room back.
        if self.buffer.capacity() > 1 << 22 {
            self.buffer = Vec::new();
        }
        self.buffer.clear();
        let bytes = match self.input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => &[], // read on below
            bytes => bytes?,
        };
        if let Some(end) = memchr::memchr(b'\n', bytes).filter(|&end| end <= self.most_bytes) {
            self.in_place = end + 1;
            return Ok(Some(bytes[..end].trim_ascii_end().is_empty()));
        }
        let most = self.most_bytes as u64 + 1;
        let read = self.input.by_ref().take(most).read_until(b'\n', &mut self.buffer)?;
        if self.buffer.len() > self.most_bytes && !self.buffer.ends_with(b"\n") {
            return Err(Stopped::TooLong);
        }
        Ok((read > 0).then(|| self.buffer.trim_ascii_end().is_empty()))
    }
}

/// The first bytes of a text, left in the input.
fn first_bytes(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    loop {
        match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            bytes => return Ok(bytes?.iter().take(4).copied().collect()),
        }
    }
}

/// The input after a byte-order mark of UTF-8; an error where the text is of another encoding.
fn past_mark<'r>(
    head: &[u8],
    mut input: Box<dyn BufRead + 'r>,
    file: &str,
) -> Result<Box<dyn BufRead + 'r>, ReadError> {
    let encoding = match head {
        [0xff, 0xfe, 0, 0] | [0, 0, 0xfe, 0xff] => "UTF-32",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16",
        [0, first, ..] | [first, 0, ..] if first.is_ascii_graphic() => "UTF-16 without a byte-order mark",
        [0xef, 0xbb, 0xbf, ..] => {
            input.consume(3);
            return Ok(input);
        }
        _ => return Ok(input),
    };
    let error = LineError::line(format!("{encoding} text"), "UTF-8; `iconv -f UTF-16 -t UTF-8` converts it");
    Err(error.at(file, 1))
}

/// What a failed read means.
fn failed(file: &str, codec: Option<&'static str>, line: u64, source: io::Error) -> ReadError {
    let file = file.to_owned();
    match codec {
        Some(codec) => ReadError::Damaged { file, codec, line, source },
        None => ReadError::Io { file, source },
    }
}

/// Magic bytes: gzip (RFC 1952), zstd frames and skippable frames (RFC 8878).
fn codec_of(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Some("zstd"),
        _ => None,
    }
}
