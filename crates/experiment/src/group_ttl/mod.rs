//! Group TTL against one TTL in the simulator.
//!
//! [`kareto::ttl`] has the tuner itself. Here TTLs become leases of a tier, so that the promise of the model is
//! measured.

mod choice;
mod claim;
mod contest;
mod leases;
mod measured;
mod rules;

pub(crate) use claim::{Claim, part_name, tuned_name};
pub(crate) use contest::compare;
pub(crate) use leases::{Assignment, code_of_all};
pub(crate) use measured::Measurements;
pub(crate) use rules::{Contest, Measured, Row, change_percent};
