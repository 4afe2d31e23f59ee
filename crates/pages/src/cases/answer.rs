//! The answer sentence and the three numbers with which the page of cases begins.

use experiment::CasesEntry;
use report::html::{Number, Page};

use super::panel::{COST, Figure, HIT_RATIO, Panel, TTFT_MEAN};

/// Which compared value is best most often, in mean TTFT, cost and hit ratio.
pub(super) fn answer(page: &mut Page, panels: &[Panel], cases: &CasesEntry) {
    let columns =
        || panels.iter().flat_map(|panel| (0..panel.columns.len()).map(move |column| (panel, column)));
    let of = columns().count();
    // The first of the most frequent, with the number of comparisons in which it is best or as good as the best.
    let winner = |figure: &Figure| -> Option<(String, usize)> {
        let mut wins: Vec<(String, usize)> = Vec::new();
        for (panel, column) in columns() {
            for row in panel.best(figure, column).map_or_else(Vec::new, |(_, rows)| rows) {
                match wins.iter_mut().find(|(name, _)| *name == panel.rows[row]) {
                    Some((_, count)) => *count += 1,
                    None => wins.push((panel.rows[row].clone(), 1)),
                }
            }
        }
        wins.into_iter().rev().max_by_key(|(_, count)| *count)
    };
    let (Some(fast), Some(cheap), Some(hits)) = (winner(&TTFT_MEAN), winner(&COST), winner(&HIT_RATIO))
    else {
        return;
    };
    let sentence = format!(
        "Of the values of {}, `{}` has the least mean TTFT most often, in {} of {of} comparisons, and `{}` the least cost, \
         in {}.",
        cases.compare, fast.0, fast.1, cheap.0, cheap.1
    );
    let number = |what: &str, (name, count): (String, usize)| Number {
        of: format!("most often {what}"),
        value: name,
        beside: format!("best or as good in {count} of {of}"),
    };
    let numbers = vec![
        number("the least mean TTFT", fast),
        number("the least cost", cheap),
        number("the best hit ratio", hits),
    ];
    page.answer(sentence, numbers);
}
