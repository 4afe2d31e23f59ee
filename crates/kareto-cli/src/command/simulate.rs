//! `kareto simulate`: one configuration, in figures for people or as one JSON object.

use deployment::{Deployment, Outcome};
use experiment::{Registries, Single};
use kv_core::units::{GIB, s_from_ns};
use serde_json::{Map, Value, json};
use tier_sim::{LinkStats, Summary, TierStats, Turns};

use crate::args::Simulate;
use crate::detail;
use crate::error::CliError;
use crate::output::{aligned, complain, print};
use pages::refused;

/// Simulates one configuration and prints what it does and costs.
pub(super) fn simulate(args: &Simulate, registries: &Registries) -> Result<(), CliError> {
    if let Some(path) = &args.requests {
        detail::check_parquet_name(path)?;
    }
    let override_trace = args.trace.file()?;
    let Single { deployment, trace, remarks } =
        Single::load(&args.scenario, override_trace.as_ref(), &args.settings, registries)?;
    remarks.iter().for_each(|remark| complain(remark));
    let outcome = deployment
        .evaluate(&trace)
        .map_err(|problem| CliError::user(format!("{}: {problem}", args.scenario.display())))?;
    if let Some(path) = &args.trace_events {
        detail::write_events(path, &outcome.scenario, &trace)?;
    }
    if let Some(path) = &args.requests {
        detail::write_requests(path, &outcome.scenario, &trace)?;
    }
    let replayed = Replayed { turns: outcome.stats.turns(&trace), sharing_known: trace.sharing_known() };
    if args.json {
        return print(&format!("{:#}\n", as_json(&deployment, &outcome, &replayed)));
    }
    print(&as_text(&deployment, &outcome, &replayed))
}

/// What is known of the trace beside the run.
struct Replayed {
    turns: Turns,
    /// Without that, hits are unknown too, not 0.
    sharing_known: bool,
}

impl Replayed {
    /// A count or ratio of hits.
    fn hits(&self, value: impl Into<Value>) -> Value {
        if self.sharing_known { value.into() } else { Value::Null }
    }

    /// A ratio of hits in percent, for people.
    fn percent(&self, ratio: f64) -> String {
        if self.sharing_known { format!("{:.2}", 100.0 * ratio) } else { "-".to_owned() }
    }
}

fn as_json(plan: &Deployment, outcome: &Outcome, replayed: &Replayed) -> Value {
    let (stats, bill, turns) = (&outcome.stats, &outcome.bill, replayed.turns);
    let hits: Map<String, Value> =
        stats.tiers.iter().map(|tier| (tier.name.clone(), replayed.hits(tier.hit_tokens))).collect();
    let parts: Map<String, Value> =
        bill.parts.iter().map(|(part, amount)| (part.clone(), (*amount).into())).collect();
    let tiers: Vec<Value> = stats.tiers.iter().map(|tier| tier_json(plan, outcome, tier, replayed)).collect();
    let links: Vec<Value> = stats.links.iter().map(link_json).collect();
    json!({
        "requests": stats.requests.len(),
        "rejected_requests": stats.rejected(),
        "longest_request_tokens": stats.longest_request_tokens,
        "turns": turns.turns,
        "turns_before_answer": turns.before_answer,
        "prompt_tokens": stats.prompt_tokens(),
        "makespan_s": s_from_ns(stats.makespan_ns),
        "throughput_tokens_per_s": stats.throughput_tokens_per_s(),
        "ttft_s": summary_json(&stats.ttft_s()),
        "tpot_s": summary_json(&stats.tpot_s()),
        "e2e_s": summary_json(&stats.e2e_s()),
        "hit_tokens": hits,
        "hit_ratio": replayed.hits(stats.hit_ratio()),
        "preemptions": stats.preemptions(),
        "gpu_hours": bill.gpu_hours,
        "cost": { "total": bill.total(), "currency": bill.currency, "parts": parts },
        "tiers": tiers,
        "links": links,
    })
}

fn summary_json(summary: &Summary) -> Value {
    json!({ "mean": summary.mean, "p50": summary.p50, "p90": summary.p90, "p99": summary.p99 })
}

fn tier_json(plan: &Deployment, outcome: &Outcome, tier: &TierStats, replayed: &Replayed) -> Value {
    json!({
        "name": tier.name,
        "capacity_bytes": tier.capacity_bytes,
        "bought_bytes": bought_bytes(plan, outcome, tier),
        "peak_bytes": tier.peak_bytes,
        "mean_bytes": mean_bytes(tier, outcome.stats.makespan_ns),
        "hit_tokens": replayed.hits(tier.hit_tokens),
        "insertions": tier.insertions,
        "evictions": tier.evictions,
        "expiries": tier.expiries,
        "rejections": tier.rejections,
        "read_blocks": tier.read_blocks,
        "never_read_because": tier.never_read(),
    })
}

/// The bytes bought of a tier. `None` for HBM, which comes with the GPU.
fn bought_bytes(plan: &Deployment, outcome: &Outcome, tier: &TierStats) -> Option<u64> {
    let place = plan.tiers.iter().position(|planned| planned.name == tier.name)?;
    Some(outcome.bought_bytes[place])
}

fn mean_bytes(tier: &TierStats, makespan_ns: u64) -> f64 {
    tier.byte_ns as f64 / makespan_ns.max(1) as f64
}

fn link_json(link: &LinkStats) -> Value {
    json!({
        "name": link.name,
        "links": link.links,
        "transfers": link.transfers,
        "bytes": link.bytes,
        "busy_s": s_from_ns(link.busy_ns),
        "queue_s": s_from_ns(link.queue_ns),
    })
}

fn as_text(plan: &Deployment, outcome: &Outcome, replayed: &Replayed) -> String {
    let (stats, bill) = (&outcome.stats, &outcome.bill);
    let mut rows = vec![
        vec!["requests".to_owned(), stats.requests.len().to_string()],
        vec!["prompt tokens".to_owned(), stats.prompt_tokens().to_string()],
        vec!["makespan [s]".to_owned(), format!("{:.1}", s_from_ns(stats.makespan_ns))],
        vec!["throughput [tokens/s]".to_owned(), format!("{:.1}", stats.throughput_tokens_per_s())],
        vec!["hit ratio [%]".to_owned(), replayed.percent(stats.hit_ratio())],
        vec!["preemptions".to_owned(), stats.preemptions().to_string()],
        vec!["GPU hours".to_owned(), format!("{:.3}", bill.gpu_hours)],
        vec![format!("cost [{}]", bill.currency), format!("{:.3}", bill.total())],
    ];
    for (part, amount) in &bill.parts {
        rows.push(vec![format!("  {part}"), format!("{amount:.3}")]);
    }
    let parts =
        [aligned(&rows), latency_text(outcome), tier_text(plan, outcome, replayed), link_text(outcome)];
    let remarks = remarks(outcome, replayed.turns);
    parts.into_iter().chain((!remarks.is_empty()).then_some(remarks)).collect::<Vec<_>>().join("\n")
}

/// What the figures do not say by themselves, a line each.
fn remarks(outcome: &Outcome, turns: Turns) -> String {
    let stats = &outcome.stats;
    let mut text = String::new();
    if stats.rejected() > 0 {
        text += &refused(stats.rejected() as f64, f64::from(stats.longest_request_tokens));
        text += "\n";
    }
    for tier in &stats.tiers {
        if let Some(reasons) = tier.never_read() {
            text += &format!("{} was written and never read: {}.\n", tier.name, reasons.join("; "));
        }
    }
    if let Some(share) = turns.share_before_answer().filter(|share| *share > 0.0) {
        text += &format!(
            "{:.0} % of the {} turns that follow an answer were sent before it was complete: a replay sends a request when \
             the trace says so.\n",
            100.0 * share,
            turns.turns
        );
    }
    text
}

fn latency_text(outcome: &Outcome) -> String {
    let stats = &outcome.stats;
    let mut rows = vec![header(&["latency [s]", "mean", "p50", "p90", "p99"])];
    for (name, summary) in [
        ("TTFT", stats.ttft_s()),
        ("  of it queueing", stats.queue_s()),
        ("  of it loading", stats.load_s()),
        ("TPOT", stats.tpot_s()),
        ("E2E", stats.e2e_s()),
    ] {
        let Summary { mean, p50, p90, p99 } = summary;
        let figures = [mean, p50, p90, p99].map(|seconds| format!("{seconds:.4}"));
        rows.push(std::iter::once(name.to_owned()).chain(figures).collect());
    }
    aligned(&rows)
}

fn tier_text(plan: &Deployment, outcome: &Outcome, replayed: &Replayed) -> String {
    let prompt_tokens = outcome.stats.prompt_tokens().max(1) as f64;
    let gib = |bytes: f64| format!("{:.1}", bytes / GIB as f64);
    let titles = [
        "tier",
        "bought GiB",
        "peak GiB",
        "mean GiB",
        "hits [%]",
        "inserted",
        "evicted",
        "expired",
        "rejected",
    ];
    let mut rows = vec![header(&titles)];
    for tier in &outcome.stats.tiers {
        rows.push(vec![
            tier.name.clone(),
            bought_bytes(plan, outcome, tier).map_or("-".to_owned(), |bytes| gib(bytes as f64)),
            gib(tier.peak_bytes as f64),
            gib(mean_bytes(tier, outcome.stats.makespan_ns)),
            replayed.percent(tier.hit_tokens as f64 / prompt_tokens),
            tier.insertions.to_string(),
            tier.evictions.to_string(),
            tier.expiries.to_string(),
            tier.rejections.to_string(),
        ]);
    }
    aligned(&rows)
}

fn link_text(outcome: &Outcome) -> String {
    if outcome.stats.links.is_empty() {
        return "no tiers below HBM\n".to_owned();
    }
    let mut rows = vec![header(&["link", "links", "transfers", "GB", "busy s", "queueing s"])];
    for link in &outcome.stats.links {
        rows.push(vec![
            link.name.clone(),
            link.links.to_string(),
            link.transfers.to_string(),
            format!("{:.1}", link.bytes as f64 / 1e9),
            format!("{:.1}", s_from_ns(link.busy_ns)),
            format!("{:.1}", s_from_ns(link.queue_ns)),
        ]);
    }
    aligned(&rows)
}

fn header(titles: &[&str]) -> Vec<String> {
    titles.iter().map(|title| (*title).to_owned()).collect()
}
