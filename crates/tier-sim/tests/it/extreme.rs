//! Values far beyond anything real: a run gives figures or an error, and never panics.

use crate::equal::anything;
use crate::naive::generate::Case;
use crate::small;
use kv_core::{LATEST_ARRIVAL_NS, Trace, TraceBuilder};
use proptest::prelude::*;
use tier_sim::step::{AdditiveLaw, StepModel};
use tier_sim::{Load, PrefetchStop, Scenario, ScenarioError, Sharing, simulate};

/// A number of any size, its ends more often.
fn size() -> impl Strategy<Value = u64> {
    prop_oneof![
        2 => Just(0_u64),
        2 => Just(1),
        2 => Just(u64::MAX),
        2 => (0..64_u32).prop_map(|power| 1 << power),
        4 => any::<u64>(),
        4 => 1_000..1_000_000_000_u64
    ]
}

/// The same requests at times that are `by` times as far apart, as far as a clock goes.
fn stretched(trace: &Trace, by: u64) -> Trace {
    let mut builder = TraceBuilder::new(trace.block_tokens());
    for r in trace.requests() {
        let ids: Vec<u64> = r.references.iter().map(|block| u64::from(block.0)).collect();
        let at_ns = r.arrival_ns.saturating_mul(by).min(LATEST_ARRIVAL_NS);
        builder.push(at_ns, r.prompt_tokens, r.output_tokens, &ids, None).expect("as it was");
    }
    builder.finish()
}

/// A scenario of any habits with some numbers of any size.
fn extreme() -> impl Strategy<Value = Case> {
    let numbers = prop::collection::vec(prop::option::weighted(0.4, size()), 10..=10);
    let law =
        prop::option::weighted(0.3, prop::array::uniform5(prop_oneof![Just(0.0), Just(1000.0), 0.0..1e-3]));
    (anything(), prop::collection::vec(numbers, 3..=3), size(), prop::option::weighted(0.3, size()), law)
        .prop_map(|(mut case, of_tiers, by, bytes, law)| {
            let s = &mut case.scenario;
            for (tier, numbers) in s.tiers.iter_mut().zip(of_tiers) {
                let put = |place: &mut u64, at: usize| *place = numbers[at].unwrap_or(*place);
                put(&mut tier.read.bytes_per_s, 0);
                put(&mut tier.write.bytes_per_s, 1);
                put(&mut tier.read.latency_ns, 2);
                put(&mut tier.write.latency_ns, 3);
                put(&mut tier.read.io_per_block, 4);
                tier.write.io_per_s = numbers[5].or(tier.write.io_per_s);
                tier.write_backlog_ns = numbers[6].or(tier.write_backlog_ns);
                tier.kv_bytes_per_token = numbers[7].or(tier.kv_bytes_per_token);
                if let (Some(base_ns), Some(per_1024_tokens_ns)) = (numbers[8], numbers[9]) {
                    tier.prefetch.stop = PrefetchStop::Timeout { base_ns, per_1024_tokens_ns };
                }
                if let Some(blocks) = numbers[8] {
                    tier.capacity_blocks = Some(blocks as u32);
                }
            }
            s.kv_bytes_per_token = bytes.unwrap_or(s.kv_bytes_per_token);
            s.engine.window_tokens = bytes.map(|bytes| bytes as u32).or(s.engine.window_tokens);
            if let Some([base, token, attention, context, sequence]) = law {
                let law = AdditiveLaw::new(base, token, attention, context, sequence).expect("in range");
                s.engine.step = StepModel::Additive(law);
            }
            case.trace = stretched(&case.trace, by);
            case
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_of_any_size_never_panic(case in extreme()) {
        if let Ok(stats) = simulate(&case.scenario, &case.trace) {
            prop_assert_eq!(stats.requests.len(), case.trace.len());
            prop_assert!(stats.served().all(|r| r.finish_ns <= stats.makespan_ns));
        }
    }
}

/// A prompt of 8 blocks, one that pushes it out of an HBM of 10, and the first again; the second comes after `gap_ns`.
fn thrice(gap_ns: u64) -> Trace {
    let mut builder = TraceBuilder::new(small::BLOCK_TOKENS);
    let (first, other): (Vec<u64>, Vec<u64>) = ((0..8).collect(), (100..110).collect());
    for (at_ns, ids) in [(0, &first), (gap_ns, &other), (2 * gap_ns, &first)] {
        builder.push(at_ns, ids.len() as u32 * small::BLOCK_TOKENS, 1, ids, None).expect("sound");
    }
    builder.finish()
}

fn with_dram(change: impl Fn(&mut tier_sim::Tier)) -> Scenario {
    let mut scenario = small::hbm_only(10);
    let mut dram = small::dram(None, 0, Load::Blocking);
    change(&mut dram);
    scenario.tiers = vec![dram];
    scenario
}

#[test]
fn the_latest_arrival_is_served() {
    let stats = simulate(&small::hbm_only(10), &thrice(LATEST_ARRIVAL_NS / 2)).expect("146 years");
    assert_eq!(stats.requests[2].arrival_ns, LATEST_ARRIVAL_NS);
    assert!(stats.requests[2].finish_ns > LATEST_ARRIVAL_NS);
}

#[test]
fn a_link_of_one_byte_a_second_never_brings_anything_or_takes_its_time() {
    for sharing in [Sharing::Fifo, Sharing::Fair] {
        // 8 blocks of 4000 bytes take 9 hours, which are 32,000 s.
        let slow = with_dram(|tier| {
            tier.read.bytes_per_s = 1;
            (tier.read.sharing, tier.write.sharing) = (sharing, sharing);
        });
        let stats = simulate(&slow, &thrice(1_000_000)).expect("it takes hours");
        assert!(stats.requests[2].load_ns > 28_000_000_000_000, "{stats:?}");
        // With more bytes than a clock can wait for, there is an error.
        let mut never = slow.clone();
        never.tiers[0].kv_bytes_per_token = Some(1 << 36);
        let error = simulate(&never, &thrice(1_000_000)).unwrap_err();
        assert_eq!(error, ScenarioError::NeverEnds { ended: 2, requests: 3 });
    }
}

#[test]
fn sizes_beyond_the_sums_are_refused_by_name() {
    let trace = thrice(1_000_000);
    let refusal = |change: &dyn Fn(&mut Scenario)| {
        let mut scenario = with_dram(|_| {});
        change(&mut scenario);
        simulate(&scenario, &trace).unwrap_err().to_string()
    };
    assert_eq!(
        refusal(&|s| s.kv_bytes_per_token = 1 << 50),
        "`HBM: bytes of a block` is 4503599627370496; allowed: at most 1099511627776"
    );
    assert!(
        refusal(&|s| {
            s.tiers[0].kv_bytes_per_token = Some(1 << 30);
            s.tiers[0].capacity_blocks = Some(u32::MAX);
        })
        .starts_with("`dram: bytes over all instances` is ")
    );
    assert_eq!(
        refusal(&|s| s.engine.max_batched_tokens = u32::MAX),
        "`max_batched_tokens` is 4294967295; allowed: at most 268435456"
    );
}

#[test]
fn memory_follows_the_trace_and_not_the_size_of_hbm() {
    let mut scenario = small::hbm_only(u32::MAX);
    scenario.instances = 64;
    let stats = simulate(&scenario, &thrice(1_000_000)).expect("it fits");
    assert_eq!(stats.tiers[0].capacity_bytes, Some(64 * u64::from(u32::MAX) * small::BLOCK_BYTES));
}
