//! A stub of CUDA's driver, for tests on machines without a GPU.
//!
//! It has the functions that the crate `hardware` calls, under their names. Copies are real: a GPU's memory is host memory.
//! Time is not: each stream has a virtual clock, and copies take what the [`law`] says, so that a test knows what must be
//! measured. It names itself a stub in the GPU's name, and has a symbol by which the program recognises it.
//!
//! The variable `KARETO_CUDA_STUB` chooses what goes wrong, some words joined by commas: `no-device`, `out-of-memory`,
//! `lost-after=N` (after N copies), `version=12000`.
#![allow(unsafe_code, missing_docs, reason = "functions of CUDA's driver, which its manual describes")]
#![allow(non_snake_case, clippy::missing_safety_doc, reason = "their names and contracts are NVIDIA's")]
#![allow(clippy::disallowed_methods, reason = "tests choose by the environment what goes wrong")]

pub mod copies;
pub mod law;
pub mod memory;
mod state;
pub mod streams;

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};

use state::{Code, state};

/// Only this library has it.
#[unsafe(no_mangle)]
pub extern "C" fn kareto_cuda_stub() {}

/// Writes a result through the caller's pointer.
///
/// # Safety
/// The pointer is good for a write, as the driver's contracts say.
pub(crate) unsafe fn give<T>(to: *mut T, value: T) -> Code {
    // SAFETY: as the caller says.
    unsafe { to.write(value) };
    state::SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn cuInit(_flags: c_uint) -> Code {
    if state().wrong.no_device { state::NO_DEVICE } else { state::SUCCESS }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDriverGetVersion(version: *mut c_int) -> Code {
    unsafe { give(version, state().wrong.version) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetCount(count: *mut c_int) -> Code {
    unsafe { give(count, 1) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGet(device: *mut c_int, ordinal: c_int) -> Code {
    if ordinal != 0 {
        return state::INVALID_DEVICE;
    }
    unsafe { give(device, 0) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetName(name: *mut c_char, length: c_int, _device: c_int) -> Code {
    let text = b"CUDA stub\0";
    if (length as usize) < text.len() {
        return state::INVALID_VALUE;
    }
    // SAFETY: the caller's buffer is longer.
    unsafe { std::ptr::copy_nonoverlapping(text.as_ptr().cast(), name, text.len()) };
    state::SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceTotalMem_v2(bytes: *mut usize, _device: c_int) -> Code {
    unsafe { give(bytes, 1 << 30) }
}

/// Two copy engines, no memory pools, compute capability 9.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetAttribute(value: *mut c_int, attribute: c_int, _device: c_int) -> Code {
    let known = match attribute {
        40 => 2, // ASYNC_ENGINE_COUNT
        75 => 9, // COMPUTE_CAPABILITY_MAJOR
        _ => 0,
    };
    unsafe { give(value, known) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxRetain(context: *mut *mut c_void, _device: c_int) -> Code {
    unsafe { give(context, state::CONTEXT as *mut c_void) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDevicePrimaryCtxRelease_v2(_device: c_int) -> Code {
    state::SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetCurrent(context: *mut *mut c_void) -> Code {
    unsafe { give(context, state::CURRENT.get() as *mut c_void) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxSetCurrent(context: *mut c_void) -> Code {
    state::CURRENT.set(context as usize);
    state::SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxSynchronize() -> Code {
    state().wait_for_all()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetErrorName(code: Code, text: *mut *const c_char) -> Code {
    unsafe { words(text, state::describe(code).0) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetErrorString(code: Code, text: *mut *const c_char) -> Code {
    unsafe { words(text, state::describe(code).1) }
}

unsafe fn words(to: *mut *const c_char, text: &'static CStr) -> Code {
    unsafe { give(to, text.as_ptr()) }
}
