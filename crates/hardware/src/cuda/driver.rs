//! CUDA's driver as a library that may be missing, or lack a symbol.
//!
//! `cudarc` panics where the library or a symbol is missing, so both are asked for first. `unsafe`: loading a library
//! runs its code, and a symbol is a function of the type that we say.
#![allow(unsafe_code, reason = "symbols of a library are looked up by name")]

use std::ffi::CStr;
use std::fmt;

use cudarc::driver::result::DriverError;
use cudarc::driver::sys::{self, CUdeviceptr, CUresult, CUstream};

/// All that is called, here and by the parts of `cudarc` that we use.
const SYMBOLS: [&CStr; 32] = [
    c"cuCtxGetCurrent",
    c"cuCtxSetCurrent",
    c"cuCtxSynchronize",
    c"cuDeviceGet",
    c"cuDeviceGetAttribute",
    c"cuDeviceGetCount",
    c"cuDeviceGetName",
    c"cuDevicePrimaryCtxRelease_v2",
    c"cuDevicePrimaryCtxRetain",
    c"cuDeviceTotalMem_v2",
    c"cuDriverGetVersion",
    c"cuEventCreate",
    c"cuEventDestroy_v2",
    c"cuEventElapsedTime",
    c"cuEventQuery",
    c"cuEventRecord",
    c"cuEventSynchronize",
    c"cuGetErrorName",
    c"cuGetErrorString",
    c"cuInit",
    c"cuMemAlloc_v2",
    c"cuMemFreeHost",
    c"cuMemFree_v2",
    c"cuMemHostAlloc",
    c"cuMemcpyDtoDAsync_v2",
    c"cuMemcpyDtoHAsync_v2",
    c"cuMemcpyHtoDAsync_v2",
    c"cuMemsetD8Async",
    c"cuStreamCreate",
    c"cuStreamDestroy_v2",
    c"cuStreamSynchronize",
    c"cuStreamWaitEvent",
];

/// A symbol that only the stub of the tests has.
const STUB: &CStr = c"kareto_cuda_stub";

/// Why there is no GPU to measure. No error: many machines have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent(pub(super) String);

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The driver's library, with all symbols that we call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Driver {
    pub(super) batch: Option<BatchCopy>,
    pub(super) is_stub: bool,
}

/// The call for many copies, which drivers have since CUDA 12.8, in the form of CUDA 13 or of 12.
#[derive(Debug, Clone, Copy)]
pub(super) enum BatchCopy {
    V1(BatchV1),
    V2(BatchV2),
}

type BatchV1 = unsafe extern "C" fn(
    *mut CUdeviceptr,
    *mut CUdeviceptr,
    *mut usize,
    usize,
    *mut Attributes,
    *mut usize,
    usize,
    *mut usize,
    CUstream,
) -> CUresult;

type BatchV2 = unsafe extern "C" fn(
    *mut CUdeviceptr,
    *mut CUdeviceptr,
    *mut usize,
    usize,
    *mut Attributes,
    *mut usize,
    usize,
    CUstream,
) -> CUresult;

/// `CUmemcpyAttributes`: the order of reads, and hints about places, which are not needed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes {
    source_access_order: u32,
    source_hint: [u32; 2],
    destination_hint: [u32; 2],
    flags: u32,
}

impl Attributes {
    /// The source is read in the order of the stream (`CU_MEMCPY_SRC_ACCESS_ORDER_STREAM`).
    pub(super) const STREAM_ORDER: Self =
        Self { source_access_order: 1, source_hint: [0; 2], destination_hint: [0; 2], flags: 0 };
}

impl Driver {
    /// Looks for the library and its symbols.
    pub(super) fn find() -> Result<Self, Absent> {
        // SAFETY: the libraries are NVIDIA's driver under its names, whose initialisers may run at any time.
        if !unsafe { sys::is_culib_present() } {
            return Err(Absent("no CUDA driver".to_owned()));
        }
        if let Some(missing) = SYMBOLS.into_iter().find(|name| !has(name)) {
            return Err(Absent(format!(
                "the CUDA driver is too old: it has no `{}`",
                missing.to_string_lossy()
            )));
        }
        // SAFETY: the types are those of CUDA's header for these names.
        let batch = unsafe {
            symbol(c"cuMemcpyBatchAsync_v2")
                .map(BatchCopy::V2)
                .or_else(|| symbol(c"cuMemcpyBatchAsync").map(BatchCopy::V1))
        };
        Ok(Self { batch, is_stub: has(STUB) })
    }
}

fn has(name: &CStr) -> bool {
    // SAFETY: the symbol is not called.
    unsafe { symbol::<unsafe extern "C" fn()>(name) }.is_some()
}

/// A function of the library. It is never unloaded.
///
/// # Safety
/// `F` must be the type of the function, and the library must be present.
unsafe fn symbol<F: Copy>(name: &CStr) -> Option<F> {
    // SAFETY: as the caller says.
    unsafe { sys::culib().get::<F>(name.to_bytes_with_nul()) }.ok().map(|found| *found)
}

/// The version of CUDA that the driver serves, such as `13.0`.
pub(super) fn version() -> Result<String, DriverError> {
    let mut version = 0;
    // SAFETY: the pointer is to an integer that outlives the call.
    unsafe { sys::cuDriverGetVersion(&raw mut version) }.result()?;
    Ok(format!("{}.{}", version / 1000, version % 1000 / 10))
}

/// An error in the driver's words.
pub(super) fn words(error: DriverError) -> String {
    let text = |found: Result<&CStr, DriverError>| found.map(|it| it.to_string_lossy().into_owned());
    match (text(error.error_name()), text(error.error_string())) {
        (Ok(name), Ok(meaning)) => format!("{meaning} ({name})"),
        _ => format!("CUDA error {}", error.0 as u32),
    }
}
