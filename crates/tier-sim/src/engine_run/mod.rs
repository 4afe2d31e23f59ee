//! Recorded runs of real engines, format `kareto-engine-run/1`: read, replayed from their header, and compared.
//!
//! Line 1 is a header that sets the scenario; then one line per request with what was measured. Nothing is fitted
//! to the run that is checked.

mod compare;
mod read;
mod replay;

pub use compare::{Comparison, Row, compare};
pub use read::{EngineRun, EngineRunError, Header, LowerTier, Measured, StepLaw, read_engine_run};
pub use replay::{ReplayError, ReplayPolicies, replay_scenario};
