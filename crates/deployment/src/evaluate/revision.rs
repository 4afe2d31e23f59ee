//! Which code evaluates a deployment. An archive answers only for the same code.
//!
//! The name covers the code of the simulator, of this crate, and of the policies, the router and the scheduler of the
//! deployment. [`Deployment::identity`] has the data that this code is given, such as prices.

use std::hash::Hasher as _;

use kv_core::Revision;
use siphasher::sip::SipHasher13;

use crate::deployment::Deployment;

/// The code that has a part in every evaluation.
const CODE: [&str; 3] = [kv_core::REVISION, tier_sim::REVISION, env!("CODE_REVISION")];

impl Deployment {
    /// Names the code that evaluates this deployment, as 16 hexadecimal digits. `beside` names other code that has a
    /// part in the evaluation. Returns `None` where a policy of the deployment states no revision.
    #[must_use]
    pub fn code_revision(&self, beside: &[&str]) -> Option<String> {
        let mut names = [&CODE, beside].concat();
        let tiers = self.tiers.iter().filter(|tier| tier.exists());
        let of_tiers = tiers.flat_map(|tier| [&tier.eviction, &tier.lease]);
        for policy in of_tiers.chain([&self.router, &self.scheduler]) {
            match policy.spec.revision {
                Revision::Code(code) => names.extend(code),
                Revision::Unstated => return None,
            }
        }
        let mut hasher = SipHasher13::new();
        hasher.write(names.join(" ").as_bytes());
        Some(format!("{:016x}", hasher.finish()))
    }
}
