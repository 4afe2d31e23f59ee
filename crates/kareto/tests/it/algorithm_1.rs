//! The paper's Algorithm 1 as the paper states it: does it make the paper's three steps in the paper's order?

use insta::assert_snapshot;
use kareto::search::{Silent, registry};
use kareto::{ArchiveStore, Evaluation, Point, Reason, SearchContext, SearchRun, run_search};

use crate::functions::{Counting, all_on_front, evaluation, origin_wins, storage_sketch, storage_space};
use crate::search::{assert_has_reasons, run, settings, volume_share};

fn told(given: &[(&str, f64)], function: fn(&Point) -> Evaluation) -> SearchRun {
    let (space, searches) = (storage_space(), registry());
    let spec = searches.find("algorithm-1").unwrap();
    let given: Vec<(String, f64)> = given.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
    let mut search = spec.search(&spec.params(&given).unwrap(), &SearchContext::new(&space));
    run_search(&mut *search, &space, &Counting::new(function), &ArchiveStore::in_memory(&space), &Silent)
        .unwrap()
}

#[test]
fn the_coarse_grid_comes_first_and_halving_last() {
    let run = run("algorithm-1", &settings(), storage_sketch);
    let coarse = |point: &Point| point.0.iter().all(|position| position % 4 == 0);
    let (first, rest) = run.order.split_at(25);
    assert!(first.iter().all(coarse) && !rest.iter().any(coarse));
    assert_eq!(run.reason, Reason::Converged);
    let share = volume_share(&run, storage_sketch);
    assert_snapshot!(format!("{} evaluations, {share:.4} of the hypervolume", run.evaluated), @"73 evaluations, 0.9956 of the hypervolume");
}

#[test]
fn every_point_that_is_left_out_has_a_reason() {
    for function in [storage_sketch, all_on_front, origin_wins] {
        for given in
            [[("coarse_share", 1.0), ("least_step", 1.0)], [("coarse_share", 0.3), ("least_step", 2.0)]]
        {
            let run = told(&given, function);
            assert_has_reasons(&run, &storage_space());
        }
    }
}

/// Nothing gains from the second coarse step on, so nothing beyond it is halved.
#[test]
fn nothing_is_halved_beyond_the_end_of_an_axis() {
    let saturated = |point: &Point| {
        let [dram, lease] = [0, 1].map(|axis| f64::from(point.0[axis]));
        evaluation(
            10.0 - dram.min(4.0) - 0.1 * lease.min(4.0),
            1.0,
            100.0 + dram + (dram - 12.0).max(0.0).powi(2),
        )
    };
    let run = told(&[], saturated);
    assert!(run.order[25..].iter().all(|point| point.0[0] <= 8), "{:?}", run.order);
    assert_eq!(run.skipped.reason(&Point(vec![14, 0])).unwrap().rule, "diminishing-return");
    let eager = told(&[("tau_e", 0.0)], saturated);
    assert!(eager.evaluated >= run.evaluated);
}

/// A coarse grid over a quarter of each axis: expansion goes on while steps gain, and only there.
#[test]
fn expansion_follows_the_axes_outward() {
    let dram_helps = |point: &Point| {
        let [dram, lease] = [0, 1].map(|axis| f64::from(point.0[axis]));
        evaluation(100.0 - dram, 1.0, 100.0 + lease)
    };
    let run = told(&[("coarse_share", 0.25), ("tau_curvature", 1.0)], dram_helps);
    let asked: Vec<String> = run.order.iter().map(Point::to_string).collect();
    assert_snapshot!(asked.join(" "), @"[0 0] [0 4] [4 0] [4 4] [8 0] [8 4] [12 0] [12 4] [16 0] [16 4]");
}
