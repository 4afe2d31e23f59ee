//! What transformations keep and what they change.

use super::*;
use crate::synth::{Recipe, embedded, synthesise};

/// Requests of 4-token blocks: (arrival, ids).
fn made_of(requests: &[(u64, &[u64])]) -> Trace {
    let mut builder = TraceBuilder::new(4);
    for (arrival, ids) in requests {
        builder.push(*arrival, 4 * u32::try_from(ids.len()).unwrap(), 1, ids, None).unwrap();
    }
    builder.finish()
}

fn chat() -> Trace {
    let recipe = Recipe { duration_s: 600.0, warmup_s: 600.0, ..embedded("chat").unwrap() };
    synthesise(&recipe, 1).unwrap()
}

#[test]
fn a_window_is_half_open_and_starts_at_zero() {
    let trace = made_of(&[(5, &[1]), (10, &[2]), (19, &[3]), (20, &[4])]);
    let part = window(&trace, 10, 20).unwrap();
    assert_eq!(part.arrivals_ns(), [0, 9]);
    assert!(window(&trace, 21, 90).unwrap_err().to_string().starts_with("no requests are left"));
    assert!(window(&trace, 9, 9).is_err());
}

#[test]
fn a_window_becomes_a_whole_trace() {
    let trace = sessions_of(&[(0, 0, &[7, 8]), (10, 10, &[7, 9]), (15, 4, &[7, 9]), (20, 20, &[7, 8])]);
    let part = window(&trace, 10_000_000_000, 20_000_000_000).unwrap();
    // The end is not part of it: two requests, their two blocks, and their sessions in order of arrival.
    assert_eq!((part.len(), part.unique_blocks()), (2, 2));
    assert_eq!(part.requests().map(|r| r.session).collect::<Vec<_>>(), [Some(0), Some(1)]);
}

#[test]
fn time_scales_and_nothing_else() {
    let trace = made_of(&[(0, &[1]), (3, &[1, 2])]);
    let slower = scale_time(&trace, 2.5).unwrap();
    assert_eq!(slower.arrivals_ns(), [0, 8], "7.5 rounds to 8");
    assert_eq!(slower.request(1).references, trace.request(1).references);
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(scale_time(&trace, wrong).is_err());
    }
}

#[test]
fn tenants_share_nothing() {
    let trace = made_of(&[(0, &[1]), (3, &[1, 2])]);
    let both = merge(&[trace.clone(), scale_time(&trace, 0.5).unwrap()]).unwrap();
    assert_eq!((both.len(), both.unique_blocks(), both.references()), (4, 4, 6));
    assert_eq!(both.arrivals_ns(), [0, 0, 2, 3]);
    let other = TraceBuilder::new(8).finish();
    let error = merge(&[trace, other]).unwrap_err();
    assert_eq!(error.to_string(), "traces to merge have blocks of 4 and of 8 tokens; they must agree");
}

#[test]
fn sessions_are_inferred_from_prompts_that_go_on() {
    // 1 is a system prompt; the third request goes on where the first ended, the fourth where the third did.
    let trace = made_of(&[(0, &[1, 2]), (1, &[1, 3]), (2, &[1, 2, 4]), (3, &[1, 2, 4, 5]), (4, &[1])]);
    assert_eq!(infer_sessions(&trace), [0, 1, 0, 0, 2]);
}

#[test]
fn a_share_of_sessions_keeps_them_whole() {
    let trace = chat();
    let half = sample_sessions(&trace, 0.5, 7).unwrap();
    let turns = |trace: &Trace| {
        let mut turns = std::collections::BTreeMap::new();
        trace.requests().for_each(|r| *turns.entry(r.session).or_insert(0) += 1);
        turns
    };
    let (all, kept) = (turns(&trace), turns(&half));
    assert!(kept.iter().all(|(session, turns)| all[session] == *turns));
    // Half of n sessions, within 5 standard deviations of sqrt(n) / 2.
    let (n, kept) = (all.len() as f64, kept.len() as f64);
    assert!((kept - n / 2.0).abs() < 2.5 * n.sqrt(), "{kept} of {n}");
    assert_eq!(sample_sessions(&trace, 1.0, 7).unwrap().fingerprint(), trace.fingerprint());
    assert!(sample_sessions(&trace, 1.5, 7).is_err() && sample_sessions(&trace, 0.0, 7).is_err());
}

#[test]
fn a_share_of_blocks_keeps_the_curve() {
    let trace = chat();
    let tenth = sample_blocks(&trace, 0.1, 7).unwrap();
    let error = curve_error(&trace, &tenth);
    assert!(error.max_pp < 1.0, "{error:?}");
    // One of ten, and what is too popular to leave to chance.
    let (n, kept) = (trace.unique_blocks(), tenth.unique_blocks());
    assert!((n / 10..n / 10 + 60).contains(&kept), "{kept} of {n}");
    assert_eq!(sample_blocks(&trace, 1.0, 7).unwrap().fingerprint(), trace.fingerprint());
}

#[test]
fn a_share_of_a_popular_block_is_a_share_of_its_uses() {
    // Block 0 begins every prompt of 200 requests, each with two blocks of its own.
    let ids: Vec<[u64; 3]> = (0..200).map(|n| [0, 2 * n + 1, 2 * n + 2]).collect();
    let requests: Vec<(u64, &[u64])> = (0..).zip(ids.iter().map(|ids| &ids[..])).collect();
    let trace = made_of(&requests);
    for seed in 0..8 {
        let quarter = sample_blocks(&trace, 0.25, seed).unwrap();
        // 199 of 600 references find it, a quarter each; by the block's hash it would be 199 or none.
        let repeats = quarter.references() - quarter.unique_blocks();
        assert!((48..=50).contains(&repeats), "{repeats}");
        assert!((149..=152).contains(&quarter.references()), "{}", quarter.references());
    }
}

/// Requests of 4-token blocks with sessions: (arrival in seconds, session, ids).
fn sessions_of(requests: &[(u64, u32, &[u64])]) -> Trace {
    let mut builder = TraceBuilder::new(4);
    for (second, session, ids) in requests {
        let tokens = 4 * u32::try_from(ids.len()).unwrap();
        builder.push(second * 1_000_000_000, tokens, 1, ids, Some(*session)).unwrap();
    }
    builder.finish()
}

#[test]
fn a_surge_repeats_whole_sessions_that_begin_in_it() {
    // Block 1 is everybody's. Session 5 begins before the surge and session 9 within it.
    let trace =
        sessions_of(&[(0, 5, &[1, 2]), (100, 9, &[1, 3]), (150, 5, &[1, 2, 4]), (200, 9, &[1, 3, 6])]);
    let range = 50_000_000_000..110_000_000_000;
    let doubled = surge(&trace, &range, 2.0, 1).unwrap();
    // Two more requests, and two more blocks for the conversation of session 9; nothing arrives later than before.
    assert_eq!((doubled.len(), doubled.unique_blocks()), (6, trace.unique_blocks() + 2));
    assert_eq!(doubled.arrivals_ns().last(), trace.arrivals_ns().last());
    let of = |session| doubled.requests().filter(|r| r.session == Some(session)).collect::<Vec<_>>();
    let (original, copy) = (of(1), of(2));
    assert_eq!((of(0).len(), original.len(), copy.len()), (2, 2, 2));
    // The copy thinks as long as the original, and shares the system prompt with it and no more.
    assert_eq!(copy[1].arrival_ns - copy[0].arrival_ns, 100_000_000_000);
    assert!(copy[0].arrival_ns.abs_diff(original[0].arrival_ns) <= 30_000_000_000);
    let shared = |a: usize| copy[a].references.iter().filter(|b| original[a].references.contains(b)).count();
    assert_eq!((shared(0), shared(1)), (1, 1));
    // A factor of 1 is the trace itself, but for the sessions' numbers.
    let same = surge(&trace, &range, 1.0, 1).unwrap();
    assert_eq!((same.arrivals_ns(), same.unique_blocks()), (trace.arrivals_ns(), trace.unique_blocks()));
}

#[test]
fn surges_multiply_where_they_overlap() {
    let trace = sessions_of(&[(0, 5, &[1, 2]), (10, 6, &[3, 4]), (20, 7, &[5, 6])]);
    let of = |range_ns, factor| Surge { range_ns, factor, seed: 1 };
    let both =
        surges(&trace, &[of(0..15_000_000_000, 2.0), of(10_000_000_000..15_000_000_000, 1.5)]).unwrap();
    // Sessions 5 and 6 come twice and three times.
    assert_eq!(both.len(), 2 + 3 + 1);
    let one = surges(&trace, &[of(0..15_000_000_000, 2.0)]).unwrap();
    assert_eq!(one.fingerprint(), surge(&trace, &(0..15_000_000_000), 2.0, 1).unwrap().fingerprint());
}

#[test]
fn a_surge_by_a_fraction_and_a_lull() {
    let trace = chat();
    let sessions = infer_sessions(&trace).into_iter().collect::<std::collections::BTreeSet<_>>().len() as f64;
    for factor in [0.5, 1.2, 2.5] {
        let other = surge(&trace, &(0..u64::MAX), factor, 3).unwrap();
        let found =
            infer_sessions(&other).into_iter().collect::<std::collections::BTreeSet<_>>().len() as f64;
        // Binomial around the fraction, within 5 standard deviations.
        assert!(
            (found - factor * sessions).abs() < 2.5 * sessions.sqrt(),
            "{found} of {sessions} at {factor}"
        );
        assert_eq!(surge(&trace, &(0..u64::MAX), factor, 3).unwrap().fingerprint(), other.fingerprint());
    }
    let refused = |factor| surge(&trace, &(0..u64::MAX), factor, 3).unwrap_err().to_string();
    assert_eq!(refused(-1.0), "the factor of a surge is -1; expected a number above 0, at most 100");
    assert!(refused(f64::NAN).contains("NaN") && refused(101.0).contains("101"));
    let nowhere = surge(&trace, &(u64::MAX - 1..u64::MAX), 2.0, 3).unwrap_err().to_string();
    assert!(nowhere.contains("no session begins in the surge"), "{nowhere}");
}

#[test]
fn resampled_users_are_as_many_and_others() {
    let trace = chat();
    let [one, two] = [1, 2].map(|number| resample_sessions(&trace, 7, number).unwrap());
    assert_ne!(one.fingerprint(), two.fingerprint());
    assert_eq!(one.fingerprint(), resample_sessions(&trace, 7, 1).unwrap().fingerprint());
    let count = |trace: &Trace| {
        trace.requests().map(|r| r.session.unwrap()).collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!(count(&one), count(&trace));
    assert!(one.arrivals_ns().is_sorted());
}
