//! Where searches begin: what no storage gives, what all of it gives, and each kind alone at its most.

use std::collections::BTreeSet;

use crate::space::{DesignSpace, Point};

/// The ends of the ordered axes, for every combination of categories: all at their first value, all at their last, and
/// each at its last with the others at their first. In the order of the space.
pub(super) fn ends(space: &DesignSpace) -> Vec<Point> {
    let mut combinations = vec![Vec::new()];
    for axis in space.axes() {
        let positions = if axis.is_ordered() { 1 } else { axis.len() as u32 };
        let with = |at: Vec<u32>| (0..positions).map(move |position| [at.as_slice(), &[position]].concat());
        combinations = combinations.into_iter().flat_map(with).collect();
    }
    let last = |axis: usize| space.axes()[axis].len() as u32 - 1;
    let ordered: Vec<usize> =
        (0..space.axes().len()).filter(|&axis| space.axes()[axis].is_ordered()).collect();
    let mut found = BTreeSet::new();
    for least in combinations {
        let mut most = least.clone();
        for &axis in &ordered {
            let mut alone = least.clone();
            (alone[axis], most[axis]) = (last(axis), last(axis));
            found.insert(Point(alone));
        }
        found.extend([Point(least), Point(most)]);
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Axis;

    #[test]
    fn of_three_sizes_and_a_category() {
        let size = |name: &str| Axis::stepped(name, 0, 4, 1).unwrap();
        let medium = Axis::categories("medium", &["a", "b"]);
        let one = Axis::stepped("one", 7, 7, 1).unwrap();
        let space = DesignSpace::new(vec![size("x"), medium, one, size("y"), size("z")]).unwrap();
        let found: Vec<String> = ends(&space).iter().map(|point| format!("{point}")).collect();
        let of = |medium: u32| {
            [[0, 0, 0], [0, 0, 4], [0, 4, 0], [4, 0, 0], [4, 4, 4]]
                .map(|[x, y, z]| format!("[{x} {medium} 0 {y} {z}]"))
        };
        let mut wanted = [of(0), of(1)].concat();
        wanted.sort();
        assert_eq!(found, wanted);
    }
}
