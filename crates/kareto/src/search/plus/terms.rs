//! What is modelled: TTFT, makespan, and the rate of the cost that is not known beforehand.
//!
//! Two identities of the simulator leave no more than that. Throughput is the trace's tokens over the makespan. Cost is
//! a rate times the makespan, and the rate of GPUs and of every tier with a given size is known from the point alone.

use crate::evaluate::Evaluation;

/// What is known of the cost before anything is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownCost {
    /// Prompt and output tokens of the trace: throughput times makespan.
    pub tokens: f64,
    /// When the last request arrives \[s\]: no makespan is shorter.
    pub arriving_s: f64,
    /// By place of the space: cost per second of makespan of all that is bought at a given size, GPUs included.
    pub per_s: Vec<f64>,
}

impl KnownCost {
    /// Nothing but the identity of throughput: all cost has to be modelled.
    #[must_use]
    pub fn nothing(points: usize) -> Self {
        Self { tokens: 1.0, arriving_s: 0.0, per_s: vec![0.0; points] }
    }
}

/// Number of modelled terms.
pub(super) const TERMS: usize = 3;

/// On which scale a term is modelled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// By the logarithm of what it is above a floor: positive, and perhaps over decades.
    LogAbove(f64),
    /// As it is.
    Plain,
    /// By the root of what it is above a floor.
    RootAbove(f64),
}

impl Shape {
    pub(super) fn forth(self, value: f64) -> f64 {
        match self {
            // Nothing is below the floor when it is chosen; what is found later may be.
            Self::LogAbove(floor) => (value - floor).max(1e-3 * floor).max(f64::MIN_POSITIVE).ln(),
            Self::Plain => value,
            Self::RootAbove(floor) => (value - floor).max(0.0).sqrt(),
        }
    }

    pub(super) fn back(self, value: f64) -> f64 {
        match self {
            Self::LogAbove(floor) => floor + value.exp(),
            Self::Plain => value,
            Self::RootAbove(floor) => floor + value.max(0.0).powi(2),
        }
    }
}

impl KnownCost {
    /// The scales of the terms, given all values of each.
    ///
    /// The least TTFT is about what all storage there is can give, and no storage takes a request's own prefill away: the
    /// logarithm of what lies above nine tenths of it has no room for a model to swing far below.
    ///
    /// Where the arrivals are served as they come, the makespan stays at the last arrival and a bit; where not, it grows
    /// with the backlog. The root of the excess makes one curve of both; it begins a hundredth below the last
    /// arrival, so that by how many seconds the last request is late does not look like a backlog.
    pub(super) fn shapes(&self, values: &[Vec<f64>; TERMS]) -> [Shape; TERMS] {
        let positive = |values: &[f64]| values.iter().all(|&value| value > 0.0);
        let by_sign = |values: &[f64], floor: f64| match positive(values) {
            true => Shape::LogAbove(floor * values.iter().copied().fold(f64::INFINITY, f64::min)),
            false => Shape::Plain,
        };
        let [ttft_s, _, rate] = values;
        [by_sign(ttft_s, 0.9), Shape::RootAbove(0.99 * self.arriving_s), by_sign(rate, 0.0)]
    }

    /// Mean TTFT \[s\], makespan \[s\], and cost per second that is not known beforehand.
    pub(super) fn terms(&self, place: usize, evaluation: &Evaluation) -> [f64; TERMS] {
        let objectives = &evaluation.objectives;
        let throughput = objectives.throughput_tokens_per_s();
        let makespan_s = if throughput > 0.0 { self.tokens / throughput } else { 0.0 };
        let rate = if makespan_s > 0.0 {
            objectives.cost() / makespan_s - self.per_s[place]
        } else {
            objectives.cost()
        };
        // What is left of a difference of equal sums is not a cost.
        let rounding = 1e-9 * (rate + self.per_s[place]).abs();
        [objectives.ttft_s_mean(), makespan_s, if rate.abs() <= rounding { 0.0 } else { rate }]
    }

    /// The minimised objectives of a point with these terms; a makespan below the last arrival is raised to it.
    pub(super) fn assemble(&self, place: usize, [ttft_s, makespan_s, rate]: [f64; TERMS]) -> [f64; 3] {
        let makespan_s = makespan_s.max(self.arriving_s).max(f64::MIN_POSITIVE);
        let cost = (self.per_s[place] + rate.max(0.0)) * makespan_s;
        [ttft_s.max(0.0), -self.tokens / makespan_s, cost]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::objectives::Objectives;

    /// A run of 100 s that serves 5,000 tokens, at 0.3 a second for GPUs and DRAM and 0.1 for the disk that was held:
    /// the terms give the objectives back, and only the disk is left to be modelled.
    #[test]
    fn the_identities_are_exact() {
        let known = KnownCost { tokens: 5000.0, arriving_s: 90.0, per_s: vec![0.2, 0.3] };
        let objectives = Objectives::new(1.5, 50.0, 40.0).unwrap();
        let terms = known.terms(1, &Evaluation { objectives, metrics: BTreeMap::new() });
        let [ttft_s, makespan_s, rate] = terms;
        assert_eq!((ttft_s, makespan_s), (1.5, 100.0));
        assert!((rate - 0.1).abs() < 1e-12, "{rate}");
        let near =
            |found: [f64; 3], wanted: [f64; 3]| found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near(known.assemble(1, terms), [1.5, -50.0, 40.0]));
        // Nothing ends before the last request arrives.
        assert!(near(known.assemble(0, [1.5, 10.0, 0.0]), [1.5, -5000.0 / 90.0, 18.0]));
    }

    #[test]
    fn shapes_there_and_back() {
        for (shape, value) in [
            (Shape::LogAbove(0.0), 3.0),
            (Shape::LogAbove(2.5), 3.0),
            (Shape::Plain, -3.0),
            (Shape::RootAbove(2.0), 6.0),
        ] {
            assert!((shape.back(shape.forth(value)) - value).abs() < 1e-12, "{shape:?}");
        }
        assert!((Shape::RootAbove(2.0).back(-1.0) - 2.0).abs() < 1e-12);
    }
}
