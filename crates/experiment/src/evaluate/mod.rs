//! Evaluates a point of the design space, unchanged or with one thing changed.

mod point;
mod revision;
mod timeline;
mod traces;
mod variation;

pub(crate) use point::{CostBeforehand, PointEvaluator, at_point, figure_names};
pub(crate) use revision::code_revision;
pub(crate) use timeline::{RUN, Started, TimelineEvaluator};
pub(crate) use traces::{RATE, SCENARIO, TRACE, Traces};
pub(crate) use variation::{ASSUMPTION, PARAMETER, RESAMPLE, Variation, VariedEvaluator};
