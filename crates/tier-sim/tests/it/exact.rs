//! Is the prefix cache exact? A count that somebody else made of a recorded trace.

use crate::recorded;
use tier_sim::simulate;

#[test]
fn an_unbounded_cache_hits_the_tokens_that_were_counted() {
    let Some((run, mut scenario)) = recorded::load("rtx4090-llama3.1-8b-tp1") else { return };
    // Arrivals in order, each after the one before has ended, in a cache that never evicts.
    scenario.hbm_blocks = 1 << 20;
    scenario.engine.max_seqs = 1;
    let stats = simulate(&scenario, &run.trace).expect("it fits");
    assert_eq!((stats.tiers[0].hit_tokens, stats.prompt_tokens()), (19_520, 257_239));
}
