//! The whole answer to a question about TTLs: groups with their prefixes and TTLs, totals, the bound, the curve, and one
//! TTL for all beside them.

use kv_core::Trace;
use kv_core::units::s_from_ns;

use super::{
    Frontier, Groups, Head, METHODS, Method, Reuse, Step, TailCharge, TtlError, budget_block_ns, curves,
    flattening, gib_hours, oracle, tune, tune_whole_prefixes, uniform,
};

/// How many groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// This many, and the rest.
    Fixed(usize),
    /// As many groups as still gain hits.
    Auto,
}

/// How TTLs are chosen, or which bound is computed instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One TTL for each group.
    Tuned(Method),
    /// One TTL for all groups.
    Uniform,
    /// A ceiling that knows every next use. It has no TTLs.
    Oracle,
}

/// All ways by name.
pub const WAYS: [(&str, Way); 4] = [
    (METHODS[0].0, Way::Tuned(METHODS[0].1)),
    (METHODS[1].0, Way::Tuned(METHODS[1].1)),
    ("uniform", Way::Uniform),
    ("oracle", Way::Oracle),
];

impl Way {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        WAYS.iter().find(|(_, way)| *way == self).map_or("", |(name, _)| name)
    }
}

/// The question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// How many groups.
    pub groups: Count,
    /// How TTLs are chosen.
    pub way: Way,
    /// Storage over the whole trace \[GiB-hours\].
    pub budget_gib_hours: f64,
    /// Whether a hit counts only where every block before it in its prompt is alive too.
    pub whole_prefixes: bool,
    /// How long a block is charged for after its last use.
    pub charge: TailCharge,
}

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRow {
    /// The number of the group. 0 is the rest.
    pub id: usize,
    /// The prefix at its begin. `None` for the rest.
    pub prefix: Option<Prefix>,
    /// Its share of all block uses in prompts.
    pub share: f64,
    /// Its TTL \[s\]. `None` under the oracle.
    pub ttl_s: Option<f64>,
    /// Block hits.
    pub hits: u64,
    /// Storage over the trace \[GiB-hours\].
    pub storage_gib_hours: f64,
}

/// The prefix at the begin of a group, shown by a request that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// Its length \[tokens\].
    pub tokens: u64,
    /// The first request with it, counted from 0 in order of arrival.
    pub request: usize,
    /// Requests with it.
    pub requests: u32,
}

/// Totals of a choice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Total {
    /// Block hits.
    pub hits: u64,
    /// Hits per block use in a prompt.
    pub reuse_ratio: f64,
    /// Storage over the trace \[GiB-hours\].
    pub storage_gib_hours: f64,
}

/// A point of the curve: storage \[GiB-hours\], hits, further hits per further GiB-hour.
pub type CurvePoint = (f64, u64, f64);

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Requests of the trace.
    pub requests: usize,
    /// Bytes of a block.
    pub block_bytes: u64,
    /// Uses of blocks in prompts.
    pub block_uses: u64,
    /// The groups, the rest first.
    pub rows: Vec<GroupRow>,
    /// What the choice brings.
    pub total: Total,
    /// No choice has more hits. `None` where no bound is known.
    pub upper_bound: Option<u64>,
    /// How far the choice may be from the bound, as a share. `None` where no bound is known.
    pub gap: Option<f64>,
    /// What one TTL for all brings within the same budget.
    pub uniform: Total,
    /// That TTL \[s\].
    pub uniform_ttl_s: f64,
    /// Hits of the oracle.
    pub oracle_hits: u64,
    /// K and hits of each K that was tried, where K was to be found.
    pub tried: Vec<(usize, u64)>,
    /// Hits against storage for all budgets.
    pub curve: Vec<CurvePoint>,
}

impl Answer {
    /// Answers for blocks of this many bytes.
    ///
    /// # Errors
    /// A budget that is not positive and finite, or more groups than there may be.
    pub fn new(trace: &Trace, block_bytes: u64, question: &Question) -> Result<Self, TtlError> {
        let budget = budget_block_ns(question.budget_gib_hours, block_bytes)?;
        let (count, tried) = match question.groups {
            Count::Fixed(groups) => (groups, Vec::new()),
            Count::Auto => {
                let found = flattening(trace, question.charge, budget);
                (found.groups, found.tried)
            }
        };
        let groups = Groups::most_frequent(trace, count)?;
        let reuse = Reuse::of(trace, &groups);
        let curves = curves(&reuse, question.charge);
        let single = uniform(&reuse, question.charge, budget);
        let best = oracle(&reuse, budget);
        let uses: u64 = reuse.groups.iter().map(|group| group.uses).sum();
        let step = |step: &Step| (Some(step.ttl_ns), step.hits, step.storage_block_ns);
        let (chosen, upper_bound, gap): (Vec<_>, _, _) = match question.way {
            Way::Uniform => (single.groups.iter().map(step).collect(), None, None),
            Way::Oracle => {
                let group = |&(hits, storage_block_ns): &(u64, u128)| (None, hits, storage_block_ns);
                (best.groups.iter().map(group).collect(), Some(best.hits), None)
            }
            Way::Tuned(method) => {
                let tuned = if question.whole_prefixes {
                    tune_whole_prefixes(trace, &groups, question.charge, budget, method).0
                } else {
                    tune(&curves, budget, method)
                };
                (tuned.groups.iter().map(step).collect(), tuned.upper_bound, tuned.gap())
            }
        };
        let prefixes = prefixes(trace, &groups);
        let row = |(id, &(ttl_ns, hits, storage)): (usize, &(Option<u64>, u64, u128))| GroupRow {
            id,
            prefix: id.checked_sub(1).map(|head| prefixes[head]),
            share: reuse.groups[id].uses as f64 / uses.max(1) as f64,
            ttl_s: ttl_ns.map(s_from_ns),
            hits,
            storage_gib_hours: gib_hours(storage, block_bytes),
        };
        let total = |hits: u64, storage: u128| Total {
            hits,
            reuse_ratio: hits as f64 / uses.max(1) as f64,
            storage_gib_hours: gib_hours(storage, block_bytes),
        };
        let frontier = Frontier::of(&curves).points();
        let per_gib_hour = 1.0 / gib_hours(1, block_bytes);
        Ok(Self {
            requests: trace.len(),
            block_bytes,
            block_uses: uses,
            rows: chosen.iter().enumerate().map(row).collect(),
            total: total(chosen.iter().map(|it| it.1).sum(), chosen.iter().map(|it| it.2).sum()),
            upper_bound,
            gap,
            uniform: total(single.hits, single.storage_block_ns),
            uniform_ttl_s: s_from_ns(single.ttl_ns[0]),
            oracle_hits: best.hits,
            tried,
            curve: frontier
                .iter()
                .map(|p| {
                    let storage = gib_hours(p.storage_block_ns, block_bytes);
                    (storage, p.hits, p.hits_per_block_ns * per_gib_hour)
                })
                .collect(),
        })
    }

    /// The gain in hits over one TTL \[%\]. `None` where one TTL has no hits.
    #[must_use]
    pub fn gain_percent(&self) -> Option<f64> {
        let base = self.uniform.hits as f64;
        (base > 0.0).then(|| 100.0 * (self.total.hits as f64 - base) / base)
    }

    /// The worth of one more GiB-hour at the budget \[hits\].
    #[must_use]
    pub fn shadow_price(&self, budget_gib_hours: f64) -> f64 {
        let after = self.curve.partition_point(|point| point.0 <= budget_gib_hours);
        self.curve[after.saturating_sub(1)].2
    }
}

/// The prefix of each group.
fn prefixes(trace: &Trace, groups: &Groups) -> Vec<Prefix> {
    let mut first = vec![None; trace.unique_blocks()];
    for (request, view) in trace.requests().enumerate() {
        for block in view.prompt_blocks {
            first[block.index()].get_or_insert(request);
        }
    }
    let prefix = |head: &Head| Prefix {
        tokens: (u64::from(head.depth) + 1) * u64::from(trace.block_tokens()),
        request: first[head.block.index()].expect("a head is a block of a prompt"),
        requests: head.requests,
    };
    groups.heads().iter().map(prefix).collect()
}
