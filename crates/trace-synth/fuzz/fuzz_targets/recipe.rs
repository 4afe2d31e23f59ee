//! Any text as a recipe: an error or a recipe that survives being written down, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trace_synth::synth::Recipe;

fuzz_target!(|text: &str| {
    if let Ok(recipe) = Recipe::parse(text) {
        assert!(Recipe::parse(&recipe.to_toml()).is_ok());
    }
});
