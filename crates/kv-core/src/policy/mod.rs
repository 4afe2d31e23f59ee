//! What a policy is: a trait for each role, the words that it is told, and the table that names it.
//!
//! A policy decides one thing, which its [`Role`] names: who leaves a tier next ([`EvictionPolicy`]), how long a block
//! may idle in it ([`LeasePolicy`]), which instance serves a request ([`Router`]), or who takes part in a step
//! ([`Scheduler`]). The simulator owns bytes, residency, pins, queues and the clocks of leases, so no policy can break
//! its accounting.

mod engine;
mod eviction;
mod lease;
mod params;
mod registry;
mod router;
mod scheduler;

pub use engine::{Copies, EngineDefaults, Prefetch, PrefetchStart, PrefetchStop};
pub use eviction::{Access, EvictionPolicy, Removal, Slot};
pub use lease::{Lease, LeasePolicy};
pub use params::{ParamFault, ParamRange};
pub use registry::{Build, Context, ParamError, ParamKind, ParamSpec, Params, Registry, Role, Spec};
pub use router::{Fleet, Router, RouterContext};
pub use scheduler::{Scheduler, SchedulerContext, StepChoice};
