//! Where searches begin: what no storage gives, what all of it gives, and each kind alone at its most.

use crate::space::{DesignSpace, Point};

/// The ends of the ordered axes, for every combination of categories: all at their first value, all at their last, and
/// each at its last with the others at their first. In the order of the space.
pub(super) fn ends(space: &DesignSpace) -> Vec<Point> {
    let has_ends = |axis: &usize| space.axes()[*axis].is_ordered() && space.axes()[*axis].len() > 1;
    let axes: Vec<usize> = (0..space.axes().len()).filter(has_ends).collect();
    let is_end = |point: &Point| {
        let at_first = axes.iter().filter(|&&axis| point.0[axis] == 0).count();
        let at_last =
            axes.iter().filter(|&&axis| point.0[axis] + 1 == space.axes()[axis].len() as u32).count();
        at_first + at_last == axes.len() && (at_last <= 1 || at_first == 0)
    };
    space.points().filter(is_end).collect()
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
