//! What a tuner may look at: the requests of a trace up to now, or all of them.

use std::ops::Range;

use kv_core::{RequestView, Trace};

/// Consecutive requests of a trace. A `&Trace` is all of its requests.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    trace: &'a Trace,
    requests: Range<usize>,
}

impl<'a> From<&'a Trace> for Seen<'a> {
    fn from(trace: &'a Trace) -> Self {
        Self { trace, requests: 0..trace.len() }
    }
}

impl<'a> Seen<'a> {
    /// The requests that arrive before a time [ns].
    #[must_use]
    pub fn before(trace: &'a Trace, end_ns: u64) -> Self {
        Self { trace, requests: 0..first_at(trace, end_ns) }
    }

    /// The requests that arrive at a time [ns] or later.
    #[must_use]
    pub fn since(trace: &'a Trace, start_ns: u64) -> Self {
        Self { trace, requests: first_at(trace, start_ns)..trace.len() }
    }

    /// The trace that they are of: its prefix tree may be asked, its other requests not.
    #[must_use]
    pub fn trace(&self) -> &'a Trace {
        self.trace
    }

    /// The requests, in order of arrival.
    pub fn requests(&self) -> impl Iterator<Item = RequestView<'a>> + use<'a> {
        let trace = self.trace;
        self.requests.clone().map(move |index| trace.request(index))
    }

    /// When the last of them arrives [ns]; 0 if there is none.
    #[must_use]
    pub fn end_ns(&self) -> u64 {
        self.requests.clone().last().map_or(0, |last| self.trace.arrivals_ns()[last])
    }

    /// Which blocks their prompts use. What they generate is known as a block only where a prompt among them
    /// names it.
    pub(super) fn used(&self) -> Vec<bool> {
        let mut used = vec![false; self.trace.unique_blocks()];
        for request in self.requests() {
            request.prompt_blocks.iter().for_each(|block| used[block.index()] = true);
        }
        used
    }
}

fn first_at(trace: &Trace, time_ns: u64) -> usize {
    trace.arrivals_ns().partition_point(|&arrival_ns| arrival_ns < time_ns)
}
