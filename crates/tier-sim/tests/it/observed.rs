//! Does what an observer is told add up to what the run reports? Over random scenarios with tiers of any habits.

use crate::equal::anything;
use crate::naive::generate::Case;
use proptest::prelude::*;
use std::collections::BTreeMap;
use tier_sim::observe::{Event, RequestState, Step, Transfer, TransferKind};
use tier_sim::{Duplex, RunStats, Sharing, simulate, simulate_observed};

/// (when, blocks) of one tier of one instance.
type Levels = Vec<(u64, u32)>;

/// What was told, by kind.
#[derive(Default)]
struct Told {
    steps: Vec<Step>,
    /// (when, state) of each request.
    requests: BTreeMap<u32, Vec<(u64, RequestState)>>,
    /// Of each request, by tier.
    hits: BTreeMap<u32, Vec<u32>>,
    transfers: Vec<Transfer>,
    held: BTreeMap<(usize, Option<u32>), Levels>,
    /// Blocks of each tier.
    expired: BTreeMap<usize, u64>,
    /// Requests that wait, load and run on each instance.
    queues: BTreeMap<u32, [u32; 3]>,
}

impl Told {
    fn hear(&mut self, event: &Event<'_>) {
        match *event {
            Event::Step(step) => self.steps.push(step),
            Event::Request { request, at_ns, state, .. } => {
                self.requests.entry(request).or_default().push((at_ns, state));
            }
            Event::Hits { request, tokens } => {
                assert!(self.hits.insert(request, tokens.to_vec()).is_none(), "told once");
            }
            Event::Transfer(transfer) => self.transfers.push(transfer),
            Event::Held { tier, instance, at_ns, blocks } => {
                self.held.entry((tier, instance)).or_default().push((at_ns, blocks));
            }
            Event::Expired { tier, blocks, .. } => {
                *self.expired.entry(tier).or_default() += u64::from(blocks);
            }
            Event::Queue { instance, waiting, loading, running, .. } => {
                self.queues.insert(instance, [waiting, loading, running]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_adds_up(case in anything()) {
        let mut told = Told::default();
        let stats = simulate_observed(&case.scenario, &case.trace, &mut |event| told.hear(event));
        let stats = stats.expect("it can be simulated");
        prop_assert_eq!(&stats, &simulate(&case.scenario, &case.trace).expect("it can be simulated"));
        steps_follow_each_other(&told, &stats)?;
        requests_begin_and_end(&told, &stats)?;
        hits_are_the_tiers(&told, &stats)?;
        transfers_are_the_links(&case, &told, &stats)?;
        levels_are_the_tiers(&case, &told, &stats)?;
    }
}

fn steps_follow_each_other(told: &Told, stats: &RunStats) -> Result<(), TestCaseError> {
    let mut ends: BTreeMap<u32, u64> = BTreeMap::new();
    for step in &told.steps {
        let end = ends.insert(step.instance, step.end_ns).unwrap_or(0);
        prop_assert!(end <= step.start_ns && step.start_ns < step.end_ns, "{step:?}");
        prop_assert!(step.steps == 1 || step.prefills == 0, "{step:?}");
    }
    let sum = |of: fn(&Step) -> u64| told.steps.iter().map(of).sum::<u64>();
    prop_assert_eq!(sum(|step| step.end_ns - step.start_ns), stats.busy_ns);
    prop_assert_eq!(sum(|step| step.steps), stats.steps);
    prop_assert_eq!(sum(|step| step.new_tokens), stats.computed_tokens);
    Ok(())
}

fn requests_begin_and_end(told: &Told, stats: &RunStats) -> Result<(), TestCaseError> {
    use RequestState::{Decode, Ended, Loading, Preempted, Prefill, Queued};
    prop_assert_eq!(told.requests.len(), stats.requests.len());
    for (record, states) in stats.requests.iter().zip(told.requests.values()) {
        prop_assert_eq!(states[0], (record.arrival_ns, Queued));
        prop_assert_eq!(states[1].0, record.scheduled_ns);
        prop_assert!(matches!(states[1].1, Loading | Prefill));
        prop_assert_eq!(states[states.len() - 1], (record.finish_ns, Ended));
        let first = states.iter().find(|(_, state)| *state == Decode);
        prop_assert!(record.preemptions > 0 || first.is_none_or(|(ns, _)| *ns == record.first_token_ns));
        for pair in states.windows(2) {
            prop_assert!(pair[0].0 <= pair[1].0, "{states:?}");
            let possible = match pair[1].1 {
                Queued => false,
                Loading => matches!(pair[0].1, Queued | Preempted),
                Prefill => matches!(pair[0].1, Queued | Loading | Preempted),
                Decode => pair[0].1 == Prefill,
                Preempted => matches!(pair[0].1, Loading | Prefill | Decode),
                Ended => matches!(pair[0].1, Prefill | Decode),
            };
            prop_assert!(possible, "{states:?}");
        }
        let preempted = states.iter().filter(|(_, state)| *state == Preempted).count() as u32;
        // Not told where only the last token was to come, which still did.
        prop_assert!(preempted <= record.preemptions && record.preemptions <= preempted + 1);
    }
    for queue in told.queues.values() {
        prop_assert_eq!(queue, &[0, 0, 0]);
    }
    Ok(())
}

fn hits_are_the_tiers(told: &Told, stats: &RunStats) -> Result<(), TestCaseError> {
    prop_assert_eq!(told.hits.len(), stats.requests.len());
    for (number, tier) in stats.tiers.iter().enumerate() {
        let tokens: u64 = told.hits.values().map(|hits| u64::from(hits[number])).sum();
        prop_assert_eq!(tokens, tier.hit_tokens, "{}", tier.name);
    }
    Ok(())
}

fn transfers_are_the_links(case: &Case, told: &Told, stats: &RunStats) -> Result<(), TestCaseError> {
    for (number, tier) in case.scenario.tiers.iter().enumerate() {
        for (direction, reads) in [("read", Some(true)), ("write", Some(false)), ("both", None)] {
            let Some(link) =
                stats.links.iter().find(|link| link.name == format!("{} {direction}", tier.name))
            else {
                prop_assert_eq!(direction == "both", tier.duplex == Duplex::Full);
                continue;
            };
            let mine: Vec<&Transfer> = told
                .transfers
                .iter()
                .filter(|t| t.tier == number && reads.is_none_or(|reads| reads == is_read(t.kind)))
                .collect();
            prop_assert_eq!(mine.iter().map(|t| t.bytes).sum::<u64>(), link.bytes, "{}", link.name);
            let moved = mine.iter().filter(|t| t.blocks > 0).count() as u64;
            prop_assert_eq!(moved, link.transfers, "{}", link.name);
            let mut ends: BTreeMap<Option<u32>, u64> = BTreeMap::new();
            for transfer in mine {
                let end = ends.insert(transfer.instance, transfer.end_ns).unwrap_or(0);
                prop_assert!(transfer.queued_ns <= transfer.start_ns && transfer.start_ns <= transfer.end_ns);
                prop_assert!(tier.read.sharing == Sharing::Fair || end <= transfer.start_ns, "{transfer:?}");
            }
        }
    }
    Ok(())
}

fn is_read(kind: TransferKind) -> bool {
    match kind {
        TransferKind::Load | TransferKind::LayerwiseLoad | TransferKind::Prefetch => true,
        TransferKind::Store | TransferKind::CopyDown => false,
    }
}

fn levels_are_the_tiers(case: &Case, told: &Told, stats: &RunStats) -> Result<(), TestCaseError> {
    for (number, tier) in stats.tiers.iter().enumerate() {
        let lower = number.checked_sub(1).map(|lower| &case.scenario.tiers[lower]);
        let block_bytes = case.scenario.bytes_per_token(lower) * u64::from(case.trace.block_tokens());
        let mut byte_ns = 0;
        for (_, levels) in told.held.iter().filter(|((tier, _), _)| *tier == number) {
            let mut since = (0, 0);
            for &(at_ns, blocks) in levels.iter().chain([&(stats.makespan_ns, 0)]) {
                prop_assert!(since.0 <= at_ns, "{} goes back in time", tier.name);
                byte_ns += u128::from(at_ns - since.0) * u128::from(since.1) * u128::from(block_bytes);
                since = (at_ns, blocks);
            }
        }
        prop_assert_eq!(byte_ns, tier.byte_ns, "{}", tier.name);
        let expired = told.expired.get(&number).copied().unwrap_or(0);
        prop_assert_eq!(expired, tier.expiries, "{}", tier.name);
    }
    Ok(())
}
