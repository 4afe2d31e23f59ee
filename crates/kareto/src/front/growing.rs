//! What one more vector would add to a front: what searches look ahead by.
//!
//! Two measures are asked, and the larger share counts. The hypervolume from the worst of what was evaluated says whether
//! there is more to find at all. The hypervolume in the front's own range, by ratios, sees what a buyer feels: a tenth less
//! cost at one end of a front weighs next to nothing in the first.

use super::hypervolume::{ReferencePoint, hypervolume};
use super::non_dominated;
use super::own_range::OwnRange;
use crate::archive::Archive;

/// How far out a search's reference point lies, as a fraction of each objective's range over what it has evaluated.
pub(crate) const MARGIN: f64 = 0.1;

/// A front that guesses may be added to.
#[derive(Debug, Clone)]
pub(crate) struct GrowingFront {
    vectors: Vec<[f64; 3]>,
    pub(crate) reference: ReferencePoint,
    pub(crate) volume: f64,
    own_range: OwnRange,
}

impl GrowingFront {
    /// The front of an archive, measured from the worst of each objective in it, moved out by [`MARGIN`]; none for an
    /// empty archive.
    pub(crate) fn of(archive: &Archive) -> Option<Self> {
        let reference = ReferencePoint::worst_of(archive, MARGIN)?;
        let all = archive.vectors();
        let vectors: Vec<_> = non_dominated(&all).into_iter().map(|index| all[index]).collect();
        let volume = hypervolume(&vectors, reference);
        Some(Self { own_range: OwnRange::of_ratios(&vectors)?, vectors, reference, volume })
    }

    /// How much hypervolume a vector would add.
    fn adds(&self, vector: [f64; 3]) -> f64 {
        // What is dominated adds nothing, and most points are.
        if self.vectors.iter().any(|known| (0..3).all(|entry| known[entry] <= vector[entry])) {
            return 0.0;
        }
        self.volume_with(&[vector]) - self.volume
    }

    /// The share of the front's hypervolume that a vector would add, by the measure by which that is more.
    pub(crate) fn adds_share(&self, vector: [f64; 3]) -> f64 {
        let from_the_worst = self.adds(vector);
        // What is dominated adds nothing by either.
        if from_the_worst <= 0.0 {
            return 0.0;
        }
        let in_own_range = self.own_range.volume_of(&self.with(&[vector])) - self.own_range.volume;
        (from_the_worst / self.volume).max(in_own_range / self.own_range.volume)
    }

    /// The hypervolume of the front and further vectors.
    pub(crate) fn volume_with(&self, more: &[[f64; 3]]) -> f64 {
        hypervolume(&self.with(more), self.reference)
    }

    fn with(&self, more: &[[f64; 3]]) -> Vec<[f64; 3]> {
        [self.vectors.as_slice(), more].concat()
    }

    /// The share of its hypervolume that the front would lose without a vector, by the measure by which that is more; 0 for a
    /// vector that is not on it.
    pub(crate) fn rests_on(&self, vector: [f64; 3]) -> f64 {
        let is_it = |known: &[f64; 3]| known.iter().zip(&vector).all(|(a, b)| a.total_cmp(b).is_eq());
        let Some(place) = self.vectors.iter().position(is_it) else { return 0.0 };
        let mut others = self.vectors.clone();
        others.swap_remove(place);
        let from_the_worst = (self.volume - hypervolume(&others, self.reference)) / self.volume;
        from_the_worst.max(1.0 - self.own_range.share(&others))
    }

    /// Takes a guess for the truth, so that the next choice of the same ask looks elsewhere.
    pub(crate) fn believe(&mut self, vector: [f64; 3]) {
        self.vectors.push(vector);
        self.volume = hypervolume(&self.vectors, self.reference);
        self.own_range.volume = self.own_range.volume_of(&self.vectors);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::Evaluation;
    use crate::objectives::Objectives;
    use crate::space::Point;

    /// Throughput is the same everywhere, so volumes are areas: corner (4, 40) of 3, 30 moved out by a tenth of ranges
    /// that count as the objectives' sizes.
    #[test]
    fn areas_of_two_steps() {
        let mut archive = Archive::new();
        for (place, ttft, cost) in [(0, 1.0, 30.0), (1, 3.0, 10.0), (2, 3.0, 30.0)] {
            let objectives = Objectives::new(ttft, 5.0, cost).unwrap();
            archive.insert(Point(vec![place]), Evaluation { objectives, metrics: [].into() }).unwrap();
        }
        let mut front = GrowingFront::of(&archive).unwrap();
        assert_eq!(front.reference.0.map(|entry| (entry * 10.0).round() as i64), [33, -45, 330]);
        // Depth 0.5; 2.3 x 3 of the first, 0.3 x 23 of the second, which share 0.3 x 3.
        let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-9, "{found}, {wanted}");
        near(front.volume, 0.5 * (6.9 + 6.9 - 0.9));
        near(front.adds([2.0, -5.0, 20.0]), 0.5 * 10.0);
        // In its own range, by ratios, the front is 2 x 1.1 x 0.1 - 0.1 x 0.1 large, and would lose 0.1. That is more than
        // 6.0 / 12.9 of the area above.
        near(front.rests_on([3.0, -5.0, 10.0]), 0.1 / 0.21);
        // Of the area above it would add 5.0 / 6.45, of its own range only the square between 1, 30 and 3, 10: less.
        near(front.adds_share([2.0, -5.0, 20.0]), 5.0 / 6.45);
        near(front.adds([3.0, -5.0, 30.0]), 0.0);
        near(front.rests_on([3.0, -5.0, 30.0]), 0.0);
        front.believe([2.0, -5.0, 20.0]);
        near(front.volume, 0.5 * 22.9);
        near(front.adds([2.0, -5.0, 20.0]), 0.0);
    }
}
