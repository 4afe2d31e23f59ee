//! Does `kareto-plus` keep its word: is the certificate a bound, and is the assumption watched?

use std::collections::BTreeMap;

use insta::assert_snapshot;
use kareto::front::Front;
use kareto::front::hypervolume::hypervolume;
use kareto::search::{KaretoPlus, PlusSettings, SearchSettings, Silent, build_search};
use kareto::{Archive, ArchiveStore, Axis, DesignSpace, Evaluation, Point, Reason, SearchRun, run_search};
use proptest::prelude::*;

use crate::functions::{Counting, evaluation, objectives, storage_sketch};
use crate::search::{run, settings, volume_share};

#[test]
fn on_the_sketch() {
    let run = run("kareto-plus", &settings(), storage_sketch);
    assert_eq!(run.reason, Reason::Settled { share: 0.001 });
    let certificate = run.certificate.unwrap();
    let share = volume_share(&run, storage_sketch);
    assert_snapshot!(
        format!(
            "{} evaluations, {share:.4} of the hypervolume; could add {:.4}; {} of {} values out of bounds",
            run.evaluated, certificate.could_add_share, certificate.violations, certificate.tested
        ),
        @"173 evaluations, 0.9999 of the hypervolume; could add 0.0200; 0 of 1016 values out of bounds"
    );
    assert!(1.0 - share <= certificate.could_add_share);
    assert_eq!(run.skipped.len() + run.archive.len(), 289);
    assert!(run.skipped.values().all(|reason| reason.rule() == "bounded"));
    let (point, reason) = run.skipped.iter().next_back().unwrap();
    assert_snapshot!(format!("{point}: {reason}"), @"[16 14]: at best TTFT 1.1315 s, 10797 tokens/s, cost 105.3036, which would add 0.069 % of the hypervolume");
}

/// TTFT dips at position 8, which no corner shows; throughput makes the search cut there, which must be noticed.
#[test]
fn a_broken_assumption_is_counted() {
    let dip = |point: &Point| {
        let (dram, lease) = (f64::from(point.0[0]), f64::from(point.0[1]));
        evaluation(100.0 - dram + (lease - 8.0).powi(2), 10.0 + lease, 1.0 + dram)
    };
    let certificate = run("kareto-plus", &settings(), dip).certificate.unwrap();
    assert!(certificate.violations > 0);
    assert!(certificate.largest_violation > 0.0);
}

#[test]
fn categories_and_three_axes() {
    let axes = vec![
        Axis::stepped("instances", 1, 3, 1).unwrap(),
        Axis::categories("medium", &["nvme", "essd"]),
        Axis::stepped("dram_gib", 0, 1024, 64).unwrap(),
        Axis::stepped("disk_lease_s", 0, 900, 100).unwrap(),
    ];
    let space = DesignSpace::new(axes).unwrap();
    let function = |point: &Point| {
        let [instances, medium, dram, lease] = [0, 1, 2, 3].map(|axis| f64::from(point.0[axis]));
        let hits = 1.0 - (-dram / 4.0 - lease / (3.0 + medium)).exp();
        let cost_gpu = 50.0 * (1.0 + instances);
        let metrics = BTreeMap::from([("cost_gpu".to_owned(), cost_gpu)]);
        let total = cost_gpu + dram + (1.0 + medium) * lease;
        Evaluation {
            metrics,
            objectives: objectives((3.0 - hits) / (1.0 + instances), 5.0 + hits + instances, total),
        }
    };
    let limited = SearchSettings { evaluations: Some(100), ..settings() };
    let mut search = build_search("kareto-plus", &space, &limited).unwrap();
    let store = ArchiveStore::in_memory(&space);
    let run = run_search(&mut *search, &space, &Counting::new(function), &store, &Silent).unwrap();
    assert_eq!(run.reason, Reason::Budget { evaluations: 100 });
    assert_bound_holds(&run, &space, &function);
}

/// The full grid's hypervolume exceeds the found one by no more than the certificate says.
fn assert_bound_holds(run: &SearchRun, space: &DesignSpace, function: &dyn Fn(&Point) -> Evaluation) {
    let mut full = Archive::new();
    space.points().for_each(|point| full.insert(point.clone(), function(&point)).unwrap());
    let certificate = run.certificate.unwrap();
    let volume = |archive: &Archive| hypervolume(&Front::of(archive).minimised(), certificate.reference);
    let missing = volume(&full) - volume(&run.archive);
    assert!(missing <= certificate.could_add * (1.0 + 1e-9), "{missing} {certificate:?}");
}

/// Sums of random non-negative steps along both axes of a 9 x 9 lattice.
fn rising() -> impl Strategy<Value = Vec<f64>> {
    (
        prop::collection::vec(0..20_u32, 9),
        prop::collection::vec(0..20_u32, 9),
        prop::collection::vec(0..6_u32, 81),
    )
        .prop_map(|(along, across, both)| {
            let mut table = vec![0.0; 81];
            for i in 0..9 {
                for j in 0..9 {
                    let inner: u32 = (0..=i)
                        .flat_map(|a| (0..=j).map(move |b| (a, b)))
                        .map(|(a, b)| both[9 * a + b])
                        .sum();
                    let sum = along[..=i].iter().sum::<u32>() + across[..=j].iter().sum::<u32>() + inner;
                    table[9 * i + j] = f64::from(sum);
                }
            }
            table
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// The theorem: with monotone terms the certificate bounds what the full grid has more.
    #[test]
    fn the_certificate_is_a_bound(ttft in rising(), throughput in rising(), gpu in rising(), storage in rising()) {
        let axes = vec![Axis::stepped("a", 0, 8, 1).unwrap(), Axis::stepped("b", 0, 8, 1).unwrap()];
        let space = DesignSpace::new(axes).unwrap();
        let place = |point: &Point| (9 * point.0[0] + point.0[1]) as usize;
        let function = |point: &Point| {
            let at = place(point);
            let cost_gpu = 900.0 - gpu[at];
            let metrics = BTreeMap::from([("cost_gpu".to_owned(), cost_gpu)]);
            Evaluation { metrics, objectives: objectives(900.0 - ttft[at], throughput[at], cost_gpu + storage[at]) }
        };
        let plus = PlusSettings { certify: 0.02, ..settings().plus };
        let mut search = KaretoPlus::new(&space, plus, Some(storage.clone()));
        let store = ArchiveStore::in_memory(&space);
        let run = run_search(&mut search, &space, &Counting::new(function), &store, &Silent).unwrap();
        prop_assert_eq!(run.certificate.unwrap().violations, 0);
        assert_bound_holds(&run, &space, &function);
    }
}
