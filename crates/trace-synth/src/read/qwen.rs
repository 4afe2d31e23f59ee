//! Qwen-Bailian JSONL (J. Wang et al., "KVCache in the wild", USENIX ATC 2025; their anonymised usage traces).
//!
//! One request a line: `timestamp` [s] (or the unit that the reader is told), `chat_id`, `parent_chat_id` (-1 for none), `input_length`,
//! `output_length`, `type`, `turn`, `hash_ids` of 16-token blocks. An id names a block's own tokens, not its
//! prefix, so ids are chained here: the same id after different blocks becomes different blocks. A session is a
//! chat and all that descend from it; chats under the same parent that the file does not have are one session.
//! `type` and `turn` are not used.

use kv_core::TraceBuilder;
use rustc_hash::FxHashMap;

use super::clock::{TimeUnit, stamp};
use super::error::{LineError, ReadError};
use super::fields::{self, Fields};
use super::ids::{IdScope, Ids};
use super::lines::Lines;
use super::{ReadOptions, Requests};

const BLOCK_TOKENS: u32 = 16;

const EXAMPLE: &str = r#"{"chat_id": 2, "parent_chat_id": 1, "timestamp": 1.5, "input_length": 20, "output_length": 9, "type": "text", "turn": 2, "hash_ids": [7, 8]}"#;

/// Reads every line, or says what is wrong with the first that is not right.
pub(super) fn read(lines: &mut Lines<'_>, options: &ReadOptions) -> Result<Requests, ReadError> {
    let block_tokens = options.block_tokens.map_or(BLOCK_TOKENS, std::num::NonZero::get);
    let mut builder = TraceBuilder::new(block_tokens);
    let unit = options.time_unit.unwrap_or(TimeUnit::Seconds);
    let mut named = Ids::new(options.ids.unwrap_or(IdScope::Block));
    let mut chats = Chats::default();
    let mut ids = Vec::new();
    while let Some(line) = lines.next()? {
        let added = fields::object(line, EXAMPLE).and_then(|fields| {
            let arrival_ns = stamp(&fields, "timestamp", unit)?;
            let input = fields::tokens(&fields, "input_length", 1)?;
            let output = fields::tokens(&fields, "output_length", 0)?;
            named.list(&fields, "hash_ids", &mut ids)?;
            named.resolve(&mut ids, 0);
            let session = chats.session(chat(&fields, "chat_id")?, chat(&fields, "parent_chat_id")?)?;
            let added = builder.push(arrival_ns, input, output, &ids, Some(session));
            added.map_err(|error| named.explain(error))
        });
        added.map_err(|error| lines.locate(error))?;
    }
    if chats.session_of.is_empty() {
        return Err(ReadError::Empty { file: lines.file().to_owned(), example: EXAMPLE });
    }
    let assumed_unit = options.time_unit.is_none().then_some(unit);
    Ok(Requests { builder, assumed_unit, remarks: Vec::new() })
}

/// A chat's number; `None` for -1.
fn chat(fields: &Fields, field: &'static str) -> Result<Option<u64>, LineError> {
    const EXPECTED: &str = "a whole number, or -1 for none";
    let value = fields::required(fields, field, EXPECTED)?;
    match (value.as_u64(), value.as_i64()) {
        (Some(chat), _) => Ok(Some(chat)),
        (None, Some(-1)) => Ok(None),
        _ => Err(LineError::field(field, value, EXPECTED)),
    }
}

/// Sessions of chats.
#[derive(Default)]
struct Chats {
    session_of: FxHashMap<u64, u32>,
    sessions: u32,
}

impl Chats {
    fn session(&mut self, chat: Option<u64>, parent: Option<u64>) -> Result<u32, LineError> {
        let chat = chat.ok_or_else(|| LineError::field("chat_id", -1, "a whole number from 0"))?;
        let known =
            parent.and_then(|parent| self.session_of.get(&parent)).or_else(|| self.session_of.get(&chat));
        let session = known.copied().unwrap_or_else(|| {
            self.sessions += 1;
            self.sessions - 1
        });
        if let Some(parent) = parent {
            self.session_of.insert(parent, session);
        }
        self.session_of.insert(chat, session);
        Ok(session)
    }
}
