//! Do searches ask the right points, once, whatever the archive holds already?

use std::collections::BTreeSet;
use std::sync::Mutex;

use insta::assert_snapshot;
use kareto::front::Front;
use kareto::front::hypervolume::{ReferencePoint, hypervolume};
use kareto::search::{Silent, SkipReason, Skipped, SkippedBox, registry};
use kareto::{
    Archive, ArchiveStore, Ask, Axis, DesignSpace, Evaluate, EvaluateError, Evaluation, Observer, Point,
    Reason, Search, SearchContext, SearchRegistry, SearchRun, SearchSpec, run_search,
};

use crate::functions::{Counting, all_on_front, origin_wins, storage_sketch, storage_space};

/// What tests tell a search; its parameters have their defaults.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub seed: u64,
    pub evaluations: Option<usize>,
}

pub(crate) fn settings() -> Settings {
    Settings { seed: 1, evaluations: None }
}

impl Settings {
    pub(crate) fn context(self, space: &DesignSpace) -> SearchContext<'_> {
        let Self { seed, evaluations } = self;
        SearchContext { seed, evaluations, ..SearchContext::new(space) }
    }
}

pub(crate) fn build(name: &str, space: &DesignSpace, settings: &Settings) -> Box<dyn Search> {
    let searches = registry();
    let spec = searches.find(name).unwrap();
    spec.search(&spec.params(&[]).unwrap(), &settings.context(space))
}

pub(crate) fn run(name: &str, settings: &Settings, function: fn(&Point) -> Evaluation) -> SearchRun {
    let space = storage_space();
    let mut search = build(name, &space, settings);
    let store = ArchiveStore::in_memory(&space);
    run_search(&mut *search, &space, &Counting::new(function), &store, &Silent).unwrap()
}

/// Every point is evaluated or has a reason, and nothing says why not where everything is evaluated.
pub(crate) fn assert_has_reasons(run: &SearchRun, space: &DesignSpace) {
    let without =
        space.points().find(|point| !run.archive.contains(point) && run.skipped.reason(point).is_none());
    assert_eq!(without, None);
    assert_eq!(run.skipped.boxes().is_empty(), run.archive.len() == space.size());
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
    for entry in registry().specs() {
        let limited = Settings { evaluations: Some(20), ..settings() };
        let run = run(entry.name, &limited, storage_sketch);
        assert!(run.order.len() <= 20, "{}", entry.name);
        assert_eq!(run.order.iter().collect::<BTreeSet<_>>().len(), run.order.len(), "{}", entry.name);
        assert_eq!(run.evaluated, run.order.len(), "{}", entry.name);
    }
    assert!(registry().find("simulated-annealing").is_none());
}

/// A search from another crate: it asks for one point, and says why not for the others.
struct First;

impl Search for First {
    fn ask(&mut self, archive: &Archive) -> Ask {
        match archive.is_empty() {
            true => Ask::Evaluate(vec![Point(vec![0, 0])]),
            false => Ask::Done(Reason::Other("one point is enough".into())),
        }
    }

    fn skipped(&self, _archive: &Archive) -> Skipped {
        let figures = vec![("patience_points", 1.0)];
        let reason =
            SkipReason { figures, ..SkipReason::new("impatience", "after the first point".to_owned()) };
        let at = Point(vec![0, 1]);
        Skipped::new(vec![SkippedBox::new([at.clone(), at], reason)])
    }
}

#[test]
fn a_search_from_outside_is_a_row_like_any_other() {
    const SPEC: SearchSpec = SearchSpec {
        name: "first",
        summary: "the first point",
        source: "this test",
        draws: false,
        params: &[],
        build: |_, _| Box::new(First),
    };
    let mut searches: SearchRegistry = registry();
    searches.add(SPEC);
    let space = storage_space();
    let spec = searches.find("first").unwrap();
    let mut search = spec.search(&spec.params(&[]).unwrap(), &SearchContext::new(&space));
    let (evaluator, store) = (Counting::new(storage_sketch), ArchiveStore::in_memory(&space));
    let run = run_search(&mut *search, &space, &evaluator, &store, &Silent).unwrap();
    assert_eq!((run.order.len(), run.reason.to_string()), (1, "one point is enough".to_owned()));
    let reason = run.skipped.reason(&Point(vec![0, 1])).unwrap();
    assert_eq!(run.skipped.reason(&Point(vec![0, 2])), None);
    assert_eq!((reason.rule, reason.figure("patience_points")), ("impatience", Some(1.0)));
    assert!(searches.names().ends_with(", first"));
}

#[test]
fn a_search_refuses_parameters_that_it_does_not_declare() {
    let searches = registry();
    let params = |name: &str, key: &str, value: f64| {
        let spec = searches.find(name).unwrap();
        spec.params(&[(key.to_owned(), value)]).unwrap_err().to_string()
    };
    assert_snapshot!(params("kareto", "tau", 0.5), @"search `kareto`: there is no parameter `tau`; allowed: coarse_steps, tau_e, tau_curvature");
    assert_snapshot!(params("kareto", "tau_e", -1.0), @"search `kareto`: `tau_e` = -1 is outside 0..=1 [1]");
    for spec in searches.specs() {
        assert!(spec.params.iter().all(|param| param.default.is_some()), "{} runs without a file", spec.name);
    }
}

#[test]
fn searches_that_draw_depend_on_their_seed_only_and_end_with_the_whole_space() {
    for name in ["random", "sobol", "nsga2", "motpe"] {
        let order = |seed| run(name, &Settings { seed, ..settings() }, storage_sketch).order;
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
    assert_snapshot!(format!("{} evaluations, {:.4} of the hypervolume", run.evaluated, share), @"75 evaluations, 0.9961 of the hypervolume");
}

#[test]
fn kareto_gives_a_reason_for_every_point_it_skips() {
    for function in [storage_sketch, all_on_front, origin_wins] {
        let run = run("kareto", &settings(), function);
        assert_has_reasons(&run, &storage_space());
    }
}

#[test]
fn a_search_that_is_stopped_says_so_where_no_rule_speaks_against_a_point() {
    for entry in registry().specs() {
        let limited = Settings { evaluations: Some(12), ..settings() };
        let run = run(entry.name, &limited, storage_sketch);
        assert_has_reasons(&run, &storage_space());
        let mut reasons = run.skipped.boxes().iter().map(|it| &it.reason);
        assert!(reasons.clone().any(|reason| reason.rule == "budget") || entry.name == "kareto-plus");
        assert!(reasons.all(|reason| reason.is_final), "{}", entry.name);
    }
}

/// The lattice of one run: `#` evaluated, `.` beyond a stop, `-` between neighbours, `o` around a point that does not matter.
#[test]
fn kareto_on_the_sketch_drawn() {
    let run = run("kareto", &settings(), storage_sketch);
    let mark = |point: Point| match run.skipped.reason(&point) {
        _ if run.archive.contains(&point) => '#',
        None => '?',
        Some(reason) => match reason.rule {
            "diminishing-return" => '.',
            "flat" => '-',
            "off-front" => 'o',
            other => panic!("not a rule of this search: {other}"),
        },
    };
    let row = |dram: u32| (0..17).map(|lease| mark(Point(vec![dram, lease]))).collect::<String>();
    let drawing = (0..17).map(row).collect::<Vec<_>>().join("\n");
    assert_snapshot!(drawing, @r#"
#-------###-###-#
-oooooo-#-------#
-oooooo-#---#---#
-oooooo-#---#---#
....#---###-#-#-#
-ooooooo###-#-#-#
-ooooooo###-#-#-#
-ooooooo###-#-#-#
-ooooooo###-#-#-#
-ooooooo-#--#-#-#
-ooooooo###-#-#-#
-ooooooo#---#---#
-ooooooo-#--#-#-#
-ooooooo#-#-#---#
-ooooooo---o-o--#
-ooooooo---o-o---
#-------###-#---#
"#);
    let point = Point(vec![16, 15]);
    let reason = run.skipped.reason(&point).unwrap();
    assert_snapshot!(format!("{point}: {} ({reason})", reason.rule), @"[16 15]: flat (between [16 12] and [16 16], whose middle could add 0.031 % of the hypervolume where 0.100 % is asked)");
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
    assert!(run.skipped.boxes().iter().any(|it| it.reason.rule == "diminishing-return"));
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
    let mut search = build("kareto", &space, &settings());
    let run =
        run_search(&mut *search, &space, &evaluator, &ArchiveStore::in_memory(&space), &Silent).unwrap();
    for medium in 0..3 {
        assert!(run.order.iter().any(|point| point.0[0] == medium && point.0[1] >= 4));
    }
    assert_has_reasons(&run, &space);
}

/// Killed after any number of evaluations, a search continues to the same end and repeats nothing.
#[test]
fn an_interrupted_search_resumes() {
    for entry in registry().specs() {
        let limited = Settings { evaluations: Some(70), ..settings() };
        let whole = run(entry.name, &limited, storage_sketch);
        for done in [0, 1, 7, 20, whole.order.len()] {
            assert_resumes(entry.name, &limited, &whole, done);
        }
    }
}

fn assert_resumes(name: &str, settings: &Settings, whole: &SearchRun, done: usize) {
    let space = storage_space();
    let store = ArchiveStore::in_memory(&space);
    for point in whole.order.iter().take(done) {
        store.append(point, &storage_sketch(point)).unwrap();
    }
    // A foreign evaluation in the archive must not change the course.
    store.append(&Point(vec![15, 15]), &storage_sketch(&Point(vec![15, 15]))).unwrap();
    let evaluator = Counting::new(storage_sketch);
    let mut search = build(name, &space, settings);
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
    let mut search = build("full-grid", &space, &settings());
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
