//! Objectives that are other figures than mean TTFT, throughput and cost: does every search optimise what it is told?

use std::collections::BTreeMap;
use std::sync::Arc;

use insta::assert_snapshot;
use kareto::front::Front;
use kareto::objectives::ObjectiveError;
use kareto::robust::{Aggregate, AggregateError, Weighing};
use kareto::search::{KnownCost, Silent, registry};
use kareto::{
    Archive, ArchiveStore, Evaluate, EvaluateError, Evaluation, Figure, Figures, ObjectiveSet, Point,
    SearchContext, SearchRun, run_search,
};

use crate::functions::{storage_sketch, storage_space};

const FIGURES: Figures = Figures(&[
    Figure::more("goodput_tokens_per_s", "tokens/s"),
    Figure::less("ttft_s_p99", "s"),
    Figure::less("ttft_s_mean", "s"),
    Figure::less("cost", "currency"),
]);

fn set(names: &[&str]) -> ObjectiveSet {
    ObjectiveSet::new(names, &FIGURES).unwrap()
}

/// The sketch with two more figures. The tail is best at little DRAM, where the mean is worst.
fn with_tail(point: &Point) -> Evaluation {
    let found = storage_sketch(point);
    let (dram, lease) = (f64::from(point.0[0]), f64::from(point.0[1]));
    let metrics = BTreeMap::from([
        ("ttft_s_p99".to_owned(), 1.0 + dram / 16.0 + (16.0 - lease) / 16.0),
        ("goodput_tokens_per_s".to_owned(), 100.0 * lease - dram),
    ]);
    Evaluation { metrics, ..found }
}

struct Told(ObjectiveSet);

impl Evaluate for Told {
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
        Ok(with_tail(point))
    }

    fn objectives(&self) -> ObjectiveSet {
        self.0.clone()
    }
}

/// Refuses to tell a rate, so that a test fails if anybody asks.
struct Unasked;

impl KnownCost for Unasked {
    fn tokens(&self) -> f64 {
        panic!("throughput and cost are not both objectives")
    }
    fn arriving_s(&self) -> f64 {
        panic!("throughput and cost are not both objectives")
    }
    fn per_s(&self, _: &Point) -> f64 {
        panic!("throughput and cost are not both objectives")
    }
}

fn search(name: &str, objectives: &ObjectiveSet) -> SearchRun {
    let (space, searches) = (storage_space(), registry());
    let spec = searches.find(name).unwrap();
    let known_cost: Option<Arc<dyn KnownCost>> = Some(Arc::new(Unasked));
    let context = SearchContext {
        evaluations: Some(120),
        objectives: objectives.clone(),
        known_cost,
        ..SearchContext::new(&space)
    };
    let mut search = spec.search(&spec.params(&[]).unwrap(), &context);
    let evaluator = Told(objectives.clone());
    run_search(&mut *search, &space, &evaluator, &ArchiveStore::in_memory(&space), &Silent).unwrap()
}

/// Of two objectives, tail and goodput, one point is best in both: no DRAM and the longest lease.
#[test]
fn every_search_finds_the_best_of_two_figures() {
    let objectives = set(&["ttft_s_p99", "goodput_tokens_per_s"]);
    for spec in registry().specs() {
        let run = search(spec.name, &objectives);
        let front = Front::of(&run.archive);
        let best: Vec<&Point> = front.points().iter().map(|(point, _)| point).collect();
        let drawn = ["random", "sobol"].contains(&spec.name);
        // 120 of 289 points in the order of the space have the first seven sizes of DRAM, and so the best point.
        assert!(drawn || best == [&Point(vec![0, 16])], "{}: {best:?}", spec.name);
    }
}

#[test]
fn three_figures_in_another_order_have_the_same_front() {
    let usual = search("full-grid", &set(&["ttft_s_mean", "ttft_s_p99", "cost"]));
    let turned = search("full-grid", &set(&["cost", "ttft_s_mean", "ttft_s_p99"]));
    let points = |run: &SearchRun| Front::of(&run.archive).points().to_vec();
    assert_eq!(points(&usual), points(&turned));
    let plus = search("kareto-plus", &set(&["cost", "ttft_s_p99", "ttft_s_mean"]));
    assert!(plus.certificate.is_some_and(|it| it.assumption.contains("what is modelled")));
}

#[test]
fn objectives_are_two_or_three_declared_figures() {
    let wrong = |names: &[&str]| ObjectiveSet::new(names, &FIGURES).unwrap_err();
    assert_eq!(wrong(&["cost"]), ObjectiveError::Count { count: 1 });
    assert_eq!(wrong(&["cost", "cost"]), ObjectiveError::Twice { name: "cost".to_owned() });
    assert_snapshot!(wrong(&["cost", "speed"]), @"the evaluator declares no figure `speed`; allowed: goodput_tokens_per_s, ttft_s_p99, ttft_s_mean, cost");
    assert!(!set(&["ttft_s_mean", "cost"]).is_default() && ObjectiveSet::default().is_default());
}

#[test]
fn an_evaluation_without_an_objective_ends_the_search() {
    struct Lacking;
    impl Evaluate for Lacking {
        fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
            Ok(storage_sketch(point))
        }
        fn objectives(&self) -> ObjectiveSet {
            set(&["ttft_s_p99", "cost"])
        }
    }
    let (space, searches) = (storage_space(), registry());
    let spec = searches.find("full-grid").unwrap();
    let mut search = spec.search(&spec.params(&[]).unwrap(), &SearchContext::new(&space));
    let error =
        run_search(&mut *search, &space, &Lacking, &ArchiveStore::in_memory(&space), &Silent).unwrap_err();
    assert_snapshot!(error, @"the evaluation of dram_gib=0,disk_lease_s=0 has no figure `ttft_s_p99`, which is an objective");
}

/// In the worst case over scenarios a metric that is an objective is its `worst_` figure; the mean has its own name.
#[test]
fn scenarios_have_objectives_too() {
    let of_each = set(&["ttft_s_p99", "cost"]);
    let names = |front| {
        let weighing = Weighing { weights: vec![1.0, 1.0], front, figures: FIGURES };
        weighing.objectives(&of_each).names().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names(Aggregate::Mean), ["ttft_s_p99", "cost"]);
    assert_eq!(names(Aggregate::Worst), ["worst_ttft_s_p99", "cost"]);
    let weighing = Weighing { weights: vec![1.0, 1.0], front: Aggregate::Worst, figures: FIGURES };
    let one = with_tail(&Point(vec![3, 4]));
    let error = weighing.aggregate(std::slice::from_ref(&one)).unwrap_err();
    assert_eq!(error, AggregateError::Count { expected: 2, found: 1 });
    // `cost_gpu` of the plain sketch is declared nowhere.
    let plain = storage_sketch(&Point(vec![3, 4]));
    let error = weighing.aggregate(&[plain.clone(), plain]).unwrap_err();
    assert_eq!(error, AggregateError::Undeclared { figure: "cost_gpu".to_owned() });
}

#[test]
fn an_archive_is_read_under_the_objectives_that_it_is_given() {
    let evaluation = with_tail(&Point(vec![2, 4]));
    let o = evaluation.objectives;
    assert_eq!(Archive::new().vector(&evaluation), [o.ttft_s_mean(), -o.throughput_tokens_per_s(), o.cost()]);
    let archive = Archive::new().with_objectives(set(&["ttft_s_p99", "goodput_tokens_per_s"]));
    assert_eq!(archive.vector(&evaluation), [1.875, -398.0, 0.0]);
}
