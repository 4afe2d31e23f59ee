//! Writes Mooncake JSONL, the field's common tongue, plain or in a zstd frame.

use std::io::{self, Write};

use kv_core::Trace;

use crate::read::MOONCAKE_BLOCK_TOKENS;
use crate::synth::SyntheticRequest;

/// How the lines are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Text.
    Plain,
    /// One zstd frame.
    Zstd,
}

impl Packing {
    /// What a file's name asks for: `.zst` is zstd, everything else text.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        if name.ends_with(".zst") { Self::Zstd } else { Self::Plain }
    }
}

/// What the lines hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fields {
    /// All that a trace has: `session_id` where it names sessions, `block_tokens` where blocks are not Mooncake's 512
    /// tokens, times below a millisecond as decimals, and no ids where only lengths are known. Read again, it is the same
    /// trace, with a clock that starts at its first request.
    All,
    /// The four fields that were published, times rounded to whole milliseconds: for tools that refuse anything else.
    /// Where only lengths are known the ids are made up, and no reader can tell.
    Published,
}

/// How a trace is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// How the lines are packed.
    pub packing: Packing,
    /// What they hold.
    pub fields: Fields,
}

/// Writes a trace: `timestamp` [ms], `input_length`, `output_length`, `hash_ids` (dense), and what else
/// [`Fields`] says.
///
/// # Errors
/// What the writer says. A partly written stream is the caller's to remove.
pub fn write_jsonl(trace: &Trace, form: Form, into: impl Write) -> io::Result<()> {
    let mut lines = Lines::new(trace.block_tokens(), form.fields);
    lines.with_ids = trace.sharing_known() || form.fields == Fields::Published;
    packed(form.packing, into, |into| {
        for request in trace.requests() {
            let ids = request.references.iter().map(|block| u64::from(block.0));
            let lengths = (request.prompt_tokens, request.output_tokens);
            into.write_all(lines.line(request.arrival_ns, lengths, ids, request.session))?;
        }
        Ok(())
    })
}

/// Writes requests as they come, so that memory does not grow with their number. The lines are those of
/// [`write_jsonl`] except for `hash_ids`, which stay as they are. Read again, both give the same trace.
///
/// # Errors
/// What the writer says.
pub fn write_synthesis(
    requests: impl Iterator<Item = SyntheticRequest>,
    block_tokens: u32,
    form: Form,
    into: impl Write,
) -> io::Result<()> {
    let mut lines = Lines::new(block_tokens, form.fields);
    packed(form.packing, into, |into| {
        for request in requests {
            let ids = request.hash_ids.iter().copied();
            let lengths = (request.prompt_tokens, request.output_tokens);
            into.write_all(lines.line(request.arrival_ns, lengths, ids, Some(request.session)))?;
        }
        Ok(())
    })
}

/// Lets something be written through a buffer or into one zstd frame.
fn packed(
    packing: Packing,
    into: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    match packing {
        Packing::Plain => {
            let mut into = io::BufWriter::new(into);
            write(&mut into)?;
            into.flush()
        }
        Packing::Zstd => {
            let mut encoder = zstd::Encoder::new(into, 9)?;
            encoder.include_checksum(true)?;
            write(&mut encoder)?;
            encoder.finish()?.flush()
        }
    }
}

/// Makes lines in one reused buffer.
struct Lines {
    block_tokens: u32,
    fields: Fields,
    with_ids: bool,
    line: Vec<u8>,
}

impl Lines {
    fn new(block_tokens: u32, fields: Fields) -> Self {
        Self { block_tokens, fields, with_ids: true, line: Vec::new() }
    }

    /// The line of a request; `lengths` are prompt and output [tokens].
    fn line(
        &mut self,
        arrival_ns: u64,
        lengths: (u32, u32),
        ids: impl Iterator<Item = u64>,
        session: Option<u32>,
    ) -> &[u8] {
        let line = &mut self.line;
        line.clear();
        line.extend_from_slice(b"{\"timestamp\": ");
        match self.fields {
            Fields::All => push_milliseconds(line, arrival_ns),
            Fields::Published => {
                push_decimal(line, arrival_ns / 1_000_000 + arrival_ns % 1_000_000 / 500_000)
            }
        }
        line.extend_from_slice(b", \"input_length\": ");
        push_decimal(line, lengths.0.into());
        line.extend_from_slice(b", \"output_length\": ");
        push_decimal(line, lengths.1.into());
        if self.with_ids {
            push_ids(line, ids);
        } else {
            line.extend_from_slice(b", \"hash_ids\": null");
        }
        if let (Some(session), Fields::All) = (session, self.fields) {
            line.extend_from_slice(b", \"session_id\": ");
            push_decimal(line, session.into());
        }
        if self.block_tokens != MOONCAKE_BLOCK_TOKENS && self.fields == Fields::All {
            line.extend_from_slice(b", \"block_tokens\": ");
            push_decimal(line, self.block_tokens.into());
        }
        line.extend_from_slice(b"}\n");
        line
    }
}

/// Appends the field of block ids.
fn push_ids(line: &mut Vec<u8>, ids: impl Iterator<Item = u64>) {
    line.extend_from_slice(b", \"hash_ids\": [");
    for (index, id) in ids.enumerate() {
        if index > 0 {
            line.extend_from_slice(b", ");
        }
        push_decimal(line, id);
    }
    line.push(b']');
}

/// Appends a number in decimal digits.
fn push_decimal(line: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(number % 10).expect("a digit");
        number /= 10;
        if number == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[start..]);
}

/// Appends nanoseconds in milliseconds, exactly.
fn push_milliseconds(line: &mut Vec<u8>, ns: u64) {
    push_decimal(line, ns / 1_000_000);
    let below = ns % 1_000_000;
    if below > 0 {
        let digits = format!("{below:06}");
        line.push(b'.');
        line.extend_from_slice(digits.trim_end_matches('0').as_bytes());
    }
}
