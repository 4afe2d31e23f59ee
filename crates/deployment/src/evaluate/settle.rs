//! How much of each tier is bought, settled by running.
//!
//! A tier with a size is bought at that size. Where only a lease rules, the size bought is the peak held, which is
//! known only after a run. On some media the bandwidth grows with the size bought, so the peak depends on the size. The
//! first run therefore has the most bandwidth that the medium can have. While the peak held exceeds the size bought,
//! the size grows to the peak, and the run is repeated with the bandwidth of that size. A slower medium usually holds
//! less, so two runs are the usual number. After [`MAX_ROUNDS`] runs the last peak is bought. `experiments/FORMAT.md`
//! tells users the same.

use kv_core::Trace;
use tier_sim::{RunStats, Scenario, Scope, TierStats, simulate};

use super::EvaluationError;
use super::scenario::{existing, scenario};
use crate::data::Law;
use crate::deployment::{DeployedTier, Deployment, Size};

/// The largest number of runs.
const MAX_ROUNDS: u32 = 6;

/// A run whose sizes are settled.
pub(super) struct Settled {
    /// The simulator's input in the last run.
    pub(super) scenario: Scenario,
    pub(super) stats: RunStats,
    /// Bytes bought of each tier of the plan, over the whole cluster. They are 0 for a tier that does not exist.
    pub(super) bought_bytes: Vec<u64>,
}

/// Runs a design point until the sizes bought are at least the peaks held.
pub(super) fn settle(plan: &Deployment, trace: &Trace) -> Result<Settled, EvaluationError> {
    let tiers = existing(plan);
    let mut sizes = tiers.iter().map(|(_, tier)| first_size(tier)).collect::<Result<Vec<_>, _>>()?;
    let links_of: Vec<u64> = sizes.iter().map(Bought::links_of).collect();
    let mut made = scenario(plan, &links_of, trace)?;
    let mut stats = simulate(&made, trace)?;
    for _ in 1..MAX_ROUNDS {
        if !grow(&tiers, &stats, plan.instances, &mut sizes)? {
            break;
        }
        let links_of: Vec<u64> = sizes.iter().map(Bought::links_of).collect();
        let next = scenario(plan, &links_of, trace)?;
        let same = made.tiers.iter().zip(&next.tiers).all(|(a, b)| (a.read, a.write) == (b.read, b.write));
        if same {
            break; // the same links give the same run
        }
        made = next;
        stats = simulate(&made, trace)?;
    }
    grow(&tiers, &stats, plan.instances, &mut sizes)?;
    let mut bought_bytes = vec![0; plan.tiers.len()];
    for ((place, tier), size) in tiers.iter().zip(&sizes) {
        bought_bytes[*place] = size.links_of().saturating_mul(owners(tier, plan.instances));
    }
    Ok(Settled { scenario: made, stats, bought_bytes })
}

/// Reports what the simulator would refuse, without a run.
pub(super) fn check(plan: &Deployment, trace: &Trace) -> Result<(), EvaluationError> {
    Ok(first(plan, trace)?.check(trace)?)
}

/// The simulator's input of the first run.
pub(super) fn first(plan: &Deployment, trace: &Trace) -> Result<Scenario, EvaluationError> {
    let sizes = existing(plan).iter().map(|(_, tier)| first_size(tier)).collect::<Result<Vec<_>, _>>()?;
    let links_of: Vec<u64> = sizes.iter().map(Bought::links_of).collect();
    scenario(plan, &links_of, trace)
}

/// The time that a tier's read link takes for blocks \[s\], where so many bytes of it are bought over the cluster.
pub(super) fn read_s(
    plan: &Deployment,
    (name, bought_bytes): (&str, u64),
    blocks: u64,
    trace: &Trace,
) -> Result<f64, EvaluationError> {
    let mut links_of = Vec::new();
    for (_, tier) in existing(plan) {
        let first = first_size(tier)?.links_of();
        links_of.push(if tier.name == name { bought_bytes / owners(tier, plan.instances) } else { first });
    }
    let made = scenario(plan, &links_of, trace)?;
    let Some(tier) = made.tiers.iter().find(|tier| tier.name == name) else { return Ok(0.0) };
    let block_bytes = tier.kv_bytes_per_token.unwrap_or(made.kv_bytes_per_token);
    let bytes = block_bytes as f64 * f64::from(trace.block_tokens()) * blocks as f64;
    let operations = tier.read.io_per_block as f64 * blocks as f64;
    let by_operations = tier.read.io_per_s.map_or(0.0, |rate| operations / rate as f64);
    Ok((bytes / tier.read.bytes_per_s as f64).max(by_operations))
}

/// Bytes bought of each tier of the plan where a size is given, and 0 where a lease rules.
pub(super) fn given_bytes(plan: &Deployment) -> Result<Vec<u64>, EvaluationError> {
    let mut given_bytes = vec![0; plan.tiers.len()];
    for (place, tier) in existing(plan) {
        if let Bought::Given(bytes) = first_size(tier)? {
            given_bytes[place] = bytes.saturating_mul(owners(tier, plan.instances));
        }
    }
    Ok(given_bytes)
}

/// The size of one tier while it is being settled \[B\].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bought {
    /// The file gives it.
    Given(u64),
    /// Nothing has run yet. The links are those of the largest purchase.
    Largest(u64),
    /// The size that holds the peak of the runs so far.
    Held(u64),
}

impl Bought {
    fn links_of(&self) -> u64 {
        match *self {
            Self::Given(bytes) | Self::Largest(bytes) | Self::Held(bytes) => bytes,
        }
    }
}

fn first_size(tier: &DeployedTier) -> Result<Bought, EvaluationError> {
    Ok(match (tier.size, &tier.medium.law) {
        (Some(Size::Bytes(bytes)), _) => Bought::Given(tier.medium.size_to_buy(bytes)?),
        (_, Law::Capacity(law)) => Bought::Largest(law.max_size.0),
        _ => Bought::Largest(0),
    })
}

/// Raises the size of every tier that a lease rules to a size that holds its peak. Returns whether any size grew.
fn grow(
    tiers: &[(usize, &DeployedTier)],
    stats: &RunStats,
    instances: u32,
    sizes: &mut [Bought],
) -> Result<bool, EvaluationError> {
    let mut grew = false;
    for ((_, tier), size) in tiers.iter().zip(sizes) {
        let peak = figures(stats, &tier.name).map_or(0, |figures| figures.peak_bytes);
        let needed = tier.medium.size_to_buy(peak.div_ceil(owners(tier, instances)))?;
        let too_small = match *size {
            Bought::Given(_) => false,
            Bought::Largest(_) => true,
            Bought::Held(bytes) => needed > bytes,
        };
        if too_small {
            *size = Bought::Held(needed);
            grew = true;
        }
    }
    Ok(grew)
}

/// How many of this tier the cluster has.
fn owners(tier: &DeployedTier, instances: u32) -> u64 {
    match tier.scope {
        Scope::Instance => u64::from(instances),
        Scope::Cluster => 1,
    }
}

/// The figures of the tier with this name.
pub(super) fn figures<'a>(stats: &'a RunStats, name: &str) -> Option<&'a TierStats> {
    stats.tiers.iter().find(|tier| tier.name == name)
}
