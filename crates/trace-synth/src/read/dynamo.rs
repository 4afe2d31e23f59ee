//! Request traces of NVIDIA Dynamo, as JSON lines of `dynamo.request.trace.v1`.
//!
//! A line is a record, or an object whose `event` is the record. Records of the type `request_end` are requests:
//! `request.replay` has `trace_block_size`, `input_length` [tokens] and `input_sequence_hashes`, which name prefixes;
//! `request.output_tokens` is the answer. A request arrives at `request.request_received_ms`, or else
//! `request.total_time_ms` before the record's time; where neither is there, at the record's time, which is the
//! request's end. Sessions are `agent_context.session_id`. Records of other types are counted and left out.

use kv_core::TraceBuilder;
use serde_json::Value;

use super::clock::{TimeUnit, stamp};
use super::error::{LineError, ReadError};
use super::fields::{self, Fields, Numbered};
use super::ids::{IdScope, Ids};
use super::lines::Lines;
use super::{ReadOptions, Requests};

const EXAMPLE: &str = r#"{"event_type": "request_end", "event_time_unix_ms": 1040, "request": {"request_received_ms": 1000, "output_tokens": 30, "replay": {"trace_block_size": 64, "input_length": 128, "input_sequence_hashes": [1, 2]}}}"#;

/// Reads every line, or says what is wrong with the first that is not right.
pub(super) fn read(lines: &mut Lines<'_>, options: &ReadOptions) -> Result<Requests, ReadError> {
    let mut records = Records::new(options);
    while let Some(line) = lines.next()? {
        let added = fields::object(line, EXAMPLE).and_then(|fields| records.add(&fields));
        added.map_err(|error| lines.locate(error))?;
    }
    let Some(block_tokens) = records.block_tokens.filter(|_| !records.rows.is_empty()) else {
        return Err(ReadError::Empty { file: lines.file().to_owned(), example: EXAMPLE });
    };
    let mut builder = TraceBuilder::new(block_tokens);
    let named = records.rows.iter().any(|row| row.session.is_some());
    let mut unnamed = records.sessions.len();
    for row in &records.rows {
        // A request without a session is one of its own where others have one.
        let own = || {
            unnamed += 1;
            unnamed - 1
        };
        let session = named.then(|| row.session.unwrap_or_else(own));
        let added = builder.push(row.arrival_ns, row.input, row.output, &row.ids, session);
        added.map_err(|error| records.ids.explain(error).at(lines.file(), row.line))?;
    }
    Ok(Requests { builder, assumed_unit: None, remarks: records.remarks() })
}

struct Row {
    line: u64,
    arrival_ns: u64,
    input: u32,
    output: u32,
    ids: Vec<u64>,
    session: Option<u32>,
}

struct Records {
    block_tokens: Option<u32>,
    unit: TimeUnit,
    ids: Ids,
    sessions: Numbered,
    rows: Vec<Row>,
    lines: u64,
    others: u64,
    stamped_at_end: u64,
}

impl Records {
    fn new(options: &ReadOptions) -> Self {
        Self {
            block_tokens: options.block_tokens.map(std::num::NonZero::get),
            unit: options.time_unit.unwrap_or(TimeUnit::Milliseconds),
            ids: Ids::new(options.ids.unwrap_or(IdScope::Prefix)),
            sessions: Numbered::default(),
            rows: Vec::new(),
            lines: 0,
            others: 0,
            stamped_at_end: 0,
        }
    }

    fn add(&mut self, line: &Fields) -> Result<(), LineError> {
        self.lines += 1;
        let record = line.get("event").and_then(Value::as_object).unwrap_or(line);
        let kind = fields::required(record, "event_type", "a text such as \"request_end\"")?;
        if kind.as_str() != Some("request_end") {
            self.others += 1;
            return Ok(());
        }
        let request = object(record, "request")?;
        let replay = object(request, "replay")?;
        let size = fields::tokens(replay, "trace_block_size", 1)?;
        if *self.block_tokens.get_or_insert(size) != size {
            let expected =
                format!("{}, as before or as the reader was told", self.block_tokens.unwrap_or(size));
            return Err(LineError::field("trace_block_size", size, expected));
        }
        let mut ids = Vec::new();
        self.ids.list(replay, "input_sequence_hashes", &mut ids)?;
        self.ids.resolve(&mut ids, 0);
        let row = Row {
            line: self.lines,
            arrival_ns: self.arrival(line, record, request)?,
            input: fields::tokens(replay, "input_length", 1)?,
            output: fields::tokens(request, "output_tokens", 0)?,
            ids,
            session: self.session(record),
        };
        self.rows.push(row);
        Ok(())
    }

    fn arrival(&mut self, line: &Fields, record: &Fields, request: &Fields) -> Result<u64, LineError> {
        if request.get("request_received_ms").is_some_and(|value| !value.is_null()) {
            return stamp(request, "request_received_ms", TimeUnit::Milliseconds);
        }
        let end_ns = match record.contains_key("event_time_unix_ms") {
            true => stamp(record, "event_time_unix_ms", TimeUnit::Milliseconds)?,
            false => stamp(line, "timestamp", self.unit)?,
        };
        if request.get("total_time_ms").is_some_and(|value| !value.is_null()) {
            let took_ns = stamp(request, "total_time_ms", TimeUnit::Milliseconds)?;
            return Ok(end_ns.saturating_sub(took_ns));
        }
        self.stamped_at_end += 1;
        Ok(end_ns)
    }

    fn session(&mut self, record: &Fields) -> Option<u32> {
        let session = record.get("agent_context")?.get("session_id").filter(|value| !value.is_null())?;
        Some(self.sessions.of(session.to_string()))
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.others > 0 {
            remarks.push(format!("records that are no ends of requests, left out: {}", self.others));
        }
        if self.stamped_at_end > 0 {
            remarks.push(format!(
                "requests with neither `request_received_ms` nor `total_time_ms`: {}; each is taken to arrive when its \
                 record was made, which is at its end",
                self.stamped_at_end
            ));
        }
        remarks
    }
}

fn object<'f>(fields: &'f Fields, field: &'static str) -> Result<&'f Fields, LineError> {
    let expected = || format!("an object as in {EXAMPLE}");
    let value = fields::required(fields, field, &expected())?;
    value.as_object().ok_or_else(|| LineError::field(field, value, expected()))
}
