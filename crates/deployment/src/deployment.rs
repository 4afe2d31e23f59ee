//! The resolved system: every name has become data, every text a number. It has no trace and no axes.
//!
//! A [`Deployment`] is the `[system]` of a file. [`crate::setting`] changes it into one design point.
//! [`crate::evaluate`] makes a [`tier_sim::Scenario`] of it and prices the run.

use std::path::Path;
use std::sync::Arc;

use kv_core::Group;
use kv_core::policy::{Copies, EngineDefaults, Lease, Registry, Role};
use kv_core::units::{GIB, NS_PER_S, parse_duration_ns};
use tier_sim::{Contents, Generated, Load, LoadDecision, Pipelining, Policy, Scope, Sharing, WritePolicy};
use toml::Spanned;

use crate::choices;
use crate::configuration::{Configuration, configurations};
use crate::data::{Medium, Profile};
use crate::file::{self as wire, ConfigurationFile, SystemFile};
use crate::hardware::{Hardware, Media};
use crate::policy::policy;
use crate::prefetch::PrefetchChoice;
use crate::problem::{Problem, Source};
use crate::scalars::{MOST_TIER_BYTES, bytes, chosen, chosen_policy, instances, named, utilisation};

/// Memory that vLLM takes beside weights and KV: activations and CUDA graphs, in round numbers \[B\].
const OVERHEAD_PER_GPU_BYTES: u64 = 2 * GIB;

/// A serving deployment with its prices.
#[derive(Clone)]
pub struct Deployment {
    /// The policies that its settings may name.
    pub(crate) registry: Arc<Registry>,
    /// Model, GPUs, step times and prices.
    pub(crate) hardware: Hardware,
    /// The profile that the step times are from.
    pub(crate) profile: Profile,
    /// The media that tiers may be made of.
    pub(crate) media: Media,
    /// Engine replicas.
    pub instances: u32,
    /// Chooses which instance serves a request.
    pub router: Policy,
    /// Chooses which requests take part in a step.
    pub scheduler: Policy,
    /// When a step is chosen relative to the one before.
    pub pipelining: Pipelining,
    /// New tokens that one step may serve.
    pub max_batched_tokens: u32,
    /// Sequences that may run at once.
    pub max_seqs: u32,
    /// The longest request that the engine takes, prompt and output together. With `None` HBM alone decides.
    pub window_tokens: Option<u32>,
    /// The share of GPU memory that the engine may use.
    pub hbm_utilisation: f64,
    /// Memory beside weights and KV \[B\].
    pub hbm_overhead_per_gpu_bytes: u64,
    /// When a copy in a tier is read and not recomputed.
    pub load_decision: LoadDecision,
    /// What becomes of the blocks of generated tokens.
    pub generated: Generated,
    /// Tiers below HBM, nearest first.
    pub tiers: Vec<DeployedTier>,
    /// The values of the setting `configuration`.
    pub(crate) configurations: Vec<Configuration>,
    /// Prefix group of each block of the trace, for leases that ask for it.
    pub groups: Option<Arc<[Group]>>,
    /// Root of all random numbers.
    pub seed: u64,
}

/// A tier below HBM.
#[derive(Clone)]
pub struct DeployedTier {
    /// Its name: `dram`, `disk`.
    pub name: String,
    /// The medium of the tier.
    pub(crate) medium: Medium,
    /// A factor on the bandwidth of its links. It is 1 unless a variation changes it.
    pub(crate) links_factor: f64,
    /// A factor on the latency of its links. It is 1 unless a variation changes it.
    pub(crate) latency_factor: f64,
    /// How much of the tier is bought. `None` where only a lease or an axis bounds the tier.
    pub size: Option<Size>,
    /// One for each instance, or one for the cluster.
    pub scope: Scope,
    /// Chooses which block leaves when the tier is full.
    pub eviction: Policy,
    /// How long a block may idle.
    pub lease: Policy,
    /// Leases of prefix groups, as a tuner sets them.
    pub group_leases: Vec<Lease>,
    /// When a block is copied into the tier.
    pub write: WritePolicy,
    /// The longest queue of its write link at which the tier takes copies \[ns\]. With `None` the tier takes every
    /// copy.
    pub write_backlog_ns: Option<u64>,
    /// Which blocks the tier keeps.
    pub contents: Contents,
    /// How blocks come from the tier into HBM.
    pub load: Load,
    /// How transfers share its links.
    pub sharing: Sharing,
    /// What was chosen of how blocks are promoted from the tier while a request waits.
    pub prefetch: PrefetchChoice,
    /// Copies of a block in the tier, where they were chosen; otherwise those of the engine.
    pub copies: Option<Copies>,
}

/// How much of a tier is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// This many bytes, for each instance or for the cluster.
    Bytes(u64),
    /// The most bytes that were held at once.
    PeakHeld,
}

impl DeployedTier {
    /// Whether the tier exists. A tier of size 0 does not, and neither does a tier with a fixed lease of 0 s.
    pub fn exists(&self) -> bool {
        self.size != Some(Size::Bytes(0))
            && !(self.lease.spec.name == "fixed" && self.lease.params.get("ttl_s") == 0.0)
    }

    /// How much is bought: the given size, or the peak held where only a lease rules.
    pub fn bought(&self) -> Result<Size, String> {
        match self.size {
            Some(size) => Ok(size),
            None if self.lease.spec.name != "unlimited" => Ok(Size::PeakHeld),
            None => Err(format!(
                "tier `{0}` is bounded by neither a size nor a lease; allowed: `size`, a `lease`, an axis `{0}_gib` or \
                 `{0}_lease_s`, or size = \"peak-held\"",
                self.name
            )),
        }
    }
}

impl Deployment {
    /// Reads the deployment of a file: its `[system]`, `[[configuration]]` and `seed`. An experiment file will do; its
    /// other tables are ignored.
    ///
    /// # Errors
    /// The file cannot be read, or it describes an impossible deployment. The problem has the place.
    ///
    /// ```
    /// let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../experiments/scenarios/fixed-1024.toml");
    /// let deployment = deployment::Deployment::load(file.as_ref(), &policies::all_roles())?;
    /// assert_eq!(deployment.tiers[0].name, "dram");
    /// # Ok::<(), deployment::Problem>(())
    /// ```
    pub fn load(path: &Path, registry: &Registry) -> Result<Self, Problem> {
        let source = Source::read(path)?;
        let file: wire::File = source.parse_toml()?;
        Self::new(&source, path, registry, &file.system, &file.configuration, file.seed)
    }

    /// The currency of its prices.
    #[must_use]
    pub fn currency(&self) -> String {
        self.hardware.prices.currency.to_string()
    }

    /// Takes over the media that another deployment of the same file has read. So no file is read twice.
    pub fn know_media_of(&mut self, other: Self) {
        self.media = other.media;
    }

    /// The habits of the engine that the scheduler is of.
    #[must_use]
    pub fn engine_defaults(&self) -> EngineDefaults {
        self.scheduler.spec.engine_defaults().expect("a scheduler has them")
    }

    /// Multiplies the bandwidth of a tier's links. Their latency stays.
    pub fn scale_links(&mut self, tier: usize, factor: f64) {
        self.tiers[tier].links_factor = factor;
    }

    /// Multiplies the latency of a tier's links. Their bandwidth stays.
    pub fn scale_latency(&mut self, tier: usize, factor: f64) {
        self.tiers[tier].latency_factor = factor;
    }

    /// Multiplies the bandwidth of the link between each GPU and its host, in both directions.
    pub fn scale_host_link(&mut self, factor: f64) {
        let gpu = &mut self.hardware.gpu;
        for link in [&mut gpu.host_to_device, &mut gpu.device_to_host] {
            link.value.0 = times(link.value.0, factor);
        }
    }

    /// Multiplies the contiguous bytes that one copy between host and GPU moves.
    pub fn scale_fragment(&mut self, factor: f64) {
        self.hardware.fragment_bytes = times(self.hardware.fragment_bytes, factor);
    }

    /// Multiplies the time that the profile has for each engine step.
    ///
    /// # Errors
    /// The step times exceed the range of the simulator.
    pub fn scale_steps(&mut self, factor: f64) -> Result<(), Problem> {
        self.hardware.step = self.profile.step_model(factor).map_err(Problem::user)?;
        Ok(())
    }

    /// Resolves the tables of a file that describe a deployment. `path` is the path of that file; the names of data
    /// files are relative to it.
    ///
    /// # Errors
    /// The deployment is impossible. The problem has the place.
    pub fn new(
        source: &Source,
        path: &Path,
        registry: &Registry,
        wire: &SystemFile,
        named: &[ConfigurationFile],
        seed: u64,
    ) -> Result<Self, Problem> {
        let (hardware, profile) = Hardware::find(source, path, wire)?;
        let mut media = Media::new(path);
        let tiers = tiers(source, registry, wire, &hardware, &mut media)?;
        let at_least_1 = |value: &Option<Spanned<u32>>, what: &str| match value {
            Some(value) if *value.get_ref() == 0 => {
                Err(source.error(value.span(), format!("{what} is 0; allowed: 1 or more"), "here"))
            }
            value => Ok(value.as_ref().map(|value| *value.get_ref())),
        };
        let mut plan = Self {
            registry: Arc::new(registry.clone()),
            hardware,
            profile,
            media,
            instances: instances(source, wire.instances.as_ref())?,
            router: chosen_policy(source, registry, Role::Router, wire.router.as_ref(), "round-robin")?,
            scheduler: chosen_policy(source, registry, Role::Scheduler, wire.scheduler.as_ref(), "vllm-v1")?,
            pipelining: chosen(
                source,
                choices::PIPELININGS,
                "pipelining",
                wire.pipelining.as_ref(),
                Pipelining::Asynchronous,
            )?,
            max_batched_tokens: at_least_1(&wire.max_batched_tokens, "max_batched_tokens")?.unwrap_or(8192),
            max_seqs: at_least_1(&wire.max_seqs, "max_seqs")?.unwrap_or(256),
            window_tokens: at_least_1(&wire.window_tokens, "window_tokens")?,
            hbm_utilisation: utilisation(source, wire.hbm_utilisation.as_ref())?,
            hbm_overhead_per_gpu_bytes: bytes(source, wire.hbm_overhead_per_gpu.as_ref())?
                .unwrap_or(OVERHEAD_PER_GPU_BYTES),
            load_decision: chosen(
                source,
                choices::LOAD_DECISIONS,
                "load_decision",
                wire.load_decision.as_ref(),
                LoadDecision::Always,
            )?,
            generated: chosen(
                source,
                choices::GENERATED,
                "generated",
                wire.generated.as_ref(),
                Generated::Addressable,
            )?,
            tiers,
            configurations: Vec::new(),
            groups: None,
            seed,
        };
        for (tier, wire) in plan.tiers.iter().zip(&wire.tier) {
            let span = wire.prefetch.as_ref().map_or(0..0, Spanned::span);
            tier.prefetch
                .resolve(plan.engine_defaults())
                .map_err(|error| source.error(span, format!("prefetch is {error}"), "here"))?;
        }
        plan.configurations = configurations(source, named, &plan)?;
        Ok(plan)
    }
}

/// A count times a factor, at least 1.
fn times(count: u64, factor: f64) -> u64 {
    ((count as f64 * factor).round() as u64).max(1)
}

fn tiers(
    source: &Source,
    registry: &Registry,
    system: &SystemFile,
    hardware: &Hardware,
    media: &mut Media,
) -> Result<Vec<DeployedTier>, Problem> {
    let mut tiers: Vec<DeployedTier> = Vec::new();
    for wire in &system.tier {
        let name = wire.name.get_ref();
        let usable = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !usable || name == "hbm" || tiers.iter().any(|tier| tier.name == *name) {
            let message = format!(
                "tier name `{name}`; allowed: distinct names of lower-case letters and digits, not `hbm`"
            );
            return Err(source.error(wire.name.span(), message, "here"));
        }
        let medium = media
            .find(wire.medium.get_ref())
            .and_then(|medium| hardware.prices.gib_hour(medium.price_name()).map(|_| medium))
            .map_err(|error| source.data_error(wire.medium.span(), error))?;
        tiers.push(tier(source, registry, wire, medium, tiers.is_empty())?);
    }
    Ok(tiers)
}

/// Resolves one tier. The nearest tier loads layer by layer unless the file says otherwise; a far tier blocks.
fn tier(
    source: &Source,
    registry: &Registry,
    wire: &wire::Tier,
    medium: Medium,
    nearest: bool,
) -> Result<DeployedTier, Problem> {
    let load = if nearest { Load::Layerwise } else { Load::Blocking };
    Ok(DeployedTier {
        name: wire.name.get_ref().clone(),
        medium,
        links_factor: 1.0,
        latency_factor: 1.0,
        size: size(source, wire.size.as_ref())?,
        scope: chosen(source, choices::SCOPES, "scope", wire.scope.as_ref(), Scope::Instance)?,
        eviction: policy(source, registry, Role::Eviction, wire.eviction.as_ref(), "lru")?,
        lease: policy(source, registry, Role::Lease, wire.lease.as_ref(), "unlimited")?,
        group_leases: Vec::new(),
        write: chosen(source, choices::WRITES, "write", wire.write.as_ref(), WritePolicy::Through)?,
        write_backlog_ns: write_backlog_ns(source, wire.write_backlog.as_ref())?,
        contents: chosen(
            source,
            choices::CONTENTS,
            "contents",
            wire.contents.as_ref(),
            Contents::PromptAndOutput,
        )?,
        load: chosen(source, choices::LOADS, "load", wire.load.as_ref(), load)?,
        sharing: chosen(source, choices::SHARINGS, "sharing", wire.sharing.as_ref(), Sharing::Fifo)?,
        prefetch: match &wire.prefetch {
            Some(_) if nearest => return Err(prefetch_into(source, wire)),
            Some(wire) => PrefetchChoice::read(source, wire)?,
            None => PrefetchChoice::default(),
        },
        copies: named(source, &Copies::NAMES, "copies", wire.copies.as_ref())?,
    })
}

fn write_backlog_ns(source: &Source, text: Option<&Spanned<String>>) -> Result<Option<u64>, Problem> {
    match text {
        None => Ok(Some(NS_PER_S)),
        Some(text) if text.get_ref() == "unlimited" => Ok(None),
        Some(text) => match parse_duration_ns(text.get_ref()) {
            Ok(ns) => Ok(Some(ns)),
            Err(error) => Err(source.error(text.span(), format!("{error}, or \"unlimited\""), "here")),
        },
    }
}

/// The mistake of a `prefetch` in the tier that all prefetches go into.
fn prefetch_into(source: &Source, wire: &wire::Tier) -> Problem {
    let span = wire.prefetch.as_ref().map_or(0..0, Spanned::span);
    let message = format!(
        "`prefetch` has no effect in `{}`, the first tier: prefetches go into it; allowed: in the tiers after it",
        wire.name.get_ref()
    );
    source.error(span, message, "here")
}

fn size(source: &Source, text: Option<&Spanned<String>>) -> Result<Option<Size>, Problem> {
    match text {
        Some(text) if text.get_ref() == "peak-held" => Ok(Some(Size::PeakHeld)),
        text => match (bytes(source, text)?, text) {
            (Some(bytes), Some(text)) if bytes > MOST_TIER_BYTES => {
                let message =
                    format!("size is {}; allowed: at most {} TiB", text.get_ref(), MOST_TIER_BYTES >> 40);
                Err(source.error(text.span(), message, "here"))
            }
            (bytes, _) => Ok(bytes.map(Size::Bytes)),
        },
    }
}
