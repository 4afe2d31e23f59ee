//! The run of a timeline. Every load is run under every configuration, from each of its starts. Then the file's question
//! is asked of the windows.

use std::sync::Arc;

use deployment::Problem;
use kareto::robust::joint::{joint_space, prepended};
use kareto::{Archive, DesignSpace, Point, run_search};
use kv_core::Trace;
use kv_core::units::s_from_ns;

use super::Done;
use super::again::search_problem;
use super::listed_points::Listed;
use crate::archive::{fingerprint, fnv1a, open_archive};
use crate::evaluate::{RUN, Started, TimelineEvaluator, Traces, at_point};
use crate::observer::{Counting, Expected, Observer};
use crate::plan::{Head, LoadPlan, ReadTraces, TimelinePlan};
use crate::record::{
    Body, Folder, FollowedLoad, LoadEntry, RefusedEntry, TimelineEntry, TraceEntry, choices_table,
    claims_table, recovery_table, strategies_table, windows_table,
};
use crate::timeline::{
    Asks, ChoiceRules, Fleet, Histories, Recovered, RecoveryRules, STRATEGIES, Series, lived, recovered,
};

/// A timeline and its traces.
pub(super) struct Ready {
    plan: TimelinePlan,
    /// Of each load: its trace, and its runs.
    loads: Vec<(Arc<Trace>, Vec<Started>)>,
}

/// The runs of a load that came back after a surge, or did not.
const HISTORIES: [&str; 3] = ["surged", "steady", "cold"];

impl Ready {
    /// Reads the traces, and checks what the simulator would refuse.
    pub(super) fn new(plan: TimelinePlan, read: &mut ReadTraces) -> Result<Self, Problem> {
        let mut loads = Vec::new();
        for load in &plan.loads {
            let trace = read.get(&load.trace)?;
            let runs = runs(load, &trace, &plan.asks, read)?;
            for point in plan.space.points() {
                let deployment = at_point(&plan.system, &plan.space, &point).map_err(Problem::user)?;
                let checked = runs.iter().try_for_each(|run| deployment.check(&run.trace));
                checked.map_err(|problem| Problem::user(format!("load {}: {problem}", load.name)))?;
            }
            loads.push((trace, runs));
        }
        Ok(Self { plan, loads })
    }

    /// What it is expected to do.
    pub(super) fn expected(&self) -> Expected {
        let points = self.plan.space.size();
        Expected::of(
            self.loads.iter().flat_map(|(_, runs)| runs.iter().map(move |run| (points, &*run.trace))),
        )
    }

    /// Runs it.
    pub(super) fn run(self, folder: &Folder, head: &Head, observer: &dyn Observer) -> Result<Done, Problem> {
        let Self { plan, loads } = self;
        for name in &plan.absent {
            observer.say(&format!("{}: skipped load {name}: its file is not there", head.name));
        }
        let (mut followed, mut evaluated, mut reused) = (Vec::new(), 0, 0);
        for (load, (trace, runs)) in plan.loads.iter().zip(&loads) {
            let (of_load, counts) = follow(&plan, load, trace, runs, folder, observer)?;
            followed.push(of_load);
            (evaluated, reused) = (evaluated + counts.0, reused + counts.1);
        }
        let mut tables = vec![("windows.csv", windows_table(&plan.space, &followed)?.to_csv())];
        match &plan.asks {
            Asks::Choice(rules) => tables.extend(chosen(&plan, rules, &followed)?),
            Asks::Recovery(rules) => tables.extend(come_back(&plan, rules, &followed, head)?),
        }
        let entries = followed.into_iter().map(|load| load.entry).collect();
        Ok(Done {
            tables,
            evaluated,
            reused,
            summary: format!("{} loads, {evaluated} runs now, {reused} from the archives", loads.len()),
            body: Body::Timeline(TimelineEntry::new(&plan, entries)),
            finished: None,
        })
    }
}

/// The starts of a load.
fn runs(
    load: &LoadPlan,
    trace: &Arc<Trace>,
    asks: &Asks,
    read: &mut ReadTraces,
) -> Result<Vec<Started>, Problem> {
    let start = |name: String, whole: &Arc<Trace>, first: u32| {
        let nothing = || {
            Problem::user(format!(
                "load {}: no request arrives from window {} on; allowed: fewer windows, or a longer trace",
                load.name,
                first + 1
            ))
        };
        Started::new(name, whole, first, load.window_ns).ok_or_else(nothing)
    };
    match asks {
        Asks::Choice(_) => {
            (0..load.windows).map(|first| start(format!("from-{}", first + 1), trace, first)).collect()
        }
        Asks::Recovery(_) => {
            let steady = read.get(&load.steady)?;
            let [surged, without, cold] = HISTORIES.map(str::to_owned);
            Ok(vec![
                start(surged, trace, 0)?,
                start(without, &steady, 0)?,
                start(cold, &steady, load.surge.end)?,
            ])
        }
    }
}

/// Runs a load under every configuration. Returns also how many runs were made now, and how many an archive had.
fn follow(
    plan: &TimelinePlan,
    load: &LoadPlan,
    trace: &Arc<Trace>,
    runs: &[Started],
    folder: &Folder,
    observer: &dyn Observer,
) -> Result<(FollowedLoad, (usize, usize)), Problem> {
    let names: Vec<String> = runs.iter().map(|run| run.name.clone()).collect();
    let joint = joint_space(RUN, &names, &plan.space).map_err(Problem::user)?;
    let evaluator = TimelineEvaluator {
        base: &plan.system,
        space: &plan.space,
        runs,
        windows: load.windows,
        window_ns: load.window_ns,
    };
    let of_runs: Vec<(u32, u64)> = runs.iter().map(|run| (run.first, run.trace.fingerprint())).collect();
    let of_runs = fnv1a(format!("{of_runs:?} {} {}", load.windows, load.window_ns).as_bytes());
    let fingerprint =
        format!("{}-{of_runs:016x}", fingerprint(&plan.system, &Traces::one(Arc::clone(trace))));
    let archive = format!("load-{}.jsonl", load.name);
    let store =
        open_archive(&folder.file(&archive), &fingerprint, &joint, evaluator.revision_of(), observer)?;
    observer.begin(&load.name);
    let search = &mut Listed(joint.points().collect());
    let run = run_search(search, &joint, &evaluator, &store, &Counting(observer)).map_err(search_problem)?;
    observer.end();
    let series = all_series(&run.archive, &plan.space, runs.len(), load.windows)?;
    let entry = LoadEntry {
        name: load.name.clone(),
        archive,
        windows: load.windows,
        window_s: s_from_ns(load.window_ns),
        surge: (!load.surge.is_empty()).then_some([load.surge.start, load.surge.end]),
        fingerprint,
        refused: RefusedEntry::most(&run.archive),
        trace: TraceEntry::of(&load.trace, trace),
    };
    Ok((FollowedLoad { entry, runs: names, series }, (run.evaluated, run.reused)))
}

/// By configuration, then by run.
fn all_series(
    archive: &Archive,
    space: &DesignSpace,
    runs: usize,
    windows: u32,
) -> Result<Vec<Vec<Series>>, Problem> {
    let of = |point: &Point, run: u32| {
        let evaluation = archive.get(&prepended(run, point));
        let series = evaluation.and_then(|it| Series::of(it, windows));
        series.ok_or_else(|| Problem::user("an evaluation of the archive lacks a figure of its windows"))
    };
    let of_point = |point: Point| (0..).take(runs).map(|run| of(&point, run)).collect();
    space.points().map(of_point).collect()
}

type Tables = Vec<(&'static str, String)>;

fn chosen(plan: &TimelinePlan, rules: &ChoiceRules, followed: &[FollowedLoad]) -> Result<Tables, Problem> {
    let points: Vec<Point> = plan.space.points().collect();
    let instances: Vec<u32> = points
        .iter()
        .map(|point| at_point(&plan.system, &plan.space, point).map(|it| it.instances))
        .collect::<Result<_, _>>()
        .map_err(Problem::user)?;
    let mut all = Vec::new();
    for load in followed {
        let window_s = load.entry.window_s;
        let fleet = Fleet { rules, window_s, instances: instances.clone(), runs: load.series.clone() };
        for &content in &rules.content {
            let lived = STRATEGIES.map(|(_, strategy)| lived(&fleet, strategy, content));
            all.push((load.entry.name.clone(), content, lived));
        }
    }
    Ok(vec![
        ("choices.csv", choices_table(&plan.space, &points, rules, &all)?.to_csv()),
        ("strategies.csv", strategies_table(&all)?.to_csv()),
    ])
}

fn come_back(
    plan: &TimelinePlan,
    rules: &RecoveryRules,
    followed: &[FollowedLoad],
    head: &Head,
) -> Result<Tables, Problem> {
    let mut rows: Vec<(String, Recovered, f64)> = Vec::new();
    let mut found = Vec::new();
    for (load, of_load) in plan.loads.iter().zip(followed) {
        let surge = load.surge.start as usize..load.surge.end as usize;
        for (point, series) in plan.space.points().zip(&of_load.series) {
            let [surged, steady, cold] = series.as_slice() else { unreachable!("three histories") };
            let histories = Histories { surged: surged.clone(), steady: steady.clone(), cold: cold.clone() };
            let recovered = recovered(&histories, surge.clone(), rules);
            let key = format!("load={},{}", load.name, plan.space.key(&point));
            rows.push((key, recovered.clone(), of_load.entry.window_s / 60.0));
            found.push((load.name.clone(), point, recovered, of_load.entry.window_s / 60.0));
        }
    }
    let claims = plan.claims.iter().map(|claim| claim.row(&rows));
    Ok(vec![
        ("recovery.csv", recovery_table(&plan.space, &found)?.to_csv()),
        ("claims.csv", claims_table(claims, head.scale)?.to_csv()),
    ])
}
