//! Mooncake JSONL, and plain JSONL of the same fields that names its own block size.
//!
//! One request a line: `timestamp` [ms, or the unit that the reader is told], `input_length` and `output_length`
//! [tokens], `hash_ids` (numbers or texts), optionally `session_id` (number or text). Ids name the whole prefix unless
//! the reader is told otherwise; 512 tokens a block unless the reader is told otherwise or a `block_tokens` field says
//! so, in a header line of its own or in the request lines. `arrival_s` [s] may stand for `timestamp`. Fields not named
//! here are read over. A block size is never guessed from a file's name.
//!
//! A file that has `hash_ids` on no line, or `null` there, has lengths only: what its prompts share is unknown.

use kv_core::TraceBuilder;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::clock::{TimeUnit, stamp};
use super::error::{LineError, ReadError};
use super::fields::{self, Fields};
use super::ids::{IdScope, Ids};
use super::lengths::LengthTexts;
use super::lines::Lines;
use super::prompts::prompt_field;
use super::scan::scan;
use super::{ReadOptions, Requests};

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
pub(super) fn read(lines: &mut Lines<'_>, options: &ReadOptions) -> Result<Requests, ReadError> {
    let block_tokens = block_size(lines, options)?;
    let unit = options.time_unit.unwrap_or(TimeUnit::Milliseconds);
    let mut parser = Parser::new(block_tokens, unit, options.ids.unwrap_or(IdScope::Prefix));
    let mut sessions = Sessions::default();
    let mut lengths = LengthTexts::new(options.length_prefixes.as_ref(), block_tokens);
    let mut ids = Vec::new();
    let mut builder = TraceBuilder::new(block_tokens);
    let mut requests = 0_u64;
    while let Some(line) = lines.next()? {
        let plain = if unit == TimeUnit::Milliseconds && parser.has_ids != Some(false) {
            scan(line, block_tokens, &mut ids)
        } else {
            None
        };
        let record = match plain {
            Some(record) => {
                parser.has_ids = Some(true);
                Ok(Some(record))
            }
            None => parser.parse(line, requests == 0, &mut ids),
        };
        let added = record.and_then(|record| {
            let Some(record) = record else { return Ok(()) };
            let Record { arrival_ns, input_length, output_length, session } = record;
            let session = sessions.dense(session, requests)?;
            requests += 1;
            if parser.has_ids == Some(false) {
                ids = lengths.ids(input_length);
            } else {
                parser.ids.resolve(&mut ids, 0);
            }
            let added = builder.push(arrival_ns, input_length, output_length, &ids, session);
            added.map_err(|error| parser.ids.explain(error))
        });
        added.map_err(|error| lines.locate(error))?;
    }
    if requests == 0 {
        return Err(ReadError::Empty { file: lines.file().to_owned(), example: EXAMPLE });
    }
    if parser.has_ids == Some(false) && options.length_prefixes.is_none() {
        builder.set_sharing_unknown();
    }
    let assumed_unit = (options.time_unit.is_none() && !parser.seconds_named).then_some(unit);
    Ok(Requests { builder, assumed_unit, remarks: parser.remarks(options) })
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

/// The proper parser: any JSON, every complaint.
pub(super) struct Parser {
    block_tokens: u32,
    unit: TimeUnit,
    ids: Ids,
    session_texts: FxHashMap<String, u64>,
    /// Whether lines have ids: all of them, or none. `None` before the first request.
    has_ids: Option<bool>,
    /// A `block_size` that is not the size of a block here.
    other_size: Option<String>,
    /// Whether times are in `arrival_s`, which names its unit.
    seconds_named: bool,
}

impl Parser {
    pub(super) fn new(block_tokens: u32, unit: TimeUnit, scope: IdScope) -> Self {
        let (ids, session_texts) = (Ids::new(scope), FxHashMap::default());
        Self { block_tokens, unit, ids, session_texts, has_ids: None, other_size: None, seconds_named: false }
    }

    /// The request of a line. `None` for a header line, which only a first line can be.
    pub(super) fn parse(
        &mut self,
        line: &[u8],
        header_allowed: bool,
        ids: &mut Vec<u64>,
    ) -> Result<Option<Record>, LineError> {
        let fields = fields::object(line, EXAMPLE)?;
        if let Some(value) = fields.get("block_tokens") {
            if block_tokens(value)? != self.block_tokens {
                let expected = format!("{}, as on the lines before", self.block_tokens);
                return Err(LineError::field("block_tokens", value, expected));
            }
            if header_allowed && !fields.contains_key("hash_ids") && !fields.contains_key("input_length") {
                return Ok(None);
            }
        }
        refuse_relatives(&fields)?;
        self.other_size = self.other_size.take().or_else(|| {
            let value = fields.get("block_size")?;
            (value.as_u64() != Some(u64::from(self.block_tokens))).then(|| value.to_string())
        });
        let record = Record {
            arrival_ns: self.arrival(&fields)?,
            input_length: fields::tokens(&fields, "input_length", 1)?,
            output_length: fields::tokens(&fields, "output_length", 0)?,
            session: self.session(&fields)?,
        };
        let here = fields.get("hash_ids").is_some_and(|value| !value.is_null());
        let before = *self.has_ids.get_or_insert(here);
        match (before, fields.get("hash_ids")) {
            (false, Some(value)) if here => {
                return Err(LineError::field("hash_ids", value, "none, as on the lines before"));
            }
            (false, _) => ids.clear(),
            (true, _) => self.ids.list(&fields, "hash_ids", ids)?,
        }
        Ok(Some(record))
    }

    fn arrival(&mut self, fields: &Fields) -> Result<u64, LineError> {
        if !fields.contains_key("timestamp") && fields.contains_key("arrival_s") {
            self.seconds_named = true;
            return stamp(fields, "arrival_s", TimeUnit::Seconds);
        }
        stamp(fields, "timestamp", self.unit)
    }

    fn session(&mut self, fields: &Fields) -> Result<Option<u64>, LineError> {
        let next = self.session_texts.len() as u64;
        match fields.get("session_id") {
            None | Some(Value::Null) => Ok(None),
            // Texts are numbered from the top, so that they do not meet numbers in the same file.
            Some(Value::String(text)) => {
                Ok(Some(u64::MAX - *self.session_texts.entry(text.clone()).or_insert(next)))
            }
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(LineError::field("session_id", value, "a whole number from 0, or a text")),
            },
        }
    }

    fn remarks(&self, options: &ReadOptions) -> Vec<String> {
        let size = self.other_size.as_ref().map(|size| {
            format!(
                "`block_size` is {size} and is not used: blocks have {} tokens. --block-tokens says otherwise (in \
                 [trace]: block_tokens)",
                self.block_tokens
            )
        });
        let ids = options.ids.is_none().then(|| self.ids.remark()).flatten();
        let unused = (self.has_ids == Some(true) && options.length_prefixes.is_some())
            .then(|| "shared prefixes were not made up (--prefixes): the file has block ids".to_owned());
        size.into_iter().chain(ids).chain(unused).collect()
    }
}

fn block_tokens(value: &Value) -> Result<u32, LineError> {
    let tokens = value.as_u64().and_then(|tokens| u32::try_from(tokens).ok()).filter(|&tokens| tokens > 0);
    tokens.ok_or_else(|| LineError::field("block_tokens", value, "a whole number of tokens, 1 or more"))
}

/// Refuses lines of formats near to this one by their name, with what to do.
fn refuse_relatives(fields: &Fields) -> Result<(), LineError> {
    if fields.contains_key("delay") && !fields.contains_key("timestamp") {
        return Err(LineError::line(
            "a session's line with `delay`: Mooncake's sessions for a closed loop, whose lines have only what is new in \
             a prompt",
            "a `timestamp` and the whole prompt's `hash_ids` on every line: requests are replayed when a trace says, not \
             when an answer ends",
        ));
    }
    match prompt_field(fields) {
        Some(text) if fields.get("hash_ids").is_none_or(Value::is_null) => Err(LineError::line(
            format!("`{text}` and no `hash_ids`: prompts, not block ids"),
            "block ids; `kareto trace from-prompts FILE -o TRACE` makes a trace of prompts",
        )),
        _ => Ok(()),
    }
}

/// Sessions numbered densely in order of appearance.
#[derive(Debug, Default)]
struct Sessions {
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
