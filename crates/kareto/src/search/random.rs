//! Random search: points drawn uniformly without replacement. The plainest baseline.

use super::draws::Draws;
use super::{Ask, Reason, Search, SearchContext, SearchSpec};
use crate::archive::Archive;

/// Points asked at once.
const CHUNK: usize = 4096;

/// The row for the registry.
pub(super) const SPEC: SearchSpec = SearchSpec {
    name: "random",
    summary: "points drawn without replacement",
    source: "Bergstra and Bengio, JMLR 2012",
    draws: true,
    params: &[],
    build: |_, context| Box::new(Random::new(context)),
};

/// Draws points by a seed.
#[derive(Debug)]
pub(super) struct Random {
    draws: Draws,
}

impl Random {
    pub(super) fn new(context: &SearchContext<'_>) -> Self {
        Self { draws: Draws::new(context) }
    }
}

impl Search for Random {
    fn ask(&mut self, _archive: &Archive) -> Ask {
        let points = self.draws.fresh_points(CHUNK);
        if points.is_empty() { Ask::Done(Reason::Exhausted) } else { Ask::Evaluate(points) }
    }
}
