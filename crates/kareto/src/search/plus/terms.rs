//! What is modelled: a term for each objective, and how the terms make the objectives.
//!
//! Where throughput and cost are both objectives, two identities of the simulator help ([`KnownCost`]). The makespan is
//! modelled in the place of throughput: throughput is the trace's tokens over the makespan. The part of the cost's rate that
//! is not known beforehand is modelled in the place of the cost: cost is a rate times the makespan, and the rate of GPUs and
//! of every tier with a given size is known from the point alone. Every other objective is modelled as it is.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::objectives::{NAMES, ObjectiveSet};
use crate::search::{KnownCost, SearchContext};
use crate::space::DesignSpace;

/// Number of modelled terms. Of two objectives the third term is 0 everywhere.
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

/// Places of throughput and cost among the objectives.
#[derive(Debug, Clone, Copy)]
struct Linked {
    throughput: usize,
    cost: usize,
}

/// What is known before simulating, and what the terms mean.
pub(super) struct Terms {
    space: DesignSpace,
    objectives: ObjectiveSet,
    linked: Option<Linked>,
    /// Place of mean TTFT, which is never negative.
    ttft: Option<usize>,
    tokens: f64,
    arriving_s: f64,
    known: Option<Rates>,
}

/// The known part of the cost's rate, by place of the space, each computed when it is first needed.
struct Rates {
    of: Arc<dyn KnownCost>,
    /// In parts of [`PART`] places, so that memory is taken only where the search looks.
    per_s: Box<[OnceLock<Part>]>,
}

type Part = Box<[OnceLock<f64>]>;

/// Places of the space whose rates are kept together.
const PART: usize = 4096;

impl Rates {
    fn new(of: &Arc<dyn KnownCost>, space: &DesignSpace) -> Self {
        Self { of: Arc::clone(of), per_s: slots(space.size().div_ceil(PART)) }
    }

    fn per_s(&self, place: usize, space: &DesignSpace) -> f64 {
        let part = self.per_s[place / PART].get_or_init(|| slots(PART.min(space.size())));
        *part[place % PART].get_or_init(|| self.of.per_s(&space.point(place)))
    }
}

fn slots<T>(count: usize) -> Box<[OnceLock<T>]> {
    std::iter::repeat_with(OnceLock::new).take(count).collect()
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms").field("objectives", &self.objectives).finish_non_exhaustive()
    }
}

impl Terms {
    pub(super) fn new(context: &SearchContext<'_>) -> Self {
        let (space, objectives) = (context.space.clone(), context.objectives.clone());
        let [ttft, throughput, cost] = NAMES.map(|name| objectives.place(name));
        let linked = throughput.zip(cost).map(|(throughput, cost)| Linked { throughput, cost });
        // Without the link nothing that is known of the cost says anything about an objective.
        let known = context.known_cost.as_ref().filter(|_| linked.is_some());
        let (tokens, arriving_s) = known.map_or((1.0, 0.0), |it| (it.tokens(), it.arriving_s()));
        let known = known.map(|of| Rates::new(of, &space));
        Self { known, space, objectives, linked, ttft, tokens, arriving_s }
    }

    /// How many terms are modelled.
    pub(super) fn count(&self) -> usize {
        self.objectives.count()
    }

    pub(super) fn objectives(&self) -> &ObjectiveSet {
        &self.objectives
    }

    /// The place of the rate of the cost among the terms. Nothing is hoped of it: what is not known of a price is no curve.
    pub(super) fn rate_place(&self) -> Option<usize> {
        self.linked.map(|it| it.cost)
    }

    fn per_s(&self, place: usize) -> f64 {
        self.known.as_ref().map_or(0.0, |rates| rates.per_s(place, &self.space))
    }

    /// The scales of the terms, given all values of each.
    ///
    /// The least TTFT is about what all storage there is can give, and no storage takes a request's own prefill away: the
    /// logarithm of what lies above nine tenths of it has no room for a model to swing far below. Other figures of which less is
    /// better are taken to be alike.
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
        [0, 1, 2].map(|term| match self.linked {
            Some(linked) if term == linked.throughput => Shape::RootAbove(0.99 * self.arriving_s),
            Some(linked) if term == linked.cost => by_sign(&values[term], 0.0),
            _ => by_sign(&values[term], 0.9),
        })
    }

    /// The terms of a place of the space with this vector of minimised objectives: makespan \[s\] and cost per second that is
    /// not known beforehand where the identities help, and the entries of the vector elsewhere.
    pub(super) fn terms(&self, place: usize, vector: [f64; 3]) -> [f64; TERMS] {
        let Some(linked) = self.linked else { return vector };
        let (throughput, cost) = (0.0 - vector[linked.throughput], vector[linked.cost]);
        let makespan_s = if throughput > 0.0 { self.tokens / throughput } else { 0.0 };
        let rate = if makespan_s > 0.0 { cost / makespan_s - self.per_s(place) } else { cost };
        // What is left of a difference of equal sums is not a cost.
        let rounding = 1e-9 * (rate + self.per_s(place)).abs();
        let mut terms = vector;
        terms[linked.throughput] = makespan_s;
        terms[linked.cost] = if rate.abs() <= rounding { 0.0 } else { rate };
        terms
    }

    /// The minimised objectives of a place with these terms; a makespan below the last arrival is raised to it.
    pub(super) fn assemble(&self, place: usize, terms: [f64; TERMS]) -> [f64; 3] {
        let mut vector = terms;
        if let Some(ttft) = self.ttft {
            vector[ttft] = vector[ttft].max(0.0);
        }
        if let Some(linked) = self.linked {
            let (makespan_s, rate) = (terms[linked.throughput], terms[linked.cost]);
            let makespan_s = makespan_s.max(self.arriving_s).max(f64::MIN_POSITIVE);
            vector[linked.throughput] = -self.tokens / makespan_s;
            vector[linked.cost] = (self.per_s(place) + rate.max(0.0)) * makespan_s;
        }
        vector
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "figures are equal to the bit")]
mod tests {
    use super::*;
    use crate::figures::Figures;
    use crate::space::{Axis, Point};

    struct Rented;

    impl KnownCost for Rented {
        fn tokens(&self) -> f64 {
            5000.0
        }
        fn arriving_s(&self) -> f64 {
            90.0
        }
        fn per_s(&self, point: &Point) -> f64 {
            [0.2, 0.3][point.0[0] as usize]
        }
    }

    fn terms(names: &[&str]) -> Terms {
        let space = DesignSpace::new(vec![Axis::stepped("dram_gib", 0, 1, 1).unwrap()]).unwrap();
        let objectives = ObjectiveSet::new(names, &Figures::STANDARD).unwrap();
        Terms::new(&SearchContext {
            objectives,
            known_cost: Some(Arc::new(Rented)),
            ..SearchContext::new(&space)
        })
    }

    fn near(found: [f64; 3], wanted: [f64; 3]) -> bool {
        found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12)
    }

    /// A run of 100 s that serves 5,000 tokens, at 0.3 a second for GPUs and DRAM and 0.1 for the disk that was held:
    /// the terms give the objectives back, and only the disk is left to be modelled.
    #[test]
    fn the_identities_are_exact() {
        let known = terms(&NAMES);
        let found = known.terms(1, [1.5, -50.0, 40.0]);
        assert!(near(found, [1.5, 100.0, 0.1]), "{found:?}");
        assert!(near(known.assemble(1, found), [1.5, -50.0, 40.0]));
        // Nothing ends before the last request arrives.
        assert!(near(known.assemble(0, [1.5, 10.0, 0.0]), [1.5, -5000.0 / 90.0, 18.0]));
    }

    /// In another order the identities hold at other places. Without throughput there are none.
    #[test]
    fn the_identities_follow_the_objectives() {
        let turned = terms(&["cost", "throughput_tokens_per_s"]);
        let found = turned.terms(1, [40.0, -50.0, 0.0]);
        assert!(near(found, [0.1, 100.0, 0.0]), "{found:?}");
        assert!(near(turned.assemble(1, found), [40.0, -50.0, 0.0]));
        assert_eq!((turned.count(), turned.rate_place()), (2, Some(0)));
        let plain = terms(&["cost", "ttft_s_mean"]);
        assert_eq!(plain.terms(1, [40.0, 1.5, 0.0]), [40.0, 1.5, 0.0]);
        assert_eq!((plain.assemble(1, [40.0, -1.5, 0.0]), plain.rate_place()), ([40.0, 0.0, 0.0], None));
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
