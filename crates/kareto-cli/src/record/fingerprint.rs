//! The name of what an archive's evaluations depend on: program version, trace, and the system as resolved.
//!
//! Question, analysis, claims and search are not in it: changing them keeps the evaluations. The axes are not in it
//! either, for the archive's header has them.

use tier_sim::Policy;

use crate::experiment::cases::Traces;
use crate::experiment::system::{SystemPlan, TierPlan};

/// 16 hexadecimal digits.
pub(crate) fn fingerprint(plan: &SystemPlan, traces: &Traces) -> String {
    let mut text = env!("CARGO_PKG_VERSION").to_owned();
    traces.all.iter().for_each(|(name, trace)| text += &format!(" {name}{:016x}", trace.fingerprint()));
    text += &format!(
        " {:?} {} {} {} {:?} {} {} {} {} {:?} {:?} {}",
        plan.hardware,
        plan.instances,
        policy(&plan.router),
        policy(&plan.scheduler),
        plan.pipelining,
        plan.max_batched_tokens,
        plan.max_seqs,
        plan.hbm_utilisation,
        plan.hbm_overhead_per_gpu_bytes,
        plan.load_decision,
        plan.generated,
        plan.seed,
    );
    text += &format!(" {:?} {:?}", plan.media.loaded(), plan.configurations);
    plan.tiers.iter().for_each(|tier| text += &tier_text(tier));
    format!("{:016x}", fnv1a(text.as_bytes()))
}

fn policy(policy: &Policy) -> String {
    format!("{} {:?}", policy.spec.name, policy.params)
}

fn tier_text(tier: &TierPlan) -> String {
    let text = format!(
        " {} {:?} {:?} {:?} {} {} {:?} {:?} {:?} {:?} {:?} {:?}",
        tier.name,
        tier.medium,
        tier.size,
        tier.scope,
        policy(&tier.eviction),
        policy(&tier.lease),
        tier.write,
        tier.write_backlog_ns,
        tier.contents,
        tier.load,
        tier.sharing,
        tier.prefetch,
    );
    tier.prefetch_timeout.iter().fold(text, |text, timeout| text + &format!(" {timeout:?}"))
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
