//! Does the online tuner know only what it has seen, and how many groups are worth having?

use kareto::ttl::{
    Groups, Method, Retuning, Reuse, Schedule, Seen, TailCharge, TtlError, curves, flattening, replay_with,
    tune,
};
use kv_core::{BlockId, Trace, TraceBuilder};
use proptest::prelude::*;

/// Requests as (arrival [ns], block ids), blocks of one token, one output token.
fn trace(requests: &[(u64, Vec<u64>)]) -> Trace {
    let mut builder = TraceBuilder::new(1);
    for (arrival_ns, ids) in requests {
        builder.push(*arrival_ns, ids.len() as u32, 1, ids, None).unwrap();
    }
    builder.finish()
}

fn every(window_ns: u64, mean_blocks: f64) -> Retuning {
    let charge = TailCharge::UntilTraceEnd;
    Retuning { groups: 2, window_ns, charge, method: Method::Hull, mean_blocks }
}

/// The TTL of a block in a window.
fn ttl(schedule: &Schedule, window: usize, block: usize) -> u64 {
    schedule.ttl_ns_at(BlockId(block as u32), schedule.from_ns + window as u64 * schedule.window_ns)
}

#[test]
fn windows_see_what_arrived_before() {
    // Prompt 1 every 10 ns until 50, then prompt 2 every 10 ns; a prompt of its own at 5. Interned: 1 is 0, 9
    // is 1, 2 is 2.
    let mut requests = vec![(0, vec![1]), (5, vec![9])];
    requests.extend((1..5).map(|n| (10 * n, vec![1])));
    requests.extend((5..11).map(|n| (10 * n, vec![2])));
    let trace = trace(&requests);
    let schedule = Schedule::retuned(&trace, 0, &every(40, 10.0)).unwrap();
    // Windows at 0, 40 and 80. The first knows nothing and keeps all for a window; at 40 prompt 1 came every
    // 10; at 80 prompt 2 did too, and was not known at 40.
    assert_eq!(schedule.ttl_ns.len(), 3);
    assert_eq!([0, 1, 2].map(|block| ttl(&schedule, 0, block)), [40; 3]);
    assert_eq!([0, 1, 2].map(|block| ttl(&schedule, 1, block)), [10, 0, 0]);
    assert_eq!([0, 1, 2].map(|block| ttl(&schedule, 2, block)), [10, 0, 10]);
    // Uses at 10 and 30 come within 40; that of prompt 1 at 40 was kept for 40 from 30; those of prompt 2 from
    // 60 to 80 come too late, for it is kept for 0; from 90 on they are found.
    let counted = replay_with(&trace, |block, now_ns| schedule.ttl_ns_at(block, now_ns));
    assert_eq!(counted.alive, 4 + 2);
    assert_eq!(Schedule::retuned(&trace, 0, &every(0, 1.0)), Err(TtlError::Window));
}

#[test]
fn parts_of_a_trace() {
    let trace = trace(&[(0, vec![1]), (10, vec![1]), (10, vec![2]), (30, vec![1])]);
    let arrivals = |seen: Seen<'_>| seen.requests().map(|request| request.arrival_ns).collect::<Vec<_>>();
    assert_eq!(arrivals(Seen::before(&trace, 10)), [0]);
    assert_eq!(arrivals(Seen::since(&trace, 10)), [10, 10, 30]);
    assert_eq!((Seen::before(&trace, 11).end_ns(), Seen::before(&trace, 0).end_ns()), (10, 0));
    // 10 to 30 is the one interval since 10; block 2 idles from 10 to the end.
    let groups = Groups::below(&trace, vec![]);
    let reuse = Reuse::of(Seen::since(&trace, 10), &groups);
    assert_eq!(
        (reuse.groups[0].intervals_ns.as_slice(), reuse.groups[0].tails_ns.as_slice()),
        (&[20][..], &[0, 20][..])
    );
}

/// Ten prompts under one instruction, used every 10 s, 20 s, ... 100 s: each deserves a TTL of its own.
#[test]
fn groups_are_counted_where_the_gain_flattens() {
    let mut requests: Vec<(u64, Vec<u64>)> = Vec::new();
    for prompt in 1..=10_u64 {
        requests.extend((0..1_000 / (10 * prompt)).map(|n| (n * 10 * prompt, vec![1, 10 + prompt])));
    }
    requests.sort();
    let trace = trace(&requests);
    let budget = 3_000;
    let found = flattening(&trace, TailCharge::UntilTraceEnd, budget);
    // K = 1 is the instruction with all below it; K doubles, and 11 subtrees are all there are.
    let tried: Vec<usize> = found.tried.iter().map(|&(groups, _)| groups).collect();
    assert!([1, 2, 4, 8, 11].starts_with(&tried) || tried == [1, 2, 4, 8, 11], "{tried:?}");
    let hits = |groups: usize| found.tried.iter().find(|it| it.0 == groups).unwrap().1;
    let most = found.tried.iter().map(|it| it.1).max().unwrap();
    assert!(found.groups > 1 && hits(found.groups) > hits(1), "{found:?}");
    assert!(most as f64 <= 1.01 * hits(found.groups) as f64, "{found:?}");
    // Where nothing comes twice, one group is enough.
    let strangers = self::trace(&[(0, vec![1]), (5, vec![2])]);
    assert_eq!(flattening(&strangers, TailCharge::WholeTtl, 100).groups, 1);
}

/// Requests over a small prefix tree, in order of arrival.
fn requests() -> impl Strategy<Value = Vec<(u64, Vec<u64>)>> {
    let path = prop::collection::vec(0..3_u64, 1..5);
    prop::collection::vec((0..60_u64, path), 1..40).prop_map(|mut all| {
        all.sort_by_key(|request| request.0);
        let named = |(arrival_ns, path): (u64, Vec<u64>)| {
            // An id that names the whole path: its digits in base 4, from 1.
            let ids = (1..=path.len()).map(|end| path[..end].iter().fold(1, |id, step| 4 * id + step));
            (arrival_ns, ids.collect())
        };
        all.into_iter().map(named).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// What comes later changes no window that began before it.
    #[test]
    fn the_online_tuner_does_not_look_ahead(all in requests(), cut in 0..60_u64, window in 5..30_u64, blocks in 0.0..6.0) {
        let whole = trace(&all);
        let known: Vec<_> = all.iter().filter(|request| request.0 < cut).cloned().collect();
        prop_assume!(!known.is_empty());
        let part = trace(&known);
        let (of_whole, of_part) = (Schedule::retuned(&whole, 0, &every(window, blocks))?, Schedule::retuned(&part, 0, &every(window, blocks))?);
        for start in 0..of_part.ttl_ns.len() {
            for block in 0..part.unique_blocks() {
                prop_assert_eq!(ttl(&of_whole, start, block), ttl(&of_part, start, block));
            }
        }
    }

    /// Once everything has been seen, the online tuner is the offline one.
    #[test]
    fn after_the_end_it_is_the_offline_tuner(all in requests(), blocks in 0.0..6.0) {
        let trace = trace(&all);
        let end_ns = Seen::from(&trace).end_ns() + 1;
        let schedule = Schedule::retuned(&trace, end_ns, &every(1_000, blocks))?;
        let groups = Groups::most_frequent(&trace, 2)?;
        let budget = (blocks * end_ns as f64) as u128;
        let tuned = tune(&curves(&Reuse::of(&trace, &groups), TailCharge::UntilTraceEnd), budget, Method::Hull);
        for block in 0..trace.unique_blocks() {
            let group = groups.of(BlockId(block as u32));
            prop_assert_eq!(ttl(&schedule, 0, block), tuned.ttl_ns[usize::from(group.0)]);
        }
    }
}
