//! Files near to a known format: read with a remark, or refused by their name.

use std::io::Read as _;

use super::super::lines::Lines;
use super::super::*;
use super::{gzip, told};

fn message(input: &[u8]) -> String {
    read(input, "t.jsonl", &ReadOptions::AS_FILED).unwrap_err().to_string()
}

#[test]
fn any_text_is_an_id() {
    let line = |ids: &str| {
        format!("{{\"timestamp\": 0, \"input_length\": 1024, \"output_length\": 1, \"hash_ids\": {ids}}}\n")
    };
    let trace = told(
        &[line("[\"a\", \"b\"]"), line("[\"a\", -5]"), line("[\"a\", \"\\u0062\"]")].concat(),
        &ReadOptions::AS_FILED,
    );
    let message_of = |text: &str| read(text.as_bytes(), "t", &ReadOptions::AS_FILED).unwrap_err().to_string();
    assert_eq!(trace.trace.unique_blocks(), 3);
    let wrong = message_of(&(line("[\"a\", \"b\"]") + &line("[\"b\", \"a\"]")));
    assert!(
        wrong.contains("block id \"b\" follows block none here and block \"a\" in an earlier request"),
        "{wrong}"
    );
    for no_id in ["[1.5, 2]", "[null, 2]", "[[1], 2]"] {
        assert!(message_of(&line(no_id)).contains("expected a list of block ids, whole numbers or texts"));
    }
}

#[test]
fn ids_that_look_like_hashes_are_remarked_on_and_may_name_blocks() {
    let line = |ids: &str| {
        format!("{{\"timestamp\": 0, \"input_length\": 1024, \"output_length\": 1, \"hash_ids\": {ids}}}\n")
    };
    let hashes = line("[14879255164371896291, 274632075616497421]");
    let read = told(&hashes, &ReadOptions::AS_FILED);
    assert!(
        read.remarks[0].contains("look like hashes") && read.remarks[0].contains("--ids block"),
        "{:?}",
        read.remarks
    );
    let blocks = ReadOptions { ids: Some(IdScope::Block), ..ReadOptions::AS_FILED };
    assert_eq!(told(&hashes, &blocks).remarks, Vec::<String>::new());
    let both = told(&(line("[5, 6]") + &line("[6, 5]")), &blocks).trace;
    assert_eq!(both.unique_blocks(), 4);
}

#[test]
fn a_file_of_lengths_says_nothing_of_sharing() {
    let lines = "{\"timestamp\": 0, \"input_length\": 1100, \"output_length\": 1}\n\
                 {\"timestamp\": 9, \"input_length\": 20, \"output_length\": 1, \"hash_ids\": null}\n";
    let azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:47.5,600,44\n2023-11-16 18:15:48.5,600,44\n";
    for text in [lines, azure] {
        let read = told(text, &ReadOptions::AS_FILED);
        assert!(!read.trace.sharing_known());
        assert!(
            read.remarks.iter().any(|remark| remark.contains("what prompts share is unknown")),
            "{:?}",
            read.remarks
        );
        let described = crate::describe(&read.trace);
        assert_eq!((described.ideal_hit_ratio, described.unique_blocks), (None, None));
        assert!(described.reuse.is_none() && described.working_set.is_none() && described.sessions.is_none());
        // It stays unknown when it is cut, merged, or written and read again.
        let window = crate::transform::window(&read.trace, 0, 1).unwrap();
        assert!(!crate::transform::merge(&[window]).unwrap().sharing_known());
        let form =
            crate::write::Form { packing: crate::write::Packing::Plain, fields: crate::write::Fields::All };
        let mut bytes = Vec::new();
        crate::write::write_jsonl(&read.trace, form, &mut bytes).unwrap();
        assert_eq!(super::super::read(bytes.as_slice(), "t", &ReadOptions::AS_FILED).unwrap(), read.trace);
        let levels = Vec::new();
        let options = ReadOptions {
            length_prefixes: Some(LengthPrefixes { levels, seed: 1 }),
            ..ReadOptions::AS_FILED
        };
        assert!(told(text, &options).trace.sharing_known());
    }
    let mixed = lines.replace("null", "[1]");
    assert!(
        message(mixed.as_bytes())
            .contains("t.jsonl:2: hash_ids is [1]; expected none, as on the lines before")
    );
}

#[test]
fn relatives_are_refused_by_their_name() {
    let delay =
        "{\"session_id\":\"s\",\"input_length\":9,\"output_length\":1,\"hash_ids\":[1],\"delay\":325.9}";
    assert!(message(delay.as_bytes()).contains("a session's line with `delay`"));
    let text = "{\"timestamp\": 0, \"text_input\": \"hello\", \"output_length\": 20}";
    assert!(message(text.as_bytes()).contains("`kareto trace from-prompts FILE -o TRACE`"));
    let size = "{\"timestamp\": 0, \"input_length\": 9, \"output_length\": 20, \"hash_ids\": [], \"block_size\": 16}";
    let remarks = told(size, &ReadOptions::AS_FILED).remarks;
    assert!(remarks[0].contains("`block_size` is 16 and is not used: blocks have 512 tokens"), "{remarks:?}");
}

#[test]
fn sessions_of_weka_are_read() {
    let line = |scope: &str| {
        format!(
            "{{\"id\": \"t1\", \"block_size\": 64{scope}, \"requests\": [{{\"t\": 5.0, \"type\": \"n\", \"in\": 128, \"out\": 30, \
             \"hash_ids\": [1, 2]}}, {{\"t\": 6.0, \"type\": \"subagent\", \"requests\": [{{\"t\": 6.5, \"in\": 65, \
             \"out\": 0, \"hash_ids\": [1, 9]}}]}}]}}\n"
        )
    };
    let global = told(&[line(""), line("")].concat(), &ReadOptions::AS_FILED);
    let shape = (global.trace.len(), global.trace.block_tokens(), global.trace.unique_blocks());
    assert_eq!((shape, global.trace.arrivals_ns()), ((4, 64, 3), &[0, 0, 1_500_000_000, 1_500_000_000][..]));
    assert!(global.remarks[1].contains("2 sessions have no clock in common"), "{:?}", global.remarks);
    let local = told(
        &[line(", \"hash_id_scope\": \"local\""), line(", \"hash_id_scope\": \"local\"")].concat(),
        &ReadOptions::AS_FILED,
    );
    assert_eq!(local.trace.unique_blocks(), 6);
}

#[test]
fn requests_of_dynamo_are_read() {
    let request = |more: &str, replay: &str| {
        format!(
            "{{\"timestamp\": 9000, \"event\": {{\"event_type\": \"request_end\", \"agent_context\": {{\"session_id\": \"a\"}}, \
             \"request\": {{\"output_tokens\": 30{more}, \"replay\": {{\"trace_block_size\": 64, \"input_length\": 128, \
             \"input_sequence_hashes\": {replay}}}}}}}}}\n"
        )
    };
    let log = [
        request(", \"request_received_ms\": 1000", "[1, 2]"),
        request(", \"total_time_ms\": 500.5", "[1, 3]"),
        "{\"event_type\": \"tool\", \"tool\": {}}\n".to_owned(),
        request("", "[1, 3]"),
    ];
    let read = told(&log.concat(), &ReadOptions::AS_FILED);
    assert_eq!(read.trace.arrivals_ns(), [0, 7_499_500_000, 8_000_000_000]);
    assert_eq!((read.trace.unique_blocks(), read.trace.has_sessions()), (3, true));
    assert!(
        read.remarks[1].ends_with("records that are no ends of requests, left out: 1"),
        "{:?}",
        read.remarks
    );
    assert!(read.remarks[2].contains("`total_time_ms`: 1; each is taken to arrive"), "{:?}", read.remarks);
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_line_and_utf_16_is_named() {
    let good = "{\"timestamp\": 0, \"input_length\": 9, \"output_length\": 20, \"hash_ids\": []}\n";
    let marked = ["\u{feff}", good].concat();
    for bytes in [marked.clone().into_bytes(), gzip(marked.as_bytes())] {
        assert_eq!(read(bytes.as_slice(), "t", &ReadOptions::AS_FILED).unwrap().len(), 1);
    }
    for mark in ["\u{feff}", ""] {
        let units: Vec<u16> = [mark, good].concat().encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [little, big] {
            let message = message(&bytes);
            assert!(
                message.starts_with("t.jsonl:1: UTF-16") && message.contains("expected UTF-8"),
                "{message}"
            );
        }
    }
}

#[test]
fn a_line_has_a_bound_that_is_held_while_reading() {
    let text = format!("{{\"a\": \"{}\"}}\n{{}}\n", "x".repeat(90));
    for bytes in [text.clone().into_bytes(), gzip(text.as_bytes())] {
        for (most, fits) in [(99, true), (98, false), (10, false)] {
            let mut lines = Lines::new(bytes.as_slice(), "t").unwrap().with_most_bytes(most);
            assert_eq!(lines.next().is_ok(), fits, "{most}");
        }
    }
    // 65 MiB of a line that never ends, and what would follow is not read.
    let endless = std::io::repeat(b'x').take(1 << 40);
    assert!(
        read(endless, "t", &ReadOptions { format: Some(Format::Mooncake), ..ReadOptions::AS_FILED })
            .unwrap_err()
            .to_string()
            .starts_with(
                "t:1: a line of more than 67108864 bytes; expected a record a line; a line has at most 64 MiB"
            )
    );
}
