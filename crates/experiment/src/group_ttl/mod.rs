//! Group TTL against one TTL in the simulator.
//!
//! The tuner itself is [`kareto::ttl`]. Here TTLs become leases of a tier, so that what the model promises is measured.

mod choice;
mod claim;
mod contest;
mod leases;
mod measured;

pub(crate) use choice::change_percent;
pub(crate) use claim::{Claim, part_name, tuned_name};
pub(crate) use contest::{Measured, Row, compare};
pub(crate) use leases::{Assignment, code_of_all};
pub(crate) use measured::Measurements;
