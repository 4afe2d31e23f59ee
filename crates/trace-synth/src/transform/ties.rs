//! Spreads requests of one timestamp over the time to the next one.
//!
//! Public traces quantise time (the Mooncake conversation trace to about 3 s), so a replay sees bursts that
//! never were. Whoever replays a trace decides whether to spread it; no reader does it.

use kv_core::{LATEST_ARRIVAL_NS, Trace, TraceBuilder};

use super::push_view;

/// A copy in which k requests that share an arrival a stand evenly between it and the next distinct arrival b:
/// the i-th at a + i (b - a) / k, rounded down to the nanosecond. Order stays. The last group has no next arrival
/// and takes the gap before it, or none if all requests share one arrival.
#[must_use]
pub fn spread_ties(trace: &Trace) -> Trace {
    let arrivals = trace.arrivals_ns();
    let mut builder = TraceBuilder::like(trace);
    let mut gap = 0;
    let mut start = 0;
    while start < arrivals.len() {
        let here = arrivals[start];
        let ties = arrivals[start..].partition_point(|&arrival| arrival == here);
        if let Some(next) = arrivals.get(start + ties) {
            gap = next - here;
        }
        for tie in 0..ties {
            let offset = u128::from(gap) * tie as u128 / ties as u128;
            let offset = u64::try_from(offset).expect("less than the gap");
            let arrival_ns = here.saturating_add(offset).min(LATEST_ARRIVAL_NS);
            push_view(&mut builder, &trace.request(start + tie), arrival_ns);
        }
        start += ties;
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(arrivals: &[u64]) -> Trace {
        let mut builder = TraceBuilder::new(4);
        for (index, &arrival) in arrivals.iter().enumerate() {
            builder.push(arrival, 4, 1, &[index as u64 % 2], None).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn ties_take_equal_shares_of_the_gap() {
        // 3 at 0 share the 10 ns to the next: 0, 3, 6. The 2 last ones take the gap before them, 10 ns: 20, 25.
        assert_eq!(spread_ties(&at(&[0, 0, 0, 10, 20, 20])).arrivals_ns(), [0, 3, 6, 10, 20, 25]);
        assert_eq!(spread_ties(&at(&[7, 7])).arrivals_ns(), [7, 7]);
        assert!(spread_ties(&at(&[])).is_empty());
    }

    #[test]
    fn nothing_but_time_changes() {
        let (before, after) = (at(&[0, 0, 9]), spread_ties(&at(&[0, 0, 9])));
        for (a, b) in before.requests().zip(after.requests()) {
            assert_eq!(
                (a.references, a.prompt_tokens, a.output_tokens),
                (b.references, b.prompt_tokens, b.output_tokens)
            );
        }
    }
}
