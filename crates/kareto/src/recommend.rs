//! What to say to somebody who buys: what it gains, what the next step would cost, and which price matters most.
//!
//! Everything here is arithmetic over evaluations that are there; nothing is simulated. What a claim about traffic or
//! engines would need is a run of its own.

use crate::archive::Archive;
use crate::evaluate::Evaluation;
use crate::front::Front;
use crate::objectives::Objectives;
use crate::picks::{Change, PickKind, pick};
use crate::space::Point;

/// From one configuration to the next one up: what more money buys.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Where it begins.
    pub from: Point,
    /// Where it ends: the cheapest point that is dearer and faster.
    pub to: Point,
    /// Additional cost, in the experiment's currency over the trace.
    pub cost: f64,
    /// Mean TTFT gained \[ms\].
    pub ttft_ms: f64,
}

impl Step {
    /// Additional cost per millisecond of mean TTFT gained.
    #[must_use]
    pub fn cost_per_ms(&self) -> f64 {
        self.cost / self.ttft_ms
    }
}

/// The steps of the front of cost and mean TTFT alone, cheapest first.
///
/// Only corners of its lower convex hull are stops: between them a step would buy less for its money than the one after
/// it, so nobody stops there. The price of a millisecond therefore rises from step to step: the diminishing return.
#[must_use]
pub fn steps(archive: &Archive) -> Vec<Step> {
    // Cheapest first; a point is on the two-dimensional front if it is faster than all cheaper ones.
    let mut stops: Vec<(&Point, f64, f64)> = Vec::new();
    let front = Front::of(archive);
    for (point, evaluation) in front.points() {
        let (cost, ttft_s) = (evaluation.objectives.cost(), evaluation.objectives.ttft_s_mean());
        if stops.last().is_some_and(|last| ttft_s >= last.2) {
            continue;
        }
        if stops.last().is_some_and(|last| cost <= last.1) {
            stops.pop();
        }
        // Of three stops in a row the middle one goes if the second step gains more for its money than the first.
        while let [.., a, b] = stops[..]
            && (b.1 - a.1) * (b.2 - ttft_s) >= (cost - b.1) * (a.2 - b.2)
        {
            stops.pop();
        }
        stops.push((point, cost, ttft_s));
    }
    let step = |pair: &[(&Point, f64, f64)]| Step {
        from: pair[0].0.clone(),
        to: pair[1].0.clone(),
        cost: pair[1].1 - pair[0].1,
        ttft_ms: 1e3 * (pair[0].2 - pair[1].2),
    };
    stops.windows(2).map(step).collect()
}

/// The next step up from an evaluated point: to the one that gains most for its money among those that are dearer and
/// faster; none where nothing is.
#[must_use]
pub fn next_step(archive: &Archive, point: &Point) -> Option<Step> {
    let here = archive.get(point)?.objectives;
    let candidates = archive.iter().filter_map(|(other, evaluation)| {
        let there = evaluation.objectives;
        let (cost, ttft_s) = (there.cost() - here.cost(), here.ttft_s_mean() - there.ttft_s_mean());
        let step = Step { from: point.clone(), to: other.clone(), cost, ttft_ms: 1e3 * ttft_s };
        (cost > 0.0 && ttft_s > 0.0).then_some(step)
    });
    candidates.min_by(|a, b| a.cost_per_ms().total_cmp(&b.cost_per_ms()))
}

/// How much cheaper than a point the cheapest is that is at least as fast and serves at least as much \[% of that one's
/// cost\], and which that is: 0 and the point itself where nothing is, or where the point is not there.
#[must_use]
pub fn as_good_percent(archive: &Archive, point: &Point) -> (f64, Point) {
    let Some(own) = archive.get(point).map(|it| it.objectives) else { return (0.0, point.clone()) };
    let as_good = archive.iter().filter(|(_, it)| {
        let o = it.objectives;
        o.ttft_s_mean() <= own.ttft_s_mean() && o.throughput_tokens_per_s() >= own.throughput_tokens_per_s()
    });
    let cheapest = as_good.min_by(|a, b| a.1.objectives.cost().total_cmp(&b.1.objectives.cost()));
    let (cheapest, evaluation) = cheapest.expect("the point itself is as good");
    let cost = evaluation.objectives.cost();
    if cost >= own.cost() {
        (0.0, point.clone())
    } else {
        (100.0 * (own.cost() - cost) / cost, cheapest.clone())
    }
}

/// What becomes of a recommendation when one price is another.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceChange {
    /// The part of the cost, such as `gpu` or `dram`.
    pub part: String,
    /// By what its price is multiplied.
    pub factor: f64,
    /// What would be recommended then.
    pub pick: Point,
    /// The old recommendation's change of cost against the baseline then \[%\]; none without a baseline.
    pub cost_percent: Option<f64>,
    /// How much more the old recommendation costs then than the cheapest that is at least as fast and serves at least as
    /// much \[%\].
    pub regret_percent: f64,
    /// That cheapest one; the old recommendation itself where nothing as good is cheaper.
    pub as_good: Point,
}

/// The archive at another price of one part of the cost, whose amounts are the metrics `cost_<part>`.
#[must_use]
pub fn repriced(archive: &Archive, part: &str, factor: f64) -> Archive {
    let mut priced = archive.empty_like();
    for (point, evaluation) in archive.iter() {
        let amount = evaluation.figure(&format!("cost_{part}")).unwrap_or(0.0);
        let o = &evaluation.objectives;
        let cost = o.cost() + (factor - 1.0) * amount;
        let objectives = Objectives::new(o.ttft_s_mean(), o.throughput_tokens_per_s(), cost)
            .expect("a finite amount at a finite factor");
        let evaluation = Evaluation { objectives, metrics: evaluation.metrics.clone() };
        priced.insert(point.clone(), evaluation).expect("a point occurs once in an archive");
    }
    priced
}

/// One price at a time: what becomes of the pick of a kind, taken among `archive`. `reprice` gives an archive's points at
/// another price of a part, as [`repriced`] does.
#[must_use]
pub fn price_changes(
    archive: &Archive,
    reprice: &dyn Fn(&Archive, &str, f64) -> Archive,
    kind: PickKind,
    baseline: Option<(&Point, &Evaluation)>,
    parts: &[&str],
    factors: &[f64],
) -> Vec<PriceChange> {
    let Some(chosen) = pick(&Front::of(archive), kind) else { return Vec::new() };
    let changed = |part: &str, factor: f64| {
        let priced = reprice(archive, part, factor);
        let then = priced.get(&chosen.point)?.objectives;
        let base = baseline.map(|(point, evaluation)| {
            let mut alone = archive.empty_like();
            alone.insert(point.clone(), evaluation.clone()).expect("an empty archive");
            reprice(&alone, part, factor).iter().next().expect("one point").1.objectives
        });
        let (regret_percent, as_good) = as_good_percent(&priced, &chosen.point);
        Some(PriceChange {
            part: part.to_owned(),
            factor,
            pick: pick(&Front::of(&priced), kind)?.point,
            cost_percent: base.and_then(|base| Change::between(&base, &then).cost_percent),
            regret_percent,
            as_good,
        })
    };
    parts.iter().flat_map(|part| factors.iter().filter_map(move |factor| changed(part, *factor))).collect()
}
