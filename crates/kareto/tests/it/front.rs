//! Are the front and its indicators what their definitions say?

#![allow(clippy::float_cmp, reason = "small integers in floats: sums and products are exact")]

use kareto::front::hypervolume::{ReferencePoint, hypervolume};
use kareto::front::indicators::{Scale, additive_epsilon, igd_plus};
use kareto::front::{Front, non_dominated, non_dominated_naive};
use kareto::{Archive, Point};
use proptest::prelude::*;

use crate::functions::{all_on_front, evaluation, origin_wins, storage_space};

fn archive_of(function: impl Fn(&Point) -> kareto::Evaluation) -> Archive {
    let mut archive = Archive::new();
    for point in storage_space().points() {
        let evaluation = function(&point);
        archive.insert(point, evaluation).unwrap();
    }
    archive
}

#[test]
fn known_fronts() {
    assert_eq!(Front::of(&archive_of(origin_wins)).points()[0].0, Point(vec![0, 0]));
    assert_eq!(Front::of(&archive_of(origin_wins)).len(), 1);
    // Equal sums cost and wait the same, but more of the first axis serves more: one point per sum, 0..=32.
    assert_eq!(Front::of(&archive_of(all_on_front)).len(), 33);
    assert!(Front::of(&Archive::new()).is_empty());
}

#[test]
fn equal_points_are_both_on_the_front_and_cheapest_comes_first() {
    let front = Front::of(&archive_of(|point| {
        evaluation(5.0 - f64::from(point.0[0] / 16), 1.0, f64::from(point.0[0] / 16))
    }));
    // Positions 0..16 of the first axis are one objective vector, position 16 another; 17 leases each.
    assert_eq!(front.len(), 17 * 17);
    assert_eq!(front.points()[0].0, Point(vec![0, 0]));
    assert_eq!(front.points()[17 * 16].0, Point(vec![16, 0]));
}

#[test]
fn hypervolume_of_boxes() {
    let reference = ReferencePoint([4.0, 4.0, 4.0]);
    assert_eq!(hypervolume(&[], reference), 0.0);
    // One box of 3 x 2 x 1.
    assert_eq!(hypervolume(&[[1.0, 2.0, 3.0]], reference), 6.0);
    // Beyond or on the reference: nothing.
    assert_eq!(hypervolume(&[[1.0, 2.0, 4.0], [5.0, 0.0, 0.0]], reference), 0.0);
    // Boxes 3 x 1 x 1 and 1 x 3 x 1 overlap in 1 x 1 x 1: 3 + 3 - 1.
    assert_eq!(hypervolume(&[[1.0, 3.0, 3.0], [3.0, 1.0, 3.0]], reference), 5.0);
    // The staircase {(i, j, k): i + j + k = 3} below (4, 4, 4) on the unit lattice leaves out the 1 + 3 + 6 cells
    // whose upper corner is below it: sum i + j + k of a cell's lower corner at most 2.
    let mut staircase = Vec::new();
    for i in 0..=3_u32 {
        for j in 0..=3 - i {
            staircase.push([i, j, 3 - i - j].map(f64::from));
        }
    }
    assert_eq!(hypervolume(&staircase, reference), 64.0 - 10.0);
}

#[test]
fn reference_point_takes_the_worst_of_each() {
    let archive = archive_of(origin_wins);
    // TTFT 1..33, throughput 10..-22, cost 0..32; a tenth of the range 32 further out, or of the size where that is more.
    let ReferencePoint(corner) = ReferencePoint::worst_of(&archive, 0.1).unwrap();
    for (found, wanted) in corner.iter().zip([33.0 + 3.3, 22.0 + 3.2, 32.0 + 3.2]) {
        assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
    }
    assert_eq!(ReferencePoint::worst_of(&Archive::new(), 0.1), None);
}

#[test]
fn indicators_by_hand() {
    let reference = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
    assert_eq!(igd_plus(&reference, &reference), Some(0.0));
    assert_eq!(additive_epsilon(&reference, &reference), Some(0.0));
    // (1, 1, 0) is worse than the first by (1, 0, 0) and than the second by (0, 1, 0).
    assert_eq!(igd_plus(&[[1.0, 1.0, 0.0]], &reference), Some(1.0));
    assert_eq!(additive_epsilon(&[[1.0, 1.0, 0.0]], &reference), Some(1.0));
    // Better than a reference vector costs nothing in IGD+, and is negative in epsilon.
    assert_eq!(igd_plus(&[[-1.0, -1.0, -2.0]], &reference), Some(0.0));
    assert_eq!(additive_epsilon(&[[-1.0, -1.0, -2.0]], &reference), Some(-1.0));
    assert_eq!(igd_plus(&[], &reference), None);
    assert_eq!(additive_epsilon(&reference, &[]), None);
    let scale = Scale::of(&[[10.0, 5.0, 0.0], [30.0, 5.0, 1.0]]).unwrap();
    assert_eq!(scale.apply(&[20.0, 6.0, 1.0]), [0.5, 1.0, 1.0]);
}

/// Counts unit cells that some vector dominates: the definition of the hypervolume for small integers.
fn counted(vectors: &[[f64; 3]], corner: u32) -> u32 {
    let mut count = 0;
    for i in 0..corner {
        for j in 0..corner {
            for k in 0..corner {
                let cell = [i, j, k].map(f64::from);
                count += u32::from(vectors.iter().any(|v| v.iter().zip(&cell).all(|(a, b)| a <= b)));
            }
        }
    }
    count
}

fn small_vectors() -> impl Strategy<Value = Vec<[f64; 3]>> {
    prop::collection::vec(prop::array::uniform3(0..9_u32), 0..24)
        .prop_map(|vectors| vectors.into_iter().map(|vector| vector.map(f64::from)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sorting_finds_the_front_of_the_definition(vectors in small_vectors()) {
        prop_assert_eq!(non_dominated(&vectors), non_dominated_naive(&vectors));
    }

    #[test]
    fn hypervolume_counts_cells(vectors in small_vectors()) {
        let volume = hypervolume(&vectors, ReferencePoint([8.0; 3]));
        prop_assert_eq!(volume, f64::from(counted(&vectors, 8)));
    }

    /// Only the front counts, and another vector never takes away.
    #[test]
    fn hypervolume_is_of_the_front_and_monotone(vectors in small_vectors(), more in prop::array::uniform3(0..9_u32)) {
        let reference = ReferencePoint([8.0; 3]);
        let front: Vec<_> = non_dominated(&vectors).into_iter().map(|index| vectors[index]).collect();
        prop_assert_eq!(hypervolume(&front, reference), hypervolume(&vectors, reference));
        let mut larger = vectors.clone();
        larger.push(more.map(f64::from));
        prop_assert!(hypervolume(&larger, reference) >= hypervolume(&vectors, reference));
    }
}
