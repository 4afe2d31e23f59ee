//! The clock. Only this module reads it: a measurement is nothing else than a difference of two moments.
#![allow(
    clippy::disallowed_methods,
    reason = "this crate measures time, and only this module reads the clock"
)]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A moment from which time is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start(Instant);

impl Start {
    /// Now.
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    /// Time since then \[s\].
    pub(crate) fn elapsed_s(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// The day and minute, in UTC: `2026-11-27 20:15 UTC`.
pub(crate) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    let moment = jiff::Timestamp::from_second(i64::try_from(seconds).unwrap_or(0))
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
