//! A box of the lattice in parts, one around each of some points: what is near to which point, in few words.

use crate::space::Point;

/// The corners of a box: its first and its last point.
pub(super) type Corners = [Point; 2];

/// Cuts a box into parts with one of the points in each, and says of each part which one by its place in the list. Of
/// points at the same place the first counts; without points there are no parts.
///
/// A part with several points is cut across its widest axis, halfway between the two points in the middle.
pub(super) fn parts(within: Corners, points: &[&Point]) -> Vec<(Corners, usize)> {
    let mut parts = Vec::new();
    if !points.is_empty() {
        cut(within, (0..points.len()).collect(), points, &mut parts);
    }
    parts
}

fn cut(within: Corners, inside: Vec<usize>, points: &[&Point], parts: &mut Vec<(Corners, usize)>) {
    let along = |axis: usize| inside.iter().map(move |&place| points[place].0[axis]);
    let width = |axis: usize| along(axis).max().unwrap_or(0) - along(axis).min().unwrap_or(0);
    let widest = (0..within[0].0.len()).rev().max_by_key(|&axis| width(axis)).filter(|&axis| width(axis) > 0);
    let Some(axis) = widest else { return parts.push((within, inside[0])) };
    let mut positions: Vec<u32> = along(axis).collect();
    positions.sort_unstable();
    positions.dedup();
    let middle = positions.len() / 2;
    let last_below = positions[middle - 1].midpoint(positions[middle]);
    let (below, above) = inside.into_iter().partition(|&place| points[place].0[axis] <= last_below);
    let [mut lower, mut upper] = [within.clone(), within];
    lower[1].0[axis] = last_below;
    upper[0].0[axis] = last_below + 1;
    cut(lower, below, points, parts);
    cut(upper, above, points, parts);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_one_point_and_together_they_are_the_box() {
        let points = [[0, 0], [9, 9], [9, 0], [4, 0], [9, 9]].map(|at: [u32; 2]| Point(at.to_vec()));
        let found = parts([Point(vec![0, 0]), Point(vec![9, 9])], &points.each_ref());
        let told: Vec<String> =
            found.iter().map(|([first, last], place)| format!("{first}-{last} {place}")).collect();
        assert_eq!(told, ["[0 0]-[2 9] 0", "[3 0]-[6 4] 3", "[7 0]-[9 4] 2", "[3 5]-[9 9] 1"]);
        assert!(parts([Point(vec![0]), Point(vec![3])], &[]).is_empty());
    }
}
