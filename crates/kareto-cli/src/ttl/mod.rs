//! Group TTL for people: `kareto tune-ttl`, and experiments that simulate what a tuner chose.
//!
//! The tuner itself is [`kareto::ttl`]. Here blocks get their bytes, groups their names, and TTLs become leases
//! of a tier, so that what the model promises is measured in the simulator.

mod answer;
mod choice;
mod claim;
mod command;
mod contest;
mod leases;
mod measured;
mod page;
mod plan;
mod record;
mod run;
mod show;

pub(crate) use command::{TuneTtl, tune_ttl};
pub(crate) use page::{Loaded, render};
pub(crate) use plan::Wire;
pub(crate) use record::TtlRecord;
pub(crate) use run::{planned, run};
