//! The matrix products of a model's engine steps on the GPU at hand, against the step times that the simulator uses.
//!
//! A [`Step`] becomes [`Piece`]s: the dense products of a layer at so many tokens, and attention. Each piece is timed alone, by
//! events, over layers with weights and KV of their own, and a step's time is the sum over its pieces and layers. Nothing
//! else of a step is measured; [`Report::missing`] names it.

mod compare;
#[cfg(feature = "cuda")]
mod cublas;
#[cfg(feature = "cuda")]
mod gpu;
mod piece;
mod report;
mod shape;
mod show;
mod step;
#[cfg(test)]
mod tests;

pub use piece::{Operation, Piece, Product, pieces};
pub use report::{OperationTime, Report, StepTime, Summary};
pub use shape::Shape;
pub use step::{Step, StepType, steps};

use tier_sim::step::StepModel;

use crate::clock::{Start, today};
use crate::machine::{GpuFacts, Machine};
use crate::{Error, State};

/// What is measured, and against what.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Name of the model.
    pub model: String,
    /// Its sizes.
    pub shape: Shape,
    /// GPUs of an instance. One GPU's part is measured.
    pub gpus: u32,
    /// Name of the GPU that the profile is of.
    pub gpu_name: String,
    /// Name of the profile.
    pub profile: String,
    /// Where its times are from.
    pub profile_source: String,
    /// Its times of whole steps.
    pub step: StepModel,
    /// The same without the host's time.
    pub kernels: StepModel,
    /// Which GPU measures, counted from 0.
    pub ordinal: u32,
}

/// Takes the time of pieces.
pub(crate) trait Timer {
    /// Times of the piece for one layer \[s\], at least one.
    fn seconds(&mut self, piece: &Piece) -> Result<Vec<f64>, Error>;
}

/// A timer, or why there is none, and what is known of the GPU and its library.
struct Found {
    gpu: Option<GpuFacts>,
    library: Option<String>,
    timer: Result<Box<dyn Timer>, String>,
}

/// Measures and compares.
///
/// # Errors
/// [`Error::Choice`] where the model cannot be spread over so many GPUs. Whatever else goes wrong stands in the report.
pub fn run(question: &Question) -> Result<Report, Error> {
    let shard = question.shape.shard(question.gpus)?;
    let (machine, date, start) = (Machine::look(), today(), Start::now());
    let mut report = Report::new(question, shard, machine, date);
    match find(question, &shard) {
        Ok(found) => {
            report.gpu = found.gpu;
            report.library = found.library;
            match found.timer {
                Ok(mut timer) => {
                    let memory = report.gpu.as_ref().map_or(0, |gpu| gpu.memory_bytes);
                    if let Err(error) = report.fill(question, &mut *timer, memory) {
                        report.state = State::Failed(error.to_string());
                    }
                }
                Err(why) => report.state = State::Absent(why),
            }
        }
        Err(error) => report.state = State::Failed(error.to_string()),
    }
    report.seconds = start.elapsed_s();
    Ok(report)
}

#[cfg(feature = "cuda")]
fn find(question: &Question, shard: &Shape) -> Result<Found, Error> {
    use crate::cuda::Gpu;
    let gpu = match Gpu::open(question.ordinal) {
        Ok(gpu) => gpu,
        Err(absent) => return Ok(Found { gpu: None, library: None, timer: Err(absent.to_string()) }),
    };
    let facts = Some(gpu.facts().clone());
    let wanted = compare::fitting(shard, gpu.facts().memory_bytes).0;
    let all: Vec<Piece> = wanted.iter().flat_map(|step| pieces(shard, step)).collect();
    Ok(match gpu::GpuTimer::new(gpu, &all)? {
        Ok(timer) => Found { gpu: facts, library: Some(timer.library()), timer: Ok(Box::new(timer)) },
        Err(absent) => Found { gpu: facts, library: None, timer: Err(absent.to_string()) },
    })
}

#[cfg(not(feature = "cuda"))]
fn find(_: &Question, _: &Shape) -> Result<Found, Error> {
    let why = "this program was built without CUDA (feature `cuda`)".to_owned();
    Ok(Found { gpu: None, library: None, timer: Err(why) })
}
