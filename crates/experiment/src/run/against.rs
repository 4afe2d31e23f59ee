//! Puts every case beside the one that the file compares it with.

use deployment::Problem;
use kareto::{Archive, Evaluation, Point};
use kv_core::units::GIB;

use crate::against::Compared;
use crate::evaluate::{Traces, at_point};
use crate::plan::{CasesPlan, SearchPlan};

/// Every case beside the one with which the file compares it, in the order of the axes. Empty where it compares with none.
pub(super) fn compared(
    plan: &SearchPlan,
    cases: &CasesPlan,
    traces: &Traces,
    archive: &Archive,
) -> Result<Vec<Compared>, Problem> {
    let Some(against) = &cases.against else { return Ok(Vec::new()) };
    let axes = plan.space.axes();
    let place = axes.iter().position(|axis| axis.name == cases.compare).expect("a name of the space");
    let base = (0..axes[place].len() as u32).find(|&at| axes[place].value(at).to_string() == *against);
    let base = base.expect("checked when the file was loaded");
    let mut all = Vec::new();
    for (point, evaluation) in archive.iter().filter(|(point, _)| point.0[place] != base) {
        let mut other = point.clone();
        other.0[place] = base;
        let Some(without) = archive.get(&other) else { continue };
        let better = |name: &str| {
            let of = |it: &Evaluation| it.figure(name).unwrap_or(0.0);
            100.0 * (of(without) - of(evaluation)) / of(without) + 0.0
        };
        all.push(Compared {
            point: point.clone(),
            ttft_percent: better("ttft_s_mean"),
            cost_percent: better("cost"),
            queue_s: without.figure("queue_s_mean").unwrap_or(0.0),
            read_s: read_s(plan, traces, point, evaluation)?,
        });
    }
    Ok(all)
}

/// Mean time that the far tiers take for what a request reads of them \[s\].
fn read_s(
    plan: &SearchPlan,
    traces: &Traces,
    point: &Point,
    evaluation: &Evaluation,
) -> Result<f64, Problem> {
    let deployment = at_point(&plan.system, &plan.archive_space, point).map_err(Problem::user)?;
    let trace = traces.of(point);
    let figure = |name: String| evaluation.figure(&name).unwrap_or(0.0);
    let mut all_s = 0.0;
    for tier in deployment.tiers.iter().filter(|tier| tier.exists()).skip(1) {
        let blocks = figure(format!("read_blocks_{}", tier.name)) as u64;
        let bought_bytes = (figure(format!("bought_gib_{}", tier.name)) * GIB as f64) as u64;
        all_s += deployment.read_s(&tier.name, blocks, bought_bytes, trace)?;
    }
    let served = trace.len() as f64 - figure("rejected_requests".to_owned());
    Ok(all_s / served.max(1.0))
}
