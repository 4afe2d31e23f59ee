//! The paper's solver: SLSQP from several perturbed starts, on smoothed curves.
//!
//! SLSQP needs gradients, so H is taken as straight between some of its steps, and C likewise. TTLs are scaled to
//! 0..1 by the longest. An answer is cut down to steps, and shrunk where it exceeds the budget. The paper says only
//! "floor(sqrt K) + 1 perturbed starts": perturbed is here the single TTL, times fixed factors by start and group.

use slsqp::{StopTols, minimize};

use super::Tuned;
use super::baselines::levelled;
use super::curve::Curve;

/// Knots of a smoothed curve.
const KNOTS: usize = 64;
/// Evaluations that one start may take.
const EVALUATIONS: usize = 200;

/// A curve as straight pieces: TTL, hits and storage, all scaled.
#[derive(Debug, Clone)]
struct Smooth {
    knots: Vec<[f64; 3]>,
}

impl Smooth {
    fn of(curve: &Curve, longest: f64, hits: f64, budget: f64) -> Self {
        let steps = curve.steps();
        let stride = steps.len().div_ceil(KNOTS).max(1);
        let mut picked: Vec<usize> = (0..steps.len()).step_by(stride).collect();
        if picked.last() != Some(&(steps.len() - 1)) {
            picked.push(steps.len() - 1);
        }
        let knot = |step: usize| {
            let it = &steps[step];
            [it.ttl_ns as f64 / longest, it.hits as f64 / hits, it.storage_block_ns as f64 / budget]
        };
        Self { knots: picked.into_iter().map(knot).collect() }
    }

    /// Hits and storage at a TTL, with their slopes.
    fn at(&self, ttl: f64) -> ([f64; 2], [f64; 2]) {
        let after = self.knots.partition_point(|knot| knot[0] <= ttl).clamp(1, self.knots.len().max(2) - 1);
        let (Some(low), Some(high)) = (self.knots.get(after - 1), self.knots.get(after)) else {
            return ([self.knots[0][1], self.knots[0][2]], [0.0, 0.0]);
        };
        let width = high[0] - low[0];
        let slope = [1, 2].map(|k| (high[k] - low[k]) / width);
        let share = (ttl - low[0]).clamp(0.0, width);
        ([low[1] + slope[0] * share, low[2] + slope[1] * share], slope)
    }
}

/// Chooses TTLs by SLSQP; the best of its starts. There is no bound.
#[must_use]
pub fn slsqp(curves: &[Curve], budget_block_ns: u128) -> Tuned {
    let longest =
        curves.iter().filter_map(|curve| curve.steps().last()).map(|step| step.ttl_ns).max().unwrap_or(0);
    let most: u64 = curves.iter().filter_map(|curve| curve.steps().last()).map(|step| step.hits).sum();
    let start = levelled(curves, budget_block_ns);
    if longest == 0 || most == 0 || budget_block_ns == 0 {
        return start;
    }
    let smooth: Vec<Smooth> =
        curves.iter().map(|it| Smooth::of(it, longest as f64, most as f64, budget_block_ns as f64)).collect();
    let starts = curves.len().saturating_sub(1).isqrt() + 1;
    let centre = start.ttl_ns.iter().copied().max().unwrap_or(0) as f64 / longest as f64;
    let answers = (0..starts).map(|index| {
        let first: Vec<f64> = (0..curves.len()).map(|group| perturbed(centre, index, group)).collect();
        rounded(curves, &optimum(&smooth, &first), longest, budget_block_ns)
    });
    answers.max_by_key(|tuned| tuned.hits).unwrap_or(start)
}

/// The centre for the first start; for others times a factor in 0.25..2 that differs by start and group.
fn perturbed(centre: f64, start: usize, group: usize) -> f64 {
    // Fractions of multiples of the golden ratio spread evenly and need no generator.
    let spread = (start as f64 * 0.618_033_988_75 + group as f64 * 0.754_877_666_25).fract();
    let factor = if start == 0 { 1.0 } else { 0.25 + 1.75 * spread };
    (centre * factor).clamp(0.0, 1.0)
}

/// Where SLSQP ends, whatever its verdict: a failed run still has a point.
fn optimum(smooth: &[Smooth], first: &[f64]) -> Vec<f64> {
    let sum = |ttls: &[f64], gradient: Option<&mut [f64]>, which: usize, sign: f64| {
        let at: Vec<_> = smooth.iter().zip(ttls).map(|(curve, &ttl)| curve.at(ttl)).collect();
        if let Some(gradient) = gradient {
            gradient.iter_mut().zip(&at).for_each(|(slot, (_, slope))| *slot = sign * slope[which]);
        }
        sign * at.iter().map(|(value, _)| value[which]).sum::<f64>()
    };
    let hits = |ttls: &[f64], gradient: Option<&mut [f64]>, _: &mut ()| sum(ttls, gradient, 0, -1.0);
    let over = |ttls: &[f64], gradient: Option<&mut [f64]>, _: &mut ()| sum(ttls, gradient, 1, 1.0) - 1.0;
    let constraints: Vec<&dyn slsqp::Func<()>> = vec![&over];
    let stop = StopTols { ftol_rel: 1e-6, ..StopTols::default() };
    let bounds = vec![(0.0, 1.0); smooth.len()];
    match minimize(hits, first, &bounds, &constraints, (), EVALUATIONS, Some(stop)) {
        Ok((_, ttls, _)) | Err((_, ttls, _)) => ttls,
    }
}

/// TTLs cut down to steps, all shrunk by one factor until they fit.
fn rounded(curves: &[Curve], ttls: &[f64], longest: u64, budget: u128) -> Tuned {
    let at = |factor: f64| {
        let ttl = |share: f64| (factor * share.clamp(0.0, 1.0) * longest as f64) as u64;
        let steps: Vec<usize> =
            curves.iter().zip(ttls).map(|(curve, &share)| curve.step_at_ttl(ttl(share))).collect();
        Tuned::of(curves, &steps, None)
    };
    let whole = at(1.0);
    if whole.storage_block_ns <= budget {
        return whole;
    }
    let (mut fits, mut exceeds) = (0.0, 1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(fits, exceeds);
        if at(middle).storage_block_ns <= budget { fits = middle } else { exceeds = middle }
    }
    at(fits)
}
