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
    assert!(error.max_pp < 2.0, "{error:?}");
    let (n, kept) = (trace.unique_blocks() as f64, tenth.unique_blocks() as f64);
    assert!((kept - n / 10.0).abs() < 5.0 * (n * 0.09).sqrt(), "{kept} of {n}");
}
