//! Multi-objective tree-structured Parzen estimator (Ozaki et al., GECCO 2020): the model-based baseline.
//!
//! Evaluated points are split into a good part (first layers, less crowded first) and the rest; each axis has a
//! density of either, and points are taken where good is likeliest against bad. Axes are modelled apart, as the
//! method has it. The paper ranks the last layer by hypervolume contribution, this one by crowding.

use super::draws::Draws;
use super::{Ask, Reason, Search, SearchContext, SearchSpec};
use crate::archive::Archive;
use crate::front::ranking::best_first;
use crate::space::{Axis, DesignSpace, Point};

/// Random points to begin with.
const START: usize = 16;
/// Points of one ask.
const BATCH: usize = 4;
/// Candidates drawn from the good density for each point asked.
const CANDIDATES: usize = 24;
/// Share of the evaluated points that counts as good.
const GOOD: f64 = 0.2;
/// Width of a kernel on an ordered axis, as a fraction of the axis.
const WIDTH: f64 = 0.1;

/// The row for the registry.
pub(super) const SPEC: SearchSpec = SearchSpec {
    name: "motpe",
    summary: "multi-objective tree-structured Parzen estimator",
    source: "Ozaki et al., GECCO 2020",
    draws: true,
    params: &[],
    build: |_, context| Box::new(Motpe::new(context)),
};

/// The search.
#[derive(Debug)]
pub(super) struct Motpe {
    draws: Draws,
}

/// Density over the positions of each axis.
struct Density(Vec<Vec<f64>>);

impl Density {
    /// A kernel around every point and one uniform share, so that nothing has density 0.
    fn of(space: &DesignSpace, points: &[&Point]) -> Self {
        let along = |(index, axis): (usize, &Axis)| {
            let len = axis.len();
            let width = (WIDTH * len as f64).max(0.5);
            let mut density = vec![1.0 / len as f64; len];
            for point in points {
                let kernel: Vec<f64> = (0..len)
                    .map(|position| {
                        let distance = position as f64 - f64::from(point.0[index]);
                        let same = f64::from(u8::from(distance.abs() < 0.5));
                        if axis.is_ordered() { (-0.5 * (distance / width).powi(2)).exp() } else { same }
                    })
                    .collect();
                let total: f64 = kernel.iter().sum();
                density.iter_mut().zip(kernel).for_each(|(sum, value)| *sum += value / total);
            }
            let total: f64 = density.iter().sum();
            density.iter().map(|value| value / total).collect()
        };
        Self(space.axes().iter().enumerate().map(along).collect())
    }

    fn log(&self, point: &Point) -> f64 {
        self.0.iter().zip(&point.0).map(|(density, &position)| density[position as usize].ln()).sum()
    }

    fn draw(&self, draws: &mut Draws) -> Point {
        let position = |density: &Vec<f64>| {
            use rand::RngExt as _;
            let mut left: f64 = draws.random.random();
            let found = density.iter().position(|share| {
                left -= share;
                left < 0.0
            });
            found.unwrap_or(density.len() - 1) as u32
        };
        Point(self.0.iter().map(position).collect())
    }
}

impl Motpe {
    pub(super) fn new(context: &SearchContext<'_>) -> Self {
        Self { draws: Draws::new(context) }
    }

    fn batch(&mut self, archive: &Archive) -> Vec<Point> {
        let points: Vec<&Point> = archive.iter().map(|(point, _)| point).collect();
        let vectors = archive.vectors();
        let ordered: Vec<&Point> = best_first(&vectors).into_iter().map(|index| points[index]).collect();
        let split = ((GOOD * ordered.len() as f64).ceil() as usize).min(ordered.len());
        let good = Density::of(&self.draws.space, &ordered[..split]);
        let bad = Density::of(&self.draws.space, &ordered[split..]);
        let mut batch = Vec::new();
        while batch.len() < BATCH && self.draws.left() > 0 {
            let mut candidates: Vec<Point> = (0..CANDIDATES).map(|_| good.draw(&mut self.draws)).collect();
            let promise = |point: &Point| good.log(point) - bad.log(point);
            candidates.sort_by(|a, b| promise(b).total_cmp(&promise(a)).then_with(|| a.cmp(b)));
            let taken = candidates.into_iter().find(|point| self.draws.take(point));
            batch.extend(taken.or_else(|| self.draws.fresh()));
        }
        batch
    }
}

impl Search for Motpe {
    fn ask(&mut self, archive: &Archive) -> Ask {
        let points = if archive.is_empty() { self.draws.fresh_points(START) } else { self.batch(archive) };
        if points.is_empty() { Ask::Done(Reason::Exhausted) } else { Ask::Evaluate(points) }
    }
}
