//! Does the Bayesian baseline do what one is for: fewer evaluations than drawing, the same for the same seed?

use std::collections::BTreeSet;

use kareto::compare::{Target, quartiles, replay};
use kareto::search::{Silent, registry, run_search};
use kareto::{Archive, ArchiveStore, Axis, DesignSpace, Evaluation, Point, Reason};

use crate::functions::{Counting, evaluation, storage_sketch, storage_space};
use crate::search::{Settings, build, run, settings};

/// DRAM of eleven sizes under three policies, whose names have no order.
fn mixed_space() -> DesignSpace {
    let axes = vec![
        Axis::stepped("dram_gib", 0, 1000, 100).unwrap(),
        Axis::categories("policy", &["fifo", "lru", "lfu"]),
        Axis::stepped("gpus", 4, 4, 1).unwrap(),
    ];
    DesignSpace::new(axes).unwrap()
}

fn mixed(point: &Point) -> Evaluation {
    let dram = f64::from(point.0[0]) / 10.0;
    let skill = [0.5, 1.0, 0.7][point.0[1] as usize];
    let hits = skill * (1.0 - (-3.0 * dram).exp());
    evaluation(3.0 - 2.0 * hits, 1e4 * (1.0 + 0.1 * hits), 100.0 + 40.0 * dram - 20.0 * hits)
}

fn medians(space: &DesignSpace, function: fn(&Point) -> Evaluation, names: [&str; 2]) -> [Option<usize>; 2] {
    let mut full = Archive::new();
    space.points().for_each(|point| full.insert(point.clone(), function(&point)).unwrap());
    let target = Target::of(&full).unwrap();
    names.map(|name| {
        let reached = |seed| {
            let settings = Settings { seed, evaluations: Some(space.size().min(120)) };
            let searches = registry();
            let spec = searches.find(name).unwrap();
            let params = spec.params(&[]).unwrap();
            replay(spec, &params, &settings.context(space), &full, &target, 43).unwrap().reached(0.99)
        };
        quartiles(&(1..=5).map(reached).collect::<Vec<_>>())[1]
    })
}

#[test]
fn it_needs_fewer_evaluations_than_drawing() {
    for (space, function) in [(storage_space(), storage_sketch as fn(&Point) -> _), (mixed_space(), mixed)] {
        let [ours, drawn] = medians(&space, function, ["gp-ehvi", "random"]);
        assert!(ours.unwrap() < drawn.unwrap_or(usize::MAX), "{ours:?} against {drawn:?}");
    }
}

#[test]
fn it_asks_every_point_of_a_mixed_space_once() {
    let space = mixed_space();
    let mut search = build("gp-ehvi", &space, &settings());
    let store = ArchiveStore::in_memory(&space);
    let run = run_search(&mut *search, &space, &Counting::new(mixed), &store, &Silent).unwrap();
    assert_eq!((run.order.len(), &run.reason), (33, &Reason::Exhausted));
    assert_eq!(run.order.into_iter().collect::<BTreeSet<_>>().len(), 33);
}

#[test]
fn its_course_is_that_of_its_seed_at_any_number_of_threads() {
    let order = |seed, threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let settings = Settings { seed, evaluations: Some(60) };
        pool.install(|| run("gp-ehvi", &settings, storage_sketch).order)
    };
    assert_eq!(order(3, 1).len(), 60);
    assert_eq!(order(3, 1), order(3, 1));
    assert_eq!(order(3, 1), order(3, 2));
    assert_eq!(order(3, 1), order(3, 5));
    assert_ne!(order(3, 1), order(4, 1));
}
