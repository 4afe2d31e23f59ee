//! The name of what an archive's evaluations are of: the traces, and the system as resolved, with all that data files say.
//!
//! Question, analysis, claims and search are not in it: changing them keeps the evaluations. The axes are not in it
//! either, for the archive's header has them; nor is the code, which each line names.

use tier_sim::Policy;

use crate::experiment::cases::Traces;
use crate::experiment::system::{SystemPlan, TierPlan};

/// 16 hexadecimal digits.
pub(crate) fn fingerprint(plan: &SystemPlan, traces: &Traces) -> String {
    let mut text = String::new();
    traces.all.iter().for_each(|(name, trace)| text += &format!(" {name}{:016x}", trace.fingerprint()));
    // No `..`: a new setting does not compile before it is named here.
    let SystemPlan {
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
    } = plan;
    text += &format!(
        " {hardware:?} {profile:?} {instances} {router:?} {scheduler:?} {pipelining:?} {max_batched_tokens} {max_seqs} \
         {hbm_utilisation} {hbm_overhead_per_gpu_bytes} {load_decision:?} {generated:?} {groups:?} {seed}"
    );
    text += &format!(" {:?} {configurations:?}", media.loaded());
    tiers.iter().for_each(|tier| text += &tier_text(tier));
    format!("{:016x}", fnv1a(text.as_bytes()))
}

fn tier_text(tier: &TierPlan) -> String {
    let policy = |policy: &Policy| {
        let Policy { spec, params } = policy;
        format!("{} {params:?}", spec.name)
    };
    let TierPlan {
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
    let (eviction, lease) = (policy(eviction), policy(lease));
    format!(
        " {name} {medium:?} {links_factor} {size:?} {scope:?} {eviction} {lease} {group_leases:?} {write:?} \
         {write_backlog_ns:?} {contents:?} {load:?} {sharing:?} {prefetch:?} {prefetch_timeout:?}"
    )
}

/// FNV-1a: stable across platforms and versions, which a hasher of the standard library is not.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn fnv1a_as_published() {
        // The offset basis for the empty text, and the published value for "a".
        assert_eq!(super::fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
