//! Fields of a JSON line, each with the complaint for a value that is not allowed.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::error::{LineError, shortened};

pub(super) type Fields = Map<String, Value>;

/// The line as an object.
pub(super) fn object(line: &[u8], example: &str) -> Result<Fields, LineError> {
    let expected = || format!("an object like {example}");
    match serde_json::from_slice(line) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => {
            let found = format!("JSON, but no object: {}", shortened(&other.to_string()));
            Err(LineError::line(found, expected()))
        }
        Err(error) => Err(LineError::line(format!("not JSON ({error})"), expected())),
    }
}

/// A field that must be there.
pub(super) fn required<'f>(
    fields: &'f Fields,
    field: &'static str,
    expected: &str,
) -> Result<&'f Value, LineError> {
    fields.get(field).ok_or_else(|| LineError::missing(field, expected))
}

/// Numbers names in order of appearance, from 0.
#[derive(Debug, Default)]
pub(super) struct Numbered(FxHashMap<String, u32>);

impl Numbered {
    pub(super) fn of(&mut self, name: String) -> u32 {
        let next = self.len();
        *self.0.entry(name).or_insert(next)
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.0.len()).expect("fewer names than lines of a file")
    }
}

/// A number of tokens.
pub(super) fn tokens(fields: &Fields, field: &'static str, least: u32) -> Result<u32, LineError> {
    let expected = format!("a whole number of tokens from {least} to {}", u32::MAX);
    let value = required(fields, field, &expected)?;
    let tokens =
        value.as_u64().and_then(|tokens| u32::try_from(tokens).ok()).filter(|&tokens| tokens >= least);
    tokens.ok_or_else(|| LineError::field(field, value, expected))
}
