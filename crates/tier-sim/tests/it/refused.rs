//! A request that an engine refuses costs that request alone.

use crate::small;
use kv_core::Trace;
use tier_sim::{RequestRecord, Scenario, ScenarioError, Turns, simulate};

/// Prompts of 3, 20 and 3 blocks of 4 tokens; the last is the first again.
fn one_is_long() -> Trace {
    let long: Vec<u64> = (100..120).collect();
    small::trace(&[(0, &[1, 2, 3], 2), (1000, &long, 2), (2000, &[1, 2, 3], 2)])
}

fn windowed(hbm_blocks: u32, window_tokens: Option<u32>) -> Scenario {
    let mut scenario = small::hbm_only(hbm_blocks);
    scenario.engine.window_tokens = window_tokens;
    scenario
}

#[test]
fn the_others_are_served_as_if_it_had_not_come() {
    let without = small::trace(&[(0, &[1, 2, 3], 2), (2000, &[1, 2, 3], 2)]);
    for (scenario, longest) in [(windowed(10, None), 41), (windowed(30, Some(20)), 20)] {
        let stats = simulate(&scenario, &one_is_long()).expect("two of three fit");
        let alone = simulate(&scenario, &without).expect("both fit");
        assert_eq!((stats.rejected(), stats.longest_request_tokens), (1, longest));
        assert_eq!(stats.served().copied().collect::<Vec<_>>(), alone.requests);
        let refused = stats.requests[1];
        let expected = RequestRecord {
            arrival_ns: 1_000_000,
            prompt_tokens: 80,
            output_tokens: 2,
            rejected: true,
            ..RequestRecord::default()
        };
        assert_eq!(refused, expected);
        assert_eq!(
            (stats.ttft_s(), stats.tpot_s(), stats.e2e_s()),
            (alone.ttft_s(), alone.tpot_s(), alone.e2e_s())
        );
        assert_eq!((stats.prompt_tokens(), stats.output_tokens()), (24, 4));
        assert_eq!(stats.hit_ratio().to_bits(), alone.hit_ratio().to_bits());
        assert_eq!(stats.makespan_ns, alone.makespan_ns);
    }
}

#[test]
fn the_longest_length_fits_and_one_token_more_does_not() {
    let ids: Vec<u64> = (0..10).collect();
    for (scenario, longest) in
        [(windowed(10, None), 41_u32), (windowed(10, Some(41)), 41), (windowed(11, Some(42)), 42)]
    {
        let refused = |tokens: u32| {
            let trace = small::trace(&[(0, &ids, tokens - 40), (0, &[77], 1)]);
            simulate(&scenario, &trace).expect("the short one fits").rejected()
        };
        assert_eq!((refused(longest), refused(longest + 1)), (0, 1));
    }
}

#[test]
fn nothing_served_is_an_error() {
    let error = simulate(&windowed(30, Some(10)), &one_is_long()).unwrap_err();
    assert_eq!(error, ScenarioError::NothingFits { shortest: 14, longest: 10 });
    assert_eq!(
        simulate(&windowed(30, Some(0)), &one_is_long()).unwrap_err().to_string(),
        "`window_tokens` is 0; it must be at least 1"
    );
}

#[test]
fn turns_that_come_before_the_answer_are_counted() {
    // The second extends the first and comes while that is served; the third extends the second and comes after it.
    let trace = small::trace(&[
        (0, &[1, 2, 3], 30),
        (50, &[1, 2, 3, 4], 1),
        (90_000, &[1, 2, 3, 4, 5], 1),
        (0, &[9], 1),
    ]);
    let stats = simulate(&small::hbm_only(40), &trace).expect("it fits");
    let turns = stats.turns(&trace);
    assert_eq!(turns, Turns { turns: 2, before_answer: 1 });
    assert_eq!(turns.share_before_answer(), Some(0.5));
    assert_eq!(Turns::default().share_before_answer(), None);
}
