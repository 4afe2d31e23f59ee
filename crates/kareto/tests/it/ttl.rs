//! Do TTLs of groups come out best, and do the curves say what a replay counts?

use insta::assert_snapshot;
use kareto::ttl::{
    Curve, Frontier, Groups, Method, Reuse, Step, TailCharge, TtlError, budget_block_ns, curves, gib_hours,
    hull, levelled, oracle, replay, slsqp, tune, tune_whole_prefixes, uniform,
};
use kv_core::{BlockId, Group, Trace, TraceBuilder};
use proptest::prelude::*;

/// Requests as (arrival [ns], block ids), blocks of one token, one output token.
fn trace(requests: &[(u64, &[u64])]) -> Trace {
    let mut builder = TraceBuilder::new(1);
    for &(arrival_ns, ids) in requests {
        builder.push(arrival_ns, ids.len() as u32, 1, ids, None).unwrap();
    }
    builder.finish()
}

/// A system prompt of two blocks under which two tools are called, and a stranger.
fn tools() -> Trace {
    trace(&[
        (0, &[1, 2, 10]),
        (10, &[1, 2, 20]),
        (20, &[1, 2, 10]),
        (30, &[7]),
        (40, &[1, 2, 20, 21]),
        (50, &[1, 2, 10]),
        (60, &[1, 2, 30]),
    ])
}

#[test]
fn groups_are_frequent_subtrees() {
    let trace = tools();
    let groups = Groups::most_frequent(&trace, 3).unwrap();
    // Block 1 is in 6 requests; 2 in the same 6, so it is no head of its own; 10 in 3; 20 in 2. Interned ids: 1 2 10
    // are 0 1 2, 20 is 3, 7 is 4, 21 is 5, 30 is 6.
    let heads: Vec<_> = groups.heads().iter().map(|head| (head.block.0, head.depth, head.requests)).collect();
    assert_eq!(heads, [(0, 0, 6), (2, 2, 3), (3, 2, 2)]);
    let of = |block: u32| groups.of(BlockId(block)).0;
    assert_eq!((0..7).map(of).collect::<Vec<_>>(), [1, 1, 2, 3, Group::REST.0, 3, 1]);
    assert_eq!(Groups::most_frequent(&trace, 100).unwrap().heads().len(), 3, "a trace may have fewer");
    assert_eq!(Groups::most_frequent(&trace, 0), Err(TtlError::Groups { groups: 0 }));
}

#[test]
fn curves_by_hand() {
    let trace = tools();
    let groups = Groups::most_frequent(&trace, 3).unwrap();
    let reuse = Reuse::of(&trace, &groups);
    // Group 2 is block 10, used at 0, 20, 50 and the trace ends at 60: intervals 20 and 30, tail 10.
    assert_eq!(
        (reuse.groups[2].intervals_ns.as_slice(), reuse.groups[2].tails_ns.as_slice()),
        (&[20, 30][..], &[10][..])
    );
    let steps = |charge| {
        let curve = Curve::of(&reuse.groups[2], charge);
        curve.steps().iter().map(|step| (step.ttl_ns, step.hits, step.storage_block_ns)).collect::<Vec<_>>()
    };
    // At 20: 20 + 20 and 20 after the last use; at 30: 20 + 30 and 30. Until the trace's end the last is 10 either way.
    assert_eq!(steps(TailCharge::WholeTtl), [(0, 0, 0), (20, 1, 60), (30, 2, 80)]);
    assert_eq!(steps(TailCharge::UntilTraceEnd), [(0, 0, 0), (20, 1, 50), (30, 2, 60)]);
}

/// Group 1 is the trunk 1 2, group 2 the tool 10. Whole prefixes: a tool's use counts while the trunk is alive.
#[test]
fn hits_need_their_whole_prefix() {
    let trace = tools();
    let groups = Groups::most_frequent(&trace, 2).unwrap();
    // The tool is used after 20 and 30; the trunk every 10 but once after 20 (the stranger at 30 does not use it).
    let hits = |trunk: u64| {
        Reuse::with_whole_prefixes(&trace, &groups, &[0, trunk, 100]).groups[2].hit_intervals_ns.clone()
    };
    assert_eq!(hits(10), [20, 30]);
    assert_eq!(hits(9), [0_u64; 0]);
    let counted = replay(&trace, &groups, &[0, 9, 100]);
    assert_eq!((counted.alive, counted.prefix_hits), (2, 0));
    // 20 uses: 6 of 1 and 2 each, 3 of 10, 2 of 20, one each of 7, 21 and 30.
    assert_eq!(counted.uses, 20);
    let (tuned, counted) = tune_whole_prefixes(&trace, &groups, TailCharge::UntilTraceEnd, 200, Method::Hull);
    assert!(counted.storage_block_ns <= 200 && counted.prefix_hits <= tuned.upper_bound.unwrap());
}

fn curve(steps: &[(u64, u128)]) -> Curve {
    let step = |(index, &(hits, storage_block_ns)): (usize, &(u64, u128))| Step {
        ttl_ns: 10 * (index as u64 + 1),
        hits,
        storage_block_ns,
    };
    let first = Step { ttl_ns: 0, hits: 0, storage_block_ns: 0 };
    Curve::from_steps(std::iter::once(first).chain(steps.iter().enumerate().map(step)).collect())
}

#[test]
fn the_frontier_has_the_shadow_price() {
    let all = [curve(&[(4, 2), (6, 4)]), curve(&[(1, 2), (6, 4)])];
    let points: Vec<_> = Frontier::of(&all)
        .points()
        .iter()
        .map(|p| (p.storage_block_ns, p.hits, p.hits_per_block_ns))
        .collect();
    // Slopes: 2 and 1 of the first; the second's hull goes straight to (6, 4), slope 1.5.
    assert_eq!(points, [(0, 0, 2.0), (2, 4, 1.5), (6, 10, 1.0), (8, 12, 0.0)]);
    // With 4: the first segment, and half of the second.
    assert!((Frontier::of(&all).bound(4) - 7.0).abs() < 1e-12);
}

/// One big group with an S-shaped H and a budget within its first hull segment: the walk alone takes nothing of it.
#[test]
fn an_s_shaped_group_does_not_fool_the_hull() {
    let s_shape: Vec<(u64, u128)> = (1..=200_u64)
        .map(|x| ((1e4 / (1.0 + (-(x as f64 - 100.0) / 12.0).exp())) as u64 + x, 50 * u128::from(x)))
        .collect();
    let small: Vec<Curve> = (1..6).map(|k| curve(&[(3 * k, 40), (4 * k, 90)])).collect();
    let all: Vec<Curve> = std::iter::once(curve(&s_shape)).chain(small).collect();
    for budget in [1_000, 3_000, 4_500, 5_000] {
        let ours = hull(&all, budget);
        // Greedy takes whole hull segments while they fit.
        let fitting = |point: &&kareto::ttl::FrontierPoint| point.storage_block_ns <= budget;
        let greedy = Frontier::of(&all).points().iter().take_while(fitting).last().unwrap().hits;
        let papers = slsqp(&all, budget).hits;
        assert!(ours.storage_block_ns <= budget);
        assert!(budget == 5_000 || greedy < papers, "{budget}: greedy {greedy}, slsqp {papers}");
        assert!(ours.hits >= papers.max(greedy), "{budget}");
        assert!(ours.gap().unwrap() < 1e-3, "{budget}: {:?}", ours.gap());
    }
    let linear = Frontier::of(&all).bound(3_000);
    let ours = hull(&all, 3_000);
    assert_snapshot!(format!("{} hits, bound {}, linear bound {linear:.0}", ours.hits, ours.upper_bound.unwrap()), @"404 hits, bound 404, linear bound 4334");
}

#[test]
fn units_and_bad_input() {
    // 1 GiB-hour in blocks of 1 GiB is one block for 3,600 s.
    assert_eq!(budget_block_ns(1.0, 1 << 30), Ok(3_600_000_000_000));
    assert!((gib_hours(7_200_000_000_000, 1 << 30) - 2.0).abs() < 1e-12);
    assert_snapshot!(budget_block_ns(-1.0, 4).unwrap_err(), @"a budget of -1 GiB-hours with blocks of 4 bytes; both must be positive and finite");
    let nothing = [curve(&[])];
    for (_, method) in kareto::ttl::METHODS {
        assert_eq!(tune(&nothing, 100, method).hits, 0);
        assert_eq!(tune(&[curve(&[(5, 10)])], 0, method).hits, 0);
    }
}

/// The largest number of hits of any choice that fits, by trying all.
fn brute_force(curves: &[Curve], budget: u128) -> u64 {
    let Some((first, rest)) = curves.split_first() else { return 0 };
    let fitting = first.steps().iter().filter(|step| step.storage_block_ns <= budget);
    fitting.map(|step| step.hits + brute_force(rest, budget - step.storage_block_ns)).max().unwrap_or(0)
}

/// A few curves with a few random steps each: any shape, S included.
fn few_curves() -> impl Strategy<Value = Vec<Curve>> {
    let steps = prop::collection::vec((1..30_u64, 1..30_u128), 1..7);
    prop::collection::vec(steps, 1..5).prop_map(|all| {
        let rising = |steps: Vec<(u64, u128)>| {
            let mut sum = (0, 0);
            let summed = steps.iter().map(|step| {
                sum = (sum.0 + step.0, sum.1 + step.1);
                sum
            });
            curve(&summed.collect::<Vec<_>>())
        };
        all.into_iter().map(rising).collect()
    })
}

/// Random traces over a small prefix tree: a path of child choices per request.
fn small_traces() -> impl Strategy<Value = Trace> {
    prop::collection::vec((0..50_u64, prop::collection::vec(0..3_u64, 1..5)), 1..40).prop_map(|requests| {
        let mut builder = TraceBuilder::new(1);
        for (arrival_ns, path) in requests {
            // An id that names the whole path: its digits in base 4, from 1.
            let ids: Vec<u64> =
                (1..=path.len()).map(|end| path[..end].iter().fold(1, |id, step| 4 * id + step)).collect();
            builder.push(arrival_ns, ids.len() as u32, 1, &ids, None).unwrap();
        }
        builder.finish()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hull_is_within_its_bound_and_beats_the_baselines(all in few_curves(), budget in 1..300_u128) {
        let ours = hull(&all, budget);
        let best = brute_force(&all, budget);
        prop_assert!(ours.storage_block_ns <= budget);
        prop_assert!(ours.hits <= best && best <= ours.upper_bound.unwrap());
        prop_assert!(ours.hits >= levelled(&all, budget).hits);
        prop_assert!(ours.hits >= slsqp(&all, budget).hits);
        for (_, method) in kareto::ttl::METHODS {
            prop_assert!(tune(&all, budget, method).storage_block_ns <= budget);
        }
    }

    /// What the curves promise is what a replay counts: hits exactly, storage with either charge.
    #[test]
    fn curves_agree_with_replay(trace in small_traces(), count in 1..5_usize, budget in 0..400_u128) {
        let groups = Groups::most_frequent(&trace, count).unwrap();
        let reuse = Reuse::of(&trace, &groups);
        let all = curves(&reuse, TailCharge::UntilTraceEnd);
        for (_, method) in kareto::ttl::METHODS {
            let tuned = tune(&all, budget, method);
            let counted = replay(&trace, &groups, &tuned.ttl_ns);
            prop_assert_eq!((counted.alive, counted.storage_block_ns), (tuned.hits, tuned.storage_block_ns));
            prop_assert!(counted.prefix_hits <= counted.alive);
            prop_assert!(tuned.hits <= oracle(&reuse, budget).hits);
            let (whole, recounted) = tune_whole_prefixes(&trace, &groups, TailCharge::UntilTraceEnd, budget, method);
            prop_assert!(recounted.prefix_hits >= counted.prefix_hits);
            prop_assert_eq!((whole.hits, whole.groups.iter().map(|it| it.hits).sum()), (recounted.prefix_hits, whole.hits));
            prop_assert!(recounted.storage_block_ns <= budget && recounted.storage_block_ns == whole.storage_block_ns);
        }
        // Under one TTL a block outlives its extensions, so every hit has its whole prefix.
        let one = uniform(&reuse, TailCharge::UntilTraceEnd, budget);
        let counted = replay(&trace, &groups, &one.ttl_ns);
        prop_assert_eq!((counted.prefix_hits, counted.alive), (one.hits, one.hits));
        prop_assert_eq!(counted.storage_block_ns, one.storage_block_ns);
        // Groups do not matter to it, and the tuned ones never have less.
        let all_in_one = Reuse::of(&trace, &Groups::below(&trace, vec![]));
        prop_assert_eq!(uniform(&all_in_one, TailCharge::UntilTraceEnd, budget).hits, one.hits);
        prop_assert!(levelled(&all, budget).hits >= one.hits);
        prop_assert!(hull(&all, budget).hits >= one.hits);
    }
}
