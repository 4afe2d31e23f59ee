//! The clock. Only this module reads it: a measurement is nothing else than a difference of two moments.
#![allow(
    clippy::disallowed_methods,
    reason = "this crate measures time, and only this module reads the clock"
)]

use std::time::Instant;

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
