//! Variations: evaluations with one thing changed. That is the users who came, the speed of links or engine, or the
//! rate of arrivals. Each variation is one evaluation, as any other is.

use deployment::{Deployment, Problem};
use kareto::{Evaluate, EvaluateError, Evaluation, Point};
use kv_core::Trace;
use trace_synth::{resolve_outputs, transform};

use super::point::{PointEvaluator, at_point, evaluation};

/// The axis of resamples. It stands before the archive's other axes.
pub(crate) const RESAMPLE: &str = "resample";
/// The axis of assumptions. It stands before the archive's other axes.
pub(crate) const ASSUMPTION: &str = "assumption";

/// The axis of parameters, each times a factor. It stands before the archive's other axes.
pub(crate) const PARAMETER: &str = "parameter";

/// Links are half and twice as fast: between the share of a shared link and the next generation of a bus.
const LINK_FACTORS: [f64; 2] = [0.5, 2.0];
/// Steps are a fifth shorter, and longer by the inverse factor (1 / 0.8).
const STEP_FACTORS: [f64; 2] = [0.8, 1.25];
/// There are a fifth fewer users, and a fifth more.
const ARRIVAL_FACTORS: [f64; 2] = [0.8, 1.2];

/// One thing that is changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Variation {
    /// Other users of the same kind: as many sessions as the trace has, drawn from it with replacement.
    Resample(u64),
    /// The bandwidth of a tier's links, by the tier's place.
    Links(usize, f64),
    /// The time of every engine step.
    StepTimes(f64),
    /// The number of sessions that arrive.
    Arrivals(f64),
    /// The latency of a tier's links, by the tier's place.
    Latency(usize, f64),
    /// The bandwidth of the link between each GPU and its host.
    HostLink(f64),
    /// The contiguous bytes that one copy between host and GPU moves.
    Fragment(f64),
    /// The pace of the whole trace: think times shrink with it.
    Rate(f64),
}

/// The variation that multiplies a parameter by a factor.
type AtFactor = Box<dyn Fn(f64) -> Variation>;

impl Variation {
    /// The assumptions that are tried, with names.
    pub(crate) fn assumptions(plan: &Deployment) -> Vec<(String, Self)> {
        let links = plan.tiers.iter().enumerate().flat_map(|(place, tier)| {
            LINK_FACTORS.map(|factor| (format!("{}-links-x{factor}", tier.name), Self::Links(place, factor)))
        });
        let steps = STEP_FACTORS.map(|factor| (format!("step-times-x{factor}"), Self::StepTimes(factor)));
        let arrivals = ARRIVAL_FACTORS.map(|factor| (format!("arrivals-x{factor}"), Self::Arrivals(factor)));
        links.chain(steps).chain(arrivals).collect()
    }

    /// Every parameter of a deployment and its load that a simulation depends on, by name, and the variation that
    /// multiplies it.
    pub(crate) fn parameters(plan: &Deployment) -> Vec<(String, AtFactor)> {
        let mut all: Vec<(String, AtFactor)> = Vec::new();
        for (place, tier) in plan.tiers.iter().enumerate() {
            all.push((
                format!("{}-bandwidth", tier.name),
                Box::new(move |factor| Variation::Links(place, factor)),
            ));
            all.push((
                format!("{}-latency", tier.name),
                Box::new(move |factor| Self::Latency(place, factor)),
            ));
        }
        all.push(("host-link".to_owned(), Box::new(Variation::HostLink)));
        all.push(("fragment".to_owned(), Box::new(Self::Fragment)));
        all.push(("step-times".to_owned(), Box::new(Self::StepTimes)));
        all.push(("rate".to_owned(), Box::new(Self::Rate)));
        all.push(("sessions".to_owned(), Box::new(Self::Arrivals)));
        all
    }

    fn change(self, plan: &mut Deployment) -> Result<(), Problem> {
        match self {
            Self::Links(place, factor) => plan.scale_links(place, factor),
            Self::StepTimes(factor) => plan.scale_steps(factor)?,
            Self::Latency(place, factor) => plan.scale_latency(place, factor),
            Self::HostLink(factor) => plan.scale_host_link(factor),
            Self::Fragment(factor) => plan.scale_fragment(factor),
            Self::Resample(_) | Self::Arrivals(_) | Self::Rate(_) => {}
        }
        Ok(())
    }

    /// The changed trace, where the variation changes the trace.
    fn trace(self, trace: &Trace, seed: u64) -> Result<Option<Trace>, Problem> {
        let other = match self {
            Self::Resample(number) => transform::resample_sessions(trace, seed, number),
            Self::Arrivals(factor) => transform::surge(trace, &(0..u64::MAX), factor, seed),
            Self::Rate(factor) => transform::scale_time(trace, 1.0 / factor),
            Self::Links(..)
            | Self::StepTimes(_)
            | Self::Latency(..)
            | Self::HostLink(_)
            | Self::Fragment(_) => return Ok(None),
        };
        let other = other.map_err(Problem::user)?;
        Ok(Some(resolve_outputs(other)))
    }
}

/// Evaluates points of the archive's space with a variation in front.
pub(crate) struct VariedEvaluator<'a> {
    pub(crate) of: PointEvaluator<'a>,
    /// The variations, in the order of their axis.
    pub(crate) variations: &'a [Variation],
}

impl VariedEvaluator<'_> {
    fn evaluation(&self, varied: &Point) -> Result<Evaluation, Problem> {
        let PointEvaluator { base, space, traces, .. } = &self.of;
        let variation = self.variations[varied.0[0] as usize];
        let point = Point(varied.0[1..].to_vec());
        let mut plan = at_point(base, space, &point).map_err(Problem::user)?;
        variation.change(&mut plan)?;
        let trace = traces.of(&point);
        match variation.trace(trace, base.seed)? {
            Some(other) => evaluation(&plan, &other),
            None => evaluation(&plan, trace),
        }
    }
}

impl Evaluate for VariedEvaluator<'_> {
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
        self.evaluation(point).map_err(EvaluateError::new)
    }
}
