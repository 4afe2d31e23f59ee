//! From a deployment to the simulator's input: blocks instead of bytes, links instead of media.

use kv_core::Trace;
use tier_sim::{Arrivals, Engine, FreeOrder, LinkSpec, Scenario, Tier};

use super::EvaluationError;
use crate::data::{ByteSize, Links, Purchase};
use crate::deployment::{DeployedTier, Deployment, Size};
use crate::hardware::Hardware;

/// Tiers of a design point that exist, with their places in the plan, nearest first.
pub(super) fn existing(plan: &Deployment) -> Vec<(usize, &DeployedTier)> {
    plan.tiers.iter().enumerate().filter(|(_, tier)| tier.exists()).collect()
}

/// The simulator's input for a design point. `sizes_bytes` has a size for each existing tier; the links of the tier are
/// those of this size.
pub(super) fn scenario(
    plan: &Deployment,
    sizes_bytes: &[u64],
    trace: &Trace,
) -> Result<Scenario, EvaluationError> {
    let kv_bytes_per_token = plan.hardware.model.kv_bytes_per_token();
    let block_bytes = kv_bytes_per_token * u64::from(trace.block_tokens());
    let tiers = existing(plan).into_iter().zip(sizes_bytes);
    Ok(Scenario {
        engine: Engine {
            scheduler: plan.scheduler.clone(),
            pipelining: plan.pipelining,
            free_order: FreeOrder::UncachedFirst,
            arrivals: Arrivals::AsGiven,
            max_batched_tokens: plan.max_batched_tokens,
            max_seqs: plan.max_seqs,
            step: plan.hardware.step.clone(),
        },
        kv_bytes_per_token,
        layers: plan.hardware.model.kv.layers,
        hbm_blocks: hbm_blocks(plan, block_bytes)?,
        instances: plan.instances,
        router: plan.router.clone(),
        tiers: tiers.map(|((_, tier), size)| to_tier(tier, *size, block_bytes, &plan.hardware)).collect(),
        load_decision: plan.load_decision,
        generated: plan.generated,
        groups: plan.groups.clone(),
        seed: plan.seed,
    })
}

/// (gpus * (HBM * utilisation - overhead) - weights) / block, per instance.
fn hbm_blocks(plan: &Deployment, block_bytes: u64) -> Result<u32, EvaluationError> {
    let Hardware { gpu, gpus, model, .. } = &plan.hardware;
    let overhead = ByteSize(plan.hbm_overhead_per_gpu_bytes);
    let kv_bytes = gpu.kv_bytes(*gpus, model, plan.hbm_utilisation, overhead).unwrap_or(0);
    match kv_bytes / block_bytes {
        0 => Err(EvaluationError::NoRoomForKv { block_bytes }),
        blocks => Ok(u32::try_from(blocks).unwrap_or(u32::MAX)),
    }
}

/// The same link with another bandwidth and the same latency.
fn scaled(link: LinkSpec, factor: f64) -> LinkSpec {
    let times = |rate: u64| ((rate as f64 * factor).round() as u64).max(1);
    match factor {
        1.0 => link,
        _ => LinkSpec { bytes_per_s: times(link.bytes_per_s), io_per_s: link.io_per_s.map(times), ..link },
    }
}

fn to_tier(tier: &DeployedTier, size_bytes: u64, block_bytes: u64, hardware: &Hardware) -> Tier {
    let Links { read, write, duplex } = tier.medium.links(&Purchase {
        size_bytes,
        block_bytes,
        fragment_bytes: hardware.fragment_bytes,
        gpu: &hardware.gpu,
        gpus: hardware.gpus,
        sharing: tier.sharing,
    });
    let [read, write] = [read, write].map(|link| scaled(link, tier.links_factor));
    let capacity_blocks = match tier.size {
        Some(Size::Bytes(bytes)) => Some(u32::try_from(bytes / block_bytes).unwrap_or(u32::MAX)),
        Some(Size::PeakHeld) | None => None,
    };
    Tier {
        name: tier.name.clone(),
        scope: tier.scope,
        capacity_blocks,
        read,
        write,
        duplex,
        eviction: tier.eviction.clone(),
        lease: tier.lease.clone(),
        write_policy: tier.write,
        write_backlog_ns: tier.write_backlog_ns,
        contents: tier.contents,
        load: tier.load,
        prefetch: tier.prefetch,
        group_leases: tier.group_leases.clone(),
    }
}
