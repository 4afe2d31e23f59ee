//! What a run reports: integers per request, per tier and per link, and their summaries.

use kv_core::Trace;
use kv_core::stats::nearest_rank;

/// What happened to one request. Times are from the start of the trace \[ns\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestRecord {
    /// When it reached the service.
    pub arrival_ns: u64,
    /// When it first had a place: admitted to a step, or its blocking load was started.
    pub scheduled_ns: u64,
    /// When the step that made its first token ended.
    pub first_token_ns: u64,
    /// When its last token was there.
    pub finish_ns: u64,
    /// Part of TTFT spent on loads: from when it had a place until its blocking load was seen to have ended, or what a
    /// layerwise one added to its step.
    pub load_ns: u64,
    /// Prompt length \[tokens\].
    pub prompt_tokens: u32,
    /// Generated length \[tokens\], at least 1.
    pub output_tokens: u32,
    /// Prompt tokens found in HBM at its first admission.
    pub hit_hbm_tokens: u32,
    /// Prompt tokens loaded from lower tiers at its first admission.
    pub hit_lower_tokens: u32,
    /// Tokens computed again after preemptions, whether of the prompt or generated.
    pub recomputed_tokens: u32,
    /// How often it was preempted.
    pub preemptions: u32,
    /// The instance that served it.
    pub instance: u32,
    /// Whether the engine refused it, because it is longer than [`RunStats::longest_request_tokens`]. Then it has no times.
    pub rejected: bool,
}

impl RequestRecord {
    /// Time to first token \[ns\].
    #[must_use]
    pub fn ttft_ns(&self) -> u64 {
        self.first_token_ns - self.arrival_ns
    }

    /// From arrival to the last token \[ns\].
    #[must_use]
    pub fn e2e_ns(&self) -> u64 {
        self.finish_ns - self.arrival_ns
    }

    /// Time per output token after the first \[ns\]; `None` for a single token.
    #[must_use]
    pub fn tpot_ns(&self) -> Option<f64> {
        let after_first = self.output_tokens.checked_sub(1).filter(|&n| n > 0)?;
        Some((self.finish_ns - self.first_token_ns) as f64 / f64::from(after_first))
    }

    /// Part of TTFT spent waiting for a place \[ns\].
    #[must_use]
    pub fn queue_ns(&self) -> u64 {
        self.scheduled_ns - self.arrival_ns
    }
}

/// Mean and quantiles of a sample, in the unit that its field names. Quantiles are those of [`nearest_rank`], so each is a
/// value that occurred.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    /// Arithmetic mean.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
}

impl Summary {
    /// Summarises integers, each divided by `unit`; all zero for an empty sample.
    #[must_use]
    pub fn of(mut values: Vec<u64>, unit: f64) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        values.sort_unstable();
        let sum: u128 = values.iter().map(|&v| u128::from(v)).sum();
        let at = |q: f64| nearest_rank(&values, q).map_or(0.0, |value| value as f64 / unit);
        Self { mean: sum as f64 / values.len() as f64 / unit, p50: at(0.5), p90: at(0.9), p99: at(0.99) }
    }
}

/// One tier over a run. HBM and per-instance tiers are summed over their instances.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TierStats {
    /// Its name.
    pub name: String,
    /// Bytes that it can hold; `None` where only leases bound it.
    pub capacity_bytes: Option<u64>,
    /// Most bytes that it held at once.
    pub peak_bytes: u64,
    /// Integral of bytes held over time \[B ns\]: divided by a time span, the average held.
    pub byte_ns: u128,
    /// Prompt tokens served from it at first admissions.
    pub hit_tokens: u64,
    /// Blocks placed in it.
    pub insertions: u64,
    /// Blocks that a policy chose to drop.
    pub evictions: u64,
    /// Blocks whose lease ran out.
    pub expiries: u64,
    /// Copies that found no place.
    pub rejections: u64,
    /// Blocks that were copied out of it, towards HBM.
    pub read_blocks: u64,
    /// Why blocks of it were not read.
    pub unread: Unread,
}

/// Why blocks of a lower tier were not read, though requests could have used them: each reason that held at least once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unread {
    /// A request could use fewer tokens than a prefetch from the tier begins with.
    pub too_short: bool,
    /// Computing was expected to be over before the copy.
    pub computed_sooner: bool,
    /// The nearest tier had no room for the blocks.
    pub no_room: bool,
    /// A prefetch had not moved all its blocks when its request could be scheduled, and the rest was dropped.
    pub dropped: bool,
}

impl Unread {
    const WORDS: [&str; 4] = [
        "a request could use fewer tokens than `min_tokens` of its prefetch",
        "computing was expected to be sooner (`load-or-recompute`)",
        "the nearest tier had no room for its blocks",
        "its prefetches were dropped when their requests could be scheduled (`stop` of its prefetch)",
    ];

    /// The reasons in words; empty where none held.
    #[must_use]
    pub fn reasons(self) -> Vec<&'static str> {
        let held = [self.too_short, self.computed_sooner, self.no_room, self.dropped];
        Self::WORDS.into_iter().zip(held).filter(|(_, held)| *held).map(|(words, _)| words).collect()
    }
}

impl TierStats {
    /// Why nothing was ever read from the tier, where blocks were written into it and none was. HBM is never such a tier.
    #[must_use]
    pub fn never_read(&self) -> Option<Vec<&'static str>> {
        let is_lower = self.name != "hbm";
        (is_lower && self.insertions > 0 && self.read_blocks == 0).then(|| match self.unread.reasons() {
            none if none.is_empty() => vec!["no request found a block in it that the tiers above lacked"],
            reasons => reasons,
        })
    }
}

/// Turns of conversations, and how true the times of a replay are to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turns {
    /// Requests that follow the answer to an earlier one.
    pub turns: u64,
    /// Those of them that arrived before this answer was complete.
    pub before_answer: u64,
}

impl Turns {
    /// Share of the turns that were sent before the answer that they follow; `None` where there are no turns.
    #[must_use]
    pub fn share_before_answer(self) -> Option<f64> {
        (self.turns > 0).then(|| self.before_answer as f64 / self.turns as f64)
    }
}

/// One link over a run; links of the same tier and direction are summed over instances.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkStats {
    /// Its name: tier and direction, as `dram read`.
    pub name: String,
    /// How many links the figures are summed over.
    pub links: u32,
    /// Transfers that moved at least one byte.
    pub transfers: u64,
    /// Bytes moved.
    pub bytes: u64,
    /// Time with at least one transfer under way \[ns\].
    pub busy_ns: u64,
    /// Sum over transfers of the time beyond what each would have taken alone \[ns\].
    pub queue_ns: u64,
}

/// What one run reports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunStats {
    /// One record per request, in trace order.
    pub requests: Vec<RequestRecord>,
    /// From the start of the trace to the last token \[ns\].
    pub makespan_ns: u64,
    /// Engine steps over all instances.
    pub steps: u64,
    /// Tokens that the steps computed, again after preemptions included.
    pub computed_tokens: u64,
    /// Time with a step under way, summed over instances \[ns\].
    pub busy_ns: u64,
    /// HBM first, then the lower tiers in order.
    pub tiers: Vec<TierStats>,
    /// Read and write link of each lower tier, in order.
    pub links: Vec<LinkStats>,
    /// The longest request that an instance takes, prompt and output together \[tokens\].
    pub longest_request_tokens: u32,
}

impl RunStats {
    /// Time to first token \[s\].
    #[must_use]
    pub fn ttft_s(&self) -> Summary {
        self.summary(RequestRecord::ttft_ns)
    }

    /// Queueing inside TTFT \[s\].
    #[must_use]
    pub fn queue_s(&self) -> Summary {
        self.summary(RequestRecord::queue_ns)
    }

    /// Waiting for loads, inside TTFT \[s\].
    #[must_use]
    pub fn load_s(&self) -> Summary {
        self.summary(|r| r.load_ns)
    }

    /// End-to-end latency \[s\].
    #[must_use]
    pub fn e2e_s(&self) -> Summary {
        self.summary(RequestRecord::e2e_ns)
    }

    /// Time per output token over requests with at least two \[s\].
    #[must_use]
    pub fn tpot_s(&self) -> Summary {
        let ps = self.served().filter_map(RequestRecord::tpot_ns).map(|ns| (ns * 1e3).round() as u64);
        Summary::of(ps.collect(), 1e12)
    }

    /// Sum of prompt lengths of what was served \[tokens\].
    #[must_use]
    pub fn prompt_tokens(&self) -> u64 {
        self.served().map(|r| u64::from(r.prompt_tokens)).sum()
    }

    /// Sum of generated lengths \[tokens\].
    #[must_use]
    pub fn output_tokens(&self) -> u64 {
        self.served().map(|r| u64::from(r.output_tokens)).sum()
    }

    /// Prompt tokens found in some tier over all prompt tokens: the same denominator whatever tiers there are.
    #[must_use]
    pub fn hit_ratio(&self) -> f64 {
        let hits: u64 = self.tiers.iter().map(|t| t.hit_tokens).sum();
        hits as f64 / self.prompt_tokens().max(1) as f64
    }

    /// Prompt and generated tokens per second of makespan \[tokens/s\].
    #[must_use]
    pub fn throughput_tokens_per_s(&self) -> f64 {
        (self.prompt_tokens() + self.output_tokens()) as f64 / (self.makespan_ns.max(1) as f64 / 1e9)
    }

    /// Preemptions over all requests.
    #[must_use]
    pub fn preemptions(&self) -> u64 {
        self.requests.iter().map(|r| u64::from(r.preemptions)).sum()
    }

    /// Requests that the engine refused, because they are longer than [`RunStats::longest_request_tokens`].
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.requests.iter().filter(|r| r.rejected).count() as u64
    }

    /// The records of the requests that were served, in trace order. Means and quantiles are over these.
    pub fn served(&self) -> impl Iterator<Item = &RequestRecord> {
        self.requests.iter().filter(|r| !r.rejected)
    }

    /// The turns of the trace that was replayed, and those that a replay by the trace's times sent too soon. A turn that was
    /// refused, or whose answer was, is not counted.
    #[must_use]
    pub fn turns(&self, trace: &Trace) -> Turns {
        let mut turns = Turns::default();
        for (record, before) in self.requests.iter().zip(trace.previous_turns()) {
            let Some(answered) = before.map(|before| &self.requests[before as usize]) else { continue };
            if !record.rejected && !answered.rejected {
                turns.turns += 1;
                turns.before_answer += u64::from(record.arrival_ns < answered.finish_ns);
            }
        }
        turns
    }

    fn summary(&self, value: impl Fn(&RequestRecord) -> u64) -> Summary {
        Summary::of(self.served().map(value).collect(), 1e9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let summary = Summary::of((1..=10).collect(), 1.0);
        // Ranks: ceil(.5 * 10) = 5, ceil(.9 * 10) = 9, ceil(.99 * 10) = 10.
        assert_eq!(summary, Summary { mean: 5.5, p50: 5.0, p90: 9.0, p99: 10.0 });
        assert_eq!(Summary::of(vec![], 1.0), Summary::default());
    }
}
