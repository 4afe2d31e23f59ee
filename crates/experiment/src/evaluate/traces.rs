//! The traces of an experiment after reading, and the trace that each point replays.

use std::sync::Arc;

use kareto::{DesignSpace, Point};
use kv_core::Trace;

/// The axis that chooses a trace.
pub(crate) const TRACE: &str = "trace";
/// The axis of scenarios. In the archive it stands before the other axes. It is not an axis of the search.
pub(crate) const SCENARIO: &str = "scenario";

/// Whether an axis chooses the trace and changes nothing of the system.
pub(crate) fn chooses_trace(axis: &str) -> bool {
    axis == TRACE || axis == SCENARIO
}

/// The traces of an experiment after reading.
pub(crate) struct Traces {
    /// Names and traces. Where there is no axis of traces, there is one trace without a name.
    pub(crate) all: Vec<(String, Arc<Trace>)>,
    /// The place of the axis of traces.
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
