//! Seeded draws of points that were not drawn before; what the searches that draw have in common.

use std::collections::BTreeSet;

use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::SearchContext;
use crate::space::{DesignSpace, Point};

/// A random number generator and the places of the space that are taken.
#[derive(Debug)]
pub(super) struct Draws {
    pub(super) space: DesignSpace,
    pub(super) random: Xoshiro256PlusPlus,
    taken: BTreeSet<usize>,
    most: usize,
}

impl Draws {
    pub(super) fn new(context: &SearchContext<'_>) -> Self {
        let random = Xoshiro256PlusPlus::seed_from_u64(context.seed);
        Self { space: context.space.clone(), random, taken: BTreeSet::new(), most: context.most() }
    }

    /// How many more points may be drawn.
    pub(super) fn left(&self) -> usize {
        self.most - self.taken.len()
    }

    /// Whether the point of this place was not taken.
    pub(super) fn is_free(&self, place: usize) -> bool {
        !self.taken.contains(&place)
    }

    /// Takes a point; false if it was taken before or nothing is left.
    pub(super) fn take(&mut self, point: &Point) -> bool {
        self.left() > 0 && self.taken.insert(self.space.place(point))
    }

    /// Takes a uniformly drawn point that was not taken before; none if nothing is left.
    pub(super) fn fresh(&mut self) -> Option<Point> {
        if self.left() == 0 {
            return None;
        }
        // The k-th free place, so that the last draws of a nearly full space are as cheap as the first.
        let mut place = self.random.random_range(0..self.space.size() - self.taken.len());
        for &taken in &self.taken {
            if taken > place {
                break;
            }
            place += 1;
        }
        self.taken.insert(place);
        Some(self.space.point(place))
    }

    /// Takes up to `count` uniformly drawn points.
    pub(super) fn fresh_points(&mut self, count: usize) -> Vec<Point> {
        (0..count).map_while(|_| self.fresh()).collect()
    }

    /// A whole number below `end`, uniformly.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.random.random_range(0..end)
    }

    /// Whether an event of this probability happens.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.random.random_bool(probability)
    }
}
