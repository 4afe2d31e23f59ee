//! The tables of a comparison: the evaluations that each search needed, and its hypervolume by evaluations.

use deployment::Problem;
use kareto::compare::{Replay, quartiles};
use kv_core::stats::nearest_rank;
use report::{Cell, Kind, Table};

use super::manifest::ComparedEntry;

/// The result of one case.
pub(crate) struct Played {
    pub(crate) entry: ComparedEntry,
    /// Every search with every seed, in the order of the searches.
    pub(crate) replays: Vec<(&'static str, Vec<Replay>)>,
    pub(crate) evaluated: usize,
    pub(crate) reused: usize,
}

/// `searches.csv`: a row for each case and search.
pub(crate) fn searches_table(played: &[Played], reach: f64) -> Result<Table, Problem> {
    let mut table = Table::new(&[
        ("trace", Kind::Text),
        ("system", Kind::Text),
        ("search", Kind::Text),
        ("points", Kind::I64),
        ("seeds", Kind::I64),
        ("reached", Kind::I64),
        ("evaluations_p25", Kind::I64),
        ("evaluations_p50", Kind::I64),
        ("evaluations_p75", Kind::I64),
        ("ended_p50", Kind::I64),
        ("share_p50", Kind::F64),
        ("igd_plus_p50", Kind::F64),
        ("epsilon_p50", Kind::F64),
        ("judged_p50", Kind::I64),
        ("own_range_share_p50", Kind::F64),
        ("regret_cost_worst_p50", Kind::F64),
        ("regret_cost_mean_p50", Kind::F64),
        ("regret_ttft_worst_p50", Kind::F64),
        ("regret_ttft_mean_p50", Kind::F64),
        ("could_add_share", Kind::F64),
        ("tested", Kind::I64),
        ("violations", Kind::I64),
        ("largest_violation", Kind::F64),
    ])
    .map_err(Problem::machine)?;
    for played in played {
        for (search, replays) in &played.replays {
            let counts: Vec<Option<usize>> = replays.iter().map(|replay| replay.reached(reach)).collect();
            let [low, middle, high] = quartiles(&counts).map(count_or_missing);
            let over = |of: fn(&Replay) -> f64| median(replays.iter().map(of).collect());
            // A search that certifies does not draw, so it has one replay.
            let certificate = replays.first().and_then(|replay| replay.certificate);
            table
                .push_row([
                    Cell::from(played.entry.trace_name.as_str()),
                    Cell::from(played.entry.system_name.as_str()),
                    Cell::from(*search),
                    Cell::from(played.entry.points as i64),
                    Cell::from(replays.len() as i64),
                    Cell::from(counts.iter().flatten().count() as i64),
                    low,
                    middle,
                    high,
                    Cell::from(over(|replay| replay.evaluations() as f64) as i64),
                    Cell::from(over(Replay::share)),
                    Cell::from(over(|replay| replay.igd_plus)),
                    Cell::from(over(|replay| replay.epsilon)),
                    Cell::from(over(|replay| replay.judged.evaluations as f64) as i64),
                    Cell::from(over(|replay| replay.judged.own_range_share)),
                    Cell::from(over(|replay| replay.judged.regret.cost.worst)),
                    Cell::from(over(|replay| replay.judged.regret.cost.mean)),
                    Cell::from(over(|replay| replay.judged.regret.ttft.worst)),
                    Cell::from(over(|replay| replay.judged.regret.ttft.mean)),
                    certificate.map_or(Cell::Missing, |it| Cell::from(it.could_add_share)),
                    certificate.map_or(Cell::Missing, |it| Cell::from(it.tested as i64)),
                    certificate.map_or(Cell::Missing, |it| Cell::from(it.violations as i64)),
                    certificate.map_or(Cell::Missing, |it| Cell::from(it.largest_violation)),
                ])
                .map_err(Problem::machine)?;
        }
    }
    Ok(table)
}

/// `curves.csv`: the share of the full grid's hypervolume by evaluations: after each of the first 60, and after every
/// fifth one later.
pub(crate) fn curves_table(played: &[Played]) -> Result<Table, Problem> {
    const ALL_UNTIL: usize = 60;
    let mut table = Table::new(&[
        ("trace", Kind::Text),
        ("system", Kind::Text),
        ("search", Kind::Text),
        ("evaluations", Kind::I64),
        ("share_p25", Kind::F64),
        ("share_p50", Kind::F64),
        ("share_p75", Kind::F64),
    ])
    .map_err(Problem::machine)?;
    for played in played {
        for (search, replays) in &played.replays {
            let last = replays.iter().map(Replay::evaluations).max().unwrap_or(0);
            for count in (1..=last).filter(|count| *count <= ALL_UNTIL || count % 5 == 0 || *count == last) {
                let mut shares: Vec<f64> = replays.iter().map(|replay| replay.share_after(count)).collect();
                shares.sort_by(f64::total_cmp);
                let [low, middle, high] = [0.25, 0.5, 0.75].map(|q| Cell::from(at_rank(&shares, q)));
                table
                    .push_row([
                        Cell::from(played.entry.trace_name.as_str()),
                        Cell::from(played.entry.system_name.as_str()),
                        Cell::from(*search),
                        Cell::from(count as i64),
                        low,
                        middle,
                        high,
                    ])
                    .map_err(Problem::machine)?;
            }
        }
    }
    Ok(table)
}

fn count_or_missing(count: Option<usize>) -> Cell {
    count.map_or(Cell::Missing, |count| Cell::from(count as i64))
}

/// The value at rank ceil(n / 2).
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    at_rank(&values, 0.5)
}

/// The value at rank ceil(q * n) of sorted values.
fn at_rank(sorted: &[f64], q: f64) -> f64 {
    nearest_rank(sorted, q).expect("there is a value")
}
