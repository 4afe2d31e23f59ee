//! Cases as grids: a row for each compared value, and a column for each value along the other axis.

use experiment::{CasesEntry, LoadedSearch};
use kareto::{Axis, Evaluation};
use report::chart;

/// A figure that cases are compared by.
pub(super) struct Figure {
    /// Its name in archives.
    pub(super) name: &'static str,
    /// Its name for people, without unit.
    pub(super) title: &'static str,
    /// How many shown units are in one unit of the archive: hit ratios are shown in percent.
    pub(super) scale: f64,
    pub(super) better: Better,
}

/// Which end of a figure is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    Less,
    More,
}

pub(super) const HIT_RATIO: Figure =
    Figure { name: "hit_ratio", title: "hit ratio", scale: 100.0, better: Better::More };
pub(super) const TTFT_MEAN: Figure =
    Figure { name: "ttft_s_mean", title: "mean TTFT", scale: 1.0, better: Better::Less };
pub(super) const TTFT_P99: Figure =
    Figure { name: "ttft_s_p99", title: "p99 TTFT", scale: 1.0, better: Better::Less };
pub(super) const COST: Figure = Figure { name: "cost", title: "cost", scale: 1.0, better: Better::Less };

/// The figures that are drawn, in this order.
pub(super) const FIGURES: [Figure; 4] = [HIT_RATIO, TTFT_MEAN, TTFT_P99, COST];

impl Figure {
    /// Its unit.
    pub(super) fn unit<'a>(&self, currency: &'a str) -> &'a str {
        match self.name {
            "hit_ratio" => "%",
            "cost" => currency,
            _ => "s",
        }
    }
}

/// One grid of evaluations.
pub(super) struct Panel<'a> {
    /// The settings that all its cells share: the trace, and the axes that are not drawn. Empty where there are none.
    pub(super) title: String,
    /// The title as a part of a file name.
    pub(super) file_part: String,
    pub(super) rows: Vec<String>,
    /// For each row, whether it is a reference that nobody can choose.
    pub(super) reference: Vec<bool>,
    /// The columns. Where nothing is drawn along an axis, there is one without a name.
    pub(super) columns: Vec<String>,
    /// The evaluations, row by row.
    pub(super) cells: Vec<&'a Evaluation>,
}

impl Panel<'_> {
    /// A figure in one cell, in the unit in which people read it.
    pub(super) fn value(&self, figure: &Figure, row: usize, column: usize) -> f64 {
        let evaluation = self.cells[row * self.columns.len() + column];
        figure.scale * evaluation.figure(figure.name).expect("every evaluation has these figures")
    }

    /// The best value of a column among the rows that one can choose, and those rows. `None` if there is no such row.
    pub(super) fn best(&self, figure: &Figure, column: usize) -> Option<(f64, Vec<usize>)> {
        let choices: Vec<usize> = (0..self.rows.len()).filter(|&row| !self.reference[row]).collect();
        let values = choices.iter().map(|&row| self.value(figure, row, column));
        let best = match figure.better {
            Better::Less => values.min_by(f64::total_cmp),
            Better::More => values.max_by(f64::total_cmp),
        }?;
        let is_best = |row: &usize| self.value(figure, *row, column).total_cmp(&best).is_eq();
        Some((best, choices.into_iter().filter(is_best).collect()))
    }
}

/// The panels of a record, in the order of its axes.
pub(super) fn panels<'a>(loaded: &'a LoadedSearch, cases: &CasesEntry) -> Vec<Panel<'a>> {
    let axes = loaded.found.space.axes();
    let place = |name: &str| axes.iter().position(|axis| axis.name == name);
    let compare = place(&cases.compare).expect("checked when the file was loaded");
    let along = cases.along.as_deref().and_then(place);
    let values = |axis: &Axis| -> Vec<String> {
        (0..axis.len() as u32).map(|position| axis.value(position).to_string()).collect()
    };
    let rows = values(&axes[compare]);
    let columns = along.map_or_else(|| vec![String::new()], |along| values(&axes[along]));
    let drawn = |axis: usize| axis == compare || Some(axis) == along;
    let mut panels: Vec<(Vec<u32>, Panel<'a>)> = Vec::new();
    for (point, evaluation) in loaded.found.searched.iter() {
        let key: Vec<u32> = (0..axes.len()).filter(|axis| !drawn(*axis)).map(|axis| point.0[axis]).collect();
        if !panels.iter().any(|(known, _)| *known == key) {
            let fixed = axes.iter().zip(loaded.found.space.values(point)).enumerate();
            let fixed = fixed.filter(|(axis, _)| !drawn(*axis));
            let fixed: Vec<(&str, String)> =
                fixed.map(|(_, (axis, value))| (axis.name.as_str(), value.to_string())).collect();
            let panel = Panel {
                title: fixed
                    .iter()
                    .map(|(name, value)| titled(cases, name, value))
                    .collect::<Vec<_>>()
                    .join(", "),
                file_part: fixed.iter().map(|(_, value)| format!("{value}-")).collect(),
                reference: rows.iter().map(|row| cases.reference.contains(row)).collect(),
                rows: rows.clone(),
                columns: columns.clone(),
                cells: vec![evaluation; rows.len() * columns.len()],
            };
            panels.push((key.clone(), panel));
        }
        let (_, panel) = panels.iter_mut().find(|(known, _)| *known == key).expect("just pushed");
        let column = along.map_or(0, |along| point.0[along] as usize);
        panel.cells[point.0[compare] as usize * columns.len() + column] = evaluation;
    }
    panels.into_iter().map(|(_, panel)| panel).collect()
}

/// A setting as a heading. A trace also has its source, where its name does not say it.
fn titled(cases: &CasesEntry, name: &str, value: &str) -> String {
    match cases.traces.get(value) {
        Some(trace) if name == "trace" => {
            format!("{name} `{value}` ({})", trace.name)
        }
        _ => format!("{name} `{value}`"),
    }
}

/// The axis is logarithmic where the largest value is many times the smallest.
pub(super) fn axis(label: String, values: &[f64]) -> chart::Axis {
    const MANY_TIMES: f64 = 10.0;
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    if least > 0.0 && most > MANY_TIMES * least {
        chart::Axis::log(label)
    } else {
        chart::Axis::linear(label)
    }
}

/// With a capital at its begin.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
