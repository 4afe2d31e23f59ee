//! Any bytes as sessions of Weka's: an error or a trace that can be described, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trace_synth::read::{Format, ReadOptions, read};

fuzz_target!(|bytes: &[u8]| {
    let options = ReadOptions { format: Some(Format::Weka), ..ReadOptions::AS_FILED };
    if let Ok(trace) = read(bytes, "fuzz", &options) {
        let _ = trace_synth::describe(&trace_synth::resolve_outputs(trace));
    }
});
