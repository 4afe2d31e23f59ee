//! Writes Mooncake JSONL, the field's common tongue, plain or in a zstd frame.

use std::io::{self, Write};

use kv_core::Trace;

use crate::read::MOONCAKE_BLOCK_TOKENS;

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

/// Writes a trace: `timestamp` [ms], `input_length`, `output_length`, `hash_ids` (dense), and `session_id` where the
/// trace names sessions. Where blocks are not Mooncake's 512 tokens, every line carries `block_tokens` too, so that
/// readers that do not know the field read over it. Nanoseconds below a microsecond are kept as decimals.
///
/// # Errors
/// What the writer says. A partly written stream is the caller's to remove.
pub fn write_jsonl(trace: &Trace, packing: Packing, into: impl Write) -> io::Result<()> {
    match packing {
        Packing::Plain => {
            let mut into = io::BufWriter::new(into);
            write_lines(trace, &mut into)?;
            into.flush()
        }
        Packing::Zstd => {
            let mut encoder = zstd::Encoder::new(into, 9)?;
            encoder.include_checksum(true)?;
            write_lines(trace, &mut encoder)?;
            encoder.finish()?.flush()
        }
    }
}

fn write_lines(trace: &Trace, into: &mut impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    for request in trace.requests() {
        line.clear();
        write!(line, "{{\"timestamp\": {}", Milliseconds(request.arrival_ns))?;
        write!(
            line,
            ", \"input_length\": {}, \"output_length\": {}",
            request.prompt_tokens, request.output_tokens
        )?;
        line.extend_from_slice(b", \"hash_ids\": [");
        for (index, block) in request.references.iter().enumerate() {
            if index > 0 {
                line.extend_from_slice(b", ");
            }
            push_decimal(&mut line, block.0);
        }
        line.push(b']');
        if let Some(session) = request.session {
            write!(line, ", \"session_id\": {session}")?;
        }
        if trace.block_tokens() != MOONCAKE_BLOCK_TOKENS {
            write!(line, ", \"block_tokens\": {}", trace.block_tokens())?;
        }
        line.extend_from_slice(b"}\n");
        into.write_all(&line)?;
    }
    Ok(())
}

/// Appends a number in decimal digits.
fn push_decimal(line: &mut Vec<u8>, mut number: u32) {
    let mut digits = [0_u8; 10];
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

/// Nanoseconds written in milliseconds, exactly.
struct Milliseconds(u64);

impl std::fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, below) = (self.0 / 1_000_000, self.0 % 1_000_000);
        if below == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{below:06}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}
