//! Sobol search: a low-discrepancy sequence over the lattice, shifted by the seed.
//!
//! Direction numbers after Joe and Kuo (SIAM J. Sci. Comput. 2008), whose first ten dimensions stand here; further axes
//! are drawn at random. The shift is digital (one XOR per axis), which keeps the sequence's balance. Points that
//! fall on a lattice point twice are passed over.

use rand::RngExt as _;

use super::draws::Draws;
use super::{Ask, Reason, Search, SearchContext, SearchSpec};
use crate::archive::Archive;
use crate::space::Point;

/// Degree and coefficients of the primitive polynomial, and initial direction numbers; the first dimension has none.
const JOE_KUO: [(u32, u32, &[u32]); 9] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
];

/// Points of one ask.
const CHUNK: usize = 16;

/// The row for the registry.
pub(super) const SPEC: SearchSpec = SearchSpec {
    name: "sobol",
    summary: "a shifted Sobol sequence over the lattice",
    source: "Joe and Kuo, SIAM J. Sci. Comput. 2008",
    draws: true,
    params: &[],
    build: |_, context| Box::new(Sobol::new(context)),
};

/// The sequence on a lattice.
#[derive(Debug)]
pub(super) struct Sobol {
    draws: Draws,
    sequence: Sequence,
    /// XORed onto the sequence, one per axis of it.
    shift: Vec<u32>,
}

/// The sequence in the unit cube, as 32-bit fractions.
#[derive(Debug)]
struct Sequence {
    directions: Vec<[u32; 32]>,
    state: Vec<u32>,
    index: u32,
}

impl Sequence {
    /// At most ten dimensions.
    fn new(dimensions: usize) -> Self {
        let first = std::array::from_fn(|bit| 1 << (31 - bit));
        let further =
            JOE_KUO.iter().map(|&(degree, coefficients, initial)| directions(degree, coefficients, initial));
        let directions: Vec<_> = std::iter::once(first).chain(further).take(dimensions).collect();
        Self { state: vec![0; directions.len()], directions, index: 0 }
    }

    /// The next vector, in Gray-code order (Antonov and Saleev 1979): one direction changes per step. The first is 0.
    fn next(&mut self) -> Vec<u32> {
        let vector = self.state.clone();
        let bit = self.index.trailing_ones() as usize;
        for (state, directions) in self.state.iter_mut().zip(&self.directions) {
            *state ^= directions[bit.min(31)];
        }
        self.index = self.index.wrapping_add(1);
        vector
    }
}

/// The direction numbers of one dimension, by the recurrence of its polynomial.
fn directions(degree: u32, coefficients: u32, initial: &[u32]) -> [u32; 32] {
    let degree = degree as usize;
    let mut directions = [0_u32; 32];
    for bit in 0..32 {
        directions[bit] = if bit < degree {
            initial[bit] << (31 - bit)
        } else {
            let start = directions[bit - degree] ^ (directions[bit - degree] >> degree);
            (1..degree).fold(start, |sum, back| {
                let used = (coefficients >> (degree - 1 - back)) & 1;
                sum ^ (used * directions[bit - back])
            })
        };
    }
    directions
}

impl Sobol {
    pub(super) fn new(context: &SearchContext<'_>) -> Self {
        let mut draws = Draws::new(context);
        let sequence = Sequence::new(context.space.axes().len());
        let shift = (0..sequence.directions.len()).map(|_| draws.random.random()).collect();
        Self { draws, sequence, shift }
    }

    /// The lattice point that the next vector of the sequence falls on.
    fn next_point(&mut self) -> Point {
        let mut fractions = self.sequence.next();
        fractions.iter_mut().zip(&self.shift).for_each(|(fraction, shift)| *fraction ^= shift);
        fractions.resize_with(self.draws.space.axes().len(), || self.draws.random.random());
        let scaled = |(fraction, axis): (u32, &crate::space::Axis)| {
            ((u64::from(fraction) * axis.len() as u64) >> 32) as u32
        };
        Point(fractions.into_iter().zip(self.draws.space.axes()).map(scaled).collect())
    }
}

impl Search for Sobol {
    fn ask(&mut self, _archive: &Archive) -> Ask {
        let mut points = Vec::new();
        // The sequence fills a lattice unevenly towards the end: after many misses the rest is drawn at random.
        let mut misses = 0;
        while points.len() < CHUNK && self.draws.left() > 0 {
            let point = self.next_point();
            if self.draws.take(&point) {
                points.push(point);
            } else if misses < 4 * CHUNK {
                misses += 1;
            } else {
                points.extend(self.draws.fresh());
            }
        }
        if points.is_empty() { Ask::Done(Reason::Exhausted) } else { Ask::Evaluate(points) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first 2^k vectors hit each of the 2^k equal intervals of every dimension once.
    #[test]
    fn every_dimension_is_balanced() {
        let mut sequence = Sequence::new(10);
        let vectors: Vec<_> = (0..64).map(|_| sequence.next()).collect();
        for dimension in 0..10 {
            let mut intervals: Vec<u32> = vectors.iter().map(|vector| vector[dimension] >> 26).collect();
            intervals.sort_unstable();
            assert_eq!(intervals, (0..64).collect::<Vec<_>>(), "dimension {dimension}");
        }
    }

    /// The first vectors of two dimensions are known: 0, 1/2 1/2, 3/4 1/4, 1/4 3/4.
    #[test]
    fn first_vectors() {
        let mut sequence = Sequence::new(2);
        let quarters: Vec<Vec<u32>> =
            (0..4).map(|_| sequence.next().iter().map(|x| x >> 30).collect()).collect();
        assert_eq!(quarters, [vec![0, 0], vec![2, 2], vec![3, 1], vec![1, 3]]);
    }
}
