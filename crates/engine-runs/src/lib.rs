//! Recorded runs of real engines: files of them are read, replayed from their headers alone, and compared.
//!
//! `tier_sim::engine_run` has the format and the replay. This crate adds what files need: compression, the folders of
//! operator times that headers name, the policies of a replay, and what a replay leaves out. `kareto validate run` and
//! experiments of recorded runs share it. Nothing is fitted to a run.
//!
//! ```no_run
//! use engine_runs::{Replayer, Run};
//!
//! let run = Run::read("runs/emu-hbm-light.jsonl.gz".as_ref())?;
//! let replayer = Replayer::new(&policies::all_roles())?;
//! for row in replayer.replay(&run, 1.0)?.rows {
//!     println!("{} {:?} {}", row.figure, row.measured, row.simulated);
//! }
//! # Ok::<(), deployment::Problem>(())
//! ```

mod fault;
mod header;
mod open;
mod operators;
mod replay;

pub use fault::ReplayFault;
pub use open::Run;
pub use replay::Replayer;
pub use tier_sim::engine_run::{Comparison, Row};
