//! A GPU: what it is, and what is made on it.

use std::sync::Arc;

use cudarc::driver::sys::CUdevice_attribute as Attribute;
use cudarc::driver::{CudaContext, result};

use super::driver::{self, Absent, BatchCopy, Driver};
use super::failed;
use super::memory::{DeviceMemory, HostMemory};
use super::stream::Stream;
use crate::Error;
use crate::machine::{GpuFacts as Facts, nvidia_driver};

/// A GPU that can be used.
#[derive(Debug, Clone)]
pub struct Gpu {
    context: Arc<CudaContext>,
    driver: Driver,
    facts: Facts,
}

impl Gpu {
    /// The GPU of a number, from 0.
    ///
    /// # Errors
    /// There is no driver or no such GPU; the reason is one for a person.
    pub fn open(ordinal: u32) -> Result<Self, Absent> {
        let driver = Driver::find()?;
        let gone = |error| Absent(format!("the CUDA driver finds no GPU: {}", driver::words(error)));
        let count = u32::try_from(CudaContext::device_count().map_err(gone)?).unwrap_or(0);
        if ordinal >= count {
            let known = if count == 0 { "none".to_owned() } else { format!("0 to {}", count - 1) };
            return Err(Absent(format!("the CUDA driver shows no GPU {ordinal}; there are: {known}")));
        }
        let broken = |error| Absent(format!("GPU {ordinal} cannot be used: {}", driver::words(error)));
        let context = CudaContext::new(ordinal as usize).map_err(broken)?;
        let facts = facts(&context, driver, ordinal).map_err(broken)?;
        Ok(Self { context, driver, facts })
    }

    /// What it is.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// A stream of its own, beside all others.
    ///
    /// # Errors
    /// The driver refuses.
    pub fn stream(&self) -> Result<Stream, Error> {
        let stream = self.context.new_stream().map_err(failed("a stream"))?;
        Ok(Stream::new(stream, self.driver.batch))
    }

    /// Host memory that stays where it is, filled with 0. Pinning takes about a second for 2 GiB.
    ///
    /// # Errors
    /// There is not so much.
    pub fn pinned(&self, bytes: usize) -> Result<HostMemory, Error> {
        self.bind()?;
        HostMemory::pinned(&self.context, bytes)
    }

    /// Plain host memory, filled with 0.
    ///
    /// # Errors
    /// There is not so much.
    pub fn pageable(&self, bytes: usize) -> Result<HostMemory, Error> {
        HostMemory::pageable(bytes)
    }

    /// Memory of the GPU, filled with 0.
    ///
    /// # Errors
    /// There is not so much.
    pub fn device(&self, bytes: usize) -> Result<DeviceMemory, Error> {
        self.bind()?;
        DeviceMemory::new(&self.context, bytes)
    }

    /// Waits for all streams. Also tells of errors that nobody could be told of, such as those of memory given back.
    ///
    /// # Errors
    /// Something failed on the GPU since the last call.
    pub fn synchronize(&self) -> Result<(), Error> {
        self.context.synchronize().map_err(failed("waiting for the GPU"))
    }

    fn bind(&self) -> Result<(), Error> {
        self.context.bind_to_thread().map_err(failed("using the GPU"))
    }
}

fn facts(context: &Arc<CudaContext>, driver: Driver, ordinal: u32) -> Result<Facts, result::DriverError> {
    let (major, minor) = context.compute_capability()?;
    let engines = context.attribute(Attribute::CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT)?;
    let mark = if driver.is_stub { "STUB, no GPU: " } else { "" };
    Ok(Facts {
        ordinal,
        name: format!("{mark}{}", context.name()?),
        driver: if driver.is_stub { Some("STUB, no driver".to_owned()) } else { nvidia_driver() },
        cuda_version: format!("{mark}{}", driver::version()?),
        memory_bytes: context.total_mem()? as u64,
        compute_capability: format!("{major}.{minor}"),
        copy_engines: u32::try_from(engines).unwrap_or(0),
        has_batched_copies: matches!(driver.batch, Some(BatchCopy::V1(_) | BatchCopy::V2(_))),
        is_stub: driver.is_stub,
    })
}
