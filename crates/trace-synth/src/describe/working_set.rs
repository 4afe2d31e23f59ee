//! How many blocks matter, over time.
//!
//! The trace is cut into at most 120 windows of equal length. Each window has three counts: the distinct blocks
//! that requests name in it (P. J. Denning's working set), those that no request named before, and those that
//! have been named at its end and will be named again. A cache that knows the future would hold the last ones.

use kv_core::Trace;
use kv_core::units::NS_PER_S;
use serde::Serialize;

use super::Quantiles;
use crate::numbers::{ratio, seconds};

/// A trace has at least so many windows, unless it is shorter than as many seconds, and twice as many at most.
const LEAST_WINDOWS: u64 = 48;

/// Blocks over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkingSet {
    /// Length of each window [s].
    pub window_s: f64,
    /// Distinct blocks named in a window, over the windows.
    pub distinct_blocks: Quantiles,
    /// Blocks to be named again, over the windows' ends: the room that all hits take, if only blocks with a
    /// future are kept.
    pub live_blocks: Quantiles,
    /// The windows, from the first arrival on.
    pub windows: Vec<Window>,
}

/// A window of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Requests that arrive in it.
    pub requests: usize,
    /// Distinct blocks that they name.
    pub distinct_blocks: usize,
    /// Of these, the ones that no earlier window's requests named.
    pub new_blocks: usize,
    /// Blocks named by its end and again later.
    pub live_blocks: usize,
}

/// Of a trace; `None` where there are no requests.
pub(super) fn working_set(trace: &Trace) -> Option<WorkingSet> {
    let arrivals = trace.arrivals_ns();
    let (&first, &last) = arrivals.first().zip(arrivals.last())?;
    let window_ns = window_ns(last - first);
    let at = |arrival: u64| usize::try_from((arrival - first) / window_ns).expect("at most 120 windows");
    let mut windows = vec![Window::default(); at(last) + 1];
    // Changes of the number of live blocks at the windows' ends.
    let mut born = vec![0_usize; windows.len() + 1];
    let mut dead = vec![0_usize; windows.len() + 1];
    let mut last_window: Vec<Option<u32>> = vec![None; trace.unique_blocks()];
    for request in trace.requests() {
        let here = at(request.arrival_ns);
        windows[here].requests += 1;
        for block in request.references {
            let here_u32 = u32::try_from(here).expect("at most 120 windows");
            match last_window[block.index()].replace(here_u32) {
                Some(before) if before == here_u32 => continue,
                Some(before) => {
                    born[before as usize] += 1;
                    dead[here] += 1;
                }
                None => windows[here].new_blocks += 1,
            }
            windows[here].distinct_blocks += 1;
        }
    }
    let mut live = 0;
    for (index, window) in windows.iter_mut().enumerate() {
        live = live + born[index] - dead[index];
        window.live_blocks = live;
    }
    let over = |of: fn(&Window) -> usize| Quantiles::of(windows.iter().map(|window| ratio(of(window), 1)));
    Some(WorkingSet {
        window_s: seconds(window_ns),
        distinct_blocks: over(|window| window.distinct_blocks)?,
        live_blocks: over(|window| window.live_blocks)?,
        windows,
    })
}

/// A length that people count in: 1, 2 or 5 times a power of ten seconds, or what a clock shows.
fn window_ns(span_ns: u64) -> u64 {
    const LENGTHS_S: [u64; 18] =
        [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 604_800];
    let fits = |length_s: &&u64| span_ns / (**length_s * NS_PER_S) >= LEAST_WINDOWS;
    let length_s = LENGTHS_S.iter().rev().find(fits).copied().unwrap_or(1);
    // Beyond the longest length: as many nanoseconds as give 120 windows.
    (length_s * NS_PER_S).max(span_ns / 119)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kv_core::TraceBuilder;

    #[test]
    fn windows_count_distinct_new_and_live_blocks() {
        let mut builder = TraceBuilder::new(4);
        // Windows of 1 s. Block 1 is named at 0.0, 0.5 and 3.2 s, block 2 at 0.5 s, block 3 at 3.2 s.
        for (ms, ids) in [(0, &[1_u64][..]), (500, &[1, 2]), (3_200, &[1, 3])] {
            let tokens = 4 * u32::try_from(ids.len()).unwrap();
            builder.push(ms * 1_000_000, tokens, 1, ids, None).unwrap();
        }
        let found = working_set(&builder.finish()).unwrap();
        let window = |requests, distinct_blocks, new_blocks, live_blocks| Window {
            requests,
            distinct_blocks,
            new_blocks,
            live_blocks,
        };
        let (first, last) = (window(2, 2, 2, 1), window(1, 2, 1, 0));
        assert_eq!(found.windows, [first, window(0, 0, 0, 1), window(0, 0, 0, 1), last]);
        assert_eq!(found.live_blocks.max.to_bits(), 1_f64.to_bits());
        assert_eq!(working_set(&TraceBuilder::new(4).finish()), None);
    }

    #[test]
    fn there_are_few_windows_whatever_the_span() {
        for span_s in [0, 1, 47, 100, 3_537, 7_200, 604_800, 50_000_000, 18_000_000_000] {
            let span_ns = span_s * NS_PER_S;
            let count = span_ns / window_ns(span_ns) + 1;
            assert!(count <= 121 && (count >= LEAST_WINDOWS || span_s < LEAST_WINDOWS), "{span_s}: {count}");
        }
        // 3,537 s: 58 windows of 60 s and a part.
        assert_eq!(window_ns(3_537 * NS_PER_S), 60 * NS_PER_S);
    }
}
