//! The traces of an experiment after reading, and the trace that each point replays.

use std::sync::Arc;

use kareto::{DesignSpace, Point};
use kv_core::Trace;

/// The axis that chooses a trace.
pub(crate) const TRACE: &str = "trace";
/// The axis of the rates at which every trace is replayed.
pub(crate) const RATE: &str = "rate";
/// The axis of scenarios. In the archive it stands before the other axes. It is not an axis of the search.
pub(crate) const SCENARIO: &str = "scenario";

/// Whether an axis chooses the trace and changes nothing of the system.
pub(crate) fn chooses_trace(axis: &str) -> bool {
    [TRACE, RATE, SCENARIO].contains(&axis)
}

/// The traces of an experiment after reading.
pub(crate) struct Traces {
    /// Names and traces; the last of their axes moves fastest. Where there is no such axis, there is one trace without a
    /// name.
    pub(crate) all: Vec<(String, Arc<Trace>)>,
    /// The places of the axes that choose the trace, and how many traces lie between two settings.
    axes: Vec<(usize, usize)>,
}

impl Traces {
    /// Traces in the order of their axes.
    ///
    /// `space` is the archive's.
    pub(crate) fn new(all: Vec<(String, Arc<Trace>)>, space: &DesignSpace) -> Self {
        let (mut axes, mut between) = (Vec::new(), 1);
        for (place, axis) in
            space.axes().iter().enumerate().rev().filter(|(_, axis)| chooses_trace(&axis.name))
        {
            axes.push((place, between));
            between *= axis.len();
        }
        Self { all, axes }
    }

    /// One trace, without an axis.
    pub(crate) fn one(trace: Arc<Trace>) -> Self {
        Self { all: vec![(String::new(), trace)], axes: Vec::new() }
    }

    /// The trace that a point replays.
    pub(crate) fn of(&self, point: &Point) -> &Trace {
        let place = self.axes.iter().map(|&(axis, between)| point.0[axis] as usize * between).sum::<usize>();
        &self.all[place].1
    }
}
