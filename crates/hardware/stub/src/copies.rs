//! Copies: carried out at once, and put on the virtual clocks of their stream and engine.

use std::ffi::c_void;

use crate::law::{
    DEVICE_BYTES_PER_S, DEVICE_TO_HOST_BYTES_PER_S, FRAGMENT_S, HOST_TO_DEVICE_BYTES_PER_S, LATENCY_S,
    PAGEABLE_BYTES_PER_S,
};
use crate::state::{Code, DEVICE_UNAVAILABLE, INVALID_HANDLE, INVALID_VALUE, SUCCESS, State, state};

/// What lies at an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Device,
    Pinned,
    Pageable,
}

impl State {
    fn place(&self, address: usize) -> Place {
        match self.memory.range(..=address).next_back() {
            Some((start, (bytes, pinned))) if address < start + bytes => {
                if *pinned {
                    Place::Pinned
                } else {
                    Place::Device
                }
            }
            _ => Place::Pageable,
        }
    }

    /// Engine and speed between two addresses.
    fn way(&self, to: usize, from: usize) -> (usize, f64) {
        match (self.place(from), self.place(to)) {
            (Place::Device, Place::Device) => (2, DEVICE_BYTES_PER_S),
            (Place::Pageable, _) => (0, PAGEABLE_BYTES_PER_S),
            (_, Place::Pageable) => (1, PAGEABLE_BYTES_PER_S),
            (_, Place::Device) => (0, HOST_TO_DEVICE_BYTES_PER_S),
            (Place::Device, _) => (1, DEVICE_TO_HOST_BYTES_PER_S),
            (Place::Pinned, Place::Pinned) => (2, PAGEABLE_BYTES_PER_S),
        }
    }

    /// Puts work on a stream and an engine.
    fn work(&mut self, stream: usize, engine: usize, seconds: f64) -> Code {
        let Some(&end) = self.streams_s.get(&stream) else { return INVALID_HANDLE };
        let begin = self.host_s.max(end).max(self.engines_s[engine]);
        self.engines_s[engine] = begin + seconds;
        self.streams_s.insert(stream, begin + seconds);
        SUCCESS
    }
}

fn copy(to: usize, from: usize, bytes: usize, stream: *mut c_void) -> Code {
    let mut state = state();
    state.copies += 1;
    state.call();
    if state.is_lost() {
        return DEVICE_UNAVAILABLE;
    }
    // SAFETY: the caller has so much memory at both ends.
    unsafe { std::ptr::copy(from as *const u8, to as *mut u8, bytes) };
    let (engine, bytes_per_s) = state.way(to, from);
    state.work(stream as usize, engine, LATENCY_S + bytes as f64 / bytes_per_s)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoDAsync_v2(
    to: u64,
    from: *const c_void,
    bytes: usize,
    stream: *mut c_void,
) -> Code {
    copy(to as usize, from as usize, bytes, stream)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoHAsync_v2(
    to: *mut c_void,
    from: u64,
    bytes: usize,
    stream: *mut c_void,
) -> Code {
    copy(to as usize, from as usize, bytes, stream)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoDAsync_v2(to: u64, from: u64, bytes: usize, stream: *mut c_void) -> Code {
    copy(to as usize, from as usize, bytes, stream)
}

/// The form of CUDA 12.8, with the index of a copy that failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyBatchAsync(
    to: *const u64,
    from: *const u64,
    bytes: *const usize,
    count: usize,
    _attributes: *const c_void,
    _first: *const usize,
    sets: usize,
    _failed: *mut usize,
    stream: *mut c_void,
) -> Code {
    if count == 0 || sets != 1 || stream.is_null() {
        return INVALID_VALUE;
    }
    // SAFETY: the caller's arrays have `count` elements.
    let [to, from] = [to, from].map(|ends| unsafe { std::slice::from_raw_parts(ends, count) });
    // SAFETY: as above.
    let bytes = unsafe { std::slice::from_raw_parts(bytes, count) };
    let mut state = state();
    state.copies += 1;
    state.call();
    if state.is_lost() {
        return DEVICE_UNAVAILABLE;
    }
    let mut seconds = LATENCY_S;
    for ((&to, &from), &bytes) in to.iter().zip(from).zip(bytes) {
        // SAFETY: the caller has so much memory at both ends.
        unsafe { std::ptr::copy(from as *const u8, to as *mut u8, bytes) };
        seconds += FRAGMENT_S + bytes as f64 / state.way(to as usize, from as usize).1;
    }
    let engine = state.way(to[0] as usize, from[0] as usize).0;
    state.work(stream as usize, engine, seconds)
}
