//! The run of a comparison of searches. The full grid of every case is evaluated once. Then every search is replayed
//! against the recorded answers.
//!
//! A run leaves an archive for each case, `searches.csv` and `curves.csv`. An interrupted comparison goes on from the
//! archives.

use deployment::Problem;
use kareto::compare::{Replay, Target, replay};
use kareto::{Archive, ObjectiveSet, SearchContext, SearchSpec, run_search};
use kv_core::policy::Params;
use rayon::prelude::*;

use super::Done;
use super::again::search_problem;
use crate::archive::fingerprint;
use crate::archive::open_archive;
use crate::evaluate::{CostBeforehand, PointEvaluator, Traces};
use crate::observer::{Counting, Expected, Observer};
use crate::plan::{ComparedCase, ComparisonPlan, Head, ReadTraces};
use crate::record::{
    Body, ComparedEntry, ComparisonEntry, Folder, Played, RefusedEntry, TraceEntry, curves_table,
    searches_table,
};

/// A comparison and its traces.
pub(super) struct Ready {
    plan: ComparisonPlan,
    /// The traces of each case.
    traces: Vec<Traces>,
}

impl Ready {
    /// Reads the traces.
    pub(super) fn new(plan: ComparisonPlan, read: &mut ReadTraces) -> Result<Self, Problem> {
        let traces = plan.cases.iter().map(|case| Ok(Traces::one(read.get(&case.trace)?)));
        let traces = traces.collect::<Result<_, Problem>>()?;
        Ok(Self { plan, traces })
    }

    /// What it is expected to do.
    pub(super) fn expected(&self) -> Expected {
        let cases = self.plan.cases.iter().zip(&self.traces);
        Expected::of(cases.map(|(case, traces)| (case.space.size(), &*traces.all[0].1)))
    }

    /// Runs it.
    pub(super) fn run(self, folder: &Folder, head: &Head, observer: &dyn Observer) -> Result<Done, Problem> {
        let Self { plan, traces } = self;
        for name in &plan.absent {
            observer.say(&format!("{}: skipped trace {name}: its file is not there", head.name));
        }
        let mut played = Vec::new();
        for (case, traces) in plan.cases.iter().zip(&traces) {
            played.push(play(&plan, case, traces, folder, observer)?);
        }
        let (evaluated, reused) =
            played.iter().fold((0, 0), |sum, p| (sum.0 + p.evaluated, sum.1 + p.reused));
        let searches = searches_table(&played, plan.reach)?.to_csv();
        let curves = curves_table(&played)?.to_csv();
        Ok(Done {
            tables: vec![("searches.csv", searches), ("curves.csv", curves)],
            evaluated,
            reused,
            summary: format!(
                "{} cases, {evaluated} points evaluated now, {reused} from the archives",
                played.len()
            ),
            body: Body::Comparison(ComparisonEntry {
                seeds: plan.seeds,
                reach: plan.reach,
                budget_share: plan.budget_share,
                absent: plan.absent,
                case: played.into_iter().map(|played| played.entry).collect(),
            }),
            finished: None,
        })
    }
}

/// Evaluates the full grid of a case, and replays all searches on it.
fn play(
    comparison: &ComparisonPlan,
    case: &ComparedCase,
    traces: &Traces,
    folder: &Folder,
    observer: &dyn Observer,
) -> Result<Played, Problem> {
    let title = format!("{}-{}", case.trace_name, case.system_name);
    let file = format!("{title}.jsonl");
    let fingerprint = fingerprint(&case.system, traces);
    let objectives = ObjectiveSet::default();
    let evaluator =
        PointEvaluator { base: &case.system, space: &case.space, traces, objectives: objectives.clone() };
    let (path, revision_of) = (folder.file(&file), evaluator.revision_of());
    let store = open_archive(&path, &fingerprint, &case.space, revision_of, observer)?;
    let context = SearchContext {
        space: &case.space,
        seed: comparison.seed,
        evaluations: None,
        objectives,
        known_cost: CostBeforehand::of(&case.system, &case.space, traces),
    };
    observer.begin(&title);
    let searches = kareto::search::registry();
    let full_grid = searches.find("full-grid").expect("it comes with the library");
    let mut grid = full_grid.search(&Params::default(), &SearchContext::new(&case.space));
    let run = run_search(grid.as_mut(), &case.space, &evaluator, &store, &Counting(observer));
    let run = run.map_err(search_problem)?;
    observer.end();
    let target = Target::of(&run.archive).expect("a space has a point");
    let entry = ComparedEntry {
        trace_name: case.trace_name.clone(),
        system_name: case.system_name.clone(),
        archive: file,
        fingerprint,
        points: case.space.size(),
        front_points: target.front_points(),
        refused: RefusedEntry::most(&run.archive),
        trace: TraceEntry::of(&case.trace, &traces.all[0].1),
    };
    let replays = replays(comparison, &context, &run.archive, &target)?;
    Ok(Played { entry, replays, evaluated: run.evaluated, reused: run.reused })
}

/// Every search with its default parameters, once or with every seed, in parallel; results in the order of searches and
/// seeds.
fn replays(
    comparison: &ComparisonPlan,
    context: &SearchContext<'_>,
    full: &Archive,
    target: &Target,
) -> Result<Vec<(&'static str, Vec<Replay>)>, Problem> {
    // At least one evaluation: without any there is nothing to judge.
    let budget = ((comparison.budget_share * context.space.size() as f64) as usize).max(1);
    let seeds = |draws: bool| if draws { comparison.seeds } else { 1 };
    let of = |spec: &SearchSpec| {
        let params = spec.params(&[]).map_err(Problem::user)?;
        let played = (0..seeds(spec.draws)).into_par_iter().map(|number| {
            let context = SearchContext { seed: comparison.seed + number, ..context.clone() };
            replay(spec, &params, &context, full, target, budget)
        });
        Ok((spec.name, played.collect::<Result<_, _>>().map_err(search_problem)?))
    };
    comparison.searches.iter().map(of).collect()
}
