//! How much memory does an evaluation take?

use crate::setup;
use allocation_counter::measure;
use tier_sim::{Scope, simulate};

/// Bytes of an answer for one request; they are the result, and not what it took to find it.
const RECORD_BYTES: u64 = size_of::<tier_sim::RequestRecord>() as u64;

#[test]
fn an_evaluation_is_small() {
    let Some(trace) = setup::conversation() else { return };
    let references: usize = trace.requests().map(|r| r.references.len()).sum();
    let per_reference = trace.heap_bytes() as f64 / references as f64;
    println!("trace: {per_reference:.1} bytes a reference");
    assert!(per_reference < 12.0);

    let scenario = setup::scenario(1, Scope::Instance);
    let peak = measure(|| drop(simulate(&scenario, &trace).expect("it fits"))).bytes_max;
    // One instance is overloaded here: most requests wait, and so are in flight, at once.
    let requests = trace.len() as u64;
    let per_block = (peak - (RECORD_BYTES + 200) * requests) as f64 / trace.unique_blocks() as f64;
    println!("evaluation: {peak} bytes at most, {per_block:.1} a unique block beside records and requests");
    assert!(per_block < 40.0);
}
