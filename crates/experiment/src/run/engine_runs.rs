//! The run of an experiment of recorded runs. Every run that is there is replayed.

use deployment::Problem;
use engine_runs::{ReplayFault, Run};
use rayon::prelude::*;

use super::Done;
use crate::observer::{Expected, Observer};
use crate::plan::{EngineRunsPlan, Head, PlannedRun};
use crate::record::{
    Body, ENGINE_FIGURES, ENGINE_REQUESTS, ENGINE_RUNS, EngineRunsEntry, Replayed, RunStatus,
    engine_figures_table, engine_requests_table, engine_runs_table,
};

/// An experiment of recorded runs. Every run was read.
pub(super) struct Ready {
    plan: EngineRunsPlan,
    /// For each run what was read, or why not.
    read: Vec<Read>,
}

/// A run before its replay.
enum Read {
    Run(Box<Run>),
    Refused(String),
    Absent,
}

impl Ready {
    /// Reads the runs. A mistake in a file ends the program; a header that the replay does not know does not.
    pub(super) fn new(plan: EngineRunsPlan) -> Result<Self, Problem> {
        let read = plan.runs.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { plan, read })
    }

    /// What it is expected to do.
    pub(super) fn expected(&self) -> Expected {
        Expected::of(self.read.iter().filter_map(|read| match read {
            Read::Run(run) => Some((1, &run.recorded.trace)),
            Read::Refused(_) | Read::Absent => None,
        }))
    }

    /// Runs it.
    pub(super) fn run(self, head: &Head, observer: &dyn Observer) -> Result<Done, Problem> {
        let Self { plan, read } = self;
        observer.begin(&head.name);
        observer.expect(read.iter().filter(|it| matches!(it, Read::Run(_))).count());
        let replay = |(planned, read): (&PlannedRun, Read)| {
            let status = match read {
                Read::Absent => RunStatus::Absent,
                Read::Refused(reason) => RunStatus::Refused(reason),
                Read::Run(run) => {
                    let status = replayed(&plan, *run)?;
                    observer.advance();
                    status
                }
            };
            Ok::<_, Problem>(Replayed { name: planned.name.clone(), status })
        };
        let runs: Vec<Replayed> =
            plan.runs.par_iter().zip(read).map(replay).collect::<Result<_, Problem>>()?;
        observer.end();
        let entry = EngineRunsEntry::of(&runs);
        for name in &entry.absent {
            observer.say(&format!("{}: skipped {name}: its file is not there", head.name));
        }
        let evaluated = entry.replayed.len();
        let summary = format!(
            "{evaluated} recorded runs replayed, {} refused, {} absent",
            entry.refused.len(),
            entry.absent.len()
        );
        Ok(Done {
            tables: vec![
                (ENGINE_RUNS, engine_runs_table(&runs)?.to_csv()),
                (ENGINE_FIGURES, engine_figures_table(&runs)?.to_csv()),
                (ENGINE_REQUESTS, engine_requests_table(&runs)?.to_csv()),
            ],
            body: Body::EngineRuns(entry),
            evaluated,
            reused: 0,
            summary,
            finished: None,
        })
    }
}

fn read(planned: &PlannedRun) -> Result<Read, Problem> {
    if planned.is_absent {
        return Ok(Read::Absent);
    }
    match Run::read(&planned.path) {
        Ok(mut run) => {
            run.profiles = planned.profiles.clone().unwrap_or(run.profiles);
            run.check_profile()?;
            Ok(Read::Run(Box::new(run)))
        }
        Err(ReplayFault::Refused { reason, .. }) => Ok(Read::Refused(reason)),
        Err(ReplayFault::Problem(problem)) => Err(problem),
    }
}

fn replayed(plan: &EngineRunsPlan, run: Run) -> Result<RunStatus, Problem> {
    match plan.replayer.replay(&run, 1.0) {
        Ok(comparison) => {
            let centring_scale = plan.replayer.centring_scale(&run).map_err(Problem::from)?;
            Ok(RunStatus::Replayed { run: Box::new(run), comparison, centring_scale })
        }
        Err(ReplayFault::Refused { reason, .. }) => Ok(RunStatus::Refused(reason)),
        Err(ReplayFault::Problem(problem)) => Err(problem),
    }
}
