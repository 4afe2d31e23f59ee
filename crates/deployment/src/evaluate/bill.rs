//! The cost of a run: GPU hours, and every tier at the size bought, over the makespan.

use kv_core::units::{GIB, s_from_ns};

use crate::deployment::Deployment;

/// A priced run.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    /// GPUs of all instances times makespan \[h\].
    pub gpu_hours: f64,
    /// Currency of all amounts, such as `USD`.
    pub currency: String,
    /// Amount for GPUs, then for each tier of the plan, by name.
    pub parts: Vec<(String, f64)>,
}

impl Bill {
    /// Prices a run that took `makespan_ns` with `bought_bytes` of each tier of the plan.
    pub(crate) fn new(plan: &Deployment, makespan_ns: u64, bought_bytes: &[u64]) -> Self {
        let hours = s_from_ns(makespan_ns) / 3600.0;
        let gpu_hours = f64::from(plan.instances) * f64::from(plan.hardware.gpus) * hours;
        let mut parts = vec![("gpu".to_owned(), gpu_hours * plan.hardware.per_gpu_hour())];
        for (tier, bytes) in plan.tiers.iter().zip(bought_bytes) {
            let gib = *bytes as f64 / GIB as f64;
            parts.push((tier.name.clone(), gib * plan.hardware.per_gib_hour(&tier.medium) * hours));
        }
        Self { gpu_hours, currency: plan.hardware.prices.currency.to_string(), parts }
    }

    /// The sum of all parts.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.parts.iter().map(|(_, amount)| amount).sum()
    }
}
