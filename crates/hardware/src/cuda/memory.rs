//! Memory at both ends of a copy. It is freed when nobody has it any more, streams included.
#![allow(unsafe_code, reason = "memory of the driver is owned and freed here")]

use std::sync::Arc;

use cudarc::driver::sys::{self, CUdeviceptr};
use cudarc::driver::{CudaContext, result};

use super::failed;
use crate::Error;

/// `CU_MEMHOSTALLOC_PORTABLE`. Not write-combined, which would make reading it back slow.
const PORTABLE: u32 = 1;

/// Host memory, pinned or not.
#[derive(Debug, Clone)]
pub struct HostMemory(Arc<Host>);

/// Memory of a GPU.
#[derive(Debug, Clone)]
pub struct DeviceMemory(Arc<Device>);

/// Memory that a stream keeps while it copies.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    Host(Arc<Host>),
    Device(Arc<Device>),
}

impl Kept {
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Host(one), Self::Host(two)) => Arc::ptr_eq(one, two),
            (Self::Device(one), Self::Device(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }
}

#[derive(Debug)]
pub(super) enum Host {
    Pinned { address: *mut u8, bytes: usize, context: Arc<CudaContext> },
    Pageable { bytes: std::cell::UnsafeCell<Box<[u8]>> },
}

// SAFETY: the bytes are reached only through `with_bytes`, which asks for the one owner, and through copies of the driver,
// which may run on any thread.
unsafe impl Send for Host {}
// SAFETY: as above; a shared reference gives no access to the bytes.
unsafe impl Sync for Host {}

#[derive(Debug)]
pub(super) struct Device {
    address: CUdeviceptr,
    bytes: usize,
    context: Arc<CudaContext>,
}

impl HostMemory {
    pub(super) fn pinned(context: &Arc<CudaContext>, bytes: usize) -> Result<Self, Error> {
        let what = format!("{bytes} B of pinned host memory");
        // SAFETY: the memory is set before anybody sees it, and freed once, in `drop`.
        let address = unsafe { result::malloc_host(bytes, PORTABLE) }.map_err(failed(&what))?.cast::<u8>();
        // SAFETY: the driver gave so many bytes.
        unsafe { address.write_bytes(0, bytes) };
        Ok(Self(Arc::new(Host::Pinned { address, bytes, context: Arc::clone(context) })))
    }

    pub(super) fn pageable(bytes: usize) -> Result<Self, Error> {
        let mut memory: Vec<u8> = Vec::new();
        let refused = |_| Error::Gpu(format!("{bytes} B of host memory: there is not so much"));
        memory.try_reserve_exact(bytes).map_err(refused)?;
        memory.resize(bytes, 0);
        Ok(Self(Arc::new(Host::Pageable { bytes: memory.into_boxed_slice().into() })))
    }

    /// Its size \[B\].
    #[must_use]
    pub fn len(&self) -> usize {
        match &*self.0 {
            Host::Pinned { bytes, .. } => *bytes,
            // SAFETY: nobody changes the length.
            Host::Pageable { bytes } => unsafe { &*bytes.get() }.len(),
        }
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is pinned.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        matches!(*self.0, Host::Pinned { .. })
    }

    /// Shows its bytes to `look`, which may change them.
    ///
    /// # Errors
    /// A stream that copied from it or to it was not waited for since ([`super::Stream::synchronize`]), or there is
    /// another handle of this memory: a clone, or [`super::Copies`] that are still there.
    pub fn with_bytes<T>(&mut self, look: impl FnOnce(&mut [u8]) -> T) -> Result<T, Error> {
        let Some(host) = Arc::get_mut(&mut self.0) else {
            return Err(Error::Gpu(
                "host memory: a stream or a plan of copies still has it; synchronize the stream and drop the plan first".to_owned(),
            ));
        };
        let bytes = match host {
            // SAFETY: so many bytes, set once, and this is the only way to them while the borrow lasts.
            Host::Pinned { address, bytes, .. } => unsafe {
                std::slice::from_raw_parts_mut(*address, *bytes)
            },
            Host::Pageable { bytes } => bytes.get_mut(),
        };
        Ok(look(bytes))
    }

    /// Address for the driver.
    pub(super) fn address(&self) -> CUdeviceptr {
        let address = match &*self.0 {
            Host::Pinned { address, .. } => *address,
            // SAFETY: only the address is taken; nobody has a reference to the bytes meanwhile.
            Host::Pageable { bytes } => unsafe { (*bytes.get()).as_mut_ptr() },
        };
        address as CUdeviceptr
    }

    pub(super) fn keep(&self) -> Kept {
        Kept::Host(Arc::clone(&self.0))
    }
}

impl DeviceMemory {
    pub(super) fn new(context: &Arc<CudaContext>, bytes: usize) -> Result<Self, Error> {
        let what = format!("{bytes} B of the GPU's memory");
        // SAFETY: the memory is freed once, in `drop`; it is set below.
        let address = unsafe { result::malloc_sync(bytes) }.map_err(failed(&what))?;
        let memory = Self(Arc::new(Device { address, bytes, context: Arc::clone(context) }));
        // SAFETY: so many bytes of it, on the default stream, waited for at once.
        let cleared = unsafe { sys::cuMemsetD8Async(address, 0, bytes, std::ptr::null_mut()) }.result();
        cleared.and_then(|()| result::ctx::synchronize()).map_err(failed(&what))?;
        Ok(memory)
    }

    /// Its size \[B\].
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.bytes
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.bytes == 0
    }

    /// Its address on the GPU, for calls of `cudarc`. Whoever hands it to work on a stream keeps the memory until the
    /// stream was waited for.
    #[must_use]
    pub(crate) fn address(&self) -> CUdeviceptr {
        self.0.address
    }

    pub(super) fn keep(&self) -> Kept {
        Kept::Device(Arc::clone(&self.0))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Self::Pinned { address, context, .. } = self {
            context.record_err(context.bind_to_thread());
            // SAFETY: it is from `malloc_host`, and no stream keeps it any more.
            context.record_err(unsafe { result::free_host(address.cast()) });
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.context.record_err(self.context.bind_to_thread());
        // SAFETY: it is from `malloc_sync`, and no stream keeps it any more.
        self.context.record_err(unsafe { result::free_sync(self.address) });
    }
}
