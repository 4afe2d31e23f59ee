//! A trace's clock starts where the trace starts, in every format; times have a bound; odd clocks are remarked on.

use super::super::*;
use super::told;

/// The same three requests in every format, with their first stamps at `start`; and each format's stamps to shift by.
fn files(start: u64) -> Vec<(&'static str, String)> {
    let at = |unit: u64, offset_ms: u64| {
        let ns = start * 1_000_000_000 + offset_ms * 1_000_000;
        format!("{}.{:09}", ns / unit, ns % unit * (1_000_000_000 / unit))
    };
    let (s, ms) = (1_000_000_000, 1_000_000);
    let lines = |line: &dyn Fn(u64, usize) -> String| {
        [(0, 1), (2_250, 2), (2_251, 3)].map(|(offset_ms, n)| line(offset_ms, n) + "\n").concat()
    };
    let mooncake = |key: &str, unit: u64| {
        lines(&|offset, n| {
            format!(
                "{{\"{key}\": {}, \"input_length\": 600, \"output_length\": 2, \"hash_ids\": [1, {}]}}",
                at(unit, offset),
                n + 1
            )
        })
    };
    let qwen = lines(&|offset, n| {
        format!(
            "{{\"chat_id\": {n}, \"parent_chat_id\": -1, \"timestamp\": {}, \"input_length\": 16, \"output_length\": 3, \
             \"hash_ids\": [7]}}",
            at(s, offset)
        )
    });
    let burst = format!(
        "Timestamp,Request tokens,Response tokens\n{}",
        lines(&|offset, _| format!("{},472,18", at(s, offset)))
    );
    let azure = lines(&|offset, _| {
        let time = jiff::Timestamp::from_millisecond((start * 1000 + offset) as i64).unwrap();
        format!("{time},600,44")
    });
    let event = |n: usize| {
        format!(
            "\"type\": \"BlockStored\", \"block_hashes\": [{n}], \"parent_block_hash\": null, \"block_size\": 16"
        )
    };
    let events = lines(&|offset, n| format!("{{\"timestamp\": {}, {}}}", at(s, offset), event(n)));
    let batches =
        lines(&|offset, n| format!("{{\"ts\": {}, \"events\": [{{{}}}]}}", at(s, offset), event(n)));
    let arrays =
        lines(&|offset, n| format!("[{}, [[\"BlockStored\", [{n}], null, [], 16, null]], 0]", at(s, offset)));
    let weka = lines(&|offset, n| {
        format!(
            "{{\"block_size\": 64, \"requests\": [{{\"t\": {}, \"in\": 64, \"out\": 3, \"hash_ids\": [{n}]}}]}}",
            at(s, offset)
        )
    });
    let dynamo = lines(&|offset, n| {
        format!(
            "{{\"event_type\": \"request_end\", \"request\": {{\"request_received_ms\": {}, \"output_tokens\": 3, \
             \"replay\": {{\"trace_block_size\": 64, \"input_length\": 64, \"input_sequence_hashes\": [{n}]}}}}}}",
            at(ms, offset)
        )
    });
    vec![
        ("mooncake", mooncake("timestamp", ms)),
        ("arrival_s", mooncake("arrival_s", s)),
        ("qwen", qwen),
        ("burstgpt", burst),
        ("azure", format!("TIMESTAMP,ContextTokens,GeneratedTokens\n{azure}")),
        ("events", events),
        ("batches", batches),
        ("arrays", arrays),
        ("weka", weka),
        ("dynamo", dynamo),
    ]
}

#[test]
fn the_clock_starts_at_the_first_request_in_every_format() {
    for start in [1, 1_780_722_000, 4_000_000_000] {
        for ((name, zero), (_, later)) in files(0).into_iter().zip(files(start)) {
            let from_zero = told(&zero, &ReadOptions::AS_FILED).trace;
            let later = told(&later, &ReadOptions::AS_FILED);
            assert_eq!(from_zero.arrivals_ns(), [0, 2_250_000_000, 2_251_000_000], "{name} {start}");
            assert_eq!((later.trace, later.start_ns), (from_zero, start * 1_000_000_000), "{name} {start}");
        }
    }
}

#[test]
fn times_have_a_bound_that_is_named() {
    let line = |time: &str| {
        format!("{{\"timestamp\": {time}, \"input_length\": 1, \"output_length\": 1, \"hash_ids\": []}}\n")
    };
    let read = |time: &str, unit| {
        let options = ReadOptions { time_unit: unit, ..ReadOptions::AS_FILED };
        read_with_remarks(line(time).as_bytes(), "t", &options)
    };
    for time in ["4611686018427.387", "4611686018427", "\"4611686018427\""] {
        assert!(read(time, None).is_ok(), "{time}");
    }
    for time in [
        "4611686018427.387905",
        "4611686018428",
        "18446744073709",
        "18446744073709551615",
        "1e300",
        "-0.1",
        "true",
    ] {
        let message = read(time, None).unwrap_err().to_string();
        assert!(message.starts_with("t:1: timestamp is "), "{message}");
        let expected = "expected a time in milliseconds, a number from 0 to 4611686018427 (2^62 ns); --time-unit s, ms, us \
                        or ns names another unit";
        assert!(message.ends_with(expected), "{message}");
    }
    let latest = read("4611686018427387904", Some(TimeUnit::Nanoseconds)).unwrap();
    assert_eq!(latest.start_ns, kv_core::LATEST_ARRIVAL_NS);
    assert_eq!(latest.remarks, Vec::<String>::new());
}

#[test]
fn a_clock_that_looks_like_another_unit_is_remarked_on() {
    let lines = |times: [&str; 3]| {
        times
            .map(|time| format!("{{\"timestamp\": {time}, \"input_length\": 600, \"output_length\": 2, \"hash_ids\": [1, 2]}}\n"))
            .concat()
    };
    let seconds = told(&lines(["0.0", "1.0", "2.0"]), &ReadOptions::AS_FILED);
    assert_eq!(
        seconds.remarks,
        [
            "t.jsonl: times are taken as milliseconds; that is 1000 requests and 900000 prompt tokens a second. If they are \
          seconds, say --time-unit s (in [trace]: time_unit = \"s\")"
        ]
    );
    let since_1970 = told(&lines(["1780722000", "1780722060", "1780722120"]), &ReadOptions::AS_FILED);
    assert_eq!(
        since_1970.remarks,
        [
            "t.jsonl: times are taken as milliseconds; but 1780722000 looks like seconds since 1970. If they are seconds, say \
          --time-unit s (in [trace]: time_unit = \"s\")"
        ]
    );
    let microseconds = told(&lines(["0", "500000", "1000000"]), &ReadOptions::AS_FILED);
    assert!(microseconds.remarks[0].contains("one request in 500 s"), "{:?}", microseconds.remarks);
    let options = ReadOptions { time_unit: Some(TimeUnit::Seconds), ..ReadOptions::AS_FILED };
    let said = told(&lines(["0.0", "1.0", "2.0"]), &options);
    assert_eq!((said.trace.arrivals_ns(), said.remarks.len()), (&[0, 1_000_000_000, 2_000_000_000][..], 0));
    let usual = told(&lines(["1780722000040", "1780722002040", "1780722003040"]), &ReadOptions::AS_FILED);
    assert_eq!(usual.remarks, Vec::<String>::new());
}
