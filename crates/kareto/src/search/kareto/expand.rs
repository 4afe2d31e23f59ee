//! Step 2 of `kareto`: from every point that matters, each axis is followed in coarse steps until a step gains too little.

use std::collections::BTreeMap;

use crate::archive::Archive;
use crate::front::growing::GrowingFront;
use crate::search::coarse::CoarseGrid;
use crate::search::halving::BATCH;
use crate::space::Point;

/// The coarse points to evaluate next, most promising first; empty when expansion is over.
///
/// Wanted are the neighbours, a coarse step away, of every point that the front rests on by at least `worth` of its
/// hypervolume: the more it rests on one, the earlier. Not wanted is a point to which any axis says
/// stop: where the last step towards it, between two evaluated points, gained less than `tau_e`.
pub(super) fn expansion(
    grid: &CoarseGrid,
    archive: &Archive,
    front: &GrowingFront,
    tau_e: f64,
    worth: f64,
) -> Vec<Point> {
    let mut wanted: BTreeMap<Point, f64> = BTreeMap::new();
    for (point, evaluation) in archive.iter() {
        let share = front.rests_on(archive.vector(evaluation));
        if share < worth || share <= 0.0 {
            continue;
        }
        for (axis, ahead) in grid.directions() {
            let Some(next) = grid.step(point, axis, ahead).filter(|next| !archive.contains(next)) else {
                continue;
            };
            if !grid.is_stopped(&next, archive, tau_e) {
                let known = wanted.entry(next).or_insert(share);
                *known = known.max(share);
            }
        }
    }
    let mut wanted: Vec<(Point, f64)> = wanted.into_iter().collect();
    wanted.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    wanted.into_iter().take(BATCH).map(|(point, _)| point).collect()
}
