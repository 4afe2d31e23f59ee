//! The traces of an experiment, read, and which of them a point replays.

use std::sync::Arc;

use kareto::{DesignSpace, Point};
use kv_core::Trace;

/// The axis that chooses a trace.
pub(crate) const TRACE: &str = "trace";
/// The axis of scenarios. It is in front of the others in the archive, and no axis of the search.
pub(crate) const SCENARIO: &str = "scenario";

/// Whether an axis chooses what is replayed, and nothing of the system.
pub(crate) fn chooses_trace(axis: &str) -> bool {
    axis == TRACE || axis == SCENARIO
}

/// The traces of an experiment, read.
pub(crate) struct Traces {
    /// Names and traces; one without a name where there is no axis of them.
    pub(crate) all: Vec<(String, Arc<Trace>)>,
    /// Place of the axis.
    axis: Option<usize>,
}

impl Traces {
    /// Traces in the order of their axis.
    ///
    /// `space` is the archive's.
    pub(crate) fn new(all: Vec<(String, Arc<Trace>)>, space: &DesignSpace) -> Self {
        Self { all, axis: space.axes().iter().position(|axis| chooses_trace(&axis.name)) }
    }

    /// One trace, without an axis.
    pub(crate) fn one(trace: Arc<Trace>) -> Self {
        Self { all: vec![(String::new(), trace)], axis: None }
    }

    /// The trace that a point replays.
    pub(crate) fn of(&self, point: &Point) -> &Trace {
        &self.all[self.axis.map_or(0, |axis| point.0[axis] as usize)].1
    }
}
