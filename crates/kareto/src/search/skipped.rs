//! The points that a finished search did not ask for, as boxes of the lattice with a reason each. There are as many boxes
//! as the search had reasons: their number follows the evaluations, not the size of the space.

use std::sync::Arc;

use super::SkipReason;
use crate::archive::Archive;
use crate::space::{DesignSpace, Point};

/// A box of the lattice and the reason that speaks against its points.
#[derive(Debug, Clone, PartialEq)]
pub struct SkippedBox {
    /// The least position on every axis.
    pub first: Point,
    /// The largest position on every axis.
    pub last: Point,
    /// Why its points were not asked for.
    pub reason: Arc<SkipReason>,
}

impl SkippedBox {
    /// The box between two points, both included.
    #[must_use]
    pub fn new([first, last]: [Point; 2], reason: SkipReason) -> Self {
        Self { first, last, reason: Arc::new(reason) }
    }

    /// Whether a point lies in the box.
    #[must_use]
    pub fn has(&self, point: &Point) -> bool {
        point.is_between(&self.first, &self.last)
    }

    /// How many points of the lattice it has; none where its first point lies beyond its last.
    #[must_use]
    pub fn points(&self) -> u64 {
        let along = |(first, last): (&u32, &u32)| (u64::from(*last) + 1).saturating_sub(u64::from(*first));
        self.first.0.iter().zip(&self.last.0).map(along).fold(1, u64::saturating_mul)
    }

    /// Its points, in the order of the space.
    fn all(&self) -> impl Iterator<Item = Point> + '_ {
        (0..self.points()).map(|mut place| {
            let mut point = self.first.clone();
            for ((at, first), last) in point.0.iter_mut().zip(&self.first.0).zip(&self.last.0).rev() {
                let length = u64::from(last - first) + 1;
                *at += (place % length) as u32;
                place /= length;
            }
            point
        })
    }
}

/// Why points were not asked for: boxes in an order. The first box that has a point speaks for it, and no box speaks
/// for a point that was evaluated.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Skipped {
    boxes: Vec<SkippedBox>,
}

/// Up to this size it is looked for each point of a box whether another box speaks for it.
const SMALL: u64 = 256;

impl Skipped {
    /// Boxes, the first of them before all others.
    #[must_use]
    pub fn new(boxes: Vec<SkippedBox>) -> Self {
        Self { boxes }
    }

    /// One reason for all that is not evaluated.
    #[must_use]
    pub fn all(space: &DesignSpace, reason: SkipReason) -> Self {
        Self::new(vec![SkippedBox::new(space.corners(), reason)])
    }

    /// The boxes in their order.
    #[must_use]
    pub fn boxes(&self) -> &[SkippedBox] {
        &self.boxes
    }

    /// Why a point that was not evaluated was not asked for, as far as there is a reason.
    #[must_use]
    pub fn reason(&self, point: &Point) -> Option<&SkipReason> {
        self.boxes.iter().find(|it| it.has(point)).map(|it| &*it.reason)
    }

    /// The same where the search was stopped: reasons that are not final give way to `stopped`, which also speaks for all
    /// points without a reason.
    pub(super) fn stopped(mut self, space: &DesignSpace, stopped: SkipReason) -> Self {
        let stopped = Arc::new(stopped);
        for it in self.boxes.iter_mut().filter(|it| !it.reason.is_final) {
            it.reason = Arc::clone(&stopped);
        }
        let [first, last] = space.corners();
        self.boxes.push(SkippedBox { first, last, reason: stopped });
        self
    }

    /// Without the boxes that speak for no point, as far as that is seen at little cost: boxes in which everything is
    /// evaluated, and small ones whose other points have an earlier box.
    pub(super) fn of_unasked(self, archive: &Archive) -> Self {
        let mut kept: Vec<SkippedBox> = Vec::new();
        for it in self.boxes {
            let speaks = match it.points() {
                0 => false,
                1..=SMALL => it
                    .all()
                    .any(|point| !archive.contains(&point) && !kept.iter().any(|other| other.has(&point))),
                points => (archive.iter().filter(|(point, _)| it.has(point)).count() as u64) < points,
            };
            if speaks {
                kept.push(it);
            }
        }
        Self::new(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::Evaluation;
    use crate::objectives::Objectives;
    use crate::space::Axis;

    fn at(positions: [u32; 2]) -> Point {
        Point(positions.to_vec())
    }

    #[test]
    fn the_first_box_speaks_and_one_that_says_nothing_goes() {
        let axis = |name: &str| Axis::stepped(name, 0, 2, 1).unwrap();
        let space = DesignSpace::new(vec![axis("a"), axis("b")]).unwrap();
        let because = |rule: &'static str| SkipReason::new(rule, rule.to_owned());
        let mut open = because("open");
        open.is_final = false;
        let boxes = vec![
            SkippedBox::new([at([0, 1]), at([1, 2])], open),
            SkippedBox::new([at([1, 0]), at([1, 0])], because("evaluated")),
            SkippedBox::new([at([1, 1]), at([1, 2])], because("hidden")),
            SkippedBox::new([at([2, 1]), at([2, 0])], because("empty")),
        ];
        let mut archive = Archive::new();
        let objectives = Objectives::new(1.0, 1.0, 1.0).unwrap();
        archive.insert(at([1, 0]), Evaluation { objectives, metrics: [].into() }).unwrap();
        let skipped = Skipped::new(boxes.clone()).of_unasked(&archive);
        assert_eq!(skipped.boxes(), &boxes[..1]);
        let rule = |skipped: &Skipped, point| skipped.reason(&at(point)).map(|reason| reason.rule);
        assert_eq!((rule(&skipped, [1, 2]), rule(&skipped, [2, 2])), (Some("open"), None));
        let stopped = skipped.stopped(&space, because("budget")).of_unasked(&archive);
        assert_eq!((rule(&stopped, [1, 2]), rule(&stopped, [2, 2])), (Some("budget"), Some("budget")));
        assert_eq!(stopped.boxes().len(), 2);
    }
}
