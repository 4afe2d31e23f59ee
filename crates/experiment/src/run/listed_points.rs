//! A search that asks for given points.

use kareto::{Archive, Ask, Point, Reason, Search};

/// Asks for given points, once.
pub(super) struct Listed(pub(super) Vec<Point>);

impl Search for Listed {
    fn ask(&mut self, _archive: &Archive) -> Ask {
        match std::mem::take(&mut self.0) {
            points if points.is_empty() => Ask::Done(Reason::Converged),
            points => Ask::Evaluate(points),
        }
    }
}
