//! The optimizer: which configurations to try, which of them form the Pareto front, and which one to buy.
//!
//! A [`space::DesignSpace`] is a lattice of configurations. A [`search::Search`] asks for points of it,
//! [`search::run_search`] evaluates them in parallel and keeps every answer in an [`archive::ArchiveStore`], and
//! [`front`] and [`picks`] read the archive. [`robust`] makes one decision for several scenarios of load. [`ttl`] chooses how long to keep the blocks of each prefix group. The crate does not know the simulator: whoever runs a search passes
//! an [`evaluate::Evaluate`]. It does not print, draw, price or read experiment files.

pub mod archive;
pub mod compare;
pub mod evaluate;
pub mod front;
pub mod objectives;
pub mod picks;
pub mod recommend;
pub mod robust;
pub mod search;
pub mod space;
pub mod ttl;
pub mod uncertainty;

pub use archive::{Archive, ArchiveError, ArchiveStore};
pub use evaluate::{Evaluate, EvaluateError, Evaluation};
pub use objectives::Objectives;
pub use search::{Ask, Observer, Reason, Search, SearchRun, run_search};
pub use space::{Axis, AxisValues, DesignSpace, Point};
