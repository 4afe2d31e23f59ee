//! Small random traces and scenarios.

use crate::setup::{policy, router, scheduler};
use kv_core::policy::Role;
use kv_core::{BlockId, Trace, TraceBuilder};
use proptest::prelude::*;
use tier_sim::step::{AdditiveLaw, GridMs, StepModel, StepTable, TableMs};
use tier_sim::{
    Arrivals, Contents, Duplex, Engine, FreeOrder, Generated, LinkSpec, Load, LoadDecision, Pipelining,
    Policy, Prefetch, PrefetchStart, PrefetchStop, Scenario, Scope, Sharing, Tier, WritePolicy,
};

pub(crate) const BLOCK_TOKENS: u32 = 4;

/// A trace and a scenario for it.
pub(crate) struct Case {
    pub(crate) trace: Trace,
    pub(crate) scenario: Scenario,
}

/// A tier as drawn.
#[derive(Clone)]
pub(crate) struct Layer(pub(crate) Tier);

impl std::fmt::Debug for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.name)
    }
}

/// A request as drawn: gap [ns], path through the tree of prefixes, tokens after the last full block, output.
type Draft = (u64, Vec<u8>, u32, u32);

fn draft() -> impl Strategy<Value = Draft> {
    // Ties, gaps below a step, about a step, and idle periods. A step takes 1 to 60 us.
    let gap = prop_oneof![3 => Just(0), 3 => 0..5_000_u64, 3 => 0..100_000_u64, 1 => 0..3_000_000_u64];
    // Two ways at each level, mostly the first, so that prefixes are shared but also end.
    let path = prop::collection::vec(prop_oneof![4 => Just(0_u8), 1 => Just(1_u8)], 1..40);
    (gap, path, 0..BLOCK_TOKENS, prop_oneof![1 => 1..4_u32, 2 => 1..60_u32])
}

/// A trace over one tree of prefixes.
pub(crate) fn traces() -> impl Strategy<Value = Trace> {
    (prop::collection::vec(draft(), 1..25), 1..12_usize).prop_map(|(drafts, depth)| build(&drafts, depth))
}

/// Prefixes are shared down to `depth` times three levels; below, every request has its own blocks.
fn build(drafts: &[Draft], depth: usize) -> Trace {
    let mut builder = TraceBuilder::new(BLOCK_TOKENS);
    let mut now = 0;
    let mut paths = Vec::new();
    for (request, (gap, path, rest, output)) in drafts.iter().enumerate() {
        now += gap;
        let ids: Vec<u64> = (0..path.len()).map(|level| id(request, path, level, depth * 3)).collect();
        let tokens = path.len() as u32 * BLOCK_TOKENS + rest;
        builder.push(now, tokens, *output, &ids, None).expect("ids name prefixes");
        paths.push(ids);
    }
    let trace = builder.finish();
    outputs(trace)
}

/// A number that names the prefix: FNV over the path down to the level.
fn id(request: usize, path: &[u8], level: usize, shared: usize) -> u64 {
    let word = |place: usize| if place < shared { u64::from(path[place]) } else { 2 + request as u64 };
    (0..=level).fold(0xcbf2_9ce4_8422_2325, |hash, place| (hash ^ word(place)).wrapping_mul(0x100_0000_01b3))
}

/// Where a later prompt extends an earlier one, the blocks that it has there are the earlier one's output.
fn outputs(trace: Trace) -> Trace {
    let (mut starts, mut blocks): (Vec<u32>, Vec<BlockId>) = (vec![0], Vec::new());
    for index in 0..trace.len() {
        let view = trace.request(index);
        let own = view.prompt_blocks;
        // The partial block that prompt and output share has an id too.
        let full = ((view.prompt_tokens + view.output_tokens.max(1) - 1) / BLOCK_TOKENS) as usize;
        let extends = (index + 1..trace.len()).map(|later| trace.request(later).prompt_blocks);
        let longest = extends.filter(|later| later.starts_with(own)).max_by_key(|later| later.len());
        if let Some(later) = longest {
            blocks.extend(later.iter().take(full).skip(own.len()));
        }
        starts.push(blocks.len() as u32);
    }
    trace.with_output_blocks(starts, blocks)
}

/// HBM blocks that the largest request of a trace needs alone.
fn least_blocks(trace: &Trace) -> u32 {
    let tokens = trace.requests().map(|r| r.prompt_tokens + r.output_tokens.max(1) - 1).max();
    tokens.unwrap_or(1).div_ceil(BLOCK_TOKENS)
}

fn law() -> impl Strategy<Value = StepModel> {
    // Microseconds, with fractions of a nanosecond in every term.
    (1.0..20.0, 0.001..0.5, 0.0..0.001, 0.0..0.01, 0.0..0.5).prop_map(
        |(base, token, attention, context, seq)| {
            let law =
                AdditiveLaw::new(base * 1e-6, token * 1e-6, attention * 1e-6, context * 1e-6, seq * 1e-6);
            StepModel::Additive(law.expect("sound coefficients"))
        },
    )
}

/// A table that need not be monotone; its sizes are those of small scenarios, and its decodes' last row ends early.
pub(crate) fn table() -> impl Strategy<Value = StepModel> {
    // Microseconds.
    let times = |range: std::ops::Range<f64>| prop::array::uniform9(range);
    let shared = prop::array::uniform3(1.0..20.0);
    (times(1.0..20.0), times(1.0..20.0), shared, times(0.0..2.0), times(0.0..2.0)).prop_map(
        |(decode, prefill, shared, chunks, decodes)| {
            let rows = |us: [f64; 9]| -> Vec<Vec<f64>> {
                us.chunks(3).map(|row| row.iter().map(|us| us / 1e3).collect()).collect()
            };
            let [mut decode, prefill, chunks, decodes] = [decode, prefill, chunks, decodes].map(rows);
            decode[2].truncate(2);
            let by_sequences = |ms| GridMs { rows: &[1, 3, 9], columns: &[4, 30, 100], ms };
            let by_tokens = |ms| GridMs { rows: &[2, 11, 70], columns: &[0, 25, 90], ms };
            let ms = TableMs {
                decode: by_sequences(&decode),
                prefill: by_tokens(&prefill),
                shared: (&[2, 15, 70], &shared.map(|us| us / 1e3)),
                chunk_attention: by_tokens(&chunks),
                decode_attention: by_sequences(&decodes),
            };
            let table = StepTable::new(&ms, 1.0, 1e-3, 1e-5).expect("a sound table");
            StepModel::Table(Box::new(table))
        },
    )
}

/// An HBM-only engine; `spare` blocks more than the largest request needs.
pub(crate) fn engine(spare: std::ops::Range<u32>) -> impl Strategy<Value = Case> {
    let order = prop_oneof![Just(FreeOrder::UncachedFirst), Just(FreeOrder::Uniform)];
    (traces(), spare, order, 1..12_u32, 0..120_u32, law(), any::<u64>()).prop_map(
        |(trace, spare, free_order, max_seqs, more_tokens, step, seed)| {
            let scenario = Scenario {
                engine: Engine {
                    scheduler: scheduler("vllm-v1"),
                    pipelining: Pipelining::Synchronous,
                    free_order,
                    arrivals: Arrivals::AsGiven,
                    max_batched_tokens: max_seqs + more_tokens,
                    max_seqs,
                    window_tokens: None,
                    step,
                },
                kv_bytes_per_token: 1000,
                layers: 4,
                hbm_blocks: least_blocks(&trace) + spare,
                instances: 1,
                router: router("round-robin"),
                tiers: Vec::new(),
                load_decision: LoadDecision::Always,
                generated: Generated::Addressable,
                groups: None,
                seed,
            };
            Case { trace, scenario }
        },
    )
}

/// A block is 4000 bytes: 40 to 4000 ns of transfer.
fn link(sharing: Sharing) -> impl Strategy<Value = LinkSpec> {
    let io = prop_oneof![3 => Just(None), 1 => (500_000..5_000_000_u64).prop_map(Some)];
    (1_000_000_000..100_000_000_000_u64, 0..20_000_u64, io, 1..3_u64).prop_map(
        move |(bytes_per_s, latency_ns, io_per_s, io_per_block)| LinkSpec {
            bytes_per_s,
            latency_ns,
            io_per_s,
            io_per_block,
            sharing,
        },
    )
}

/// A tier that is written through, without leases, of up to 120 blocks.
pub(crate) fn tier(name: &'static str, load: Load, sharing: Sharing) -> impl Strategy<Value = Layer> + use<> {
    let capacity = prop_oneof![1 => Just(None), 5 => (1..120_u32).prop_map(Some)];
    let duplex = prop_oneof![2 => Just(Duplex::Full), 1 => Just(Duplex::Half)];
    let backlog = prop_oneof![2 => Just(None), 1 => (0..30_000_u64).prop_map(Some)];
    let contents = prop_oneof![Just(Contents::Prompt), Just(Contents::PromptAndOutput)];
    (capacity, duplex, link(sharing), link(sharing), backlog, contents).prop_map(
        move |(capacity_blocks, duplex, read, write, write_backlog_ns, contents)| {
            Layer(Tier {
                name: name.to_owned(),
                scope: Scope::Instance,
                capacity_blocks,
                read,
                write,
                duplex,
                eviction: policy(Role::Eviction, "lru", &[]),
                lease: policy(Role::Lease, "unlimited", &[]),
                write_policy: WritePolicy::Through,
                write_backlog_ns,
                contents,
                load,
                prefetch: Prefetch {
                    start: PrefetchStart::Enqueue,
                    min_tokens: 1,
                    stop: PrefetchStop::BestEffort,
                },
                group_leases: Vec::new(),
                kv_bytes_per_token: None,
            })
        },
    )
}

/// A lease as drawn; durations are in nanoseconds.
#[derive(Debug, Clone, Copy)]
enum Rule {
    Unlimited,
    Fixed(f64),
    /// Knows the next use, and drops a block at once where it is longer away than this.
    Oracle(f64),
}

fn lease() -> impl Strategy<Value = Rule> {
    let ttl_ns = || prop_oneof![1 => Just(1.0), 3 => 1.0..50_000.0, 3 => 1.0..2_000_000.0];
    prop_oneof![
        2 => Just(Rule::Unlimited),
        1 => Just(Rule::Fixed(0.0)),
        5 => ttl_ns().prop_map(Rule::Fixed),
        2 => ttl_ns().prop_map(Rule::Oracle)
    ]
}

fn lease_policy(rule: Rule) -> Policy {
    match rule {
        Rule::Unlimited => policy(Role::Lease, "unlimited", &[]),
        Rule::Fixed(ns) => policy(Role::Lease, "fixed", &[("ttl_s".to_owned(), ns * 1e-9)]),
        Rule::Oracle(ns) => {
            let breaks_even_after_ns = [
                ("block_compute_s", ns * 1e-9),
                ("gpu_price_per_h", 1.0),
                ("block_gib", 1.0),
                ("price_per_gib_h", 1.0),
                ("slack_s", 0.0),
            ];
            let params = breaks_even_after_ns.map(|(key, value)| (key.to_owned(), value));
            policy(Role::Lease, "oracle", &params)
        }
    }
}

/// A tier whose habits are drawn too: leases, who is written when, prefetch, sharing between instances and transfers.
pub(crate) fn any_tier(name: &'static str, load: Load) -> impl Strategy<Value = Layer> {
    let sharing = prop_oneof![2 => Just(Sharing::Fifo), 1 => Just(Sharing::Fair)];
    let writes = prop_oneof![
        3 => Just(WritePolicy::Through),
        2 => (0..4_u8).prop_map(WritePolicy::Selective),
        2 => Just(WritePolicy::Back)
    ];
    let start = prop_oneof![2 => Just(PrefetchStart::Enqueue), 1 => Just(PrefetchStart::Scheduling)];
    let timeout = (0..100_000_u64, 0..1_000_000_u64)
        .prop_map(|(base_ns, per_1024_tokens_ns)| PrefetchStop::Timeout { base_ns, per_1024_tokens_ns });
    let stop = prop_oneof![Just(PrefetchStop::BestEffort), Just(PrefetchStop::WaitComplete), timeout];
    let prefetch =
        (start, stop, 0..40_u32).prop_map(|(start, stop, min_tokens)| Prefetch { start, min_tokens, stop });
    let scope = prop_oneof![2 => Just(Scope::Instance), 1 => Just(Scope::Cluster)];
    let layer = sharing.prop_flat_map(move |sharing| tier(name, load, sharing));
    // In HBM a token has 1000 bytes: a tier may have one copy where GPUs have several of the same.
    let copies = prop_oneof![2 => Just(None), 1 => Just(Some(250)), 1 => Just(Some(500))];
    (layer, lease(), writes, prefetch, scope, copies).prop_map(
        |(Layer(tier), lease, write_policy, prefetch, scope, kv_bytes_per_token)| {
            let lease = lease_policy(lease);
            Layer(Tier { lease, write_policy, prefetch, scope, kv_bytes_per_token, ..tier })
        },
    )
}

/// One to three tiers of any habits.
pub(crate) fn any_tiers() -> impl Strategy<Value = Vec<Layer>> {
    let load = prop_oneof![Just(Load::Blocking), Just(Load::Layerwise)];
    load.prop_flat_map(|load| {
        (
            any_tier("near", load),
            prop::option::of(any_tier("far", load)),
            prop::option::weighted(0.3, any_tier("pool", load)),
        )
            .prop_map(|(near, far, pool)| [Some(near), far, pool].into_iter().flatten().collect())
    })
}

/// The same case with a window, or with less HBM than the longest request needs: some requests are refused.
pub(crate) fn with_refusals(case: impl Strategy<Value = Case>) -> impl Strategy<Value = Case> {
    (case, 0.2..1.0_f64, any::<bool>()).prop_filter_map("one is served", |(mut case, share, by_window)| {
        let tokens = |r: kv_core::RequestView<'_>| r.prompt_tokens + r.output_tokens.max(1);
        let lengths = || case.trace.requests().map(tokens);
        let (least, most) = (lengths().min()?, lengths().max()?);
        let longest = least.max((f64::from(most) * share) as u32);
        if by_window {
            case.scenario.engine.window_tokens = Some(longest);
        } else {
            case.scenario.hbm_blocks = (longest - 1).div_ceil(BLOCK_TOKENS).max(1);
        }
        Some(case)
    })
}

/// An engine with tiers.
pub(crate) fn tiered(
    spare: std::ops::Range<u32>,
    tiers: impl Strategy<Value = Vec<Layer>>,
) -> impl Strategy<Value = Case> {
    (engine(spare), tiers).prop_map(|(mut case, tiers)| {
        case.scenario.tiers = tiers.into_iter().map(|layer| layer.0).collect();
        case
    })
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = &self.scenario;
        writeln!(
            f,
            "{} blocks, {} seqs, {} tokens",
            s.hbm_blocks, s.engine.max_seqs, s.engine.max_batched_tokens
        )?;
        writeln!(f, "{} {:?} {:?}", s.engine.scheduler.spec.name, s.engine.pipelining, s.engine.step)?;
        let router = s.router.spec.name;
        writeln!(f, "{} instances {router} {:?} {:?}", s.instances, s.load_decision, s.generated)?;
        for t in &s.tiers {
            writeln!(
                f,
                "{}: {:?} {:?} blocks, backlog {:?}",
                t.name, t.scope, t.capacity_blocks, t.write_backlog_ns
            )?;
            writeln!(f, "  read {:?}\n  write {:?} {:?}", t.read, t.write, t.duplex)?;
            writeln!(f, "  {:?} {:?} {:?} {:?}", t.write_policy, t.contents, t.load, t.prefetch)?;
            writeln!(f, "  lease {} {:?}", t.lease.spec.name, t.lease.params)?;
        }
        for r in self.trace.requests() {
            writeln!(
                f,
                "{} ns: {} + {} {:?} {:?}",
                r.arrival_ns,
                r.prompt_tokens,
                r.output_tokens,
                r.prompt_blocks.iter().map(|b| b.0).collect::<Vec<_>>(),
                r.output_blocks.iter().map(|b| b.0).collect::<Vec<_>>()
            )?;
        }
        Ok(())
    }
}
