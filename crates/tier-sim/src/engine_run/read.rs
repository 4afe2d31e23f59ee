//! The file format: one JSON header line, then one JSON line per request.

use kv_core::{MalformedRequest, Trace, TraceBuilder, units::ns_from_decimal};
use serde::Deserialize;
use std::io::{self, BufRead, Read as _};
use thiserror::Error;

/// The name that a header must bear.
const FORMAT: &str = "kareto-engine-run/1";

/// The longest line that is read: 64 MiB [bytes].
const LINE_BYTES: u64 = 64 << 20;

/// A recorded run.
#[derive(Debug, Clone)]
pub struct EngineRun {
    /// What the engine was.
    pub header: Header,
    /// Its requests, in order of arrival.
    pub trace: Trace,
    /// What was measured, in the same order.
    pub measured: Vec<Measured>,
}

/// The first line.
#[derive(Debug, Clone, Deserialize)]
pub struct Header {
    /// Must be `kareto-engine-run/1`.
    pub format: String,
    /// Engine, version and settings, in words.
    pub engine: String,
    /// Tokens in a block.
    pub block_tokens: u32,
    /// KV bytes of a token.
    pub kv_bytes_per_token: u64,
    /// HBM blocks.
    pub usable_blocks: u32,
    /// New tokens that a step may serve.
    pub max_batched_tokens: u32,
    /// Sequences that may run.
    pub max_seqs: u32,
    /// `vllm-v1`.
    pub scheduler: String,
    /// Tiers below HBM, nearest first.
    #[serde(default)]
    pub lower_tiers: Vec<LowerTier>,
    /// Where step times come from.
    pub step: StepLaw,
    /// The engine's own time on the host.
    pub host: Option<Host>,
}

/// A tier below HBM.
#[derive(Debug, Clone, Deserialize)]
pub struct LowerTier {
    /// `dram`, `disk`.
    pub tier: String,
    /// Blocks that fit.
    pub blocks: u32,
    /// Bandwidth upwards \[B/s\].
    pub load_bytes_per_s: f64,
    /// Bandwidth downwards \[B/s\].
    pub store_bytes_per_s: f64,
    /// Latency of each transfer \[s\].
    pub latency_s: f64,
    /// Eviction policy.
    pub eviction: String,
}

/// Where step times come from.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "law", rename_all = "lowercase")]
pub enum StepLaw {
    /// A linear law, coefficients in seconds.
    Additive {
        /// The coefficients.
        seconds: Seconds,
    },
    /// Measured operator times, in a folder of this name.
    Profile {
        /// The folder.
        profile: String,
    },
}

/// Coefficients of the additive law \[s\].
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Seconds {
    /// Per step.
    pub base: f64,
    /// Per new token.
    pub per_tok: f64,
    /// Per unit of attention work.
    pub per_attn: f64,
    /// Per token of decode context.
    pub per_dec_ctx: f64,
    /// Per sequence.
    pub per_seq: f64,
}

/// Host time of the engine, added to every step \[s\].
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Host {
    /// Per step.
    pub host0_s: f64,
    /// Per sequence.
    pub host1_s_per_seq: f64,
}

/// What was measured of a request. Times \[ns\] from the first arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// When it entered the scheduler.
    pub arrival_ns: u64,
    /// When its first token was there.
    pub first_token_ns: u64,
    /// When its last token was there.
    pub last_token_ns: u64,
    /// Prompt tokens found in HBM at first admission, if recorded.
    pub cached_hbm: Option<u64>,
    /// Prompt tokens found below, if recorded.
    pub cached_lower: Option<u64>,
    /// Preemptions, if recorded.
    pub preemptions: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Line {
    arrival_s: f64,
    input_length: u32,
    output_length: u32,
    hash_ids: Vec<u64>,
    first_token_s: f64,
    last_token_s: f64,
    cached_hbm: Option<u64>,
    cached_lower: Option<u64>,
    preemptions: Option<u64>,
}

/// A file that is not a recorded run.
#[derive(Debug, Error)]
pub enum EngineRunError {
    /// The file cannot be read.
    #[error("line {line}: {source}")]
    Io {
        /// 1-based.
        line: usize,
        /// Why.
        source: std::io::Error,
    },
    /// A line does not fit the format.
    #[error("line {line}: {source}; expected {expected}")]
    Json {
        /// 1-based.
        line: usize,
        /// Why.
        source: serde_json::Error,
        /// What the line should be.
        expected: &'static str,
    },
    /// The header names another format.
    #[error("line 1: `format` is `{found}`; it must be `{FORMAT}`")]
    Format {
        /// What it says.
        found: String,
    },
    /// The file lacks its header or requests.
    #[error("the file has no {missing}")]
    Empty {
        /// What is missing.
        missing: &'static str,
    },
    /// A request that no trace can have.
    #[error("line {line}: {source}")]
    Request {
        /// 1-based.
        line: usize,
        /// Why.
        source: MalformedRequest,
    },
    /// A time that is negative or too large.
    #[error(
        "line {line}: `{key}` = {value}; a time is a number of seconds from 0, and first_token_s <= last_token_s"
    )]
    Time {
        /// 1-based.
        line: usize,
        /// Field.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// A name that the simulator does not know.
    #[error("line 1: `{key}` = `{value}`; known: {allowed}")]
    Unknown {
        /// Field.
        key: &'static str,
        /// Its value.
        value: String,
        /// Known values.
        allowed: &'static str,
    },
}

/// Reads a recorded run.
///
/// # Errors
/// See [`EngineRunError`]; every error names the line.
pub fn read_engine_run(reader: impl BufRead) -> Result<EngineRun, EngineRunError> {
    let mut lines = bounded_lines(reader).enumerate().map(|(index, line)| (index + 1, line));
    let (_, first) = lines.next().ok_or(EngineRunError::Empty { missing: "header" })?;
    let first = first.map_err(|source| EngineRunError::Io { line: 1, source })?;
    let header: Header = serde_json::from_str(&first).map_err(|source| EngineRunError::Json {
        line: 1,
        source,
        expected: "a header of format kareto-engine-run/1",
    })?;
    if header.format != FORMAT {
        return Err(EngineRunError::Format { found: header.format });
    }
    if header.scheduler != "vllm-v1" {
        return Err(EngineRunError::Unknown {
            key: "scheduler",
            value: header.scheduler,
            allowed: "vllm-v1",
        });
    }
    let mut rows = Vec::new();
    for (line, text) in lines {
        let text = text.map_err(|source| EngineRunError::Io { line, source })?;
        if text.trim().is_empty() {
            continue;
        }
        let row: Line = serde_json::from_str(&text).map_err(|source| EngineRunError::Json {
            line,
            source,
            expected: "a request with arrival_s, input_length, output_length, hash_ids, first_token_s, last_token_s",
        })?;
        let measured = measured(line, &row)?;
        rows.push((line, row, measured));
    }
    if rows.is_empty() {
        return Err(EngineRunError::Empty { missing: "request" });
    }
    rows.sort_by_key(|(_, _, measured)| measured.arrival_ns);
    let start_ns = rows[0].2.arrival_ns;
    rows.iter_mut().for_each(|(_, _, measured)| {
        measured.arrival_ns -= start_ns;
        measured.first_token_ns = measured.first_token_ns.saturating_sub(start_ns);
        measured.last_token_ns = measured.last_token_ns.saturating_sub(start_ns);
    });
    let mut builder = TraceBuilder::new(header.block_tokens);
    for (line, row, measured) in &rows {
        builder
            .push(measured.arrival_ns, row.input_length, row.output_length, &row.hash_ids, None)
            .map_err(|source| EngineRunError::Request { line: *line, source })?;
    }
    let measured = rows.into_iter().map(|(_, _, measured)| measured).collect();
    Ok(EngineRun { header, trace: builder.finish(), measured })
}

/// The lines of a file, none of them longer than [`LINE_BYTES`].
fn bounded_lines(mut reader: impl BufRead) -> impl Iterator<Item = io::Result<String>> {
    std::iter::from_fn(move || {
        let mut line = String::new();
        match reader.by_ref().take(LINE_BYTES + 1).read_line(&mut line) {
            Ok(0) => None,
            Ok(read) if read as u64 > LINE_BYTES && !line.ends_with('\n') => {
                let message = "a line of more than 67108864 bytes; a line has at most 64 MiB";
                Some(Err(io::Error::new(io::ErrorKind::InvalidData, message)))
            }
            Ok(_) => Some(Ok(line)),
            Err(error) => Some(Err(error)),
        }
    })
}

fn measured(line: usize, row: &Line) -> Result<Measured, EngineRunError> {
    let time = |key, value: f64| {
        ns_from_decimal(&value.to_string(), 9).ok_or(EngineRunError::Time { line, key, value })
    };
    let measured = Measured {
        arrival_ns: time("arrival_s", row.arrival_s)?,
        first_token_ns: time("first_token_s", row.first_token_s)?,
        last_token_ns: time("last_token_s", row.last_token_s)?,
        cached_hbm: row.cached_hbm,
        cached_lower: row.cached_lower,
        preemptions: row.preemptions,
    };
    if measured.last_token_ns < measured.first_token_ns {
        return Err(EngineRunError::Time { line, key: "last_token_s", value: row.last_token_s });
    }
    Ok(measured)
}
