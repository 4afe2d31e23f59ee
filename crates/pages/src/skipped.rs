//! The lattice of a search: which points it asked for, and by which rule it skipped the others.

use std::collections::BTreeSet;

use deployment::Problem;
use experiment::{LoadedSearch, SkippedRow};
use kareto::front::Front;
use kareto::{DesignSpace, Point};
use report::chart::{Class, Lattice, Svg};
use report::html::Cells;

/// The largest number of pictures. Of spaces with more axes, the first ones are drawn.
const MOST_PICTURES: usize = 8;

/// The largest number of rows and of columns of a picture.
const MOST_CELLS: u32 = 100;

/// What may have become of a point: the record's name of the rule, a letter for cells, words for the legend.
const CLASSES: [(&str, &str, &str); 9] = [
    ("front", "F", "evaluated, on the front"),
    ("evaluated", "E", "evaluated"),
    ("diminishing-return", "r", "beyond a step of diminishing return"),
    ("flat", "-", "between neighbours, could add little"),
    ("off-front", "o", "around a point that does not matter"),
    ("bounded", "b", "could add little at best"),
    ("straight", "s", "beside steps that hardly bend"),
    ("budget", "n", "evaluations spent"),
    ("", "?", "not asked for"),
];

/// The classes of a record: those known, and before the last one a class for each rule that is not. Its letter is the first of
/// its name that no other class has.
fn classes(skipped: &[SkippedRow]) -> Vec<(&str, String, &str)> {
    let mut classes: Vec<(&str, String, &str)> =
        CLASSES.iter().map(|(name, sign, words)| (*name, (*sign).to_owned(), *words)).collect();
    let other: BTreeSet<&str> = skipped.iter().map(|row| row.rule.as_str()).collect();
    for rule in other.into_iter().filter(|rule| !CLASSES.iter().any(|(name, ..)| name == rule)) {
        let free = |sign: &String| !classes.iter().any(|(_, taken, _)| taken == sign);
        let sign = rule.chars().chain('a'..='z').map(String::from).find(free);
        classes.insert(classes.len() - 1, (rule, sign.unwrap_or_else(|| "*".to_owned()), rule));
    }
    classes
}

/// Pictures over two axes, one for each combination of the others.
pub(super) struct Lattices {
    pub(super) pictures: Vec<(Svg, Cells)>,
    /// Whether every combination has a picture.
    pub(super) all: bool,
}

/// The pictures; none for a search that asked for everything, or a record without reasons.
///
/// On a long axis, positions side by side that look alike in a picture are one row or column of it, so that a picture
/// grows with what was evaluated and not with the space.
/// `explored` has the configurations of the chart of the front: a cell says which of them it is.
pub(super) fn lattices(loaded: &LoadedSearch, explored: &[Point]) -> Result<Option<Lattices>, Problem> {
    let space = &loaded.found.space;
    let Some(skipped) = loaded.skipped.as_ref().filter(|_| loaded.found.searched.len() < space.size()) else {
        return Ok(None);
    };
    let front = Front::of(&loaded.found.searched);
    let drawing =
        Drawing { space, skipped, classes: classes(skipped), shown: shown(space), loaded, explored };
    let combinations = drawing.others().map(|axis| space.axes()[axis].len()).product::<usize>();
    let mut pictures = Vec::new();
    for corner in drawing.corners(combinations.min(MOST_PICTURES)) {
        if let Some((chart, cells)) = drawing.chart(&corner, &front) {
            pictures.push((chart.to_svg().map_err(Problem::machine)?, cells));
        }
    }
    Ok(Some(Lattices { all: pictures.len() == combinations, pictures }))
}

/// What all pictures of a record have in common.
struct Drawing<'a> {
    space: &'a DesignSpace,
    skipped: &'a [SkippedRow],
    classes: Vec<(&'a str, String, &'a str)>,
    /// The two axes that are drawn.
    shown: (usize, Option<usize>),
    loaded: &'a LoadedSearch,
    /// The configurations of the chart of the front.
    explored: &'a [Point],
}

impl Drawing<'_> {
    /// The axes that are not drawn.
    fn others(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let (x, y) = self.shown;
        (0..self.space.axes().len()).filter(move |axis| *axis != x && Some(*axis) != y)
    }

    /// The first combinations of the other axes in the order of the space: the least point of each.
    fn corners(&self, count: usize) -> impl Iterator<Item = Point> + '_ {
        (0..count).map(|mut place| {
            let mut corner = self.space.point(0);
            for axis in self.others().rev() {
                let length = self.space.axes()[axis].len();
                corner.0[axis] = (place % length) as u32;
                place /= length;
            }
            corner
        })
    }

    /// The picture of a combination and what its cells are; none where it would have too many rows or columns.
    fn chart(&self, corner: &Point, front: &Front) -> Option<(Lattice, Cells)> {
        let (x, y) = self.shown;
        let axes = self.space.axes();
        let fixed = self
            .others()
            .map(|axis| format!(", {} {}", axes[axis].name, axes[axis].value(corner.0[axis])))
            .collect::<String>();
        let title = format!("Points asked for, and rules that skipped the others{fixed}");
        let mut chart = Lattice::new(title, &axes[x].name, y.map_or("", |y| &axes[y].name));
        let columns = self.runs(corner, x)?;
        let rows = y.map_or_else(|| Some(vec![[0, 0]]), |y| self.runs(corner, y))?;
        chart.columns = columns.iter().map(|run| self.label(x, *run)).collect();
        chart.rows = rows.iter().map(|run| y.map_or_else(String::new, |y| self.label(y, *run))).collect();
        chart.classes = self.classes.iter().map(|(_, sign, name)| Class::new(sign.as_str(), *name)).collect();
        let mut at = Vec::new();
        for [row, _] in rows {
            for [column, _] in &columns {
                let mut point = corner.clone();
                point.0[x] = *column;
                y.into_iter().for_each(|y| point.0[y] = row);
                chart.cells.push(self.class(&point, front));
                at.push(self.explored.iter().position(|known| *known == point));
            }
        }
        let cells = Cells {
            said: chart.cells.iter().map(|class| class.unwrap_or(self.classes.len() - 1)).collect(),
            at,
            texts: self.classes.iter().map(|(_, _, words)| (*words).to_owned()).collect(),
            columns: chart.columns.clone(),
            rows: chart.rows.clone(),
            axes: [chart.x_label.clone(), chart.y_label.clone()],
        };
        Some((chart, cells))
    }

    /// Runs of positions of an axis that look alike in a picture, first and last of each; every position alone where the
    /// axis is short.
    fn runs(&self, corner: &Point, axis: usize) -> Option<Vec<[u32; 2]>> {
        let length = self.space.axes()[axis].len() as u32;
        if length <= MOST_CELLS {
            return Some((0..length).map(|at| [at, at]).collect());
        }
        let mut begins = BTreeSet::from([0]);
        for (point, _) in self.loaded.found.searched.iter() {
            if self.others().all(|axis| point.0[axis] == corner.0[axis]) {
                begins.extend([point.0[axis], point.0[axis] + 1]);
            }
        }
        for row in self.skipped {
            if self.others().all(|axis| (row.first.0[axis]..=row.last.0[axis]).contains(&corner.0[axis])) {
                begins.extend([row.first.0[axis], row.last.0[axis] + 1]);
            }
        }
        let begins: Vec<u32> = begins.into_iter().filter(|begin| *begin < length).collect();
        let ends = begins.iter().skip(1).copied().chain([length]);
        (begins.len() <= MOST_CELLS as usize)
            .then(|| begins.iter().zip(ends).map(|(begin, end)| [*begin, end - 1]).collect())
    }

    fn label(&self, axis: usize, [first, last]: [u32; 2]) -> String {
        let axis = &self.space.axes()[axis];
        match first == last {
            true => axis.value(first).to_string(),
            false => format!("{} to {}", axis.value(first), axis.value(last)),
        }
    }

    fn class(&self, point: &Point, front: &Front) -> Option<usize> {
        let rule = match self.loaded.found.searched.contains(point) {
            true if front.points().iter().any(|(on_front, _)| on_front == point) => "front",
            true => "evaluated",
            false => {
                let row = self.skipped.iter().find(|row| point.is_between(&row.first, &row.last));
                row.map_or("", |row| row.rule.as_str())
            }
        };
        self.classes.iter().position(|(name, ..)| *name == rule)
    }
}

/// The two axes that are drawn: the first ones with an order and more than one value, or else any with more than one
/// value.
fn shown(space: &DesignSpace) -> (usize, Option<usize>) {
    let mut axes: Vec<usize> = (0..space.axes().len()).collect();
    axes.sort_by_key(|&axis| (space.axes()[axis].len() == 1, !space.axes()[axis].is_ordered()));
    (axes[0], axes.get(1).copied().filter(|&axis| space.axes()[axis].len() > 1))
}
