//! Problems whose answers are known, and evaluators that count or fail.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use kareto::{Axis, DesignSpace, Evaluate, EvaluateError, Evaluation, Objectives, Point};

/// The paper's grid at 17 x 17: DRAM 0..2048 GiB step 128, lease 0..2400 s step 150.
pub(crate) fn storage_space() -> DesignSpace {
    let axes = vec![
        Axis::stepped("dram_gib", 0, 2048, 128).unwrap(),
        Axis::stepped("disk_lease_s", 0, 2400, 150).unwrap(),
    ];
    DesignSpace::new(axes).unwrap()
}

pub(crate) fn objectives(ttft: f64, throughput: f64, cost: f64) -> Objectives {
    Objectives::new(ttft, throughput, cost).unwrap()
}

pub(crate) fn evaluation(ttft: f64, throughput: f64, cost: f64) -> Evaluation {
    Evaluation { objectives: objectives(ttft, throughput, cost), metrics: BTreeMap::new() }
}

/// Evaluates by a closure and counts.
pub(crate) struct Counting<F> {
    pub function: F,
    pub count: AtomicUsize,
}

impl<F: Fn(&Point) -> Evaluation + Sync> Counting<F> {
    pub(crate) fn new(function: F) -> Self {
        Self { function, count: AtomicUsize::new(0) }
    }

    pub(crate) fn evaluations(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl<F: Fn(&Point) -> Evaluation + Sync> Evaluate for Counting<F> {
    fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
        self.count.fetch_add(1, Ordering::Relaxed);
        Ok((self.function)(point))
    }
}

/// A rough sketch of tiered storage: hits saturate in DRAM and in lease, disk hits are slower, cost is linear.
///
/// TTFT falls with hits, throughput rises with them a little, GPU time shrinks with them.
pub(crate) fn storage_sketch(point: &Point) -> Evaluation {
    let dram = f64::from(point.0[0]) * 128.0;
    let lease = f64::from(point.0[1]) * 150.0;
    let dram_hits = 0.35 * (1.0 - (-dram / 400.0).exp());
    let disk_hits = (0.45 - dram_hits).max(0.0) * (1.0 - (-lease / 500.0).exp());
    let ttft = 3.0 - 4.5 * dram_hits - 3.0 * disk_hits;
    let throughput = 1.0e4 * (1.0 + 0.2 * dram_hits + 0.1 * disk_hits);
    let cost_gpu = 100.0 * (1.0 - 0.3 * dram_hits - 0.2 * disk_hits);
    let metrics = BTreeMap::from([("cost_gpu".to_owned(), cost_gpu)]);
    Evaluation { metrics, ..evaluation(ttft, throughput, cost_gpu + dram * 0.008 + lease * 0.002) }
}

/// Every point is on the front: TTFT and cost trade exactly along the sum of positions, throughput splits ties.
pub(crate) fn all_on_front(point: &Point) -> Evaluation {
    let (a, b) = (f64::from(point.0[0]), f64::from(point.0[1]));
    evaluation(100.0 - a - b, 10.0 + a, a + b)
}

/// Exactly one point is on the front: the origin of the lattice.
pub(crate) fn origin_wins(point: &Point) -> Evaluation {
    let sum = f64::from(point.0.iter().sum::<u32>());
    evaluation(1.0 + sum, 10.0 - sum, sum)
}
