//! A search in a space of a million points does the work that was asked for, and its reasons are as many as its
//! evaluations make them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kareto::search::{KnownCost, Silent, registry};
use kareto::{
    ArchiveStore, Axis, AxisValues, DesignSpace, Evaluation, Point, SearchContext, SearchRun, run_search,
};

use crate::functions::{Counting, evaluation};

/// Rents that count how often they are asked for.
#[derive(Default)]
struct Counted(AtomicUsize);

impl KnownCost for Counted {
    fn tokens(&self) -> f64 {
        1e6
    }
    fn arriving_s(&self) -> f64 {
        60.0
    }
    fn per_s(&self, point: &Point) -> f64 {
        self.0.fetch_add(1, Ordering::Relaxed);
        0.1 + f64::from(point.0.iter().sum::<u32>()) * 1e-5
    }
}

/// The same shape on every scale.
fn sketch(point: &Point, steps: u32) -> Evaluation {
    let [dram, lease] = [0, 1].map(|axis| f64::from(point.0[axis]) / f64::from(steps));
    let hits = 1.0 - (-4.0 * dram - 2.0 * lease).exp();
    evaluation(3.0 - 2.0 * hits, 1e4 * (1.0 + 0.1 * hits), 100.0 + 60.0 * dram + 20.0 * lease)
}

fn square(steps: u32) -> DesignSpace {
    let axis = |name: &str| Axis::stepped(name, 0, i64::from(steps), 1).unwrap();
    DesignSpace::new(vec![axis("dram_gib"), axis("disk_lease_s")]).unwrap()
}

/// The run, and how many rents it asked for.
fn run(name: &str, space: &DesignSpace, steps: u32, evaluations: usize) -> (SearchRun, usize) {
    let (searches, counted) = (registry(), Arc::new(Counted::default()));
    let known_cost: Arc<dyn KnownCost> = Arc::<Counted>::clone(&counted);
    let context = SearchContext {
        evaluations: Some(evaluations),
        known_cost: Some(known_cost),
        ..SearchContext::new(space)
    };
    let spec = searches.find(name).unwrap();
    let mut search = spec.search(&spec.params(&[]).unwrap(), &context);
    let evaluator = Counting::new(move |point: &Point| sketch(point, steps));
    let run = run_search(&mut *search, space, &evaluator, &ArchiveStore::in_memory(space), &Silent).unwrap();
    (run, counted.0.load(Ordering::Relaxed))
}

#[test]
fn three_evaluations_touch_three_points_of_a_million() {
    let space = square(999);
    for spec in registry().specs() {
        let (run, rents) = run(spec.name, &space, 999, 3);
        assert_eq!((run.archive.len(), rents), (3, 0), "{}", spec.name);
        assert!(run.skipped.boxes().len() <= 10, "{}: {:?}", spec.name, run.skipped);
        assert!(run.skipped.reason(&Point(vec![501, 77])).is_some(), "{}", spec.name);
    }
}

#[test]
fn reasons_grow_with_evaluations_and_not_with_the_space() {
    for name in ["kareto", "algorithm-1"] {
        for steps in [16, 100, 1000, 10_000] {
            let (run, _) = run(name, &square(steps), steps, 40);
            let (boxes, evaluated) = (run.skipped.boxes().len(), run.archive.len());
            assert!(boxes <= 8 * evaluated, "{name}: {boxes} boxes for {evaluated} evaluations of {steps}^2");
        }
    }
}

/// Of the known rents `kareto-plus` asks for those that it looks at, each once.
#[test]
fn a_rent_is_asked_for_once() {
    let space = square(16);
    let (run, rents) = run("kareto-plus", &space, 16, 30);
    assert!(run.archive.len() > 10 && rents <= space.size(), "{rents}");
}

/// A long range is not listed, and its points have keys as those of a listed one have.
#[test]
fn a_long_range_is_three_numbers() {
    let axis = Axis::stepped("dram_gib", -5, 2_999_992, 3).unwrap();
    assert_eq!(axis.values, AxisValues::Steps { first: -5, step: 3, count: 1_000_000 });
    let space = DesignSpace::new(vec![axis]).unwrap();
    let last = Point(vec![999_999]);
    assert_eq!(space.key(&last), "dram_gib=2999992");
    assert_eq!(space.parse_key("dram_gib=2999992"), Ok(last));
    assert_eq!(space.parse_key("dram_gib=-5"), Ok(Point(vec![0])));
    for other in ["-6", "-4", "2999995", "+1", "01", "1.0", "", "99999999999999999999"] {
        assert!(space.parse_key(&format!("dram_gib={other}")).is_err(), "{other}");
    }
    assert!(Axis::stepped("dram_gib", i64::MIN, i64::MAX, 1).is_err());
    let beyond = AxisValues::Steps { first: 0, step: i64::MAX, count: 5000 };
    assert!(DesignSpace::new(vec![Axis { name: "dram_gib".to_owned(), values: beyond }]).is_err());
}
