//! The observer of a run, such as a progress bar.

use kareto::{Evaluation, Point};

/// A run tells its observer what it does. Calls come from several threads.
pub trait Observer: Sync {
    /// A search, a replay or the like begins. `name` is for people.
    fn begin(&self, _name: &str) {}
    /// The run asks for this many more evaluations.
    fn expect(&self, _evaluations: usize) {}
    /// One of these evaluations is done, in this run or in an earlier one.
    fn advance(&self) {}
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
        self.0.advance();
    }
}
