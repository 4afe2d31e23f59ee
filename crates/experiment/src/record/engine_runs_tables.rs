//! The tables of recorded runs: the runs, the figures of each, and every request, measured and simulated.

use deployment::Problem;
use engine_runs::{Comparison, Run};
use report::{Cell, Kind, Table};

/// The runs, one row each: replayed, refused or absent.
pub(crate) const ENGINE_RUNS: &str = "runs.csv";
/// The figures of each replayed run.
pub(crate) const ENGINE_FIGURES: &str = "figures.csv";
/// The requests of each replayed run.
pub(crate) const ENGINE_REQUESTS: &str = "requests.csv";

/// The result of one run of the file.
pub(crate) struct Replayed {
    pub(crate) name: String,
    pub(crate) status: RunStatus,
}

/// What became of a run.
pub(crate) enum RunStatus {
    Replayed {
        run: Box<Run>,
        comparison: Comparison,
        /// The factor on operator times that would centre the run, where it has operator times.
        centring_scale: Option<f64>,
    },
    /// Its header describes an engine that the replay does not know; the reason.
    Refused(String),
    Absent,
}

impl RunStatus {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Replayed { .. } => "replayed",
            Self::Refused(_) => "refused",
            Self::Absent => "absent",
        }
    }
}

/// `runs.csv`.
pub(crate) fn engine_runs_table(runs: &[Replayed]) -> Result<Table, Problem> {
    let mut table = Table::new(&[
        ("run", Kind::Text),
        ("status", Kind::Text),
        ("why", Kind::Text),
        ("engine", Kind::Text),
        ("requests", Kind::I64),
        ("step_law", Kind::Text),
        ("lower_tiers", Kind::Text),
        ("not_followed", Kind::Text),
        ("centring_scale", Kind::F64),
        ("fingerprint", Kind::Text),
    ])
    .map_err(Problem::machine)?;
    for Replayed { name, status } in runs {
        let mut cells = vec![Cell::from(name.as_str()), Cell::from(status.name())];
        match status {
            RunStatus::Replayed { run, comparison: _, centring_scale } => {
                let recorded = &run.recorded;
                let tiers: Vec<&str> =
                    recorded.header.lower_tiers.iter().map(|tier| tier.tier.as_str()).collect();
                cells.extend([
                    Cell::Missing,
                    Cell::from(run.engine()),
                    Cell::from(recorded.trace.len() as i64),
                    Cell::from(run.step_law()),
                    Cell::from(tiers.join(", ")),
                    Cell::from(run.not_followed.join(", ")),
                    Cell::from(*centring_scale),
                    Cell::from(format!("{:016x}", recorded.trace.fingerprint())),
                ]);
            }
            RunStatus::Refused(reason) => {
                cells.push(Cell::from(reason.as_str()));
                cells.extend(std::iter::repeat_n(Cell::Missing, 7));
            }
            RunStatus::Absent => cells.extend(std::iter::repeat_n(Cell::Missing, 8)),
        }
        table.push_row(cells).map_err(Problem::machine)?;
    }
    Ok(table)
}

/// The replayed runs.
fn replayed(runs: &[Replayed]) -> impl Iterator<Item = (&str, &Run, &Comparison)> {
    runs.iter().filter_map(|it| match &it.status {
        RunStatus::Replayed { run, comparison, .. } => Some((it.name.as_str(), &**run, comparison)),
        RunStatus::Refused(_) | RunStatus::Absent => None,
    })
}

/// `figures.csv`: a row for each run and figure.
pub(crate) fn engine_figures_table(runs: &[Replayed]) -> Result<Table, Problem> {
    let mut table = Table::new(&[
        ("run", Kind::Text),
        ("figure", Kind::Text),
        ("measured", Kind::F64),
        ("simulated", Kind::F64),
        ("error_percent", Kind::F64),
    ])
    .map_err(Problem::machine)?;
    for (name, _, comparison) in replayed(runs) {
        for row in &comparison.rows {
            let figures = [row.measured, Some(row.simulated), row.error_percent];
            let cells = [Cell::from(name), Cell::from(row.figure)].into_iter();
            table.push_row(cells.chain(figures.map(Cell::from))).map_err(Problem::machine)?;
        }
    }
    Ok(table)
}

/// `requests.csv`: a row for each run and request, in order of arrival.
pub(crate) fn engine_requests_table(runs: &[Replayed]) -> Result<Table, Problem> {
    let mut table = Table::new(&[
        ("run", Kind::Text),
        ("request", Kind::I64),
        ("prompt_tokens", Kind::I64),
        ("output_tokens", Kind::I64),
        ("ttft_s_measured", Kind::F64),
        ("ttft_s_simulated", Kind::F64),
        ("e2e_s_measured", Kind::F64),
        ("e2e_s_simulated", Kind::F64),
    ])
    .map_err(Problem::machine)?;
    for (name, run, comparison) in replayed(runs) {
        let pairs = comparison.ttft_pairs_s.iter().zip(&comparison.e2e_pairs_s).enumerate();
        for ((number, (ttft, e2e)), request) in pairs.zip(run.recorded.trace.requests()) {
            let cells = [
                Cell::from(name),
                Cell::from(number as i64),
                Cell::from(i64::from(request.prompt_tokens)),
                Cell::from(i64::from(request.output_tokens)),
                Cell::from(ttft.0),
                Cell::from(ttft.1),
                Cell::from(e2e.0),
                Cell::from(e2e.1),
            ];
            table.push_row(cells).map_err(Problem::machine)?;
        }
    }
    Ok(table)
}
