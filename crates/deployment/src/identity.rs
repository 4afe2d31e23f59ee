//! A deployment as text. The name of an archive's evaluations is made from this text.

use tier_sim::Policy;

use crate::deployment::{DeployedTier, Deployment};

impl Deployment {
    /// Everything that an evaluation depends on besides the trace and the code, including the contents of data files.
    /// Equal texts mean equal deployments.
    #[must_use]
    pub fn identity(&self) -> String {
        // There is no `..` here, so a new setting does not compile until it has a name here. Policies have a name where
        // a tier uses them.
        let Self {
            registry: _,
            hardware,
            profile,
            media,
            instances,
            router,
            scheduler,
            pipelining,
            max_batched_tokens,
            max_seqs,
            window_tokens,
            hbm_utilisation,
            hbm_overhead_per_gpu_bytes,
            load_decision,
            generated,
            tiers,
            configurations,
            groups,
            seed,
        } = self;
        let mut text = format!(
            "{hardware:?} {profile:?} {instances} {} {} {pipelining:?} {max_batched_tokens} {max_seqs} \
             {window_tokens:?} {hbm_utilisation} {hbm_overhead_per_gpu_bytes} {load_decision:?} {generated:?} {groups:?} {seed}",
            policy_text(router),
            policy_text(scheduler),
        );
        text += &format!(" {:?} {configurations:?}", media.loaded());
        tiers.iter().for_each(|tier| text += &tier_text(tier));
        text
    }
}

fn tier_text(tier: &DeployedTier) -> String {
    let DeployedTier {
        name,
        medium,
        links_factor,
        latency_factor,
        size,
        scope,
        eviction,
        lease,
        group_leases,
        write,
        write_backlog_ns,
        contents,
        load,
        sharing,
        prefetch,
        copies,
    } = tier;
    let (eviction, lease) = (policy_text(eviction), policy_text(lease));
    format!(
        " {name} {medium:?} {links_factor} {latency_factor} {size:?} {scope:?} {eviction} {lease} {group_leases:?} {write:?} \
         {write_backlog_ns:?} {contents:?} {load:?} {sharing:?} {prefetch:?} {copies:?}"
    )
}

fn policy_text(policy: &Policy) -> String {
    let Policy { spec, params } = policy;
    format!("{} {params:?}", spec.name)
}
