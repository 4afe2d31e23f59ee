//! Is anything lost or invented? Over random scenarios with tiers of any habits.

use crate::equal::anything;
use crate::naive::generate::Case;
use proptest::prelude::*;
use tier_sim::{Duplex, RunStats, Tier, simulate};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_or_invented(case in anything()) {
        let stats = simulate(&case.scenario, &case.trace).expect("it can be simulated");
        every_request_ends(&stats, case.trace.len())?;
        every_token_is_hit_or_computed(&stats)?;
        no_tier_holds_more_than_it_can(&stats)?;
        what_arrives_was_sent(&case, &stats)?;
    }
}

fn every_request_ends(stats: &RunStats, requests: usize) -> Result<(), TestCaseError> {
    prop_assert_eq!(stats.requests.len(), requests);
    for r in &stats.requests {
        prop_assert!(r.arrival_ns <= r.scheduled_ns && r.scheduled_ns < r.first_token_ns);
        prop_assert!(r.first_token_ns <= r.finish_ns && r.finish_ns <= stats.makespan_ns);
        prop_assert!(r.queue_ns() + r.load_ns < r.ttft_ns());
    }
    Ok(())
}

fn every_token_is_hit_or_computed(stats: &RunStats) -> Result<(), TestCaseError> {
    // The last token of an answer is never computed: nothing comes after it.
    let once = |r: &tier_sim::RequestRecord| {
        u64::from(r.prompt_tokens - r.hit_hbm_tokens - r.hit_lower_tokens + r.output_tokens - 1)
    };
    let once: u64 = stats.requests.iter().map(once).sum();
    let again: u64 = stats.requests.iter().map(|r| u64::from(r.recomputed_tokens)).sum();
    if stats.preemptions() == 0 {
        prop_assert_eq!((stats.computed_tokens, again), (once, 0));
    } else {
        // A request that comes back may find what others have computed meanwhile.
        prop_assert!(stats.computed_tokens <= once + again);
    }
    Ok(())
}

fn no_tier_holds_more_than_it_can(stats: &RunStats) -> Result<(), TestCaseError> {
    for tier in &stats.tiers {
        prop_assert!(tier.capacity_bytes.is_none_or(|most| tier.peak_bytes <= most), "{}", tier.name);
        prop_assert!(tier.byte_ns <= u128::from(tier.peak_bytes) * u128::from(stats.makespan_ns));
        prop_assert!(tier.evictions + tier.expiries <= tier.insertions, "{}", tier.name);
    }
    Ok(())
}

fn what_arrives_was_sent(case: &Case, stats: &RunStats) -> Result<(), TestCaseError> {
    // In blocks: tiers may have different bytes of a block.
    let sent = |tier: &Tier, direction: &str| {
        let name = format!("{} {direction}", tier.name);
        let bytes = stats.links.iter().find(|link| link.name == name).map_or(0, |link| link.bytes);
        let of_token = case.scenario.bytes_per_token(Some(tier));
        bytes / (of_token * u64::from(case.trace.block_tokens()))
    };
    for (number, tier) in case.scenario.tiers.iter().enumerate() {
        let written = match tier.duplex {
            Duplex::Full => sent(tier, "write"),
            Duplex::Half => sent(tier, "both"),
        };
        let far = case.scenario.tiers.iter().skip(1);
        let promoted: u64 = far.map(|t| sent(t, "read") + sent(t, "both")).sum();
        let arrived = stats.tiers[number + 1].insertions;
        prop_assert!(arrived <= written + if number == 0 { promoted } else { 0 }, "{}", tier.name);
    }
    Ok(())
}
