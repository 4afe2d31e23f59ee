//! The step times that a simulation would use, for whoever compares them with measured ones.

use tier_sim::step::StepModel;

use crate::data::{self, Gpu, Model, Profile};
use crate::hardware::of_default_engine;
use crate::problem::Problem;

/// A profile as the simulator reads it.
#[derive(Debug, Clone)]
pub struct StepTimes {
    /// Name of the profile.
    pub profile: String,
    /// Its engine.
    pub engine: String,
    /// Where its times are from.
    pub source: String,
    /// Times of whole steps.
    pub step: StepModel,
    /// The same without the host's own time between steps.
    pub kernels: StepModel,
}

impl StepTimes {
    /// The step times of a model on so many GPUs: those of `profile` (a name or a file), or else those that a deployment
    /// without a profile would have. `gpu` is the name or file of a GPU.
    ///
    /// # Errors
    /// An unknown name, a file that cannot be read, or no profile of this model on these GPUs.
    pub fn find(model: &Model, gpu: &str, gpus: u32, profile: Option<&str>) -> Result<Self, Problem> {
        let gpu: Gpu = data::load(gpu, None)?;
        model.heads_fit(gpus).map_err(Problem::user)?;
        let profile = match profile {
            None => of_default_engine(model, &gpu, gpus)?.map_err(Problem::user)?,
            Some(name) => data::load::<Profile>(name, None)?,
        };
        if !profile.is_of(model, &gpu, gpus) {
            return Err(Problem::user(profile.is_not_of(model, &gpu, gpus)));
        }
        let step = profile.step_model(1.0).map_err(Problem::user)?;
        let kernels = profile.kernel_model().map_err(Problem::user)?;
        let Profile { name, engine, source, .. } = profile;
        Ok(Self { profile: name, engine, source, step, kernels })
    }
}
