//! The run of an experiment of reuse. Every trace is measured at every block size that its ids can tell.

use std::path::Path;
use std::sync::Arc;

use deployment::Problem;
use kv_core::Trace;
use rayon::prelude::*;

use super::Done;
use crate::observer::{Expected, Observer};
use crate::plan::{Head, ReadTraces, ReusePlan};
use crate::record::{
    Body, CONCENTRATION, INTERVALS, REUSE, ReuseEntry, ReuseTraceEntry, TraceEntry, claims_table,
    concentration_table, intervals_table, reuse_table,
};
use crate::reuse::{Measured, measure};

/// An experiment of reuse and its traces.
pub(super) struct Ready {
    plan: ReusePlan,
    /// The trace of each entry of the plan.
    traces: Vec<Arc<Trace>>,
}

impl Ready {
    /// Reads the traces.
    pub(super) fn new(file: &Path, plan: ReusePlan, read: &mut ReadTraces) -> Result<Self, Problem> {
        let traces = plan.traces.iter().map(|trace| read.get(&trace.plan)).collect::<Result<Vec<_>, _>>()?;
        for (entry, trace) in plan.traces.iter().zip(&traces) {
            if !trace.sharing_known() {
                return Err(Problem::user(format!(
                    "{}: trace `{}` has lengths only, so nothing about reuse follows; allowed: a trace with block ids",
                    file.display(),
                    entry.name
                )));
            }
        }
        Ok(Self { plan, traces })
    }

    /// What it is expected to do.
    pub(super) fn expected(&self) -> Expected {
        let sizes = self.plan.block_tokens.len();
        let Expected { evaluations, each } = Expected::of(self.traces.iter().map(|trace| (sizes, &**trace)));
        // To measure a trace is far less work than to simulate it.
        Expected { evaluations, each: 0.1 * each }
    }

    /// Runs it.
    pub(super) fn run(self, head: &Head, observer: &dyn Observer) -> Result<Done, Problem> {
        let Self { plan, traces } = self;
        let cases: Vec<(usize, u32)> = (0..traces.len())
            .flat_map(|trace| plan.block_tokens.iter().map(move |&size| (trace, size)))
            .collect();
        observer.begin(&head.name);
        observer.expect(cases.len());
        // In the order of the cases, whatever the number of threads.
        let measured = cases.par_iter().map(|&(trace, size)| {
            let found = measure(&plan.traces[trace].name, &traces[trace], size);
            observer.advance();
            found
        });
        let measured: Vec<Option<Measured>> = measured.collect::<Result<_, _>>()?;
        let measured: Vec<Measured> = measured.into_iter().flatten().collect();
        observer.end();
        for name in &plan.absent {
            observer.say(&format!("{}: skipped {name}: its file is not there", head.name));
        }
        let claims = claims_table(plan.claims.iter().map(|claim| claim.row(&measured)), head.scale)?;
        let entries = plan.traces.iter().zip(&traces).map(|(entry, trace)| ReuseTraceEntry {
            name: entry.name.clone(),
            block_tokens: trace.block_tokens(),
            trace: TraceEntry::of(&entry.plan, trace),
        });
        Ok(Done {
            tables: vec![
                (REUSE, reuse_table(&measured)?.to_csv()),
                (CONCENTRATION, concentration_table(&measured)?.to_csv()),
                (INTERVALS, intervals_table(&measured)?.to_csv()),
                ("claims.csv", claims.to_csv()),
            ],
            evaluated: 0,
            reused: 0,
            summary: format!("{} traces measured at {} block sizes", traces.len(), plan.block_tokens.len()),
            body: Body::Reuse(ReuseEntry {
                block_tokens: plan.block_tokens,
                absent: plan.absent,
                trace: entries.collect(),
            }),
            finished: None,
        })
    }
}
