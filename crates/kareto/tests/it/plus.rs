//! Does `kareto-plus` keep its word: are its identities exact, is its assumption watched, does its bound hold?

use std::collections::BTreeMap;

use insta::assert_snapshot;
use kareto::front::Front;
use kareto::front::hypervolume::hypervolume;
use kareto::search::Silent;
use kareto::{Archive, ArchiveStore, Axis, DesignSpace, Evaluation, Point, Reason, SearchRun, run_search};

use crate::functions::{Counting, evaluation, objectives, storage_sketch, storage_space};
use crate::search::{Settings, assert_has_reasons, build, run, settings, volume_share};

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
        @"68 evaluations, 0.9992 of the hypervolume; could add 0.0184; 10 of 192 values out of bounds"
    );
    assert!(1.0 - share <= certificate.could_add_share);
    assert_has_reasons(&run, &storage_space());
    assert!(run.skipped.boxes().iter().all(|it| it.reason.rule == "bounded"));
    let point = Point(vec![16, 14]);
    let reason = run.skipped.reason(&point).unwrap();
    assert_snapshot!(format!("{point}: {reason}"), @"[16 14]: at best TTFT 1.1323 s, 10800 tokens/s, cost 108.0755, which would add 0.134 % of the hypervolume");
}

/// A smooth problem keeps to its models. Where some sizes of DRAM are out of all reason, the search meets them and says
/// that its models did not expect it.
#[test]
fn a_broken_assumption_is_counted() {
    fn smooth(point: &Point) -> Evaluation {
        let [dram, lease] = [0, 1].map(|axis| f64::from(point.0[axis]));
        let hits = 1.0 - (-dram / 6.0 - lease / 9.0).exp();
        evaluation(3.0 - 2.0 * hits, 1.0e4 * (1.0 + 0.1 * hits), 100.0 + 2.0 * dram + lease)
    }
    fn broken(point: &Point) -> Evaluation {
        if point.0[0] % 4 == 2 { evaluation(0.3, 1.0e4, 90.0) } else { smooth(point) }
    }
    let [calm, surprised] =
        [smooth, broken].map(|it| run("kareto-plus", &settings(), it).certificate.unwrap());
    assert!(surprised.violations > calm.violations, "{surprised:?} {calm:?}");
    assert!(surprised.largest_violation > surprised.band, "{surprised:?}");
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
        let total = 50.0 * (1.0 + instances) + dram + (1.0 + medium) * lease;
        Evaluation {
            metrics: BTreeMap::new(),
            objectives: objectives((3.0 - hits) / (1.0 + instances), 5.0 + hits + instances, total),
        }
    };
    let limited = Settings { evaluations: Some(60), ..settings() };
    let mut search = build("kareto-plus", &space, &limited);
    let store = ArchiveStore::in_memory(&space);
    let run = run_search(&mut *search, &space, &Counting::new(function), &store, &Silent).unwrap();
    assert_eq!(run.archive.len(), 60, "{}", run.reason);
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
