//! One line of a log as events: single events and batches, as objects and as arrays.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::EXAMPLE;
use crate::read::clock::{TimeUnit, stamp, value_ns};
use crate::read::error::{LineError, shortened};
use crate::read::fields::{self, Fields};

/// Events of one line.
pub(super) struct Batch {
    pub(super) now_ns: u64,
    /// The data-parallel rank of the engine; 0 where the log does not say.
    pub(super) rank: u64,
    pub(super) events: Vec<Event>,
}

/// What happened to blocks.
pub(super) enum Event {
    Stored(Stored),
    /// Blocks were dropped: a trace has no use for it.
    Dropped,
}

/// Blocks that were stored.
pub(super) struct Stored {
    /// In order of the prompt; at least one.
    pub(super) hashes: Vec<String>,
    pub(super) parent: Option<String>,
    pub(super) block_tokens: u32,
    /// Stored in the memory of the GPU, not copied to a lower tier.
    pub(super) in_hbm: bool,
    /// The KV-cache group; 0 where the log does not say.
    pub(super) group: u64,
    /// Whether the group keeps no more than a window or a state.
    pub(super) windowed: bool,
}

/// Fields of a stored event that is written as an array, in order.
const STORED_FIELDS: [&str; 12] = [
    "type",
    "block_hashes",
    "parent_block_hash",
    "token_ids",
    "block_size",
    "lora_id",
    "medium",
    "lora_name",
    "extra_keys",
    "group_idx",
    "kv_cache_spec_kind",
    "kv_cache_spec_sliding_window",
];

impl Batch {
    /// Parses a line.
    pub(super) fn parse(line: &[u8], unit: TimeUnit) -> Result<Self, LineError> {
        let expected = || format!("an event or a batch of events, such as {EXAMPLE}");
        match serde_json::from_slice(line) {
            Ok(Value::Object(fields)) => Self::of_object(&fields, unit),
            Ok(Value::Array(items)) => Self::of_array(&items, unit),
            Ok(other) => {
                let found = format!("JSON, but no event: {}", shortened(&other.to_string()));
                Err(LineError::line(found, expected()))
            }
            Err(error) => Err(LineError::line(format!("not JSON ({error})"), expected())),
        }
    }

    fn of_object(fields: &Fields, unit: TimeUnit) -> Result<Self, LineError> {
        let time = if fields.contains_key("ts") { "ts" } else { "timestamp" };
        let now_ns = stamp(fields, time, unit)?;
        let rank = ["data_parallel_rank", "dp_rank"].into_iter().find(|name| fields.contains_key(*name));
        let rank = rank.map_or(Ok(0), |name| number(fields, name))?;
        let events = match fields.get("events") {
            None => vec![event(fields)?],
            Some(Value::Array(items)) => items.iter().map(any_event).collect::<Result<_, _>>()?,
            Some(other) => return Err(LineError::field("events", other, "a list of events")),
        };
        Ok(Self { now_ns, rank, events })
    }

    fn of_array(items: &[Value], unit: TimeUnit) -> Result<Self, LineError> {
        const EXPECTED: &str = "a batch as [time, [event, ..], rank]";
        let [time, Value::Array(events), rest @ ..] = items else {
            let found = format!("{} values that are no batch of events", items.len());
            return Err(LineError::line(found, EXPECTED));
        };
        let now_ns = value_ns(time, unit).ok_or_else(|| LineError::field("ts", time, unit.expected()))?;
        let rank = match rest.first() {
            None | Some(Value::Null) => 0,
            Some(rank) => rank
                .as_u64()
                .ok_or_else(|| LineError::field("data_parallel_rank", rank, "a whole number from 0"))?,
        };
        Ok(Self { now_ns, rank, events: events.iter().map(any_event).collect::<Result<_, _>>()? })
    }
}

/// An event as an object, or as an array whose first item is its type.
fn any_event(value: &Value) -> Result<Event, LineError> {
    let fields = match value {
        Value::Object(fields) => Cow::Borrowed(fields),
        Value::Array(items) => {
            let names = STORED_FIELDS.into_iter().map(str::to_owned);
            Cow::Owned(names.zip(items.iter().cloned()).collect::<Map<_, _>>())
        }
        other => return Err(LineError::field("events", other, "events as objects or as arrays")),
    };
    event(&fields)
}

fn event(fields: &Fields) -> Result<Event, LineError> {
    const TYPES: &str = "\"BlockStored\", \"BlockRemoved\" or \"AllBlocksCleared\"";
    let kind = fields::required(fields, "type", TYPES)?;
    match kind.as_str() {
        Some("BlockStored") => stored(fields).map(Event::Stored),
        Some("BlockRemoved") => hashes(fields).map(|_| Event::Dropped),
        Some("AllBlocksCleared") => Ok(Event::Dropped),
        _ => Err(LineError::field("type", kind, TYPES)),
    }
}

fn stored(fields: &Fields) -> Result<Stored, LineError> {
    let hashes = hashes(fields)?;
    if hashes.is_empty() {
        return Err(LineError::field("block_hashes", "[]", "at least one block"));
    }
    let parent = match fields.get("parent_block_hash") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let expected = "null, or a block hash, a whole number or a text";
            let known = name(value).ok_or_else(|| LineError::field("parent_block_hash", value, expected))?;
            Some(known)
        }
    };
    let in_hbm = match fields.get("medium") {
        None | Some(Value::Null) => true,
        Some(Value::String(medium)) => ["gpu", "hbm", "device"].contains(&medium.to_lowercase().as_str()),
        Some(other) => return Err(LineError::field("medium", other, "a text such as \"GPU\" or \"CPU\"")),
    };
    let kind = fields.get("kv_cache_spec_kind").and_then(Value::as_str).unwrap_or_default();
    let windowed = ["sliding", "window", "mamba", "chunked"].iter().any(|part| kind.contains(part))
        || fields.get("kv_cache_spec_sliding_window").is_some_and(|window| !window.is_null());
    let block_tokens = event_block_tokens(fields, hashes.len())?;
    Ok(Stored { hashes, parent, block_tokens, in_hbm, group: number(fields, "group_idx")?, windowed })
}

/// A whole number; 0 where it is not there.
fn number(fields: &Fields, field: &'static str) -> Result<u64, LineError> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(0),
        Some(value) => {
            value.as_u64().ok_or_else(|| LineError::field(field, value, "a whole number from 0, or null"))
        }
    }
}

fn hashes(fields: &Fields) -> Result<Vec<String>, LineError> {
    const EXPECTED: &str = "a list of block hashes, whole numbers or texts";
    let value = fields::required(fields, "block_hashes", EXPECTED)?;
    let list = value.as_array().and_then(|list| list.iter().map(name).collect());
    list.ok_or_else(|| LineError::field("block_hashes", value, EXPECTED))
}

/// A hash as text: a text, a whole number, or bytes as a list of numbers.
fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(format!("\"{text}\"")),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        Value::Array(bytes) if bytes.iter().all(Value::is_u64) => Some(value.to_string()),
        _ => None,
    }
}

/// Tokens in one block of an event.
fn event_block_tokens(fields: &Fields, blocks: usize) -> Result<u32, LineError> {
    if fields.contains_key("block_size") {
        return fields::tokens(fields, "block_size", 1);
    }
    let (field, tokens) = match fields.get("token_ids").and_then(Value::as_array) {
        Some(ids) => ("token_ids", ids.len()),
        None => ("num_tokens", fields::tokens(fields, "num_tokens", 1)? as usize),
    };
    let size = (tokens % blocks == 0)
        .then(|| u32::try_from(tokens / blocks).ok())
        .flatten()
        .filter(|&size| size > 0);
    size.ok_or_else(|| {
        LineError::field(field, tokens, format!("as many tokens for each of the {blocks} blocks"))
    })
}
