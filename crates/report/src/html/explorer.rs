//! What a reader may explore in a figure: configurations with their settings, figures and prices, as data for the script of
//! the page.
//!
//! The caller names everything. This module only writes it down so that the script of the page can read it.

use maud::{Markup, PreEscaped, html};
use serde::Serialize;

/// Configurations behind a scatter plot, and behind lattices of the same page.
///
/// Every list of values has one for each configuration. The first [`Explorer::candidates`] configurations may be on the
/// front; the others, such as a baseline that no search asked for, are shown beside them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explorer {
    /// How many configurations may be on the front.
    pub candidates: usize,
    /// Their settings: a reader filters by them.
    pub axes: Vec<ExplorerAxis>,
    /// Their figures. The first is on the vertical axis and the second is the colour.
    pub figures: Vec<ExplorerFigure>,
    /// What they cost: on the horizontal axis.
    pub bill: Bill,
    /// What the front is of: places in `figures`, and `None` for the bill. Whether less is better.
    pub objectives: Vec<(Option<usize>, bool)>,
    /// Labelled configurations.
    pub marks: Vec<ExplorerMark>,
}

/// A setting.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplorerAxis {
    /// What it is called.
    pub name: String,
    /// Its values, in order.
    pub values: Vec<String>,
    /// The place in `values` of each configuration.
    pub at: Vec<u32>,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplorerFigure {
    /// What it is called.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Whether a reader may set a limit that it keeps.
    pub limited: bool,
    /// Its values, in `unit`.
    pub values: Vec<f64>,
}

/// What configurations cost, in parts that a price each multiplies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bill {
    /// What it is called.
    pub name: String,
    /// Its currency.
    pub unit: String,
    /// The whole cost under each load, at the prices of the record.
    pub whole: Vec<Vec<f64>>,
    /// What each price multiplies.
    pub prices: Vec<Price>,
    /// The weight of each load. One load has one weight.
    pub weights: Vec<f64>,
    /// Whether the cost is the largest over the loads, and not the weighted mean.
    pub worst: bool,
}

/// A price that a reader may change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Price {
    /// What has this price.
    pub name: String,
    /// The price in the record with its unit; empty where it is not known.
    pub now: String,
    /// What it adds to the cost, under each load.
    pub amounts: Vec<Vec<f64>>,
    /// Only of configurations with this setting: the axis, and the place of the value.
    pub only: Option<(usize, u32)>,
}

/// A configuration with a label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplorerMark {
    /// Which configuration.
    pub at: usize,
    /// What stands beside it.
    pub label: String,
    /// Whether it is a star, and not a diamond.
    pub star: bool,
}

/// What the cells of a lattice are, row by row from below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cells {
    /// The configuration of an [`Explorer`] of the same page; `None` where there is none to compare.
    pub at: Vec<Option<usize>>,
    /// What is said of the cell: a place in `texts`.
    pub said: Vec<usize>,
    /// The texts.
    pub texts: Vec<String>,
    /// Names of the columns, from the left.
    pub columns: Vec<String>,
    /// Names of the rows, from below.
    pub rows: Vec<String>,
    /// What the columns and the rows are.
    pub axes: [String; 2],
}

/// Data for the script of the page. A browser does not run it, and `<` cannot end it.
pub(super) fn embedded(class: &str, data: &impl Serialize) -> Markup {
    let text = serde_json::to_string(data).expect("plain texts and finite numbers").replace('<', "\\u003c");
    html! { script type="application/json" class=(class) { (PreEscaped(text)) } }
}
