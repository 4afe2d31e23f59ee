//! Hit curves of the public traces against counts made with an independent program.

use serde_json::Value;
use trace_synth::curve::{CachePolicy, LruCurve, TouchOrder, hit_curve};

use crate::shared::trace;

#[test]
fn flat_lru_is_exact_at_every_golden_capacity() {
    let Some(golden) = test_data::shared("mooncake/golden_flat_lru.json") else { return };
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
    for name in ["conversation", "synthetic"] {
        let Some(trace) = trace(&format!("mooncake/{name}_trace.jsonl.gz")) else { return };
        let head_to_tail = LruCurve::of(&trace, TouchOrder::HeadToTail);
        let tail_to_head = LruCurve::of(&trace, TouchOrder::TailToHead);
        let rows = golden[name].as_array().unwrap();
        assert_eq!(rows.len(), 16, "8 capacities, 2 orders");
        for row in rows {
            let curve = if row["order"] == "head_to_tail" { &head_to_tail } else { &tail_to_head };
            let hits = curve.at(usize::try_from(row["cap"].as_u64().unwrap()).unwrap());
            let expected = (row["hit_blocks"].as_u64().unwrap(), row["hit_tokens"].as_u64().unwrap());
            assert_eq!((hits.blocks, hits.tokens), expected, "{name}: {row}");
        }
    }
}

#[test]
fn policies_on_the_conversation_trace() {
    let Some(trace) = trace("mooncake/conversation_trace.jsonl.gz") else { return };
    let rows: Vec<_> =
        CachePolicy::ALL.iter().flat_map(|&policy| hit_curve(&trace, policy, &[819, 3276, 20_000])).collect();
    let table: Vec<String> =
        rows.iter().map(|r| format!("{} {} {}", r.policy.name(), r.capacity_blocks, r.hit_blocks)).collect();
    insta::assert_snapshot!(table.join("\n"));
}
