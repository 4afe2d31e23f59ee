//! `kareto run` of an experiment of group TTL: every case is compared, then its record is written.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use kv_core::Trace;
use kv_core::policy::Registry;
use kv_core::units::s_from_ns;

use super::contest::compare;
use super::leases::Assignment;
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
    let mut rows = Vec::new();
    let mut entries = Vec::new();
    for case in &plan.cases {
        let trace = Arc::new(case.trace.load()?);
        let tried = Assignment::One(1).applied(&case.system, registry);
        check(&tried, &trace).map_err(|error| CliError::user(format!("case {}: {error}", case.name)))?;
        rows.extend(compare(&case.name, &trace, &case.system, &plan.contest, registry)?);
        entries.push(entry(case, trace));
        complain(&format!("{}: {} compared", plan.name, case.name));
    }
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
        run: environment.entry(rows.len(), 0, started.elapsed().as_secs_f64()),
    };
    let record = TtlRecord::new(&options.out, &plan.name);
    let table = rows_table(&rows)?.to_csv();
    let claims = plan.claims.iter().map(|claim| claim.row(&rows));
    let claims = record::claims_table(claims, plan.scale)?.to_csv();
    std::fs::create_dir_all(record.directory())
        .map_err(|error| CliError::machine(format!("{}: {error}", record.directory().display())))?;
    record::write(&record.rows(), &table)?;
    record::write(&record.claims(), &claims)?;
    record::write(&record.manifest(), &manifest.to_toml())?;
    for name in &plan.absent {
        complain(&format!("{}: skipped {name}: its trace is not there", plan.name));
    }
    complain(&format!(
        "{}: {} comparisons; records in {}",
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
