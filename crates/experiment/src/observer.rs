//! The observer of a run, such as a progress bar.

use kareto::{Evaluation, Point};
use kv_core::Trace;

/// How much an experiment is expected to do. It only serves to tell how long a run may still take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// Evaluations, also those of an earlier run. A search that ends by itself may need fewer, and one with intervals or
    /// changed parameters needs more.
    pub evaluations: usize,
    /// Work of an evaluation on average: block references of its trace.
    pub each: f64,
}

impl Expected {
    /// Of parts: how many evaluations each has, and on which trace.
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = (usize, &'a Trace)>) -> Self {
        let (mut evaluations, mut work) = (0, 0.0);
        for (count, trace) in parts {
            evaluations += count;
            // Every request costs something, however few blocks its prompt has.
            work += count as f64 * (trace.references() + trace.len()) as f64;
        }
        Self { evaluations, each: work / evaluations.max(1) as f64 }
    }
}

/// A run tells its observer what it does. Calls come from several threads.
pub trait Observer: Sync {
    /// The run begins. It will do these experiments, in this order.
    fn plan(&self, _experiments: &[Expected]) {}
    /// A search, a replay or the like begins. `name` is for people.
    fn begin(&self, _name: &str) {}
    /// The run asks for this many more evaluations.
    fn expect(&self, _evaluations: usize) {}
    /// One of these evaluations is done.
    fn advance(&self) {}
    /// One of these evaluations was done in an earlier run.
    fn reuse(&self) {
        self.advance();
    }
    /// The next experiment of the plan is finished.
    fn finish(&self) {}
    /// The search or replay that began last is over.
    fn end(&self) {}
    /// A line for the user: a part is finished, or a part was left out.
    fn say(&self, _line: &str) {}
}

/// An observer that ignores everything.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Observer for Silent {}

/// Passes the progress of a search on to the observer of a run.
pub(crate) struct Counting<'a>(pub(crate) &'a dyn Observer);

impl kareto::Observer for Counting<'_> {
    fn on_planned(&self, points: &[Point], _known: usize) {
        self.0.expect(points.len());
    }

    fn on_evaluated(&self, _point: &Point, _evaluation: &Evaluation) {
        self.0.advance();
    }

    fn on_reused(&self, _point: &Point, _evaluation: &Evaluation) {
        self.0.reuse();
    }
}
