//! One decision for several scenarios: is it the right mean and worst case, asked once, and regretted rightly?

use std::collections::BTreeMap;

use kareto::front::Front;
use kareto::robust::joint::{joint_space, parted, prepended, slice};
use kareto::robust::regret::{Of, regrets};
use kareto::robust::{Aggregate, Robust, Weighing, figure_names};
use kareto::search::{Silent, registry};
use kareto::space::SpaceError;
use kareto::{Archive, ArchiveStore, DesignSpace, Evaluation, Figure, Figures, Point, SearchRun, run_search};

use crate::functions::{Counting, evaluation, storage_sketch, storage_space};
use crate::search::{build, settings};

const NAMES: [&str; 2] = ["weekday", "sunday"];

const FIGURES: Figures = Figures(&[
    Figure::more("hit_ratio", "1"),
    Figure::less("queue_s_p99", "s"),
    Figure::less("cost_*", "currency"),
]);

fn weighing(front: Aggregate) -> Weighing {
    Weighing { weights: vec![3.0, 1.0], front, figures: FIGURES }
}

fn names() -> Vec<String> {
    NAMES.map(str::to_owned).to_vec()
}

/// The sketch on weekdays; on Sundays the queue is four times as long and everything takes twice as long.
fn sketch(joint: &Point) -> Evaluation {
    let found = storage_sketch(&Point(joint.0[1..].to_vec()));
    let o = found.objectives;
    match joint.0[0] {
        0 => found,
        _ => Evaluation {
            metrics: found.metrics,
            ..evaluation(4.0 * o.ttft_s_mean(), 0.5 * o.throughput_tokens_per_s(), 2.0 * o.cost())
        },
    }
}

fn search(name: &str, front: Aggregate, store: &ArchiveStore) -> (SearchRun, usize) {
    let space = storage_space();
    let (names, weighing, evaluator) = (names(), weighing(front), Counting::new(sketch));
    let robust = Robust { names: &names, weighing: &weighing, evaluator: &evaluator, store };
    let mut search = build(name, &space, &settings());
    let run = run_search(&mut *search, &space, &robust, &ArchiveStore::in_memory(&space), &Silent).unwrap();
    (run, evaluator.evaluations())
}

fn joint() -> DesignSpace {
    joint_space("scenario", &names(), &storage_space()).unwrap()
}

#[test]
fn mean_and_worst_of_every_figure() {
    let with = |hit_ratio: f64, evaluation: Evaluation| Evaluation {
        metrics: BTreeMap::from([
            ("hit_ratio".to_owned(), hit_ratio),
            ("queue_s_p99".to_owned(), 10.0 * hit_ratio),
        ]),
        ..evaluation
    };
    let both = [with(0.5, evaluation(1.0, 100.0, 8.0)), with(0.1, evaluation(5.0, 60.0, 4.0))];
    let mean = weighing(Aggregate::Mean).aggregate(&both).unwrap();
    assert_eq!(mean.objectives, evaluation(2.0, 90.0, 7.0).objectives);
    let worst = weighing(Aggregate::Worst).aggregate(&both).unwrap();
    // Each objective under its own worst scenario.
    assert_eq!(worst.objectives, evaluation(5.0, 60.0, 8.0).objectives);
    assert_eq!(mean.metrics, worst.metrics);
    let told: Vec<(&str, f64)> = mean.metrics.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(
        told,
        [
            ("hit_ratio", 0.4),
            ("queue_s_p99", 4.0),
            ("weighted_cost", 7.0),
            ("weighted_throughput_tokens_per_s", 90.0),
            ("weighted_ttft_s_mean", 2.0),
            ("worst_cost", 8.0),
            ("worst_hit_ratio", 0.1),
            ("worst_queue_s_p99", 5.0),
            ("worst_throughput_tokens_per_s", 60.0),
            ("worst_ttft_s_mean", 5.0),
        ]
    );
    let known: Vec<String> = ["ttft_s_mean", "throughput_tokens_per_s", "cost", "hit_ratio", "queue_s_p99"]
        .map(str::to_owned)
        .to_vec();
    let names = figure_names(&known);
    assert!(names.iter().all(|name| mean.figure(name).is_some()) && names.len() == 3 + mean.metrics.len());
    // A line that lacks a figure is an error and no guess.
    let lacking = [both[0].clone(), evaluation(1.0, 1.0, 1.0)];
    assert!(
        weighing(Aggregate::Mean).aggregate(&lacking).unwrap_err().to_string().contains("hit_ratio is NaN")
    );
}

#[test]
fn every_search_asks_each_point_once_under_each_scenario_and_goes_on_where_it_was() {
    for entry in registry().specs() {
        let store = ArchiveStore::in_memory(&joint());
        let (run, evaluations) = search(entry.name, Aggregate::Worst, &store);
        assert_eq!(evaluations, 2 * run.archive.len(), "{}", entry.name);
        // What was aggregated while searching is what the record says afterwards.
        let read = weighing(Aggregate::Worst).aggregated(&store.snapshot()).unwrap();
        assert_eq!(read, run.archive, "{}", entry.name);
        // Killed after one scenario of some points: only the rest is evaluated, and nothing else changes.
        let half = ArchiveStore::in_memory(&joint());
        for (point, evaluation) in store.snapshot().iter().take(run.archive.len() + 3) {
            half.append(point, evaluation).unwrap();
        }
        let (again, rest) = search(entry.name, Aggregate::Worst, &half);
        assert_eq!((again.archive, rest), (run.archive.clone(), run.archive.len() - 3), "{}", entry.name);
        // Another front needs no evaluation of the same points again.
        let (_, more) = search("full-grid", Aggregate::Mean, &store);
        assert_eq!(more, 2 * (289 - run.archive.len()), "{}", entry.name);
    }
}

#[test]
fn a_point_without_one_of_its_scenarios_is_not_there_yet() {
    let mut found = Archive::new();
    for (scenario, point) in [(0, [0, 0]), (0, [1, 1]), (1, [1, 1])] {
        let point = prepended(scenario, &Point(point.to_vec()));
        found.insert(point.clone(), sketch(&point)).unwrap();
    }
    let whole = weighing(Aggregate::Mean).aggregated(&found).unwrap();
    assert_eq!(whole.iter().map(|(point, _)| point.0.clone()).collect::<Vec<_>>(), [[1, 1]]);
}

#[test]
fn the_joint_space_parts_again() {
    let (found, space) = parted("scenario", &joint()).unwrap();
    assert_eq!((found, space), (names(), storage_space()));
    assert!(matches!(parted("scenario", &storage_space()), Err(SpaceError::AxisValues { .. })));
}

#[test]
fn regret_is_against_what_one_would_have_bought_for_that_scenario() {
    let mut under = Archive::new();
    for (place, (ttft, throughput, cost)) in
        [(10.0, 100.0, 5.0), (4.0, 110.0, 8.0), (2.0, 120.0, 16.0), (4.0, 115.0, 10.0)]
            .into_iter()
            .enumerate()
    {
        under.insert(Point(vec![place as u32]), evaluation(ttft, throughput, cost)).unwrap();
    }
    let told = |place: u32, choices: &Archive| {
        let found = regrets(&under, choices, &Point(vec![place])).unwrap();
        found.iter().map(|it| (it.of, it.best_point.0[0], it.regret, it.percent)).collect::<Vec<_>>()
    };
    assert_eq!(
        told(1, &under),
        [
            (Of::Ttft, 2, 2.0, Some(100.0)),
            (Of::Throughput, 2, 10.0, Some(100.0 * 10.0 / 120.0)),
            (Of::Cost, 0, 3.0, Some(60.0)),
            // What it costs more buys speed: nothing as good is cheaper.
            (Of::CostAsGood, 1, 0.0, Some(0.0)),
        ]
    );
    // What is no choice does not make anybody regret, but a configuration never regrets itself.
    let only = |place: u32| {
        let mut archive = Archive::new();
        archive.insert(Point(vec![place]), evaluation(0.0, 0.0, 0.0)).unwrap();
        archive
    };
    assert_eq!(told(1, &only(0))[0], (Of::Ttft, 1, 0.0, Some(0.0)));
    assert_eq!(told(3, &only(1))[2], (Of::Cost, 1, 2.0, Some(25.0)));
    assert!(regrets(&under, &under, &Point(vec![9])).is_none());
}

/// Sundays are worse in every respect, so the front of the worst case is the front of Sundays.
#[test]
fn the_front_of_the_worst_case_is_that_of_the_worst_scenario() {
    let store = ArchiveStore::in_memory(&joint());
    let (run, _) = search("full-grid", Aggregate::Worst, &store);
    let points = |archive: &Archive| -> Vec<Point> {
        Front::of(archive).points().iter().map(|(point, _)| point.clone()).collect()
    };
    assert_eq!(points(&run.archive), points(&slice(&store.snapshot(), 1)));
}
