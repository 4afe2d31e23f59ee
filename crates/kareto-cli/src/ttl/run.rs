//! `kareto run` of an experiment of group TTL: every trace is read, every case compared, then its record is written.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use kv_core::Trace;
use kv_core::policy::Registry;
use kv_core::units::s_from_ns;

use super::contest::compare;
use super::leases::{Assignment, code_of_all};
use super::measured::Measurements;
use super::plan::{Case, Plan};
use super::record::{CaseEntry, FORMAT, Manifest, TtlRecord, rows_table};
use crate::args::RunOptions;
use crate::error::CliError;
use crate::evaluate::check;
use crate::experiment::cases::Traces;
use crate::output::complain;
use crate::record::{self, Environment, TraceEntry, fingerprint};

/// Files with their plans, and the files of other experiments.
type Planned = (Vec<(PathBuf, Plan)>, Vec<PathBuf>);

/// Parts a list of experiment files into those of group TTL, validated, and the others.
pub(crate) fn planned(
    files: &[PathBuf],
    options: &RunOptions,
    registry: &Registry,
) -> Result<Planned, CliError> {
    let (mut plans, mut others) = (Vec::new(), Vec::new());
    for file in files {
        match Plan::load(file, options, registry)? {
            Some(plan) => {
                record::check_kind(&options.out, &plan.name, record::GROUP_TTL)?;
                plans.push((file.clone(), plan));
            }
            None => others.push(file.clone()),
        }
    }
    Ok((plans, others))
}

/// Compares every case and writes the record.
pub(crate) fn run(
    file: &Path,
    plan: &Plan,
    options: &RunOptions,
    registry: &Registry,
) -> Result<(), CliError> {
    let started = Instant::now();
    let environment = Environment::of(file);
    let mut traces = Vec::new();
    for case in &plan.cases {
        let trace = Arc::new(case.trace.load()?);
        let tried = Assignment::One(1).applied(&case.system, registry);
        check(&tried, &trace).map_err(|error| CliError::user(format!("case {}: {error}", case.name)))?;
        traces.push(trace);
    }
    let record = TtlRecord::new(&options.out, &plan.name);
    std::fs::create_dir_all(record.directory())
        .map_err(|error| CliError::machine(format!("{}: {error}", record.directory().display())))?;
    let (mut rows, mut entries, mut evaluated, mut reused) = (Vec::new(), Vec::new(), 0, 0);
    for (case, trace) in plan.cases.iter().zip(traces) {
        let entry = entry(case, Arc::clone(&trace));
        let revision = code_of_all(&case.system, registry);
        let measurements =
            Measurements::open(record.directory(), &entry.fingerprint, &plan.contest, revision)?;
        rows.extend(compare(&case.name, &trace, &case.system, &plan.contest, registry, &measurements)?);
        let counts = measurements.counts();
        (evaluated, reused) = (evaluated + counts.0, reused + counts.1);
        entries.push(entry);
        complain(&format!("{}: {} compared", plan.name, case.name));
    }
    // A run that simulated nothing tells nothing new.
    let earlier = Manifest::read(&record.manifest()).ok().filter(|it| evaluated == 0 && it.case == entries);
    let this = || environment.entry(evaluated, reused, started.elapsed().as_secs_f64());
    let run = earlier.map_or_else(this, |it| it.run);
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        experiment: plan.name.clone(),
        question: plan.question.clone(),
        analysis: plan.analysis.clone(),
        scale: plan.scale.name().to_owned(),
        currency: plan.cases[0].system.hardware.prices.currency.to_string(),
        groups: plan.contest.groups,
        window_s: s_from_ns(plan.contest.window_ns),
        absent: plan.absent.clone(),
        case: entries,
        run,
    };
    let table = rows_table(&rows)?.to_csv();
    let claims = plan.claims.iter().map(|claim| claim.row(&rows));
    let claims = record::claims_table(claims, plan.scale)?.to_csv();
    record::write(&record.rows(), &table)?;
    record::write(&record.claims(), &claims)?;
    record::write(&record.manifest(), &manifest.to_toml())?;
    for name in &plan.absent {
        complain(&format!("{}: skipped {name}: its trace is not there", plan.name));
    }
    complain(&format!(
        "{}: {} comparisons, {evaluated} simulations now, {reused} from the archives; records in {}",
        plan.name,
        rows.len(),
        record.directory().display()
    ));
    Ok(())
}

fn entry(case: &Case, trace: Arc<Trace>) -> CaseEntry {
    CaseEntry {
        name: case.name.clone(),
        instances: case.system.instances,
        trace: TraceEntry::of(&case.trace, &trace),
        fingerprint: fingerprint(&case.system, &Traces::one(trace)),
    }
}
