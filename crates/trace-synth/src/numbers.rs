//! Numbers as reports have them: seconds and shares.

/// Nanoseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "a report, not a clock")]
pub(crate) fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

/// A share; 0 where there is nothing to share.
#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
