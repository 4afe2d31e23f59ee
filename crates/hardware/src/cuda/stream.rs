//! A stream of copies, and the events that time it.
#![allow(unsafe_code, reason = "the driver copies by address; `Copies` has checked the addresses")]

use std::ffi::c_void;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cudarc::driver::sys::{self, CUevent_flags};
use cudarc::driver::{CudaEvent, CudaStream};

use super::copy::{Copies, Way};
use super::driver::{Attributes, BatchCopy};
use super::failed;
use super::memory::Kept;
use crate::Error;

/// Work on a GPU, one piece after the other.
#[derive(Debug)]
pub struct Stream {
    stream: Arc<CudaStream>,
    batch: Option<BatchCopy>,
    /// Memory of the copies that may still go on.
    kept: Mutex<Vec<Kept>>,
}

/// A moment in a stream.
#[derive(Debug)]
pub struct Event(CudaEvent);

impl Stream {
    pub(super) fn new(stream: Arc<CudaStream>, batch: Option<BatchCopy>) -> Self {
        Self { stream, batch, kept: Mutex::default() }
    }

    /// Submits the copies with one call for each fragment, and returns before they have ended.
    ///
    /// # Errors
    /// The driver refuses one; those before it go on.
    pub fn copy_each(&self, copies: &Copies) -> Result<(), Error> {
        self.copy_some(copies, 0..copies.fragments())
    }

    /// The same for some of the fragments, by their numbers. Beyond the last there is none.
    ///
    /// # Errors
    /// As [`Stream::copy_each`].
    pub fn copy_some(&self, copies: &Copies, which: Range<usize>) -> Result<(), Error> {
        let _kept = self.begin(copies)?;
        let stream = self.stream.cu_stream();
        for index in which.start..which.end.min(copies.fragments()) {
            let (from, to, bytes) = (copies.from[index], copies.to[index], copies.bytes[index]);
            // SAFETY: `Copies` has checked that both ends have so many bytes; `begin` keeps them until they are waited for.
            let done = unsafe {
                match copies.way {
                    Way::HostToDevice => sys::cuMemcpyHtoDAsync_v2(to, from as *const c_void, bytes, stream),
                    Way::DeviceToHost => sys::cuMemcpyDtoHAsync_v2(to as *mut c_void, from, bytes, stream),
                    Way::DeviceToDevice => sys::cuMemcpyDtoDAsync_v2(to, from, bytes, stream),
                }
            };
            done.result().map_err(failed("a copy"))?;
        }
        Ok(())
    }

    /// Submits the copies with one call for all, and returns before they have ended. Their order is the driver's choice.
    ///
    /// # Errors
    /// The driver has no such call, refuses, or the host memory is pageable.
    pub fn copy_batched(&self, copies: &Copies) -> Result<(), Error> {
        let Some(batch) = self.batch else {
            return Err(Error::Gpu("batched copies: the CUDA driver has none before 12.8".to_owned()));
        };
        if copies.pageable {
            return Err(Error::Gpu("batched copies: only for pinned host memory".to_owned()));
        }
        if copies.bytes.is_empty() {
            return Ok(());
        }
        let _kept = self.begin(copies)?;
        let (mut attributes, mut first) = (Attributes::STREAM_ORDER, 0_usize);
        let (to, from) = (copies.to.as_ptr().cast_mut(), copies.from.as_ptr().cast_mut());
        let (bytes, count, stream) =
            (copies.bytes.as_ptr().cast_mut(), copies.bytes.len(), self.stream.cu_stream());
        // SAFETY: three arrays of `count`, which the driver only reads and has read when it returns; their ends are checked
        // and kept as in `copy_each`. One set of attributes serves all copies from the first on.
        let done = unsafe {
            match batch {
                BatchCopy::V1(call) => {
                    let mut failed_at = 0_usize;
                    call(
                        to,
                        from,
                        bytes,
                        count,
                        &raw mut attributes,
                        &raw mut first,
                        1,
                        &raw mut failed_at,
                        stream,
                    )
                }
                BatchCopy::V2(call) => {
                    call(to, from, bytes, count, &raw mut attributes, &raw mut first, 1, stream)
                }
            }
        };
        done.result().map_err(failed("batched copies"))
    }

    /// This moment in the stream: when the event is reached, all that was submitted before it has ended.
    ///
    /// # Errors
    /// The driver refuses.
    pub fn mark(&self) -> Result<Event, Error> {
        // Without these flags an event has no time.
        let event = self.stream.record_event(Some(CUevent_flags::CU_EVENT_DEFAULT));
        event.map(Event).map_err(failed("an event"))
    }

    /// What is submitted from now on begins only after the event, which may be another stream's.
    ///
    /// # Errors
    /// The driver refuses.
    pub fn wait_for(&self, event: &Event) -> Result<(), Error> {
        self.stream.wait(&event.0).map_err(failed("waiting for an event"))
    }

    /// Waits until all that was submitted has ended.
    ///
    /// # Errors
    /// Something of it failed, or the GPU is lost.
    pub fn synchronize(&self) -> Result<(), Error> {
        // What others submit while we wait stays kept.
        let mut ended = std::mem::take(&mut *self.kept());
        let waited = self.stream.synchronize().map_err(failed("waiting for a stream"));
        if waited.is_err() {
            self.kept().append(&mut ended);
        }
        waited
    }

    /// The stream of `cudarc`, for libraries that take one, such as cuBLASLt.
    #[must_use]
    #[allow(dead_code, reason = "for step times, which call cuBLASLt")]
    pub(crate) fn cudarc(&self) -> &Arc<CudaStream> {
        &self.stream
    }

    /// Keeps the memory of the copies, and makes their GPU this thread's. The copies are submitted while the result lives, so
    /// that nobody who waits for the stream meanwhile lets go of the memory.
    fn begin(&self, copies: &Copies) -> Result<MutexGuard<'_, Vec<Kept>>, Error> {
        self.stream.context().bind_to_thread().map_err(failed("using the GPU"))?;
        let mut kept = self.kept();
        for memory in &copies.kept {
            if !kept.iter().any(|known| known.is_same(memory)) {
                kept.push(memory.clone());
            }
        }
        Ok(kept)
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // The memory may be freed after this. Where waiting fails, the GPU is lost and copies nothing any more.
        let _nobody_is_told = self.synchronize();
    }
}

impl Event {
    /// Time from this event to a later one of the same GPU \[s\]; waits for both. Its grain is about 0.5 us.
    ///
    /// # Errors
    /// The GPU failed before.
    pub fn elapsed_s(&self, later: &Self) -> Result<f64, Error> {
        let ms = self.0.elapsed_ms(&later.0).map_err(failed("the time between two events"))?;
        Ok(f64::from(ms) / 1e3)
    }

    /// Waits until the event is reached.
    ///
    /// # Errors
    /// The GPU failed before.
    pub fn synchronize(&self) -> Result<(), Error> {
        self.0.synchronize().map_err(failed("waiting for an event"))
    }

    /// Whether the event is reached, without waiting.
    ///
    /// # Errors
    /// The GPU failed before.
    pub fn is_reached(&self) -> Result<bool, Error> {
        self.0.try_is_complete().map_err(failed("asking for an event"))
    }
}
