//! Counts of the public traces, against what others counted.

use trace_synth::{describe, resolve_outputs, spread_ties};

use crate::shared::trace;

#[test]
fn the_conversation_trace_is_as_published() {
    let Some(trace) = trace("mooncake/conversation_trace.jsonl.gz") else { return };
    let d = describe(&trace);
    assert_eq!(
        (d.requests, d.block_refs, d.unique_blocks, d.block_tokens),
        (12_031, 288_500, Some(182_790), 512)
    );
    // 288,500 references, of which each of the 182,790 ids misses once.
    assert_eq!(d.ideal_hit_blocks, Some(105_710));
    assert!((d.duration_s - 3_536.999).abs() < 1e-9, "3,537 s to the second");
    assert_eq!(d.prompt_tokens, 144_793_823);
    insta::assert_json_snapshot!("conversation", d, { ".working_set.windows" => "60 windows" });
}

#[test]
fn the_other_traces_are_read_whole() {
    let files = [
        "mooncake/synthetic_trace.jsonl.gz",
        "agentic/agentic_2h_blk512.jsonl.gz",
        "ragpulse/ragpulse_blk64.jsonl.gz",
    ];
    let traces: Option<Vec<_>> = files.iter().map(|file| trace(file)).collect();
    let Some(traces) = traces else { return };
    let described: Vec<_> = traces.iter().map(describe).collect();
    insta::assert_json_snapshot!("others", described, {
        "[].top_subtrees" => "subtrees",
        "[].working_set.windows" => "windows",
    });
}

#[test]
fn follow_ups_name_output_blocks() {
    let files = [
        ("conversation", "mooncake/conversation_trace.jsonl.gz"),
        ("agentic", "agentic/agentic_2h_blk512.jsonl.gz"),
    ];
    for (name, file) in files {
        let Some(trace) = trace(file) else { return };
        let resolved = resolve_outputs(trace);
        let blocks: usize = resolved.requests().map(|r| r.output_blocks.len()).sum();
        let requests = resolved.requests().filter(|r| !r.output_blocks.is_empty()).count();
        insta::assert_snapshot!(format!("outputs_{name}"), format!("{requests} requests, {blocks} blocks"));
    }
}

#[test]
fn spreading_leaves_no_ties_in_the_conversation_trace() {
    let Some(trace) = trace("mooncake/conversation_trace.jsonl.gz") else { return };
    let spread = spread_ties(&trace);
    assert_eq!(describe(&spread).arrivals.distinct_timestamps, spread.len());
    assert_eq!(spread.references(), trace.references());
}
