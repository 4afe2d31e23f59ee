//! From a deployment to the simulator's input: blocks instead of bytes, links instead of media.

use kv_core::Trace;
use kv_core::policy::Copies;
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
    let Hardware { model, gpus, .. } = &plan.hardware;
    let kv_bytes_per_token = model.kv_bytes_per_token_of_rank(*gpus).saturating_mul(u64::from(*gpus));
    let block_bytes = kv_bytes_per_token.saturating_mul(u64::from(trace.block_tokens()));
    let tiers = existing(plan).into_iter().zip(sizes_bytes).enumerate();
    let tiers = tiers.map(|(place, ((_, tier), size))| {
        let token_bytes = bytes_per_token(plan, tier, place == 0, kv_bytes_per_token);
        to_tier(plan, tier, *size, token_bytes, kv_bytes_per_token, trace)
    });
    let tiers = tiers.collect::<Result<_, _>>()?;
    Ok(Scenario {
        engine: Engine {
            scheduler: plan.scheduler.clone(),
            pipelining: plan.pipelining,
            free_order: FreeOrder::UncachedFirst,
            arrivals: Arrivals::AsGiven,
            max_batched_tokens: plan.max_batched_tokens,
            max_seqs: plan.max_seqs,
            window_tokens: plan.window_tokens,
            step: plan.hardware.step.clone(),
        },
        kv_bytes_per_token,
        layers: plan.hardware.model.kv.layers,
        hbm_blocks: hbm_blocks(plan, block_bytes)?,
        instances: plan.instances,
        router: plan.router.clone(),
        tiers,
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
        blocks => in_range("HBM", blocks, block_bytes),
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

/// The same link with another latency and the same bandwidth.
fn later(link: LinkSpec, factor: f64) -> LinkSpec {
    match factor {
        1.0 => link,
        _ => LinkSpec { latency_ns: (link.latency_ns as f64 * factor).round() as u64, ..link },
    }
}

/// KV of a token in a tier \[B\]: as the file says or, where it says nothing, as the engine has it.
fn bytes_per_token(plan: &Deployment, tier: &DeployedTier, nearest: bool, in_hbm: u64) -> u64 {
    let engine = plan.engine_defaults();
    let of_engine = if nearest { engine.nearest_copies } else { engine.far_copies };
    let model = &plan.hardware.model;
    match tier.copies.unwrap_or(of_engine) {
        Copies::EachRank => in_hbm,
        Copies::OneOfLatent if !model.has_latent() => in_hbm,
        Copies::One | Copies::OneOfLatent => model.kv_bytes_per_token(),
    }
}

/// A number of blocks that the simulator takes.
fn in_range(name: &str, blocks: u64, block_bytes: u64) -> Result<u32, EvaluationError> {
    let name = name.to_owned();
    u32::try_from(blocks).map_err(|_| EvaluationError::TooManyBlocks { name, blocks, block_bytes })
}

fn to_tier(
    plan: &Deployment,
    tier: &DeployedTier,
    size_bytes: u64,
    token_bytes: u64,
    token_bytes_in_hbm: u64,
    trace: &Trace,
) -> Result<Tier, EvaluationError> {
    let hardware = &plan.hardware;
    let block_bytes = token_bytes.saturating_mul(u64::from(trace.block_tokens()));
    let Links { read, write, duplex } = tier.medium.links(&Purchase {
        size_bytes,
        block_bytes,
        fragment_bytes: hardware.fragment_bytes,
        gpu: &hardware.gpu,
        gpus: hardware.gpus,
        sharing: tier.sharing,
    });
    let [read, write] = [read, write].map(|link| later(scaled(link, tier.links_factor), tier.latency_factor));
    let capacity_blocks = match tier.size {
        Some(Size::Bytes(bytes)) if bytes < block_bytes => {
            let name = tier.name.clone();
            return Err(EvaluationError::BelowOneBlock { name, bytes, block_bytes });
        }
        Some(Size::Bytes(bytes)) => Some(in_range(&tier.name, bytes / block_bytes, block_bytes)?),
        Some(Size::PeakHeld) | None => None,
    };
    let prefetch = tier.prefetch.resolve(plan.engine_defaults());
    let prefetch = prefetch.map_err(|error| EvaluationError::Prefetch { name: tier.name.clone(), error })?;
    Ok(Tier {
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
        prefetch,
        group_leases: tier.group_leases.clone(),
        kv_bytes_per_token: Some(token_bytes).filter(|bytes| *bytes != token_bytes_in_hbm),
    })
}
