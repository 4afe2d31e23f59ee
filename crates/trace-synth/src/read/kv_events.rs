//! Recorded KV-cache events of vLLM or SGLang, as JSON lines: requests as far as events tell.
//!
//! Schema, one event a line, in order of time (the fields that the engines publish, with a time added):
//! - `{"timestamp": s, "type": "BlockStored", "block_hashes": [h, ..], "parent_block_hash": h or null, "block_size": n}`.
//!   Instead of a `block_size`, `num_tokens` or `token_ids` may tell the tokens of the event's blocks.
//! - `{"timestamp": s, "type": "BlockRemoved", "block_hashes": [h, ..]}` and `{"timestamp": s, "type":
//!   "AllBlocksCleared"}`: the engine dropped blocks. They are checked; a trace has no use for them, because what a
//!   cache drops is what is to be simulated.
//!
//! Hashes are whole numbers (signed or not) or texts and name prefixes. Events show only blocks that were computed: a
//! stored event is a request whose prompt is the path to its last block. An event that goes on where a request's
//! path ended less than [`JOIN_NS`] before belongs to that request: the next chunk of its prompt, or, one block at a
//! time, what it generates. Not seen, hence not in the trace: requests served wholly from cache, and partial blocks.

use kv_core::{Trace, TraceBuilder};
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::ReadOptions;
use super::error::{LineError, ReadError};
use super::fields::{self, Fields};
use super::lines::Lines;

/// How long after a request's last event another may still belong to it: 5 s [ns]. A step takes well below that.
pub const JOIN_NS: u64 = 5_000_000_000;

const EXAMPLE: &str = r#"{"timestamp": 1.5, "type": "BlockStored", "block_hashes": [7, 8], "parent_block_hash": null, "block_size": 16}"#;

/// Reads every event, or says what is wrong with the first that is not right.
pub(super) fn read(lines: &mut Lines<'_>, options: &ReadOptions) -> Result<Trace, ReadError> {
    let mut events = Events::default();
    let mut block_tokens = options.block_tokens.map(std::num::NonZero::get);
    let mut any = false;
    while let Some(line) = lines.next()? {
        any = true;
        let event = fields::object(line, EXAMPLE).and_then(|fields| events.add(&fields, &mut block_tokens));
        event.map_err(|error| lines.locate(error))?;
    }
    let (Some(block_tokens), true) = (block_tokens, any && !events.requests.is_empty()) else {
        return Err(ReadError::Empty { file: lines.file().to_owned(), example: EXAMPLE });
    };
    let mut builder = TraceBuilder::new(block_tokens);
    let start_ns = events.requests[0].arrival_ns;
    for request in &events.requests {
        let path = events.path(request.prompt_end);
        let tokens = u32::try_from(path.len()).ok().and_then(|blocks| blocks.checked_mul(block_tokens));
        let tokens = tokens.ok_or_else(|| {
            lines.locate(LineError::line(
                "a prompt of more than 4294967295 tokens",
                "a shorter path of blocks",
            ))
        })?;
        let output = request.output_blocks.saturating_mul(block_tokens);
        let added = builder.push(request.arrival_ns - start_ns, tokens, output, &path, None);
        added.map_err(|error| lines.locate(error.into()))?;
    }
    Ok(builder.finish())
}

/// A request as far as events tell.
struct Request {
    arrival_ns: u64,
    last_event_ns: u64,
    /// The prompt's last block.
    prompt_end: u32,
    output_blocks: u32,
}

#[derive(Default)]
struct Events {
    names: FxHashMap<String, u32>,
    /// Parent of each block plus one; 0 for none.
    parent_plus_one: Vec<u32>,
    requests: Vec<Request>,
    /// The request whose path ends at a block, by its index.
    ends_at: FxHashMap<u32, usize>,
    last_ns: u64,
}

impl Events {
    fn add(&mut self, fields: &Fields, block_tokens: &mut Option<u32>) -> Result<(), LineError> {
        const TYPES: &str = "\"BlockStored\", \"BlockRemoved\" or \"AllBlocksCleared\"";
        let now_ns = fields::seconds(fields, "timestamp")?;
        if now_ns < self.last_ns {
            return Err(LineError::field(
                "timestamp",
                &fields["timestamp"],
                "no earlier than the event before",
            ));
        }
        self.last_ns = now_ns;
        let kind = fields::required(fields, "type", TYPES)?;
        match kind.as_str() {
            Some("BlockStored") => self.stored(fields, now_ns, block_tokens),
            Some("BlockRemoved") => hashes(fields).map(|_| ()),
            Some("AllBlocksCleared") => Ok(()),
            _ => Err(LineError::field("type", kind, TYPES)),
        }
    }

    fn stored(
        &mut self,
        fields: &Fields,
        now_ns: u64,
        block_tokens: &mut Option<u32>,
    ) -> Result<(), LineError> {
        let hashes = hashes(fields)?;
        if hashes.is_empty() {
            return Err(LineError::field("block_hashes", "[]", "at least one block"));
        }
        let size = event_block_tokens(fields, hashes.len())?;
        if *block_tokens.get_or_insert(size) != size {
            let expected = format!("{}, as before", block_tokens.unwrap_or(size));
            return Err(LineError::field("block_size", size, expected));
        }
        let parent = match fields.get("parent_block_hash") {
            None | Some(Value::Null) => None,
            Some(value) => {
                let known = name(value).and_then(|name| self.names.get(&name).copied());
                Some(known.ok_or_else(|| {
                    LineError::field(
                        "parent_block_hash",
                        value,
                        "null, or a block that an earlier event stored",
                    )
                })?)
            }
        };
        let blocks = u32::try_from(hashes.len()).expect("a line has fewer");
        let mut last = parent;
        for hash in hashes {
            last = Some(self.block(hash, last)?);
        }
        let end = last.expect("at least one block");
        self.request(now_ns, parent, end, blocks);
        Ok(())
    }

    /// The block of a name, after its parent.
    fn block(&mut self, hash: String, parent: Option<u32>) -> Result<u32, LineError> {
        let next = u32::try_from(self.names.len()).ok().filter(|&next| next < u32::MAX);
        let next = next.ok_or(LineError::Request(kv_core::MalformedRequest::TooLarge))?;
        let parent_plus_one = parent.map_or(0, |parent| parent + 1);
        let shown = hash.clone();
        let block = *self.names.entry(hash).or_insert(next);
        if block == next {
            self.parent_plus_one.push(parent_plus_one);
        } else if self.parent_plus_one[block as usize] != parent_plus_one {
            return Err(LineError::field("block_hashes", shown, "a hash after the same parent as before"));
        }
        Ok(block)
    }

    fn request(&mut self, now_ns: u64, parent: Option<u32>, end: u32, blocks: u32) {
        let running = parent.and_then(|parent| self.ends_at.remove(&parent).map(|index| (parent, index)));
        if let Some((parent, index)) = running {
            let request = &mut self.requests[index];
            if now_ns - request.last_event_ns <= JOIN_NS {
                request.last_event_ns = now_ns;
                if request.output_blocks > 0 || blocks == 1 {
                    request.output_blocks += blocks;
                } else {
                    request.prompt_end = end;
                }
                self.ends_at.insert(end, index);
                return;
            }
            self.ends_at.insert(parent, index);
        }
        self.ends_at.insert(end, self.requests.len());
        self.requests.push(Request {
            arrival_ns: now_ns,
            last_event_ns: now_ns,
            prompt_end: end,
            output_blocks: 0,
        });
    }

    fn path(&self, end: u32) -> Vec<u64> {
        let mut path = vec![u64::from(end)];
        let mut block = end;
        while let Some(parent) = self.parent_plus_one[block as usize].checked_sub(1) {
            path.push(u64::from(parent));
            block = parent;
        }
        path.reverse();
        path
    }
}

fn hashes(fields: &Fields) -> Result<Vec<String>, LineError> {
    const EXPECTED: &str = "a list of block hashes, whole numbers or texts";
    let value = fields::required(fields, "block_hashes", EXPECTED)?;
    let list = value.as_array().and_then(|list| list.iter().map(name).collect());
    list.ok_or_else(|| LineError::field("block_hashes", value, EXPECTED))
}

/// A hash as text: a text or a whole number.
fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(format!("\"{text}\"")),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
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
