//! Memory: the GPU's is host memory, too.

use std::alloc::{Layout, alloc, dealloc};
use std::ffi::{c_uint, c_void};

use crate::give;
use crate::state::{Code, INVALID_VALUE, OUT_OF_MEMORY, SUCCESS, state};

const ALIGNMENT: usize = 4096;

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes, ALIGNMENT).ok().filter(|_| bytes > 0)
}

fn take(bytes: usize, pinned: bool) -> Result<usize, Code> {
    let layout = layout(bytes).ok_or(INVALID_VALUE)?;
    let mut state = state();
    if state.wrong.out_of_memory && !pinned {
        return Err(OUT_OF_MEMORY);
    }
    // SAFETY: the size is not 0.
    let address = unsafe { alloc(layout) } as usize;
    if address == 0 {
        return Err(OUT_OF_MEMORY);
    }
    state.memory.insert(address, (bytes, pinned));
    Ok(address)
}

fn free(address: usize, pinned: bool) -> Code {
    let mut state = state();
    match state.memory.get(&address) {
        Some(&(bytes, is_pinned)) if is_pinned == pinned => {
            state.memory.remove(&address);
            let layout = layout(bytes).expect("it was given out");
            // SAFETY: given out by `take` with this layout, and not freed since.
            unsafe { dealloc(address as *mut u8, layout) };
            SUCCESS
        }
        _ => INVALID_VALUE,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAlloc_v2(address: *mut u64, bytes: usize) -> Code {
    match take(bytes, false) {
        Ok(taken) => unsafe { give(address, taken as u64) },
        Err(code) => code,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemFree_v2(address: u64) -> Code {
    free(address as usize, false)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostAlloc(address: *mut *mut c_void, bytes: usize, _flags: c_uint) -> Code {
    match take(bytes, true) {
        Ok(taken) => unsafe { give(address, taken as *mut c_void) },
        Err(code) => code,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemFreeHost(address: *mut c_void) -> Code {
    free(address as usize, true)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD8Async(
    address: u64,
    value: u8,
    bytes: usize,
    _stream: *mut c_void,
) -> Code {
    // SAFETY: the caller has so much memory there.
    unsafe { (address as *mut u8).write_bytes(value, bytes) };
    SUCCESS
}
