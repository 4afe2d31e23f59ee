//! Puts labels beside their marks without covering each other, the marks, or more data than need be.

use super::canvas::{Px, text_width};
use super::frame::{Area, SMALL_PX};

/// Height of a line of text [px].
const HEIGHT: f64 = 15.0;
/// Distances from mark to label that are tried [px].
const DISTANCES: [f64; 7] = [11.0, 18.0, 28.0, 40.0, 55.0, 75.0, 100.0];
/// Directions that are tried, in turns from the right going up; the first of equally good ones is taken.
const DIRECTIONS: [f64; 12] =
    [0.0, 0.125, 0.875, 0.25, 0.75, 0.375, 0.625, 0.5, 0.0625, 0.9375, 0.1875, 0.8125];

/// A rectangle taken by a label [px].
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Taken {
    fn around((x, y): Px, radius: f64) -> Self {
        Taken { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }
    }

    pub(super) fn center(&self) -> Px {
        (f64::midpoint(self.left, self.right), f64::midpoint(self.top, self.bottom))
    }

    /// The place in it nearest to `at`.
    pub(super) fn nearest(&self, at: Px) -> Px {
        (at.0.clamp(self.left, self.right), at.1.clamp(self.top, self.bottom))
    }

    /// Moved into `area`, where it fits.
    fn moved_into(self, area: &Area) -> Self {
        let right = (area.left - self.left).max(0.0) - (self.right - area.right).max(0.0);
        let down = (area.top - self.top).max(0.0) - (self.bottom - area.bottom).max(0.0);
        Taken {
            left: self.left + right,
            top: self.top + down,
            right: self.right + right,
            bottom: self.bottom + down,
        }
    }

    fn overlap(&self, other: &Taken) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        width.max(0.0) * height.max(0.0)
    }
}

/// Things a label had better not cover.
pub(super) struct Obstacles<'a> {
    /// Data points: covering one is a pity.
    pub(super) points: &'a [Px],
    /// Points that matter and corners of lines: covering one is bad.
    pub(super) important: &'a [Px],
}

/// A place for the label of each mark, in their order.
pub(super) fn place(labels: &[(Px, &str)], obstacles: &Obstacles<'_>, area: &Area) -> Vec<Taken> {
    let marks: Vec<Taken> = labels.iter().map(|(at, _)| Taken::around(*at, 9.0)).collect();
    let mut placed: Vec<Taken> = Vec::new();
    for (at, text) in labels {
        let best = candidates(*at, text)
            .map(|(label, distance)| (label.moved_into(area), distance))
            .map(|(label, distance)| {
                (badness(&label, *at, distance, &marks, &placed, obstacles, area), label)
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, label)) = best {
            placed.push(label);
        }
    }
    placed
}

fn candidates(at: Px, text: &str) -> impl Iterator<Item = (Taken, f64)> {
    let width = text_width(text, SMALL_PX) + 6.0;
    DISTANCES.into_iter().flat_map(move |distance| {
        DIRECTIONS.into_iter().map(move |turns| {
            let angle = turns * std::f64::consts::TAU;
            let (right, up) = (angle.cos(), angle.sin());
            // The label's middle is far enough out for its edge to be `distance` from the mark.
            let x = at.0 + right * (distance + width / 2.0);
            let y = at.1 - up * (distance + HEIGHT / 2.0);
            let (half, tall) = (width / 2.0, HEIGHT / 2.0);
            (Taken { left: x - half, top: y - tall, right: x + half, bottom: y + tall }, distance)
        })
    })
}

fn badness(
    label: &Taken,
    at: Px,
    distance: f64,
    marks: &[Taken],
    placed: &[Taken],
    obstacles: &Obstacles<'_>,
    area: &Area,
) -> f64 {
    let inside = Taken { left: area.left, top: area.top, right: area.right, bottom: area.bottom };
    let own = (label.right - label.left) * (label.bottom - label.top);
    let outside = own - label.overlap(&inside);
    let covered: f64 = marks.iter().chain(placed).map(|other| label.overlap(other)).sum();
    let under =
        |points: &[Px]| points.iter().filter(|p| label.overlap(&Taken::around(**p, 3.0)) > 0.0).count();
    // A leader across another label or mark misleads: look at places along it.
    let end = label.nearest(at);
    let crossed = (2..=9).any(|i| {
        let share = f64::from(i) / 10.0;
        let on = Taken::around((at.0 + (end.0 - at.0) * share, at.1 + (end.1 - at.1) * share), 1.0);
        let others = marks.iter().filter(|m| m.overlap(&Taken::around(at, 0.5)) == 0.0).chain(placed);
        others.into_iter().any(|other| on.overlap(other) > 0.0)
    });
    outside * 50.0
        + covered * 20.0
        + if crossed { 300.0 } else { 0.0 }
        + under(obstacles.points) as f64 * 10.0
        + under(obstacles.important) as f64 * 30.0
        + distance * 0.4
}
