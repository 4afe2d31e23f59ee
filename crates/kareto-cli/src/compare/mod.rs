//! Comparison of searches: the full grid of every case once, then every search against the recorded answers.
//!
//! The record is a folder: an archive per case, from which an interrupted comparison goes on; `searches.csv` and
//! `curves.csv`, from which a page is rendered; and `comparison.toml`, what all this is of.

mod record;
mod tables;

use std::path::{Path, PathBuf};
use std::time::Instant;

use kareto::compare::{Replay, Target, replay};
use kareto::{Archive, ArchiveStore, SearchContext, SearchSpec, run_search};
use kv_core::policy::{Params, Registry};
use rayon::prelude::*;

pub(crate) use record::{CaseEntry, ComparisonRecord, Manifest};
pub(crate) use tables::median;

use crate::Registries;
use crate::args::RunOptions;
use crate::command::progress::Progress;
use crate::command::searched::search_error;
use crate::error::CliError;
use crate::evaluate::{CostBeforehand, PointEvaluator};
use crate::experiment::cases::Traces;
use crate::experiment::comparison::{Case, Comparison};
use crate::experiment::trace::ReadTraces;
use crate::output::complain;
use crate::record::{COMPARISON, Environment, TraceEntry, check_kind, fingerprint, write};

/// What became of one case.
struct Played {
    entry: CaseEntry,
    /// Every search with every seed, in the order of the searches.
    replays: Vec<(&'static str, Vec<Replay>)>,
    evaluated: usize,
    reused: usize,
}

/// Files that are comparisons, each with its plan.
type Planned = Vec<(PathBuf, Comparison)>;

/// Validated comparisons among some files, and the other files.
pub(crate) fn planned(
    files: &[PathBuf],
    options: &RunOptions,
    registries: &Registries,
) -> Result<(Planned, Vec<PathBuf>), CliError> {
    let (mut comparisons, mut others) = (Vec::new(), Vec::new());
    for file in files {
        if Comparison::is_one(file)? {
            let loaded = Comparison::load(file, options.scale, options.trace.as_deref(), registries)?;
            check_kind(&options.out, &loaded.name, COMPARISON)?;
            comparisons.push((file.clone(), loaded));
        } else {
            others.push(file.clone());
        }
    }
    Ok((comparisons, others))
}

/// Runs a comparison and writes its record.
pub(crate) fn run(
    file: &Path,
    comparison: &Comparison,
    out: &Path,
    registry: &Registry,
) -> Result<(), CliError> {
    let (started, environment) = (Instant::now(), Environment::of(file));
    // Everything is read before anything is written.
    let mut read = ReadTraces::default();
    let traces = comparison.cases.iter().map(|case| Ok(Traces::one(read.get(&case.trace)?)));
    let traces: Vec<Traces> = traces.collect::<Result<_, CliError>>()?;
    let record = ComparisonRecord::new(out, &comparison.name);
    record.create()?;
    for name in &comparison.absent {
        complain(&format!("{}: skipped trace {name}: its file is not there", comparison.name));
    }
    let mut played = Vec::new();
    for (case, traces) in comparison.cases.iter().zip(&traces) {
        played.push(play(comparison, case, traces, &record, registry)?);
    }
    let (evaluated, reused) = played.iter().fold((0, 0), |sum, p| (sum.0 + p.evaluated, sum.1 + p.reused));
    let mut runs = Manifest::earlier_runs(&record.manifest());
    if evaluated > 0 || runs.is_empty() {
        runs.push(environment.entry(evaluated, reused, started.elapsed().as_secs_f64()));
    }
    let manifest = Manifest {
        format: record::FORMAT.to_owned(),
        experiment: comparison.name.clone(),
        question: comparison.question.clone(),
        analysis: comparison.analysis.clone(),
        scale: comparison.scale.name().to_owned(),
        seed: comparison.seed,
        seeds: comparison.seeds,
        reach: comparison.reach,
        absent: comparison.absent.clone(),
        case: played.iter().map(|played| played.entry.clone()).collect(),
        run: runs,
    };
    write(&record.searches(), &tables::searches(&played, comparison.reach)?.to_csv())?;
    write(&record.curves(), &tables::curves(&played)?.to_csv())?;
    write(&record.manifest(), &manifest.to_toml())?;
    complain(&format!(
        "{}: {} cases, {evaluated} points evaluated now, {reused} from the archives; records in {}",
        comparison.name,
        played.len(),
        record.directory().display(),
    ));
    Ok(())
}

/// The full grid of a case, and all searches on it.
fn play(
    comparison: &Comparison,
    case: &Case,
    traces: &Traces,
    record: &ComparisonRecord,
    registry: &Registry,
) -> Result<Played, CliError> {
    let title = format!("{}-{}", case.trace_name, case.system_name);
    let fingerprint = fingerprint(&case.system, traces);
    let store = ArchiveStore::open(&record.archive(&title), &fingerprint, &case.space)?;
    let objectives = case.search.objectives.clone();
    let evaluator = PointEvaluator {
        base: &case.system,
        space: &case.space,
        traces,
        registry,
        objectives: objectives.clone(),
    };
    let known_cost = CostBeforehand::of(&case.system, &case.space, traces, registry);
    let context = SearchContext {
        space: &case.space,
        seed: comparison.seed,
        evaluations: case.search.evaluations,
        objectives,
        known_cost,
    };
    let progress = Progress::new(&title);
    let full_grid = kareto::search::registry();
    let full_grid = full_grid.find("full-grid").expect("it comes with the library");
    let mut grid = full_grid.search(&Params::default(), &SearchContext::new(&case.space));
    let run = run_search(grid.as_mut(), &case.space, &evaluator, &store, &progress).map_err(search_error)?;
    progress.finish();
    let target = Target::of(&run.archive).expect("a space has a point");
    let entry = CaseEntry {
        trace_name: case.trace_name.clone(),
        system_name: case.system_name.clone(),
        archive: format!("{title}.jsonl"),
        fingerprint,
        points: case.space.size(),
        front_points: target.front_points(),
        trace: TraceEntry::of(&case.trace, &traces.all[0].1),
    };
    let replays = replays(comparison, case, &context, &run.archive, &target)?;
    Ok(Played { entry, replays, evaluated: run.evaluated, reused: run.reused })
}

/// Every search, once or with every seed, in parallel; results in the order of searches and seeds.
fn replays(
    comparison: &Comparison,
    case: &Case,
    context: &SearchContext<'_>,
    full: &Archive,
    target: &Target,
) -> Result<Vec<(&'static str, Vec<Replay>)>, CliError> {
    let seeds = |draws: bool| if draws { comparison.seeds } else { 1 };
    let of = |spec: &SearchSpec| {
        // `[search]` of the file has the parameters of the search that it names; the others have their defaults.
        let params = match spec.name == case.search.spec.name {
            true => case.search.params.clone(),
            false => spec.params(&[]).map_err(CliError::user)?,
        };
        let played = (0..seeds(spec.draws)).into_par_iter().map(|number| {
            let context = SearchContext { seed: comparison.seed + number, ..context.clone() };
            replay(spec, &params, &context, full, target)
        });
        Ok((spec.name, played.collect::<Result<_, _>>().map_err(search_error)?))
    };
    comparison.searches.iter().map(of).collect()
}
