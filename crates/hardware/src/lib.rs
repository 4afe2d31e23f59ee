//! Transfers measured on the machine at hand, and the simulator's media fitted to them.
//!
//! A [`TransferProbe`] knows one part of the machine: host memory, a disk, a GPU. It lists the [`Point`]s that it can
//! measure and carries out one transfer of a point. [`measure`](measure::measure) repeats transfers and makes a
//! [`Measurement`] of each point.
//!
//! The crate is apart from the simulator because it links CUDA's bindings (feature `cuda`) and reads the clock. No other
//! crate and no default build links `cudarc`; a test holds that.
//!
//! It prints nothing, parses no arguments, and knows no experiment.

mod clock;
#[cfg(feature = "cuda")]
pub mod cuda;
mod disk;
mod error;
mod extent;
pub mod fit;
#[cfg(feature = "cuda")]
mod gpu;
mod lanes;
mod machine;
pub mod measure;
pub mod medium;
mod memory;
mod order;
mod page;
mod point;
mod probe;
mod report;
mod run;
pub mod step_times;
mod text;

pub use disk::DiskProbe;
pub use error::Error;
pub use extent::Extent;
#[cfg(feature = "cuda")]
pub use gpu::GpuProbe;
pub use machine::{DiskFacts, GpuFacts, Machine};
pub use memory::HostCopyProbe;
pub use page::page;
pub use point::{Measurement, Memory, Method, Op, Point};
pub use probe::TransferProbe;
pub use report::{Media, Part, PartReport, Report, State, check_name};
pub use run::{DiskOptions, Observer, Options, check, run};
pub use text::text;
