//! The run of an experiment of group TTL. Every case is compared.

use std::sync::Arc;

use deployment::Problem;
use kv_core::Trace;
use kv_core::units::s_from_ns;

use super::Done;
use crate::archive::fingerprint;
use crate::evaluate::Traces;
use crate::group_ttl::{Assignment, Measurements, code_of_all, compare};
use crate::observer::{Expected, Observer};
use crate::plan::{GroupTtlPlan, Head, ReadTraces, TtlCase};
use crate::record::{
    Body, Folder, GroupTtlEntry, RefusedEntry, TraceEntry, TtlCaseEntry, claims_table, rows_table,
};

/// Simulations of a case, about: it is found out case by case, and only serves to tell how much is left.
const SIMULATIONS: usize = 125;

/// An experiment of group TTL and its traces.
pub(super) struct Ready {
    plan: GroupTtlPlan,
    /// The trace of each case.
    traces: Vec<Arc<Trace>>,
}

impl Ready {
    /// Reads the traces, and checks what the simulator would refuse.
    pub(super) fn new(plan: GroupTtlPlan, read: &mut ReadTraces) -> Result<Self, Problem> {
        let mut traces = Vec::new();
        for case in &plan.cases {
            let trace = read.get(&case.trace)?;
            let tried = Assignment::One(1).applied(&case.system);
            tried.check(&trace).map_err(|problem| Problem::user(format!("case {}: {problem}", case.name)))?;
            traces.push(trace);
        }
        Ok(Self { plan, traces })
    }

    /// What it is expected to do.
    pub(super) fn expected(&self) -> Expected {
        Expected::of(self.traces.iter().map(|trace| (SIMULATIONS, &**trace)))
    }

    /// Runs it.
    pub(super) fn run(self, folder: &Folder, head: &Head, observer: &dyn Observer) -> Result<Done, Problem> {
        let Self { plan, traces } = self;
        let (mut rows, mut entries, mut evaluated, mut reused) = (Vec::new(), Vec::new(), 0, 0);
        observer.begin(&head.name);
        observer.expect(SIMULATIONS * traces.len());
        for (case, trace) in plan.cases.iter().zip(traces) {
            let entry = entry(case, Arc::clone(&trace))?;
            let revision = code_of_all(&case.system);
            let measurements =
                Measurements::open(folder.path(), &entry.fingerprint, &plan.contest, revision, observer)?;
            rows.extend(compare(&case.name, &trace, &case.system, &plan.contest, &measurements)?);
            let counts = measurements.counts();
            (evaluated, reused) = (evaluated + counts.0, reused + counts.1);
            // They are told together: how many a case needs is known when it is done.
            let of_case = |part: usize| part * SIMULATIONS / (counts.0 + counts.1).max(1);
            (0..of_case(counts.0)).for_each(|_| observer.advance());
            (0..SIMULATIONS - of_case(counts.0)).for_each(|_| observer.reuse());
            entries.push(entry);
            observer.say(&format!("{}: {} compared", head.name, case.name));
        }
        observer.end();
        for name in &plan.absent {
            observer.say(&format!("{}: skipped {name}: its trace is not there", head.name));
        }
        let claims = plan.claims.iter().map(|claim| claim.row(&rows));
        let claims = claims_table(claims, head.scale)?.to_csv();
        Ok(Done {
            tables: vec![("group-ttl.csv", rows_table(&rows)?.to_csv()), ("claims.csv", claims)],
            evaluated,
            reused,
            summary: format!(
                "{} comparisons, {evaluated} simulations now, {reused} from the archives",
                rows.len()
            ),
            body: Body::GroupTtl(GroupTtlEntry {
                currency: plan.cases[0].system.currency(),
                groups: plan.contest.groups,
                window_s: s_from_ns(plan.contest.window_ns),
                absent: plan.absent,
                case: entries,
            }),
            finished: None,
        })
    }
}

fn entry(case: &TtlCase, trace: Arc<Trace>) -> Result<TtlCaseEntry, Problem> {
    Ok(TtlCaseEntry {
        name: case.name.clone(),
        instances: case.system.instances,
        refused: RefusedEntry::of(&Assignment::One(1).applied(&case.system), &trace)?,
        trace: TraceEntry::of(&case.trace, &trace),
        fingerprint: fingerprint(&case.system, &Traces::one(trace)),
    })
}
