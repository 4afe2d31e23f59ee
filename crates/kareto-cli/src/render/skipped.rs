//! The lattice of a search: which points it asked for, and by which rule it skipped the others.

use std::collections::{BTreeMap, BTreeSet};

use experiment::LoadedSearch;
use kareto::front::Front;
use kareto::{DesignSpace, Point};
use report::chart::{Class, Lattice, Svg};

use crate::error::CliError;

/// The largest number of pictures. Of spaces with more axes, the first ones are drawn.
const MOST_PICTURES: usize = 8;

/// What may have become of a point: the record's name of the rule, a letter for cells, words for the legend.
const CLASSES: [(&str, &str, &str); 9] = [
    ("front", "F", "evaluated, on the front"),
    ("evaluated", "E", "evaluated"),
    ("diminishing-return", "r", "beyond a step of diminishing return"),
    ("flat", "-", "between neighbours, could add little"),
    ("off-front", "o", "near nothing that matters"),
    ("bounded", "b", "could add little at best"),
    ("straight", "s", "beside steps that hardly bend"),
    ("budget", "n", "evaluations spent"),
    ("", "?", "not asked for"),
];

/// The classes of a record: those known, and before the last one a class for each rule that is not. Its letter is the first of
/// its name that no other class has.
fn classes(skipped: &BTreeMap<Point, String>) -> Vec<(&str, String, &str)> {
    let mut classes: Vec<(&str, String, &str)> =
        CLASSES.iter().map(|(name, sign, words)| (*name, (*sign).to_owned(), *words)).collect();
    let other: BTreeSet<&str> = skipped.values().map(String::as_str).collect();
    for rule in other.into_iter().filter(|rule| !CLASSES.iter().any(|(name, ..)| name == rule)) {
        let free = |sign: &String| !classes.iter().any(|(_, taken, _)| taken == sign);
        let sign = rule.chars().chain('a'..='z').map(String::from).find(free);
        classes.insert(classes.len() - 1, (rule, sign.unwrap_or_else(|| "*".to_owned()), rule));
    }
    classes
}

/// Pictures over two axes, one for each combination of the others; whether all combinations are drawn. None for a
/// search that asked for everything, or a record of an earlier version.
pub(super) fn lattices(loaded: &LoadedSearch) -> Result<(Vec<Svg>, bool), CliError> {
    let space = &loaded.found.space;
    let Some(skipped) = loaded.skipped.as_ref().filter(|_| loaded.found.searched.len() < space.size()) else {
        return Ok((Vec::new(), true));
    };
    let front = Front::of(&loaded.found.searched);
    let classes = classes(skipped);
    let class = |point: &Point| {
        let rule = match loaded.found.searched.contains(point) {
            true if front.points().iter().any(|(on_front, _)| on_front == point) => "front",
            true => "evaluated",
            false => skipped.get(point).map_or("", String::as_str),
        };
        classes.iter().position(|(name, ..)| *name == rule)
    };
    let (x, y) = shown(space);
    let others: Vec<usize> = (0..space.axes().len()).filter(|axis| *axis != x && Some(*axis) != y).collect();
    let corners: Vec<Point> =
        space.points().filter(|point| point.0[x] == 0 && y.is_none_or(|y| point.0[y] == 0)).collect();
    let label = |axis: usize, position: usize| space.axes()[axis].value(position as u32).to_string();
    let labels = |axis: usize| (0..space.axes()[axis].len()).map(|position| label(axis, position)).collect();
    let mut pictures = Vec::new();
    for corner in corners.iter().take(MOST_PICTURES) {
        let fixed = others
            .iter()
            .map(|&axis| format!(", {} {}", space.axes()[axis].name, label(axis, corner.0[axis] as usize)));
        let title =
            format!("Points asked for, and rules that skipped the others{}", fixed.collect::<String>());
        let y_label = y.map_or("", |y| &space.axes()[y].name);
        let mut chart = Lattice::new(title, &space.axes()[x].name, y_label);
        chart.columns = labels(x);
        chart.rows = y.map_or_else(|| vec![String::new()], labels);
        chart.classes = classes.iter().map(|(_, sign, name)| Class::new(sign.as_str(), *name)).collect();
        for row in 0..chart.rows.len() as u32 {
            for column in 0..chart.columns.len() as u32 {
                let mut point = corner.clone();
                point.0[x] = column;
                y.into_iter().for_each(|y| point.0[y] = row);
                chart.cells.push(class(&point));
            }
        }
        pictures.push(chart.to_svg().map_err(CliError::machine)?);
    }
    Ok((pictures, corners.len() <= MOST_PICTURES))
}

/// The two axes that are drawn: the first ones with an order and more than one value, or else any with more than one
/// value.
fn shown(space: &DesignSpace) -> (usize, Option<usize>) {
    let mut axes: Vec<usize> = (0..space.axes().len()).collect();
    axes.sort_by_key(|&axis| (space.axes()[axis].len() == 1, !space.axes()[axis].is_ordered()));
    (axes[0], axes.get(1).copied().filter(|&axis| space.axes()[axis].len() > 1))
}
