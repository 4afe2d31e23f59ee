//! The search of one experiment: its points evaluated, under every scenario where there are several.

use kareto::robust::Robust;
use kareto::search::{Ask, Reason, Search, SearchContext, SearchError};
use kareto::{Archive, ArchiveError, ArchiveStore, EvaluateError, Point, SearchRun, run_search};
use kv_core::policy::Registry;

use super::progress::Progress;
use crate::error::CliError;
use crate::evaluate::{CostBeforehand, PointEvaluator};
use crate::experiment::cases::Traces;
use crate::experiment::plan::Experiment;
use crate::render::Scenarios;

/// A finished search.
pub(super) struct Searched {
    /// What the search asked for; its counts are of points.
    pub(super) run: SearchRun,
    /// Everything in the archive.
    pub(super) kept: Archive,
    /// Where there are several; `run` and `kept` are then what they are made.
    pub(super) scenarios: Option<Scenarios>,
    /// Evaluations made now, of the points beside the search too.
    pub(super) evaluated: usize,
    /// Evaluations that the search asked for and the archive had.
    pub(super) reused: usize,
}

/// Searches, and evaluates the points beside the search.
pub(super) fn search(
    experiment: &Experiment,
    traces: &Traces,
    registry: &Registry,
    store: &ArchiveStore,
) -> Result<Searched, CliError> {
    let (base, space) = (&experiment.system, &experiment.space);
    let plan = &experiment.search;
    let objectives = plan.objectives.clone();
    let evaluator = PointEvaluator { base, space: &experiment.archive_space, traces, registry, objectives };
    let progress = Progress::new(&experiment.name);
    // With scenarios a search sees what they are made, which stays in memory; the archive keeps each of them.
    let names: Vec<String> = traces.all.iter().map(|(name, _)| name.clone()).collect();
    let in_memory = ArchiveStore::in_memory(space);
    let search_run = |search: &mut dyn Search| {
        let run = match &experiment.weighing {
            Some(weighing) => {
                let robust = Robust { names: &names, weighing, evaluator: &evaluator, store };
                run_search(search, space, &robust, &in_memory, &progress)
            }
            None => run_search(search, space, &evaluator, store, &progress),
        };
        run.map_err(search_error)
    };
    let context = SearchContext {
        space,
        seed: plan.seed,
        evaluations: plan.evaluations,
        objectives: experiment.objectives(),
        known_cost: CostBeforehand::of(base, space, traces, registry),
    };
    let mut search = plan.spec.search(&plan.params, &context);
    let before = store.evaluations();
    let run = search_run(search.as_mut())?;
    let each = if experiment.weighing.is_some() { names.len() } else { 1 };
    let reused = run.archive.len() * each - (store.evaluations() - before);
    search_run(&mut Listed(experiment.points_beside()))?;
    progress.finish();

    let (mut kept, mut scenarios) = (store.snapshot().with_objectives(plan.objectives.clone()), None);
    let evaluated = kept.len() - before;
    if let Some(weighing) = &experiment.weighing {
        let joint = std::mem::take(&mut kept);
        kept = weighing.aggregated(&joint).map_err(CliError::user)?;
        scenarios = Some(Scenarios::new(names, weighing.clone(), joint));
    }
    Ok(Searched { run, kept, scenarios, evaluated, reused })
}

/// Asks for given points, once.
pub(super) struct Listed(pub(super) Vec<Point>);

impl Search for Listed {
    fn ask(&mut self, _archive: &Archive) -> Ask {
        match std::mem::take(&mut self.0) {
            points if points.is_empty() => Ask::Done(Reason::Converged),
            points => Ask::Evaluate(points),
        }
    }
}

pub(crate) fn search_error(error: SearchError) -> CliError {
    match error {
        SearchError::Archive(error) => error.into(),
        // The archive of scenarios is the evaluator's.
        SearchError::Evaluate { key, source: EvaluateError(source) } => {
            match source.downcast::<ArchiveError>() {
                Ok(error) => (*error).into(),
                Err(source) => CliError::user(SearchError::Evaluate { key, source: EvaluateError(source) }),
            }
        }
        // A search from outside may ask for anything.
        SearchError::OutsideSpace { .. } | SearchError::NoObjective { .. } => CliError::user(error),
    }
}
