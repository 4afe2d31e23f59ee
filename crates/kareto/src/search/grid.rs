//! The full grid: every point. What all other searches are measured against.

use super::{Ask, Reason, Search, SearchSpec};
use crate::archive::Archive;
use crate::space::DesignSpace;

/// Points asked at once; bounds memory on large spaces.
const CHUNK: usize = 4096;

/// The row for the registry.
pub(super) const SPEC: SearchSpec = SearchSpec {
    name: "full-grid",
    summary: "every point of the space",
    source: "exhaustive search",
    draws: false,
    params: &[],
    build: |_, context| Box::new(FullGrid::new(context.space)),
};

/// Asks for every point in lexicographic order.
#[derive(Debug)]
pub(super) struct FullGrid {
    space: DesignSpace,
    next: usize,
}

impl FullGrid {
    pub(super) fn new(space: &DesignSpace) -> Self {
        Self { space: space.clone(), next: 0 }
    }
}

impl Search for FullGrid {
    fn ask(&mut self, _archive: &Archive) -> Ask {
        if self.next == self.space.size() {
            return Ask::Done(Reason::Exhausted);
        }
        let end = self.space.size().min(self.next + CHUNK);
        let points = (self.next..end).map(|place| self.space.point(place)).collect();
        self.next = end;
        Ask::Evaluate(points)
    }
}
