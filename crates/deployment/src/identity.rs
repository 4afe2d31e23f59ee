//! All that a deployment is, as text: what names an archive's evaluations is made from it.

use tier_sim::Policy;

use crate::deployment::{DeployedTier, Deployment};

impl Deployment {
    /// Everything that an evaluation depends on beside the trace and the code, what the data files say included. Equal
    /// texts mean equal deployments.
    #[must_use]
    pub fn identity(&self) -> String {
        // No `..`: a new setting does not compile before it is named here. Policies are named where a tier uses them.
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
             {hbm_utilisation} {hbm_overhead_per_gpu_bytes} {load_decision:?} {generated:?} {groups:?} {seed}",
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
        prefetch_timeout,
    } = tier;
    let (eviction, lease) = (policy_text(eviction), policy_text(lease));
    format!(
        " {name} {medium:?} {links_factor} {size:?} {scope:?} {eviction} {lease} {group_leases:?} {write:?} \
         {write_backlog_ns:?} {contents:?} {load:?} {sharing:?} {prefetch:?} {prefetch_timeout:?}"
    )
}

fn policy_text(policy: &Policy) -> String {
    let Policy { spec, params } = policy;
    format!("{} {params:?}", spec.name)
}
