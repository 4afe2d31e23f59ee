//! What KV-cache events are requests, and what are not.

use super::super::*;
use super::told;

fn event(time: &str, hashes: &str, parent: &str, more: &str) -> String {
    format!(
        "{{\"timestamp\": {time}, \"type\": \"BlockStored\", \"block_hashes\": {hashes}, \
         \"parent_block_hash\": {parent}, \"block_size\": 16{more}}}\n"
    )
}

/// (arrival \[ms\], prompt blocks, output blocks) of every request, and the remarks after the first, which names the format.
fn requests(log: &[String]) -> (Vec<(u64, u32, u32)>, Vec<String>) {
    let read = told(&log.concat(), &ReadOptions::AS_FILED);
    let found =
        read.trace.requests().map(|r| (r.arrival_ns / 1_000_000, r.prompt_tokens / 16, r.output_tokens / 16));
    (found.collect(), read.remarks[1..].to_vec())
}

#[test]
fn copies_are_no_requests() {
    for more in [
        ", \"medium\": \"CPU\"",
        ", \"medium\": \"cpu\"",
        ", \"medium\": \"STORAGE\"",
        ", \"group_idx\": 1",
        ", \"data_parallel_rank\": 1",
        ", \"medium\": \"GPU\", \"dp_rank\": 3",
    ] {
        let log =
            [event("1.0", "[1, 2]", "null", ", \"medium\": \"GPU\""), event("1.05", "[1, 2]", "null", more)];
        let (found, remarks) = requests(&log);
        assert_eq!(found, [(0, 2, 0)], "{more}");
        assert!(
            remarks[0]
                .starts_with("t.jsonl: requests: 1, made of BlockStored events: 2; of these no requests: "),
            "{remarks:?}"
        );
    }
    // What is stored again without a medium's name, or on another rank much later, was asked for again.
    for again in [
        event("1.05", "[1, 2]", "null", ""),
        event("61.05", "[1, 2]", "null", ", \"data_parallel_rank\": 1"),
        event("1.05", "[1, 3]", "null", ", \"data_parallel_rank\": 1").replace("[1, 3]", "[3, 4]"),
    ] {
        assert_eq!(requests(&[event("1.0", "[1, 2]", "null", ""), again]).0.len(), 2);
    }
}

#[test]
fn a_group_that_keeps_a_window_is_not_the_one_that_is_read() {
    let window = ", \"group_idx\": 0, \"kv_cache_spec_kind\": \"sliding_window\"";
    let full = ", \"group_idx\": 1, \"kv_cache_spec_kind\": \"full_attention\"";
    let log = [
        event("1.0", "[1, 2]", "null", window),
        event("1.0", "[1, 2]", "null", full),
        event("31.0", "[9]", "null", window),
        event("61.0", "[3]", "2", full),
    ];
    assert_eq!(requests(&log).0, [(0, 2, 0), (60_000, 3, 0)]);
}

#[test]
fn two_turns_a_second_apart_are_two_requests() {
    // A prompt of 4 blocks, an answer of 3 with a block each 0.4 s, and the next turn a second after that.
    let first = |mut log: Vec<String>| {
        let turn = [
            event("100.0", "[1, 2, 3, 4]", "null", ""),
            event("100.4", "[5]", "4", ""),
            event("100.8", "[6]", "5", ""),
            event("101.2", "[7]", "6", ""),
        ];
        log.splice(0..0, turn);
        log
    };
    let second = vec![event("102.2", "[8, 9]", "7", ""), event("102.6", "[10]", "9", "")];
    assert_eq!(requests(&first(second)).0, [(0, 4, 3), (2_200, 9, 1)]);
    // Even of one block, where it comes later than the answer's blocks did.
    assert_eq!(requests(&first(vec![event("103.2", "[8]", "7", "")])).0, [(0, 4, 3), (3_200, 8, 0)]);
    assert_eq!(requests(&first(vec![event("101.6", "[8]", "7", "")])).0, [(0, 4, 4)]);
    // Without an answer of a whole block.
    let silent = [event("100.0", "[1, 2]", "null", ""), event("101.0", "[3, 4]", "2", "")];
    assert_eq!(requests(&silent).0, [(0, 2, 0), (1_000, 4, 0)]);
    // A chunk of the same prompt.
    let chunk = [event("100.0", "[1, 2]", "null", ""), event("100.9", "[3, 4]", "2", "")];
    assert_eq!(requests(&chunk).0, [(0, 4, 0)]);
}

#[test]
fn a_log_that_begins_late_starts_new_roots_and_counts_them() {
    let log = [
        event("10.0", "[5, 6]", "4", ""),
        event("40.0", "[7]", "6", ""),
        // The parents turn up later; what is known of the blocks stays.
        event("70.0", "[3, 4]", "null", ""),
        event("100.0", "[5, 6]", "4", ""),
    ];
    let (found, remarks) = requests(&log);
    assert_eq!(found, [(0, 2, 0), (30_000, 3, 0), (60_000, 2, 0), (90_000, 2, 0)]);
    assert!(
        remarks[1].starts_with("t.jsonl: new roots: 1, for events that go on after a block"),
        "{remarks:?}"
    );
}

#[test]
fn batches_are_read_as_objects_and_as_arrays() {
    let single = event("100.25", "[-1, \"b\"]", "null", "") + &event("160.5", "[3]", "\"b\"", "");
    let object = "{\"ts\": 100.25, \"events\": [{\"type\": \"AllBlocksCleared\"}, {\"type\": \"BlockStored\", \
        \"block_hashes\": [-1, \"b\"], \"parent_block_hash\": null, \"token_ids\": [], \"block_size\": 16, \
        \"lora_id\": null, \"medium\": \"GPU\"}], \"data_parallel_rank\": 0}\n\
        {\"ts\": 160.5, \"events\": [{\"type\": \"BlockStored\", \"block_hashes\": [3], \"parent_block_hash\": \"b\", \
        \"block_size\": 16}, {\"type\": \"BlockRemoved\", \"block_hashes\": [3], \"medium\": null}]}\n";
    let array = "[100.25, [[\"AllBlocksCleared\"], [\"BlockStored\", [-1, \"b\"], null, [], 16, null]], 0]\n\
        [160.5, [[\"BlockStored\", [3], \"b\", [], 16, null, \"GPU\", null, null, 0], [\"BlockRemoved\", [3], null]]]\n\
        [160.6, [[\"BlockStored\", [3], \"b\", [], 16, null, \"CPU\"], [\"BlockStored\", [3], \"b\", [], 16, null, \
        \"GPU\", null, null, 1]]]\n";
    // What a decoder of single events makes of them: objects in arrays.
    let mixed = "[100.25, [{\"type\": \"BlockStored\", \"block_hashes\": [-1, \"b\"], \"block_size\": 16}]]\n\
        [160.5, [{\"type\": \"BlockStored\", \"block_hashes\": [3], \"parent_block_hash\": \"b\", \"block_size\": 16}]]\n";
    let expected = told(&single, &ReadOptions::AS_FILED).trace;
    assert_eq!(expected.arrivals_ns(), [0, 60_250_000_000]);
    for log in [object, array, mixed] {
        assert_eq!(told(log, &ReadOptions::AS_FILED).trace, expected, "{log}");
    }
}
