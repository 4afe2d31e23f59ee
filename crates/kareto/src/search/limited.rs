//! A limit on the number of evaluations, put around any search.

use std::collections::BTreeSet;

use super::{Ask, Certificate, Reason, Search, SkipReason, Skipped};
use crate::archive::Archive;
use crate::space::DesignSpace;

/// Passes on what a search asks until the allowed number is reached.
pub(super) struct Limited {
    search: Box<dyn Search>,
    space: DesignSpace,
    evaluations: usize,
}

impl Limited {
    pub(super) fn new(search: Box<dyn Search>, space: &DesignSpace, evaluations: usize) -> Self {
        Self { search, space: space.clone(), evaluations }
    }
}

impl Search for Limited {
    fn ask(&mut self, archive: &Archive) -> Ask {
        let left = self.evaluations.saturating_sub(archive.len());
        if left == 0 {
            return Ask::Done(Reason::Budget { evaluations: self.evaluations });
        }
        match self.search.ask(archive) {
            Ask::Evaluate(points) => {
                let mut seen = BTreeSet::new();
                let fresh = points.into_iter().filter(|p| !archive.contains(p) && seen.insert(p.clone()));
                Ask::Evaluate(fresh.take(left).collect())
            }
            done @ Ask::Done(_) => done,
        }
    }

    fn skipped(&self, archive: &Archive) -> Skipped {
        let skipped = self.search.skipped(archive);
        if archive.len() < self.evaluations {
            return skipped;
        }
        skipped.stopped(&self.space, SkipReason::budget(self.evaluations))
    }

    fn certificate(&self, archive: &Archive) -> Option<Certificate> {
        self.search.certificate(archive)
    }
}
