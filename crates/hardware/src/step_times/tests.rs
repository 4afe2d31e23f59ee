//! The sums and the comparison, with a timer that follows a law.

use tier_sim::step::{AdditiveLaw, StepModel};

use super::{Operation, Piece, Question, Report, Shape, Step, StepType, Timer, pieces};
use crate::Error;
use crate::machine::Machine;

const LLAMA_8B: Shape = Shape {
    layers: 32,
    hidden: 4096,
    query_heads: 32,
    kv_heads: 8,
    head_dim: 128,
    intermediate: 14_336,
    vocabulary: 128_256,
};

const QWEN_32B: Shape = Shape {
    layers: 64,
    hidden: 5120,
    query_heads: 64,
    kv_heads: 8,
    head_dim: 128,
    intermediate: 25_600,
    vocabulary: 151_936,
};

fn question(gpus: u32) -> Question {
    let law = |base_s| StepModel::Additive(AdditiveLaw::new(base_s, 0.0, 0.0, 0.0, 0.0).expect("a law"));
    Question {
        model: "llama-3.1-8b".to_owned(),
        shape: LLAMA_8B,
        gpus,
        gpu_name: "h100-sxm".to_owned(),
        profile: "made".to_owned(),
        profile_source: "made".to_owned(),
        step: law(0.012),
        kernels: law(0.010),
        ordinal: 0,
    }
}

/// Dense operations take 20 us, the head 360 us, attention 10 us.
struct Law(Vec<Operation>);

impl Timer for Law {
    fn seconds(&mut self, piece: &Piece) -> Result<Vec<f64>, Error> {
        self.0.push(piece.operation);
        let median = match piece.operation {
            Operation::Head => 360e-6,
            operation if operation.is_attention() => 10e-6,
            _ => 20e-6,
        };
        Ok(vec![median, 0.99 * median, 1.01 * median])
    }
}

fn filled(gpus: u32, memory_bytes: u64) -> (Report, Law) {
    let question = question(gpus);
    let shard = question.shape.shard(gpus).expect("it can be spread");
    let mut report = Report::new(&question, shard, Machine::look(), "today".to_owned());
    let mut law = Law(Vec::new());
    report.fill(&question, &mut law, memory_bytes).expect("the law never fails");
    (report, law)
}

#[test]
fn steps_are_sums_over_layers_and_errors_are_of_kernels_alone() {
    let (report, law) = filled(1, 80 << 30);
    let of =
        |step_type| report.steps.iter().find(|it| it.step_type == step_type).expect("a step of the type");
    let close = |one: f64, other: f64| assert!((one - other).abs() < 1e-9, "{one} instead of {other}");
    let decode = of(StepType::Decode);
    close(decode.dense_ms, 32.0 * 4.0 * 0.020 + 0.360);
    close(decode.attention_ms, 32.0 * 0.010);
    close(decode.measured_ms, decode.dense_ms + decode.attention_ms);
    close(of(StepType::Mixed).attention_ms, 2.0 * 32.0 * 0.010);
    close(decode.profile_ms, 10.0);
    close(decode.profile_host_ms, 2.0);
    close(decode.error_percent, 100.0 * (10.0 - decode.measured_ms) / decode.measured_ms);
    assert!(report.steps.iter().all(|it| !it.noisy));
    let all = report.summaries.last().expect("a summary of all");
    assert_eq!((all.step_type, all.steps as usize), (None, report.steps.len()));
    // Every operation was timed once.
    assert_eq!(law.0.len(), report.operations.len());
}

#[test]
fn what_has_no_room_is_left_out_and_named() {
    let (report, _) = filled(1, 80 << 30);
    // 256 sequences of 16,384 tokens have 512 GiB of KV.
    assert!(report.left_out.contains(&"256 decodes at 16384".to_owned()), "{:?}", report.left_out);
    assert!(report.steps.iter().any(|it| it.step.title() == "16 decodes at 16384"));
    let (none, _) = filled(1, 10 << 30);
    assert!(none.steps.is_empty() && none.summaries.is_empty());
}

#[test]
fn a_shard_has_its_part_and_the_all_reduce_is_missing() {
    let shard = LLAMA_8B.shard(4).expect("it can be spread");
    assert_eq!((shard.query_heads, shard.kv_heads, shard.intermediate, shard.hidden), (8, 2, 3584, 4096));
    // Two GPUs for each key-value head.
    assert_eq!(LLAMA_8B.shard(16).expect("it can be spread").kv_heads, 1);
    let refused = LLAMA_8B.shard(3).expect_err("32 heads on 3 GPUs").to_string();
    assert!(refused.contains("--tensor-parallel 3") && refused.contains("32 query heads"), "{refused}");
    assert!(filled(4, 80 << 30).0.missing[0].contains("all-reduce among 4 GPUs"));
    assert!(filled(1, 80 << 30).0.missing.iter().all(|it| !it.contains("all-reduce")));
}

#[test]
fn weights_are_those_of_the_model() {
    // Norms are not multiplied: 266,240 and 659,456 parameters.
    assert_eq!(LLAMA_8B.weight_bytes() + 2 * 266_240, 16_060_522_496);
    let norms = 64 * (2 * 5120 + 2 * 128) + 5120;
    assert_eq!(QWEN_32B.weight_bytes() + 2 * norms, 65_524_246_528);
    let step = Step { chunk_tokens: 0, chunk_context: 0, decodes: 1, decode_context: 512 };
    let dense = pieces(&QWEN_32B, &step).into_iter().filter(|it| !it.operation.is_attention());
    let read: u64 = dense.map(|piece| piece.cold_bytes * u64::from(piece.times)).sum();
    let embedding = 2 * 151_936 * 5120;
    assert_eq!(read + embedding, QWEN_32B.weight_bytes());
}

#[test]
fn attention_counts_causal_work_once() {
    let chunk = Step { chunk_tokens: 4096, chunk_context: 2048, decodes: 0, decode_context: 0 };
    let piece = pieces(&LLAMA_8B, &chunk).pop().expect("attention is the last");
    assert_eq!(piece.operation, Operation::PrefillAttention);
    // Each query with the tokens before it and half of the chunk, two products, 2 for multiply and add.
    let exact = 2.0 * 2.0 * 32.0 * 128.0 * 4096.0 * (2048.0 + 2048.0);
    let more = piece.operations() / exact - 1.0;
    assert!((0.0..0.08).contains(&more), "{more}");
    // Queries of all blocks come to all queries, and nothing is read beyond the KV.
    let queries: u32 = piece.products.iter().filter(|it| !it.follows).map(|it| it.n).sum();
    assert_eq!(queries, 4096 * 4);
    assert_eq!(piece.cold_bytes, 2 * 6144 * 8 * 128 * 2);
    let decode = Step { chunk_tokens: 0, chunk_context: 0, decodes: 64, decode_context: 2048 };
    let piece = pieces(&LLAMA_8B, &decode).pop().expect("attention is the last");
    assert_eq!(piece.cold_bytes, 64 * 2048 * LLAMA_8B.kv_bytes_per_token() / 32);
    assert_eq!((piece.products[0].batch, piece.products[0].n), (64 * 8 * 4, 4));
    for piece in [pieces(&QWEN_32B, &chunk), pieces(&LLAMA_8B, &decode)].concat() {
        assert!(piece.products.iter().all(|it| it.first + it.a_bytes() <= piece.cold_bytes));
        assert!(piece.products.windows(2).all(|it| !it[1].follows || it[1].b_bytes() == it[0].c_bytes()));
    }
}
