//! Are picks the best that the constraints leave?

use std::collections::BTreeMap;

use insta::assert_snapshot;
use kareto::picks::{Bound, Change, Constraint, PickKind, picks};
use kareto::{Archive, Evaluation, Point};

use crate::functions::{evaluation, objectives};

/// TTFT [s], throughput, cost, p99 [s]. The last is dominated by the second, but has the best p99.
const ROWS: [[f64; 4]; 5] = [
    [9.0, 10.0, 1.0, 30.0],
    [4.0, 12.0, 2.0, 25.0],
    [2.0, 13.0, 6.0, 20.0],
    [3.0, 16.0, 8.0, 20.0],
    [4.0, 12.0, 3.0, 8.0],
];

fn archive() -> Archive {
    let mut archive = Archive::new();
    for (index, [ttft, throughput, cost, p99]) in ROWS.into_iter().enumerate() {
        let metrics = BTreeMap::from([("ttft_s_p99".to_owned(), p99)]);
        let evaluation = Evaluation { objectives: objectives(ttft, throughput, cost), metrics };
        archive.insert(Point(vec![index as u32]), evaluation).unwrap();
    }
    archive
}

fn chosen(constraints: &[Constraint]) -> Vec<(PickKind, u32)> {
    picks(&archive(), constraints).unwrap().into_iter().map(|pick| (pick.kind, pick.point.0[0])).collect()
}

fn constraint(figure: &str, bound: Bound) -> Constraint {
    Constraint { figure: figure.to_owned(), bound }
}

#[test]
fn without_constraints() {
    // Knee: over the front TTFT spans 2..9, throughput 10..16, cost 1..8. Squared distances to the ideal:
    // row 0: 1 + 1 + 0 = 2; row 1: (2/7)^2 + (4/6)^2 + (1/7)^2 = .082 + .444 + .020 = .546;
    // row 2: 0 + (3/6)^2 + (5/7)^2 = .25 + .51 = .76; row 3: (1/7)^2 + 0 + 1 = 1.02.
    let all = chosen(&[]);
    assert_eq!(
        all,
        [
            (PickKind::Cheapest, 0),
            (PickKind::Fastest, 2),
            (PickKind::HighestThroughput, 3),
            (PickKind::Knee, 1)
        ]
    );
}

#[test]
fn an_slo_may_pick_a_dominated_point() {
    let slo = [constraint("ttft_s_p99", Bound::AtMost(10.0))];
    assert!(chosen(&slo).iter().all(|&(_, row)| row == 4));
    let budget =
        [constraint("cost", Bound::AtMost(6.0)), constraint("throughput_tokens_per_s", Bound::AtLeast(12.0))];
    assert_eq!(chosen(&budget)[..2], [(PickKind::Cheapest, 1), (PickKind::Fastest, 2)]);
    assert_eq!(chosen(&[constraint("cost", Bound::AtMost(0.5))]), []);
}

#[test]
fn an_unknown_figure_is_an_error() {
    let error = picks(&archive(), &[constraint("p99", Bound::AtMost(1.0))]).unwrap_err();
    assert_snapshot!(error, @"there is no figure `p99` to constrain; the figures are ttft_s_mean, throughput_tokens_per_s, cost, ttft_s_p99");
}

#[test]
fn change_against_a_baseline() {
    let baseline = evaluation(2.0, 10.0, 0.0).objectives;
    let change = Change::between(&baseline, &evaluation(1.5, 11.0, 3.0).objectives);
    // 1.5 is a quarter less than 2, 11 a tenth more than 10; against a cost of 0 there is no percentage.
    assert_eq!(
        change,
        Change { ttft_percent: Some(-25.0), throughput_percent: Some(10.0), cost_percent: None }
    );
}
