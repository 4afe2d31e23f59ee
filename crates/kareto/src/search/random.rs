//! Random search: points drawn uniformly without replacement. The plainest baseline.

use std::collections::BTreeSet;

use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{Ask, Reason, Search, SearchSettings};
use crate::archive::Archive;
use crate::space::DesignSpace;

/// Points asked at once.
const CHUNK: usize = 4096;

/// Draws points by a seed.
#[derive(Debug)]
pub(super) struct Random {
    space: DesignSpace,
    random: Xoshiro256PlusPlus,
    drawn: BTreeSet<usize>,
    most: usize,
}

impl Random {
    pub(super) fn new(space: &DesignSpace, settings: &SearchSettings) -> Self {
        let random = Xoshiro256PlusPlus::seed_from_u64(settings.seed);
        let most = settings.evaluations.unwrap_or(space.size()).min(space.size());
        Self { space: space.clone(), random, drawn: BTreeSet::new(), most }
    }

    /// A place that was not drawn before: the k-th free one, which keeps the last draws of a full space cheap.
    fn draw(&mut self) -> usize {
        let mut place = self.random.random_range(0..self.space.size() - self.drawn.len());
        for &taken in &self.drawn {
            if taken > place {
                break;
            }
            place += 1;
        }
        self.drawn.insert(place);
        place
    }
}

impl Search for Random {
    fn ask(&mut self, _archive: &Archive) -> Ask {
        let count = CHUNK.min(self.most - self.drawn.len());
        if count == 0 {
            return Ask::Done(if self.most == self.space.size() {
                Reason::Exhausted
            } else {
                Reason::Converged
            });
        }
        let places: Vec<usize> = (0..count).map(|_| self.draw()).collect();
        Ask::Evaluate(places.into_iter().map(|place| self.space.point(place)).collect())
    }
}
