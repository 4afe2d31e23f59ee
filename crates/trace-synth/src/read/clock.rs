//! Times as files write them, as nanoseconds; and doubts about the unit that was assumed.
//!
//! Stamps since 1970 have more digits than a binary fraction holds to the nanosecond, so decimals are read as decimals.

use kv_core::units::ns_from_decimal;
use kv_core::{LATEST_ARRIVAL_NS, Trace};
use serde_json::Value;

use super::error::LineError;
use super::fields::{Fields, required};

/// The unit of a file's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Nanoseconds.
    Nanoseconds,
}

impl TimeUnit {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Seconds, Self::Milliseconds, Self::Microseconds, Self::Nanoseconds];

    /// The name as written with `--time-unit`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Nanoseconds => "ns",
        }
    }

    /// The name in a sentence.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::Nanoseconds => "nanoseconds",
        }
    }

    /// How many decimals a nanosecond is away from the unit.
    fn decimals(self) -> u32 {
        match self {
            Self::Seconds => 9,
            Self::Milliseconds => 6,
            Self::Microseconds => 3,
            Self::Nanoseconds => 0,
        }
    }

    /// What is allowed as a time in this unit.
    pub(super) fn expected(self) -> String {
        let latest = LATEST_ARRIVAL_NS / 10_u64.pow(self.decimals());
        format!(
            "a time in {}, a number from 0 to {latest} (2^62 ns); --time-unit s, ms, us or ns names another unit",
            self.words()
        )
    }
}

/// The time in a field that must be there \[ns\]. A number may be written as a text.
pub(super) fn stamp(fields: &Fields, field: &'static str, unit: TimeUnit) -> Result<u64, LineError> {
    let value = required(fields, field, &unit.expected())?;
    value_ns(value, unit).ok_or_else(|| LineError::field(field, value, unit.expected()))
}

/// A JSON value as a time \[ns\]; `None` for what is no number, negative, or after [`LATEST_ARRIVAL_NS`].
pub(super) fn value_ns(value: &Value, unit: TimeUnit) -> Option<u64> {
    match value {
        Value::Number(number) => match number.as_u64() {
            Some(whole) => bounded(whole.checked_mul(10_u64.pow(unit.decimals()))?),
            // The shortest decimal that stands for the number: what the file has, up to 15 digits and mostly up to 17.
            None => text_ns(&format!("{}", number.as_f64()?), unit),
        },
        Value::String(text) => text_ns(text.trim(), unit),
        _ => None,
    }
}

/// A decimal number as a time \[ns\], rounded to the nearest; `None` as in [`value_ns`].
pub(super) fn text_ns(text: &str, unit: TimeUnit) -> Option<u64> {
    bounded(ns_from_decimal(text, unit.decimals())?)
}

fn bounded(ns: u64) -> Option<u64> {
    (ns <= LATEST_ARRIVAL_NS).then_some(ns)
}

/// More requests a second than this, or more prompt tokens, are doubted \[1/s\].
const MANY_REQUESTS: f64 = 100.0;
const MANY_TOKENS: f64 = 1e6;
/// A longer time between requests is doubted \[s\].
const LONG_GAP_S: f64 = 300.0;

/// What is odd about a trace's clock if its times are in `unit`; `start_ns` is its first arrival as the file has it.
pub(super) fn doubt(trace: &Trace, start_ns: u64, unit: TimeUnit) -> Option<String> {
    let start = start_ns / 10_u64.pow(unit.decimals());
    // From 2001 to 2096, in seconds.
    if unit != TimeUnit::Seconds && (1_000_000_000..4_000_000_000).contains(&start) {
        return Some(said(unit, &format!("but {start} looks like seconds since 1970"), TimeUnit::Seconds));
    }
    let span_s = crate::numbers::seconds(trace.arrivals_ns().last().copied()?);
    if span_s <= 0.0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
    let (gaps, tokens) =
        ((trace.len() - 1) as f64, trace.requests().map(|r| u64::from(r.prompt_tokens)).sum::<u64>() as f64);
    let rate = gaps / span_s;
    let faster = rate > MANY_REQUESTS || tokens / span_s > MANY_TOKENS;
    if faster && unit != TimeUnit::Seconds {
        let what = format!("that is {rate:.0} requests and {:.0} prompt tokens a second", tokens / span_s);
        return Some(said(unit, &what, TimeUnit::Seconds));
    }
    if rate < 1.0 / LONG_GAP_S && unit != TimeUnit::Nanoseconds {
        let what = format!("that is one request in {:.0} s", 1.0 / rate);
        let other = if unit == TimeUnit::Seconds { TimeUnit::Milliseconds } else { TimeUnit::Microseconds };
        return Some(said(unit, &what, other));
    }
    None
}

fn said(unit: TimeUnit, what: &str, other: TimeUnit) -> String {
    format!(
        "times are taken as {}; {what}. If they are {}, say --time-unit {} (in [trace]: time_unit = \"{}\")",
        unit.words(),
        other.words(),
        other.name(),
        other.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_as_decimals() {
        let seconds = |text: &str| text_ns(text, TimeUnit::Seconds);
        assert_eq!(seconds("1761816192.1347115"), Some(1_761_816_192_134_711_500));
        assert_eq!(seconds("0.0000000015"), Some(2));
        assert_eq!(seconds("1e3"), Some(1_000_000_000_000));
        assert_eq!(seconds("-0.0"), Some(0));
        assert_eq!(text_ns("1780722000040.251", TimeUnit::Milliseconds), Some(1_780_722_000_040_251_000));
        assert_eq!(text_ns("4611686018427387904", TimeUnit::Nanoseconds), Some(LATEST_ARRIVAL_NS));
        for wrong in ["", ".", "-1", "nan", "inf", "1e99", "4611686018.5", "1.2.3", "0x1", "1_0"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        let number: Value = serde_json::from_str("1761816192.1347115").unwrap();
        assert_eq!(value_ns(&number, TimeUnit::Seconds), seconds("1761816192.1347115"));
        assert_eq!(
            value_ns(&Value::from("1753780607550317897"), TimeUnit::Nanoseconds),
            Some(1_753_780_607_550_317_897)
        );
    }
}
