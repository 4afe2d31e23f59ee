//! A thin, safe layer over CUDA's driver: what probes, replays and step times need of a GPU, and no more.
//!
//! The driver is looked for when the program runs. [`Gpu::open`] gives a GPU or says why there is none; nothing here
//! panics where the library, one of its symbols or a GPU is missing.
//!
//! ```no_run
//! use hardware::cuda::{Copies, Fragment, Gpu};
//!
//! let gpu = Gpu::open(0).map_err(|absent| absent.to_string())?;
//! let (stream, host, device) = (gpu.stream()?, gpu.pinned(1 << 20)?, gpu.device(1 << 20)?);
//! let fragments = [Fragment { from: 0, to: 0, bytes: 1 << 20 }];
//! let start = stream.mark()?;
//! stream.copy_each(&Copies::new(&host, &device, &fragments)?)?; // the call returns before the bytes have moved
//! let end = stream.mark()?;
//! println!("{} s", start.elapsed_s(&end)?); // waits for `end`
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Rules that make it safe, though copies go on after their call:
//!
//! - A stream keeps the memory of its copies until it is waited for ([`Stream::synchronize`]), so no memory is freed under
//!   a copy.
//! - The bytes of host memory are read and written only by [`HostMemory::with_bytes`], which refuses while a stream or
//!   [`Copies`] have the memory.
//! - What two copies at once write to the same place is anybody's guess, but nobody looks at it meanwhile.
//!
//! Streams are our own and none is CUDA's default stream, which waits for all others. Everything may be used from several
//! threads. Whoever needs more of CUDA inside this crate (a cuBLASLt handle, a kernel's argument) takes
//! [`Stream::cudarc`] and [`DeviceMemory::address`].

mod copy;
mod driver;
mod gpu;
mod memory;
mod stream;

pub use crate::machine::GpuFacts as Facts;
pub use copy::{Copies, End, Fragment};
pub use driver::Absent;
pub use gpu::Gpu;
pub use memory::{DeviceMemory, HostMemory};
pub use stream::{Event, Stream};

use crate::Error;
use cudarc::driver::result::DriverError;

/// The driver's refusal, in its words, with what was tried.
fn failed(what: &str) -> impl Fn(DriverError) -> Error + '_ {
    move |error| Error::Gpu(format!("{what}: {}", driver::words(error)))
}
