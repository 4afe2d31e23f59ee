//! The optimizer: which configurations to try, which of them form the Pareto front, and which one to buy.
//!
//! A [`DesignSpace`] is a lattice of configurations. A [`Search`] asks for points of it. [`run_search`] evaluates them in
//! parallel and keeps every answer in an [`ArchiveStore`]. [`front`] and [`picks`] read the archive. [`robust`] makes one
//! decision for several scenarios of load. [`ttl`] chooses how long to keep the blocks of each prefix group.
//!
//! The crate does not know the simulator: whoever runs a search passes an [`Evaluate`]. The crate does not print, draw,
//! price or read experiment files.
//!
//! ```
//! use kareto::front::Front;
//! use kareto::search::{SearchContext, Silent, registry};
//! use kareto::{ArchiveStore, Axis, DesignSpace, Evaluate, EvaluateError, Evaluation, Objectives, Point, run_search};
//!
//! /// All hits are there with 256 GiB of DRAM, and DRAM costs.
//! struct Sketch;
//! impl Evaluate for Sketch {
//!     fn evaluate(&self, point: &Point) -> Result<Evaluation, EvaluateError> {
//!         let dram = f64::from(point.0[0]);
//!         let hits = (dram / 4.0).min(1.0);
//!         let objectives = Objectives::new(3.0 - 2.0 * hits, 1e4 + 100.0 * hits, 10.0 + dram);
//!         Ok(Evaluation { objectives: objectives.map_err(EvaluateError::new)?, metrics: [].into() })
//!     }
//! }
//!
//! let space = DesignSpace::new(vec![Axis::stepped("dram_gib", 0, 1024, 64)?])?;
//! let (searches, context) = (registry(), SearchContext::new(&space));
//! let kareto = searches.find("kareto").expect("it comes with the crate");
//! let mut search = kareto.search(&kareto.params(&[])?, &context);
//! let run = run_search(&mut *search, &space, &Sketch, &ArchiveStore::in_memory(&space), &Silent)?;
//! assert_eq!(Front::of(&run.archive).points().len(), 5); // 0, 64, 128, 192 and 256 GiB
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod archive;
pub mod break_even;
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
pub use kv_core::figures::{self, Figure, Figures, Sense};
pub use objectives::{ObjectiveSet, Objectives};
pub use search::{
    Ask, Observer, Reason, Search, SearchContext, SearchRegistry, SearchRun, SearchSpec, run_search,
};
pub use space::{Axis, AxisValues, DesignSpace, Point};
