//! Replays a recorded run from its header, and compares.

use deployment::Problem;
use kv_core::policy::{Registry, Role};
use tier_sim::engine_run::{Comparison, ReplayPolicies, StepLaw, compare, replay_scenario};
use tier_sim::{Policy, simulate};

use crate::fault::ReplayFault;
use crate::open::Run;
use crate::operators;

/// The factors on operator times between which the one that centres a run is sought.
const SCALES: (f64, f64) = (0.5, 2.0);
/// Each halves what is left of [`SCALES`]: 1.5 / 2^16 is left at last.
const HALVINGS: u32 = 16;

/// Replays recorded runs.
#[derive(Clone)]
pub struct Replayer {
    policies: ReplayPolicies,
}

impl Replayer {
    /// Finds the four policies of replays, which every registry of ours has.
    ///
    /// # Errors
    /// A program without one of them.
    pub fn new(registry: &Registry) -> Result<Self, Problem> {
        let find = |role, name: &str| {
            let spec = registry.find(role, name).copied();
            let spec = spec.ok_or_else(|| {
                Problem::user(format!("this program has no policy `{name}`; replays need it"))
            })?;
            let params = spec.params(&[]).map_err(Problem::user)?;
            Ok::<_, Problem>(Policy { spec, params })
        };
        let policies = ReplayPolicies {
            lru: find(Role::Eviction, "lru")?,
            unlimited: find(Role::Lease, "unlimited")?,
            scheduler: find(Role::Scheduler, "vllm-v1")?,
            router: find(Role::Router, "round-robin")?,
        };
        Ok(Self { policies })
    }

    /// Replays a run. `scale` is a factor on measured operator times; 1 replays them as they are.
    ///
    /// # Errors
    /// [`ReplayFault::Refused`] for a header that no scenario can be made of; operator times that are not there or
    /// wrong; a request that the scenario cannot serve.
    pub fn replay(&self, run: &Run, scale: f64) -> Result<Comparison, ReplayFault> {
        let Run { file, recorded, .. } = run;
        let model = match &recorded.header.step {
            StepLaw::Profile { profile } => Some(operators::load(&run.profiles.join(profile), scale)?),
            StepLaw::Additive { .. } => None,
        };
        let model = |_: &str| Ok(model.expect("loaded for a header with a profile"));
        let scenario = replay_scenario(&recorded.header, &self.policies, model)
            .map_err(|error| ReplayFault::Refused { file: file.clone(), reason: error.to_string() })?;
        let stats = simulate(&scenario, &recorded.trace)
            .map_err(|error| Problem::user(format!("{file}: {error}")))?;
        Ok(compare(recorded, &stats))
    }

    /// The factor on operator times at which the mean end-to-end latency would be exact, by bisection: latency grows with
    /// step times. `None` for a run with a known law.
    ///
    /// # Errors
    /// As [`Self::replay`].
    pub fn centring_scale(&self, run: &Run) -> Result<Option<f64>, ReplayFault> {
        if let StepLaw::Additive { .. } = run.recorded.header.step {
            return Ok(None);
        }
        let (mut low, mut high) = SCALES;
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            let comparison = self.replay(run, middle)?;
            let row = comparison.rows.iter().find(|row| row.figure == "e2e_s_mean");
            match row.and_then(|row| row.error_percent) {
                Some(error) if error > 0.0 => high = middle,
                _ => low = middle,
            }
        }
        Ok(Some(f64::midpoint(low, high)))
    }
}
