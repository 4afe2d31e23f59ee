//! Block ids as files write them, as numbers that name prefixes.
//!
//! A whole number stands for itself. Any other name, such as a text, is numbered from the top, so that it does not meet
//! the numbers of the same file. Where an id names a block's own tokens, ids are chained: the same id after different
//! blocks becomes different blocks.

use kv_core::MalformedRequest;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::error::LineError;
use super::fields::{Fields, required};

/// What a block id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdScope {
    /// The whole prefix up to the block's end.
    Prefix,
    /// The block's own tokens, whatever comes before them.
    Block,
}

impl IdScope {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Prefix, Self::Block];

    /// The name as written with `--ids`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Block => "block",
        }
    }
}

/// The ids of one file.
#[derive(Debug)]
pub(super) struct Ids {
    scope: IdScope,
    texts: FxHashMap<String, u64>,
    chain: FxHashMap<(u64, u64), u64>,
    /// Whether the ids of the first request look like hashes.
    hashes: Option<bool>,
}

/// Ids from here on are no count of blocks.
const LARGE: u64 = 1 << 40;

impl Ids {
    pub(super) fn new(scope: IdScope) -> Self {
        Self { scope, texts: FxHashMap::default(), chain: FxHashMap::default(), hashes: None }
    }

    /// The list in a field that must be there, into `ids`, as the file has it.
    pub(super) fn list(
        &mut self,
        fields: &Fields,
        field: &'static str,
        ids: &mut Vec<u64>,
    ) -> Result<(), LineError> {
        const EXPECTED: &str = "a list of block ids, whole numbers or texts";
        ids.clear();
        let value = required(fields, field, EXPECTED)?;
        let list = value.as_array().ok_or_else(|| LineError::field(field, value, EXPECTED))?;
        for id in list {
            let number = match id {
                Value::Number(number) if number.is_u64() => number.as_u64(),
                Value::Number(number) if number.is_i64() => Some(self.numbered(number.to_string())),
                Value::String(text) => Some(self.numbered(format!("{text:?}"))),
                _ => None,
            };
            ids.push(number.ok_or_else(|| LineError::field(field, format!("[.. {id} ..]"), EXPECTED))?);
        }
        Ok(())
    }

    fn numbered(&mut self, text: String) -> u64 {
        let next = self.texts.len() as u64;
        u64::MAX - *self.texts.entry(text).or_insert(next)
    }

    /// Makes the ids of one prompt name prefixes. `namespace` keeps the ids of one part of a file apart from those of
    /// another; 0 where they are all of one.
    pub(super) fn resolve(&mut self, ids: &mut [u64], namespace: u64) {
        if self.hashes.is_none() && !ids.is_empty() {
            self.hashes = Some(ids.iter().filter(|&&id| id >= LARGE).count() * 2 > ids.len());
        }
        if self.scope == IdScope::Prefix {
            return;
        }
        // Names are numbered from 1, so a namespace from the top meets none of them.
        let mut before = namespace.checked_sub(1).map_or(0, |place| u64::MAX - place);
        for id in ids {
            let next = self.chain.len() as u64 + 1;
            *id = *self.chain.entry((before, *id)).or_insert(next);
            before = *id;
        }
    }

    /// What is to be said where nobody said what an id names.
    pub(super) fn remark(&self) -> Option<String> {
        (self.hashes == Some(true)).then(|| {
            format!(
                "block ids look like hashes; each is taken as the name of {}. {} says otherwise (in [trace]: ids)",
                match self.scope {
                    IdScope::Prefix => "the whole prefix up to its block's end",
                    IdScope::Block => "its block's own tokens",
                },
                match self.scope {
                    IdScope::Prefix => "--ids block",
                    IdScope::Block => "--ids prefix",
                }
            )
        })
    }

    /// The complaint of the builder, with ids as the file has them.
    pub(super) fn explain(&self, error: MalformedRequest) -> LineError {
        let MalformedRequest::NotAPrefix { id, here, before } = error else { return error.into() };
        let shown = |id: &str| {
            let place = id.parse::<u64>().ok().map(|id| u64::MAX - id);
            let text = self.texts.iter().find(|(_, at)| Some(**at) == place);
            text.map_or_else(|| id.to_owned(), |(text, _)| text.clone())
        };
        let (id, here, before) = (shown(&id.to_string()), shown(&here), shown(&before));
        LineError::line(
            format!("block id {id} follows block {here} here and block {before} in an earlier request"),
            "ids that name the whole prefix; --ids block says that an id names its block's own tokens",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_blocks_are_chained_within_their_namespace() {
        let mut ids = Ids::new(IdScope::Block);
        let mut named = |mut prompt: Vec<u64>, namespace| {
            ids.resolve(&mut prompt, namespace);
            prompt
        };
        assert_eq!(named(vec![7, 5], 0), [1, 2]);
        assert_eq!(named(vec![5, 7], 0), [3, 4]);
        assert_eq!(named(vec![7, 5, 5], 0), [1, 2, 5]);
        assert_eq!(named(vec![7], 1), [6]);
        assert_eq!(named(vec![7], 2), [7]);
        assert_eq!(named(vec![7], 1), [6]);
    }
}
