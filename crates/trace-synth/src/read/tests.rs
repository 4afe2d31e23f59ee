//! Reading: what is taken, what is refused and in which words, and the fast scanner against the proper parser.

mod clock;
mod events;
mod kinds;

use std::io::Write;
use std::num::NonZero;

use proptest::prelude::*;

use super::jsonl::Parser;
use super::scan::scan;
use super::*;

/// Two requests of 4-token blocks sharing the first block; the second ends in a partial block.
const GOOD: &str = "{\"block_tokens\": 4}\n\
    {\"timestamp\": 0, \"input_length\": 8, \"output_length\": 3, \"hash_ids\": [7, 8]}\n\
    {\"timestamp\": 1.5, \"input_length\": 9, \"output_length\": 1, \"hash_ids\": [7, 9, 10]}\n\n";

fn text(input: &str) -> Result<Trace, ReadError> {
    read(input.as_bytes(), "t.jsonl", &ReadOptions::AS_FILED)
}

fn told(input: &str, options: &ReadOptions) -> ReadTrace {
    read_with_remarks(input.as_bytes(), "t.jsonl", options).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_header_names_the_block_size_and_a_blank_end_is_fine() {
    let trace = text(GOOD).unwrap();
    assert_eq!((trace.len(), trace.block_tokens(), trace.references(), trace.unique_blocks()), (2, 4, 5, 4));
    assert_eq!(trace.arrivals_ns(), [0, 1_500_000]);
    assert!(!trace.has_sessions());
}

#[test]
fn compressed_files_read_alike_whatever_they_are_called() {
    let plain = text(GOOD).unwrap();
    for bytes in [gzip(GOOD.as_bytes()), zstd::encode_all(GOOD.as_bytes(), 3).unwrap()] {
        assert_eq!(read(bytes.as_slice(), "named.txt", &ReadOptions::AS_FILED).unwrap(), plain);
    }
}

#[test]
fn a_cut_in_compressed_data_is_an_error_wherever_it_falls() {
    for (bytes, codec) in
        [(gzip(GOOD.as_bytes()), "gzip"), (zstd::encode_all(GOOD.as_bytes(), 3).unwrap(), "zstd")]
    {
        for cut in 5..bytes.len() {
            let error = read(&bytes[..cut], "t", &ReadOptions::AS_FILED).unwrap_err();
            assert!(
                matches!(error, ReadError::Damaged { codec: named, .. } if named == codec),
                "{cut}: {error}"
            );
        }
    }
}

#[test]
fn sessions_may_be_numbers_or_texts() {
    let line = |session: &str| {
        format!(
            "{{\"timestamp\":0,\"input_length\":1,\"output_length\":1,\"hash_ids\":[],\"session_id\":{session}}}\n"
        )
    };
    let trace = text(&["\"b\"", "5", "\"b\"", "0"].map(line).concat()).unwrap();
    assert_eq!(trace.requests().map(|r| r.session.unwrap()).collect::<Vec<_>>(), [0, 1, 0, 2]);
}

#[test]
fn what_is_wrong_is_said_with_line_field_value_and_expectation() {
    let good = r#"{"timestamp": 0, "input_length": 600, "output_length": 1, "hash_ids": [0, 1]}"#;
    let cases = [
        "",
        "\n\n",
        "{\"timestamp\": 0",
        "[1, 2]",
        r#"{"timestamp": -5, "input_length": 600, "output_length": 1, "hash_ids": [0, 1]}"#,
        r#"{"timestamp": 0, "input_length": -3, "output_length": 1, "hash_ids": [0, 1]}"#,
        r#"{"timestamp": 0, "input_length": 1e99, "output_length": 1, "hash_ids": [0, 1]}"#,
        r#"{"timestamp": 0, "input_length": 600, "hash_ids": [0, 1]}"#,
        r#"{"timestamp": 0, "input_length": 600, "output_length": 1, "hash_ids": 5}"#,
        r#"{"timestamp": 0, "input_length": 600, "output_length": 1, "hash_ids": [1.5]}"#,
        r#"{"timestamp": 0, "input_length": 1600, "output_length": 1, "hash_ids": [0, 1]}"#,
        &format!("{good}\n\n{good}"),
        &format!("{good}\n{}", good.replace("[0, 1]", "[5, 1]")),
        &format!("{good}\n{}", good.replace('}', ", \"session_id\": 4}")),
        &format!("{{\"block_tokens\": 512}}\n{good}\n{{\"block_tokens\": 16}}"),
        "{\"block_tokens\": 0}",
    ];
    let messages: Vec<String> = cases.iter().map(|case| text(case).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn a_stated_block_size_must_be_the_one_the_reader_was_told() {
    let told = ReadOptions { block_tokens: NonZero::new(16), ..ReadOptions::AS_FILED };
    let error = read(GOOD.as_bytes(), "t.jsonl", &told).unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.jsonl:1: block_tokens is 4; expected 16, which the reader was told to expect"
    );
    let error = read_path(Path::new("/nowhere/t.jsonl"), &ReadOptions::AS_FILED).unwrap_err();
    assert!(error.to_string().starts_with("/nowhere/t.jsonl: "), "{error}");
}

#[test]
fn qwen_bailian_ids_are_chained_and_chats_make_sessions() {
    // Id 5 comes after 7 and after nothing: two blocks. Chat 2 follows chat 1; 4 and 5 follow the unseen chat 3.
    let line = |chat: u32, parent: i32, ids: &str| {
        format!(
            "{{\"chat_id\": {chat}, \"parent_chat_id\": {parent}, \"timestamp\": 0.25, \"input_length\": 32, \
             \"output_length\": 3, \"type\": \"text\", \"turn\": 1, \"hash_ids\": {ids}}}\n"
        )
    };
    let lines = [line(1, -1, "[7, 5]"), line(2, 1, "[7, 5]"), line(4, 3, "[5, 7]"), line(5, 3, "[5, 5]")];
    let trace = text(&lines.concat()).unwrap();
    assert_eq!((trace.block_tokens(), trace.unique_blocks(), trace.arrivals_ns()[0]), (16, 5, 0));
    assert_eq!(trace.requests().map(|r| r.session.unwrap()).collect::<Vec<_>>(), [0, 0, 1, 1]);
    let ids: Vec<Vec<u32>> = trace.requests().map(|r| r.references.iter().map(|b| b.0).collect()).collect();
    assert_eq!(ids, [[0, 1], [0, 1], [2, 3], [2, 4]]);
}

#[test]
fn tables_of_lengths_count_from_their_earliest_row() {
    let azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:47.5,600,44\n2023-11-16 18:15:46.0,374,1\n";
    let trace = text(azure).unwrap();
    assert_eq!((trace.arrivals_ns(), trace.reordered()), (&[0, 1_500_000_000][..], 1));
    assert_eq!((trace.references(), trace.unique_blocks()), (3, 3));
    let burst = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n\
        5,ChatGPT,472,18,490,Conversation log\n45.5,GPT-4,1087,230,1317,API log\n";
    let level = PrefixLevel {
        choices: 1,
        zipf: 0.0,
        tokens: crate::synth::Distribution::Constant(1_024.0),
        taken: 1.0,
        renewed_s: None,
    };
    let prefixes = LengthPrefixes { levels: vec![level], seed: 1 };
    let options = ReadOptions { length_prefixes: Some(prefixes), ..ReadOptions::AS_FILED };
    let trace = read(burst.as_bytes(), "b", &options).unwrap();
    assert_eq!(trace.arrivals_ns(), [0, 40_500_000_000]);
    // 472 tokens have no full block; 1,087 have the shared 2 and a partial one.
    assert_eq!(trace.requests().map(|r| r.prompt_blocks.len()).collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn cells_of_tables_may_be_quoted() {
    // A byte order mark, commas, a doubled quote, a line end and spaces; Windows line ends.
    let quoted = "\u{feff}TIMESTAMP,\"Note, long\",ContextTokens,\"GeneratedTokens\"\r\n\
        2023-11-16 18:15:46.0,\"a, \"\"b\"\"\r\nc\", 374 ,\"44\"\r\n\
        \"2023-11-16T18:15:47+00:00\",,600,1\r\n\r\n";
    let trace = text(quoted).unwrap();
    let found: Vec<_> = trace.requests().map(|r| (r.arrival_ns, r.prompt_tokens, r.output_tokens)).collect();
    assert_eq!(found, [(0, 374, 44), (1_000_000_000, 600, 1)]);
    let message =
        |row: &str| text(&format!("TIMESTAMP,ContextTokens,GeneratedTokens\n{row}")).unwrap_err().to_string();
    // A row that takes two lines is counted as two.
    let two_lines = "2023-11-16 18:15:46,\"3\n\",4\n2023-11-16 18:15:46,3,\n";
    assert!(
        message(two_lines).starts_with("t.jsonl:4: GeneratedTokens is ; expected"),
        "{}",
        message(two_lines)
    );
    let open = "2023-11-16 18:15:46,\"3,4\n2023-11-16 18:15:46,3,4\n";
    assert_eq!(message(open), "t.jsonl:3: the end of the file within quotes; expected a closing quote");
}

#[test]
fn cache_events_join_into_requests() {
    let stored = |s: &str, hashes: &str, parent: &str| {
        format!(
            "{{\"timestamp\": {s}, \"type\": \"BlockStored\", \"block_hashes\": {hashes}, \
             \"parent_block_hash\": {parent}, \"block_size\": 16}}\n"
        )
    };
    let events = [
        stored("100", "[-1, \"b\"]", "null"), // a request: two blocks
        stored("100.2", "[3, 4]", "\"b\""),   // the next chunk of its prompt
        stored("100.9", "[5]", "4"),          // generated
        "{\"timestamp\": 101, \"type\": \"BlockRemoved\", \"block_hashes\": [5]}\n".to_owned(),
        stored("160", "[6]", "4"), // a minute later: another request on the same prefix
    ];
    let trace = text(&events.concat()).unwrap();
    let found: Vec<_> = trace.requests().map(|r| (r.arrival_ns, r.prompt_tokens, r.output_tokens)).collect();
    assert_eq!(found, [(0, 64, 16), (60_000_000_000, 80, 0)]);
}

#[test]
fn what_is_wrong_in_other_formats_is_said_alike() {
    let cases = [
        "a,b\n1,2\n",
        "TIMESTAMP,ContextTokens\n",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n",
        "TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,2\n",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:47.5,0,44\n",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:47.5,44\n",
        r#"{"chat_id": 1, "timestamp": 0, "input_length": 16, "output_length": 3, "hash_ids": [7]}"#,
        r#"{"chat_id": 1, "parent_chat_id": -2, "timestamp": 0, "input_length": 16, "output_length": 3, "hash_ids": [7]}"#,
        r#"{"type": "BlockStored", "block_hashes": [1], "block_size": 16}"#,
        r#"{"timestamp": 0, "type": "BlockStored", "block_hashes": [1], "parent_block_hash": 2.5, "block_size": 16}"#,
        r#"{"timestamp": 0, "type": "BlockStored", "block_hashes": [1, 2], "num_tokens": 33}"#,
        r#"{"timestamp": 0, "type": "BlockMoved", "block_hashes": [1, 2], "num_tokens": 33}"#,
    ];
    let messages: Vec<String> = cases.iter().map(|case| text(case).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn the_fuzz_corpus_of_prompts_is_read() {
    let bytes = include_bytes!("../../fuzz/corpus/prompts/all_fields");
    let options = prompts::PromptOptions {
        block_tokens: NonZero::<u32>::MIN,
        bytes_per_token: NonZero::<u32>::MIN,
        time_unit: None,
    };
    let read = prompts::read_prompts(bytes.as_slice(), "corpus", &options).unwrap();
    assert_eq!((read.trace.len(), read.trace.request(0).prompt_tokens), (3, 5));
}

/// Lines near the well-formed ones: right, odd and wrong.
fn any_line() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        (0_u64..5000).prop_map(|n| n.to_string()),
        any::<u64>().prop_map(|n| n.to_string()),
        (0_u32..100_000).prop_map(|n| format!("{}.{:03}", n / 1000, n % 1000)),
        (any::<u32>(), any::<u32>()).prop_map(|(a, b)| format!("{a}.{b}")),
        (10_u64.pow(13)..10_u64.pow(14)).prop_map(|n| format!("{n}.0")),
        Just("-1".to_owned()),
        Just("007".to_owned()),
        Just("1e3".to_owned()),
        Just("null".to_owned()),
    ];
    let ids = prop::collection::vec(number.clone(), 0..6);
    (number.clone(), number.clone(), number.clone(), ids, number, 0..7_u8).prop_map(|(t, i, o, ids, s, shape)| {
        let ids = ids.join(if shape == 1 { " ,\t" } else { "," });
        let tail = match shape {
            2 => format!(",\"session_id\":{s}"),
            3 => ",\"other\":[1,{\"a\":2}]".to_owned(),
            4 => ",\"input_length\":5".to_owned(),
            5 => " x".to_owned(),
            6 => ",\"block_tokens\":512".to_owned(),
            _ => String::new(),
        };
        format!("{{\"timestamp\": {t}, \"hash_ids\":[{ids}],\"output_length\" :{o},\"input_length\":{i}{tail}}}")
    })
}

/// The committed inputs of the fuzz targets, some of which made a target panic once.
#[test]
fn the_fuzz_corpus_makes_no_reader_panic() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus"));
    let named = Format::ALL.map(|format| (format.name().replace('-', "_"), Some(format)));
    for (target, format) in named.into_iter().chain([("detect".to_owned(), None)]) {
        let mut inputs = 0;
        for entry in std::fs::read_dir(corpus.join(&target)).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            let options = ReadOptions { format, ..ReadOptions::AS_FILED };
            if let Ok(trace) = read(bytes.as_slice(), "corpus", &options) {
                let _ = crate::describe(&crate::resolve_outputs(trace));
            }
            inputs += 1;
        }
        assert!(inputs > 0, "{target}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]
    /// Whatever the scanner takes, the parser reads the same; what the scanner leaves, only the parser judges.
    #[test]
    fn the_scanner_agrees_with_the_parser(line in any_line()) {
        let (mut fast_ids, mut ids) = (Vec::new(), Vec::new());
        if let Some(record) = scan(line.as_bytes(), 512, &mut fast_ids) {
            let mut parser = Parser::new(512, TimeUnit::Milliseconds, IdScope::Prefix);
            let parsed = parser.parse(line.as_bytes(), false, &mut ids);
            prop_assert_eq!(parsed, Ok(Some(record)));
            prop_assert_eq!(fast_ids, ids);
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in Format::ALL {
            let options = ReadOptions { format: Some(format), ..ReadOptions::AS_FILED };
            let _ = read(bytes.as_slice(), "fuzz", &options);
        }
    }
}
