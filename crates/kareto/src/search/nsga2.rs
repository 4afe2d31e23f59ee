//! NSGA-II on the lattice (Deb et al., IEEE TEC 2002): the evolutionary baseline.
//!
//! Tournaments by layer and crowding, uniform crossover, steps along ordered axes as mutation. Every child is a point
//! not asked before, for an evaluation that is repeated tells nothing here; so the search goes on until the space is
//! full or the budget spent.

use super::draws::Draws;
use super::{Ask, Reason, Search, SearchContext, SearchSpec};
use crate::archive::Archive;
use crate::front::ranking::best_first;
use crate::space::Point;

/// Size of the population and of each generation of children.
const POPULATION: usize = 20;
/// Attempts to breed a new point before one is drawn at random.
const ATTEMPTS: usize = 20;

/// The row for the registry.
pub(super) const SPEC: SearchSpec = SearchSpec {
    name: "nsga2",
    summary: "NSGA-II with a population of 20",
    source: "Deb et al., IEEE TEC 2002",
    draws: true,
    params: &[],
    build: |_, context| Box::new(Nsga2::new(context)),
};

/// The search.
#[derive(Debug)]
pub(super) struct Nsga2 {
    draws: Draws,
    /// The parents, best first.
    parents: Vec<Point>,
    children: Vec<Point>,
}

impl Nsga2 {
    pub(super) fn new(context: &SearchContext<'_>) -> Self {
        Self { draws: Draws::new(context), parents: Vec::new(), children: Vec::new() }
    }

    /// Keeps the best of parents and children.
    fn select(&mut self, archive: &Archive) {
        let mut all = std::mem::take(&mut self.parents);
        all.append(&mut self.children);
        all.retain(|point| archive.contains(point));
        let vectors: Vec<_> =
            all.iter().filter_map(|point| archive.get(point)).map(|it| archive.vector(it)).collect();
        self.parents =
            best_first(&vectors).into_iter().take(POPULATION).map(|index| all[index].clone()).collect();
    }

    /// A point not asked before, bred if possible; none if nothing is left.
    fn child(&mut self) -> Option<Point> {
        for _ in 0..ATTEMPTS {
            let (mother, father) = (self.tournament(), self.tournament());
            let mut child = Point(mother.0.clone());
            for axis in 0..child.0.len() {
                if self.draws.chance(0.5) {
                    child.0[axis] = father.0[axis];
                }
            }
            self.mutate(&mut child);
            if self.draws.take(&child) {
                return Some(child);
            }
        }
        self.draws.fresh()
    }

    /// The better of two parents drawn at random.
    fn tournament(&mut self) -> Point {
        let count = self.parents.len();
        let winner = self.draws.below(count).min(self.draws.below(count));
        self.parents[winner].clone()
    }

    /// Changes each axis with probability one over the number of axes: a step of a few positions, or any category.
    fn mutate(&mut self, child: &mut Point) {
        let axes = child.0.len();
        for axis in 0..axes {
            if !self.draws.chance(1.0 / axes as f64) {
                continue;
            }
            let (len, ordered) =
                (self.draws.space.axes()[axis].len(), self.draws.space.axes()[axis].is_ordered());
            if ordered {
                let step = 1 + self.draws.below(len.div_ceil(8)) as i64;
                let step = if self.draws.chance(0.5) { step } else { -step };
                child.0[axis] = (i64::from(child.0[axis]) + step).clamp(0, len as i64 - 1) as u32;
            } else {
                child.0[axis] = self.draws.below(len) as u32;
            }
        }
    }
}

impl Search for Nsga2 {
    fn ask(&mut self, archive: &Archive) -> Ask {
        self.select(archive);
        self.children = if self.parents.is_empty() {
            self.draws.fresh_points(POPULATION)
        } else {
            (0..POPULATION).map_while(|_| self.child()).collect()
        };
        if self.children.is_empty() {
            Ask::Done(Reason::Exhausted)
        } else {
            Ask::Evaluate(self.children.clone())
        }
    }
}
