//! The answer of `tune-ttl`: groups with their names and TTLs, totals, the bound, and one TTL beside them.

use kareto::ttl::{
    Frontier, Groups, Reuse, Step, TailCharge, TtlError, budget_block_ns, curves, flattening, gib_hours,
    oracle, tune, tune_whole_prefixes, uniform,
};
use kv_core::Trace;
use kv_core::units::s_from_ns;
use serde_json::{Value, json};

use super::command::{Count, Way};

/// The question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Question {
    pub(super) groups: Count,
    pub(super) way: Way,
    pub(super) budget_gib_hours: f64,
    pub(super) whole_prefixes: bool,
    pub(super) charge: TailCharge,
}

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GroupRow {
    /// The number of the group. 0 is the rest.
    pub(super) id: usize,
    pub(super) prefix: Option<Prefix>,
    /// Its share of all block uses in prompts.
    pub(super) share: f64,
    /// Its TTL [s]. `None` under the oracle.
    pub(super) ttl_s: Option<f64>,
    pub(super) hits: u64,
    pub(super) storage_gib_hours: f64,
}

/// The prefix at the begin of a group, shown by a request that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix {
    pub(super) tokens: u64,
    /// The first request with it, counted from 0 in order of arrival.
    pub(super) request: usize,
    /// Requests with it.
    pub(super) requests: u32,
}

/// Totals of a choice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Total {
    pub(super) hits: u64,
    pub(super) reuse_ratio: f64,
    pub(super) storage_gib_hours: f64,
}

/// A point of the curve: storage [GiB-hours], hits, further hits per further GiB-hour.
pub(super) type CurvePoint = (f64, u64, f64);

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) requests: usize,
    pub(super) block_bytes: u64,
    pub(super) block_uses: u64,
    pub(super) rows: Vec<GroupRow>,
    pub(super) total: Total,
    pub(super) upper_bound: Option<u64>,
    pub(super) gap: Option<f64>,
    pub(super) uniform: Total,
    pub(super) uniform_ttl_s: f64,
    pub(super) oracle_hits: u64,
    /// K and hits of each K that was tried, where K was to be found.
    pub(super) tried: Vec<(usize, u64)>,
    pub(super) curve: Vec<CurvePoint>,
}

impl Answer {
    /// Tunes.
    pub(super) fn new(trace: &Trace, block_bytes: u64, question: &Question) -> Result<Self, TtlError> {
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

    /// The gain in hits over one TTL [%]. `None` where one TTL has no hits.
    pub(super) fn gain_percent(&self) -> Option<f64> {
        let base = self.uniform.hits as f64;
        (base > 0.0).then(|| 100.0 * (self.total.hits as f64 - base) / base)
    }

    /// The worth of one more GiB-hour at the budget [hits].
    pub(super) fn shadow_price(&self, budget_gib_hours: f64) -> f64 {
        let after = self.curve.partition_point(|point| point.0 <= budget_gib_hours);
        self.curve[after.saturating_sub(1)].2
    }

    /// One JSON object.
    pub(super) fn to_json(&self, trace: &str, model: &str, question: &Question) -> Value {
        let total = |it: &Total| {
            json!({
                "hits": it.hits,
                "reuse_ratio": it.reuse_ratio,
                "storage_gib_hours": it.storage_gib_hours,
            })
        };
        let row = |row: &GroupRow| {
            json!({
                "id": row.id,
                "prefix": row.prefix.map(|it| json!({
                    "tokens": it.tokens, "request": it.request, "requests": it.requests,
                })),
                "share": row.share,
                "ttl_s": row.ttl_s,
                "hits": row.hits,
                "storage_gib_hours": row.storage_gib_hours,
            })
        };
        let tried = self.tried.iter().map(|(groups, hits)| json!({ "groups": groups, "hits": hits }));
        let point = |&(storage, hits, price): &CurvePoint| {
            json!({
                "storage_gib_hours": storage,
                "hits": hits,
                "hits_per_gib_hour": price,
            })
        };
        json!({
            "trace": trace,
            "requests": self.requests,
            "block_uses": self.block_uses,
            "model": model,
            "block_bytes": self.block_bytes,
            "method": question.way.name(),
            "whole_prefixes": question.whole_prefixes,
            "until_trace_end": question.charge == TailCharge::UntilTraceEnd,
            "budget_gib_hours": question.budget_gib_hours,
            "groups": self.rows.iter().map(row).collect::<Vec<_>>(),
            "groups_tried": tried.collect::<Vec<_>>(),
            "total": total(&self.total),
            "upper_bound_hits": self.upper_bound,
            "gap": self.gap,
            "shadow_price_hits_per_gib_hour": self.shadow_price(question.budget_gib_hours),
            "uniform": { "ttl_s": self.uniform_ttl_s, "total": total(&self.uniform) },
            "gain_over_uniform_percent": self.gain_percent(),
            "oracle_hits": self.oracle_hits,
            "curve": self.curve.iter().map(point).collect::<Vec<_>>(),
        })
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
    let prefix = |head: &kareto::ttl::Head| Prefix {
        tokens: (u64::from(head.depth) + 1) * u64::from(trace.block_tokens()),
        request: first[head.block.index()].expect("a head is a block of a prompt"),
        requests: head.requests,
    };
    groups.heads().iter().map(prefix).collect()
}
