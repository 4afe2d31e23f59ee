//! What a policy is: the two traits, the words they are told, and the table that names them.
//!
//! The simulator owns bytes, residency, pins and the clocks of leases. A policy owns only *order*
//! ([`EvictionPolicy`]: who leaves next) or *duration* ([`LeasePolicy`]: how long a block may idle). Neither can
//! admit, refuse or move a block, so no policy can break the simulator's accounting.

mod eviction;
mod lease;
mod params;
mod registry;

pub use eviction::{Access, EvictionPolicy, Removal, Slot};
pub use lease::{Lease, LeasePolicy};
pub use params::ParamFault;
pub use registry::{Build, Context, ParamError, ParamSpec, Params, Registry, Role, Spec};
