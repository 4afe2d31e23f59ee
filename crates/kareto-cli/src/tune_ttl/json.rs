//! A tuner's answer as JSON.

use kareto::ttl::{Answer, CurvePoint, GroupRow, Question, TailCharge, Total};
use serde_json::{Value, json};

/// A tuner's answer as one JSON object.
pub(super) fn as_json(answer: &Answer, trace: &str, model: &str, question: &Question) -> Value {
    let total = |it: &Total| {
        json!({
            "hits": it.hits,
            "reuse_ratio": it.reuse_ratio,
            "storage_gib_hours": it.storage_gib_hours,
        })
    };
    let row = |row: &GroupRow| {
        json!({
            "id": row.id,
            "prefix": row.prefix.map(|it| json!({
                "tokens": it.tokens, "request": it.request, "requests": it.requests,
            })),
            "share": row.share,
            "ttl_s": row.ttl_s,
            "hits": row.hits,
            "storage_gib_hours": row.storage_gib_hours,
        })
    };
    let tried = answer.tried.iter().map(|(groups, hits)| json!({ "groups": groups, "hits": hits }));
    let point = |&(storage, hits, price): &CurvePoint| {
        json!({
            "storage_gib_hours": storage,
            "hits": hits,
            "hits_per_gib_hour": price,
        })
    };
    json!({
        "trace": trace,
        "requests": answer.requests,
        "block_uses": answer.block_uses,
        "model": model,
        "block_bytes": answer.block_bytes,
        "method": question.way.name(),
        "whole_prefixes": question.whole_prefixes,
        "until_trace_end": question.charge == TailCharge::UntilTraceEnd,
        "budget_gib_hours": question.budget_gib_hours,
        "groups": answer.rows.iter().map(row).collect::<Vec<_>>(),
        "groups_tried": tried.collect::<Vec<_>>(),
        "total": total(&answer.total),
        "upper_bound_hits": answer.upper_bound,
        "gap": answer.gap,
        "shadow_price_hits_per_gib_hour": answer.shadow_price(question.budget_gib_hours),
        "uniform": { "ttl_s": answer.uniform_ttl_s, "total": total(&answer.uniform) },
        "gain_over_uniform_percent": answer.gain_percent(),
        "oracle_hits": answer.oracle_hits,
        "curve": answer.curve.iter().map(point).collect::<Vec<_>>(),
    })
}
