//! Agent sessions as Weka's traces have them: a line is a session, its `requests` are its turns.
//!
//! A session has a `block_size` [tokens] and `requests`; each of these has `t` [s from the session's start], `in` and
//! `out` [tokens], and `hash_ids`. A request of the type `subagent` stands for the `requests` in it, whose times count
//! from the session's start as well. An id names a block's own tokens, so ids are chained; with `hash_id_scope =
//! "local"` only within their session. Sessions have no clock in common: all of them start at once.

use kv_core::TraceBuilder;
use serde_json::Value;

use super::clock::{TimeUnit, stamp};
use super::error::{LineError, ReadError};
use super::fields::{self, Fields};
use super::ids::{IdScope, Ids};
use super::lines::Lines;
use super::{ReadOptions, Requests};

const EXAMPLE: &str =
    r#"{"id": "a", "block_size": 64, "requests": [{"t": 0.0, "in": 128, "out": 30, "hash_ids": [1, 2]}]}"#;

/// Subagents of subagents of .. are at most so deep.
const DEEPEST: usize = 16;

/// Reads every line, or says what is wrong with the first that is not right.
pub(super) fn read(lines: &mut Lines<'_>, options: &ReadOptions) -> Result<Requests, ReadError> {
    let mut sessions = Sessions {
        told: options.block_tokens.map(std::num::NonZero::get),
        unit: options.time_unit.unwrap_or(TimeUnit::Seconds),
        ids: Ids::new(options.ids.unwrap_or(IdScope::Block)),
        builder: None,
        count: 0,
        requests: 0,
    };
    while let Some(line) = lines.next()? {
        let added = fields::object(line, EXAMPLE).and_then(|fields| sessions.add(&fields));
        added.map_err(|error| lines.locate(error))?;
    }
    let Some((builder, _)) = sessions.builder.filter(|_| sessions.requests > 0) else {
        return Err(ReadError::Empty { file: lines.file().to_owned(), example: EXAMPLE });
    };
    let mut remarks = Vec::new();
    if sessions.count > 1 {
        remarks.push(format!(
            "{} sessions have no clock in common; all of them start at once, and each turn comes when its session's own \
             clock says",
            sessions.count
        ));
    }
    let assumed_unit = options.time_unit.is_none().then_some(sessions.unit);
    Ok(Requests { builder, assumed_unit, remarks })
}

struct Sessions {
    told: Option<u32>,
    unit: TimeUnit,
    ids: Ids,
    /// With blocks of the first session's size.
    builder: Option<(TraceBuilder, u32)>,
    count: u32,
    requests: u64,
}

impl Sessions {
    fn add(&mut self, line: &Fields) -> Result<(), LineError> {
        let size = match (line.contains_key("block_size"), self.told) {
            (false, Some(told)) => told,
            _ => fields::tokens(line, "block_size", 1)?,
        };
        let expected = self.told.or(self.builder.as_ref().map(|(_, size)| *size)).unwrap_or(size);
        if size != expected {
            let expected = format!("{expected}, as before or as the reader was told");
            return Err(LineError::field("block_size", size, expected));
        }
        self.builder.get_or_insert_with(|| (TraceBuilder::new(size), size));
        let local = line.get("hash_id_scope").and_then(Value::as_str) == Some("local");
        let namespace = if local { u64::from(self.count) + 1 } else { 0 };
        self.turns(line, namespace, 0)?;
        self.count += 1;
        Ok(())
    }

    fn turns(&mut self, parent: &Fields, namespace: u64, depth: usize) -> Result<(), LineError> {
        const LIST: &str = "a list of requests";
        let value = fields::required(parent, "requests", LIST)?;
        let list = value.as_array().filter(|_| depth < DEEPEST);
        for turn in list.ok_or_else(|| LineError::field("requests", value, LIST))? {
            let turn = turn.as_object().ok_or_else(|| LineError::field("requests", turn, LIST))?;
            if turn.contains_key("requests") {
                self.turns(turn, namespace, depth + 1)?;
                continue;
            }
            let arrival_ns = stamp(turn, "t", self.unit)?;
            let (input, output) = (fields::tokens(turn, "in", 1)?, fields::tokens(turn, "out", 0)?);
            let mut ids = Vec::new();
            self.ids.list(turn, "hash_ids", &mut ids)?;
            self.ids.resolve(&mut ids, namespace);
            let (builder, _) = self.builder.as_mut().expect("made with the first session");
            let added = builder.push(arrival_ns, input, output, &ids, Some(self.count));
            added.map_err(|error| self.ids.explain(error))?;
            self.requests += 1;
        }
        Ok(())
    }
}
