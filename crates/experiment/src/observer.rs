//! Who is told what a run does, as a progress bar is.

use kareto::{Evaluation, Point};

/// Told what a run does. Calls come from several threads.
pub trait Observer: Sync {
    /// A search, a replay or the like begins; `name` is for people.
    fn begin(&self, _name: &str) {}
    /// So many evaluations more are asked for.
    fn expect(&self, _evaluations: usize) {}
    /// One of them is done, now or in an earlier run.
    fn advance(&self) {}
    /// What began last is over.
    fn end(&self) {}
    /// A line for the user: something is finished, or was left out.
    fn say(&self, _line: &str) {}
}

/// An observer that looks away.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Observer for Silent {}

/// Hands what a search tells to the observer of a run.
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
