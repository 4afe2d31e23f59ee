//! Mooncake JSONL, and plain JSONL of the same fields that names its own block size.
//!
//! One request a line: `timestamp` [ms], `input_length` and `output_length` [tokens], `hash_ids`, optionally
//! `session_id` (number or text). Ids name the whole prefix; 512 tokens a block unless the reader is told
//! otherwise or a `block_tokens` field says so, in a header line of its own or in the request lines.
//! `arrival_s` [s] may stand for `timestamp`. Fields not named here are read over. A block size is never
//! guessed from a file's name.

use kv_core::{Trace, TraceBuilder};
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::ReadOptions;
use super::error::{LineError, ReadError};
use super::fields::{self, Fields};
use super::lines::Lines;
use super::scan::scan;

/// Tokens in a block of the Mooncake traces (their README).
pub const MOONCAKE_BLOCK_TOKENS: u32 = 512;

const EXAMPLE: &str = r#"{"timestamp": 0, "input_length": 600, "output_length": 20, "hash_ids": [0, 1]}"#;

/// One request line, its ids aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) arrival_ns: u64,
    pub(super) input_length: u32,
    pub(super) output_length: u32,
    /// Session as the builder wants it: numbers as they are, texts through [`Sessions`].
    pub(super) session: Option<u64>,
}

/// Reads every line, or says what is wrong with the first that is not right.
pub(super) fn read(lines: &mut Lines<'_>, options: &ReadOptions) -> Result<Trace, ReadError> {
    let mut sessions = Sessions::default();
    let mut ids = Vec::new();
    let block_tokens = block_size(lines, options)?;
    let mut builder = TraceBuilder::new(block_tokens);
    let mut requests = 0_u64;
    while let Some(line) = lines.next()? {
        let record = match scan(line, block_tokens, &mut ids) {
            Some(record) => Ok(Some(record)),
            None => parse(line, block_tokens, requests == 0, &mut sessions.texts, &mut ids),
        };
        let added = record.and_then(|record| {
            let Some(record) = record else { return Ok(()) };
            let session = sessions.dense(record.session, requests)?;
            requests += 1;
            let Record { arrival_ns, input_length, output_length, .. } = record;
            Ok(builder.push(arrival_ns, input_length, output_length, &ids, session)?)
        });
        added.map_err(|error| lines.locate(error))?;
    }
    if requests == 0 {
        return Err(ReadError::Empty { file: lines.file().to_owned(), example: EXAMPLE });
    }
    Ok(builder.finish())
}

/// The block size: what the first line says, else what the reader was told, else Mooncake's.
fn block_size(lines: &mut Lines<'_>, options: &ReadOptions) -> Result<u32, ReadError> {
    let stated = match lines.peek()? {
        Some(line) if line.starts_with(b"{") => match serde_json::from_slice::<Fields>(line) {
            Ok(fields) => fields.get("block_tokens").map(block_tokens).transpose(),
            Err(_) => Ok(None), // said with its line when the line is read
        },
        _ => Ok(None),
    };
    let stated = stated.map_err(|error| lines.locate(error))?;
    match (stated, options.block_tokens.map(std::num::NonZero::get)) {
        (Some(file), Some(told)) if file != told => Err(lines.locate(LineError::field(
            "block_tokens",
            file,
            format!("{told}, which the reader was told to expect"),
        ))),
        (file, told) => Ok(file.or(told).unwrap_or(MOONCAKE_BLOCK_TOKENS)),
    }
}

/// The proper parser: any JSON, every complaint. `None` for a header line, which only a first line can be.
pub(super) fn parse(
    line: &[u8],
    block_size: u32,
    header_allowed: bool,
    texts: &mut FxHashMap<String, u64>,
    ids: &mut Vec<u64>,
) -> Result<Option<Record>, LineError> {
    let fields = fields::object(line, EXAMPLE)?;
    if let Some(value) = fields.get("block_tokens") {
        if block_tokens(value)? != block_size {
            return Err(LineError::field(
                "block_tokens",
                value,
                format!("{block_size}, as on the lines before"),
            ));
        }
        if header_allowed && !fields.contains_key("hash_ids") {
            return Ok(None);
        }
    }
    let record = Record {
        arrival_ns: arrival(&fields)?,
        input_length: fields::tokens(&fields, "input_length", 1)?,
        output_length: fields::tokens(&fields, "output_length", 0)?,
        session: session(&fields, texts)?,
    };
    fields::ids(&fields, "hash_ids", ids)?;
    Ok(Some(record))
}

fn block_tokens(value: &Value) -> Result<u32, LineError> {
    let tokens = value.as_u64().and_then(|tokens| u32::try_from(tokens).ok()).filter(|&tokens| tokens > 0);
    tokens.ok_or_else(|| LineError::field("block_tokens", value, "a whole number of tokens, 1 or more"))
}

fn arrival(fields: &Fields) -> Result<u64, LineError> {
    const MS: &str = "the arrival in milliseconds, a number from 0 to 18446744073709";
    if !fields.contains_key("timestamp") && fields.contains_key("arrival_s") {
        return fields::seconds(fields, "arrival_s");
    }
    let value = fields::required(fields, "timestamp", MS)?;
    let ns = match value.as_u64() {
        Some(whole) => whole.checked_mul(1_000_000),
        None => fields::to_ns(value.as_f64(), 1e6),
    };
    ns.ok_or_else(|| LineError::field("timestamp", value, MS))
}

fn session(fields: &Fields, texts: &mut FxHashMap<String, u64>) -> Result<Option<u64>, LineError> {
    let next = texts.len() as u64;
    match fields.get("session_id") {
        None | Some(Value::Null) => Ok(None),
        // Texts are numbered from the top, so that they do not meet numbers in the same file.
        Some(Value::String(text)) => Ok(Some(u64::MAX - *texts.entry(text.clone()).or_insert(next))),
        Some(value) => match value.as_u64() {
            Some(number) => Ok(Some(number)),
            None => Err(LineError::field("session_id", value, "a whole number from 0, or a text")),
        },
    }
}

/// Sessions numbered densely in order of appearance.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    texts: FxHashMap<String, u64>,
    dense: FxHashMap<u64, u32>,
}

impl Sessions {
    /// The dense number; sessions are given on all lines or on none.
    fn dense(&mut self, raw: Option<u64>, requests_before: u64) -> Result<Option<u32>, LineError> {
        let expected = if self.dense.is_empty() {
            "none, as on the lines before"
        } else {
            "one, as on the lines before"
        };
        match raw {
            None if self.dense.is_empty() => Ok(None),
            None => Err(LineError::missing("session_id", expected)),
            Some(raw) if self.dense.is_empty() && requests_before > 0 => {
                Err(LineError::field("session_id", raw, expected))
            }
            Some(raw) => {
                let next =
                    u32::try_from(self.dense.len()).expect("fewer sessions than the builder takes requests");
                Ok(Some(*self.dense.entry(raw).or_insert(next)))
            }
        }
    }
}
