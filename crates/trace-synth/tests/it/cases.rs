//! Small inputs in the shape of public bug reports, which lie beside the project.

use trace_synth::read::{ReadError, ReadOptions, ReadTrace, read_path_with_remarks};

/// A case, or `None` where it is not at hand.
fn case(name: &str) -> Option<Result<ReadTrace, ReadError>> {
    let path = test_data::shared(&format!("../cases/{name}"))?;
    Some(read_path_with_remarks(&path, &ReadOptions::AS_FILED))
}

/// Arrival \[ms\], prompt \[tokens\], output \[tokens\].
type Row = (u64, u32, u32);

fn requests(read: &ReadTrace) -> Vec<Row> {
    read.trace.requests().map(|r| (r.arrival_ns / 1_000_000, r.prompt_tokens, r.output_tokens)).collect()
}

#[test]
fn cases_are_read_as_what_they_are() {
    let three: &[Row] = &[(0, 600, 20), (1_000, 1_100, 5), (2_000, 1_100, 1)];
    let expected: [(&str, &[Row], usize); 11] = [
        ("epoch-ms.jsonl", &[(0, 600, 20), (2_000, 600, 20)], 3),
        ("bom.jsonl", three, 4),
        ("text-ids.jsonl", three, 4),
        ("weka.jsonl", &[(0, 128, 30)], 2),
        ("dynamo-request-end.jsonl", &[(0, 128, 30)], 2),
        ("kv-events-cpu-copy.jsonl", &[(0, 32, 0)], 2),
        ("kv-events-quick-turns.jsonl", &[(0, 1_024, 480), (14_000, 1_664, 480)], 104),
        ("kv-events-late-join.jsonl", &[(0, 128, 0), (30_000, 192, 0)], 12),
        ("kv-events-batches.jsonl", &[(0, 128, 0)], 8),
        ("kv-events-arrays.jsonl", &[(0, 128, 0)], 8),
        ("seconds.jsonl", &[(0, 600, 20), (1, 1_100, 5), (2, 1_100, 1)], 4),
    ];
    for (name, rows, blocks) in expected {
        let Some(read) = case(name) else { return };
        let read = read.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((&requests(&read)[..], read.trace.unique_blocks()), (rows, blocks), "{name}");
    }
}

#[test]
fn cases_are_refused_by_their_name_or_remarked_on() {
    let Some(Err(delays)) = case("mooncake-delta-delays.jsonl") else { return };
    assert!(delays.to_string().contains("`delay`: Mooncake's sessions for a closed loop"), "{delays}");
    let Some(Err(text)) = case("txtinput.jsonl") else { return };
    assert!(text.to_string().contains("kareto trace from-prompts"), "{text}");
    let remarks = |name| case(name).map_or(String::new(), |read| read.unwrap().remarks.join("\n"));
    assert!(remarks("seconds.jsonl").contains("--time-unit s"));
    assert!(remarks("kv-events-late-join.jsonl").contains("new roots: 1, for events that go on"));
    assert_eq!(remarks("epoch-ms.jsonl"), "");
}

#[test]
fn the_public_trace_needs_no_remark() {
    let Some(read) = case("../data/mooncake/conversation_trace.jsonl.gz") else { return };
    assert_eq!(read.unwrap().remarks, Vec::<String>::new());
}
