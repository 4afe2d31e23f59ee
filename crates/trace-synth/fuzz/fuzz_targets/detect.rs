//! Any bytes as a trace of whatever format they look like: an error or a trace that can be described, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trace_synth::read::{ReadOptions, read};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(trace) = read(bytes, "fuzz", &ReadOptions::AS_FILED) {
        let _ = trace_synth::describe(&trace_synth::resolve_outputs(trace));
    }
});
