//! Any bytes as prompts: an error or a trace that can be described, never a panic.
#![no_main]

use std::num::NonZero;

use libfuzzer_sys::fuzz_target;
use trace_synth::read::prompts::{PromptOptions, read_prompts};

fuzz_target!(|bytes: &[u8]| {
    let options =
        PromptOptions { block_tokens: NonZero::<u32>::MIN, bytes_per_token: NonZero::<u32>::MIN, time_unit: None };
    if let Ok(read) = read_prompts(bytes, "fuzz", &options) {
        let _ = trace_synth::describe(&trace_synth::resolve_outputs(read.trace));
    }
});
