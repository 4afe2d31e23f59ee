//! Traces of prompts: JSON lines with a prompt's text, messages or token ids instead of block ids.
//!
//! One request a line: `timestamp` [ms, or the unit that the reader is told], `output_length` [tokens], optionally
//! `session_id`, and the prompt: `token_ids` or `prompt_token_ids` (a list of numbers), or else `text_input`, `prompt`,
//! `text` (a text) or `messages` (a list). Token ids give exact blocks. Without a tokenizer, a token of a text is taken
//! as so many bytes; then lengths are estimates, and what prompts share is theirs to a block. Each distinct block's
//! content is held in memory until the file is read.

use std::io::Read;
use std::num::NonZero;
use std::path::Path;

use kv_core::TraceBuilder;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::clock::{TimeUnit, stamp};
use super::error::{LineError, ReadError};
use super::fields::{self, Fields, Numbered};
use super::lines::Lines;
use super::{ReadTrace, Requests, finish};

/// How prompts become blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromptOptions {
    /// Tokens in a block [tokens].
    pub block_tokens: NonZero<u32>,
    /// Bytes of a text that are taken as a token [bytes].
    pub bytes_per_token: NonZero<u32>,
    /// The unit of times; `None`: milliseconds.
    pub time_unit: Option<TimeUnit>,
}

const EXAMPLE: &str = r#"{"timestamp": 0, "text_input": "Hello", "output_length": 20}"#;

/// Fields with token ids, and fields with texts.
const TOKENS: [&str; 2] = ["token_ids", "prompt_token_ids"];
const TEXTS: [&str; 4] = ["text_input", "prompt", "text", "messages"];

/// Whether a line has a prompt instead of block ids, and in which field.
pub(super) fn prompt_field(fields: &Fields) -> Option<&'static str> {
    TOKENS.into_iter().chain(TEXTS).find(|field| fields.contains_key(*field))
}

/// Reads a file of prompts; `-` is standard input.
///
/// # Errors
/// See [`ReadError`].
pub fn read_prompts_path(path: &Path, options: &PromptOptions) -> Result<ReadTrace, ReadError> {
    let mut lines = Lines::open(path)?;
    let requests = read_lines(&mut lines, options)?;
    Ok(finish(requests, lines.file()))
}

/// Reads prompts from a stream; `name` is what errors call it.
///
/// # Errors
/// See [`ReadError`].
pub fn read_prompts(stream: impl Read, name: &str, options: &PromptOptions) -> Result<ReadTrace, ReadError> {
    let mut lines = Lines::new(stream, name)?;
    let requests = read_lines(&mut lines, options)?;
    Ok(finish(requests, name))
}

fn read_lines(lines: &mut Lines<'_>, options: &PromptOptions) -> Result<Requests, ReadError> {
    let unit = options.time_unit.unwrap_or(TimeUnit::Milliseconds);
    let mut blocks = Blocks { options: *options, names: FxHashMap::default(), texts: 0 };
    let mut sessions = Numbered::default();
    let mut builder = TraceBuilder::new(options.block_tokens.get());
    let mut any = false;
    while let Some(line) = lines.next()? {
        let added = fields::object(line, EXAMPLE).and_then(|fields| {
            let arrival_ns = stamp(&fields, "timestamp", unit)?;
            let output = fields::tokens(&fields, "output_length", 0)?;
            let (tokens, ids) = blocks.of(&fields)?;
            let session = fields.get("session_id").filter(|session| !session.is_null());
            let session = session.map(|session| sessions.of(session.to_string()));
            Ok(builder.push(arrival_ns, tokens, output, &ids, session)?)
        });
        added.map_err(|error| lines.locate(error))?;
        any = true;
    }
    if !any {
        return Err(ReadError::Empty { file: lines.file().to_owned(), example: EXAMPLE });
    }
    let remark = (blocks.texts > 0).then(|| {
        format!(
            "prompts that are texts: {}; a token is taken as {} bytes. --bytes-per-token says otherwise; `token_ids` would be \
             exact",
            blocks.texts, options.bytes_per_token
        )
    });
    let assumed_unit = options.time_unit.is_none().then_some(unit);
    Ok(Requests { builder, assumed_unit, remarks: remark.into_iter().collect() })
}

/// Names of prefixes: a number for each (prefix before, content of the next block).
struct Blocks {
    options: PromptOptions,
    names: FxHashMap<(u64, Box<[u8]>), u64>,
    texts: u64,
}

impl Blocks {
    /// Tokens of a line's prompt, and the ids of its blocks, a partial one included.
    fn of(&mut self, fields: &Fields) -> Result<(u32, Vec<u64>), LineError> {
        const EXPECTED: &str =
            "a prompt of at least one token: a text, a list of messages, or a list of token ids";
        let field = prompt_field(fields).ok_or_else(|| LineError::missing("text_input", EXPECTED))?;
        let value = &fields[field];
        let wrong = || LineError::field(field, value, EXPECTED);
        let (bytes, bytes_per_token) = match value {
            Value::Array(ids) if TOKENS.contains(&field) || ids.iter().all(Value::is_u64) => {
                let ids: Option<Vec<u64>> = ids.iter().map(Value::as_u64).collect();
                (ids.ok_or_else(wrong)?.into_iter().flat_map(u64::to_le_bytes).collect(), 8)
            }
            Value::String(text) => {
                self.texts += 1;
                (text.clone().into_bytes(), self.options.bytes_per_token.get())
            }
            // Messages one after another: those of the next turn begin with those of this one.
            Value::Array(messages) => {
                self.texts += 1;
                let text: String = messages.iter().map(Value::to_string).collect();
                (text.into_bytes(), self.options.bytes_per_token.get())
            }
            _ => return Err(wrong()),
        };
        let bytes: Vec<u8> = bytes;
        let tokens = u32::try_from(bytes.len().div_ceil(bytes_per_token as usize)).map_err(|_| wrong())?;
        if tokens == 0 {
            return Err(wrong());
        }
        let block_bytes = self.options.block_tokens.get() as usize * bytes_per_token as usize;
        let mut before = 0;
        let ids = bytes.chunks(block_bytes).map(|content| {
            let next = self.names.len() as u64 + 1;
            before = *self.names.entry((before, content.into())).or_insert(next);
            before
        });
        Ok((tokens, ids.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompts(text: &str) -> Result<ReadTrace, ReadError> {
        let [block_tokens, bytes_per_token] = [2, 4].map(|n| NonZero::new(n).unwrap());
        let options = PromptOptions { block_tokens, bytes_per_token, time_unit: None };
        read_prompts(text.as_bytes(), "p", &options)
    }

    #[test]
    fn prompts_share_the_blocks_that_their_texts_share() {
        let line = |prompt: &str| format!("{{\"timestamp\": 7000, \"output_length\": 2, {prompt}}}\n");
        let texts = line("\"text_input\": \"12345678abcdefgh\"") + &line("\"prompt\": \"12345678abcdxxxxy\"");
        let found = prompts(&texts).unwrap();
        let shape: Vec<_> = found.trace.requests().map(|r| (r.prompt_tokens, r.references.len())).collect();
        assert_eq!(
            (shape, found.trace.unique_blocks(), found.start_ns),
            (vec![(4, 2), (5, 3)], 4, 7_000_000_000)
        );
        assert_eq!(
            found.remarks,
            [
                "p: prompts that are texts: 2; a token is taken as 4 bytes. --bytes-per-token says otherwise; `token_ids` \
              would be exact"
            ]
        );
        let tokens = line("\"token_ids\": [1, 2, 3]") + &line("\"prompt_token_ids\": [1, 2, 4, 5, 6]");
        let found = prompts(&tokens).unwrap();
        let shape: Vec<_> = found.trace.requests().map(|r| (r.prompt_tokens, r.references.len())).collect();
        assert_eq!((shape, found.trace.unique_blocks()), (vec![(3, 2), (5, 3)], 4));
        assert_eq!(found.remarks, Vec::<String>::new());
        let chat =
            line("\"messages\": [{\"role\": \"user\"}]") + &line("\"messages\": [{\"role\": \"user\"}, {}]");
        let found = prompts(&chat).unwrap().trace;
        assert_eq!(found.request(1).references[..1], found.request(0).references[..1]);
        for wrong in
            ["\"text_input\": \"\"", "\"text_input\": 5", "\"token_ids\": [-1]", "\"a\": 1", "\"prompt\": []"]
        {
            let message = prompts(&line(wrong)).unwrap_err().to_string();
            assert!(message.contains("expected a prompt of at least one token"), "{message}");
        }
    }
}
