//! Random search: points drawn uniformly without replacement. The plainest baseline.

use super::draws::Draws;
use super::{Ask, Reason, Search, SearchSettings};
use crate::archive::Archive;
use crate::space::DesignSpace;

/// Points asked at once.
const CHUNK: usize = 4096;

/// Draws points by a seed.
#[derive(Debug)]
pub(super) struct Random {
    draws: Draws,
}

impl Random {
    pub(super) fn new(space: &DesignSpace, settings: &SearchSettings) -> Self {
        Self { draws: Draws::new(space, settings) }
    }
}

impl Search for Random {
    fn ask(&mut self, _archive: &Archive) -> Ask {
        let points = self.draws.fresh_points(CHUNK);
        if points.is_empty() { Ask::Done(Reason::Exhausted) } else { Ask::Evaluate(points) }
    }
}
