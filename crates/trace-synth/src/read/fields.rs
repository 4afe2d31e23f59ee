//! Fields of a JSON line, each with the complaint for a value that is not allowed.

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

/// A number of tokens.
pub(super) fn tokens(fields: &Fields, field: &'static str, least: u32) -> Result<u32, LineError> {
    let expected = format!("a whole number of tokens from {least} to {}", u32::MAX);
    let value = required(fields, field, &expected)?;
    let tokens =
        value.as_u64().and_then(|tokens| u32::try_from(tokens).ok()).filter(|&tokens| tokens >= least);
    tokens.ok_or_else(|| LineError::field(field, value, expected))
}

/// A list of block ids, into `ids`.
pub(super) fn ids(fields: &Fields, field: &'static str, ids: &mut Vec<u64>) -> Result<(), LineError> {
    const EXPECTED: &str = "a list of block ids, whole numbers from 0 to 18446744073709551615";
    ids.clear();
    let value = required(fields, field, EXPECTED)?;
    let list = value.as_array().ok_or_else(|| LineError::field(field, value, EXPECTED))?;
    for id in list {
        ids.push(id.as_u64().ok_or_else(|| LineError::field(field, format!("[.. {id} ..]"), EXPECTED))?);
    }
    Ok(())
}

/// A time in seconds as nanoseconds.
pub(super) fn seconds(fields: &Fields, field: &'static str) -> Result<u64, LineError> {
    const EXPECTED: &str = "a time in seconds, a number from 0 to 18446744073";
    let value = required(fields, field, EXPECTED)?;
    to_ns(value.as_f64(), 1e9).ok_or_else(|| LineError::field(field, value, EXPECTED))
}

/// A time in some unit as nanoseconds, rounded to the nearest; `None` for what is negative, not finite or too far.
pub(super) fn to_ns(time: Option<f64>, ns_per_unit: f64) -> Option<u64> {
    let ns = (time? * ns_per_unit).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..1.8e19).contains(&ns).then_some(ns as u64)
}
