//! The answer sentence and the three numbers with which the pages of comparisons and of group TTL begin.

use deployment::Problem;
use experiment::{LoadedGroupTtl, median};
use report::html::{Number, Page};
use report::number::significant;

/// How a search did over all cases of a comparison.
pub(super) struct Reached {
    pub(super) search: String,
    pub(super) reached: usize,
    pub(super) of: usize,
    /// Median evaluations to the share, in percent of the grid; infinite where most cases are not reached.
    pub(super) median_percent: f64,
}

/// Which search needs the fewest evaluations, and the next two.
pub(super) fn of_comparison(page: &mut Page, mut searches: Vec<Reached>, reach: f64) {
    searches.sort_by(|a, b| (b.reached.cmp(&a.reached)).then(a.median_percent.total_cmp(&b.median_percent)));
    let Some(best) = searches.first() else { return };
    let told = |it: &Reached| match it.median_percent.is_finite() {
        true => format!("{} % of the grid", significant(it.median_percent, 3)),
        false => "not in most cases".to_owned(),
    };
    let sentence = format!(
        "`{}` reaches {} % of the full grid's hypervolume in {} of {} cases, with a median of {}.",
        best.search,
        significant(100.0 * reach, 4),
        best.reached,
        best.of,
        told(best)
    );
    let number = |it: &Reached| Number {
        of: format!("median evaluations of `{}`", it.search),
        value: told(it),
        beside: format!("reached in {} of {} cases", it.reached, it.of),
    };
    let numbers = searches.iter().take(3).map(number).collect();
    page.answer(sentence, numbers);
}

/// What group TTL gains over one TTL at equal storage: at best in and out of sample, and in the median.
pub(super) fn of_group_ttl(page: &mut Page, loaded: &LoadedGroupTtl) -> Result<(), Problem> {
    let texts = |name: &str| loaded.rows.texts(name).map_err(Problem::user);
    let (case, tuned, method) = (texts("case")?, texts("tuned")?, texts("method")?);
    let numbers = |name: &str| loaded.rows.numbers(name).map_err(Problem::user);
    let (share, gain) = (numbers("storage_share")?, numbers("reuse_gain_percent")?);
    let rows = || (0..loaded.rows.rows()).filter(|&row| method.get(row) == method.first());
    let largest = |how: &str| {
        let of = rows().filter(|&row| tuned[row] == how).filter_map(|row| Some((row, gain[row]?)));
        of.max_by(|a, b| a.1.total_cmp(&b.1))
    };
    let percent = |gain: f64| format!("{}{} %", if gain > 0.0 { "+" } else { "" }, significant(gain, 3));
    let all: Vec<f64> = rows().filter_map(|row| gain[row]).collect();
    let (count, middle) = (all.len(), median(all));
    let (Some(inside), Some(outside)) = (largest("in-sample"), largest("first-half")) else { return Ok(()) };
    page.answer(
        format!(
            "At equal storage, a TTL for each prefix group changes the reuse of one TTL by {} in the median of {count} \
             comparisons, by {} at best where it is tuned on what is replayed, and by {} at best where it is tuned on the \
             first half.",
            percent(middle),
            percent(inside.1),
            percent(outside.1)
        ),
        [("tuned on what is replayed, at best", inside), ("tuned on the first half, at best", outside)]
            .map(|(of, (row, gain))| Number {
                of: of.to_owned(),
                value: percent(gain),
                beside: format!(
                    "{}, budget {} %",
                    case[row],
                    significant(100.0 * share[row].unwrap_or(0.0), 3)
                ),
            })
            .into_iter()
            .chain([Number {
                of: "median of all comparisons".to_owned(),
                value: percent(middle),
                beside: format!("of {count}"),
            }])
            .collect(),
    );
    Ok(())
}
