//! The hypervolume: how much of the space below a reference point a set of objective vectors dominates.
//!
//! Exact for three objectives, by a sweep over the third with a staircase in the other two: O(n log n) searches and
//! at most n moves per insertion (dimension sweep after Fonseca, Paquete and Lopez-Ibanez, CEC 2006). Ratios of
//! hypervolumes do not change when an objective is rescaled, as long as the reference point is rescaled with it.

use super::staircase::Staircase;
use super::sweep_order;
use crate::archive::Archive;

/// The least range of an objective, as a fraction of its size. Throughput that the arrivals dictate differs by less than
/// a thousandth between configurations, by when the last request happens to end: scaled to its own range, that alone
/// would decide which configurations are on the front.
pub const LEAST_RANGE: f64 = 1.0;

/// The corner that a hypervolume is measured from, in minimised objectives: TTFT, minus throughput, cost, unless a search
/// is told others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReferencePoint(pub [f64; 3]);

impl ReferencePoint {
    /// The worst value of every objective over an archive, moved outward by `margin` of the objective's range.
    ///
    /// With a margin the extreme points of the front count too. A range counts as at least [`LEAST_RANGE`] of the
    /// objective's size: one that hardly varies should not be stretched until its noise decides. None for an empty
    /// archive.
    #[must_use]
    pub fn worst_of(archive: &Archive, margin: f64) -> Option<Self> {
        let vectors = archive.vectors();
        let first = *vectors.first()?;
        let (mut best, mut worst) = (first, first);
        for vector in &vectors {
            for axis in 0..3 {
                best[axis] = best[axis].min(vector[axis]);
                worst[axis] = worst[axis].max(vector[axis]);
            }
        }
        let count = archive.objectives().count();
        Some(Self([0, 1, 2].map(|axis| {
            // Of two objectives the third entry is 0 everywhere: a depth of 1 leaves areas as they are.
            if axis >= count {
                return 1.0;
            }
            let size = worst[axis].abs().max(best[axis].abs()).max(f64::MIN_POSITIVE);
            let range = (worst[axis] - best[axis]).max(LEAST_RANGE * size);
            worst[axis] + margin * range
        })))
    }
}

/// Hypervolume of vectors of which less is better. Vectors that are not below the reference in all entries add nothing.
#[must_use]
pub fn hypervolume(vectors: &[[f64; 3]], reference: ReferencePoint) -> f64 {
    let ReferencePoint(corner) = reference;
    let mut inside: Vec<_> =
        vectors.iter().filter(|v| v.iter().zip(&corner).all(|(value, worst)| value < worst)).collect();
    inside.sort_by(|a, b| sweep_order(a, b));
    let mut stairs = Staircase::default();
    let (mut area, mut volume) = (0.0, 0.0);
    let mut floor = corner[2];
    for &&[x, y, z] in &inside {
        volume += area * (z - floor).max(0.0);
        floor = z;
        if let Some(insertion) = stairs.insert(x, y) {
            area += insertion.area((x, y), (corner[0], corner[1]));
        }
    }
    volume + area * (corner[2] - floor)
}
