//! Do searches ask the right points, once, whatever the archive holds already?

use std::collections::BTreeSet;
use std::sync::Mutex;

use insta::assert_snapshot;
use kareto::front::Front;
use kareto::front::hypervolume::{ReferencePoint, hypervolume};
use kareto::search::{
    KaretoSettings, PlusSettings, SEARCHES, SearchSettings, Silent, SkipReason, build_search, left_out,
};
use kareto::{
    Archive, ArchiveStore, Ask, Axis, DesignSpace, Evaluate, EvaluateError, Evaluation, Observer, Point,
    Reason, Search, SearchRun, run_search,
};

use crate::functions::{Counting, all_on_front, origin_wins, storage_sketch, storage_space};

pub(crate) fn settings() -> SearchSettings {
    let plus = PlusSettings::OURS;
    SearchSettings { seed: 1, evaluations: None, kareto: KaretoSettings::OURS, plus, known_cost: None }
}

pub(crate) fn run(name: &str, settings: &SearchSettings, function: fn(&Point) -> Evaluation) -> SearchRun {
    let space = storage_space();
    let mut search = build_search(name, &space, settings).unwrap();
    let store = ArchiveStore::in_memory(&space);
    run_search(&mut *search, &space, &Counting::new(function), &store, &Silent).unwrap()
}

pub(crate) fn volume_share(run: &SearchRun, function: fn(&Point) -> Evaluation) -> f64 {
    let full = run_full(function);
    let reference = ReferencePoint::worst_of(&full, 0.1).unwrap();
    let volume = |archive: &Archive| hypervolume(&Front::of(archive).minimised(), reference);
    volume(&run.archive) / volume(&full)
}

fn run_full(function: fn(&Point) -> Evaluation) -> Archive {
    run("full-grid", &settings(), function).archive
}

#[test]
fn the_full_grid_asks_everything_once() {
    let run = run("full-grid", &settings(), storage_sketch);
    assert_eq!((run.evaluated, run.reused, &run.reason), (289, 0, &Reason::Exhausted));
    assert_eq!(run.order, storage_space().points().collect::<Vec<_>>());
}

#[test]
fn every_search_of_the_table_respects_a_budget_and_repeats_nothing() {
    for entry in SEARCHES {
        let limited = SearchSettings { evaluations: Some(20), ..settings() };
        let run = run(entry.name, &limited, storage_sketch);
        assert!(run.order.len() <= 20, "{}", entry.name);
        assert_eq!(run.order.iter().collect::<BTreeSet<_>>().len(), run.order.len(), "{}", entry.name);
        assert_eq!(run.evaluated, run.order.len(), "{}", entry.name);
    }
    assert!(build_search("simulated-annealing", &storage_space(), &settings()).is_none());
}

#[test]
fn a_search_that_a_build_leaves_out_says_how_to_have_it() {
    let built = SEARCHES.iter().any(|entry| entry.name == "gp-ehvi");
    assert_eq!(built, cfg!(feature = "gp-ehvi"));
    assert_eq!(left_out("gp-ehvi").contains("needs a build with --features gp-ehvi"), !built);
    assert_eq!(left_out("random"), "");
}

#[test]
fn searches_that_draw_depend_on_their_seed_only_and_end_with_the_whole_space() {
    for name in ["random", "sobol", "nsga2", "motpe"] {
        let order = |seed| run(name, &SearchSettings { seed, ..settings() }, storage_sketch).order;
        assert_eq!(order(3), order(3), "{name}");
        assert_ne!(order(3), order(4), "{name}");
        assert_eq!(order(3).into_iter().collect::<BTreeSet<_>>().len(), 289, "{name}");
    }
}

#[test]
fn kareto_reaches_the_front_with_fewer_evaluations() {
    let run = run("kareto", &settings(), storage_sketch);
    assert_eq!(run.reason, Reason::Converged);
    let share = volume_share(&run, storage_sketch);
    assert_snapshot!(format!("{} evaluations, {:.4} of the hypervolume", run.evaluated, share), @"60 evaluations, 0.9951 of the hypervolume");
}

#[test]
fn kareto_gives_a_reason_for_every_point_it_skips() {
    for function in [storage_sketch, all_on_front, origin_wins] {
        let run = run("kareto", &settings(), function);
        assert_eq!(run.skipped.len() + run.archive.len(), 289);
    }
}

#[test]
fn a_search_that_is_stopped_says_so_where_no_rule_speaks_against_a_point() {
    for entry in SEARCHES {
        let limited = SearchSettings { evaluations: Some(12), ..settings() };
        let run = run(entry.name, &limited, storage_sketch);
        assert_eq!(run.skipped.len() + run.archive.len(), 289, "{}", entry.name);
        assert!(run.skipped.values().any(|reason| reason.rule() == "budget") || entry.name == "kareto-plus");
        for reason in run.skipped.values() {
            let open =
                matches!(reason, SkipReason::Flat { could_add_share: it, threshold, .. } if it >= threshold);
            assert!(!open, "{}: {reason}", entry.name);
        }
    }
}

/// The lattice of one run: `#` evaluated, `.` beyond a stop, `-` between neighbours, `o` near nothing that matters.
#[test]
fn kareto_on_the_sketch_drawn() {
    let run = run("kareto", &settings(), storage_sketch);
    let mark = |point: Point| match run.skipped.get(&point) {
        None => '#',
        Some(SkipReason::DiminishingReturn { .. }) => '.',
        Some(SkipReason::Flat { .. }) => '-',
        Some(SkipReason::OffFront { .. }) => 'o',
        Some(reason) => panic!("not a rule of Algorithm 1: {reason}"),
    };
    let row = |dram: u32| (0..17).map(|lease| mark(Point(vec![dram, lease]))).collect::<String>();
    let drawing = (0..17).map(row).collect::<Vec<_>>().join("\n");
    assert_snapshot!(drawing, @r#"
#-------###-###-#
-oooo---#---#---#
-oooo---#---#-#-#
-ooooo--#---#-#-#
....#-#-#---#-#-#
-ooooo--#---#-#-#
-ooooo--#---#---#
-ooooooo#---#---#
-ooooooo###-#---#
-ooooooo-##-#---#
-ooooooo-##-#---#
-ooooooo---o--oo#
-ooooooo###-#---#
-ooooooo---o-oo--
-ooooooo---o-oo--
-ooooooo---o-oo--
#-------###-#---#
"#);
    let (point, reason) = run.skipped.iter().next_back().unwrap();
    assert_snapshot!(format!("{point}: {} ({reason})", reason.rule()), @"[16 15]: flat (between [16 12] and [16 16], whose middle could add 0.006 % of the hypervolume where 0.020 % is asked)");
}

/// Storage that buys nothing: its ends are looked at, and nothing between them.
#[test]
fn kareto_stops_where_storage_only_costs() {
    let flat = |point: &Point| {
        let storage = f64::from(point.0[0] + point.0[1]);
        crate::functions::evaluation(1.0, 1.0, 1.0 + storage)
    };
    let run = run("kareto", &settings(), flat);
    let asked: Vec<String> = run.order.iter().map(|point| format!("{point}")).collect();
    assert_snapshot!(asked.join(" "), @"[0 0] [0 16] [16 0] [16 16] [0 4] [4 0]");
    assert!(run.skipped.values().any(|reason| reason.rule() == "diminishing-return"));
}

#[test]
fn categories_are_all_tried() {
    let axes =
        vec![Axis::categories("medium", &["a", "b", "c"]), Axis::stepped("dram_gib", 0, 8, 1).unwrap()];
    let space = DesignSpace::new(axes).unwrap();
    let evaluator = Counting::new(|point: &Point| {
        let (medium, dram) = (f64::from(point.0[0]), f64::from(point.0[1]));
        crate::functions::evaluation(10.0 - dram.min(4.0) - medium, 1.0, dram + 3.0 * medium)
    });
    let mut search = build_search("kareto", &space, &settings()).unwrap();
    let run =
        run_search(&mut *search, &space, &evaluator, &ArchiveStore::in_memory(&space), &Silent).unwrap();
    for medium in 0..3 {
        assert!(run.order.iter().any(|point| point.0[0] == medium && point.0[1] >= 4));
    }
    assert_eq!(run.skipped.len() + run.archive.len(), space.size());
}

/// Killed after any number of evaluations, a search continues to the same end and repeats nothing.
#[test]
fn an_interrupted_search_resumes() {
    for entry in SEARCHES {
        let limited = SearchSettings { evaluations: Some(70), ..settings() };
        let whole = run(entry.name, &limited, storage_sketch);
        for done in [0, 1, 7, 20, whole.order.len()] {
            assert_resumes(entry.name, &limited, &whole, done);
        }
    }
}

fn assert_resumes(name: &str, settings: &SearchSettings, whole: &SearchRun, done: usize) {
    let space = storage_space();
    let store = ArchiveStore::in_memory(&space);
    for point in whole.order.iter().take(done) {
        store.append(point, &storage_sketch(point)).unwrap();
    }
    // A foreign evaluation in the archive must not change the course.
    store.append(&Point(vec![15, 15]), &storage_sketch(&Point(vec![15, 15]))).unwrap();
    let evaluator = Counting::new(storage_sketch);
    let mut search = build_search(name, &space, settings).unwrap();
    let resumed = run_search(&mut *search, &space, &evaluator, &store, &Silent).unwrap();
    assert_eq!(resumed.archive, whole.archive, "{name}");
    assert_eq!(resumed.order, whole.order, "{name}");
    assert_eq!(evaluator.evaluations(), resumed.evaluated);
    assert_eq!(resumed.evaluated + resumed.reused, whole.evaluated);
}

/// Fails on one DRAM size.
struct Failing;

impl Evaluate for Failing {
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
        if point.0[0] == 3 { Err(EvaluateError::new("no such medium")) } else { Ok(storage_sketch(point)) }
    }
}

#[test]
fn a_failing_evaluation_ends_the_search_and_keeps_the_rest() {
    let space = storage_space();
    let store = ArchiveStore::in_memory(&space);
    let mut search = build_search("full-grid", &space, &settings()).unwrap();
    let error = run_search(&mut *search, &space, &Failing, &store, &Silent).unwrap_err();
    assert_snapshot!(error, @"evaluation of dram_gib=384,disk_lease_s=0 failed: no such medium");
    assert_eq!(store.snapshot().len(), 289 - 17);
}

/// Asks what it is told.
struct Scripted(Vec<Vec<Point>>);

impl Search for Scripted {
    fn ask(&mut self, _archive: &Archive) -> Ask {
        if self.0.is_empty() { Ask::Done(Reason::Converged) } else { Ask::Evaluate(self.0.remove(0)) }
    }
}

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Observer for Log {
    fn on_planned(&self, points: &[Point], known: usize) {
        self.0.lock().unwrap().push(format!("planned {} ({known} known)", points.len()));
    }
    fn on_evaluated(&self, point: &Point, _evaluation: &Evaluation) {
        self.0.lock().unwrap().push(format!("evaluated {point}"));
    }
    fn on_reused(&self, point: &Point, _evaluation: &Evaluation) {
        self.0.lock().unwrap().push(format!("reused {point}"));
    }
}

#[test]
fn the_driver_evaluates_each_point_once() {
    let space = storage_space();
    let store = ArchiveStore::in_memory(&space);
    let place = |a: u32, b: u32| Point(vec![a, b]);
    store.append(&place(5, 5), &storage_sketch(&place(5, 5))).unwrap();
    let mut script =
        Scripted(vec![vec![place(0, 1), place(0, 1)], vec![place(0, 1), place(5, 5)], vec![place(5, 5)]]);
    let (evaluator, log) = (Counting::new(storage_sketch), Log::default());
    let run = run_search(&mut script, &space, &evaluator, &store, &log).unwrap();
    assert_eq!((evaluator.evaluations(), run.evaluated, run.reused), (1, 1, 1));
    assert_eq!(run.reason, Reason::NothingNew);
    assert_eq!(
        log.0.into_inner().unwrap(),
        ["planned 1 (0 known)", "evaluated [0 1]", "planned 1 (1 known)", "reused [5 5]"]
    );
    let mut outside = Scripted(vec![vec![place(17, 0)]]);
    assert!(run_search(&mut outside, &space, &evaluator, &store, &Silent).is_err());
}
