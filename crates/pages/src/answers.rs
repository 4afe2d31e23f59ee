//! The answer sentence and the three numbers with which the pages of comparisons and of group TTL begin.

use deployment::Problem;
use experiment::{LoadedGroupTtl, median};
use report::html::{Number, Page};
use report::number::significant;

/// What a buyer loses who trusts a search, over all cases of a comparison.
pub(super) struct Lost {
    pub(super) search: String,
    /// Cases in which no limit and no budget loses 2 %.
    pub(super) little: usize,
    pub(super) of: usize,
    /// The largest loss at any limit or budget of any case \[%\].
    pub(super) most_percent: f64,
}

/// The search with which a buyer loses least, the next one, and the paper's.
pub(super) fn of_comparison(page: &mut Page, mut searches: Vec<Lost>, budget_share: f64) {
    searches.sort_by(|a, b| b.little.cmp(&a.little).then(a.most_percent.total_cmp(&b.most_percent)));
    let Some(best) = searches.first() else { return };
    let percent = |value: f64| format!("{} %", significant(value, 3));
    let sentence = format!(
        "After {} of the grid a buyer who trusts `{}` loses less than 2 %, in cost at any TTFT limit and in TTFT for any budget, \
         in {} of {} cases, and at most {}.",
        percent(100.0 * budget_share),
        best.search,
        best.little,
        best.of,
        percent(best.most_percent)
    );
    let number = |it: &Lost| Number {
        of: format!("most that a buyer loses with `{}`", it.search),
        value: percent(it.most_percent),
        beside: format!("less than 2 % in {} of {} cases", it.little, it.of),
    };
    let of_the_paper = |it: &&Lost| it.search == "algorithm-1";
    let first = searches.iter().filter(|it| !of_the_paper(it)).take(2);
    let numbers = first.chain(searches.iter().filter(of_the_paper)).map(number).collect();
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
