//! Streams and events.

use std::ffi::{c_uint, c_void};

use crate::give;
use crate::state::{Code, INVALID_HANDLE, NOT_READY, SUCCESS, state};

/// `CU_EVENT_DISABLE_TIMING`.
const NO_TIMING: c_uint = 2;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCreate(stream: *mut *mut c_void, _flags: c_uint) -> Code {
    let mut state = state();
    let handle = state.handle();
    let now = state.host_s;
    state.streams_s.insert(handle, now);
    unsafe { give(stream, handle as *mut c_void) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamDestroy_v2(stream: *mut c_void) -> Code {
    if state().streams_s.remove(&(stream as usize)).is_some() { SUCCESS } else { INVALID_HANDLE }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamSynchronize(stream: *mut c_void) -> Code {
    let mut state = state();
    let Some(&end) = state.streams_s.get(&(stream as usize)) else { return INVALID_HANDLE };
    state.wait(end)
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamWaitEvent(stream: *mut c_void, event: *mut c_void, _flags: c_uint) -> Code {
    let mut state = state();
    let Some(&(reached, _)) = state.events_s.get(&(event as usize)) else { return INVALID_HANDLE };
    let Some(end) = state.streams_s.get_mut(&(stream as usize)) else { return INVALID_HANDLE };
    *end = end.max(reached.unwrap_or(0.0));
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventCreate(event: *mut *mut c_void, flags: c_uint) -> Code {
    let mut state = state();
    let handle = state.handle();
    state.events_s.insert(handle, (None, flags & NO_TIMING == 0));
    unsafe { give(event, handle as *mut c_void) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuEventDestroy_v2(event: *mut c_void) -> Code {
    if state().events_s.remove(&(event as usize)).is_some() { SUCCESS } else { INVALID_HANDLE }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuEventRecord(event: *mut c_void, stream: *mut c_void) -> Code {
    let mut state = state();
    let now = state.host_s;
    let Some(&end) = state.streams_s.get(&(stream as usize)) else { return INVALID_HANDLE };
    let Some(known) = state.events_s.get_mut(&(event as usize)) else { return INVALID_HANDLE };
    known.0 = Some(end.max(now));
    SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn cuEventSynchronize(event: *mut c_void) -> Code {
    let mut state = state();
    let Some(&(reached, _)) = state.events_s.get(&(event as usize)) else { return INVALID_HANDLE };
    state.wait(reached.unwrap_or(0.0))
}

/// An event that was never recorded counts as reached.
#[unsafe(no_mangle)]
pub extern "C" fn cuEventQuery(event: *mut c_void) -> Code {
    let state = state();
    let Some(&(reached, _)) = state.events_s.get(&(event as usize)) else { return INVALID_HANDLE };
    if reached.unwrap_or(0.0) <= state.host_s { SUCCESS } else { NOT_READY }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventElapsedTime(ms: *mut f32, from: *mut c_void, to: *mut c_void) -> Code {
    let state = state();
    let at = |event: *mut c_void| match state.events_s.get(&(event as usize)) {
        Some((Some(reached), true)) => Some(*reached),
        _ => None,
    };
    match (at(from), at(to)) {
        (Some(from), Some(to)) => unsafe { give(ms, ((to - from) * 1e3) as f32) },
        _ => INVALID_HANDLE,
    }
}
